package linkcheck

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ctiphub/catalog"
	"ctiphub/internal/fetch"
)

var day = time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)

func TestSettle(t *testing.T) {
	bad := sight{verdict: failing, code: 404, methods: "HEAD GET"}
	tests := map[string]struct {
		looks []sight // one every third day
		want  string
	}{
		"first look is good":                {[]sight{{verdict: fine, code: 200}}, "ok"},
		"one failure proves nothing":        {[]sight{bad}, "unknown"},
		"three failures over six days":      {[]sight{bad, bad, bad}, "unknown"},
		"four failures over nine days":      {[]sight{bad, bad, bad, bad}, "dead"},
		"by one method only":                {[]sight{{verdict: failing, methods: "HEAD"}, {verdict: failing, methods: "HEAD"}, {verdict: failing, methods: "HEAD"}, {verdict: failing, methods: "HEAD"}}, "unknown"},
		"a good look in between":            {[]sight{bad, bad, {verdict: fine}, bad, bad}, "unknown"},
		"turned away":                       {[]sight{{verdict: unsure, code: 403}, {verdict: unsure, code: 403}, {verdict: unsure, code: 403}, {verdict: unsure, code: 403}}, "unknown"},
		"turned away begins the count anew": {[]sight{bad, bad, {verdict: unsure, code: 429}, bad, bad}, "unknown"},
		"dead and back":                     {[]sight{bad, bad, bad, bad, {verdict: fine, code: 200}}, "ok"},
		"dead stays dead":                   {[]sight{bad, bad, bad, bad, bad}, "dead"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			link := catalog.Link{URL: "https://agency.example/a.pdf"}
			for i, seen := range tt.looks {
				now := day.AddDate(0, 0, 3*i)
				link = settle(link, seen, now)
				if !link.Next.After(now) || !link.Checked.Equal(now) {
					t.Fatalf("look %d: checked %v, next %v", i+1, link.Checked, link.Next)
				}
			}
			if link.Status != tt.want {
				t.Errorf("got %q with %+v, want %q", link.Status, link, tt.want)
			}
		})
	}
}

// site answers by method and address.
type site struct {
	mu    sync.Mutex
	asked []string
	say   map[string]error // "HEAD url" or "GET url"; absent: fine
	to    map[string]string
}

func (s *site) Get(ctx context.Context, r fetch.Request) (*fetch.Response, error) {
	method := r.Method
	if method == "" {
		method = "GET"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, method+" "+r.URL)
	if err := s.say[method+" "+r.URL]; err != nil {
		return nil, err
	}
	at := r.URL
	if to := s.to[r.URL]; to != "" {
		at = to
	}
	return &fetch.Response{URL: at, Status: 200}, ctx.Err()
}

// shelf keeps links in memory.
type shelf struct {
	mu        sync.Mutex
	due, kept []catalog.Link
	err       error
}

func (s *shelf) set(due []catalog.Link, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.due, s.err = due, err
}

func (s *shelf) DueLinks(context.Context, time.Time, int) ([]catalog.Link, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	due := s.due
	s.due = nil
	return due, s.err
}

func (s *shelf) PutLinks(ctx context.Context, _ time.Time, links []catalog.Link) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, links...)
	return ctx.Err()
}

func checker(get Getter, store Store) *Checker {
	return New(Options{
		Get: get, Store: store, Now: func() time.Time { return day }, Logger: slog.New(slog.DiscardHandler),
		Politeness: func(string) fetch.Politeness { return fetch.Politeness{} },
	})
}

func TestLook(t *testing.T) {
	const at = "https://agency.example/report/1"
	status := func(n int) error { return &fetch.StatusError{URL: at, Status: n} }
	tests := map[string]struct {
		head, get error
		to        string
		want      string
		asked     int
	}{
		"answers":                      {want: "ok", asked: 1},
		"no HEAD, but GET":             {head: status(405), want: "ok", asked: 2},
		"HEAD is forbidden, GET works": {head: status(403), want: "ok", asked: 2},
		"both forbidden":               {head: status(403), get: status(403), want: "unknown", asked: 2},
		"too many requests":            {head: status(429), want: "unknown", asked: 1},
		"gone":                         {head: status(404), get: status(404), want: "unknown", asked: 2},
		"a firewall":                   {head: &fetch.BlockedError{Status: 403}, want: "unknown", asked: 1},
		"robots.txt":                   {head: fetch.ErrRobots, want: "unknown", asked: 1},
		"private address":              {head: fetch.ErrPrivateAddress, want: "unknown", asked: 1},
		"no answer at all":             {head: errors.New("no such host"), get: errors.New("no such host"), want: "unknown", asked: 2},
		"larger than asked for":        {head: status(501), get: fetch.ErrTooLarge, want: "ok", asked: 2},
		"leads to the front door":      {to: "https://agency.example/", want: "unknown", asked: 1},
		"leads to its new address":     {to: "https://agency.example/reports/1", want: "ok", asked: 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := &site{say: map[string]error{"HEAD " + at: tt.head, "GET " + at: tt.get}, to: map[string]string{at: tt.to}}
			store := &shelf{due: []catalog.Link{{URL: at, Source: "agency"}}}
			n, err := checker(s, store).Round(t.Context())
			if err != nil || n != 1 || len(store.kept) != 1 {
				t.Fatalf("looked at %d, kept %v (%v)", n, store.kept, err)
			}
			got := store.kept[0]
			if got.Status != tt.want || len(s.asked) != tt.asked {
				t.Errorf("got %q after %q, want %q after %d requests", got.Status, s.asked, tt.want, tt.asked)
			}
			if got.Moved != tt.to {
				t.Errorf("moved is %q, want %q", got.Moved, tt.to)
			}
		})
	}
}

func TestRoundKeepsWhatItSawWhenStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	store := &shelf{due: []catalog.Link{{URL: "https://a.example/1"}, {URL: "https://a.example/2"}}}
	get := stopping{&site{}, cancel}
	n, err := checker(get, store).Round(ctx)
	if !errors.Is(err, context.Canceled) || n != 1 || len(store.kept) != 1 || !strings.HasSuffix(store.kept[0].URL, "/1") {
		t.Errorf("kept %v (%d, %v), want the one link that was looked at", store.kept, n, err)
	}
}

// stopping ends the context at the second address.
type stopping struct {
	*site
	cancel func()
}

func (s stopping) Get(ctx context.Context, r fetch.Request) (*fetch.Response, error) {
	if strings.HasSuffix(r.URL, "/2") {
		s.cancel()
		return nil, ctx.Err()
	}
	return s.site.Get(ctx, r)
}

func TestRunRestsAndStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{err: errors.New("the disk is full")}
		c := checker(&site{}, store)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); c.Run(ctx) }()
		time.Sleep(30 * time.Second)
		store.set([]catalog.Link{{URL: "https://a.example/"}}, nil)
		time.Sleep(2 * time.Minute)
		cancel()
		<-done
		if len(store.kept) != 1 {
			t.Errorf("%d links were kept, want the one that fell due after the trouble", len(store.kept))
		}
	})
}

func TestClosedWindow(t *testing.T) {
	s, store := &site{}, &shelf{due: []catalog.Link{{URL: "https://a.example/1", Source: "night", Status: "ok"}, {URL: "https://b.example/1", Source: "day"}}}
	c := checker(s, store)
	c.o.Open = func(source string, _ time.Time) (bool, time.Duration) { return source != "night", 3 * time.Hour }
	if _, err := c.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, l := range store.kept {
		if l.Source == "night" && (!l.Next.Equal(day.Add(3*time.Hour)) || l.Status != "ok" || !l.Checked.IsZero()) {
			t.Errorf("got %+v, want it put off untouched", l)
		}
	}
	if len(s.asked) != 1 || len(store.kept) != 2 {
		t.Errorf("asked %q and kept %d, want one request and both links", s.asked, len(store.kept))
	}
}
