package feed

import (
	"net/url"
	"strings"
	"unicode"
)

// text is a text with its language.
type text struct{ s, lang string }

// plain drops what no reader may get from a source: bytes that are no UTF-8, characters
// that control a terminal, turn the direction of what follows or are none at all.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\u0085':
			return r
		case unicode.IsControl(r), r == 0xFFFE, r == 0xFFFF, r == 0xFEFF:
			return -1
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

// line makes one line of a text.
func line(s string) string { return strings.Join(strings.Fields(plain(s)), " ") }

// lines are the lines of a text that have something in them.
func lines(s string) []string {
	var list []string
	for part := range strings.SplitSeq(plain(s), "\n") {
		if part = line(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// clip shortens a line to at most n characters and an ellipsis, behind a word where there
// is one near, and never between a letter and its marks.
func clip(s string, n int) (short string, cut bool) {
	runes := []rune(s)
	if len(runes) <= n {
		return s, false
	}
	at := n
	for at > n-40 && at > 0 && runes[at] != ' ' {
		at--
	}
	if at <= n-40 || at == 0 {
		// Scripts without spaces: the sign that stacks Khmer and Burmese consonants, and the
		// vowels that stand before their consonant in Thai and Lao, belong to what follows.
		for at = n; at > n-40 && at > 1 && (unicode.Is(unicode.M, runes[at]) || leads(runes[at-1])); at-- {
		}
	}
	return strings.TrimRight(string(runes[:at]), " ,;:") + "…", true
}

func leads(r rune) bool {
	return r == 0x17d2 || r == 0x1039 || r >= 'เ' && r <= 'ไ' || r >= 'ເ' && r <= 'ໄ'
}

// languageTag returns a tag that XML's schema for languages allows; "und" for any other,
// so that no text is taken to be in the language of what is around it.
func languageTag(s string) string {
	for i, part := range strings.Split(s, "-") {
		if part == "" || len(part) > 8 {
			return "und"
		}
		for _, c := range []byte(part) {
			letter := c|0x20 >= 'a' && c|0x20 <= 'z'
			if !letter && (i == 0 || c < '0' || c > '9') {
				return "und"
			}
		}
	}
	return s
}

// webAddress returns an address that a reader may safely follow, or "".
func webAddress(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil {
		return ""
	}
	// An address as Go writes it may still have bytes in its query that no URI has.
	u.RawQuery = escapeQuery(u.RawQuery)
	out := u.String()
	if _, err := url.Parse(out); err != nil {
		return ""
	}
	return out
}

// escapeQuery escapes what a query must not hold and leaves what is escaped.
func escapeQuery(s string) string {
	const allowed = "-._~!$&'()*+,;=:@/?%[]"
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(s) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(allowed, c) >= 0 {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}
