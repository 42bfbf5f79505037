package fetch

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// tracking are parameters that name the reader's way to a page, or the reader's session,
// and never the page. Lower case; a final "*" stands for any ending.
var tracking = []string{
	"utm_*", "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid",
	"mc_cid", "mc_eid", "igshid", "_ga", "_gl", "at_medium", "at_campaign",
	"phpsessid", "jsessionid", "aspsessionid*", "cfid", "cftoken", "oscsid",
}

// Canonical writes an absolute web address the one way in which addresses are compared
// and kept: host in lower case and ASCII, no default port, no fragment, no tracking or
// session parameters, "/" for an empty path. The order of the other parameters stays,
// because some servers care.
func Canonical(address string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return "", fmt.Errorf("reading the address: %w", err)
	}
	u.Scheme = strings.ToLower(u.Scheme)
	if u.Host = canonicalHost(u); u.Host == "" || !webScheme(u) {
		return "", fmt.Errorf("%q is not an absolute http or https address", address)
	}
	u.Fragment, u.RawFragment, u.ForceQuery = "", "", false
	u.RawQuery = withoutTracking(u.RawQuery)
	path := withoutPathSession(u.EscapedPath())
	if path == "" {
		path = "/"
	}
	// Escapes in one spelling; what is escaped stays so, it may mean something.
	if u.Path, err = url.PathUnescape(path); err != nil {
		return "", fmt.Errorf("reading the path of %q: %w", address, err)
	}
	u.RawPath = escapePath(path)
	return u.String(), nil
}

// canonicalHost returns the host in lower case and ASCII, with its port unless it is the
// usual one, and "" for what can be no host.
func canonicalHost(u *url.URL) string {
	name := strings.TrimRight(strings.ToLower(u.Hostname()), ".")
	if ascii, err := idna.Lookup.ToASCII(name); err == nil {
		name = ascii
	} else if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_:") != "" {
		return "" // "_" is against the rules of IDNA, but met
	}
	if name == "" {
		return ""
	}
	if strings.Contains(name, ":") {
		name = "[" + name + "]"
	}
	port := u.Port()
	if port == "" || u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
		return name
	}
	return name + ":" + port
}

// withoutTracking drops parameters by name and leaves the rest as it was written:
// parsing and writing anew would lose what the query package does not understand.
func withoutTracking(query string) string {
	if query == "" {
		return ""
	}
	parts := slices.DeleteFunc(strings.Split(query, "&"), func(part string) bool {
		name, _, _ := strings.Cut(strings.TrimPrefix(part, "amp;"), "=")
		return part == "" || isTracking(strings.ToLower(name))
	})
	return escapePath(strings.Join(parts, "&"))
}

func isTracking(name string) bool {
	return slices.ContainsFunc(tracking, func(t string) bool {
		prefix, open := strings.CutSuffix(t, "*")
		return name == t || open && strings.HasPrefix(name, prefix)
	})
}

// withoutPathSession drops ";jsessionid=…" behind a segment.
func withoutPathSession(path string) string {
	const mark = ";jsessionid="
	for {
		i := strings.Index(strings.ToLower(path), mark)
		if i < 0 {
			return path
		}
		end := len(path)
		if j := strings.IndexAny(path[i+1:], "/;"); j >= 0 {
			end = i + 1 + j
		}
		path = path[:i] + path[end:]
	}
}
