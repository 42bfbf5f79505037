package normalizer

import (
	"regexp"
	"strings"
)

// idNumber reports the forms of identity numbers of the region that need no label.
func idNumber(r numberRun) bool {
	shape := func(sizes ...int) bool {
		if len(r.groups) != len(sizes) {
			return false
		}
		for i, g := range r.groups {
			if len(g) != sizes[i] {
				return false
			}
		}
		return !r.slash
	}
	switch n := len(r.digits); {
	case r.slash:
		return false
	case shape(1, 4, 5, 2, 1), n == 13 && len(r.groups) == 1 && thaiID(r.digits): // Thailand
		return true
	case n == 16 && (len(r.groups) == 1 || shape(4, 4, 4, 4)): // Indonesia, Philippines
		return true
	case shape(6, 2, 4) && birthday(r.groups[0]): // Malaysia
		return true
	case shape(12) && r.digits[0] == '0', shape(3, 3, 3, 3) && r.digits[0] == '0': // Viet Nam
		return true
	case shape(2, 7, 1): // Philippines, social security
		return true
	case shape(18) && birthday(r.digits[8:14]): // China
		return true
	}
	return false
}

// malaysianID reports the twelve digits of a Malaysian card where something says that they
// are one.
func malaysianID(run numberRun, r *reading) bool {
	return len(run.digits) == 12 && birthday(run.digits[:6]) && (r.near(cueID, run.start, run.end, 16) || strings.HasPrefix(r.s[run.end:], " IC"))
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

var (
	// What stands behind the label of a document that mixes letters and digits.
	cardNumber = regexp.MustCompile(`^[^\p{L}\p{N}]{0,4}(?:(?i:no|nos|number|num|nomor|nombor|nr|n|blg|card|id|is|was|of victim|númeru|número|numeru|số|số:|mang số)[.ºo°:]*\s?|[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tamil}\p{Han}\p{M}]{1,10})?[^\p{L}\p{N}]{0,4}(?:(?i:no|number|số|n)[.ºo°:]*\s?)?[A-Z]{0,3}[\s-]?\d{2,3}[\s-]?\d{3,7}[A-Z]?(?:[^\p{L}\p{N}]|$)`)
	// The cards of Singapore and Myanmar and the numbers of refugees need no label.
	nric       = regexp.MustCompile(`\b[STFGM]\d{7}[A-Z]\b`)
	myanmarID  = regexp.MustCompile(`\b\d{1,2}/[\p{L}\p{M}]{3,20}\s?\([\p{L}\p{M}]{1,8}\)\s?\d{6}\b`)
	refugeeID  = regexp.MustCompile(`\b\d{3}-\d{2}C\d{5}\b`)
	plateNo    = regexp.MustCompile(`^[^\p{N}.;]{0,24}?[\p{L}\p{N}-]*\d[\p{L}\p{N}.-]*`)
	plateMixed = regexp.MustCompile(`\d{2}`)
)

// card reports numbers of cards that mix letters and digits.
func (r *reading) card(longest int) bool {
	if longest >= 5 && r.all&cueID != 0 {
		for _, c := range r.cues {
			if c.kinds&cueID != 0 && cardNumber.MatchString(r.s[c.end:min(len(r.s), c.end+64)]) && !plainCard(r.s[c.end:min(len(r.s), c.end+64)]) {
				return true
			}
		}
	}
	if longest < 5 {
		return false
	}
	return longest >= 7 && nric.MatchString(r.s) || strings.Contains(r.s, "(") && myanmarID.MatchString(r.s) || strings.Contains(r.s, "C") && refugeeID.MatchString(r.s)
}

// plainCard reports years and amounts where the number of a card could stand.
func plainCard(s string) bool {
	at := strings.IndexFunc(s, func(c rune) bool { return '0' <= c && c <= '9' })
	if at < 0 {
		return true
	}
	end, count := runEnd(s, at)
	run := newRun(s, at, end)
	return count < 6 && (at == 0 || !('A' <= s[at-1] && s[at-1] <= 'Z')) || years(run) || decimals(s, run)
}

// plate reports the plate of a vehicle in what is told of a case.
func (r *reading) plate() bool {
	for _, c := range r.cues {
		if c.kinds&cuePlate == 0 || !r.near(cueCase|cueDeed|cueChild, c.start, c.end, 200) {
			continue
		}
		if m := plateNo.FindString(r.s[c.end:min(len(r.s), c.end+48)]); m != "" && plateMixed.MatchString(m) {
			return true
		}
	}
	return false
}
