// Package fetch makes every HTTP request of the hub: politely and guarded.
//
// In flows a Request for a URL; out flows a Response of limited size, or a typed error.
// It keeps per host a clock, the robots.txt and counters in memory, and stores nothing.
// It must not know what is fetched or why.
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
