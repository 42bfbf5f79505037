package catalog

import "unicode"

// class is what the analyzer does with a rune.
type class uint8

const (
	separatorClass class = iota // ends a run
	baseClass                   // begins a cluster of an unspaced script
	signClass                   // belongs to the cluster before it
	leadClass                   // a vowel written before the base of its cluster
	wordClass                   // letter of a spaced script
	markClass                   // combining mark
	digitClass
	ignoredClass    // neither joins nor divides
	wideClass       // full-width form of an ASCII character, as amid Chinese text
	radicalClass    // Kangxi radical, which some PDFs hold in place of the letter
	apostropheClass // the typographic one
)

// regional holds the classes of the blocks of Thai and Lao, Burmese and Khmer, whose texts
// are made of little else; the general way takes four searches of tables for a rune.
var regional = [3]block{newBlock(0x0e00), newBlock(0x1000), newBlock(0x1780)}

// block is the classes of 256 runes.
type block [256]class

func newBlock(first rune) (b block) {
	for i := range b {
		b[i] = classify(first + rune(i))
	}
	return b
}

func classOf(r rune) class {
	switch {
	case r >= 0x0e00 && r <= 0x0eff:
		return regional[0][r-0x0e00]
	case r >= 0x1000 && r <= 0x10ff:
		return regional[1][r-0x1000]
	case r >= 0x1780 && r <= 0x187f:
		return regional[2][r-0x1780]
	case r >= 0x4e00 && r <= 0x9fff:
		return baseClass
	case r >= 0x1ea0 && r <= 0x1ef9:
		return wordClass // Vietnamese
	}
	return classify(r)
}

func classify(r rune) class {
	switch {
	case unicode.Is(unicode.Nd, r):
		return digitClass
	case ignored(r):
		return ignoredClass
	case repetition(r):
		return separatorClass
	case r >= '！' && r <= '～':
		return wideClass
	case r >= 0x2f00 && r <= 0x2fd5:
		return radicalClass
	case r == '’':
		return apostropheClass
	case unspaced(r):
		return clusterClass(r)
	case unicode.IsLetter(r):
		return wordClass
	case unicode.Is(unicode.M, r):
		return markClass
	}
	return separatorClass
}

// ignored reports what neither joins nor divides: zero-width characters, soft hyphens,
// the Arabic tatweel and the invisible Khmer vowels.
func ignored(r rune) bool {
	return r == 0x0640 || r == 0x17b4 || r == 0x17b5 || unicode.Is(unicode.Cf, r)
}

// repetition reports letters by category that stand between words: marks of repetition
// and of abbreviation.
func repetition(r rune) bool {
	switch r {
	case 'ๆ', 'ໆ', 'ฯ', 'ຯ', 0x17d7, 0x17dc:
		return true
	}
	return false
}

// unspaced reports whether a rune is a letter or sign of a script written without spaces.
func unspaced(r rune) bool {
	switch {
	case r >= 0x0e00 && r <= 0x0eff, // Thai, Lao
		r >= 0x1000 && r <= 0x109f, r >= 0xaa60 && r <= 0xaa7f, r >= 0xa9e0 && r <= 0xa9fe, // Burmese and its extensions
		r >= 0x1780 && r <= 0x17dd, // Khmer
		r == 'ー':
		return unicode.IsLetter(r) || unicode.Is(unicode.M, r)
	}
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) && !unicode.Is(unicode.S, r)
}

// clusterClass divides the letters and signs of unspaced scripts.
func clusterClass(r rune) class {
	switch {
	case r >= 'เ' && r <= 'ไ' || r >= 'ເ' && r <= 'ໄ':
		return leadClass
	case unicode.Is(unicode.M, r):
		return signClass
	}
	switch r {
	case 'ะ', 'า', 'ำ', 'ๅ', 'ະ', 'າ', 'ຳ', 'ー': // signs that are letters by category
		return signClass
	}
	return baseClass
}
