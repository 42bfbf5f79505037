package normalizer

import (
	"fmt"
	"strings"

	"ctiphub/internal/lang"
	"ctiphub/record"
)

// dateHints is what is known around a date.
type dateHints struct {
	Lang  string // of the text
	Order string // "dmy", "mdy", "ymd": of numeric dates
	Year  int    // year that a date without one belongs to, 0 if unknown
	Now   int    // year of the visit: later dates are mistakes; 0 if unknown
	// Update says that the date may be that of a later change, and not of publication.
	Update bool
}

// readDate is what was understood of a date.
type readDate struct {
	record.Date
	Confidence float64
	Ambiguous  bool // day and month could be the other way round
	Uncertain  bool // the century or the era is a guess
	Period     bool // an interval too long to be one event: what a report covers
}

// Confidence of a date by how it was written.
const (
	dateSure      = 1.0
	dateNamed     = 0.95 // with the name of a month
	dateNumeric   = 0.9
	dateAmbiguous = 0.6
	dateGuessed   = 0.4
)

// parseDate reads the text of a date field. It invents nothing: a day that is not there
// stays out, what does not fit together is no date.
func parseDate(text string, h dateHints) (readDate, bool) {
	raw := strings.TrimSpace(text)
	if raw == "" || len(raw) > 200 {
		return readDate{}, false
	}
	if d, ok := isoDate(raw); ok {
		d, ok = h.sane(d)
		d.Raw = raw
		return d, ok
	}
	s := strings.ToLower(lang.Digits(lang.Clean(raw)))
	if strings.ContainsRune(s, '年') {
		s = hanNumbers(s)
	}
	if isUpload(s) || !h.Update && isUpdate(s) {
		return readDate{}, false
	}
	d, ok := isoDate(s) // native digits
	if !ok {
		d, ok = h.special(s)
	}
	if !ok {
		d, ok = h.interval(s)
	}
	if !ok {
		d, ok = h.single(s)
	}
	if !ok {
		return readDate{}, false
	}
	d.Raw = raw
	return h.sane(d)
}

// isUpload finds lines of sharing sites that tell when somebody uploaded a copy.
func isUpload(s string) bool {
	for _, w := range []string{"views", "uploaded", "upload date", "diunggah", "đăng tải bởi", "downloads"} {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// isUpdate finds lines that say when a page was last changed.
func isUpdate(s string) bool {
	for _, w := range []string{"updated", "modified", "kemaskini", "diperbarui", "pemutakhiran", "cập nhật", "ปรับปรุง", "แก้ไขล่าสุด", "atualizado", "atualizada", "huling binago", "更新", "ធ្វើបច្ចុប្បន្នភាព", "ອັບເດດ"} {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// sane rejects what content systems write when they know nothing, and years that cannot
// be; it reads Buddhist years of machine dates.
func (h dateHints) sane(d readDate) (readDate, bool) {
	if from, to, ok := strings.Cut(d.EDTF, "/"); ok && from != "" && to != "" {
		return d, h.plausible(yearOf(from)) && h.plausible(yearOf(to))
	}
	y := yearOf(d.EDTF)
	if y >= 2400 && y <= 2700 {
		d.EDTF = fmt.Sprintf("%04d%s", y-543, d.EDTF[4:])
		y -= 543
	}
	switch {
	case strings.HasPrefix(d.EDTF, "1970-01-01"), strings.HasPrefix(d.EDTF, "1900-01-01"), strings.HasPrefix(d.EDTF, "1899-12-3"):
		return readDate{}, false
	}
	return d, h.plausible(y)
}

// plausible: nothing in this field is older than the first conventions, nor from further
// ahead than a plan's next year.
func (h dateHints) plausible(y int) bool {
	last := 2100
	if h.Now > 0 {
		last = h.Now + 1
	}
	return y >= 1850 && y <= last
}

func yearOf(edtf string) int { return record.Date{EDTF: edtf}.Year() }

// isoDate reads ISO 8601, W3CDTF and the first level of EDTF, and the compact forms of
// machines. Times are checked for being times and then left out: a day is as exact as a
// catalogue is.
func isoDate(s string) (readDate, bool) {
	if from, to, ok := strings.Cut(s, "/"); ok && len(from) >= 4 && len(to) >= 4 {
		if a, okA := isoDate(from); okA {
			if b, okB := isoDate(to); okB && a.EDTF <= b.EDTF {
				return readDate{Date: record.Date{EDTF: a.EDTF + "/" + b.EDTF}, Confidence: dateSure, Period: longer(a.EDTF, b.EDTF)}, true
			}
		}
	}
	date, rest := s, ""
	if i := strings.IndexAny(s, "T t"); i >= 4 {
		date, rest = s[:i], s[i+1:]
	}
	if rest != "" && !isClock(rest) {
		return readDate{}, false
	}
	mark := ""
	if n := len(date); n > 4 && strings.ContainsAny(date[n-1:], "?~%") && rest == "" {
		date, mark = date[:n-1], date[n-1:]
	}
	date = strings.NewReplacer("/", "-", ".", "-").Replace(date)
	var y, m, d int
	switch parts := strings.Split(date, "-"); {
	case len(parts) == 1 && len(date) == 4 && digits(date, &y):
		return edtf(y, 0, 0, mark)
	case len(parts) == 1 && (len(date) == 8 || len(date) == 14) && digits(date[:4], &y) && digits(date[4:6], &m) && digits(date[6:8], &d) && y < 2800:
		return edtf(y, m, d, mark)
	case len(parts) == 2 && len(parts[0]) == 4 && digits(parts[0], &y) && digits(parts[1], &m):
		return edtf(y, m, 0, mark)
	case len(parts) == 3 && len(parts[0]) == 4 && digits(parts[0], &y) && digits(parts[1], &m) && digits(parts[2], &d):
		return edtf(y, m, d, mark)
	}
	return readDate{}, false
}

// edtf writes a date; month 0 and day 0 mean unknown.
func edtf(y, m, d int, mark string) (readDate, bool) {
	r := readDate{Confidence: dateSure}
	switch {
	case y < 1 || m < 0 || m > 12 || d < 0 || m == 0 && d != 0:
		return r, false
	case m == 0:
		r.EDTF = fmt.Sprintf("%04d%s", y, mark)
	case d == 0:
		r.EDTF = fmt.Sprintf("%04d-%02d%s", y, m, mark)
	default:
		if d > daysIn(y, m) {
			return r, false
		}
		r.EDTF = fmt.Sprintf("%04d-%02d-%02d%s", y, m, d, mark)
	}
	return r, true
}

func daysIn(y, m int) int {
	switch m {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if y >= 2400 {
			y -= 543 // leap years are those of the Gregorian year
		}
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// digits reads a run of ASCII digits, and nothing else.
func digits(s string, n *int) bool {
	if s == "" || len(s) > 4 {
		return false
	}
	v := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
		v = v*10 + int(s[i]-'0')
	}
	*n = v
	return true
}

// isClock reports whether s is a time of day with an optional zone.
func isClock(s string) bool {
	if len(s) < 2 || s[0] < '0' || s[0] > '2' {
		return false
	}
	return strings.Trim(s, "0123456789:.,+-zZ UTCGMT") == ""
}

// longer reports whether an interval of two EDTF dates is more than about a month.
func longer(a, b string) bool {
	ya, yb := yearOf(a), yearOf(b)
	if len(a) < 7 || len(b) < 7 {
		return ya != yb
	}
	var ma, mb int
	digits(a[5:7], &ma)
	digits(b[5:7], &mb)
	return (yb-ya)*12+mb-ma > 1
}
