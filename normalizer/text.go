package normalizer

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"ctiphub/internal/extract"
	"ctiphub/internal/lang"
	"ctiphub/record"
)

// sampleSize is how many bytes of a text tell its language.
const sampleSize = 160

// beginning returns the first n bytes of a text, cut between characters.
func beginning(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// longestDescription is how much of an abstract is kept.
const longestDescription = 5000

// languageOf names the language of a text: what its script and letters say, with the
// statements of document and source as hints.
func (w *work) languageOf(text, stated string) (tag string, confidence float64) {
	hints := make([]string, 0, 3)
	for _, h := range []string{stated, w.stated, w.src.rules.Defaults.Language} {
		if t, ok := lang.TagIn(h, w.country()); ok && !slices.Contains(hints, t) {
			hints = append(hints, t)
		}
	}
	stands := len(hints) > 0
	if !stands {
		hints = append(hints, "en") // what most titles of the field are in
	}
	tag, confidence = lang.Detect(beginning(text, sampleSize), hints...)
	latin, known := w.n.latin[hints[0]]
	if !known && tag != hints[0] && stands && lang.Script(text) == "Latn" {
		return hints[0], 0.6 // a language whose letters the detector has not learnt: it cannot tell
	}
	if tag != hints[0] && confidence < w.n.sureFrom(tag, stands) && lang.Script(text) == "Latn" && latin {
		return hints[0], 0.6 // a few words of Latin letters tell less than the statement
	}
	if tag == "" {
		tag = "und"
	}
	return tag, confidence
}

// sureLanguage is the confidence from which a text speaks for itself.
const sureLanguage = 0.75

// sureFrom is the confidence from which a detected language is believed against a
// statement, or against English where nothing is stated. Indonesian and Malay share their
// confidence between them; languages that the hub does not speak need more of it.
func (n *Normalizer) sureFrom(tag string, stated bool) float64 {
	switch {
	case tag == "id" || tag == "ms":
		return 0.45
	case stated:
		return sureLanguage
	case n.spoken[tag]:
		return 0.4
	}
	return 0.65
}

// titles fills title and alternative.
func (w *work) titles() {
	for _, v := range w.values("site") {
		w.sites = append(w.sites, plainText(v.Text))
	}
	w.sites = append(w.sites, w.src.rules.Defaults.Publisher)
	w.rec.Title, w.rec.Alternative = record.Texts{}, record.Texts{}
	w.candidates("title", func(list []extract.Value) bool {
		if w.raw.Format == record.FormatHTML {
			list = w.heading(list)
		}
		if w.raw.Format == record.FormatPDF {
			list = onlyTitle(list)
		}
		for _, v := range list {
			for _, part := range w.bilingual(v) {
				w.title(part)
			}
		}
		return len(w.rec.Title) > 0
	})
	if len(w.rec.Title) == 0 {
		if text := w.raw.Hint("link-text"); realTitle(text) {
			w.title(extract.Value{Text: text, Rule: "hint:link-text"})
		}
	}
	for _, v := range w.values("alternative") {
		if text := plainText(v.Text); text != "" {
			w.alternative(text, v)
		}
	}
}

// heading picks the one of a page's headings that its <title> begins with, else one that
// it contains: themes use <h1> for logos, menus and widgets too.
func (w *work) heading(list []extract.Value) []extract.Value {
	if len(list) < 2 {
		return list
	}
	best, where := 0, -1
	for _, t := range w.doc.Select(w.n.htmlTitle) {
		title := lang.Fold(t.Text)
		for i, v := range list {
			at := strings.Index(title, lang.Fold(v.Text))
			if at >= 0 && (where < 0 || at < where) {
				best, where = i, at
			}
		}
	}
	return list[best : best+1]
}

// bilingual parts a title that says the same in two languages with a sign between.
func (w *work) bilingual(v extract.Value) []extract.Value {
	for _, sep := range []string{" / ", " = ", " | ", " – ", " ... "} {
		a, b, ok := strings.Cut(v.Text, sep)
		if !ok || strings.Contains(b, sep) || utf8.RuneCountInString(a) < 8 || utf8.RuneCountInString(b) < 8 {
			continue
		}
		tagA, confA := w.languageOf(a, "")
		tagB, confB := w.languageOf(b, "")
		if tagA != tagB && confA >= 0.9 && confB >= 0.9 {
			return []extract.Value{{Text: a, Lang: tagA, Rule: v.Rule}, {Text: b, Lang: tagB, Rule: v.Rule}}
		}
	}
	return []extract.Value{v}
}

// title takes one candidate: the first of a language is the title, others of the same
// language are alternatives.
func (w *work) title(v extract.Value) {
	r := w.n.repairTitle(v.Text, w.sites)
	text := strings.TrimSpace(r.text)
	if utf8.RuneCountInString(text) < 2 || isSite(text, w.sites) || !hasLetter(text) {
		return
	}
	if utf8.RuneCountInString(text) > 500 {
		text = cutAt(text, 500)
		w.find(CodeLongTitle, "title", "")
	}
	tag, conf := w.languageOf(text, v.Lang)
	if t, ok := lang.TagIn(r.label, w.country()); ok && len(r.label) == 2 {
		tag, conf, r.label = t, 0.9, "" // "[pt] …"
	}
	if len(w.rec.Title) > 0 && (w.rec.Title[tag] != "" || !distinct(w.rec.Title, text)) {
		w.alternative(text, v)
		return
	}
	if text != v.Text && lang.Fold(text) != lang.Fold(v.Text) {
		w.find(CodeTitleRepaired, "title", "")
	}
	if damaged(text) {
		w.find(CodeDamagedText, "title", "")
	}
	w.rec.Title[tag] = text
	w.label = first(w.label, r.label)
	w.assertText("title", tag, text, v, conf)
}

// assertText keeps why a text is there. The text itself stands in the field; what the
// source wrote is repeated only for titles, whose repair people want to see.
func (w *work) assertText(field, tag, text string, v extract.Value, conf float64) {
	a := record.Assertion{Field: field, Lang: tag, Rule: v.Rule, Confidence: conf}
	if sure, ok := sureTitle[v.Rule]; ok && field == "title" && w.raw.Format == record.FormatPDF {
		a.Confidence = math.Round(conf*sure*100) / 100
	}
	if text != v.Text {
		a.Flag = record.Cleaned
		if field != "description" {
			a.Raw = v.Text
		}
	}
	w.assert(a)
}

func (w *work) alternative(text string, v extract.Value) {
	tag, conf := w.languageOf(text, v.Lang)
	if w.rec.Alternative[tag] != "" || !distinct(w.rec.Title, text) {
		return
	}
	w.rec.Alternative[tag] = text
	w.assertText("alternative", tag, text, v, conf)
}

// distinct reports whether a text says something that none of the others says.
func distinct(texts record.Texts, s string) bool {
	key := ""
	for _, t := range texts {
		if len(t) > 2*len(s) || len(s) > 2*len(t) {
			continue // folding does not shorten a text by half
		}
		if key == "" {
			key = lang.Fold(s)
		}
		if lang.Fold(t) == key {
			return false
		}
	}
	return true
}

func hasLetter(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { c := classOf(r); return c == classWord || c == classScript }) >= 0
}

// cutAt shortens a text to so many characters, at a space where one is near.
func cutAt(s string, limit int) string {
	n := 0
	for i := range s {
		if n == limit {
			s = s[:i]
			if j := strings.LastIndexByte(s, ' '); j > len(s)*3/4 {
				s = s[:j]
			}
			return s + "…"
		}
		n++
	}
	return s
}

// descriptions fills description: one text a language. Contact lines of staff come out
// of it before anything else sees it.
func (w *work) descriptions() {
	w.rec.Description = record.Texts{}
	for _, v := range w.values("description") {
		text := plainText(v.Text)
		text, stripped := w.n.stripContacts(text, w.hotlines())
		if stripped {
			w.find(CodeContactStripped, "description", "")
		}
		if utf8.RuneCountInString(text) < 3 || !distinct(w.rec.Title, text) {
			continue
		}
		tag, conf := w.languageOf(text, v.Lang)
		if w.rec.Description[tag] != "" {
			continue
		}
		text = cutAt(text, longestDescription)
		w.rec.Description[tag] = text
		w.assertText("description", tag, text, v, conf)
	}
	if len(w.rec.Description) == 0 {
		w.find(CodeNoDescription, "description", "")
	}
}

// agreeOnLanguage gives a short title whose language is a guess the one of its
// description, which is long enough to tell.
func (w *work) agreeOnLanguage() {
	if len(w.rec.Title) != 1 || len(w.rec.Description) != 1 {
		return
	}
	t, d := -1, -1
	for i, a := range w.rec.Provenance {
		switch a.Field {
		case "title":
			t = i
		case "description":
			d = i
		}
	}
	if t < 0 || d < 0 {
		return
	}
	title, description := &w.rec.Provenance[t], w.rec.Provenance[d]
	if title.Lang == description.Lang || title.Confidence >= sureLanguage || description.Confidence < 0.9 || !w.n.latin[title.Lang] && title.Lang != "und" || !w.n.latin[description.Lang] {
		return
	}
	w.rec.Title[description.Lang] = w.rec.Title[title.Lang]
	delete(w.rec.Title, title.Lang)
	title.Lang, title.Confidence = description.Lang, 0.6
}

// words collects the source's own keywords, one each. What it says of the audience is
// scanned with them: the vocabulary finds the audiences in it.
func (w *work) words() {
	for _, v := range append(w.values("keywords"), w.values("audiences")...) {
		for part := range strings.FieldsFuncSeq(plainText(v.Text), func(r rune) bool {
			return r == ',' || r == ';' || r == '|' || r == '،' || r == '、' || r == '，' || r == '；'
		}) {
			if part = strings.TrimSpace(part); part != "" && len(w.keywords) < 100 {
				w.keywords = append(w.keywords, part)
			}
		}
	}
}

// languages decides which languages the resource itself is in. A repository that states
// the language of the document is believed unless the script of the title speaks against
// it; what a web page says of itself is a hint that the texts have to confirm.
func (w *work) languages() {
	if w.pdfLanguages() {
		return
	}
	declared := w.declared()
	title, conf := w.mainLanguage()
	switch {
	case len(declared) > 0 && w.statesResource():
		if title != "und" && !slices.Contains(declared, title) && conf >= 0.9 && title != "en" && lang.Script(w.anyTitle()) != "Latn" {
			w.find(CodeLanguageDiffers, "languages", "")
			declared = append([]string{title}, declared...)
		}
		w.rec.Languages = declared
		for _, d := range declared {
			w.assert(record.Assertion{Field: "languages", Value: d, Rule: "stated", Confidence: 0.9})
		}
	case title != "und":
		w.rec.Languages = []string{title}
		for tag, text := range w.rec.Title {
			if tag != title && tag != "und" && text != "" {
				w.rec.Languages = append(w.rec.Languages, tag)
			}
		}
		slices.Sort(w.rec.Languages[1:])
		if w.stated != "" && w.stated != title && conf >= 0.8 {
			w.find(CodeLanguageDiffers, "languages", "")
		}
		w.assert(record.Assertion{Field: "languages", Value: title, Rule: "detected", Confidence: conf, Flag: record.Added})
	case len(declared) > 0:
		w.rec.Languages = declared[:1]
		w.assert(record.Assertion{Field: "languages", Value: declared[0], Rule: "stated", Confidence: 0.6})
	case w.src.rules.Defaults.Language != "":
		w.rec.Languages = []string{w.src.rules.Defaults.Language}
		w.assert(record.Assertion{Field: "languages", Value: w.src.rules.Defaults.Language, Rule: "source-default", Confidence: 0.5, Flag: record.Default})
	default:
		w.find(CodeNoLanguage, "languages", "")
	}
}

// statesResource: in library formats the language field is about the document.
func (w *work) statesResource() bool {
	_, ruled := w.src.fields["language"]
	return ruled || library(w.raw.Format)
}

// declared reads the language field.
func (w *work) declared() []string {
	var out []string
	for _, v := range w.values("language") {
		for part := range strings.FieldsFuncSeq(v.Text, func(r rune) bool { return r == ';' || r == ',' || r == '/' || r == '|' }) {
			tag, ok := lang.TagIn(strings.TrimSpace(part), w.country())
			switch {
			case !ok:
				w.find(CodeLanguageUnknown, "languages", "")
			case !slices.Contains(out, tag) && tag != "und" && tag != "mul":
				out = append(out, tag)
			}
		}
	}
	return out
}

// mainLanguage is the language of the title, or that of the description where the title
// is too short to tell.
func (w *work) mainLanguage() (string, float64) {
	best, conf := "und", 0.0
	for _, a := range w.rec.Provenance {
		if a.Field == "title" && a.Confidence > conf {
			best, conf = a.Lang, a.Confidence
		}
	}
	if conf >= 0.8 {
		return best, conf
	}
	for _, a := range w.rec.Provenance {
		if a.Field == "description" && a.Confidence > conf {
			best, conf = a.Lang, a.Confidence
		}
	}
	return best, conf
}

// anyTitle is the first title in the order of tags.
func (w *work) anyTitle() string {
	t, _ := w.rec.Title.In(w.rec.Languages...)
	return t
}
