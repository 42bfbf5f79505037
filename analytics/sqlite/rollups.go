package sqlite

import (
	"strings"

	"ctiphub/analytics"
)

// rollup is the table of a cube: its statements, and which fields of a leaf its columns are.
type rollup struct {
	upsert, list string
	targets      func(*analytics.Leaf) []any
}

// values are what the columns of a leaf hold.
func (r rollup) values(l *analytics.Leaf) []any {
	list := r.targets(l)
	for i, v := range list {
		switch v := v.(type) {
		case *analytics.Day:
			list[i] = *v
		case *string:
			list[i] = *v
		case *uint8:
			list[i] = int64(*v)
		case *uint32:
			list[i] = int64(*v)
		case *int64:
			list[i] = *v
		}
	}
	return list
}

// newRollup makes the statements of a table. Columns of key tell rows apart; sums are added up,
// and crowds joined.
func newRollup(table, unit string, key, sums, crowds []string, targets func(*analytics.Leaf) []any) rollup {
	columns := append(append(append([]string{}, key...), sums...), crowds...)
	var set []string
	for _, c := range sums {
		set = append(set, c+" = "+c+" + excluded."+c)
	}
	for _, c := range crowds {
		set = append(set, c+" = "+c+" | excluded."+c)
	}
	list := strings.Join(columns, ", ")
	return rollup{
		upsert: "INSERT INTO " + table + " (" + list + ") VALUES (" + strings.Repeat("?, ", len(columns)-1) + "?) ON CONFLICT DO UPDATE SET " + strings.Join(set, ", "),
		list:   "SELECT " + list + " FROM " + table + " WHERE " + unit + " >= ? AND " + unit + " < ?", targets: targets,
	}
}

// rollups are the tables of all cubes; see the migrations.
var rollups = map[analytics.Cube]rollup{
	analytics.CubeSite: newRollup("usage_site", "day",
		[]string{"month", "day", "hour", "channel", "metric", "deal"}, []string{"n", "visitors"}, []string{"crowd"},
		func(l *analytics.Leaf) []any {
			return []any{&l.Month, &l.Day, &l.Hour, &l.A, &l.Metric, &l.Deal, &l.N, &l.Uniq, &l.Crowd}
		}),
	analytics.CubeArea: newRollup("usage_area", "week",
		[]string{"month", "week", "countries", "themes", "metric", "deal"}, []string{"n"}, []string{"crowd"},
		func(l *analytics.Leaf) []any {
			return []any{&l.Month, &l.Day, &l.A, &l.B, &l.Metric, &l.Deal, &l.N, &l.Crowd}
		}),
	analytics.CubeTerm: newRollup("usage_term", "week",
		[]string{"month", "week", "term", "metric", "deal"}, []string{"n"}, []string{"crowd"},
		func(l *analytics.Leaf) []any {
			return []any{&l.Month, &l.Day, &l.A, &l.Metric, &l.Deal, &l.N, &l.Crowd}
		}),
	analytics.CubeRecord: newRollup("usage_record", "month",
		[]string{"month", "record", "source", "publisher", "type", "language", "countries", "themes", "metric", "deal"}, []string{"n", "uniq", "uniq_req"}, []string{"crowd"},
		func(l *analytics.Leaf) []any {
			return []any{&l.Day, &l.A, &l.B, &l.C, &l.D, &l.E, &l.F, &l.G, &l.Metric, &l.Deal, &l.N, &l.Uniq, &l.UniqReq, &l.Crowd}
		}),
	analytics.CubeExport: newRollup("usage_export", "week",
		[]string{"month", "week", "consumer", "channel", "format", "deal"}, []string{"n", "records"}, []string{"crowd"},
		func(l *analytics.Leaf) []any {
			return []any{&l.Month, &l.Day, &l.A, &l.B, &l.C, &l.Deal, &l.N, &l.Amount, &l.Crowd}
		}),
}
