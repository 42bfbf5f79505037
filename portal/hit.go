package portal

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ctiphub/catalog"
	"ctiphub/record"
)

// hit is one record in a list.
type hit struct {
	URL        string
	Title      markedText
	Snippet    markedText
	Publisher  text
	Year       string
	Type       string
	Countries  []string
	Languages  []string
	AlsoIn     []string // languages that title or description can be had in as well
	Themes     []string
	MoreThemes int
}

// markedText is a text in spans.
type markedText struct {
	Spans     []span
	Lang, Dir string
}

// longestTitle is how many characters of a title a list shows.
const longestTitle = 240

// newHit prepares a record for a list. Of the languages it has, the one that the query
// matches comes first, then the reader's.
func (p *Portal) newHit(rec record.Record, n needles, reader []string) hit {
	h := hit{
		URL: resourceURL(rec.ID), Title: titleOf(rec, n, reader),
		Publisher: publisherOf(rec, reader),
	}
	if t := matching(rec.Description, n, reader); strings.TrimSpace(t.S) != "" {
		h.Snippet = markedText{n.snippet(t.S), t.Lang, t.Dir}
	}
	if y := rec.Issued.Year(); y > 0 {
		h.Year = strconv.Itoa(y)
	}
	if len(rec.Type) > 0 {
		h.Type = p.label(catalog.FacetType, rec.Type[0].ID)
	}
	h.Countries = p.someCountries(rec.Countries)
	for _, l := range rec.Languages {
		h.Languages = append(h.Languages, p.label(catalog.FacetLanguage, l))
	}
	h.AlsoIn = p.otherLanguages(rec, h.Title.Lang)
	h.Themes, h.MoreThemes = p.narrowThemes(rec.Themes)
	return h
}

// otherLanguages names the languages in which a record has a title or a description, but
// for the one that is shown and texts of unknown language.
func (p *Portal) otherLanguages(rec record.Record, shown string) []string {
	var names []string
	for _, texts := range []record.Texts{rec.Title, rec.Description} {
		for _, l := range texts.Languages() {
			name := p.label(catalog.FacetLanguage, l)
			if l != "und" && newText("", l).Lang != shown && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

func titleOf(rec record.Record, n needles, reader []string) markedText {
	t := matching(rec.Title, n, reader)
	s := strings.Join(strings.Fields(t.S), " ")
	if s == "" {
		return markedText{[]span{{"Untitled record " + string(rec.ID), false}}, "en", "ltr"}
	}
	return markedText{n.mark(clip(s, longestTitle)), t.Lang, t.Dir}
}

// matching returns the text in the best language that the query matches, or else the
// reader's.
func matching(t record.Texts, n needles, reader []string) text {
	for _, l := range order(t, reader) {
		if n.matches(t[l]) {
			return newText(t[l], l)
		}
	}
	return bestText(t, reader)
}

func publisherOf(rec record.Record, reader []string) text {
	for _, agents := range [][]record.Agent{rec.Publishers, rec.Creators} {
		for _, a := range agents {
			if t := bestText(a.Name, reader); t.S != "" {
				t.S = clip(t.S, 120)
				return t
			}
		}
	}
	return text{Lang: "und", Dir: "auto"}
}

// someCountries names the countries of a record, or how many they are.
func (p *Portal) someCountries(tags []record.Tag) []string {
	if len(tags) > 4 {
		return []string{strconv.Itoa(len(tags)) + " countries"}
	}
	var list []string
	for _, t := range tags {
		list = append(list, p.label(catalog.FacetCountry, t.ID))
	}
	return list
}

// narrowThemes names the themes of a record without those that a narrower one implies.
func (p *Portal) narrowThemes(tags []record.Tag) (names []string, more int) {
	wide := map[string]bool{}
	for _, t := range tags {
		for _, up := range p.o.Vocabulary.Ancestors("theme", t.ID) {
			wide[up] = true
		}
	}
	for _, t := range tags {
		switch {
		case wide[t.ID]:
		case len(names) == 3:
			more++
		default:
			names = append(names, p.label(catalog.FacetTheme, t.ID))
		}
	}
	return names, more
}

// label names a facet value in English; what no scheme knows names itself.
func (p *Portal) label(f catalog.Facet, id string) string {
	switch f {
	case catalog.FacetSource:
		for _, s := range p.o.Sources {
			if s.ID == id && s.Name != "" {
				return s.Name
			}
		}
		return id
	case catalog.FacetYear, catalog.FacetFinding, catalog.FacetScore:
		return id
	}
	return p.o.Vocabulary.Label(string(f), id, "en")
}

// resourceURL is the page of a record.
func resourceURL(id record.ID) string { return "/resources/" + url.PathEscape(string(id)) }
