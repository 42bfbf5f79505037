package portal

import (
	"net/http"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"ctiphub/record"
)

// text is a text with what a browser must know to set it right.
type text struct {
	S    string
	Lang string // BCP 47
	Dir  string // "ltr", "rtl" or "auto"
}

// newText prepares a text of a record for a page.
func newText(s, lang string) text {
	tag, err := language.Parse(lang)
	if err != nil || lang == "" || lang == "und" {
		return text{s, "und", "auto"}
	}
	return text{s, tag.String(), direction(tag)}
}

// direction returns which way a language is written.
func direction(tag language.Tag) string {
	script, _ := tag.Script()
	switch script.String() {
	case "Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Rohg":
		return "rtl"
	}
	return "ltr"
}

// visible drops the characters that turn the direction of the text around them: a title
// must not be able to rearrange the page.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c:
			return -1
		case r < 0x20 && r != '\n' && r != '\t', r == 0x7f:
			return -1
		}
		return r
	}, s)
}

// allTexts lists every language of a text, those of the reader first.
func allTexts(t record.Texts, reader []string) []text {
	var list []text
	for _, l := range order(t, reader) {
		if s := strings.TrimSpace(t[l]); s != "" {
			list = append(list, newText(s, l))
		}
	}
	return list
}

// bestText returns the text for a reader.
func bestText(t record.Texts, reader []string) text {
	s, l := t.In(reader...)
	return newText(s, l)
}

// order lists the languages of a text: the reader's, English, then the others.
func order(t record.Texts, reader []string) []string {
	var list []string
	for _, l := range slices.Concat(reader, []string{"en"}, t.Languages()) {
		if _, ok := t[l]; ok && !slices.Contains(list, l) {
			list = append(list, l)
		}
	}
	return list
}

// readerLanguages returns the languages that the browser asks for, best first, each
// followed by the forms under which records may hold it. Nothing of it is kept.
func readerLanguages(r *http.Request) []string {
	header := r.Header.Get("Accept-Language")
	if len(header) > 200 {
		return nil
	}
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return nil
	}
	var list []string
	add := func(s string) {
		if s != "" && s != "und" && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	for _, tag := range tags[:min(len(tags), 5)] {
		base, _ := tag.Base()
		script, _ := tag.Script()
		add(tag.String())
		add(base.String() + "-" + script.String())
		add(base.String())
		if base.String() == "tl" {
			add("fil")
		}
	}
	return list
}

// clip shortens a text to about n characters, at a place where it may be cut.
func clip(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	at := n
	for at > n-30 && at > 0 && runes[at] != ' ' {
		at--
	}
	if at == 0 || runes[at] != ' ' {
		at = cutBefore(runes, n)
	}
	return strings.TrimRight(string(runes[:at]), " ,;:") + "…"
}
