package works

import (
	"slices"
	"strings"
)

// titles holds titles against each other. A title alone is no evidence: publisher, or
// country and type, must agree, and the year where it is known.
func (p *comparison) titles() {
	publisher, published := shared(p.a.Publishers, p.b.Publishers)
	if !published {
		few := func(c *Card) []string { return c.Countries[:min(len(c.Countries), fewCountries)] }
		if _, ok := shared(few(p.a), few(p.b)); !ok || p.a.Type != p.b.Type {
			return
		}
	}
	if differ(p.a.Countries, p.b.Countries, equal) {
		return // one template, filled in for each country
	}
	best, rule := 0.0, ""
	for i := range p.a.Titles {
		for j := range p.b.Titles {
			if c, r := p.title(&p.a.Titles[i], &p.b.Titles[j], published); c > best {
				best, rule = c, r
			}
		}
	}
	if best == 0 {
		return
	}
	value := publisher
	if !published {
		value, _ = shared(p.a.Countries, p.b.Countries)
	}
	if y := yearText(max(p.a.Year, p.b.Year)); y != "" {
		value += " " + y
	}
	p.add(best, rule, value)
}

// title weighs one pair of titles.
func (p *comparison) title(s, t *Title, published bool) (confidence float64, rule string) {
	a, b := p.a, p.b
	gap := max(a.Year-b.Year, b.Year-a.Year)
	dated := a.Year > 0 && b.Year > 0
	edition := a.Edition != b.Edition
	if !sameCompact(s.Text, t.Text) {
		if !published || !dated || gap > 1 || s.Generic || t.Generic || s.Periodic || t.Periodic {
			return 0, ""
		}
		if near(s.Text, t.Text) && slices.Equal(a.Figures, b.Figures) {
			return 0.85 - 0.05*float64(gap), "near-title"
		}
		if p.mainTitle(s, t, gap) {
			return 0.75, "same-main-title"
		}
		return 0, ""
	}
	switch {
	case s.Generic || t.Generic:
		if !published || !dated || gap > 0 || a.Type != b.Type || a.Type == "" || a.Date != b.Date {
			return 0, ""
		}
		return 0.75, "same-title"
	case s.Periodic || t.Periodic:
		if !sameDate(a.Date, b.Date) && !sameYears(a, b) {
			return 0, ""
		}
	case dated && gap > 1 && !edition:
		return 0, ""
	}
	count := wordCount(s.Text)
	switch {
	case published && dated && gap == 0:
		return 0.92, "same-title"
	case published && dated:
		return 0.88, "same-title"
	case published:
		return 0.82, "same-title"
	case edition || count < 4:
		return 0, ""
	case dated:
		return 0.78, "same-title"
	case count >= 6:
		return 0.72, "same-title"
	}
	return 0, ""
}

// mainTitle reports a title that another source gives without its subtitle. Two subtitles
// make two works, and so does one that announces something about the first.
func (p *comparison) mainTitle(s, t *Title, gap int) bool {
	if s.Main == 0 {
		s, t = t, s
	}
	main := s.mainTitle()
	if main == "" || t.Main != 0 || compact(t.Text) != main || p.a.Type != p.b.Type || gap > 0 && p.tongue != otherTongue {
		return false
	}
	for w := range strings.SplitSeq(s.Text[s.Main:], " ") {
		if words().set["companion"][w] {
			return false
		}
	}
	return true
}

// sameDate reports two dates that are both known and agree as far as the coarser one goes.
func sameDate(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	return a != "" && strings.HasPrefix(b, a)
}

// sameYears reports that both titles name the same years themselves: a yearly report may be
// published anywhen.
func sameYears(a, b *Card) bool {
	return len(a.Spans) > 0 && slices.Equal(a.Spans, b.Spans)
}
