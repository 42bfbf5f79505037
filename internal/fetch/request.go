package fetch

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// ours are the headers that no caller sets: they say who asks, or are set by what is asked.
var ours = []string{
	"User-Agent", "From", "Referer", "Host", "Connection", "Content-Length", "Content-Type", "Transfer-Encoding",
	"Te", "Trailer", "Upgrade", "Expect", "Accept-Encoding", "Range", "If-None-Match", "If-Modified-Since",
}

// newTrip reads a request and refuses what cannot be asked.
func (c *Client) newTrip(r Request) (*trip, error) {
	u, err := c.target(r.URL)
	if err != nil {
		return nil, err
	}
	t := &trip{
		client: c, origin: u, url: shown(u.String()), method: r.Method, account: r.Account, extra: r.Header,
		polite: r.Politeness.withDefaults(),
	}
	if t.method == "" {
		t.method = http.MethodGet
	}
	if r.First > 0 {
		t.ranged, t.cut, t.polite.MaxBytes = true, true, min(r.First, t.polite.MaxBytes)
	}
	switch {
	case !slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodPost}, t.method):
		return nil, badURL(t.url, fmt.Sprintf("the method %q is none of GET, HEAD, POST", t.method))
	case len(r.Body) > 0 && t.method != http.MethodPost:
		return nil, badURL(t.url, "only a POST has a body")
	}
	// The values may be secrets: no error repeats them.
	for name, value := range r.Header {
		switch canonical := http.CanonicalHeaderKey(name); {
		case !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value):
			return nil, badURL(t.url, fmt.Sprintf("the header %q holds characters that no header may", name))
		case slices.Contains(ours, canonical) || strings.HasPrefix(canonical, "Proxy-"):
			return nil, badURL(t.url, fmt.Sprintf("the header %s is not for a source to set", canonical))
		}
	}
	return t, nil
}

// setHeader writes what every hop sends. The caller's own headers are none of that: the
// transport adds them where they may go.
func (t *trip) setHeader(h http.Header, r Request) {
	h.Set("User-Agent", t.client.agent)
	h.Set("Accept-Encoding", acceptEncoding)
	if t.ranged && t.method == http.MethodGet {
		// A range of a compressed body is the beginning of nothing.
		h.Set("Accept-Encoding", "identity")
		h.Set("Range", fmt.Sprintf("bytes=0-%d", t.polite.MaxBytes-1))
	}
	for name, value := range map[string]string{
		"From": t.client.from, "Accept": r.Accept, "If-None-Match": r.ETag, "If-Modified-Since": r.LastModified,
	} {
		if value != "" {
			h.Set(name, value)
		}
	}
	if r.Accept == "" {
		h.Set("Accept", "*/*")
	}
	if t.method == http.MethodPost && r.Type != "" {
		h.Set("Content-Type", r.Type)
	}
}

// outgoing completes one hop: the caller's headers go to the host of the address asked for
// and to nobody else, not unencrypted where they were meant to be encrypted, and not any
// more once the way has led through another host. The address that led there is nobody's
// business either: it may hold a key.
func (t *trip) outgoing(req *http.Request) {
	req.Header.Del("Referer")
	if req.Response == nil {
		t.strayed = false // a new try begins at the origin
	}
	downgraded := t.origin.Scheme == "https" && req.URL.Scheme != "https"
	if t.strayed = t.strayed || downgraded || hostKey(req.URL) != hostKey(t.origin); t.strayed {
		return
	}
	for name, value := range t.extra {
		req.Header.Set(name, value)
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
