package normalizer

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// How much a term is worth by what the vocabulary says of it.
const (
	confHigh   = 1.0
	confMedium = 0.7
	confLow    = 0.0 // never sets a tag
	confWeak   = 0.33
)

func termConfidence(s string) float64 {
	switch s {
	case "high":
		return confHigh
	case "low":
		return confLow
	}
	return confMedium
}

// termList gathers all terms of a vocabulary for the matcher.
type termList struct{ terms []term }

func (l *termList) add(t term) {
	if t.conf > 0 || t.kind == kindNot {
		l.terms = append(l.terms, t)
	}
}

// newTerms lists every term of the vocabulary that can set a tag.
func newTerms(v *Vocabulary) []term {
	l := &termList{}
	l.keywords(schemeGate, 0, v.Gate.Keywords)
	for s, list := range map[scheme][]Concept{schemeTheme: v.Themes, schemeAudience: v.Audiences, schemeVictim: v.VictimGroups, schemeExploitation: v.Exploitation} {
		for i, c := range list {
			l.keywords(s, i, c.Keywords)
		}
	}
	for i, t := range v.Types {
		l.cues(i, t.Cues, kindTerm, 1)
		l.cues(i, t.Weak, kindWeak, 0.5)
		l.cues(i, t.Headlines, kindHeadline, 1)
	}
	for i, c := range v.Countries {
		l.country(i, c)
	}
	for i, r := range v.Regions {
		for _, name := range r.Names {
			l.name(len(v.Countries)+i, name, kindTerm, 1)
		}
		for _, name := range r.Not {
			l.name(len(v.Countries)+i, name, kindNot, 1)
		}
	}
	for i := range l.terms {
		l.terms[i].rule = ruleOf(v, l.terms[i])
	}
	// The order of map iteration must not show in results.
	slices.SortStableFunc(l.terms, func(a, b term) int { return int(a.scheme) - int(b.scheme) })
	return l.terms
}

// ruleOf names a term as provenance does.
func ruleOf(v *Vocabulary, t term) string {
	id := ""
	switch t.scheme {
	case schemeGate:
		id = "gate"
	case schemeTheme:
		id = "themes/" + v.Themes[t.concept].ID
	case schemeType:
		id = "types/" + v.Types[t.concept].ID
	case schemeAudience:
		id = "audiences/" + v.Audiences[t.concept].ID
	case schemeVictim:
		id = "victim_groups/" + v.VictimGroups[t.concept].ID
	case schemeExploitation:
		id = "exploitation/" + v.Exploitation[t.concept].ID
	case schemeGeo:
		if n := len(v.Countries); int(t.concept) >= n {
			id = "regions/" + v.Regions[int(t.concept)-n].ID
		} else {
			id = "countries/" + v.Countries[t.concept].ID
		}
	}
	if t.lang != "" {
		id += "/" + t.lang
	}
	return "vocab:" + id + "/" + t.text
}

func (l *termList) keywords(s scheme, concept int, k Keywords) {
	for _, tag := range slices.Sorted(maps.Keys(k)) {
		t := k[tag]
		conf := termConfidence(t.Confidence)
		base := term{scheme: s, concept: int32(concept), lang: tag}
		for _, text := range t.Terms {
			e := base
			e.text, e.conf = text, conf
			if tooShort(text) {
				e.conf, e.kind = conf*confWeak, kindWeak
			}
			l.add(e)
		}
		for _, text := range t.Weak {
			e := base
			e.text, e.conf, e.kind = text, conf*confWeak, kindWeak
			if tooShort(text) {
				e.conf = 0
			}
			l.add(e)
		}
		for _, text := range t.Not {
			e := base
			e.text, e.kind = text, kindNot
			l.add(e)
		}
	}
}

// tooShort finds terms of unspaced scripts that stand inside too many other words to mean
// anything by themselves.
func tooShort(s string) bool {
	letters := 0
	han := false
	for _, r := range s {
		if !unspaced(r) {
			return false
		}
		if classOf(r) == classScript {
			letters++
		}
		han = han || r >= 0x3000
	}
	return letters < 2 || !han && letters < 3
}

func (l *termList) cues(concept int, cues map[string][]string, k kind, conf float64) {
	for _, tag := range slices.Sorted(maps.Keys(cues)) {
		for _, text := range cues[tag] {
			l.add(term{text: text, scheme: schemeType, concept: int32(concept), lang: tag, kind: k, conf: conf})
		}
	}
}

// Words in parentheses behind a name are for people, except in the names of a country,
// where they are its other name.
func plainName(s string) string {
	name, _, _ := strings.Cut(s, " (")
	return strings.TrimSpace(name)
}

func innerName(s string) string {
	_, inner, ok := strings.Cut(s, " (")
	if !ok {
		return ""
	}
	return strings.TrimSpace(strings.TrimSuffix(inner, ")"))
}

func (l *termList) name(concept int, text string, k kind, conf float64) {
	if text != "" {
		l.add(term{text: text, scheme: schemeGeo, concept: int32(concept), kind: k, conf: conf, proper: true})
	}
}

func (l *termList) country(i int, c Country) {
	names := append([]string{c.Official}, c.Names...)
	for _, tag := range slices.Sorted(maps.Keys(c.Label)) {
		names = append(names, plainName(c.Label[tag]), innerName(c.Label[tag]))
	}
	for _, tag := range slices.Sorted(maps.Keys(c.Autonyms)) {
		names = append(names, c.Autonyms[tag])
	}
	for n, name := range names {
		names[n] = plainName(name)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		l.name(i, name, kindTerm, 1)
	}
	for _, d := range c.Demonyms {
		l.name(i, plainName(d), kindDemonym, 0.8)
	}
	for _, d := range c.Capital {
		l.name(i, plainName(d), kindCapital, shortened(d, 0.75))
	}
	for _, p := range c.Places {
		l.name(i, plainName(p), kindPlace, shortened(p, 0.75))
	}
	for _, a := range c.Agencies {
		conf := 0.65
		if a.Evidence == "assumed" {
			conf = 0.5
		}
		for _, acronym := range strings.FieldsFunc(a.Acronym, func(r rune) bool { return r == '/' }) {
			l.name(i, strings.TrimSpace(acronym), kindAgency, shortened(acronym, conf))
		}
		l.name(i, plainName(a.LocalName), kindAgency, 0.8)
	}
	for _, text := range c.Not {
		l.name(i, text, kindNot, 1)
	}
}

// shortened takes the confidence off names of three letters and less: "Tak" is a province
// and the Indonesian for "not", "MOL" and "DOJ" belong to several states.
// Three letters of an unspaced script stand inside other words.
func shortened(name string, conf float64) float64 {
	if utf8.RuneCountInString(strings.TrimSpace(name)) <= 3 {
		return 0
	}
	return conf
}
