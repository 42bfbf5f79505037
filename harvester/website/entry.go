package website

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
	"ctiphub/record"
)

// entry is one page that the listing names.
type entry struct {
	url        string // canonical; also the record's identifier
	lastmod    string // as the sitemap states it
	text       string // of the link on a list page
	listed     bool   // found on a list page
	alternates []alternate
}

// alternate is the same page in another language (xhtml:link with hreflang).
type alternate struct{ lang, url string }

// hints are what the listing said about a page. "list-url" is the source's list, not the
// list page the link was on: links move on from page to page without meaning anything.
func (e entry) hints(list string) []record.Hint {
	var hints []record.Hint
	if e.lastmod != "" {
		hints = append(hints, record.Hint{Key: "lastmod", Value: e.lastmod})
	}
	if e.text != "" {
		hints = append(hints, record.Hint{Key: "link-text", Value: e.text})
	}
	if e.listed {
		hints = append(hints, record.Hint{Key: "list-url", Value: list})
	}
	for _, a := range e.alternates {
		hints = append(hints, record.Hint{Key: "alternate", Value: a.url, Lang: a.lang})
	}
	return hints
}

// listing is what discovery found.
type listing struct {
	entries    []entry // in order of their URLs
	skipped    []harvester.Skip
	validators []harvester.Validator // of the listing's own documents
}

// collector gathers entries and judges them by the recipe.
type collector struct {
	site             string // registrable domain
	include, exclude []*regexp.Regexp
	max              int
	byURL            map[string]*entry
	skips            map[string]string // URL to code
	broken           int               // addresses that are none
}

func newCollector(src harvester.Source) (*collector, error) {
	home, err := url.Parse(src.URL)
	if err != nil {
		return nil, fmt.Errorf("reading the source's url: %w", err)
	}
	c := &collector{site: site(home), max: src.Website.MaxPages, byURL: map[string]*entry{}, skips: map[string]string{}}
	if c.max <= 0 {
		c.max = defaultPages
	}
	if c.include, err = patterns(src.Website.Include); err != nil {
		return nil, fmt.Errorf("website.include: %w", err)
	}
	if c.exclude, err = patterns(src.Website.Exclude); err != nil {
		return nil, fmt.Errorf("website.exclude: %w", err)
	}
	return c, nil
}

func patterns(texts []string) ([]*regexp.Regexp, error) {
	var list []*regexp.Regexp
	for _, t := range texts {
		re, err := regexp.Compile(t)
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", t, err)
		}
		list = append(list, re)
	}
	return list, nil
}

// site is the registrable domain of a host, or the host where there is none.
func site(u *url.URL) string {
	host := strings.ToLower(u.Hostname())
	if net.ParseIP(host) != nil {
		return host
	}
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return domain
	}
	return host
}

// documents are endings of what is certainly neither page nor PDF. They are not asked for
// at all.
var documents = []string{
	".doc", ".docx", ".odt", ".rtf", ".xls", ".xlsx", ".csv", ".ods", ".ppt", ".pptx", ".odp",
	".zip", ".rar", ".7z", ".gz", ".epub", ".jpg", ".jpeg", ".png", ".gif", ".svg", ".webp",
	".mp3", ".mp4", ".avi", ".mov", ".wmv", ".m4a", ".webm", ".ics", ".xml", ".json", ".css", ".js",
}

// add takes in one address of a listing and judges it by the recipe.
func (c *collector) add(e entry) {
	canonical, err := fetch.Canonical(e.url)
	if err != nil {
		c.broken++
		return
	}
	e.url = canonical
	if known := c.byURL[e.url]; known != nil {
		// Listed twice: the later one adds what the first one lacks.
		known.lastmod = cmp.Or(known.lastmod, e.lastmod)
		known.text = cmp.Or(known.text, e.text)
		if known.alternates == nil {
			known.alternates = e.alternates
		}
		return
	}
	if _, skipped := c.skips[e.url]; skipped {
		return
	}
	u, err := url.Parse(e.url)
	if err != nil {
		c.broken++
		return
	}
	switch {
	case len(c.include) > 0 && !matchAny(c.include, e.url):
		return // not what the recipe is after: neither listed nor skipped
	case matchAny(c.exclude, e.url):
		c.skips[e.url] = "excluded"
	case site(u) != c.site:
		c.skips[e.url] = "off-site"
	case slices.Contains(documents, strings.ToLower(path.Ext(u.Path))):
		c.skips[e.url] = "not-html"
	default:
		c.byURL[e.url] = &e
	}
}

func matchAny(list []*regexp.Regexp, s string) bool {
	return slices.ContainsFunc(list, func(re *regexp.Regexp) bool { return re.MatchString(s) })
}

// listing sorts what was gathered. It reports whether everything fits into one run.
func (c *collector) listing() (l listing, all bool) {
	for _, e := range c.byURL {
		l.entries = append(l.entries, *e)
	}
	slices.SortFunc(l.entries, func(a, b entry) int { return cmp.Compare(a.url, b.url) })
	all = true
	if len(l.entries) > c.max {
		for _, e := range l.entries[c.max:] {
			c.skips[e.url] = "too-many"
		}
		l.entries, all = l.entries[:c.max:c.max], false
	}
	for u, code := range c.skips {
		l.skipped = append(l.skipped, harvester.Skip{Identifier: u, URL: u, Code: code})
	}
	slices.SortFunc(l.skipped, func(a, b harvester.Skip) int { return cmp.Compare(a.URL, b.URL) })
	return l, all
}
