package works

import "slices"

// The two lowest bits of a key tell what kind of thing the cards share, and so what it
// means when very many share it.
const (
	keyName  = 0 // an identifier: shared by very many it is a placeholder
	keyPage  = 1 // a page or a file: shared by many it is a list, a logo or a common annex
	keyTitle = 2 // a title with publisher or country: shared by many it is divided further
	keyTrait = 3 // capitals of titles: shared by many it says nothing
)

// capOf is how many cards may share a key of each kind.
func capOf(key uint64) int {
	if key&3 == keyPage {
		return 20
	}
	return 50
}

const (
	fnvStart = 14695981039346656037
	fnvPrime = 1099511628211
)

// hash is FNV-1a over parts that a zero byte divides: it must stay the same for ever,
// because keys are stored.
func hash(kind uint64, parts ...string) uint64 {
	h := uint64(fnvStart)
	for _, p := range parts {
		for i := range len(p) {
			h = (h ^ uint64(p[i])) * fnvPrime
		}
		h *= fnvPrime
	}
	h ^= h >> 29
	return h&^3 | kind
}

func pageKey(a Address) uint64  { return hash(keyPage, "page", a.Rest) }
func nameKey(n string) uint64   { return hash(keyName, "name", n) }
func sumKey(sum string) uint64  { return hash(keyPage, "sum", sum) }
func recordKey(s string) uint64 { return hash(keyPage, "record", s) }

const (
	fewCountries = 4  // so many make blocks of their own
	nearRunes    = 30 // from this length on a title may differ by a slip of the pen
	nearEnds     = 16 // signs at either end that such titles share
)

// Keys lists what the card must share with another for Compare to link the two. Sorted.
func (c *Card) Keys() []uint64 {
	keys := make([]uint64, 0, 16)
	for _, n := range c.Names {
		keys = append(keys, nameKey(n))
	}
	for _, s := range c.Checksums {
		keys = append(keys, sumKey(s))
	}
	for _, a := range c.Pages {
		keys = append(keys, pageKey(a))
	}
	for _, a := range c.Files {
		keys = append(keys, pageKey(a))
	}
	keys = append(keys, recordKey(string(c.ID)))
	for _, r := range c.Relations {
		if r.Record != "" {
			keys = append(keys, recordKey(string(r.Record)))
		} else {
			keys = append(keys, pageKey(r.Target))
		}
	}
	keys = c.numberKeys(keys)
	for _, t := range c.Titles {
		keys = c.titleKeys(keys, t)
	}
	for _, name := range c.traits() {
		for _, p := range c.Publishers {
			keys = append(keys, hash(keyTrait, "trait", p, c.Date, name))
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// numberKeys adds keys of document numbers, without the sign of the body that issued them,
// by country and by publisher.
func (c *Card) numberKeys(keys []uint64) []uint64 {
	for _, n := range c.Numbers {
		n = bareNumber(n)
		for _, by := range c.Countries[:min(len(c.Countries), fewCountries)] {
			keys = append(keys, hash(keyTitle, "number", n, "country", by))
		}
		for _, by := range c.Publishers {
			keys = append(keys, hash(keyTitle, "number", n, "publisher", by))
		}
	}
	return keys
}

// bareNumber is "53/2024" of "53/2024/qh15".
func bareNumber(n string) string {
	slashes := 0
	for i := range len(n) {
		if n[i] == '/' {
			if slashes++; slashes == 2 {
				return n[:i]
			}
		}
	}
	return n
}

func (c *Card) titleKeys(keys []uint64, t Title) []uint64 {
	whole := compact(t.Text)
	if t.Generic {
		if c.Year == 0 || c.Type == "" {
			return keys
		}
		for _, p := range c.Publishers {
			keys = append(keys, hash(keyTitle, "generic", whole, p))
		}
		return keys
	}
	for _, p := range c.Publishers {
		keys = append(keys, hash(keyTitle, "title", whole, p))
		if main := t.mainTitle(); main != "" {
			keys = append(keys, hash(keyTitle, "title", main, p))
		}
		if head, tail, ok := ends(whole); ok {
			keys = append(keys, hash(keyTitle, "head", head, p), hash(keyTitle, "tail", tail, p))
		}
	}
	for _, country := range c.Countries[:min(len(c.Countries), fewCountries)] {
		keys = append(keys, hash(keyTitle, "title", whole, country, c.Type))
	}
	return keys
}

// mainTitle is the title before its subtitle, without spaces, where that is long enough to
// tell a work.
func (t Title) mainTitle() string {
	if t.Main == 0 || wordCount(t.Text[:t.Main]) < 4 {
		return ""
	}
	return compact(t.Text[:t.Main])
}

// ends returns the first and last signs of a long title.
func ends(whole string) (head, tail string, ok bool) {
	if len(whole) < nearRunes {
		return "", "", false
	}
	n, from, to := 0, -1, -1
	for i := range whole {
		if n == nearEnds {
			from = i
		}
		n++
	}
	if n < nearRunes {
		return "", "", false
	}
	k := 0
	for i := range whole {
		if k == n-nearEnds {
			to = i
		}
		k++
	}
	return whole[:from], whole[to:], true
}

// traits are what a translation leaves as it is, for a card that says when and by whom it
// was published.
func (c *Card) traits() []string {
	if c.Date == "" || len(c.Publishers) == 0 || c.Type == "" {
		return nil
	}
	return c.Capitals
}
