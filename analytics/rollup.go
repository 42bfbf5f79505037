package analytics

import (
	"cmp"
	"maps"
	"slices"
)

// Rollup adds events up to the leaves of a cube. Stores that add up in SQL have to come to the
// same; those that cannot use this.
func Rollup(c Cube, events []Event) []Leaf {
	sums := map[Leaf]*Leaf{}
	for _, e := range events {
		l, ok := leafOf(c, e)
		if !ok {
			continue
		}
		sum := sums[l.key()]
		if sum == nil {
			sums[l.key()] = &l
			continue
		}
		sum.join(l)
	}
	list := make([]Leaf, 0, len(sums))
	for _, l := range sums {
		list = append(list, *l)
	}
	SortLeaves(list)
	return list
}

// key is a leaf without its numbers.
func (l Leaf) key() Leaf {
	l.N, l.Uniq, l.UniqReq, l.Amount, l.Crowd = 0, 0, 0, 0, 0
	return l
}

func (l *Leaf) join(o Leaf) {
	l.N, l.Uniq, l.UniqReq, l.Amount = l.N+o.N, l.Uniq+o.Uniq, l.UniqReq+o.UniqReq, l.Amount+o.Amount
	l.Crowd |= o.Crowd
}

// SortLeaves puts leaves in an order that does not depend on how a store keeps them.
func SortLeaves(list []Leaf) {
	slices.SortFunc(list, func(a, b Leaf) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Month, b.Month), cmp.Compare(a.Hour, b.Hour),
			cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B), cmp.Compare(a.C, b.C), cmp.Compare(a.D, b.D), cmp.Compare(a.E, b.E), cmp.Compare(a.F, b.F), cmp.Compare(a.G, b.G),
			cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.Deal, b.Deal))
	})
}

// leafOf returns the leaf that one event counts in, when it does.
func leafOf(c Cube, e Event) (Leaf, bool) {
	l := Leaf{Month: e.Day.Month(), Day: c.UnitOf(e.Day), Metric: metricOf(e), Deal: e.Deal, Crowd: e.Crowd, N: 1}
	switch c {
	case CubeSite:
		if isUse(e.Kind) {
			l.Day, l.Hour, l.A, l.Uniq = e.Day, e.Hour, string(e.Channel), count(e.NewVisitor)
			return l, true
		}
	case CubeArea:
		if e.Kind == KindSearch {
			l.A, l.B = Joined(e.Countries), Joined(e.Themes)
			return l, true
		}
	case CubeTerm:
		if e.Kind == KindTerm || e.Kind == KindZeroTerm {
			l.A, l.N = e.Term, int64(e.Amount)
			return l, true
		}
	case CubeRecord:
		if isUse(e.Kind) && e.Record != "" {
			l.A, l.B, l.C, l.D, l.E = e.Record, e.Source, e.Publisher, e.Type, e.Language
			l.F, l.G = Joined(e.Countries), Joined(e.Themes)
			l.Uniq, l.UniqReq = count(e.UniqueInvestigation), count(e.UniqueRequest)
			return l, true
		}
	case CubeExport:
		if e.Kind == KindExport {
			l.A, l.B, l.C, l.Amount = e.Consumer, string(e.Channel), e.Format, int64(e.Amount)
			return l, true
		}
	}
	return l, false
}

// isUse reports whether a kind is something that people do.
func isUse(k Kind) bool {
	return k == KindSearch || k == KindView || k == KindClick || k == KindDownload
}

// metricOf returns the metric of leaves that an event counts in; none for exports.
func metricOf(e Event) string {
	switch e.Kind {
	case KindSearch:
		if e.Zero {
			return MetricZero
		}
		return MetricFound
	case KindTerm:
		return MetricFound
	case KindZeroTerm:
		return MetricZero
	case KindView, KindClick, KindDownload:
		return string(e.Kind)
	}
	return ""
}

func count(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Batches puts events into batches of one month each, in order.
func Batches(id uint64, events []Event) []Batch {
	by := map[Day][]Event{}
	for _, e := range events {
		by[e.Day.Month()] = append(by[e.Day.Month()], e)
	}
	var list []Batch
	for _, month := range slices.Sorted(maps.Keys(by)) {
		list = append(list, Batch{ID: id + uint64(len(list)), Month: month, Events: by[month]})
	}
	return list
}
