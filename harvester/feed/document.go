package feed

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/atom"
	ext "github.com/mmcdole/gofeed/extensions"
	jsonfeed "github.com/mmcdole/gofeed/json"
	"github.com/mmcdole/gofeed/rss"

	"ctiphub/internal/fetch"
	"ctiphub/record"
)

// entryAttrs is what the tag of an entry says.
type entryAttrs struct {
	lang  string // xml:lang, or "language" of a JSON Feed
	about string // rdf:about
}

// document is one feed document as it was understood.
type document struct {
	feed      *gofeed.Feed
	base      *url.URL
	next      string       // address of the document behind this one, or ""
	links     []feedLink   // what the feed says of itself, the hubs of a JSON Feed among them
	attrs     []entryAttrs // as long as feed.Items, or nil
	permalink []bool       // whether the guid of an entry is its address; the same
	notes     []record.Finding
}

// parse reads the answer of a feed URL. What can be mended is, with a note.
func parse(resp *fetch.Response) (*document, error) {
	base, err := url.Parse(resp.URL)
	if err != nil {
		return nil, fmt.Errorf("reading the address: %w", err)
	}
	text := bytes.TrimSpace(toUTF8(resp.Body, resp.MediaType))
	switch {
	case len(text) == 0:
		return nil, fmt.Errorf("the answer (status %d) is empty, where a feed should be", resp.Status)
	case text[0] == '{':
		return parseJSON(text, base)
	}
	text, root := clean(text)
	if root == "" {
		return nil, notAFeed(text, base)
	}
	f, err := neutral(text)
	var notes []record.Finding
	if err != nil {
		var note record.Finding
		if text, note, err = mend(text, err); err != nil {
			return nil, err
		}
		if f, err = neutral(text); err != nil {
			return nil, withLine(text, err)
		}
		notes = append(notes, note)
	}
	doc := &document{feed: f, base: base, notes: notes, attrs: entryAttributes(text)}
	doc.readOriginal()
	return doc, nil
}

// neutral reads a document into gofeed's neutral form. The images that gofeed would look
// for in every text are not used.
func neutral(text []byte) (*gofeed.Feed, error) {
	parser := gofeed.NewParser()
	parser.KeepOriginalFeed = true
	parser.RSSTranslator = &gofeed.DefaultRSSTranslator{DisableContentImageScan: true}
	return parser.Parse(bytes.NewReader(text))
}

func parseJSON(text []byte, base *url.URL) (*document, error) {
	var probe struct {
		Version string          `json:"version"`
		Items   json.RawMessage `json:"items"`
		FeedURL looseText       `json:"feed_url"`
		Hubs    looseHubs       `json:"hubs"`
	}
	if err := json.Unmarshal(text, &probe); err != nil {
		return nil, withLine(text, err)
	}
	if probe.Items == nil {
		return nil, errors.New("the answer is JSON but no JSON Feed: it has no \"items\"")
	}
	f, err := neutral(text)
	if err != nil {
		return nil, withLine(text, err)
	}
	doc := &document{feed: f, base: base}
	for _, h := range probe.Hubs {
		// The other type in use, rssCloud, is another protocol.
		if strings.EqualFold(h.Type, "WebSub") || strings.EqualFold(h.Type, "PubSubHubbub") {
			doc.links = append(doc.links, feedLink{"hub", h.URL})
		}
	}
	if probe.FeedURL != "" {
		doc.links = append(doc.links, feedLink{"self", string(probe.FeedURL)})
	}
	doc.readOriginal()
	return doc, nil
}

// readOriginal takes what gofeed's neutral form leaves out: where the next document is,
// what language an entry is in, whether a guid is an address.
func (d *document) readOriginal() {
	switch f := d.feed.OriginalFeed().(type) {
	case *atom.Feed:
		for _, l := range f.Links {
			d.links = append(d.links, feedLink{l.Rel, l.Href})
		}
	case *rss.Feed:
		for _, i := range f.Items {
			d.permalink = append(d.permalink, i.GUID != nil && !strings.EqualFold(strings.TrimSpace(i.GUID.IsPermalink), "false"))
		}
		for _, l := range atomLinks(f.Extensions) {
			d.links = append(d.links, feedLink{l.Attrs["rel"], l.Attrs["href"]})
		}
	case *jsonfeed.Feed:
		d.next = d.resolve(f.NextURL)
		for _, i := range f.Items {
			d.attrs = append(d.attrs, entryAttrs{lang: i.Language})
		}
	}
	for _, rel := range []string{"prev-archive", "next"} {
		if href := d.link(rel); href != "" {
			d.next = href
		}
	}
	if len(d.attrs) != len(d.feed.Items) {
		d.attrs = nil
	}
	if len(d.permalink) != len(d.feed.Items) {
		d.permalink = nil
	}
}

// atomLinks returns the Atom links that an RSS channel carries.
func atomLinks(extensions ext.Extensions) []ext.Extension {
	var links []ext.Extension
	for _, prefix := range []string{"atom", "atom10", "atom03"} {
		links = append(links, extensions[prefix]["link"]...)
	}
	return links
}

// resolve makes an address absolute; what is no web address becomes "".
func (d *document) resolve(ref string) string {
	u, err := d.base.Parse(strings.TrimSpace(ref))
	if err != nil || strings.TrimSpace(ref) == "" || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return u.String()
}

// entryAttributes returns what gofeed drops of the entries' own tags, in order.
func entryAttributes(text []byte) []entryAttrs {
	const xmlSpace = "http://www.w3.org/XML/1998/namespace"
	var list []entryAttrs
	d := newDecoder(text)
	for {
		token, err := d.Token()
		if err != nil {
			return list
		}
		start, ok := token.(xml.StartElement)
		if !ok || !isEntry(start.Name.Local) {
			continue
		}
		var attrs entryAttrs
		for _, a := range start.Attr {
			switch {
			case a.Name.Local == "lang" && (a.Name.Space == xmlSpace || a.Name.Space == "xml"):
				attrs.lang = a.Value
			case a.Name.Local == "about":
				attrs.about = strings.TrimSpace(a.Value)
			}
		}
		list = append(list, attrs)
	}
}

// notAFeed says what was found in place of a feed and, where a web page names its feed,
// what to put into the configuration.
func notAFeed(text []byte, base *url.URL) error {
	name := firstElement(text)
	if !strings.EqualFold(name, "html") {
		if name == "" {
			return errors.New("the answer is neither XML nor JSON, where a feed should be")
		}
		return fmt.Errorf("the answer is no feed: its first element is <%s>", name)
	}
	const problem = "the URL answers a web page, not a feed"
	page, err := goquery.NewDocumentFromReader(bytes.NewReader(text))
	if err != nil {
		return errors.New(problem)
	}
	link := page.Find(`link[rel~="alternate"][type="application/rss+xml"], link[rel~="alternate"][type="application/atom+xml"], link[rel~="alternate"][type="application/feed+json"]`).First()
	if feed := (&document{base: base}).resolve(link.AttrOr("href", "")); feed != "" {
		return fmt.Errorf("%s; the page names %s as its feed: try that as the source's url", problem, feed)
	}
	return fmt.Errorf("%s; give the feed's own address as the source's url", problem)
}
