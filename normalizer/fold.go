package normalizer

import (
	"unicode"
	"unicode/utf8"

	"ctiphub/internal/lang"
)

// class says how a character takes part in matching.
type class uint8

const (
	classSkip   class = iota // shows nothing: zero-width characters, accents, apostrophes
	classGap                 // white space and most punctuation
	classBreak               // ends a sentence: no term reaches over it
	classWord                // letter or digit of a script that writes spaces between words
	classScript              // letter of a script that does not: Thai, Lao, Khmer, Burmese, Han
	classMark                // vowel sign or tone mark of such a script
)

// folder turns texts into symbols for the matcher. lang.Fold makes keys of whole strings;
// evidence needs to know where in the source text a match stands, so this folds character
// by character, by a table made of lang.Fold, and keeps the offsets.
type folder struct {
	table  [0x10000]foldEntry
	expand map[rune][]rune // characters that fold to several
	symbol map[rune]uint16
}

type foldEntry struct {
	sym   uint16
	class class
}

// Symbols that every folder has.
const (
	symOther uint16 = iota // a character that no term contains
	symGap
	symBreak
	symFirst // the first one given to a character of a term
)

func newFolder() *folder {
	f := &folder{expand: map[rune][]rune{}, symbol: map[rune]uint16{}}
	for r := rune(1); r < 0x10000; r++ {
		f.table[r].class = classOf(r)
	}
	return f
}

// unspaced reports whether a letter belongs to a script written without spaces.
func unspaced(r rune) bool {
	switch {
	case r < 0xE00:
		return false
	case r < 0xF00, r >= 0x1000 && r < 0x10A0, r >= 0x1780 && r < 0x1800, r >= 0x19E0 && r < 0x1A00,
		r >= 0xA9E0 && r < 0xAA00, r >= 0xAA60 && r < 0xAA80:
		return true
	}
	return r >= 0x3040 && r < 0xA000 || r >= 0xF900 && r < 0xFB00 || r >= 0x20000 && r < 0x32000
}

func classOf(r rune) class {
	if 0 <= r && int(r) < len(classTable) {
		return classTable[r]
	}
	return classify(r)
}

// classTable is classify for the characters of all living languages: each of them is looked
// at several times a text.
var classTable = func() (t [1 << 14]class) {
	for r := range t {
		t[r] = classify(rune(r))
	}
	return t
}()

// classify says what part a character plays in matching.
func classify(r rune) class {
	switch {
	case r == '\'' || r == '’' || r == '‘' || r == 'ʼ':
		return classSkip
	case r == '။' || r == '។' || r == '៕' || r == '。' || r == '၊' || r == '！' || r == '？' || r == '\n':
		return classBreak
	case r == 'ๆ' || r == 'ໆ' || r == 'ฯ' || r == 'ຯ' || r == 'ៗ' || r == '៖':
		return classGap
	case 0x300 <= r && r < 0x370, r == 0xAD, 0x200B <= r && r <= 0x200F, 0x2060 <= r && r <= 0x2064, r == 0xFEFF, r == 0x17B4, r == 0x17B5:
		return classSkip
	case unspaced(r) && unicode.Is(unicode.M, r):
		return classMark
	case unspaced(r) && unicode.Is(unicode.Nd, r):
		return classWord
	case unspaced(r) && (unicode.IsLetter(r) || unicode.IsNumber(r)):
		return classScript
	case unicode.IsLetter(r), unicode.IsNumber(r), unicode.Is(unicode.M, r):
		return classWord
	}
	return classGap
}

// baseOf is what a character folds to, by lang.Fold.
func (f *folder) baseOf(r rune) []rune {
	if r < utf8.RuneSelf {
		return []rune{unicode.ToLower(r)}
	}
	if b := []rune(lang.Fold(string(r))); len(b) > 0 {
		return b
	}
	return []rune{r}
}

// learn gives every character of a term a symbol.
func (f *folder) learn(term string) {
	for _, r := range term {
		if c := classOf(r); c == classSkip || c == classGap || c == classBreak {
			continue
		}
		for _, b := range f.baseOf(r) {
			if _, known := f.symbol[b]; !known {
				f.symbol[b] = symFirst + uint16(len(f.symbol))
			}
		}
	}
}

// finish fills the table once all terms are learned.
func (f *folder) finish() {
	for r := rune(1); r < 0x10000; r++ {
		e := &f.table[r]
		if e.class != classWord && e.class != classScript && e.class != classMark {
			continue
		}
		base := f.baseOf(r)
		if len(base) > 1 {
			f.expand[r] = base
		}
		e.sym = f.symbol[base[0]]
	}
}

// folded is a text as symbols, each with its class and its place in the text.
type folded struct {
	text  string
	cells []cell
	ascii bool // no accents at all: the text may have lost them
	upper bool // no small letters at all: capitals mean nothing
}

type cell struct {
	at    int32 // offset in the text
	sym   uint16
	class class
}

// reset keeps the memory for the next text.
func (t *folded) reset(text string) {
	t.text, t.cells = text, t.cells[:0]
	t.ascii, t.upper = true, true
}

func (t *folded) put(sym uint16, c class, at int) {
	t.cells = append(t.cells, cell{int32(at), sym, c})
}

const khmerCoeng, khmerDa, khmerTa = 0x17D2, 0x178A, 0x178F

// fold fills t with a text. Between letters of an unspaced script spaces mean nothing and
// are left out; elsewhere any run of spaces and punctuation is one gap.
func (f *folder) fold(t *folded, text string) {
	t.reset(text)
	gap, prev := classSkip, rune(0) // the pending gap, if any
	for i, r := range text {
		if r >= utf8.RuneSelf {
			t.ascii = t.ascii && !(r < 0x250 || 0x1E00 <= r && r < 0x1F00)
			t.upper = t.upper && !unicode.IsLower(r)
		} else if 'a' <= r && r <= 'z' {
			t.upper = false
		}
		e := foldEntry{class: classScript}
		if r < 0x10000 {
			e = f.table[r]
		}
		switch e.class {
		case classSkip:
			continue
		case classGap:
			if gap == classSkip {
				gap = classGap
			}
			if sentenceEnd(r) && endsHere(text, i+1) {
				gap = classBreak
			}
			prev = r
			continue
		case classBreak:
			gap, prev = classBreak, r
			continue
		}
		if gap != classSkip && len(t.cells) > 0 {
			last := t.cells[len(t.cells)-1].class
			joined := (last == classScript || last == classMark) && (e.class == classScript || e.class == classMark)
			if gap == classBreak {
				t.put(symBreak, classBreak, i)
			} else if !joined {
				t.put(symGap, classGap, i)
			}
		}
		gap = classSkip
		if r == khmerDa && prev == khmerCoeng {
			e = f.table[khmerTa] // they look the same and are both in use
		}
		t.put(e.sym, e.class, i)
		if r < utf8.RuneSelf {
			prev = r
			continue
		}
		if more, ok := f.expand[r]; ok {
			for _, b := range more[1:] {
				t.put(f.symbol[b], e.class, i)
			}
		}
		prev = r
	}
}

func sentenceEnd(r rune) bool { return r == '.' || r == '!' || r == '?' || r == ';' || r == '|' }

// endsHere reports whether the text ends or white space follows: "B.E. 2565" breaks
// there too, which costs nothing, while "พ.ร.บ." and "un-act.org" do not.
func endsHere(text string, i int) bool { return i >= len(text) || text[i] == ' ' || text[i] == '\n' }

// span returns the source text of the symbols from start to end.
func (t *folded) span(start, end int) string {
	from, to := int(t.cells[start].at), int(t.cells[end-1].at)
	_, size := utf8.DecodeRuneInString(t.text[to:])
	to += size
	// Marks that fold to nothing belong to the letter before them.
	for to < len(t.text) {
		r, n := utf8.DecodeRuneInString(t.text[to:])
		if !(0x300 <= r && r < 0x370) {
			break
		}
		to += n
	}
	return t.text[from:to]
}
