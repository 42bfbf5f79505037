package portal

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"ctiphub/analytics"
)

// usageTable is one panel. The page shows it, and CSV and JSON are the same columns and rows:
// there is no number in one that is not in the others.
type usageTable struct {
	ID      string
	Title   string
	Lead    string
	Columns []usageColumn
	Rows    []usageRow
	Range   usageRange
	Apart   bool // the range is another than that of the page: of months among weeks
	Notes   []string
	Chart   *usageChart
	Matrix  bool   // shaded as a heat map
	Empty   string // what it says without rows
	CSV     string // address of the same as CSV
	JSON    string
	More    usageLink // the page that has more of it
}

// usageColumn is one column. A column of things named by an id has two in CSV and JSON: the
// id, and the name.
type usageColumn struct {
	Key, Label string
	Number     bool
	Coded      bool
	Series     string // of a chart: "now" or "before"
}

// usageRow is one line.
type usageRow struct {
	Cells []datum
}

// datum is one value. The zero datum is nothing, or a number of fewer people than may be
// shown: nobody can tell which, the pages no more than their readers.
type datum struct {
	text
	ID    string // of what the text names
	URL   string
	N     int64
	Known bool // N may be shown
	Share bool // N is in percent
	Heat  int  // 1 to 5
	Bar   int  // 1 to 100
	Date  string
}

// figure writes a number as the other pages do.
func figure(n int64) string { return number(int(n)) }

func number64(n int64, ok bool) datum { return datum{N: n, Known: ok} }

// words is a datum that is a text in English.
func words(s string) datum { return datum{text: text{S: s, Lang: "en", Dir: "ltr"}} }

// Number reports a datum that the page writes as a number, or as nothing.
func (d datum) Number() bool { return d.S == "" }

// dayDatum is the first day of a unit.
func dayDatum(d analytics.Day, layout string) datum {
	v := words(d.Time().Format(layout))
	v.ID, v.Date = d.String(), d.String()
	return v
}

// sumKey is what a sum is of.
type sumKey struct {
	Unit    analytics.Day
	A, B, C string
	Metric  string
}

// sum is what shown cells add up to; there is none where no cell is shown.
type sum struct{ N, Uniq int64 }

type sums map[sumKey]sum

// addUp adds up the cells of an answer by what the question asks for.
func addUp(q analytics.Question, cells []analytics.Cell) sums {
	out := sums{}
	by := func(dimension, value string) string {
		if slices.Contains(q.By, dimension) {
			return value
		}
		return ""
	}
	for _, c := range cells {
		if c.N <= 0 {
			continue
		}
		k := sumKey{A: by("a", c.A), B: by("b", c.B), C: by("c", c.C), Metric: c.Metric}
		if slices.Contains(q.By, "unit") {
			k.Unit = c.Unit
		}
		s := out[k]
		out[k] = sum{s.N + c.N, s.Uniq + c.Uniq}
	}
	return out
}

// figure is a sum as a datum.
func (s sums) figure(k sumKey) datum {
	v, ok := s[k]
	return number64(v.N, ok)
}

// unique is the unique items of a sum as a datum.
func (s sums) unique(k sumKey) datum {
	v, ok := s[k]
	return number64(v.Uniq, ok && v.Uniq > 0)
}

// ranked lists the values of A that have a sum of one of the metrics, the largest first.
func (s sums) ranked(metrics ...string) []string {
	most := map[string]int64{}
	for k, v := range s {
		if at := slices.Index(metrics, k.Metric); at >= 0 && k.A != analytics.All {
			// A value without the first metric comes after all that have it.
			n := v.N
			if at == 0 {
				n += 1 << 40
			}
			most[k.A] = max(most[k.A], n)
		}
	}
	return slices.SortedFunc(maps.Keys(most), func(a, b string) int { return cmp.Or(cmp.Compare(most[b], most[a]), cmp.Compare(a, b)) })
}

// list is a metric of some days or units, one after the other.
func (s sums) list(units []analytics.Day, metric string) []datum {
	var list []datum
	for _, d := range units {
		list = append(list, s.figure(sumKey{Unit: d, Metric: metric}))
	}
	return list
}

// rates are what one metric is of another, by what both are of. Only units that show both
// count: the sums of all units can have more of the one than of the other.
func (s sums) rates(part, whole string) map[sumKey]datum {
	parts, wholes := map[sumKey]int64{}, map[sumKey]int64{}
	for k, v := range s {
		other := k
		other.Metric = whole
		w, both := s[other]
		if k.Metric != part || !both {
			continue
		}
		k.Unit, k.Metric = 0, ""
		parts[k] += v.N
		wholes[k] += w.N
	}
	out := map[sumKey]datum{}
	for k, n := range parts {
		out[k] = ratio(number64(n, true), number64(wholes[k], true))
	}
	return out
}

// whole adds up the units.
func (s sums) whole() sums {
	out := sums{}
	for k, v := range s {
		k.Unit = 0
		all := out[k]
		out[k] = sum{all.N + v.N, all.Uniq + v.Uniq}
	}
	return out
}

// ratio is one number of another in percent, where both may be shown.
func ratio(part, whole datum) datum {
	if !part.Known || !whole.Known || whole.N <= 0 {
		return datum{}
	}
	return datum{N: (part.N*100 + whole.N/2) / whole.N, Known: true, Share: true}
}

// shade gives the numbers of a matrix their shades: by fifths of the largest.
func shade(rows []usageRow, columns []usageColumn) {
	var most int64
	each := func(f func(*datum)) {
		for _, r := range rows {
			for i := range r.Cells {
				if columns[i].Number && columns[i].Key != "all" && r.Cells[i].Known {
					f(&r.Cells[i])
				}
			}
		}
	}
	each(func(d *datum) { most = max(most, d.N) })
	each(func(d *datum) { d.Heat = int((d.N*5 + most - 1) / most) })
}

// bars draws the numbers of one column as bars, in the column before it.
func bars(rows []usageRow, column int) {
	var most int64
	for _, r := range rows {
		if r.Cells[column].Known {
			most = max(most, r.Cells[column].N)
		}
	}
	for _, r := range rows {
		if d := r.Cells[column]; d.Known && most > 0 {
			r.Cells[0].Bar = max(1, int(d.N*100/most))
		}
	}
}

// changed says in words how a series stands to that of an earlier time. Only those of its parts
// count that are shown in both: what is not shown would pass for fewer uses.
func changed(now, before []datum) string {
	var n, earlier int64
	for i := range min(len(now), len(before)) {
		if now[i].Known && before[i].Known {
			n, earlier = n+now[i].N, earlier+before[i].N
		}
	}
	if earlier <= 0 {
		return ""
	}
	part := (n - earlier) * 100
	if part >= 0 {
		part = (part + earlier/2) / earlier
	} else {
		part = -((-part + earlier/2) / earlier)
	}
	switch {
	case part > 999:
		return "more than ten times as many"
	case part > 0:
		return "▲ " + number(int(part)) + " % more"
	case part < 0:
		return "▼ " + number(int(-part)) + " % fewer"
	}
	return "as many as before"
}

// Broad reports a panel that needs the whole width of a page.
func (t usageTable) Broad() bool { return t.Chart != nil || t.Matrix || len(t.Columns) > 7 }

// Class is the class of a cell: numbers, of which there are many, have none.
func (t usageTable) Class(column int, d datum) string {
	switch {
	case !t.Columns[column].Number:
		return "t"
	case t.Matrix && d.Heat > 0:
		return "heat-" + strconv.Itoa(d.Heat)
	}
	return ""
}
