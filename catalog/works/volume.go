package works

import (
	"strconv"
	"strings"
)

// findVolume reads which part of a larger whole a title names: "Part 1", "Guide #2",
// "Module III", "ตอนที่ 3", "Second …", "… 2".
func (r *reading) findVolume() {
	var marks []string
	for i := range r.toks {
		if r.used[i] {
			continue
		}
		if m := r.volumeAt(i); m != "" {
			marks = append(marks, m)
		}
	}
	r.volume = strings.Join(marks, ".")
}

// volumeAt reads the mark whose last word is the token.
func (r *reading) volumeAt(i int) string {
	t, v := r.toks[i], words()
	if o := r.ordinalAt(i); o != "" {
		return o
	}
	if strings.Contains(t.text, ".") && t.digits {
		return t.text // of a plan: other titles have lost theirs as an edition
	}
	if head := strings.TrimRight(t.text, "0123456789"); head != "" && head != t.text && !t.unspaced && len(t.text)-len(head) <= 2 && v.set["series"][head] {
		return strings.TrimLeft(t.text[len(head):], "0")
	}
	n := small(t)
	if n >= 0 && (t.mark == '#' || r.leads(i) || r.trails(i)) {
		return strconv.Itoa(n)
	}
	if i == 0 || n < 0 && t.digits {
		return ""
	}
	if !v.is("series", r.toks[i-1]) {
		if t.caps && (t.text == "ii" || t.text == "iii" || t.text == "iv") {
			return v.value["cardinal"][t.text]
		}
		return ""
	}
	if n >= 0 {
		return strconv.Itoa(n)
	}
	if c := v.value["cardinal"][t.text]; c != "" {
		return c
	}
	if len(t.text) == 1 && t.first && t.text[0] >= 'a' && t.text[0] <= 'h' {
		return t.text
	}
	return ""
}

// leads reports a number that opens the title as the number of a part: "3. …", "๓ การ…".
func (r *reading) leads(i int) bool {
	if i > 0 || len(r.toks) < 2 || small(r.toks[0]) > 30 {
		return false
	}
	next := r.toks[1]
	return next.mark == '.' || next.mark == ')' || next.mark == ':' || next.unspaced
}

// trails reports a small number that ends the main title: "Voices 2", "Voices 2: …".
func (r *reading) trails(i int) bool {
	if i < 1 || small(r.toks[i]) > 30 || r.toks[i-1].digits || r.toks[i].mark == '-' || r.toks[i].mark == '/' || r.toks[i].mark == '.' {
		return false
	}
	return i+1 == len(r.toks) || r.toks[i+1].mark == ':'
}

// findYears reads years and spans of years, and what other numbers there are.
func (r *reading) findYears() {
	for i := 0; i < len(r.toks); i++ {
		if !r.toks[i].digits || r.used[i] {
			continue
		}
		from := r.year(i)
		if from == 0 {
			r.figures = append(r.figures, strings.TrimLeft(r.toks[i].text, "0"))
			continue
		}
		to, n := r.yearBehind(i, from)
		if to == 0 {
			r.spans = append(r.spans, strconv.Itoa(from))
			continue
		}
		r.spans = append(r.spans, strconv.Itoa(from)+"-"+strconv.Itoa(to))
		i += n
	}
}

// yearBehind reads the end of a span: "2016-2017", "2016/17", "2016 to 2020".
func (r *reading) yearBehind(i, from int) (to, n int) {
	n = 1
	if i+2 < len(r.toks) {
		switch r.toks[i+1].text {
		case "to", "until", "and", "sampai", "hingga", "den", "ate", "ถึง", "ដល់", "ຫາ":
			n = 2
		}
	}
	if i+n >= len(r.toks) || r.used[i+n] {
		return 0, 0
	}
	t := r.toks[i+n]
	joined := n == 2 || t.mark == '-' || t.mark == '/' || t.mark == ':' && t.digits
	if !joined {
		return 0, 0
	}
	if to = r.year(i + n); to > from && to-from <= 30 {
		return to, n
	}
	if short := small(t); n == 1 && t.mark != ':' && len(t.text) == 2 && from%100+1 == short {
		return from + 1, n
	}
	return 0, 0
}
