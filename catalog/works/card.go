package works

import (
	"slices"
	"strings"
	"unicode/utf8"

	"ctiphub/record"
)

// Card is what of one record tells whether it and another are one work. It is small, and
// keeps its meaning as JSON. Lists are sorted and hold nothing twice.
type Card struct {
	ID         record.ID  `json:"id"`
	Titles     []Title    `json:"titles,omitempty"`
	Languages  []string   `json:"languages,omitempty"`  // of the resource, without region
	Names      []string   `json:"names,omitempty"`      // "doi:10.1234/x", "isbn:…", "handle:…", "urn:…"
	Numbers    []string   `json:"numbers,omitempty"`    // of laws and decrees: "53/2024/qh15"
	Publishers []string   `json:"publishers,omitempty"` // authority ids, else folded names; no persons
	Countries  []string   `json:"countries,omitempty"`
	Year       int        `json:"year,omitempty"`
	Date       string     `json:"date,omitempty"` // EDTF
	Type       string     `json:"type,omitempty"`
	Pages      []Address  `json:"pages,omitempty"` // the landing page, and the source's identifier if it is a page
	Files      []Address  `json:"files,omitempty"`
	Checksums  []string   `json:"checksums,omitempty"`
	Relations  []Relation `json:"relations,omitempty"`

	// What the titles say, in any language.
	Volumes  []string `json:"volumes,omitempty"`  // parts of a larger whole
	Edition  string   `json:"edition,omitempty"`  // "2", "revised"
	Spans    []string `json:"spans,omitempty"`    // years: "2016", "2016-2017"
	Places   []string `json:"places,omitempty"`   // states named
	Figures  []string `json:"figures,omitempty"`  // numbers that are no years
	Capitals []string `json:"capitals,omitempty"` // acronyms and names in Latin letters
}

// Title is one title, folded: small letters, no punctuation, no diacritics on Latin
// letters, no marks of editions.
type Title struct {
	Lang     string `json:"lang"`
	Text     string `json:"text"`               // words divided by spaces
	Main     int    `json:"main,omitempty"`     // where the subtitle begins, 0 if there is none
	Generic  bool   `json:"generic,omitempty"`  // too common to tell a work
	Periodic bool   `json:"periodic,omitempty"` // comes out again each year or month
}

// Relation is what a source states about two of its pages or records.
type Relation struct {
	Kind   string    `json:"kind"` // "translationOf", "versionOf"
	Target Address   `json:"target"`
	Record record.ID `json:"record,omitempty"` // instead of the address, where a record was named
	Lang   string    `json:"lang,omitempty"`
}

const (
	mostTitles   = 8
	mostTargets  = 20
	mostCapitals = 8
)

// CardOf takes from a record what tells works apart.
func CardOf(rec record.Record) Card {
	c := Card{ID: rec.ID, Year: rec.Issued.Year(), Date: rec.Issued.EDTF}
	if len(rec.Type) > 0 {
		c.Type = rec.Type[0].ID
	}
	for _, l := range rec.Languages {
		c.Languages = append(c.Languages, baseLang(l))
	}
	for _, t := range rec.Countries {
		c.Countries = append(c.Countries, t.ID)
	}
	c.identify(rec)
	c.publish(rec)
	c.place(rec)
	for _, lang := range rec.Title.Languages() {
		c.entitle(lang, rec.Title[lang])
	}
	for _, lang := range rec.Alternative.Languages() {
		// An acronym says too little; a title in a further language ties editions together.
		if _, has := rec.Title[lang]; !has && len(strings.Fields(rec.Alternative[lang])) > 3 {
			c.entitle(lang, rec.Alternative[lang])
		}
	}
	c.sort()
	return c
}

// baseLang is a language tag without region and script.
func baseLang(tag string) string {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if base == "tl" {
		return "fil"
	}
	return base
}

// workName is the scheme under which a card names the work that a record was already of
// when it came here, from another hub.
const workName = "work"

// Work returns the work that the record was of when it came here, or "".
func (c *Card) Work() record.ID {
	for _, n := range c.Names {
		if scheme, value, _ := cutScheme(n); scheme == workName {
			return record.ID(value)
		}
	}
	return ""
}

func (c *Card) identify(rec record.Record) {
	if rec.Work.ID != "" {
		c.Names = append(c.Names, workName+":"+string(rec.Work.ID))
	}
	for _, id := range rec.Identifiers {
		switch {
		case id.Value == "":
		case id.Scheme == "number":
			c.Numbers = append(c.Numbers, foldNumber(id.Value))
		case id.Scheme == "doi", id.Scheme == "isbn", id.Scheme == "handle", id.Scheme == "urn":
			c.Names = append(c.Names, id.Scheme+":"+strings.ToLower(strings.TrimPrefix(id.Value, "urn:")))
		case id.Scheme == "uri" && strings.HasPrefix(strings.ToLower(id.Value), "urn:"):
			c.Names = append(c.Names, strings.ToLower(id.Value))
		}
	}
}

// publish lists the bodies behind a record. Persons are left out: a card ties works by what
// organisations publish, and holds no personal data.
func (c *Card) publish(rec record.Record) {
	for _, a := range rec.Publishers {
		if a.Kind == "person" {
			continue
		}
		if a.ID != "" {
			c.Publishers = append(c.Publishers, a.ID)
			continue
		}
		for _, lang := range a.Name.Languages() {
			if name := compact(foldWords(a.Name[lang])); name != "" {
				c.Publishers = append(c.Publishers, name)
			}
		}
	}
	for _, a := range rec.Creators {
		if a.Kind != "person" && a.ID != "" {
			c.Publishers = append(c.Publishers, a.ID)
		}
	}
}

// place takes over addresses and what is stated about them.
func (c *Card) place(rec record.Record) {
	for _, s := range [...]string{rec.Origin.Landing, rec.Origin.Identifier} {
		if a, ok := readAddress(s); ok && !slices.Contains(c.Pages, a) {
			c.Pages = append(c.Pages, a)
		}
	}
	for _, f := range rec.Files {
		if a, ok := readAddress(f.URL); ok && len(c.Files) < mostTargets {
			c.Files = append(c.Files, a)
		}
		if f.Checksum != "" {
			c.Checksums = append(c.Checksums, f.Checksum)
		}
	}
	for _, r := range rec.Relations {
		if r.Kind != "translationOf" && r.Kind != "versionOf" || len(c.Relations) >= mostTargets {
			continue
		}
		to := Relation{Kind: r.Kind, Lang: baseLang(r.Lang)}
		if a, ok := readAddress(r.Target); ok {
			to.Target = a
		} else if id := record.ID(r.Target); id.Valid() {
			to.Record = id
		} else {
			continue
		}
		c.Relations = append(c.Relations, to)
	}
}

// entitle adds a title and what it says.
func (c *Card) entitle(lang, text string) {
	if len(c.Titles) >= mostTitles {
		return
	}
	r := read(text)
	t := Title{Lang: baseLang(lang)}
	if len(r.toks) > 1 {
		if f := r.toks[0].text; f == "the" || f == "a" || f == "an" {
			r.remove(0, 1)
		}
	}
	whole := r.text()
	t.Periodic = words().holds("periodic", whole)
	if r.edition != "" && !t.Periodic {
		r.dropYears()
	}
	t.Text, t.Main = r.stem()
	if t.Text == "" {
		return
	}
	t.Generic = words().set["generic"][t.Text] || wordCount(t.Text) < 3
	c.Titles = append(c.Titles, t)
	c.Numbers = append(c.Numbers, first(r.numbers)...)
	c.Spans = append(c.Spans, r.spans...)
	c.Figures = append(c.Figures, r.figures...)
	c.Places = append(c.Places, r.places()...)
	c.Capitals = append(c.Capitals, r.capitals()...)
	if r.volume != "" {
		c.Volumes = append(c.Volumes, r.volume)
	}
	if c.Edition == "" {
		c.Edition = r.edition
	}
}

// first keeps the number that a title begins with: laws name others that they change.
func first(s []string) []string { return s[:min(len(s), 1)] }

func (c *Card) sort() {
	for _, list := range []*[]string{
		&c.Languages, &c.Names, &c.Numbers, &c.Publishers, &c.Countries, &c.Checksums,
		&c.Volumes, &c.Spans, &c.Places, &c.Figures, &c.Capitals,
	} {
		slices.Sort(*list)
		*list = slices.Clip(slices.Compact(*list))
	}
	slices.SortFunc(c.Files, Address.compare)
	c.Files = slices.Compact(c.Files)
	if len(c.Capitals) > mostCapitals {
		c.Capitals = c.Capitals[:mostCapitals]
	}
}

// text is the whole title as words.
func (r *reading) text() string {
	var b strings.Builder
	for i, t := range r.toks {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(t.text)
	}
	return b.String()
}

// stem is the title with the place where its subtitle begins.
func (r *reading) stem() (text string, main int) {
	var b strings.Builder
	for i, t := range r.toks {
		if i > 0 {
			if t.mark == ':' && main == 0 {
				main = b.Len()
			}
			b.WriteByte(' ')
		}
		b.WriteString(t.text)
	}
	return b.String(), main
}

// dropYears takes the year of an edition away: "Toolkit, 2nd edition, 2008".
func (r *reading) dropYears() {
	kept := r.spans[:0:0]
	for _, s := range r.spans {
		if len(s) > 4 {
			kept = append(kept, s)
		}
	}
	if len(kept) > 0 {
		return
	}
	r.spans = nil
	for i := len(r.toks) - 1; i >= 0; i-- {
		if !r.used[i] && r.year(i) > 0 {
			from := i
			if i > 0 && words().set["month"][r.toks[i-1].text] {
				from--
			}
			r.remove(from, i+1)
			i = from
		}
	}
}

// places lists the states that a title names.
func (r *reading) places() []string {
	v := words()
	var out []string
	for i, t := range r.toks {
		if t.unspaced {
			for _, p := range v.wide {
				if strings.Contains(t.text, p.words[0]) {
					out = append(out, p.code)
				}
			}
			continue
		}
		for _, p := range v.places[t.text] {
			if r.follows(i, p.words) {
				out = append(out, p.code)
			}
		}
	}
	return out
}

func (r *reading) follows(i int, words []string) bool {
	if i+len(words) > len(r.toks) {
		return false
	}
	for k, w := range words {
		if r.toks[i+k].text != w {
			return false
		}
	}
	return true
}

// capitals lists acronyms and, as far as capitals show them, names: what a translation
// into another language leaves as it is.
func (r *reading) capitals() []string {
	v := words()
	var acronyms, names []string
	foreign := slices.ContainsFunc(r.toks, func(t token) bool { return t.unspaced })
	for i, t := range r.toks {
		if t.unspaced || t.digits || r.used[i] || len(t.text) < 2 || v.set["common"][t.text] || v.set["stop"][t.text] {
			continue
		}
		switch {
		case t.caps:
			acronyms = append(acronyms, t.text)
		case len(t.text) >= 4 && (foreign || t.first && i > 0):
			names = append(names, t.text)
		}
	}
	return append(acronyms, names...)[:min(mostCapitals, len(acronyms)+len(names))]
}

// wordCount counts the words of a folded text; six signs of a script without spaces count
// as one.
func wordCount(s string) int {
	n := 0
	for w := range strings.SplitSeq(s, " ") {
		r, _ := utf8.DecodeRuneInString(w)
		if unspaced(r) {
			n += (utf8.RuneCountInString(w) + 5) / 6
			continue
		}
		n++
	}
	return n
}
