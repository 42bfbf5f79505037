package normalizer

import (
	_ "embed"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// cue is a kind of word by which the screen knows where to look closer.
type cue uint32

// The kinds of screening/words.txt, by the names they have there.
const (
	cuePhone cue = 1 << iota
	cueID
	cueBank
	cuePlate
	cueCase
	cueDeed
	cueAlias
	cueAge
	cueBorn
	cueTitle
	cueNamed
	cueNumber
	cueHolder
	cueRole
	cueChild
	cueTie
	cueShelter
	cueStreet
	cuePlace
	cueLocated
	cueBook
	cueMessenger
	cueMap
	cueLabel
	cueAsk
)

var cueNames = map[string]cue{
	"phone": cuePhone, "id": cueID, "bank": cueBank, "plate": cuePlate, "case": cueCase, "deed": cueDeed, "alias": cueAlias, "age": cueAge, "born": cueBorn,
	"title": cueTitle, "named": cueNamed, "number": cueNumber, "holder": cueHolder, "role": cueRole, "child": cueChild, "tie": cueTie,
	"shelter": cueShelter, "street": cueStreet, "place": cuePlace, "located": cueLocated, "book": cueBook, "messenger": cueMessenger, "map": cueMap, "label": cueLabel, "ask": cueAsk,
}

//go:embed screening/words.txt
var screeningWords string

// cueWord is one word of the list.
type cueWord struct {
	text   string // in small letters
	kinds  cue
	prefix bool // what follows may go on the word
}

// cueAt is a word found in a text.
type cueAt struct {
	start, end int
	kinds      cue
}

// cueFinder finds all words of the list in one pass. Most places are passed over after one
// look into a table of bits: words in Latin letters can only start where a word starts, and
// the first two letters of the others are rare together.
type cueFinder struct {
	latin, script [1 << 16 / 64]uint64
	words         map[uint64][]cueWord
}

// newCueFinder reads the list of words.
func newCueFinder(list string) (*cueFinder, error) {
	kinds := map[string]cue{} // of each word
	for line := range strings.Lines(list) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, words, ok := strings.Cut(line, ":")
		kind := cueNames[name]
		if !ok || kind == 0 {
			return nil, fmt.Errorf("reading the words of the screen: %q is no kind of words", name)
		}
		for w := range strings.SplitSeq(words, ",") {
			for _, form := range spellings(strings.TrimSpace(w)) {
				kinds[form] |= kind
			}
		}
	}
	f := &cueFinder{words: map[uint64][]cueWord{}}
	for text, kind := range kinds {
		w := cueWord{text: strings.TrimSuffix(text, "*"), kinds: kind, prefix: strings.HasSuffix(text, "*")}
		if len(w.text) < 2 {
			return nil, fmt.Errorf("reading the words of the screen: %q is too short", text)
		}
		key, bits := latinKey(w.text+"  "), &f.latin
		if isScriptByte(w.text[0]) {
			key, bits = scriptKey(w.text), &f.script
		}
		bits[key>>6&1023] |= 1 << (key & 63)
		f.words[key] = append(f.words[key], w)
	}
	return f, nil
}

// spellings are the ways to write a word that small ASCII letters do not cover.
func spellings(w string) []string {
	low := strings.ToLower(w)
	if isASCIIOnly(low) || low == "" || isScriptByte(low[0]) {
		return []string{low}
	}
	r, size := utf8.DecodeRuneInString(low)
	return []string{asciiLower(low), asciiLower(string(unicode.ToUpper(r)) + low[size:]), asciiLower(strings.ToUpper(low))}
}

func isASCIIOnly(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		b[i] = lowByte(c)
	}
	return string(b)
}

func lowByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// isScriptByte reports the first byte of a letter of the region's own scripts.
func isScriptByte(c byte) bool { return c >= 0xE0 && c < 0xF0 }

func isWordByte(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c >= utf8.RuneSelf }

// latinKey mixes the first three bytes; signs behind a word of two letters are all one.
func latinKey(s string) uint64 {
	c := lowByte(s[2])
	if !isWordByte(c) {
		c = ' '
	}
	return mix(uint64(lowByte(s[0])) | uint64(lowByte(s[1]))<<8 | uint64(c)<<16)
}

// scriptKey mixes the first two letters, or the only one.
func scriptKey(s string) uint64 {
	var k uint64
	for i := range min(6, len(s)) {
		k |= uint64(s[i]) << (8 * i)
	}
	return mix(k) | 1<<16
}

func mix(k uint64) uint64 { return (k * 0x9E3779B97F4A7C15) >> 48 }

// find appends the words of a text in the order in which they start.
func (f *cueFinder) find(s string, out []cueAt) []cueAt {
	for i := 0; i+2 <= len(s); i++ {
		c := s[i]
		switch {
		case isScriptByte(c):
			out = f.at(s, i, scriptKey(s[i:]), &f.script, out)
			if c >= 0xE3 { // Chinese has words of one letter
				out = f.at(s, i, scriptKey(s[i:min(i+3, len(s))]), &f.script, out)
			}
			i += 2
		case 'a' <= c|0x20 && c|0x20 <= 'z' || c == 0xC4 || c == 0xC3:
			if i > 0 && 'a' <= s[i-1]|0x20 && s[i-1]|0x20 <= 'z' {
				continue
			}
			if i+3 <= len(s) {
				out = f.at(s, i, latinKey(s[i:]), &f.latin, out)
			} else {
				out = f.at(s, i, latinKey(s[i:]+" "), &f.latin, out)
			}
		}
	}
	return out
}

// at appends the words that start at i.
func (f *cueFinder) at(s string, i int, key uint64, bits *[1024]uint64, out []cueAt) []cueAt {
	if bits[key>>6&1023]&(1<<(key&63)) == 0 {
		return out
	}
	for _, w := range f.words[key] {
		if !hasPrefixFold(s[i:], w.text) {
			continue
		}
		end := i + len(w.text)
		if !isScriptByte(w.text[0]) && (!startsWord(s, i) || !w.prefix && isWordByte(w.text[len(w.text)-1]) && !endsWord(s, end)) {
			continue
		}
		out = append(out, cueAt{i, end, w.kinds})
	}
	return out
}

// hasPrefixFold compares without regard to capitals; low is in small letters.
func hasPrefixFold(s, low string) bool {
	if len(s) < len(low) {
		return false
	}
	for i := range len(low) {
		if lowByte(s[i]) != low[i] {
			return false
		}
	}
	return true
}

func hasSuffixFold(s, low string) bool {
	return len(s) >= len(low) && hasPrefixFold(s[len(s)-len(low):], low)
}

func startsWord(s string, i int) bool {
	r, _ := utf8.DecodeLastRuneInString(s[:i])
	return i == 0 || !unicode.Is(unicode.Latin, r)
}

func endsWord(s string, i int) bool {
	r, _ := utf8.DecodeRuneInString(s[i:])
	return i == len(s) || !unicode.Is(unicode.Latin, r) && !unicode.Is(unicode.Mn, r)
}
