// Package wordpress harvests WordPress sites through their REST API.
//
// In flow a source whose URL is a WordPress site, and where the last run stopped; out flow
// pages of posts, pages, entries of custom types and media, each as the object that the
// API gave: without what it tells of the site's user accounts, and with what stood beside
// it (names of terms, linked files, language) under the key "hub". It stores nothing: what
// the next run must know is in the cursor of each page. It must not know what an entry
// means, nor how requests are paced.
package wordpress

import (
	"context"
	"fmt"
	"iter"
	"time"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
	"ctiphub/record"
)

// Sizes of the work.
const (
	perPage      = 100 // the most that the API gives at once
	perHeads     = 20  // when each entry costs one request more
	defaultPages = 2000
	maxLookups   = 300 // requests for names of terms in one run
	maxTerms     = 200 // terms that a choice of categories may comprise
	maxTermPages = 5   // pages of a hundred terms that are looked through for one
	maxBroken    = 5   // entries of one list that the server fails on
	maxBacks     = 20  // times that a list is gone back in because entries vanished
)

// Getter fetches one URL.
type Getter interface {
	Get(context.Context, fetch.Request) (*fetch.Response, error)
}

// Adapter pulls WordPress sites. It is safe for concurrent use.
type Adapter struct {
	get Getter
	now func() time.Time
}

// New returns an adapter that fetches through get. now tells when a run begins, and fills
// in the time of fetching where the answer has none.
func New(get Getter, now func() time.Time) *Adapter { return &Adapter{get: get, now: now} }

// run is one visit to one site.
type run struct {
	*Adapter
	ctx   context.Context
	src   harvester.Source
	from  harvester.From
	state state
	// discovered says that the site was looked at in this run: what the state says of it is
	// not what an earlier run found.
	discovered bool

	seen    map[int64]bool             // entries of this run: lists overlap
	terms   map[string]map[int64]*term // taxonomy's REST base and term; nil: there is no such term
	lookups int
	links   map[int64]string // permalinks by entry, for translations
	noted   map[string]bool
	notes   []record.Finding // told with the next page
}

// Pages lists everything at first, later what changed since the last finished run, and
// once a week the identifiers of everything, so that what is gone is seen to be gone.
func (a *Adapter) Pages(ctx context.Context, src harvester.Source, from harvester.From) iter.Seq2[harvester.Page, error] {
	return func(yield func(harvester.Page, error) bool) {
		r := &run{
			Adapter: a, ctx: ctx, src: src, from: from, seen: map[int64]bool{},
			terms: map[string]map[int64]*term{}, links: map[int64]string{}, noted: map[string]bool{},
		}
		err := r.begin()
		for err == nil && r.state.Phase == listing {
			var page *harvester.Page
			if page, err = r.step(); page != nil && !yield(*page, nil) {
				return
			}
		}
		if err != nil {
			yield(harvester.Page{}, fmt.Errorf("harvesting the WordPress site %s: %w", src.URL, err))
		}
	}
}

func (r *run) note(code, format string, args ...any) {
	if !r.noted[code] {
		r.noted[code] = true
		r.notes = append(r.notes, record.Finding{Code: code, Detail: fmt.Sprintf(format, args...)})
	}
}

// page finishes a page with what was noted and where to go on.
func (r *run) page(p harvester.Page) *harvester.Page {
	p.Notes = append(p.Notes, r.notes...)
	r.notes = nil
	p.Cursor = r.state.cursor()
	return &p
}
