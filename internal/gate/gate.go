// Package gate stands before everything that programs read: it keeps each client within a
// budget, knows consumers by their keys, and counts what these take.
//
// In flow requests; out flow the same requests, or a refusal that says when to come again. It
// stores, through its Store, what known consumers took. Of everybody else it remembers only a
// keyed hash of a part of the address, in memory, for as long as the budget needs it: nothing
// of it is logged or written down. It must not know what is served.
package gate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ctiphub/catalog"
	"ctiphub/exporter"
)

// Store is what the gate needs of the catalogue.
type Store interface {
	ConsumerOf(ctx context.Context, hash string) (catalog.Consumer, error)
	AddPulls(ctx context.Context, pulls []catalog.Pull) error
}

// Options are what a Gate is made of.
type Options struct {
	Store      Store
	Limits     Limits
	Now        func() time.Time
	Logger     *slog.Logger
	Registerer prometheus.Registerer // nil: no metrics
	// Pulled hears of each request that was given records, and by which consumer, if one is known;
	// nil: nobody does.
	Pulled func(r *http.Request, consumer, form, format string, records int)
}

// Gate is safe for concurrent use.
type Gate struct {
	o       Options
	clients *clients
	mu      sync.Mutex
	known   map[string]knownKey // by hash of the key
	pulls   []catalog.Pull      // not yet written
	refused *prometheus.CounterVec
	records *prometheus.CounterVec
}

// knownKey is what a key was found to be. Keys are looked up again after a while, so that one
// that was disabled stops to work.
type knownKey struct {
	consumer catalog.Consumer
	ok       bool
	until    time.Time
}

const (
	keyLife  = 30 * time.Second
	mostKeys = 10_000
)

// New returns a gate.
func New(o Options) *Gate {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	g := &Gate{
		o: o, clients: newClients(o.Limits), known: map[string]knownKey{},
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hub_gate_refused_total", Help: "Requests of programs that were refused, by kind of address and reason."}, []string{"form", "reason"}),
		records: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hub_consumer_records_total", Help: "Records that known consumers took, by consumer and kind of address."}, []string{"consumer", "form"}),
	}
	if o.Registerer != nil {
		o.Registerer.MustRegister(g.refused, g.records)
	}
	return g
}

// formOf tells what is asked for: "" for pages, which are for people and never limited.
func formOf(r *http.Request) string {
	p := r.URL.Path
	if strings.HasPrefix(p, "/resources/") && !forPeople(r.Header.Get("Accept")) {
		return "resource"
	}
	return formOfPath(p)
}

// forPeople reports whether a client takes a page: browsers name HTML, and what names nothing in
// particular gets one.
func forPeople(accept string) bool {
	return accept == "" || strings.Contains(accept, "text/html") || strings.Contains(accept, "*/*")
}

func formOfPath(p string) string {
	switch {
	case p == "/oai" || strings.HasPrefix(p, "/oai/") && !strings.HasPrefix(p, "/oai/style."):
		return "oai"
	case strings.HasPrefix(p, "/api/v1/"):
		return "api"
	case strings.HasPrefix(p, "/feeds/"):
		return "feed"
	case strings.HasPrefix(p, "/dumps/"):
		return "dump"
	case strings.HasPrefix(p, "/resources/") && path.Ext(p) != "", p == "/unapi":
		return "resource"
	case strings.HasPrefix(p, "/resourcesync/"), strings.HasPrefix(p, "/sitemaps/"):
		return "list"
	}
	return ""
}

// Handler puts the gate before a handler.
func (g *Gate) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		form := formOf(r)
		if form == "" {
			next.ServeHTTP(w, r)
			return
		}
		consumer, err := g.consumer(r)
		if err != nil {
			g.refuse(w, form, refusal{status: http.StatusUnauthorized, reason: "key", sentence: err.Error()})
			return
		}
		leave, wait := g.clients.enter(g.clients.nameOf(r, consumer.ID), consumer, g.o.Now())
		if leave == nil {
			g.refuse(w, form, refusal{status: http.StatusTooManyRequests, reason: "budget", wait: wait, sentence: "That was more than one client may ask for at a time. Please go on after the time that the header Retry-After says."})
			return
		}
		defer leave()
		if consumer.ID == "" && g.o.Pulled == nil {
			next.ServeHTTP(w, r)
			return
		}
		var receipt exporter.Receipt
		next.ServeHTTP(w, r.WithContext(exporter.WithReceipt(r.Context(), &receipt)))
		if _, records, format := receipt.Served(); records > 0 && g.o.Pulled != nil {
			g.o.Pulled(r, consumer.ID, form, format, records)
		}
		if consumer.ID != "" {
			g.count(consumer.ID, form, &receipt)
		}
	})
}

// refusal is an answer that lets nobody in.
type refusal struct {
	status   int
	reason   string
	wait     time.Duration
	sentence string
}

// refuse answers as the reader of the address expects it: an OAI-PMH harvester waits on 503
// (section 3.1.2.2 of the protocol), every other program on 429.
func (g *Gate) refuse(w http.ResponseWriter, form string, why refusal) {
	g.refused.WithLabelValues(form, why.reason).Inc()
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	if why.wait > 0 {
		h.Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(why.wait.Seconds())))))
	}
	if why.status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="consumers", Basic realm="consumers"`)
	}
	if form == "oai" {
		if why.status == http.StatusTooManyRequests {
			why.status = http.StatusServiceUnavailable
		}
		http.Error(w, why.sentence, why.status)
		return
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Access-Control-Allow-Origin", "*")
	w.WriteHeader(why.status)
	// The sentences have no characters that JSON escapes; only a reader who left can make this fail.
	_, _ = w.Write([]byte(`{"title":"` + http.StatusText(why.status) + `","status":` + strconv.Itoa(why.status) + `,"detail":"` + why.sentence + "\"}\n"))
}

// errKey is what somebody with a wrong key is told.
var errKey = errors.New("This key is not known here, or was disabled. Without a key everything is open too.")

// consumer finds out whose key a request brings: Bearer, or Basic with the key as password,
// which is all that most harvesters can do. No key is nobody.
func (g *Gate) consumer(r *http.Request) (catalog.Consumer, error) {
	key, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !isBearer {
		if _, password, ok := r.BasicAuth(); ok {
			key = password
		} else if r.Header.Get("Authorization") != "" {
			return catalog.Consumer{}, errKey
		} else {
			return catalog.Consumer{}, nil
		}
	}
	hash, now := HashOf(strings.TrimSpace(key)), g.o.Now()
	g.mu.Lock()
	k, known := g.known[hash]
	g.mu.Unlock()
	if !known || now.After(k.until) {
		c, err := g.o.Store.ConsumerOf(r.Context(), hash)
		if err != nil && !errors.Is(err, catalog.ErrNoConsumer) {
			g.o.Logger.Error("looking up a consumer failed", "error", err)
			return catalog.Consumer{}, nil // open, as to everybody
		}
		k = knownKey{c, err == nil && !c.Disabled, now.Add(keyLife)}
		g.mu.Lock()
		if len(g.known) >= mostKeys {
			clear(g.known)
		}
		g.known[hash] = k
		g.mu.Unlock()
	}
	if !k.ok {
		return catalog.Consumer{}, errKey
	}
	return k.consumer, nil
}

// HashOf is the form in which keys are kept.
func HashOf(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// count adds a request to what is to be written.
func (g *Gate) count(consumer, form string, r *exporter.Receipt) {
	parts, records, _ := r.Served()
	g.records.WithLabelValues(consumer, form).Add(float64(records))
	p := catalog.Pull{Consumer: consumer, Day: g.o.Now().UTC().Truncate(24 * time.Hour), Form: form, Requests: 1, Records: records}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(parts) == 0 {
		g.add(p)
	}
	for _, part := range parts {
		p.First, p.Last = part.First, part.Last
		g.add(p)
		p.Requests, p.Records = 0, 0 // counted with the first part
	}
}

// add joins a pull to the one before where it goes on with it, as the pages of a list do.
func (g *Gate) add(p catalog.Pull) {
	if n := len(g.pulls); n > 0 && follows(g.pulls[n-1], p) {
		last := &g.pulls[n-1]
		last.Requests, last.Records, last.Last = last.Requests+p.Requests, last.Records+p.Records, max(last.Last, p.Last)
		if last.First == 0 {
			last.First = p.First
		}
		return
	}
	g.pulls = append(g.pulls, p)
}

// follows reports whether a pull goes on where another ended, as the pages of a list do.
func follows(a, b catalog.Pull) bool {
	return a.Consumer == b.Consumer && a.Form == b.Form && a.Day.Equal(b.Day) && (b.First == 0 || a.First == 0 || b.First >= a.First && b.First <= a.Last+1)
}

// Flush writes what consumers took. What cannot be written is kept for the next time.
func (g *Gate) Flush(ctx context.Context) error {
	g.mu.Lock()
	pulls := g.pulls
	g.pulls = nil
	g.mu.Unlock()
	if len(pulls) == 0 {
		return nil
	}
	err := g.o.Store.AddPulls(ctx, pulls)
	if err != nil {
		g.mu.Lock()
		g.pulls = append(pulls, g.pulls...)
		g.mu.Unlock()
	}
	return err
}

// flushEvery is how much of the counts a power cut can lose.
const flushEvery = 5 * time.Second

// Keep flushes now and then until the context ends.
func (g *Gate) Keep(ctx context.Context) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := g.Flush(ctx); err != nil && ctx.Err() == nil {
				g.o.Logger.Warn("what consumers took was not written; the hub tries again", "error", err)
			}
		}
	}
}
