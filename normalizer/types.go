package normalizer

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"ctiphub/internal/lang"
	"ctiphub/record"
)

// Confidence of a type by what told it.
const (
	typeFromTitle   = 0.9
	typeFromField   = 0.7
	typeFromAddress = 0.6
	typeFromDefault = 0.5
	typeBeside      = 0.5 // of a cue that a better one beats
)

// typeCandidate is a type that something in the record speaks for.
type typeCandidate struct {
	index    int
	score    float64
	evidence record.Evidence
}

// types sets the kinds of the resource, the primary one first: what the title says of
// itself, then what the source calls it, then its address, then what the resources of the
// source usually are.
func (w *work) types() {
	var out []record.Tag
	add := func(id string, conf float64, e record.Evidence) {
		if !slices.ContainsFunc(out, func(t record.Tag) bool { return t.ID == id }) {
			out = append(out, record.Tag{ID: id, Confidence: conf, Evidence: []record.Evidence{e}})
		}
	}
	cues := w.typeCues()
	body := w.typeOfBody()
	best := 0.0
	if len(cues) > 0 {
		best = cues[0].score
	}
	// What a journal publishes are articles, whatever their titles speak of; what a
	// newspaper publishes is news unless it prints a law or a guide.
	if id := body.ID; id == "journal-article" || (id == "news" || id == "thesis") && best < headBeforeNews {
		add(id, body.Confidence, body.Evidence[0])
	}
	unsure := w.typesOfTitle(cues, add)
	if w.label != "" {
		for _, i := range w.n.typesOf(w.label) {
			add(w.n.vocab.Types[i].ID, typeFromTitle, record.Evidence{Field: "title", Match: w.label, Rule: "title-label"})
		}
	}
	other := w.typesOfField(add, func() bool { return len(out) > 0 })
	if len(out) == 0 && w.src.rules.Defaults.Type != "" {
		add(w.src.rules.Defaults.Type, typeFromDefault, record.Evidence{Field: "source", Rule: "source-default"})
	}
	if len(out) == 0 && body.ID != "" {
		add(body.ID, body.Confidence, body.Evidence[0])
	}
	if len(out) == 0 {
		w.typeOfAddress(add)
	}
	if len(out) == 0 {
		w.typeOfPublisher(add)
	}
	if len(out) == 0 {
		add("other", reviewFrom, record.Evidence{Field: "type", Match: other, Rule: "fallback"})
	}
	if out[0].Confidence < typeFromDefault || out[0].Evidence[0].Rule == "publisher-kind" {
		w.find(CodeNoType, "type", "")
	}
	w.rec.Type = out
	w.propose("type", notSet(unsure, out))
	for _, t := range out {
		flag := record.Added
		if t.Evidence[0].Rule == "source-default" {
			flag = record.Default
		}
		w.assert(record.Assertion{Field: "type", Value: t.ID, Raw: t.Evidence[0].Match, Rule: t.Evidence[0].Rule, Confidence: t.Confidence, Flag: flag})
	}
}

// typesOfTitle adds the best of the cues in the title, and others that stand as well as it
// does. The rest is returned for a curator.
func (w *work) typesOfTitle(cues []typeCandidate, add func(string, float64, record.Evidence)) (unsure []record.Tag) {
	for i, c := range cues {
		id := w.n.vocab.Types[c.index].ID
		switch {
		case i == 0 && c.score >= sureHead, i > 0 && i < 3 && c.score >= besideHead:
			add(id, typeFromTitle, c.evidence)
		case i == 0:
			add(id, publishFrom, c.evidence)
		case c.score >= sureHead:
			unsure = append(unsure, record.Tag{ID: id, Confidence: typeBeside, Evidence: []record.Evidence{c.evidence}})
		}
	}
	return unsure
}

// typesOfField adds what the source calls the resource. It returns what stood there when it
// is a word for anything.
func (w *work) typesOfField(add func(string, float64, record.Evidence), known func() bool) (other string) {
	for _, v := range w.values("type") {
		text := plainText(v.Text)
		if w.raw.Format == record.FormatHTML && (text == "Article" || text == "WebPage" || text == "Report" && known()) {
			continue // what plug-ins call every page
		}
		for _, i := range w.n.typesOf(text) {
			id := w.n.vocab.Types[i].ID
			if id == "other" {
				other = text
				continue
			}
			add(id, typeFromField, record.Evidence{Field: "type", Match: text, Rule: v.Rule})
		}
	}
	return other
}

// typeOfAddress reads the type off the address of the page or of its file.
func (w *work) typeOfAddress(add func(string, float64, record.Evidence)) {
	u, err := url.Parse(w.rec.Origin.Landing)
	if err != nil || u.Host == "" {
		return
	}
	tell := func(i int, match string) {
		id := w.n.vocab.Types[i].ID
		add(id, typeFromAddress, record.Evidence{Field: "origin.landing", Match: match, Rule: "vocab:types/" + id + "/address"})
	}
	for host := strings.ToLower(u.Hostname()); ; {
		if i, ok := w.n.typeAddress[host]; ok {
			tell(i, host)
			return
		}
		_, up, ok := strings.Cut(host, ".")
		if !ok {
			break
		}
		host = up
	}
	path := strings.ToLower(u.Path)
	if i, ok := w.n.typeAddress["."+path[strings.LastIndexByte(path, '.')+1:]]; ok {
		tell(i, path[strings.LastIndexByte(path, '.'):])
		return
	}
	for segment := range strings.SplitSeq(path, "/") {
		if i, ok := w.n.typeAddress["/"+segment]; ok && segment != "" {
			tell(i, segment)
			return
		}
		// "master-thesis": a short segment of words; longer ones are titles.
		if words := strings.Split(segment, "-"); len(words) > 1 && len(words) <= 3 {
			if i, ok := w.n.typeAddress["/"+words[len(words)-1]]; ok {
				tell(i, segment)
				return
			}
		}
	}
}

// typeOfPublisher is the last resort. A page with a date or a whole sentence in its address
// is an article; what sharing sites copy, and what bodies outside government put out under
// a title that names no kind, is mostly a report. It is a guess and told as one.
func (w *work) typeOfPublisher(add func(string, float64, record.Evidence)) {
	guess := func(id, field, match string) {
		add(id, typeFromDefault, record.Evidence{Field: field, Match: match, Rule: "publisher-kind"})
	}
	if w.rec.Origin.Status == "mirror-only" && w.topical() {
		guess("report", "origin.landing", "")
		return
	}
	known := false
	for _, p := range w.rec.Publishers {
		if known = slices.Contains([]string{"un", "ngo", "regional", "academic"}, p.Kind); known {
			guess("report", "publisher", p.ID)
			return
		}
	}
	if !w.topical() {
		return
	}
	if slug := articleSlug(w.rec.Origin.Landing); slug != "" {
		guess("news", "origin.landing", slug)
	}
}

// articleSlug returns the part of an address that content systems make of the headline of
// an article: many words, no file.
func articleSlug(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	for segment := range strings.SplitSeq(u.Path, "/") {
		if strings.Count(segment, "-") >= 4 && !strings.HasSuffix(strings.ToLower(segment), ".pdf") {
			return segment
		}
	}
	return ""
}

// bodyCue is a word in the names of publishers that speaks for a type.
type bodyCue struct {
	word string
	typ  int
}

// headBeforeNews is how plainly a title must name its kind to be believed before a
// newspaper: they write about reports.
const headBeforeNews = 1.6

// typeOfBody reads the type off who publishes.
func (w *work) typeOfBody() record.Tag {
	for _, p := range w.rec.Publishers {
		if i, match, ok := w.n.typeOfAgent(p); ok {
			id := w.n.vocab.Types[i].ID
			return record.Tag{ID: id, Confidence: typeFromField, Evidence: []record.Evidence{{Field: "publisher", Match: match, Rule: "vocab:types/" + id + "/publisher"}}}
		}
	}
	return record.Tag{}
}

// typeOfAgent finds the type that a publisher is known for, or that its name speaks of.
func (n *Normalizer) typeOfAgent(p record.Agent) (typ int, match string, ok bool) {
	if p.ID != "" {
		if t := n.authority.typeOf(p.ID); t != "" {
			return n.typeValue[t], p.ID, true
		}
	}
	for _, tag := range p.Name.Languages() {
		name := p.Name[tag]
		for _, c := range n.typeScript {
			// The word for a university says less than any other one.
			if strings.Contains(name, c.word) && (!ok || n.vocab.Types[typ].ID == "paper") {
				typ, match, ok = c.typ, c.word, true
			}
		}
		found := match
		for word := range strings.FieldsFuncSeq(lang.Fold(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.M, r) }) {
			// The word for a university says less than any other one.
			if i, known := n.typeBody[word]; known && (!ok || n.vocab.Types[typ].ID == "paper") {
				typ, found, ok = i, word, true
			}
		}
		if ok {
			if i, known := n.typeValue["thesis"]; known && n.vocab.Types[typ].ID == "paper" && writtenAt(name) && n.atUniversity(name) {
				return i, name, true
			}
			return typ, found, true
		}
	}
	return 0, "", false
}

// inBrackets is a person's name behind that of a body.
var inBrackets = regexp.MustCompile(`\((?:\p{Lu}[\p{L}\p{M}'’.-]*\s?){2,5}\)$`)

// writtenAt reports a publisher's name with that of a person in brackets: a repository says
// so who wrote a thesis.
func writtenAt(name string) bool {
	return strings.HasSuffix(name, ")") && inBrackets.MatchString(name) && strings.ToUpper(name) != name
}

// atUniversity reports whether a name is that of a university.
func (n *Normalizer) atUniversity(name string) bool {
	for word := range strings.FieldsFuncSeq(lang.Fold(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.M, r) }) {
		if i, known := n.typeBody[word]; known && n.vocab.Types[i].ID == "paper" {
			return true
		}
	}
	return false
}

// typeCues ranks the cues in titles by whether they stand where the head of a title does.
func (w *work) typeCues() []typeCandidate {
	var list []typeCandidate
	for i := range w.scan.fields {
		f := &w.scan.fields[i]
		if f.field != "title" && f.field != "keyword" {
			continue
		}
		for _, m := range f.matches {
			if m.term.scheme != schemeType {
				continue
			}
			span := f.folded.span(m.start, m.end)
			from := int(f.folded.cells[m.start].at)
			c := typeCandidate{index: int(m.term.concept), evidence: record.Evidence{Field: f.field, Match: span, Rule: m.term.rule}}
			if f.field == "keyword" {
				c.score = 0.4 * m.term.conf
			} else {
				c.score = w.n.headScore(m.term, f.text, f.lang, from, from+len(span))
			}
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b typeCandidate) int { return cmp.Compare(b.score, a.score) })
	// Of keywords alone nothing follows.
	return slices.DeleteFunc(list, func(c typeCandidate) bool { return c.score < leastHead })
}

// firstWord returns the first word of a text in small letters.
func firstWord(s string) string {
	s = strings.TrimLeftFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	end := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.Is(unicode.M, r) })
	if end < 0 {
		end = len(s)
	}
	return strings.ToLower(s[:end])
}

// typesOf reads what a source wrote as type: one value, several with separators, or
// several glued together by a template ("Online ToolsGuidance").
func (n *Normalizer) typesOf(s string) []int {
	if i, ok := n.typeValue[lang.Fold(s)]; ok {
		return []int{i}
	}
	var out []int
	add := func(list []int) {
		for _, i := range list {
			if !slices.Contains(out, i) {
				out = append(out, i)
			}
		}
	}
	for _, sep := range []string{";", ",", "|", "/", " and ", " & "} {
		if strings.Contains(s, sep) {
			for part := range strings.SplitSeq(s, sep) {
				if part = strings.TrimSpace(part); part != "" {
					add(n.typesOf(part))
				}
			}
			return out
		}
	}
	// Glued labels part where a small letter meets a capital.
	for i, r := range s {
		if i > 0 && unicode.IsUpper(r) {
			prev, _ := utf8.DecodeLastRuneInString(s[:i])
			if left, ok := n.typeValue[lang.Fold(s[:i])]; ok && unicode.IsLower(prev) {
				add([]int{left})
				add(n.typesOf(s[i:]))
				return out
			}
		}
	}
	return out
}
