package works

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed words.txt
var wordList string

// vocabulary is what words.txt says, ready for looking up.
type vocabulary struct {
	set    map[string]map[string]bool   // section, folded entry
	value  map[string]map[string]string // the same for sections with "value = entries"
	tails  map[string][]string          // the entries of scripts without spaces, by section
	phrase map[string][]string          // the entries of several words, by section
	places map[string][]place           // by first word
	wide   []place                      // places in scripts without spaces
}

type place struct {
	words []string
	code  string
}

// words is the parsed list. It is read once and never changed.
var words = sync.OnceValue(func() *vocabulary { return readWords(wordList) })

func readWords(list string) *vocabulary {
	v := &vocabulary{
		set: map[string]map[string]bool{}, value: map[string]map[string]string{},
		tails: map[string][]string{}, phrase: map[string][]string{}, places: map[string][]place{},
	}
	section := ""
	for line := range strings.Lines(list) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '[' {
			section, _, _ = strings.Cut(line[1:], "]")
			v.set[section], v.value[section] = map[string]bool{}, map[string]string{}
			continue
		}
		value, entries, ok := strings.Cut(line, " = ")
		if !ok {
			value, entries = "", line
		}
		for entry := range strings.SplitSeq(entries, "|") {
			v.learn(section, value, strings.TrimSpace(entry))
		}
	}
	return v
}

func (v *vocabulary) learn(section, value, entry string) {
	if section == "urllang" {
		v.value[section][entry] = value // codes keep their hyphens
		return
	}
	toks := tokenize(entry)
	if len(toks) == 0 {
		return
	}
	parts := make([]string, len(toks))
	for i, t := range toks {
		parts[i] = t.text
	}
	folded := strings.Join(parts, " ")
	v.set[section][folded] = true
	if value != "" {
		v.value[section][folded] = value
	}
	switch {
	case section == "place" && toks[0].unspaced:
		v.wide = append(v.wide, place{[]string{folded}, value})
	case section == "place":
		v.places[parts[0]] = append(v.places[parts[0]], place{parts, value})
	case toks[0].unspaced:
		v.tails[section] = append(v.tails[section], folded)
	case len(toks) > 1:
		v.phrase[section] = append(v.phrase[section], " "+folded+" ")
	}
}

// is reports whether a token belongs to a section. In scripts without spaces the word
// may be the end of what stands before it.
func (v *vocabulary) is(section string, t token) bool {
	if v.set[section][t.text] {
		return true
	}
	if t.unspaced {
		for _, tail := range v.tails[section] {
			if strings.HasSuffix(t.text, tail) {
				return true
			}
		}
	}
	return false
}

// holds reports whether a folded text has an entry of a section in it.
func (v *vocabulary) holds(section, folded string) bool {
	for w := range strings.SplitSeq(folded, " ") {
		if v.set[section][w] {
			return true
		}
	}
	padded := " " + folded + " "
	for _, p := range v.phrase[section] {
		if strings.Contains(padded, p) {
			return true
		}
	}
	if ascii(folded) {
		return false
	}
	for _, tail := range v.tails[section] {
		if strings.Contains(folded, tail) {
			return true
		}
	}
	return false
}
