package portal

import (
	"cmp"
	"context"
	"slices"

	"ctiphub/analytics"
	"ctiphub/catalog"
)

// gap is one country and theme: what was looked for, and what there is.
type gap struct {
	country, theme string
	search, zero   datum
	share          datum // that found nothing
	works          int
	note           string
}

// gaps holds searches against the coverage of the catalogue, the widest gap first.
func (u *usageReading) gaps(ctx context.Context, t *usageTable) error {
	s, err := u.byArea(ctx, t.Range)
	if err != nil {
		return err
	}
	cov, err := u.p.counted(ctx)
	if err != nil {
		return err
	}
	list := gapList(s, cov, conceptIDs(u.p.areas))
	markGaps(list)
	slices.SortStableFunc(list, func(a, b gap) int {
		// Searches for each resource that there is; none is as little as half of one.
		x, y := a.search.N*int64(max(1, 2*b.works)), b.search.N*int64(max(1, 2*a.works))
		return cmp.Or(cmp.Compare(y, x), cmp.Compare(a.country, b.country), cmp.Compare(a.theme, b.theme))
	})
	t.Lead = "The widest gap comes first: most searches for each resource that there is. Resources are those of today, as the coverage counts them."
	t.Columns = []usageColumn{
		{Key: "country", Label: "Country", Coded: true}, {Key: "theme", Label: "Theme", Coded: true},
		{Key: "search", Label: "Searches", Number: true}, {Key: "zero", Label: "Found nothing", Number: true},
		{Key: "zeroShare", Label: "Share that found nothing", Number: true}, {Key: "resources", Label: "Resources", Number: true},
		{Key: "note", Label: "What that says"},
	}
	for _, g := range list[:min(len(list), mostRows)] {
		there := datum{N: int64(g.works), Known: true, URL: searchURL(catalog.Query{Filters: map[catalog.Facet][]string{catalog.FacetCountry: {g.country}, catalog.FacetTheme: {g.theme}}})}
		t.Rows = append(t.Rows, usageRow{Cells: []datum{
			u.coded("country", g.country, ""), u.coded("theme", g.theme, ""), g.search, g.zero, g.share, there, words(g.note),
		}})
	}
	bars(t.Rows, 2)
	t.More = usageLink{URL: "/coverage", Label: "All resources by country and theme"}
	return nil
}

// gapList takes the cells of countries and themes that the coverage counts.
func gapList(weeks sums, cov *counted, themes []string) []gap {
	s, shares := weeks.whole(), weeks.rates(analytics.MetricZero, analytics.MetricSearch)
	var list []gap
	for _, row := range cov.Rows {
		for _, theme := range themes {
			g := gap{
				country: row.Country, theme: theme, works: cov.Count(row.Country, theme),
				search: s.figure(sumKey{A: row.Country, B: theme, Metric: analytics.MetricSearch}),
				zero:   s.figure(sumKey{A: row.Country, B: theme, Metric: analytics.MetricZero}),
				share:  shares[sumKey{A: row.Country, B: theme}],
			}
			if g.search.Known {
				list = append(list, g)
			}
		}
	}
	return list
}

// markGaps says in words where much is looked for and little is there: at least as much as in
// half of the shown cells, and no more than in half of them.
func markGaps(list []gap) {
	searches, works := make([]int64, len(list)), make([]int64, len(list))
	for i, g := range list {
		searches[i], works[i] = g.search.N, int64(g.works)
	}
	slices.Sort(searches)
	slices.Sort(works)
	for i := range list {
		g := &list[i]
		much := g.search.N >= searches[len(list)/2]
		little := int64(g.works) <= works[len(list)/2]
		switch {
		case g.works == 0 && much:
			g.note = "searched a lot, nothing there"
		case g.works == 0:
			g.note = "nothing there"
		case much && little:
			g.note = "searched a lot, little there"
		case much:
			g.note = "searched a lot, much there"
		case little:
			g.note = "searched little, little there"
		default:
			g.note = "searched little, much there"
		}
	}
}
