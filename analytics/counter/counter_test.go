package counter_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ctiphub/analytics"
	"ctiphub/analytics/analyticstest"
	"ctiphub/analytics/counter"
	"ctiphub/analytics/sqlite"
)

// reports are those of half a year of made-up use, of which one record is not public any more.
func reports(t *testing.T) (*counter.Reports, *sqlite.Store) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "usage.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	shape := analyticstest.Standard()
	shape.Events, shape.Records = 20_000, 12
	for _, b := range analyticstest.Generate(shape).Batches(20_000) {
		if err := s.Add(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	now := func() time.Time { return time.Date(2026, 6, 10, 0, 0, 0, 0, time.UTC) }
	r := analytics.Releaser{Store: s, Crowd: 5, Retention: analytics.DefaultRetention(), Now: now}
	if _, err := r.Run(t.Context(), analytics.DayOf(now())); err != nil {
		t.Fatal(err)
	}
	return counter.New(counter.Options{Store: s, Platform: "A Hub", Crowd: 5, Now: now, Items: func(_ context.Context, ids []string) (map[string]counter.Item, error) {
		items := map[string]counter.Item{}
		for _, id := range ids {
			if id != "r00003" {
				items[id] = counter.Item{Title: "=Title of\t" + id, Publisher: "An agency", Type: "report", URI: "https://hub.example/resources/" + id}
			}
		}
		return items, nil
	}}), s
}

func ask(t *testing.T, r *counter.Reports, address string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	r.Handler().ServeHTTP(w, httptest.NewRequest("GET", address, nil))
	return w.Code, w.Body.String()
}

func TestGolden(t *testing.T) {
	r, _ := reports(t)
	for name, address := range map[string]string{
		"pr.json": "/r51/reports/pr?begin_date=2026-02&end_date=2026-03", "pr.tsv": "/r51/reports/PR?begin_date=2026-02&end_date=2026-03&format=tsv",
		"pub.tsv": "/r51/reports/hub:pub?begin_date=2026-02&end_date=2026-03&format=tsv",
		"ir.json": "/r51/reports/ir?begin_date=2026-02&end_date=2026-02-28", "ir.tsv": "/r51/reports/ir?begin_date=2026-02-01&end_date=2026-02&format=tsv",
		"reports.json": "/r51/reports", "members.json": "/r51/members", "status.json": "/r51/status",
	} {
		status, got := ask(t, r, address)
		file := filepath.Join("testdata", name)
		if *analyticstest.Update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if status != 200 || got != string(want) {
			t.Errorf("%s: %d, differs from %s", address, status, file)
		}
		if strings.Contains(got, "r00003") {
			t.Errorf("%s names a record that is not public", address)
		}
	}
}

func TestExceptions(t *testing.T) {
	r, _ := reports(t)
	for address, want := range map[string]struct{ status, code int }{
		"/r51/reports/pr": {400, 3020},
		"/r51/reports/pr?begin_date=2026-03&end_date=2026-02":               {400, 3020},
		"/r51/reports/pr?begin_date=2020-01&end_date=2026-03":               {400, 3020},
		"/r51/reports/pr?begin_date=2026-02&end_date=2026-02&other=1":       {400, 3050},
		"/r51/reports/tr?begin_date=2026-02&end_date=2026-02":               {404, 3000},
		"/r51/reports/pr?begin_date=2026-06&end_date=2026-06":               {200, 3031},
		"/r51/reports/ir?begin_date=2026-02&end_date=2026-02&customer_id=0": {200, 3040},
	} {
		status, body := ask(t, r, address)
		if status != want.status || !strings.Contains(body, fmt.Sprintf(`"Code": %d`, want.code)) {
			t.Errorf("%s: %d %s, want %+v", address, status, body, want)
		}
	}
}

// TestFormsAgree: the text has the figures of the JSON, and both are released cells.
func TestFormsAgree(t *testing.T) {
	r, s := reports(t)
	from := analytics.DayOf(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
	rep, err := r.Make(t.Context(), "IR", from, from)
	if err != nil {
		t.Fatal(err)
	}
	cells, err := s.Cells(t.Context(), analytics.Question{View: analytics.ViewRecord, From: from, To: from + 1, By: []string{"a"}, Crowd: 5})
	if err != nil {
		t.Fatal(err)
	}
	released := map[string]int64{}
	for _, c := range cells {
		released[c.A+c.Metric] = c.N
	}
	var text, js bytes.Buffer
	if err := rep.WriteTSV(&text); err != nil {
		t.Fatal(err)
	}
	if err := rep.WriteJSON(&js); err != nil || !json.Valid(js.Bytes()) {
		t.Fatal(err)
	}
	in := csv.NewReader(&text)
	in.Comma, in.FieldsPerRecord, in.LazyQuotes = '\t', -1, true
	lines, err := in.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, l := range lines {
		if len(l) < 10 || l[7] != "Total_Item_Investigations" && l[7] != "Total_Item_Requests" {
			continue
		}
		metric := map[string]string{"Total_Item_Investigations": "investigation", "Total_Item_Requests": "request"}[l[7]]
		id := strings.TrimPrefix(l[3], "hub:")
		if l[8] != l[9] || l[9] != jsonNumber(released[id+metric]) || !strings.HasPrefix(l[0], "'=") {
			t.Errorf("%q, released %d", l, released[id+metric])
		}
		n++
	}
	if n < 5 {
		t.Errorf("only %d lines: the test says little", n)
	}
}

func jsonNumber(n int64) string {
	b, err := json.Marshal(n)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func FuzzParameters(f *testing.F) {
	f.Add("2026-02", "2026-03", "tsv")
	f.Fuzz(func(t *testing.T, from, to, format string) {
		r := counter.New(counter.Options{Store: nothing{}, Platform: "A Hub", Crowd: 5})
		req := httptest.NewRequest("GET", "/r51/reports/pr", nil)
		req.URL.RawQuery = "begin_date=" + from + "&end_date=" + to + "&format=" + format
		r.Handler().ServeHTTP(httptest.NewRecorder(), req)
	})
}

type nothing struct{}

func (nothing) Cells(context.Context, analytics.Question) ([]analytics.Cell, error) { return nil, nil }
func (nothing) Releases(context.Context, analytics.Cube, analytics.Day, analytics.Day) ([]analytics.Released, error) {
	return nil, nil
}
