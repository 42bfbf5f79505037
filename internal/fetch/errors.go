package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// What a request can be refused for, whatever the server would have said.
var (
	// ErrRobots: robots.txt forbids the URL, or could not be had (then Retryable).
	ErrRobots = errors.New("robots.txt does not allow it")
	// ErrPrivateAddress: the host lies in a range that is not the public Internet.
	ErrPrivateAddress = errors.New("private address")
	// ErrTooLarge: the body is larger than Politeness.MaxBytes, as sent or decoded.
	ErrTooLarge = errors.New("body too large")
)

// Causes of failures that no caller needs to tell apart.
var (
	errBadURL   = errors.New("not a request for the web")
	errRedirect = errors.New("bad redirect")
	errHead     = errors.New("the head of the answer is beyond all measure")
)

// StatusError is an answer that is neither a success nor "not modified".
type StatusError struct {
	URL        string
	Status     int
	RetryAfter time.Duration // how long the server wants to be left alone; 0 if it does not say
	Header     http.Header
	MediaType  string
	Body       []byte // the first 64 KiB: some protocols explain errors there
}

func (e *StatusError) Error() string {
	text := fmt.Sprintf("fetching %s: the server answered %d", e.URL, e.Status)
	if name := http.StatusText(e.Status); name != "" {
		text += " " + name
	}
	switch {
	case e.RetryAfter > 0:
		return text + fmt.Sprintf("; it asks to come back in %s", e.RetryAfter.Round(time.Second))
	case e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden:
		return text + "; ask the publisher whether the hub may read it"
	case e.Status == http.StatusNotFound || e.Status == http.StatusGone:
		return text + "; check the address"
	case e.Status >= 500:
		return text + "; the trouble is on its side"
	}
	return text
}

// Retryable reports whether asking again later may help.
func (e *StatusError) Retryable() bool {
	switch e.Status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return false
	}
	return e.Status >= 500
}

// failure is a request that got no usable answer.
type failure struct {
	url     string
	what    string // what happened and what to do about it
	err     error
	retry   bool   // later it may work
	final   bool   // but not within the same Get
	outcome string // for the metrics
}

func (f *failure) Error() string   { return "fetching " + f.url + ": " + f.what }
func (f *failure) Unwrap() error   { return f.err }
func (f *failure) Retryable() bool { return f.retry }

// Retryable reports whether an error of Get may go away by itself. Errors of other
// origin, and a context that ended, are not worth another try.
func Retryable(err error) bool {
	var r interface{ Retryable() bool }
	return errors.As(err, &r) && r.Retryable()
}

// outcome names the kind of result for the metrics.
func outcome(resp *Response, err error) string {
	var f *failure
	var status *StatusError
	var blocked *BlockedError
	switch {
	case errors.As(err, &blocked):
		return "blocked"
	case err == nil && resp.NotModified:
		return "not-modified"
	case err == nil:
		return "ok"
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return "cancelled"
	case errors.As(err, &status) && throttled(status.Status):
		return "throttled"
	case errors.As(err, &status) && status.Status >= 500:
		return "server-error"
	case errors.As(err, &status):
		return "client-error"
	case errors.As(err, &f):
		return f.outcome
	}
	return "failed"
}

// throttled reports whether a status means "not so fast".
func throttled(status int) bool {
	return status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
}

// BlockedError is the answer of a firewall or bot filter in the place of the server's: only
// the publisher can let the hub in. It holds what the publisher's IT department needs to
// find the rule; the hub never disguises itself to get around one.
type BlockedError struct {
	URL       string
	Filter    string // "Cloudflare", "AWS WAF", "Akamai", …; "" when it does not say
	Status    int
	Reference string // by which the filter's log finds this request: a ray id, a request id
	Agent     string // the user agent that was refused
	At        time.Time
}

func (e *BlockedError) Error() string {
	filter := e.Filter
	if filter == "" {
		filter = "a firewall"
	}
	text := fmt.Sprintf("fetching %s: %s refuses the hub (status %d, %s)", e.URL, filter, e.Status, e.At.UTC().Format(time.RFC3339))
	if e.Reference != "" {
		text += ", reference " + e.Reference
	}
	return text + fmt.Sprintf("; ask the publisher to let the user agent %q pass", e.Agent)
}
