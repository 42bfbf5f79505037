package normalizer

import (
	"fmt"
	"regexp"
	"strings"

	"ctiphub/record"
)

// clock finds times of day with their zone, which tell nothing of the day.
var clock = regexp.MustCompile(`\b\d{1,2}(?::|h)\d{2}(?::\d{2})?(?:[.,]\d+)?\s*(?:am\b|pm\b|น\.?|wib\b|hrs\b)?\s*(?:[+-]\d{2}:?\d{2}\b|gmt\b|utc\b|z\b)?`)

// joiners stand between the two ends of an interval.
var joiners = []string{" - ", " – ", " — ", " to ", " until ", " hingga ", " sampai dengan ", " sampai ", " s/d ", " s.d. ", " đến ", " ถึง ", " ຫາ ", " ដល់ ", " a ", " até ", "至"}

// interval reads two whole dates with something between.
func (h dateHints) interval(s string) (readDate, bool) {
	for _, j := range joiners {
		from, to, ok := strings.Cut(s, j)
		if !ok {
			continue
		}
		b, ok := h.part(to)
		if !ok || strings.Contains(b.EDTF, "/") {
			continue
		}
		inner := h
		inner.Year = yearOf(b.EDTF) // "1 January - 31 December 2018"
		a, ok := inner.part(from)
		if !ok || strings.Contains(a.EDTF, "/") || a.EDTF >= b.EDTF || len(a.EDTF) != len(b.EDTF) {
			continue
		}
		d := readDate{Date: record.Date{EDTF: a.EDTF + "/" + b.EDTF}, Confidence: b.Confidence}
		d.Period, d.Ambiguous, d.Uncertain = longer(a.EDTF, b.EDTF), a.Ambiguous || b.Ambiguous, b.Uncertain
		return d, true
	}
	return readDate{}, false
}

func (h dateHints) part(s string) (readDate, bool) {
	s = strings.TrimSpace(s)
	if d, ok := isoDate(s); ok {
		return h.sane(d) // "2560 - 2564" are Buddhist years
	}
	return h.single(s)
}

// single reads one date, or a few days of one month, among other words.
func (h dateHints) single(s string) (readDate, bool) {
	if strings.ContainsAny(s, ":h") {
		s = clock.ReplaceAllString(s, " ")
	}
	t := dateTokens(s)
	month := false
	for i := range t {
		if t[i].kind == tokenMonth {
			month = true
			if d, ok := h.named(t, i); ok {
				return d, true
			}
		}
	}
	if d, ok := h.marked(t); ok {
		return d, true
	}
	if d, ok, tried := h.numeric(t); ok || tried || month {
		return d, ok // a day that does not exist makes no year either
	}
	return h.yearOnly(t)
}

// around returns up to three numbers on one side of i, nearest first, as indexes, not
// reaching over words.
func around(t []dateToken, i, step int) []int {
	var out []int
	for j := i + step; j >= 0 && j < len(t) && len(out) < 3; j += step {
		switch t[j].kind {
		case tokenNumber:
			out = append(out, j)
		case tokenWord, tokenMonth:
			return out
		}
	}
	return out
}

func isDay(t dateToken) bool { return t.width <= 2 && t.value >= 1 && t.value <= 31 }

// named reads a date around the name of a month.
func (h dateHints) named(t []dateToken, i int) (readDate, bool) {
	month := t[i].value
	left, right := around(t, i, -1), around(t, i, 1)
	at := func(list []int, n int) (dateToken, bool) {
		if n >= len(list) {
			return dateToken{}, false
		}
		return t[list[n]], true
	}
	l, hasL := at(left, 0)
	r, hasR := at(right, 0)
	r2, hasR2 := at(right, 1)
	switch {
	case hasL && isDay(l) && hasR && !(isDay(r) && hasR2 && r2.width == 4): // 13 ธันวาคม 2566
		first := 0
		if l2, ok := at(left, 1); ok && isDay(l2) && l2.value < l.value && between(t, left[1], left[0], tokenDash) {
			first = l2.value
		}
		return h.assemble(t, right[0], month, l.value, first)
	case hasL && l.width == 4 && hasR && isDay(r): // 2022 ခုနှစ် စက်တင်ဘာလ 13 ရက်
		return h.assemble(t, left[0], month, r.value, 0)
	case hasR && isDay(r) && hasR2 && r2.width == 4: // Hunyo 15, 2023
		return h.assemble(t, right[1], month, r.value, 0)
	case hasR && hasR2 && len(right) == 3 && isDay(r) && isDay(r2) && r2.value > r.value: // March 27-28, 2018
		return h.assemble(t, right[2], month, r2.value, r.value)
	case hasR && r.width == 4: // March 2018
		return h.assemble(t, right[0], month, 0, 0)
	case hasL && l.width == 4: // 2018 March
		return h.assemble(t, left[0], month, 0, 0)
	case hasL && isDay(l) && h.Year > 0: // 25 Janeiru
		d, ok := edtf(h.Year, month, l.value, "")
		d.Confidence, d.Uncertain = dateGuessed, true
		return d, ok
	case hasR && isDay(r) && h.Year > 0: // January 25
		d, ok := edtf(h.Year, month, r.value, "")
		d.Confidence, d.Uncertain = dateGuessed, true
		return d, ok
	}
	return readDate{}, false
}

func between(t []dateToken, i, j int, k dateKind) bool {
	for _, x := range t[i+1 : j] {
		if x.kind == k {
			return true
		}
	}
	return false
}

// assemble makes a date of a year token, a month, a day and the first day of a span.
func (h dateHints) assemble(t []dateToken, year, month, day, first int) (readDate, bool) {
	y, conf, ok := h.year(t, year)
	if !ok {
		return readDate{}, false
	}
	d, ok := edtf(y, month, day, "")
	if !ok {
		return d, false
	}
	if first > 0 {
		a, ok := edtf(y, month, first, "")
		if !ok {
			return a, false
		}
		d.EDTF = a.EDTF + "/" + d.EDTF
	}
	d.Confidence = min(conf, dateNamed)
	d.Uncertain = conf <= dateGuessed
	return d, true
}

// year reads the number at i as a year, with the era written beside it or the one that
// the number and the language tell.
func (h dateHints) year(t []dateToken, i int) (year int, conf float64, ok bool) {
	n := t[i]
	era, stated := 0, false
	for _, j := range []int{i - 1, i + 1} {
		if j >= 0 && j < len(t) && t[j].kind == tokenEra {
			era, stated = t[j].value, true
		}
	}
	switch {
	case stated && era == eraHijri:
		return 0, 0, false
	case stated && era == eraBuddhist && h.Lang == "km" && n.width == 4:
		return n.value - eraBuddhist, dateGuessed, true // the Khmer year begins in April or May, and may be one more
	case stated && era == eraMyanmar:
		return n.value - eraMyanmar, dateGuessed, n.width == 4 // begins in April
	case stated && era == eraBuddhist && n.width == 2:
		return 2500 + n.value - eraBuddhist, dateGuessed, true
	case stated && era != eraCommon:
		return n.value - era, dateNamed, n.width >= 2 && n.width <= 4
	case n.width == 4 && n.value >= 2400 && n.value <= 2700 && !stated:
		return n.value - eraBuddhist, dateNumeric, true
	case n.width == 4:
		return n.value, dateSure, true
	case n.width == 2 && !stated && h.Lang == "th":
		return 2500 + n.value - eraBuddhist, dateGuessed, true
	case n.width == 2 && !stated && h.Now > 0:
		y := h.Now - h.Now%100 + n.value
		if y > h.Now+1 {
			y -= 100
		}
		return y, dateGuessed, true
	}
	return 0, 0, false
}

// marked reads dates whose numbers carry words for day, month and year.
func (h dateHints) marked(t []dateToken) (readDate, bool) {
	year, month, day := -1, 0, 0
	for i, x := range t {
		if x.kind != tokenYearMark && x.kind != tokenMonthMark && x.kind != tokenDayMark {
			continue
		}
		j := i + 1
		if x.value == markAfter {
			j = i - 1
		} else if j < len(t) && t[j].kind == tokenEra {
			j++
		}
		if j < 0 || j >= len(t) || t[j].kind != tokenNumber {
			continue
		}
		switch {
		case x.kind == tokenYearMark && year < 0:
			year = j
		case x.kind == tokenMonthMark && t[j].value <= 12 && month == 0:
			month = t[j].value
		case x.kind == tokenDayMark && isDay(t[j]) && day == 0:
			day = t[j].value
		}
	}
	if year < 0 || month == 0 && day != 0 {
		return readDate{}, false
	}
	if _, _, ok := h.year(t, year); ok && t[year].width < 4 && month == 0 && !hasEra(t) {
		return readDate{}, false // "năm 10": a tenth year, not a date
	}
	return h.assemble(t, year, month, day, 0)
}

func hasEra(t []dateToken) bool {
	for _, x := range t {
		if x.kind == tokenEra {
			return true
		}
	}
	return false
}

// numeric reads dates of three numbers, and of a month and a year.
func (h dateHints) numeric(t []dateToken) (d readDate, ok, tried bool) {
	joint := func(i int) bool {
		return i+1 < len(t) && (t[i].kind == tokenSlash || t[i].kind == tokenDash) && t[i+1].kind == tokenNumber
	}
	for i := range t {
		if t[i].kind != tokenNumber || !joint(i+1) {
			continue
		}
		if joint(i + 3) {
			d, ok = h.triple(t, i, i+2, i+4)
			return d, ok, true
		}
		a, b := t[i], t[i+2]
		switch {
		case a.width <= 2 && b.width == 4 && t[i+1].kind == tokenSlash && a.value <= 12:
			d, ok = h.assemble(t, i+2, a.value, 0, 0)
		case a.width == 4 && b.width == 2 && b.value <= 12 && a.value > 1000:
			d, ok = h.assemble(t, i, b.value, 0, 0)
		}
		return d, ok, false
	}
	return readDate{}, false, false
}

// triple orders three numbers. What only fits one way is read that way; what fits both is
// read as the source writes and said to be ambiguous.
func (h dateHints) triple(t []dateToken, i, j, k int) (readDate, bool) {
	a, b, c := t[i], t[j], t[k]
	order := first(h.Order, "dmy")
	switch {
	case a.width == 4:
		d, ok := h.assemble(t, i, b.value, c.value, 0)
		return d, ok
	case c.width == 4 || c.width == 2:
		day, month := a, b
		if order == "mdy" {
			day, month = b, a
		}
		if order == "ymd" && c.width == 2 {
			return h.assemble(t, i, b.value, c.value, 0)
		}
		if month.value > 12 && day.value <= 12 {
			day, month = month, day
		}
		if !isDay(day) || month.value < 1 || month.value > 12 || month.width > 2 {
			return readDate{}, false
		}
		d, ok := h.assemble(t, k, month.value, day.value, 0)
		d.Confidence = min(d.Confidence, dateNumeric)
		buddhist := c.width == 4 && c.value >= 2400 // who counts so puts the day first
		if day.value <= 12 && day.value != month.value && !buddhist {
			d.Ambiguous, d.Confidence = true, min(d.Confidence, dateAmbiguous)
		}
		return d, ok
	}
	return readDate{}, false
}

// yearOnly reads a text in which one year stands.
func (h dateHints) yearOnly(t []dateToken) (readDate, bool) {
	var years []int
	numbers := 0
	for i, x := range t {
		if x.kind != tokenNumber {
			continue
		}
		numbers++
		if x.width == 4 || i > 0 && t[i-1].kind == tokenEra && t[i-1].value != eraCommon || i+1 < len(t) && t[i+1].kind == tokenEra && t[i+1].value == eraHijri {
			years = append(years, i)
		}
	}
	if len(years) == 0 && numbers == 1 && len(t) == 1 && h.Lang == "th" && t[0].width == 2 {
		years = []int{0}
	}
	var best readDate
	found := false
	for _, i := range years {
		y, conf, ok := h.year(t, i)
		if !ok {
			continue
		}
		d, ok := edtf(y, 0, 0, "")
		d.Confidence, d.Uncertain = conf, conf <= dateGuessed
		if ok && found && d.EDTF != best.EDTF {
			return readDate{}, false // two years: which one?
		}
		if ok && (!found || d.Confidence > best.Confidence) {
			best, found = d, true
		}
	}
	if !found && len(years) == 1 {
		return hijri(t, years[0])
	}
	return best, found
}

// hijri gives the two Gregorian years that a lunar year overlaps.
func hijri(t []dateToken, i int) (readDate, bool) {
	n := t[i].value
	if t[i].width != 4 || n < 1300 || n > 1500 {
		return readDate{}, false
	}
	from := int(float64(n)*0.970229 + 621.5643)
	return readDate{Date: record.Date{EDTF: fmt.Sprintf("%04d/%04d", from, from+1)}, Confidence: dateGuessed, Uncertain: true}, true
}
