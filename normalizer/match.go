package normalizer

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// scheme says what a term stands for.
type scheme uint8

const (
	schemeGate scheme = iota
	schemeTheme
	schemeType
	schemeAudience
	schemeVictim
	schemeExploitation
	schemeGeo // countries and regions: they mask each other
	schemeCount
)

// kind tells terms of one concept apart that count differently.
type kind uint8

const (
	kindTerm kind = iota
	kindWeak
	kindNot     // a phrase that hides the concept
	kindDemonym // geo: "Burmese"
	kindCapital // geo
	kindAgency  // geo
	kindPlace   // geo
	// type: a verb that makes the title a headline
	kindHeadline
)

// term is one phrase of the vocabulary with what it stands for.
type term struct {
	text    string // as the vocabulary writes it
	scheme  scheme
	kind    kind
	concept int32
	lang    string  // BCP 47; "" for names, which belong to no language
	conf    float64 // how sure the vocabulary is
	single  bool    // one word: accents must agree
	upper   bool    // an acronym: capitals must agree
	proper  bool    // a name: begins with a capital where the script has them
	capital bool    // the vocabulary writes it with one
	latin   bool
	size    int    // characters
	rule    string // "vocab:themes/shelter/en/safe house"
}

// match is a term found in a text.
type match struct {
	term       *term
	start, end int // symbols
}

// matcher finds all terms of all schemes in one pass: an Aho-Corasick automaton over the
// symbols of a folder.
type matcher struct {
	folder *folder
	terms  []term
	edges  []edge    // of all states, those of one state side by side, ordered by symbol
	first  []int32   // state -> index of its first edge; one more at the end
	root   []int32   // symbol -> state, for the start state
	fail   []int32   // longest proper suffix that is a state
	hit    []int32   // nearest state on the way of suffixes, itself included, that ends a term; 0: none
	ends   [][]int32 // state -> terms that end there
	depth  []int32
}

type edge struct {
	sym uint16
	to  int32
}

// newMatcher builds the automaton. Terms that fold to nothing are left out.
func newMatcher(terms []term) *matcher {
	m := &matcher{folder: newFolder(), terms: terms}
	for i := range terms {
		m.folder.learn(terms[i].text)
		terms[i].describe()
	}
	m.folder.finish()
	m.build()
	return m
}

// describe fills in what follows from the text of a term.
func (t *term) describe() {
	t.size = utf8.RuneCountInString(t.text)
	first, _ := utf8.DecodeRuneInString(t.text)
	t.capital = unicode.IsUpper(first)
	letters, small := 0, 0
	for _, r := range t.text {
		if r < 0x250 || 0x1E00 <= r && r < 0x1F00 {
			if unicode.IsLetter(r) {
				t.latin = true
				letters++
			}
			if unicode.IsLower(r) {
				small++
			}
		}
	}
	t.single = t.latin && !strings.ContainsAny(t.text, " -/")
	t.upper = t.latin && small == 0 && letters > 1 && letters <= 12
}

func (m *matcher) build() {
	type node struct {
		next map[uint16]int32
		ends []int32
		deep int32
	}
	nodes := []node{{next: map[uint16]int32{}}}
	var text folded
	for i := range m.terms {
		m.folder.fold(&text, m.terms[i].text)
		at := int32(0)
		for _, c := range text.cells {
			s := c.sym
			if s == symBreak {
				s = symGap // "B.E. 2565": the break is the term's own
			}
			to, ok := nodes[at].next[s]
			if !ok {
				to = int32(len(nodes))
				nodes[at].next[s] = to
				nodes = append(nodes, node{next: map[uint16]int32{}, deep: nodes[at].deep + 1})
			}
			at = to
		}
		if at != 0 {
			nodes[at].ends = append(nodes[at].ends, int32(i))
		}
	}
	m.root = make([]int32, int(symFirst)+len(m.folder.symbol))
	m.fail, m.hit, m.depth = make([]int32, len(nodes)), make([]int32, len(nodes)), make([]int32, len(nodes))
	m.ends, m.first = make([][]int32, len(nodes)), make([]int32, len(nodes)+1)
	for i, n := range nodes {
		m.first[i] = int32(len(m.edges))
		for s, to := range n.next {
			m.edges = append(m.edges, edge{s, to})
		}
		slices.SortFunc(m.edges[m.first[i]:], func(a, b edge) int { return cmp.Compare(a.sym, b.sym) })
		m.ends[i], m.depth[i] = n.ends, n.deep
	}
	m.first[len(nodes)] = int32(len(m.edges))
	for s, to := range nodes[0].next {
		m.root[s] = to
	}
	// Suffix links, breadth first.
	queue := make([]int32, 0, len(nodes))
	for _, e := range m.edges[:m.first[1]] {
		queue = append(queue, e.to)
	}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if m.hit[at] = at; len(m.ends[at]) == 0 {
			m.hit[at] = m.hit[m.fail[at]]
		}
		for _, e := range m.edges[m.first[at]:m.first[at+1]] {
			m.fail[e.to] = m.step(m.fail[at], e.sym)
			queue = append(queue, e.to)
		}
	}
}

// edge returns the state that a symbol leads to from a state, or 0.
func (m *matcher) edge(at int32, s uint16) int32 {
	if at == 0 {
		return m.root[s]
	}
	edges := m.edges[m.first[at]:m.first[at+1]]
	if len(edges) > 8 {
		i, ok := slices.BinarySearchFunc(edges, s, func(e edge, s uint16) int { return cmp.Compare(e.sym, s) })
		if !ok {
			return 0
		}
		return edges[i].to
	}
	for _, e := range edges {
		if e.sym == s {
			return e.to
		}
	}
	return 0
}

func (m *matcher) step(at int32, s uint16) int32 {
	for {
		if to := m.edge(at, s); to != 0 || at == 0 {
			return to
		}
		at = m.fail[at]
	}
}

// find appends the terms that occur in a folded text and may stand there: on word
// boundaries, with the accents and capitals they need, in a text of their language.
func (m *matcher) find(t *folded, lang string, out []match) []match {
	at := int32(0)
	for i := range t.cells {
		s := t.cells[i].sym
		if s == symOther || s == symBreak {
			at = 0
			continue
		}
		at = m.step(at, s)
		for h := m.hit[at]; h != 0; h = m.hit[m.fail[h]] {
			start, end := i+1-int(m.depth[h]), i+1
			if !t.bounded(start, end) {
				continue
			}
			for _, id := range m.ends[h] {
				term := &m.terms[id]
				if term.speaks(lang) && t.agrees(term, start, end) {
					out = append(out, match{term, start, end})
				}
			}
		}
	}
	return out
}

// bounded reports whether a stretch begins and ends where words do.
func (t *folded) bounded(start, end int) bool {
	if start > 0 && t.cells[start].class == classWord && t.cells[start-1].class == classWord {
		return false
	}
	if end == len(t.cells) {
		return true
	}
	switch t.cells[end-1].class {
	case classWord:
		if t.cells[end].class != classWord {
			return true
		}
		r, _ := utf8.DecodeRuneInString(t.text[t.cells[end].at:])
		if 0xB80 <= r && r < 0xC00 {
			return true // Tamil adds its case endings to the word
		}
		// An English plural is the same term.
		last := t.text[t.cells[end].at] | 0x20 // titles may be in capitals
		plural := last == 's' && (end+1 == len(t.cells) || t.cells[end+1].class != classWord)
		return plural && end-start > 3
	default:
		return t.cells[end].class != classMark // a vowel sign makes another syllable of the last letter
	}
}

// agrees checks accents and capitals of the source text.
func (t *folded) agrees(term *term, start, end int) bool {
	if !term.latin {
		return true
	}
	if term.upper && !t.upper {
		span := t.span(start, end)
		if term.proper && term.size >= 4 && len(span) == len(term.text) && span[0] == term.text[0] && span[1:] == strings.ToLower(term.text[1:]) {
			return true // newspapers write Mapo and Iacat
		}
		return span == term.text || strings.ToUpper(span) == span
	}
	if term.proper && !t.upper && term.capital {
		if r, _ := utf8.DecodeRuneInString(t.text[t.cells[start].at:]); unicode.IsLower(r) {
			return false
		}
	}
	if !term.single || t.ascii {
		return true
	}
	span := t.span(start, end)
	return strings.EqualFold(span, term.text) || strings.EqualFold(norm.NFC.String(span), norm.NFC.String(term.text))
}

// speaks reports whether a term may occur in a text of that language. Scripts speak for
// themselves; English words occur in texts of all the region's languages; what short
// words mean depends on the language.
func (t *term) speaks(lang string) bool {
	if t.lang == "" || !t.latin || t.upper || t.lang == lang {
		return true
	}
	if !t.single && t.size >= 12 {
		return true
	}
	switch {
	case lang == "" || lang == "und":
		return t.size >= 6
	case t.lang == "en":
		return t.size >= 6
	case t.lang == "id" || t.lang == "ms":
		return lang == "id" || lang == "ms"
	case t.lang == "fil":
		return lang == "ceb" || lang == "ilo"
	case t.lang == "pt":
		return lang == "tet"
	}
	return false
}

// longest appends to out the matches that do not lie inside a longer one of their scheme
// and that no "not" phrase of their concept covers. It reorders the list.
func longest(list []match, out []match) []match {
	slices.SortFunc(list, byPlace)
	group := 0 // where the matches of this scheme begin
	for i, m := range list {
		if m.term.scheme != list[group].term.scheme {
			group = i
		}
		if m.term.kind == kindNot || hidden(m, list[group:]) {
			continue
		}
		// One place in the text speaks once for a concept, however many terms say it.
		if i := slices.IndexFunc(out, func(o match) bool {
			return o.start == m.start && o.end == m.end && o.term.scheme == m.term.scheme && o.term.concept == m.term.concept
		}); i >= 0 {
			if m.term.conf > out[i].term.conf {
				out[i] = m
			}
			continue
		}
		out = append(out, m)
	}
	return out
}

// byPlace orders matches by scheme and by where they begin, longer ones first.
func byPlace(a, b match) int {
	switch {
	case a.term.scheme != b.term.scheme:
		return cmp.Compare(a.term.scheme, b.term.scheme)
	case a.start != b.start:
		return cmp.Compare(a.start, b.start)
	case a.end != b.end:
		return cmp.Compare(b.end, a.end)
	case a.term.concept != b.term.concept:
		return cmp.Compare(a.term.concept, b.term.concept)
	}
	return cmp.Compare(a.term.kind, b.term.kind)
}

// hidden looks for what covers a match. The list is in the order of places and begins with
// the matches of its scheme.
func hidden(m match, list []match) bool {
	for _, b := range list {
		if b.start > m.start || b.term.scheme != m.term.scheme {
			return false
		}
		switch {
		case b.end < m.end:
		case b.term.kind == kindNot:
			if b.term.concept == m.term.concept {
				return true
			}
		case b.end-b.start > m.end-m.start:
			return true
		}
	}
	return false
}
