package portal

import (
	"net/http"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

// coveragePage is "/coverage": how many records the hub knows by country and area.
type coveragePage struct {
	AsOf  time.Time
	Areas []area // the six areas of the guidelines
	Other []area // what cuts across them
	Rows  []coverageRow
}

type coverageRow struct {
	choice
	Cells []coverageCell // of Areas, then of Other
}

type coverageCell struct {
	URL      string
	Count    int
	Heat     int  // 0 for nothing, 1 to 5
	Apart    bool // belongs to Other
	Regional bool // nothing is about the country itself
	Label    string
}

func (p *Portal) coverage(w http.ResponseWriter, r *http.Request) error {
	c, err := p.counted(r.Context())
	if err != nil {
		return err
	}
	return p.render(w, r, http.StatusOK, "coverage", frame{Title: "Coverage", Section: "coverage", Index: true, Feeds: p.feedLinks(catalog.Query{}), Page: p.coveragePage(c)})
}

func (p *Portal) coveragePage(c *counted) coveragePage {
	page := coveragePage{AsOf: c.AsOf}
	for _, a := range p.areas {
		ar := area{choice{URL: only(catalog.FacetTheme, a.ID), Label: p.label(catalog.FacetTheme, a.ID)}, a.Notation, a.Note}
		if crossCutting(a) {
			page.Other = append(page.Other, ar)
		} else {
			page.Areas = append(page.Areas, ar)
		}
	}
	for _, row := range c.Rows {
		line := coverageRow{choice: choice{URL: only(catalog.FacetCountry, row.Country), Label: p.label(catalog.FacetCountry, row.Country), Count: row.Total}}
		for _, apart := range []bool{false, true} {
			for _, a := range p.areas {
				if crossCutting(a) == apart {
					line.Cells = append(line.Cells, p.coverageCell(c, row.Country, a))
				}
			}
		}
		page.Rows = append(page.Rows, line)
	}
	return page
}

func (p *Portal) coverageCell(c *counted, country string, a record.Concept) coverageCell {
	n := c.Count(country, a.ID)
	return coverageCell{
		URL:   searchURL(catalog.Query{Filters: map[catalog.Facet][]string{catalog.FacetCountry: {country}, catalog.FacetTheme: {a.ID}}}),
		Count: n, Heat: heat(n), Apart: crossCutting(a), Regional: c.Regional[cell{country, a.ID}],
		Label: p.label(catalog.FacetCountry, country) + ", " + p.label(catalog.FacetTheme, a.ID),
	}
}

// crossCutting reports an area that is not one of the six of the ACWC guidelines.
func crossCutting(a record.Concept) bool { return a.Notation < "1" || a.Notation > "6" }

// heat shades a count by its order of magnitude: a few records against none matter more
// than a thousand against two thousand, and no country is measured by the largest.
func heat(n int) int {
	for level, least := range []int{1, 3, 10, 30, 100} {
		if n < least {
			return level
		}
	}
	return 5
}

func conceptIDs(list []record.Concept) []string {
	ids := make([]string, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	return ids
}
