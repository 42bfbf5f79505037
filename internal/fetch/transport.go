package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"time"
)

// Limits of the head of an answer.
const (
	maxResponseHead = 256 << 10 // bytes, kept by net/http
	maxFields       = 300       // header fields: many small ones cost more than their bytes
	maxInterim      = 20        // answers 1xx before the one that counts
)

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
	if err := c.admit(req.Context(), h, req.URL, t); err != nil {
		h.release(c.now())
		return nil, err
	}
	// The limit begins here: waiting for a turn is not the server's doing.
	ctx, cancel := context.WithCancelCause(req.Context())
	begun := c.now()
	m := newMeter(cancel, time.Duration(t.polite.Timeout), func(bytes int64) {
		c.settle(h, t.account, bytes, c.now().Sub(begun))
	})
	out := req.Clone(httptrace.WithClientTrace(ctx, t.trace()))
	t.outgoing(out)
	resp, err := tr.base.RoundTrip(out)
	if err != nil {
		err = t.broken(ctx, err)
		h.failed()
		h.book(t.account, func(s *tally) { s.Requests++; s.Errors++ })
		m.end(nil)
		return nil, err
	}
	c.note(h, req.URL, resp, t, c.now().Sub(begun))
	resp.Body = &meteredBody{ReadCloser: resp.Body, ctx: ctx, meter: m}
	if err := t.inspect(resp); err != nil {
		resp.Body.Close()
		return nil, err
	}
	return resp, nil
}

// settle ends the use of a host by one request.
func (c *Client) settle(h *host, account string, bytes int64, took time.Duration) {
	h.book(account, func(s *tally) {
		s.Bytes += bytes
		s.Served += took
		s.Slowest = max(s.Slowest, took)
	})
	c.metrics.bytes.Add(float64(bytes))
	c.metrics.seconds.Observe(took.Seconds())
	<-h.turn
	h.release(c.now())
}

// note takes down what an answer means for the next requests to the host.
func (c *Client) note(h *host, u *url.URL, resp *http.Response, t *trip, took time.Duration) {
	wish := t.retryAfter(resp)
	h.answered(c.now(), resp.StatusCode, wish, took)
	h.book(t.account, func(s *tally) {
		s.Requests++
		switch {
		case throttled(resp.StatusCode):
			s.Throttled++
		case resp.StatusCode == http.StatusNotModified:
			s.NotModified++
		}
	})
	if throttled(resp.StatusCode) {
		c.log.Warn("host asks for fewer requests", "host", u.Host, "status", resp.StatusCode, "retry_after", wish)
	}
}

// trace notes whether anything was sent, and bounds interim answers.
func (t *trip) trace() *httptrace.ClientTrace {
	interim := 0
	return &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { t.sent.Store(true) },
		Got1xxResponse: func(int, textproto.MIMEHeader) error {
			if interim++; interim > maxInterim {
				return fmt.Errorf("more than %d interim answers: %w", maxInterim, errHead)
			}
			return nil
		},
	}
}

// inspect refuses an answer by its head and, where that is a refusal, by the beginning of
// its body, which is kept for the error.
func (t *trip) inspect(resp *http.Response) error {
	fields := 0
	for _, values := range resp.Header {
		fields += len(values)
	}
	if fields > maxFields {
		return &failure{url: t.url, err: errHead, outcome: "bad-head", what: fmt.Sprintf("its answer has more than %d header fields", maxFields)}
	}
	t.page = nil
	if resp.StatusCode >= 400 {
		t.page = errorPage(resp)
	}
	return t.refused(resp, t.page)
}

// errorPage returns what can be read of the beginning of a body.
func errorPage(resp *http.Response) []byte {
	page, _ := readBody(resp.Body, resp.Header.Get("Content-Encoding"), quota{limit: maxErrorBody, cut: true, part: true})
	return page
}

// refused returns a *BlockedError if a filter answered in the place of the server.
func (t *trip) refused(resp *http.Response, body []byte) error {
	filter, reference, blocked := firewall(resp.StatusCode, resp.Header, body)
	if !blocked {
		return nil
	}
	c := t.client
	h := c.hosts.get(resp.Request.URL, c.now())
	h.book(t.account, func(s *tally) { s.Blocked++ })
	h.release(c.now())
	return &BlockedError{
		URL: shown(resp.Request.URL.String()), Filter: filter, Status: resp.StatusCode,
		Reference: reference, Agent: c.agent, At: c.now(),
	}
}

// admit returns when a URL may be requested, holding the host's turn, or why it may not be.
func (c *Client) admit(ctx context.Context, h *host, u *url.URL, t *trip) error {
	crawlDelay, err := c.permitted(ctx, h, u, t)
	if err != nil {
		return err
	}
	asked := c.now()
	if err := h.acquire(ctx); err != nil {
		return err
	}
	if waited := c.now().Sub(asked); waited > 0 {
		h.book(t.account, func(s *tally) { s.waits[byServer] += waited })
	}
	if err := c.wait(ctx, h, u, t, crawlDelay); err != nil {
		<-h.turn
		return err
	}
	return nil
}

// permitted asks robots.txt, and returns the pause that it wants.
func (c *Client) permitted(ctx context.Context, h *host, u *url.URL, t *trip) (time.Duration, error) {
	if t.polite.IgnoreRobots || u.Path == "/robots.txt" {
		return 0, nil
	}
	rules, err := c.robotsFor(ctx, h, u, t)
	if err != nil {
		return 0, err
	}
	if !rules.Allowed(c.token, u.RequestURI()) {
		h.book(t.account, func(s *tally) { s.RobotsRefused++ })
		return 0, &failure{
			url: shown(u.String()), err: ErrRobots, outcome: "robots",
			what: fmt.Sprintf("robots.txt of %s does not allow it for %s; ask the publisher, or leave it out", u.Host, c.token),
		}
	}
	delay := rules.CrawlDelay(c.token)
	h.book(t.account, func(s *tally) { s.RobotsAllowed++; s.CrawlDelay = delay })
	return delay, nil
}

// wait keeps the pause between two requests to a host.
func (c *Client) wait(ctx context.Context, h *host, u *url.URL, t *trip, crawlDelay time.Duration) error {
	place, least, why, refused := h.reserve(c.now(), time.Duration(t.polite.MinDelay), crawlDelay)
	if refused > 0 {
		_, status := h.heldFor(c.now())
		return &StatusError{URL: shown(u.String()), Status: status, RetryAfter: refused}
	}
	begun := c.now()
	err := pause(ctx, least)
	if waited := c.now().Sub(begun); waited > 0 {
		h.book(t.account, func(s *tally) { s.waits[why] += waited })
	}
	if err != nil {
		place.CancelAt(c.now())
	}
	return err
}
