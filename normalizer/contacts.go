package normalizer

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"ctiphub/internal/lang"
)

// What contact lines of staff consist of; their labels are words of the screen.
var (
	contactValue = `(?:[\p{L}\p{N}._%+-]+\s?(?:@|\[at\]|\(at\))\s?[\p{L}\p{N}.-]+|[+(]?\d[\dxX*•\s().-]{4,}[\dxX*)]|\.{3,}|…)`
	// What stands behind a label: a number or an address, or several.
	contactPiece = regexp.MustCompile(`(?i)^\s?(?:no\.?|number|số)?\s?[:：.]?\s?` + contactValue + `(?:\s?(?:/|,|;|or|hoặc|หรือ|atau)\s?` + contactValue + `)*`)
	anyMail      = regexp.MustCompile(`(?i)[\p{L}\p{N}._%+-]+(?:@|\[at\]|\(at\))[\p{L}\p{N}-]+\.[\p{L}\p{N}.-]+`)
	// The number of a help line: short, and of nobody; but a stale one harms, so that only
	// those of the list stay.
	helpLine = regexp.MustCompile(`(?i)(?:hot\s?line|help\s?line|สายด่วน|ศูนย์ช่วยเหลือสังคม|tổng đài|đường dây nóng|talian(?:\s\p{L}+)?|saluran siaga|ສາຍດ່ວນ|ខ្សែទូរស័ព្ទបន្ទាន់|热线|熱線|linha verde|லைன்)\s?(?:numbers?|no\.?|số|เบอร์|nomor|at|on|is)?\s?[:：]?\s?(\d{3,5})\b`)
	dangling = regexp.MustCompile(`\s*[-–—|;,(]+\s*$`)
)

// stripContacts takes the contact lines of staff out of a text: labelled numbers and
// addresses, and whole sentences that tell whom to ask. Numbers of official hotlines stay.
func (n *Normalizer) stripContacts(s string, hotlines map[string]bool) (text string, stripped bool) {
	if !reachesSomebody(s) {
		return s, false
	}
	// Native digits are read as ASCII ones; the text that stays keeps its own.
	plain := lang.Digits(s)
	cuts := n.contactRanges(plain, hotlines)
	if len(cuts) == 0 {
		return s, false
	}
	out := without(s, plain, cuts)
	return strings.TrimSpace(dangling.ReplaceAllString(strings.Join(strings.Fields(out), " "), "")), true
}

// contactRanges finds what has to go.
func (n *Normalizer) contactRanges(s string, hotlines map[string]bool) (cuts [][2]int) {
	r := readings.Get().(*reading)
	defer readings.Put(r)
	r.cues = n.cues.find(s, r.cues[:0])
	until := 0 // where the last cut ends
	for _, c := range r.cues {
		switch {
		case c.kinds&cueAsk != 0 && c.start >= until:
			from, to := sentenceAt(s, c.start)
			if tellsHow(s[from:to], hotlines) {
				cuts, until = append(cuts, [2]int{from, to}), to
			}
		case c.kinds&cueLabel != 0 && c.start >= until && labelStarts(s, c.start):
			if m := contactPiece.FindStringIndex(s[c.end:]); m != nil && !hotlines[onlyDigits(s[c.start:c.end+m[1]])] {
				_, sign := utf8.DecodeLastRuneInString(s[:c.start])
				from := max(until, c.start-sign)
				until = c.end + m[1]
				cuts = append(cuts, [2]int{from, until})
			}
		}
	}
	if namesHelpLine(s) {
		for _, m := range helpLine.FindAllStringSubmatchIndex(s, -1) {
			if !hotlines[s[m[2]:m[3]]] {
				cuts = append(cuts, [2]int{m[2], m[3]})
			}
		}
	}
	return cuts
}

// labelStarts reports whether a label may stand at i: behind nothing, a space or a sign
// that parts contacts from each other.
func labelStarts(s string, i int) bool {
	before, size := utf8.DecodeLastRuneInString(s[:i])
	return size == 0 || unicode.IsSpace(before) || strings.ContainsRune("(;,|–-", before)
}

// without returns s less the ranges, which were found in plain: the same characters, of
// which some take fewer bytes.
func without(s, plain string, cuts [][2]int) string {
	var b strings.Builder
	at := 0 // in plain
	for _, r := range s {
		cut := slices.ContainsFunc(cuts, func(c [2]int) bool { return at >= c[0] && at < c[1] })
		if !cut {
			b.WriteRune(r)
		} else if b.Len() > 0 && !strings.HasSuffix(b.String(), " ") {
			b.WriteByte(' ')
		}
		_, size := utf8.DecodeRuneInString(plain[min(at, len(plain)):])
		at += size
	}
	return b.String()
}

// tellsHow reports a sentence with an address or a number to reach somebody by.
func tellsHow(sentence string, hotlines map[string]bool) bool {
	return anyMail.MatchString(sentence) || slices.ContainsFunc(numberRuns(sentence), func(r numberRun) bool { return !hotlines[r.digits] && !years(r) })
}

// reachesSomebody reports whether a text holds anything that contact lines are made of: an
// address, a number long enough to be dialled, or one that was masked.
func reachesSomebody(s string) bool {
	if strings.Contains(s, "@") || strings.Contains(s, "＠") || strings.Contains(s, "[at]") || strings.Contains(s, "(at)") || strings.Contains(s, "xxx") || strings.Contains(s, "...") {
		return true
	}
	if !hasDigit(s) {
		return false
	}
	plain := lang.Digits(s)
	return slices.ContainsFunc(numberRuns(plain), func(r numberRun) bool { return !years(r) }) || namesHelpLine(plain)
}

// namesHelpLine is the cheap look before helpLine.
func namesHelpLine(s string) bool {
	for _, w := range []string{"otline", "OTLINE", "ot line", "elpline", "HELPLINE", "elp line", "สายด่วน", "ช่วยเหลือสังคม", "ổng đài", "ường dây nóng", "alian ", "aluran siaga", "ສາຍດ່ວນ", "ខ្សែទូរស័ព្ទបន្ទាន់", "热线", "熱線", "inha verde", "லைன்"} {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// sentenceAt is the sentence around a place, with the space behind it. It ends with a full
// stop that a space follows; dots of addresses, numbers and initials do not end one.
func sentenceAt(s string, at int) (from, to int) {
	for i := 0; i+1 < len(s); i++ {
		initial := i > 1 && 'A' <= s[i-1] && s[i-1] <= 'Z' && s[i-2] == ' ' // "A. Person"
		if (s[i] == '.' && !initial || s[i] == '!' || s[i] == '?') && s[i+1] == ' ' {
			if i >= at {
				return from, i + 2
			}
			from = i + 2
		}
	}
	return from, len(s)
}
