package catalog_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"ctiphub/catalog"
)

// counted answers every query with the theme counts of its country.
type counted map[string]catalog.Result

var errDown = errors.New("the disk is gone")

func (c counted) Search(_ context.Context, q catalog.Query) (catalog.Result, error) {
	country := q.Filters[catalog.FacetCountry][0]
	res, ok := c[country]
	if !ok {
		return res, errDown
	}
	return res, nil
}

func themes(total int, counts ...catalog.FacetCount) catalog.Result {
	return catalog.Result{Total: total, Facets: map[catalog.Facet][]catalog.FacetCount{catalog.FacetTheme: counts}}
}

func TestCoverageOf(t *testing.T) {
	s := counted{
		"KH": themes(5, catalog.FacetCount{ID: "remedies", Count: 3}, catalog.FacetCount{ID: "shelter", Count: 2}),
		"LA": themes(0),
	}
	c, err := catalog.CoverageOf(t.Context(), s, []string{"LA", "KH"}, []string{"identification", "remedies"})
	if err != nil {
		t.Fatal(err)
	}
	if got := []string{c.Rows[0].Country, c.Rows[1].Country}; !slices.Equal(got, []string{"LA", "KH"}) {
		t.Errorf("rows are %v, want the order asked for", got)
	}
	if !slices.Equal(c.Rows[1].Counts, []int{0, 3}) || c.Rows[1].Total != 5 {
		t.Errorf("KH is %+v, want counts 0 and 3 and a total of 5", c.Rows[1])
	}
	for _, cell := range []struct {
		country, theme string
		want           int
	}{{"KH", "remedies", 3}, {"KH", "identification", 0}, {"LA", "remedies", 0}, {"KH", "shelter", 0}, {"XX", "remedies", 0}} {
		if got := c.Count(cell.country, cell.theme); got != cell.want {
			t.Errorf("Count(%s, %s) = %d, want %d", cell.country, cell.theme, got, cell.want)
		}
	}
}

func TestCoverageKeepsTheError(t *testing.T) {
	if _, err := catalog.CoverageOf(t.Context(), counted{}, []string{"KH"}, nil); !errors.Is(err, errDown) {
		t.Errorf("got %v, want the searcher's error", err)
	}
}

func TestMemberStates(t *testing.T) {
	states := catalog.MemberStates()
	if len(states) != 11 || len(slices.Compact(slices.Sorted(slices.Values(states)))) != 11 {
		t.Errorf("got %v, want eleven different states", states)
	}
}
