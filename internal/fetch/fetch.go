// Package fetch makes every HTTP request of the hub: politely, visibly and guarded.
//
// In flows a Request for a URL; out flows a Response of limited size, or a typed error.
// It keeps per host a clock, the robots.txt and counters in memory, and stores nothing.
// It must not know what is fetched or why.
//
// # What it keeps to, whoever calls
//
//   - It says who it is: the same user agent with a contact in every request, which no
//     caller can change. Who refuses it is told about (BlockedError), never deceived.
//   - robots.txt is asked for first and obeyed (RFC 9309): kept for 24 hours, 500 KiB of it
//     are read, up to five redirects are followed. A 4xx means that there are no rules. A
//     5xx, a 429 or no answer means that nothing may be fetched: it is asked for again after
//     10 minutes, and rules that were known hold until new ones can be had.
//   - One request at a time to a host, and between two of them the longest of the source's
//     min_delay and the Crawl-delay of robots.txt (which counts up to a minute). All callers
//     of a host share this clock: adapters, link checker, single checks.
//   - Retry-After in both forms holds everybody back: up to two minutes are waited for, longer
//     ones end the request and refuse the next ones until the time has come. The date form is
//     measured on the server's own clock where it shows it.
//   - A 429 or 503 doubles the pauses, up to sixteen times; ten good answers in a row halve
//     them. A host that answers four times slower than it used to gets longer pauses as well.
//   - At most three more tries, each later than the last, and only where a try may help. A
//     POST is tried again only when nothing of it was sent, or when the server says when.
//   - What is done is counted per host and account (HostStats).
//
// # What it cannot be made to do
//
//   - Connect to an address that is not public: judged after the name was resolved, on each
//     connection, so that neither redirects nor changing DNS answers lead inside.
//   - Read on for ever: bodies, as sent and decoded, heads, redirects, interim answers, time
//     and least rate have limits.
//   - Leave the web, give credentials away, or overlook a bad certificate.
package fetch

import (
	"fmt"
	"net/http"
	"time"
)

// Politeness is how gently the hosts of one source are visited.
type Politeness struct {
	MinDelay     Duration `yaml:"min_delay,omitempty" jsonschema:"description=Least time between two requests to a host (2s when absent); a longer Crawl-delay of robots.txt wins"`
	IgnoreRobots bool     `yaml:"-"` // for the robots.txt request itself
	MaxBytes     int64    `yaml:"max_bytes,omitempty" jsonschema:"description=Largest body accepted (32 MiB when absent)"`
	Timeout      Duration `yaml:"timeout,omitempty" jsonschema:"description=Longest time for one request with its body (60s when absent)"`
}

// Request asks for one URL.
type Request struct {
	URL          string
	Accept       string // Accept header; "" for any
	ETag         string // sent as If-None-Match
	LastModified string // sent as If-Modified-Since
	Politeness   Politeness

	Method string // GET when empty; HEAD, or POST with Body
	Body   []byte // of a POST
	Type   string // media type of Body
	// Header holds what an interface wants beside that, an API key for example. It is
	// sent to the host of URL only, never behind a redirect to another, and is in no log.
	Header map[string]string
	// First asks for no more than so many bytes from the beginning (by Range, and whatever
	// the server makes of it); 0 for all.
	First int64
	// Account is what the request is booked on in the ledger: the id of a source, or "".
	Account string
}

// Response is the whole answer to a Request.
type Response struct {
	URL         string // after redirects
	Status      int
	Header      http.Header
	MediaType   string // Content-Type as sent
	Body        []byte // decoded from gzip or deflate; at most MaxBytes
	NotModified bool   // status 304: Body is empty
	Fetched     time.Time
}

// Duration is a time.Duration that configuration files write as in Go: "1h30m".
type Duration time.Duration

// UnmarshalText reads a Go duration.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err != nil || v < 0 {
		return fmt.Errorf("%q is not a duration such as 500ms, 2s or 24h", b)
	}
	*d = Duration(v)
	return nil
}

// MarshalText writes a Go duration.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }
