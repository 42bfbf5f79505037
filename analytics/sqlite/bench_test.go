package sqlite_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ctiphub/analytics"
	"ctiphub/analytics/analyticstest"
	"ctiphub/analytics/sqlite"
)

// BenchmarkHalfYear adds a million events, releases them, and asks the questions of the dashboards.
func BenchmarkHalfYear(b *testing.B) {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, filepath.Join(b.TempDir(), "usage.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	shape := analyticstest.Standard()
	shape.Events, shape.Readers, shape.Records = 1_000_000, 5000, 5000
	made := analyticstest.Generate(shape)
	start := time.Now()
	for _, batch := range made.Batches(20_000) {
		if err := s.Add(ctx, batch); err != nil {
			b.Fatal(err)
		}
	}
	took := time.Since(start)
	st, err := s.Status(ctx)
	if err != nil {
		b.Fatal(err)
	}
	fmt.Printf("%d events added: %.0f/s, %.1f bytes each\n", len(made.Events), float64(len(made.Events))/took.Seconds(), float64(st.Bytes)/float64(len(made.Events)))
	now := analytics.Day(20_700).Time()
	start = time.Now()
	r := analytics.Releaser{Store: s, Crowd: analytics.LeastCrowd, Retention: analytics.DefaultRetention(), Now: func() time.Time { return now }}
	units, err := r.Run(ctx, 20_700)
	if err != nil {
		b.Fatal(err)
	}
	fmt.Printf("%d weeks and months of cubes released in %s\n", units, time.Since(start).Round(time.Millisecond))
	for _, q := range analyticstest.Questions() {
		b.Run(fmt.Sprintf("%s by %v", q.View, q.By), func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				if _, err := s.Cells(ctx, q); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}
