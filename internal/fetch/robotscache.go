package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"
)

// Life of a robots.txt, RFC 9309 section 2.4 and 2.5.
const (
	robotsFresh   = 24 * time.Hour
	robotsRetry   = 10 * time.Minute // until one that could not be had is asked for again
	maxRobotsSize = 500 << 10
)

// robotsCache holds the robots.txt of a host: one for http and one for https, should it
// serve both. turn is held while one is looked up or fetched.
type robotsCache struct {
	turn    chan struct{}
	entries map[string]robotsEntry
}

type robotsEntry struct {
	rules *Robots // nil: could not be had
	err   error   // why
	until time.Time
}

// robotsFor returns the rules for a URL, fetching them when there are none or old ones.
func (c *Client) robotsFor(ctx context.Context, h *host, u *url.URL, t *trip) (*Robots, error) {
	select {
	case h.robots.turn <- struct{}{}:
		defer func() { <-h.robots.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	origin := u.Scheme + "://" + u.Host
	e, ok := h.robots.entries[origin]
	if !ok || c.now().After(e.until) {
		fresh, err := c.fetchRobots(ctx, origin, t)
		if err != nil {
			return nil, relabel(err, shown(u.String()))
		}
		if fresh.rules == nil && e.rules != nil {
			fresh.rules, fresh.err = e.rules, nil // the old ones hold until new ones can be had
		}
		e = fresh
		if h.robots.entries == nil {
			h.robots.entries = map[string]robotsEntry{}
		}
		h.robots.entries[origin] = e
	}
	if e.rules == nil {
		if blocked := (*BlockedError)(nil); errors.As(e.err, &blocked) {
			return nil, blocked
		}
		h.book(t.account, func(s *tally) { s.RobotsRefused++ })
		return nil, &failure{
			url: shown(u.String()), retry: true, final: true, outcome: "robots",
			err:  fmt.Errorf("%w: %v", ErrRobots, e.err), // callers must not take it for the page's own status
			what: fmt.Sprintf("nothing of %s may be fetched while its robots.txt cannot be had (%v)", u.Host, e.err),
		}
	}
	return e.rules, nil
}

// fetchRobots asks for a robots.txt and says how long the answer holds. The error is for
// what says nothing about the file: an address out of bounds, a context that ended.
func (c *Client) fetchRobots(ctx context.Context, origin string, t *trip) (robotsEntry, error) {
	p := t.polite
	p.IgnoreRobots, p.MaxBytes = true, maxRobotsSize
	resp, err := c.get(ctx, Request{URL: origin + "/robots.txt", Accept: "text/plain, */*;q=0.1", Politeness: p, Account: t.account}, true)
	now := c.now()
	var status *StatusError
	var f *failure
	switch {
	case err == nil:
		return robotsEntry{rules: ParseRobots(resp.Body), until: now.Add(robotsFresh)}, nil
	case ctx.Err() != nil || errors.Is(err, ErrPrivateAddress):
		return robotsEntry{}, err
	case errors.As(err, &status) && !status.Retryable() && status.Status < 500,
		errors.As(err, &f) && f.outcome == "redirects":
		// "Unavailable": the site has no rules.
		return robotsEntry{rules: &Robots{}, until: now.Add(robotsFresh)}, nil
	}
	e := robotsEntry{err: err, until: now.Add(robotsRetry)}
	if status != nil {
		e.until = now.Add(min(max(robotsRetry, status.RetryAfter), robotsFresh))
	}
	c.log.Warn("robots.txt cannot be had: leaving the host alone", "origin", origin, "until", e.until, "error", err)
	return e, nil
}

// relabel names the URL that was asked for in a failure to get its robots.txt.
func relabel(err error, url string) error {
	var f *failure
	if !errors.As(err, &f) {
		return err
	}
	named := *f
	named.url = url
	return &named
}
