package demo

import (
	"slices"
	"strings"
)

// Zawgyi writes Burmese in the order in which it is drawn, with letters of its own for
// some shapes, on the code points of the Unicode block.
const (
	vowelE, asat, virama, dotBelow = 0x1031, 0x103a, 0x1039, 0x1037
	yaPin, yaYit, waSwe, haHto     = 0x103b, 0x103c, 0x103d, 0x103e
	vowelU, vowelUU, vowelI        = 0x102f, 0x1030, 0x102d
	vowelII, anusvara, tallAA      = 0x102e, 0x1036, 0x102b
)

// stacked are the letters that Zawgyi draws below another one.
var stacked = map[rune]rune{
	'က': 0x1060, 'ခ': 0x1061, 'ဂ': 0x1062, 'ဃ': 0x1063, 'စ': 0x1065, 'ဆ': 0x1066, 'ဇ': 0x1068, 'ဈ': 0x1069,
	'ဋ': 0x106c, 'ဌ': 0x106d, 'ဏ': 0x1070, 'တ': 0x1071, 'ထ': 0x1073, 'ဒ': 0x1075, 'ဓ': 0x1076, 'န': 0x1077,
	'ပ': 0x1078, 'ဖ': 0x1079, 'ဗ': 0x107a, 'ဘ': 0x107b, 'မ': 0x107c, 'လ': 0x1085,
}

// wide are the letters around which ya yit is drawn wide.
const wide = "ကဃဆဏတထဘယလသဟအဩ"

// toZawgyi writes the Burmese in a text as a Zawgyi keyboard would have typed it.
func toZawgyi(s string) string {
	var b strings.Builder
	runes := []rune(s)
	for len(runes) > 0 {
		n := syllable(runes)
		if n == 0 {
			b.WriteRune(runes[0])
			runes = runes[1:]
			continue
		}
		for _, r := range drawn(runes[:n]) {
			b.WriteRune(r)
		}
		runes = runes[n:]
	}
	return b.String()
}

// syllable returns the length of a letter with all that is attached to it, 0 when the
// text does not begin with a Burmese letter.
func syllable(s []rune) int {
	n := 0
	if kinzi(s) {
		n = 3
	}
	if n >= len(s) || !isLetter(s[n]) {
		return 0
	}
	for n++; n < len(s); n++ {
		if s[n] == virama && n+1 < len(s) && isLetter(s[n+1]) {
			n++
			continue
		}
		if s[n] < 0x102b || s[n] > 0x103e || s[n] == virama {
			break
		}
	}
	return n
}

func isLetter(r rune) bool { return r >= 0x1000 && r <= 0x102a || r == 0x103f }

func kinzi(s []rune) bool {
	return len(s) > 3 && s[0] == 'င' && s[1] == asat && s[2] == virama
}

// drawn puts one syllable into the order of Zawgyi.
func drawn(s []rune) []rune {
	above := kinzi(s)
	if above {
		s = s[3:]
	}
	letter, rest := s[0], s[1:]
	has := func(r rune) bool { return slices.Contains(rest, r) }
	low := has(yaPin) || has(yaYit) || has(haHto) || has(virama) // what pushes a vowel below aside
	var out []rune
	if has(vowelE) {
		out = append(out, vowelE)
	}
	if has(yaYit) {
		out = append(out, yaYitFor(letter))
	}
	out = append(out, letterFor(letter, low || has(waSwe) || has(vowelU) || has(vowelUU)))
	if above {
		out = append(out, 0x1064)
	}
	for i := 0; i < len(rest); i++ {
		switch r := rest[i]; {
		case r == vowelE || r == yaYit:
		case r == virama:
			i++
			out = append(out, below(rest[i])...)
		case r == waSwe && i+1 < len(rest) && rest[i+1] == haHto:
			out = append(out, 0x108a)
			i++
		case r == vowelU && low:
			out = append(out, 0x1033)
		case r == vowelUU && low:
			out = append(out, 0x1034)
		case r == vowelI && i+1 < len(rest) && rest[i+1] == anusvara:
			out = append(out, 0x108e)
			i++
		case r == tallAA && i+1 < len(rest) && rest[i+1] == asat:
			out = append(out, 0x105a)
			i++
		default:
			out = append(out, sign(r))
		}
	}
	return out
}

// sign is a mark in Zawgyi's code points, which are one off for the medials.
func sign(r rune) rune {
	switch r {
	case asat:
		return 0x1039
	case yaPin:
		return 0x103a
	case waSwe:
		return 0x103c
	case haHto:
		return 0x103d
	}
	return r
}

func yaYitFor(letter rune) rune {
	if strings.ContainsRune(wide, letter) {
		return 0x107e
	}
	return 0x103b
}

// letterFor gives a letter the shape that leaves room for what is below it.
func letterFor(letter rune, crowded bool) rune {
	switch {
	case letter == 'န' && crowded:
		return 0x108f
	case letter == 'ရ' && crowded:
		return 0x1090
	case letter == 0x103f:
		return 0x1086
	}
	return letter
}

// below is a letter that stands below another one.
func below(letter rune) []rune {
	if r, ok := stacked[letter]; ok {
		return []rune{r}
	}
	return []rune{0x1039, letter}
}
