package website

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html/charset"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
)

// walkList follows list pages from the source's url along the link that the recipe calls
// next, until there is none, a page comes again, or a page holds nothing new: lists that
// go round or have no end must not keep the hub.
func (w *walk) walkList(ctx context.Context, c *collector) ([]harvester.Validator, error) {
	item, next, err := selectors(w.src.Website)
	if err != nil {
		return nil, err
	}
	read := func(resp *fetch.Response) (listingDoc, error) { return readList(resp, item, next) }
	var kept []harvester.Validator
	pages, links := map[string]bool{}, map[string]bool{}
	number := newNumbering(w.src)
	for address := number.address(w.src.URL); address != ""; {
		if len(pages) >= maxListPages {
			w.whole = false
			w.note("too-many-list-pages", "The list has more than %d pages; those beyond were left out.", maxListPages)
			return kept, nil
		}
		pages[pageKey(address)] = true
		doc, err := w.fetchListing(ctx, address, accept, 0, read)
		if number.endsWith(err, len(pages)) {
			return kept, nil
		}
		if err != nil {
			return nil, err
		}
		if doc.validator != nil {
			kept = append(kept, *doc.validator)
		}
		fresh := false
		for _, e := range doc.entries {
			fresh = fresh || !links[e.url]
			links[e.url] = true
			c.add(e)
		}
		if !fresh && len(pages) == 1 {
			w.note("empty-list", "The selector website.item finds no links on %s.", address)
		}
		address = ""
		if number.on {
			address = number.following(fresh)
		} else if fresh && len(doc.next) > 0 && !pages[pageKey(doc.next[0])] {
			address = doc.next[0]
		}
	}
	return kept, nil
}

// numbering counts the list pages of a recipe that numbers them.
type numbering struct {
	on     bool
	recipe harvester.ListPages
	base   string
	now    int
}

func newNumbering(src harvester.Source) *numbering {
	n := &numbering{recipe: src.Website.Pages, base: src.URL}
	if n.on = n.recipe.Template != ""; !n.on {
		return n
	}
	n.now = 1
	if n.recipe.First != nil {
		n.now = *n.recipe.First
	}
	return n
}

// address is that of the page that it is the turn of, or the other one when pages are not
// numbered.
func (n *numbering) address(other string) string {
	if !n.on {
		return other
	}
	ref := strings.Replace(n.recipe.Template, "{n}", strconv.Itoa(n.now), 1)
	base, err := url.Parse(n.base)
	if err != nil {
		return ref
	}
	return resolve(base, ref)
}

// following goes on by one page. Without a last number the list ends with the first page
// that shows nothing new: many sites answer any number with their first page.
func (n *numbering) following(fresh bool) string {
	n.now += cmp.Or(n.recipe.Step, 1)
	if n.recipe.Last > 0 && n.now > n.recipe.Last || n.recipe.Last == 0 && !fresh {
		return ""
	}
	return n.address("")
}

// endsWith reports whether an error only says that there are no more pages: behind the
// last one sites answer "not found".
func (n *numbering) endsWith(err error, asked int) bool {
	var status *fetch.StatusError
	return n.on && asked > 1 && n.recipe.Last == 0 && errors.As(err, &status) && status.Status == http.StatusNotFound
}

// pageKey is the address by which a list page is known again.
func pageKey(address string) string {
	if key, err := fetch.Canonical(address); err == nil {
		return key
	}
	return address
}

// selectors compiles the CSS selectors of a recipe; next is nil when it has none.
func selectors(r harvester.WebsiteRecipe) (item, next goquery.Matcher, err error) {
	if item, err = cascadia.Compile(r.Item); err != nil {
		return nil, nil, fmt.Errorf("website.item %q is no CSS selector: %w", r.Item, err)
	}
	if r.Next == "" {
		return item, nil, nil
	}
	if next, err = cascadia.Compile(r.Next); err != nil {
		return nil, nil, fmt.Errorf("website.next %q is no CSS selector: %w", r.Next, err)
	}
	return item, next, nil
}

// readList finds the links of a list page.
func readList(resp *fetch.Response, item, next goquery.Matcher) (listingDoc, error) {
	text, err := charset.NewReader(bytes.NewReader(resp.Body), resp.MediaType)
	if err != nil {
		return listingDoc{}, fmt.Errorf("decoding the list page: %w", err)
	}
	page, err := goquery.NewDocumentFromReader(text)
	if err != nil {
		return listingDoc{}, fmt.Errorf("parsing the list page: %w", err)
	}
	base, err := url.Parse(resp.URL)
	if err != nil {
		return listingDoc{}, fmt.Errorf("reading the address: %w", err)
	}
	base = baseOf(page, base)
	doc := listingDoc{}
	page.FindMatcher(item).Each(func(_ int, s *goquery.Selection) {
		if href := linkOf(s); href != "" {
			doc.entries = append(doc.entries, entry{url: resolve(base, href), text: strings.Join(strings.Fields(s.Text()), " "), listed: true})
		}
	})
	if next != nil {
		if href := linkOf(page.FindMatcher(next).First()); href != "" {
			doc.next = []string{resolve(base, href)}
		}
	}
	return doc, nil
}

// linkOf returns the address of a selected link, or of the first link within what was
// selected. Links that only run a script lead nowhere.
func linkOf(s *goquery.Selection) string {
	href, ok := s.Attr("href")
	if !ok {
		href = s.Find("a[href]").First().AttrOr("href", "")
	}
	href = strings.TrimSpace(href)
	for _, scheme := range []string{"javascript:", "mailto:", "tel:", "data:", "#"} {
		if strings.HasPrefix(strings.ToLower(href), scheme) {
			return ""
		}
	}
	return href
}
