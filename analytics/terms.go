package analytics

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// terms holds the words of searches back, in memory, until enough people have used them
// within one deal. Words are never connected with the searches that they were part of.
type terms struct {
	crowd  int
	known  func(string) bool
	byText map[string]*term
	rest   term // all searches whose words are not told: without words, unsafe, too many
}

// term is what is known of one text. A tally that was taken begins again at nothing, but the
// crowd that let it out stays.
type term struct {
	found, zero tally32
	seen        uint32 // buckets of the deal
	released    bool
}

type tally32 struct{ n, crowd uint32 }

// mostTerms bounds the texts that wait.
const mostTerms = 20_000

// longestTerm is how many characters words have that are told; longer texts are stories.
const longestTerm = 40

func newTerms(crowd int, known func(string) bool) *terms {
	if known == nil {
		known = func(string) bool { return false }
	}
	return &terms{crowd: crowd, known: known, byText: map[string]*term{}}
}

// add counts one search.
func (t *terms) add(words string, zero bool, crowd uint32) {
	e := t.entry(fold(words))
	e.seen |= crowd
	if people(e.seen) >= t.crowd {
		e.released = true
	}
	to := &e.found
	if zero {
		to = &e.zero
	}
	to.n++
	to.crowd |= crowd
}

// entry returns the tally that words belong to.
func (t *terms) entry(words string) *term {
	if !tellable(words) {
		return &t.rest
	}
	e := t.byText[words]
	if e == nil {
		if len(t.byText) >= mostTerms {
			return &t.rest
		}
		e = &term{released: t.known(words)}
		t.byText[words] = e
	}
	return e
}

// fold makes one of texts that differ in case and spaces only.
func fold(words string) string {
	return strings.Join(strings.Fields(strings.ToLower(norm.NFC.String(clean(words, 1000)))), " ")
}

// tellable reports whether words can be told at all, however many use them: no numbers of
// telephones, papers or accounts, no addresses, nothing as long as a story.
func tellable(words string) bool {
	if words == "" || utf8.RuneCountInString(words) > longestTerm || strings.ContainsAny(words, "@") {
		return false
	}
	for _, s := range []string{"://", "www.", ".com", ".org", ".net"} {
		if strings.Contains(words, s) {
			return false
		}
	}
	digits := 0
	for _, r := range words {
		if unicode.IsNumber(r) {
			digits++
		}
	}
	return digits < 4
}

// take returns the tallies that may be stored, in order of words; at the end of a deal also one
// of all others, without words, and forgets everything.
func (t *terms) take(end bool) []Event {
	var list []Event
	for words, e := range t.byText {
		switch {
		case e.released:
			list = append(list, e.events(words)...)
			e.found, e.zero = tally32{}, tally32{}
		case end:
			t.rest.join(*e)
		}
	}
	slices.SortFunc(list, func(a, b Event) int { return strings.Compare(a.Term, b.Term) })
	if end {
		list = append(list, t.rest.events("")...)
		t.rest = term{}
		clear(t.byText)
	}
	return list
}

func (e *term) join(other term) {
	e.found.n, e.found.crowd = e.found.n+other.found.n, e.found.crowd|other.found.crowd
	e.zero.n, e.zero.crowd = e.zero.n+other.zero.n, e.zero.crowd|other.zero.crowd
}

// events are the tallies as they are stored.
func (e *term) events(words string) []Event {
	var list []Event
	if e.found.n > 0 {
		list = append(list, Event{Kind: KindTerm, Term: words, Amount: e.found.n, Crowd: e.found.crowd})
	}
	if e.zero.n > 0 {
		list = append(list, Event{Kind: KindZeroTerm, Term: words, Amount: e.zero.n, Crowd: e.zero.crowd})
	}
	return list
}
