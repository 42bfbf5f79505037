package normalizer

import (
	"regexp"
	"slices"
	"strings"
)

var addressOrDOI = regexp.MustCompile(`https?://\S+|www\.\S+|\b10\.\d{4,9}/\S+`)

// numberRun is a stretch of digits with the separators that people put into telephone and
// identity numbers.
type numberRun struct {
	start, end int
	digits     string
	groups     []string
	plus       bool
	slash      bool // a slash stands between groups
}

// numberRuns finds the stretches with at least seven digits.
func numberRuns(s string) []numberRun {
	var runs []numberRun
	for i := 0; i < len(s); {
		if !isDigitByte(s[i]) {
			i++
			continue
		}
		end, count := runEnd(s, i)
		if count >= 7 {
			runs = append(runs, newRun(s, i, end))
		}
		i = end
	}
	return runs
}

// runEnd finds where the stretch ends that starts at a digit, and counts its digits.
func runEnd(s string, from int) (end, count int) {
	gap := 0
	for j := from; j < len(s); j++ {
		switch {
		case isDigitByte(s[j]):
			gap, count, end = 0, count+1, j+1
		case strings.IndexByte(" .-()/_", s[j]) >= 0 && gap < 3:
			gap++
		default:
			return end, count
		}
	}
	return end, count
}

func newRun(s string, start, end int) numberRun {
	r := numberRun{start: start, end: end}
	group := start
	for j := start; j <= end; j++ {
		if j < end && isDigitByte(s[j]) {
			continue
		}
		if group < j {
			r.groups = append(r.groups, s[group:j])
		}
		r.slash = r.slash || j < end && s[j] == '/'
		group = j + 1
	}
	r.digits = strings.Join(r.groups, "")
	r.plus = start > 0 && s[start-1] == '+' || start > 1 && s[start-2:start] == "+("
	return r
}

// numbers names the kind of the first personal number of a text.
func (r *reading) numbers(listed map[string]bool) string {
	digits, longest := 0, 0
	for _, d := range r.spans {
		digits, longest = digits+d.end-d.start, max(longest, d.end-d.start)
	}
	if digits >= 7 {
		for _, run := range numberRuns(r.s) {
			if what := r.numberKind(run, listed); what != "" {
				return what
			}
		}
	}
	switch {
	case r.card(longest):
		return "a passport or identity number"
	case r.all&cuePlate != 0 && r.plate():
		return "a licence plate"
	case r.coordinates():
		return "coordinates"
	}
	return ""
}

// How far before a number its label may end.
const (
	labelNear = 12
	labelFar  = 40
)

// numberKind says what personal number a run may be.
func (r *reading) numberKind(run numberRun, listed map[string]bool) string {
	if listed[run.digits] || listed[strings.TrimPrefix(run.digits, "0")] {
		return ""
	}
	if bookNumber(run) || r.labelled(cueBook, run.start, labelNear) || orcid(run) {
		return ""
	}
	if r.letterBehind(run) {
		return "" // "12/2019/TT-BCA": the number of a document
	}
	switch {
	case r.labelled(cuePhone, run.start, labelNear) && len(run.digits) <= 15 && !plainNumber(r.s, run):
		return "a telephone number"
	case r.labelled(cueID, run.start, labelFar) && len(run.digits) <= 18 && !plainNumber(r.s, run) && labelBetween(r.labelText(cueID, run.start)):
		return "a passport or identity number"
	case r.labelled(cueBank, run.start, labelFar) && len(run.digits) >= 7 && !plainNumber(r.s, run):
		return "a bank account"
	case idNumber(run) || malaysianID(run, r):
		return "a passport or identity number"
	case plainNumber(r.s, run):
		return ""
	case phone(run) || r.labelled(cuePhone, run.start, labelFar) && len(run.digits) <= 15 && !run.slash && labelBetween(r.labelText(cuePhone, run.start)):
		return "a telephone number"
	}
	return ""
}

// labelText is what stands between the last label of some kinds and a number.
func (r *reading) labelText(kinds cue, at int) string {
	end := at
	for _, c := range r.cues {
		if c.end > at {
			break
		}
		if c.kinds&kinds != 0 {
			end = c.end
		}
	}
	return r.s[end:at]
}

// labelBetween reports what a label goes on with before its number: "no.", "number is",
// ": (", never another number.
func labelBetween(s string) bool { return !strings.ContainsAny(s, "0123456789,") }

// letterBehind reports a slash and a letter behind a run, or before it: the number of a
// law or letter.
func (r *reading) letterBehind(run numberRun) bool {
	rest := r.s[run.end:]
	if len(rest) > 1 && (rest[0] == '/' || rest[0] == '-') && isWordByte(rest[1]) {
		return rest[0] == '/'
	}
	return run.start > 1 && r.s[run.start-1] == '/' && isWordByte(r.s[run.start-2])
}

// plainNumber reports what is no number to reach or name anybody by: years, dates, amounts.
func plainNumber(s string, r numberRun) bool {
	return years(r) || decimals(s, r) || r.slash && isYear(r.groups[len(r.groups)-1])
}

func isYear(g string) bool {
	return len(g) == 4 && (g[:2] == "19" || g[:2] == "20" || g[:2] == "25" || g[:2] == "24")
}

// years reports whether all groups are years or parts of dates: "2012-2016".
func years(r numberRun) bool {
	year := false
	for _, g := range r.groups {
		switch {
		case isYear(g):
			year = true
		case len(g) > 2 || len(r.groups) == 1:
			return false
		}
	}
	return year || len(r.groups) <= 6 && r.digits[0] != '0'
}

// decimals reports amounts with points: "1.200.000", and decimal fractions.
func decimals(s string, r numberRun) bool {
	text := s[r.start:r.end]
	if r.plus || len(r.groups) < 2 || strings.Trim(text, "0123456789. ") != "" || strings.Contains(text, "  ") {
		return false
	}
	if len(r.groups[0]) > 3 || r.groups[0][0] == '0' && len(r.groups[0]) > 1 {
		return false
	}
	point := strings.Contains(text, ".")
	for i, g := range r.groups[1:] {
		if len(g) != 3 && (!point || len(r.groups) > 2 && i < len(r.groups)-2) {
			return false
		}
	}
	return point || len(r.groups[0]) < 3 || len(r.groups) > 3 // "12 500 000", not "855 234 567"
}

// phone reports whether the digits have the form of a telephone number of the region: the
// international form, or a national one with its leading zero.
func phone(r numberRun) bool {
	n := len(r.digits)
	if r.plus {
		return n >= 8 && n <= 15
	}
	if strings.HasPrefix(r.digits, "00") {
		return n >= 10 && n <= 17
	}
	if r.digits[0] == '0' {
		return n >= 8 && n <= 12 && (len(r.groups[0]) >= 2 || len(r.groups) == 3 && len(r.groups[1]) >= 3 && len(r.groups[2]) >= 3 || len(r.groups) >= 7)
	}
	// A country code without the plus: 66 81 234 5678, 84-983-123-456.
	if r.slash || n < 10 || n > 13 {
		return false
	}
	for _, code := range countryCodes {
		if r.groups[0] == code && len(r.groups) >= 2 && len(r.groups) <= 5 || len(r.groups) == 2 && len(r.groups[0]) == len(code)+2 && strings.HasPrefix(r.groups[0], code) && len(r.groups[1]) >= 6 {
			return true
		}
	}
	return false
}

// countryCodes are those of the region's telephone numbers.
var countryCodes = []string{"60", "62", "63", "65", "66", "84", "95", "673", "670", "855", "856"}

// bookNumber reports an ISBN by its form: thirteen digits, or ten in the groups of one. One
// in eleven telephone numbers has the check digit of an ISBN by chance.
func bookNumber(r numberRun) bool {
	_, ok := isbn13(r.digits)
	return ok && (len(r.digits) == 13 || len(r.groups) == 4 && len(r.groups[3]) == 1)
}

// orcid reports the number of a researcher.
func orcid(r numberRun) bool {
	return len(r.groups) == 4 && len(r.groups[1]) == 4 && (r.groups[0] == "0000" || r.groups[0] == "0009")
}

func containsAny(s string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}

func endsWith(s string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.HasSuffix(s, w) })
}

func startsWith(s string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(s, w) })
}
