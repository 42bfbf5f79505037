package works

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// token is one word of a title in small letters, without diacritics where it is Latin.
type token struct {
	text     string
	mark     rune // the sign before it: '#', '/', '-', '(', ':' for any that opens a subtitle, or ' '
	seg      int  // counts the parts that brackets, colons, commas and dashes make
	paren    bool // stands in brackets
	caps     bool // two letters or more, all capitals
	first    bool // begins with a capital
	digits   bool // a number, perhaps with points: "12", "2.0"
	unspaced bool // of a script that writes no spaces between words
}

// tokenizer divides a title into tokens.
type tokenizer struct {
	out    []token
	word   []byte
	cur    token
	mark   rune
	seg    int
	paren  bool
	dot    bool // a point behind digits: a decimal if a digit follows
	base   rune // the last letter, which says whether a diacritic falls away
	upper  int
	letter int
}

// tokenize reads a title. Equal texts in any Unicode form give equal tokens; Thai, Lao,
// Khmer and Burmese signs are kept, since without them other words would remain.
func tokenize(s string) []token {
	if !ascii(s) {
		// Only canonical decomposition: the compatible one takes Thai and Lao vowels apart.
		s = norm.NFD.String(s)
	}
	t := &tokenizer{mark: ' '}
	prev := ' '
	for i, r := range s {
		switch {
		case r < utf8.RuneSelf && (r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z'):
			t.add(r)
		case ignored(r), unicode.Is(unicode.Mn, r) && t.base < 0x250:
		case unicode.IsLetter(r), unicode.IsNumber(r), unicode.Is(unicode.M, r):
			t.add(r)
		default:
			t.sign(r, prev == ' ', i+utf8.RuneLen(r) < len(s) && s[i+utf8.RuneLen(r)] == ' ')
		}
		prev = r
	}
	t.close()
	return t.out
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// ignored reports signs inside words that writers set or leave out.
func ignored(r rune) bool {
	switch {
	case r == '\'', r == '’', r == '‘', r == 'ʼ', r == '`', r == 'º', r == 'ª', r == '°', r == 0xAD, r == 0xFEFF:
		return true
	case r >= 0x200B && r <= 0x200F, r >= 0x2060 && r <= 0x2064, r == 0x17B4, r == 0x17B5:
		return true
	}
	return false
}

// unspaced reports letters of scripts that are written without spaces between words.
func unspaced(r rune) bool {
	return r >= 0xE00 && r < 0xF00 || r >= 0x1000 && r < 0x10A0 || r >= 0x1780 && r < 0x1800 ||
		r >= 0xA9E0 && r < 0xAA00 || r >= 0xAA60 && r < 0xAA80 || r >= 0x3040 && r < 0xA000 || r >= 0x20000 && r < 0x32000
}

// folds lists letters that no decomposition makes plain, and looks that mean the same.
var folds = map[rune]string{
	'đ': "d", 'ð': "d", 'ø': "o", 'ł': "l", 'ß': "ss", 'æ': "ae", 'œ': "oe", 'ı': "i", 'þ': "th", 'ħ': "h",
	'²': "2", '³': "3", '¹': "1",
}

// digit is the value of a decimal digit of any script, or -1.
func digit(r rune) int {
	if r < utf8.RuneSelf {
		if r >= '0' && r <= '9' {
			return int(r - '0')
		}
		return -1
	}
	if !unicode.Is(unicode.Nd, r) {
		return -1
	}
	// Decimal digits stand in runs of ten that begin with zero.
	for _, zero := range [...]rune{0xE50, 0xED0, 0x1040, 0x1090, 0x17E0, 0x966, 0x9E6, 0xBE6, 0x660, 0x6F0, 0xFF10, 0x1A80, 0xAA50} {
		if r >= zero && r < zero+10 {
			return int(r - zero)
		}
	}
	return -1
}

func (t *tokenizer) add(r rune) {
	d, wide := digit(r), unspaced(r)
	if d >= 0 {
		wide = false
	}
	if t.dot {
		if t.dot = false; d >= 0 {
			t.word = append(t.word, '.')
		} else {
			t.close()
			t.mark = '.'
		}
	}
	if len(t.word) > 0 && (wide != t.cur.unspaced) {
		t.close() // between scripts there is no space either
	}
	if len(t.word) == 0 {
		t.cur = token{mark: t.mark, seg: t.seg, paren: t.paren, digits: true, unspaced: wide}
		t.mark, t.upper, t.letter = ' ', 0, 0
	}
	if d >= 0 {
		t.word = append(t.word, byte('0'+d))
		t.base = r
		return
	}
	t.cur.digits = false
	low := unicode.ToLower(r)
	if low != r {
		t.cur.first = t.cur.first || len(t.word) == 0
		t.upper++
	}
	if !unicode.Is(unicode.M, r) {
		t.base = low
		t.letter++
	}
	if to, ok := folds[low]; ok {
		t.word = append(t.word, to...)
		return
	}
	if low == 0x178A && strings.HasSuffix(string(t.word), "\u17d2") {
		low = 0x178F // below a letter the two look the same and are typed at random
	}
	t.word = utf8.AppendRune(t.word, low)
}

// sign takes a character that is part of no word.
func (t *tokenizer) sign(r rune, spaceBefore, spaceBehind bool) {
	if r == '.' && t.cur.digits && len(t.word) > 0 && !t.dot {
		t.dot = true
		return
	}
	if t.dot {
		t.dot = false
		t.close()
		t.mark = '.'
	}
	t.close()
	switch r {
	case '(', '[', '（', '【':
		t.seg, t.paren, t.mark = t.seg+1, true, '('
	case ')', ']', '）', '】':
		t.seg, t.paren, t.mark = t.seg+1, false, ')'
	case ':', '|', ';', '：', '\n', '—', '៖':
		t.seg, t.mark = t.seg+1, ':'
	case '-', '–', '‐', '‑', '_':
		if t.mark = '-'; spaceBefore && spaceBehind {
			t.seg, t.mark = t.seg+1, ':'
		}
	case ',', '.':
		t.seg, t.mark = t.seg+1, r
	case '/', '#':
		t.mark = r
	case '&':
		t.out = append(t.out, token{text: "and", mark: ' ', seg: t.seg, paren: t.paren})
	}
}

func (t *tokenizer) close() {
	if len(t.word) > 0 {
		t.cur.text = string(t.word)
		t.cur.caps = t.letter >= 2 && t.upper == t.letter
		t.out = append(t.out, t.cur)
		t.word = t.word[:0]
	}
	t.dot = false
}

// foldWords is a text as its words, divided by spaces.
func foldWords(s string) string {
	var b strings.Builder
	for i, t := range tokenize(s) {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(t.text)
	}
	return b.String()
}

// compact is a folded text without spaces: "fact sheet" and "factsheet" are one.
func compact(s string) string { return strings.ReplaceAll(s, " ", "") }
