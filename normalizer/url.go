package normalizer

import (
	"net"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// tracking names the query parameters that tell where a click came from, how a page is
// shown or who is logged in: never what it is about.
var tracking = map[string]bool{
	"fbclid": true, "gclid": true, "dclid": true, "gbraid": true, "wbraid": true, "msclkid": true, "yclid": true, "igshid": true,
	"mc_cid": true, "mc_eid": true, "_ga": true, "_gl": true, "mkt_tok": true, "ref_src": true, "share": true, "replytocom": true,
	"phpsessid": true, "jsessionid": true, "sessionid": true, "aspsessionid": true, "cfid": true, "cftoken": true,
	"print": true, "printable": true, "format=pdf_preview": true, "rq": true, "amp": true,
}

// twins are labels of hosts that only the makers of a site should see.
var twins = map[string]bool{"pp": true, "staging": true, "stage": true, "preprod": true, "dev": true}

// canonicalURL brings the address of a page into the form that two links to the same page
// share. ok is false when s is no web address.
func canonicalURL(s string) (canonical string, ok bool) {
	for range 5 {
		if canonical, ok = canonicalOnce(s); !ok || canonical == s {
			break
		}
		s = canonical // a wrapper may show only once the host is written properly
	}
	return canonical, ok
}

func canonicalOnce(s string) (string, bool) {
	s = unwrap(strings.TrimSpace(s))
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", false
	}
	host, ok := canonicalHost(u)
	if !ok {
		return "", false
	}
	u.Host, u.User, u.Fragment, u.RawFragment = host, nil, "", ""
	if i := strings.Index(strings.ToLower(u.Path), ";jsessionid="); i >= 0 {
		u.Path, u.RawPath = u.Path[:i], ""
	}
	if u.Path == "" {
		u.Path = "/"
	}
	u.RawQuery = canonicalQuery(u.RawQuery)
	u.ForceQuery = false
	return u.String(), true
}

// canonicalHost is the host in small letters and ASCII, without trailing dot, default
// port and the labels of pre-production copies.
func canonicalHost(u *url.URL) (string, bool) {
	host := strings.ToLower(strings.TrimRight(u.Hostname(), "."))
	if net.ParseIP(host) == nil {
		ascii, err := idna.Lookup.ToASCII(host)
		if err != nil {
			// Hosts with an underscore are against the rules and on the web.
			if strings.ContainsFunc(host, func(r rune) bool { return r >= 0x80 }) {
				return "", false
			}
			ascii = host
		}
		host = ascii
		labels := strings.Split(host, ".")
		kept := labels[:0]
		for i, l := range labels {
			if !twins[l] || i >= len(labels)-2 {
				kept = append(kept, l)
			}
		}
		host = strings.Join(kept, ".")
	}
	if host == "" {
		return "", false
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if p := u.Port(); p != "" && !(u.Scheme == "http" && p == "80" || u.Scheme == "https" && p == "443") {
		host += ":" + p
	}
	return host, true
}

// canonicalQuery drops the parameters that do not name the resource. The order of the
// others stays: sites exist to which it matters.
func canonicalQuery(raw string) string {
	if raw == "" {
		return ""
	}
	kept := make([]string, 0, strings.Count(raw, "&")+1)
	for part := range strings.SplitSeq(raw, "&") {
		part = strings.TrimPrefix(part, "amp;") // a link taken from HTML without decoding
		name, _, _ := strings.Cut(part, "=")
		name = strings.ToLower(name)
		if part == "" || tracking[name] || strings.HasPrefix(name, "utm_") {
			continue
		}
		kept = append(kept, part)
	}
	return strings.Join(kept, "&")
}

// unwrap takes addresses out of web archives, translators and proxies.
func unwrap(s string) string {
	for range 5 {
		inner := unwrapOnce(s)
		if inner == s {
			break
		}
		s = inner
	}
	return s
}

func unwrapOnce(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return s
	}
	switch strings.ToLower(u.Hostname()) {
	case "web.archive.org", "archive.org", "www.archive.org":
		if rest, ok := strings.CutPrefix(u.Path, "/web/"); ok {
			if i := strings.Index(s, "/web/"); i >= 0 {
				_, inner, _ := strings.Cut(s[i+len("/web/"):], "/")
				if inner = repairScheme(inner); isWeb(inner) && rest != "" {
					return inner
				}
			}
		}
		return s
	case "translate.google.com", "translate.googleusercontent.com", "www.google.com", "l.facebook.com", "lm.facebook.com":
		for _, key := range []string{"u", "url", "q"} {
			if inner := u.Query().Get(key); isWeb(inner) {
				return inner
			}
		}
		return s
	}
	if host, ok := strings.CutSuffix(strings.ToLower(u.Hostname()), ".translate.goog"); ok {
		// "www-example-org.translate.goog": single dashes stand for dots, double for dashes.
		host = strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(host, "--", "\x00"), "-", "."), "\x00", "-")
		u.Host = host
		q := u.Query()
		for key := range q {
			if strings.HasPrefix(key, "_x_tr_") {
				q.Del(key)
			}
		}
		u.RawQuery = q.Encode()
		return u.String()
	}
	// "https://proxy.example/https://real.example/page"
	path := strings.TrimPrefix(u.EscapedPath(), "/")
	if inner := repairScheme(path); isWeb(inner) {
		if u.RawQuery != "" {
			inner += "?" + u.RawQuery
		}
		return inner
	}
	return s
}

// repairScheme restores the second slash that path cleaning takes away.
func repairScheme(s string) string {
	for _, scheme := range []string{"https:/", "http:/"} {
		if rest, ok := strings.CutPrefix(s, scheme); ok && !strings.HasPrefix(rest, "/") {
			return scheme + "/" + rest
		}
	}
	return s
}

func isWeb(s string) bool {
	rest, ok := strings.CutPrefix(s, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(s, "http://")
	}
	host, _, _ := strings.Cut(rest, "/")
	return ok && strings.Contains(host, ".")
}

// mirrors are sites where anybody uploads copies of others' documents.
var mirrors = []string{
	"scribd.com", "docslib.org", "slideshare.net", "issuu.com", "yumpu.com", "123docz.net", "fdokumen.com", "fdocuments.in",
	"vdocuments.us", "vdocuments.net", "vdocument.in", "vibdoc.com", "doczz.net", "docplayer.net", "pdffox.com", "anyflip.com",
	"flipbuilder.com", "slideplayer.com", "tailieuebook.com", "lawsdocbox.com", "pdfslide.net", "5y1.org", "academia.edu",
	"dokumen.tips", "pdfcoffee.com", "studocu.com", "kupdf.net", "fliphtml5.com", "studylib.net",
}

// isMirror reports whether a page lies on a site of uploaded copies.
func isMirror(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	host := strings.TrimRight(strings.ToLower(u.Hostname()), ".")
	for _, m := range mirrors {
		if host == m || strings.HasSuffix(host, "."+m) {
			return true
		}
	}
	return false
}

// sameHost reports whether two addresses lie on one host.
func sameHost(a, b string) bool {
	ua, errA := url.Parse(a)
	ub, errB := url.Parse(b)
	return errA == nil && errB == nil && strings.EqualFold(ua.Hostname(), ub.Hostname())
}
