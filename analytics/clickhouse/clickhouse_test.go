package clickhouse_test

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"ctiphub/analytics"
	"ctiphub/analytics/analyticstest"
	"ctiphub/analytics/clickhouse"
	"ctiphub/analytics/clickhouse/local"
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
