package check

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"mime"
	"net/url"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
)

// Kinds of target. Those of sources are what a source with this url would be.
const (
	KindPage      = "page"
	KindFeed      = harvester.KindFeed
	KindSitemap   = "sitemap"
	KindOAIPMH    = harvester.KindOAIPMH
	KindWordPress = harvester.KindWordPress
	KindCKAN      = harvester.KindCKAN
	KindDSpace    = harvester.KindDSpace
	KindReliefWeb = harvester.KindReliefWeb
	KindAPI       = harvester.KindAPI
	KindPDF       = "pdf"
	KindOther     = "other"
)

// detectHead is how much of a document is looked at to tell what it is.
const detectHead = 64 << 10

// Detect says what the bytes are, by themselves first and by their declared type last.
func Detect(mediaType string, body []byte) string {
	head := bytes.TrimLeft(bytes.TrimPrefix(body[:min(len(body), detectHead)], []byte("\xef\xbb\xbf")), " \t\r\n")
	declared, _, err := mime.ParseMediaType(mediaType)
	if err != nil {
		declared = strings.ToLower(mediaType)
	}
	switch {
	case bytes.HasPrefix(head, []byte("%PDF-")):
		return KindPDF
	case bytes.HasPrefix(head, []byte("{")), bytes.HasPrefix(head, []byte("[")):
		return detectJSON(body)
	case declared == "text/csv":
		return KindAPI
	}
	switch rootElement(head) {
	case "OAI-PMH":
		return KindOAIPMH
	case "rss", "feed", "RDF":
		return KindFeed
	case "urlset", "sitemapindex":
		return KindSitemap
	case "html":
		return KindPage
	}
	if strings.Contains(declared, "html") || bytes.Contains(bytes.ToLower(head), []byte("<html")) || bytes.HasPrefix(bytes.ToLower(head), []byte("<!doctype html")) {
		return KindPage
	}
	return KindOther
}

// detectJSON tells the APIs apart by the keys that each of them has.
func detectJSON(body []byte) string {
	var doc struct {
		Version       string
		Namespaces    []string
		DspaceVersion string          `json:"dspaceVersion"`
		Embedded      json.RawMessage `json:"_embedded"`
		Success       *bool
		Result        json.RawMessage
		TotalCount    *int `json:"totalCount"`
		Data          []struct{ Fields json.RawMessage }
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		var posts []struct {
			Title   struct{ Rendered *string }
			DateGMT string `json:"date_gmt"`
		}
		if json.Unmarshal(body, &posts) == nil && len(posts) > 0 && posts[0].Title.Rendered != nil {
			return KindWordPress
		}
		if json.Valid(body) {
			return KindAPI
		}
		return KindOther
	}
	switch {
	case strings.Contains(doc.Version, "jsonfeed.org"):
		return KindFeed
	case strings.Contains(strings.Join(doc.Namespaces, " "), "wp/v2"):
		return KindWordPress
	case doc.DspaceVersion != "", bytes.Contains(doc.Embedded, []byte(`"searchResult"`)):
		return KindDSpace
	case doc.Success != nil && doc.Result != nil:
		return KindCKAN
	case doc.TotalCount != nil && len(doc.Data) > 0 && doc.Data[0].Fields != nil:
		return KindReliefWeb
	}
	return KindAPI
}

// apiBase is what a source of the kind has as its url, when one of its answers is known.
func apiBase(kind, at string) string {
	u, err := url.Parse(at)
	if err != nil {
		return at
	}
	cut := map[string][]string{
		KindWordPress: {"/wp-json"}, KindCKAN: {"/api/3", "/api/action"}, KindDSpace: {"/discover", "/core"},
	}
	for _, mark := range cut[kind] {
		if before, _, found := strings.Cut(u.Path, mark); found {
			u.Path = before
			if kind != KindDSpace {
				u.Path += "/"
			}
			break
		}
	}
	if kind != KindReliefWeb || !strings.Contains(u.RawQuery, "appname") {
		u.RawQuery = ""
	}
	return u.String()
}

// rootElement is the local name of the first element, "" when there is none to be seen.
func rootElement(head []byte) string {
	d := xml.NewDecoder(bytes.NewReader(head))
	d.Strict = false
	for {
		tok, err := d.RawToken()
		if err != nil {
			return ""
		}
		if start, ok := tok.(xml.StartElement); ok {
			_, local, found := strings.Cut(start.Name.Local, ":")
			if !found {
				local = start.Name.Local
			}
			if strings.EqualFold(local, "html") {
				return "html"
			}
			return local
		}
	}
}

// feedTypes are the media types by which pages announce feeds.
var feedTypes = map[string]bool{"application/rss+xml": true, "application/atom+xml": true, "application/feed+json": true}

// offers finds the feeds and APIs that a page names.
func offers(resp *fetch.Response) []Offer {
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(resp.Body))
	if err != nil {
		return nil
	}
	base, err := url.Parse(resp.URL)
	if err != nil {
		return nil
	}
	var list []Offer
	add := func(kind, ref string) {
		if u, err := base.Parse(strings.TrimSpace(ref)); err == nil && len(list) < 10 {
			list = append(list, Offer{kind, u.String()})
		}
	}
	for _, header := range resp.Header.Values("Link") {
		if strings.Contains(header, "https://api.w.org/") {
			add(KindWordPress, "/")
		}
	}
	doc.Find("link[href]").Each(func(_ int, s *goquery.Selection) {
		rel, href := strings.ToLower(s.AttrOr("rel", "")), s.AttrOr("href", "")
		switch {
		case rel == "https://api.w.org/" && !hasKind(list, KindWordPress):
			add(KindWordPress, "/")
		case rel == "alternate" && feedTypes[strings.ToLower(s.AttrOr("type", ""))]:
			add(KindFeed, href)
		}
	})
	return list
}

func hasKind(list []Offer, kind string) bool {
	for _, o := range list {
		if o.Kind == kind {
			return true
		}
	}
	return false
}
