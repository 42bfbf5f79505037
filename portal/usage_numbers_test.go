package portal_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"ctiphub/analytics"
	"ctiphub/record"
)

// lastWeek is the last week that is over, lastMonth the last month.
var (
	lastWeek  = today.Week() - 7
	lastMonth = (today.Month() - 1).Month()
)

func cellOf(view analytics.View, unit analytics.Day, a, b, metric string, n int64) analytics.Cell {
	return analytics.Cell{View: view, Unit: unit, A: a, B: b, Metric: metric, N: n}
}

// few is a small world whose sums can be done in the head.
func few() *figures {
	s := weeksOver(30)
	day := func(unit analytics.Day, channel, metric string, n int64) {
		s.add(cellOf(analytics.ViewDay, unit, channel, "", metric, n))
	}
	day(lastWeek, analytics.All, "visitors", 10)
	day(lastWeek+1, analytics.All, "visitors", 20)
	day(lastWeek, analytics.All, "search", 40)
	day(lastWeek, analytics.All, "zero", 10)
	day(lastWeek+1, analytics.All, "search", 60) // how many found nothing is not shown
	day(lastWeek, "web", "search", 33)
	day(lastWeek-28, analytics.All, "search", 50) // four weeks earlier
	area := func(unit analytics.Day, a, b, metric string, n int64) {
		s.add(cellOf(analytics.ViewArea, unit, a, b, metric, n))
	}
	area(lastWeek, "TH", "remedies", "search", 20)
	area(lastWeek-7, "TH", "remedies", "search", 30)
	area(lastWeek, "TH", "remedies", "zero", 5)
	area(lastWeek, "VN", "remedies", "search", 80)
	area(lastWeek, "LA", "remedies", "search", 7)
	area(lastWeek, "TH", analytics.All, "search", 25)
	area(lastWeek, analytics.All, analytics.All, "search", 100)
	return s
}

func text(doc *goquery.Document, selector string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(doc.Find(selector).Text(), "\u202f", "")), " ")
}

func TestUsageTiles(t *testing.T) {
	h := usageHub(t, few().store(t))
	doc := h.page(t, "/usage?period=4w", 200)
	var tiles []string
	doc.Find(".tile").Each(func(_ int, s *goquery.Selection) {
		tiles = append(tiles, strings.Join(strings.Fields(s.Text()), " "))
	})
	want := []string{
		"Visits at least 30 a reader counts once a day",
		"Searches at least 100 ▼ 20 % fewer 25 % found nothing",
		"Records seen ·", "Opened or downloaded · at the publisher", "Records delivered · to programs of other portals",
	}
	if !slices.Equal(tiles, want) {
		t.Errorf("the tiles say\n%q, want\n%q", tiles, want)
	}
	if got := text(doc, ".usage-period"); !strings.HasPrefix(got, "2 February 2026 to 1 March 2026 (4 weeks), compared with 5 January 2026 to 1 February 2026 (4 weeks). Figures are complete up to 1 March 2026;") {
		t.Errorf("the period is %q", got)
	}
	if got := text(doc, "#resources .usage-apart"); got != "By months: 1 February 2026 to 28 February 2026 (1 month)." {
		t.Errorf("the months among the weeks are %q", got)
	}
	if got := text(h.page(t, "/usage?period=4w&channel=web", 200), ".tile:nth-child(2) .tile-value"); got != "at least 33" {
		t.Errorf("by channel there are %q searches", got)
	}
	if got := text(h.page(t, "/usage?period=26w", 200), ".tile-change"); got != "" {
		t.Errorf("compared with a time before the counting began: %q", got)
	}
	if got := text(h.page(t, "/usage?from=2026-02-23&to=2026-03-08", 200), ".usage-period strong"); got != "23 February 2026 to 1 March 2026 (1 week)" {
		t.Errorf("own dates beyond what is complete give %q", got)
	}
	if got := text(h.page(t, "/usage?from=2026-03-02&to=2026-03-08", 200), ".usage-period strong"); got != "no whole week" {
		t.Errorf("the running week gives %q", got)
	}
}

func TestUsageDemand(t *testing.T) {
	h := usageHub(t, few().store(t))
	doc := h.page(t, "/usage/demand?period=4w", 200)
	var remedies []string
	doc.Find("#areas-table tbody tr").Each(func(_ int, tr *goquery.Selection) {
		td := tr.Find("td").Eq(4)
		remedies = append(remedies, fmt.Sprintf("%s %s %s", tr.Find("th").Text(), td.Text(), td.AttrOr("class", "-")))
	})
	for _, want := range []string{"Thailand 50 heat-4", "Viet Nam 80 heat-5", "Laos 7 heat-1", "Cambodia · -", "All · -"} {
		if !slices.Contains(remedies, want) {
			t.Errorf("%q is not in %q", want, remedies)
		}
	}
	doc = h.page(t, "/usage/demand?period=4w&country=TH", 200)
	if n := doc.Find("#areas-table tbody tr").Length(); n != 2 {
		t.Errorf("%d rows of one country and all, want 2", n)
	}
	if got := shownTable(t, doc, "weeks"); len(got) != 4 || got[3][1] != "25" || got[2][1] != "" {
		t.Errorf("the weeks of the country: %q", got)
	}
	if !strings.Contains(text(doc, "#terms .usage-note"), "Not filtered by country") {
		t.Error("the words do not say that they are not filtered")
	}
}

func TestUsageGaps(t *testing.T) {
	h := usageHub(t, few().store(t), manyRecords(6)...) // remedies: three of Thailand, three of Laos
	doc := h.page(t, "/usage/gaps?period=4w", 200)
	got := shownTable(t, doc, "gaps")
	want := [][]string{
		{"Viet Nam", "Access to remedies", "80", "", "", "0", "searched a lot, nothing there"},
		{"Thailand", "Access to remedies", "50", "5", "25", "3", "searched a lot, little there"},
		{"Laos", "Access to remedies", "7", "", "", "3", "searched little, little there"},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the gaps are\n%q, want\n%q", got, want)
	}
	if doc.Find("#gaps a[href='/search?country=VN&theme=remedies'], #gaps a[href='/coverage']").Length() != 2 {
		t.Error("the gaps lead neither to the search nor to the coverage")
	}
}

// TestUsageRecords: filters choose among the rows that are shown, and what was taken away from the
// catalogue is not in the list.
func TestUsageRecords(t *testing.T) {
	s := weeksOver(30)
	use := func(identifier string, n int64) {
		for metric, n := range map[string]int64{"investigation": n, "request": n / 2} {
			c := cellOf(analytics.ViewRecord, lastMonth, idOf(identifier), "agency", metric, n)
			c.C, c.Uniq = "Ministry of Examples", n-1
			s.add(c)
		}
	}
	use("1", 40)
	use("many-000", 30)
	use("many-001", 20)
	use("gone", 90)
	use("never", 80)
	h := usageHub(t, s.store(t), append(manyRecords(2), published("1", full()), published("gone", record.Record{Title: record.Texts{"en": "A secret that was taken down"}}))...)
	h.apply(t, "agency", withdrawn("gone"))
	for query, want := range map[string]string{
		"": "Shelter standards for trafficked persons|Handbook number 0|Handbook number 1", "country=TH": "Shelter standards for trafficked persons|Handbook number 0",
		"country=LA": "Handbook number 1", "theme=remedies": "Handbook number 0|Handbook number 1", "theme=protection-support&language=th": "Shelter standards for trafficked persons",
		"type=guide&country=LA": "Handbook number 1", "source=asleep": "", "publisher=Nobody": "", "publisher=Ministry+of+Examples&type=guideline": "Shelter standards for trafficked persons",
		"period=4w": "Shelter standards for trafficked persons|Handbook number 0|Handbook number 1", "from=2025-11-01&to=2025-12-31": "",
	} {
		var names []string
		for _, row := range shownTable(t, h.page(t, "/usage/resources?"+query, 200), "resources") {
			names = append(names, row[0])
		}
		if got := strings.Join(names, "|"); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	if got, want := shownTable(t, h.page(t, "/usage/resources", 200), "resources")[0], []string{"Shelter standards for trafficked persons", "40", "39", "20", "19", "50", "Ministry of Examples"}; !slices.Equal(got, want) {
		t.Errorf("the numbers of a record are %q, want %q", got, want)
	}
	if th := h.page(t, "/usage/resources", 200, "Accept-Language", "th"); th.Find("#resources-table th[scope=row] a[lang=th]").Length() != 1 {
		t.Error("a Thai reader does not get the Thai title")
	}
}

func TestUsageConsumers(t *testing.T) {
	s := weeksOver(30)
	pull := func(a, b, c string, pulls, records int64) {
		for metric, n := range map[string]int64{"pulls": pulls, "records": records} {
			s.add(analytics.Cell{View: analytics.ViewExport, Unit: lastWeek, A: a, B: b, C: c, Metric: metric, N: n})
		}
	}
	pull("acwc", "oai", "ctip", 1, 500)
	pull("", "oai", "oai_dc", 60, 3000)
	pull("regional-portal", "dump", "ndjson", 2, 900)
	h := usageHub(t, s.store(t))
	doc := h.page(t, "/usage/redistribution", 200)
	got := shownTable(t, doc, "consumers")
	want := [][]string{{"All others", "3000", "60", "OAI-PMH", "oai_dc"}, {"Regional Portal", "900", "2", "Dumps", "ndjson"}, {"ACWC Secretariat", "500", "1", "OAI-PMH", "ctip"}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the consumers are %q, want %q", got, want)
	}
	if got := shownTable(t, doc, "silent"); fmt.Sprint(got) != "[[Quiet Library]]" {
		t.Errorf("silent are %q", got)
	}
	if got := shownTable(t, doc, "deliveries"); got[len(got)-1][1] != "4400" {
		t.Errorf("delivered in the last week: %q", got[len(got)-1])
	}
	if got := shownTable(t, h.page(t, "/usage/redistribution?channel=dump", 200), "consumers"); len(got) != 1 {
		t.Errorf("by dumps: %q", got)
	}
}

func TestUsageRhythm(t *testing.T) {
	s := weeksOver(30)
	for i, at := range [][2]string{{"1", "00"}, {"7", "23"}, {"3", "12"}} {
		for week := range analytics.Day(2) {
			s.add(cellOf(analytics.ViewRhythm, lastWeek-7*week, at[0], at[1], "intensity", int64([]int{10, 4, 1}[i])))
		}
	}
	h := usageHub(t, s.store(t))
	for query, want := range map[string]map[string]string{
		"":          {"Monday 00": "10", "Sunday 23": "4", "Wednesday 12": "1"},
		"zone=7":    {"Monday 07": "10", "Monday 06": "4", "Wednesday 19": "1"},
		"zone=9":    {"Monday 09": "10", "Monday 08": "4", "Wednesday 21": "1"},
		"zone=6:30": {"Monday 00": "10", "Sunday 23": "4", "Wednesday 12": "1"},
	} {
		doc := h.page(t, "/usage/rhythm?"+query, 200)
		got := map[string]string{}
		for _, row := range shownTable(t, doc, "rhythm") {
			for hour, v := range row[1:] {
				if v != "" {
					got[fmt.Sprintf("%s %02d", row[0], hour)] = v
				}
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
		if half := strings.Contains(text(doc, "#rhythm"), "hours of UTC"); half != (query == "zone=6:30") {
			t.Errorf("%s: says %v that hours are those of UTC", query, half)
		}
	}
}

func TestUsageStatus(t *testing.T) {
	got := text(usageHub(t, few().store(t)).page(t, "/usage", 200), ".strip")
	for _, want := range []string{"Weeks complete up to 1 March 2026", "Months complete up to 28 February 2026", "1 file, for 4s", "12 uses, as the spool was full", "3 March 2026, 23:06 UTC: all agree", "sqlite 3.51", analytics.RobotsVersion, analytics.RuleSet} {
		if !strings.Contains(got, want) {
			t.Errorf("%q does not say %q", got, want)
		}
	}
	if got := text(usageHub(t, weeksOver(0).store(t)).page(t, "/usage", 200), "main"); !strings.Contains(got, "There are no figures yet") || !strings.Contains(got, "none is over yet") {
		t.Errorf("a hub that has just begun says %q", got)
	}
}
