package lang

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold makes a key for matching and comparing, never for display: what differs only in
// case, Latin diacritics (đ included, so that "nan nhan" finds "nạn nhân" and the place
// of a Vietnamese tone mark does not matter), zero-width characters, soft hyphens, native
// digits, the look of quotes and dashes, or Khmer coeng DA and TA, gives the same key.
// Sentence signs of the region's scripts become spaces.
func Fold(s string) string {
	s = Clean(s)
	if isASCII(s) {
		return strings.ToLower(s)
	}
	s = Digits(s)
	var b strings.Builder
	b.Grow(len(s))
	table, prev := foldTable(), rune(0)
	for _, r := range s {
		to := foldLooked
		if uint32(r) < traitsUpTo {
			to = table[r]
		}
		switch {
		case r == 0x178A && prev == 0x17D2:
			b.WriteRune(0x178F) // coeng DA and coeng TA look the same and are both in use
		case to > 0:
			b.WriteRune(to)
		case isInvisible(r), r == 0x17B4, r == 0x17B5:
			continue // U+17B4 and U+17B5: Khmer inherent vowels, deprecated, without shape
		case to == foldLooked:
			foldRune(&b, r)
		}
		prev = r
	}
	if s = b.String(); traitsOf(s)&traitUntidy == 0 {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

// What foldTable has for characters that fold to nothing, and to more than one.
const (
	foldNothing rune = 0
	foldLooked  rune = -1
)

// foldTable is what each character folds to by itself.
var foldTable = sync.OnceValue(func() *[traitsUpTo]rune {
	var t [traitsUpTo]rune
	for r := range rune(traitsUpTo) {
		var b strings.Builder
		if r < 0x80 {
			b.WriteRune(unicode.ToLower(r))
		} else if !isInvisible(r) && r != 0x17B4 && r != 0x17B5 {
			foldRune(&b, r)
		}
		switch to := []rune(b.String()); {
		case len(to) == 0:
			t[r] = foldNothing
		case len(to) == 1 && to[0] > 0:
			t[r] = to[0]
		default:
			t[r] = foldLooked
		}
	}
	return &t
})

// folded lists letters that no decomposition takes apart, and signs.
var folded = map[rune]string{
	'đ': "d", 'Đ': "d", 'ð': "d", 'Ð': "d", 'ɖ': "d", 'Ɖ': "d", 'ł': "l", 'Ł': "l", 'ø': "o", 'Ø': "o",
	'ß': "ss", 'ẞ': "ss", 'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe", 'ı': "i", 'þ': "th", 'Þ': "th", 'ŋ': "ng", 'Ŋ': "ng",
	'ﬀ': "ff", 'ﬁ': "fi", 'ﬂ': "fl", 'ﬃ': "ffi", 'ﬄ': "ffl", 'ﬅ': "st", 'ﬆ': "st",
	'‘': "'", '’': "'", '‚': "'", '‛': "'", '′': "'", 'ʼ': "'", 'ʻ': "'", '´': "'", '“': `"`, '”': `"`, '„': `"`, '″': `"`, '«': `"`, '»': `"`,
	'‐': "-", '‑': "-", '‒': "-", '–': "-", '—': "-", '―': "-", '−': "-", '…': "...", '⁄': "/",
	'၊': " ", '။': " ", '។': " ", '៕': " ", '៖': " ", 'ฯ': " ", 'ຯ': " ", '。': " ", '、': " ", '・': " ",
}

func foldRune(b *strings.Builder, r rune) {
	if f, ok := folded[r]; ok {
		b.WriteString(f)
		return
	}
	if 0xFF01 <= r && r <= 0xFF5E {
		r -= 0xFEE0 // full-width forms of ASCII
	}
	if base, ok := baseLetters()[r]; ok {
		b.WriteRune(base)
	} else if !(0x300 <= r && r < 0x370) { // accents that no letter could take up
		b.WriteRune(unicode.ToLower(r))
	}
}

// baseLetters maps Latin and Greek letters with diacritics to the small letter without.
var baseLetters = sync.OnceValue(func() map[rune]rune {
	base := map[rune]rune{}
	for r := rune(0xC0); r <= 0x1FFF; r++ {
		if script := scriptOf(r); script != "Latn" && script != "Grek" {
			continue
		}
		if d := []rune(norm.NFD.String(string(r))); len(d) > 1 {
			base[r] = unicode.ToLower(d[0])
		}
	}
	return base
})
