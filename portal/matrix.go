package portal

import (
	"context"
	"fmt"
	"sync"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

// matrix keeps the coverage as it was last counted. Counting takes a search a country and
// one a small cell: too much for each visit, little enough for one visit in a while.
type matrix struct {
	mu   sync.Mutex
	last *counted
}

// counted is the coverage at one time.
type counted struct {
	catalog.Coverage
	AsOf     time.Time
	Regional map[cell]bool // only resources about a region as a whole were found
}

type cell struct{ country, theme string }

const (
	freshFor  = 30 * time.Second
	smallCell = 20 // cells with more are taken to hold something about the country itself
)

// counted returns the coverage, at most freshFor old.
func (p *Portal) counted(ctx context.Context) (*counted, error) {
	p.matrix.mu.Lock()
	defer p.matrix.mu.Unlock()
	now := p.o.Now().UTC().Truncate(time.Second)
	if last := p.matrix.last; last != nil && now.Sub(last.AsOf) < freshFor {
		return last, nil
	}
	cov, err := catalog.CoverageOf(ctx, p.o.Store, catalog.MemberStates(), conceptIDs(p.areas))
	if err != nil {
		return nil, err
	}
	c := &counted{Coverage: cov, AsOf: now, Regional: map[cell]bool{}}
	for _, row := range cov.Rows {
		for i, n := range row.Counts {
			at := cell{row.Country, cov.Themes[i]}
			if n == 0 || n > smallCell {
				continue
			}
			if c.Regional[at], err = p.onlyRegional(ctx, at); err != nil {
				return nil, err
			}
		}
	}
	p.matrix.last = c
	return c, nil
}

// onlyRegional reports whether nothing in a small cell is about the country itself.
func (p *Portal) onlyRegional(ctx context.Context, at cell) (bool, error) {
	res, err := p.o.Store.Search(ctx, catalog.Query{
		Filters: map[catalog.Facet][]string{catalog.FacetCountry: {at.country}, catalog.FacetTheme: {at.theme}},
		Sort:    catalog.ByNewest, Limit: smallCell,
	})
	if err != nil {
		return false, fmt.Errorf("looking into %s, %s: %w", at.country, at.theme, err)
	}
	for _, h := range res.Hits {
		if !viaRegion(h.Entry.Record, at.country) {
			return false, nil
		}
	}
	return len(res.Hits) > 0, nil
}

// viaRegion reports whether a record has a country only because a region that it names
// has that member: the normalizer says so in the evidence.
func viaRegion(rec record.Record, country string) bool {
	for _, t := range rec.Countries {
		if t.ID != country {
			continue
		}
		for _, e := range t.Evidence {
			if e.Field != "region" {
				return false
			}
		}
		return len(t.Evidence) > 0
	}
	return false
}
