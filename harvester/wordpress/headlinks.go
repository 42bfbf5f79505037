package wordpress

import (
	"bytes"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"ctiphub/internal/fetch"
)

// linkHeader finds the links of a Link header (RFC 8288) as address and parameters.
var linkHeader = regexp.MustCompile(`<([^>]*)>((?:\s*;\s*[A-Za-z*-]+\s*=\s*(?:"[^"]*"|[^",;\s]+))*)`)

var linkParam = regexp.MustCompile(`;\s*([A-Za-z*-]+)\s*=\s*(?:"([^"]*)"|([^",;\s]+))`)

// headLink is one link of a page's head or of its Link headers.
type headLink struct{ rel, href, lang, typ string }

// headLinks returns the links that a page names of itself.
func headLinks(resp *fetch.Response) []headLink {
	var links []headLink
	for _, h := range resp.Header.Values("Link") {
		for _, m := range linkHeader.FindAllStringSubmatch(h, 100) {
			l := headLink{href: m[1]}
			for _, p := range linkParam.FindAllStringSubmatch(m[2], 20) {
				switch value := p[2] + p[3]; strings.ToLower(p[1]) {
				case "rel":
					l.rel = value
				case "hreflang":
					l.lang = value
				case "type":
					l.typ = value
				}
			}
			links = append(links, l)
		}
	}
	if page, err := goquery.NewDocumentFromReader(bytes.NewReader(resp.Body)); err == nil {
		page.Find("link[rel][href]").EachWithBreak(func(n int, s *goquery.Selection) bool {
			links = append(links, headLink{s.AttrOr("rel", ""), s.AttrOr("href", ""), s.AttrOr("hreflang", ""), s.AttrOr("type", "")})
			return n < 500
		})
	}
	base, err := url.Parse(resp.URL)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(links, func(l headLink) bool { return absolute(base, l.href) == "" })
}
