package normalizer

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"ctiphub/record"
)

// How much a match counts by where it stands, and what the counts mean. The confidence of
// a tag is 1 − 0.6^s, where s is the sum over its matches of place times term: a sure term
// in a title gives 0.78, in the source's keywords 0.64, in a description 0.40, two in a
// description 0.64.
const (
	weightTitle       = 3.0
	weightAlternative = 2.0
	weightKeywords    = 2.0
	weightDescription = 1.0
	weightText        = 0.5

	confidenceBase = 0.6
	// A tag from here on is set; between review and publish a curator is asked; below
	// that it was nothing.
	publishFrom = 0.6
	reviewFrom  = 0.35

	mostEvidence = 8
)

// scanned is one text with what was found in it.
type scanned struct {
	field   string
	weight  float64
	text    string
	lang    string
	folded  folded
	matches []match
}

// score is what speaks for one concept.
type score struct {
	sum        float64
	here, best float64 // of the text and of the field being added up
	text       int
	field      string
	extra      []record.Evidence // what is no match of a text
}

func (s score) confidence() float64 {
	if s.sum == 0 {
		return 0
	}
	return math.Round((1-math.Pow(confidenceBase, s.sum))*100) / 100
}

// tags scans all texts once and fills every field that the vocabulary speaks to.
func (w *work) tags() {
	w.scanTexts()
	w.topic()
	w.types()
	w.themes()
	w.rec.Audiences = w.plainTags(schemeAudience, "audiences", w.n.vocab.Audiences)
	w.rec.VictimGroups = w.plainTags(schemeVictim, "victimGroups", w.n.vocab.VictimGroups)
	w.rec.ExploitationForms = w.plainTags(schemeExploitation, "exploitationForms", w.n.vocab.Exploitation)
	w.geography()
}

// scanTexts finds the terms in every text of the record.
func (w *work) scanTexts() {
	w.scan.fields = w.scan.fields[:0]
	add := func(texts record.Texts, field string, weight float64) {
		for _, tag := range texts.Languages() {
			if !damaged(texts[tag]) {
				w.scanText(texts[tag], tag, field, weight)
			}
		}
	}
	add(w.rec.Title, "title", weightTitle)
	add(w.rec.Alternative, "alternative", weightAlternative)
	add(w.rec.Description, "description", weightDescription)
	if len(w.keywords) > 0 {
		w.scanText(strings.Join(w.keywords, "\n"), "", "keyword", weightKeywords)
	}
	if len(w.rec.Description) == 0 && w.raw.Format == record.FormatHTML {
		if text := plainText(w.doc.Text(1200)); text != "" {
			tag, _ := w.languageOf(text, "")
			w.scanText(text, tag, "text", weightText)
		}
	}
}

func (w *work) scanText(text, tag, field string, weight float64) {
	n := len(w.scan.fields)
	if n < cap(w.scan.fields) {
		w.scan.fields = w.scan.fields[:n+1]
	} else {
		w.scan.fields = append(w.scan.fields, scanned{})
	}
	f := &w.scan.fields[n]
	f.field, f.weight, f.text, f.lang = field, weight, text, tag
	w.n.matcher.folder.fold(&f.folded, text)
	w.scan.list = w.n.matcher.find(&f.folded, tag, w.scan.list[:0])
	f.matches = longest(w.scan.list, f.matches[:0])
}

// tally adds up what speaks for each concept of a scheme. The same field in two languages
// says the same twice: the one that says more counts.
func (w *work) tally(s scheme, concepts int) []score {
	scores := slices.Grow(w.scan.scores[:0], concepts)[:concepts]
	clear(scores)
	w.scan.scores = scores
	for i := range w.scan.fields {
		f := &w.scan.fields[i]
		for j, m := range f.matches {
			if m.term.scheme != s || repeated(f.matches[:j], m) {
				continue
			}
			sc := &scores[m.term.concept]
			if sc.text != i+1 {
				sc.closeText()
				if i == 0 || sc.field != f.field {
					sc.closeField()
				}
				sc.text, sc.field = i+1, f.field
			}
			sc.here += f.weight * m.term.conf
		}
	}
	for i := range scores {
		scores[i].closeText()
		scores[i].closeField()
	}
	return scores
}

// closeText ends one text of a field, closeField the field.
func (s *score) closeText()  { s.best, s.here = max(s.best, s.here), 0 }
func (s *score) closeField() { s.sum, s.best = s.sum+s.best, 0 }

// repeated reports whether a term was matched before in its text: saying a thing twice
// does not make it truer.
func repeated(before []match, m match) bool {
	return slices.ContainsFunc(before, func(b match) bool { return b.term.rule == m.term.rule })
}

// evidence lists what matched for one concept.
func (w *work) evidence(s scheme, concept int) []record.Evidence {
	out := make([]record.Evidence, 0, 2)
	for i := range w.scan.fields {
		f := &w.scan.fields[i]
		for j, m := range f.matches {
			if m.term.scheme == s && int(m.term.concept) == concept && len(out) < mostEvidence && !repeated(f.matches[:j], m) {
				out = append(out, record.Evidence{Field: f.field, Match: f.folded.span(m.start, m.end), Rule: m.term.rule})
			}
		}
	}
	return out
}

// plainTags sets the concepts of a scheme without hierarchy.
func (w *work) plainTags(s scheme, field string, concepts []Concept) []record.Tag {
	var out, unsure []record.Tag
	for i, sc := range w.tally(s, len(concepts)) {
		switch conf := sc.confidence(); {
		case conf >= publishFrom:
			out = append(out, record.Tag{ID: concepts[i].ID, Confidence: conf, Evidence: w.evidence(s, i)})
		case conf >= reviewFrom:
			unsure = append(unsure, record.Tag{ID: concepts[i].ID, Confidence: conf, Evidence: w.evidence(s, i)})
		}
	}
	w.propose(field, unsure)
	return w.tagged(field, out)
}

// propose keeps the tags that are not sure enough to be set for a curator to decide.
func (w *work) propose(field string, tags []record.Tag) {
	slices.SortStableFunc(tags, surestFirst)
	for _, t := range tags {
		w.rec.Review = append(w.rec.Review, record.Proposal{Field: field, Tag: t})
	}
}

func surestFirst(a, b record.Tag) int {
	return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), strings.Compare(a.ID, b.ID))
}

// tagged orders tags, the surest first, and keeps the reason for each.
func (w *work) tagged(field string, tags []record.Tag) []record.Tag {
	slices.SortStableFunc(tags, surestFirst)
	for _, t := range tags {
		rule := ""
		if len(t.Evidence) > 0 {
			rule = t.Evidence[0].Rule
		}
		flag := record.Added
		if rule == "source-default" {
			flag = record.Default
		}
		w.assert(record.Assertion{Field: field, Value: t.ID, Rule: rule, Confidence: t.Confidence, Flag: flag})
	}
	return tags
}

// topic decides whether the record is of this field at all: a word of the gate, or common
// words of it beside a theme.
func (w *work) topic() {
	strong, weak := false, 0
	for i := range w.scan.fields {
		for _, m := range w.scan.fields[i].matches {
			if m.term.scheme == schemeGate {
				if m.term.kind == kindTerm {
					strong = true
				} else {
					weak++
				}
			}
		}
	}
	w.gate = strong
	for _, p := range w.rec.Publishers {
		w.gate = w.gate || p.ID != "" && w.n.authority.inField(p.ID)
	}
	w.nearGate = weak > 0
}

// themes sets themes, their ancestors, and what the type is about by its nature.
func (w *work) themes() {
	themes := w.n.vocab.Themes
	scores := w.tally(schemeTheme, len(themes))
	w.impliedThemes(scores)
	best := make(map[int]record.Tag, 8)
	var unsure []record.Tag
	for i, sc := range scores {
		conf := sc.confidence()
		if conf < publishFrom {
			if conf >= reviewFrom {
				unsure = append(unsure, record.Tag{ID: themes[i].ID, Confidence: conf, Evidence: append(w.evidence(schemeTheme, i), sc.extra...)})
			}
			continue
		}
		best[i] = record.Tag{ID: themes[i].ID, Confidence: conf, Evidence: append(w.evidence(schemeTheme, i), sc.extra...)}
	}
	w.fallbackTheme(best)
	for i := range themes {
		t, ok := best[i]
		if !ok {
			continue
		}
		for _, up := range w.n.themeUp[i] {
			if above, ok := best[up]; !ok || above.Confidence < t.Confidence {
				evidence := append(slices.Clip(above.Evidence), record.Evidence{Field: "theme", Match: t.ID, Rule: "narrower"})
				best[up] = record.Tag{ID: themes[up].ID, Confidence: t.Confidence, Evidence: evidence}
			}
		}
	}
	out := make([]record.Tag, 0, len(best))
	for _, t := range best {
		out = append(out, t)
	}
	w.rec.Themes = w.tagged("themes", out)
	unsure = slices.DeleteFunc(unsure, func(t record.Tag) bool { _, set := best[w.n.themeIndex[t.ID]]; return set })
	if len(unsure) > 0 {
		names := make([]string, len(unsure))
		for i, t := range unsure {
			names[i] = t.ID
		}
		w.find(CodeThemeReview, "themes", "Perhaps about "+strings.Join(names, ", ")+": a curator decides.")
		w.propose("themes", unsure)
	}
	switch {
	case len(out) == 0:
		w.find(CodeNoTheme, "themes", "")
	case w.nearGate:
		w.gate = true
	}
}

// impliedThemes adds what resources of the record's primary type are about by their nature:
// a standard procedure that a decree puts into force is about what it orders.
func (w *work) impliedThemes(scores []score) {
	for _, t := range w.rec.Type[:1] {
		typ := w.n.vocab.Types[slices.IndexFunc(w.n.vocab.Types, func(x Type) bool { return x.ID == t.ID })]
		if typ.Theme == "" || t.Confidence < publishFrom {
			continue
		}
		s := &scores[w.n.themeIndex[typ.Theme]]
		s.sum += weightTitle * confMedium
		s.extra = append(s.extra, record.Evidence{Field: "type", Match: t.ID, Rule: "vocab:types/" + t.ID + "/theme"})
	}
}

// fallbackTheme gives a record without any theme the one its type mostly has.
func (w *work) fallbackTheme(best map[int]record.Tag) {
	if len(best) > 0 || len(w.rec.Type) == 0 || !w.gate && !w.nearGate && !w.src.rules.InScope {
		return
	}
	i := slices.IndexFunc(w.n.vocab.Types, func(x Type) bool { return x.ID == w.rec.Type[0].ID })
	if theme := w.n.vocab.Types[i].Fallback; theme != "" && w.rec.Type[0].Confidence >= publishFrom {
		best[w.n.themeIndex[theme]] = record.Tag{ID: theme, Confidence: publishFrom, Evidence: []record.Evidence{{Field: "type", Match: w.rec.Type[0].ID, Rule: "vocab:types/" + w.rec.Type[0].ID + "/theme_when_none"}}}
	}
}

// topical reports whether the record is of the field: nothing is assumed of others.
func (w *work) topical() bool { return w.gate || w.nearGate || w.src.rules.InScope }
