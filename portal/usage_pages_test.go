package portal_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
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
	for path, to := range map[string]string{"/sources/agency": "/usage/sources/agency", "/coverage": "/usage/gaps", "/about": "/privacy/usage"} {
		if n := livelyHub(t).page(t, path, 200).Find("main a[href='" + to + "']").Length(); n != 1 {
			t.Errorf("%d links from %s to %s, want 1", n, path, to)
		}
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
	list = append(list, "/usage?period=4w", "/usage?period=52w&compare=year", "/usage/demand?country=TH", "/usage/resources?type=guideline", "/usage/sources/agency?compare=none")
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
