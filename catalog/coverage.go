package catalog

import (
	"context"
	"fmt"
	"slices"
)

// Searcher answers queries; every Store is one.
type Searcher interface {
	Search(ctx context.Context, q Query) (Result, error)
}

// Coverage is how many live records the hub knows by country and theme. It says what was
// found, not how well a country does.
type Coverage struct {
	Themes []string
	Rows   []CoverageRow // in the order of the countries asked for
}

// CoverageRow is one country of a Coverage.
type CoverageRow struct {
	Country string
	Total   int   // records about the country, whatever their themes
	Counts  []int // in the order of Coverage.Themes
}

// MemberStates returns the member states of ASEAN, ISO 3166-1 alpha-2, in the order of
// their English names: eleven since Timor-Leste joined on 2025-10-26.
func MemberStates() []string {
	return []string{"BN", "KH", "ID", "LA", "MY", "MM", "PH", "SG", "TH", "TL", "VN"}
}

// CoverageOf counts with one search a country. A record with several countries or themes
// counts in each of their cells, so rows and columns do not add up to totals.
func CoverageOf(ctx context.Context, s Searcher, countries, themes []string) (Coverage, error) {
	c := Coverage{Themes: slices.Clone(themes), Rows: make([]CoverageRow, len(countries))}
	for i, country := range countries {
		res, err := s.Search(ctx, Query{Filters: map[Facet][]string{FacetCountry: {country}}, Sort: ByNewest, Limit: 1})
		if err != nil {
			return Coverage{}, fmt.Errorf("counting the records about %s: %w", country, err)
		}
		row := CoverageRow{Country: country, Total: res.Total, Counts: make([]int, len(themes))}
		for _, f := range res.Facets[FacetTheme] {
			if at := slices.Index(themes, f.ID); at >= 0 {
				row.Counts[at] = f.Count
			}
		}
		c.Rows[i] = row
	}
	return c, nil
}

// Count returns the number of one cell, 0 for a cell that was not asked for.
func (c Coverage) Count(country, theme string) int {
	row := slices.IndexFunc(c.Rows, func(r CoverageRow) bool { return r.Country == country })
	at := slices.Index(c.Themes, theme)
	if row < 0 || at < 0 {
		return 0
	}
	return c.Rows[row].Counts[at]
}
