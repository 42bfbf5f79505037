package analytics

import (
	"cmp"
	"maps"
	"slices"
)

// A cell may be shown when it belongs to at least k people, and when nobody can work out from it
// and others a number that belongs to fewer. The second is found out as statistical offices do
// it: the cells that are shown are linear equations over what was counted; whatever follows
// from them is a sum of some of them, each taken a number of times. Audit looks for such sums
// in which less than k people are left, and withholds the smallest cell that it needs, until
// there is none.

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
	shown bool
	// secret cells are never shown; known ones are never withheld, as somebody may know them from
	// elsewhere.
	secret, known bool
}

// atom is what was counted and is told apart nowhere: the piles that it is in.
type atom struct {
	crowd crowds
	in    []*pile
}

// heap is where the piles of one release grow, and the atoms they are made of.
type heap struct {
	piles map[Cell]*pile
	atoms map[Leaf]*atom
	order *[]*atom // of their coming, so that nothing depends on chance
}

func newHeap() heap { return heap{map[Cell]*pile{}, map[Leaf]*atom{}, &[]*atom{}} }

// atom returns the atom of a key, which it makes when there is none.
func (h heap) atom(key Leaf) *atom {
	a := h.atoms[key]
	if a == nil {
		a = &atom{crowd: crowds{}}
		h.atoms[key] = a
		*h.order = append(*h.order, a)
	}
	return a
}

// add counts a leaf in a cell, and returns the cell's pile. Leaves that differ by deal and hour
// only are one atom.
func (h heap) add(l Leaf, c Cell, n, uniq int64) *pile {
	p := h.piles[c]
	if p == nil {
		p = &pile{cell: c, crowd: crowds{}}
		h.piles[c] = p
	}
	p.cell.N, p.cell.Uniq = p.cell.N+n, p.cell.Uniq+uniq
	p.crowd.add(l.Deal, l.Crowd)

	key := l.key()
	key.Deal, key.Hour, key.Month = 0, 0, 0
	a := h.atom(key)
	a.crowd.add(l.Deal, l.Crowd)
	if !slices.Contains(a.in, p) {
		a.in = append(a.in, p)
	}
	return p
}

// sorted returns the piles in an order that does not depend on chance.
func (h heap) sorted() []*pile {
	return slices.SortedFunc(maps.Values(h.piles), func(a, b *pile) int { return compareCells(a.cell, b.cell) })
}

func compareCells(a, b Cell) int {
	return cmp.Or(cmp.Compare(a.View, b.View), cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.A, b.A),
		cmp.Compare(a.B, b.B), cmp.Compare(a.C, b.C), cmp.Compare(a.Metric, b.Metric))
}

// release decides what is shown, and returns it in order, with the number of what is not.
func (h heap) release(k int) (cells []Cell, withheld int) {
	piles := h.sorted()
	for _, p := range piles {
		p.shown = p.cell.N > 0 && p.crowd.people() >= k && !p.secret
	}
	h.audit(piles, k)
	for _, p := range piles {
		switch {
		case p.cell.View == "" || p.cell.N == 0:
		case !p.shown:
			withheld++
		default:
			p.cell.People = p.crowd.people()
			cells = append(cells, p.cell)
		}
	}
	return cells, withheld
}

// audit withholds cells until nothing follows from the others that belongs to less than k people.
func (h heap) audit(piles []*pile, k int) {
	for {
		leaks := h.equations(piles).leaks(k)
		for _, leak := range leaks {
			leak.shown = false
		}
		if len(leaks) == 0 {
			return
		}
	}
}

// equations are the cells that are shown or known, over classes of atoms that are in the same ones.
func (h heap) equations(piles []*pile) *system {
	s := &system{}
	index := map[*pile]int{}
	for _, p := range piles {
		if p.shown || p.known {
			index[p] = len(s.rows)
			s.rows = append(s.rows, row{terms: map[int]int64{}, from: map[int]int64{len(s.rows): 1}})
			s.piles = append(s.piles, p)
		}
	}
	classes := map[string]int{}
	for _, a := range *h.order {
		var rows []int
		for _, p := range a.in {
			if i, ok := index[p]; ok {
				rows = append(rows, i)
			}
		}
		if len(rows) > 0 {
			s.put(classes, rows, a.crowd)
		}
	}
	return s
}
