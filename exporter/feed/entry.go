package feed

import (
	"mime"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ctiphub/internal/ctip"
	"ctiphub/record"
)

// entry is a record as every form of feed shows it.
type entry struct {
	id         string
	page       string // the hub's page of it, or ""
	origin     string // the publisher's page of it, or ""
	title      text
	summary    text
	full       []text // title and description by language, where the summary is not all
	published  time.Time
	updated    time.Time
	authors    []string
	categories []category
	languages  []string
	files      []record.File
	license    string
}

// category is one concept of a record.
type category struct{ scheme, id, label string }

// uri is that of the scheme.
func (c category) uri() string { return "urn:ctip-hub:" + c.scheme }

// Limits of an entry, in characters.
const (
	longestTitle   = 300
	longestSummary = 800
	longestFull    = 20_000
)

// newEntry prepares a record. Its texts are those in its own language: who follows a feed
// has no language that the hub knows of.
func newEntry(f Facts, rec record.Record) entry {
	rec = ctip.Public(rec)
	e := entry{
		id: EntryID(f.Authority, rec.ID), origin: webAddress(rec.Origin.Landing), license: webAddress(rec.Rights.License),
		published: known(rec.Harvest.FirstSeen), updated: known(rec.Harvest.LastChanged, rec.Harvest.FirstSeen, never),
		authors: authors(rec), categories: categories(f, rec),
	}
	if f.Page != nil {
		e.page = webAddress(f.Page(rec.ID))
	}
	e.setTexts(rec)
	for _, l := range rec.Languages {
		if t := languageTag(l); t != "und" && !slices.Contains(e.languages, t) {
			e.languages = append(e.languages, t)
		}
	}
	for _, file := range rec.Files {
		file.URL = webAddress(file.URL)
		if file.URL != "" && file.Status != "dead" {
			file.MediaType, file.Language = mediaType(file.MediaType), languageTag(file.Language)
			e.files = append(e.files, file)
		}
	}
	return e
}

// setTexts sets title and summary, and the full texts where they say more.
func (e *entry) setTexts(rec record.Record) {
	title, lang := own(rec.Title, rec.Languages)
	short, _ := clip(title, longestTitle)
	e.title = text{short, languageTag(lang)}
	if short == "" {
		e.title = text{"Untitled record " + string(rec.ID), "en"}
	}
	summary, lang := own(rec.Description, rec.Languages)
	short, cut := clip(summary, longestSummary)
	e.summary = text{short, languageTag(lang)}
	if !cut && len(lines(rec.Description[lang])) < 2 && len(rec.Title) < 2 && len(rec.Description) < 2 {
		return
	}
	e.full = full(rec)
}

// full lists title and description in all their languages, the resource's own first.
func full(rec record.Record) []text {
	var list []text
	left := longestFull
	for _, texts := range []record.Texts{rec.Title, rec.Description} {
		for _, l := range order(texts, rec.Languages) {
			for _, s := range lines(texts[l]) {
				if left <= 0 {
					return list
				}
				s, _ = clip(s, left)
				list = append(list, text{s, languageTag(l)})
				left -= utf8.RuneCountInString(s)
			}
		}
	}
	return list
}

// order lists the languages of a text: the resource's own, English, then the others.
func order(t record.Texts, languages []string) []string {
	var list []string
	for _, l := range slices.Concat(languages, []string{"en"}, t.Languages()) {
		if _, ok := t[l]; ok && !slices.Contains(list, l) {
			list = append(list, l)
		}
	}
	return list
}

// own returns a text in the first language of the resource in which there is one.
func own(t record.Texts, languages []string) (s, lang string) {
	for _, l := range order(t, languages) {
		if s := line(t[l]); s != "" {
			return s, l
		}
	}
	return "", "und"
}

// authors names who published a record, or else who made it.
func authors(rec record.Record) []string {
	for _, agents := range [][]record.Agent{rec.Publishers, rec.Creators} {
		var names []string
		for _, a := range agents {
			if name, _ := own(a.Name, rec.Languages); name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		if len(names) > 0 {
			return names
		}
	}
	return nil
}

// categories lists the concepts by which feeds are sorted and filtered.
func categories(f Facts, rec record.Record) []category {
	var list []category
	for _, s := range []struct {
		scheme string
		tags   []record.Tag
	}{{"country", rec.Countries}, {"theme", rec.Themes}, {"type", rec.Type}} {
		for _, t := range s.tags {
			if id := line(t.ID); id != "" {
				list = append(list, category{s.scheme, id, f.label(s.scheme, id)})
			}
		}
	}
	return list
}

// mediaType returns a media type without parameters, or "" for what is none.
func mediaType(s string) string {
	m, _, err := mime.ParseMediaType(s)
	if kind, sub, ok := strings.Cut(m, "/"); err != nil || !ok || kind == "" || sub == "" {
		return ""
	}
	return m
}

// link is where an entry leads: to the hub's page, which can be asked what became of a
// record, or else to the publisher's.
func (e entry) link() string {
	if e.page != "" {
		return e.page
	}
	return e.origin
}
