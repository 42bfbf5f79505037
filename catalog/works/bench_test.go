package works

import (
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"
)

// BenchmarkCardOf measures the making of a card with its keys.
func BenchmarkCardOf(b *testing.B) {
	recs := synthetic(1000, 1)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		c := CardOf(recs[i%len(recs)])
		c.Keys()
	}
}

// BenchmarkFind clusters 100,000 records from cards to works. WORKS_CARDS sets another
// number: with a million it answers whether a full run stays a matter of minutes.
func BenchmarkFind(b *testing.B) {
	n := 100_000
	if s := os.Getenv("WORKS_CARDS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	cards := cardsOf(synthetic(n, 1))
	for b.Loop() {
		start := time.Now()
		entries := Index(cards)
		indexed := time.Since(start)
		found := slices.Collect(Find(slices.Values(entries), func(i int) *Card { return &cards[i] }))
		linked := time.Since(start)
		works := Group(pointers(cards), found, nil)
		if len(works) == 0 {
			b.Fatal("no works")
		}
		elapsed := time.Since(start)
		var m runtime.MemStats
		runtime.GC() // so that what lives is counted: cards, entries, links and works
		runtime.ReadMemStats(&m)
		b.ReportMetric(indexed.Seconds(), "index-s")
		b.ReportMetric((linked - indexed).Seconds(), "find-s")
		b.ReportMetric((elapsed - linked).Seconds(), "group-s")
		b.ReportMetric(float64(len(entries))/float64(n), "keys/card")
		b.ReportMetric(float64(len(found)), "links")
		b.ReportMetric(float64(len(works)), "works")
		runtime.KeepAlive(cards)
		b.ReportMetric(float64(m.HeapAlloc>>20), "live-MB")
	}
}
