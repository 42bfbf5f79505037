package lang

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Damage is a way in which a text was decoded wrongly. A document is diagnosed as a
// whole, because one title alone is often too short to tell, and then repaired text by
// text.
type Damage string

// The kinds of damage that can be undone.
const (
	Sound        Damage = ""
	UTF8As1252   Damage = "utf8-as-windows-1252" // à¸à¸²à¸£ for การ
	UTF8As874    Damage = "utf8-as-windows-874"  // เธเธฒเธฃ for การ
	ThaiAsLatin1 Damage = "tis620-as-latin1"     // ¡ÒÃ for การ
	TCVN3        Damage = "tcvn3"                // ng­êi for người
	VNI          Damage = "vni"                  // ngöôøi for người
	Latin2Sign   Damage = "copyright-as-latin2"  // Copyright Š for Copyright ©
)

// Mojibake undoes a wrong decoding where the text gives strong evidence of it, and
// reports whether it did. Correct texts stay as they are: in no language of the hub do
// the letters that a wrong decoding leaves stand together as words.
func Mojibake(s string) (fixed string, changed bool) {
	for range 2 { // some pages were encoded twice
		d := Diagnose(s)
		if d == Sound {
			break
		}
		s, changed = d.Repair(s), true
	}
	return s, changed
}

// Diagnose names the damage of a text, Sound when there is no strong evidence of any.
func Diagnose(s string) Damage {
	if isASCII(s) {
		return Sound
	}
	latin1, thai, vietnamese, symbols := false, false, false, false
	run, longest := 0, 0 // characters of Latin-1 side by side
	for _, r := range s {
		if r < 0x80 || r >= 0x100 {
			run = 0
			thai = thai || 0xE00 <= r && r < 0xE80
			vietnamese = vietnamese || r > 0x100 && onlyVietnamese(r)
			continue
		}
		run++
		latin1, longest, symbols = true, max(longest, run), symbols || r < 0xC0
	}
	legacy := latin1 && !vietnamese // the fonts have no letter beyond Latin-1
	switch {
	case latin1 && leadAndTail(s) && strongUTF8(s, charmap.Windows1252):
		return UTF8As1252
	case thai && strongUTF8As874(s):
		return UTF8As874
	case longest >= thaiRun && thaiAsLatin1(s):
		return ThaiAsLatin1
	case legacy && symbols && isTCVN3(s):
		return TCVN3
	case legacy && isVNI(s):
		return VNI
	case strings.Contains(s, "Copyright Š"):
		return Latin2Sign
	}
	return Sound
}

// Repair undoes the damage in a text of the document that was diagnosed.
func (d Damage) Repair(s string) string {
	if isASCII(s) {
		return s
	}
	switch d {
	case UTF8As1252:
		s = mapRuns(s, charmap.Windows1252, plausibleUTF8)
		if Diagnose(s) == UTF8As1252 { // encoded twice
			s = mapRuns(s, charmap.Windows1252, plausibleUTF8)
		}
		return s
	case UTF8As874:
		return mapRuns(s, charmap.Windows874, plausibleUTF8)
	case ThaiAsLatin1:
		return mapRuns(s, charmap.ISO8859_1, thaiFromBytes)
	case TCVN3:
		return fromTCVN3(s)
	case VNI:
		t, _ := fromVNI(s)
		return t
	case Latin2Sign:
		return strings.ReplaceAll(s, "Copyright Š", "Copyright ©")
	}
	return s
}

// toByte returns the byte that a charset has for a character. C1 controls stand for the
// bytes that the charset leaves undefined: browsers decode those so.
func toByte(r rune, cm *charmap.Charmap) (byte, bool) {
	if b, ok := cm.EncodeRune(r); ok {
		return b, true
	}
	if 0x80 <= r && r < 0xA0 {
		return byte(r), true
	}
	return 0, false
}

// mapRuns gives each stretch of non-ASCII characters of a charset to f as bytes and puts
// in what f makes of them.
func mapRuns(s string, cm *charmap.Charmap, f func([]byte) (string, bool)) string {
	var out strings.Builder
	done := 0
	eachRun(s, cm, func(run []byte, start, end int) {
		if t, ok := f(run); ok {
			out.WriteString(s[done:start])
			out.WriteString(t)
			done = end
		}
	})
	return out.String() + s[done:]
}

// eachRun finds the stretches of non-ASCII characters that a charset has.
func eachRun(s string, cm *charmap.Charmap, f func(run []byte, start, end int)) {
	var run []byte
	start := 0
	for i, r := range s {
		if r >= utf8.RuneSelf {
			if b, ok := toByte(r, cm); ok {
				if len(run) == 0 {
					start = i
				}
				run = append(run, b)
				continue
			}
		}
		if len(run) > 0 {
			f(run, start, i)
			run = run[:0]
		}
	}
	if len(run) > 0 {
		f(run, start, len(s))
	}
}

// plausibleUTF8 decodes bytes as UTF-8 and accepts characters that occur in the region, and
// the controls that are left of a text encoded twice.
func plausibleUTF8(b []byte) (string, bool) {
	if !utf8.Valid(b) {
		return "", false
	}
	s := string(b)
	for _, r := range s {
		known := scriptOf(r) != "" || 0x80 <= r && r < 0xC0 || 0x2000 <= r && r < 0x2200 || 0x3000 <= r && r < 0x3040 ||
			r == 0xD7 || r == 0xF7 || 0x300 <= r && r < 0x370 || 0xFF00 <= r && r < 0xFFF0 || unicode.Is(unicode.Nd, r) || r == 0xFEFF || r > 0x1F000
		if !known {
			return "", false
		}
	}
	return s, true
}

// strongUTF8 looks for a UTF-8 sequence among the characters of a charset that no correct
// text contains. Quotes, ellipses and no-break spaces behind an accented letter are weak
// evidence: É” and é » are French.
func strongUTF8(s string, cm *charmap.Charmap) bool {
	strong := false
	eachRun(s, cm, func(b []byte, _, _ int) {
		if _, ok := plausibleUTF8(b); strong || !ok {
			return
		}
		for i, size := 0, 0; i < len(b) && !strong; i += size {
			_, size = utf8.DecodeRune(b[i:])
			for _, c := range b[i+1 : i+size] {
				strong = strong || !weakEvidence(b[i], c)
			}
		}
	})
	return strong
}

// leadAndTail reports whether a character that windows-1252 has for the first byte of a
// UTF-8 sequence stands before one that it has for the others: without that strongUTF8
// finds nothing.
func leadAndTail(s string) bool {
	lead := false
	for _, r := range s {
		switch {
		case !lead:
		case 0x80 <= r && r < 0xC0, 0x2010 <= r && r < 0x2130:
			return true
		case r > 0x100 && r < 0x2E0:
			if b, ok := charmap.Windows1252.EncodeRune(r); ok && b < 0xC0 {
				return true
			}
		}
		lead = 0xC2 <= r && r <= 0xF4
	}
	return false
}

// weakEvidence reports a lead byte and a continuation that windows-1252 shows as a letter
// and something that may follow it in a correct text. Â (0xC2) ends no word of any
// language; Ã (0xC3) does in Portuguese, but before no sign other than quotes and spaces.
func weakEvidence(lead, c byte) bool {
	switch c {
	case 0x82, 0x84, 0x85, 0x8B, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x99, 0x9B, 0xA0, 0xAB, 0xBB:
		return lead != 0xC2
	case 0xA9, 0xAA, 0xAE, 0xB0, 0xB4, 0xB7, 0xBA:
		return lead > 0xC3
	}
	return false
}

// strongUTF8As874 wants three Thai or Lao characters in one run: the first bytes of their
// UTF-8 are the letters เธ and เน, which begin real words too.
func strongUTF8As874(s string) bool {
	if !strings.Contains(s, "เธ") && !strings.Contains(s, "เน") && !strings.Contains(s, "เบ") {
		return false
	}
	strong := false
	eachRun(s, charmap.Windows874, func(b []byte, _, _ int) {
		t, ok := plausibleUTF8(b)
		if ok && utf8.RuneCountInString(t) >= 3 && (Script(t) == "Thai" || Script(t) == "Laoo") {
			strong = true
		}
	})
	return strong
}

// thaiFromBytes decodes windows-874 and accepts what Thai spelling allows.
func thaiFromBytes(b []byte) (string, bool) {
	out := make([]rune, 0, len(b))
	for _, c := range b {
		r := charmap.Windows874.DecodeByte(c)
		if r == utf8.RuneError || c < 0xA0 && r == rune(c) {
			return "", false
		}
		out = append(out, r)
	}
	prev := rune(0)
	for _, r := range out {
		mark := r == 0xE31 || 0xE33 <= r && r <= 0xE3A || 0xE47 <= r && r <= 0xE4E
		consonant := 0xE01 <= prev && prev <= 0xE2E
		prevMark := prev == 0xE31 || 0xE34 <= prev && prev <= 0xE3A || 0xE47 <= prev && prev <= 0xE4E
		if mark && !consonant && !prevMark {
			return "", false
		}
		if leading := 0xE40 <= prev && prev <= 0xE44; leading && !(0xE01 <= r && r <= 0xE2E) {
			return "", false
		}
		prev = r
	}
	return string(out), !(0xE40 <= prev && prev <= 0xE44)
}

// thaiRun is how many characters side by side may be Thai: in languages written in Latin-1
// they stand alone.
const thaiRun = 3

// thaiAsLatin1 wants most of the non-ASCII characters to stand in runs of three or more
// that are Thai by their bytes: in languages written in Latin-1 they stand alone.
func thaiAsLatin1(s string) bool {
	inThai, all := thaiInLatin1(s, thaiRun)
	return inThai >= 5 && inThai*10 >= all*7
}

// thaiInLatin1 counts the non-ASCII Latin-1 characters of a text, and those that stand in
// runs of a minimal length which are Thai by their bytes.
func thaiInLatin1(s string, minimal int) (inThai, all int) {
	eachRun(s, charmap.ISO8859_1, func(b []byte, _, _ int) {
		all += len(b)
		if len(b) < minimal {
			return
		}
		if t, ok := thaiFromBytes(b); ok && Script(t) == "Thai" {
			inThai += len(b)
		}
	})
	return inThai, all
}

// isTCVN3 wants a symbol inside a word, as no correct text has it, and syllables.
func isTCVN3(s string) bool {
	if !symbolInWord(s) {
		return false
	}
	return soundsVietnamese(s, fromTCVN3(s))
}

// symbolInWord reports a Latin-1 symbol before or behind a letter.
func symbolInWord(s string) bool {
	prev := rune(0)
	for _, r := range s {
		if 0xA1 <= r && r <= 0xBF && r != 0xAA && r != 0xBA && unicode.IsLetter(prev) ||
			0xA1 <= prev && prev <= 0xBF && unicode.IsLetter(r) {
			return true
		}
		prev = r
	}
	return false
}

// isVNI wants vowels of two characters and syllables.
func isVNI(s string) bool {
	if !hasVNI(s) {
		return false
	}
	fixed, _ := fromVNI(s)
	return soundsVietnamese(s, fixed)
}
