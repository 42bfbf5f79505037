package portal_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

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
