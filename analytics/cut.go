package analytics

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Cut decides what of the leaves of one unit may be shown. days is of months only: what their
// days tell and leave open (see DaysOf).
func Cut(c Cube, unit Day, leaves []Leaf, k int, days Days) (cells []Cell, withheld int) {
	switch c {
	case CubeSite:
		cells, withheld = dayHeap(leaves, k).release(k)
		rhythm, w := cutRhythm(unit, leaves, k)
		return append(cells, rhythm...), withheld + w
	case CubeArea:
		return cutAreas(unit, leaves, k)
	case CubeTerm:
		return cutTerms(unit, leaves, k)
	case CubeRecord:
		return cutRecords(unit, leaves, k, days)
	}
	return cutExports(unit, leaves, k)
}

// weekly returns the metrics of cells of weeks that each metric of leaves counts in. Searches are
// told apart by what they found, and requests by what they were, in weeks only in which both
// belong to enough people: else one number and its part would tell the other.
func weekly(leaves []Leaf, k int) map[string][]string {
	crowd := map[string]crowds{}
	for _, l := range leaves {
		if crowd[l.Metric] == nil {
			crowd[l.Metric] = crowds{}
		}
		crowd[l.Metric].add(l.Deal, l.Crowd)
	}
	metrics := map[string][]string{MetricView: {MetricView}}
	for whole, parts := range map[string][2]string{MetricSearch: {MetricFound, MetricZero}, MetricRequest: {MetricClick, MetricDownload}} {
		both := crowd[parts[0]].people() >= k && crowd[parts[1]].people() >= k
		for _, part := range parts {
			metrics[part] = []string{whole}
			if both {
				metrics[part] = append(metrics[part], part)
			}
		}
	}
	return metrics
}

// dayHeap has the days of a week, in all and by channel. The sums of the week, and of its
// parts in two months, are taken for known: other cubes have them.
func dayHeap(leaves []Leaf, k int) heap {
	h, metrics := newHeap(), weekly(leaves, k)
	for _, l := range leaves {
		for _, m := range metrics[l.Metric] {
			h.add(l, Cell{View: ViewDay, Unit: l.Day, A: All, Metric: m}, l.N, 0)
			h.add(l, Cell{View: ViewDay, Unit: l.Day, A: l.A, Metric: m}, l.N, 0)
			h.add(l, weekSum(l.Day.Week(), m), l.N, 0)
			h.add(l, monthSum(l.Day.Month(), m), l.N, 0)
		}
		addVisits(h, l)
	}
	h.know(k)
	return h
}

// weekSum and monthSum are sums that are no cells of a view.
func weekSum(week Day, metric string) Cell   { return Cell{Unit: week, A: "week", Metric: metric} }
func monthSum(month Day, metric string) Cell { return Cell{Unit: month, A: "month", Metric: metric} }

// know takes sums for known that belong to enough people. Those of the parts of a week in two
// months are known only when all of them do, as each tells the other.
func (h heap) know(k int) {
	small := false
	for c, p := range h.piles {
		small = small || c.View == "" && c.A == "month" && p.crowd.people() < k
	}
	for c, p := range h.piles {
		if c.View == "" {
			p.known = p.crowd.people() >= k && !(c.A == "month" && small)
			p.secret = true
		}
	}
}

// addVisits counts the visits of a day: of each reader with the first use, whatever that was.
// Everybody with a use that day is one of those readers.
func addVisits(h heap, l Leaf) {
	l.Hour, l.A, l.Metric = 0, "", MetricVisitors
	p := h.add(l, Cell{View: ViewDay, Unit: l.Day, A: All, Metric: MetricVisitors}, l.N, 0)
	p.cell.N += l.Uniq - l.N
}

// Days is what the days of a month tell of its sums, by week and metric.
type Days []openWeek

// openWeek are the days of one week that are not told, within the month and outside.
type openWeek struct {
	week     Day
	metric   string
	in, out  crowds
	told     bool // some day of the month is told
	weekSure bool // the sum of the week is known
}

// DaysOf tells what the days of a month leave open. leaves are those of CubeSite, of all weeks
// that have days in the month.
func DaysOf(month Day, leaves []Leaf, k int) Days {
	weeks := map[Day][]Leaf{}
	for _, l := range leaves {
		weeks[l.Day.Week()] = append(weeks[l.Day.Week()], l)
	}
	var days Days
	for _, week := range slices.Sorted(maps.Keys(weeks)) {
		h, metrics := dayHeap(weeks[week], k), weekly(weeks[week], k)
		h.release(k)
		for _, metric := range []string{MetricView, MetricRequest} {
			o := openWeek{week: week, metric: metric, in: crowds{}, out: crowds{}}
			if sum := h.piles[weekSum(week, metric)]; sum != nil {
				o.weekSure = sum.known
			}
			for l, a := range h.atoms {
				if slices.Contains(metrics[l.Metric], metric) {
					o.note(l, a, month)
				}
			}
			days = append(days, o)
		}
	}
	return days
}

// note adds what was counted on a day in one channel.
func (o *openWeek) note(l Leaf, a *atom, month Day) {
	told := slices.ContainsFunc(a.in, func(p *pile) bool { return p.shown && p.cell.View == ViewDay && p.cell.Metric == o.metric })
	switch within := l.Day.Month() == month; {
	case told:
		o.told = o.told || within
	case within:
		o.in.join(a.crowd)
	default:
		o.out.join(a.crowd)
	}
}

// cutRhythm releases how busy the hours of a week were, in ten steps: steps cannot be taken
// from each other.
func cutRhythm(unit Day, leaves []Leaf, k int) ([]Cell, int) {
	h := newHeap()
	for _, l := range leaves {
		h.add(l, Cell{View: ViewRhythm, Unit: unit, A: fmt.Sprint(l.Day.Weekday()), B: fmt.Sprintf("%02d", l.Hour), Metric: MetricIntensity}, l.N, 0)
	}
	cells, withheld := h.release(k)
	busiest := int64(1)
	for _, c := range cells {
		busiest = max(busiest, c.N)
	}
	for i := range cells {
		cells[i].N = (cells[i].N*10 + busiest - 1) / busiest
	}
	return cells, withheld
}

// cutAreas releases the searches of a week by country and theme. One can be in several cells, which
// is why its atoms are lists of both. The sums of the week are taken for known.
func cutAreas(unit Day, leaves []Leaf, k int) ([]Cell, int) {
	h, metrics := newHeap(), weekly(leaves, k)
	for _, l := range leaves {
		for _, m := range metrics[l.Metric] {
			h.add(l, weekSum(unit, m), l.N, 0)
			h.addAreas(l, Cell{View: ViewArea, Unit: unit, Metric: m}, l.A, l.B, 0)
		}
	}
	h.know(k)
	return h.release(k)
}

// addAreas counts a leaf in the cells of all its countries and themes, and in those of any.
func (h heap) addAreas(l Leaf, c Cell, countries, themes string, uniq int64) {
	for _, c.A = range withMargin(countries) {
		for _, c.B = range withMargin(themes) {
			h.add(l, c, l.N, uniq)
		}
	}
}

// withMargin returns the values of a joined list, or "" for none, and All.
func withMargin(joined string) []string { return append(strings.Split(joined, ","), All) }

// cutTerms releases what people searched for in a week. All searches whose words are not told
// are one part of the week as well, which is never shown; the sums of the week are taken for known.
func cutTerms(unit Day, leaves []Leaf, k int) ([]Cell, int) {
	h, metrics := newHeap(), weekly(leaves, k)
	for _, l := range leaves {
		for _, m := range metrics[l.Metric] {
			h.add(l, Cell{View: ViewTerm, Unit: unit, A: l.A, Metric: m}, l.N, 0).secret = l.A == ""
			h.add(l, weekSum(unit, m), l.N, 0)
		}
	}
	h.know(k)
	return h.release(k)
}

// cutRecords releases a month by record, source, publisher, type and language, and country and
// theme. The sums of the month can be taken from its days, but for those that are not told.
// A month of very many records, in very many combinations of all these, is told by fewer of
// them: what cannot be looked through cannot be shown.
func cutRecords(unit Day, leaves []Leaf, k int, days Days) ([]Cell, int) {
	views := CubeRecord.Views()
	h := recordHeap(unit, leaves, days, views)
	for _, less := range []View{ViewKind, ViewItemArea, ViewPublisher} {
		if h.combinations(k) <= mostCombinations {
			break
		}
		views = slices.DeleteFunc(slices.Clone(views), func(v View) bool { return v == less })
		h = recordHeap(unit, leaves, days, views)
	}
	return h.release(k)
}

// mostCombinations is how many combinations of what is not told an audit looks through: these take
// a minute or so.
const mostCombinations = 2500

// combinations counts the columns of what somebody knows who sees all that enough people share.
func (h heap) combinations(k int) int {
	piles := h.sorted()
	for _, p := range piles {
		p.shown = p.cell.N > 0 && p.crowd.people() >= k && !p.secret
	}
	return len(h.equations(piles).columns)
}

// recordHeap has the cells of some views of a month.
func recordHeap(unit Day, leaves []Leaf, days Days, views []View) heap {
	h := newHeap()
	for _, l := range leaves {
		metrics := []string{MetricInvestigation, MetricRequest}
		if l.Metric == MetricView {
			metrics[1] = MetricView
		}
		for _, m := range metrics {
			for _, c := range recordCells(unit, l) {
				if c.Metric = m; slices.Contains(views, c.View) {
					h.add(l, c, l.N, uniqOf(l, m))
				}
			}
			if slices.Contains(views, ViewItemArea) {
				h.addAreas(l, Cell{View: ViewItemArea, Unit: unit, Metric: m}, l.F, l.G, uniqOf(l, m))
			}
		}
		h.add(l, monthSum(unit, metrics[1]), l.N, 0)
	}
	h.open(unit, days)
	return h
}

// open says how well the sums of a month are known from its days.
func (h heap) open(month Day, days Days) {
	told := map[string]bool{}
	for _, o := range days {
		told[o.metric] = told[o.metric] || o.told
		week := &pile{cell: weekSum(o.week, o.metric), crowd: crowds{}, known: o.weekSure, secret: true}
		h.piles[week.cell] = week
		in := []*pile{week}
		if sum := h.piles[monthSum(month, o.metric)]; sum != nil {
			in = append(in, sum)
		}
		h.put(Leaf{Day: o.week, Metric: o.metric, A: "in"}, o.in, in)
		h.put(Leaf{Day: o.week, Metric: o.metric, A: "out"}, o.out, in[:1])
	}
	for c, p := range h.piles {
		if c.A == "month" && c.View == "" {
			p.known, p.secret = told[c.Metric], true
		}
	}
}

// put makes an atom of what is known by its crowd only.
func (h heap) put(key Leaf, crowd crowds, in []*pile) {
	if len(crowd) > 0 {
		a := h.atom(key)
		a.crowd, a.in = crowd, in
	}
}

// uniqOf is what a leaf adds to the unique items of a metric.
func uniqOf(l Leaf, metric string) int64 {
	switch metric {
	case MetricInvestigation:
		return l.Uniq
	case MetricRequest:
		return l.UniqReq
	}
	return 0
}

// recordCells are the cells that a leaf counts in: its record, source, publisher, and kind.
func recordCells(unit Day, l Leaf) []Cell {
	return []Cell{
		{View: ViewRecord, Unit: unit, A: l.A, B: l.B, C: l.C},
		{View: ViewSource, Unit: unit, A: l.B},
		{View: ViewPublisher, Unit: unit, A: l.C},
		{View: ViewKind, Unit: unit, A: l.D, B: l.E},
	}
}

// cutExports releases what programs took in a week: of registered organisations everything, of
// all others what belongs to enough of them.
func cutExports(unit Day, leaves []Leaf, k int) ([]Cell, int) {
	others, named := newHeap(), newHeap()
	for _, l := range leaves {
		h := others
		if l.A != "" {
			h = named
		}
		c := Cell{View: ViewExport, Unit: unit, A: l.A, B: l.B, C: l.C}
		c.Metric = MetricPulls
		h.add(l, c, l.N, 0)
		c.Metric = MetricPulledRecords
		h.add(l, c, l.Amount, 0)
	}
	cells, withheld := others.release(k)
	all, _ := named.release(0)
	cells = append(cells, all...)
	slices.SortFunc(cells, compareCells)
	return cells, withheld
}
