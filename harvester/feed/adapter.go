// Package feed harvests RSS 0.9x to 2.0, RSS 1.0, Atom and JSON Feed.
//
// In flow a source whose URL is a feed, and where the last run stopped; out flows one
// page for each feed document, with each entry as a record.Raw in gofeed's neutral form
// as JSON. It stores nothing. It must not know what an entry means to the hub: dates,
// languages and texts stay as the publisher wrote them.
package feed

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
	"ctiphub/record"
)

// maxDocuments bounds the walk along the "next" links of a paged feed.
const maxDocuments = 100

// accept names what the adapter reads, the feeds proper first.
const accept = "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, application/xml;q=0.8, application/json;q=0.7, text/xml;q=0.7, */*;q=0.1"

// Getter fetches one URL.
type Getter interface {
	Get(context.Context, fetch.Request) (*fetch.Response, error)
}

// Adapter pulls feeds. It is safe for concurrent use.
type Adapter struct {
	get Getter
	now func() time.Time
}

// New returns an adapter that fetches through get. now fills in the time of fetching
// where the answer has none.
func New(get Getter, now func() time.Time) *Adapter { return &Adapter{get: get, now: now} }

// walk is one run along the documents of a feed.
type walk struct {
	*Adapter
	src  harvester.Source
	from harvester.From
	seen map[string]bool // identifiers, and addresses of documents
}

// Pages yields one page for each document of the feed: the one that the source names,
// then those that it and its successors link to as "next" or "prev-archive" (RFC 5005).
// A feed is a window on a source, so that no run is ever Complete.
func (a *Adapter) Pages(ctx context.Context, src harvester.Source, from harvester.From) iter.Seq2[harvester.Page, error] {
	return func(yield func(harvester.Page, error) bool) {
		w := walk{Adapter: a, src: src, from: from, seen: map[string]bool{src.URL: true}}
		for n, address := parseCursor(from.Cursor, src.URL); ; n++ {
			page, next, err := w.document(ctx, n, address)
			if err != nil {
				yield(harvester.Page{}, fmt.Errorf("harvesting a feed: %w", err))
				return
			}
			w.seen[address] = true
			if next == "" || w.seen[next] || n >= maxDocuments {
				page.Last = true
			} else {
				page.Cursor = formatCursor(n+1, next)
			}
			if !yield(page, nil) || page.Last {
				return
			}
			address = next
		}
	}
}

// document pulls one document and says which one is next.
func (w *walk) document(ctx context.Context, n int, address string) (page harvester.Page, next string, err error) {
	known := w.known(address)
	resp, err := w.get.Get(ctx, fetch.Request{
		URL: address, Accept: accept, ETag: known.ETag, LastModified: known.LastModified, Politeness: w.src.Politeness,
	})
	var status *fetch.StatusError
	switch {
	case n > 1 && errors.As(err, &status) && (status.Status == http.StatusNotFound || status.Status == http.StatusGone):
		page.Notes = []record.Finding{{Code: "feed-next-missing", Detail: fmt.Sprintf("The feed names a next document that does not exist (%d).", status.Status)}}
		return page, "", nil
	case err != nil:
		return page, "", err
	case resp.NotModified:
		// What lies behind an unchanged document has not changed, either.
		page.Same = known.Identifiers
		return page, "", nil
	}
	doc, err := parse(resp)
	if err != nil {
		return page, "", fmt.Errorf("reading %s: %w", resp.URL, err)
	}
	page = w.page(doc, resp)
	if resp.Header.Get("ETag") != "" || resp.Header.Get("Last-Modified") != "" {
		v := harvester.Validator{URL: address, ETag: resp.Header.Get("ETag"), LastModified: resp.Header.Get("Last-Modified")}
		for _, raw := range page.Raws {
			v.Identifiers = append(v.Identifiers, raw.Identifier)
		}
		page.Validators = []harvester.Validator{v}
	}
	return page, doc.next, nil
}

// known returns what the last run stored about a document, unless everything is wanted.
func (w *walk) known(address string) harvester.Validator {
	if w.from.Full || w.from.Known == nil {
		return harvester.Validator{}
	}
	v, _ := w.from.Known(address)
	return v
}

// formatCursor and parseCursor write and read the place in a paged feed: the number and
// the address of the document to go on with.
func formatCursor(n int, address string) harvester.Cursor {
	return harvester.Cursor(strconv.Itoa(n) + " " + address)
}

func parseCursor(c harvester.Cursor, start string) (int, string) {
	number, address, ok := strings.Cut(string(c), " ")
	n, err := strconv.Atoi(number)
	if u, uerr := url.Parse(address); !ok || err != nil || n < 1 || uerr != nil || u.Host == "" {
		return 1, start
	}
	return n, address
}
