package fetch

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// web is a network of hosts in memory: with it, tests run on the fake clock of synctest.
type web struct {
	mu       sync.Mutex
	hosts    map[string]http.HandlerFunc // by "name:port"
	requests []asked
}

// asked is one request as it arrived.
type asked struct {
	url string
	at  time.Time
	hdr http.Header
}

// pipeListener hands connections to an http.Server.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
}

func (l pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}
func (l pipeListener) Close() error   { close(l.done); return nil }
func (l pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// newWeb starts a server for all hosts and returns a client that reaches them.
func newWeb(t *testing.T, o Options, hosts map[string]http.HandlerFunc) (*web, *Client) {
	t.Helper()
	w := &web{hosts: map[string]http.HandlerFunc{}}
	for name, h := range hosts {
		if !strings.Contains(name, ":") {
			name += ":80"
		}
		w.hosts[name] = h
	}
	l := pipeListener{make(chan net.Conn), make(chan struct{})}
	srv := &http.Server{Handler: w}
	go srv.Serve(l)
	if o.UserAgent == "" {
		o.UserAgent = "CTIPHub/1.0"
	}
	c := newClient(o, func(ctx context.Context, _, addr string) (net.Conn, error) {
		if w.hosts[addr] == nil {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("connection refused")}
		}
		client, server := net.Pipe()
		select {
		case l.conns <- server:
			return client, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
	t.Cleanup(func() {
		c.Close()
		srv.Close()
	})
	return w, c
}

func (w *web) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	host := r.Host
	if !strings.Contains(host, ":") {
		host += ":80"
	}
	w.mu.Lock()
	w.requests = append(w.requests, asked{"http://" + r.Host + r.URL.RequestURI(), time.Now(), r.Header})
	h := w.hosts[host]
	w.mu.Unlock()
	h(rw, r)
}

// count returns how often a URL was asked for.
func (w *web) count(url string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, r := range w.requests {
		if r.url == url {
			n++
		}
	}
	return n
}

// gaps returns the times between requests, the first being that since the start.
func (w *web) gaps(start time.Time) []time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	var gaps []time.Duration
	for _, r := range w.requests {
		gaps = append(gaps, r.at.Sub(start).Round(time.Millisecond))
		start = r.at
	}
	return gaps
}

// pages serves texts by path, robots.txt among them; other paths are 404.
func pages(texts map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		text, ok := texts[r.URL.RequestURI()]
		if !ok {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, text)
	}
}

// sequence answers each request but those for robots.txt with the next function, the
// last one for ever.
func sequence(steps ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		mu.Lock()
		step := steps[0]
		if len(steps) > 1 {
			steps = steps[1:]
		}
		mu.Unlock()
		step(w, r)
	}
}

// status answers with a status and headers given as pairs.
func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		fmt.Fprintf(w, "status %d", code)
	}
}

func text(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, s) }
}

// outcomes reads the counter of requests by outcome.
func outcomes(t *testing.T, r *prometheus.Registry) map[string]int {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "hub_fetch_requests_total" {
				got[m.GetLabel()[0].GetValue()] = int(m.GetCounter().GetValue())
			}
		}
	}
	return got
}
