package portal

import (
	"context"
	"slices"
	"strconv"

	"ctiphub/analytics"
)

// usageTile is one large number.
type usageTile struct {
	Label   string
	URL     string // the chart of it
	Value   datum
	Least   bool // the number is a sum of the parts that may be shown
	Change  string
	Note    string
	Spark   *usageChart
	Current bool
}

// mostDays is up to how many days a series is daily; a longer one is weekly.
const mostDays = 13 * 7

// site reads the numbers of days, of all channels or of one.
func (u *usageReading) site(ctx context.Context, r usageRange) (sums, error) {
	channel := u.q.get("channel")
	if channel == "" {
		channel = analytics.All
	}
	return u.ask(ctx, r, analytics.Question{View: analytics.ViewDay, A: channel, By: []string{"unit"}, Metrics: siteMetrics()})
}

// steps are the days or weeks of a range, whichever the series goes by.
func steps(r usageRange) (list []analytics.Day, long analytics.Day) {
	long = 1
	if r.To-r.From > mostDays {
		long = 7
	}
	for d := r.From; d < r.To; d += long {
		list = append(list, d)
	}
	return list, long
}

// stretch adds up the shown days of a step.
func (s sums) stretch(from, long analytics.Day, metric string) datum {
	var d datum
	for day := from; day < from+long; day++ {
		if v, ok := s[sumKey{Unit: day, Metric: metric}]; ok {
			d.N, d.Known = d.N+v.N, true
		}
	}
	return d
}

// days is the series of the overview.
func (u *usageReading) days(ctx context.Context, t *usageTable) error {
	now, err := u.site(ctx, t.Range)
	if err != nil {
		return err
	}
	before, against, err := u.against(ctx, t.Range, u.site)
	if err != nil {
		return err
	}
	list, long := steps(t.Range)
	shown := u.metric(siteMetrics())
	t.Columns = append(t.Columns, usageColumn{Key: "day", Label: "Day", Coded: true})
	if long == 7 {
		t.Title, t.Columns[0].Key, t.Columns[0].Label = "Week by week", "week", "Week from"
	}
	metrics := slices.DeleteFunc(siteMetrics(), func(m string) bool { return m == analytics.MetricVisitors && u.q.get("channel") != "" })
	for _, m := range metrics {
		t.Columns = append(t.Columns, usageColumn{Key: m, Label: metricName(m), Number: true, Series: series(m == shown)})
	}
	if against != "" {
		t.Columns = append(t.Columns, usageColumn{Key: shown + "Before", Label: metricName(shown) + ", " + against, Number: true, Series: "before"})
	}
	for _, d := range list {
		row := usageRow{Cells: []datum{dayDatum(d, "Mon 2 Jan 2006")}}
		for _, m := range metrics {
			row.Cells = append(row.Cells, now.stretch(d, long, m))
		}
		if against != "" {
			row.Cells = append(row.Cells, before.stretch(d-u.back(t.Range), long, shown))
		}
		t.Rows = append(t.Rows, row)
	}
	t.Chart = newChart(t, metricName(shown), against)
	return nil
}

func series(is bool) string {
	if is {
		return "now"
	}
	return ""
}

// back is how many days lie between a range and the one it is compared with.
func (u *usageReading) back(r usageRange) analytics.Day {
	b, _ := r.before(u.q.get("compare"))
	return r.From - b.From
}

// against reads what a range is compared with, and says what that is; "" when nothing is.
func (u *usageReading) against(ctx context.Context, r usageRange, read func(context.Context, usageRange) (sums, error)) (sums, string, error) {
	b, ok := r.before(u.q.get("compare"))
	if !ok {
		return sums{}, "", nil
	}
	s, err := read(ctx, b)
	return s, u.p.usageLabel("compare", u.q.get("compare")), err
}

// siteTiles are the large numbers of the overview.
func (u *usageReading) siteTiles(ctx context.Context) ([]usageTile, error) {
	r, err := u.span(ctx, analytics.CubeSite)
	if err != nil {
		return nil, err
	}
	now, err := u.site(ctx, r)
	if err != nil {
		return nil, err
	}
	before, against, err := u.against(ctx, r, u.site)
	if err != nil {
		return nil, err
	}
	var tiles []usageTile
	for _, m := range []string{analytics.MetricVisitors, analytics.MetricSearch, analytics.MetricView, analytics.MetricRequest} {
		tile := usageTile{
			Label: metricName(m), URL: u.q.with("metric", m).url() + "#days", Value: now.stretch(r.From, r.To-r.From, m), Least: true,
			Spark: spark(now.line(r, m)), Current: u.q.get("metric") == m,
		}
		if against != "" {
			earlier, _ := r.before(u.q.get("compare"))
			tile.Change = changed(now.list(r.days(), m), before.list(earlier.days(), m))
		}
		switch m {
		case analytics.MetricVisitors:
			tile.Note = "a reader counts once a day"
			if u.q.get("channel") != "" {
				tile.Note = "not told apart by channel"
			}
		case analytics.MetricSearch:
			if d := now.zeroShare(); d.Known {
				tile.Note = strconv.FormatInt(d.N, 10) + " % found nothing"
			}
		case analytics.MetricRequest:
			tile.Note = "at the publisher"
		}
		tiles = append(tiles, tile)
	}
	tile, err := u.deliveryTile(ctx)
	return append(tiles, tile), err
}

// line is a series in the steps of its range.
func (s sums) line(r usageRange, metric string) []datum {
	var list []datum
	days, long := steps(r)
	for _, d := range days {
		list = append(list, s.stretch(d, long, metric))
	}
	return list
}

// zeroShare is the share of searches that found nothing, of those days that show both.
func (s sums) zeroShare() datum {
	return s.rates(analytics.MetricZero, analytics.MetricSearch)[sumKey{}]
}

// channels is what each channel was used for.
func (u *usageReading) channels(ctx context.Context, t *usageTable) error {
	s, err := u.ask(ctx, t.Range, analytics.Question{View: analytics.ViewDay, A: u.q.get("channel"), By: []string{"a"}, Metrics: siteMetrics()})
	if err != nil {
		return err
	}
	metrics := siteMetrics()[1:] // a visit belongs to no channel
	t.Lead = "Programs that search count here. What they take of the whole catalogue counts as redistribution."
	t.Columns = []usageColumn{{Key: "channel", Label: "Channel", Coded: true}}
	for _, m := range metrics {
		t.Columns = append(t.Columns, usageColumn{Key: m, Label: metricName(m), Number: true})
	}
	for _, c := range s.ranked(metrics...) {
		row := usageRow{Cells: []datum{u.coded("channel", c, "")}}
		for _, m := range metrics {
			row.Cells = append(row.Cells, s.figure(sumKey{A: c, Metric: m}))
		}
		t.Rows = append(t.Rows, row)
	}
	return nil
}

// coded names a value of a filter, with the address that sets the filter where the page has it.
func (u *usageReading) coded(name, id, none string) datum {
	d := words(clip(u.p.usageLabel(name, id), 160))
	d.ID = id
	if id == "" {
		d.S = none
		return d
	}
	if slices.Contains(u.def.params, name) && u.q.get(name) == "" && slices.ContainsFunc(u.p.usageChoices(u.def, name), func(c usageChoice) bool { return c.ID == id }) {
		d.URL = u.q.with(name, id).url()
	}
	return d
}
