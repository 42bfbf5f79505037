package lang

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// Characters that are not seen.
const (
	zwsp = '\u200B'
	zwnj = '\u200C'
	zwj  = '\u200D'
	shy  = '\u00AD'
)

// Clean makes a text fit for display: HTML entities decoded (also when escaped twice),
// NFC, the vowels of Thai and Lao as one character, control characters dropped, white
// space collapsed. It never uses NFKC, which takes Thai SARA AM and Lao AM apart.
//
// Zero-width spaces stay where they show Khmer, Lao and Burmese where a line may break,
// joiners where Indic, Arabic or Khmer letters need them; soft hyphens go. So a text in a
// Vietnamese legacy font, to which U+00AD is a letter, must pass Mojibake first.
func Clean(s string) string {
	if plain(s) {
		return s
	}
	s = decodeEntities(s)
	if isASCII(s) {
		return dropControls(s)
	}
	found := traitsOf(s)
	if found&traitUntidy != 0 {
		s = strings.ToValidUTF8(s, "\uFFFD")
		s = dropControls(s)
		s = dropInvisible(s)
	}
	const parted = traitUntidy | traitMark // marks may have come side by side
	if found&traitJoins != 0 || found&parted == parted {
		s = norm.NFC.String(s)
	}
	if found&traitThaiLao != 0 {
		s = fixThaiLao(s)
	}
	if found&(traitEth|traitJoins) != 0 {
		s = fixEth(s)
	}
	return s
}

// plain reports whether Clean has nothing to do: printable ASCII with single spaces.
func plain(s string) bool {
	space := true
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c >= 0x7F || c == '&' || c == ' ' && space {
			return false
		}
		space = c == ' '
	}
	return !space || s == ""
}

// entity wants the semicolon: "&copy=1" is part of an address, not a sign.
var entity = regexp.MustCompile(`&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});`)

func decodeEntities(s string) string {
	for range 2 {
		if amp := strings.IndexByte(s, '&'); amp < 0 || strings.IndexByte(s[amp:], ';') < 0 {
			break
		}
		s = entity.ReplaceAllStringFunc(s, decodeEntity)
	}
	return s
}

// decodeEntity decodes one entity if the whole of it is known: HTML also knows beginnings
// ("&notit;" begins with the sign "&not").
func decodeEntity(e string) string {
	if d := html.UnescapeString(e); d == ";" || !strings.HasSuffix(d, ";") {
		return d
	}
	return e
}

// dropControls drops control characters, reads C1 controls as the windows-1252
// punctuation that they are left over from, and collapses white space.
func dropControls(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		if r != 0x85 && 0x80 <= r && r < 0xA0 {
			r = charmap.Windows1252.DecodeByte(byte(r))
		}
		if r >= 0xFB00 {
			if ligature, ok := ligatures[r]; ok {
				if space && b.Len() > 0 {
					b.WriteByte(' ')
				}
				space = false
				b.WriteString(ligature)
				continue
			}
			r = halfWidth(r)
		}
		switch {
		case r == ' ' || unicode.IsSpace(r):
			space = true
			continue
		case unicode.IsControl(r), r&0xFFFE == 0xFFFE, 0xFDD0 <= r && r <= 0xFDEF:
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(r)
	}
	return b.String()
}

// ligatures are shapes of two or three letters that text layers of PDF files hold as one
// character. They are no letters of any language, unlike what else NFKC takes apart.
var ligatures = map[rune]string{0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}

// halfWidth returns the ASCII letter or digit of a full-width one. Full-width punctuation
// stays: it is that of Chinese.
func halfWidth(r rune) rune {
	if h := r - 0xFEE0; '0' <= h && h <= '9' || 'A' <= h && h <= 'Z' || 'a' <= h && h <= 'z' {
		return h
	}
	return r
}

// isInvisible lists the characters that show nothing and only steer layout.
func isInvisible(r rune) bool {
	switch {
	case r < shy:
		return false
	case r == shy, r == 0x34F, r == 0x61C, r == 0x180E, r == 0xFEFF,
		0x200B <= r && r <= 0x200F, 0x202A <= r && r <= 0x202E,
		0x2060 <= r && r <= 0x2064, 0x2066 <= r && r <= 0x206F,
		0xFE00 <= r && r <= 0xFE0F:
		return true
	}
	return false
}

// dropInvisible drops what shows nothing, except where a script needs it.
func dropInvisible(s string) string {
	if strings.IndexFunc(s, isInvisible) < 0 {
		return s
	}
	runes := []rune(s)
	rightToLeft := slices.ContainsFunc(runes, func(r rune) bool { sc := scriptOf(r); return sc == "Arab" || sc == "Hebr" })
	out := runes[:0:0]
	for i, r := range runes {
		if !isInvisible(r) || needed(runes, out, i, rightToLeft) {
			out = append(out, r)
		}
	}
	return string(out)
}

// needed reports whether the invisible character at i does something for its neighbours.
func needed(runes, before []rune, i int, rightToLeft bool) bool {
	prev, next := "", ""
	if len(before) > 0 && !isInvisible(before[len(before)-1]) {
		prev = scriptOf(before[len(before)-1])
	}
	for _, r := range runes[i+1 : min(len(runes), i+9)] {
		if !isInvisible(r) {
			next = scriptOf(r)
			break
		}
	}
	switch r := runes[i]; {
	case r == zwsp:
		return prev != "" && prev == next && (prev == "Khmr" || prev == "Laoo" || prev == "Mymr")
	case r == zwnj || r == zwj:
		return prev != "" && prev == next && prev != "Latn" && prev != "Thai" && prev != "Laoo" && prev != "Mymr" && prev != "Hani"
	case 0x200E <= r && r <= 0x202E || 0x2066 <= r && r <= 0x2069:
		return rightToLeft
	}
	return false
}

// fixThaiLao writes vowels that were typed or extracted as two characters as the one that
// Unicode has for them, and drops marks that stand twice.
func fixThaiLao(s string) string {
	if !mayNeedThaiLao(s) {
		return s
	}
	in := gather([]rune(s))
	out := make([]rune, 0, len(in))
	for _, r := range in {
		last := rune(0)
		if len(out) > 0 {
			last = out[len(out)-1]
		}
		switch {
		case r == 0xE40 && last == 0xE40, r == 0xEC0 && last == 0xEC0:
			out[len(out)-1] = r + 1 // SARA E twice looks like SARA AE
		case (r == 0xE32 || r == 0xEB2) && last == r+1, (r == 0xE33 || r == 0xEB3) && last == r:
			// the AA of a vowel AM that is complete already, or AM twice
		case (r == 0xE32 || r == 0xEB2) && dropNikhahit(&out, nikhahitOf(r)):
			out = append(out, r+1)
		case r == last && isThaiLaoMark(r):
			// a mark twice in the same place
		default:
			out = append(out, r)
		}
	}
	return string(out)
}

// mayNeedThaiLao finds neighbours that fixThaiLao could do something about: two that are
// the same, or the vowel AA behind a ring, a tone mark or a vowel AM.
func mayNeedThaiLao(s string) bool {
	last := rune(0)
	for _, r := range s {
		if 0xE00 <= r && r < 0xF00 {
			if last == ' ' && isAA(r) || isTone(r) && (isAA(last) || last == 0xE33 || last == 0xEB3) {
				return true
			}
			ringed := last == 0xE4D || last == 0xECD || last == r+1 || 0xE48 <= last && last <= 0xE4B || 0xEC8 <= last && last <= 0xECB
			if r == last || (r == 0xE32 || r == 0xEB2) && ringed {
				return true
			}
		}
		if r == ' ' && isTone(last) {
			return true // perhaps a tone mark that slipped to the next letter
		}
		last = r
	}
	return false
}

func isAA(r rune) bool   { return r == 0xE32 || r == 0xEB2 }
func isTone(r rune) bool { return 0xE48 <= r && r <= 0xE4B || 0xEC8 <= r && r <= 0xECB }

// isThaiLaoConsonant reports a letter that carries marks.
func isThaiLaoConsonant(r rune) bool {
	return 0xE01 <= r && r <= 0xE2E || 0xE81 <= r && r <= 0xEAE
}

// gather puts back what text layers of PDF files scatter: marks that slipped behind the
// next letter, with a space after them, and the vowel AM whose ring was lost to a space.
// It mends only what no Thai or Lao text can hold: the vowel AA never begins a word, and no
// tone mark stands behind it.
func gather(in []rune) []rune {
	out := make([]rune, 0, len(in))
	for i := 0; i < len(in); i++ {
		r, n := in[i], len(out)
		at := func(back int) rune {
			if n < back {
				return 0
			}
			return out[n-back]
		}
		slipped := func(m rune) bool { return isThaiLaoMark(m) && m != 0xE4D && m != 0xECD }
		switch {
		case isTone(r) && (isAA(at(1)) || at(1) == 0xE33 || at(1) == 0xEB3): // คา้ for ค้า, นำ้ for น้ำ
			vowel := at(1)
			out[n-1] = r
			out = append(out, vowel)
			if i+2 < len(in) && in[i+1] == ' ' && isThaiLaoConsonant(in[i+2]) && isAA(vowel) {
				i++
			}
		case r == ' ' && i+1 < len(in) && isAA(in[i+1]) && slipped(at(1)) && isThaiLaoConsonant(at(2)) && isThaiLaoConsonant(at(3)): // ภูมภิ าค for ภูมิภาค
			out[n-1], out[n-2] = out[n-2], out[n-1]
		case r == ' ' && i+1 < len(in) && isAA(in[i+1]) && isThaiLaoConsonant(at(1)): // ส าหรับ for สำหรับ
			out = append(out, in[i+1]+1)
			i++
		case r == ' ' && isTone(at(1)) && isThaiLaoConsonant(at(2)) && isThaiLaoMark(at(3)) && !isTone(at(3)) && isThaiLaoConsonant(at(4)) && i+1 < len(in) && isThaiLaoConsonant(in[i+1]): // คุม้ ครอง for คุ้มครอง
			out[n-1], out[n-2] = out[n-2], out[n-1]
		default:
			out = append(out, r)
		}
	}
	return out
}

// nikhahitOf returns the ring above that makes the vowel AA of a script into AM.
func nikhahitOf(aa rune) rune {
	if aa == 0xE32 {
		return 0xE4D
	}
	return 0xECD
}

// dropNikhahit removes the ring from the end of out, where a tone mark may stand before
// or behind it, and reports whether there was one.
func dropNikhahit(out *[]rune, ring rune) bool {
	o := *out
	n := len(o)
	tone := func(r rune) bool { return 0xE48 <= r && r <= 0xE4B || 0xEC8 <= r && r <= 0xECB }
	switch {
	case n > 0 && o[n-1] == ring:
		*out = o[:n-1]
	case n > 1 && tone(o[n-1]) && o[n-2] == ring:
		o[n-2] = o[n-1]
		*out = o[:n-1]
	default:
		return false
	}
	return true
}

func isThaiLaoMark(r rune) bool {
	return r == 0xE31 || 0xE34 <= r && r <= 0xE3A || 0xE47 <= r && r <= 0xE4D ||
		r == 0xEB1 || 0xEB4 <= r && r <= 0xEBC || 0xEC8 <= r && r <= 0xECD
}
