// Package api harvests interfaces that answer with JSON or CSV, by recipe: a new API needs
// configuration, not code.
//
// In flows a source with an APIRecipe; out flow pages of items as JSON. What it has to
// remember of a run, it puts into the cursor of each page; a key of an API is never in it,
// nor in anything else that is stored or logged. It must not know what the items mean.
package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"time"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
	"ctiphub/record"
)

// Getter is the hub's HTTP client.
type Getter interface {
	Get(ctx context.Context, r fetch.Request) (*fetch.Response, error)
}

// Ask fetches one JSON document of the API at hand, with its key.
type Ask func(address string) (any, error)

// Options are what an Adapter needs.
type Options struct {
	Get Getter
	Now func() time.Time
	// Env looks up the keys of APIs by the name of their variable.
	Env func(string) string
	// Format is what the items are; record.FormatJSON when empty.
	Format record.Format
	// Complete fills in what the kind of source knows of its API. It may ask.
	Complete func(harvester.Source, Ask) (harvester.Source, error)
}

// Adapter pulls APIs. It is safe for concurrent use.
type Adapter struct{ o Options }

// New returns an adapter.
func New(o Options) *Adapter {
	o.Format = cmp.Or(o.Format, record.FormatJSON)
	return &Adapter{o}
}

// Limits and habits of a run.
const (
	defaultSize  = 100
	maxRequests  = 20_000
	maxEmpty     = 50                 // empty pages in a row
	batch        = 1000               // items of one answer that are handed on as one page
	overlap      = time.Hour          // asked for again, because clocks differ
	dayOverlap   = 24 * time.Hour     // the same where only the day can be asked for
	sweepAfter   = 7 * 24 * time.Hour // what was removed is only seen when all is listed
	resumeWithin = 3 * 24 * time.Hour // after that a list is no longer the one that was begun
	maxKept      = 5000               // identifiers kept with a validator
)

// Pages lists the items of an API: all of them at first and now and then, else those that
// changed since the last run.
func (a *Adapter) Pages(ctx context.Context, src harvester.Source, from harvester.From) iter.Seq2[harvester.Page, error] {
	return func(yield func(harvester.Page, error) bool) {
		r, err := a.begin(ctx, src, from)
		for err == nil && !r.state.Done {
			var page harvester.Page
			if page, err = r.step(); err == nil && !yield(page, nil) {
				return
			}
		}
		if err != nil {
			yield(harvester.Page{}, err)
		}
	}
}

// run is one visit to one API.
type run struct {
	*Adapter
	ctx     context.Context
	src     harvester.Source
	recipe  harvester.APIRecipe
	from    harvester.From
	secret  secret
	state   state
	resumed bool            // the list was begun by a run before, and not yet gone on with
	whole   bool            // this process saw the list from its beginning
	answer  *answer         // of which a part is still to be handed on
	seen    map[uint64]bool // identifiers listed by this process
	kept    []string        // identifiers of the answer, for its validator
	notes   []record.Finding
	noted   map[string]bool
}

// begin decides whether the run goes on with a list, asks for what changed, or for all.
func (a *Adapter) begin(ctx context.Context, src harvester.Source, from harvester.From) (*run, error) {
	r := &run{Adapter: a, ctx: ctx, src: src, recipe: src.API, from: from, seen: map[uint64]bool{}, noted: map[string]bool{}}
	if k := r.recipe.Key; k.Env != "" {
		if r.secret = newSecret(k, a.o.Env(k.Env)); r.secret.key == "" {
			return nil, fmt.Errorf("the API of %s wants a key: set the environment variable %s for the hub", src.ID, k.Env)
		}
	}
	if a.o.Complete != nil {
		var err error
		if r.src, err = a.o.Complete(src, r.ask); err != nil {
			return nil, err
		}
		r.recipe = r.src.API
	}
	r.recipe.Paging.Size = cmp.Or(r.recipe.Paging.Size, defaultSize)
	r.resume(readState(from.Cursor), a.o.Now().UTC())
	return r, nil
}

// resume chooses where to begin. What an unfinished list, or one that was cut, did not name
// is asked for again: its lower bound stays.
func (r *run) resume(old state, now time.Time) {
	recipe := recipeOf(r.src.API)
	since := old.Since
	if old.Done && !old.Cut && !old.Began.IsZero() {
		since = old.Began.Add(-r.overlap())
	}
	fresh := state{URL: r.src.URL, Recipe: recipe, Began: now, Swept: now}
	switch {
	case old.URL != r.src.URL || old.Recipe != recipe:
	case !old.Done && old.Requests > 0 && now.Sub(old.Began) < resumeWithin && (!r.from.Full || old.Since.IsZero()):
		fresh, r.resumed = old, true
	case !r.from.Full && incremental(r.recipe) && !since.IsZero() && now.Sub(old.Swept) < sweepAfter:
		fresh.Swept, fresh.Since = old.Swept, since
	}
	r.state, r.whole = fresh, !r.resumed
	if r.state.Requests == 0 {
		r.state.Page = r.recipe.Paging.First
	}
}

// incremental reports whether an API can be asked for what changed.
func incremental(r harvester.APIRecipe) bool {
	return len(r.Since) > 0 || r.SinceBody != "" || r.NewestFirst
}

func (r *run) note(code, format string, args ...any) {
	if !r.noted[code] {
		r.noted[code] = true
		r.notes = append(r.notes, record.Finding{Code: code, Detail: fmt.Sprintf(format, args...)})
	}
}

// step hands on the next items, of the answer at hand or of the next one.
func (r *run) step() (harvester.Page, error) {
	if r.answer == nil {
		page, done, err := r.fetch()
		if done || err != nil {
			return page, err
		}
	}
	a, s := r.answer, &r.state
	first := min(s.Given, len(a.items))
	last := min(first+batch, len(a.items))
	page := r.page(a.items[first:last], a)
	if s.Given = last; last == len(a.items) {
		s.Given, s.Answer, r.answer = 0, 0, nil
		r.advance(a)
	}
	return r.finish(page, a), nil
}

// finish completes a page with what was noted and where to go on.
func (r *run) finish(page harvester.Page, a *answer) harvester.Page {
	s := &r.state
	if page.Total = s.Total; s.Done {
		page.Last, page.Complete = true, s.Since.IsZero() && !s.Cut && !s.Short
		page.Validators = r.keep(a)
	}
	page.Cursor, page.Notes = s.cursor(), r.notes
	r.notes = nil
	return page
}

// fetch gets the next answer. A page comes back with done when there is nothing to read.
func (r *run) fetch() (page harvester.Page, done bool, err error) {
	before := r.state
	at, asked, err := r.request()
	if err != nil {
		return page, false, err
	}
	known := r.validator(at)
	asked.ETag, asked.LastModified = known.ETag, known.LastModified
	resp, err := r.o.Get.Get(r.ctx, asked)
	var status *fetch.StatusError
	switch {
	case errors.As(err, &status) && r.resumed && outdated(status.Status):
		r.note("resume-refused", "the API no longer knows the list that was begun (status %d), so it is listed from its beginning", status.Status)
		r.resumed, r.whole = false, true
		r.state = state{URL: before.URL, Recipe: before.Recipe, Began: r.o.Now().UTC(), Since: before.Since, Swept: before.Swept, Page: r.recipe.Paging.First, Requests: r.state.Requests}
		return r.fetch()
	case errors.As(err, &status) && r.past(status.Status):
		r.end(status.Status)
		return r.finish(page, nil), true, nil
	case err != nil:
		return page, false, r.explain(err)
	case resp.NotModified:
		r.state.Done = true
		return harvester.Page{Same: known.Identifiers, Last: true, Complete: true, Total: len(known.Identifiers), Cursor: r.state.cursor(),
			Validators: []harvester.Validator{known}}, true, nil
	}
	a, err := r.read(resp, at)
	if err != nil {
		return page, false, fmt.Errorf("reading what %s answers: %w", at, err)
	}
	if r.resumed = false; r.state.Answer != a.hash {
		r.state.Given = 0 // of this answer nothing was handed on
	}
	r.answer, r.state.Answer = a, a.hash
	return page, false, nil
}

// outdated recognises the ways of saying that a cursor or page is not known.
func outdated(status int) bool {
	return slices.Contains([]int{http.StatusBadRequest, http.StatusNotFound, http.StatusGone, http.StatusUnprocessableEntity}, status)
}

// past reports whether a refusal only says that the list has no page of that number.
func (r *run) past(status int) bool {
	by := r.recipe.Paging.By
	refused := outdated(status) || status == http.StatusRequestedRangeNotSatisfiable
	return refused && (by == "page" || by == "offset") && r.state.Listed > 0 && r.state.Total == 0
}

// end closes a list whose next page was refused. Not found is how many APIs say that there
// is none; other refusals may as well mean that they list no more than so many.
func (r *run) end(status int) {
	r.state.Done = true
	if status != http.StatusNotFound {
		r.note("page-refused", "the API refuses the page behind item %d (status %d); whether there are more is not known", r.state.Listed, status)
		r.state.Short = true
	}
}

// validator is what is known of an answer that is the whole list.
func (r *run) validator(at string) harvester.Validator {
	if r.recipe.Paging.By != "" || r.from.Full || r.from.Known == nil || r.state.Given > 0 || !r.state.Since.IsZero() || r.recipe.Method == http.MethodPost {
		return harvester.Validator{}
	}
	v, ok := r.from.Known(at)
	if !ok || len(v.Identifiers) == 0 {
		return harvester.Validator{}
	}
	v.URL = at
	return v
}

// keep remembers an answer that is the whole list, when all of it could be taken.
func (r *run) keep(a *answer) []harvester.Validator {
	if a == nil || r.recipe.Paging.By != "" || !r.state.Since.IsZero() || r.state.Cut || r.state.Short || !r.whole || r.recipe.Method == http.MethodPost {
		return nil
	}
	etag, modified := a.header.Get("ETag"), a.header.Get("Last-Modified")
	if etag == "" && modified == "" || len(r.kept) == 0 || len(r.kept) > maxKept || r.state.Flawed {
		return nil
	}
	return []harvester.Validator{{URL: a.at, ETag: etag, LastModified: modified, Identifiers: r.kept}}
}
