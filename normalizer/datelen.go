package normalizer

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lengths of the pieces at the head of a text that the lexer of dates asks for.

func numberLen(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

func ordinalSuffix(s string) string {
	for _, suffix := range []string{"st", "nd", "rd", "th", "hb"} {
		if rest, ok := strings.CutPrefix(s, suffix); ok {
			if r, _ := utf8.DecodeRuneInString(rest); !unicode.IsLetter(r) {
				return suffix
			}
		}
	}
	return ""
}

// runLen measures letters and marks of an unspaced script, with the dots of its
// abbreviations.
func runLen(s string) int {
	n := 0
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if r != '.' && (!unspaced(r) || unicode.Is(unicode.Nd, r) || r == '၊') {
			break
		}
		n += size
	}
	return n
}

// wordLen measures letters and marks, with dots between single letters ("b.e.").
func wordLen(s string) int {
	n, run := 0, 0
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		switch {
		case unspaced(r):
			return n
		case unicode.IsLetter(r) || unicode.Is(unicode.M, r):
			run++
		case r == '.' && run == 1:
			run = 0
		default:
			return n
		}
		n += size
	}
	return n
}

// phraseLen measures count words with single spaces between.
func phraseLen(s string, count int) int {
	n := 0
	for i := range count {
		if i > 0 {
			if n >= len(s) || s[n] != ' ' {
				return n
			}
			n++
		}
		n += wordLen(s[n:])
	}
	return n
}

func sortRuns(runs []runWord) {
	slices.SortFunc(runs, func(a, b runWord) int {
		return cmp.Or(cmp.Compare(len(b.text), len(a.text)), strings.Compare(a.text, b.text))
	})
}
