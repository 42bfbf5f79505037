package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// feedSite serves one publisher's feed and the pages that it links to.
type feedSite struct {
	*website
	site   Site
	format string
	broken bool
}

// mediaTypes are how a server calls each format.
var mediaTypes = map[string]string{"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}

func newFeedSite(c *content, sh shape, site Site, base, format string, broken bool, revision *atomic.Int64) http.Handler {
	f := &feedSite{website: newWebsite(c, sh, site, base, revision), site: site, format: format, broken: broken}
	f.feeds = []feedLink{{mediaTypes[format], "/feed." + format}}
	mux := f.mux()
	mux.HandleFunc("GET /feed."+format, f.feed)
	return mux
}

// feed serves the feed in the site's format.
func (f *feedSite) feed(w http.ResponseWriter, r *http.Request) {
	changed := f.newest()
	var body []byte
	switch f.format {
	case "rss":
		body = f.rss(changed)
	case "atom":
		body = f.atom(changed)
	default:
		body = f.json()
	}
	serve(w, r, mediaTypes[f.format], body, changed)
}

func (f *feedSite) link(it item) string { return f.base + f.path(it) }

func (f *feedSite) rss(changed time.Time) []byte {
	e := html.EscapeString
	if f.broken {
		// What a hand-made template does: entities of HTML, and no escaping at all.
		e = func(s string) string {
			return strings.ReplaceAll(strings.ReplaceAll(s, " and ", " & "), " – ", "&nbsp;– ")
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel><title>%s</title><link>%s/</link><description>%s</description><language>%s</language><lastBuildDate>%s</lastBuildDate>\n",
		e(f.name), f.base, e(f.c.phrases[f.sh.lang].Labels["publications"]), f.sh.lang, changed.Format(time.RFC1123Z))
	for n, it := range f.items() {
		fmt.Fprintf(&b, "<item><title>%s</title><link>%s</link><guid isPermaLink=\"true\">%s</guid><description>%s</description><category>%s</category>",
			e(it.Title), f.link(it), f.link(it), e(it.Description), it.Type)
		if f.broken && n == 3 {
			b.WriteString("<comments>pasted from a word processor\x0b\x01</comments>")
		}
		if !it.Issued.IsZero() {
			fmt.Fprintf(&b, "<pubDate>%s</pubDate>", it.Issued.Format(time.RFC1123Z))
		}
		for _, file := range f.files(it) {
			fmt.Fprintf(&b, "<enclosure url=\"%s%s\" length=\"0\" type=\"application/pdf\"/>", f.base, file)
		}
		b.WriteString("</item>\n")
	}
	if f.broken {
		b.WriteString("<item><title>A notice without an address \x0b</title><description>Nobody can tell which notice this is & where it was</description></item>\n")
	}
	b.WriteString("</channel></rss>\n")
	return b.Bytes()
}

func (f *feedSite) atom(changed time.Time) []byte {
	e := html.EscapeString
	var b bytes.Buffer
	fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"%s\"><title>%s</title><id>%s/</id><link rel=\"self\" href=\"%s/feed.atom\"/><link rel=\"alternate\" href=\"%s/\"/><updated>%s</updated><author><name>%s</name></author>\n",
		f.sh.lang, e(f.name), f.base, f.base, f.base, changed.Format(time.RFC3339), e(f.name))
	for _, it := range f.items() {
		fmt.Fprintf(&b, "<entry xml:lang=\"%s\"><title>%s</title><id>%s</id><link href=\"%s\"/><updated>%s</updated><category term=\"%s\"/>",
			it.Lang, e(it.Title), f.link(it), f.link(it), f.changed(it).Format(time.RFC3339), it.Type)
		if it.Description != "" {
			fmt.Fprintf(&b, "<summary>%s</summary>", e(it.Description))
		}
		if it.Publisher != "" {
			fmt.Fprintf(&b, "<author><name>%s</name></author>", e(it.Publisher))
		}
		if !it.Issued.IsZero() {
			fmt.Fprintf(&b, "<published>%s</published>", it.Issued.Format(time.RFC3339))
		}
		b.WriteString("</entry>\n")
	}
	b.WriteString("</feed>\n")
	return b.Bytes()
}

// jsonEntry is an item of a JSON Feed.
type jsonEntry struct {
	ID        string   `json:"id"`
	URL       string   `json:"url"`
	Title     string   `json:"title"`
	Summary   string   `json:"summary,omitempty"`
	Text      string   `json:"content_text"`
	Language  string   `json:"language"`
	Published string   `json:"date_published,omitempty"`
	Tags      []string `json:"tags,omitempty"`
}

func (f *feedSite) json() []byte {
	doc := struct {
		Version  string      `json:"version"`
		Title    string      `json:"title"`
		Home     string      `json:"home_page_url"`
		Self     string      `json:"feed_url"`
		Language string      `json:"language"`
		Items    []jsonEntry `json:"items"`
	}{Version: "https://jsonfeed.org/version/1.1", Title: f.name, Home: f.base + "/", Self: f.base + "/feed.json", Language: f.sh.lang}
	for _, it := range f.items() {
		e := jsonEntry{ID: f.link(it), URL: f.link(it), Title: it.Title, Summary: it.Description, Text: it.Description, Language: it.Lang, Tags: []string{it.Type}}
		if !it.Issued.IsZero() {
			e.Published = it.Issued.Format(time.RFC3339)
		}
		doc.Items = append(doc.Items, e)
	}
	b, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		return nil // strings can always be written
	}
	return b
}
