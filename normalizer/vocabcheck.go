package normalizer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Validate reports everything in the vocabulary that cannot work: duplicate ids, empty
// labels, references that lead nowhere, words of a confidence that does not exist.
func (v *Vocabulary) Validate() error {
	c := &vocabCheck{known: map[string]bool{}}
	for _, l := range v.Languages {
		c.known[l.ID] = true
	}
	if len(v.Themes) == 0 || len(v.Types) == 0 || len(v.Countries) == 0 || len(v.Languages) == 0 {
		c.fail("themes", "", "themes, types, countries and languages must not be empty")
	}
	c.keywords("gate", "keywords", v.Gate.Keywords)
	c.concepts("themes", v.Themes)
	c.concepts("audiences", v.Audiences)
	c.concepts("victim_groups", v.VictimGroups)
	c.concepts("exploitation", v.Exploitation)
	c.types(v)
	c.places(v)
	c.values("sensitivity", v.Sensitivity)
	c.values("rights", v.Rights)
	c.languages(v.Languages, v.Countries)
	c.publishers(v)
	for _, h := range v.Hotlines {
		if h.Number == "" || h.Owner == "" || h.Country == "" {
			c.fail("hotlines", h.Number, "needs number, country and owner")
		}
		if d, ok := isoDate(h.Reviewed); !ok || len(d.EDTF) != len("2006-01-02") {
			c.fail("hotlines", h.Number, "reviewed must be the day it was last checked, such as 2026-01-31")
		}
	}
	return errors.Join(c.errs...)
}

// vocabCheck collects what is wrong.
type vocabCheck struct {
	errs  []error
	known map[string]bool // languages
}

func (c *vocabCheck) fail(scheme, id, what string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s %q: %s", scheme, id, fmt.Sprintf(what, args...)))
}

// ids checks that ids exist and are unique, and returns them.
func (c *vocabCheck) ids(scheme string, ids []string) map[string]bool {
	seen := map[string]bool{}
	for i, id := range ids {
		switch {
		case id == "":
			c.fail(scheme, fmt.Sprint(i), "has no id")
		case seen[id]:
			c.fail(scheme, id, "is there twice")
		}
		seen[id] = true
	}
	return seen
}

func (c *vocabCheck) label(scheme, id string, label map[string]string) {
	if strings.TrimSpace(label["en"]) == "" {
		c.fail(scheme, id, "needs an English label")
	}
	for l, s := range label {
		if strings.TrimSpace(s) == "" {
			c.fail(scheme, id, "has an empty label in %q", l)
		}
	}
}

func (c *vocabCheck) concepts(scheme string, list []Concept) {
	ids := make([]string, len(list))
	for i, x := range list {
		ids[i] = x.ID
	}
	known := c.ids(scheme, ids)
	for _, x := range list {
		c.label(scheme, x.ID, x.Label)
		if x.Broader != "" && (!known[x.Broader] || x.Broader == x.ID) {
			c.fail(scheme, x.ID, "broader %q is not a concept of the scheme", x.Broader)
		}
		c.keywords(scheme, x.ID, x.Keywords)
	}
	c.loops(scheme, list)
}

// loops finds concepts that are their own ancestor.
func (c *vocabCheck) loops(scheme string, list []Concept) {
	up := map[string]string{}
	for _, x := range list {
		up[x.ID] = x.Broader
	}
	for _, x := range list {
		steps := 0
		for id := x.ID; id != "" && steps <= len(list); id = up[id] {
			steps++
		}
		if steps > len(list) {
			c.fail(scheme, x.ID, "is its own ancestor")
		}
	}
}

func (c *vocabCheck) keywords(scheme, id string, k Keywords) {
	for l, t := range k {
		if !slices.Contains([]string{"", "high", "medium", "low"}, t.Confidence) {
			c.fail(scheme, id, "confidence %q of %q must be high, medium or low", t.Confidence, l)
		}
		c.terms(scheme, id, l, wordsOf{"terms": t.Terms, "weak": t.Weak, "unsure": t.Unsure, "not": t.Not})
	}
}

func (c *vocabCheck) types(v *Vocabulary) {
	ids := make([]string, len(v.Types))
	for i, t := range v.Types {
		ids[i] = t.ID
	}
	known := c.ids("types", ids)
	for _, t := range v.Types {
		c.label("types", t.ID, t.Label)
		for tag, list := range t.Cues {
			c.terms("types", t.ID, tag, wordsOf{"title_cues": list, "weak_cues": t.Weak[tag]})
		}
		for tag, list := range t.Headlines {
			c.terms("types", t.ID, tag, wordsOf{"headline_cues": list})
		}
		if t.Broader != "" && !known[t.Broader] {
			c.fail("types", t.ID, "broader %q is not a type", t.Broader)
		}
		for _, theme := range []string{t.Theme, t.Fallback} {
			if theme != "" && !slices.ContainsFunc(v.Themes, func(x Concept) bool { return x.ID == theme }) {
				c.fail("types", t.ID, "theme %q is not a theme", theme)
			}
		}
	}
	c.ambiguousCues(v.Types)
	for from, id := range v.TypeValues {
		if !known[id] {
			c.fail("type_values", from, "%q is not a type", id)
		}
	}
}

func (c *vocabCheck) places(v *Vocabulary) {
	ids := make([]string, len(v.Countries))
	for i, x := range v.Countries {
		ids[i] = x.ID
	}
	known := c.ids("countries", ids)
	for _, x := range v.Countries {
		c.label("countries", x.ID, x.Label)
		if len(x.ID) != 2 || strings.ToUpper(x.ID) != x.ID {
			c.fail("countries", x.ID, "must be an ISO 3166-1 alpha-2 code")
		}
		if !slices.Contains([]string{"", "dmy", "mdy", "ymd"}, x.DateOrder) {
			c.fail("countries", x.ID, "date_order %q must be dmy, mdy or ymd", x.DateOrder)
		}
	}
	c.ambiguousNames(v.Countries)
	regions := make([]string, len(v.Regions))
	for i, r := range v.Regions {
		regions[i] = r.ID
	}
	c.ids("regions", regions)
	for _, r := range v.Regions {
		c.label("regions", r.ID, r.Label)
		for _, m := range r.Members {
			if !known[m] {
				c.fail("regions", r.ID, "member %q is not a country of the vocabulary", m)
			}
		}
		for m, date := range r.Joined {
			if _, ok := isoDate(date); !ok || !slices.Contains(r.Members, m) {
				c.fail("regions", r.ID, "joined %q: %q must be a member and a date", m, date)
			}
		}
	}
}

func (c *vocabCheck) values(scheme string, list []Value) {
	ids := make([]string, len(list))
	for i, x := range list {
		ids[i] = x.ID
		if x.Label == "" {
			c.fail(scheme, x.ID, "needs a label")
		}
	}
	c.ids(scheme, ids)
}

func (c *vocabCheck) languages(list []Language, countries []Country) {
	ids := make([]string, len(list))
	for i, x := range list {
		ids[i] = x.ID
		if x.Name == "" {
			c.fail("languages", x.ID, "needs a name")
		}
		if x.Home != "" && !slices.ContainsFunc(countries, func(c Country) bool { return c.ID == x.Home }) {
			c.fail("languages", x.ID, "home %q is not a country of the vocabulary", x.Home)
		}
	}
	c.ids("languages", ids)
}

func (c *vocabCheck) publishers(v *Vocabulary) {
	ids := make([]string, len(v.Publishers))
	for i, x := range v.Publishers {
		ids[i] = x.ID
	}
	known := c.ids("publishers", ids)
	for _, p := range v.Publishers {
		c.label("publishers", p.ID, p.Name)
		if p.Parent != "" && !known[p.Parent] {
			c.fail("publishers", p.ID, "parent %q is not a publisher", p.Parent)
		}
		if !slices.Contains([]string{"", "government", "un", "ngo", "regional", "academic"}, p.Kind) {
			c.fail("publishers", p.ID, "kind %q is unknown", p.Kind)
		}
		country := slices.ContainsFunc(v.Countries, func(x Country) bool { return x.ID == p.Scope })
		region := slices.ContainsFunc(v.Regions, func(x Region) bool { return x.ID == p.Scope })
		if p.Type != "" && !slices.ContainsFunc(v.Types, func(t Type) bool { return t.ID == p.Type }) {
			c.fail("publishers", p.ID, "type %q is not a type", p.Type)
		}
		if p.Scope != "" && !country && !region {
			c.fail("publishers", p.ID, "scope %q is neither a country nor a region", p.Scope)
		}
	}
}
