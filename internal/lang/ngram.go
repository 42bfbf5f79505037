package lang

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

//go:generate go run ./gen -udhr $UDHR -o data/ngrams.bin

//go:embed data/ngrams.bin
var ngramData []byte

// NgramModel is a naive Bayes model: for each letter group and each language the
// logarithm of how often the group stands in texts of the language. Package gen trains it.
type NgramModel struct {
	Languages []string
	Floor     []float64 // for groups that were not seen in the language

	// An open table: the place of a group is where the low bits of its number point, or
	// behind that; 0 ends the search. at says which of the rows is the group's.
	keys []uint32
	at   []uint16
	rows []uint64
	size int // groups
}

// steps is how many steps of a stored logarithm make one nat.
const steps = 16

// A row holds what a group costs in each language, in steps: a byte for each, eight to a
// word, so that a few additions of words do the work of many.
const (
	mostLanguages = 16
	rowWords      = mostLanguages / 8
	evenBytes     = 0x00FF00FF00FF00FF
	mostRows      = 256 // that the sixteen bits of one part of a sum can take
)

var loadNgrams = sync.OnceValue(func() NgramModel {
	m, err := ParseNgrams(ngramData)
	if err != nil {
		panic(err) // the embedded file is part of the program; a test reads it
	}
	return m
})

// costs adds up rows.
type costs struct {
	parts [2 * rowWords]uint64 // four languages each: those of even and of odd places
	rows  int                  // in parts
	all   int
	total [mostLanguages]int
}

func (c *costs) add(row []uint64) {
	_ = row[rowWords-1]
	for i := range rowWords {
		c.parts[2*i] += row[i] & evenBytes
		c.parts[2*i+1] += row[i] >> 8 & evenBytes
	}
	c.all++
	if c.rows++; c.rows == mostRows {
		c.settle()
	}
}

// settle takes the parts apart.
func (c *costs) settle() {
	for i, p := range c.parts {
		for lane := range 4 {
			c.total[i/2*8+lane*2+i%2] += int(p >> (16 * lane) & 0xFFFF)
		}
	}
	c.parts, c.rows = [2 * rowWords]uint64{}, 0
}

// Scores returns the log-likelihood of a text in each language and the number of letter
// groups that the model knows.
func (m NgramModel) Scores(text string) (scores []float64, known int) {
	return m.appendScores(nil, text)
}

func (m *NgramModel) appendScores(scores []float64, text string) ([]float64, int) {
	var sum costs
	words := newWordReader(text)
	for word := words.next(); word != nil; word = words.next() {
		m.add(&sum, word)
	}
	sum.settle()
	for i := range m.Languages {
		scores = append(scores, -float64(sum.total[i])/steps)
	}
	return scores, sum.all
}

// add adds what the groups of one word say. It goes through the same groups as Groups, but
// makes the number of each out of that of the one before.
func (m *NgramModel) add(sum *costs, word []rune) {
	whole := uint32(fnvBasis)
	for i, first := range word {
		h := uint32(fnvBasis)
		for n := 0; n < 4 && i+n < len(word); n++ {
			h = (h ^ uint32(word[i+n])) * fnvPrime
			if n == 0 && first == ' ' {
				continue
			}
			m.addGroup(sum, h^h>>15)
		}
		whole = (whole ^ uint32(first)) * fnvPrime
	}
	if len(word) > 4 {
		m.addGroup(sum, whole^whole>>15)
	}
}

// addGroup adds one group if the model knows it.
func (m *NgramModel) addGroup(sum *costs, group uint32) {
	mask := uint32(len(m.keys) - 1)
	for at := group & mask; m.keys[at] != 0; at = (at + 1) & mask {
		if m.keys[at] == group {
			sum.add(m.rows[int(m.at[at])*rowWords:][:rowWords])
			return
		}
	}
}

// put enters a group with its stored logarithms.
func (m *NgramModel) put(group uint32, row []uint8) {
	if group == 0 {
		return // marks an empty place; no text is lost by one group
	}
	mask := uint32(len(m.keys) - 1)
	at := group & mask
	for m.keys[at] != 0 && m.keys[at] != group {
		at = (at + 1) & mask
	}
	if m.keys[at] == 0 {
		m.keys[at], m.at[at] = group, uint16(m.size)
		m.rows = append(m.rows, make([]uint64, rowWords)...)
		m.size++
	}
	words := m.rows[int(m.at[at])*rowWords:][:rowWords]
	for i, v := range row {
		cost := uint64(math.Round(-m.Floor[i] * steps))
		if v != 0 {
			cost = uint64(v - 1)
		}
		words[i/8] = words[i/8]&^(0xFF<<(i%8*8)) | cost<<(i%8*8)
	}
}

// Groups yields a number for each group of one to four neighbouring letters of a text,
// word borders included, and for each whole word. Names that every language uses, and
// acronyms, say nothing of the language and are left out.
func Groups(text string) func(yield func(uint32) bool) {
	return func(yield func(uint32) bool) {
		words := newWordReader(text)
		for runes := words.next(); runes != nil; runes = words.next() {
			for i := range runes {
				for n := 1; n <= 4 && i+n <= len(runes); n++ {
					if n == 1 && runes[i] == ' ' {
						continue
					}
					if !yield(hashRunes(runes[i : i+n])) {
						return
					}
				}
			}
			if len(runes) > 4 && !yield(hashRunes(runes)) {
				return
			}
		}
	}
}

// wordReader gives the words of a text that can say something of its language, in lower
// case between two spaces.
type wordReader struct {
	rest     string
	shouting bool // no small letters at all: capitals say nothing
	room     [64]rune
}

func newWordReader(text string) wordReader {
	w := wordReader{rest: text, shouting: !hasSmall(text)}
	if traitsOf(text)&traitJoins != 0 {
		w.rest = norm.NFC.String(text)
	}
	return w
}

// next returns the next word, which is valid until the one after it, or nil at the end.
func (w *wordReader) next() []rune {
	for w.rest != "" {
		word := strings.Trim(w.field(), "'’-")
		if word == "" || !w.shouting && len(word) > 1 && isUpper(word) {
			continue
		}
		if isASCII(word) {
			if runes := lowerASCII(append(w.room[:0], ' '), word); runes != nil {
				return append(runes, ' ')
			}
			continue
		}
		runes := append(w.room[:0], ' ')
		for _, r := range strings.ToLower(strings.ReplaceAll(word, "’", "'")) {
			runes = append(runes, r)
		}
		return append(runes, ' ')
	}
	return nil
}

// field takes the next run of letters off the text.
func (w *wordReader) field() string {
	start := -1
	for i, r := range w.rest {
		if in := inWord(r); in && start < 0 {
			start = i
		} else if !in && start >= 0 {
			field := w.rest[start:i]
			w.rest = w.rest[i:]
			return field
		}
	}
	field := w.rest[max(start, 0):]
	if w.rest = ""; start < 0 {
		return ""
	}
	return field
}

// lowerASCII appends a word in lower case, or returns nil for a neutral one.
func lowerASCII(runes []rune, word string) []rune {
	var room [16]byte
	small := room[:0]
	for _, c := range []byte(word) {
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		runes, small = append(runes, rune(c)), append(small, c)
	}
	if neutral[string(small)] {
		return nil
	}
	return runes
}

// hasSmall reports whether upper case would change anything about a text.
func hasSmall(s string) bool {
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			if 'a' <= r && r <= 'z' {
				return true
			}
		case unicode.ToUpper(r) != r, r == utf8.RuneError && !utf8.ValidString(s):
			return true
		}
	}
	return false
}

// isUpper reports whether upper case would change nothing about a word.
func isUpper(word string) bool {
	for i := range len(word) {
		switch c := word[i]; {
		case c >= 0x80:
			return strings.ToUpper(word) == word
		case 'a' <= c && c <= 'z':
			return false
		}
	}
	return true
}

func inWord(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r|0x20 && r|0x20 <= 'z' || r == '\'' || r == '-'
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || r == '’'
}

// neutral lists words that stand in titles of every language.
var neutral = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq("asean indonesia malaysia thailand vietnam myanmar brunei darussalam singapore singapura philippines pilipinas filipina " +
		"cambodia kamboja laos lao timor-leste timor leste jakarta manila dili bangkok hanoi unicef unodc iom ilo usaid ecpat butterfly trafficking human " +
		"hotline online internet covid program data pdf http https www com org") {
		m[w] = true
	}
	return m
}()

// The numbers of FNV-1a.
const (
	fnvBasis = 2166136261
	fnvPrime = 16777619
)

// hashRunes is FNV-1a over code points.
func hashRunes(runes []rune) uint32 {
	h := uint32(fnvBasis)
	for _, r := range runes {
		h = (h ^ uint32(r)) * fnvPrime
	}
	return h ^ h>>15
}

// The file: "NGR1", the number of languages, each with its length and floor (in steps),
// then for each group, in the order of its number: the difference to the one before, a
// bit for each language that has it, and their values. All numbers are varints.

var errNgrams = errors.New("reading the n-gram model: broken file")

// ParseNgrams reads a model from the bytes that AppendNgrams made.
func ParseNgrams(data []byte) (NgramModel, error) {
	var m NgramModel
	if len(data) < 4 || string(data[:4]) != "NGR1" {
		return m, errNgrams
	}
	data = data[4:]
	next := func() uint64 {
		v, n := binary.Uvarint(data)
		if n <= 0 {
			data = nil
			return 0
		}
		data = data[n:]
		return v
	}
	for range min(next(), mostLanguages) {
		size := next()
		if uint64(len(data)) < size {
			return m, errNgrams
		}
		m.Languages = append(m.Languages, string(data[:size]))
		data = data[size:]
		floor := next()
		if floor > math.MaxUint8 {
			return m, errNgrams
		}
		m.Floor = append(m.Floor, -float64(floor)/steps)
	}
	k := len(m.Languages)
	count := next()
	places := 1 << bits.Len(uint(min(count, math.MaxUint16))) // more than groups
	m.keys, m.at = make([]uint32, 2*places), make([]uint16, 2*places)
	for key := uint64(0); count > 0; count-- {
		if len(data) == 0 {
			return m, errNgrams
		}
		key += next()
		row := make([]uint8, k)
		for i, mask := 0, next(); i < k; i++ {
			if mask>>i&1 == 0 {
				continue
			}
			if len(data) == 0 {
				return m, errNgrams
			}
			row[i] = data[0]
			data = data[1:]
		}
		if m.size >= min(places, math.MaxUint16) {
			return m, errNgrams
		}
		m.put(uint32(key), row)
	}
	return m, nil
}

// Log returns the stored form of the logarithm of a probability: 1 for certain, 255 for
// what is rarer than the model can say.
func Log(p float64) uint8 {
	return uint8(min(254, math.Round(-math.Log(p)*steps))) + 1
}
