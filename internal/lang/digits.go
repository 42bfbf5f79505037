package lang

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const burmeseWa = 0x101D

// Digits folds the decimal digits of every script to ASCII. In Burmese numbers the letter
// WA (U+101D), which looks like the digit zero and is often typed for it, is read as zero.
func Digits(s string) string {
	if !hasForeignDigit(s) {
		return s
	}
	runes := []rune(s)
	var b strings.Builder
	b.Grow(len(s))
	for i, r := range runes {
		switch {
		case r < utf8.RuneSelf:
			b.WriteByte(byte(r))
		case r == burmeseWa && waIsZero(runes, i):
			b.WriteByte('0')
		default:
			if d := digitValue(r); d >= 0 {
				b.WriteByte(byte('0' + d))
			} else {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// hasForeignDigit reports characters that Digits may change, broken UTF-8 among them.
func hasForeignDigit(s string) bool {
	for _, r := range s {
		if r >= utf8.RuneSelf && traitOf(r)&traitDigit != 0 {
			return true
		}
	}
	return false
}

func isASCII(s string) bool {
	for len(s) >= 8 {
		if s[0]|s[1]|s[2]|s[3]|s[4]|s[5]|s[6]|s[7] >= utf8.RuneSelf {
			return false
		}
		s = s[8:]
	}
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// digitValue returns the value of a decimal digit of any script, -1 for other characters.
// Unicode keeps the digits of a script together in tens, so that the place in the range
// is the value.
func digitValue(r rune) int {
	if r > 0xFFFF {
		for _, g := range unicode.Nd.R32 {
			if rune(g.Lo) <= r && r <= rune(g.Hi) {
				return int(r-rune(g.Lo)) % 10
			}
		}
		return -1
	}
	i, found := slices.BinarySearchFunc(unicode.Nd.R16, uint16(r), func(g unicode.Range16, r uint16) int {
		switch {
		case g.Hi < r:
			return -1
		case g.Lo > r:
			return 1
		}
		return 0
	})
	if !found {
		return -1
	}
	return int(r-rune(unicode.Nd.R16[i].Lo)) % 10
}

func isBurmeseDigit(r rune) bool { return 0x1040 <= r && r <= 0x1049 }

// maxPlaces bounds how far a number is looked at; longer ones are no numbers.
const maxPlaces = 24

// waIsZero decides whether the WA at i is a zero: it stands behind a digit, and a digit,
// the end of the number, or the end of a year of four places follows.
func waIsZero(runes []rune, i int) bool {
	start := i
	for start > 0 && i-start < maxPlaces && (isBurmeseDigit(runes[start-1]) || runes[start-1] == burmeseWa) {
		start--
	}
	if start == i || !isBurmeseDigit(runes[start]) {
		return false
	}
	end := i + 1
	for end < len(runes) && end-i < maxPlaces && (isBurmeseDigit(runes[end]) || runes[end] == burmeseWa) {
		end++
	}
	if end < len(runes) && unicode.Is(unicode.M, runes[end]) {
		end-- // a letter with its vowel sign
	}
	if i >= end {
		return false
	}
	if i < end-1 || end == len(runes) || !unicode.IsLetter(runes[end]) && runes[end] != burmeseWa {
		return true
	}
	return end-start == 4 && (runes[start] == 0x1041 || runes[start] == 0x1042)
}
