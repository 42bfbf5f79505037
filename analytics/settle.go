package analytics

import (
	"cmp"
	"slices"
)

// A cell may be shown when it belongs to at least k people, and when nobody can work out from
// it and other numbers one that belongs to fewer. The second is what families are for: of a
// total and its parts, what is left when the parts that are shown are taken away must be
// nothing, or belong to k people as well. Where it does not, the smallest part that is shown
// is withheld, and so on. Cells that were never added up from the same uses need no family.

// crowds are the buckets of the people behind a number, by deal. Deals are not put together:
// the same reader has another bucket in each.
type crowds map[uint32]uint32

func (c crowds) add(deal, crowd uint32) {
	if crowd != 0 {
		c[deal] |= crowd
	}
}

func (c crowds) join(other crowds) {
	for deal, crowd := range other {
		c[deal] |= crowd
	}
}

// people is how many people a crowd is at least: those of its largest deal.
func (c crowds) people() int {
	most := 0
	for _, crowd := range c {
		most = max(most, people(crowd))
	}
	return most
}

// pile is a cell in the making.
type pile struct {
	cell  Cell
	crowd crowds
	// aloneA and aloneB are the crowds of uses that are in no other cell of the same row or column;
	// nil: all of them are.
	aloneA, aloneB crowds
	shown          bool
	drags          []*pile // withheld together with it
}

func newPile(c Cell) *pile { return &pile{cell: c, crowd: crowds{}} }

// add adds one leaf with n uses.
func (p *pile) add(l Leaf, n, uniq int64) {
	p.cell.N += n
	p.cell.Uniq += uniq
	if n > 0 {
		p.crowd.add(l.Deal, l.Crowd)
	}
}

// withhold hides a cell, and what cannot be shown without it.
func (p *pile) withhold() {
	p.shown = false
	for _, d := range p.drags {
		d.withhold()
	}
}

// family is a total and the parts it is made of.
type family struct {
	parent *pile // nil: a total that can be worked out from elsewhere
	parts  []*pile
	// alone returns the people that are left behind for sure when a part is not taken away.
	alone func(*pile) crowds
	// open says that the total is known too well: some part has to be withheld.
	open bool
}

func wholly(p *pile) crowds { return p.crowd }

// inRow and inColumn are alone for cells that one use can be in several of.
func inRow(p *pile) crowds    { return p.aloneB }
func inColumn(p *pile) crowds { return p.aloneA }

// settle decides what of families is shown. What is not marked as shown before stays withheld.
func settle(families []*family, k int) {
	for _, f := range families {
		f.parts = slices.DeleteFunc(f.parts, func(p *pile) bool { return p.cell.N == 0 })
		slices.SortFunc(f.parts, bySize)
	}
	for changed := true; changed; {
		changed = false
		for _, f := range families {
			changed = f.settle(k) || changed
		}
	}
}

// bySize puts the parts first that are withheld first.
func bySize(a, b *pile) int {
	return cmp.Or(cmp.Compare(a.crowd.people(), b.crowd.people()), cmp.Compare(a.cell.N, b.cell.N),
		cmp.Compare(a.cell.Unit, b.cell.Unit), cmp.Compare(a.cell.A, b.cell.A), cmp.Compare(a.cell.B, b.cell.B), cmp.Compare(a.cell.C, b.cell.C))
}

// settle withholds parts of one family until what is left is safe; it reports whether it did.
func (f *family) settle(k int) (changed bool) {
	if f.parent != nil && !f.parent.shown {
		return withholdAll(f.parts)
	}
	left, any := crowds{}, f.open
	for _, p := range f.parts {
		if !p.shown {
			left.join(f.alone(p))
			any = true
		}
	}
	for _, p := range f.parts {
		if !any || left.people() >= k {
			break
		}
		if p.shown {
			p.withhold()
			left.join(f.alone(p))
			changed = true
		}
	}
	return changed
}

func withholdAll(parts []*pile) (changed bool) {
	for _, p := range parts {
		if p.shown {
			p.withhold()
			changed = true
		}
	}
	return changed
}

// start marks what may be shown for itself.
func start(piles []*pile, k int) {
	for _, p := range piles {
		p.shown = p.cell.N > 0 && p.crowd.people() >= k
	}
}

// tie ties a part of searches to all of them: it is shown only with the whole, and only
// where the rest of the whole belongs to enough people as well.
func tie(whole, part, rest *pile, k int) {
	whole.drags = append(whole.drags, part)
	if !whole.shown || rest.cell.N > 0 && rest.crowd.people() < k {
		part.shown = false
	}
}

// collect returns the cells that are shown, in order, and how many are not.
func collect(piles []*pile) (cells []Cell, withheld int) {
	for _, p := range piles {
		switch {
		case p.cell.N == 0:
		case !p.shown:
			withheld++
		default:
			p.cell.People = p.crowd.people()
			cells = append(cells, p.cell)
		}
	}
	slices.SortFunc(cells, compareCells)
	return cells, withheld
}

func compareCells(a, b Cell) int {
	return cmp.Or(cmp.Compare(a.View, b.View), cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.A, b.A),
		cmp.Compare(a.B, b.B), cmp.Compare(a.C, b.C), cmp.Compare(a.Metric, b.Metric))
}
