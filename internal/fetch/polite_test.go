package fetch

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const robotsURL = "http://a.example/robots.txt"

func TestRobots(t *testing.T) {
	for name, c := range map[string]struct {
		robots    http.HandlerFunc
		path      string
		allowed   bool
		retryable bool
	}{
		"allowed":            {text("User-agent: *\nDisallow: /private"), "/page", true, false},
		"denied":             {text("User-agent: *\nDisallow: /private"), "/private/page", false, false},
		"denied by name":     {text("User-agent: ctiphub\nDisallow: /\n\nUser-agent: *\nAllow: /"), "/page", false, false},
		"denied by query":    {text("User-agent: *\nDisallow: /*?print="), "/page?print=1", false, false},
		"robots.txt itself":  {text("User-agent: *\nDisallow: /"), "/robots.txt", true, false},
		"none":               {status(404), "/page", true, false},
		"forbidden":          {status(403), "/page", true, false},
		"web page instead":   {text("<!DOCTYPE html><title>Disallow: /</title>"), "/page", true, false},
		"server error":       {status(500), "/page", false, true},
		"too many requests":  {status(429, "Retry-After", "3600"), "/page", false, true},
		"endless redirects":  {status(302, "Location", "/robots.txt"), "/page", true, false},
		"first 500 KiB only": {text("User-agent: *\nDisallow: /early\n" + strings.Repeat("# padding\n", 60<<10) + "Disallow: /late"), "/late", true, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, client := newWeb(t, Options{}, map[string]http.HandlerFunc{"a.example": func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/robots.txt" {
						c.robots(w, r)
						return
					}
					fmt.Fprint(w, "page")
				}})
				asked := "http://a.example" + c.path
				_, err := client.Get(t.Context(), Request{URL: asked})
				if (err == nil) != c.allowed || err != nil && !errors.Is(err, ErrRobots) || Retryable(err) != c.retryable {
					t.Fatalf("got %v (retryable %v)", err, Retryable(err))
				}
				if !c.allowed && w.count(asked) != 0 {
					t.Error("the page was asked for")
				}
				if !c.allowed && client.Ledger()[0].RobotsRefused != 1 {
					t.Errorf("ledger: %+v", client.Ledger()[0])
				}
			})
		})
	}
}

func TestRobotsBehindARedirect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c := newWeb(t, Options{}, map[string]http.HandlerFunc{
			"a.example": func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/robots.txt" {
					http.Redirect(w, r, "http://b.example/rules.txt", http.StatusMovedPermanently)
				}
			},
			"b.example": pages(map[string]string{"/rules.txt": "User-agent: *\nDisallow: /private", "/robots.txt": "User-agent: *\nDisallow: /"}),
		})
		if _, err := c.Get(t.Context(), Request{URL: "http://a.example/private"}); !errors.Is(err, ErrRobots) || Retryable(err) {
			t.Errorf("forbidden: %v", err)
		}
		if _, err := c.Get(t.Context(), Request{URL: page}); err != nil || w.count("http://b.example/rules.txt") != 1 || w.count("http://b.example/robots.txt") != 0 {
			t.Errorf("allowed: %v, asked %v", err, w.requests)
		}
	})
}

func TestRobotsIsKeptForADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c := newWeb(t, Options{}, map[string]http.HandlerFunc{"a.example": text("User-agent: x")})
		for range 3 {
			if _, err := c.Get(t.Context(), Request{URL: page}); err != nil {
				t.Fatal(err)
			}
		}
		if n := w.count(robotsURL); n != 1 {
			t.Errorf("robots.txt was asked for %d times on one day", n)
		}
		time.Sleep(20 * time.Hour) // in use all the time, so not forgotten as idle
		c.Get(t.Context(), Request{URL: page})
		time.Sleep(5 * time.Hour)
		c.Get(t.Context(), Request{URL: page})
		if n := w.count(robotsURL); n != 2 {
			t.Errorf("robots.txt was asked for %d times, want again after a day", n)
		}
	})
}

func TestRobotsUnreachableIsAskedAgainLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		down := true
		w, c := newWeb(t, Options{MaxRetries: -1}, map[string]http.HandlerFunc{"a.example": func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			if down {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			fmt.Fprint(w, "User-agent: *\nDisallow: /private")
		}})
		get := func(url string) error {
			_, err := c.Get(t.Context(), Request{URL: url})
			return err
		}
		for range 3 {
			if err := get(page); !errors.Is(err, ErrRobots) || !Retryable(err) {
				t.Fatalf("got %v", err)
			}
		}
		if n := w.count(robotsURL); n != 1 {
			t.Errorf("robots.txt was asked for %d times within a minute", n)
		}
		mu.Lock()
		down = false
		mu.Unlock()
		time.Sleep(11 * time.Minute)
		if err := get(page); err != nil {
			t.Errorf("after the server came back: %v", err)
		}
		// Down again when the rules are a day old: the old ones hold.
		mu.Lock()
		down = true
		mu.Unlock()
		time.Sleep(23 * time.Hour)
		get("http://a.example/private/")
		time.Sleep(2 * time.Hour)
		if err := get("http://a.example/private/"); !errors.Is(err, ErrRobots) || Retryable(err) {
			t.Errorf("old rules: got %v", err)
		}
		if err := get(page); Retryable(err) == false || errors.Is(err, ErrRobots) {
			t.Errorf("old rules allow the page, the server is down: got %v", err)
		}
	})
}

func TestPace(t *testing.T) {
	for name, c := range map[string]struct {
		robots string
		delay  time.Duration
		want   time.Duration // between pages
		limit  string
	}{
		"default":               {"", 0, 2 * time.Second, byDelay},
		"of the source":         {"", 5 * time.Second, 5 * time.Second, byDelay},
		"longer crawl delay":    {"User-agent: *\nCrawl-delay: 7", 5 * time.Second, 7 * time.Second, byCrawlDelay},
		"shorter crawl delay":   {"User-agent: *\nCrawl-delay: 0.5", 5 * time.Second, 5 * time.Second, byDelay},
		"endless crawl delay":   {"User-agent: *\nCrawl-delay: 86400", 0, time.Minute, byCrawlDelay},
		"crawl delay of others": {"User-agent: other\nCrawl-delay: 30", 0, 2 * time.Second, byDelay},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, client := newWeb(t, Options{}, map[string]http.HandlerFunc{"a.example": pages(map[string]string{"/robots.txt": c.robots, "/page": "x"})})
				start := time.Now()
				for range 3 {
					if _, err := client.Get(t.Context(), Request{URL: page, Politeness: Politeness{MinDelay: Duration(c.delay)}}); err != nil {
						t.Fatal(err)
					}
				}
				gaps := w.gaps(start)
				if want := []time.Duration{0, gaps[1], c.want, c.want}; !slices.Equal(gaps, want) || gaps[1] < c.want*9/10 {
					t.Errorf("gaps %v, want %v", gaps, want)
				}
				if l := client.Ledger()[0]; l.Limit != c.limit || l.Waited < 2*c.want {
					t.Errorf("ledger: %+v", l)
				}
			})
		})
	}
}

func TestPaceIsSharedByAllCallersOfAHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c := newWeb(t, Options{}, map[string]http.HandlerFunc{"a.example": text(""), "b.example": text("")})
		start := time.Now()
		var wg sync.WaitGroup
		for i := range 5 {
			for _, host := range []string{"a", "b"} {
				wg.Go(func() {
					if _, err := c.Get(t.Context(), Request{URL: fmt.Sprintf("http://%s.example/%d", host, i)}); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		// Two hosts side by side: robots.txt and five pages each, 2 s apart.
		if took := time.Since(start).Round(time.Millisecond); took != 10*time.Second {
			t.Errorf("took %s, want 10 s", took)
		}
		var last time.Time
		for _, r := range w.requests {
			if !strings.HasPrefix(r.url, "http://a.") {
				continue
			}
			if gap := r.at.Sub(last).Round(time.Millisecond); gap < 2*time.Second {
				t.Errorf("%s came after %s", r.url, gap)
			}
			last = r.at
		}
	})
}

func TestRetryAfter(t *testing.T) {
	for name, c := range map[string]struct {
		header func() string
		code   int
	}{
		"503, seconds": {func() string { return "30" }, 503},
		"429, seconds": {func() string { return "30" }, 429},
		"503, date":    {func() string { return time.Now().Add(30 * time.Second).UTC().Format(http.TimeFormat) }, 503},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, client := newWeb(t, Options{}, map[string]http.HandlerFunc{"a.example": sequence(status(c.code, "Retry-After", c.header()), text("now"))})
				start := time.Now()
				resp, err := client.Get(t.Context(), Request{URL: page})
				if err != nil || string(resp.Body) != "now" {
					t.Fatalf("got %v, %v", resp, err)
				}
				gap := w.gaps(start)[2]
				if gap < 27*time.Second || gap > 31*time.Second { // the date form was written 2 s before
					t.Errorf("second try after %s, want 30 s", gap)
				}
				if l := client.Ledger()[0]; l.Limit != byRetryAfter || l.Throttled != 1 {
					t.Errorf("ledger: %+v", l)
				}
			})
		})
	}
}

// TestPauseBehindRetryAfter: the request after the wait does not follow on the heels of the
// one that waited.
func TestPauseBehindRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c := newWeb(t, Options{}, map[string]http.HandlerFunc{"a.example": sequence(status(503, "Retry-After", "30"), text("x"))})
		start := time.Now()
		for range 2 {
			if _, err := c.Get(t.Context(), Request{URL: page}); err != nil {
				t.Fatal(err)
			}
		}
		gaps := w.gaps(start)
		if last := gaps[len(gaps)-1]; last < 2*time.Second {
			t.Errorf("gaps %v: the last request came after %s, want the usual pause", gaps, last)
		}
	})
}

func TestRetryAfterTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c := newWeb(t, Options{}, map[string]http.HandlerFunc{"a.example": sequence(status(503, "Retry-After", "3600"), text("open"))})
		for range 2 { // the second one is not even asked for
			_, err := c.Get(t.Context(), Request{URL: page})
			var s *StatusError
			if !errors.As(err, &s) || s.Status != 503 || s.RetryAfter < 3590*time.Second || s.RetryAfter > time.Hour || !Retryable(err) {
				t.Fatalf("got %v", err)
			}
		}
		if w.count(page) != 1 {
			t.Errorf("asked %d times within the hour", w.count(page))
		}
		time.Sleep(time.Hour)
		if resp, err := c.Get(t.Context(), Request{URL: page}); err != nil || string(resp.Body) != "open" {
			t.Errorf("an hour later: %v, %v", resp, err)
		}
	})
}

func TestRetryAfterHoldsEverybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := newWeb(t, Options{}, map[string]http.HandlerFunc{"a.example": sequence(status(503, "Retry-After", "60"), text("x"))})
		start := time.Now()
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if _, err := c.Get(t.Context(), Request{URL: page}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		// The two that were waiting for their turn already have to wait with the first.
		if l := c.Ledger()[0]; l.Requests != 5 || time.Since(start) < time.Minute {
			t.Errorf("after %s: %+v", time.Since(start), l)
		}
	})
}

func TestSlowsDownAndRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c := newWeb(t, Options{MaxRetries: -1}, map[string]http.HandlerFunc{"a.example": sequence(status(429), text("x"))})
		start := time.Now()
		for range 14 {
			c.Get(t.Context(), Request{URL: page})
		}
		gaps := w.gaps(start)
		if gaps[3] != 4*time.Second || gaps[len(gaps)-1] != 2*time.Second {
			t.Errorf("gaps %v: want 4 s after the 429, 2 s after ten good answers", gaps)
		}
	})
}

func TestParseRetryAfter(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                              0,
		"120":                           2 * time.Minute,
		" 5 ":                           5 * time.Second,
		"-3":                            0,
		"99999999999999999":             365 * 24 * time.Hour,
		"soon":                          0,
		"Wed, 01 Jul 2026 12:01:30 GMT": 90 * time.Second,
		"Wed, 01 Jul 2026 11:00:00 GMT": 0,
	} {
		if got := parseRetryAfter(value, now); got != want {
			t.Errorf("%q: got %s, want %s", value, got, want)
		}
	}
}

func TestIdleHostsAreForgotten(t *testing.T) {
	now := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	h := hosts{all: map[string]*host{}}
	visit := func(scheme, name string, at time.Time) *host {
		one := h.get(&url.URL{Scheme: scheme, Host: name}, at)
		one.release(at)
		return one
	}
	for i := range 50 {
		visit("http", fmt.Sprintf("h%d.example", i), now)
	}
	visit("https", "H1.Example.:443", now.Add(20*time.Hour))
	if len(h.all) != 50 {
		t.Fatalf("%d hosts: names must be compared without case, final dot and default port", len(h.all))
	}
	// Not forgotten: who wants to be left alone, who is waited for, whose ledger nobody took.
	visit("http", "h2.example", now).answered(now, 503, 48*time.Hour, 0)
	h.get(&url.URL{Scheme: "http", Host: "h3.example"}, now)
	visit("http", "h4.example", now).book("a", func(s *tally) { s.Requests++ })
	visit("http", "new.example", now.Add(25*time.Hour))
	var left []string
	for name := range h.all {
		left = append(left, name)
	}
	slices.Sort(left)
	if want := []string{"h1.example", "h2.example", "h3.example", "h4.example", "new.example"}; !slices.Equal(left, want) {
		t.Errorf("left are %v, want %v", left, want)
	}
}
