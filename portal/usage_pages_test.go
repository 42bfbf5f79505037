package portal_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"ctiphub/analytics"
	"ctiphub/portal"
)

// usagePaths are the pages of figures, with the panels of each.
func usagePaths() map[string][]string {
	return map[string][]string{
		"/usage":                []string{"days", "resources", "sources", "countries", "themes", "terms", "channels"},
		"/usage/demand":         {"areas", "weeks", "uses", "terms"},
		"/usage/gaps":           {"gaps"},
		"/usage/resources":      {"months", "resources", "kinds"},
		"/usage/sources":        {"sources"},
		"/usage/sources/agency": {"months", "resources"},
		"/usage/publishers":     {"publishers"},
		"/usage/publishers/" + url.PathEscape("Office of Invented Affairs / ASEAN"): {"months", "resources"},
		"/usage/redistribution": {"deliveries", "consumers", "silent"},
		"/usage/rhythm":         {"rhythm"},
		"/usage/reports":        {},
		"/privacy/usage":        {},
	}
}

// attack fills every place of every view with what must not reach a page as it is.
func attack() *figures {
	s := lively()
	script := `<script>alert("x")</script>"' onmouseover='alert(2)` + bidi
	bad := []string{script, "=HYPERLINK(\"https://evil.example\")", "@SUM(1;2),3\r\n+4", strings.Repeat("W", 5000), "../..", ".", "a/b?c=d&e#f", "ASEAN ✓\x00"}
	for cube, units := range s.units {
		for _, unit := range units[len(units)-2:] {
			for _, view := range cube.Views() {
				for i, v := range bad {
					other := bad[(i+1)%len(bad)]
					for _, m := range []string{"search", "zero", "view", "request", "investigation", "visitors", "pulls", "records", "intensity", script} {
						s.add(analytics.Cell{View: view, Unit: unit, A: v, B: other, C: bad[(i+2)%len(bad)], Metric: m, N: 1_000_000})
					}
				}
			}
		}
	}
	return s
}

func TestUsagePages(t *testing.T) {
	for name, h := range map[string]*testHub{
		"nothing": usageHub(t, weeksOver(0).store(t)), "quiet": usageHub(t, weeksOver(9).store(t)),
		"lively": livelyHub(t), "hostile": usageHub(t, attack().store(t), published("1", hostile())),
	} {
		paths := usagePaths()
		paths["/usage?period=52w&compare=year&metric=view&channel=api"] = nil
		paths["/usage/demand?country=TH&theme=remedies&metric=zero"] = nil
		paths["/usage/resources?country=TH&theme=remedies&type=guide&language=en&source=agency&publisher="+url.QueryEscape(`"><script>`+bidi)] = nil
		paths["/usage/rhythm?zone=9&period=4w"] = nil
		for path, panels := range paths {
			t.Run(name+path, func(t *testing.T) {
				status := http.StatusOK
				if name != "lively" && name != "hostile" && strings.HasPrefix(path, "/usage/publishers/") {
					status = http.StatusNotFound
				}
				res := h.get(t, path)
				if res.StatusCode != status {
					t.Fatalf("status %d, want %d", res.StatusCode, status)
				}
				text := body(t, res)
				if at := unbalanced(text); at != "" {
					t.Error(at)
				}
				if len(text) > 60_000 {
					t.Errorf("the page has %d bytes", len(text))
				}
				doc, err := goquery.NewDocumentFromReader(strings.NewReader(text))
				if err != nil {
					t.Fatal(err)
				}
				if status == http.StatusOK {
					for _, id := range panels {
						if doc.Find("section#"+id+" h2").Length() != 1 {
							t.Errorf("there is no panel %s", id)
						}
					}
				}
				checkHeadings(t, path, doc)
				checkScripts(t, doc, res.Header.Get("Content-Security-Policy"))
				checkPage(t, doc)
			})
		}
	}
}

// checkScripts wants the hub's own scripts only, and a policy that allows no other; then it takes
// them out, as checkPage wants none.
func checkScripts(t *testing.T, doc *goquery.Document, policy string) {
	t.Helper()
	scripts := doc.Find("script[defer][src^='/static/']")
	if got, want := strings.Contains(policy, "script-src 'self'"), scripts.Length() > 0; got != want {
		t.Errorf("with %d scripts the policy is %q", scripts.Length(), policy)
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") || !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("the policy %q is too wide", policy)
	}
	if scripts.Length() > 0 && doc.Find(".series[data-table]").Length() == 0 {
		t.Error("a script is loaded for nothing")
	}
	doc.Find(".series").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("data-table", "")
		table := doc.Find("table#" + id)
		if table.Length() != 1 || table.Find("th[data-series=now]").Length() != 1 || table.Find("tbody tr").Length() != table.Find("tbody th time[datetime]").Length() {
			t.Errorf("the chart has no table %q that says the same", id)
		}
	})
	scripts.Remove()
}

func TestUsageLinks(t *testing.T) {
	h := livelyHub(t)
	seen, queue := map[string]bool{"/usage": true}, []string{"/usage"}
	for len(queue) > 0 && len(seen) < 2500 {
		path := queue[0]
		queue = queue[1:]
		res := h.get(t, path)
		if res.StatusCode != http.StatusOK {
			t.Errorf("GET %s: status %d", path, res.StatusCode)
		}
		if !strings.HasPrefix(path, "/usage") && path != "/privacy/usage" || strings.Count(path, "=") > 1 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			continue
		}
		doc, err := goquery.NewDocumentFromReader(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		doc.Find("a[href], link[href], script[src]").Each(func(_ int, s *goquery.Selection) {
			to, part, _ := strings.Cut(s.AttrOr("href", s.AttrOr("src", "")), "#")
			if part != "" && to != "" && h.page(t, to, 200).Find("#"+part).Length() != 1 {
				t.Errorf("%s leads to a part #%s of %s, which is not there", path, part, to)
			}
			if strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "/oai") && !seen[to] {
				seen[to] = true
				queue = append(queue, to)
			}
		})
	}
	if len(seen) < 150 {
		t.Errorf("the crawl saw %d addresses: too few to mean anything", len(seen))
	}
}

func TestUsageOff(t *testing.T) {
	h := newHub(t, published("1", full()))
	for path := range usagePaths() {
		doc := h.page(t, path, http.StatusNotFound)
		if !strings.Contains(doc.Find("main").Text(), "does not count") {
			t.Errorf("%s does not say why there is nothing", path)
		}
	}
	if res := h.get(t, "/api/v1/usage/days"); res.StatusCode != http.StatusNotFound {
		t.Errorf("the API answers %d", res.StatusCode)
	}
	if n := h.page(t, "/", 200).Find("a[href^='/usage'], a[href='/privacy/usage']").Length(); n > 0 {
		t.Errorf("%d links to pages that are not there", n)
	}
	if n := livelyHub(t).page(t, "/", 200).Find("nav a[href='/usage']").Length(); n != 1 {
		t.Errorf("%d links to the pages of figures in the menu, want 1", n)
	}
	for _, crowd := range []int{1, 4, 21} {
		if _, err := portal.New(portal.Options{Store: h.store, Vocabulary: vocabulary(), Usage: portal.UsageOptions{Crowd: crowd}}); err == nil {
			t.Errorf("a crowd of %d was not refused", crowd)
		}
	}
}

// every is everything that can be had of the figures: pages, CSV and JSON.
func every() []string {
	var list []string
	for path, panels := range usagePaths() {
		list = append(list, path)
		for _, id := range panels {
			list = append(list, path+"?format=csv&panel="+id, "/api/v1/usage/"+id)
		}
	}
	for _, more := range []string{"/usage?period=4w", "/usage?period=52w&compare=year", "/usage/demand?country=TH", "/usage/resources?type=guideline", "/usage/sources/agency?compare=none"} {
		list = append(list, more)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// TestUsageHidden: what belongs to too few people, and what is not over, leaves no trace. The
// figures without it give the same bytes.
func TestUsageHidden(t *testing.T) {
	plain, secret := lively(idOf("1")), lively(idOf("1"))
	for _, s := range []*figures{plain, secret} {
		s.cells = slices.DeleteFunc(s.cells, func(c analytics.Cell) bool { return c.Unit%3 == 0 && c.A != "agency" })
	}
	few := func(c analytics.Cell) {
		c.People, c.N, c.Uniq = 4, 4_444_444, 444_444
		secret.cells = append(secret.cells, c)
	}
	for _, c := range lively(idOf("1"), idOf("many-001")).cells {
		if c.Unit%3 == 0 && c.A != "agency" && !(c.View == analytics.ViewExport && c.A != "") {
			few(c)
		}
	}
	few(analytics.Cell{View: analytics.ViewTerm, Unit: today.Week() - 7, A: "unspeakable", Metric: "search"})
	few(analytics.Cell{View: analytics.ViewPublisher, Unit: today.Month() - 28, A: "Hidden House", Metric: "investigation"})
	few(analytics.Cell{View: analytics.ViewArea, Unit: today.Week() - 7, A: "XX", B: "remedies", Metric: "search"})

	items := append(manyRecords(3), published("1", full()))
	want := usageHub(t, plain.store(t), items...)
	running := *secret
	running.units = map[analytics.Cube][]analytics.Day{}
	for cube, units := range secret.units {
		running.units[cube] = append(slices.Clone(units), cube.UnitOf(today))
		for _, c := range secret.cells {
			if c.Unit == units[len(units)-1] && analytics.CubeOf(c.View) == cube {
				c.Unit, c.People, c.N = cube.UnitOf(today), 30, 8_888_888
				running.cells = append(running.cells, c)
			}
		}
	}
	for name, h := range map[string]*testHub{
		"fewer than k": usageHub(t, secret.store(t), items...), "a store that lets them through": usageHub(t, leaky{secret.store(t), secret.cells}, items...),
		"a running week": usageHub(t, running.store(t), items...),
	} {
		for _, path := range append(every(), "/usage/publishers/Hidden%20House") {
			got, wanted := body(t, h.get(t, path)), body(t, want.get(t, path))
			if got != wanted {
				t.Errorf("%s: %s differs%s", name, path, firstDifference(got, wanted))
			}
			if strings.Contains(got, "4\u202f444") || strings.Contains(got, "4444") || strings.Contains(got, "8888") {
				t.Errorf("%s: %s shows a number that must not be shown", name, path)
			}
		}
	}
}

// leaky is a store that forgets about the crowd.
type leaky struct {
	portal.UsageStore
	cells []analytics.Cell
}

func (l leaky) Cells(ctx context.Context, q analytics.Question) ([]analytics.Cell, error) {
	list, err := l.UsageStore.Cells(ctx, q)
	for _, c := range l.cells {
		if c.People == 4 && c.View == q.View && c.Unit >= q.From && c.Unit < q.To {
			list = append(list, c)
		}
	}
	return list, err
}

func firstDifference(a, b string) string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf(":\n%q\n%q", a[max(0, i-60):min(len(a), i+60)], b[max(0, i-60):min(len(b), i+60)])
		}
	}
	return " in length"
}

// shownTable reads a table of a page: numbers without the marks between thousands, links as text.
func shownTable(t *testing.T, doc *goquery.Document, id string) [][]string {
	t.Helper()
	var rows [][]string
	doc.Find("table#" + id + "-table tbody tr").Each(func(_ int, tr *goquery.Selection) {
		var row []string
		tr.Find("th, td").Each(func(_ int, s *goquery.Selection) {
			text := strings.TrimSuffix(strings.ReplaceAll(s.Text(), "\u202f", ""), " %")
			if text == "·" {
				text = ""
			}
			row = append(row, text)
		})
		rows = append(rows, row)
	})
	return rows
}

// readCSV reads a CSV: its first line, and the rows without the ids of things that have a name.
func readCSV(t *testing.T, text string) (about string, head []string, rows [][]string) {
	t.Helper()
	about, rest, _ := strings.Cut(text, "\r\n")
	all, err := csv.NewReader(strings.NewReader(rest)).ReadAll()
	if err != nil || len(all) == 0 {
		t.Fatalf("reading the CSV: %v: %.200s", err, text)
	}
	for i, line := range all {
		var row []string
		for j, v := range line {
			if j+1 < len(line) && all[0][j+1] == all[0][j]+"_name" {
				continue
			}
			row = append(row, v)
		}
		if i == 0 {
			head = row
		} else {
			rows = append(rows, row)
		}
	}
	return about, head, rows
}

func TestUsageCSV(t *testing.T) {
	h := livelyHub(t)
	for path, panels := range usagePaths() {
		if len(panels) == 0 {
			continue
		}
		for _, query := range []string{"", "period=26w&compare=none", "period=4w"} {
			if query == "period=26w&compare=none" && (path == "/usage/gaps" || path == "/usage/rhythm") {
				query = "period=26w"
			}
			doc := h.page(t, strings.TrimSuffix(path+"?"+query, "?"), 200)
			for _, id := range panels {
				link := doc.Find("section#"+id+" .usage-foot a[href*='format=csv']").AttrOr("href", "")
				res := h.get(t, link)
				if got := res.Header.Get("Content-Type"); res.StatusCode != 200 || got != "text/csv; charset=utf-8; header=present" {
					t.Fatalf("%s: status %d, %s", link, res.StatusCode, got)
				}
				about, _, rows := readCSV(t, body(t, res))
				if !regexp.MustCompile(`^# .*\d{4}.*filters: .*k = 5: .*fewer than 5 people`).MatchString(about) || strings.ContainsAny(about, ",\"") {
					t.Errorf("%s: the first line is %q", link, about)
				}
				if want := shownTable(t, doc, id); !reflect.DeepEqual(rows, want) {
					t.Errorf("%s has %d rows, the page %d; first %q and %q", link, len(rows), len(want), first(rows), first(want))
				}
			}
		}
	}
}

func first(rows [][]string) []string {
	if len(rows) == 0 {
		return nil
	}
	return rows[0]
}

// TestUsageCSVSafe: no cell of a CSV is a formula, whatever the figures are about.
func TestUsageCSVSafe(t *testing.T) {
	h := usageHub(t, attack().store(t), published("1", hostile()))
	for path, panels := range usagePaths() {
		for _, id := range panels {
			text := body(t, h.get(t, path+"?format=csv&panel="+id))
			all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
			if err != nil && !errors.Is(err, csv.ErrFieldCount) {
				t.Fatalf("%s %s: %v", path, id, err)
			}
			for _, line := range all {
				for _, v := range line {
					if strings.HasPrefix(v, "=") || strings.HasPrefix(v, "@") || strings.HasPrefix(v, "+") || strings.ContainsAny(v, bidi+"\x00") {
						t.Errorf("%s %s: a cell is %.60q", path, id, v)
					}
				}
			}
		}
	}
	about, _, _ := strings.Cut(body(t, h.get(t, "/usage/resources?format=csv&panel=resources&publisher="+url.QueryEscape("a,=1;@b\"\r\n=2"))), "\r\n")
	if strings.ContainsAny(about, ",\"") || strings.Contains(about, ";@") || !strings.Contains(about, "publisher a =1 @b") {
		t.Errorf("the first line is %q", about)
	}
}

// TestUsageForm: what a form sends leads to the same page, whatever is chosen in it.
func TestUsageForm(t *testing.T) {
	h := livelyHub(t)
	for path := range usagePaths() {
		if path == "/usage/reports" || path == "/privacy/usage" {
			continue
		}
		h.page(t, path, 200).Find("form.usage-form select").Each(func(_ int, s *goquery.Selection) {
			name := s.AttrOr("name", "")
			s.Find("option").Each(func(_ int, o *goquery.Selection) {
				value := o.AttrOr("value", "")
				to := path + "?" + url.Values{name: {value}}.Encode()
				res := h.get(t, to)
				text := body(t, res)
				doc, err := goquery.NewDocumentFromReader(strings.NewReader(text))
				if err != nil || res.StatusCode != http.StatusOK {
					t.Fatalf("%s: status %d, %v", to, res.StatusCode, err)
				}
				if got := doc.Find("select[name='"+name+"'] option[selected]").AttrOr("value", "none"); got != value {
					t.Errorf("%s: the form has chosen %q", to, got)
				}
				sent := url.Values{}
				doc.Find("form.usage-form select").Each(func(_ int, s *goquery.Selection) {
					sent.Set(s.AttrOr("name", ""), s.Find("option[selected]").AttrOr("value", ""))
				})
				doc.Find("form.usage-form input").Each(func(_ int, s *goquery.Selection) { sent.Set(s.AttrOr("name", ""), s.AttrOr("value", "")) })
				noindex := `<meta name="robots" content="noindex">`
				if again := body(t, h.get(t, path+"?"+sent.Encode())); strings.Replace(again, noindex, "", 1) != strings.Replace(text, noindex, "", 1) {
					t.Errorf("%s: what the form sends gives another page%s", to, firstDifference(again, text))
				}
			})
		})
	}
}

func TestUsageRefuses(t *testing.T) {
	h := livelyHub(t)
	for query, want := range map[string]string{
		"?contry=TH": "no parameter", "?period=7w": "4w, 13w, 26w, 52w", "?compare=ever": "previous, year, none", "?metric=people": "visitors, search",
		"?period=4w&period=13w": "once only", "?from=2025-12-01": "both from and to", "?from=2025-12-02&to=2025-12-28": "2025-12-01 or 2025-12-08",
		"?from=2025-12-01&to=2025-12-27": "2025-12-21 or 2025-12-28", "?from=2025-12-29&to=2025-12-07": "before", "?from=yesterday&to=2025-12-07": "yesterday",
		"?from=2015-01-05&to=2025-12-28": "five years", "?format=csv": "panel", "?panel=days": "format=csv", "?format=csv&panel=areas": "days, resources",
		"?format=xml": "html, csv", "?channel=fax": "web, api", "?from=1-1-1&to=2025-12-07": "1-1-1", "?country=TH": "no parameter", "?x=%3Cscript%3E": "no parameter",
		"/demand?country=XX": "is not a value of country", "/demand?theme=shelter": "is not a value of theme", "/rhythm?zone=5": "utc, 6:30", "/rhythm?compare=year": "no parameter",
		"/resources?from=2025-12-01&to=2025-12-28": "last day of a month", "/resources?from=2025-12-02&to=2025-12-31": "first day of a month",
		"/resources?publisher=" + strings.Repeat("x", 201): "200 bytes", "/resources?source=nobody": "is not a value of source", "/sources/agency?source=agency": "no parameter",
		"/reports?report=zz": "no report", "/reports?report=pr&begin_date=2026-03&end_date=2026-03&format=json": "months that are over",
		"/reports?report=pr&begin_date=2026-02&end_date=2026-01&format=json": "before the first", "/reports?report=pr&begin_date=2026-01&end_date=2026-02&format=pdf": "json and tsv",
		"/reports?evil=1": "no parameter",
	} {
		doc := h.page(t, "/usage"+query, http.StatusBadRequest)
		checkPage(t, doc)
		if got := doc.Find("main").Text(); !strings.Contains(got, want) {
			t.Errorf("%s: %q does not say %q", query, strings.Join(strings.Fields(got), " "), want)
		}
	}
	for _, path := range []string{"/usage/sources/none", "/usage/publishers/Nobody", "/usage/nothing", "/usage/publishers/"} {
		h.page(t, path, http.StatusNotFound)
	}
	if res := h.get(t, "/usage/reports?report=ir&begin_date=2025-12&end_date=2026-02&format=tsv"); res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/r51/reports/ir?begin_date=2025-12&end_date=2026-02&format=tsv" {
		t.Errorf("the form of reports leads to %q, status %d", res.Header.Get("Location"), res.StatusCode)
	}
	if got := body(t, h.get(t, "/r51/status")); got != "/r51/status" {
		t.Errorf("the reports are not served: %q", got)
	}
}

// failing is a store that cannot be read.
type failing struct{ err error }

func (f failing) Cells(context.Context, analytics.Question) ([]analytics.Cell, error) {
	return nil, f.err
}

func (f failing) Releases(context.Context, analytics.Cube, analytics.Day, analytics.Day) ([]analytics.Released, error) {
	return nil, f.err
}

func TestUsageFailures(t *testing.T) {
	away := usageHub(t, failing{analytics.ErrAway})
	checkPage(t, away.page(t, "/usage", http.StatusServiceUnavailable))
	readOpenAPI(t, away).check(t, "/api/v1/usage/{panel}", away.get(t, "/api/v1/usage/days"))
	h := usageHub(t, failing{errSecret})
	for _, path := range []string{"/usage", "/usage/demand", "/usage/publishers/x", "/usage?format=csv&panel=days", "/usage/reports", "/api/v1/usage/days"} {
		res := h.get(t, path)
		if text := body(t, res); res.StatusCode != http.StatusInternalServerError || strings.Contains(text, "secret") {
			t.Errorf("%s: status %d, %q", path, res.StatusCode, text)
		}
	}
}

// TestStoredColumns holds the page against what an event has: a column that nobody explains fails.
func TestStoredColumns(t *testing.T) {
	doc := usageHub(t, weeksOver(0).store(t)).page(t, "/privacy/usage", 200)
	told := map[string]string{}
	doc.Find("#stored-caption").Closest("table").Find("tbody tr").Each(func(_ int, tr *goquery.Selection) { told[tr.Find("th").Text()] = tr.Find("td").Text() })
	event := reflect.TypeFor[analytics.Event]()
	for i := range event.NumField() {
		name, _, _ := strings.Cut(event.Field(i).Tag.Get("json"), ",")
		if len(strings.Fields(told[name])) < 3 {
			t.Errorf("nothing says what %q is", name)
		}
		delete(told, name)
	}
	for name := range told {
		t.Errorf("%q is explained, but not stored", name)
	}
	for _, want := range []string{"DNT: 1", "Sec-GPC: 1", analytics.RobotsVersion, analytics.RuleSet, "at least 5 people", "13 months", "5 years", "sqlite 3.51", "Uses are being counted now"} {
		if !strings.Contains(doc.Find("main").Text(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// FuzzUsageQuery: whatever is asked, the answer is a page or a refusal.
func FuzzUsageQuery(f *testing.F) {
	h := livelyHub(f)
	for _, q := range []string{"period=4w", "from=2025-12-01&to=2025-12-28&metric=zero", "format=csv&panel=areas", "country=TH;theme=x", "%zz", "from=9999-12-27&to=9999-12-26", "compare=year&theme=remedies"} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest(http.MethodGet, "/usage/demand", nil)
		r.URL.RawQuery = query
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, r)
		if w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
			t.Errorf("%q: status %d", query, w.Code)
		}
		if bytes.Contains(w.Body.Bytes(), []byte("<script>")) {
			t.Errorf("%q: a script reached the page", query)
		}
	})
}
