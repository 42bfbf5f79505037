package normalizer

import (
	"regexp"
	"slices"
	"strings"

	"ctiphub/internal/lang"
	"ctiphub/record"
)

var (
	doiPattern    = regexp.MustCompile(`(?i)\b(10\.\d{4,9}/[^\s"<>\]]+)`)
	isbnPattern   = regexp.MustCompile(`(?i)(?:\bisbn(?:-1[03])?\b:?\s*|urn:isbn:|^)((?:97[89][ -]?)?(?:\d[ -]?){9}[\dx])\b`)
	handlePattern = regexp.MustCompile(`(?i)(?:hdl\.handle\.net/|hdl:|info:hdl/|/handle/)(\d[\w.]*/[^\s?#]+)`)
	// Numbers of laws and decrees: "53/2024/QH15", "Nomor 8 Tahun 2021", "N.º 3/2017",
	// "Republic Act No. 9208". The same title with another number is another document.
	numberPatterns = []*regexp.Regexp{
		regexp.MustCompile(`\b(\d{1,4}/(?:19|20)\d{2}/[\p{Lu}Đ][\p{L}\d-]*\d*)`),
		regexp.MustCompile(`(?i)\b(?:nomor|no\.?)\s*(\d{1,3})\s*tahun\s*((?:19|20)\d{2})\b`),
		regexp.MustCompile(`(?i)\b(?:lei|dekretu-lei|decreto-lei|law|decree|decree-law|act)\s*(?:n[.º°oúu]*\s*)(\d{1,4}/(?:19|20)?\d{2})\b`),
		regexp.MustCompile(`(?i)\b(?:republic act|r\.?a\.?)\s*(?:no\.?\s*)?(\d{4,5})\b`),
	}
)

// identifiersIn finds the identifiers that the wider world knows a resource by. A number
// that fails its check digit is no identifier; invalid counts those that claimed to be.
func identifiersIn(s string) (found []record.Identifier, invalid int) {
	s = lang.Digits(strings.TrimSpace(s))
	if !hasDigit(s) {
		return nil, 0
	}
	if m := submatch(doiPattern, s, strings.Contains(s, "10.")); m != nil {
		doi := strings.ToLower(strings.TrimRight(m[1], ".,;"))
		if !strings.Contains(doi, "(") {
			doi = strings.TrimRight(doi, ")") // of the sentence, not of the DOI
		}
		found = append(found, record.Identifier{Scheme: "doi", Value: doi})
	}
	low := strings.ToLower(s)
	if at := handleAt(low); at >= 0 && len(low) == len(s) {
		if m := handlePattern.FindStringSubmatch(s[at:]); m != nil {
			found = append(found, record.Identifier{Scheme: "handle", Value: strings.TrimRight(m[1], ".,;)")})
		}
	}
	claimed := strings.Contains(low, "isbn")
	if m := submatch(isbnPattern, s, claimed || isDigitByte(s[0])); m != nil {
		if isbn, ok := isbn13(m[1]); ok {
			found = append(found, record.Identifier{Scheme: "isbn", Value: isbn})
		} else if claimed {
			invalid++
		}
	} else if claimed && strings.ContainsAny(s, "0123456789") {
		invalid++
	}
	return found, invalid
}

// handleAt is where a text in small letters may begin to name a handle, or -1: the
// expression need not walk the address before it.
func handleAt(low string) int {
	at := strings.Index(low, "hdl")
	if i := strings.Index(low, "/handle/"); i >= 0 && (at < 0 || i < at) {
		at = i
	}
	if at >= len("info:") && low[at-len("info:"):at] == "info:" {
		at -= len("info:")
	}
	return at
}

// submatch runs an expression only where it can match at all.
func submatch(re *regexp.Regexp, s string, worth bool) []string {
	if !worth {
		return nil
	}
	return re.FindStringSubmatch(s)
}

// numberBehind reports whether a number of so many digits stands behind one of some words in
// small letters, with nothing but white space between.
func numberBehind(s string, least, most int, words ...string) bool {
	for i := 0; i < len(s); i++ {
		if !isDigitByte(s[i]) {
			continue
		}
		start := i
		for i < len(s) && isDigitByte(s[i]) {
			i++
		}
		if i-start < least || i-start > most {
			continue
		}
		before := strings.TrimRight(s[:start], " \t\n\f\r")
		before = strings.ToLower(before[max(0, len(before)-12):])
		if slices.ContainsFunc(words, func(w string) bool { return strings.HasSuffix(before, w) }) {
			return true
		}
	}
	return false
}

// documentNumber finds the number of a law, decree or regulation in a title.
func documentNumber(title string) (string, bool) {
	if !hasDigit(title) {
		return "", false
	}
	title = lang.Digits(title)
	// What each expression cannot do without, in their order: they are slow, titles many.
	worth := [...]bool{
		strings.Contains(title, "/19") || strings.Contains(title, "/20"), strings.Contains(strings.ToLower(title), "tahun"),
		numberBehind(title, 1, 4, "/"), numberBehind(title, 4, 5, "republic act", "ra", "ra.", "r.a", "r.a.", "no", "no."),
	}
	for i, re := range numberPatterns {
		m := submatch(re, title, worth[i])
		if m == nil {
			continue
		}
		switch i {
		case 1:
			return strings.TrimLeft(m[1], "0") + "/" + m[2], true
		case 3:
			return "RA " + m[1], true
		}
		return m[1], true
	}
	return "", false
}

// isbn13 checks an ISBN of either length and returns it with thirteen digits.
func isbn13(s string) (string, bool) {
	d := strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(s))
	if strings.Trim(d, "0") == "" {
		return "", false // a placeholder
	}
	switch len(d) {
	case 10:
		sum := 0
		for i, c := range []byte(d) {
			v := int(c - '0')
			if c == 'X' {
				if i != 9 {
					return "", false
				}
				v = 10
			}
			sum += v * (10 - i)
		}
		if sum%11 != 0 {
			return "", false
		}
		d = "978" + d[:9]
		return d + string(check13(d)), true
	case 13:
		if !strings.HasPrefix(d, "978") && !strings.HasPrefix(d, "979") || strings.Contains(d, "X") {
			return "", false
		}
		return d, check13(d[:12]) == d[12]
	}
	return "", false
}

// check13 is the check digit of twelve digits.
func check13(d string) byte {
	sum := 0
	for i, c := range []byte(d) {
		v := int(c - '0')
		if i%2 == 1 {
			v *= 3
		}
		sum += v
	}
	return byte('0' + (10-sum%10)%10)
}
