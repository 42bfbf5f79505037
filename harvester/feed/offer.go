package feed

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
)

// feedLink is a link by which a feed speaks of itself.
type feedLink struct{ rel, href string }

// link returns the first link of a relation as an absolute address, or "".
func (d *document) link(rel string) string {
	for _, l := range d.links {
		if strings.EqualFold(strings.TrimSpace(l.rel), rel) {
			if href := d.resolve(l.href); href != "" {
				return href
			}
		}
	}
	return ""
}

var (
	linkHeader = regexp.MustCompile(`<([^>]*)>((?:\s*;\s*[A-Za-z*-]+\s*=\s*(?:"[^"]*"|[^",;\s]+))*)`)
	relation   = regexp.MustCompile(`(?i);\s*rel\s*=\s*(?:"([^"]*)"|([^",;\s]+))`)
)

// headerLink returns the first link of a relation in the Link headers (RFC 8288), or "".
func (d *document) headerLink(resp *fetch.Response, rel string) string {
	for _, h := range resp.Header.Values("Link") {
		for _, m := range linkHeader.FindAllStringSubmatch(h, 50) {
			r := relation.FindStringSubmatch(m[2])
			if r == nil {
				continue
			}
			for one := range strings.FieldsSeq(r[1] + r[2]) {
				if href := d.resolve(m[1]); strings.EqualFold(one, rel) && href != "" {
					return href
				}
			}
		}
	}
	return ""
}

// push is where the feed offers to announce its changes (WebSub, section 4: the headers
// count before the document). Without a hub there is no offer; without a link to itself the
// feed is known by where it was found.
func (d *document) push(resp *fetch.Response) harvester.Push {
	hub, topic := d.headerLink(resp, "hub"), d.headerLink(resp, "self")
	if hub == "" {
		hub = d.link("hub")
	}
	if topic == "" {
		topic = d.link("self")
	}
	if hub == "" {
		return harvester.Push{}
	}
	if topic == "" {
		topic = resp.URL
	}
	return harvester.Push{Hub: hub, Topic: topic}
}

// fromWordPress reports whether the feed says that WordPress made it.
func (d *document) fromWordPress() bool {
	generator := strings.ToLower(d.feed.Generator)
	if u, err := url.Parse(generator); err == nil && strings.TrimPrefix(u.Host, "www.") == "wordpress.org" {
		return true
	}
	return strings.HasPrefix(generator, "wordpress") || strings.Contains(generator, "https://wordpress.org/")
}

// wordpress reports whether the site behind the feed has the API of WordPress, as far as
// that can be told without asking for it.
func (d *document) wordpress(resp *fetch.Response) bool {
	return d.headerLink(resp, "https://api.w.org/") != "" || d.fromWordPress()
}

// looseText is a text that some feeds give another form; then it is empty.
type looseText string

func (t *looseText) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*t = looseText(s)
	}
	return nil
}

// looseHubs are the hubs of a JSON Feed, without those of another form.
type looseHubs []struct{ Type, URL string }

func (l *looseHubs) UnmarshalJSON(b []byte) error {
	var hubs []struct {
		Type string `json:"type"`
		URL  string `json:"url"`
	}
	if json.Unmarshal(b, &hubs) == nil {
		for _, h := range hubs[:min(len(hubs), 20)] {
			*l = append(*l, struct{ Type, URL string }{h.Type, h.URL})
		}
	}
	return nil
}
