package clickhouse_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"ctiphub/analytics"
	"ctiphub/analytics/analyticstest"
	"ctiphub/analytics/clickhouse"
)

// made makes rows of usage_events in the server: the records, sources and readers of a busy hub,
// some much more used than others.
const made = `INSERT INTO %s.usage_events SELECT
  toDate('2025-07-14') + toUInt16(intDiv(number * 364, %d)) AS day, toUInt8(cityHash64(number, 1) %% 24) AS hour,
  ['search','search','search','view','view','view','view','click','download','term'][cityHash64(number, 2) %% 10 + 1] AS kind,
  if(cityHash64(number, 3) %% 12 = 0, 'api', 'web') AS channel,
  toUInt32(pow(cityHash64(number, 4) %% 1000000 / 1000000, 3) * 50000) AS r,
  if(kind IN ('view','click','download'), concat('r', toString(r)), '') AS record, if(record = '', '', concat('source-', toString(r %% 60))) AS source,
  if(record = '', '', concat('Publisher ', toString(r %% 60), ' ', toString(intDiv(r, 60) %% 2))) AS publisher, if(record = '', '', concat('type-', toString(intDiv(r, 120) %% 5))) AS type, if(record = '', '', ['en','th','vi','km','id','my','lo','ms','fil'][r %% 9 + 1]) AS language,
  if(kind = 'term', emptyArrayString(), [['TH','VN','KH','LA','MM','MY','SG','ID','PH','BN','TL'][if(record = '', cityHash64(number, 5), r) %% 11 + 1]]) AS countries,
  if(kind = 'term', emptyArrayString(), [concat('theme-', toString(if(record = '', cityHash64(number, 6), r) %% 12))]) AS themes,
  if(kind = 'term', concat('words ', toString(cityHash64(number, 7) %% 3000)), '') AS term, toUInt32(7) AS results, toUInt8(kind = 'search' AND cityHash64(number, 8) %% 9 = 0) AS zero,
  '' AS consumer, '' AS format, toUInt32(1) AS amount, toUInt8(record != '') AS unique_investigation, toUInt8(kind IN ('click','download')) AS unique_request,
  toUInt8(cityHash64(number, 9) %% 4 = 0) AS new_visitor, toUInt32(toRelativeWeekNum(day)) AS deal, toUInt32(bitShiftLeft(toUInt64(1), cityHash64(number, 10) %% 32)) AS crowd,
  toUInt64(intDiv(number, 1000000)) AS batch_id, toUInt32(number %% 1000000) AS row_no
FROM numbers(%d, %d)`

// columns leaves out what is on the way only.
const columns = "day, hour, kind, channel, record, source, publisher, type, language, countries, themes, term, results, zero, consumer, format, amount, unique_investigation, unique_request, new_visitor, deal, crowd, batch_id, row_no"

// BenchmarkYear fills a year with HUB_BENCH_EVENTS events (a million when it is not set), releases
// it, and asks the questions of the dashboards.
func BenchmarkYear(b *testing.B) {
	n := int64(1_000_000)
	if s := os.Getenv("HUB_BENCH_EVENTS"); s != "" {
		var err error
		if n, err = strconv.ParseInt(s, 10, 64); err != nil {
			b.Fatal(err)
		}
	}
	ctx := context.Background()
	o := options()
	s, err := clickhouse.Open(ctx, o)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	fill(b, ctx, o, n)
	st, err := s.Status(ctx)
	if err != nil {
		b.Fatal(err)
	}
	fmt.Printf("%d events, %.1f bytes each with all rollups\n", st.Events, float64(st.Bytes)/float64(st.Events))
	releaseYear(b, ctx, s)
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

// fill makes the events in the server, a few million at a time.
func fill(b *testing.B, ctx context.Context, o clickhouse.Options, n int64) {
	opts, err := driver.ParseDSN(o.DSN)
	if err != nil {
		b.Fatal(err)
	}
	opts.ReadTimeout = 20 * time.Minute
	conn, err := driver.Open(opts)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	start := time.Now()
	const part = 4_000_000
	for at := int64(0); at < n; at += part {
		query := fmt.Sprintf(made, opts.Auth.Database, n, at, min(part, n-at))
		query = "INSERT INTO " + opts.Auth.Database + ".usage_events (" + columns + ") SELECT " + columns + " FROM (" + query[len("INSERT INTO "+opts.Auth.Database+".usage_events "):] + ")"
		if err := conn.Exec(ctx, query); err != nil {
			b.Fatal(err)
		}
	}
	fmt.Printf("%d events made and rolled up in the server: %.0f/s\n", n, float64(n)/time.Since(start).Seconds())
}

// releaseYear releases all weeks and months, and verifies one month.
func releaseYear(b *testing.B, ctx context.Context, s *clickhouse.Store) {
	now := time.Date(2026, 7, 20, 0, 0, 0, 0, time.UTC)
	start := time.Now()
	r := analytics.Releaser{Store: s, Crowd: analytics.LeastCrowd, Retention: analytics.DefaultRetention(), Now: func() time.Time { return now }}
	units, err := r.Run(ctx, analytics.DayOf(now))
	if err != nil {
		b.Fatal(err)
	}
	fmt.Printf("%d weeks and months of cubes released in %s\n", units, time.Since(start).Round(time.Millisecond))
	start = time.Now()
	v, err := s.Verify(ctx, analytics.DayOf(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)))
	if err != nil || len(v.Differ) > 0 {
		b.Fatal(v, err)
	}
	fmt.Printf("a month of %d events verified in %s\n", v.Events, time.Since(start).Round(time.Millisecond))
}

// BenchmarkAdd writes batches of 20,000 as the recorder does, with all views.
func BenchmarkAdd(b *testing.B) {
	ctx := context.Background()
	s, err := clickhouse.Open(ctx, options())
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	batches := analyticstest.Generate(analyticstest.Standard()).Batches(20_000)
	i, rows := 0, 0
	for b.Loop() {
		batch := batches[i%len(batches)]
		batch.ID = uint64(i)
		if err := s.Add(ctx, batch); err != nil {
			b.Fatal(err)
		}
		i, rows = i+1, rows+len(batch.Events)
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "events/s")
}
