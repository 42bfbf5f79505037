// Package demo is a simulated federation of publishers on loopback ports: what the hub
// harvests in "hub demo", and the fixture of its tests.
//
// In flows a seed; out flow web sites, feeds and repositories with real titles and
// generated ones, in the region's languages, with the accidents of real life. It stores
// nothing but a log of requests: every byte is a function of the configuration and of how
// often Advance was called. It must not know how it is harvested.
package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"
)

// Config says which federation to simulate.
type Config struct {
	Seed    uint64
	Records int    // size of the partner repository; 300 when 0
	Addr    string // address to listen on; 127.0.0.1 when empty
	// Ports are those of an earlier start: the addresses of pages are part of their
	// records' identity. Free ones are taken for sites beyond the list.
	Ports []int
	// Now is the day on which the simulation begins: all that is published is older. It is
	// frozen, 2026-06-01 when zero, so that two starts serve the same bytes.
	Now time.Time
}

// Site is one publisher, with what an operator would write into its source file.
type Site struct {
	ID        string
	Name      string
	Country   string // seat
	Kind      string // "oai-pmh", "feed", "website", "wordpress", "ckan", "dspace", "reliefweb" or "api"
	URL       string // where a harvester begins
	Home      string
	Note      string // what is special about it
	Languages []string
	Defaults  Defaults
	Discover  string // of a web site: "sitemap" or "list"
	Item      string // of a list: CSS selector of the links to records
	Next      string // of a list: CSS selector of the link to the next page
	Include   []string
	Prefix    string              // of a repository
	Fields    map[string][]string // selectors of fields that are not in the usual places
	Recipe    string              // of an API, as YAML: what its kind does not know
}

// Defaults are what holds for a site's records that do not say otherwise.
type Defaults struct {
	Language  string
	Countries []string
	DateOrder string // of numeric dates, where it is not day first: "mdy"
}

// Request is one request that a site answered.
type Request struct {
	Path      string // with query
	Status    int    // 0: the connection was cut
	Time      time.Time
	UserAgent string
}

// Federation is a running federation.
type Federation struct {
	sites    []*site
	revision atomic.Int64
}

// firstDay is when the simulation begins unless the configuration says otherwise.
var firstDay = time.Date(2026, time.June, 1, 0, 0, 0, 0, time.UTC)

// Start starts every site on its own port.
func Start(ctx context.Context, c Config) (*Federation, error) {
	if c.Records <= 0 {
		c.Records = 300
	}
	if c.Addr == "" {
		c.Addr = "127.0.0.1"
	}
	if c.Now.IsZero() {
		c.Now = firstDay
	}
	stuff, err := newContent(c.Seed, c.Now.UTC().Truncate(24*time.Hour))
	if err != nil {
		return nil, err
	}
	f := &Federation{}
	for _, s := range allSites(stuff, c.Records, &f.revision) {
		port := 0
		if n := len(f.sites); n < len(c.Ports) {
			port = c.Ports[n]
		}
		if err := s.listen(ctx, c.Addr, port); err != nil {
			err = fmt.Errorf("starting the simulated site %s: %w", s.ID, err)
			return nil, errors.Join(err, f.Close(ctx))
		}
		f.sites = append(f.sites, s)
	}
	return f, nil
}

// Ports returns n ports in a row, for starts that must find the same addresses again
// without keeping a note of them.
func Ports(base, n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = base + i
	}
	return list
}

// Sites returns all sites in order; the partner repository is the last.
func (f *Federation) Sites() []Site {
	var list []Site
	for _, s := range f.sites {
		list = append(list, s.Site)
	}
	return list
}

// Ports returns the ports of the sites in their order.
func (f *Federation) Ports() []int {
	var list []int
	for _, s := range f.sites {
		list = append(list, s.port)
	}
	return list
}

// Advance lets a day pass: each site changes two of its records, adds two and takes one
// away.
func (f *Federation) Advance() { f.revision.Add(1) }

// Break makes a site answer every request with a status; 0 mends it.
func (f *Federation) Break(id string, status int) {
	if s := f.site(id); s != nil {
		s.broken.Store(int64(status))
	}
}

// Vanish makes a site cut every connection without an answer, or lets it come back.
func (f *Federation) Vanish(id string, gone bool) {
	if s := f.site(id); s != nil {
		s.gone.Store(gone)
	}
}

// Requests returns what a site was asked so far; of very many, the last ones.
func (f *Federation) Requests(id string) []Request {
	s := f.site(id)
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func (f *Federation) site(id string) *site {
	for _, s := range f.sites {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// Close stops every site, cuts the connections that are left and waits for what is still
// being answered.
func (f *Federation) Close(ctx context.Context) error {
	var errs []error
	for _, s := range f.sites {
		errs = append(errs, s.stop(ctx))
	}
	return errors.Join(errs...)
}
