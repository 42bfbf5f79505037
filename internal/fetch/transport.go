package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// errTimeout is the cause with which the time limit of one request ends its context.
var errTimeout = errors.New("time limit of the request")

// transport stands between http.Client and the network, so that every hop of every try
// passes robots.txt, the host's clock and the meters.
type transport struct {
	client *Client
	base   *http.Transport
}

// CloseIdleConnections lets http.Client reach through to the connections.
func (tr *transport) CloseIdleConnections() { tr.base.CloseIdleConnections() }

// RoundTrip makes one request when its turn has come.
func (tr *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	c := tr.client
	t, ok := req.Context().Value(tripKey{}).(*trip)
	if !ok {
		return nil, errors.New("request without a trip")
	}
	h := c.hosts.get(req.URL, c.now())
	if err := c.admit(req.Context(), h, req.URL, t.polite); err != nil {
		return nil, err
	}
	// The limit begins here: waiting for a turn is not the server's doing.
	ctx, cancel := context.WithCancelCause(req.Context())
	limit := time.AfterFunc(time.Duration(t.polite.Timeout), func() { cancel(errTimeout) })
	begun := c.now()
	resp, err := tr.base.RoundTrip(req.WithContext(ctx))
	if err != nil {
		err = t.broken(ctx, err)
		limit.Stop()
		cancel(nil)
		h.failed()
		return nil, err
	}
	c.note(h, req.URL, resp, t)
	resp.Body = &meteredBody{ReadCloser: resp.Body, ctx: ctx, done: func(bytes int64) {
		limit.Stop()
		cancel(nil)
		took := c.now().Sub(begun)
		h.served(bytes, took)
		c.metrics.bytes.Add(float64(bytes))
		c.metrics.seconds.Observe(took.Seconds())
	}}
	return resp, nil
}

// note takes down what an answer means for the next requests to the host.
func (c *Client) note(h *host, u *url.URL, resp *http.Response, t *trip) {
	wish := t.retryAfter(resp)
	h.answered(c.now(), resp.StatusCode, wish)
	if throttled(resp.StatusCode) {
		c.log.Warn("host asks for fewer requests", "host", u.Host, "status", resp.StatusCode, "retry_after", wish)
	}
}

// admit returns when a URL may be requested, or why it may not be.
func (c *Client) admit(ctx context.Context, h *host, u *url.URL, p Politeness) error {
	var crawlDelay time.Duration
	if !p.IgnoreRobots && u.Path != "/robots.txt" {
		rules, err := c.robotsFor(ctx, h, u, p)
		if err != nil {
			return err
		}
		if !rules.Allowed(c.token, u.RequestURI()) {
			h.robotsRefused()
			return &failure{
				url: u.String(), err: ErrRobots, outcome: "robots",
				what: fmt.Sprintf("robots.txt of %s does not allow it for %s; ask the publisher, or leave it out", u.Host, c.token),
			}
		}
		crawlDelay = rules.CrawlDelay(c.token)
	}
	turn, wait, refused := h.reserve(c.now(), time.Duration(p.MinDelay), crawlDelay)
	if refused > 0 {
		return &StatusError{URL: u.String(), Status: h.lastStatus(), RetryAfter: refused}
	}
	if err := pause(ctx, wait); err != nil {
		turn.CancelAt(c.now())
		return err
	}
	// While this caller waited, another may have been told to stay away.
	for {
		more := h.heldFor(c.now())
		if more <= 0 {
			return nil
		}
		if more > maxWait {
			return &StatusError{URL: u.String(), Status: h.lastStatus(), RetryAfter: more}
		}
		if err := pause(ctx, more); err != nil {
			return err
		}
	}
}

// broken says what a connection failed from, and whether it may do better next time.
func (t *trip) broken(ctx context.Context, err error) error {
	f := &failure{url: t.url, err: err, what: err.Error(), retry: true, outcome: "network"}
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	switch {
	case errors.Is(err, errTimeout) || errors.Is(context.Cause(ctx), errTimeout):
		// Another try would cost the server as much again.
		f.err, f.final, f.outcome = errTimeout, true, "timeout"
		f.what = fmt.Sprintf("no complete answer within %s; if the server is just slow, raise politeness.timeout of the source", time.Duration(t.polite.Timeout))
	case ctx.Err() != nil:
		return fmt.Errorf("fetching %s: %w", t.url, ctx.Err())
	case errors.Is(err, ErrPrivateAddress):
		f.retry, f.outcome = false, "private-address"
		f.what = fmt.Sprintf("its host is at an address that is not public (%v); if the network is yours, allow its range for fetching in the configuration", root(err))
	case errors.As(err, &dns) && dns.IsNotFound:
		f.final, f.what = true, fmt.Sprintf("there is no host %q; check the address", dns.Name)
	case errors.As(err, &cert):
		f.retry, f.what = false, fmt.Sprintf("its certificate is not valid (%v); tell the publisher", cert.Err)
	case errors.Is(err, errDecoding):
		f.retry, f.outcome = false, "bad-encoding"
	}
	return f
}

// root unwraps to the part of an error that the guard made.
func root(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}
