package fetch

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits of politeness that no source can change.
const (
	defaultDelay  = 2 * time.Second
	maxCrawlDelay = 60 * time.Second // a longer Crawl-delay would keep a source from ever finishing
	maxWait       = 2 * time.Minute  // the longest Retry-After that is sat out
	maxSlow       = 16               // how many times longer pauses get after 429 and 503
	calmAfter     = 10               // good answers in a row that halve the slow-down
)

// Eviction of hosts: their clock, robots.txt and counters are forgotten.
const (
	hostIdle    = 24 * time.Hour
	crowdedIdle = 10 * time.Minute
	crowd       = 1000
)

// What a request can be made to wait for.
const (
	byDelay      = "min-delay"
	byCrawlDelay = "crawl-delay"
	bySlowDown   = "slow-down"
	byRetryAfter = "retry-after"
	byServer     = "server"
)

// HostStats is what the client did at one host since it last remembered nothing of it.
type HostStats struct {
	Host          string
	Requests      int   // sent, tries and redirects included
	Bytes         int64 // of bodies, as sent
	NotModified   int
	Throttled     int           // answers 429 and 503
	RobotsRefused int           // requests not made because of robots.txt
	Waited        time.Duration // for politeness, all callers together
	Served        time.Duration // from sending a request to the end of its body
	// Limit is what took the most time: "min-delay", "crawl-delay", "slow-down",
	// "retry-after", or "server".
	Limit string
}

// hosts is everything remembered, by host.
type hosts struct {
	mu    sync.Mutex
	all   map[string]*host
	swept time.Time
}

// host is the clock that all callers of one host share.
type host struct {
	robots robotsCache

	mu        sync.Mutex
	limiter   *rate.Limiter
	notBefore time.Time // by Retry-After
	status    int       // that came with it
	slow      int       // factor of the pauses
	calm      int       // good answers since the last bad one
	used      time.Time
	stats     HostStats
	waits     map[string]time.Duration
}

// hostKey is the name of the machine: the same for http and https on their own ports.
func hostKey(u *url.URL) string {
	name := strings.ToLower(u.Hostname())
	if p := u.Port(); p != "" && p != "80" && p != "443" {
		name += ":" + p
	}
	return name
}

// get returns the host of a URL and forgets hosts that were idle for long.
func (h *hosts) get(u *url.URL, now time.Time) *host {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now.Sub(h.swept) > time.Minute {
		h.swept = now
		h.sweep(now)
	}
	key := hostKey(u)
	one := h.all[key]
	if one == nil {
		one = &host{limiter: rate.NewLimiter(rate.Every(defaultDelay), 1), slow: 1, waits: map[string]time.Duration{}}
		one.robots.turn = make(chan struct{}, 1)
		one.stats.Host = key
		h.all[key] = one
	}
	one.mu.Lock()
	one.used = now
	one.mu.Unlock()
	return one
}

// sweep drops idle hosts; h.mu is held.
func (h *hosts) sweep(now time.Time) {
	idle := hostIdle
	if len(h.all) > crowd {
		idle = crowdedIdle
	}
	for key, one := range h.all {
		one.mu.Lock()
		old := now.Sub(one.used) > idle
		one.mu.Unlock()
		if old {
			delete(h.all, key)
		}
	}
}

// ledger returns the counters of all hosts by name.
func (h *hosts) ledger() []HostStats {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]HostStats, 0, len(h.all))
	for _, one := range h.all {
		list = append(list, one.snapshot())
	}
	slices.SortFunc(list, func(a, b HostStats) int { return cmp.Compare(a.Host, b.Host) })
	return list
}

func (h *host) snapshot() HostStats {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.stats
	longest := s.Served
	s.Limit = byServer
	for _, why := range []string{byDelay, byCrawlDelay, bySlowDown, byRetryAfter} {
		s.Waited += h.waits[why]
		if h.waits[why] > longest {
			s.Limit, longest = why, h.waits[why]
		}
	}
	return s
}

// reserve takes the next turn at a host. It returns how long to wait for it and, when the
// host wants to be left alone for longer than is worth waiting, no turn but that time.
func (h *host) reserve(now time.Time, minDelay, crawlDelay time.Duration) (turn *rate.Reservation, wait, refused time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	pause := h.notBefore.Sub(now)
	if pause > maxWait {
		return nil, 0, pause
	}
	delay, why := minDelay, byDelay
	if crawlDelay > delay {
		delay, why = min(crawlDelay, max(maxCrawlDelay, minDelay)), byCrawlDelay
	}
	if h.slow > 1 {
		delay, why = delay*time.Duration(h.slow), bySlowDown
	}
	h.limiter.SetLimitAt(now, rate.Every(delay))
	turn = h.limiter.ReserveN(now, 1)
	if wait = turn.DelayFrom(now); pause > wait {
		wait, why = pause, byRetryAfter
	}
	h.waits[why] += wait
	return turn, wait, 0
}

// answered takes note of a status and of the wish that came with it.
func (h *host) answered(now time.Time, status int, retryAfter time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stats.Requests++
	switch {
	case throttled(status):
		h.stats.Throttled++
		h.calm, h.slow = 0, min(h.slow*2, maxSlow)
		if t := now.Add(retryAfter); t.After(h.notBefore) {
			h.notBefore, h.status = t, status
		}
		return
	case status == 304:
		h.stats.NotModified++
	}
	if h.calm++; h.calm >= calmAfter && h.slow > 1 {
		h.calm, h.slow = 0, h.slow/2
	}
}

// failed counts a request that got no answer.
func (h *host) failed() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stats.Requests++
	h.calm = 0
}

// served adds a body and the time that the server took for it.
func (h *host) served(bytes int64, took time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stats.Bytes += bytes
	h.stats.Served += took
}

func (h *host) robotsRefused() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stats.RobotsRefused++
}

// heldFor is how long the host still wants to be left alone.
func (h *host) heldFor(now time.Time) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.notBefore.Sub(now)
}

// lastStatus is the status that told the hub to stay away.
func (h *host) lastStatus() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.status
}

// pause waits, or returns why the context ended.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
