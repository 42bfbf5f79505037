package catalog

import (
	"cmp"
	"slices"
	"strconv"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"

	"ctiphub/record"
)

// FacetIndex counts live records by facet: one bitmap of record numbers for each value.
// It is safe for concurrent use; readers never see half of an update.
type FacetIndex struct {
	mu     sync.RWMutex
	live   *roaring.Bitmap
	values map[Facet]map[string]*roaring.Bitmap
}

// NewFacetIndex returns an empty index.
func NewFacetIndex() *FacetIndex {
	x := &FacetIndex{live: roaring.New(), values: map[Facet]map[string]*roaring.Bitmap{}}
	for _, f := range Facets() {
		x.values[f] = map[string]*roaring.Bitmap{}
	}
	return x
}

// FacetValues returns the values of a record by facet.
func FacetValues(rec record.Record) map[Facet][]string {
	v := map[Facet][]string{
		FacetCountry: ids(rec.Countries), FacetTheme: ids(rec.Themes), FacetType: ids(rec.Type),
		FacetLanguage: rec.Languages, FacetAudience: ids(rec.Audiences), FacetSource: {rec.Origin.Source},
	}
	if y := rec.Issued.Year(); y > 0 {
		v[FacetYear] = []string{strconv.Itoa(y)}
	}
	for _, f := range rec.Quality.Findings {
		if !slices.Contains(v[FacetFinding], f.Code) {
			v[FacetFinding] = append(v[FacetFinding], f.Code)
		}
	}
	v[FacetScore] = []string{strconv.Itoa(rec.Quality.Score)}
	return v
}

func ids(tags []record.Tag) []string {
	list := make([]string, len(tags))
	for i, t := range tags {
		list[i] = t.ID
	}
	return list
}

// FacetChange is what a commit did to one record: the values it had and those it has
// now; nil for not live. When Before is nil although the record is live in the index,
// its values are looked for in all bitmaps.
type FacetChange struct {
	Num         uint32
	Before, Now map[Facet][]string
}

// Apply takes the changes of one commit.
func (x *FacetIndex) Apply(changes []FacetChange) {
	if len(changes) == 0 {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, c := range changes {
		if x.live.CheckedRemove(c.Num) {
			x.remove(c)
		}
		if c.Now == nil {
			continue
		}
		x.live.Add(c.Num)
		for f, values := range c.Now {
			for _, v := range values {
				x.bitmap(f, v).Add(c.Num)
			}
		}
	}
}

// remove takes a record out of the bitmaps of its values.
func (x *FacetIndex) remove(c FacetChange) {
	if c.Before != nil {
		for f, values := range c.Before {
			for _, v := range values {
				if b := x.values[f][v]; b != nil {
					b.Remove(c.Num)
				}
			}
		}
		return
	}
	for _, values := range x.values {
		for _, b := range values {
			b.Remove(c.Num)
		}
	}
}

// bitmap returns the bitmap of a value and makes it when there is none.
func (x *FacetIndex) bitmap(f Facet, value string) *roaring.Bitmap {
	if x.values[f] == nil {
		x.values[f] = map[string]*roaring.Bitmap{}
	}
	b := x.values[f][value]
	if b == nil {
		b = roaring.New()
		x.values[f][value] = b
	}
	return b
}

// AllLive is the name under which Load and Save exchange the bitmap of all live records.
const AllLive Facet = ""

// Load puts one bitmap in place, which from then on belongs to the index. It is how an
// index is filled from what Save gave out.
func (x *FacetIndex) Load(f Facet, value string, b *roaring.Bitmap) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if f == AllLive {
		x.live = b
		return
	}
	x.bitmap(f, value)
	x.values[f][value] = b
}

// Save hands out every bitmap that is not empty, as of one moment. The bitmaps belong to
// the index and must be left as they are, and not be kept.
func (x *FacetIndex) Save(do func(f Facet, value string, b *roaring.Bitmap) error) error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if err := do(AllLive, "", x.live); err != nil {
		return err
	}
	for f, values := range x.values {
		for v, b := range values {
			if b.IsEmpty() {
				continue
			}
			if err := do(f, v, b); err != nil {
				return err
			}
		}
	}
	return nil
}

// Live returns how many records are live.
func (x *FacetIndex) Live() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return int(x.live.GetCardinality())
}

// Of returns how many live records have a value of a facet.
func (x *FacetIndex) Of(f Facet, value string) int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if b := x.values[f][value]; b != nil {
		return int(b.GetCardinality())
	}
	return 0
}

// Answer returns what Select and Count return, as of one moment.
func (x *FacetIndex) Answer(hits *roaring.Bitmap, filters map[Facet][]string) (*roaring.Bitmap, map[Facet][]FacetCount) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	sel := x.choose(hits, filters, "")
	return sel, x.countAll(hits, filters, sel)
}

// Select returns the live records that the filters select, out of hits; nil hits are all
// live records. Values of one facet widen, facets narrow. The bitmap is the caller's.
func (x *FacetIndex) Select(hits *roaring.Bitmap, filters map[Facet][]string) *roaring.Bitmap {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.choose(hits, filters, "")
}

// choose is Select without the filter of one facet.
func (x *FacetIndex) choose(hits *roaring.Bitmap, filters map[Facet][]string, without Facet) *roaring.Bitmap {
	var sel *roaring.Bitmap
	if hits != nil {
		sel = roaring.And(x.live, hits)
	} else {
		sel = x.live.Clone()
	}
	for f, values := range filters {
		if len(values) == 0 || f == without {
			continue
		}
		wide := roaring.New()
		for _, v := range values {
			if b := x.values[f][v]; b != nil {
				wide.Or(b)
			}
		}
		sel.And(wide)
	}
	return sel
}

// Count counts the selected records by every facet. sel is what Select returned for all
// filters; the counts of a filtered facet leave that facet's own filter out, so that a
// reader sees what widening it would give.
func (x *FacetIndex) Count(hits *roaring.Bitmap, filters map[Facet][]string, sel *roaring.Bitmap) map[Facet][]FacetCount {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.countAll(hits, filters, sel)
}

func (x *FacetIndex) countAll(hits *roaring.Bitmap, filters map[Facet][]string, sel *roaring.Bitmap) map[Facet][]FacetCount {
	counts := map[Facet][]FacetCount{}
	for _, f := range Facets() {
		base := sel
		if len(filters[f]) > 0 {
			base = x.choose(hits, filters, f)
		}
		counts[f] = x.count(f, base)
	}
	return counts
}

func (x *FacetIndex) count(f Facet, base *roaring.Bitmap) []FacetCount {
	list := []FacetCount{}
	for v, b := range x.values[f] {
		if n := b.AndCardinality(base); n > 0 {
			list = append(list, FacetCount{ID: v, Count: int(n)})
		}
	}
	slices.SortFunc(list, func(a, b FacetCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.ID, b.ID))
	})
	return list
}
