package clickhouse

import (
	"strings"

	"ctiphub/analytics"
)

// rollup describes the table of a cube: everything said to the server about it is made from this.
type rollup struct {
	table string
	unit  string // the column with the day of a leaf
	where string // which events are rolled up
	keys  []column
	sums  []column
	// targets are the fields of a leaf, in order of keys and sums.
	targets func(*analytics.Leaf) []any
}

// column is a column of a rollup, and the expression over events that it holds. A name must not be
// that of a column of usage_events which the expression uses: an old server takes one for the
// other.
type column struct{ name, kind, of string }

var month = column{"month", "Date", "toStartOfMonth(day)"}
var week = column{"week", "Date", "toMonday(day)"}

func text(name, of string) column { return column{name, "String", of} }
func sum(name, of string) column  { return column{name, "UInt64", of} }

const itemUse = "kind IN ('view', 'click', 'download')"

// rollups are the tables of all cubes. Rows differ by origin too: 0 are from events, 1 were copied
// from another store.
var rollups = map[analytics.Cube]rollup{
	analytics.CubeSite: {
		table: "usage_site", unit: "day", where: "kind = 'search' OR " + itemUse,
		keys: []column{month, {"day", "Date", "day"}, {"hour", "UInt8", "hour"}, text("channel", "channel"),
			text("metric", "multiIf(kind = 'search' AND zero = 1, 'zero', kind = 'search', 'found', kind)"), {"deal", "UInt32", "deal"}},
		sums: []column{sum("n", "1"), sum("visitors", "new_visitor")},
		targets: func(l *analytics.Leaf) []any {
			return []any{&l.Month, &l.Day, &l.Hour, &l.A, &l.Metric, &l.Deal, &l.N, &l.Uniq, &l.Crowd}
		},
	},
	analytics.CubeArea: {
		table: "usage_area", unit: "week", where: "kind = 'search'",
		keys: []column{month, week, text("country_list", "arrayStringConcat(countries, ',')"), text("theme_list", "arrayStringConcat(themes, ',')"),
			text("metric", "if(zero = 1, 'zero', 'found')"), {"deal", "UInt32", "deal"}},
		sums: []column{sum("n", "1")},
		targets: func(l *analytics.Leaf) []any {
			return []any{&l.Month, &l.Day, &l.A, &l.B, &l.Metric, &l.Deal, &l.N, &l.Crowd}
		},
	},
	analytics.CubeTerm: {
		table: "usage_term", unit: "week", where: "kind IN ('term', 'zero-term')",
		keys: []column{month, week, text("term", "term"), text("metric", "if(kind = 'term', 'found', 'zero')"), {"deal", "UInt32", "deal"}},
		sums: []column{sum("n", "amount")},
		targets: func(l *analytics.Leaf) []any {
			return []any{&l.Month, &l.Day, &l.A, &l.Metric, &l.Deal, &l.N, &l.Crowd}
		},
	},
	analytics.CubeRecord: {
		table: "usage_record", unit: "month", where: itemUse + " AND record != ''",
		keys: []column{month, text("record", "record"), text("source", "source"), text("publisher", "publisher"), text("type", "type"), text("language", "language"),
			text("country_list", "arrayStringConcat(countries, ',')"), text("theme_list", "arrayStringConcat(themes, ',')"), text("metric", "kind"), {"deal", "UInt32", "deal"}},
		sums: []column{sum("n", "1"), sum("uniq", "unique_investigation"), sum("uniq_req", "unique_request")},
		targets: func(l *analytics.Leaf) []any {
			return []any{&l.Day, &l.A, &l.B, &l.C, &l.D, &l.E, &l.F, &l.G, &l.Metric, &l.Deal, &l.N, &l.Uniq, &l.UniqReq, &l.Crowd}
		},
	},
	analytics.CubeExport: {
		table: "usage_export", unit: "week", where: "kind = 'export'",
		keys: []column{month, week, text("consumer", "consumer"), text("channel", "channel"), text("format", "format"), {"deal", "UInt32", "deal"}},
		sums: []column{sum("n", "1"), sum("records", "amount")},
		targets: func(l *analytics.Leaf) []any {
			return []any{&l.Month, &l.Day, &l.A, &l.B, &l.C, &l.Deal, &l.N, &l.Amount, &l.Crowd}
		},
	},
}

// crowd is the column of the buckets, in each rollup.
const crowd = "crowd_set"

// each joins what a function makes of columns.
func each(list []column, f func(column) string) string {
	parts := make([]string, len(list))
	for i, c := range list {
		parts[i] = f(c)
	}
	return strings.Join(parts, ", ")
}

func name(c column) string { return c.name }

// columns are the definitions of the columns, with states that are added up when rows meet.
func (r rollup) columns() string {
	return each(r.keys, func(c column) string { return c.name + " " + c.kind }) + ", origin UInt8, " +
		each(r.sums, func(c column) string { return c.name + " AggregateFunction(sum, UInt64)" }) + ", " + crowd + " AggregateFunction(groupBitOr, UInt32)"
}

// order is the key by which rows are kept: what is asked for by unit first.
func (r rollup) order() string { return "(" + each(r.keys, name) + ", origin)" }

// partition is by month, so that a month can be replaced.
func (r rollup) partition() string { return "toYYYYMM(month)" }

// fromEvents selects rows of the rollup from a table of events.
func (r rollup) fromEvents(table, also string) string {
	return "SELECT " + each(r.keys, func(c column) string {
		if c.of == c.name {
			return c.name
		}
		return c.of + " AS " + c.name
	}) + ", toUInt8(0) AS origin, " + each(r.sums, func(c column) string { return "sumState(toUInt64(" + c.of + ")) AS " + c.name }) +
		", groupBitOrState(crowd) AS " + crowd + " FROM " + table + " WHERE (" + r.where + ")" + also + " GROUP BY " + each(r.keys, name)
}

// plain are the columns of a table that copied leaves are written to first.
func (r rollup) plain() string {
	return each(r.keys, func(c column) string { return c.name + " " + c.kind }) + ", " +
		each(r.sums, func(c column) string { return c.name + " UInt64" }) + ", " + crowd + " UInt32"
}

// fromPlain selects rows of the rollup from such a table.
func (r rollup) fromPlain(table string) string {
	return "SELECT " + each(r.keys, name) + ", toUInt8(1) AS copied, " +
		each(r.sums, func(c column) string { return "sumState(" + c.name + ")" }) + ", groupBitOrState(" + crowd + ") FROM " + table + " GROUP BY " + each(r.keys, name)
}

// leaves selects the leaves of the units from one day to the day before another.
func (r rollup) leaves(table string) string {
	return "SELECT " + each(r.keys, name) + ", " + each(r.sums, func(c column) string { return "toInt64(sumMerge(" + c.name + "))" }) +
		", groupBitOrMerge(" + crowd + ") FROM " + table + " WHERE " + r.unit + " >= ? AND " + r.unit + " < ? GROUP BY " + each(r.keys, name)
}

// totals selects one row: what all sums of a rollup, or of the events themselves, come to in a
// month, and a number that nothing but the same crowds come to.
func (r rollup) totals(table string, events bool) string {
	sums := func(c column) string { return "sumMerge(" + c.name + ") AS s_" + c.name }
	bits, from := "groupBitOrMerge("+crowd+")", table+" WHERE origin = 0"
	keys := each(r.keys, name)
	if events {
		sums = func(c column) string { return "sum(toUInt64(" + c.of + ")) AS s_" + c.name }
		bits, from = "groupBitOr(crowd)", table+" WHERE ("+r.where+")"
		keys = each(r.keys, func(c column) string { return c.of })
	}
	in := " AND " + month.name
	if events {
		in = " AND " + month.of
	}
	return "SELECT " + each(r.sums, func(c column) string { return "toInt64(sum(s_" + c.name + "))" }) + ", toInt64(sum(bits)) FROM (SELECT " +
		each(r.sums, sums) + ", toUInt64(" + bits + ") AS bits FROM " + from + in + " = ? GROUP BY " + keys + ")"
}
