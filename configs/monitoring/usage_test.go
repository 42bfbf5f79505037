package monitoring

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// views are what the dashboards' user may read, with their columns and what can stand in the
// column metric.
var views = map[string]struct{ columns, metrics string }{
	"site_day":        {"day channel metric n", "search found zero view request click download visitors"},
	"area_week":       {"week country theme metric n", "search found zero"},
	"item_area_month": {"month country theme metric n uniq", "investigation view request"},
	"term_week":       {"week term metric n", "search zero"},
	"record_month":    {"month record source publisher metric n uniq", "investigation request"},
	"source_month":    {"month source metric n uniq", "investigation request"},
	"publisher_month": {"month publisher metric n uniq", "investigation request"},
	"kind_month":      {"month type language metric n uniq", "investigation request"},
	"rhythm_week":     {"week weekday hour intensity", ""},
	"export_week":     {"week consumer channel format metric n", "pulls records"},
}

// keywords are the words of SQL that the questions are made of. A new one is fine if ClickHouse
// 18.16 knows it, too.
var keywords = strings.Fields("SELECT AS FROM WHERE AND OR NOT IN GROUP BY HAVING ORDER ASC DESC LIMIT")

var sqlToken = regexp.MustCompile(`'[^']*'|"[^"]*"|[A-Za-z_$][\w.]*|[0-9][\w.]*|\S`)

var word = regexp.MustCompile(`^[A-Za-z_$]`)

// TestUsageQueries holds the questions to the views: no other table, no column that is not
// there, no metric that never comes, and nothing that takes a missing row for 0.
func TestUsageQueries(t *testing.T) {
	list, err := UsageQueries()
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{}
	for _, q := range list {
		for _, wrong := range checkSQL(q.SQL, asked) {
			t.Errorf("panel %q: %s", q.Panel, wrong)
		}
	}
	for view := range views {
		if !asked[view] {
			t.Errorf("no panel shows the view %s", view)
		}
	}
}

// checkSQL says what is wrong with a question, and notes which views it asks.
func checkSQL(sql string, asked map[string]bool) []string {
	tokens := sqlToken.FindAllString(sql, -1)
	at := func(i int) string {
		if i < 0 || i >= len(tokens) {
			return ""
		}
		return tokens[i]
	}
	known := []string{"$__fromTime", "$__toTime"}
	var metrics, wrong []string
	if at(0) != "SELECT" {
		wrong = append(wrong, "not a SELECT")
	}
	for i, tok := range tokens {
		switch {
		case tok == "AS":
			known = append(known, at(i+1))
		case tok == "FROM" && at(i+1) != "(":
			view, ok := strings.CutPrefix(at(i+1), "hub_usage_public.")
			if _, there := views[view]; !ok || !there {
				wrong = append(wrong, "reads "+at(i+1))
				continue
			}
			asked[view] = true
			known = append(append(known, at(i+1)), strings.Fields(views[view].columns)...)
			metrics = append(metrics, strings.Fields(views[view].metrics)...)
		case strings.Contains("-;`\"", tok[:1]):
			wrong = append(wrong, "has "+tok+": a missing row is unknown, and nothing may be taken from it or put behind it")
		}
	}
	for i, tok := range tokens {
		if word.MatchString(tok) && at(i+1) != "(" && !slices.Contains(keywords, tok) && !slices.Contains(known, tok) {
			wrong = append(wrong, "names "+tok+", which is no column of what it reads")
		}
		if tok == "metric" && (at(i+1) == "=" || at(i+1) == "IN") {
			for j := i + 2; at(j) != ")" && at(j) != "" && (at(i+1) == "IN" || j == i+2); j++ {
				if m, ok := strings.CutPrefix(at(j), "'"); ok && !slices.Contains(metrics, strings.TrimSuffix(m, "'")) {
					wrong = append(wrong, "waits for the metric "+at(j)+", which never comes")
				}
			}
		}
	}
	if !strings.Contains(sql, "$__fromTime") || !strings.Contains(sql, "$__toTime") {
		wrong = append(wrong, "does not keep to the time that is shown")
	}
	return wrong
}

func TestCheckSQL(t *testing.T) {
	const within = " WHERE week >= toDate($__fromTime) AND week <= toDate($__toTime)"
	for name, c := range map[string]struct {
		sql  string
		want string // "" where nothing is wrong
	}{
		"good":           {"SELECT country, sum(n) AS total FROM hub_usage_public.area_week" + within + " AND metric IN ('search', 'zero')", ""},
		"sub-query":      {"SELECT sum(a) AS b FROM (SELECT n AS a FROM hub_usage_public.area_week" + within + ")", ""},
		"another table":  {"SELECT n FROM hub_usage.leaves" + within, "reads"},
		"system table":   {"SELECT name FROM system.tables" + within, "reads"},
		"table function": {"SELECT n FROM url('http://a.example')" + within, "reads"},
		"hidden table":   {"SELECT n FROM hub_usage_public.area_week" + within + " AND n IN (SELECT n FROM hub_usage.leaves)", "reads"},
		"joined table":   {"SELECT n FROM hub_usage_public.area_week JOIN hub_usage.leaves USING n" + within, "names JOIN"},
		"other column":   {"SELECT crowd FROM hub_usage_public.area_week" + within, "names crowd"},
		"other metric":   {"SELECT n FROM hub_usage_public.area_week" + within + " AND metric = 'click'", "'click'"},
		"subtracting":    {"SELECT max(n) - min(n) AS rest FROM hub_usage_public.area_week" + within, "unknown"},
		"variable":       {"SELECT n FROM hub_usage_public.area_week" + within + " AND country = '$country' AND theme = $theme", "$theme"},
		"endless":        {"SELECT n FROM hub_usage_public.area_week", "time"},
		"two statements": {"SELECT n FROM hub_usage_public.area_week" + within + "; DROP", "unknown"},
	} {
		got := strings.Join(checkSQL(c.sql, map[string]bool{}), "; ")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// TestMissingIsUnknown holds panels of usage to what the crowd rule leaves out: it is said, and
// never drawn as if it were known.
func TestMissingIsUnknown(t *testing.T) {
	for _, p := range dashboards(t)["usage.json"].Panels {
		if p.Type == "row" {
			continue
		}
		if !strings.Contains(p.Description, "too few people") || !strings.Contains(p.Field.Defaults.NoValue, "too few people") {
			t.Errorf("panel %q does not say why numbers are missing", p.Title)
		}
		custom := p.Field.Defaults.Custom
		if custom.Stacking != nil {
			t.Errorf("panel %q piles numbers up, although some are unknown", p.Title)
		}
		if p.Type == "timeseries" && (custom.SpanNulls != false || custom.InsertNulls == nil) {
			t.Errorf("panel %q draws its line over what is unknown", p.Title)
		}
		if p.Type == "stat" || p.Type == "piechart" || p.Type == "barchart" {
			t.Errorf("panel %q: a %s shows a whole, which nobody knows here", p.Title, p.Type)
		}
	}
}
