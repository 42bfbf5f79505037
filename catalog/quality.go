package catalog

import (
	"strconv"

	"github.com/RoaringBitmap/roaring/v2"
)

// Quality sums up how complete and usable the live records of a source are, by the formula
// in docs/schema.md.
type Quality struct {
	Records  int
	Mean     float64 // of the scores, 0 to 100
	Median   int
	Findings []FacetCount // records by code of finding, most frequent first
}

// Quality sums up the scores and findings of the live records of a source, "" for all.
func (x *FacetIndex) Quality(source string) Quality {
	x.mu.RLock()
	defer x.mu.RUnlock()
	base := x.live
	if source != "" {
		of := x.values[FacetSource][source]
		if of == nil {
			of = roaring.New()
		}
		base = roaring.And(x.live, of)
	}
	q := Quality{Records: int(base.GetCardinality()), Findings: x.count(FacetFinding, base)}
	var scores [101]int
	sum, scored := 0, 0
	for value, b := range x.values[FacetScore] {
		score, err := strconv.Atoi(value)
		if err != nil || score < 0 || score > 100 {
			continue
		}
		n := int(b.AndCardinality(base))
		scores[score] += n
		sum, scored = sum+n*score, scored+n
	}
	if scored == 0 {
		return q
	}
	q.Mean = float64(sum) / float64(scored)
	for score, seen := 0, 0; score <= 100; score++ {
		if seen += scores[score]; 2*seen >= scored {
			q.Median = score
			break
		}
	}
	return q
}
