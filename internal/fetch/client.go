package fetch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"github.com/prometheus/client_golang/prometheus"
)

// Options configure a Client.
type Options struct {
	UserAgent  string                // name and version: "CTIPHub/1.0"; the name is what robots.txt addresses
	Contact    string                // URL or mailbox where publishers reach the operators
	Allow      []netip.Prefix        // ranges that may be visited although they are not public
	Registerer prometheus.Registerer // nil: no metrics
	Logger     *slog.Logger          // nil: silent
	MaxRetries int                   // tries after the first; 3 when 0, none when negative
	Now        func() time.Time      // nil: time.Now
}

// Defaults of what a request may cost.
const (
	defaultTimeout   = 60 * time.Second
	defaultMaxBytes  = 32 << 20
	defaultRetries   = 3
	maxRedirects     = 5
	maxErrorBody     = 64 << 10
	maxResponseHead  = 256 << 10
	dialTimeout      = 15 * time.Second
	idleConnLifetime = 90 * time.Second
)

// Client makes requests. It is safe for concurrent use, and there should be one in a
// process: it is where all callers of one host share a clock.
type Client struct {
	agent   string // the whole header
	from    string // mailbox, or ""
	token   string // what robots.txt addresses
	retries int
	now     func() time.Time
	log     *slog.Logger
	metrics *metrics
	http    *http.Client
	hosts   hosts
}

// New returns a client that visits public addresses and those that o.Allow adds.
func New(o Options) *Client {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second, Control: guard{o.Allow}.control}
	return newClient(o, dialer.DialContext)
}

// newClient is New with the way to reach a host passed in.
func newClient(o Options, dial func(ctx context.Context, network, addr string) (net.Conn, error)) *Client {
	c := &Client{
		agent: o.UserAgent, token: productToken(o.UserAgent), retries: o.MaxRetries,
		now: o.Now, log: o.Logger, metrics: newMetrics(o.Registerer),
		hosts: hosts{all: map[string]*host{}},
	}
	if o.Contact != "" {
		c.agent += " (+" + o.Contact + ")"
	}
	if strings.Contains(o.Contact, "@") && !strings.Contains(o.Contact, "/") {
		c.from = strings.TrimPrefix(o.Contact, "mailto:")
	}
	switch {
	case c.retries == 0:
		c.retries = defaultRetries
	case c.retries < 0:
		c.retries = 0
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.http = &http.Client{CheckRedirect: checkRedirect, Transport: &transport{c, &http.Transport{
		// Proxy stays nil: a proxy of the environment would resolve names behind the guard.
		DialContext:            dial,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // readBody decodes, and counts what comes over the wire
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        idleConnLifetime,
		TLSHandshakeTimeout:    dialTimeout,
		MaxResponseHeaderBytes: maxResponseHead,
	}}}
	return c
}

// Close ends idle connections. The client remains usable.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Ledger returns what was done at each host, by name.
func (c *Client) Ledger() []HostStats { return c.hosts.ledger() }

// Get fetches one URL: after robots.txt allows it, when it is the caller's turn at the
// host, with a few tries. Statuses other than success and "not modified" are a
// *StatusError.
func (c *Client) Get(ctx context.Context, r Request) (*Response, error) {
	resp, err := c.get(ctx, r, false)
	c.metrics.requests.WithLabelValues(outcome(resp, err)).Inc()
	return resp, err
}

func (c *Client) get(ctx context.Context, r Request, truncate bool) (*Response, error) {
	u, err := url.Parse(r.URL)
	if err != nil || u.Host == "" || !webScheme(u) {
		return nil, &failure{url: r.URL, what: "it is not an absolute http or https URL", err: err, outcome: "bad-url"}
	}
	u.Fragment = ""
	t := &trip{client: c, url: u.String(), polite: r.Politeness.withDefaults(), truncate: truncate}
	ctx = context.WithValue(ctx, tripKey{}, t)
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, t.url, nil)
	if err != nil {
		return nil, &failure{url: r.URL, what: err.Error(), err: err, outcome: "bad-url"}
	}
	c.setHeader(req.Header, r)
	req.SetResponseHandler(t.read)
	return t.result(t.retrying().Do(req))
}

func (c *Client) setHeader(h http.Header, r Request) {
	h.Set("User-Agent", c.agent)
	h.Set("Accept-Encoding", acceptEncoding)
	for name, value := range map[string]string{
		"From": c.from, "Accept": r.Accept, "If-None-Match": r.ETag, "If-Modified-Since": r.LastModified,
	} {
		if value != "" {
			h.Set(name, value)
		}
	}
	if r.Accept == "" {
		h.Set("Accept", "*/*")
	}
}

// withDefaults fills in what was left open.
func (p Politeness) withDefaults() Politeness {
	if p.MinDelay <= 0 {
		p.MinDelay = Duration(defaultDelay)
	}
	if p.MaxBytes <= 0 {
		p.MaxBytes = defaultMaxBytes
	}
	if p.Timeout <= 0 {
		p.Timeout = Duration(defaultTimeout)
	}
	return p
}

func webScheme(u *url.URL) bool { return u.Scheme == "http" || u.Scheme == "https" }

// checkRedirect bounds redirects. Where they lead is judged by the transport, like any
// other request.
func checkRedirect(req *http.Request, via []*http.Request) error {
	switch {
	case len(via) > maxRedirects:
		return &failure{
			url: via[0].URL.String(), outcome: "redirects", err: errors.New("too many redirects"),
			what: fmt.Sprintf("more than %d redirects, the last one to %s; give the final address as the source's URL", maxRedirects, req.URL),
		}
	case !webScheme(req.URL):
		return &failure{
			url: via[0].URL.String(), outcome: "redirects", err: errors.New("redirect out of the web"),
			what: fmt.Sprintf("it redirects to %s, which is not http or https", req.URL),
		}
	}
	return nil
}
