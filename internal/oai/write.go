package oai

import "unicode/utf8"

// AppendText appends s as XML character data. What XML 1.0 does not allow is left out:
// control characters, the two non-characters of the basic plane, bytes that are no UTF-8.
func AppendText(dst []byte, s string) []byte { return appendEscaped(dst, s, &textEscapes) }

// AppendAttr appends s as the inside of a double-quoted attribute value, under the same
// rule. Line ends and tabs become references, or a parser would turn them into spaces.
func AppendAttr(dst []byte, s string) []byte { return appendEscaped(dst, s, &attrEscapes) }

// AppendElement appends <name>text</name>.
func AppendElement(dst []byte, name, text string) []byte {
	dst = append(append(append(dst, '<'), name...), '>')
	dst = AppendText(dst, text)
	return append(append(append(dst, '<', '/'), name...), '>')
}

// escapes says of each ASCII byte what it is written as: "" as it is, drop not at all.
type escapes [utf8.RuneSelf]string

const drop = "\x00"

var (
	textEscapes = newEscapes(map[byte]string{'&': "&amp;", '<': "&lt;", '>': "&gt;", '\r': "&#xD;", '\t': "", '\n': ""})
	attrEscapes = newEscapes(map[byte]string{'&': "&amp;", '<': "&lt;", '>': "&gt;", '"': "&quot;", '\r': "&#xD;", '\t': "&#x9;", '\n': "&#xA;"})
)

func newEscapes(special map[byte]string) escapes {
	var e escapes
	for b := range byte(' ') {
		e[b] = drop
	}
	for b, s := range special {
		e[b] = s
	}
	return e
}

func appendEscaped(dst []byte, s string, table *escapes) []byte {
	done := 0 // s[:done] is written
	for i := 0; i < len(s); {
		if b := s[i]; b < utf8.RuneSelf {
			esc := table[b]
			if esc == "" {
				i++
				continue
			}
			dst = append(dst, s[done:i]...)
			if esc != drop {
				dst = append(dst, esc...)
			}
			i++
			done = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if (r == utf8.RuneError && size == 1) || r == 0xFFFE || r == 0xFFFF {
			dst = append(dst, s[done:i]...)
			done = i + size
		}
		i += size
	}
	return append(dst, s[done:]...)
}
