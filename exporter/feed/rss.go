package feed

import (
	"html"
	"strings"
	"time"

	"ctiphub/exporter"
	"ctiphub/record"
)

// RSS writes RSS 2.0 with what its profile recommends of Atom, Dublin Core and content.
func RSS(f Facts) Format {
	return Format{"rss", RSSType + "; charset=utf-8", func() exporter.Document {
		return exporter.Document{Head: f.rssHead(), Tail: "</channel></rss>\n", Append: func(dst []byte, rec record.Record) ([]byte, error) {
			w := writer{dst}
			w.rssItem(newEntry(f, rec))
			return w.dst, nil
		}}
	}}
}

func (f Facts) rssHead() string {
	w := writer{[]byte(xmlHead)}
	w.raw(`<rss version="2.0" xmlns:atom="` + atomNamespace + `" xmlns:dc="` + dcNamespace +
		`" xmlns:content="` + contentNamespace + `" xmlns:fh="` + historyNamespace + "\">\n<channel>")
	w.element("title", untagged(line(f.Title)))
	link := f.HTML
	if link == "" {
		link = f.ID // a file without an address: RSS wants a URI, and this one stays true
	}
	w.element("link", link)
	w.element("description", html.EscapeString(line(f.Title)))
	w.element("language", f.language())
	w.some("dc:creator", line(f.Author))
	w.element("lastBuildDate", rssTime(known(f.Updated, never)))
	f.pages(&w, "atom:", RSSType)
	w.raw("\n")
	return string(w.dst)
}

// rssTime writes a time as RFC 822 with a year of four digits.
func rssTime(t time.Time) string { return t.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") }

// untagged makes a title safe to be read either as text or as HTML. RSS does not say which
// it is and readers do both: with another sign for < there is no tag either way.
func untagged(s string) string { return strings.NewReplacer("<", "＜", ">", "＞").Replace(s) }

func (w *writer) rssItem(e entry) {
	w.raw("<item>")
	w.element("title", untagged(e.title.s), "xml:lang", e.title.lang)
	w.some("link", e.link())
	w.element("guid", e.id, "isPermaLink", "false")
	if !e.published.IsZero() {
		w.element("pubDate", rssTime(e.published))
	}
	w.element("atom:updated", atomTime(e.updated))
	w.some("description", html.EscapeString(e.summary.s), "xml:lang", e.summary.lang)
	w.some("content:encoded", markup(e.full))
	for _, name := range e.authors {
		w.element("dc:creator", name)
	}
	for _, l := range e.languages {
		w.element("dc:language", l)
	}
	w.some("dc:source", e.origin)
	w.some("dc:rights", e.license)
	for _, c := range e.categories {
		w.element("category", c.label, "domain", c.uri())
	}
	w.raw("</item>\n")
}
