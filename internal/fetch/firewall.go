package fetch

import (
	"bytes"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

const (
	// maxRefusal is how long the visible text of a page may be that stands in the place of
	// content: whoever has more to say is the site itself, perhaps writing about firewalls.
	maxRefusal = 2000
	// maxReference bounds what is repeated of a reference.
	maxReference = 120
)

// refusing are the error statuses with which filters refuse. Others, 401 and 404 above
// all, are the application's own, whatever the page looks like.
var refusing = []int{400, 403, 405, 406, 409, 415, 418, 428, 429, 451, 501, 503}

// firewall reports whether an answer comes from a filter in front of the server instead of
// the server: which one, and by what its log finds the request. The mere name of a filter
// proves nothing, since it is in front of every ordinary page as well: what is looked for
// is what only its refusals hold.
func firewall(status int, h http.Header, body []byte) (filter, reference string, blocked bool) {
	a := &sighting{status: status, header: h}
	switch {
	case strings.EqualFold(h.Get("Cf-Mitigated"), "challenge"):
		return "Cloudflare", a.reference(cloudflareRay), true
	case h.Get("X-Amzn-Waf-Action") != "":
		return "AWS WAF", a.reference(nil), true
	case h.Get("X-Sucuri-Block") != "":
		return "Sucuri", a.reference(nil, h.Get("X-Sucuri-Block")), true
	}
	content := status >= 200 && status < 300
	if !content && !slices.Contains(refusing, status) || len(body) == 0 || len(body) > maxErrorBody || !readable(h) {
		return "", "", false
	}
	lower := bytes.ToLower(body)
	for _, s := range signs {
		if content && !s.content || !bytes.Contains(lower, []byte(s.mark)) {
			continue
		}
		if a.read(body); len(a.text) <= maxRefusal && s.shows(a) {
			return s.filter, a.reference(s.id), true
		}
	}
	if status == http.StatusForbidden || status == http.StatusNotAcceptable {
		if a.read(body); len(a.text) <= maxRefusal && wording.MatchString(a.title+"\n"+a.text) {
			return "", a.reference(anyReference), true
		}
	}
	return "", "", false
}

// readable reports whether a body can be a page for people, or the short JSON that some
// filters send. Feeds and protocol answers are never a filter's.
func readable(h http.Header) bool {
	media, _, _ := strings.Cut(strings.ToLower(h.Get("Content-Type")), ";")
	switch strings.TrimSpace(media) {
	case "", "text/html", "text/plain", "application/xhtml+xml", "application/json":
		return true
	}
	return false
}

// sighting is an answer that may be a filter's.
type sighting struct {
	status int
	header http.Header
	parsed bool
	title  string
	text   string // what a reader sees, white space folded
	code   string // scripts and the addresses of what is embedded
}

// read takes a page apart, once.
func (a *sighting) read(body []byte) {
	if a.parsed {
		return
	}
	a.parsed = true
	var title, text, code strings.Builder
	z := html.NewTokenizer(bytes.NewReader(body))
	into := &text
	for {
		switch z.Next() {
		case html.ErrorToken:
			a.title, a.text, a.code = fold(title.String()), fold(text.String()), code.String()
			return
		case html.TextToken:
			into.Write(z.Text())
			if into == &text {
				into.WriteByte(' ')
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			into = &text
			switch token.Data {
			case "title":
				into = &title
			case "script", "style":
				into = &code
			}
			for _, attr := range token.Attr {
				if attr.Key == "src" || attr.Key == "content" || attr.Key == "id" || attr.Key == "action" {
					code.WriteString("\n" + attr.Val + "\n")
				}
			}
		case html.EndTagToken:
			into = &text
		}
	}
}

func fold(s string) string { return strings.Join(strings.Fields(html.UnescapeString(s)), " ") }

// referenceHeaders name a request in the logs of the filters that set them.
var referenceHeaders = []string{"Cf-Ray", "X-Amzn-Requestid", "X-Amz-Cf-Id", "X-Azure-Ref", "X-Sucuri-Id", "X-Iinfo", "X-Request-Id"}

// reference finds by what a filter's log knows the request: given, on the page, in the head.
func (a *sighting) reference(on *regexp.Regexp, given ...string) string {
	if on != nil {
		if m := on.FindStringSubmatch(a.text + "\n" + a.code); m != nil {
			given = append(given, m[1])
		}
	}
	for _, name := range referenceHeaders {
		given = append(given, a.header.Get(name))
	}
	for _, s := range given {
		s = strings.Map(func(r rune) rune {
			if r <= ' ' || r > '~' {
				return -1
			}
			return r
		}, s[:min(len(s), maxReference)])
		if s = strings.Trim(s, "."); s != "" {
			return s
		}
	}
	return ""
}
