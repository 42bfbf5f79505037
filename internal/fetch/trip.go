package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// trip is one Get on its way through tries and redirects.
type trip struct {
	client   *Client
	url      string
	polite   Politeness
	truncate bool // the first MaxBytes are enough
	body     []byte
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

// checkRetry decides on another try by what the error says of itself.
func (t *trip) checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, nil
	}
	if err != nil {
		var f *failure
		return errors.As(err, &f) && f.retry && !f.final, nil
	}
	status := StatusError{Status: resp.StatusCode}
	return status.Retryable() && t.retryAfter(resp) <= maxWait, nil
}

// backoff doubles from the pause that is kept anyway. A Retry-After is waited for by the
// transport, together with everybody else at that host.
func (t *trip) backoff(_, _ time.Duration, attempt int, resp *http.Response) time.Duration {
	if resp != nil && throttled(resp.StatusCode) && t.retryAfter(resp) > 0 {
		return 0
	}
	return min(time.Duration(t.polite.MinDelay)<<min(attempt+1, 10), maxWait)
}

// retryAfter reads the header in both its forms; 0 when there is none.
func (t *trip) retryAfter(resp *http.Response) time.Duration {
	return parseRetryAfter(resp.Header.Get("Retry-After"), t.client.now())
}

func parseRetryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		const year = 365 * 24 * 3600
		return time.Duration(min(max(seconds, 0), year)) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// read takes in the body of a success. It runs inside the retry loop, so that a body that
// breaks off is asked for again.
func (t *trip) read(resp *http.Response) error {
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil
	}
	err := ErrTooLarge
	if t.truncate || resp.ContentLength <= t.polite.MaxBytes {
		t.body, err = readBody(resp.Body, resp.Header.Get("Content-Encoding"), t.polite.MaxBytes, t.truncate)
	}
	if err == nil {
		return nil
	}
	if errors.Is(err, ErrTooLarge) {
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
	// Whatever can be read of an error page will do.
	body, _ := readBody(resp.Body, resp.Header.Get("Content-Encoding"), maxErrorBody, true)
	return nil, &StatusError{
		URL: r.URL, Status: r.Status, RetryAfter: t.retryAfter(resp),
		Header: r.Header, MediaType: r.MediaType, Body: body,
	}
}

// explain takes an error of this package out of the wrapping of net/http.
func (t *trip) explain(err error) error {
	var f *failure
	var status *StatusError
	switch {
	case errors.As(err, &status):
		return status
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

// meteredBody counts a body on the wire, keeps its time limit and settles the account
// when it is closed.
type meteredBody struct {
	io.ReadCloser
	ctx   context.Context
	bytes int64
	done  func(bytes int64)
}

func (b *meteredBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.bytes += int64(n)
	if err != nil && err != io.EOF && errors.Is(context.Cause(b.ctx), errTimeout) {
		err = errTimeout
	}
	return n, err
}

func (b *meteredBody) Close() error {
	err := b.ReadCloser.Close()
	if b.done != nil {
		b.done(b.bytes)
		b.done = nil
	}
	return err
}
