package check

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"ctiphub/internal/fetch"
)

// Robots is what the site's robots.txt says to the hub (RFC 9309).
type Robots struct {
	URL        string   `json:"url"`
	Verdict    string   `json:"verdict"`              // "allowed", "disallowed", "none" (there is no file) or "unreachable"
	CrawlDelay float64  `json:"crawlDelay,omitempty"` // seconds between two requests
	Sitemaps   []string `json:"sitemaps,omitempty"`
}

// Verdicts of robots.txt.
const (
	robotsAllowed     = "allowed"
	robotsDisallowed  = "disallowed"
	robotsNone        = "none"
	robotsUnreachable = "unreachable" // the hub stays away for now
)

// robots asks for the robots.txt of a site.
func (c Checker) robots(ctx context.Context, u *url.URL) *Robots {
	at := url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}
	r := &Robots{URL: at.String(), Verdict: robotsNone}
	resp, err := c.Getter.Get(ctx, fetch.Request{URL: r.URL})
	if err != nil {
		var status *fetch.StatusError
		if !errors.As(err, &status) || status.Status >= http.StatusInternalServerError || status.Status == http.StatusTooManyRequests {
			r.Verdict = robotsUnreachable
		}
		return r
	}
	rules := fetch.ParseRobots(resp.Body)
	r.Verdict = robotsDisallowed
	if rules.Allowed(c.agent(), u.RequestURI()) {
		r.Verdict = robotsAllowed
	}
	r.CrawlDelay = rules.CrawlDelay(c.agent()).Seconds()
	r.Sitemaps = rules.Sitemaps[:min(len(rules.Sitemaps), 10)]
	return r
}
