package works

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"ctiphub/record"
)

// Verdict is a curator's decision about two records.
type Verdict string

// The verdicts.
const (
	Apart    Verdict = "apart"
	Together Verdict = "together"
)

// Ruling is a decision about two records that no later harvest changes. Where rulings
// contradict each other, apart holds: a wrong merge hides a resource, a missing one shows
// it twice.
type Ruling struct {
	A       record.ID `json:"a"`
	B       record.ID `json:"b"`
	Verdict Verdict   `json:"verdict"`
}

// Work is a group of records. Its id is the smallest of theirs.
type Work struct {
	ID      record.ID   `json:"id"`
	Members []record.ID `json:"members"` // sorted, at least two
}

// mostFaces bounds how many different titles and marks one work may show: beyond it a chain
// of links has gone astray.
const mostFaces = 200

// Group makes works out of links and rulings. Rulings come first, then links by falling
// confidence; a link that would bring together what must stay apart, anywhere in the two
// groups, is left out. Links below Sure are left out too. Records that stay alone are not
// listed. The answer depends on nothing but the sets of cards, links and rulings.
func Group(cards iter.Seq[*Card], links []Link, rulings []Ruling) []Work {
	g := newGrouping(cards, links, rulings)
	for _, r := range g.ordered(rulings, Together) {
		a, b := g.find(r.A), g.find(r.B)
		if a != b && !g.ruled(a, b) {
			g.join(a, b)
		}
	}
	links = slices.Clone(links)
	slices.SortFunc(links, func(x, y Link) int {
		return cmp.Or(cmp.Compare(y.Confidence, x.Confidence), cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B), strings.Compare(string(x.Kind), string(y.Kind)))
	})
	for _, l := range links {
		if l.Confidence < Sure {
			break
		}
		a, okA := g.known(l.A)
		b, okB := g.known(l.B)
		if okA && okB && a != b && g.may(a, b, l.Confidence < identical) {
			g.join(a, b)
		}
	}
	return g.works()
}

// grouping is a union of sets; a set is named by its root.
type grouping struct {
	index  map[record.ID]int
	ids    []record.ID
	parent []int
	size   []int
	faces  [][]face       // by root: the different cards of the set
	apart  []map[int]bool // by root: roots that a curator keeps away
}

// face is what decides whether a card may join: cards with the same face are alike.
type face struct {
	marks uint64 // of what must not differ
	all   uint64 // of that and the titles
	card  *Card
}

func newGrouping(cards iter.Seq[*Card], links []Link, rulings []Ruling) *grouping {
	g := &grouping{index: map[record.ID]int{}}
	wanted := map[record.ID]bool{}
	for _, l := range links {
		wanted[l.A], wanted[l.B] = true, true
	}
	for _, r := range rulings {
		wanted[r.A], wanted[r.B] = true, true
	}
	for c := range cards {
		if !wanted[c.ID] {
			continue
		}
		if _, twice := g.index[c.ID]; twice {
			continue
		}
		g.index[c.ID] = len(g.ids)
		g.ids = append(g.ids, c.ID)
		g.faces = append(g.faces, []face{c.face()})
	}
	g.parent, g.size, g.apart = make([]int, len(g.ids)), make([]int, len(g.ids)), make([]map[int]bool, len(g.ids))
	for i := range g.parent {
		g.parent[i], g.size[i] = i, 1
	}
	for _, r := range g.ordered(rulings, Apart) {
		g.forbid(g.index[r.A], g.index[r.B])
	}
	return g
}

// ordered lists the rulings of one verdict about cards that exist, in an order of their own.
func (g *grouping) ordered(rulings []Ruling, v Verdict) []Ruling {
	var out []Ruling
	for _, r := range rulings {
		_, okA := g.index[r.A]
		_, okB := g.index[r.B]
		if r.Verdict != v || !okA || !okB || r.A == r.B {
			continue
		}
		if r.B < r.A {
			r.A, r.B = r.B, r.A
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(x, y Ruling) int { return cmp.Or(cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B)) })
	return out
}

func (g *grouping) forbid(a, b int) {
	for _, p := range [...][2]int{{a, b}, {b, a}} {
		if g.apart[p[0]] == nil {
			g.apart[p[0]] = map[int]bool{}
		}
		g.apart[p[0]][p[1]] = true
	}
}

func (g *grouping) known(id record.ID) (root int, ok bool) {
	i, ok := g.index[id]
	if !ok {
		return 0, false
	}
	return g.root(i), true
}

func (g *grouping) find(id record.ID) int { return g.root(g.index[id]) }

func (g *grouping) root(i int) int {
	for g.parent[i] != i {
		g.parent[i] = g.parent[g.parent[i]]
		i = g.parent[i]
	}
	return i
}

func (g *grouping) ruled(a, b int) bool { return g.apart[a][b] }

// may reports whether two sets may become one.
func (g *grouping) may(a, b int, weak bool) bool {
	if g.ruled(a, b) {
		return false
	}
	fa, fb := g.faces[a], g.faces[b]
	if len(fa)+len(fb) > mostFaces {
		return false
	}
	for i := range fa {
		for j := range fb {
			if conflict(&fa[i], &fb[j], weak) && !waived(fa, fb, &fa[i], &fb[j]) {
				return false
			}
		}
	}
	return true
}

// conflict reports two cards that must not be in one work. By weak links alone, two titles
// in one language that have nothing in common are two works that some page ties together.
func conflict(x, y *face, weak bool) bool {
	if x.all == y.all {
		return false
	}
	if x.marks != y.marks && apart(x.card, y.card) {
		return true
	}
	return weak && tongues(x.card, y.card) != otherTongue && titlesOf(x.card, y.card) == unlike
}

// waived reports a conflict that a curator has already accepted: the other set holds a card
// with the same marks.
func waived(fa, fb []face, x, y *face) bool {
	return x.marks != y.marks && (slices.ContainsFunc(fb, func(f face) bool { return f.marks == x.marks }) ||
		slices.ContainsFunc(fa, func(f face) bool { return f.marks == y.marks }))
}

// join unites two sets under the larger.
func (g *grouping) join(a, b int) {
	if g.size[a] < g.size[b] {
		a, b = b, a
	}
	g.parent[b] = a
	g.size[a] += g.size[b]
	for _, f := range g.faces[b] {
		if !slices.ContainsFunc(g.faces[a], func(h face) bool { return h.all == f.all }) {
			g.faces[a] = append(g.faces[a], f)
		}
	}
	g.faces[b] = nil
	for other := range g.apart[b] {
		delete(g.apart[other], b)
		g.forbid(a, other)
	}
	g.apart[b] = nil
}

func (g *grouping) works() []Work {
	sets := map[int][]record.ID{}
	for i, id := range g.ids {
		if r := g.root(i); g.size[r] > 1 {
			sets[r] = append(sets[r], id)
		}
	}
	out := make([]Work, 0, len(sets))
	for _, ids := range sets {
		slices.Sort(ids)
		out = append(out, Work{ID: ids[0], Members: ids})
	}
	slices.SortFunc(out, func(x, y Work) int { return cmp.Compare(x.ID, y.ID) })
	return out
}

func (c *Card) face() face {
	var parts []string
	for _, list := range [...][]string{c.Numbers, dois(c.Names), c.Volumes, c.Places, c.Spans} {
		parts = append(append(parts, list...), "|")
	}
	f := face{marks: hash(0, parts...), card: c}
	parts = append(append(parts, c.spoken()...), "|")
	for _, t := range c.Titles {
		parts = append(parts, t.Lang, t.Text)
	}
	f.all = hash(0, parts...)
	return f
}
