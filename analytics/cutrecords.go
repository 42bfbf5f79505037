package analytics

// cutRecords releases a month by record, source, publisher, and type and language. A record is
// in one of each, so that records are the parts of all the others, and each of the others parts
// the whole month.
func cutRecords(unit Day, leaves []Leaf, k int, known Known) ([]Cell, int) {
	h, rest := heap{}, heap{}
	for _, l := range leaves {
		for _, at := range recordCells(unit, l) {
			at.Metric = MetricInvestigation
			h.at(at).add(l, l.N, l.Uniq)
			if l.Metric == MetricView {
				at.Metric = MetricView
				rest.at(at).add(l, l.N, 0)
				continue
			}
			at.Metric = MetricRequest
			h.at(at).add(l, l.N, l.UniqReq)
		}
	}
	piles := h.piles()
	start(piles, k)
	// Investigations without requests are views: what of them can be worked out must be safe.
	for _, p := range piles {
		if p.cell.Metric == MetricRequest {
			whole, views := p.cell, p.cell
			whole.Metric, views.Metric = MetricInvestigation, MetricView
			tie(clean0(h, whole), p, clean0(rest, views), k)
		}
	}
	settle(recordFamilies(h, leaves, known), k)
	return collect(piles)
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

// recordFamilies are the records of each source, publisher and kind, and all of each for the
// whole month.
func recordFamilies(h heap, leaves []Leaf, known Known) []*family {
	g := grown{h: h, known: known, by: map[familyKey]*family{}, in: map[membership]bool{}}
	for _, l := range leaves {
		cells := recordCells(0, l)
		for i := range cells {
			cells[i].Unit = l.Day
		}
		for _, metric := range []string{MetricInvestigation, MetricRequest} {
			for i := range cells {
				cells[i].Metric = metric
				if _, there := h[cells[i]]; !there {
					continue
				}
				g.part(familyKey{whole: Cell{View: cells[i].View, Metric: metric}}, h[cells[i]])
				if i > 0 {
					g.part(familyKey{parent: cells[i]}, h[cells[0]])
				}
			}
		}
	}
	return g.list
}

// familyKey tells families apart: by their parent, or by the view whose cells are the whole.
type familyKey struct{ parent, whole Cell }

type membership struct {
	family familyKey
	part   *pile
}

// grown is a list of families that parts are added to, each once.
type grown struct {
	h     heap
	known Known
	by    map[familyKey]*family
	in    map[membership]bool
	list  []*family
}

func (g *grown) part(key familyKey, p *pile) {
	if g.in[membership{key, p}] {
		return
	}
	g.in[membership{key, p}] = true
	f := g.by[key]
	if f == nil {
		f = &family{alone: wholly}
		if key.parent.View != "" {
			f.parent = g.h[key.parent]
		} else {
			f.open = g.known[key.whole.Metric]
		}
		g.by[key] = f
		g.list = append(g.list, f)
	}
	f.parts = append(f.parts, p)
}
