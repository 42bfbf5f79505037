package works

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// apart reports two cards that are never one work, whatever else they share: other numbers
// or DOIs, other parts of a whole, other countries, other years in their titles.
func apart(a, b *Card) bool {
	return differ(a.Numbers, b.Numbers, sameNumber) ||
		differ(dois(a.Names), dois(b.Names), equal) ||
		differ(a.Volumes, b.Volumes, equal) ||
		differ(a.Places, b.Places, equal) ||
		differ(a.Spans, b.Spans, sameSpan)
}

func equal(a, b string) bool { return a == b }

// differ reports two lists that both say something and agree in nothing.
func differ(a, b []string, same func(a, b string) bool) bool {
	return len(a) > 0 && len(b) > 0 && !meet(a, b, same)
}

// meet reports whether two lists agree in anything.
func meet(a, b []string, same func(a, b string) bool) bool {
	for _, x := range a {
		for _, y := range b {
			if same(x, y) {
				return true
			}
		}
	}
	return false
}

// shared is the first thing that two lists have in common.
func shared(a, b []string) (string, bool) {
	for _, x := range a {
		if slices.Contains(b, x) {
			return x, true
		}
	}
	return "", false
}

func dois(names []string) []string {
	from, _ := slices.BinarySearch(names, "doi:")
	to, _ := slices.BinarySearch(names, "doi;")
	return names[from:to]
}

// sameSpan reports years that do not speak against each other: "2021" begins "2021-2025",
// while "2016-2017" and "2017-2018" are two editions of a yearly report.
func sameSpan(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	return a == b || len(a) == 4 && (strings.HasPrefix(b, a) || strings.HasSuffix(b, a))
}

// tongue says how the languages of two cards relate.
type tongue int

const (
	unknownTongue tongue = iota
	sameTongue
	mixedTongue // some in common, some not
	otherTongue
)

func tongues(a, b *Card) tongue {
	la, lb := a.spoken(), b.spoken()
	switch {
	case len(la) == 0 || len(lb) == 0:
		return unknownTongue
	case slices.Equal(la, lb):
		return sameTongue
	case meet(la, lb, equal):
		return mixedTongue
	}
	return otherTongue
}

// spoken is the language of the resource, else that of its only title.
func (c *Card) spoken() []string {
	if len(c.Languages) > 0 {
		return c.Languages
	}
	if len(c.Titles) == 1 && c.Titles[0].Lang != "und" {
		return []string{c.Titles[0].Lang}
	}
	return nil
}

// likeness says how the titles of two cards relate where they have one language.
type likeness int

const (
	noTitles likeness = iota // none in a common language
	unlike
	alike
)

func titlesOf(a, b *Card) likeness {
	out := noTitles
	for i := range a.Titles {
		for j := range b.Titles {
			ta, tb := &a.Titles[i], &b.Titles[j]
			if ta.Lang != tb.Lang && ta.Lang != "und" && tb.Lang != "und" || wide(ta.Text) != wide(tb.Text) {
				continue
			}
			if likeText(ta.Text, tb.Text) {
				return alike
			}
			out = unlike
		}
	}
	return out
}

func wide(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unspaced(r)
}

// likeText reports titles that may be one: equal, one with a subtitle more, or mostly of
// the same words.
func likeText(a, b string) bool {
	if sameCompact(a, b) {
		return true
	}
	wa, wb := grams(a), grams(b)
	common := 0
	for i, j := 0, 0; i < len(wa) && j < len(wb); {
		switch c := strings.Compare(wa[i], wb[j]); {
		case c == 0:
			common++
			i++
			j++
		case c < 0:
			i++
		default:
			j++
		}
	}
	few := min(len(wa), len(wb))
	return common >= 3 && common == few || common*10 >= 6*(len(wa)+len(wb)-common) && common > 1
}

// grams are the telling words of a text; of scripts without spaces its pairs of signs.
func grams(s string) []string {
	stop := words().set["stop"]
	var out []string
	for w := range strings.SplitSeq(s, " ") {
		if r, _ := utf8.DecodeRuneInString(w); !unspaced(r) {
			if !stop[w] {
				out = append(out, w)
			}
			continue
		}
		prev := -1
		last := 0
		for i := range w {
			if prev >= 0 {
				_, n := utf8.DecodeRuneInString(w[i:])
				out = append(out, w[prev:i+n])
			}
			prev, last = i, i
		}
		if last == 0 {
			out = append(out, w)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// sameCompact compares two folded texts without their spaces.
func sameCompact(a, b string) bool {
	i, j := 0, 0
	for {
		for i < len(a) && a[i] == ' ' {
			i++
		}
		for j < len(b) && b[j] == ' ' {
			j++
		}
		if i == len(a) || j == len(b) {
			return i == len(a) && j == len(b)
		}
		if a[i] != b[j] {
			return false
		}
		i++
		j++
	}
}

// near reports two long titles that differ by one slip: a letter more, less, other, or two
// changed over. Numbers must agree, and so must one end.
func near(a, b string) bool {
	ca, cb := compact(a), compact(b)
	if ca == cb || len(ca)-len(cb) > 4 || len(cb)-len(ca) > 4 {
		return false
	}
	headA, tailA, okA := ends(ca)
	headB, tailB, okB := ends(cb)
	if !okA || !okB || headA != headB && tailA != tailB {
		return false
	}
	ra, rb := []rune(ca), []rune(cb)
	for len(ra) > 0 && len(rb) > 0 && ra[0] == rb[0] {
		ra, rb = ra[1:], rb[1:]
	}
	for len(ra) > 0 && len(rb) > 0 && ra[len(ra)-1] == rb[len(rb)-1] {
		ra, rb = ra[:len(ra)-1], rb[:len(rb)-1]
	}
	for _, r := range append(slices.Clone(ra), rb...) {
		if digit(r) >= 0 || unspaced(r) {
			return false // where words are short, another sign is another word
		}
	}
	switch {
	case len(ra) <= 1 && len(rb) <= 1:
		return true
	case len(ra) == 2 && len(rb) == 2:
		return ra[0] == rb[1] && ra[1] == rb[0]
	}
	return false
}
