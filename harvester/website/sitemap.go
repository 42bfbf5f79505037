package website

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

// sitemap is one document of the sitemaps protocol (https://www.sitemaps.org): pages or
// further sitemaps.
type sitemap struct {
	entries []entry
	maps    []string
	cut     bool // more entries than the protocol allows
}

// Wire forms. Namespaces are not asked for: too many sitemaps have a wrong one.
type (
	urlXML struct {
		Loc     string    `xml:"loc"`
		Lastmod string    `xml:"lastmod"`
		Links   []linkXML `xml:"link"`
	}
	linkXML struct {
		Rel      string `xml:"rel,attr"`
		Hreflang string `xml:"hreflang,attr"`
		Href     string `xml:"href,attr"`
		Text     string `xml:",chardata"`
	}
	mapXML struct {
		Loc  string `xml:"loc"`
		Text string `xml:",chardata"` // some put the address right into the element
	}
	// itemXML is an entry of RSS or Atom, which the protocol allows as sitemaps.
	itemXML struct {
		Links   []linkXML `xml:"link"`
		PubDate string    `xml:"pubDate"`
		Updated string    `xml:"updated"`
	}
)

// parseSitemap reads a urlset, an index, a text file with one address a line, or a feed.
func parseSitemap(body []byte, mediaType string) (sitemap, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	switch {
	case len(body) == 0:
		return sitemap{}, errors.New("the sitemap is empty")
	case body[0] != '<':
		return parseTextSitemap(body)
	}
	s := sitemap{}
	d := xml.NewDecoder(bytes.NewReader(body))
	d.Strict = false
	d.CharsetReader = charset.NewReaderLabel
	root := ""
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return sitemap{}, fmt.Errorf("the sitemap cannot be read: %w", err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if root == "" {
			if root = strings.ToLower(start.Name.Local); !slices.Contains(roots, root) {
				return sitemap{}, notASitemap(root, mediaType)
			}
			continue
		}
		if err := s.element(d, start); err != nil {
			return sitemap{}, fmt.Errorf("the sitemap cannot be read: %w", err)
		}
		if len(s.entries) >= maxPerSitemap || len(s.maps) >= maxPerSitemap {
			s.cut = true
			break
		}
	}
	if root == "" {
		return sitemap{}, errors.New("the sitemap has no elements")
	}
	return s, nil
}

var roots = []string{"urlset", "sitemapindex", "rss", "rdf", "feed"}

func notASitemap(root, mediaType string) error {
	if root == "html" {
		return fmt.Errorf("the URL answers a web page (%s), not a sitemap; give the sitemap's address as the source's url, or set website.discover to \"list\"", mediaType)
	}
	return fmt.Errorf("the document is no sitemap: its first element is <%s>", root)
}

// element reads one element below the root.
func (s *sitemap) element(d *xml.Decoder, start xml.StartElement) error {
	switch strings.ToLower(start.Name.Local) {
	case "url":
		var u urlXML
		if err := d.DecodeElement(&u, &start); err != nil {
			return err
		}
		if loc := strings.TrimSpace(u.Loc); loc != "" {
			s.entries = append(s.entries, entry{url: loc, lastmod: strings.TrimSpace(u.Lastmod), alternates: alternates(u.Links)})
		}
	case "sitemap":
		var m mapXML
		if err := d.DecodeElement(&m, &start); err != nil {
			return err
		}
		if loc := strings.TrimSpace(m.Loc); loc != "" {
			s.maps = append(s.maps, loc)
		} else if loc := strings.TrimSpace(m.Text); loc != "" {
			s.maps = append(s.maps, loc)
		}
	case "item", "entry":
		var i itemXML
		if err := d.DecodeElement(&i, &start); err != nil {
			return err
		}
		if loc := feedLink(i.Links); loc != "" {
			s.entries = append(s.entries, entry{url: loc, lastmod: strings.TrimSpace(i.PubDate + i.Updated)})
		}
	}
	return nil
}

// alternates returns the language versions of a page, in a fixed order.
func alternates(links []linkXML) []alternate {
	var list []alternate
	for _, l := range links {
		if href := strings.TrimSpace(l.Href); href != "" && l.Hreflang != "" && strings.EqualFold(l.Rel, "alternate") {
			list = append(list, alternate{strings.TrimSpace(l.Hreflang), href})
		}
	}
	slices.SortFunc(list, func(a, b alternate) int { return strings.Compare(a.lang+" "+a.url, b.lang+" "+b.url) })
	return slices.Compact(list)
}

func feedLink(links []linkXML) string {
	for _, l := range links {
		if l.Href != "" && (l.Rel == "" || l.Rel == "alternate") {
			return strings.TrimSpace(l.Href)
		}
		if text := strings.TrimSpace(l.Text); text != "" {
			return text
		}
	}
	return ""
}

// parseTextSitemap reads one address a line. A text without any is no sitemap.
func parseTextSitemap(body []byte) (sitemap, error) {
	s := sitemap{}
	if !utf8.Valid(body) {
		return s, errors.New("the sitemap is neither XML nor text in UTF-8")
	}
	for line := range strings.Lines(string(body)) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "http://") && !strings.HasPrefix(line, "https://") {
			continue
		}
		if len(s.entries) >= maxPerSitemap {
			s.cut = true
			break
		}
		s.entries = append(s.entries, entry{url: line})
	}
	if len(s.entries) == 0 {
		return s, errors.New("the document is neither XML nor a list of addresses, where a sitemap should be")
	}
	return s, nil
}
