package fetch

import (
	"context"
	"net/url"
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

// Signs that a host is under strain, which it may be by our doing.
const (
	strainFloor  = 2 * time.Second // quicker answers are no sign of it, whatever they were before
	strainFactor = 4               // as many times slower than usual
	maxStrain    = 4               // how many times longer pauses get by it
	strainKnown  = 8               // answers until it is known what is usual
	recentShare  = 4               // the newest answer is a quarter of what is recent
	usualShare   = 64              // and a 64th of what is usual
)

// Eviction of hosts: their clock, robots.txt and counters are forgotten.
const (
	hostIdle    = 24 * time.Hour
	crowdedIdle = 10 * time.Minute
	crowd       = 1000
	overcrowded = 10 * crowd // then even counters that nobody took are forgotten
)

// hosts is everything remembered, by host.
type hosts struct {
	mu    sync.Mutex
	all   map[string]*host
	swept time.Time
}

// host is the clock that all callers of one host share.
type host struct {
	robots robotsCache
	turn   chan struct{} // holds one token while a request is prepared and answered

	mu        sync.Mutex
	limiter   *rate.Limiter
	notBefore time.Time // by Retry-After
	status    int       // that came with it
	slow      int       // factor of the pauses, by 429 and 503
	calm      int       // good answers since the last bad one
	pulse     pulse
	users     int // requests that hold the host or wait for it
	used      time.Time
	accounts  map[string]*account
}

// pulse is how quickly a host begins to answer.
type pulse struct {
	answers       int
	recent, usual time.Duration
	strain        int // factor of the pauses
}

// feel takes in the time of one more answer. When the recent ones are much slower than
// usual, pauses grow; they shrink again when the host has recovered, or when slow has
// become its usual pace.
func (p *pulse) feel(took time.Duration) {
	if p.answers++; p.answers == 1 {
		p.recent, p.usual, p.strain = took, took, 1
		return
	}
	p.recent += (took - p.recent) / recentShare
	p.usual += (took - p.usual) / time.Duration(min(p.answers, usualShare))
	switch {
	case p.answers <= strainKnown:
	case p.recent > strainFloor && p.recent > strainFactor*p.usual:
		p.strain = min(p.strain*2, maxStrain)
	case p.recent < 2*p.usual:
		p.strain = max(p.strain/2, 1)
	}
}

// hostKey is the name of the machine: the same for http and https on their own ports.
func hostKey(u *url.URL) string {
	name := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if p := u.Port(); p != "" && p != "80" && p != "443" {
		name += ":" + p
	}
	return name
}

func newHost() *host {
	return &host{
		robots: robotsCache{turn: make(chan struct{}, 1)}, turn: make(chan struct{}, 1),
		limiter: rate.NewLimiter(rate.Every(defaultDelay), 1), slow: 1, pulse: pulse{strain: 1},
		accounts: map[string]*account{},
	}
}

// get returns the host of a URL, which stays remembered until release is called on it,
// and forgets hosts that were idle for long.
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
		one = newHost()
		h.all[key] = one
	}
	one.mu.Lock()
	one.used = now
	one.users++
	one.mu.Unlock()
	return one
}

// release ends the use of a host that get began.
func (h *host) release(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.used = now
	h.users--
}

// sweep drops idle hosts; h.mu is held.
func (h *hosts) sweep(now time.Time) {
	idle := hostIdle
	if len(h.all) > crowd {
		idle = crowdedIdle
	}
	for key, one := range h.all {
		one.mu.Lock()
		// A host that wants to be left alone is not forgotten before the time has come.
		old := one.users == 0 && now.Sub(one.used) > idle && now.After(one.notBefore) &&
			(one.settled() || len(h.all) > overcrowded)
		one.mu.Unlock()
		if old {
			delete(h.all, key)
		}
	}
}

// reserve takes the next place in time at a host. It returns how long to wait for it and
// why and, when the host wants to be left alone for longer than is worth waiting, no place
// but that time.
func (h *host) reserve(now time.Time, minDelay, crawlDelay time.Duration) (place *rate.Reservation, wait time.Duration, why string, refused time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	pause := h.notBefore.Sub(now)
	if pause > maxWait {
		return nil, 0, "", pause
	}
	delay, why := minDelay, byDelay
	if crawlDelay > delay {
		delay, why = min(crawlDelay, max(maxCrawlDelay, minDelay)), byCrawlDelay
	}
	if factor := max(h.slow, h.pulse.strain); factor > 1 {
		delay, why = delay*time.Duration(factor), bySlowDown
	}
	// The place is taken for when the pause is over: taken now, it would be long past by
	// then, and the next request could follow on its heels.
	at := now.Add(max(pause, 0))
	h.limiter.SetLimitAt(now, rate.Every(delay))
	place = h.limiter.ReserveN(at, 1)
	if wait = place.DelayFrom(now); pause > 0 && wait <= pause {
		wait, why = pause, byRetryAfter
	}
	return place, wait, why, 0
}

// answered takes note of a status, of the wish that came with it, and of how long the
// host took to begin its answer.
func (h *host) answered(now time.Time, status int, retryAfter, took time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if throttled(status) {
		h.calm, h.slow = 0, min(h.slow*2, maxSlow)
		if t := now.Add(retryAfter); t.After(h.notBefore) {
			h.notBefore, h.status = t, status
		}
		return
	}
	h.pulse.feel(took)
	if h.calm++; h.calm >= calmAfter && h.slow > 1 {
		h.calm, h.slow = 0, h.slow/2
	}
}

// failed takes note of a request that got no answer.
func (h *host) failed() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calm = 0
}

// heldFor is how long the host still wants to be left alone, and by which status.
func (h *host) heldFor(now time.Time) (time.Duration, int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.notBefore.Sub(now), h.status
}

// acquire waits until no other request is made to the host.
func (h *host) acquire(ctx context.Context) error {
	select {
	case h.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
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
