package gate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"ctiphub/catalog"
	"ctiphub/exporter"
)

// store is a catalogue of consumers in memory.
type store struct {
	mu    sync.Mutex
	known map[string]catalog.Consumer
	pulls []catalog.Pull
	fail  error
}

func (s *store) ConsumerOf(_ context.Context, hash string) (catalog.Consumer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.known[hash]
	if !ok {
		return c, catalog.ErrNoConsumer
	}
	return c, nil
}

func (s *store) AddPulls(_ context.Context, pulls []catalog.Pull) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail == nil {
		s.pulls = append(s.pulls, pulls...)
	}
	return s.fail
}

// harness is a gate before a handler that serves two records, with a clock that the test moves.
type harness struct {
	*Gate
	store   *store
	now     time.Time
	handler http.Handler
	log     strings.Builder
}

func newHarness(l Limits) *harness {
	h := &harness{store: &store{known: map[string]catalog.Consumer{}}, now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	h.Gate = New(Options{Store: h.store, Limits: l, Now: func() time.Time { return h.now }, Logger: slog.New(slog.NewTextHandler(&h.log, nil))})
	h.handler = h.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		exporter.Served(r.Context(), "oai_dc", 5, 6, 2)
		fmt.Fprint(w, "served")
	}))
	return h
}

// ask sends a request from an address; more are header names and values in turn.
func (h *harness) ask(path, from string, more ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.RemoteAddr = from
	for i := 0; i+1 < len(more); i += 2 {
		r.Header.Add(more[i], more[i+1])
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

const here = "192.0.2.7:1234"

// TestBudget lets a client spend its budget, wait, and go on; others and pages go on meanwhile.
func TestBudget(t *testing.T) {
	h := newHarness(Limits{PerMinute: 60, Burst: 3})
	for range 3 {
		if w := h.ask("/oai?verb=Identify", here); w.Code != http.StatusOK {
			t.Fatalf("within the budget: %d", w.Code)
		}
	}
	w := h.ask("/oai?verb=ListRecords", "192.0.2.99:1") // the same network
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "1" || strings.Contains(w.Body.String(), "<") {
		t.Errorf("OAI-PMH over the budget: %d, Retry-After %q, %s", w.Code, w.Header().Get("Retry-After"), w.Body)
	}
	w = h.ask("/api/v1/resources", here)
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Content-Type") != "application/problem+json" || !strings.Contains(w.Body.String(), `"status":429`) {
		t.Errorf("the API over the budget: %d, %s", w.Code, w.Body)
	}
	for path, from := range map[string]string{"/": here, "/search?q=x": here, "/resources/0123456789abcdef": here, "/oai/style.css": here, "/oai": "198.51.100.1:1", "/feeds/atom.xml": "[2001:db8::1]:1"} {
		if w := h.ask(path, from); w.Code != http.StatusOK {
			t.Errorf("%s from %s: %d", path, from, w.Code)
		}
	}
	h.now = h.now.Add(time.Second)
	if w := h.ask("/api/v1/resources", here); w.Code != http.StatusOK {
		t.Errorf("after the time that it was told: %d", w.Code)
	}
	off := newHarness(Limits{Off: true, PerMinute: 1, Burst: 1})
	for range 50 {
		if w := off.ask("/oai", here); w.Code != http.StatusOK {
			t.Fatalf("without budgets: %d", w.Code)
		}
	}
}

// TestProxies believes X-Forwarded-For of trusted proxies only, and of them the last hop that
// is none.
func TestProxies(t *testing.T) {
	h := newHarness(Limits{PerMinute: 1, Burst: 1, TrustedProxies: []string{"10.0.0.0/8"}})
	for _, c := range []struct {
		from, forwarded string
		want            int
	}{
		{"10.0.0.1:1", "192.0.2.1", 200},
		{"10.0.0.1:1", "192.0.2.1", 503},
		{"10.0.0.1:1", "198.51.100.1", 200},
		{"10.0.0.1:1", "1.2.3.4, 192.0.2.1", 503},            // the client made up the first
		{"10.0.0.2:1", "203.0.113.1, 10.0.0.9", 200},         // over two proxies
		{"10.0.0.2:1", "203.0.113.1", 503},                   // over one of them
		{"192.0.2.1:1", "100.64.0.1", 503},                   // no proxy: its own address counts
		{"10.0.0.1:1", "nonsense", 200}, {"broken", "", 200}, // each a client of its own
		{"broken", "", 503},
	} {
		if w := h.ask("/oai", c.from, "X-Forwarded-For", c.forwarded); w.Code != c.want {
			t.Errorf("%s for %q: %d, want %d", c.from, c.forwarded, w.Code, c.want)
		}
	}
	for _, bad := range []Limits{{TrustedProxies: []string{"10.0.0.1"}}, {PerMinute: -1}} {
		if bad.Validate() == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}

// TestAtOnce refuses a client that has too many requests at work, and lets it in when one ends.
func TestAtOnce(t *testing.T) {
	h := newHarness(Limits{AtOnce: 2})
	c := h.clients
	var leave []func()
	for range 2 {
		l, _ := c.enter("x", catalog.Consumer{}, h.now)
		leave = append(leave, l)
	}
	if l, wait := c.enter("x", catalog.Consumer{}, h.now); l != nil || wait <= 0 {
		t.Error("a third at once was let in")
	}
	if l, _ := c.enter("y", catalog.Consumer{}, h.now); l == nil {
		t.Error("another client has to wait for it")
	}
	leave[0]()
	if l, _ := c.enter("x", catalog.Consumer{}, h.now); l == nil {
		t.Error("it has to wait although one ended")
	}
}

// TestBounded asks from more networks than are remembered.
func TestBounded(t *testing.T) {
	h := newHarness(Limits{})
	for i := range mostClients + 500 {
		h.ask("/oai", fmt.Sprintf("[2001:db8:%x:%x::1]:9", i>>8, i<<8&0xFFFF))
	}
	if n := len(h.clients.byName); n != mostClients || h.clients.recent.Len() != n {
		t.Errorf("%d clients are remembered, %d in order", n, h.clients.recent.Len())
	}
}

// TestKeys knows consumers by Bearer and Basic, refuses wrong and disabled keys, and counts what
// the others take; neither keys nor addresses are in the log.
func TestKeys(t *testing.T) {
	h := newHarness(Limits{PerMinute: 1, Burst: 1})
	h.store.known[HashOf("secret-key")] = catalog.Consumer{ID: "portal"}
	h.store.known[HashOf("old-key")] = catalog.Consumer{ID: "old", Disabled: true}
	basic := httptest.NewRequest(http.MethodGet, "/", nil)
	basic.SetBasicAuth("anybody", "secret-key")
	for range 5 { // more than anybody else may ask for
		for _, auth := range []string{"Bearer secret-key", basic.Header.Get("Authorization")} {
			if w := h.ask("/oai", here, "Authorization", auth); w.Code != http.StatusOK {
				t.Fatalf("%s: %d", auth, w.Code)
			}
		}
	}
	for _, auth := range []string{"Bearer wrong-key", "Bearer old-key", "Bearer ", "Digest x"} {
		w := h.ask("/api/v1/changes", here, "Authorization", auth)
		if w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") == "" || strings.Contains(w.Body.String(), "-key") {
			t.Errorf("%q: %d, %s", auth, w.Code, w.Body)
		}
	}
	if w := h.ask("/oai", here); w.Code != http.StatusOK {
		t.Errorf("without a key: %d", w.Code)
	}
	h.store.fail = errors.New("the disk is full")
	if h.Flush(t.Context()) == nil {
		t.Error("a failed flush says nothing")
	}
	h.store.fail = nil
	if err := h.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := catalog.Pull{Consumer: "portal", Day: h.now.Truncate(24 * time.Hour), Form: "oai", Requests: 10, Records: 20, First: 5, Last: 6}
	if len(h.store.pulls) != 1 || h.store.pulls[0] != want {
		t.Errorf("counted %+v, want %+v", h.store.pulls, want)
	}
	h.store.known[HashOf("secret-key")] = catalog.Consumer{ID: "portal", Disabled: true}
	h.now = h.now.Add(keyLife + time.Second)
	if w := h.ask("/oai", here, "Authorization", "Bearer secret-key"); w.Code != http.StatusUnauthorized {
		t.Errorf("a key works after it was disabled: %d", w.Code)
	}
	for _, never := range []string{"192.0.2", "secret", "wrong-key"} {
		if strings.Contains(h.log.String(), never) {
			t.Errorf("the log has %q: %s", never, &h.log)
		}
	}
}

// TestCountsAtOnce counts from many sides: nothing is lost between counting and writing.
func TestCountsAtOnce(t *testing.T) {
	h := newHarness(Limits{Consumers: 1_000_000, AtOnce: 100})
	h.store.known[HashOf("k")] = catalog.Consumer{ID: "portal"}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				h.ask("/oai", here, "Authorization", "Bearer k")
			}
		})
	}
	for range 20 {
		if err := h.Flush(t.Context()); err != nil {
			t.Error(err)
		}
	}
	all.Wait()
	if err := h.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	records := 0
	for _, p := range h.store.pulls {
		records += p.Records
	}
	if records != 1600 {
		t.Errorf("%d records were counted of 1600", records)
	}
}

func TestForms(t *testing.T) {
	for path, want := range map[string]string{
		"/oai": "oai", "/oai/": "oai", "/oai/style.xsl": "", "/api/v1/changes": "api", "/api/openapi.json": "", "/feeds/rss.xml": "feed", "/dumps/x/y": "dump",
		"/resources/0123456789abcdef.bib": "resource", "/resources/0123456789abcdef": "", "/unapi": "resource", "/sitemaps/resources-1.xml": "list", "/": "", "/works/x": "",
	} {
		if got := formOf(httptest.NewRequest(http.MethodGet, path, nil)); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	for accept, want := range map[string]string{"application/ld+json": "resource", "text/html,application/xml;q=0.9,*/*;q=0.8": "", "*/*": "", "application/x-bibtex, text/plain": "resource"} {
		r := httptest.NewRequest(http.MethodGet, "/resources/0123456789abcdef", nil)
		r.Header.Set("Accept", accept)
		if got := formOf(r); got != want {
			t.Errorf("accepting %s is %q, want %q", accept, got, want)
		}
	}
}
