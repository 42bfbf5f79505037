package websub

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the oldest of the methods that the standard names
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ctiphub/catalog"
)

// Limits of what a callback takes.
const (
	maxContent   = 8 << 20
	maxChallenge = 1024
	leaseMost    = 365 * 24 * time.Hour
)

// Handler serves the callbacks. It is to be mounted at Path, with everything below it.
// Nothing of who calls is kept.
func (s *Subscriber) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'")
		token := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		switch r.Method {
		case http.MethodGet:
			s.verify(w, r, token)
		case http.MethodPost:
			s.notified(w, r, token)
		default:
			h.Set("Allow", "GET, POST")
			http.Error(w, "Callbacks of WebSub take GET and POST.", http.StatusMethodNotAllowed)
		}
	})
}

// get looks a token up and answers for itself when that fails.
func (s *Subscriber) get(ctx context.Context, w http.ResponseWriter, token string) (catalog.Subscription, bool) {
	s.mu.Lock()
	sub, ok, err := s.find(ctx, token)
	s.mu.Unlock()
	switch {
	case err != nil:
		s.o.Logger.Error("a WebSub callback failed", "error", err)
		http.Error(w, "Please try again later.", http.StatusServiceUnavailable)
	case !ok:
		http.Error(w, "There is no such subscription.", http.StatusNotFound)
	}
	return sub, ok && err == nil
}

// verify answers a WebSub hub that asks whether it is really us who wants what it was
// asked for, or says that it refuses.
func (s *Subscriber) verify(w http.ResponseWriter, r *http.Request, token string) {
	q := r.URL.Query()
	sub, ok := s.get(r.Context(), w, token)
	if !ok {
		return
	}
	next, agreed := s.agree(sub, q)
	challenge := q.Get("hub.challenge")
	switch {
	case !agreed:
		http.Error(w, "This was not asked for.", http.StatusNotFound)
		return
	case len(challenge) > maxChallenge || challenge == "" && next.State != refused:
		http.Error(w, "The challenge is missing or too long.", http.StatusBadRequest)
		return
	}
	err := s.change(r.Context(), token, func(sub *catalog.Subscription) { sub.State, sub.Expires = next.State, next.Expires })
	if err != nil {
		s.o.Logger.Error("a WebSub callback failed", "error", err)
		http.Error(w, "Please try again later.", http.StatusServiceUnavailable)
		return
	}
	s.metrics.WithLabelValues(next.State).Inc()
	s.o.Logger.Info("a WebSub subscription changed", "source", sub.Source, "state", next.State, "expires", next.Expires)
	s.nudge()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, challenge) // only a client that went away can make this fail
}

// agree says what becomes of a subscription by a WebSub hub's word, and whether that is
// what was asked for.
func (s *Subscriber) agree(sub catalog.Subscription, q url.Values) (catalog.Subscription, bool) {
	if q.Get("hub.topic") != sub.Topic {
		return sub, false
	}
	switch q.Get("hub.mode") {
	case "subscribe":
		if (sub.State != asked && sub.State != active) || !s.o.Known(sub.Source) {
			return sub, false
		}
		lease := leaseWanted
		if n, err := strconv.Atoi(q.Get("hub.lease_seconds")); err == nil && n > 0 {
			lease = min(time.Duration(min(n, int(leaseMost/time.Second)))*time.Second, leaseMost)
		}
		sub.State, sub.Expires = active, s.o.Now().Add(lease)
		return sub, true
	case "unsubscribe":
		// Only who knows the token gets here; but a subscription that is wanted stays.
		sub.Expires = time.Time{}
		return sub, sub.State == left
	case "denied":
		if sub.State != asked && sub.State != active {
			return sub, false
		}
		sub.State, sub.Expires = refused, time.Time{}
		return sub, true
	}
	return sub, false
}

// notified takes the news that a topic changed: its content is checked and dropped.
func (s *Subscriber) notified(w http.ResponseWriter, r *http.Request, token string) {
	sub, ok := s.get(r.Context(), w, token)
	if !ok {
		return
	}
	if sub.State != active || !s.o.Known(sub.Source) {
		http.Error(w, "This subscription has ended.", http.StatusGone)
		return
	}
	body := http.MaxBytesReader(w, r.Body, maxContent)
	genuine, err := signed(sub.Secret, r.Header.Get("X-Hub-Signature"), body)
	if err != nil {
		http.Error(w, "The content is too large or broke off.", http.StatusRequestEntityTooLarge)
		return
	}
	if genuine {
		s.metrics.WithLabelValues("notified").Inc()
		s.o.Wake(sub.Source)
	} else {
		// The standard has subscribers ignore it without a word, so that nobody learns
		// which signature would do.
		s.metrics.WithLabelValues("forged").Inc()
		s.o.Logger.Warn("a WebSub notification has no valid signature", "source", sub.Source)
	}
	w.WriteHeader(http.StatusAccepted)
}

// signed reads a body to its end and reports whether its signature is that of the secret.
// Without a secret every body will do: the address of the callback is then all there is.
func signed(secret, header string, body io.Reader) (bool, error) {
	if secret == "" {
		_, err := io.Copy(io.Discard, body)
		return true, err
	}
	method, digest, _ := strings.Cut(header, "=")
	var mac hash.Hash
	switch strings.ToLower(strings.TrimSpace(method)) {
	case "sha1":
		mac = hmac.New(sha1.New, []byte(secret))
	case "sha256":
		mac = hmac.New(sha256.New, []byte(secret))
	case "sha384":
		mac = hmac.New(sha512.New384, []byte(secret))
	case "sha512":
		mac = hmac.New(sha512.New, []byte(secret))
	default:
		_, err := io.Copy(io.Discard, body)
		return false, err
	}
	if _, err := io.Copy(mac, body); err != nil {
		return false, err
	}
	want, err := hex.DecodeString(strings.TrimSpace(digest))
	return err == nil && hmac.Equal(want, mac.Sum(nil)), nil
}
