// Package linkcheck looks whether the addresses that the hub sends its readers to still
// answer.
//
// In flow the addresses that are due, from the catalogue; out flow what each answered and
// when to look again, back into the catalogue. It stores nothing itself. It goes through
// the hub's one client, so that robots.txt, pauses and budgets of a host hold for it as
// for a harvest. It must not know what the records say.
package linkcheck

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ctiphub/catalog"
	"ctiphub/internal/fetch"
)

// Getter is the hub's HTTP client.
type Getter interface {
	Get(ctx context.Context, r fetch.Request) (*fetch.Response, error)
}

// Store is the part of the catalogue that keeps links.
type Store interface {
	DueLinks(ctx context.Context, now time.Time, limit int) ([]catalog.Link, error)
	PutLinks(ctx context.Context, now time.Time, links []catalog.Link) error
}

// Options are what a Checker needs.
type Options struct {
	Get    Getter
	Store  Store
	Now    func() time.Time
	Logger *slog.Logger
	// Politeness of a source, by id: links are looked at as gently as the source is visited.
	Politeness func(source string) fetch.Politeness
	// Open says whether a source may be visited at this hour, and if not, how long until
	// it may. Nil: always.
	Open       func(source string, now time.Time) (open bool, wait time.Duration)
	Registerer prometheus.Registerer // nil: no metrics
}

// Checker looks at links. It is safe for concurrent use, but one is enough.
type Checker struct {
	o      Options
	looked *prometheus.CounterVec
}

// New returns a checker.
func New(o Options) *Checker {
	c := &Checker{o: o, looked: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "hub_links_checked_total", Help: "Links looked at, by what was found.",
	}, []string{"status"})}
	if o.Registerer != nil {
		o.Registerer.MustRegister(c.looked)
	}
	return c
}

// How much is looked at in one go, and how long the checker rests when nothing is due.
const (
	batch     = 200
	hosts     = 4 // side by side; one host is always asked one thing at a time
	restEmpty = 10 * time.Minute
	restError = time.Minute
)

// Run looks at links as they fall due, until the context ends.
func (c *Checker) Run(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := c.Round(ctx)
		rest := time.Duration(0)
		switch {
		case err != nil && ctx.Err() == nil:
			c.o.Logger.Error("checking links failed", "error", err)
			rest = restError
		case n == 0:
			rest = restEmpty
		}
		timer := time.NewTimer(rest)
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
		}
	}
}

// Round looks at the links that are due now, at most some hundred, and returns how many.
// What was found before the context ended is kept.
func (c *Checker) Round(ctx context.Context) (int, error) {
	due, err := c.o.Store.DueLinks(ctx, c.o.Now(), batch)
	if err != nil {
		return 0, fmt.Errorf("listing the links that are due: %w", err)
	}
	var mu sync.Mutex
	var found []catalog.Link
	var wg sync.WaitGroup
	slots := make(chan struct{}, hosts)
	for _, list := range byHost(due) {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			for _, link := range list {
				link, err := c.one(ctx, link)
				if err != nil {
					return // the context ended
				}
				mu.Lock()
				found = append(found, link)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(found) == 0 {
		return 0, ctx.Err()
	}
	// A context that ended must not lose what was asked of others' servers.
	keep, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	if err := c.o.Store.PutLinks(keep, c.o.Now(), found); err != nil {
		return 0, fmt.Errorf("keeping what %d links answered: %w", len(found), err)
	}
	return len(found), ctx.Err()
}

// one looks at a link, or puts it off until its source may be visited.
func (c *Checker) one(ctx context.Context, link catalog.Link) (catalog.Link, error) {
	if c.o.Open != nil {
		now := c.o.Now()
		if open, wait := c.o.Open(link.Source, now); !open {
			link.Next = now.Add(wait)
			return link, ctx.Err()
		}
	}
	seen, err := c.look(ctx, link)
	if err != nil {
		return link, err
	}
	link = settle(link, seen, c.o.Now())
	c.looked.WithLabelValues(link.Status).Inc()
	return link, nil
}

// byHost groups links by the host that will be asked, in the order they are due.
func byHost(links []catalog.Link) [][]catalog.Link {
	at := map[string]int{}
	var groups [][]catalog.Link
	for _, l := range links {
		host := ""
		if u, err := url.Parse(l.URL); err == nil {
			host = u.Host
		}
		i, ok := at[host]
		if !ok {
			i = len(groups)
			at[host], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], l)
	}
	return groups
}

// firstBytes is what a ranged GET asks for: enough for a server to show that it would answer.
const firstBytes = 1024

// look asks for the head of a page and, where the answer to that is not to be trusted,
// for its first bytes: many servers treat HEAD in a way of their own. The error is for a
// context that ended.
func (c *Checker) look(ctx context.Context, link catalog.Link) (sight, error) {
	polite := c.o.Politeness(link.Source)
	head := c.ask(ctx, fetch.Request{URL: link.URL, Method: "HEAD", Politeness: polite, Account: link.Source})
	if ctx.Err() != nil || head.verdict != failing {
		return head, ctx.Err()
	}
	get := c.ask(ctx, fetch.Request{URL: link.URL, First: firstBytes, Politeness: polite, Account: link.Source})
	if get.verdict == failing {
		get.methods = head.methods + " " + get.methods
	}
	return get, ctx.Err()
}

// ask makes one request and judges the answer.
func (c *Checker) ask(ctx context.Context, r fetch.Request) sight {
	resp, err := c.o.Get.Get(ctx, r)
	method := r.Method
	if method == "" {
		method = "GET"
	}
	if err == nil {
		return arrived(r.URL, resp)
	}
	s := sight{verdict: failing, methods: method}
	var status *fetch.StatusError
	var blocked *fetch.BlockedError
	switch {
	case errors.As(err, &blocked):
		s.verdict, s.code = unsure, blocked.Status
	case errors.As(err, &status):
		s.code = status.Status
		if undecided(status.Status) {
			s.verdict = unsure
		}
		// A server that does not want HEAD may still answer GET.
		if method == "HEAD" && s.verdict == unsure && status.Status != 429 {
			s.verdict = failing
		}
	case errors.Is(err, fetch.ErrRobots), errors.Is(err, fetch.ErrPrivateAddress):
		s.verdict = unsure
	case errors.Is(err, fetch.ErrTooLarge):
		s.verdict = fine // there is more than enough of it
	}
	return s
}
