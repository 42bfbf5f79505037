package fetch

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestLedgerByAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		_, c := newWeb(t, Options{MaxRetries: -1}, map[string]http.HandlerFunc{"a.example": func(w http.ResponseWriter, r *http.Request) {
			switch n++; r.URL.Path {
			case "/robots.txt":
				fmt.Fprint(w, "User-agent: *\nDisallow: /private\nCrawl-delay: 5")
			case "/slow":
				time.Sleep(30 * time.Second)
				fmt.Fprint(w, "0123456789")
			case "/busy":
				w.WriteHeader(429)
			case "/broken":
				panic(http.ErrAbortHandler)
			case "/same":
				w.WriteHeader(304)
			case "/blocked":
				w.Header().Set("Cf-Mitigated", "challenge")
				w.WriteHeader(403)
			}
		}, "b.example": sequence(text("x"))})
		for _, path := range []string{"/slow", "/private", "/busy", "/broken", "/same", "/blocked"} {
			c.Get(t.Context(), Request{URL: "http://a.example" + path, Account: "one"})
		}
		c.Get(t.Context(), Request{URL: "http://a.example/slow", Account: "two"})
		c.Get(t.Context(), Request{URL: "http://b.example/", Account: "one"})

		taken := c.TakeLedger()
		if len(taken) != 3 || len(c.TakeLedger()) != 0 || len(c.Ledger()) != 3 {
			t.Fatalf("taken %+v", taken)
		}
		got := taken[0]
		if got.Waited < 20*time.Second || got.Served < 30*time.Second {
			t.Errorf("times: %+v", got)
		}
		got.Waited, got.Served = 0, 0
		// The bytes are those of robots.txt, which is booked on who needed it first, and of /slow.
		want := HostStats{
			Host: "a.example", Account: "one", Requests: 6, Bytes: 47 + 10, NotModified: 1, Throttled: 1, Errors: 1, Blocked: 1,
			RobotsAllowed: 5, RobotsRefused: 1, CrawlDelay: 5 * time.Second, Slowest: 30 * time.Second, Limit: bySlowDown,
		}
		got.Limit = want.Limit // depends on what is longest: judged below
		if got != want {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		if two := taken[1]; two.Account != "two" || two.Requests != 1 || two.Limit != byServer || two.Bytes != 10 {
			t.Errorf("second account: %+v", two)
		}
		if taken[2].Host != "b.example" {
			t.Errorf("order: %+v", taken)
		}
		c.Get(t.Context(), Request{URL: "http://b.example/", Account: "one"})
		if more := c.TakeLedger(); len(more) != 1 || more[0].Requests != 1 || more[0].Limit != byDelay {
			t.Errorf("since then: %+v", more)
		}
		if all := c.Ledger()[2]; all.Requests != 3 { // robots.txt and two pages
			t.Errorf("altogether: %+v", all)
		}
	})
}

func TestTakeLedgerLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := newWeb(t, Options{}, map[string]http.HandlerFunc{"a.example": sequence(text("0123456789")), "b.example": sequence(text("x"))})
		var requests, allowed int
		var bytes int64
		add := func(list []HostStats) {
			for _, s := range list {
				requests, bytes, allowed = requests+s.Requests, bytes+s.Bytes, allowed+s.RobotsAllowed
			}
		}
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				host := []string{"a", "b"}[i%2]
				if _, err := c.Get(t.Context(), Request{URL: "http://" + host + ".example/", Account: fmt.Sprint(i % 3)}); err != nil {
					t.Error(err)
				}
			})
		}
		done := make(chan struct{})
		go func() { wg.Wait(); close(done) }()
		for open := true; open; {
			select {
			case <-done:
				open = false
			case <-time.After(time.Second):
			}
			add(c.TakeLedger())
		}
		if requests != 42 || allowed != 40 || bytes != 20*10+20*1+2*19 { // 19: "404 page not found"
			t.Errorf("%d requests, %d allowed, %d bytes", requests, allowed, bytes)
		}
	})
}

func TestStrainSlowsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		took := 100 * time.Millisecond
		set := func(d time.Duration) { mu.Lock(); took = d; mu.Unlock() }
		w, c := newWeb(t, Options{}, map[string]http.HandlerFunc{"a.example": sequence(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			d := took
			mu.Unlock()
			time.Sleep(d)
		})})
		visit := func(n int) (last time.Duration) {
			for range n {
				start := time.Now()
				if _, err := c.Get(t.Context(), Request{URL: page, Politeness: Politeness{MinDelay: Duration(8 * time.Second)}}); err != nil {
					t.Fatal(err)
				}
				last = time.Since(start)
			}
			return last
		}
		if d := visit(20); d > 9*time.Second {
			t.Errorf("healthy: %s for a request", d)
		}
		set(6 * time.Second)
		if visit(6); c.hosts.all["a.example"].pulse.strain != maxStrain {
			t.Errorf("strain %d after six answers sixty times slower", c.hosts.all["a.example"].pulse.strain)
		}
		if l := c.Ledger()[0]; l.Slowest != 6*time.Second {
			t.Errorf("ledger: %+v", l)
		}
		set(100 * time.Millisecond)
		visit(20)
		if d := visit(1); d > 9*time.Second {
			t.Errorf("recovered: %s for a request", d)
		}
		if w.count(page) != 47 {
			t.Errorf("%d requests", w.count(page))
		}
	})
}

func TestSlowHostsAreNotStrained(t *testing.T) {
	p := pulse{strain: 1}
	for range 100 {
		p.feel(10 * time.Second) // it has always been like that
	}
	if p.strain != 1 {
		t.Errorf("strain %d of a host that is just slow", p.strain)
	}
	for range 300 {
		p.feel(50 * time.Second)
	}
	if p.strain != 1 {
		t.Errorf("strain %d when slow has become usual", p.strain)
	}
	q := pulse{strain: 1}
	for i := range 50 {
		q.feel(time.Duration(1+i%2*100) * 10 * time.Millisecond) // 10 ms, 1.01 s: never slow
	}
	if q.strain != 1 {
		t.Errorf("strain %d of a quick host", q.strain)
	}
}

func TestOneRequestAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		busy := 0
		_, c := newWeb(t, Options{}, map[string]http.HandlerFunc{"a.example": func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			if busy++; busy > 1 {
				t.Errorf("%d requests at a time", busy)
			}
			mu.Unlock()
			time.Sleep(10 * time.Second)
			mu.Lock()
			busy--
			mu.Unlock()
		}})
		start := time.Now()
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() { c.Get(t.Context(), Request{URL: fmt.Sprintf("http://a.example/%d", i)}) })
		}
		wg.Wait()
		// robots.txt and five pages, ten seconds each: the pauses lie within.
		if took := time.Since(start); took < time.Minute || took > 61*time.Second {
			t.Errorf("took %s", took)
		}
		if l := c.Ledger()[0]; l.Limit != byServer || l.Waited < 90*time.Second {
			t.Errorf("ledger: %+v", l)
		}
	})
}

func TestRetryAfterByTheServersClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ahead := time.Hour // its clock
		w, c := newWeb(t, Options{}, map[string]http.HandlerFunc{"a.example": sequence(func(w http.ResponseWriter, _ *http.Request) {
			now := time.Now().Add(ahead).UTC()
			w.Header().Set("Date", now.Format(http.TimeFormat))
			w.Header().Set("Retry-After", now.Add(20*time.Second).Format(http.TimeFormat))
			w.WriteHeader(503)
		}, text("x"))})
		start := time.Now()
		if _, err := c.Get(t.Context(), Request{URL: page}); err != nil || w.gaps(start)[2] != 20*time.Second {
			t.Errorf("got %v, gaps %v", err, w.gaps(start))
		}
	})
}
