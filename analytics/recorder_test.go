package analytics_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"ctiphub/analytics"
	"ctiphub/analytics/sqlite"
)

// moody is a store that says no, or says no after it did it.
type moody struct {
	analytics.Store
	no, late atomic.Int64 // how many times
}

var errMood = errors.New("not now")

func (m *moody) Add(ctx context.Context, b analytics.Batch) error {
	if m.no.Add(-1) >= 0 {
		return errMood
	}
	err := m.Store.Add(ctx, b)
	if m.late.Add(-1) >= 0 {
		return errors.Join(err, errMood)
	}
	return err
}

// running starts a recorder; what it returns ends it.
func running(t *testing.T, dir string, metrics prometheus.Registerer, open func(context.Context) (analytics.Store, error)) (*analytics.Recorder, func()) {
	t.Helper()
	r, err := analytics.NewRecorder(analytics.RecorderOptions{
		Open: open, Name: "sqlite", Dir: filepath.Join(dir, "spool"), Limit: 10 << 20, Crowd: 5, Retention: analytics.DefaultRetention(),
		Address: func(r *http.Request) netip.Addr { return netip.MustParseAddrPort(r.RemoteAddr).Addr() }, Registerer: metrics,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() { r.Run(ctx) })
	return r, func() { stop(); done.Wait() }
}

func export(r *analytics.Recorder, n int) {
	for range n {
		r.Count(httptest.NewRequest("GET", "/oai", nil), analytics.Use{Event: analytics.Event{Kind: analytics.KindExport, Channel: analytics.ChannelOAI, Consumer: "portal", Format: "ctip", Amount: 3}})
	}
}

// pulls counts what the file holds.
func pulls(t *testing.T, file string) int64 {
	t.Helper()
	s, err := sqlite.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	leaves, err := s.Leaves(t.Context(), analytics.CubeExport, analytics.DayOf(time.Now()).Week())
	if err != nil {
		t.Fatal(err)
	}
	var n int64
	for _, l := range leaves {
		n += l.N
	}
	return n
}

// TestRecorder: whatever a store says, each use is stored once, at the latest after the next start.
func TestRecorder(t *testing.T) {
	for name, mood := range map[string]struct{ no, late, away int64 }{"well": {}, "refuses": {no: 2}, "took it": {late: 2}, "away": {away: 1 << 40}} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "usage.db")
			open := func(ctx context.Context) (analytics.Store, error) {
				if mood.away > 0 {
					return nil, errMood
				}
				s, err := sqlite.Open(ctx, file)
				m := &moody{Store: s}
				m.no.Store(mood.no)
				m.late.Store(mood.late)
				return m, err
			}
			r, stop := running(t, dir, nil, open)
			export(r, 25)
			if mood.away > 0 {
				if _, err := r.Cells(t.Context(), analytics.Question{View: analytics.ViewDay, Crowd: 5}); !errors.Is(err, analytics.ErrAway) {
					t.Errorf("a store that is away answers: %v", err)
				}
			}
			stop()
			mood.no, mood.late, mood.away = 0, 0, 0
			metrics := prometheus.NewRegistry()
			r, stop = running(t, dir, metrics, open)
			export(r, 5)
			stop()
			if n := pulls(t, file); n != 30 {
				t.Errorf("30 uses were counted, %d are stored", n)
			}
		})
	}
}

// TestRecorderMetrics: what an operator sees, and nothing of readers.
func TestRecorderMetrics(t *testing.T) {
	dir, metrics := t.TempDir(), prometheus.NewRegistry()
	r, stop := running(t, dir, metrics, func(ctx context.Context) (analytics.Store, error) {
		return sqlite.Open(ctx, filepath.Join(dir, "usage.db"))
	})
	export(r, 7)
	for until := time.Now().Add(20 * time.Second); ; {
		if n, err := testutil.GatherAndCount(metrics, "hub_usage_released_until_timestamp_seconds", "hub_usage_store_up"); err == nil && n > 0 || time.Now().After(until) {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	n, err := testutil.GatherAndCount(metrics)
	if err != nil || n < 10 {
		t.Errorf("%d metrics, %v", n, err)
	}
	stop()
	if n, err := testutil.GatherAndCount(metrics); n != 0 || err != nil {
		t.Errorf("after the end %d metrics are left, %v", n, err)
	}
	if got := fmt.Sprint(r.Quality().Answers); got != "false" {
		t.Errorf("a recorder that has ended says that its store answers: %s", got)
	}
}
