package datacite

import (
	"strconv"
	"strings"

	"ctiphub/exporter/crosswalk"
	"ctiphub/record"
)

// writer adds the parts of the kernel to the shared one.
type writer struct{ crosswalk.Writer }

// required writes an element that must be there, with the value for what is unknown when
// the text has nothing to show.
func (w *writer) required(element, text, otherwise string, attrs ...string) {
	before := len(w.Bytes)
	w.Text(element, text, attrs...)
	if len(w.Bytes) == before {
		w.Text(element, otherwise, attrs...)
	}
}

// typed is an identifier with DataCite's name of its kind.
type typed struct{ value, kind string }

// kinds names the kinds of identifiers as DataCite does.
var kinds = map[string]string{"doi": "DOI", "handle": "Handle", "isbn": "ISBN", "number": "Document number"}

// named lists what a record can be known by, best first: a DOI, a handle, the page to
// send a reader to, then all others.
func named(rec record.Record) []typed {
	var ranks [4][]typed
	for _, i := range rec.Identifiers {
		t, rank := typed{crosswalk.Bare(i), kinds[i.Scheme]}, 3
		switch {
		case i.Scheme == "doi" && strings.HasPrefix(t.value, "10."):
			rank = 0
		case i.Scheme == "handle":
			rank = 1
		case t.kind == "" && crosswalk.IsWeb(t.value):
			t.kind = "URL"
		case t.kind == "":
			t.kind = "Local"
		}
		ranks[rank] = append(ranks[rank], t)
	}
	if crosswalk.IsWeb(rec.Origin.Landing) {
		ranks[2] = []typed{{rec.Origin.Landing, "URL"}}
	}
	return append(append(append(ranks[0], ranks[1]...), ranks[2]...), ranks[3]...)
}

func (w *writer) identifiers(rec record.Record) {
	list := named(rec)
	main := typed{none, "Other"}
	if len(list) > 0 && (list[0].kind == "DOI" || list[0].kind == "Handle" || list[0].kind == "URL") {
		main, list = list[0], list[1:]
	}
	w.required("identifier", main.value, none, "identifierType", main.kind)
	w.Wrap("alternateIdentifiers", func() {
		for _, t := range list {
			if t != main {
				w.Text("alternateIdentifier", t.value, "alternateIdentifierType", t.kind)
			}
		}
		w.Text("alternateIdentifier", string(rec.ID), "alternateIdentifierType", "Record of the hub")
	})
}

func nameType(kind string) string {
	switch kind {
	case "":
		return ""
	case "person":
		return "Personal"
	}
	return "Organizational"
}

// identity is the URI or authority id of an agent, with the scheme it is of.
func (w *writer) identity(a record.Agent) {
	scheme := "Local"
	switch {
	case strings.HasPrefix(a.ID, "https://orcid.org/"):
		scheme = "ORCID"
	case strings.HasPrefix(a.ID, "https://ror.org/"):
		scheme = "ROR"
	case crosswalk.IsWeb(a.ID):
		scheme = "URI"
	}
	w.Text("nameIdentifier", a.ID, "nameIdentifierScheme", scheme)
}

// creators writes each creator once, under one of its names: two elements would be two
// creators in a citation.
func (w *writer) creators(agents []record.Agent) {
	w.Open("creators")
	none := len(w.Bytes)
	for _, a := range agents {
		start := len(w.Bytes)
		w.Open("creator")
		empty := len(w.Bytes)
		name, lang := visible(a.Name)
		w.Text("creatorName", name, "nameType", nameType(a.Kind), "xml:lang", crosswalk.Lang(lang))
		if len(w.Bytes) == empty {
			w.Bytes = w.Bytes[:start]
			continue
		}
		w.identity(a)
		w.Close("creator")
	}
	if len(w.Bytes) == none {
		w.Wrap("creator", func() { w.Text("creatorName", unknown) })
	}
	w.Close("creators")
}

// visible returns the English text, or the first one that is not blank.
func visible(t record.Texts) (text, lang string) {
	if s, l := t.In(); strings.TrimSpace(s) != "" {
		return s, l
	}
	for _, l := range t.Languages() {
		if strings.TrimSpace(t[l]) != "" {
			return t[l], l
		}
	}
	return "", ""
}

// titles writes the title in the first language of the resource first, and the others as
// its translations; where that language has none nobody knows which is which.
func (w *writer) titles(rec record.Record) {
	w.Open("titles")
	none, own := len(w.Bytes), ""
	if len(rec.Languages) > 0 && rec.Title[rec.Languages[0]] != "" {
		own = rec.Languages[0]
		w.Text("title", rec.Title[own], "xml:lang", crosswalk.Lang(own))
	}
	for _, lang := range rec.Title.Languages() {
		kind := ""
		if own != "" {
			kind = "TranslatedTitle"
		}
		if lang != own || own == "" {
			w.Text("title", rec.Title[lang], "titleType", kind, "xml:lang", crosswalk.Lang(lang))
		}
	}
	w.Texts("title", rec.Alternative, "titleType", "AlternativeTitle")
	if len(w.Bytes) == none {
		w.Text("title", unknown)
	}
	w.Close("titles")
}

// publishers writes the one publisher that the schema has room for, and the others as
// contributors.
func (w *writer) publishers(rec record.Record) {
	var first record.Agent
	rest := rec.Publishers
	if len(rest) > 0 {
		first, rest = rest[0], rest[1:]
	}
	name, lang := visible(first.Name)
	w.required("publisher", name, unknown, "publisherIdentifier", crosswalk.OnlyURI(first.ID), "xml:lang", crosswalk.Lang(lang))
	w.Wrap("contributors", func() {
		for _, a := range rest {
			w.contributor(a)
		}
	})
}

func (w *writer) contributor(a record.Agent) {
	start := len(w.Bytes)
	w.Open("contributor", "contributorType", "Other")
	empty := len(w.Bytes)
	name, lang := visible(a.Name)
	w.Text("contributorName", name, "nameType", nameType(a.Kind), "xml:lang", crosswalk.Lang(lang))
	if len(w.Bytes) == empty {
		w.Bytes = w.Bytes[:start]
		return
	}
	w.identity(a)
	w.Close("contributor")
}

func (w *writer) funders(agents []record.Agent) {
	w.Wrap("fundingReferences", func() {
		for _, a := range agents {
			name, _ := visible(a.Name)
			w.Wrap("fundingReference", func() { w.Text("funderName", name) })
		}
	})
}

func (w *writer) dates(rec record.Record) {
	issued := crosswalk.KnownDate(rec.Issued)
	year := unknownYear
	if len(issued) >= 4 && crosswalk.IsDate(issued[:4]) {
		year = issued[:4]
	}
	w.Text("publicationYear", year)
	w.Wrap("dates", func() {
		w.date("Issued", rec.Issued)
		w.date("Updated", rec.Modified)
		w.date("Valid", rec.Valid)
	})
}

// date writes days, months and years as they are and ranges as RKMS-ISO8601 has them:
// nothing, not two dots, where EDTF leaves one end open. Doubts go into an attribute.
func (w *writer) date(kind string, d record.Date) {
	edtf := crosswalk.KnownDate(d)
	plain, doubt := strings.TrimRight(edtf, "~?%"), ""
	switch edtf[len(plain):] {
	case "":
	case "~":
		doubt = "approximate"
	default:
		doubt = "uncertain"
	}
	w.Text("date", strings.ReplaceAll(plain, "..", ""), "dateType", kind, "dateInformation", doubt)
}

// relation names the kinds of relations as DataCite does.
var relation = map[string]string{
	"translationOf": "IsTranslationOf", "versionOf": "IsVersionOf", "partOf": "IsPartOf", "accompanies": "IsSupplementTo",
}

// related writes relations to what has an address or DOI, and the files as parts.
func (w *writer) related(rec record.Record) {
	w.Wrap("relatedIdentifiers", func() {
		for _, r := range rec.Relations {
			kind := relation[r.Kind]
			if kind != "" && crosswalk.IsWeb(r.Target) {
				w.Text("relatedIdentifier", r.Target, "relatedIdentifierType", "URL", "relationType", kind)
			}
		}
		for _, f := range crosswalk.Live(rec.Files) {
			w.Text("relatedIdentifier", f.URL, "relatedIdentifierType", "URL", "relationType", "HasPart")
		}
	})
}

func (w *writer) files(files []record.File) {
	live := crosswalk.Live(files)
	w.Wrap("sizes", func() {
		for _, f := range live {
			if f.Pages > 0 {
				w.Text("size", strconv.Itoa(f.Pages)+" pages")
			}
			if f.Bytes > 0 {
				w.Text("size", strconv.FormatInt(f.Bytes, 10)+" bytes")
			}
		}
	})
	w.Wrap("formats", func() {
		done := map[string]bool{}
		for _, f := range live {
			if !done[f.MediaType] {
				done[f.MediaType] = true
				w.Text("format", f.MediaType)
			}
		}
	})
}
