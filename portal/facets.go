package portal

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"ctiphub/catalog"
)

// facetGroup is one facet with the values that lead on.
type facetGroup struct {
	ID     string
	Name   string
	Open   bool
	Values []facetValue
	More   []facetValue // shown on demand
}

// facetValue is one value of a facet; its address switches it on or off.
type facetValue struct {
	choice
	On     bool
	Narrow bool // a theme below the one before it
}

// shownValues is how many values of a facet are shown at once.
const shownValues = 8

// facetName is the heading of a facet.
func facetName(f catalog.Facet) string {
	word := facetWord(f)
	return strings.ToUpper(word[:1]) + word[1:]
}

func facetWord(f catalog.Facet) string {
	if f == catalog.FacetYear {
		return "year of issue"
	}
	return string(f)
}

// facetGroups lists the facets of a result. A value in force is always among them.
func (p *Portal) facetGroups(q catalog.Query, res catalog.Result) []facetGroup {
	var groups []facetGroup
	for i, f := range catalog.Facets() {
		values := p.facetValues(q, f, res.Facets[f])
		if len(values) == 0 {
			continue
		}
		g := facetGroup{ID: string(f), Name: facetName(f), Open: i < 4 || len(q.Filters[f]) > 0, Values: values}
		if f == catalog.FacetTheme {
			g.Values, g.More = wideFirst(values)
		} else if cut := cutAt(values); cut < len(values) {
			g.Values, g.More = values[:cut], values[cut:]
		}
		groups = append(groups, g)
	}
	return groups
}

// cutAt keeps every value in force in sight.
func cutAt(values []facetValue) int {
	cut := shownValues
	for i, v := range values {
		if v.On {
			cut = max(cut, i+1)
		}
	}
	if cut+2 >= len(values) {
		return len(values)
	}
	return cut
}

// wideFirst parts the areas, and the themes in force, from the narrower themes.
func wideFirst(values []facetValue) (shown, more []facetValue) {
	for _, v := range values {
		if v.Narrow && !v.On {
			more = append(more, v)
		} else {
			shown = append(shown, v)
		}
	}
	if len(shown) == 0 {
		return more, nil
	}
	return shown, more
}

func (p *Portal) facetValues(q catalog.Query, f catalog.Facet, list []catalog.FacetCount) []facetValue {
	found := slices.Clone(list)
	for _, v := range q.Filters[f] {
		if !slices.ContainsFunc(found, func(c catalog.FacetCount) bool { return c.ID == v }) {
			found = append(found, catalog.FacetCount{ID: v})
		}
	}
	switch f {
	case catalog.FacetYear:
		slices.SortFunc(found, func(a, b catalog.FacetCount) int { return cmp.Compare(b.ID, a.ID) })
	case catalog.FacetTheme:
		p.sortThemes(found)
	}
	var values []facetValue
	for _, c := range found {
		on := slices.Contains(q.Filters[f], c.ID)
		v := facetValue{On: on, choice: choice{URL: searchURL(filtered(q, f, c.ID, !on)), Label: clip(p.label(f, c.ID), 100), Count: c.Count}}
		switch f {
		case catalog.FacetTheme:
			v.Narrow = len(p.o.Vocabulary.Ancestors("theme", c.ID)) > 0
		case catalog.FacetLanguage:
			v.Own = p.autonym(c.ID, v.Label)
		}
		values = append(values, v)
	}
	return values
}

// sortThemes puts themes in the order of the guidelines, unknown ones last.
func (p *Portal) sortThemes(list []catalog.FacetCount) {
	place := map[string]int{}
	for i, c := range p.o.Vocabulary.Scheme("theme") {
		place[c.ID] = i + 1
	}
	slices.SortStableFunc(list, func(a, b catalog.FacetCount) int {
		x, y := place[a.ID], place[b.ID]
		if x == 0 || y == 0 {
			return cmp.Compare(y, x)
		}
		return cmp.Compare(x, y)
	})
}

// autonym is how a language calls itself, when that differs from the English label.
func (p *Portal) autonym(id, label string) text {
	c, ok := p.o.Vocabulary.Concept("language", id)
	if own := c.Label[id]; ok && own != "" && own != label {
		return newText(own, id)
	}
	return text{}
}

// apiURL is the query's address in the JSON API.
func apiURL(q catalog.Query) string {
	q.Cursor = ""
	u, err := url.Parse(searchURL(q))
	if err != nil {
		return "/api/v1/resources"
	}
	u.Path = "/api/v1/resources"
	return u.String()
}
