package catalog

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"

	"ctiphub/record"
)

// naive is the index without bitmaps: the values of each live record.
type naive map[uint32]map[Facet][]string

func (n naive) matches(num uint32, hits *roaring.Bitmap, filters map[Facet][]string, without Facet) bool {
	if hits != nil && !hits.Contains(num) {
		return false
	}
	for f, values := range filters {
		if f != without && len(values) > 0 && !slices.ContainsFunc(values, func(v string) bool { return slices.Contains(n[num][f], v) }) {
			return false
		}
	}
	return true
}

func (n naive) count(f Facet, hits *roaring.Bitmap, filters map[Facet][]string) []FacetCount {
	counts := map[string]int{}
	for num, values := range n {
		if n.matches(num, hits, filters, f) {
			for _, v := range values[f] {
				counts[v]++
			}
		}
	}
	list := []FacetCount{}
	for v, c := range counts {
		list = append(list, FacetCount{v, c})
	}
	slices.SortFunc(list, func(a, b FacetCount) int { return cmp.Or(b.Count-a.Count, strings.Compare(a.ID, b.ID)) })
	return list
}

func randomValues(rng *rand.Rand) map[Facet][]string {
	values := map[Facet][]string{}
	for _, f := range Facets()[:4] {
		for i := range 5 {
			if rng.IntN(3) == 0 {
				values[f] = append(values[f], fmt.Sprint(f, i))
			}
		}
	}
	return values
}

func TestFacetIndex(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	x, model := NewFacetIndex(), naive{}
	for round := range 60 {
		var changes []FacetChange
		for range rng.IntN(30) {
			c := FacetChange{Num: uint32(rng.IntN(200))}
			if rng.IntN(2) == 0 {
				c.Before = model[c.Num] // else the index must find out by itself
			}
			delete(model, c.Num)
			if rng.IntN(4) > 0 {
				c.Now = randomValues(rng)
				model[c.Num] = c.Now
			}
			changes = append(changes, c)
		}
		x.Apply(changes)
		if round%10 == 9 {
			x = reloaded(t, x)
		}
		compareIndex(t, rng, x, model)
	}
}

// reloaded saves an index and loads what it saved.
func reloaded(t *testing.T, x *FacetIndex) *FacetIndex {
	y := NewFacetIndex()
	err := x.Save(func(f Facet, v string, b *roaring.Bitmap) error {
		y.Load(f, v, b.Clone())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return y
}

func compareIndex(t *testing.T, rng *rand.Rand, x *FacetIndex, model naive) {
	t.Helper()
	var hits *roaring.Bitmap
	if rng.IntN(2) == 0 {
		hits = roaring.New()
		for range 80 {
			hits.Add(uint32(rng.IntN(220)))
		}
	}
	filters := randomValues(rng)
	for f := range maps.Clone(filters) {
		if rng.IntN(2) == 0 {
			delete(filters, f)
		}
	}
	sel, counts := x.Answer(hits, filters)
	want := roaring.New()
	for num := range model {
		if model.matches(num, hits, filters, "") {
			want.Add(num)
		}
	}
	if !sel.Equals(want) || !x.Select(hits, filters).Equals(want) {
		t.Fatalf("%v select %v, want %v", filters, sel.ToArray(), want.ToArray())
	}
	for _, f := range Facets() {
		if got, want := counts[f], model.count(f, hits, filters); !slices.Equal(got, want) {
			t.Fatalf("%v counted by %s: %v, want %v", filters, f, got, want)
		}
	}
	if again := x.Count(hits, filters, sel); fmt.Sprint(again) != fmt.Sprint(counts) {
		t.Fatalf("Count gives %v, Answer %v", again, counts)
	}
}

func TestFacetIndexConcurrent(t *testing.T) {
	x := NewFacetIndex()
	value := func(v string) map[Facet][]string { return map[Facet][]string{FacetCountry: {v}} }
	batch := func(before, now map[Facet][]string) []FacetChange {
		var list []FacetChange
		for n := range uint32(50) {
			list = append(list, FacetChange{Num: n, Before: before, Now: now})
		}
		return list
	}
	x.Apply(batch(nil, value("TH")))
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for {
				sel, counts := x.Answer(nil, nil)
				if c := counts[FacetCountry]; sel.GetCardinality() != 50 || len(c) != 1 || c[0].Count != 50 {
					t.Errorf("a reader saw half of an update: %d records, %v", sel.GetCardinality(), c)
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for range 200 {
		x.Apply(batch(value("TH"), value("KH")))
		x.Apply(batch(value("KH"), value("TH")))
	}
	close(done)
	wg.Wait()
}

func TestFacetValues(t *testing.T) {
	rec := record.Record{
		Countries: []record.Tag{{ID: "TH"}}, Themes: []record.Tag{{ID: "shelter"}}, Type: []record.Tag{{ID: "report"}},
		Audiences: []record.Tag{{ID: "police"}}, Languages: []string{"th", "en"},
		Issued: record.Date{EDTF: "2021-11-25/2021-11-26"}, Origin: record.Origin{Source: "demo"},
	}
	got := FacetValues(rec)
	want := map[Facet][]string{
		FacetCountry: {"TH"}, FacetTheme: {"shelter"}, FacetType: {"report"}, FacetLanguage: {"th", "en"},
		FacetAudience: {"police"}, FacetSource: {"demo"}, FacetYear: {"2021"}, FacetScore: {"0"},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("values are %v, want %v", got, want)
	}
	if _, dated := FacetValues(record.Record{})[FacetYear]; dated {
		t.Error("an undated record has a year")
	}
}
