package pdf

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"ctiphub/internal/lang"
)

// Limits on what is kept.
const (
	maxTexts   = 20
	maxTextLen = 1000
	fewLetters = 40 // letters without which a text tells nothing of its language
	sampleLen  = 16 << 10
)

// fill puts together what the reader and the scan found.
func (p *Properties) fill(c content, s scanned) {
	p.Version, p.Encrypted, p.Locked = c.Version, c.Encrypted, c.Locked
	if int64(c.Pages) <= p.Bytes { // else the number is a lie
		p.Pages = c.Pages
	}
	if _, ok := lang.Tag(s.lang); ok { // in an encrypted file it is no language
		p.CatalogLanguage = s.lang
	}
	var x map[string][]Text
	if len(s.xmp) > 0 {
		x = parseXMP(s.xmp)
	}
	info := func(key string) string { return decodeText(c.Info[key]) }
	p.Title = merge(x["title"], info("Title"))
	p.Description = merge(x["description"], info("Subject"))
	p.Creators = people(x["creator"], info("Author"))
	p.Publishers = merge(x["publisher"], "")
	p.Keywords = merge(slices.Concat(x["subject"], x["Keywords"]), info("Keywords"))
	p.Rights, p.Identifiers = merge(x["rights"], ""), merge(x["identifier"], "")
	p.StatedLanguages = merge(x["language"], "")
	p.Issued = firstText(x["date"])
	p.Created = first(date(info("CreationDate")), date(firstText(x["CreateDate"])))
	p.Modified = first(date(info("ModDate")), date(firstText(x["ModifyDate"])))
	p.Producer = first(line(info("Producer")), firstText(x["Producer"]))
	p.Creator = first(line(info("Creator")), firstText(x["CreatorTool"]))
	if !c.Locked {
		p.look(c)
	}
}

// look judges the text of the first pages, and takes from the first one what may be the
// title and the year.
func (p *Properties) look(c content) {
	lines, repair := mended(c.Lines)
	text := sample(lines)
	switch letters := countLetters(text); {
	case letters == 0:
		p.Text = TextAbsent
		return
	case unreadable(text):
		p.Text = TextDamaged
		return
	case letters >= fewLetters:
		var surety float64
		p.Language, surety = lang.Detect(lang.Clean(prose(text)), p.likely()...)
		p.LanguageSurety = math.Floor(surety*100) / 100 // the same on every machine
	}
	if p.Text = TextSound; repair != "" {
		p.Text, p.Repair = TextMended, repair
	}
	p.LargestText = largest(lines)
	p.Years = years(lines, c.Height, p.LargestText)
}

// prose leaves out of a text the lines that are no sentences of any language: addresses,
// commands, tables.
func prose(s string) string {
	var b strings.Builder
	for l := range strings.Lines(s) {
		if letters := countLetters(l); letters*5 >= utf8.RuneCountInString(l)*3 && !webThing.MatchString(l) {
			b.WriteString(l)
		}
	}
	if b.Len() < len(s)/4 {
		return s
	}
	return b.String()
}

// likely are the languages that the file states and that its own title seems to be in.
func (p *Properties) likely() []string {
	var out []string
	if t, ok := lang.Tag(p.CatalogLanguage); ok && !strings.HasPrefix(t, "en") { // that is the word processor's
		out = append(out, t)
	}
	for _, t := range p.StatedLanguages {
		if l, ok := lang.Tag(t.Value); ok {
			out = append(out, l)
		}
	}
	var own strings.Builder
	for _, t := range slices.Concat(p.Title, p.Description) {
		own.WriteString(t.Value + "\n")
	}
	if countLetters(own.String()) >= fewLetters {
		t, _ := lang.Detect(own.String())
		out = append(out, t)
	}
	return append(out, "en")
}

func countLetters(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// unreadable reports a text whose fonts do not say which letters they draw: what comes
// out are private characters, replacements, controls or a salad of signs.
func unreadable(s string) bool {
	bad, all := 0, 0
	for _, r := range s {
		if unicode.IsSpace(r) {
			continue
		}
		all++
		if r == utf8.RuneError || 0xE000 <= r && r < 0xF900 || r >= 0xF0000 || r < ' ' || 0x7f <= r && r < 0xa0 {
			bad++
		}
	}
	return bad*10 >= all || salad(s)
}

// salad reports words that hold figures and signs among their letters: the numbers of the
// letters in the font, read as if they were the letters.
func salad(s string) bool {
	mixed, all := 0, 0
	for word := range strings.FieldsSeq(s) {
		word = strings.Trim(word, `.,;:!?()[]"'`)
		if letters := countLetters(word); letters < 2 || strings.Contains(word, "://") {
			continue
		}
		if all++; strings.ContainsAny(word[1:], `!"#$%<=>?@^{|}~\\`) || word[0] >= '0' && word[0] <= '9' {
			mixed++
		}
	}
	return all >= 10 && mixed*5 >= all*2
}

// line makes a text fit to be kept: cleaned, one line, without addresses of people.
func line(s string) string {
	s = lang.Clean(strings.ToValidUTF8(s, "\ufffd"))
	s = strings.Join(strings.Fields(s), " ")
	if fixed, ok := lang.Mojibake(s); ok {
		s = fixed
	}
	s = strings.Join(strings.Fields(personal.ReplaceAllString(s, " ")), " ")
	if len(s) > maxTextLen {
		s = strings.ToValidUTF8(s[:maxTextLen], "")
	}
	return s
}

// personal matches e-mail addresses and what looks like a telephone number.
var personal = regexp.MustCompile(`(?i)<?\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b>?|\+\s?\d[\d\s()-]{6,}\d|\(?\b0\d{1,3}\)?[\s-]\d{3,4}[\s-]?\d{3,4}\b`)

// merge puts the texts of XMP before that of the Info dictionary, each once.
func merge(xmp []Text, info string) []Text {
	var out []Text
	for _, t := range append(slices.Clip(xmp), Text{Value: info}) {
		t.Value = line(t.Value)
		same := func(o Text) bool { return o.Value == t.Value }
		if t.Value == "" || len(out) >= maxTexts || slices.ContainsFunc(out, same) {
			continue
		}
		t.Lang, _ = lang.Tag(t.Lang)
		out = append(out, t)
	}
	return out
}

// people reads the authors: a list in XMP, one text with several names in it in the Info
// dictionary. A remark in brackets behind a name is not part of it.
func people(xmp []Text, info string) []Text {
	var list []Text
	if len(xmp) > 1 {
		list = xmp
	} else {
		stated := info
		if len(xmp) == 1 && (info == "" || len(xmp[0].Value) > len(info)) {
			stated = xmp[0].Value
		}
		for name := range strings.FieldsFuncSeq(conjunction.ReplaceAllString(stated, ";"), func(r rune) bool { return r == ';' || r == '\n' || r == '\r' }) {
			list = append(list, commas(name)...)
		}
	}
	var out []Text
	for _, t := range list {
		t.Value = strings.TrimSpace(remark.ReplaceAllString(t.Value, ""))
		out = append(out, t)
	}
	return merge(out, "")
}

var (
	conjunction = regexp.MustCompile(`(?i)\s+(?:and|&|dan|và|และ)\s+`)
	remark      = regexp.MustCompile(`\s*[(\[][^()\[\]]*[)\]]\s*$`)
)

// commas parts names at commas when each part is a name of more than one word: "Borgert,
// Martin" is one name.
func commas(s string) []Text {
	parts := strings.Split(s, ",")
	for _, p := range parts {
		if len(strings.Fields(p)) < 2 {
			return []Text{{Value: s}}
		}
	}
	var out []Text
	for _, p := range parts {
		out = append(out, Text{Value: p})
	}
	return out
}

var pdfDate = regexp.MustCompile(`^(?:D:)?\s*(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:([+-Zz])(\d{2})?'?(\d{2})?)?`)

// date reads the form of the Info dictionary, D:YYYYMMDDHHmmSSOHH'mm', as ISO 8601 to the
// day; a date that is ISO already stays to the day.
func date(s string) string {
	s = strings.TrimSpace(s)
	if m := isoDay.FindString(s); m != "" {
		return m
	}
	m := pdfDate.FindStringSubmatch(s)
	if m == nil || m[1] < "1985" || m[1] > "2100" { // there was no PDF before
		return ""
	}
	out := m[1]
	for i, last := range []string{"", "", "12", "31"} {
		if i < 2 {
			continue
		}
		if m[i] == "" || m[i] < "01" || m[i] > last {
			return out
		}
		out += "-" + m[i]
	}
	return out
}

var isoDay = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}`)

func firstText(list []Text) string {
	if len(list) == 0 {
		return ""
	}
	return line(list[0].Value)
}

func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}
