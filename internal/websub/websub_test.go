package websub

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ctiphub/catalog"
	"ctiphub/internal/fetch"
)

// shelf keeps subscriptions in memory.
type shelf struct {
	mu   sync.Mutex
	list []catalog.Subscription
	err  error
}

func (s *shelf) Subscriptions(context.Context) ([]catalog.Subscription, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.list), s.err
}

func (s *shelf) PutSubscription(_ context.Context, sub catalog.Subscription) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, old := range s.list {
		if old.Source == sub.Source && old.Topic == sub.Topic {
			s.list[i] = sub
			return s.err
		}
	}
	s.list = append(s.list, sub)
	return s.err
}

func (s *shelf) only(t *testing.T) catalog.Subscription {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.list) != 1 {
		t.Fatalf("there are %d subscriptions, want one", len(s.list))
	}
	return s.list[0]
}

// announcer is a WebSub hub by script. It verifies at once, as some do before they answer.
type announcer struct {
	mu      sync.Mutex
	handler http.Handler // of the subscriber
	asks    []url.Values
	at      []time.Time
	lease   string
	mute    bool // takes requests and never verifies
	down    bool
	deny    bool
	answers []int // of verifications
}

func (a *announcer) Get(_ context.Context, r fetch.Request) (*fetch.Response, error) {
	form, err := url.ParseQuery(string(r.Body))
	if err != nil || r.Method != http.MethodPost || r.Type != "application/x-www-form-urlencoded" {
		return nil, fmt.Errorf("no request for a subscription: %+v", r)
	}
	a.mu.Lock()
	a.asks, a.at = append(a.asks, form), append(a.at, time.Now())
	down, mute, deny, lease := a.down, a.mute, a.deny, a.lease
	a.mu.Unlock()
	switch {
	case down:
		return nil, errors.New("the server answered 503")
	case mute:
		return &fetch.Response{Status: http.StatusAccepted}, nil
	}
	q := url.Values{"hub.mode": {form.Get("hub.mode")}, "hub.topic": {form.Get("hub.topic")}, "hub.challenge": {"c4fe"}, "hub.lease_seconds": {lease}}
	if deny {
		q = url.Values{"hub.mode": {"denied"}, "hub.topic": {form.Get("hub.topic")}, "hub.reason": {"not for you"}}
	}
	w := call(a.handler, http.MethodGet, form.Get("hub.callback")+"?"+q.Encode(), "", "")
	a.mu.Lock()
	a.answers = append(a.answers, w.Code)
	a.mu.Unlock()
	return &fetch.Response{Status: http.StatusAccepted}, nil
}

func (a *announcer) requests() []url.Values {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.asks)
}

func (a *announcer) times() []time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.at)
}

func (a *announcer) turn(mood *bool, on bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	*mood = on
}

func call(h http.Handler, method, target, body, signature string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if signature != "" {
		r.Header.Set("X-Hub-Signature", signature)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// bed is a subscriber with its surroundings.
type bed struct {
	*Subscriber
	store *shelf
	hub   *announcer
	mu    sync.Mutex
	known map[string]bool
	woken []string
	log   strings.Builder
}

func newBed() *bed {
	b := &bed{store: &shelf{}, hub: &announcer{lease: "864000"}, known: map[string]bool{"agency": true}}
	b.Subscriber = New(Options{
		Get: b.hub, Store: b.store, BaseURL: "https://hub.example/", Now: time.Now, Logger: slog.New(slog.NewTextHandler(&b.log, nil)),
		Wake: func(source string) { b.woken = append(b.woken, source) },
		Known: func(source string) bool {
			b.mu.Lock()
			defer b.mu.Unlock()
			return b.known[source]
		},
	})
	b.hub.handler = b.Handler()
	return b
}

// enable says whether the source is still visited.
func (b *bed) enable(on bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.known["agency"] = on
}

const (
	hubURL = "https://push.example/"
	topic  = "https://agency.example/feed"
)

// running runs the subscriber in a bubble while f goes on.
func running(t *testing.T, f func(t *testing.T, b *bed)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBed()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			b.Run(ctx)
		}()
		f(t, b)
		cancel()
		<-done
	})
}

func TestSubscribe(t *testing.T) {
	running(t, func(t *testing.T, b *bed) {
		b.Offer(t.Context(), "agency", hubURL, topic)
		synctest.Wait()
		sub := b.store.only(t)
		if sub.State != active || sub.Hub != hubURL || !sub.Expires.Equal(time.Now().Add(10*24*time.Hour)) || len(sub.Token) != tokenLength || sub.Secret == "" || sub.Secret == sub.Token {
			t.Fatalf("the subscription is %+v", sub)
		}
		ask := b.hub.requests()[0]
		if ask.Get("hub.mode") != "subscribe" || ask.Get("hub.topic") != topic || ask.Get("hub.secret") != sub.Secret ||
			ask.Get("hub.callback") != "https://hub.example/api/v1/websub/"+sub.Token || ask.Get("hub.lease_seconds") != "864000" {
			t.Errorf("asked for %v", ask)
		}
		// Each further harvest offers it again: nobody is asked for what there is.
		for range 5 {
			b.Offer(t.Context(), "agency", hubURL, topic)
		}
		synctest.Wait()
		if len(b.hub.requests()) != 1 {
			t.Errorf("asked %d times, want once", len(b.hub.requests()))
		}
	})
}

// TestRenewal: a tenth of the lease before its end, and, with the WebSub hub down, again
// and again until it is up; when the lease is over nonetheless, daily.
func TestRenewal(t *testing.T) {
	running(t, func(t *testing.T, b *bed) {
		began := time.Now()
		b.Offer(t.Context(), "agency", hubURL, topic)
		time.Sleep(9*24*time.Hour + time.Minute)
		synctest.Wait()
		if len(b.hub.times()) != 2 || b.hub.times()[1].Sub(began) != 9*24*time.Hour {
			t.Fatalf("asked at %v, want a renewal after nine days", b.hub.times())
		}
		if sub := b.store.only(t); !sub.Expires.Equal(b.hub.times()[1].Add(10 * 24 * time.Hour)) {
			t.Errorf("the lease ends at %s after the renewal", sub.Expires)
		}
		b.hub.turn(&b.hub.down, true)
		time.Sleep(10 * 24 * time.Hour)
		synctest.Wait()
		if tries := len(b.hub.times()) - 2; tries < 5 || tries > 40 {
			t.Errorf("asked %d times in the last day of the lease", tries)
		}
		before := len(b.hub.times())
		time.Sleep(4 * 24 * time.Hour)
		synctest.Wait()
		if tries := len(b.hub.times()) - before; tries < 3 || tries > 5 {
			t.Errorf("asked %d times in four days after the lease, want daily", tries)
		}
		b.hub.turn(&b.hub.down, false)
		time.Sleep(25 * time.Hour)
		synctest.Wait()
		if sub := b.store.only(t); !sub.Expires.After(time.Now()) {
			t.Errorf("the WebSub hub is up again, and the lease ends at %s", sub.Expires)
		}
	})
}

func TestNothingComesOfIt(t *testing.T) {
	running(t, func(t *testing.T, b *bed) {
		b.hub.turn(&b.hub.mute, true)
		b.Offer(t.Context(), "agency", hubURL, topic)
		for range 48 {
			time.Sleep(time.Hour)
			b.Offer(t.Context(), "agency", hubURL, topic)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(b.hub.requests()) != 3 || b.store.only(t).State != asked {
			t.Errorf("asked %d times in two days without a word, want daily", len(b.hub.requests()))
		}
	})
}

func TestDenied(t *testing.T) {
	running(t, func(t *testing.T, b *bed) {
		b.hub.turn(&b.hub.deny, true)
		for range 8 {
			b.Offer(t.Context(), "agency", hubURL, topic)
			time.Sleep(24 * time.Hour)
		}
		synctest.Wait()
		if len(b.hub.requests()) != 2 || b.store.only(t).State != refused {
			t.Errorf("asked %d times in eight days although it refuses, want weekly", len(b.hub.requests()))
		}
	})
}

func TestSourceIsGone(t *testing.T) {
	running(t, func(t *testing.T, b *bed) {
		b.Offer(t.Context(), "agency", hubURL, topic)
		synctest.Wait()
		b.enable(false)
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		last := b.hub.requests()[len(b.hub.requests())-1]
		if len(b.hub.requests()) != 2 || last.Get("hub.mode") != "unsubscribe" || last.Get("hub.secret") != "" || b.store.only(t).State != left || b.hub.answers[1] != http.StatusOK {
			t.Errorf("asked %d times, last %v, answered %v; want one unsubscription", len(b.hub.requests()), last, b.hub.answers)
		}
		sub := b.store.only(t)
		if w := call(b.Handler(), http.MethodPost, Path+sub.Token, "x", ""); w.Code != http.StatusGone || len(b.woken) > 0 {
			t.Errorf("news of a subscription that ended: status %d, woken %q", w.Code, b.woken)
		}
		b.enable(true)
		b.Offer(t.Context(), "agency", hubURL, topic)
		synctest.Wait()
		if again := b.store.only(t); again.State != active || again.Token == sub.Token {
			t.Errorf("after the source came back: %+v", again)
		}
	})
}

func TestOffersAreBounded(t *testing.T) {
	b := newBed()
	for i := range 20 {
		b.Offer(t.Context(), "agency", hubURL, fmt.Sprintf("%s?visit=%d", topic, i))
	}
	if len(b.store.list) != maxPerSource {
		t.Errorf("a feed with a new address at each visit has %d subscriptions", len(b.store.list))
	}
	b = newBed()
	for _, bad := range [][2]string{{"", topic}, {hubURL, ""}, {"ftp://push.example/", topic}, {"/hub", topic}, {hubURL, "feed"}, {"https://a:b@push.example/", topic}, {hubURL, topic + strings.Repeat("x", 3000)}} {
		b.Offer(t.Context(), "agency", bad[0], bad[1])
	}
	if len(b.store.list) != 0 {
		t.Errorf("offers that are none became %+v", b.store.list)
	}
	b.Offer(t.Context(), "agency", "http://push.example/", topic)
	if sub := b.store.only(t); sub.Secret != "" {
		t.Error("a secret would go over an unencrypted line")
	}
	b.Offer(t.Context(), "agency", "https://other.example/", topic)
	if sub := b.store.only(t); sub.Hub != "https://other.example/" || sub.State != asked {
		t.Errorf("the feed moved to another WebSub hub, and the subscription is %+v", sub)
	}
}

func TestVerify(t *testing.T) {
	for name, c := range map[string]struct {
		state  string
		gone   bool
		query  string // T stands for the topic
		status int
		then   string
	}{
		"subscribe":              {asked, false, "hub.mode=subscribe&hub.topic=T&hub.challenge=abc&hub.lease_seconds=60", 200, active},
		"no lease":               {asked, false, "hub.mode=subscribe&hub.topic=T&hub.challenge=abc", 200, active},
		"endless lease":          {asked, false, "hub.mode=subscribe&hub.topic=T&hub.challenge=abc&hub.lease_seconds=99999999999", 200, active},
		"wrong topic":            {asked, false, "hub.mode=subscribe&hub.topic=https://evil.example/&hub.challenge=abc", 404, asked},
		"no challenge":           {asked, false, "hub.mode=subscribe&hub.topic=T", 400, asked},
		"endless challenge":      {asked, false, "hub.mode=subscribe&hub.topic=T&hub.challenge=" + strings.Repeat("x", 2000), 400, asked},
		"refused before":         {refused, false, "hub.mode=subscribe&hub.topic=T&hub.challenge=abc", 404, refused},
		"source is gone":         {asked, true, "hub.mode=subscribe&hub.topic=T&hub.challenge=abc", 404, asked},
		"unsubscribe, not asked": {active, false, "hub.mode=unsubscribe&hub.topic=T&hub.challenge=abc", 404, active},
		"unsubscribe":            {left, true, "hub.mode=unsubscribe&hub.topic=T&hub.challenge=abc", 200, left},
		"denied":                 {active, false, "hub.mode=denied&hub.topic=T&hub.reason=no", 200, refused},
		"denied, wrong topic":    {active, false, "hub.mode=denied&hub.topic=x", 404, active},
		"other mode":             {active, false, "hub.mode=publish&hub.topic=T&hub.challenge=abc", 404, active},
		"nothing":                {active, false, "", 404, active},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed()
			sub := catalog.Subscription{Source: "agency", Topic: topic, Hub: hubURL, Token: secret(), Secret: "s", State: c.state, Asked: time.Now()}
			b.store.list = []catalog.Subscription{sub}
			b.enable(!c.gone)
			w := call(b.Handler(), http.MethodGet, Path+sub.Token+"?"+strings.ReplaceAll(c.query, "=T", "="+url.QueryEscape(topic)), "", "")
			if w.Code != c.status || b.store.only(t).State != c.then {
				t.Errorf("status %d and state %q, want %d and %q", w.Code, b.store.only(t).State, c.status, c.then)
			}
			if c.status == 200 && strings.Contains(c.query, "challenge") && (w.Body.String() != "abc" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") || w.Header().Get("X-Content-Type-Options") != "nosniff") {
				t.Errorf("the challenge came back as %q, %v", w.Body, w.Header())
			}
			if e := b.store.only(t).Expires; e.After(time.Now().Add(leaseMost + time.Hour)) {
				t.Errorf("the lease ends at %s", e)
			}
		})
	}
	b := newBed()
	for _, token := range []string{"", "x", secret(), "../../etc"} {
		if w := call(b.Handler(), http.MethodGet, Path+token+"?hub.mode=subscribe&hub.challenge=abc", "", ""); w.Code != 404 || strings.Contains(w.Body.String(), "abc") {
			t.Errorf("token %q: status %d, %q", token, w.Code, w.Body)
		}
	}
	if w := call(b.Handler(), http.MethodDelete, Path+secret(), "", ""); w.Code != 405 {
		t.Errorf("DELETE: status %d", w.Code)
	}
	b.store.err = errors.New("the catalogue is locked")
	if w := call(b.Handler(), http.MethodGet, Path+secret(), "", ""); w.Code != 503 || strings.Contains(w.Body.String(), "locked") {
		t.Errorf("without the catalogue: status %d, %q", w.Code, w.Body)
	}
}

func sign(name string, method func() hash.Hash, key, body string) string {
	mac := hmac.New(method, []byte(key))
	io.WriteString(mac, body)
	return name + "=" + hex.EncodeToString(mac.Sum(nil))
}

func TestNotification(t *testing.T) {
	const content = "<feed>news</feed>"
	for name, c := range map[string]struct {
		secret, signature, body string
		status                  int
		wakes                   bool
	}{
		"sha1":               {"key", sign("sha1", sha1.New, "key", content), content, 202, true},
		"sha256":             {"key", sign("sha256", sha256.New, "key", content), content, 202, true},
		"sha384":             {"key", sign("sha384", sha512.New384, "key", content), content, 202, true},
		"sha512":             {"key", sign("sha512", sha512.New, "key", content), content, 202, true},
		"capitals":           {"key", strings.ToUpper(sign("sha256", sha256.New, "key", content)), content, 202, true},
		"no body":            {"key", sign("sha256", sha256.New, "key", ""), "", 202, true},
		"other key":          {"key", sign("sha256", sha256.New, "guess", content), content, 202, false},
		"other body":         {"key", sign("sha256", sha256.New, "key", "old"), content, 202, false},
		"other method":       {"key", "md5=" + strings.Repeat("0", 32), content, 202, false},
		"shortened":          {"key", sign("sha256", sha256.New, "key", content)[:20], content, 202, false},
		"empty":              {"key", "sha256=", content, 202, false},
		"no signature":       {"key", "", content, 202, false},
		"no secret agreed":   {"", "", content, 202, true},
		"too large":          {"key", "sha256=00", strings.Repeat("x", maxContent+1), 413, false},
		"too large, unasked": {"", "", strings.Repeat("x", maxContent+1), 413, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed()
			sub := catalog.Subscription{Source: "agency", Topic: topic, Token: secret(), Secret: c.secret, State: active, Expires: time.Now().Add(time.Hour)}
			b.store.list = []catalog.Subscription{sub}
			w := call(b.Handler(), http.MethodPost, Path+sub.Token, c.body, c.signature)
			if w.Code != c.status || (len(b.woken) == 1) != c.wakes {
				t.Errorf("status %d, woken %q; want %d, %v", w.Code, b.woken, c.status, c.wakes)
			}
			if strings.Contains(b.log.String(), sub.Token) || strings.Contains(b.log.String(), "192.0.2.1") || strings.Contains(b.log.String(), "news") {
				t.Errorf("the log holds what it must not: %s", &b.log)
			}
		})
	}
}

func TestUsable(t *testing.T) {
	for base, want := range map[string]bool{
		"https://hub.example": true, "http://hub.example:8080/x": true, "https://8.8.8.8": true, "https://[2606:4700::1]/": true,
		"": false, "hub.example": false, "ftp://hub.example": false, "http://localhost:8080": false, "http://hub": false, "http://hub.local": false,
		"http://127.0.0.1": false, "http://10.1.2.3": false, "http://192.168.1.1": false, "http://[::1]:80": false, "http://[fd00::1]": false,
		"http://169.254.1.1": false, "http://0.0.0.0": false, "http://hub.internal.": false, "http://hub.lan": false,
	} {
		if got := Usable(base); got != want {
			t.Errorf("%q: %v, want %v", base, got, want)
		}
	}
}

// FuzzCallback: whatever is sent, nobody is woken without a valid signature, and nothing
// changes without the topic.
func FuzzCallback(f *testing.F) {
	f.Add("hub.mode=subscribe&hub.challenge=x", "sha256=00", []byte("x"))
	f.Add("hub.mode=denied", "sha1", []byte(""))
	f.Add("hub.mode=unsubscribe&hub.lease_seconds=-1", "=", []byte("<feed/>"))
	f.Fuzz(func(t *testing.T, query, signature string, body []byte) {
		b := newBed()
		sub := catalog.Subscription{Source: "agency", Topic: topic, Token: secret(), Secret: secret(), State: active, Expires: time.Now().Add(time.Hour)}
		b.store.list = []catalog.Subscription{sub}
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			r := &http.Request{Method: method, URL: &url.URL{Path: Path + sub.Token, RawQuery: query}, Header: http.Header{"X-Hub-Signature": {signature}}, Body: io.NopCloser(strings.NewReader(string(body)))}
			b.Handler().ServeHTTP(httptest.NewRecorder(), r)
		}
		if len(b.woken) > 0 || !strings.Contains(query, "hub.topic") && b.store.list[0] != sub {
			t.Errorf("woken %q, the subscription is %+v", b.woken, b.store.list[0])
		}
	})
}
