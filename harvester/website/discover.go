package website

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
	"ctiphub/record"
)

// discover finds the pages that the recipe is after.
func (w *walk) discover(ctx context.Context) (listing, error) {
	c, err := newCollector(w.src)
	if err != nil {
		return listing{}, err
	}
	var kept []harvester.Validator
	if w.src.Website.Discover == "list" || w.src.Website.Discover == "" && w.src.Website.Item != "" {
		kept, err = w.walkList(ctx, c)
	} else {
		kept, err = w.walkSitemaps(ctx, c)
	}
	if err != nil {
		return listing{}, err
	}
	if c.broken > 0 {
		w.note("bad-address", "The listing holds %d addresses that are no web addresses.", c.broken)
	}
	l, all := c.listing()
	if !all {
		w.whole = false
		w.note("too-many-pages", "The listing names more than %d pages; those beyond were left out.", c.max)
	}
	l.validators = kept
	w.judgeLastmods(l.entries)
	return l, nil
}

// request is what every request of the run has in common.
func (w *walk) request(address, accept string) fetch.Request {
	return fetch.Request{URL: address, Accept: accept, Politeness: w.src.Politeness, Account: w.src.ID}
}

// judgeLastmods finds out whether the lastmods of a sitemap say anything. Where all pages
// have the same day, it is the one on which the sitemap or the whole site was made. As
// long as that day lies back it may still tell that nothing changed since; when it is
// today, it does so every day.
func (w *walk) judgeLastmods(entries []entry) {
	days, dated := map[string]int{}, 0
	most := ""
	for _, e := range entries {
		if _, err := time.Parse(time.DateOnly, e.lastmod[:min(len(e.lastmod), 10)]); err == nil {
			dated++
			day := e.lastmod[:10]
			if days[day]++; days[day] > days[most] {
				most = day
			}
		}
	}
	if dated < fewDated || days[most]*100 < dated*95 {
		return
	}
	w.sameDay = true
	day, err := time.Parse(time.DateOnly, most)
	if age := w.now().UTC().Sub(day); err == nil && age < 48*time.Hour && age > -48*time.Hour {
		w.noSkip = true
		w.note("lastmod-always-today", "The sitemap gives nearly all of its %d pages the lastmod %s: it seems to be the day on which the sitemap is made, so every page is asked for. Write into lastmod when the page itself was last changed.", dated, most)
	}
}

func (w *walk) note(code, format string, args ...any) {
	w.notes = append(w.notes, record.Finding{Code: code, Detail: fmt.Sprintf(format, args...)})
}

// listingDoc is one document of a listing: what is in it, and what to keep of it.
type listingDoc struct {
	entries   []entry
	next      []string // further documents of the listing
	validator *harvester.Validator
}

// fetchListing asks for one document of a listing, conditionally when it was kept whole
// the last time: "not modified" then gives the same entries again, hints and all.
func (w *walk) fetchListing(ctx context.Context, address, accept string, maxBytes int64, parse func(*fetch.Response) (listingDoc, error)) (listingDoc, error) {
	req := w.request(address, accept)
	req.Politeness.MaxBytes = max(req.Politeness.MaxBytes, maxBytes)
	known, kept := w.known(address), listingDoc{}
	if doc, ok := unpack(known.Identifiers); ok {
		kept = doc
		req.ETag, req.LastModified = known.ETag, known.LastModified
	}
	resp, err := w.get.Get(ctx, req)
	if err != nil {
		return listingDoc{}, err
	}
	if resp.NotModified {
		return kept, nil
	}
	doc, err := parse(resp)
	if err != nil {
		return listingDoc{}, fmt.Errorf("reading %s: %w", resp.URL, err)
	}
	etag, modified := resp.Header.Get("ETag"), resp.Header.Get("Last-Modified")
	if (etag != "" || modified != "") && len(doc.entries)+len(doc.next) <= maxKept {
		doc.validator = &harvester.Validator{URL: address, ETag: etag, LastModified: modified, Identifiers: pack(doc)}
	}
	return doc, nil
}

// walkSitemaps reads the sitemaps of the source and those they name. One of several that
// cannot be had is noted, and makes the listing less than whole.
func (w *walk) walkSitemaps(ctx context.Context, c *collector) ([]harvester.Validator, error) {
	queue, err := w.startSitemaps(ctx)
	if err != nil {
		return nil, err
	}
	var kept []harvester.Validator
	var failure error
	seen, read := map[string]bool{}, 0
	for len(queue) > 0 && len(seen) < maxSitemaps {
		address := queue[0]
		queue = queue[1:]
		if seen[address] {
			continue
		}
		seen[address] = true
		doc, err := w.fetchListing(ctx, address, "application/xml, text/xml, text/plain;q=0.8, */*;q=0.1", maxSitemap, w.readSitemap)
		if err != nil {
			if ctx.Err() != nil {
				return nil, err
			}
			failure = errors.Join(failure, err)
			w.whole = false
			w.note("sitemap-unreadable", "A sitemap could not be read: %v", err)
			continue
		}
		read++
		for _, e := range doc.entries {
			c.add(e)
		}
		queue = append(queue, doc.next...)
		if doc.validator != nil {
			kept = append(kept, *doc.validator)
		}
	}
	if len(queue) > 0 {
		w.whole = false
		w.note("too-many-sitemaps", "The sitemap index leads to more than %d sitemaps; those beyond were left out.", maxSitemaps)
	}
	// An index whose sitemaps all fail leaves nothing to harvest: a failure, not an empty site.
	if failure != nil && (read == 0 || len(c.byURL)+len(c.skips) == 0) {
		return nil, failure
	}
	return kept, nil
}

// readSitemap parses one sitemap and resolves the sitemaps it names.
func (w *walk) readSitemap(resp *fetch.Response) (listingDoc, error) {
	s, err := parseSitemap(resp.Body, resp.MediaType)
	if err != nil {
		return listingDoc{}, err
	}
	if s.cut {
		w.whole = false
		w.note("sitemap-too-long", "The sitemap %s names more than the %d addresses that the protocol allows; those beyond were left out.", resp.URL, maxPerSitemap)
	}
	base, err := url.Parse(resp.URL)
	if err != nil {
		return listingDoc{}, fmt.Errorf("reading the address: %w", err)
	}
	doc := listingDoc{entries: s.entries}
	for i := range doc.entries {
		doc.entries[i].url = resolve(base, doc.entries[i].url)
	}
	for _, m := range s.maps {
		doc.next = append(doc.next, resolve(base, m))
	}
	return doc, nil
}

// startSitemaps is the source's own sitemap or, when its url is a whole site, those that
// robots.txt names, and else the usual place.
func (w *walk) startSitemaps(ctx context.Context) ([]string, error) {
	home, err := url.Parse(w.src.URL)
	if err != nil {
		return nil, fmt.Errorf("reading the source's url: %w", err)
	}
	if home.RawQuery != "" || strings.Trim(home.Path, "/") != "" {
		return []string{w.src.URL}, nil
	}
	usual := []string{resolve(home, "/sitemap.xml")}
	resp, err := w.get.Get(ctx, w.request(resolve(home, "/robots.txt"), "text/plain, */*;q=0.1"))
	var status *fetch.StatusError
	switch {
	case errors.As(err, &status) && status.Status >= http.StatusBadRequest && status.Status < http.StatusInternalServerError:
		return usual, nil
	case err != nil:
		return nil, err
	}
	var named []string
	for _, s := range fetch.ParseRobots(resp.Body).Sitemaps {
		named = append(named, resolve(home, s))
	}
	if len(named) == 0 {
		return usual, nil
	}
	return named, nil
}

// resolve makes an address absolute; one that makes no sense stays as it is and is
// counted as broken later on.
func resolve(base *url.URL, ref string) string {
	u, err := base.Parse(strings.TrimSpace(ref))
	if err != nil {
		return ref
	}
	return u.String()
}

// pack and unpack write and read a document of a listing as the strings of a validator:
// "u", URL, lastmod, link text, "l" when from a list page, then language and URL of each
// alternate, parted by tabs; or "n" and the URL of a further document.
func pack(doc listingDoc) []string {
	flat := func(s string) string {
		return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\t' || r == '\n' || r == '\r' }), " ")
	}
	lines := make([]string, 0, len(doc.entries)+len(doc.next))
	for _, e := range doc.entries {
		mark := ""
		if e.listed {
			mark = "l"
		}
		parts := []string{"u", flat(e.url), flat(e.lastmod), flat(e.text), mark}
		for _, a := range e.alternates {
			parts = append(parts, flat(a.lang), flat(a.url))
		}
		lines = append(lines, strings.Join(parts, "\t"))
	}
	for _, n := range doc.next {
		lines = append(lines, "n\t"+flat(n))
	}
	return lines
}

func unpack(lines []string) (doc listingDoc, ok bool) {
	for _, line := range lines {
		parts := strings.Split(line, "\t")
		switch {
		case parts[0] == "n" && len(parts) == 2:
			doc.next = append(doc.next, parts[1])
		case parts[0] == "u" && len(parts) >= 5 && len(parts)%2 == 1:
			e := entry{url: parts[1], lastmod: parts[2], text: parts[3], listed: parts[4] == "l"}
			for i := 5; i < len(parts); i += 2 {
				e.alternates = append(e.alternates, alternate{parts[i], parts[i+1]})
			}
			doc.entries = append(doc.entries, e)
		default:
			return listingDoc{}, false
		}
	}
	return doc, len(lines) > 0
}
