// Package citation writes a record as reference managers take it: BibTeX, RIS and CSL-JSON.
//
// In flow published records; out flow text. It stores nothing and invents nothing: what is not
// known is absent, a date among it.
package citation

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"ctiphub/exporter/crosswalk"
	"ctiphub/record"
)

// The media types of the forms.
const (
	BibTeXType = "application/x-bibtex; charset=utf-8"
	RISType    = "application/x-research-info-systems; charset=utf-8"
	CSLType    = "application/vnd.citationstyles.csl+json; charset=utf-8"
)

// kind is what a type of resource is called in the three worlds.
type kind struct{ bibtex, ris, csl string }

// kinds are those of the vocabulary's types; the rest are reports, or misc without any type.
var kinds = map[string]kind{
	"journal-article": {"article", "JOUR", "article-journal"}, "paper": {"techreport", "RPRT", "article"}, "book": {"book", "BOOK", "book"},
	"thesis": {"phdthesis", "THES", "thesis"}, "law-policy": {"misc", "STAT", "legislation"}, "news": {"misc", "NEWS", "article-newspaper"},
	"dataset": {"misc", "DATA", "dataset"}, "video-webinar": {"misc", "VIDEO", "motion_picture"}, "event": {"misc", "CONF", "event"},
	"website": {"misc", "ELEC", "webpage"}, "e-learning": {"misc", "ELEC", "webpage"}, "campaign-material": {"misc", "ART", "graphic"},
	"": {"misc", "GEN", "document"},
}

// reference is a record as all forms need it.
type reference struct {
	kind       kind
	id         string
	title      string
	authors    []name
	publishers []string
	date       []int // year, month, day, as far as known
	languages  []string
	abstract   string
	address    string // where to find it
	doi, isbn  string
	number     string
	keywords   []string
}

// name is a person's or a body's.
type name struct {
	text   string
	person bool
}

// referenceOf reads a record; here is its address in the hub, for those that have no other.
func referenceOf(rec record.Record, here string, label func(scheme, id string) string) reference {
	r := reference{kind: kind{"techreport", "RPRT", "report"}, id: string(rec.ID), address: here}
	if len(rec.Type) == 0 {
		r.kind = kinds[""]
	} else if k, ok := kinds[rec.Type[0].ID]; ok {
		r.kind = k
	}
	lang := ""
	r.title, lang = rec.Title.In(rec.Languages...)
	r.title = line(r.title)
	text, _ := rec.Description.In(append([]string{lang}, rec.Languages...)...)
	r.abstract = line(text)
	for _, a := range rec.Creators {
		if s, _ := a.Name.In(lang); line(s) != "" {
			r.authors = append(r.authors, name{line(s), a.Kind == "person"})
		}
	}
	for _, a := range rec.Publishers {
		if s, _ := a.Name.In(lang); line(s) != "" {
			r.publishers = append(r.publishers, line(s))
		}
	}
	if len(r.authors) == 0 { // a body that publishes under no other name is the author
		for _, p := range r.publishers {
			r.authors = append(r.authors, name{p, false})
		}
	}
	r.date = dateParts(rec.Issued)
	for _, l := range rec.Languages {
		if l = crosswalk.Lang(l); l != "" {
			r.languages = append(r.languages, l)
		}
	}
	if crosswalk.IsWeb(rec.Origin.Landing) {
		r.address = rec.Origin.Landing
	}
	for _, i := range rec.Identifiers {
		switch v := line(crosswalk.Bare(i)); i.Scheme {
		case "doi":
			r.doi = v
		case "isbn":
			r.isbn = v
		case "number":
			r.number = v
		}
	}
	for _, g := range crosswalk.Subjects(rec) {
		for _, t := range g.Tags {
			r.keywords = append(r.keywords, line(label(g.Scheme, t.ID)))
		}
	}
	for _, t := range rec.Countries {
		r.keywords = append(r.keywords, line(label("country", t.ID)))
	}
	return r
}

// line makes one line of a text: no form has line ends in values, and none holds control
// characters.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if r == unicode.ReplacementChar || unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

// dateParts is the first day, month or year of a date that is known so.
func dateParts(d record.Date) []int {
	s, _, _ := strings.Cut(d.EDTF, "/")
	s = strings.TrimRight(s, "~?%")
	if !crosswalk.IsDate(s) {
		return nil
	}
	var parts []int
	for p := range strings.SplitSeq(s, "-") {
		n, err := strconv.Atoi(p)
		if err != nil {
			return nil
		}
		parts = append(parts, n)
	}
	return parts
}

// Writer writes records in the three forms.
type Writer struct {
	Label func(scheme, id string) string
	// Here is the address of a record in the hub, "" when the hub has none.
	Here func(id record.ID) string
}

func (w Writer) reference(rec record.Record) reference {
	here := ""
	if w.Here != nil {
		here = w.Here(rec.ID)
	}
	return referenceOf(rec, here, w.Label)
}

// BibTeX writes one entry, in UTF-8 as biber and modern BibTeX read it. The key never changes.
func (w Writer) BibTeX(rec record.Record) []byte {
	r := w.reference(rec)
	b := fmt.Appendf(nil, "@%s{hub-%s", r.kind.bibtex, r.id)
	field := func(key, value string) {
		if value != "" {
			b = fmt.Appendf(b, ",\n  %s = {%s}", key, value)
		}
	}
	field("title", "{"+tex(r.title)+"}") // in braces: titles keep their capitals
	var names []string
	for _, a := range r.authors {
		if a.person {
			names = append(names, strings.ReplaceAll(tex(a.text), " and ", " {and} "))
		} else {
			names = append(names, "{"+tex(a.text)+"}")
		}
	}
	field("author", strings.Join(names, " and "))
	publisher := "publisher"
	if r.kind.bibtex == "techreport" {
		publisher = "institution"
	} else if r.kind.bibtex == "phdthesis" {
		publisher = "school"
	}
	field(publisher, tex(strings.Join(r.publishers, "; ")))
	if len(r.date) > 0 {
		field("year", fmt.Sprintf("%04d", r.date[0]))
	}
	if len(r.date) > 1 {
		b = fmt.Appendf(b, ",\n  month = %s", strings.ToLower(months[r.date[1]-1]))
	}
	field("number", tex(r.number))
	field("doi", tex(r.doi))
	field("isbn", tex(r.isbn))
	field("url", url(r.address))
	field("language", strings.Join(r.languages, ", "))
	field("abstract", tex(r.abstract))
	field("keywords", tex(strings.Join(r.keywords, ", ")))
	return append(b, "\n}\n"...)
}

var months = []string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}

// tex escapes what TeX reads as more than a character. Braces are left out: one without its
// other would end the entry.
func tex(s string) string {
	return texEscapes.Replace(s)
}

var texEscapes = strings.NewReplacer(`\`, `{\textbackslash}`, "{", "", "}", "", "&", `\&`, "%", `\%`, "$", `\$`, "#", `\#`, "_", `\_`, "~", `{\textasciitilde}`, "^", `{\textasciicircum}`)

// url keeps an address as it is, but for what would end the field.
func url(s string) string {
	return strings.NewReplacer("{", "%7B", "}", "%7D", `\`, "%5C").Replace(s)
}

// RIS writes one reference.
func (w Writer) RIS(rec record.Record) []byte {
	r := w.reference(rec)
	var b []byte
	tag := func(name, value string) {
		if value != "" {
			b = fmt.Appendf(b, "%s  - %s\r\n", name, value)
		}
	}
	tag("TY", r.kind.ris)
	tag("ID", r.id)
	tag("TI", r.title)
	for _, a := range r.authors {
		tag("AU", a.text)
	}
	for _, p := range r.publishers {
		tag("PB", p)
	}
	if len(r.date) > 0 {
		tag("PY", fmt.Sprintf("%04d", r.date[0]))
		full := fmt.Sprintf("%04d/", r.date[0])
		for i := 1; i < 3; i++ {
			if i < len(r.date) {
				full += fmt.Sprintf("%02d", r.date[i])
			}
			full += "/"
		}
		tag("DA", full)
	}
	tag("M1", r.number)
	tag("DO", r.doi)
	tag("SN", r.isbn)
	tag("UR", r.address)
	tag("LA", strings.Join(r.languages, ", "))
	tag("AB", r.abstract)
	for _, k := range r.keywords {
		tag("KW", k)
	}
	return append(b, "ER  - \r\n"...)
}

// cslItem is one item of CSL-JSON (https://github.com/citation-style-language/schema).
type cslItem struct {
	ID        string    `json:"id"`
	Type      string    `json:"type"`
	Title     string    `json:"title,omitempty"`
	Author    []cslName `json:"author,omitempty"`
	Publisher string    `json:"publisher,omitempty"`
	Issued    *cslDate  `json:"issued,omitempty"`
	Number    string    `json:"number,omitempty"`
	DOI       string    `json:"DOI,omitempty"`
	ISBN      string    `json:"ISBN,omitempty"`
	URL       string    `json:"URL,omitempty"`
	Language  string    `json:"language,omitempty"`
	Abstract  string    `json:"abstract,omitempty"`
	Keyword   string    `json:"keyword,omitempty"`
}

type cslName struct {
	Literal string `json:"literal"`
}

type cslDate struct {
	Parts [][]int `json:"date-parts"`
}

// CSL writes a list of one item.
func (w Writer) CSL(rec record.Record) ([]byte, error) {
	r := w.reference(rec)
	it := cslItem{
		ID: r.id, Type: r.kind.csl, Title: r.title, Publisher: strings.Join(r.publishers, "; "), Number: r.number,
		DOI: r.doi, ISBN: r.isbn, URL: r.address, Abstract: r.abstract, Keyword: strings.Join(r.keywords, ", "),
	}
	for _, a := range r.authors {
		it.Author = append(it.Author, cslName{a.text})
	}
	if len(r.date) > 0 {
		it.Issued = &cslDate{[][]int{slices.Clone(r.date)}}
	}
	if len(r.languages) > 0 {
		it.Language = r.languages[0]
	}
	b, err := json.Marshal([]cslItem{it})
	if err != nil {
		return nil, fmt.Errorf("writing CSL-JSON: %w", err)
	}
	return append(b, '\n'), nil
}
