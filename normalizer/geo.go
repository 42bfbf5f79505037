package normalizer

import (
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"ctiphub/record"
)

// Confidence that a record is about a place, by where its name stands. Each further
// mention leaves less room for doubt.
var placeWeight = map[string]float64{"title": 0.95, "alternative": 0.8, "keyword": 0.9, "coverage": 0.95, "description": 0.65, "text": 0.3}

const (
	placeBeside    = 0.35 // in a description, when the title names another place
	placeNational  = 0.4  // of people's nationality, when the text names where they are
	placeExpanded  = 0.7  // as a member of a region
	placeCity      = 0.5  // of a city or province, when the text names a region
	placePublisher = 0.65 // because of what the publisher is for
	placeDomain    = 0.6  // because of the country code of the site
	placeDefault   = 0.6
	placeLanguage  = 0.6 // because of the language it is in, or because it names no place
)

// place is what speaks for one country or region.
type place struct {
	doubt    float64
	evidence []record.Evidence
	titled   bool
}

// geography sets countries and regions: what the record is about, not where its
// publisher sits, not the language of an edition.
func (w *work) geography() {
	v := w.n.vocab
	places := make([]place, len(v.Countries)+len(v.Regions))
	w.coverage(places)
	titled := w.named(places, "title", false) || w.named(places, "alternative", false)
	w.named(places, "keyword", titled)
	w.named(places, "description", titled)
	w.named(places, "text", titled)
	countries, regions := w.collect(places)
	if len(countries)+len(regions) == 0 {
		countries, regions = w.assumedPlaces()
	}
	countries = w.expand(countries, regions)
	w.rec.Countries = w.tagged("countries", countries)
	w.rec.Regions = w.tagged("regions", regions)
	w.unsurePlaces(places)
	if !placed(w.rec.Countries) && !placed(w.rec.Regions) {
		w.find(CodeNoCountry, "countries", "")
	}
}

// coverage reads the field in which a repository states the place.
func (w *work) coverage(places []place) {
	for _, v := range w.values("countries") {
		text := plainText(v.Text)
		if i, ok := w.n.countries[strings.ToUpper(text)]; ok && len(text) == 2 {
			places[i].add(0.95, record.Evidence{Field: "coverage", Match: text, Rule: v.Rule})
			continue
		}
		if text != "" {
			w.scanText(text, "", "coverage", 0)
		}
	}
	w.named(places, "coverage", false)
}

func (p *place) add(conf float64, e record.Evidence) {
	if p.doubt == 0 {
		p.doubt = 1
	}
	p.doubt *= 1 - conf
	if len(p.evidence) < mostEvidence {
		p.evidence = append(p.evidence, e)
	}
}

// named adds what the texts of a field name. It reports whether there was anything.
func (w *work) named(places []place, field string, beside bool) bool {
	any := false
	for i := range w.scan.fields {
		f := &w.scan.fields[i]
		if f.field != field {
			continue
		}
		for _, m := range f.matches {
			if m.term.scheme != schemeGeo {
				continue
			}
			span := f.folded.span(m.start, m.end)
			from := int(f.folded.cells[m.start].at)
			if m.term.latin && isLanguageName(f.text, from, from+len(span)) {
				continue
			}
			conf := placeWeight[field] * m.term.conf
			if beside {
				conf = min(conf, placeBeside)
			}
			if (m.term.kind == kindPlace || m.term.kind == kindCapital) && w.namesRegion(f) {
				conf = min(conf, placeCity) // "Bohol Work Plan" of ASEAN
			}
			if m.term.latin && isNationality(f.text, from+len(span)) {
				conf = min(conf, placeNational)
			}
			p := &places[m.term.concept]
			if slices.ContainsFunc(p.evidence, func(e record.Evidence) bool { return e.Field == field && e.Rule == m.term.rule }) {
				continue
			}
			p.add(conf, record.Evidence{Field: field, Match: span, Rule: m.term.rule})
			p.titled = p.titled || field == "title" && conf >= publishFrom
			any = any || conf >= publishFrom
		}
	}
	return any
}

// namesRegion reports whether a text names a region.
func (w *work) namesRegion(f *scanned) bool {
	return slices.ContainsFunc(f.matches, func(m match) bool {
		return m.term.scheme == schemeGeo && int(m.term.concept) >= len(w.n.vocab.Countries)
	})
}

// editionWords follow the name of a language.
var editionWords = map[string]bool{"version": true, "edition": true, "translation": true, "language": true, "text": true, "script": true, "subtitles": true, "speaking": true, "speakers": true, "versi": true, "bahasa": true}

// isLanguageName reports whether a name at from..to is that of a language: "Burmese
// version", "available in Burmese".
func isLanguageName(text string, from, to int) bool {
	if editionWords[firstWord(text[to:])] && !strings.HasPrefix(strings.TrimSpace(text[to:]), ".") {
		return true
	}
	head := strings.TrimRight(text[max(0, from-32):from], " ")
	if !hasSuffixFold(head, "in") && !hasSuffixFold(head, "into") {
		return false
	}
	before := strings.Fields(strings.ToLower(head))
	if len(before) < 2 || before[len(before)-1] != "in" && before[len(before)-1] != "into" {
		return false
	}
	switch before[len(before)-2] {
	case "available", "translated", "written", "published", "also":
		return true
	}
	return false
}

// peopleWords follow a nationality when a text names people and not a place.
var peopleWords = map[string]bool{"migrants": true, "migrant": true, "workers": true, "nationals": true, "citizens": true, "refugees": true, "fishers": true, "fishermen": true, "domestic": true, "labourers": true, "workers’": true, "seafarers": true, "returnees": true}

// isNationality reports whether people of a country in another one are spoken of:
// "Myanmar migrants in Thailand".
func isNationality(text string, to int) bool {
	rest := text[to:]
	if !peopleWords[firstWord(rest)] {
		return false
	}
	for _, in := range []string{" in ", " to ", " across ", " abroad"} {
		if i := strings.Index(rest, in); i >= 0 {
			next := strings.TrimSpace(rest[i+len(in):])
			if in == " abroad" || next != "" && unicode.IsUpper([]rune(next)[0]) {
				return true
			}
		}
	}
	return false
}

// collect makes tags of the places that are sure enough. A region that stands for
// anywhere counts only beside nothing narrower.
func (w *work) collect(places []place) (countries, regions []record.Tag) {
	v := w.n.vocab
	var anywhere []record.Tag
	for i, p := range places {
		conf := math.Round((1-p.doubt)*100) / 100
		if p.doubt == 0 || conf < publishFrom {
			continue
		}
		switch {
		case i < len(v.Countries):
			countries = append(countries, record.Tag{ID: v.Countries[i].ID, Confidence: conf, Evidence: p.evidence})
		case v.Regions[i-len(v.Countries)].Anywhere:
			anywhere = append(anywhere, record.Tag{ID: v.Regions[i-len(v.Countries)].ID, Confidence: conf, Evidence: p.evidence})
		default:
			regions = append(regions, record.Tag{ID: v.Regions[i-len(v.Countries)].ID, Confidence: conf, Evidence: p.evidence})
		}
	}
	if len(countries)+len(regions) == 0 {
		regions = anywhere
	}
	return countries, regions
}

// unsurePlaces proposes what was named, but not clearly enough as what the record is about.
func (w *work) unsurePlaces(places []place) {
	v := w.n.vocab
	var countries, regions []record.Tag
	for i, p := range places {
		conf := math.Round((1-p.doubt)*100) / 100
		if p.doubt == 0 || conf < reviewFrom || conf >= publishFrom {
			continue
		}
		if i < len(v.Countries) {
			countries = append(countries, record.Tag{ID: v.Countries[i].ID, Confidence: conf, Evidence: p.evidence})
		} else {
			regions = append(regions, record.Tag{ID: v.Regions[i-len(v.Countries)].ID, Confidence: conf, Evidence: p.evidence})
		}
	}
	w.propose("countries", notSet(countries, w.rec.Countries))
	w.propose("regions", notSet(regions, w.rec.Regions))
}

// notSet drops the tags whose concepts are set, and those proposed before.
func notSet(tags, set []record.Tag) []record.Tag {
	out := tags[:0]
	for _, t := range tags {
		same := func(s record.Tag) bool { return s.ID == t.ID }
		if !slices.ContainsFunc(set, same) && !slices.ContainsFunc(out, same) {
			out = append(out, t)
		}
	}
	return out
}

// assumedPlaces are those of the source, or what its publisher is for: a ministry's
// guide that names no country is for its own.
func (w *work) assumedPlaces() (countries, regions []record.Tag) {
	put := func(id string, conf float64, e record.Evidence) {
		t := record.Tag{ID: id, Confidence: conf, Evidence: []record.Evidence{e}}
		if _, ok := w.n.countries[id]; ok {
			countries = append(countries, t)
		} else if _, ok := w.n.regions[id]; ok {
			regions = append(regions, t)
		}
	}
	for _, p := range w.rec.Publishers {
		if scope := w.n.authority.scope(p.ID); scope != "" {
			put(scope, placePublisher, record.Evidence{Field: "publisher", Match: p.Name["en"], Rule: "vocab:publishers/" + p.ID})
			return countries, regions
		}
	}
	for _, p := range w.rec.Publishers {
		if p.ID != "" {
			continue
		}
		name, tag := p.Name.In("en")
		w.scanText(name, tag, "publisher", 0)
		for _, m := range w.scan.fields[len(w.scan.fields)-1].matches {
			i := int(m.term.concept)
			if m.term.scheme == schemeGeo && i < len(w.n.vocab.Countries) && w.n.vocab.Countries[i].ASEAN > 0 {
				put(w.n.vocab.Countries[i].ID, placePublisher, record.Evidence{Field: "publisher", Match: name, Rule: m.term.rule})
				return countries, regions
			}
		}
	}
	if id := w.domainCountry(); id != "" && len(w.src.rules.Defaults.Countries) == 0 {
		put(id, placeDomain, record.Evidence{Field: "origin.landing", Match: "." + strings.ToLower(id), Rule: "country-domain"})
	}
	if len(countries)+len(regions) == 0 {
		for _, c := range w.src.rules.Defaults.Countries {
			put(c, placeDefault, record.Evidence{Field: "source", Rule: "source-default"})
		}
	}
	if len(countries)+len(regions) == 0 {
		w.placeOfLanguage(put)
	}
	return countries, regions
}

var buddhistYear = regexp.MustCompile(`\bB\.?\s?E\.?\s?25\d\d\b`)

// placed reports whether something names a place: what only the language, or that nothing
// is named, tells is a guess, and the publisher can do better.
func placed(tags []record.Tag) bool {
	return slices.ContainsFunc(tags, func(t record.Tag) bool {
		return !slices.ContainsFunc(t.Evidence, func(e record.Evidence) bool { return e.Rule == "language-home" || e.Rule == "names-no-place" })
	})
}

// placeOfLanguage is the last resort. A text that names no place is for the country whose
// language it is in, where there is but one; in a language of many countries it is for
// none in particular.
func (w *work) placeOfLanguage(put func(string, float64, record.Evidence)) {
	if len(w.rec.Languages) == 0 {
		return
	}
	for _, l := range w.rec.Languages {
		if i, ok := w.n.home[l]; ok {
			put(w.n.vocab.Countries[i].ID, placeLanguage, record.Evidence{Field: "languages", Match: l, Rule: "language-home"})
			return
		}
	}
	// Texts in English count years so for Thailand alone.
	for _, t := range w.rec.Title {
		if strings.Contains(t, "25") && buddhistYear.MatchString(t) {
			put("TH", placeLanguage, record.Evidence{Field: "title", Match: buddhistYear.FindString(t), Rule: "buddhist-year"})
			return
		}
	}
	put("GLOBAL", placeLanguage, record.Evidence{Field: "title", Rule: "names-no-place"})
}

// domainCountry is the member state whose country code the site's address ends in. The
// code of Lao PDR is sold to anybody: there only the names below it count.
func (w *work) domainCountry() string {
	u, err := url.Parse(w.rec.Origin.Landing)
	if err != nil {
		return ""
	}
	labels := strings.Split(strings.ToUpper(u.Hostname()), ".")
	id := labels[len(labels)-1]
	i, ok := w.n.countries[id]
	if !ok || w.n.vocab.Countries[i].ASEAN == 0 {
		return ""
	}
	if id == "LA" && (len(labels) < 3 || !slices.Contains([]string{"GOV", "EDU", "ORG", "COM"}, labels[len(labels)-2])) {
		return ""
	}
	return id
}

// expand adds the members of the regions, as they were when the resource was issued. A
// title that names countries means those.
func (w *work) expand(countries []record.Tag, regions []record.Tag) []record.Tag {
	if len(countries) > 0 {
		return countries
	}
	for _, r := range regions {
		region := w.n.vocab.Regions[w.n.regions[r.ID]]
		evidence := []record.Evidence{{Field: "region", Match: r.ID, Rule: "vocab:regions/" + r.ID}}
		for _, m := range region.Members {
			if day := region.Joined[m]; day != "" && w.issuedBefore(day) {
				continue
			}
			if !slices.ContainsFunc(countries, func(t record.Tag) bool { return t.ID == m }) {
				countries = append(countries, record.Tag{ID: m, Confidence: min(placeExpanded, r.Confidence), Evidence: slices.Clip(evidence)})
			}
		}
	}
	return countries
}
