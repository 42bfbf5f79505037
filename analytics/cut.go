package analytics

import (
	"fmt"
	"maps"
	"slices"
)

// heap is where the piles of one release grow.
type heap map[Cell]*pile

// at returns the pile of a cell.
func (h heap) at(c Cell) *pile {
	p := h[c]
	if p == nil {
		p = newPile(c)
		h[c] = p
	}
	return p
}

// piles returns them in an order that does not depend on chance.
func (h heap) piles() []*pile {
	return slices.SortedFunc(maps.Values(h), func(a, b *pile) int { return compareCells(a.cell, b.cell) })
}

// Cut decides what of the leaves of one unit may be shown. known lists those days of the
// unit whose totals can tell too much about it (see openDays); of months only.
func Cut(c Cube, unit Day, leaves []Leaf, k int, known Known) (cells []Cell, withheld int) {
	switch c {
	case CubeSite:
		cells, withheld = cutDays(leaves, k)
		rhythm, w := cutRhythm(unit, leaves, k)
		return append(cells, rhythm...), withheld + w
	case CubeArea:
		return cutAreas(unit, leaves, k)
	case CubeTerm:
		return cutTerms(unit, leaves, k)
	case CubeRecord:
		return cutRecords(unit, leaves, k, known)
	}
	return cutExports(unit, leaves, k)
}

// Known says of which metrics the total of a month can be worked out so well from its days
// that less than k people would be left.
type Known map[string]bool

// cutDays releases the days of a week, in all and by channel.
func cutDays(leaves []Leaf, k int) ([]Cell, int) {
	h, rest := heap{}, heap{}
	for _, l := range leaves {
		for _, channel := range []string{All, l.A} {
			at := Cell{View: ViewDay, Unit: l.Day, A: channel}
			for _, m := range metricsOf(l.Metric) {
				at.Metric = m
				if m != MetricRequest && m != MetricInvestigation {
					h.at(at).add(l, l.N, 0)
				}
			}
			if l.Metric == MetricFound {
				at.Metric = MetricFound
				rest.at(at).add(l, l.N, 0)
			}
		}
		// A visit is counted once a day, with the first use, whatever that was.
		visits := h.at(Cell{View: ViewDay, Unit: l.Day, A: All, Metric: MetricVisitors})
		visits.cell.N += l.Uniq
		visits.crowd.add(l.Deal, l.Crowd)
	}
	piles := h.piles()
	start(piles, k)
	tieZero(h, rest, k)
	settle(dayFamilies(piles), k)
	return collect(piles)
}

// metricsOf returns the metrics of cells that a metric of leaves counts in.
func metricsOf(m string) []string {
	switch m {
	case MetricFound:
		return []string{MetricSearch}
	case MetricZero:
		return []string{MetricSearch, MetricZero}
	case MetricView:
		return []string{MetricView, MetricInvestigation}
	case MetricClick, MetricDownload:
		return []string{m, MetricRequest, MetricInvestigation}
	}
	return nil
}

// tieZero ties the searches that found nothing to all searches of the same cell.
func tieZero(h, rest heap, k int) {
	for _, p := range h.piles() {
		if p.cell.Metric != MetricZero {
			continue
		}
		whole, other := p.cell, p.cell
		whole.Metric, other.Metric = MetricSearch, MetricFound
		tie(clean0(h, whole), p, clean0(rest, other), k)
	}
}

// clean0 finds the pile of a cell, whose numbers have grown since it was keyed.
func clean0(h heap, c Cell) *pile {
	c.N, c.Uniq, c.People = 0, 0, 0
	return h.at(c)
}

// dayFamilies are the channels of each day, and the days of the week: those of each month for
// themselves too, since the months of other views end within a week.
func dayFamilies(piles []*pile) []*family {
	by := map[[3]any]*family{}
	var list []*family
	part := func(parent *pile, p *pile, key ...any) {
		f := by[[3]any(append(key, nil, nil)[:3])]
		if f == nil {
			f = &family{parent: parent, alone: wholly}
			by[[3]any(append(key, nil, nil)[:3])] = f
			list = append(list, f)
		}
		f.parts = append(f.parts, p)
	}
	total := map[[2]any]*pile{}
	for _, p := range piles {
		if p.cell.A == All {
			total[[2]any{p.cell.Unit, p.cell.Metric}] = p
		}
	}
	for _, p := range piles {
		c := p.cell
		switch {
		case c.Metric == MetricVisitors:
		case c.A == All:
			part(nil, p, c.Metric, c.Unit.Month())
			part(nil, p, c.Metric)
		default:
			part(total[[2]any{c.Unit, c.Metric}], p, c.Metric, c.Unit, "channel")
		}
	}
	return list
}

// cutRhythm releases how busy the hours of a week were, in ten steps: steps cannot be taken
// from each other.
func cutRhythm(unit Day, leaves []Leaf, k int) ([]Cell, int) {
	h := heap{}
	for _, l := range leaves {
		h.at(Cell{View: ViewRhythm, Unit: unit, A: fmt.Sprint(l.Day.Weekday()), B: fmt.Sprintf("%02d", l.Hour), Metric: MetricIntensity}).add(l, l.N, 0)
	}
	piles := h.piles()
	start(piles, k)
	busiest := int64(1)
	for _, p := range piles {
		if p.shown {
			busiest = max(busiest, p.cell.N)
		}
	}
	cells, withheld := collect(piles)
	for i := range cells {
		cells[i].N = (cells[i].N*10 + busiest - 1) / busiest
	}
	return cells, withheld
}

// cutAreas releases a week by country and theme. One use can be in several cells, so that taking
// cells from a total leaves those uses behind for sure that are in one cell only.
func cutAreas(unit Day, leaves []Leaf, k int) ([]Cell, int) {
	h, rest := heap{}, heap{}
	for _, l := range leaves {
		at := Cell{View: ViewArea, Unit: unit, A: l.A, B: l.B}
		for _, m := range metricsOf(l.Metric) {
			if m != MetricClick && m != MetricDownload && m != MetricInvestigation {
				at.Metric = m
				h.at(at).addArea(l)
			}
		}
		if l.Metric == MetricFound {
			at.Metric = MetricFound
			rest.at(at).addArea(l)
		}
	}
	piles := h.piles()
	start(piles, k)
	tieZero(h, rest, k)
	settle(areaFamilies(piles), k)
	return collect(piles)
}

// addArea adds a leaf with the crowds of those that are in one cell only.
func (p *pile) addArea(l Leaf) {
	if p.aloneA == nil {
		p.aloneA, p.aloneB = crowds{}, crowds{}
	}
	p.add(l, l.N, 0)
	p.aloneA.add(l.Deal, l.CrowdA)
	p.aloneB.add(l.Deal, l.CrowdB)
}

// areaFamilies are the themes of each country, the countries of each theme, and both for
// everything.
func areaFamilies(piles []*pile) []*family {
	type key struct{ a, b, metric string }
	by := map[key]*pile{}
	for _, p := range piles {
		by[key{p.cell.A, p.cell.B, p.cell.Metric}] = p
	}
	families := map[[2]key]*family{}
	var list []*family
	part := func(parent key, kind string, p *pile, alone func(*pile) crowds) {
		at := [2]key{parent, {kind, "", ""}}
		if families[at] == nil {
			families[at] = &family{parent: by[parent], alone: alone}
			list = append(list, families[at])
		}
		families[at].parts = append(families[at].parts, p)
	}
	for _, p := range piles {
		c := p.cell
		if c.B != All {
			part(key{c.A, All, c.Metric}, "row", p, inRow)
		}
		if c.A != All {
			part(key{All, c.B, c.Metric}, "column", p, inColumn)
		}
	}
	return list
}

// cutTerms releases what people searched for in a week. All searches whose words are not told
// are one part of the week as well, which is never shown.
func cutTerms(unit Day, leaves []Leaf, k int) ([]Cell, int) {
	h, rest := heap{}, heap{}
	for _, l := range leaves {
		for _, m := range metricsOf(l.Metric) {
			h.at(Cell{View: ViewTerm, Unit: unit, A: l.A, Metric: m}).add(l, l.N, 0)
		}
		if l.Metric == MetricFound {
			rest.at(Cell{View: ViewTerm, Unit: unit, A: l.A, Metric: MetricFound}).add(l, l.N, 0)
		}
	}
	piles := h.piles()
	start(piles, k)
	families := map[string]*family{}
	for _, p := range piles {
		if p.cell.A == "" {
			p.shown = false
		}
		m := p.cell.Metric
		if families[m] == nil {
			families[m] = &family{alone: wholly}
		}
		families[m].parts = append(families[m].parts, p)
	}
	tieZero(h, rest, k)
	settle(slices.Collect(maps.Values(families)), k)
	cells, withheld := collect(piles)
	return cells, withheld
}

// cutExports releases what programs took in a week: of registered organisations everything, of
// all others what belongs to enough of them.
func cutExports(unit Day, leaves []Leaf, k int) ([]Cell, int) {
	h := heap{}
	for _, l := range leaves {
		at := Cell{View: ViewExport, Unit: unit, A: l.A, B: l.B, C: l.C}
		at.Metric = MetricPulls
		h.at(at).add(l, l.N, 0)
		at.Metric = MetricPulledRecords
		h.at(at).add(l, l.Amount, 0)
	}
	piles := h.piles()
	start(piles, k)
	for _, p := range piles {
		p.shown = p.shown || p.cell.A != "" && p.cell.N > 0
	}
	return collect(piles)
}
