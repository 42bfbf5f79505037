package record

import "slices"

// Vocabulary is the controlled vocabulary as readers see it: schemes of concepts with
// labels. The terms by which the normalizer finds concepts in texts are not part of it.
type Vocabulary struct {
	Version string
	Schemes []Scheme
}

// Scheme is one list of concepts: "theme", "type", "audience", "victim-group",
// "exploitation", "country", "region", "language", "rights", "sensitivity".
type Scheme struct {
	ID       string
	Concepts []Concept
}

// Concept is one entry of a scheme.
type Concept struct {
	ID       string
	Notation string // "1", "2.3": order and area of themes
	Label    Texts
	Broader  string // id of the wider concept of the same scheme, or ""
	Note     string // scope note, English
}

// Scheme returns the concepts of a scheme in order, nil when there is none of that id.
func (v Vocabulary) Scheme(id string) []Concept {
	for _, s := range v.Schemes {
		if s.ID == id {
			return s.Concepts
		}
	}
	return nil
}

// Concept returns one concept of a scheme.
func (v Vocabulary) Concept(scheme, id string) (Concept, bool) {
	concepts := v.Scheme(scheme)
	if i := slices.IndexFunc(concepts, func(c Concept) bool { return c.ID == id }); i >= 0 {
		return concepts[i], true
	}
	return Concept{}, false
}

// Label returns the concept's label in the first of the languages that has one, or the
// id itself for a concept that the vocabulary does not know.
func (v Vocabulary) Label(scheme, id string, languages ...string) string {
	c, ok := v.Concept(scheme, id)
	if !ok {
		return id
	}
	if s, _ := c.Label.In(languages...); s != "" {
		return s
	}
	return id
}

// Ancestors returns the ids above a concept, nearest first.
func (v Vocabulary) Ancestors(scheme, id string) []string {
	var up []string
	for c, ok := v.Concept(scheme, id); ok && c.Broader != "" && !slices.Contains(up, c.Broader); c, ok = v.Concept(scheme, c.Broader) {
		up = append(up, c.Broader)
	}
	return up
}
