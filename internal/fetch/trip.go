package fetch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// trip is one Get on its way through tries and redirects.
type trip struct {
	client  *Client
	origin  *url.URL
	url     string // origin, as errors show it
	method  string
	account string
	extra   map[string]string // the caller's headers, for the host of origin only
	polite  Politeness
	cut     bool // the first MaxBytes are enough
	ranged  bool // and no more are asked for

	strayed bool        // this try was redirected away from the host of origin
	sent    atomic.Bool // something may have reached a server
	page    []byte      // of the last answer, if it was an error
	body    []byte
}

// tripKey finds the trip of a request in its context, on every hop.
type tripKey struct{}

// retrying returns the retrying client of this trip.
func (t *trip) retrying() *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient:   t.client.http,
		Logger:       quietLogger{t.client.log},
		RetryMax:     t.client.retries,
		CheckRetry:   t.checkRetry,
		Backoff:      t.backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
}

// checkRetry decides on another try by what the error says of itself. A POST may have
// done something already: it is sent again only when it was not sent at all, or when the
// server itself names the time.
func (t *trip) checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, nil
	}
	post := t.method == http.MethodPost
	if err != nil {
		var f *failure
		return errors.As(err, &f) && f.retry && !f.final && !(post && t.sent.Load()), nil
	}
	status, wish := StatusError{Status: resp.StatusCode}, t.retryAfter(resp)
	return status.Retryable() && wish <= maxWait && (!post || throttled(resp.StatusCode) && wish > 0), nil
}

// backoff doubles from the pause that is kept anyway. A Retry-After is waited for by the
// transport, together with everybody else at that host.
func (t *trip) backoff(_, _ time.Duration, attempt int, resp *http.Response) time.Duration {
	if resp != nil && throttled(resp.StatusCode) && t.retryAfter(resp) > 0 {
		return 0
	}
	return min(time.Duration(t.polite.MinDelay)<<min(attempt+1, 10), maxWait)
}

// retryAfter reads the header in both its forms; 0 when there is none. A date is the
// server's: if its clock goes wrong, its own Date shows by how much.
func (t *trip) retryAfter(resp *http.Response) time.Duration {
	now := t.client.now()
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		now = date
	}
	return parseRetryAfter(resp.Header.Get("Retry-After"), now)
}

// maxRetryAfter is the longest wish that is believed.
const maxRetryAfter = 365 * 24 * time.Hour

func parseRetryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && !math.IsNaN(seconds) {
		return time.Duration(min(max(seconds, 0), maxRetryAfter.Seconds()) * float64(time.Second))
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), maxRetryAfter)
	}
	return 0
}

// read takes in the body of a success. It runs inside the retry loop, so that a body that
// breaks off is asked for again.
func (t *trip) read(resp *http.Response) error {
	if resp.StatusCode < 200 || resp.StatusCode > 299 || t.method == http.MethodHead {
		return nil
	}
	err := ErrTooLarge
	if t.cut || resp.ContentLength <= t.polite.MaxBytes {
		part := t.ranged || resp.StatusCode == http.StatusPartialContent
		t.body, err = readBody(resp.Body, resp.Header.Get("Content-Encoding"), quota{t.polite.MaxBytes, t.cut, part})
	}
	switch {
	case err == nil:
		return t.refused(resp, t.body)
	case errors.Is(err, ErrTooLarge):
		return &failure{
			url: t.url, err: err, outcome: "too-large",
			what: fmt.Sprintf("the body is larger than %d bytes; if that is to be expected, raise politeness.max_bytes of the source", t.polite.MaxBytes),
		}
	}
	return t.broken(resp.Request.Context(), err)
}

// result turns what the retrying client returned into an answer of this package. It
// closes the body.
func (t *trip) result(resp *http.Response, err error) (*Response, error) {
	if resp != nil && resp.Body != nil {
		defer resp.Body.Close()
	}
	if err != nil {
		return nil, t.explain(err)
	}
	r := &Response{
		URL: resp.Request.URL.String(), Status: resp.StatusCode, Header: resp.Header,
		MediaType: resp.Header.Get("Content-Type"), Fetched: t.client.now(),
	}
	switch {
	case resp.StatusCode == http.StatusNotModified:
		r.NotModified = true
		return r, nil
	case resp.StatusCode >= 200 && resp.StatusCode < 300:
		r.Body = t.body
		return r, nil
	}
	if t.ranged && resp.StatusCode == http.StatusRequestedRangeNotSatisfiable && strings.TrimSpace(resp.Header.Get("Content-Range")) == "bytes */0" {
		return r, nil // an empty file has no first byte
	}
	if resp.StatusCode < 400 { // a redirect to nowhere
		t.page = errorPage(resp)
	}
	return nil, &StatusError{
		URL: shown(r.URL), Status: r.Status, RetryAfter: t.retryAfter(resp),
		Header: r.Header, MediaType: r.MediaType, Body: t.page,
	}
}

// explain takes an error of this package out of the wrapping of net/http.
func (t *trip) explain(err error) error {
	var f *failure
	var status *StatusError
	var blocked *BlockedError
	switch {
	case errors.As(err, &status):
		return status
	case errors.As(err, &blocked):
		return blocked
	case errors.As(err, &f):
		return f
	}
	return fmt.Errorf("fetching %s: %w", t.url, err)
}

// quietLogger passes what the retrying client has to say on as debugging: its callers
// report errors themselves, once.
type quietLogger struct{ log *slog.Logger }

func (l quietLogger) Error(msg string, args ...any) { l.log.Debug(msg, args...) }
func (l quietLogger) Warn(msg string, args ...any)  { l.log.Debug(msg, args...) }
func (l quietLogger) Info(msg string, args ...any)  { l.log.Debug(msg, args...) }
func (l quietLogger) Debug(msg string, args ...any) { l.log.Debug(msg, args...) }
