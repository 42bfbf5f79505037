package normalizer

import (
	"strings"

	"ctiphub/internal/extract"
	"ctiphub/record"
)

// dates fills issued, modified and valid.
func (w *work) dates() {
	h := w.dateHints()
	w.issued(h)
	h.Update = true
	for _, f := range []struct {
		field string
		to    *record.Date
	}{{"modified", &w.rec.Modified}, {"valid", &w.rec.Valid}} {
		for _, v := range w.values(f.field) {
			if d, ok := parseDate(plainText(v.Text), h); ok {
				*f.to = d.Date
				w.assertDate(f.field, d, v.Rule)
				break
			}
		}
	}
	if w.rec.Modified.EDTF == "" {
		if lastmod := w.raw.Hint("lastmod"); lastmod != "" {
			if d, ok := parseDate(lastmod, h); ok {
				w.rec.Modified = d.Date
				w.assertDate("modified", d, "hint:lastmod")
			}
		}
	}
}

func (w *work) dateHints() dateHints {
	h := dateHints{Order: w.src.order, Now: w.raw.Fetched.Year()}
	if h.Now <= 1 {
		h.Now = 0
	}
	if len(w.rec.Languages) > 0 {
		h.Lang = w.rec.Languages[0]
	}
	for _, t := range w.rec.Title {
		if m := submatch(lawYear, t, numberBehind(t, 4, 4, beforeLawYear...)); m != nil {
			digits(m[2], &h.Year)
		}
	}
	return h
}

// issued fills the date of publication: the field for it, else the year that the title
// says the document is of.
func (w *work) issued(h dateHints) {
	var best readDate
	rule, unreadable := "", false
	w.candidates("issued", func(list []extract.Value) bool {
		for _, v := range list {
			d, ok := parseDate(plainText(v.Text), h)
			switch {
			case !ok:
				unreadable = true
			case d.Period:
				w.find(CodeDatePeriod, "issued", "")
			case best.EDTF == "" || better(d, best, v.Text):
				best, rule = d, v.Rule
			}
		}
		return best.EDTF != ""
	})
	if best.EDTF == "" {
		for _, t := range w.rec.Title.Languages() {
			if d, ok := yearInText(w.rec.Title[t], h); ok {
				best, rule = d, "title"
				break
			}
		}
	}
	switch {
	case best.EDTF != "":
		w.rec.Issued = best.Date
		w.assertDate("issued", best, rule)
	case unreadable:
		w.find(CodeDateUnreadable, "issued", "")
	case w.fileDated():
		w.find(CodeDateFromFile, "issued", "")
	default:
		w.find(CodeNoDate, "issued", "")
	}
}

// better prefers the date of a document over the time stamps that repositories write
// when they take a document in: those have a time of day.
func better(d, than readDate, raw string) bool {
	stamp := func(s string) bool { return strings.Contains(s, ":") }
	if stamp(than.Raw) != stamp(raw) {
		return stamp(than.Raw)
	}
	return d.EDTF < than.EDTF && d.Confidence >= than.Confidence
}

func (w *work) assertDate(field string, d readDate, rule string) {
	flag := record.AsIs
	if d.Raw != d.EDTF {
		flag = record.Cleaned
	}
	if rule == "title" {
		flag = record.Added
		w.find(CodeDateFromTitle, field, "")
	}
	w.assert(record.Assertion{Field: field, Value: d.EDTF, Raw: d.Raw, Rule: rule, Confidence: d.Confidence, Flag: flag})
	switch {
	case d.Uncertain:
		w.find(CodeDateUncertain, field, "")
	case d.Ambiguous:
		w.find(CodeDateAmbiguous, field, "")
	}
}

// issuedBefore reports whether the record is known to be from before a day, "YYYY-MM-DD".
func (w *work) issuedBefore(day string) bool {
	d := w.rec.Issued.EDTF
	if d == "" {
		if w.raw.Fetched.IsZero() {
			return false
		}
		return w.raw.Fetched.UTC().Format("2006-01-02") < day
	}
	// A document of that year or month is more likely from before than from after: the
	// day lies late in both.
	from, _, _ := strings.Cut(d, "/")
	return from < day[:min(len(from), len(day))] || from == day[:4] || from == day[:7]
}
