package analyticstest

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"ctiphub/analytics"
)

// Update says that golden files are written anew.
var Update = flag.Bool("update", false, "write the golden answers anew")

// Contract runs everything that a store has to promise. open returns an empty store of the
// test's own; golden is the file of the golden answers, the same for all stores.
func Contract(t *testing.T, golden string, open func(t *testing.T) analytics.Store) {
	t.Run("empty", func(t *testing.T) { empty(t, open(t)) })
	t.Run("batches", func(t *testing.T) { batches(t, open(t)) })
	t.Run("hostile values", func(t *testing.T) { hostile(t, open(t)) })
	t.Run("releases are whole", func(t *testing.T) { whole(t, open(t)) })
	t.Run("crowd of a question", func(t *testing.T) { crowdOfQuestion(t, open(t)) })
	t.Run("prune", func(t *testing.T) { prune(t, open(t)) })
	t.Run("half a year", func(t *testing.T) { halfAYear(t, open(t), golden) })
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func empty(t *testing.T, s analytics.Store) {
	ctx := t.Context()
	if _, _, ok, err := s.Span(ctx); ok || err != nil {
		t.Errorf("the span of nothing: %v, %v", ok, err)
	}
	for _, c := range analytics.Rollups() {
		leaves, err := s.Leaves(ctx, c, 20_000)
		check(t, err)
		releases, err := s.Releases(ctx, c, 0, 30_000)
		check(t, err)
		if len(leaves)+len(releases) > 0 {
			t.Errorf("an empty store has %d leaves and %d releases of %s", len(leaves), len(releases), c)
		}
	}
	for _, q := range Questions() {
		cells, err := s.Cells(ctx, q)
		check(t, err)
		if len(cells) > 0 {
			t.Errorf("an empty store answers %+v with %+v", q, cells)
		}
	}
	if _, err := s.Cells(ctx, analytics.Question{View: "nothing", Crowd: 5}); err == nil {
		t.Error("a view that does not exist was not refused")
	}
	if _, err := s.Cells(ctx, analytics.Question{View: analytics.ViewDay, Crowd: analytics.LeastCrowd - 1}); err == nil {
		t.Error("a smaller crowd than the least was not refused")
	}
}

// batches: what was added is there once, and is found again by its batch.
func batches(t *testing.T, s analytics.Store) {
	ctx := t.Context()
	made := Generate(Shape{Seed: 3, First: mustDay("2026-02-20"), Days: 20, Events: 3000, Readers: 60, Records: 40})
	var stored []analytics.Event
	for i, b := range made.Batches(700) {
		if n, err := s.Stored(ctx, b); n != 0 || err != nil {
			t.Fatalf("before batch %d: %d, %v", i, n, err)
		}
		check(t, s.Add(ctx, b))
		if n, err := s.Stored(ctx, b); n != len(b.Events) || err != nil {
			t.Errorf("batch %d of %d events: %d stored, %v", i, len(b.Events), n, err)
		}
		stored = append(stored, b.Events...)
	}
	SameRollups(t, s, stored)
	first, last, ok, err := s.Span(ctx)
	check(t, err)
	if !ok || first.Week() != made.Events[0].Day.Week() || last.Week() != made.Events[len(made.Events)-1].Day.Week() {
		t.Errorf("the span is %s to %s, of events from %s to %s", first, last, made.Events[0].Day, made.Events[len(made.Events)-1].Day)
	}
	mended(t, s, stored)
}

// mended: where events are kept, rollups are held against them, and made from them.
func mended(t *testing.T, s analytics.Store, events []analytics.Event) {
	ctx := t.Context()
	for _, month := range []string{"2026-02-01", "2026-03-01"} {
		v, err := s.Verify(ctx, mustDay(month))
		if errors.Is(err, analytics.ErrNoEvents) {
			if err := s.Rebuild(ctx, mustDay(month)); !errors.Is(err, analytics.ErrNoEvents) {
				t.Errorf("a store without events rebuilds: %v", err)
			}
			return
		}
		check(t, err)
		of := 0
		for _, e := range events {
			if e.Day.Month() == mustDay(month) {
				of++
			}
		}
		if v.Events != int64(of) || len(v.Differ) > 0 {
			t.Errorf("%s: %+v, want %d events and no differences", month, v, of)
		}
		check(t, s.Rebuild(ctx, mustDay(month)))
	}
	SameRollups(t, s, events)
}

// SameRollups holds the rollups of a store against events.
func SameRollups(t *testing.T, s analytics.Store, events []analytics.Event) {
	t.Helper()
	for _, c := range analytics.Rollups() {
		want := map[analytics.Day][]analytics.Leaf{}
		for _, l := range analytics.Rollup(c, events) {
			want[c.UnitOf(l.Day)] = append(want[c.UnitOf(l.Day)], l)
		}
		for _, unit := range slices.Sorted(maps.Keys(want)) {
			got, err := s.Leaves(t.Context(), c, unit)
			check(t, err)
			if !reflect.DeepEqual(got, want[unit]) {
				t.Errorf("%s of %s differs: %s", c, unit, difference(got, want[unit]))
			}
		}
	}
}

func difference(got, want []analytics.Leaf) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf("row %d is %+v, want %+v", i, got[i], want[i])
		}
	}
	return fmt.Sprintf("%d rows, want %d", len(got), len(want))
}

// hostile: values are text, whatever is in them.
func hostile(t *testing.T, s analytics.Store) {
	day := mustDay("2026-05-06")
	var events []analytics.Event
	for _, v := range []string{"'", `\`, `\'`, `"`, "'; DROP TABLE usage_cell; --", "ที่พักพิง", "\u202etxt", "a b", "%_", "{}", "${DB}", "?", "*?", "é", "e\u0301"} {
		events = append(events,
			analytics.Event{Day: day, Kind: analytics.KindView, Channel: "web", Record: v, Source: v, Publisher: v, Type: v, Language: v, Countries: []string{v}, Themes: []string{v}, Deal: 1, Crowd: 1},
			analytics.Event{Day: day, Kind: analytics.KindSearch, Channel: "web", Countries: []string{v}, Themes: []string{v}, Deal: 1, Crowd: 1 << 31},
			analytics.Event{Day: day, Kind: analytics.KindTerm, Channel: "web", Term: v, Amount: 1<<32 - 1, Deal: 1<<32 - 1, Crowd: 1<<32 - 1},
			analytics.Event{Day: day, Kind: analytics.KindExport, Channel: "oai", Consumer: v, Format: v, Amount: 7})
	}
	check(t, s.Add(t.Context(), analytics.Batch{ID: 1, Month: day.Month(), Events: events}))
	SameRollups(t, s, events)
	for i, e := range events {
		if e.Kind != analytics.KindExport {
			continue
		}
		q := analytics.Question{View: analytics.ViewExport, From: 0, To: 40_000, By: []string{"a", "c"}, A: e.Consumer, Crowd: 5}
		release(t, s, analytics.CubeExport, day.Week())
		cells, err := s.Cells(t.Context(), q)
		check(t, err)
		if len(cells) != 2 || cells[0].A != e.Consumer || cells[0].C != e.Format {
			t.Errorf("value %d, %q: asked for it and got %+v", i, e.Consumer, cells)
		}
	}
}

func release(t *testing.T, s analytics.Store, c analytics.Cube, unit analytics.Day) {
	t.Helper()
	r := analytics.Releaser{Store: s, Crowd: analytics.LeastCrowd, Retention: analytics.DefaultRetention(), Now: time.Now}
	check(t, r.Release(t.Context(), c, unit))
}

// whole: who reads while a unit is released anew sees the old cells or the new ones.
func whole(t *testing.T, s analytics.Store) {
	ctx := t.Context()
	week := mustDay("2026-05-04")
	put := func(n int64) error {
		r := analytics.Release{Released: analytics.Released{Cube: analytics.CubeTerm, Unit: week, Crowd: 5, At: time.Unix(1_780_000_000+n, 0).UTC(), Withheld: int(n)}}
		for i := range 40 {
			r.Cells = append(r.Cells, analytics.Cell{View: analytics.ViewTerm, Unit: week, A: fmt.Sprintf("word %d", i), Metric: "search", N: n, Uniq: n, People: 5})
		}
		return s.Release(ctx, r)
	}
	check(t, put(1))
	done := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		defer close(done)
		for n := range int64(12) {
			if err := put(n + 2); err != nil {
				t.Error(err)
			}
		}
	})
	q := analytics.Question{View: analytics.ViewTerm, From: week, To: week + 7, Crowd: 5, By: []string{"unit"}}
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		cells, err := s.Cells(ctx, q)
		check(t, err)
		if len(cells) != 1 || cells[0].N%40 != 0 || cells[0].N != cells[0].Uniq {
			t.Fatalf("a reader saw parts of releases: %+v", cells)
		}
	}
	writer.Wait()
	list, err := s.Releases(ctx, analytics.CubeTerm, week, week+1)
	check(t, err)
	want := []analytics.Released{{Cube: analytics.CubeTerm, Unit: week, Crowd: 5, At: time.Unix(1_780_000_013, 0).UTC(), Withheld: 13}}
	if !reflect.DeepEqual(list, want) {
		t.Errorf("released %+v, want %+v", list, want)
	}
}

// crowdOfQuestion: cells below the crowd that is asked for are not in an answer, nor in its sums.
func crowdOfQuestion(t *testing.T, s analytics.Store) {
	week := mustDay("2026-05-04")
	r := analytics.Release{Released: analytics.Released{Cube: analytics.CubeExport, Unit: week, Crowd: 5, At: time.Unix(1_780_000_000, 0).UTC()}}
	for i, people := range []int{5, 6, 10, 12} {
		r.Cells = append(r.Cells, analytics.Cell{View: analytics.ViewExport, Unit: week, B: "oai", C: fmt.Sprint(i), Metric: "pulls", N: 100, People: people})
	}
	r.Cells = append(r.Cells, analytics.Cell{View: analytics.ViewExport, Unit: week, A: "portal", B: "oai", C: "9", Metric: "pulls", N: 1})
	check(t, s.Release(t.Context(), r))
	for crowd, want := range map[int]int64{5: 401, 6: 301, 7: 201, 12: 101, 13: 1, 20: 1} {
		cells, err := s.Cells(t.Context(), analytics.Question{View: analytics.ViewExport, From: week, To: week + 1, Crowd: crowd})
		check(t, err)
		if len(cells) != 1 || cells[0].N != want {
			t.Errorf("crowd %d: %+v, want %d", crowd, cells, want)
		}
	}
}

// prune: what is too old goes, what is not stays.
func prune(t *testing.T, s analytics.Store) {
	ctx := t.Context()
	old, young := Generate(Shape{Seed: 5, First: mustDay("2024-03-04"), Days: 28, Events: 2000, Readers: 90, Records: 9}),
		Generate(Shape{Seed: 6, First: mustDay("2026-03-02"), Days: 28, Events: 2000, Readers: 90, Records: 9})
	for i, b := range append(old.Batches(1000), young.Batches(1000)...) {
		b.ID = uint64(i + 1)
		check(t, s.Add(ctx, b))
	}
	r := analytics.Releaser{Store: s, Crowd: 5, Retention: analytics.DefaultRetention(), Now: func() time.Time { return mustDay("2026-05-20").Time() }}
	if _, err := r.Run(ctx, mustDay("2026-05-20")); err != nil {
		t.Fatal(err)
	}
	check(t, s.Prune(ctx, mustDay("2026-05-20"), analytics.Retention{EventMonths: 1, TermMonths: 13, RollupMonths: 60}))
	terms, err := s.Leaves(ctx, analytics.CubeTerm, mustDay("2024-03-11"))
	check(t, err)
	records, err := s.Leaves(ctx, analytics.CubeRecord, mustDay("2024-03-01"))
	check(t, err)
	if len(terms) > 0 || len(records) == 0 {
		t.Errorf("after 13 months there are %d rows of words, and after 26 months %d of records", len(terms), len(records))
	}
	check(t, s.Prune(ctx, mustDay("2026-05-20"), analytics.Retention{EventMonths: 1, TermMonths: 13, RollupMonths: 12}))
	for _, c := range analytics.Rollups() {
		leaves, err := s.Leaves(ctx, c, c.UnitOf(mustDay("2024-03-12")))
		check(t, err)
		releases, err := s.Releases(ctx, c, 0, mustDay("2025-01-01"))
		check(t, err)
		if len(leaves)+len(releases) > 0 {
			t.Errorf("%s keeps %d rows and %d releases of 2024", c, len(leaves), len(releases))
		}
	}
	SameRollups(t, s, young.Events)
}

// halfAYear: 120,000 events, and the golden answers to the questions of the dashboards.
func halfAYear(t *testing.T, s analytics.Store, golden string) {
	ctx := t.Context()
	made := Generate(Standard())
	for _, b := range made.Batches(20_000) {
		check(t, s.Add(ctx, b))
	}
	SameRollups(t, s, made.Events)
	r := analytics.Releaser{Store: s, Crowd: analytics.LeastCrowd, Retention: analytics.DefaultRetention(), Now: func() time.Time { return mustDay("2026-07-20").Time() }}
	n, err := r.Run(ctx, mustDay("2026-07-13"))
	check(t, err)
	if again, err := r.Run(ctx, mustDay("2026-07-13")); n == 0 || again != 0 || err != nil {
		t.Errorf("released %d units, and again %d, %v", n, again, err)
	}
	answers := map[string][]analytics.Cell{}
	for _, q := range Questions() {
		cells, err := s.Cells(ctx, q)
		check(t, err)
		key, err := json.Marshal(q)
		check(t, err)
		answers[string(key)] = cells
	}
	compare(t, golden, answers)
	if st, err := s.Status(ctx); err != nil || st.Engine == "" || len(st.Rows) == 0 || st.Bytes == 0 {
		t.Errorf("status %+v, %v", st, err)
	}
}

// compare holds answers against the golden ones.
func compare(t *testing.T, golden string, answers map[string][]analytics.Cell) {
	t.Helper()
	got, err := json.MarshalIndent(answers, "", " ")
	check(t, err)
	if *Update {
		check(t, os.MkdirAll(filepath.Dir(golden), 0o755))
		check(t, os.WriteFile(golden, append(got, '\n'), 0o644))
	}
	want, err := os.ReadFile(golden)
	check(t, err)
	if string(append(got, '\n')) == string(want) {
		return
	}
	var golds map[string][]analytics.Cell
	check(t, json.Unmarshal(want, &golds))
	for _, q := range slices.Sorted(maps.Keys(answers)) {
		if !slices.Equal(answers[q], golds[q]) {
			t.Errorf("%s: %s", q, differs(answers[q], golds[q]))
		}
	}
}

func differs(got, want []analytics.Cell) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf("row %d is %+v, want %+v", i, got[i], want[i])
		}
	}
	return fmt.Sprintf("%d rows, want %d", len(got), len(want))
}

// Questions are those that the dashboards ask, over twelve months.
func Questions() []analytics.Question {
	from, to := mustDay("2025-07-14"), mustDay("2026-07-13")
	list := []analytics.Question{
		{View: analytics.ViewDay, A: analytics.All},
		{View: analytics.ViewDay, By: []string{"unit"}, A: analytics.All, Metrics: []string{"visitors", "search"}},
		{View: analytics.ViewDay, By: []string{"a"}},
		{View: analytics.ViewRhythm, By: []string{"a", "b"}},
		{View: analytics.ViewArea, By: []string{"a", "b"}, Metrics: []string{"search", "zero"}},
		{View: analytics.ViewArea, By: []string{"unit", "b"}, A: "TH"},
		{View: analytics.ViewArea, By: []string{"a"}, B: analytics.All, Metrics: []string{"zero"}, Most: 5},
		{View: analytics.ViewTerm, By: []string{"a"}, Metrics: []string{"search"}, Most: 50},
		{View: analytics.ViewTerm, By: []string{"a"}, Metrics: []string{"zero"}, Most: 50},
		{View: analytics.ViewRecord, By: []string{"a", "b", "c"}, Metrics: []string{"investigation"}, Most: 25},
		{View: analytics.ViewRecord, By: []string{"unit", "a"}, B: "source-03"},
		{View: analytics.ViewSource, By: []string{"a"}},
		{View: analytics.ViewPublisher, By: []string{"unit", "a"}, A: "Publisher 04"},
		{View: analytics.ViewKind, By: []string{"a", "b"}},
		{View: analytics.ViewItemArea, By: []string{"a", "b"}, Metrics: []string{"investigation"}},
		{View: analytics.ViewExport, By: []string{"a", "c"}},
		{View: analytics.ViewExport, By: []string{"unit", "b"}},
	}
	for i := range list {
		list[i].From, list[i].To, list[i].Crowd = from, to, analytics.LeastCrowd
	}
	return list
}
