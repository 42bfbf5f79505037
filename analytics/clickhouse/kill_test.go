package clickhouse_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"ctiphub/analytics"
	"ctiphub/analytics/clickhouse"
	"ctiphub/analytics/clickhouse/local"
)

// TestServerKilled: a server that is killed ten times under 20,000 uses a second ends with each
// of them once, and with rollups that agree.
func TestServerKilled(t *testing.T) {
	own, err := local.Start(t.Context(), local.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { own.Stop() })
	o := clickhouse.Options{DSN: own.DSN("killed"), Crowd: analytics.LeastCrowd}
	r, err := analytics.NewRecorder(analytics.RecorderOptions{
		Open: func(ctx context.Context) (analytics.Store, error) { return clickhouse.Open(ctx, o) },
		Name: "clickhouse", Dir: filepath.Join(t.TempDir(), "spool"), Limit: 1 << 30, Crowd: 5, Retention: analytics.DefaultRetention(),
		Address: func(r *http.Request) netip.Addr { return netip.MustParseAddrPort(r.RemoteAddr).Addr() },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { r.Run(ctx) })

	feeding, fed := make(chan struct{}), make(chan int64)
	go func() { fed <- feed(r, feeding) }()
	for range 10 {
		time.Sleep(900 * time.Millisecond)
		if err := own.Kill(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
		if err := own.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	close(feeding)
	produced := <-fed
	for until := time.Now().Add(time.Minute); r.Quality().Spool.Segments > 0 && time.Now().Before(until); {
		time.Sleep(100 * time.Millisecond)
	}
	stop()
	running.Wait()

	s := openWith(t, o)
	month := analytics.DayOf(time.Now()).Month()
	v, err := analytics.VerifyAndMend(t.Context(), s, month)
	if err != nil || len(v.Differ) > 0 {
		t.Errorf("after mending %+v, %v", v, err)
	}
	stored, distinct := rows(t, own.DSN("killed"))
	if stored != produced || distinct != produced || v.Events != produced {
		t.Errorf("%d uses were made; %d are stored, %d of them different; verified %d", produced, stored, distinct, v.Events)
	}
	if produced < 100_000 {
		t.Errorf("only %d uses in ten seconds: the test says little", produced)
	}
	t.Logf("%d uses", produced)
}

// feed counts 20,000 uses a second until it is told to stop.
func feed(r *analytics.Recorder, stop <-chan struct{}) (n int64) {
	req := httptest.NewRequest("GET", "/oai", nil)
	every := time.NewTicker(10 * time.Millisecond)
	defer every.Stop()
	for {
		select {
		case <-stop:
			return n
		case <-every.C:
			for range 200 {
				r.Count(req, analytics.Use{Event: analytics.Event{Kind: analytics.KindExport, Channel: analytics.ChannelOAI, Consumer: "portal", Format: "ctip", Amount: 1}})
				n++
			}
		}
	}
}

// rows counts the events of a database, and how many different ones these are.
func rows(t *testing.T, dsn string) (stored, distinct int64) {
	t.Helper()
	opts, err := driver.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := driver.Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = conn.QueryRow(t.Context(), "SELECT toInt64(count()), toInt64(uniqExact(batch_id, row_no)) FROM usage_events").Scan(&stored, &distinct)
	if err != nil {
		t.Fatal(err)
	}
	return stored, distinct
}
