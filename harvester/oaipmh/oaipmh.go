// Package oaipmh harvests OAI-PMH 2.0 repositories.
//
// In flows a source of that kind; out flow pages of record elements as received, made to
// stand alone. What it has to remember of a run, the resumption token above all, it puts
// into the cursor of each page. It must not know what the metadata means, nor how
// requests are paced and retried.
package oaipmh

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strings"
	"time"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
	"ctiphub/internal/oai"
	"ctiphub/record"
)

// Getter is the hub's HTTP client.
type Getter interface {
	Get(ctx context.Context, r fetch.Request) (*fetch.Response, error)
}

// Adapter pulls OAI-PMH repositories. It is safe for concurrent use.
type Adapter struct {
	get Getter
	now func() time.Time
}

// New returns an adapter that asks through a client.
func New(get Getter, now func() time.Time) *Adapter { return &Adapter{get: get, now: now} }

// Pages lists the records of a repository: all of them at first, later those that changed
// since the last finished run.
func (a *Adapter) Pages(ctx context.Context, src harvester.Source, from harvester.From) iter.Seq2[harvester.Page, error] {
	return func(yield func(harvester.Page, error) bool) {
		r := &run{Adapter: a, ctx: ctx, src: src, seen: map[uint64]bool{}, delivered: map[uint64]bool{}, noted: map[string]bool{}}
		err := r.begin(from)
		for err == nil && r.state.Phase != done {
			var pages []harvester.Page
			pages, err = r.step()
			for _, page := range pages {
				if !yield(page, nil) {
					return
				}
			}
		}
		if err != nil {
			yield(harvester.Page{}, err)
		}
	}
}

// run is one visit to one repository.
type run struct {
	*Adapter
	ctx   context.Context
	src   harvester.Source
	state state
	// seen holds the tokens and pages of the window at hand, to notice a list that goes
	// round. What must outlive the process of it is in the state.
	seen map[uint64]bool
	// stored asks the catalogue for an identifier; delivered holds those that this run has
	// named already, before it lists the identifiers.
	stored    func(string) bool
	delivered map[uint64]bool
	root      oai.Name // of the record before, with the prefix it was asked by and its format
	asked     string
	format    record.Format
	broken    int // requests for single records that failed, in a row
	noted     map[string]bool
	notes     []record.Finding // told with the next page
}

func (r *run) note(code, format string, args ...any) {
	if !r.noted[code] {
		r.noted[code] = true
		r.notes = append(r.notes, record.Finding{Code: code, Detail: fmt.Sprintf(format, args...)})
	}
}

// query writes the URL of a request. Values are percent-encoded exactly once; a base URL
// may bring a query of its own.
func (r *run) query(pairs ...string) string {
	var b strings.Builder
	base, _, _ := strings.Cut(r.src.URL, "#")
	b.WriteString(strings.TrimRight(base, "?&"))
	sep := byte('?')
	if strings.Contains(base, "?") {
		sep = '&'
		if strings.HasSuffix(base, "?") {
			sep = '?'
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue // an empty argument is an illegal one
		}
		b.WriteByte(sep)
		sep = '&'
		b.WriteString(pairs[i] + "=" + strings.ReplaceAll(url.QueryEscape(pairs[i+1]), "+", "%20"))
	}
	return b.String()
}

// ask sends a request and reads the answer. An answer that is none, or breaks off, is
// asked for a second time before it is an error: a gateway may have had a bad moment.
func (r *run) ask(pairs ...string) (*oai.Answer, *fetch.Response, error) {
	u := r.query(pairs...)
	var failed error
	for range 2 {
		resp, err := r.get.Get(r.ctx, fetch.Request{URL: u, Accept: "text/xml, application/xml;q=0.9, */*;q=0.1", Politeness: r.src.Politeness, Account: r.src.ID})
		if err != nil {
			// Some repositories send the errors of the protocol with HTTP errors.
			var status *fetch.StatusError
			if errors.As(err, &status) {
				if a, parseErr := oai.Parse(status.Body, status.MediaType); parseErr == nil && len(a.Errors) > 0 {
					r.note("error-status", "errors of the protocol come with HTTP status %d", status.Status)
					return a, &fetch.Response{URL: u, Status: status.Status, MediaType: status.MediaType, Fetched: r.now()}, nil
				}
			}
			return nil, nil, fmt.Errorf("asking for %s: %w", pairs[1], err)
		}
		a, err := oai.Parse(resp.Body, resp.MediaType)
		if err == nil {
			for _, odd := range a.Oddities {
				r.note(odd.Code, "%s", odd.Detail)
			}
			r.noteMoved(resp.URL)
			return a, resp, nil
		}
		failed = fmt.Errorf("reading the answer to %s: %w", pairs[1], &unreadable{err, resp.Body})
	}
	return nil, nil, failed
}

// unreadable is an answer that is none, with what came instead.
type unreadable struct {
	err  error
	body []byte
}

func (u *unreadable) Error() string { return u.err.Error() }
func (u *unreadable) Unwrap() error { return u.err }

// noteMoved notes that the repository answers from elsewhere: somebody should correct the
// configuration before the redirect is taken away.
func (r *run) noteMoved(to string) {
	before, _, _ := strings.Cut(r.src.URL, "?")
	after, _, _ := strings.Cut(to, "?")
	if to != "" && strings.TrimRight(before, "/") != strings.TrimRight(after, "/") {
		r.note("base-url-moved", "the base URL redirects to %s", shorten(after))
	}
}

// protocolError is an error answer that the hub can do nothing about.
func protocolError(verb string, errs []oai.Error) error {
	var parts []string
	for _, e := range errs {
		code := e.Code
		if code == "" {
			code = "an error without a code"
		}
		if e.Message != "" {
			code += " (" + shorten(e.Message) + ")"
		}
		parts = append(parts, shorten(code))
	}
	return fmt.Errorf("the repository answers %s with %s", verb, strings.Join(parts, ", "))
}

// shorten keeps a foreign message from filling the log.
func shorten(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 200 {
		return string(r[:200]) + "…"
	}
	return s
}
