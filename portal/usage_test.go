package portal_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"ctiphub/analytics"
	"ctiphub/analytics/sqlite"
	"ctiphub/catalog"
	"ctiphub/catalog/sqlstore"
	"ctiphub/portal"
	"ctiphub/record"
)

// today is the day of the tests: a Wednesday.
var today = analytics.DayOf(now)

// figures are invented cells, and the units that are over.
type figures struct {
	cells []analytics.Cell
	units map[analytics.Cube][]analytics.Day
}

// store releases the figures into a file of the test's own.
func (s *figures) store(t testing.TB) *sqlite.Store {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "usage.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	type part struct {
		cube analytics.Cube
		unit analytics.Day
	}
	parts := map[part][]analytics.Cell{}
	for _, c := range s.cells {
		at := part{analytics.CubeOf(c.View), 0}
		at.unit = at.cube.UnitOf(c.Unit)
		parts[at] = append(parts[at], c)
	}
	for cube, units := range s.units {
		for _, unit := range units {
			r := analytics.Release{Released: analytics.Released{Cube: cube, Unit: unit, Crowd: 5, At: cube.Next(unit).Time()}, Cells: parts[part{cube, unit}]}
			if err := db.Release(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
	}
	return db
}

// add adds cells; those without a crowd get one that is large enough.
func (s *figures) add(cells ...analytics.Cell) {
	for _, c := range cells {
		if c.People == 0 && !(c.View == analytics.ViewExport && c.A != "") {
			c.People = 7
		}
		s.cells = append(s.cells, c)
	}
}

// weeksOver makes a store in which so many weeks, and the months within them, are over.
func weeksOver(n int) *figures {
	s := &figures{units: map[analytics.Cube][]analytics.Day{}}
	last := today.Week()
	for unit := last - analytics.Day(7*n); unit < last; unit += 7 {
		for _, c := range []analytics.Cube{analytics.CubeSite, analytics.CubeArea, analytics.CubeTerm, analytics.CubeExport} {
			s.units[c] = append(s.units[c], unit)
		}
	}
	for m := (last - analytics.Day(7*n)).NextMonth(); m < today.Month(); m = m.NextMonth() {
		s.units[analytics.CubeRecord] = append(s.units[analytics.CubeRecord], m)
	}
	return s
}

// lively is a store with more than a year of invented figures of every view.
func lively(records ...string) *figures {
	s := weeksOver(70)
	rnd := rand.New(rand.NewPCG(1, 2))
	some := func(n int) int64 { return int64(n*3/4 + rnd.IntN(max(1, n/2))) }
	for _, week := range s.units[analytics.CubeSite] {
		for day := week; day < week+7; day++ {
			busy := 60
			if day.Weekday() > 5 {
				busy = 25
			}
			for i, m := range []string{"visitors", "search", "zero", "view", "request"} {
				if rnd.IntN(25) == 0 {
					continue // as if too few people were behind it
				}
				n := some(busy * []int{4, 6, 1, 9, 4}[i])
				s.add(analytics.Cell{View: analytics.ViewDay, Unit: day, A: analytics.All, Metric: m, N: n})
				if m != "visitors" {
					s.add(analytics.Cell{View: analytics.ViewDay, Unit: day, A: "web", Metric: m, N: n * 3 / 4}, analytics.Cell{View: analytics.ViewDay, Unit: day, A: "api", Metric: m, N: n / 5})
				}
			}
		}
		s.livelyWeek(week, rnd, some)
	}
	for _, month := range s.units[analytics.CubeRecord] {
		s.livelyMonth(month, records, some)
	}
	return s
}

func (s *figures) livelyWeek(week analytics.Day, rnd *rand.Rand, some func(int) int64) {
	for i, country := range append(catalog.MemberStates(), analytics.All, "") {
		for j, theme := range []string{"identification", "protection-support", "victim-witness", "child-victims", "remedies", "return-reintegration", "systems", "", analytics.All} {
			for k, m := range []string{"search", "zero"} {
				n := some((12-i%11)*(10-j)) / []int64{1, 4}[k]
				if theme == analytics.All {
					n = n*40/(10-int64(j)) + 20
				}
				if country == analytics.All {
					n *= 9
				}
				if n >= 6 && rnd.IntN(9) > 0 {
					s.add(analytics.Cell{View: analytics.ViewArea, Unit: week, A: country, B: theme, Metric: m, N: n})
				}
			}
		}
	}
	for i, w := range []string{"shelter", "ผู้เสียหาย", "child", "hotline", "nạn nhân", "forced labour", "visa", "T visa", "ជនរងគ្រោះ", "consular help", "standard operating procedures"} {
		s.add(analytics.Cell{View: analytics.ViewTerm, Unit: week, A: w, Metric: "search", N: some(60 - 5*i)})
		if i%3 > 0 {
			s.add(analytics.Cell{View: analytics.ViewTerm, Unit: week, A: w, Metric: "zero", N: some(14)})
		}
	}
	for weekday := 1; weekday <= 7; weekday++ {
		for hour := range 24 {
			if n := 10 - max(hour-4, 4-hour) + rnd.IntN(2) - weekday/6*3; n > 0 {
				s.add(analytics.Cell{View: analytics.ViewRhythm, Unit: week, A: fmt.Sprint(weekday), B: fmt.Sprintf("%02d", hour), Metric: "intensity", N: int64(min(10, n))})
			}
		}
	}
	for _, c := range [][3]string{{"acwc", "oai", "ctip"}, {"acwc", "dump", "ndjson"}, {"regional-portal", "oai", "oai_dc"}, {"", "feed", "atom"}, {"", "api", "json"}, {"", "list", ""}} {
		s.add(analytics.Cell{View: analytics.ViewExport, Unit: week, A: c[0], B: c[1], C: c[2], Metric: "pulls", N: some(40)}, analytics.Cell{View: analytics.ViewExport, Unit: week, A: c[0], B: c[1], C: c[2], Metric: "records", N: some(9000)})
	}
}

func (s *figures) livelyMonth(month analytics.Day, records []string, some func(int) int64) {
	both := func(c analytics.Cell, n int64) {
		c.Unit = month
		c.Metric, c.N, c.Uniq = "investigation", n, n*4/5
		s.add(c)
		c.Metric, c.N, c.Uniq = "request", n/3, n/4
		if c.N > 5 {
			s.add(c)
		}
	}
	for i, country := range append(catalog.MemberStates(), analytics.All, "") {
		for j, theme := range []string{"identification", "shelter", "remedies", "systems", "", analytics.All} {
			both(analytics.Cell{View: analytics.ViewItemArea, A: country, B: theme}, some((13-i)*(8-j)*3))
		}
	}
	for i, id := range records {
		both(analytics.Cell{View: analytics.ViewRecord, A: id, B: "agency", C: "Ministry of Examples"}, some(300/(i+1)+20))
	}
	for i, name := range []string{"Ministry of Examples", "Office of Invented Affairs / ASEAN", "สำนักงานตัวอย่าง", ""} {
		both(analytics.Cell{View: analytics.ViewPublisher, A: name}, some(900/(i+1)))
	}
	both(analytics.Cell{View: analytics.ViewSource, A: "agency"}, some(2000))
	for i, kind := range []string{"guideline", "toolkit", "report", "guide"} {
		for j, l := range []string{"en", "th", "km", ""} {
			both(analytics.Cell{View: analytics.ViewKind, A: kind, B: l}, some(400/(i+1)/(j+1)))
		}
	}
}

// usageHub is a hub with pages of figures.
func usageHub(t testing.TB, store portal.UsageStore, items ...catalog.Item) *testHub {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "catalog.db"), sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	h := &testHub{store: db}
	if tt, ok := t.(*testing.T); ok && len(items) > 0 {
		h.apply(tt, "agency", items...)
	}
	p, err := portal.New(portal.Options{
		Store: db, Vocabulary: vocabulary(), BaseURL: "https://hub.example", Name: "Test Hub", Contact: "https://hub.example/contact", Now: func() time.Time { return now },
		Sources: []portal.SourceInfo{{ID: "agency", Name: "Agency of Examples", Country: "TH", Kind: "oai-pmh", Enabled: true}, {ID: "asleep", Name: "Sleeping Ministry"}},
		Counter: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL) }),
		Usage: portal.UsageOptions{
			Store: store, Started: true,
			Consumers: func(context.Context) ([]portal.UsageConsumer, error) {
				return []portal.UsageConsumer{{ID: "acwc", Name: "ACWC Secretariat"}, {ID: "regional-portal", Name: "Regional Portal"}, {ID: "quiet", Name: "Quiet Library"}}, nil
			},
			Status: func() portal.UsageStatus {
				return portal.UsageStatus{
					Store: "sqlite 3.51", Segments: 1, Oldest: 4 * time.Second, Dropped: map[analytics.Day]int64{today - 3: 12, today - 300: 5000},
					Verified: now.Add(-6 * time.Hour), Robots: analytics.RobotsVersion, RuleSet: analytics.RuleSet,
				}
			},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.handler = p.Handler()
	return h
}

// livelyHub is a hub with records and figures of them.
func livelyHub(t testing.TB) *testHub {
	items := append(manyRecords(25), published("1", full()), published("minimal", record.Record{Title: record.Texts{"en": "Minimal"}}))
	ids := []string{idOf("1")}
	for i := range 25 {
		ids = append(ids, idOf(fmt.Sprintf("many-%03d", i)))
	}
	return usageHub(t, lively(append(ids, idOf("gone"), "nosuchrecord")...).store(t), items...)
}
