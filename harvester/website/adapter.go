// Package website harvests the pages of a web site that a sitemap or list pages name.
//
// In flow a source with its recipe, and where the last run stopped; out flow groups of
// pages as record.Raws, their bytes untouched, and what PDF files say of themselves. It
// stores nothing. It must not know what a page means: what stands in it, in which charset
// and language, is the normalizer's.
package website

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
	"ctiphub/internal/pdf"
	"ctiphub/record"
)

// Sizes of the work.
const (
	groupFetched  = 20   // requests that make a group
	groupListed   = 500  // entries that make one, when most need no request
	defaultPages  = 5000 // max_pages when the source does not say
	maxInARow     = 10   // failed fetches one after the other that end a run
	maxListPages  = 1000
	maxSitemaps   = 1000
	maxPerSitemap = 50_000   // by the protocol
	maxSitemap    = 50 << 20 // by the protocol, uncompressed
	fewDated      = 10       // lastmods from which on they are judged as a whole
	defaultFiles  = 5        // max_files when the source does not say
	maxKept       = 5000     // entries of a listing that are kept for conditional requests
)

// Getter fetches one URL.
type Getter interface {
	Get(context.Context, fetch.Request) (*fetch.Response, error)
}

// PDFReader reads what a PDF file says of itself.
type PDFReader interface {
	Read(context.Context, []byte) (pdf.Properties, error)
}

// Adapter pulls web sites. It is safe for concurrent use.
type Adapter struct {
	get   Getter
	now   func() time.Time
	group int // requests that make a group
	pdf   PDFReader
}

// New returns an adapter that fetches through get. now fills in the time of fetching
// where the answer has none. PDF files are skipped unless WithPDF says what reads them.
func New(get Getter, now func() time.Time) *Adapter {
	return &Adapter{get: get, now: now, group: groupFetched}
}

// WithPDF has PDF files read by r, and returns the adapter.
func (a *Adapter) WithPDF(r PDFReader) *Adapter {
	a.pdf = r
	return a
}

// walk is one run over a site.
type walk struct {
	*Adapter
	src   harvester.Source
	from  harvester.From
	notes []record.Finding // on the listing; they go with the next page
	// whole says that the listing was read in full, so that what it does not name is gone.
	whole  bool
	inARow int   // failed fetches one after the other
	last   error // the last of them

	sameDay  bool              // all lastmods name one day: they say nothing of a page
	noSkip   bool              // and that day is today: they are not even a sign of no change
	files    map[string]string // files described in this run: URL to hint
	noReader bool              // PDFs cannot be read, and that was noted
}

// Pages discovers all addresses first and then visits them one after the other, in the
// order of their URLs: the same in each run, so that the URL of the last visited page is
// where an interrupted run goes on, whatever became of the listing meanwhile.
func (a *Adapter) Pages(ctx context.Context, src harvester.Source, from harvester.From) iter.Seq2[harvester.Page, error] {
	return func(yield func(harvester.Page, error) bool) {
		w := &walk{Adapter: a, src: src, from: from, whole: true, files: map[string]string{}, noReader: a.pdf == nil}
		listing, err := w.discover(ctx)
		if err != nil {
			yield(harvester.Page{}, fmt.Errorf("finding the pages of %s: %w", src.URL, err))
			return
		}
		w.visit(ctx, listing, yield)
	}
}

// visit goes through the listing in groups.
func (w *walk) visit(ctx context.Context, l listing, yield func(harvester.Page, error) bool) {
	rest := l.entries
	page := harvester.Page{Skipped: l.skipped, Validators: l.validators, Notes: w.notes}
	if done, ok := strings.CutPrefix(string(w.from.Cursor), cursorPrefix); ok {
		// Resumed: what was skipped and noted is in the account already.
		page.Skipped, page.Notes = nil, nil
		rest = behind(rest, done)
	}
	total := len(l.entries) + len(l.skipped)
	for {
		group, n, err := w.nextGroup(ctx, rest, page)
		group.Total = total
		rest = rest[n:]
		if group.Last = err == nil && len(rest) == 0; group.Last {
			// An empty listing is complete as well: whoever keeps the account calls it a
			// failure, unless the source is known for it.
			group.Complete = w.whole
		} else if n > 0 {
			group.Cursor = cursorAfter(l.entries[len(l.entries)-len(rest)-1])
		}
		// What a cancelled run has in hand, nobody can store any more.
		if (err == nil || n > 0 && ctx.Err() == nil) && !yield(group, nil) {
			return
		}
		if err != nil {
			yield(harvester.Page{}, err)
			return
		}
		if group.Last {
			return
		}
		page = harvester.Page{}
	}
}

// nextGroup visits entries until a group is full, and returns how many of them are settled.
// With an error come those that were settled before the trouble began.
func (w *walk) nextGroup(ctx context.Context, entries []entry, page harvester.Page) (harvester.Page, int, error) {
	sound, settled := page, 0 // the state before failures in a row
	requests := 0
	for n, e := range entries {
		// No group ends amid failures: should they go on, none of them is settled.
		if (requests >= w.group || n >= groupListed) && w.inARow == 0 {
			return page, n, nil
		}
		outcome, err := w.visitOne(ctx, e, &page)
		if err != nil {
			return sound, settled, err
		}
		switch outcome {
		case unasked:
		case failed:
			requests++
			if w.inARow++; w.inARow >= maxInARow {
				return sound, settled, fmt.Errorf("giving up for now: %d pages one after the other could not be fetched, the last one because of: %w", w.inARow, w.last)
			}
			continue
		case answered:
			requests++
			w.inARow = 0
		}
		if w.inARow == 0 {
			sound, settled = page, n+1
		}
	}
	return page, len(entries), nil
}

// cursorPrefix marks the cursors of this adapter: "after URL".
const cursorPrefix = "after "

func cursorAfter(e entry) harvester.Cursor { return harvester.Cursor(cursorPrefix + e.url) }

// behind returns the entries that come after a URL.
func behind(entries []entry, url string) []entry {
	for i, e := range entries {
		if e.url > url {
			return entries[i:]
		}
	}
	return nil
}
