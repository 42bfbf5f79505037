package websub

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"ctiphub/internal/fetch"
)

// TestOverTheWire has a WebSub hub on loopback: it is asked through the hub's own client,
// verifies, and announces, all by HTTP.
func TestOverTheWire(t *testing.T) {
	store, woken := &shelf{}, make(chan string, 1)
	form := make(chan url.Values, 1)
	pushes := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		if err := r.ParseForm(); err != nil || r.Method != http.MethodPost {
			http.Error(w, "no form", http.StatusBadRequest)
			return
		}
		form <- r.PostForm
		w.WriteHeader(http.StatusAccepted)
	}))
	defer pushes.Close()
	mux := http.NewServeMux()
	ours := httptest.NewServer(mux)
	defer ours.Close()
	client := fetch.New(fetch.Options{UserAgent: "TestHub/1.0", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	defer client.Close()
	s := New(Options{
		Get: client, Store: store, BaseURL: ours.URL, Now: time.Now, Logger: slog.New(slog.DiscardHandler),
		Wake: func(source string) { woken <- source }, Known: func(string) bool { return true },
	})
	mux.Handle(Path, s.Handler())
	s.Offer(t.Context(), "agency", pushes.URL, topic)
	if _, err := s.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	ask := <-form
	res, err := http.Get(ask.Get("hub.callback") + "?" + url.Values{"hub.mode": {"subscribe"}, "hub.topic": {topic}, "hub.challenge": {"1"}, "hub.lease_seconds": {"3600"}}.Encode())
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("verifying: %v (%v)", res, err)
	}
	res.Body.Close()
	if sub := store.only(t); sub.State != active {
		t.Fatalf("the subscription is %+v", sub)
	}
	res, err = http.Post(ask.Get("hub.callback"), "application/atom+xml", http.NoBody)
	if err != nil || res.StatusCode != http.StatusAccepted {
		t.Fatalf("announcing: %v (%v)", res, err)
	}
	res.Body.Close()
	if source := <-woken; source != "agency" {
		t.Errorf("woken %q", source)
	}
}
