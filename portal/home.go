package portal

import (
	"fmt"
	"net/http"

	"ctiphub/catalog"
)

// homePage is "/": what the hub is and where to begin.
type homePage struct {
	Total     int
	Sources   int // configured and enabled
	Languages int
	Countries []choice
	Areas     []area
	Types     []choice
	Newest    []hit
}

// choice is a facet value that leads to its records.
type choice struct {
	URL   string
	Label string
	Own   text // the label in its own language, where it differs
	Count int
}

// area is a theme of the first level.
type area struct {
	choice
	Notation string
	Note     string
}

func (p *Portal) home(w http.ResponseWriter, r *http.Request) error {
	res, err := p.o.Store.Search(r.Context(), catalog.Query{Sort: catalog.ByNewest, Limit: 6})
	if err != nil {
		return fmt.Errorf("reading the newest records: %w", err)
	}
	page := homePage{Total: res.Total, Languages: len(res.Facets[catalog.FacetLanguage])}
	for _, s := range p.o.Sources {
		if s.Enabled {
			page.Sources++
		}
	}
	countries, themes := counts(res, catalog.FacetCountry), counts(res, catalog.FacetTheme)
	for _, id := range catalog.MemberStates() {
		page.Countries = append(page.Countries, choice{URL: only(catalog.FacetCountry, id), Label: p.label(catalog.FacetCountry, id), Count: countries[id]})
	}
	for _, c := range p.areas {
		page.Areas = append(page.Areas, area{
			choice{URL: only(catalog.FacetTheme, c.ID), Label: p.label(catalog.FacetTheme, c.ID), Count: themes[c.ID]}, c.Notation, c.Note,
		})
	}
	for _, c := range res.Facets[catalog.FacetType] {
		if len(page.Types) < 8 {
			page.Types = append(page.Types, choice{URL: only(catalog.FacetType, c.ID), Label: p.label(catalog.FacetType, c.ID), Count: c.Count})
		}
	}
	reader := readerLanguages(r)
	for _, h := range res.Hits {
		page.Newest = append(page.Newest, p.newHit(h.Entry.Record, needles{}, reader))
	}
	return p.render(w, r, http.StatusOK, "home", frame{Title: "Home", Section: "home", Index: true, Feeds: p.feedLinks(catalog.Query{}), Page: page})
}

// counts returns the counts of a facet by value.
func counts(res catalog.Result, f catalog.Facet) map[string]int {
	m := map[string]int{}
	for _, c := range res.Facets[f] {
		m[c.ID] = c.Count
	}
	return m
}
