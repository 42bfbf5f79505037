package fetch

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
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
	maxErrorBody     = 64 << 10
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
	guard   guard
	http    *http.Client
	hosts   hosts
}

// New returns a client that visits public addresses and those that o.Allow adds.
func New(o Options) *Client {
	return newClient(o, newDialer(o).DialContext)
}

// newDialer returns what connects to hosts, and to no address that is not public.
func newDialer(o Options) *net.Dialer {
	return &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second, Control: guard{o.Allow}.control}
}

// newClient is New with the way to reach a host passed in.
func newClient(o Options, dial func(ctx context.Context, network, addr string) (net.Conn, error)) *Client {
	c := &Client{
		agent: o.UserAgent, token: productToken(o.UserAgent), retries: o.MaxRetries,
		now: o.Now, log: o.Logger, metrics: newMetrics(o.Registerer), guard: guard{o.Allow},
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
	c.http = &http.Client{CheckRedirect: c.checkRedirect, Transport: &transport{c, &http.Transport{
		// Proxy stays nil: a proxy of the environment would resolve names behind the guard.
		DialContext:            dial,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // readBody decodes, and counts what comes over the wire
		MaxIdleConnsPerHost:    1,    // one request at a time needs no more
		IdleConnTimeout:        idleConnLifetime,
		TLSHandshakeTimeout:    dialTimeout,
		MaxResponseHeaderBytes: maxResponseHead,
	}}}
	return c
}

// Close ends idle connections. The client remains usable.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Get makes one request: after robots.txt allows it, when it is the caller's turn at the
// host, with a few tries. Statuses other than success and "not modified" are a
// *StatusError, and what a firewall or bot filter says in the place of the server is a
// *BlockedError.
func (c *Client) Get(ctx context.Context, r Request) (*Response, error) {
	resp, err := c.get(ctx, r, false)
	c.metrics.requests.WithLabelValues(outcome(resp, err)).Inc()
	return resp, err
}

func (c *Client) get(ctx context.Context, r Request, cut bool) (*Response, error) {
	t, err := c.newTrip(r)
	if err != nil {
		return nil, err
	}
	t.cut = t.cut || cut
	var body any // an untyped nil is no body, an empty one is a body of no bytes
	if t.method == http.MethodPost {
		body = r.Body
	}
	req, err := retryablehttp.NewRequestWithContext(context.WithValue(ctx, tripKey{}, t), t.method, t.origin.String(), body)
	if err != nil {
		return nil, badURL(t.url, "it cannot be asked for")
	}
	t.setHeader(req.Header, r)
	req.SetResponseHandler(t.read)
	return t.result(t.retrying().Do(req))
}
