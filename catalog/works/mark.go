package works

import (
	"slices"
	"strconv"
	"strings"
)

// reading is what one title says beside its topic.
type reading struct {
	toks    []token // what remains: no edition marks, no names of the edition's language
	volume  string  // "3", "1.2": which part of a larger whole, or which plan in a row
	edition string  // "2", "revised", "2.0"
	numbers []string
	spans   []string // years: "2016", "2016-2017"
	figures []string // other numbers
	used    []bool   // tokens that belong to a document number
}

// read takes the marks out of a title.
func read(title string) reading {
	r := reading{toks: dropLanguage(tokenize(title))}
	r.used = make([]bool, len(r.toks))
	r.findNumbers()
	r.findEdition()
	r.findVolume()
	r.findYears()
	return r
}

// dropLanguage takes away "(Vietnamese edition)", "– unofficial Thai translation" and the
// like: they tell the edition, which is the record's language, not the work.
func dropLanguage(toks []token) []token {
	kept := toks[:0:0]
	for from := 0; from < len(toks); {
		to := from + 1
		for to < len(toks) && toks[to].seg == toks[from].seg {
			to++
		}
		part := toks[from:to]
		if from == 0 || !namesLanguage(part) {
			part = dropTail(part)
			kept = append(kept, part...)
		}
		from = to
	}
	return kept
}

// namesLanguage reports whether a part of a title says nothing but the language.
func namesLanguage(part []token) bool {
	v, named := words(), false
	for _, t := range part {
		switch {
		case v.set["language"][t.text]:
			named = true
		case t.text == "translation" || t.text == "terjemahan" || t.text == "dich":
			named = true
		case !v.set["translation"][t.text]:
			return false
		}
	}
	// A single code such as "(en)" names a language in brackets only.
	return named && (len(part) > 1 || part[0].paren || part[0].mark == ':')
}

// dropTail cuts "… Thai version" off the end of a part.
func dropTail(part []token) []token {
	v, n := words(), len(part)
	if n < 4 {
		return part
	}
	switch part[n-1].text {
	case "version", "edition", "translation":
		if v.set["language"][part[n-2].text] {
			return part[:n-2]
		}
	}
	return part
}

// small reads a number below 1000 without points, or -1.
func small(t token) int {
	if !t.digits || len(t.text) > 3 {
		return -1
	}
	n, err := strconv.Atoi(t.text)
	if err != nil {
		return -1
	}
	return n
}

// year reads a year of the common era, or 0. Thai and Lao titles count from 543 before it.
func (r *reading) year(i int) int {
	t := r.toks[i]
	if !t.digits || len(t.text) != 4 {
		return 0
	}
	n, _ := strconv.Atoi(t.text)
	switch {
	case n >= 1900 && n <= 2100:
		return n
	case n >= 2430 && n <= 2643:
		return n - 543
	}
	return 0
}

// findNumbers finds the numbers of laws: "53/2024/QH15", "Nomor 8 Tahun 2021", "No. 8 of
// 2021", "Republic Act No. 9208", "Act 670".
func (r *reading) findNumbers() {
	for i := 0; i < len(r.toks); i++ {
		number, n := r.numberAt(i)
		if n == 0 {
			continue
		}
		for j := i; j < i+n; j++ {
			r.used[j] = true
		}
		r.numbers = append(r.numbers, number)
		i += n - 1
	}
}

// numberAt reads a document number that begins at a token; n is how many it takes.
func (r *reading) numberAt(i int) (number string, n int) {
	toks := r.toks
	t := toks[i]
	if t.text == "act" || t.text == "ra" && t.caps {
		j := i + 1
		if j < len(toks) && (toks[j].text == "no" || toks[j].text == "number") {
			j++
		}
		if j >= len(toks) || !toks[j].digits || len(toks[j].text) < 3 || len(toks[j].text) > 5 || strings.Contains(toks[j].text, ".") || r.year(j) > 0 {
			return "", 0
		}
		if republic := i > 0 && toks[i-1].text == "republic"; republic || t.text == "ra" {
			return "ra " + toks[j].text, j - i + 1
		}
		return "act " + toks[j].text, j - i + 1
	}
	if !t.digits || len(t.text) > 4 || strings.Contains(t.text, ".") || i+1 >= len(toks) {
		return "", 0
	}
	head := strings.TrimLeft(t.text, "0")
	if toks[i+1].mark == '/' && r.year(i+1) > 0 {
		number, n = head+"/"+strconv.Itoa(r.year(i+1)), 2
		for i+n < len(toks) && !toks[i+n].digits && (toks[i+n].mark == '/' || n > 2 && toks[i+n].mark == '-') {
			number += string(toks[i+n].mark) + toks[i+n].text
			n++
		}
		if n == 2 && r.year(i) > 0 {
			return "", 0 // two years
		}
		return number, n
	}
	if i+2 < len(toks) && i > 0 && r.year(i+2) > 0 && r.year(i) == 0 {
		switch toks[i+1].text {
		case "tahun", "of", "th", "nam", "de", "del":
			switch toks[i-1].text {
			case "no", "nomor", "number", "n", "nr", "num", "so", "numero":
				return head + "/" + strconv.Itoa(r.year(i+2)), 3
			}
		}
	}
	return "", 0
}

// foldNumber is a document number as titles have it.
func foldNumber(s string) string {
	r := reading{toks: tokenize(s)}
	r.used = make([]bool, len(r.toks))
	if r.findNumbers(); len(r.numbers) > 0 {
		return r.numbers[0]
	}
	return foldWords(s)
}

// sameNumber reports whether two document numbers are one: sources leave the sign of the
// issuing body off ("53/2024" and "53/2024/qh15").
func sameNumber(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	return a == b || strings.HasPrefix(b, a+"/") && strings.Contains(a, "/")
}

// remove takes tokens out; i is where to go on.
func (r *reading) remove(from, to int) {
	r.toks = slices.Delete(r.toks, from, to)
	r.used = slices.Delete(r.used, from, to)
}

// findEdition takes marks such as "2nd edition", "v2", "(revised)" or "2.0" out.
func (r *reading) findEdition() {
	var marks []string
	for i := 0; i < len(r.toks); i++ {
		if mark, n := r.editionAt(i); n > 0 {
			if mark != "" {
				marks = append(marks, mark)
			}
			r.remove(i, i+n)
			i--
		}
	}
	r.edition = strings.Join(marks, " ")
}

// editionAt reads an edition mark at a token.
func (r *reading) editionAt(i int) (mark string, n int) {
	v, toks := words(), r.toks
	t := toks[i]
	next := func(k int) token {
		if i+k < len(toks) {
			return toks[i+k]
		}
		return token{}
	}
	if o := r.ordinalAt(i); o != "" && v.set["edition"][next(1).text] && !next(1).digits {
		return o, 2
	}
	if v.is("edition", t) && i > 0 {
		if k := next(1); k.digits && len(k.text) <= 3 && k.mark != '(' {
			return k.text, 2
		}
		if o := r.ordinalAt(i + 1); o != "" {
			return o, 2
		}
	}
	if i > 0 && len(t.text) > 1 && t.text[0] == 'v' && strings.Trim(t.text[1:], "0123456789.") == "" {
		return t.text[1:], 1
	}
	if i > 0 && t.text == "v" && next(1).digits && len(next(1).text) <= 3 {
		return next(1).text, 2
	}
	if i > 0 && t.digits && strings.Contains(t.text, ".") && len(t.text) <= 4 && !r.isPlan() {
		return t.text, 1
	}
	return r.changedAt(i)
}

// changedAt reads "revised", "draft" and the like where they stand apart: in brackets,
// behind a comma, at the end, or before the word edition.
func (r *reading) changedAt(i int) (mark string, n int) {
	v, toks := words(), r.toks
	if i == 0 || !v.is("changed", toks[i]) {
		return "", 0
	}
	n = 1
	for i+n < len(toks) && toks[i+n].seg == toks[i].seg && (v.set["changed"][toks[i+n].text] || v.set["edition"][toks[i+n].text]) {
		n++
	}
	apart := toks[i].seg != toks[i-1].seg
	ends := i+n == len(toks) || toks[i+n].seg != toks[i].seg || r.year(i+n) > 0
	if toks[i].unspaced && !toks[i].paren && !apart && !v.set["changed"][toks[i].text] {
		return "", 0 // the end of a longer word
	}
	if ends && (apart || n > 1 || i+n == len(toks)) {
		return toks[i].text, n
	}
	return "", 0
}

// ordinalAt reads "2nd", "second" or "kedua" as "2".
func (r *reading) ordinalAt(i int) string {
	if i >= len(r.toks) {
		return ""
	}
	t := r.toks[i].text
	for _, end := range [...]string{"st", "nd", "rd", "th", "a"} {
		if head, ok := strings.CutSuffix(t, end); ok && head != "" && len(head) <= 2 && strings.Trim(head, "0123456789") == "" {
			return head
		}
	}
	if i+1 < len(r.toks) {
		if o := words().value["ordinal"][t+" "+r.toks[i+1].text]; o != "" {
			return o
		}
	}
	return words().value["ordinal"][t]
}

// isPlan reports titles of plans and strategies, of which each new number is a new work.
func (r *reading) isPlan() bool {
	for _, t := range r.toks {
		if words().is("plan", t) || t.unspaced && slices.ContainsFunc(words().tails["plan"], func(p string) bool { return strings.Contains(t.text, p) }) {
			return true
		}
	}
	return false
}
