// Package check shows how the hub sees one URL or file: whether it may be fetched, what it
// is, what can be read from it by which rule, what is missing and how to mend it.
//
// In flows a target; out flows a Report. It runs the very adapters and rules of a
// harvest, but stores nothing, and must not know the catalogue.
package check

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
	"ctiphub/normalizer"
	"ctiphub/record"
)

// Source is the id that checked records are given; they are never stored.
const Source = "check"

// sampleSize is how many records of a listing are shown.
const sampleSize = 3

// Getter is the hub's HTTP client.
type Getter interface {
	Get(ctx context.Context, r fetch.Request) (*fetch.Response, error)
}

// Checker checks targets. Adapters are made anew for each getter, because a file is
// served to them by a getter of its own.
type Checker struct {
	Getter     Getter
	Adapters   func(Getter) map[string]harvester.Adapter
	Normalizer *normalizer.Normalizer
	Vocabulary record.Vocabulary
	// ReadPDF makes the raw of a PDF file, as a harvest would. Nil: PDF files are named only.
	ReadPDF func(ctx context.Context, raw record.Raw) (record.Raw, error)
	Agent   string // product name that robots.txt addresses: "CTIPHub"
	// Source, when it has an id, is the configured source whose rules and recipe apply.
	Source harvester.Source
}

// Report is how the hub sees a target.
type Report struct {
	Target    string   `json:"target"`
	URL       string   `json:"url"`                 // after redirects
	Redirects []string `json:"redirects,omitempty"` // each address that led on, in order
	Kind      string   `json:"kind,omitempty"`
	Status    int      `json:"status,omitempty"`
	MediaType string   `json:"mediaType,omitempty"`
	Bytes     int      `json:"bytes"`
	Robots    *Robots  `json:"robots,omitempty"` // nil for a file
	Offers    []Offer  `json:"offers,omitempty"` // better ways in that the page itself names
	Notes     []string `json:"notes,omitempty"`
	Listed    int      `json:"listed,omitempty"` // records the listing names, as far as was looked
	Records   []Record `json:"records,omitempty"`
	Fixes     []Fix    `json:"fixes,omitempty"` // of the target itself, its records aside
}

// Offer is another address by which the same site can be harvested.
type Offer struct {
	Kind string `json:"kind"` // of source
	URL  string `json:"url"`
}

// URL checks what a URL answers. What the server does wrong is in the report; the error is
// for a target that is none and for a context that ended.
func (c Checker) URL(ctx context.Context, target string) (Report, error) {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" {
		return Report{Target: target}, fmt.Errorf("%q is not an absolute http or https address", target)
	}
	r := Report{Target: target, URL: target}
	r.Robots = c.robots(ctx, u)
	resp, err := c.Getter.Get(ctx, fetch.Request{URL: target})
	if err != nil {
		return c.refused(ctx, r, err)
	}
	r.describe(resp)
	if target != resp.URL {
		r.Redirects = append(r.Redirects, target)
		r.Notes = append(r.Notes, "It leads to "+resp.URL+": give that address as the source's url.")
		if to, err := url.Parse(resp.URL); err == nil && to.Host != u.Host {
			r.Robots = c.robots(ctx, to)
		}
	}
	return r, c.read(ctx, &r, resp, c.Getter)
}

// refused reports a fetch that gave nothing to look at.
func (c Checker) refused(ctx context.Context, r Report, err error) (Report, error) {
	if ctx.Err() != nil {
		return r, context.Cause(ctx)
	}
	var status *fetch.StatusError
	var blocked *fetch.BlockedError
	switch {
	case errors.As(err, &blocked):
		r.Status = blocked.Status
		r.Fixes = append(r.Fixes, firewallFix(blocked))
	case errors.As(err, &status):
		r.Status, r.MediaType, r.Bytes = status.Status, status.MediaType, len(status.Body)
	case errors.Is(err, fetch.ErrRobots):
		r.Fixes = append(r.Fixes, robotsFix(r.URL, c.agent()))
	}
	r.Notes = append(r.Notes, err.Error())
	return r, nil
}

// File checks bytes as if a web server had sent them under a URL.
func (c Checker) File(ctx context.Context, name string, body []byte) (Report, error) {
	u := url.URL{Scheme: "http", Host: "localhost", Path: "/" + strings.TrimLeft(name, "./")}
	resp := &fetch.Response{URL: u.String(), Status: 200, Body: body}
	r := Report{Target: name}
	r.describe(resp)
	r.Status = 0 // nobody answered
	return r, c.read(ctx, &r, resp, only{resp})
}

// describe notes the outside of an answer.
func (r *Report) describe(resp *fetch.Response) {
	r.URL, r.Status, r.MediaType, r.Bytes = resp.URL, resp.Status, resp.MediaType, len(resp.Body)
	r.Kind = Detect(resp.MediaType, resp.Body)
}

// only serves one response, whatever query is asked of it.
type only struct{ resp *fetch.Response }

func (o only) Get(_ context.Context, r fetch.Request) (*fetch.Response, error) {
	asked, _, _ := strings.Cut(r.URL, "?")
	if have, _, _ := strings.Cut(o.resp.URL, "?"); asked != have {
		return nil, fmt.Errorf("%s is not part of the file that is checked", r.URL)
	}
	return o.resp, nil
}

// read looks into the answer, by what it is.
func (c Checker) read(ctx context.Context, r *Report, resp *fetch.Response, get Getter) error {
	raw := record.Raw{Source: c.sourceID(), Identifier: resp.URL, URL: resp.URL, Fetched: resp.Fetched, Status: resp.Status, MediaType: resp.MediaType, Format: record.FormatHTML, Body: resp.Body}
	switch r.Kind {
	case KindPage:
		r.Offers = offers(resp)
		return c.single(r, raw)
	case KindPDF:
		return c.pdf(ctx, r, raw)
	case KindFeed:
		return c.listing(ctx, r, harvester.KindFeed, resp.URL, get)
	case KindSitemap:
		err := c.listing(ctx, r, harvester.KindWebsite, resp.URL, get)
		r.Fixes = append(r.Fixes, sitemapFixes(resp.Body)...)
		return err
	case KindOAIPMH:
		base, _, _ := strings.Cut(resp.URL, "?")
		return c.listing(ctx, r, harvester.KindOAIPMH, base, get)
	case KindWordPress, KindCKAN, KindDSpace, KindReliefWeb:
		return c.listing(ctx, r, r.Kind, apiBase(r.Kind, resp.URL), get)
	case KindAPI:
		if c.Source.Kind == harvester.KindAPI {
			return c.listing(ctx, r, harvester.KindAPI, resp.URL, get)
		}
		r.Notes = append(r.Notes, "This is data of a form that the hub has no name for: describe it in a source of kind api (docs/sources/api.md), then check it with --source.")
	default:
		r.Notes = append(r.Notes, "The hub cannot read this: it is no web page, feed, sitemap, PDF, repository or API.")
	}
	return nil
}

// single shows the one record that a page or file is.
func (c Checker) single(r *Report, raw record.Raw) error {
	rec, err := c.record(raw)
	r.Records, r.Listed = append(r.Records, rec), 1
	return err
}

// pdf shows what a PDF file says of itself.
func (c Checker) pdf(ctx context.Context, r *Report, raw record.Raw) error {
	if c.ReadPDF == nil {
		r.Notes = append(r.Notes, "PDF files cannot be read on this machine; the hub links to them from the pages that describe them.")
		return nil
	}
	read, err := c.ReadPDF(ctx, raw)
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		r.Notes = append(r.Notes, err.Error())
		return nil
	}
	return c.single(r, read)
}

func (c Checker) sourceID() string { return cmp.Or(c.Source.ID, Source) }

func (c Checker) agent() string { return cmp.Or(c.Agent, "CTIPHub") }

// listing takes the first records that an adapter finds.
func (c Checker) listing(ctx context.Context, r *Report, kind, at string, get Getter) error {
	src := c.Source
	if src.ID == "" || src.Kind != kind {
		src = harvester.Source{ID: c.sourceID(), Name: Source}
	}
	src.Kind, src.URL = kind, at
	if kind == harvester.KindWebsite {
		src.Website.Discover, src.Website.MaxPages = "sitemap", sampleSize
	}
	adapter, ok := c.Adapters(get)[kind]
	if !ok {
		return fmt.Errorf("there is no adapter for kind %q", kind)
	}
	for page, err := range adapter.Pages(ctx, src, harvester.From{}) {
		if err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			r.Notes = append(r.Notes, err.Error())
			break
		}
		r.take(page)
		for _, raw := range page.Raws[:min(len(page.Raws), sampleSize-len(r.Records))] {
			rec, err := c.record(raw)
			if err != nil {
				return err
			}
			r.Records = append(r.Records, rec)
		}
		if len(r.Records) >= sampleSize {
			break
		}
	}
	return nil
}

// shownTroubles is how many listed records that could not be had are named.
const shownTroubles = 10

// take notes what a page of a listing says beside its records.
func (r *Report) take(page harvester.Page) {
	for _, n := range page.Notes {
		r.Notes = append(r.Notes, n.Code+": "+n.Detail)
	}
	for _, x := range page.Rejects[:min(len(page.Rejects), shownTroubles)] {
		r.Notes = append(r.Notes, strings.TrimSpace(fmt.Sprintf("%s: %s %s", x.Code, x.Identifier, x.Detail)))
	}
	for _, x := range page.Skipped[:min(len(page.Skipped), shownTroubles)] {
		r.Notes = append(r.Notes, strings.TrimSpace("left out, "+x.Code+": "+x.Identifier))
	}
	r.Listed += len(page.Raws) + len(page.Rejects) + len(page.Skipped)
	r.Listed = max(r.Listed, page.Total)
}
