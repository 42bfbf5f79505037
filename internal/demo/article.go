package demo

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// page serves the page of one item.
func (s *website) page(w http.ResponseWriter, r *http.Request) {
	it, ok := s.find(r.PathValue("key"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	path := s.path(it)
	twin := s.sh.english && it.N >= 0 && it.Lang != "en" && strings.HasPrefix(r.URL.Path, "/en/")
	if twin {
		it = s.twin(it)
	} else if path != r.URL.Path {
		http.NotFound(w, r) // one address for one page, but for twins
		return
	}
	if s.private(it) {
		// Invented, as all contacts: the number is from a range kept free for fiction.
		it.Description += " Para sa kopya, tawagan ang records officer: Tel. +63 2 5550 0102, records.officer@council.example."
	}
	p := s.newPage(it.Lang, it.Title)
	p.Item, p.Metadata, p.Publisher, p.Published = &it, s.sh.metadata, s.publisher(it), s.c.printed(it, s.sh.country)
	p.Canonical, p.Editions = s.base+r.URL.Path, strings.Join(it.Editions, ", ")
	p.Alternates, p.Files, p.Related = s.alternates(it, path), s.files(it), s.related(it)
	if s.has(Rebuild) {
		p.Metadata = map[bool]string{true: "dc", false: "jsonld"}[p.Metadata == "jsonld"]
	}
	if p.Metadata == "jsonld" {
		p.JSONLD = s.jsonLD(it)
	}
	if s.sh.contact {
		p.Contact = fmt.Sprintf("Tel: +63 2 5550 01%02d · Email: records.officer@council.example", max(it.N, 0)%100)
	}
	s.send(w, r, p, s.changed(it), s.zawgyi(it))
}

// twin is the English page of a generated item: the same resource by the same number.
func (s *website) twin(it item) item {
	english := s.c.series(s.id).item("en", it.Country, number(it.Key))
	english.Key, english.N, english.Changed = it.Key, it.N, it.Changed
	if times, _ := (timeline{len(s.sh.items), int(s.revision.Load())}).changed(it.N); times > 0 {
		english = s.c.revised(english, times)
	}
	return english
}

// number is the number in the key of a generated item.
func number(key string) int {
	n, _ := strconv.Atoi(key[strings.LastIndexByte(key, '-')+1:])
	return n
}

// zawgyi reports a page that was typed with a Zawgyi font, as the older pages of many
// Burmese sites were.
func (s *website) zawgyi(it item) bool { return s.sh.zawgyi && it.Lang == "my" && it.N%5 == 0 }

// private reports the pages on which the summary itself names a member of the staff.
func (s *website) private(it item) bool { return s.sh.contact && it.N%8 == 2 }

func (s *website) publisher(it item) string {
	if it.Publisher != "" {
		return it.Publisher
	}
	return s.name
}

// alternates are the language versions of a page, which name each other.
func (s *website) alternates(it item, path string) []alternate {
	if !s.sh.english || it.N < 0 {
		return nil
	}
	lang := s.sh.items[it.N].Lang
	if lang == "en" {
		return nil
	}
	return []alternate{{lang, s.base + path}, {"en", s.base + "/en" + path}}
}

// files are the addresses of the PDF files of an item; that of the second one is dead.
func (s *website) files(it item) []string {
	if !s.sh.pdf || it.N < 0 {
		return nil
	}
	if it.N == 1 {
		return []string{"/files/lost.pdf"}
	}
	return []string{"/files/" + it.Key + ".pdf"}
}

// related are some other items, as every content management system shows them.
func (s *website) related(it item) []listed {
	var others []item
	for _, other := range s.items() {
		if other.Key != it.Key && len(others) < 3 && (other.Type == it.Type || len(s.sh.items) < 8) {
			others = append(others, other)
		}
	}
	return s.listed(others)
}

// jsonLD describes an item in schema.org's terms.
func (s *website) jsonLD(it item) map[string]any {
	doc := map[string]any{
		"@context": "https://schema.org", "@type": schemaOrg(it.Type), "name": it.Title, "inLanguage": it.Lang,
		"publisher": map[string]any{"@type": "GovernmentOrganization", "name": s.publisher(it)},
	}
	if it.Description != "" {
		doc["description"] = it.Description
	}
	if it.English != "" {
		doc["alternateName"] = it.English
	}
	switch {
	case !it.Issued.IsZero():
		doc["datePublished"] = it.Issued.Format(time.DateOnly)
	case it.Year > 0:
		doc["datePublished"] = strconv.Itoa(it.Year)
	}
	if !it.Changed.IsZero() {
		doc["dateModified"] = it.Changed.Format(time.RFC3339)
	}
	return doc
}

// schemaOrg is the class of a resource type.
func schemaOrg(resourceType string) string {
	switch resourceType {
	case "report", "brief":
		return "Report"
	case "training-module", "training-curriculum":
		return "LearningResource"
	}
	return "DigitalDocument"
}
