package pdf

import (
	"slices"
	"strings"
	"unicode/utf8"

	"ctiphub/internal/lang"
)

// mended returns lines whose letters are what they look like, and what had to be done:
// fonts without a table of their letters give out the codes of an old charset instead.
func mended(lines []printed) (out []printed, repair string) {
	out = slices.Clone(lines)
	for i, l := range out {
		out[i].Text = thaiShapes(l.Text)
	}
	damage := diagnose(out)
	if damage == lang.Sound || damage == lang.ThaiAsLatin1 {
		shaped := slices.Clone(out)
		for i, l := range shaped {
			shaped[i].Text = thaiBytes(l.Text)
		}
		if diagnose(shaped) == lang.ThaiAsLatin1 {
			out, damage = shaped, lang.ThaiAsLatin1
		}
	}
	if damage != lang.Sound {
		for i, l := range out {
			out[i].Text = damage.Repair(l.Text)
		}
	}
	repair = string(damage)
	if p, ok := lang.Zawgyi(sample(out)); ok && p > lang.ZawgyiThreshold {
		for i, l := range out {
			out[i].Text = lang.ToUnicode(l.Text)
		}
		repair = "zawgyi"
	}
	return out, repair
}

// sample is the beginning of a text.
func sample(lines []printed) string {
	var b strings.Builder
	for _, l := range lines {
		if b.Len() > sampleLen {
			break
		}
		b.WriteString(l.Text + "\n")
	}
	return b.String()
}

// diagnose finds the damage of a text as a whole or, where sound passages hide it, that of
// a third of the lines that could be damaged.
func diagnose(lines []printed) lang.Damage {
	if d := lang.Diagnose(sample(lines)); d != lang.Sound {
		return d
	}
	byLine, foreign := map[lang.Damage]int{}, 0
	for _, l := range lines {
		if strings.IndexFunc(l.Text, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
			foreign++
			byLine[lang.Diagnose(l.Text)]++
		}
	}
	for _, d := range []lang.Damage{lang.ThaiAsLatin1, lang.UTF8As1252, lang.UTF8As874} {
		if n := byLine[d]; n >= 3 && n*3 >= foreign {
			return d
		}
	}
	return lang.Sound
}

// Thai fonts of the years before OpenType hold the marks a second and third time, shifted
// for tall letters: at U+F700 and on, or, in one-byte fonts, where the charset has no
// letters. This is what they stand for, in the order of the private characters.
var shapes = [...]rune{
	'ฐ', 'ิ', 'ี', 'ึ', 'ื', '่', '้', '๊', '๋', '์', '่', '้', '๊', '๋', '์', 'ญ',
	'ั', 'ํ', '็', '่', '้', '๊', '๋', '์', 'ุ', 'ู', 'ฺ',
}

// thaiShapes turns the private characters of Thai fonts into the letters they draw.
func thaiShapes(s string) string {
	return strings.Map(func(r rune) rune {
		if i := int(r - 0xF700); i >= 0 && i < len(shapes) {
			return shapes[i]
		}
		return r
	}, s)
}

// thaiBytes does the same to the shifted marks of a one-byte font whose text was read as
// Latin-1: they become the Latin-1 characters of the marks that they draw.
func thaiBytes(s string) string {
	return strings.Map(func(r rune) rune {
		i := -1
		switch {
		case 0x80 <= r && r <= 0x84:
			i = int(r - 0x80)
		case 0x86 <= r && r <= 0x90:
			i = int(r-0x86) + 5
		case 0x98 <= r && r <= 0x9F:
			i = int(r-0x98) + 16
		}
		if i < 0 {
			return r
		}
		return shapes[i] - 'ก' + 0xA1 // where TIS-620 has the letter
	}, s)
}
