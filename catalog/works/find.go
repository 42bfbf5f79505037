package works

import (
	"cmp"
	"iter"
	"slices"
)

// Entry says that a card has a key.
type Entry struct {
	Key  uint64
	Card int
}

// Index lists the keys of cards in the order that Find wants.
func Index(cards []Card) []Entry {
	var out []Entry
	for i := range cards {
		for _, k := range cards[i].Keys() {
			out = append(out, Entry{k, i})
		}
	}
	slices.SortFunc(out, func(a, b Entry) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Card, b.Card)) })
	return out
}

// Find compares cards that share a key and yields each link once. Entries come sorted by
// key and are walked twice: first to learn which keys too many cards share. What is shared
// by more than its cap links nobody, whichever other keys two cards have in common; only
// titles are divided further, by year, type, number and part. A card is asked for by its
// index, so cards need not be in memory together.
//
// For a few new cards it is enough to pass the blocks of their keys, whole.
func Find(entries iter.Seq[Entry], card func(int) *Card) iter.Seq[Link] {
	return func(yield func(Link) bool) {
		f := &finder{card: card, crowds: crowds(entries), seen: map[[2]int]bool{}, yield: yield}
		var block []int
		var key uint64
		for e := range entries {
			if e.Key != key {
				if !f.block(key, block) {
					return
				}
				key, block = e.Key, block[:0]
			}
			if n := len(block); n == 0 || block[n-1] != e.Card {
				block = append(block, e.Card)
			}
		}
		f.block(key, block)
	}
}

// crowds lists the keys that too many cards share.
func crowds(entries iter.Seq[Entry]) map[uint64]bool {
	out := map[uint64]bool{}
	var key uint64
	n := 0
	for e := range entries {
		if e.Key != key {
			key, n = e.Key, 0
		}
		if n++; n > capOf(key) {
			out[key] = true
		}
	}
	return out
}

type finder struct {
	card   func(int) *Card
	crowds map[uint64]bool
	seen   map[[2]int]bool // linked pairs: most share several keys
	yield  func(Link) bool
}

func (f *finder) crowded(key uint64) bool { return f.crowds[key] }

// block compares the cards of one key. false ends the search.
func (f *finder) block(key uint64, cards []int) bool {
	if len(cards) <= capOf(key) {
		return f.pairs(cards)
	}
	if key&3 != keyTitle {
		return true
	}
	return f.divide(cards)
}

// divide splits the cards of a title that very many share, such as the front matter of a
// series. What is still too many is left alone.
func (f *finder) divide(cards []int) bool {
	type part struct {
		key  uint64
		card int
	}
	parts := make([]part, len(cards))
	for i, n := range cards {
		parts[i] = part{f.card(n).subKey(), n}
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.card, b.card)) })
	var block []int
	for i, p := range parts {
		block = append(block, p.card)
		if i+1 < len(parts) && parts[i+1].key == p.key {
			continue
		}
		if len(block) <= capOf(keyTitle) && !f.pairs(block) {
			return false
		}
		block = block[:0]
	}
	return true
}

// subKey tells apart cards with one title.
func (c *Card) subKey() uint64 {
	parts := []string{c.Date, c.Type}
	for _, list := range [...][]string{c.Numbers, c.Volumes, c.Spans, c.Places} {
		parts = append(append(parts, list...), "|")
	}
	return hash(keyTitle, parts...)
}

func (f *finder) pairs(cards []int) bool {
	for i, n := range cards {
		a := f.card(n)
		for _, m := range cards[i+1:] {
			link, ok := compare(a, f.card(m), f.crowded)
			if !ok {
				continue
			}
			pair := [2]int{min(n, m), max(n, m)}
			if f.seen[pair] {
				continue
			}
			f.seen[pair] = true
			if !f.yield(link) {
				return false
			}
		}
	}
	return true
}
