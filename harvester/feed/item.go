package feed

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mmcdole/gofeed"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
	"ctiphub/record"
)

// page turns the entries of a document into raws, and names all that it lists.
func (w *walk) page(doc *document, resp *fetch.Response) (page harvester.Page, listed []string) {
	page.Notes = doc.notes
	w.anyNew = false
	for n, item := range doc.feed.Items {
		doc.tidy(n, item)
		id := identifier(item)
		switch {
		case id == "":
			page.Rejects = append(page.Rejects, harvester.Reject{
				Identifier: fmt.Sprintf("%s#entry-%d", resp.URL, n+1), URL: resp.URL, Code: "no-identifier", Stage: "parse",
				Detail: fmt.Sprintf("Entry %d of the feed has neither an id nor a link: give it one of both.", n+1),
			})
			continue
		case w.seen["id "+id]:
			listed = append(listed, id)
			continue // the same entry twice: the first one stands
		}
		listed = append(listed, id)
		w.seen["id "+id], w.anyNew = true, true
		if !wanted(item, w.src.Feed.Categories) {
			page.Skipped = append(page.Skipped, harvester.Skip{Identifier: id, URL: item.Link, Code: "category"})
			continue
		}
		raw, err := w.raw(doc, n, id, resp)
		if err != nil {
			page.Rejects = append(page.Rejects, harvester.Reject{Identifier: id, URL: item.Link, Code: "unreadable-entry", Stage: "parse", Detail: "The entry could not be kept: " + err.Error()})
			continue
		}
		page.Raws = append(page.Raws, raw)
	}
	return page, listed
}

// tidy makes the addresses of an entry absolute and its identifiers comparable.
func (d *document) tidy(n int, item *gofeed.Item) {
	item.GUID = strings.TrimSpace(item.GUID)
	item.Link = d.absolute(item.Link)
	for i, l := range item.Links {
		item.Links[i] = d.absolute(l)
	}
	for _, e := range item.Enclosures {
		e.URL = d.absolute(e.URL)
	}
	if item.Link == "" {
		item.Link = d.absolute(atomAlternate(item))
	}
	if item.GUID == "" && item.Link == "" && d.attrs != nil {
		item.GUID = d.attrs[n].about
	}
	if item.Link == "" && d.permalink != nil && d.permalink[n] && d.resolve(item.GUID) == item.GUID {
		item.Link = item.GUID
	}
}

// atomAlternate returns the address in an Atom link within an RSS item, whatever prefix
// the feed gives to Atom.
func atomAlternate(item *gofeed.Item) string {
	for _, prefix := range slices.Sorted(maps.Keys(item.Extensions)) {
		for _, l := range item.Extensions[prefix]["link"] {
			if rel := l.Attrs["rel"]; l.Attrs["href"] != "" && (rel == "" || rel == "alternate") {
				return l.Attrs["href"]
			}
		}
	}
	return ""
}

// absolute resolves an address, and leaves what is none as it was written.
func (d *document) absolute(ref string) string {
	if u := d.resolve(ref); u != "" {
		return u
	}
	return strings.TrimSpace(ref)
}

// identifier is the entry's own id, else its address, else a hash of what it carries. An
// entry that leads nowhere and has no id has none.
func identifier(item *gofeed.Item) string {
	if item.GUID != "" {
		return item.GUID
	}
	if item.Link != "" {
		u, err := fetch.Canonical(item.Link)
		if err != nil {
			return item.Link
		}
		// Diaries and minutes have their entries on one page, each at a place of its own that
		// is numbered. "#top" is none, and with "=" it is a tracking parameter (#xtor=RSS-3).
		if _, fragment, ok := strings.Cut(item.Link, "#"); ok && strings.ContainsAny(fragment, "0123456789") && !strings.Contains(fragment, "=") && !strings.Contains(u, "#") {
			u += "#" + fragment
		}
		return u
	}
	if len(item.Enclosures) == 0 {
		return ""
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%s", item.Title, item.Published)
	for _, e := range item.Enclosures {
		fmt.Fprintf(h, "\x00%s", e.URL)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// wanted reports whether an entry has one of the categories, if any are asked for.
func wanted(item *gofeed.Item, categories []string) bool {
	return len(categories) == 0 || slices.ContainsFunc(item.Categories, func(have string) bool {
		return slices.ContainsFunc(categories, func(want string) bool {
			return strings.EqualFold(strings.TrimSpace(have), strings.TrimSpace(want))
		})
	})
}

// raw keeps one entry. Its URL is the feed's, not that of the document it was in: on a
// paged feed an entry wanders from page to page without having changed.
func (w *walk) raw(doc *document, n int, id string, resp *fetch.Response) (record.Raw, error) {
	body, err := json.Marshal(doc.feed.Items[n])
	if err != nil {
		return record.Raw{}, fmt.Errorf("writing the entry as JSON: %w", err)
	}
	raw := record.Raw{
		Source: w.src.ID, Identifier: id, URL: w.src.URL, Fetched: resp.Fetched, Status: resp.Status,
		MediaType: resp.MediaType, Format: record.FormatFeedItem, Body: body,
		ETag: resp.Header.Get("ETag"), LastModified: resp.Header.Get("Last-Modified"),
	}
	if raw.Fetched.IsZero() {
		raw.Fetched = w.now()
	}
	for _, h := range []record.Hint{
		{Key: "feed-language", Value: strings.TrimSpace(doc.language(n))},
		{Key: "feed-title", Value: strings.TrimSpace(doc.feed.Title)},
		{Key: "feed-link", Value: doc.absolute(doc.feed.Link)},
	} {
		if h.Value != "" {
			raw.Hints = append(raw.Hints, h)
		}
	}
	return raw, nil
}

// language is what the entry itself states, else what its feed does.
func (d *document) language(n int) string {
	if d.attrs != nil && d.attrs[n].lang != "" {
		return d.attrs[n].lang
	}
	if dc := d.feed.Items[n].DublinCoreExt; dc != nil && len(dc.Language) > 0 && dc.Language[0] != "" {
		return dc.Language[0]
	}
	return d.feed.Language
}
