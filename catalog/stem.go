package catalog

import (
	"bytes"
	"strings"
)

// Stem takes the inflection off an English word in lower-case ASCII: plural, -ed, -ing and
// a final e. Documents and queries are stemmed alike, whatever their language: the
// language of a query is not known, and on words of other languages a rule that both
// sides follow finds no less.
//
// It goes no further on purpose. A full stemmer takes "organization" and "organ" for one
// word, and "organ removal" is a form of trafficking that must be found by itself. For the
// same reason Indonesian and Malay affixes stay: without a dictionary of roots, taking
// "pe-…-an" off joins words that have nothing in common.
func Stem(w string) string { return string(stem([]byte(w))) }

// stem is Stem in place: it writes into w.
func stem(w []byte) []byte {
	if len(w) < 4 {
		return w
	}
	for _, c := range w {
		if c < 'a' || c > 'z' {
			return w
		}
	}
	w = participle(singular(w))
	if len(w) > 4 && w[len(w)-1] == 'e' {
		w = w[:len(w)-1]
	}
	return w
}

func ends(w []byte, suffix string) bool {
	return len(w) >= len(suffix) && string(w[len(w)-len(suffix):]) == suffix
}

// singular takes off the s of a plural.
func singular(w []byte) []byte {
	n := len(w)
	switch {
	case w[n-1] != 's' || ends(w, "ss") || ends(w, "us") || ends(w, "is"):
		return w
	case ends(w, "ies"):
		if n == 4 {
			return w[:3]
		}
		return append(w[:n-3], 'y')
	case ends(w, "sses"), ends(w, "xes"), ends(w, "ches"), ends(w, "shes"), ends(w, "zzes"):
		return w[:n-2]
	}
	return w[:n-1]
}

// participle takes -ed and -ing off a word that has a vowel before it.
func participle(w []byte) []byte {
	var root []byte
	switch {
	case ends(w, "eed"):
		if len(w) < 6 {
			return w // need, speed
		}
		return w[:len(w)-1]
	case ends(w, "ied"):
		if len(w) < 5 {
			return w[:len(w)-1]
		}
		return append(w[:len(w)-3], 'y')
	case ends(w, "ed"):
		root = w[:len(w)-2]
	case ends(w, "ing"):
		root = w[:len(w)-3]
	}
	if len(root) < 2 || !bytes.ContainsAny(root, "aeiouy") {
		return w
	}
	last := root[len(root)-1]
	switch {
	case last == root[len(root)-2] && strings.IndexByte("bdfgmnprt", last) >= 0:
		return root[:len(root)-1] // planned
	case len(root) < 4 && short(root):
		return append(root, 'e') // used, caring
	}
	return root
}

// short reports whether a root of two or three letters wants its e back: one that ends in
// a vowel and a consonant (us-, car-, hop-), not in two consonants (act-).
func short(root []byte) bool {
	isVowel := func(c byte) bool { return strings.IndexByte("aeiou", c) >= 0 }
	n := len(root)
	last := root[n-1]
	return isVowel(root[n-2]) && !isVowel(last) && last != 'w' && last != 'x' && last != 'y' && (n < 3 || !isVowel(root[n-3]))
}
