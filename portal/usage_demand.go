package portal

import (
	"context"
	"slices"
	"strings"

	"ctiphub/analytics"
	"ctiphub/catalog"
)

// byArea reads searches by week, country and theme.
func (u *usageReading) byArea(ctx context.Context, r usageRange) (sums, error) {
	return u.ask(ctx, r, analytics.Question{View: analytics.ViewArea, A: u.q.get("country"), B: u.q.get("theme"), By: []string{"unit", "a", "b"}, Metrics: areaMetrics()})
}

// areas is the heat map of countries and themes. The row and the column of all are numbers of
// their own, not sums of the others.
func (u *usageReading) areas(ctx context.Context, t *usageTable) error {
	t.Lead = "Searches that were narrowed to a country or theme. One with several of them counts in each, so rows and columns do not add up to “all”."
	return u.areaMatrix(ctx, t, analytics.ViewArea, u.metric(areaMetrics()))
}

// uses is the same of records that were seen or opened, by what they are about.
func (u *usageReading) uses(ctx context.Context, t *usageTable) error {
	t.Lead = "Records that were used, by what they are about, month by month. One about several countries or themes counts in each."
	return u.areaMatrix(ctx, t, analytics.ViewItemArea, u.metric(recordMetrics()))
}

func (u *usageReading) areaMatrix(ctx context.Context, t *usageTable, view analytics.View, metric string) error {
	s, err := u.ask(ctx, t.Range, analytics.Question{View: view, By: []string{"a", "b"}, Metrics: []string{metric}})
	if err != nil {
		return err
	}
	t.Title, t.Matrix = metricName(metric)+" by country and theme", true
	themes := u.themeIDs()
	t.Columns = []usageColumn{{Key: "country", Label: "Country", Coded: true}}
	for _, theme := range themes {
		t.Columns = append(t.Columns, usageColumn{Key: areaKey(theme), Label: u.themeLabel(theme), Number: true})
	}
	for _, country := range u.countryIDs(s) {
		row := usageRow{Cells: []datum{u.countryDatum(country)}}
		for _, theme := range themes {
			row.Cells = append(row.Cells, s.figure(sumKey{A: country, B: theme, Metric: metric}))
		}
		t.Rows = append(t.Rows, row)
	}
	shade(t.Rows[:max(0, len(t.Rows)-1)], t.Columns)
	return nil
}

// areaKey is the column of a theme.
func areaKey(theme string) string {
	switch theme {
	case analytics.All:
		return "all"
	case "":
		return "none"
	}
	return theme
}

// themeIDs are the columns of the heat map: the areas, none, and all; or the one that is chosen.
func (u *usageReading) themeIDs() []string {
	if theme := u.q.get("theme"); theme != "" {
		return []string{theme, analytics.All}
	}
	return append(conceptIDs(u.p.areas), "", analytics.All)
}

func (u *usageReading) themeLabel(theme string) string {
	switch theme {
	case analytics.All:
		return "All"
	case "":
		return "No theme"
	}
	return u.p.label(catalog.FacetTheme, theme)
}

// countryIDs are the rows of the heat map: the member states, what else there is, none, and all;
// or the one that is chosen.
func (u *usageReading) countryIDs(s sums) []string {
	if c := u.q.get("country"); c != "" {
		return []string{c, analytics.All}
	}
	list := catalog.MemberStates()
	var more []string
	for k := range s {
		if k.A != "" && k.A != analytics.All && !slices.Contains(list, k.A) && !slices.Contains(more, k.A) {
			more = append(more, k.A)
		}
	}
	slices.Sort(more)
	return append(append(list, more[:min(len(more), mostRows)]...), "", analytics.All)
}

func (u *usageReading) countryDatum(id string) datum {
	if id == analytics.All {
		d := words("All")
		d.ID = "all"
		return d
	}
	return u.coded("country", id, "No country")
}

// countries are those that most searches were narrowed to.
func (u *usageReading) countries(ctx context.Context, t *usageTable) error {
	return u.areaList(ctx, t, analytics.Question{View: analytics.ViewArea, A: u.q.get("country"), B: analytics.All, By: []string{"a"}, Metrics: areaMetrics()}, "country")
}

// themes are those that most searches were narrowed to.
func (u *usageReading) themes(ctx context.Context, t *usageTable) error {
	// The list goes by A, so that the cells of all countries are turned round.
	return u.areaList(ctx, t, analytics.Question{View: analytics.ViewArea, A: analytics.All, B: u.q.get("theme"), By: []string{"b"}, Metrics: areaMetrics()}, "theme")
}

// areaList lists one dimension of the areas by searches.
func (u *usageReading) areaList(ctx context.Context, t *usageTable, q analytics.Question, name string) error {
	s, err := u.ask(ctx, t.Range, q)
	if err != nil {
		return err
	}
	if name == "theme" {
		turned := sums{}
		for k, v := range s {
			turned[sumKey{A: k.B, Metric: k.Metric}] = v
		}
		s = turned
	}
	t.Columns = []usageColumn{
		{Key: name, Label: paramName(name), Coded: true}, {Key: "search", Label: "Searches", Number: true},
		{Key: "zero", Label: "Found nothing", Number: true},
	}
	for _, id := range s.ranked(analytics.MetricSearch) {
		if id == "" {
			continue
		}
		d := u.coded(name, id, "")
		d.URL = usageQuery{path: "/usage/demand", def: usageDef{}, values: map[string]string{name: id}}.url()
		if !slices.ContainsFunc(u.p.usageChoices(u.def, name), func(c usageChoice) bool { return c.ID == id }) {
			d.URL = ""
		}
		t.Rows = append(t.Rows, usageRow{Cells: []datum{d, s.figure(sumKey{A: id, Metric: analytics.MetricSearch}), s.figure(sumKey{A: id, Metric: analytics.MetricZero})}})
	}
	t.Rows = t.Rows[:min(len(t.Rows), u.def.most)]
	bars(t.Rows, 1)
	t.More = usageLink{URL: "/usage/demand", Label: "Country by theme"}
	return nil
}

// weeks is the series of a country, a theme, both or all.
func (u *usageReading) weeks(ctx context.Context, t *usageTable) error {
	read := func(ctx context.Context, r usageRange) (sums, error) {
		a, b := u.q.get("country"), u.q.get("theme")
		if a == "" {
			a = analytics.All
		}
		if b == "" {
			b = analytics.All
		}
		return u.ask(ctx, r, analytics.Question{View: analytics.ViewArea, A: a, B: b, By: []string{"unit"}, Metrics: areaMetrics()})
	}
	t.Columns = []usageColumn{{Key: "week", Label: "Week from", Coded: true}}
	return u.seriesTable(ctx, t, read, areaMetrics(), u.metric(areaMetrics()))
}

// seriesTable fills a table with a line for each unit, and draws one of its columns.
func (u *usageReading) seriesTable(ctx context.Context, t *usageTable, read func(context.Context, usageRange) (sums, error), metrics []string, shown string) error {
	now, err := read(ctx, t.Range)
	if err != nil {
		return err
	}
	before, against, err := u.against(ctx, t.Range, read)
	if err != nil {
		return err
	}
	for _, m := range metrics {
		t.Columns = append(t.Columns, usageColumn{Key: m, Label: metricName(m), Number: true, Series: series(m == shown)})
	}
	if slices.Contains(metrics, analytics.MetricZero) {
		t.Columns = append(t.Columns, usageColumn{Key: "zeroShare", Label: "Share that found nothing", Number: true})
	}
	if against != "" {
		t.Columns = append(t.Columns, usageColumn{Key: shown + "Before", Label: metricName(shown) + ", " + against, Number: true, Series: "before"})
	}
	earlier, _ := t.Range.before(u.q.get("compare"))
	then := earlier.units()
	for i, d := range t.Range.units() {
		row := usageRow{Cells: []datum{dayDatum(d, unitLayout(t.Range.Cube))}}
		for _, m := range metrics {
			row.Cells = append(row.Cells, now.figure(sumKey{Unit: d, Metric: m}))
		}
		if slices.Contains(metrics, analytics.MetricZero) {
			row.Cells = append(row.Cells, ratio(now.figure(sumKey{Unit: d, Metric: analytics.MetricZero}), now.figure(sumKey{Unit: d, Metric: analytics.MetricSearch})))
		}
		if against != "" {
			row.Cells = append(row.Cells, before.figure(sumKey{Unit: then[i], Metric: shown}))
		}
		t.Rows = append(t.Rows, row)
	}
	t.Chart = newChart(t, metricName(shown), against)
	return nil
}

func unitLayout(c analytics.Cube) string {
	if c == analytics.CubeRecord {
		return "January 2006"
	}
	return "2 Jan 2006"
}

// terms are the words that enough people searched for in one week.
func (u *usageReading) terms(ctx context.Context, t *usageTable) error {
	s, err := u.ask(ctx, t.Range, analytics.Question{View: analytics.ViewTerm, By: []string{"a"}, Metrics: []string{analytics.MetricSearch, analytics.MetricZero}})
	if err != nil {
		return err
	}
	t.Lead = "Words are told when they are terms of the vocabulary, or when enough people searched for them in the same week."
	t.Columns = []usageColumn{
		{Key: "words", Label: "Words"}, {Key: "search", Label: "Searches", Number: true},
		{Key: "zero", Label: "Found nothing", Number: true},
	}
	for _, w := range s.ranked(analytics.MetricSearch) {
		if strings.TrimSpace(w) == "" || len(t.Rows) == u.def.most {
			continue
		}
		d := datum{text: newText(clip(w, 80), "und"), URL: searchURL(catalog.Query{Text: w})}
		t.Rows = append(t.Rows, usageRow{Cells: []datum{d, s.figure(sumKey{A: w, Metric: analytics.MetricSearch}), s.figure(sumKey{A: w, Metric: analytics.MetricZero})}})
	}
	bars(t.Rows, 1)
	if u.short() {
		t.More = usageLink{URL: "/usage/demand#terms", Label: "More words"}
	}
	return nil
}
