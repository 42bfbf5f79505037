package clickhouse_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"ctiphub/analytics"
	"ctiphub/analytics/analyticstest"
	"ctiphub/analytics/clickhouse"
	"ctiphub/analytics/clickhouse/local"
	"ctiphub/configs/monitoring"
)

var (
	server    *local.Server
	databases atomic.Int64
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

// run starts one server for all tests; each has a database of its own.
func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "clickhouse")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if server, err = local.Start(context.Background(), local.Options{Dir: dir}); err != nil {
		fmt.Fprintln(os.Stderr, "these tests need a ClickHouse (Debian: apt-get install clickhouse-server):", err)
		return 1
	}
	defer server.Stop()
	return m.Run()
}

func options() clickhouse.Options {
	return clickhouse.Options{DSN: server.DSN(fmt.Sprintf("usage_%d", databases.Add(1))), Crowd: analytics.LeastCrowd}
}

func open(t *testing.T) analytics.Store { return openWith(t, options()) }

func openWith(t *testing.T, o clickhouse.Options) *clickhouse.Store {
	s, err := clickhouse.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestContract(t *testing.T) {
	analyticstest.Contract(t, "../analyticstest/testdata/answers.json", open)
}

// TestPublicViews: the questions of the Grafana dashboard are answered by the views that the hub
// makes, and the views show what the hub shows.
func TestPublicViews(t *testing.T) {
	o := clickhouse.Options{DSN: server.DSN("hub_usage"), Crowd: analytics.LeastCrowd}
	s := openWith(t, o)
	made := analyticstest.Generate(analyticstest.Standard())
	for _, b := range made.Batches(20_000) {
		if err := s.Add(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	r := analytics.Releaser{Store: s, Crowd: o.Crowd, Retention: analytics.DefaultRetention(), Now: func() time.Time { return analytics.Day(20_700).Time() }}
	if _, err := r.Run(t.Context(), 20_700); err != nil {
		t.Fatal(err)
	}
	opts, err := driver.ParseDSN(o.DSN)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := driver.Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	queries, err := monitoring.UsageQueries()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range queries {
		rows, err := conn.Query(t.Context(), q.Between(made.Events[0].Day.Time(), analytics.Day(20_700).Time()))
		if err != nil {
			t.Errorf("%s: %v", q.Panel, err)
			continue
		}
		n := 0
		for rows.Next() {
			n++
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil || n == 0 {
			t.Errorf("%s: %d rows, %v", q.Panel, n, err)
		}
	}
	var fewest int64
	if err := conn.QueryRow(t.Context(), "SELECT toInt64(sum(n)) FROM hub_usage_public.site_day WHERE channel = '*' AND metric = 'search'").Scan(&fewest); err != nil {
		t.Fatal(err)
	}
	cells, err := s.Cells(t.Context(), analytics.Question{View: analytics.ViewDay, To: 20_800, A: analytics.All, Metrics: []string{"search"}, Crowd: 5})
	if err != nil || len(cells) != 1 || cells[0].N != fewest {
		t.Errorf("the views say %d searches, the hub %+v, %v", fewest, cells, err)
	}
}
