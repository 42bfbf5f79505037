package portal

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"ctiphub/analytics"
)

func exportMetrics() []string {
	return []string{analytics.MetricPulledRecords, analytics.MetricPulls}
}

// byWeek reads what programs took, week by week.
func (u *usageReading) byWeek(ctx context.Context, r usageRange) (sums, error) {
	return u.ask(ctx, r, analytics.Question{View: analytics.ViewExport, B: u.q.get("channel"), By: []string{"unit"}, Metrics: exportMetrics()})
}

// deliveries is the series of records given to programs.
func (u *usageReading) deliveries(ctx context.Context, t *usageTable) error {
	t.Columns = []usageColumn{{Key: "week", Label: "Week from", Coded: true}}
	return u.seriesTable(ctx, t, u.byWeek, exportMetrics(), analytics.MetricPulledRecords)
}

// deliveryTile is the number of records that programs were given.
func (u *usageReading) deliveryTile(ctx context.Context) (usageTile, error) {
	r, err := u.span(ctx, analytics.CubeExport)
	if err != nil {
		return usageTile{}, err
	}
	now, err := u.byWeek(ctx, r)
	if err != nil {
		return usageTile{}, err
	}
	before, against, err := u.against(ctx, r, u.byWeek)
	if err != nil {
		return usageTile{}, err
	}
	m := analytics.MetricPulledRecords
	tile := usageTile{Label: metricName(m), URL: "/usage/redistribution", Value: now.over(r, m, false), Least: true, Note: "to programs of other portals"}
	line := now.list(r.units(), m)
	if against != "" {
		earlier, _ := r.before(u.q.get("compare"))
		tile.Change = changed(line, before.list(earlier.units(), m))
	}
	tile.Spark = spark(line)
	return tile, nil
}

// registered lists the organisations that are known by name.
func (u *usageReading) registered(ctx context.Context) ([]UsageConsumer, error) {
	if u.p.o.Usage.Consumers == nil {
		return nil, nil
	}
	list, err := u.p.o.Usage.Consumers(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the registered consumers: %w", err)
	}
	return list, nil
}

// consumers is who took what by which channel in which format.
func (u *usageReading) consumers(ctx context.Context, t *usageTable) error {
	s, err := u.ask(ctx, t.Range, analytics.Question{View: analytics.ViewExport, B: u.q.get("channel"), By: []string{"a", "b", "c"}, Metrics: exportMetrics()})
	if err != nil {
		return err
	}
	list, err := u.registered(ctx)
	if err != nil {
		return err
	}
	t.Lead = "Organisations that registered are shown by name, as they agreed to; all others together, where enough of them took the same."
	t.Columns = []usageColumn{
		{Key: "consumer", Label: "Consumer", Coded: true}, {Key: "records", Label: "Records delivered", Number: true}, {Key: "pulls", Label: "Requests", Number: true},
		{Key: "channel", Label: "Channel", Coded: true}, {Key: "format", Label: "Format"},
	}
	keys := map[sumKey]int64{}
	for k, v := range s {
		at := sumKey{A: k.A, B: k.B, C: k.C}
		if k.Metric == analytics.MetricPulledRecords {
			keys[at] += v.N
		} else {
			keys[at] += 0
		}
	}
	order := slices.SortedFunc(maps.Keys(keys), func(a, b sumKey) int {
		return cmp.Or(cmp.Compare(keys[b], keys[a]), cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B), cmp.Compare(a.C, b.C))
	})
	for _, k := range order[:min(len(order), mostRows)] {
		records, pulls := k, k
		records.Metric, pulls.Metric = analytics.MetricPulledRecords, analytics.MetricPulls
		format := words(clip(k.C, 60))
		if k.C == "" {
			format = words("–")
		}
		t.Rows = append(t.Rows, usageRow{Cells: []datum{consumerDatum(list, k.A), s.figure(records), s.figure(pulls), u.coded("channel", k.B, "–"), format}})
	}
	bars(t.Rows, 1)
	return nil
}

// consumerDatum names an organisation.
func consumerDatum(list []UsageConsumer, id string) datum {
	if id == "" {
		return words("All others")
	}
	d := datum{text: newText(clip(id, 160), "und"), ID: id}
	for _, c := range list {
		if c.ID == id && c.Name != "" {
			d.S = clip(c.Name, 160)
		}
	}
	return d
}

// silent lists the organisations that registered and took nothing: their harvester may have
// stopped, and nobody noticed.
func (u *usageReading) silent(ctx context.Context, t *usageTable) error {
	s, err := u.ask(ctx, t.Range, analytics.Question{View: analytics.ViewExport, By: []string{"a"}, Metrics: []string{analytics.MetricPulls}})
	if err != nil {
		return err
	}
	list, err := u.registered(ctx)
	if err != nil {
		return err
	}
	t.Empty = "Every registered organisation took something."
	if len(list) == 0 {
		t.Empty = "No organisation is registered."
	}
	if t.Range.From >= t.Range.To {
		t.Empty = "There is no whole week to look at yet."
		list = nil
	}
	t.Columns = []usageColumn{{Key: "consumer", Label: "Consumer", Coded: true}}
	for _, c := range list {
		if _, ok := s[sumKey{A: c.ID, Metric: analytics.MetricPulls}]; !ok {
			t.Rows = append(t.Rows, usageRow{Cells: []datum{consumerDatum(list, c.ID)}})
		}
	}
	return nil
}
