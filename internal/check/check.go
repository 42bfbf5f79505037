// Package check shows how the hub sees one URL or file: what it is, what can be read
// from it by which rule, what is missing.
//
// In flows a target; out flows a Report. It runs the very adapters and rules of a
// harvest, but stores nothing, and must not know the catalogue.
package check

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
	"ctiphub/normalizer"
	"ctiphub/record"
)

// Kinds of target.
const (
	KindPage    = "page"
	KindFeed    = "feed"
	KindSitemap = "sitemap"
	KindOAIPMH  = "oai-pmh"
	KindPDF     = "pdf"
	KindOther   = "other"
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
	// Source, when it has an id, is the configured source whose rules and recipe apply.
	Source harvester.Source
}

// Report is how the hub sees a target.
type Report struct {
	Target    string   `json:"target"`
	URL       string   `json:"url"` // after redirects
	Kind      string   `json:"kind"`
	Status    int      `json:"status"`
	MediaType string   `json:"mediaType"`
	Bytes     int      `json:"bytes"`
	Notes     []string `json:"notes,omitempty"`
	Listed    int      `json:"listed,omitempty"` // records the listing names, as far as was looked
	Records   []Record `json:"records,omitempty"`
}

// Record is one record as the hub would take it.
type Record struct {
	Identifier string           `json:"identifier"`
	Verdict    record.Verdict   `json:"verdict"`
	Reason     string           `json:"reason,omitempty"`
	Score      int              `json:"score"`
	Fields     []Field          `json:"fields"`
	Findings   []record.Finding `json:"findings,omitempty"`
}

// Field is one value with the rule it came from.
type Field struct {
	Field      string  `json:"field"`
	Lang       string  `json:"lang,omitempty"`
	Value      string  `json:"value"`
	Rule       string  `json:"rule"`
	Confidence float64 `json:"confidence"`
}

// URL checks what a URL answers.
func (c Checker) URL(ctx context.Context, target string) (Report, error) {
	resp, err := c.Getter.Get(ctx, fetch.Request{URL: target})
	if err != nil {
		return Report{Target: target}, fmt.Errorf("fetching %s: %w", target, err)
	}
	return c.report(ctx, target, resp, c.Getter)
}

// File checks bytes as if a web server had sent them under a URL.
func (c Checker) File(ctx context.Context, name string, body []byte) (Report, error) {
	u := url.URL{Scheme: "http", Host: "localhost", Path: "/" + strings.TrimLeft(name, "./")}
	resp := &fetch.Response{URL: u.String(), Status: 200, Body: body}
	return c.report(ctx, name, resp, only{resp})
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

// report detects what a response is and reads it accordingly.
func (c Checker) report(ctx context.Context, target string, resp *fetch.Response, get Getter) (Report, error) {
	r := Report{Target: target, URL: resp.URL, Kind: Detect(resp.MediaType, resp.Body), Status: resp.Status, MediaType: resp.MediaType, Bytes: len(resp.Body)}
	if target != resp.URL && get == c.Getter {
		r.Notes = append(r.Notes, "redirected to "+resp.URL)
	}
	switch r.Kind {
	case KindPage:
		raw := record.Raw{Source: c.sourceID(), Identifier: resp.URL, URL: resp.URL, Fetched: resp.Fetched, Status: resp.Status, MediaType: resp.MediaType, Format: record.FormatHTML, Body: resp.Body}
		rec, err := c.read(raw)
		r.Records, r.Listed = append(r.Records, rec), 1
		return r, err
	case KindFeed:
		return r, c.listing(ctx, &r, harvester.KindFeed, resp.URL, get)
	case KindSitemap:
		return r, c.listing(ctx, &r, harvester.KindWebsite, resp.URL, get)
	case KindOAIPMH:
		base, _, _ := strings.Cut(resp.URL, "?")
		return r, c.listing(ctx, &r, harvester.KindOAIPMH, base, get)
	case KindPDF:
		r.Notes = append(r.Notes, "The hub links to PDF files from the pages that describe them; give the page to see title, date and language.")
	default:
		r.Notes = append(r.Notes, "The hub cannot read this: it is no web page, feed, sitemap or OAI-PMH answer.")
	}
	return r, nil
}

func (c Checker) sourceID() string {
	if c.Source.ID != "" {
		return c.Source.ID
	}
	return Source
}

// listing takes the first page of records that an adapter finds.
func (c Checker) listing(ctx context.Context, r *Report, kind, at string, get Getter) error {
	src := c.Source
	if src.ID == "" {
		src = harvester.Source{ID: Source, Name: Source}
	}
	src.Kind, src.URL = kind, at
	if kind == harvester.KindWebsite {
		src.Website.Discover, src.Website.MaxPages = "sitemap", sampleSize
	}
	for page, err := range c.Adapters(get)[kind].Pages(ctx, src, harvester.From{}) {
		if err != nil {
			r.Notes = append(r.Notes, err.Error())
			break
		}
		for _, n := range page.Notes {
			r.Notes = append(r.Notes, n.Code+": "+n.Detail)
		}
		for _, x := range page.Rejects {
			r.Notes = append(r.Notes, strings.TrimSpace(fmt.Sprintf("%s: %s %s", x.Code, x.Identifier, x.Detail)))
		}
		r.Listed += len(page.Raws) + len(page.Rejects) + len(page.Skipped)
		r.Listed = max(r.Listed, page.Total)
		for _, raw := range page.Raws[:min(len(page.Raws), sampleSize-len(r.Records))] {
			rec, err := c.read(raw)
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

// read normalizes one raw and lists what was set, and why.
func (c Checker) read(raw record.Raw) (Record, error) {
	rec, decision, err := c.Normalizer.Normalize(raw)
	if err != nil {
		return Record{}, fmt.Errorf("reading %s: %w", raw.Identifier, err)
	}
	out := Record{Identifier: raw.Identifier, Verdict: decision.Verdict, Reason: decision.Detail, Score: rec.Quality.Score, Findings: rec.Quality.Findings}
	for _, a := range rec.Provenance {
		out.Fields = append(out.Fields, Field{Field: a.Field, Lang: a.Lang, Value: value(rec, a), Rule: a.Rule, Confidence: a.Confidence})
	}
	return out, nil
}

// value is what an assertion set: texts are kept once, in the record.
func value(rec record.Record, a record.Assertion) string {
	texts := map[string]record.Texts{"title": rec.Title, "alternative": rec.Alternative, "description": rec.Description}
	if t, ok := texts[a.Field]; ok && a.Value == "" {
		return t[a.Lang]
	}
	return a.Value
}

// Detect says what the bytes are, by themselves first and by their declared type last.
func Detect(mediaType string, body []byte) string {
	head := bytes.TrimLeft(bytes.TrimPrefix(body[:min(len(body), 64<<10)], []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte("%PDF-")):
		return KindPDF
	case bytes.HasPrefix(head, []byte("{")):
		var feed struct{ Version string }
		if json.Unmarshal(body, &feed) == nil && strings.Contains(feed.Version, "jsonfeed.org") {
			return KindFeed
		}
		return KindOther
	}
	switch rootElement(head) {
	case "OAI-PMH":
		return KindOAIPMH
	case "rss", "feed", "RDF":
		return KindFeed
	case "urlset", "sitemapindex":
		return KindSitemap
	case "html":
		return KindPage
	}
	if strings.Contains(mediaType, "html") || bytes.Contains(bytes.ToLower(head), []byte("<html")) || bytes.HasPrefix(bytes.ToLower(head), []byte("<!doctype html")) {
		return KindPage
	}
	return KindOther
}

// rootElement is the local name of the first element, "" when there is none to be seen.
func rootElement(head []byte) string {
	d := xml.NewDecoder(bytes.NewReader(head))
	d.Strict = false
	for {
		tok, err := d.RawToken()
		if err != nil {
			return ""
		}
		if start, ok := tok.(xml.StartElement); ok {
			_, local, found := strings.Cut(start.Name.Local, ":")
			if !found {
				local = start.Name.Local
			}
			if strings.EqualFold(local, "html") {
				return "html"
			}
			return local
		}
	}
}
