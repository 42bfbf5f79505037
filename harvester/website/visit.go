package website

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strings"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
	"ctiphub/internal/pdf"
	"ctiphub/record"
)

const accept = "text/html, application/xhtml+xml;q=0.9, application/pdf;q=0.9, */*;q=0.1"

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
	if stored := w.known(lastmodKey(e.url)); e.lastmod != "" && stored.LastModified == e.lastmod && !w.noSkip {
		unchanged(e, stored, page)
		return unasked, nil
	}
	if w.noReader && strings.EqualFold(path.Ext(e.url), ".pdf") {
		page.Skipped = append(page.Skipped, harvester.Skip{Identifier: e.url, URL: e.url, Code: pdf.CodeNoReader})
		return unasked, nil // it would be fetched for nothing
	}
	known := w.known(e.url)
	req := w.request(e.url, accept)
	req.ETag, req.LastModified = known.ETag, known.LastModified
	resp, err := w.get.Get(ctx, req)
	switch {
	case ctx.Err() != nil:
		return failed, fmt.Errorf("harvesting %s: %w", w.src.URL, context.Cause(ctx))
	case err != nil:
		return w.refused(e, err, page), nil
	case resp.NotModified:
		unchanged(e, known, page)
		w.keep(e, harvester.Validator{Identifiers: known.Identifiers}, page)
		return answered, nil
	}
	v := harvester.Validator{ETag: resp.Header.Get("ETag"), LastModified: resp.Header.Get("Last-Modified")}
	took := false
	switch {
	case isPDF(resp):
		took, err = w.takePDF(ctx, e, resp, page)
	case isHTML(resp):
		took = true
		raw := w.raw(e, resp)
		if err = w.describeFiles(ctx, resp, &raw, page); err == nil {
			page.Raws = append(page.Raws, raw)
		}
	default:
		page.Skipped = append(page.Skipped, harvester.Skip{Identifier: e.url, URL: e.url, Code: "not-html"})
	}
	if err != nil {
		return failed, err
	}
	if took {
		v.Identifiers = []string{e.url}
	}
	w.keep(e, v, page)
	return answered, nil
}

// takePDF makes a record of a PDF file. It reports whether one came of it.
func (w *walk) takePDF(ctx context.Context, e entry, resp *fetch.Response, page *harvester.Page) (bool, error) {
	body, err := w.readPDFBody(ctx, resp.Body, page)
	if ctx.Err() != nil {
		return false, fmt.Errorf("harvesting %s: %w", w.src.URL, context.Cause(ctx))
	}
	if trouble, ok := errors.AsType[*pdf.Error](err); ok {
		if trouble.Code == pdf.CodeNoReader {
			page.Skipped = append(page.Skipped, harvester.Skip{Identifier: e.url, URL: e.url, Code: trouble.Code})
		} else {
			page.Rejects = append(page.Rejects, harvester.Reject{Identifier: e.url, URL: e.url, Code: trouble.Code, Stage: "parse", Detail: trouble.Detail})
		}
		return false, nil
	}
	if err != nil {
		page.Rejects = append(page.Rejects, harvester.Reject{Identifier: e.url, URL: e.url, Code: pdf.CodeUnreadable, Stage: "parse", Detail: "The properties of the file could not be read."})
		return false, nil
	}
	raw := w.raw(e, resp)
	raw.Format, raw.MediaType, raw.Body = record.FormatPDF, "application/pdf", body
	page.Raws = append(page.Raws, raw)
	return true, nil
}

// ReadPDF makes of a raw whose body is a PDF file the raw that a harvest hands over: its
// body is what the file says of itself.
func ReadPDF(ctx context.Context, r PDFReader, raw record.Raw) (record.Raw, error) {
	p, err := r.Read(ctx, raw.Body)
	if err != nil {
		return raw, err
	}
	raw.Format, raw.MediaType = record.FormatPDF, "application/pdf"
	if raw.Body, err = json.Marshal(p); err != nil {
		return raw, fmt.Errorf("writing the properties of %s: %w", raw.URL, err)
	}
	return raw, nil
}

// readPDFBody reads a file and writes its properties as the body of a raw.
func (w *walk) readPDFBody(ctx context.Context, body []byte, page *harvester.Page) ([]byte, error) {
	p, err := w.readPDF(ctx, body, page)
	if err != nil {
		return nil, err
	}
	return json.Marshal(p)
}

// readPDF reads a file with the reader that there is. That there is none is noted once.
func (w *walk) readPDF(ctx context.Context, body []byte, page *harvester.Page) (pdf.Properties, error) {
	var p pdf.Properties
	var err error = &pdf.Error{Code: pdf.CodeNoReader, Detail: "This hub reads no PDF files."}
	if w.pdf != nil {
		p, err = w.pdf.Read(ctx, body)
	}
	if trouble, ok := errors.AsType[*pdf.Error](err); ok && trouble.Code == pdf.CodeNoReader && !w.noReader {
		w.noReader = true
		page.Notes = append(page.Notes, record.Finding{Code: trouble.Code, Detail: "The site has PDF files, and this hub cannot read them: " + trouble.Detail})
	}
	return p, err
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
	case errors.Is(err, fetch.ErrTooLarge):
		reject.Code = "too-large"
		page.Rejects = append(page.Rejects, reject)
		return answered // it is the file, not the server
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
func (w *walk) keep(e entry, v harvester.Validator, page *harvester.Page) {
	v.URL = e.url
	if v.ETag != "" || v.LastModified != "" {
		page.Validators = append(page.Validators, v)
	}
	if e.lastmod != "" && !w.noSkip {
		page.Validators = append(page.Validators, harvester.Validator{URL: lastmodKey(e.url), LastModified: e.lastmod, Identifiers: v.Identifiers})
	}
}

// raw keeps a page as it came.
func (w *walk) raw(e entry, resp *fetch.Response) record.Raw {
	if w.sameDay {
		e.lastmod = "" // it would say of every record that it was modified on that day
	}
	e.alternates = append(e.alternates[:len(e.alternates):len(e.alternates)], linkHeader(resp)...)
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

// isPDF goes by the bytes: servers call PDFs many things, and error pages PDFs.
func isPDF(resp *fetch.Response) bool {
	if pdf.Is(resp.Body) {
		return !isHTML(resp) || strings.HasPrefix(string(resp.Body[:min(len(resp.Body), 5)]), "%PDF-")
	}
	kind, _, _ := strings.Cut(strings.ToLower(resp.MediaType), ";")
	return strings.TrimSpace(kind) == "application/pdf" && !strings.HasPrefix(http.DetectContentType(resp.Body), "text/html")
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
