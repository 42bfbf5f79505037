package portal

import (
	"context"
	"slices"

	"ctiphub/analytics"
)

// sources lists every source with what its records were used. Those without figures are there
// too: a source of the hub is no secret, and each finds its page here.
func (u *usageReading) sources(ctx context.Context, t *usageTable) error {
	read := func(ctx context.Context, r usageRange) (sums, error) {
		return u.ask(ctx, r, analytics.Question{View: analytics.ViewSource, A: u.q.get("source"), By: []string{"unit", "a"}, Metrics: recordMetrics()})
	}
	known := []string{}
	for _, s := range u.p.o.Sources {
		if v := u.q.get("source"); v == "" || v == s.ID {
			known = append(known, s.ID)
		}
	}
	if u.short() {
		t.More = usageLink{URL: "/usage/sources", Label: "All sources"}
	}
	return u.useTable(ctx, t, read, known, func(id string) datum {
		d := u.coded("source", id, "No source")
		if id != "" {
			d.URL = usageSourceURL(id)
		}
		return d
	}, usageColumn{Key: "source", Label: "Source", Coded: true})
}

// publishers lists the publishers that have figures.
func (u *usageReading) publishers(ctx context.Context, t *usageTable) error {
	read := func(ctx context.Context, r usageRange) (sums, error) {
		return u.ask(ctx, r, analytics.Question{View: analytics.ViewPublisher, A: u.q.get("publisher"), By: []string{"unit", "a"}, Metrics: recordMetrics()})
	}
	return u.useTable(ctx, t, read, nil, func(name string) datum {
		d := datum{text: newText(clip(name, 160), "und"), URL: usagePublisherURL(name)}
		switch name {
		case "":
			d = words("No publisher named")
		case ".", "..": // a browser would take them out of the path
			d.URL = ""
		}
		return d
	}, usageColumn{Key: "publisher", Label: "Publisher"})
}

// useTable is a list of things with the use of their records.
func (u *usageReading) useTable(ctx context.Context, t *usageTable, read func(context.Context, usageRange) (sums, error), known []string, name func(string) datum, first usageColumn) error {
	now, err := read(ctx, t.Range)
	if err != nil {
		return err
	}
	before, against, err := u.against(ctx, t.Range, read)
	if err != nil {
		return err
	}
	rates := now.rates(analytics.MetricRequest, analytics.MetricInvestigation)
	now, before = now.whole(), before.whole()
	t.Columns = append([]usageColumn{first}, u.useColumns()...)
	if u.short() {
		against = ""
	}
	if against != "" {
		t.Columns = append(t.Columns, usageColumn{Key: "investigationsBefore", Label: "Seen or opened, " + against, Number: true})
	}
	ids := now.ranked(analytics.MetricInvestigation, analytics.MetricRequest)
	for _, id := range known {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, id := range ids[:min(len(ids), u.def.most)] {
		row := usageRow{Cells: append([]datum{name(id)}, u.use(now, rates, id)...)}
		if against != "" {
			row.Cells = append(row.Cells, before.figure(sumKey{A: id, Metric: analytics.MetricInvestigation}))
		}
		t.Rows = append(t.Rows, row)
	}
	bars(t.Rows, 1)
	return nil
}

// publisherShown reports a publisher of whom anything was ever shown.
func (p *Portal) publisherShown(ctx context.Context, name string) (bool, error) {
	u := &usageReading{p: p, q: usageQuery{values: map[string]string{"period": "52w"}}}
	r, err := u.span(ctx, analytics.CubeRecord)
	if err != nil || r.Complete == 0 || name == "" {
		return false, err
	}
	r.From, r.To = r.First, r.Complete
	s, err := u.ask(ctx, r, analytics.Question{View: analytics.ViewPublisher, A: name, By: []string{"a"}})
	return len(s) > 0, err
}
