package website

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
	"ctiphub/record"
)

const accept = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"

// result is what became of one entry, as far as the pace of the run is concerned.
type result int

const (
	unasked  result = iota // no request was made
	answered               // the server did its part
	failed
)

// lastmodKey is where the lastmod of a page's listing is kept: beside the validator of
// the page itself, under an address that no page can have.
func lastmodKey(url string) string { return url + "#lastmod" }

// known returns what the last run stored about a URL, unless everything is wanted.
func (w *walk) known(url string) harvester.Validator {
	if w.from.Full || w.from.Known == nil {
		return harvester.Validator{}
	}
	v, _ := w.from.Known(url)
	return v
}

// visitOne puts what became of one entry into the page. The error is for a context that
// ended.
func (w *walk) visitOne(ctx context.Context, e entry, page *harvester.Page) (result, error) {
	if stored := w.known(lastmodKey(e.url)); e.lastmod != "" && stored.LastModified == e.lastmod {
		unchanged(e, stored, page)
		return unasked, nil
	}
	known := w.known(e.url)
	resp, err := w.get.Get(ctx, fetch.Request{
		URL: e.url, Accept: accept, ETag: known.ETag, LastModified: known.LastModified, Politeness: w.src.Politeness,
	})
	switch {
	case ctx.Err() != nil:
		return failed, fmt.Errorf("harvesting %s: %w", w.src.URL, context.Cause(ctx))
	case err != nil:
		return w.refused(e, err, page), nil
	case resp.NotModified:
		unchanged(e, known, page)
		keep(e, harvester.Validator{Identifiers: known.Identifiers}, page)
	default:
		v := harvester.Validator{ETag: resp.Header.Get("ETag"), LastModified: resp.Header.Get("Last-Modified")}
		if isHTML(resp) {
			v.Identifiers = []string{e.url}
			page.Raws = append(page.Raws, w.raw(e, resp))
		} else {
			page.Skipped = append(page.Skipped, harvester.Skip{Identifier: e.url, URL: e.url, Code: "not-html"})
		}
		keep(e, v, page)
	}
	return answered, nil
}

// unchanged puts a page that is as it was into the account: a record that stays the same
// or, when no record came of it then, a skip.
func unchanged(e entry, stored harvester.Validator, page *harvester.Page) {
	if len(stored.Identifiers) > 0 {
		page.Same = append(page.Same, e.url)
		return
	}
	page.Skipped = append(page.Skipped, harvester.Skip{Identifier: e.url, URL: e.url, Code: "no-record"})
}

// refused turns an error into a skip or a reject.
func (w *walk) refused(e entry, err error, page *harvester.Page) result {
	var status *fetch.StatusError
	reject := harvester.Reject{Identifier: e.url, URL: e.url, Code: "fetch-failed", Stage: "fetch", Detail: err.Error()}
	switch {
	case errors.Is(err, fetch.ErrRobots) && !fetch.Retryable(err):
		page.Skipped = append(page.Skipped, harvester.Skip{Identifier: e.url, URL: e.url, Code: "robots-disallow"})
		return unasked
	case errors.As(err, &status) && (status.Status == http.StatusNotFound || status.Status == http.StatusGone):
		reject.Code = fmt.Sprintf("http-%d", status.Status)
		reject.Detail = fmt.Sprintf("The listing names this page, but the server answers %d: take it off the listing or bring it back.", status.Status)
		page.Rejects = append(page.Rejects, reject)
		return answered
	}
	page.Rejects = append(page.Rejects, reject)
	w.last = err
	return failed
}

// keep stores what the next run needs to ask conditionally, or not at all.
func keep(e entry, v harvester.Validator, page *harvester.Page) {
	v.URL = e.url
	if v.ETag != "" || v.LastModified != "" {
		page.Validators = append(page.Validators, v)
	}
	if e.lastmod != "" {
		page.Validators = append(page.Validators, harvester.Validator{URL: lastmodKey(e.url), LastModified: e.lastmod, Identifiers: v.Identifiers})
	}
}

// raw keeps a page as it came.
func (w *walk) raw(e entry, resp *fetch.Response) record.Raw {
	raw := record.Raw{
		Source: w.src.ID, Identifier: e.url, URL: resp.URL, Fetched: resp.Fetched, Status: resp.Status,
		MediaType: resp.MediaType, Format: record.FormatHTML, Body: resp.Body, Hints: e.hints(w.src.URL),
		ETag: resp.Header.Get("ETag"), LastModified: resp.Header.Get("Last-Modified"),
	}
	if raw.Fetched.IsZero() {
		raw.Fetched = w.now()
	}
	return raw
}

// isHTML goes by what the server declares, and by the bytes when it declares nothing
// that helps.
func isHTML(resp *fetch.Response) bool {
	kind, _, err := mime.ParseMediaType(resp.MediaType)
	if err != nil {
		kind, _, _ = strings.Cut(strings.ToLower(resp.MediaType), ";")
	}
	switch strings.TrimSpace(kind) {
	case "text/html", "application/xhtml+xml":
		return true
	case "", "text/plain", "application/octet-stream", "application/xml", "text/xml":
		return strings.HasPrefix(http.DetectContentType(resp.Body), "text/html")
	}
	return false
}
