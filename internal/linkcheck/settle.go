package linkcheck

import (
	"hash/fnv"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ctiphub/catalog"
	"ctiphub/internal/fetch"
)

// verdict is what one look said about a link.
type verdict int

const (
	fine verdict = iota
	unsure
	failing
)

// sight is what one look found.
type sight struct {
	verdict verdict
	code    int
	methods string // that failed
	moved   string // where it led
}

// Statuses of a link, as the catalogue keeps them.
const (
	statusOK      = "ok"
	statusDead    = "dead"
	statusUnknown = "unknown"
)

// A link is dead after so many failures in a row over so long by two methods: nine of ten
// alarms of a checker with less patience are false.
const (
	deadFailures = 3
	deadAfter    = 7 * 24 * time.Hour
)

// When to look again.
const (
	againFine    = 30 * 24 * time.Hour
	againUnsure  = 14 * 24 * time.Hour
	againFailing = 2 * 24 * time.Hour
	againDead    = 14 * 24 * time.Hour
)

// undecided reports a status that says nothing about whether the page is there: the
// server turns this visitor away.
func undecided(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired,
		http.StatusTooManyRequests, http.StatusUnavailableForLegalReasons, http.StatusNotAcceptable:
		return true
	}
	return false
}

// arrived judges an answer with a good status. One page that leads to the front door of
// its site is most likely gone, but that cannot be known.
func arrived(asked string, resp *fetch.Response) sight {
	s := sight{verdict: fine, code: resp.Status}
	from, errFrom := url.Parse(asked)
	to, errTo := url.Parse(resp.URL)
	if errFrom != nil || errTo != nil || resp.URL == asked {
		return s
	}
	s.moved = resp.URL
	deep := strings.Trim(from.Path, "/") != "" || from.RawQuery != ""
	if deep && strings.Trim(to.Path, "/") == "" && to.RawQuery == "" {
		s.verdict = unsure
	}
	return s
}

// settle says what is known of a link after a look, and when to look again.
func settle(link catalog.Link, seen sight, now time.Time) catalog.Link {
	link.Checked, link.Code, link.Moved = now, seen.code, seen.moved
	if seen.verdict != failing {
		link.Failures, link.Since, link.Methods = 0, time.Time{}, ""
		link.Status, link.Next = statusOK, now.Add(spread(link.URL, againFine))
		if seen.verdict == unsure {
			link.Status, link.Next = statusUnknown, now.Add(spread(link.URL, againUnsure))
		}
		return link
	}
	if link.Failures++; link.Failures == 1 {
		link.Since = now
	}
	methods := strings.Fields(link.Methods + " " + seen.methods)
	slices.Sort(methods)
	methods = slices.Compact(methods)
	link.Methods = strings.Join(methods, " ")
	link.Next = now.Add(spread(link.URL, againFailing))
	switch {
	case link.Failures >= deadFailures && now.Sub(link.Since) >= deadAfter && len(methods) >= 2:
		link.Status, link.Next = statusDead, now.Add(spread(link.URL, againDead))
	case link.Status != statusDead:
		link.Status = statusUnknown
	}
	return link
}

// spread adds up to a tenth to a pause, always the same for a link, so that links stored
// together do not fall due together for ever.
func spread(link string, pause time.Duration) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(link)) // a hash takes everything
	return pause + pause*time.Duration(h.Sum32()%1000)/10_000
}
