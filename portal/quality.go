package portal

import (
	"context"
	"fmt"
	"math"

	"ctiphub/catalog"
)

// quality is how complete and usable the records of one source are, beside all others.
type quality struct {
	catalog.Quality
	All      catalog.Quality
	Findings []findingGroup
}

// findingGroup are the records of a source that could be better in one way.
type findingGroup struct {
	Code    string
	Records int
	FindingText
	URL string // their list
}

// qualityOf sums up a source.
func (p *Portal) qualityOf(ctx context.Context, source string) (q quality, err error) {
	if q.Quality, err = p.o.Store.Quality(ctx, source); err != nil {
		return q, fmt.Errorf("reading the quality of %s: %w", source, err)
	}
	if q.All, err = p.o.Store.Quality(ctx, ""); err != nil {
		return q, fmt.Errorf("reading the quality of all sources: %w", err)
	}
	for _, f := range q.Quality.Findings {
		list := catalog.Query{Sort: catalog.ByRelevance, Filters: map[catalog.Facet][]string{catalog.FacetSource: {source}, catalog.FacetFinding: {f.ID}}}
		q.Findings = append(q.Findings, findingGroup{f.ID, f.Count, p.o.Findings[f.ID], searchURL(list)})
	}
	return q, nil
}

// qualityDoc is the quality of the live records of a source.
type qualityDoc struct {
	Records  int          `json:"records" doc:"Live records."`
	Mean     float64      `json:"mean" doc:"Of the scores, 0 to 100, by the formula in the documentation of the schema."`
	Median   int          `json:"median"`
	All      int          `json:"medianOfAll" doc:"Of the records of all sources."`
	Findings []findingDoc `json:"findings" nullable:"false" doc:"What could be better, most frequent first."`
}

type findingDoc struct {
	Code    string `json:"code"`
	Records int    `json:"records"`
	Meaning string `json:"meaning,omitempty"`
	Fix     string `json:"fix,omitempty" doc:"What the publisher can do."`
}

func (q quality) doc() qualityDoc {
	d := qualityDoc{Records: q.Records, Mean: math.Round(q.Mean*10) / 10, Median: q.Median, All: q.All.Median, Findings: []findingDoc{}}
	for _, f := range q.Findings {
		d.Findings = append(d.Findings, findingDoc{f.Code, f.Records, f.Meaning, f.Fix})
	}
	return d
}
