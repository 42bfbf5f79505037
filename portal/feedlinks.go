package portal

import (
	"fmt"
	"strings"

	"ctiphub/catalog"
	"ctiphub/record"
)

// feedLink leads to a feed.
type feedLink struct {
	URL   string
	Name  string // of the form
	Type  string
	Title string
}

// feedLinks leads to the feed of a query in every form.
func (p *Portal) feedLinks(q catalog.Query) []feedLink {
	q.Cursor = ""
	var list []feedLink
	for _, form := range feedForms() {
		list = append(list, feedLink{feedURL(form.File, q), form.Name, form.Type, p.feedTitle(q)})
	}
	return list
}

// feedTitle names the feed of a query. The list of feeds on a phone is seen by whoever
// looks over its owner's shoulder, or takes it away: a title that repeats the words of the
// search, or says what somebody suffers, would tell on a reader. So it names the hub and
// what places and languages the feed is about, and only as vocabulary and configuration
// name them: a value of the address that they do not know is not repeated either.
func (p *Portal) feedTitle(q catalog.Query) string {
	var parts []string
	for _, f := range []catalog.Facet{catalog.FacetCountry, catalog.FacetLanguage, catalog.FacetSource} {
		var names []string
		for _, v := range q.Filters[f] {
			if name := p.neutralLabel(f, v); name != "" {
				names = append(names, name)
			}
		}
		if more := len(names) - namedInTitle; more > 0 {
			names = append(names[:namedInTitle], fmt.Sprintf("%d more", more))
		}
		if len(names) > 0 {
			parts = append(parts, strings.Join(names, ", "))
		}
	}
	title := p.o.Name + ": new resources"
	if len(parts) > 0 {
		title += " – " + strings.Join(parts, "; ")
	}
	return title
}

// namedInTitle is how many values of one facet a title names.
const namedInTitle = 3

// neutralLabel names a value for the title of a feed, or returns "" where it must not be
// named.
func (p *Portal) neutralLabel(f catalog.Facet, id string) string {
	if f != catalog.FacetSource {
		c, ok := p.o.Vocabulary.Concept(string(f), id)
		if !ok {
			return ""
		}
		return neutral(labelOf(c))
	}
	for _, s := range p.o.Sources {
		if s.ID == id {
			return neutral(clip(p.label(f, id), 60))
		}
	}
	return ""
}

func labelOf(c record.Concept) string {
	s, _ := c.Label.In("en")
	return s
}

// telling are parts of words that a title must not hold: publishers name themselves after
// what they fight. English, then the languages in which sources of the region have names.
var telling = []string{
	"traffic", "slave", "exploit", "victim", "surviv", "prostitut", "sex", "abuse", "violen", "forced", "labour camp", "smuggl",
	"crime", "crimin", "rape", "ctip", "atip", "tip office", "shelter", "rescue", "bonded", "debt", "scam",
	"perdagangan orang", "pemerdagangan", "korban", "mua bán người", "nạn nhân", "ค้ามนุษย์", "ผู้เสียหาย", "เหยื่อ",
	"ជួញដូរ", "ជនរងគ្រោះ", "ຄ້າມະນຸດ", "ຜູ້ຖືກເຄາະຮ້າຍ", "လူကုန်ကူး", "人口贩", "人口販", "tráfico", "trafiku", "vítima",
}

// neutral returns a name, or "" when it tells what a feed is about.
func neutral(name string) string {
	low := strings.ToLower(name)
	for _, word := range telling {
		if strings.Contains(low, word) {
			return ""
		}
	}
	return name
}
