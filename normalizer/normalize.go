package normalizer

import (
	"fmt"
	"strings"
	"sync"

	"ctiphub/internal/extract"
	"ctiphub/internal/lang"
	"ctiphub/record"
)

// work is the normalization of one raw.
type work struct {
	n    *Normalizer
	src  *source
	raw  record.Raw
	doc  *extract.Document
	rec  record.Record
	scan *scratch

	sites    []string // names that the site goes by
	stated   string   // language that the document states for itself
	keywords []string
	label    string // what stood in brackets before the title
	held     *record.Decision
	gate     bool // a word of the field was found
	nearGate bool // or a common word that often means it
	seatOf   string
	seated   bool // seatOf is known
}

// scratch is memory that is used again for the next raw.
type scratch struct {
	fields []scanned
	list   []match
	scores []score
}

var scratches = sync.Pool{New: func() any { return &scratch{} }}

// Normalize makes a record of a raw and decides whether it may be shown. What it could
// not do is among the record's findings. The error is for rules that cannot run, never
// for what a source sent.
func (n *Normalizer) Normalize(raw record.Raw) (record.Record, record.Decision, error) {
	src := n.sources[raw.Source]
	if src == nil {
		src = n.plain
	}
	w := &work{n: n, src: src, raw: raw}
	w.rec.ID = record.NewID(raw.Source, raw.Identifier)
	w.rec.Origin = record.Origin{Source: raw.Source, Identifier: raw.Identifier}
	if raw.Deleted {
		return w.rec, record.Decision{Verdict: record.Publish}, nil
	}
	if len(raw.Body) == 0 {
		return w.rec, reject(CodeUnreadable, "The source sent no content."), nil
	}
	doc, err := extract.Open(raw)
	if err != nil {
		// Bytes that cannot be read are the source's doing, not an error of ours.
		return w.rec, reject(CodeUnreadable, "The content could not be read as "+string(raw.Format)+"."), nil
	}
	w.doc = doc
	w.scan = scratches.Get().(*scratch)
	defer scratches.Put(w.scan)
	switch {
	case raw.Format == record.FormatCTIP:
		return w.exchange()
	case library(raw.Format):
		w.rec.Origin.Chain = w.chain()
	}
	return w.make()
}

func reject(code, detail string) record.Decision {
	return record.Decision{Verdict: record.Reject, Code: code, Detail: detail}
}

// make fills every field in the order in which they need each other.
func (w *work) make() (record.Record, record.Decision, error) {
	if w.caseData() {
		return w.rec, reject(CodeCaseData, codes[CodeCaseData].meaning), nil
	}
	w.rec.Provenance = make([]record.Assertion, 0, 24)
	w.repairs()
	w.stated, _ = lang.TagIn(w.doc.Lang(), w.country())
	if declared := w.declared(); len(declared) == 1 && w.stated == "" {
		w.stated = declared[0]
	}
	w.landing()
	w.titles()
	if len(w.rec.Title) == 0 {
		return w.rec, reject(CodeNoTitle, "No title was found where the rules of the source look for one."), nil
	}
	w.descriptions()
	w.agreeOnLanguage()
	w.words()
	w.languages()
	w.dates()
	w.agents()
	w.identifiers()
	w.files()
	w.relations()
	w.rights()
	w.tags()
	w.screen()
	w.finish()
	return w.rec, w.decide(), nil
}

// country is the one that the records of the source are about, if it is one.
func (w *work) country() string {
	if c := w.src.rules.Defaults.Countries; len(c) == 1 {
		return c[0]
	}
	return ""
}

// values runs the chain of a field.
func (w *work) values(field string) []extract.Value {
	c, ok := w.src.fields[field]
	if !ok {
		if c, ok = w.n.byDefault[w.raw.Format][field]; !ok {
			return nil
		}
	}
	var out []extract.Value
	for _, s := range c.first {
		if out = w.doc.Select(s); len(out) > 0 {
			break
		}
	}
	for _, s := range c.all {
		out = append(out, w.doc.Select(s)...)
	}
	for _, t := range c.then {
		out = t.apply(out)
	}
	return out
}

// candidates runs a chain like values, and goes on to the next selector as long as
// accept finds nothing in what the last one gave.
func (w *work) candidates(field string, accept func([]extract.Value) bool) {
	c, ok := w.src.fields[field]
	if !ok {
		c = w.n.byDefault[w.raw.Format][field]
	}
	try := func(v []extract.Value) bool {
		for _, t := range c.then {
			v = t.apply(v)
		}
		return len(v) > 0 && accept(v)
	}
	for _, s := range c.first {
		if try(w.doc.Select(s)) {
			return
		}
	}
	var all []extract.Value
	for _, s := range c.all {
		all = append(all, w.doc.Select(s)...)
	}
	try(all)
}

// assert keeps why a field has its value.
func (w *work) assert(a record.Assertion) {
	if a.Raw == a.Value {
		a.Raw = "" // the same twice explains nothing
	}
	if a.Flag == "" {
		a.Flag = record.AsIs
	}
	w.rec.Provenance = append(w.rec.Provenance, a)
}

// find adds a finding once.
func (w *work) find(code, field, detail string) {
	for _, f := range w.rec.Quality.Findings {
		if f.Code == code && f.Field == field {
			return
		}
	}
	if detail == "" {
		detail = codes[code].meaning
	}
	w.rec.Quality.Findings = append(w.rec.Quality.Findings, record.Finding{Code: code, Field: field, Detail: detail})
}

// hold keeps the record from readers until a curator looks; the first reason stays.
func (w *work) hold(code, detail string) {
	if w.held == nil {
		w.held = &record.Decision{Verdict: record.Hold, Code: code, Detail: detail}
	}
}

func (w *work) decide() record.Decision {
	if w.held != nil {
		return *w.held
	}
	return record.Decision{Verdict: record.Publish}
}

// repairs reports what had to be mended before the document could be read.
func (w *work) repairs() {
	for _, r := range w.doc.Repairs {
		if _, known := codes[r]; known {
			w.find(r, "", "")
			continue
		}
		w.find(CodeRepaired, "", fmt.Sprintf("The source's bytes needed mending: %s.", strings.ReplaceAll(r, "-", " ")))
	}
}

// landing finds the page to send a reader to.
func (w *work) landing() {
	base := w.raw.URL
	choose := func(raw, rule string) bool {
		u, ok := canonicalURL(absolute(base, raw))
		if !ok {
			return false
		}
		w.rec.Origin.Landing = u
		flag := record.AsIs
		if u != raw {
			flag = record.Cleaned
		}
		w.assert(record.Assertion{Field: "origin.landing", Value: u, Raw: raw, Rule: rule, Confidence: 1, Flag: flag})
		return true
	}
	found := false
	w.candidates("landing", func(list []extract.Value) bool {
		for _, v := range list {
			// A canonical link to the front page or to another site is a mistake of its template.
			if w.raw.Format == record.FormatHTML && (!sameHost(absolute(base, v.Text), base) || isFrontPage(absolute(base, v.Text)) && !isFrontPage(base)) {
				continue
			}
			if found = choose(v.Text, v.Rule); found {
				return true
			}
		}
		return false
	})
	switch {
	case found:
	case library(w.raw.Format):
		w.landingOf(choose)
	default:
		choose(base, "url")
	}
	switch {
	case w.rec.Origin.Landing == "":
		w.find(CodeNoLanding, "origin", "")
		return
	case isMirror(w.rec.Origin.Landing):
		w.rec.Origin.Status = "mirror-only"
		w.find(CodeMirrorOnly, "origin", "")
		return
	}
	w.rec.Origin.Status = "origin-known"
}

// landingOf picks the web address among the identifiers of a repository's record: a page
// before a file, the DOI last because it may be of a publisher's paywall.
func (w *work) landingOf(choose func(raw, rule string) bool) bool {
	var pages, files, dois []extract.Value
	for _, v := range w.values("identifiers") {
		switch t := strings.TrimSpace(v.Text); {
		case !isWeb(t):
		case strings.Contains(t, "doi.org/"):
			dois = append(dois, v)
		case fileType(t) != "", isFrontPage(t): // a front page is that of the library, not of the resource
			files = append(files, v)
		default:
			pages = append(pages, v)
		}
	}
	for _, list := range [][]extract.Value{pages, dois, files} {
		for _, v := range list {
			if choose(v.Text, v.Rule) {
				return true
			}
		}
	}
	return false
}
