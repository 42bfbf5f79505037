package fetch

import (
	"cmp"
	"slices"
	"time"
)

// What a request can be made to wait for.
const (
	byDelay      = "min-delay"
	byCrawlDelay = "crawl-delay"
	bySlowDown   = "slow-down"
	byRetryAfter = "retry-after"
	byServer     = "server"
)

// HostStats is what the client did at one host on one account since it last remembered
// nothing of it.
type HostStats struct {
	Host          string
	Account       string // of the requests: the id of a source, or ""
	Requests      int    // sent, tries and redirects included
	Bytes         int64  // of bodies, as sent
	NotModified   int
	Throttled     int           // answers 429 and 503
	Errors        int           // requests without an answer
	Blocked       int           // answers of a firewall in the place of the server's
	RobotsAllowed int           // requests that robots.txt was asked about and allows
	RobotsRefused int           // requests not made because of robots.txt
	CrawlDelay    time.Duration // that robots.txt asks for
	Slowest       time.Duration // the longest that one answer took
	Waited        time.Duration // for politeness, all callers together
	Served        time.Duration // from sending a request to the end of its body
	// Limit is what took the most time: "min-delay", "crawl-delay", "slow-down",
	// "retry-after", or "server".
	Limit string
}

// tally counts for one account.
type tally struct {
	HostStats
	waits map[string]time.Duration
}

// account is what is booked at one host on one account: since the host is remembered,
// and since the last take.
type account struct{ total, fresh *tally }

func newTally() *tally { return &tally{waits: map[string]time.Duration{}} }

// book counts something on an account.
func (h *host) book(name string, count func(*tally)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.accounts[name]
	if a == nil {
		a = &account{total: newTally()}
		h.accounts[name] = a
	}
	if a.fresh == nil {
		a.fresh = newTally()
	}
	count(a.total)
	count(a.fresh)
}

// snapshot closes a tally.
func (t *tally) snapshot(host, account string) HostStats {
	s := t.HostStats
	s.Host, s.Account = host, account
	longest := s.Served
	s.Limit = byServer
	for _, why := range []string{byDelay, byCrawlDelay, bySlowDown, byRetryAfter} {
		s.Waited += t.waits[why]
		if t.waits[why] > longest {
			s.Limit, longest = why, t.waits[why]
		}
	}
	s.Waited += t.waits[byServer] // for the answers to others
	return s
}

// Ledger returns what was done at each host that is remembered, by name and account.
func (c *Client) Ledger() []HostStats {
	return c.hosts.collect(func(a *account) *tally { return a.total })
}

// TakeLedger returns what was done since the last take, by host and account, and forgets
// it: whoever keeps the ledger calls it and adds the answer to what it has. What is under
// way is in the next one. Ledger goes on as if nothing was taken.
func (c *Client) TakeLedger() []HostStats {
	return c.hosts.collect(func(a *account) *tally {
		fresh := a.fresh
		a.fresh = nil
		return fresh
	})
}

// collect closes the tallies that pick returns for each account; nil ones are left out.
func (h *hosts) collect(pick func(*account) *tally) []HostStats {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]HostStats, 0, len(h.all))
	for name, one := range h.all {
		one.mu.Lock()
		for key, a := range one.accounts {
			if t := pick(a); t != nil {
				list = append(list, t.snapshot(name, key))
			}
		}
		one.mu.Unlock()
	}
	slices.SortFunc(list, func(a, b HostStats) int {
		return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.Account, b.Account))
	})
	return list
}

// settled reports whether nothing waits to be taken; h.mu is held.
func (h *host) settled() bool {
	for _, a := range h.accounts {
		if a.fresh != nil {
			return false
		}
	}
	return true
}
