package oai

import (
	"bytes"
	"encoding/xml"
	"errors"
	"strconv"
	"unicode/utf8"
)

func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

// legalRune reports whether XML 1.0 allows the character.
func legalRune(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || (r >= ' ' && r <= 0xD7FF) || (r >= 0xE000 && r <= 0xFFFD) || (r >= 0x10000 && r <= utf8.MaxRune)
}

// charRef reads the numeric character reference at the start of b. The size is 0 when
// there is none; a number beyond Unicode gives an illegal rune.
func charRef(b []byte) (r rune, size int) {
	if len(b) < 4 || b[0] != '&' || b[1] != '#' {
		return 0, 0
	}
	end := bytes.IndexByte(b[:min(len(b), 64)], ';')
	if end < 0 {
		return 0, 0
	}
	digits, base := b[2:end], 10
	if len(digits) > 0 && (digits[0] == 'x' || digits[0] == 'X') {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(string(digits), base, 32)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, 0
	}
	if n > utf8.MaxRune {
		n = 0
	}
	return rune(n), end + 1
}

// The kinds of what can follow an ampersand.
const (
	refNone = iota // "&" alone, or an entity nobody knows
	refXML
	refHTML
)

// reference reads the reference at the start of b, which is an ampersand.
func reference(b []byte) (text string, size, kind int) {
	if r, n := charRef(b); n > 0 {
		if !legalRune(r) {
			return "", n, refXML
		}
		return string(r), n, refXML
	}
	end := bytes.IndexByte(b[:min(len(b), 40)], ';')
	if end < 2 {
		return "&", 1, refNone
	}
	switch name := string(b[1:end]); name {
	case "amp":
		return "&", end + 1, refXML
	case "lt":
		return "<", end + 1, refXML
	case "gt":
		return ">", end + 1, refXML
	case "quot":
		return `"`, end + 1, refXML
	case "apos":
		return "'", end + 1, refXML
	default:
		if s, ok := xml.HTMLEntity[name]; ok {
			return s, end + 1, refHTML
		}
	}
	return "&", 1, refNone
}

// appendUnescaped appends text with its references resolved and its line ends made LF.
func appendUnescaped(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		switch text[i] {
		case '&':
			s, size, _ := reference(text[i:])
			dst = append(dst, s...)
			i += size
		case '\r':
			dst = append(dst, '\n')
			i++
			if i < len(text) && text[i] == '\n' {
				i++
			}
		default:
			dst = append(dst, text[i])
			i++
		}
	}
	return dst
}

// worstReference says which kind of reference a text holds that XML does not know;
// refXML when there is none.
func worstReference(text []byte) int {
	worst := refXML
	for {
		i := bytes.IndexByte(text, '&')
		if i < 0 {
			return worst
		}
		_, size, kind := reference(text[i:])
		if kind == refNone {
			return refNone
		}
		if kind == refHTML {
			worst = refHTML
		}
		text = text[i+size:]
	}
}
