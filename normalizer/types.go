package normalizer

import (
	"cmp"
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
	typeFromDefault = 0.5
)

// typeCandidate is a type that something in the record speaks for.
type typeCandidate struct {
	index    int
	score    float64
	evidence record.Evidence
}

// types sets the kinds of the resource, the primary one first: what the title says of
// itself, then what the source calls it, then what its resources usually are.
func (w *work) types() {
	var out []record.Tag
	add := func(id string, conf float64, e record.Evidence) {
		if !slices.ContainsFunc(out, func(t record.Tag) bool { return t.ID == id }) {
			out = append(out, record.Tag{ID: id, Confidence: conf, Evidence: []record.Evidence{e}})
		}
	}
	w.journal(add)
	found := w.typeCues()
	for i, c := range found {
		conf := typeFromTitle
		if c.score < 0.75 {
			conf = publishFrom
		}
		if i == 0 || c.score >= 1 && i < 3 {
			add(w.n.vocab.Types[c.index].ID, conf, c.evidence)
		}
	}
	if w.label != "" {
		for _, i := range w.n.typesOf(w.label) {
			add(w.n.vocab.Types[i].ID, typeFromTitle, record.Evidence{Field: "title", Match: w.label, Rule: "title-label"})
		}
	}
	other := ""
	for _, v := range w.values("type") {
		text := plainText(v.Text)
		if w.raw.Format == record.FormatHTML && (text == "Article" || text == "WebPage" || text == "Report" && len(out) > 0) {
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
	if len(out) == 0 && w.src.rules.Defaults.Type != "" {
		add(w.src.rules.Defaults.Type, typeFromDefault, record.Evidence{Field: "source", Rule: "source-default"})
	}
	if len(out) == 0 {
		add("other", reviewFrom, record.Evidence{Field: "type", Match: other, Rule: "fallback"})
		w.find(CodeNoType, "type", "")
	}
	w.rec.Type = out
	for _, t := range out {
		flag := record.Added
		if t.Evidence[0].Rule == "source-default" {
			flag = record.Default
		}
		w.assert(record.Assertion{Field: "type", Value: t.ID, Raw: t.Evidence[0].Match, Rule: t.Evidence[0].Rule, Confidence: t.Confidence, Flag: flag})
	}
}

// journal: what a journal publishes are articles, whatever their titles speak of.
func (w *work) journal(add func(string, float64, record.Evidence)) {
	for _, p := range w.rec.Publishers {
		if name, _ := p.Name.In("en"); strings.Contains(lang.Fold(name), "journal") {
			add("journal-article", typeFromField, record.Evidence{Field: "publisher", Match: name, Rule: "publisher"})
		}
	}
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
				c.score = m.term.conf*headness(f.text, from, from+len(span)) + 0.1*float64(strings.Count(span, " "))
			}
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b typeCandidate) int { return cmp.Compare(b.score, a.score) })
	// Of keywords alone nothing follows.
	return slices.DeleteFunc(list, func(c typeCandidate) bool { return c.score < 0.45 })
}

// Words that a title's head does not stand behind, and words that follow one.
var (
	objectOf   = map[string]bool{"of": true, "for": true, "on": true, "in": true, "to": true, "with": true, "by": true, "through": true, "into": true, "from": true, "and": true, "under": true, "using": true, "tentang": true, "dan": true, "về": true, "para": true, "sobre": true, "de": true, "s": true}
	headBefore = map[string]bool{"on": true, "for": true, "to": true, "of": true, "about": true, "against": true, "in": true, "tentang": true, "bagi": true, "untuk": true, "para": true, "sobre": true, "về": true, "cho": true, "no": true, "and": true}
)

// headness says how likely the words from..to of a title name what the title is: at the
// beginning or the end of a part, before "on" or "for", not behind "of".
func headness(title string, from, to int) float64 {
	before, after := title[:from], strings.TrimSpace(title[to:])
	segment := before[max(strings.LastIndexAny(before, ":.(|–—\"“")+1, strings.LastIndex(before, " - ")+1):]
	prior := strings.Fields(strings.ToLower(segment))
	score := 1.0
	switch {
	case len(prior) == 0:
		score += 0.5
	case enacts(prior):
		score += 0.9
	case slices.ContainsFunc(prior, func(s string) bool { return objectOf[s] }):
		score -= 0.4
	case len(prior) <= 4:
		score += 0.3
	}
	if strings.Contains(before, ":") {
		score += 0.15 // "Subject: a study on …"
	}
	next, _ := utf8.DecodeRuneInString(after)
	switch word := firstWord(after); {
	case after == "" || !unicode.IsLetter(next) && !unicode.IsNumber(next) && next != '/' && next != '-':
		score += 0.4
	case unicode.IsNumber(next):
		score += 0.3
	case headBefore[word]:
		score += 0.2
	}
	if len(prior) > 0 && !enacts(prior) && strings.TrimSpace(before) == strings.TrimSpace(segment) && len(strings.Fields(before)) > 5 && after != "" {
		score -= 0.2 // deep inside the first part
	}
	return score
}

// enacts reports words behind which the true kind of a document stands: a regulation
// "tentang" (on) a standard procedure is read for the procedure, a manual of procedures
// too.
func enacts(prior []string) bool {
	n := len(prior)
	switch prior[n-1] {
	case "tentang", "mengenai", "promulgating", "approving":
		return true
	case "of":
		return n > 1 && slices.Contains([]string{"manual", "handbook", "set", "collection", "compendium", "book"}, prior[n-2])
	}
	return false
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
