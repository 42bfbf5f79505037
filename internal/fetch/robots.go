package fetch

import (
	"bytes"
	"strconv"
	"strings"
	"time"
)

// Robots is a parsed robots.txt: RFC 9309 with the tolerance of Google's parser, which
// is the one that site owners test their files with.
type Robots struct {
	groups map[string]*robotsGroup // by lower-case product token; "*" for everybody
	// Sitemaps are the addresses named by Sitemap lines, each once, in order.
	Sitemaps []string
}

type robotsGroup struct {
	rules []robotsRule
	delay time.Duration
}

type robotsRule struct {
	pattern string
	allow   bool
}

// maxRobotsLine is how much of one line counts; the rest is dropped as Google does.
const maxRobotsLine = 16 << 10

// ParseRobots reads a robots.txt. It never fails: a line that makes no sense, or a web
// page in place of the file, gives no rules.
func ParseRobots(body []byte) *Robots {
	p := robotsParser{robots: &Robots{groups: map[string]*robotsGroup{}}}
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	for line := range strings.FieldsFuncSeq(string(body), func(r rune) bool { return r == '\n' || r == '\r' }) {
		p.line(line[:min(len(line), maxRobotsLine)])
	}
	return p.robots
}

// robotsParser keeps the agents that the next rules are for.
type robotsParser struct {
	robots *Robots
	agents []string
	closed bool // a rule was seen: the next User-agent line begins another group
}

func (p *robotsParser) line(line string) {
	key, value, ok := robotsField(line)
	if !ok {
		return
	}
	switch robotsKeys[strings.ToLower(key)] {
	case "user-agent":
		if p.closed {
			p.agents, p.closed = nil, false
		}
		p.agents = append(p.agents, robotsAgent(value))
		p.each(func(*robotsGroup) {}) // a group without rules still keeps the one for everybody off
	case "allow", "disallow":
		p.closed = true
		if value == "" {
			return // "Disallow:" with nothing behind it forbids nothing
		}
		rule := robotsRule{escapePath(value), robotsKeys[strings.ToLower(key)] == "allow"}
		p.each(func(g *robotsGroup) { g.rules = append(g.rules, rule) })
	case "crawl-delay":
		// Not a rule of RFC 9309: it does not end the list of agents.
		seconds, err := strconv.ParseFloat(value, 64)
		if err == nil && seconds > 0 && seconds < 1e6 {
			delay := time.Duration(seconds * float64(time.Second))
			p.each(func(g *robotsGroup) { g.delay = max(g.delay, delay) })
		}
	case "sitemap":
		for _, s := range p.robots.Sitemaps {
			if s == value {
				return
			}
		}
		if value != "" {
			p.robots.Sitemaps = append(p.robots.Sitemaps, value)
		}
	}
}

// each calls f for the group of every current agent. Groups of one agent are merged.
func (p *robotsParser) each(f func(*robotsGroup)) {
	for _, a := range p.agents {
		g := p.robots.groups[a]
		if g == nil {
			g = &robotsGroup{}
			p.robots.groups[a] = g
		}
		f(g)
	}
}

// robotsKeys maps the spellings that are met in the wild to the field that is meant.
var robotsKeys = map[string]string{
	"user-agent": "user-agent", "useragent": "user-agent", "user agent": "user-agent",
	"allow":    "allow",
	"disallow": "disallow", "dissallow": "disallow", "dissalow": "disallow", "disalow": "disallow",
	"diasllow": "disallow", "disallaw": "disallow",
	"crawl-delay": "crawl-delay", "crawldelay": "crawl-delay", "crawl delay": "crawl-delay",
	"sitemap": "sitemap", "site-map": "sitemap",
}

// robotsField splits "key: value # comment". The colon is often forgotten: then white
// space parts the two, as long as there are just two words.
func robotsField(line string) (key, value string, ok bool) {
	line, _, _ = strings.Cut(line, "#")
	line = strings.TrimSpace(line)
	if key, value, ok = strings.Cut(line, ":"); ok {
		return strings.TrimSpace(key), strings.TrimSpace(value), true
	}
	if words := strings.Fields(line); len(words) == 2 {
		return words[0], words[1], true
	}
	return "", "", false
}

// robotsAgent reduces the value of a User-agent line to the product token it names.
func robotsAgent(value string) string {
	if value == "*" || strings.HasPrefix(value, "* ") || strings.HasPrefix(value, "*\t") {
		return "*"
	}
	return strings.ToLower(productToken(value))
}

// productToken returns the leading part of a user agent that RFC 9309 lets a robots.txt
// address: letters, "_" and "-".
func productToken(agent string) string {
	end := strings.IndexFunc(agent, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		return !letter && r != '-' && r != '_'
	})
	if end < 0 {
		return agent
	}
	return agent[:end]
}

// group returns what holds for an agent: its own group if there is one, however empty,
// else the one for everybody.
func (r *Robots) group(agent string) *robotsGroup {
	if token := strings.ToLower(productToken(agent)); token != "" {
		if g := r.groups[token]; g != nil {
			return g
		}
	}
	if g := r.groups["*"]; g != nil {
		return g
	}
	return &robotsGroup{}
}

// CrawlDelay is the pause between two requests that the file asks of the agent, or 0.
func (r *Robots) CrawlDelay(agent string) time.Duration { return r.group(agent).delay }

// Allowed reports whether the agent may fetch a path (with its query). The longest
// matching rule decides; of two equally long ones the permission does.
func (r *Robots) Allowed(agent, path string) bool {
	if path == "" {
		path = "/"
	}
	if path == "/robots.txt" {
		return true
	}
	path = escapePath(path)
	allow, deny := 0, 0
	for _, rule := range r.group(agent).rules {
		switch {
		case !matchPath(rule.pattern, path):
			// A rule for the index page of a folder is meant for the folder, too.
			if dir, ok := indexFolder(rule); ok && matchPath(dir, path) {
				allow = max(allow, len(dir))
			}
		case rule.allow:
			allow = max(allow, len(rule.pattern))
		default:
			deny = max(deny, len(rule.pattern))
		}
	}
	return allow >= deny
}

// indexFolder returns the pattern of the folder alone when a rule allows its index page.
func indexFolder(rule robotsRule) (string, bool) {
	slash := strings.LastIndexByte(rule.pattern, '/')
	if !rule.allow || slash < 0 || !strings.HasPrefix(rule.pattern[slash:], "/index.htm") {
		return "", false
	}
	return rule.pattern[:slash+1] + "$", true
}

// matchPath matches a pattern with "*" and a final "$" at the beginning of a path, in
// time proportional to their product at worst: patterns are not to be trusted.
func matchPath(pattern, path string) bool {
	pattern, anchored := strings.CutSuffix(pattern, "$")
	if !anchored && !strings.HasSuffix(pattern, "*") {
		pattern += "*"
	}
	star, mark, p, s := -1, 0, 0, 0
	for s < len(path) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, s
			p++
		case p < len(pattern) && pattern[p] == path[s]:
			p++
			s++
		case star >= 0:
			mark++
			p, s = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// escapePath writes a path or pattern the one way in which both are compared: other than
// ASCII percent-encoded, hexadecimal digits in upper case.
func escapePath(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			b.WriteByte('%')
			b.WriteString(strings.ToUpper(s[i+1 : i+3]))
			i += 2
		case c >= 0x80:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
