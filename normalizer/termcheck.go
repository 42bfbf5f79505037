package normalizer

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"ctiphub/internal/lang"
)

// wordsOf are the lists of one language that a concept or type has, by their names.
type wordsOf map[string][]string

// terms finds what is wrong with the words of one concept in one language: a language that
// the vocabulary does not list, words too short to mean anything, words given twice.
func (c *vocabCheck) terms(scheme, id, tag string, lists wordsOf) {
	if c.known != nil && !c.known[tag] {
		c.fail(scheme, id, "has words in %q, which is not a language of the vocabulary", tag)
	}
	seen := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		for _, word := range lists[name] {
			switch key := lang.Fold(word); {
			case strings.TrimSpace(word) == "":
				c.fail(scheme, id, "has an empty term in %q", tag)
			case utf8.RuneCountInString(word) < 2 && !unspacedWord(word):
				c.fail(scheme, id, "%q in %q is too short to mean anything", word, tag)
			case strings.TrimSpace(word) != word:
				c.fail(scheme, id, "%q in %q begins or ends with a space", word, tag)
			case seen[key+"\x00"+word] != "":
				c.fail(scheme, id, "%q in %q is there twice: in %s and %s", word, tag, seen[key+"\x00"+word], name)
			default:
				seen[key+"\x00"+word] = name
			}
		}
	}
}

func unspacedWord(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unspaced(r)
}

// ambiguousCues finds cues of equal strength that speak for two types: which of them wins
// would be an accident.
func (c *vocabCheck) ambiguousCues(types []Type) {
	for name, cues := range map[string]func(Type) map[string][]string{
		"title_cues": func(t Type) map[string][]string { return t.Cues }, "headline_cues": func(t Type) map[string][]string { return t.Headlines },
	} {
		owner := map[string]string{}
		for _, t := range types {
			for tag, list := range cues(t) {
				for _, word := range list {
					key := tag + "/" + word
					if other := owner[key]; other != "" && other != t.ID {
						c.fail("types", t.ID, "%s: %q in %q is one of %q too", name, word, tag, other)
					}
					owner[key] = t.ID
				}
			}
		}
	}
}

// ambiguousNames finds names that two countries claim.
func (c *vocabCheck) ambiguousNames(countries []Country) {
	owner := map[string]string{}
	for _, x := range countries {
		for _, name := range slices.Concat([]string{x.Official}, x.Names, x.Demonyms, x.Capital, x.Places) {
			if name == "" {
				continue
			}
			if other := owner[name]; other != "" && other != x.ID {
				c.fail("countries", x.ID, "%q is a name of %s too", name, other)
			}
			owner[name] = x.ID
		}
	}
}
