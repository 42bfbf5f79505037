// Package websub has feeds tell the hub when they change (W3C WebSub,
// https://www.w3.org/TR/websub/), so that the hub need not ask.
//
// In flow offers, found in feeds by a harvest, and requests of the WebSub hubs that the
// feeds name; out flow subscriptions, and a word that a source should be visited. What is
// stored are the subscriptions, in the catalogue. It must not know what a feed says: the
// content that a WebSub hub sends along is checked for its signature and dropped, because
// records come in by harvests only.
package websub

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ctiphub/catalog"
	"ctiphub/internal/fetch"
)

// The states of a subscription.
const (
	asked   = "asked"   // the WebSub hub was, or is to be, asked for it
	active  = "active"  // confirmed
	refused = "refused" // by the WebSub hub
	left    = "left"    // ended by us, because the source is gone
)

// Getter is the hub's HTTP client.
type Getter interface {
	Get(ctx context.Context, r fetch.Request) (*fetch.Response, error)
}

// Store is the part of the catalogue that keeps subscriptions.
type Store interface {
	Subscriptions(ctx context.Context) ([]catalog.Subscription, error)
	PutSubscription(ctx context.Context, s catalog.Subscription) error
}

// Options are what a Subscriber needs.
type Options struct {
	Get     Getter
	Store   Store
	BaseURL string                   // public URL of this hub; callbacks are below it
	Wake    func(source string)      // a source announced a change
	Known   func(source string) bool // it is still configured, enabled and visited
	Now     func() time.Time
	Logger  *slog.Logger
	// Registerer takes the metrics; nil: none.
	Registerer prometheus.Registerer
}

// Path is where the callbacks are served, below the hub's address; a token follows.
const Path = "/api/v1/websub/"

// Limits of what a feed can have the hub do.
const (
	maxAddress   = 2048
	maxPerSource = 5
)

// Subscriber keeps the hub subscribed. It is safe for concurrent use.
type Subscriber struct {
	o       Options
	kick    chan struct{}
	mu      sync.Mutex // reading a subscription, changing and storing it
	metrics *prometheus.CounterVec
}

// New returns a subscriber. Run asks and renews, Handler takes what WebSub hubs say.
func New(o Options) *Subscriber {
	o.BaseURL = strings.TrimRight(o.BaseURL, "/")
	s := &Subscriber{o: o, kick: make(chan struct{}, 1), metrics: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "hub_websub_events_total", Help: "What happened to WebSub subscriptions, by kind.",
	}, []string{"event"})}
	if o.Registerer != nil {
		o.Registerer.MustRegister(s.metrics)
	}
	return s
}

// Usable reports whether WebSub hubs can reach a base URL: whether it is one, and of no
// private address or name.
func Usable(baseURL string) bool {
	u, err := url.Parse(baseURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return false
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		ip = ip.Unmap()
		return ip.IsGlobalUnicast() && !ip.IsPrivate()
	}
	for _, private := range []string{"localhost", "local", "internal", "lan", "home.arpa", "intranet", "corp", "home"} {
		if host == private || strings.HasSuffix(host, "."+private) {
			return false
		}
	}
	return strings.Contains(host, ".")
}

// Offer takes note that a source's feed names a WebSub hub. It asks nobody itself: a
// harvest must not wait for a third party.
func (s *Subscriber) Offer(ctx context.Context, source, hub, topic string) {
	if !webAddress(hub) || !webAddress(topic) {
		return
	}
	if err := s.offer(ctx, source, hub, topic); err != nil && ctx.Err() == nil {
		s.o.Logger.Warn("noting an offer of WebSub failed", "source", source, "error", err)
	}
}

func webAddress(address string) bool {
	u, err := url.Parse(address)
	return err == nil && len(address) <= maxAddress && u.Host != "" && u.User == nil && (u.Scheme == "http" || u.Scheme == "https")
}

func (s *Subscriber) offer(ctx context.Context, source, hub, topic string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	all, err := s.o.Store.Subscriptions(ctx)
	if err != nil {
		return err
	}
	n := 0
	for _, sub := range all {
		if sub.Source != source {
			continue
		}
		n++
		if sub.Topic == topic {
			if sub.Hub == hub && (sub.State != left && sub.State != refused || sub.State == refused && s.o.Now().Sub(sub.Asked) < refusedRest) {
				return nil // it has its course
			}
			n = 0 // it is replaced
			break
		}
	}
	if n >= maxPerSource {
		return nil // a feed whose address changes with each visit
	}
	sub := catalog.Subscription{Source: source, Topic: topic, Hub: hub, Token: secret(), State: asked}
	if strings.HasPrefix(hub, "https:") {
		sub.Secret = secret() // the standard keeps secrets off unencrypted lines
	}
	if err := s.o.Store.PutSubscription(ctx, sub); err != nil {
		return err
	}
	s.metrics.WithLabelValues("offered").Inc()
	s.nudge()
	return nil
}

// nudge has Run look again.
func (s *Subscriber) nudge() {
	select {
	case s.kick <- struct{}{}:
	default: // it will look anyway
	}
}

var plainBase32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// tokenLength is that of 20 random bytes in base 32.
const tokenLength = 32

// secret is a text that cannot be guessed.
func secret() string {
	b := make([]byte, 20)
	rand.Read(b) // never fails: it ends the program instead
	return plainBase32.EncodeToString(b)
}

// find returns the subscription of a token; s.mu is held.
func (s *Subscriber) find(ctx context.Context, token string) (catalog.Subscription, bool, error) {
	if len(token) != tokenLength {
		return catalog.Subscription{}, false, nil
	}
	all, err := s.o.Store.Subscriptions(ctx)
	if err != nil {
		return catalog.Subscription{}, false, fmt.Errorf("looking up a subscription: %w", err)
	}
	for _, sub := range all {
		if sub.Token == token {
			return sub, true, nil
		}
	}
	return catalog.Subscription{}, false, nil
}
