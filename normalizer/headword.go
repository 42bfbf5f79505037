package normalizer

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a title is stands at its head, and where the head stands depends on the language:
// "Handbook on …" and "A victims' handbook" in English, at the beginning in Thai, Lao,
// Khmer, Vietnamese, Indonesian, Malay, Filipino, Portuguese and Tetum, at the end in
// Burmese, Chinese and Tamil.
const (
	leastHead   = 0.55 // below that a word says nothing of what the title is
	sureHead    = 0.75
	besideHead  = 1.2 // from here on a second type is set beside the first
	headAt      = 0.6
	headNear    = 0.2
	headAway    = -0.5
	headline    = 1.9
	clause      = 1.55 // where the head stands at an edge, a document there is not reported on
	enactedHead = 0.9
)

// headOrder tells where a language puts the head of a title.
type headOrder uint8

const (
	headEnglish headOrder = iota // before the first preposition
	headFirst
	headLast
)

func orderOf(lang string) headOrder {
	switch primary, _, _ := strings.Cut(lang, "-"); primary {
	case "th", "lo", "km", "vi", "id", "ms", "fil", "ceb", "ilo", "pt", "tet", "es", "fr", "shn":
		return headFirst
	case "my", "zh", "ta", "ja", "ko":
		return headLast
	}
	return headEnglish
}

// headScore says how likely a cue at from..to of a title names what the title is.
func (n *Normalizer) headScore(t *term, title, lang string, from, to int) float64 {
	if t.kind == kindHeadline {
		if orderOf(t.lang) != headEnglish {
			return min(clause, headlineScore(t, title, from, to))
		}
		return headlineScore(t, title, from, to)
	}
	order := orderOf(lang)
	before, after := segmentOf(title, from, to)
	score := 1 + 0.1*float64(strings.Count(strings.TrimSpace(title[from:to]), " "))
	place := placeInTitle(order, before, after)
	if own := orderOf(t.lang); own != order {
		// A word of another language brings its own grammar: "Modul Training of Trainers".
		place = max(place, placeInTitle(own, before, after))
	}
	if n.vocab.Types[t.concept].Enacted && enacts(before) {
		place = enactedHead
	}
	if t.size == 1 && place < headAt {
		return 0 // one Chinese character stands in too many words
	}
	score += place
	if strings.ContainsAny(title[:from], ":：៖|") {
		score += 0.15 // "Subject: a study on …"
	}
	return score * t.conf
}

// placeInTitle rates the place of a word in its part of a title.
func placeInTitle(order headOrder, before, after string) float64 {
	switch order {
	case headFirst:
		return atEdge(before)
	case headLast:
		return atEdge(after)
	}
	return englishPlace(before, after)
}

// atEdge rates what stands between a word and the edge of the title where heads stand.
func atEdge(between string) float64 {
	words, letters, script := 0, 0, false
	for w := range strings.FieldsSeq(between) {
		if !strings.ContainsFunc(w, unicode.IsLetter) {
			continue // numbers and years
		}
		words++
		for _, r := range w {
			script = script || unspaced(r)
			if unicode.IsLetter(r) {
				letters++
			}
		}
	}
	switch {
	case words == 0:
		return headAt
	case script && letters <= 6, !script && words <= 2:
		return headNear
	}
	return headAway
}

// Words that a title's head does not stand behind, and words that follow one.
var (
	objectOf   = map[string]bool{"of": true, "for": true, "on": true, "in": true, "to": true, "with": true, "by": true, "through": true, "into": true, "from": true, "and": true, "under": true, "using": true, "against": true, "at": true, "after": true, "between": true, "towards": true, "toward": true, "across": true, "among": true, "without": true, "s": true}
	headBefore = map[string]bool{"on": true, "for": true, "to": true, "of": true, "about": true, "against": true, "in": true, "and": true, "from": true, "with": true, "by": true, "relating": true, "concerning": true, "regarding": true, "at": true, "between": true}
)

// englishPlace: at the beginning or the end of a part, before "on" or "for", not behind
// "of".
func englishPlace(before, after string) float64 {
	score := 0.0
	prior := strings.Fields(strings.ToLower(before))
	behind := slices.ContainsFunc(prior, func(s string) bool { return objectOf[s] })
	switch {
	case len(prior) == 0:
		score = 0.5
	case behind:
		score = -0.4
	case len(prior) <= 4:
		score = 0.3
	}
	rest := strings.TrimSpace(after)
	next, _ := utf8.DecodeRuneInString(rest)
	switch word := firstWord(rest); {
	case rest == "" || !unicode.IsLetter(next) && !unicode.IsNumber(next) && next != '/' && next != '-':
		score += 0.4
	case unicode.IsNumber(next):
		score += 0.3
	case headBefore[word]:
		score += 0.2
	default:
		score -= 0.1 // it describes what follows: "report writing"
	}
	if behind && len(prior) > 5 && rest != "" {
		score -= 0.2 // deep inside
	}
	return score
}

// segmentOf returns what stands before and after a word in its part of the title.
func segmentOf(title string, from, to int) (before, after string) {
	before, after = title[:from], title[to:]
	if i := strings.LastIndexFunc(before, parts); i >= 0 {
		_, size := utf8.DecodeRuneInString(before[i:])
		before = before[i+size:]
	}
	for _, dash := range []string{" - ", ". "} {
		if i := strings.LastIndex(before, dash); i >= 0 {
			before = before[i+len(dash):]
		}
		if i := strings.Index(after, dash); i >= 0 {
			after = after[:i]
		}
	}
	if i := strings.IndexFunc(after, parts); i >= 0 {
		after = after[:i]
	}
	return before, after
}

// parts reports the signs that part a title.
func parts(r rune) bool {
	switch r {
	case ':', '(', ')', '[', ']', '|', '–', '—', '"', '“', '”', '«', '»', '：', '（', '）', '《', '》', '【', '】', '、', '，', '៖', ';', '；', '။', '၊', '។':
		return true
	}
	return false
}

// enacts reports words behind which the true kind of a document stands: a regulation
// "tentang" (on) a standard procedure is read for the procedure, a manual of procedures
// too.
func enacts(before string) bool {
	prior := strings.Fields(strings.ToLower(before))
	n := len(prior)
	if n < 2 {
		return false
	}
	switch prior[n-1] {
	case "tentang", "mengenai", "promulgating", "approving", "adopting", "印发", "duyệt":
		return true
	case "hành": // "ban hành quy trình": issuing a procedure
		return prior[n-2] == "ban"
	case "of":
		return slices.Contains([]string{"manual", "handbook", "set", "collection", "compendium", "book"}, prior[n-2])
	}
	return false
}

// headlineScore: a verb makes a headline of a title where it has a subject before it and
// stands in the first part. An infinitive or a relative clause is none.
func headlineScore(t *term, title string, from, to int) float64 {
	before, _ := segmentOf(title, from, to)
	if len(before) != len(title[:from]) || strings.Contains(title[to:], ": ") && t.latin {
		return 0
	}
	prior := strings.Fields(strings.ToLower(before))
	if t.lang == "fil" {
		return headline
	}
	if len(prior) == 0 && t.latin {
		return 0
	}
	if len(prior) > 0 {
		switch prior[len(prior)-1] {
		case "to", "of", "for", "that", "which", "who", "yang", "untuk", "của", "để", "que", "and", "dan", "và", "không":
			return 0
		}
	}
	if slices.ContainsFunc(prior, func(s string) bool { return objectOf[s] }) {
		return clause // "Report on how a ministry launches …"
	}
	return headline
}
