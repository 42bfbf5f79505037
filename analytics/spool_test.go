package analytics

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func newSpool(t *testing.T, dir string, limit int64, now *time.Time) *Spool {
	s, err := OpenSpool(dir, limit, func() time.Time { return *now })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSpool(t *testing.T) {
	dir, now := t.TempDir(), time.Date(2026, 5, 31, 23, 59, 0, 0, time.UTC)
	s := newSpool(t, dir, 1<<20, &now)
	last := DayOf(now)
	for i := range 10 {
		s.Append(Event{Day: last + Day(i%2), Kind: KindView, Record: string(rune('a' + i)), Countries: []string{"TH"}})
	}
	must(t, s.Sync(false))
	if _, _, ok, err := s.Next(); ok || err != nil {
		t.Fatalf("a segment is sent before it is sealed: %v", err)
	}
	now = now.Add(sealAfter)
	must(t, s.Sync(false))
	months := map[Day]int{}
	for range 2 {
		g, b, ok, err := s.Next()
		if !ok || err != nil {
			t.Fatalf("no segment: %v", err)
		}
		if g.Tried || b.ID == 0 || b.ID != g.Batch {
			t.Errorf("segment %+v, batch %d", g, b.ID)
		}
		for _, e := range b.Events {
			if e.Day.Month() != b.Month {
				t.Errorf("a batch of %s holds %s", b.Month, e.Day)
			}
		}
		months[b.Month] = len(b.Events)
		must(t, s.Done(g))
	}
	if len(months) != 2 || months[last.Month()] != 5 {
		t.Errorf("batches of %v", months)
	}
	now = now.Add(keepSent)
	must(t, s.Sync(false))
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("after a quarter of an hour %d files are left, %v", len(left), err)
	}
}

// TestSpoolTakesOver: a killed process leaves half a line behind, and what it sent may or may not
// have arrived.
func TestSpoolTakesOver(t *testing.T) {
	dir, now := t.TempDir(), time.Date(2026, 5, 6, 10, 0, 0, 0, time.UTC)
	s := newSpool(t, dir, 1<<20, &now)
	s.Append(Event{Day: DayOf(now), Kind: KindView, Record: "one"})
	must(t, s.Sync(true))
	s.Append(Event{Day: DayOf(now), Kind: KindView, Record: "two"})
	must(t, s.Sync(false))
	open, err := filepath.Glob(filepath.Join(dir, "*.open"))
	must(t, err)
	f, err := os.OpenFile(open[0], os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteString(`{"day":"2026-05`)
	must(t, err)
	must(t, f.Close())

	s = newSpool(t, dir, 1<<20, &now)
	for _, want := range []string{"one", "two"} {
		g, b, ok, err := s.Next()
		if !ok || err != nil || !g.Tried || len(b.Events) != 1 || b.Events[0].Record != want {
			t.Fatalf("want %s: %+v %+v %v %v", want, g, b, ok, err)
		}
		must(t, s.Done(g))
	}
}

// TestSpoolLimit: what does not fit is counted, and the count outlasts the process.
func TestSpoolLimit(t *testing.T) {
	dir, now := t.TempDir(), time.Date(2026, 5, 6, 10, 0, 0, 0, time.UTC)
	s := newSpool(t, dir, 1000, &now)
	e := Event{Day: DayOf(now), Kind: KindView, Record: strings.Repeat("r", 190)}
	taken := 0
	for range 100 {
		if s.Append(e) {
			taken++
		}
		must(t, s.Sync(false))
	}
	if st := s.Status(); taken < 3 || taken > 6 || st.Dropped[e.Day] != int64(100-taken) {
		t.Errorf("took %d, %+v", taken, st)
	}
	if st := newSpool(t, dir, 1000, &now).Status(); st.Dropped[e.Day] != int64(100-taken) {
		t.Errorf("after a restart %+v", st)
	}
}

func TestSpoolUnreadable(t *testing.T) {
	dir, now := t.TempDir(), time.Date(2026, 5, 6, 10, 0, 0, 0, time.UTC)
	must(t, os.WriteFile(filepath.Join(dir, "0000000000000001-0000000000000009.seg"), []byte("no JSON\n"), 0o600))
	s := newSpool(t, dir, 1<<20, &now)
	g, _, ok, err := s.Next()
	if ok || err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Fatalf("%v, %v", ok, err)
	}
	must(t, s.SetAside(g))
	if _, _, ok, err := s.Next(); ok || err != nil {
		t.Errorf("it is still there: %v, %v", ok, err)
	}
}
