package works

import (
	"math"
	"slices"
	"strconv"

	"ctiphub/record"
)

// Kind is how two records of one work relate.
type Kind string

// The kinds of links.
const (
	Duplicate   Kind = "duplicate"   // the same in the same language: a copy, or a second page
	Translation Kind = "translation" // in another language
	Version     Kind = "version"     // another edition of the same document
)

// Sure is the confidence from which a link makes a work. Links below it are for people to
// decide.
const Sure = 0.7

// identical is the confidence from which titles need not agree: the same bytes or the same
// identifier are the same document whatever it is called.
const identical = 0.95

// Link says that two records are one work, and why. A is the smaller id.
type Link struct {
	A          record.ID `json:"a"`
	B          record.ID `json:"b"`
	Kind       Kind      `json:"kind"`
	Confidence float64   `json:"confidence"`
	Evidence   []string  `json:"evidence"` // rule and value: "same-doi 10.1234/x"
}

// Compare says whether two records are one work. It does not matter which comes first.
// It cannot know what is shared by half the catalogue: Find does.
func Compare(a, b Card) (Link, bool) {
	return compare(&a, &b, func(uint64) bool { return false })
}

// comparison gathers the evidence for one pair.
type comparison struct {
	a, b     *Card
	crowded  func(key uint64) bool
	tongue   tongue
	like     likeness
	best     float64
	doubt    float64 // the product of what each rule leaves open
	evidence []string
	version  bool // a source says so
}

func compare(a, b *Card, crowded func(key uint64) bool) (Link, bool) {
	if a.ID == b.ID || apart(a, b) {
		return Link{}, false
	}
	if b.ID < a.ID {
		a, b = b, a
	}
	p := &comparison{a: a, b: b, crowded: crowded, tongue: tongues(a, b), like: titlesOf(a, b), doubt: 1}
	p.names()
	p.files()
	p.pages()
	p.stated()
	p.numbers()
	p.titles()
	p.traits()
	if len(p.evidence) == 0 || p.best < identical && p.like == unlike && p.tongue != otherTongue {
		return Link{}, false
	}
	sure := math.Round(math.Min(0.99, 1-p.doubt)*1000) / 1000
	return Link{A: a.ID, B: b.ID, Kind: p.kind(), Confidence: sure, Evidence: p.evidence}, true
}

func (p *comparison) add(confidence float64, rule, value string) {
	p.best = max(p.best, confidence)
	p.doubt *= 1 - confidence
	if value != "" {
		rule += " " + value
	}
	p.evidence = append(p.evidence, rule)
}

// kind follows from languages and marks of editions. A record in two languages beside one
// in a single language is another edition: hiding it as a copy would lose a language.
func (p *comparison) kind() Kind {
	switch {
	case p.tongue == otherTongue:
		return Translation
	case p.tongue == mixedTongue, p.version, p.a.Edition != p.b.Edition:
		return Version
	}
	return Duplicate
}

// names holds identifiers against each other.
func (p *comparison) names() {
	for _, n := range p.a.Names {
		if !slices.Contains(p.b.Names, n) || p.crowded(nameKey(n)) {
			continue
		}
		switch scheme, value, _ := cutScheme(n); scheme {
		case "doi":
			p.add(0.98, "same-doi", value)
		case workName:
			p.add(0.96, "same-work", value) // another hub found so, or its curators
		case "handle":
			p.add(0.97, "same-handle", value)
		case "isbn":
			p.add(0.92, "same-isbn", value) // the chapters of a book carry its ISBN too
		default:
			p.add(0.92, "same-urn", value)
		}
	}
}

func cutScheme(name string) (scheme, value string, ok bool) {
	for i := range len(name) {
		if name[i] == ':' {
			return name[:i], name[i+1:], true
		}
	}
	return "", name, false
}

// files holds documents against each other. News about a report links to its file, and a
// page of a series to all its files: so either the titles agree, or all files do and the
// records are of one type and publisher.
func (p *comparison) files() {
	common, pattern := Address{}, Address{}
	n := 0
	for _, f := range p.a.Files {
		for _, g := range p.b.Files {
			if f.Rest != g.Rest || p.crowded(pageKey(f)) {
				continue
			}
			if f.Lang == g.Lang {
				common, n = f, n+1
			} else if f.Lang != "" && g.Lang != "" {
				pattern = f
			}
		}
	}
	sums := 0
	sum := ""
	for _, s := range p.a.Checksums {
		if slices.Contains(p.b.Checksums, s) && !p.crowded(sumKey(s)) {
			sum, sums = s, sums+1
		}
	}
	all := n > 0 && n == len(p.a.Files) && n == len(p.b.Files) || sums > 0 && sums == len(p.a.Checksums) && sums == len(p.b.Checksums)
	if !p.attached(all, 2*max(n, sums) >= max(len(p.a.Files), len(p.b.Files))) {
		n, sums = 0, 0
	}
	if sums > 0 {
		p.add(0.97, "same-checksum", sum)
	}
	if n > 0 {
		p.add(0.95, "same-file", common.Rest)
	}
	if pattern.Rest != "" && p.tongue == otherTongue {
		p.add(0.85, "url-language-pattern", pattern.Rest)
	}
}

// attached reports whether shared files speak for one work.
func (p *comparison) attached(all, most bool) bool {
	switch {
	case p.like == alike:
		return true
	case p.like == unlike || !most:
		_, published := shared(p.a.Publishers, p.b.Publishers)
		return all && p.tongue != otherTongue && published && p.a.Type == p.b.Type && p.a.Type != "" && p.a.Year == p.b.Year
	}
	return true
}

// pages holds landing pages and files at the place of pages against each other.
func (p *comparison) pages() {
	for _, f := range p.a.Pages {
		for _, g := range p.b.Pages {
			p.page(f, g)
		}
		for _, g := range p.b.Files {
			p.page(f, g)
		}
	}
	for _, f := range p.a.Files {
		for _, g := range p.b.Pages {
			p.page(f, g)
		}
	}
}

func (p *comparison) page(f, g Address) {
	if f.Rest != g.Rest || p.crowded(pageKey(f)) {
		return
	}
	switch {
	case f.Lang != g.Lang && p.tongue == otherTongue:
		p.once(0.85, "url-language-pattern", f.Rest)
	case f.Lang != g.Lang && p.tongue == unknownTongue && f.Lang != "" && g.Lang != "":
		p.tongue = otherTongue
		p.once(0.8, "url-language-pattern", f.Rest)
	case p.tongue == otherTongue:
		// One page lists the editions of one thing, or a dozen things in two languages.
		if _, published := shared(p.a.Publishers, p.b.Publishers); published && p.a.Type == p.b.Type && p.a.Date == p.b.Date {
			p.once(0.65, "same-landing", f.Rest)
		}
	case p.like == alike:
		p.once(0.95, "same-landing", f.Rest)
	case p.like == noTitles:
		p.once(0.8, "same-landing", f.Rest)
	}
}

// once adds evidence that may be found along several ways.
func (p *comparison) once(confidence float64, rule, value string) {
	if !slices.Contains(p.evidence, rule+" "+value) {
		p.add(confidence, rule, value)
	}
}

// stated follows what sources say of their own pages.
func (p *comparison) stated() {
	p.statedBy(p.a, p.b)
	p.statedBy(p.b, p.a)
	for _, r := range p.a.Relations {
		for _, s := range p.b.Relations {
			if r.Kind == "translationOf" && s.Kind == r.Kind && r.Target == s.Target && r.Record == s.Record && r.Target.Rest != "" &&
				p.tongue == otherTongue && !p.crowded(pageKey(r.Target)) {
				p.once(0.8, "same-original", r.Target.String())
			}
		}
	}
}

func (p *comparison) statedBy(from, to *Card) {
	for _, r := range from.Relations {
		value, ok := to.is(r)
		if !ok || r.Record == "" && p.crowded(pageKey(r.Target)) {
			continue
		}
		switch {
		case r.Kind == "versionOf":
			if p.tongue != otherTongue {
				p.version = true
			}
			p.once(0.9, "stated-version", value)
		case p.tongue == otherTongue:
			p.once(0.9, "stated-translation", value)
		case p.tongue == unknownTongue && r.Lang != "":
			p.tongue = otherTongue
			p.once(0.85, "stated-translation", value)
		case p.tongue != unknownTongue && p.like == alike:
			p.once(0.8, "stated-translation", value) // a page not yet translated
		}
	}
}

// is reports whether a relation points at the card.
func (c *Card) is(r Relation) (value string, ok bool) {
	if r.Record != "" {
		return string(r.Record), r.Record == c.ID
	}
	// An address without a language of its own may be the page in any: sites send readers on.
	for _, list := range [...][]Address{c.Pages, c.Files} {
		for _, a := range list {
			if a.Rest == r.Target.Rest && (a.Lang == r.Target.Lang || r.Lang == "" || slices.Contains(c.spoken(), r.Lang)) {
				return r.Target.String(), true
			}
		}
	}
	return "", false
}

// numbers holds numbers of laws against each other, within a country or a publisher.
func (p *comparison) numbers() {
	if p.a.Type != p.b.Type && p.a.Type != "" && p.b.Type != "" {
		return // the law, and news of it
	}
	number := ""
	for _, n := range p.a.Numbers {
		for _, m := range p.b.Numbers {
			if sameNumber(n, m) {
				number = max(n, m)
			}
		}
	}
	if number == "" {
		return
	}
	few := func(c *Card) []string { return c.Countries[:min(len(c.Countries), fewCountries)] }
	_, country := shared(few(p.a), few(p.b))
	_, publisher := shared(p.a.Publishers, p.b.Publishers)
	full := bareNumber(number) != number || len(number) > 3 && number[:3] == "ra "
	switch {
	case !country && !publisher:
	case p.like == alike, p.like == noTitles && (full || publisher):
		p.add(0.9, "same-number", number)
	case p.like == noTitles && country:
		// Every ministry counts its regulations from 1 each year.
		p.add(0.6, "same-number", number)
	}
}

// traits links titles in two languages by what translations leave as it is.
func (p *comparison) traits() {
	if p.tongue != otherTongue || p.a.Date != p.b.Date || p.a.Type != p.b.Type || p.like != noTitles {
		return
	}
	ta, tb := p.a.traits(), p.b.traits()
	if len(ta) == 0 || len(tb) == 0 || !slices.Equal(p.a.Figures, p.b.Figures) {
		return
	}
	var common []string
	for _, t := range ta {
		if !slices.Contains(tb, t) {
			continue
		}
		common = append(common, t)
	}
	publisher, ok := shared(p.a.Publishers, p.b.Publishers)
	if !ok || len(common) == 0 || p.crowded(hash(keyTrait, "trait", publisher, p.a.Date, common[0])) {
		return
	}
	score := len(common) + min(1, len(p.a.Figures))
	switch {
	case score >= 2 && 2*len(common) >= min(len(ta), len(tb)):
		p.add(0.75, "title-names", common[0]+" "+p.a.Date)
	case len(p.a.Date) == len("2006-01-02"):
		p.add(0.55, "title-names", common[0]+" "+p.a.Date)
	}
}

func yearText(y int) string {
	if y == 0 {
		return ""
	}
	return strconv.Itoa(y)
}
