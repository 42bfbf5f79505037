package catalog

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A Group is the tokens of one run of text that belong together: the overlapping
// bigrams of an unspaced script, or one word. In a query a group is a phrase.
type Group struct {
	Tokens []string
	// Open says that the last token is the beginning of a longer one: a query of one
	// cluster finds every bigram that begins with it.
	Open bool
}

// Phrase returns the tokens to look for: without the closing single cluster of a longer
// run, behind which another cluster follows inside a sentence.
func (g Group) Phrase() []string {
	if len(g.Tokens) > 1 {
		return g.Tokens[:len(g.Tokens)-1]
	}
	return g.Tokens
}

// longest is how many bytes of a word count: longer ones are no words.
const longest = 96

// Analyze divides a text into groups of tokens, the same way for documents and queries:
// marks and letter case off, digits of all scripts as ASCII, English inflections off,
// Thai, Lao, Khmer, Burmese and Han as overlapping bigrams of orthographic clusters,
// everything else as words. No dictionary is needed, so a word in the middle of an
// unspaced sentence is found. Tokens hold letters, digits and marks only.
func Analyze(text string) []Group {
	var groups []Group
	a := analyzer{emit: func(tokens [][]byte, open bool) {
		g := Group{Tokens: make([]string, len(tokens)), Open: open}
		for i, tok := range tokens {
			g.Tokens[i] = string(tok)
		}
		groups = append(groups, g)
	}}
	a.run(text)
	return groups
}

// AppendTokens appends the tokens of a text, each with a space behind it: what an index
// stores of it.
func AppendTokens(dst []byte, text string) []byte {
	a := analyzer{emit: func(tokens [][]byte, _ bool) {
		for _, tok := range tokens {
			dst = append(append(dst, tok...), ' ')
		}
	}}
	a.run(text)
	return dst
}

// analyzer collects one run at a time. The tokens it emits are its own: the next run
// writes over them.
type analyzer struct {
	emit    func(tokens [][]byte, open bool)
	word    []byte // letters of a spaced script
	text    []byte // clusters of an unspaced script, one behind the other
	starts  []int  // where each begins
	cluster []rune // the one that is not yet complete
	joined  bool   // the next base belongs to it: after a Khmer coeng or Burmese virama
	closing bool   // it belongs to the cluster before it
	tokens  [][]byte
}

func (a *analyzer) run(text string) {
	for _, r := range norm.NFC.String(text) {
		if r < utf8.RuneSelf {
			a.ascii(byte(r))
			continue
		}
		a.take(r)
	}
	a.flush()
}

func (a *analyzer) ascii(c byte) {
	switch {
	case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
		a.endClusters()
		a.word = append(a.word, c)
	case c >= 'A' && c <= 'Z':
		a.endClusters()
		a.word = append(a.word, c+('a'-'A'))
	case c == '\'' && len(a.word) > 0:
		a.word = append(a.word, c) // endWord decides what it was
	default:
		a.flush()
	}
}

// take takes one rune beyond ASCII. The order of the cases is that of their frequency.
func (a *analyzer) take(r rune) {
	switch c := classOf(r); c {
	case signClass, baseClass, leadClass:
		a.endWord()
		a.addCluster(r, c)
	case wordClass:
		a.endClusters()
		a.letter(unicode.ToLower(r))
	case digitClass:
		a.ascii(digit(r))
	case markClass:
		if len(a.word) > 0 && r > 0x0900 {
			a.word = utf8.AppendRune(a.word, r) // vowel signs of Tamil and its like are part of the word
		}
	case wideClass:
		a.ascii(byte(r - '！' + '!'))
	case radicalClass:
		a.endWord()
		plain, _ := utf8.DecodeRuneInString(norm.NFKC.String(string(r)))
		a.addCluster(plain, baseClass)
	case apostropheClass:
		a.ascii('\'')
	case ignoredClass:
	default:
		a.flush()
	}
}

// digit maps the digits of all scripts to ASCII. Those of a script are ten in a row.
func digit(r rune) byte {
	zero := r
	for r-zero < 9 && unicode.Is(unicode.Nd, zero-1) {
		zero--
	}
	return '0' + byte(r-zero)
}

// folded are Latin letters that Unicode does not take apart and yet are typed without
// their mark.
var folded = map[rune]string{'đ': "d", 'ø': "o", 'ł': "l", 'ı': "i", 'ħ': "h", 'æ': "ae", 'œ': "oe", 'ß': "ss", 'ð': "d", 'þ': "th"}

// letter adds a lower-case letter to the word, without its marks.
func (a *analyzer) letter(r rune) {
	if r < 0x0180 {
		if plain, ok := folded[r]; ok {
			a.word = append(a.word, plain...)
			return
		}
	}
	start := len(a.word)
	a.word = utf8.AppendRune(a.word, r)
	if r > 0x0b80 && r < 0x1e00 {
		return
	}
	parts := norm.NFD.Properties(a.word[start:]).Decomposition()
	if parts == nil {
		return
	}
	a.word = a.word[:start]
	for len(parts) > 0 {
		c, n := utf8.DecodeRune(parts)
		if !unicode.Is(unicode.Mn, c) {
			a.word = append(a.word, parts[:n]...)
		}
		parts = parts[n:]
	}
}

func (a *analyzer) endWord() {
	if len(a.word) == 0 {
		return
	}
	if bytes.IndexByte(a.word, '\'') < 0 {
		a.emitWord(a.word)
	} else {
		word := bytes.TrimSuffix(bytes.TrimRight(a.word, "'"), []byte("'s")) // victim's, victims'
		for part := range bytes.SplitSeq(word, []byte("'")) {
			a.emitWord(part)
		}
	}
	a.word = a.word[:0]
}

func (a *analyzer) emitWord(word []byte) {
	if len(word) == 0 {
		return
	}
	if len(word) > longest {
		word = bytes.ToValidUTF8(word[:longest], nil)
	}
	a.tokens = append(a.tokens[:0], stem(word))
	a.emit(a.tokens, false)
}

// endClusters emits the bigrams of a run and its last cluster alone.
func (a *analyzer) endClusters() {
	a.endCluster()
	n := len(a.starts)
	if n == 0 {
		return
	}
	a.tokens = a.tokens[:0]
	a.starts = append(a.starts, len(a.text))
	for i := range n - 1 {
		a.tokens = append(a.tokens, a.text[a.starts[i]:a.starts[i+2]])
	}
	a.tokens = append(a.tokens, a.text[a.starts[n-1]:])
	a.emit(a.tokens, n == 1)
	a.starts, a.text = a.starts[:0], a.text[:0]
}

func (a *analyzer) flush() {
	a.endWord()
	a.endClusters()
}
