package portal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ctiphub/analytics"
	"ctiphub/catalog"
	"ctiphub/record"
)

// mostLooked is among how many of the most used records a list is chosen.
const mostLooked = 2000

// resources lists the most used records. Filters choose among the rows that may be shown;
// nothing is counted anew for them. What was withdrawn or taken down is left out.
func (u *usageReading) resources(ctx context.Context, t *usageTable) error {
	q := analytics.Question{View: analytics.ViewRecord, B: u.q.get("source"), C: u.q.get("publisher"), By: []string{"unit", "a"}, Metrics: recordMetrics()}
	if u.short() {
		q.By, q.Most = []string{"a"}, 2*mostLooked
	}
	months, err := u.ask(ctx, t.Range, q)
	if err != nil {
		return err
	}
	s, rates := months.whole(), months.rates(analytics.MetricRequest, analytics.MetricInvestigation)
	t.Columns = append([]usageColumn{{Key: "record", Label: "Record", Coded: true}}, u.useColumns()...)
	if !u.short() { // behind the numbers, which are what a phone has room for
		t.Columns = append(t.Columns, usageColumn{Key: "publisher", Label: "Publisher"})
	}
	ids := s.ranked(analytics.MetricInvestigation, analytics.MetricRequest)
	for _, id := range ids[:min(len(ids), mostLooked)] {
		if len(t.Rows) == u.def.most {
			break
		}
		e, err := u.p.o.Store.Entry(ctx, record.ID(id))
		if errors.Is(err, catalog.ErrNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("reading a used record: %w", err)
		}
		if e.Deleted || !u.chosen(e.Record) {
			continue
		}
		row := usageRow{Cells: append([]datum{u.recordDatum(e.Record)}, u.use(s, rates, id)...)}
		if !u.short() {
			row.Cells = append(row.Cells, publisherDatum(e.Record, u.reader))
		}
		t.Rows = append(t.Rows, row)
	}
	bars(t.Rows, 1)
	if u.short() {
		t.More = usageLink{URL: "/usage/resources", Label: "More records"}
	}
	return nil
}

// recordDatum names a record and leads to its page.
func (u *usageReading) recordDatum(rec record.Record) datum {
	title := bestText(rec.Title, u.reader)
	title.S = clip(strings.Join(strings.Fields(title.S), " "), 160)
	if title.S == "" {
		title = text{"Untitled record " + string(rec.ID), "en", "ltr"}
	}
	return datum{text: title, ID: string(rec.ID), URL: resourceURL(rec.ID)}
}

// publisherDatum names the publisher of a record.
func publisherDatum(rec record.Record, reader []string) datum {
	d := datum{text: publisherOf(rec, reader)}
	if d.S == "" {
		d.S = "–"
	}
	return d
}

// short reports a list that stands among others, on the overview.
func (u *usageReading) short() bool { return u.def.most == mostRowsShort }

// useColumns are the numbers of records and whatever they belong to.
func (u *usageReading) useColumns() []usageColumn {
	if u.short() {
		return []usageColumn{{Key: "investigations", Label: "Seen or opened", Number: true}, {Key: "requests", Label: "Opened or downloaded", Number: true}}
	}
	return []usageColumn{
		{Key: "investigations", Label: "Seen or opened", Number: true}, {Key: "uniqueInvestigations", Label: "unique in an hour", Number: true},
		{Key: "requests", Label: "Opened or downloaded", Number: true}, {Key: "uniqueRequests", Label: "unique in an hour", Number: true},
		{Key: "useRate", Label: "Opened of seen", Number: true},
	}
}

// use gives the numbers of useColumns.
func (u *usageReading) use(s sums, rates map[sumKey]datum, id string) []datum {
	i, r := sumKey{A: id, Metric: analytics.MetricInvestigation}, sumKey{A: id, Metric: analytics.MetricRequest}
	if u.short() {
		return []datum{s.figure(i), s.figure(r)}
	}
	return []datum{s.figure(i), s.unique(i), s.figure(r), s.unique(r), rates[sumKey{A: id}]}
}

// chosen reports a record that the filters in force let pass.
func (u *usageReading) chosen(rec record.Record) bool {
	has := func(name string, list []string) bool {
		v := u.q.get(name)
		return v == "" || slices.Contains(list, v)
	}
	var themes []string
	for _, t := range rec.Themes {
		themes = append(append(themes, t.ID), u.p.o.Vocabulary.Ancestors("theme", t.ID)...)
	}
	return has("country", tagIDs(rec.Countries)) && has("theme", themes) && has("type", tagIDs(rec.Type)) && has("language", rec.Languages)
}

func tagIDs(list []record.Tag) []string {
	ids := make([]string, len(list))
	for i, t := range list {
		ids[i] = t.ID
	}
	return ids
}

// mostKinds bounds the columns of kinds.
const mostKinds = 12

// kinds is the heat map of kinds and languages.
func (u *usageReading) kinds(ctx context.Context, t *usageTable) error {
	metric := u.metric(recordMetrics())
	q := analytics.Question{View: analytics.ViewKind, A: u.q.get("type"), B: u.q.get("language"), By: []string{"a", "b"}, Metrics: []string{metric}}
	s, err := u.ask(ctx, t.Range, q)
	if err != nil {
		return err
	}
	t.Title, t.Matrix = metricName(metric)+" by kind and language", true
	turned := sums{}
	for k, v := range s {
		at := sumKey{A: k.B, Metric: metric}
		turned[at] = sum{N: turned[at].N + v.N}
	}
	languages := turned.ranked(metric)
	languages = languages[:min(len(languages), mostKinds)]
	t.Columns = []usageColumn{{Key: "type", Label: "Kind", Coded: true}}
	for _, l := range languages {
		c := usageColumn{Key: l, Label: clip(u.p.label(catalog.FacetLanguage, l), 40), Number: true}
		if l == "" {
			c.Key, c.Label = "none", "No language"
		}
		t.Columns = append(t.Columns, c)
	}
	kinds := sums{}
	for k, v := range s {
		at := sumKey{A: k.A, Metric: metric}
		kinds[at] = sum{N: kinds[at].N + v.N}
	}
	list := kinds.ranked(metric)
	for _, kind := range list[:min(len(list), mostRows)] {
		row := usageRow{Cells: []datum{u.coded("type", kind, "No kind")}}
		for _, l := range languages {
			row.Cells = append(row.Cells, s.figure(sumKey{A: kind, B: l, Metric: metric}))
		}
		t.Rows = append(t.Rows, row)
	}
	shade(t.Rows, t.Columns)
	return nil
}

// byMonth reads the months of a source, a publisher, or of everything that is shown by source.
func (u *usageReading) byMonth(ctx context.Context, r usageRange) (sums, error) {
	q := analytics.Question{View: analytics.ViewSource, A: u.q.get("source"), By: []string{"unit"}, Metrics: recordMetrics()}
	if name := u.q.get("publisher"); name != "" {
		q.View, q.A = analytics.ViewPublisher, name
	}
	return u.ask(ctx, r, q)
}

// months is the series of records' use.
func (u *usageReading) months(ctx context.Context, t *usageTable) error {
	t.Columns = []usageColumn{{Key: "month", Label: "Month", Coded: true}}
	if u.q.get("publisher") != "" && u.q.get("source") != "" {
		t.Notes = append(t.Notes, "Of the publisher, from all sources.")
	}
	if u.q.get("source") == "" && u.q.get("publisher") == "" {
		t.Lead = "The sum of all sources that may be shown."
	}
	return u.seriesTable(ctx, t, u.byMonth, recordMetrics(), u.metric(recordMetrics()))
}

// recordTiles are the large numbers of a source or publisher.
func (u *usageReading) recordTiles(ctx context.Context) ([]usageTile, error) {
	r, err := u.span(ctx, analytics.CubeRecord)
	if err != nil {
		return nil, err
	}
	now, err := u.byMonth(ctx, r)
	if err != nil {
		return nil, err
	}
	before, against, err := u.against(ctx, r, u.byMonth)
	if err != nil {
		return nil, err
	}
	earlier, _ := r.before(u.q.get("compare"))
	var tiles []usageTile
	for _, m := range recordMetrics() {
		tile := usageTile{Label: metricName(m), URL: u.q.with("metric", m).url() + "#months", Value: now.over(r, m, false), Least: true, Current: u.metric(recordMetrics()) == m}
		if d := now.over(r, m, true); d.Known {
			tile.Note = "unique in a reader’s hour: " + number(int(d.N))
		}
		line := now.list(r.units(), m)
		if against != "" {
			tile.Change = changed(line, before.list(earlier.units(), m))
		}
		tile.Spark = spark(line)
		tiles = append(tiles, tile)
	}
	return tiles, nil
}

// over adds up the shown units of a range.
func (s sums) over(r usageRange, metric string, unique bool) datum {
	var d datum
	for _, unit := range r.units() {
		v, ok := s[sumKey{Unit: unit, Metric: metric}]
		if unique {
			v.N, ok = v.Uniq, ok && v.Uniq > 0
		}
		if ok {
			d.N, d.Known = d.N+v.N, true
		}
	}
	return d
}
