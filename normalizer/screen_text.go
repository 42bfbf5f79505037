package normalizer

import (
	"strings"
	"sync"
	"unicode/utf8"

	"ctiphub/internal/lang"
)

// reading is one text as the screen reads it: digits of all scripts as ASCII ones, signs
// written in one way, nothing that is not seen, and where the words of the list stand.
type reading struct {
	s     string
	cues  []cueAt
	all   cue // kinds of all cues
	spans []digitSpan
}

// readings are used again for the next text.
var readings = sync.Pool{New: func() any { return &reading{} }}

// personalData names the kind of personal data that a text seems to hold, or returns "".
func (n *Normalizer) personalData(text string, listed map[string]bool) string {
	r := readings.Get().(*reading)
	defer readings.Put(r)
	r.s, r.all = plainSigns(lang.Digits(leadingWa(text))), 0
	r.cues = n.cues.find(r.s, r.cues[:0])
	for _, c := range r.cues {
		r.all |= c.kinds
	}
	if hasMailSign(r.s) && personalMail(r.s) {
		return "an e-mail address"
	}
	if r.all&cueMessenger != 0 && r.messenger() {
		return "an account of a messenger"
	}
	if what := r.mapPlace(); what != "" {
		return what
	}
	r.s = withoutAddresses(r.s)
	r.spans = digitSpans(r.s, r.spans[:0])
	if len(r.spans) > 0 {
		if what := r.numbers(listed); what != "" {
			return what
		}
	}
	switch {
	case r.all&cueShelter != 0 && r.shelterAddress():
		return "the address of a shelter"
	case r.all&(cueCase|cueDeed) != 0 && r.person(n):
		return "a person's name or initials with age, year of birth or story"
	case r.all&(cueDeed) != 0 && r.all&cueChild != 0 && r.knownChild():
		return "a child who can be found by school, parents or village"
	}
	return ""
}

// near reports a word of some kinds within so many bytes of a place.
func (r *reading) near(kinds cue, from, to, size int) bool {
	if r.all&kinds == 0 {
		return false
	}
	for _, c := range r.cues {
		if c.start >= to+size {
			return false
		}
		if c.kinds&kinds != 0 && c.end > from-size {
			return true
		}
	}
	return false
}

// labelled reports a word of some kinds that ends at most so many bytes before a place,
// with nothing but the words of a label between.
func (r *reading) labelled(kinds cue, at, size int) bool {
	if r.all&kinds == 0 {
		return false
	}
	for _, c := range r.cues {
		if c.start >= at {
			return false
		}
		if c.kinds&kinds != 0 && c.end <= at && at-c.end <= size && !strings.ContainsAny(r.s[c.end:at], "!?;") {
			return true
		}
	}
	return false
}

// leadingWa reads the Burmese letter WA before a digit as the zero it looks like: numbers
// to dial start with one, and people type the letter.
func leadingWa(s string) string {
	const wa = "\u101D"
	if !strings.Contains(s, wa) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if strings.HasPrefix(s[i:], wa) && burmeseDigit(s[i+len(wa):]) && (i == 0 || s[i-1] < utf8.RuneSelf || strings.HasSuffix(s[:i], "\u104B")) {
			b.WriteString("\u1040")
			i += len(wa)
			continue
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String()
}

func burmeseDigit(s string) bool { return len(s) >= 3 && s[0] == 0xE1 && s[1] == 0x81 && s[2] <= 0x89 }

// digitSpan is an unbroken run of digits.
type digitSpan struct{ start, end int }

func digitSpans(s string, out []digitSpan) []digitSpan {
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

func isDigitByte(c byte) bool { return '0' <= c && c <= '9' }

// withoutAddresses blanks web addresses and DOIs, whose numbers are nobody's.
func withoutAddresses(s string) string {
	if !strings.Contains(s, "://") && !strings.Contains(s, "www.") && !strings.Contains(s, "10.") {
		return s
	}
	return addressOrDOI.ReplaceAllStringFunc(s, func(m string) string { return strings.Repeat(" ", len(m)) })
}

// signs are written in many ways between the digits of one number, and so are quotes.
var signs = strings.NewReplacer("－", "-", "‐", "-", "‑", "-", "–", "-", "—", "-", "−", "-", "．", ".", "（", "(", "）", ")", "＋", "+", "•", "-", "·", "-", "／", "/",
	"：", ":", "，", ", ", "“", "\"", "”", "\"", "„", "\"", "«", "\"", "»", "\"", "＠", "@", "\u00a0", " ", "\u3000", " ", "\u202f", " ", "\u2009", " ",
	"\u200b", "", "\u200c", "", "\u200d", "", "\u2060", "", "\ufeff", "", "\u00ad", "", "\u200e", "", "\u200f", "")

// plainSigns writes signs between digits in one way, and drops what is not seen.
func plainSigns(s string) string {
	for i := range len(s) {
		// The signs begin with these bytes; letters of most scripts do not.
		if c := s[i]; c == 0xE2 || c == 0xEF || c == 0xC2 || c == 0xE3 {
			return signs.Replace(s)
		}
	}
	return s
}

// window is the text around from..to, so many bytes to each side, cut between characters.
func window(s string, from, to, size int) string {
	from, to = max(0, from-size), min(len(s), to+size)
	for from > 0 && !utf8.RuneStart(s[from]) {
		from--
	}
	for to < len(s) && !utf8.RuneStart(s[to]) {
		to++
	}
	return s[from:to]
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, lang.Digits(s))
}
