// Package feed harvests RSS 0.9x to 2.0, RSS 1.0, Atom and JSON Feed.
//
// In flow a source whose URL is a feed, and where the last run stopped; out flows one
// page for each feed document, with each entry as a record.Raw in gofeed's neutral form
// as JSON. It stores nothing: which entries were the newest is in the cursor. It must not know what an entry means to the hub: dates,
// languages and texts stay as the publisher wrote them.
package feed

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
	"ctiphub/record"
)

// maxDocuments bounds the walk along the documents of a feed when the source does not say.
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
	src   harvester.Source
	from  harvester.From
	state state
	fresh bool            // the recipe is another one: what is known does not count
	seen  map[string]bool // identifiers, and addresses of documents
	notes []record.Finding
	// anyNew says that the last document held an entry that those before it had not.
	anyNew bool
}

// Pages yields one page for each document of the feed: the one that the source names,
// then those behind it, as far as the run is to go. A feed is a window on a source, so
// that no run is ever Complete.
func (a *Adapter) Pages(ctx context.Context, src harvester.Source, from harvester.From) iter.Seq2[harvester.Page, error] {
	return func(yield func(harvester.Page, error) bool) {
		w := walk{Adapter: a, src: src, from: from, seen: map[string]bool{src.URL: true}}
		w.state, w.fresh = begin(src, from)
		resumed := w.state.N > 1
		for {
			page, err := w.document(ctx)
			if err != nil && resumed && lasting(ctx, err) {
				w.note("feed-next-unreadable", "Document %d of the feed could not be read at two visits: the older entries from there on are missing. The last try said: %v", w.state.N, err)
				w.state, resumed = w.state.anew(), false
				continue
			}
			resumed = false
			if err != nil {
				yield(harvester.Page{}, fmt.Errorf("harvesting a feed: %w", err))
				return
			}
			page.Last = w.state.Next == ""
			page.Notes = append(page.Notes, w.notes...)
			w.notes = nil
			page.Cursor = w.state.cursor()
			if !yield(page, nil) || page.Last {
				return
			}
		}
	}
}

func (w *walk) note(code, format string, args ...any) {
	w.notes = append(w.notes, record.Finding{Code: code, Detail: fmt.Sprintf(format, args...)})
}

// lasting reports whether an older document would fail the next time as well, so that
// waiting for it would keep the newest entries from being read.
func lasting(ctx context.Context, err error) bool {
	var status *fetch.StatusError
	if errors.As(err, &status) && status.Status >= http.StatusInternalServerError {
		return status.Status != http.StatusServiceUnavailable
	}
	return ctx.Err() == nil && !fetch.Retryable(err) && !errors.As(err, new(*fetch.BlockedError))
}

// document pulls the next document and moves the state behind it.
func (w *walk) document(ctx context.Context) (harvester.Page, error) {
	s := &w.state
	address := s.Next
	w.seen[address] = true
	known := w.known(address)
	resp, err := w.get.Get(ctx, fetch.Request{
		URL: address, Accept: accept, ETag: known.ETag, LastModified: known.LastModified, Politeness: w.src.Politeness, Account: w.src.ID,
	})
	var status *fetch.StatusError
	switch {
	case s.N > 1 && errors.As(err, &status) && (gone(status.Status) || s.Guess && status.Status != http.StatusTooManyRequests && status.Status != http.StatusServiceUnavailable):
		// Behind the last document, WordPress says 404: that is no oddity.
		if !s.Guess {
			w.note("feed-next-missing", "The feed names a next document that does not exist (%d).", status.Status)
		} else if !gone(status.Status) {
			w.note("feed-older-refused", "The site does not give out older entries by ?paged= (%d).", status.Status)
		}
		s.end()
		return harvester.Page{}, nil
	case err != nil:
		return harvester.Page{}, err
	case resp.NotModified:
		// What lies behind an unchanged document has not changed, either.
		if s.N == 1 {
			s.Newest = s.Before
		}
		s.end()
		return harvester.Page{Same: known.Identifiers}, nil
	}
	doc, err := parse(resp)
	if err != nil {
		if s.Guess {
			s.end() // a theme's page in the place of what does not exist
			return harvester.Page{}, nil
		}
		return harvester.Page{}, fmt.Errorf("reading %s: %w", resp.URL, err)
	}
	page, listed := w.page(doc, resp)
	if resp.Header.Get("ETag") != "" || resp.Header.Get("Last-Modified") != "" {
		v := harvester.Validator{URL: address, ETag: resp.Header.Get("ETag"), LastModified: resp.Header.Get("Last-Modified")}
		for _, raw := range page.Raws {
			v.Identifiers = append(v.Identifiers, raw.Identifier)
		}
		page.Validators = []harvester.Validator{v}
	}
	if s.N == 1 {
		w.first(doc, resp, listed, &page)
	}
	w.goOn(doc, listed)
	return page, nil
}

func gone(status int) bool { return status == http.StatusNotFound || status == http.StatusGone }

// first takes from the feed itself what concerns the source as a whole.
func (w *walk) first(doc *document, resp *fetch.Response, listed []string, page *harvester.Page) {
	s := &w.state
	s.Newest = marks(listed[:min(len(listed), keptEntries)])
	if len(listed) == 0 && len(s.Before) > 0 {
		s.Newest = s.Before
		w.note("feed-empty", "The feed lists nothing any more; at the last visit it did.")
	}
	page.Push = doc.push(resp)
	if doc.wordpress(resp) {
		w.note("wordpress-api", "WordPress makes this feed, and shows only its newest entries in it. As a source of kind wordpress the hub would see all of them, also what is changed and removed.")
	}
}

// goOn decides whether there is another document to read, and which.
func (w *walk) goOn(doc *document, listed []string) {
	s := &w.state
	unknown := !slices.ContainsFunc(listed, func(id string) bool { return slices.Contains(s.Before, mark(id)) })
	next, guess := doc.next, false
	if next == "" && len(listed) > 0 && (doc.fromWordPress() || w.src.Feed.Paged) {
		next, guess = paged(w.src.URL, s.N+1), true
	}
	switch {
	case s.Mode == gap && (len(s.Before) == 0 || len(listed) == 0 || !unknown):
		next = ""
	case s.Mode == gap && s.N == 1 && next == "":
		w.note("feed-gap", "None of the feed's entries was known from the last visit, and it names no older ones: what was published in between may be missing. Visit it more often, or ask for a longer feed.")
	case s.Mode == gap && s.N == 1:
		w.note("feed-gap", "None of the feed's entries was known from the last visit: older ones were read until one was.")
	case s.Mode == window && next != "":
		w.note("feed-not-chosen", "Only what the feed itself shows was read, because the recipe does not say which entries are wanted: name categories, or write all: true to have the older ones as well.")
		next = ""
	}
	limit := w.src.Feed.MaxPages
	if limit == 0 {
		limit = maxDocuments
	}
	if next == "" || w.seen[next] {
		s.end()
		return
	}
	if s.N >= limit {
		w.note("too-many-documents", "The feed goes on behind %d documents; those were left out.", limit)
		s.end()
		return
	}
	// A server that does not know the number answers with the same entries.
	print := mark(strings.Join(marks(listed), " "))
	if guess && s.Guess && (!w.anyNew || print == s.Print) {
		s.end()
		return
	}
	s.Next, s.Guess, s.Print = next, guess, print
	s.N++
}

// end says that nothing is left to read.
func (s *state) end() { s.Next, s.N, s.Guess, s.Print, s.Before = "", 0, false, "", nil }

// known returns what the last run stored about a document, unless everything is wanted.
func (w *walk) known(address string) harvester.Validator {
	if w.from.Full || w.fresh || w.from.Known == nil {
		return harvester.Validator{}
	}
	v, _ := w.from.Known(address)
	return v
}
