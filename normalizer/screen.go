package normalizer

import (
	"slices"
	"strings"
	"time"

	"ctiphub/internal/lang"
	"ctiphub/record"
)

// screen looks for personal data in every text that readers would see. A hit holds the
// whole record. The reason says what kind of thing was seen and where, never what.
func (w *work) screen() {
	listed := w.hotlines()
	see := func(field, text string) {
		if what := w.n.personalData(text, listed); what != "" {
			w.find(CodePossiblePII, field, "The text may hold "+what+".")
			w.hold(CodePossiblePII, "The "+field+" may hold "+what+"; a curator has to look before anybody else does.")
			w.rec.Sensitivity = CodePossiblePII
		}
	}
	for _, agents := range []struct {
		field string
		list  []record.Agent
	}{{"creators", w.rec.Creators}, {"publishers", w.rec.Publishers}, {"funders", w.rec.Funders}} {
		for _, a := range agents.list {
			for _, tag := range a.Name.Languages() {
				see(agents.field, a.Name[tag])
			}
		}
	}
	// Addresses hold numbers of all kinds, so that only mailboxes can be told in them.
	for _, f := range append([]record.File{{URL: w.rec.Origin.Landing}}, w.rec.Files...) {
		if strings.Contains(f.URL, "@") && personalMail(f.URL) {
			see("files", f.URL[strings.LastIndexByte(f.URL, '/')+1:])
		}
	}
	for _, part := range []struct {
		field string
		texts record.Texts
	}{{"title", w.rec.Title}, {"alternative", w.rec.Alternative}, {"description", w.rec.Description}, {"rights", w.rec.Rights.Statement}} {
		for _, tag := range part.texts.Languages() {
			see(part.field, part.texts[tag])
		}
	}
}

// reviewedWithin is how long the review of an official number holds.
const reviewedWithin = 365 * 24 * time.Hour

// hotlines are the official numbers that may stand in texts: those that somebody reviewed
// within a year of the visit. A stale number harms more than none.
func (w *work) hotlines() map[string]bool {
	if len(w.n.hotlines) == 0 {
		return nil
	}
	oldest := w.raw.Fetched.Add(-reviewedWithin).Format(time.DateOnly)
	listed := map[string]bool{}
	for number, reviewed := range w.n.hotlines {
		listed[number] = reviewed >= oldest
	}
	return listed
}

// personalData names the kind of personal data that a text seems to hold, or returns "".
func (n *Normalizer) personalData(text string, listed map[string]bool) string {
	hasAt := hasMailSign(text)
	if !hasAt && !hasDigit(text) {
		return ""
	}
	s := plainSigns(lang.Digits(text))
	if hasAt && personalMail(s) {
		return "an e-mail address"
	}
	if messenger(s) {
		return "an account of a messenger"
	}
	if mapLink(s) {
		return "coordinates"
	}
	s = withoutAddresses(s)
	spans := digitSpans(s)
	all, longest := 0, 0
	for _, d := range spans {
		all, longest = all+d.end-d.start, max(longest, d.end-d.start)
	}
	if all >= 7 {
		for _, r := range numberRuns(s) {
			if what := n.numberKind(s, r, listed); what != "" {
				return what
			}
		}
	}
	switch {
	case longest >= 6 && lettersAndDigits(s):
		return "a passport or identity number"
	case coordinates(s, spans):
		return "coordinates"
	case shelterAddress(s, spans):
		return "the address of a shelter"
	case n.personOfAge(s, spans):
		return "a person's name or initials with age or year of birth"
	}
	return ""
}

// digitSpan is an unbroken run of digits.
type digitSpan struct{ start, end int }

func digitSpans(s string) []digitSpan {
	var out []digitSpan
	for i := 0; i < len(s); i++ {
		if !isDigitByte(s[i]) {
			continue
		}
		start := i
		for i < len(s) && isDigitByte(s[i]) {
			i++
		}
		out = append(out, digitSpan{start, i})
	}
	return out
}

func hasDigit(s string) bool {
	for _, r := range s {
		if r < 0x660 {
			if '0' <= r && r <= '9' {
				return true
			}
			continue
		}
		if unspaced(r) && classOf(r) == classWord { // what is written with spaces there is a digit
			return true
		}
		if r >= 0x660 && r < 0x66A || r >= 0x6F0 && r < 0x6FA || r >= 0x966 && r < 0x970 || r >= 0xBE6 && r < 0xBF0 || r >= 0xFF10 && r < 0xFF1A {
			return true
		}
	}
	return false
}

// withoutAddresses blanks web addresses and DOIs, whose numbers are nobody's.
func withoutAddresses(s string) string {
	if !strings.Contains(s, "://") && !strings.Contains(s, "www.") && !strings.Contains(s, "10.") {
		return s
	}
	return addressOrDOI.ReplaceAllStringFunc(s, func(m string) string { return strings.Repeat(" ", len(m)) })
}

// numberRun is a stretch of digits with the separators that people put into telephone and
// identity numbers.
type numberRun struct {
	start, end int
	digits     string
	groups     []string
	plus       bool
}

// numberRuns finds the stretches with at least seven digits.
func numberRuns(s string) []numberRun {
	var runs []numberRun
	for i := 0; i < len(s); {
		if !isDigitByte(s[i]) {
			i++
			continue
		}
		r := numberRun{start: i}
		j, group, gap := i, i, 0
		for j < len(s) && (isDigitByte(s[j]) || strings.IndexByte(" .-()", s[j]) >= 0) {
			if isDigitByte(s[j]) {
				if gap > 0 {
					group = j
				}
				gap = 0
				j++
				if j == len(s) || !isDigitByte(s[j]) {
					r.groups = append(r.groups, s[group:j])
					r.end = j
				}
				continue
			}
			if gap++; gap > 2 {
				break
			}
			j++
		}
		r.digits = strings.Join(r.groups, "")
		r.plus = r.start > 0 && s[r.start-1] == '+' || r.start > 1 && s[r.start-2:r.start] == "+("
		if len(r.digits) >= 7 {
			runs = append(runs, r)
		}
		i = max(j, i+1)
	}
	return runs
}

func isDigitByte(c byte) bool { return '0' <= c && c <= '9' }

// numberKind says what personal number a run may be.
func (n *Normalizer) numberKind(s string, r numberRun, listed map[string]bool) string {
	before := strings.ToLower(s[max(0, r.start-24):r.start])
	if listed[r.digits] || listed[strings.TrimPrefix(r.digits, "0")] {
		return ""
	}
	if bookNumber(r) || strings.Contains(before, "isbn") || strings.Contains(before, "issn") || orcid(r) {
		return ""
	}
	around := before + strings.ToLower(s[r.end:min(len(s), r.end+16)])
	if idNumber(r) || containsAny(before, idLabels) && len(r.digits) >= 8 || malaysianID(r, around) {
		return "an identity number"
	}
	if containsAny(before, accountLabels) && len(r.digits) >= 8 {
		return "a bank account"
	}
	if years(r) || decimals(s, r) {
		return ""
	}
	if phone(r) || containsAny(before, phoneLabels) && len(r.digits) <= 15 {
		return "a telephone number"
	}
	return ""
}

// years reports whether all groups are years or parts of dates: "2012-2016".
func years(r numberRun) bool {
	if len(r.groups) > 6 {
		return false // "08 1 5 5 5 0 1 0 0"
	}
	return !slices.ContainsFunc(r.groups, func(g string) bool {
		return !(len(g) == 4 && (g[:2] == "19" || g[:2] == "20" || g[:2] == "25" || g[:2] == "24") || len(g) <= 2 && len(r.groups) > 1)
	})
}

// decimals reports amounts with points: "1.200.000", and decimal fractions.
func decimals(s string, r numberRun) bool {
	text := s[r.start:r.end]
	if r.plus || !strings.Contains(text, ".") || strings.Trim(text, "0123456789.") != "" || len(r.groups) < 2 {
		return false
	}
	if len(r.groups[0]) > 3 || r.groups[0][0] == '0' && len(r.groups[0]) > 1 {
		return false
	}
	for _, g := range r.groups[1:] {
		if len(g) != 3 && len(r.groups) > 2 {
			return false
		}
	}
	return true
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
		return n >= 8 && n <= 12 && len(r.groups[0]) >= 2
	}
	// A country code without the plus: 66 81 234 5678, 84-983-123-456.
	if n < 10 || n > 13 {
		return false
	}
	for _, code := range countryCodes {
		if r.groups[0] == code && len(r.groups) >= 3 || len(r.groups) == 2 && len(r.groups[0]) == len(code)+2 && strings.HasPrefix(r.groups[0], code) && len(r.groups[1]) >= 6 {
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

// malaysianID reports the twelve digits of a Malaysian card where something says that they
// are one.
func malaysianID(r numberRun, around string) bool {
	return len(r.digits) == 12 && birthday(r.digits[:6]) && containsAny(around, []string{" ic", "mykad", "kad pengenalan", "k/p"})
}

// idNumber reports the forms of identity numbers of the region that need no label.
func idNumber(r numberRun) bool {
	switch n := len(r.digits); {
	case n == 13 && thaiID(r.digits) && (len(r.groups) == 1 || len(r.groups) == 5): // Thailand
		return true
	case n == 16 && (len(r.groups) == 1 || len(r.groups) == 4): // Indonesia, Philippines
		return true
	case n == 12 && len(r.groups) == 3 && len(r.groups[0]) == 6 && len(r.groups[1]) == 2 && birthday(r.groups[0]): // Malaysia
		return true
	case n == 12 && len(r.groups) == 1 && r.digits[0] == '0': // Viet Nam
		return true
	}
	return false
}

// thaiID verifies the check digit of a Thai identity number.
func thaiID(d string) bool {
	sum := 0
	for i := range 12 {
		sum += int(d[i]-'0') * (13 - i)
	}
	return byte('0'+(11-sum%11)%10) == d[12] && d[0] != '0'
}

// birthday reports whether six digits are year, month and day.
func birthday(d string) bool {
	var m, day int
	return digits(d[2:4], &m) && digits(d[4:6], &day) && m >= 1 && m <= 12 && day >= 1 && day <= 31
}

func containsAny(s string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, lang.Digits(s))
}
