package demo

import (
	"strconv"
	"strings"
)

// phrases are the parts from which texts in one language are made, written by hand.
type phrases struct {
	Topics   []string          `json:"topics"`   // in the order of topics
	Forms    []text            `json:"forms"`    // titles, in the order of types
	Openings []text            `json:"openings"` // first sentences of a description
	Closings []string          `json:"closings"` // second sentences, in the order of types
	Number   text              `json:"number"`   // of a numbered document
	Country  text              `json:"country"`  // a country's name in a sentence
	Place    text              `json:"place"`    // a province with its country
	Revised  string            `json:"revised"`  // what a title of a changed record ends in
	Months   [12]string        `json:"months"`
	Date     text              `json:"date"`
	Year     text              `json:"year"`   // a date of which only the year is known
	Digits   string            `json:"digits"` // the zero of the local digits
	Era      int               `json:"era"`    // years to add: 543 for the Buddhist era
	Labels   map[string]string `json:"labels"` // of the user interface
}

// text is a pattern with slots: {t} topic, {p} place, {f} place with country, {c} country,
// {y} year, {n} number, {m} {mm} month, {d} {dd} day.
type text struct {
	parts []string // what stands before each slot, and the rest
	slots []string
}

// UnmarshalText cuts a pattern at its slots.
func (t *text) UnmarshalText(pattern []byte) error {
	rest := string(pattern)
	for {
		before, behind, found := strings.Cut(rest, "{")
		slot, after, closed := strings.Cut(behind, "}")
		if !found || !closed {
			t.parts = append(t.parts, rest)
			return nil
		}
		t.parts, t.slots, rest = append(t.parts, before), append(t.slots, slot), after
	}
}

// values are what the slots of one text hold.
type values struct{ topic, place, full, country, year, number, month, day string }

// fill puts values into a pattern.
func (t text) fill(v values) string { return string(t.append(nil, v)) }

func (t text) append(dst []byte, v values) []byte {
	for i, part := range t.parts {
		dst = append(dst, part...)
		if i < len(t.slots) {
			dst = append(dst, v.slot(t.slots[i])...)
		}
	}
	return dst
}

func (v values) slot(name string) string {
	switch name {
	case "t":
		return v.topic
	case "p":
		return v.place
	case "f":
		return v.full
	case "c":
		return v.country
	case "y":
		return v.year
	case "n":
		return v.number
	case "m":
		return v.month
	case "d":
		return v.day
	case "mm":
		return twoDigits(v.month)
	case "dd":
		return twoDigits(v.day)
	}
	return ""
}

func twoDigits(s string) string {
	if len(s) == 1 {
		return "0" + s
	}
	return s
}

// year writes a year as the language counts it, in ASCII digits.
func (p *phrases) year(y int) string { return strconv.Itoa(y + p.Era) }

// local writes ASCII digits in the digits of the language.
func (p *phrases) local(s string) string {
	if p.Digits == "" {
		return s
	}
	zero := []rune(p.Digits)[0]
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return zero + r - '0'
		}
		return r
	}, s)
}

// printed writes the date of an item as a site of its language prints it: local months,
// local digits, in Thailand the Buddhist era, in the Philippines the month first. Where
// only the year is known it is the year.
func (c *content) printed(it item, country string) string {
	p := c.phrases[it.Lang]
	v := values{year: p.year(it.Year)}
	switch {
	case it.Issued.IsZero() && it.Year == 0:
		return ""
	case it.Issued.IsZero() && len(p.Year.slots) == 0:
		return v.year
	case it.Issued.IsZero():
		return p.local(p.Year.fill(v))
	case country == "PH":
		return it.Issued.Format("01/02/2006")
	}
	y, m, d := it.Issued.Date()
	v.year, v.month, v.day = p.year(y), p.Months[m-1], strconv.Itoa(d)
	return p.local(p.Date.fill(v))
}
