package portal

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// span is a piece of a text, marked when it matches the query.
type span struct {
	S    string
	Mark bool
}

// needles are the words of a query, folded as the catalogue folds them.
type needles struct {
	words   [][]rune // match whole words
	phrases [][]rune // of scripts without spaces: match anywhere
}

// letter is one folded character and where it comes from.
type letter struct {
	r        rune
	from, to int // in runes of the text
}

// unspaced reports a character of a script that is written without spaces.
func unspaced(r rune) bool {
	return unicode.In(r, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Han)
}

// foldText folds a text for comparison: case and marks off as the catalogue has it.
func foldText(runes []rune) []letter {
	list := make([]letter, 0, len(runes))
	for i, r := range runes {
		switch {
		case unicode.Is(unicode.Cf, r):
			// joins nothing, divides nothing
		case unicode.Is(unicode.Mn, r) && r < 0x0900:
			if len(list) > 0 && list[len(list)-1].to == i {
				list[len(list)-1].to = i + 1
			}
		case unspaced(r) || unicode.Is(unicode.M, r):
			list = append(list, letter{r, i, i + 1})
		default:
			list = foldLetter(list, r, i)
		}
	}
	return list
}

func foldLetter(list []letter, r rune, at int) []letter {
	for _, c := range norm.NFD.String(string(unicode.ToLower(r))) {
		switch {
		case c == 'đ':
			c = 'd'
		case unicode.Is(unicode.Mn, c) && c < 0x0900:
			continue
		}
		list = append(list, letter{c, at, at + 1})
	}
	return list
}

func isWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)
}

// newNeedles takes a query apart into words and phrases.
func newNeedles(query string) needles {
	var n needles
	var run []rune
	flush := func() {
		switch {
		case len(run) == 0:
			return
		case unspaced(run[0]):
			n.phrases = append(n.phrases, run)
		default:
			n.words = append(n.words, run)
		}
		run = nil
	}
	for _, l := range foldText([]rune(query)) {
		if !isWord(l.r) || len(run) > 0 && unspaced(run[0]) != unspaced(l.r) && !unicode.Is(unicode.M, l.r) {
			flush()
		}
		if isWord(l.r) {
			run = append(run, l.r)
		}
	}
	flush()
	return n
}

// find marks which runes of the text match.
func (n needles) find(runes []rune) []bool {
	marks := make([]bool, len(runes))
	folded := foldText(runes)
	set := func(from, to int) {
		for i := folded[from].from; i < folded[to-1].to; i++ {
			marks[i] = true
		}
	}
	for i := range folded {
		for _, p := range n.phrases {
			if matchAt(folded, i, p) {
				set(i, i+len(p))
			}
		}
		if i > 0 && isWord(folded[i-1].r) && !unspaced(folded[i-1].r) {
			continue
		}
		for _, w := range n.words {
			end := i + len(w)
			if matchAt(folded, i, w) && (end == len(folded) || !isWord(folded[end].r) || unspaced(folded[end].r)) {
				set(i, end)
			}
		}
	}
	return marks
}

func matchAt(text []letter, at int, word []rune) bool {
	if at+len(word) > len(text) {
		return false
	}
	for i, r := range word {
		if text[at+i].r != r {
			return false
		}
	}
	return true
}

// mark divides a text into spans.
func (n needles) mark(s string) []span {
	runes := []rune(s)
	return spans(runes, n.find(runes))
}

// matches reports whether the text holds a word of the query.
func (n needles) matches(s string) bool { return slices.Contains(n.find([]rune(s)), true) }

func spans(runes []rune, marks []bool) []span {
	var list []span
	for i := 0; i < len(runes); {
		end := i
		for end < len(runes) && marks[end] == marks[i] {
			end++
		}
		list = append(list, span{string(runes[i:end]), marks[i]})
		i = end
	}
	return list
}

// snippetLength is how many characters of a description a result shows.
const snippetLength = 230

// snippet returns the part of a text where the query matches first, marked.
func (n needles) snippet(s string) []span {
	runes := []rune(strings.Join(strings.Fields(s), " "))
	marks := n.find(runes)
	from := 0
	if first := slices.Index(marks, true); first > snippetLength/2 {
		from = cutBefore(runes, first-60)
	}
	to := len(runes)
	if from+snippetLength < to {
		to = cutBefore(runes, from+snippetLength)
	}
	list := spans(runes[from:to], marks[from:to])
	if from > 0 {
		list = append([]span{{"… ", false}}, list...)
	}
	if to < len(runes) {
		list = append(list, span{" …", false})
	}
	return list
}

// cutBefore returns a place at or a little before at where a text may be cut: behind a
// space, or else where no character is torn from its marks.
func cutBefore(runes []rune, at int) int {
	for i := at; i > 0 && i > at-20; i-- {
		if unicode.IsSpace(runes[i-1]) {
			return i
		}
	}
	for i := at; i > 0 && i > at-20; i-- {
		joined := runes[i-1] == 0x17d2 || runes[i-1] == 0x1039 || runes[i-1] >= 'เ' && runes[i-1] <= 'ไ' || runes[i-1] >= 'ເ' && runes[i-1] <= 'ໄ'
		if !unicode.Is(unicode.M, runes[i]) && !joined && runes[i] != 'ะ' && runes[i] != 'า' && runes[i] != 'ำ' {
			return i
		}
	}
	return at
}
