package lang

import (
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// trait is what has to be known of a character before a text that contains it can be said
// to be clean as it is.
type trait uint8

const (
	traitUntidy    trait = 1 << iota // control, space other than U+0020, or invisible: Clean does something about it
	traitJoins                       // may change in NFC, by itself or with its neighbours
	traitThaiLao                     // of the scripts whose vowels fixThaiLao looks at
	traitEth                         // may stand for the Vietnamese D with stroke
	traitDigit                       // a decimal digit that is not ASCII, or the letter typed for one
	traitMark                        // keeps an order with its neighbours in NFC, and no letter takes it up
	traitUnusual   trait = 0xFF      // not in the table: look properly
	traitsUpTo           = 0x3400    // where the table ends
	hanFrom, hanTo       = 0x4E00, 0xA000
)

// traits and scripts answer what is asked of every character of every text.
var (
	traits  = makeTraits()
	classes = makeClasses() // canonical combining classes: by them NFC orders marks behind a letter
	scripts = makeScripts()
)

func makeTraits() (t [traitsUpTo]trait) {
	for r := range rune(traitsUpTo) {
		if r != ' ' && unicode.IsSpace(r) || unicode.IsControl(r) || isInvisible(r) {
			t[r] |= traitUntidy
		}
		if joins(r) {
			t[r] |= traitJoins
		}
		if classes[r] > 0 {
			t[r] |= traitMark
		}
		switch {
		case 0xE00 <= r && r < 0xF00:
			t[r] |= traitThaiLao
		case r == 'Ð' || r == 'ð' || r == 'Ɖ':
			t[r] |= traitEth
		}
		if r >= 0x80 && digitValue(r) >= 0 || r == burmeseWa {
			t[r] |= traitDigit
		}
	}
	return t
}

// joins reports whether NFC may change a character by itself or with a letter before it.
// Of marks, only those of Thai, Lao, Burmese and Khmer are known to stay what they are.
func joins(r rune) bool {
	s := string(r)
	if norm.NFC.String(s) != s {
		return true
	}
	regional := 0xE00 <= r && r < 0xF00 || 0x1000 <= r && r < 0x10A0 || 0x1780 <= r && r < 0x1800
	return !norm.NFC.PropertiesString(s).BoundaryBefore() && !(regional && classes[r] > 0)
}

func makeClasses() (t [traitsUpTo]uint8) {
	for r := range t {
		t[r] = norm.NFC.PropertiesString(string(rune(r))).CCC()
	}
	return t
}

// traitOf returns the traits of a character, all of them when it would have to be looked at
// properly.
func traitOf(r rune) trait {
	switch {
	case uint32(r) < traitsUpTo:
		return traits[r]
	case hanFrom <= r && r < hanTo:
		return 0
	}
	return traitUnusual
}

// traitsOf gathers the traits of a text, with traitUntidy when spaces stand at its ends or
// beside each other. Broken UTF-8 has all traits.
func traitsOf(s string) (t trait) {
	space, last := true, uint8(0)
	for _, r := range s {
		one := traitOf(r)
		t |= one
		if one&traitMark == 0 {
			last = 0
		} else if uint32(r) < traitsUpTo {
			if classes[r] < last {
				t |= traitJoins
			}
			last = classes[r]
		}
		if r == ' ' && space {
			t |= traitUntidy
		}
		space = r == ' '
	}
	if space && s != "" {
		t |= traitUntidy
	}
	return t
}
