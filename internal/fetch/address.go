package fetch

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

const (
	// maxURL is the longest address that is asked for. Servers are only bound to read 8000
	// bytes (RFC 9110, section 4.1).
	maxURL = 8192
	// maxShown is how much of an address an error repeats.
	maxShown = 300
	// maxRedirects is what RFC 9309 wants followed for robots.txt at least; for pages more
	// would only hide a mistake.
	maxRedirects = 5
)

// redirectPorts are where a redirect may lead beside the port that the source itself
// names: a page must not send the hub around to try the doors of other machines.
var redirectPorts = []string{"", "80", "443", "8080", "8443"}

// userInfo is the part of an address that may be a secret, also where it is no address.
var userInfo = regexp.MustCompile(`//[^/?#\s]*@`)

// shown is an address as an error may repeat it: without credentials, and of bounded length.
func shown(address string) string {
	address = userInfo.ReplaceAllLiteralString(address, "//")
	if len(address) > maxShown {
		address = strings.ToValidUTF8(address[:maxShown], "") + "…"
	}
	return address
}

// target reads the address of a request.
func (c *Client) target(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || !webScheme(u) {
		return nil, badURL(address, "it is not an absolute http or https URL")
	}
	u.Fragment = ""
	if err := c.judge(u); err != nil {
		return nil, err
	}
	return u, nil
}

func badURL(address, what string) *failure {
	return &failure{url: shown(address), what: what, err: errBadURL, outcome: "bad-url"}
}

// judge refuses an address by how it is written, before anything is resolved. What a name
// leads to is judged by the guard when it is dialled.
func (c *Client) judge(u *url.URL) error {
	address := u.String()
	switch {
	case len(address) > maxURL:
		return badURL(address, fmt.Sprintf("the address is longer than %d bytes", maxURL))
	case u.User != nil:
		return badURL(address, "the address holds credentials, which would end up in logs; configure the access as a header from the environment")
	}
	name := u.Hostname()
	if ip, err := netip.ParseAddr(name); err == nil {
		if !c.guard.permits(ip) {
			return private(address, fmt.Errorf("%s: %w", ip, ErrPrivateAddress))
		}
		return nil
	}
	// Browsers read 2130706433, 0x7f.1 and 0177.0.0.1 as 127.0.0.1. A name of the Internet
	// never ends in a number, so nothing is lost by not asking what a resolver makes of it.
	if endsInNumber(name) {
		return badURL(address, fmt.Sprintf("%q is neither a host name nor an address in its usual form", shown(name)))
	}
	return nil
}

// endsInNumber is the test by which browsers take a host for an IPv4 address.
func endsInNumber(name string) bool {
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	last := name[strings.LastIndexByte(name, '.')+1:]
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return last != "" && strings.Trim(last, "0123456789") == ""
}

func private(address string, err error) *failure {
	return &failure{
		url: shown(address), err: err, outcome: "private-address",
		what: fmt.Sprintf("its host is at an address that is not public (%v); if the network is yours, allow its range for fetching in the configuration", err),
	}
}

func webScheme(u *url.URL) bool { return u.Scheme == "http" || u.Scheme == "https" }

// checkRedirect bounds redirects. Pace and robots.txt of where they lead are kept by the
// transport, as of any other request.
func (c *Client) checkRedirect(req *http.Request, via []*http.Request) error {
	f := &failure{url: shown(via[0].URL.String()), outcome: "redirects", err: errRedirect}
	to := shown(req.URL.String())
	switch {
	case len(via) > maxRedirects:
		f.what = fmt.Sprintf("more than %d redirects, the last one to %s; give the final address as the source's URL", maxRedirects, to)
	case slices.ContainsFunc(via, func(r *http.Request) bool { return r.URL.String() == req.URL.String() }):
		f.what = fmt.Sprintf("its redirects lead in a circle, back to %s; tell the publisher", to)
	case !webScheme(req.URL):
		f.what = fmt.Sprintf("it redirects to %s, which is not http or https", to)
	case req.Method == http.MethodPost && hostKey(req.URL) != hostKey(via[0].URL):
		f.what = fmt.Sprintf("it sends a POST on to another host, %s; give the final address as the source's URL", to)
	default:
		return c.judgeRedirect(req.URL, via[0].URL, f)
	}
	return f
}

// judgeRedirect judges the address that a redirect leads to.
func (c *Client) judgeRedirect(to, from *url.URL, f *failure) error {
	var bad *failure
	if err := c.judge(to); errors.As(err, &bad) {
		f.err = bad.err
		f.what = fmt.Sprintf("it redirects to %s: %s", bad.url, bad.what)
		if errors.Is(bad, ErrPrivateAddress) {
			f.outcome = bad.outcome
		}
		return f
	}
	port := to.Port()
	if slices.Contains(redirectPorts, port) || port == from.Port() || c.own(to.Hostname()) {
		return nil
	}
	f.what = fmt.Sprintf("it redirects to port %s (%s), where no web site is expected; if it is right, give that address as the source's URL", port, shown(to.String()))
	return f
}

// own reports whether a host is one of the operator's, by the configured ranges.
func (c *Client) own(name string) bool {
	ip, err := netip.ParseAddr(name)
	return err == nil && c.guard.allows(ip)
}
