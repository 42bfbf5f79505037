package feed

import (
	"strconv"

	"ctiphub/exporter"
	"ctiphub/record"
)

// Media types of the feeds, without their charset.
const (
	AtomType = "application/atom+xml"
	RSSType  = "application/rss+xml"
	JSONType = "application/feed+json"
)

// Namespaces of what the feeds are made of.
const (
	atomNamespace    = "http://www.w3.org/2005/Atom"
	historyNamespace = "http://purl.org/syndication/history/1.0" // RFC 5005
	dcNamespace      = "http://purl.org/dc/elements/1.1/"
	contentNamespace = "http://purl.org/rss/1.0/modules/content/"
)

const xmlHead = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// Atom writes Atom 1.0 (RFC 4287).
func Atom(f Facts) Format {
	return Format{"atom", AtomType + "; charset=utf-8", func() exporter.Document {
		return exporter.Document{Head: f.atomHead(), Tail: "</feed>\n", Append: func(dst []byte, rec record.Record) ([]byte, error) {
			w := writer{dst}
			w.atomEntry(newEntry(f, rec))
			return w.dst, nil
		}}
	}}
}

func (f Facts) atomHead() string {
	w := writer{[]byte(xmlHead)}
	w.raw(`<feed xmlns="` + atomNamespace + `" xmlns:fh="` + historyNamespace + `" xml:lang="` + f.language() + "\">\n")
	w.element("id", f.ID)
	w.element("title", line(f.Title), "type", "text")
	w.element("updated", atomTime(known(f.Updated, never)))
	w.raw("<author>")
	w.element("name", f.hub())
	w.some("uri", f.Home)
	w.raw("</author>")
	w.atomLink("", "alternate", f.HTML, "type", "text/html")
	f.pages(&w, "", AtomType)
	w.raw("\n")
	return string(w.dst)
}

// pages writes where this document and those beside it are (RFC 5005).
func (f Facts) pages(w *writer, prefix, media string) {
	w.atomLink(prefix, "self", f.Self, "type", media)
	w.atomLink(prefix, "first", f.First, "type", media)
	w.atomLink(prefix, "previous", f.Previous, "type", media)
	w.atomLink(prefix, "next", f.Next, "type", media)
	if f.complete() {
		w.element("fh:complete", "")
	}
}

// complete holds what was said against the rest: a document that others belong to is not.
func (f Facts) complete() bool {
	return f.Complete && f.First == "" && f.Previous == "" && f.Next == ""
}

// hub names who makes the feed; Atom wants a name.
func (f Facts) hub() string {
	if name := line(f.Author); name != "" {
		return name
	}
	return "Resource Hub"
}

func (w *writer) atomEntry(e entry) {
	w.raw(`<entry xml:lang="` + e.title.lang + `">`)
	w.element("id", e.id)
	w.element("title", e.title.s, "type", "text")
	w.element("updated", atomTime(e.updated))
	if !e.published.IsZero() {
		w.element("published", atomTime(e.published))
	}
	for _, name := range e.authors {
		w.raw("<author>")
		w.element("name", name)
		w.raw("</author>")
	}
	w.atomLinks(e)
	for _, c := range e.categories {
		w.element("category", "", "term", c.id, "scheme", c.uri(), "label", c.label, "xml:lang", "en")
	}
	w.some("summary", e.summary.s, "type", "text", "xml:lang", e.summary.lang)
	switch {
	case len(e.full) > 0:
		w.element("content", markup(e.full), "type", "html", "xml:lang", "und") // each paragraph names its own
	case e.link() == "":
		w.element("content", e.title.s, "type", "text") // wanted of an entry that leads nowhere
	}
	w.raw("</entry>\n")
}

// atomLinks writes where an entry leads. Files are related, not enclosures: readers fetch
// enclosures unasked, and what lies on a phone can be found there.
func (w *writer) atomLinks(e entry) {
	w.atomLink("", "alternate", e.link(), "type", "text/html")
	if e.origin != e.link() {
		w.atomLink("", "via", e.origin)
	}
	for _, file := range e.files {
		length, lang := "", file.Language
		if file.Bytes > 0 {
			length = strconv.FormatInt(file.Bytes, 10)
		}
		if lang == "und" {
			lang = ""
		}
		w.atomLink("", "related", file.URL, "type", file.MediaType, "hreflang", lang, "length", length)
	}
	w.atomLink("", "license", e.license)
}
