package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestHead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var methods []string
		w, c := newWeb(t, Options{}, map[string]http.HandlerFunc{"a.example": sequence(func(w http.ResponseWriter, r *http.Request) {
			methods = append(methods, r.Method)
			w.Header().Set("Content-Length", "900000000")
			w.Header().Set("Content-Encoding", "br")
		})})
		start := time.Now()
		for range 2 {
			resp, err := c.Get(t.Context(), Request{URL: page, Method: "HEAD"})
			if err != nil || resp.Status != 200 || len(resp.Body) != 0 || resp.Header.Get("Content-Length") != "900000000" {
				t.Fatalf("got %+v, %v", resp, err)
			}
		}
		if !slices.Equal(methods, []string{"HEAD", "HEAD"}) || w.gaps(start)[2] != 2*time.Second {
			t.Errorf("methods %v, gaps %v: HEAD is to count like any other request", methods, w.gaps(start))
		}
	})
}

func TestPost(t *testing.T) {
	refuse := func(hang func(net.Conn)) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				hang(conn)
				conn.Close()
			}
		}
	}
	for name, c := range map[string]struct {
		first http.HandlerFunc
		tries int
		ok    bool
	}{
		"answered":                  {text("done"), 1, true},
		"503 with a time":           {status(503, "Retry-After", "5"), 2, true},
		"429 with a time":           {status(429, "Retry-After", "5"), 2, true},
		"503 without":               {status(503), 1, false},
		"500":                       {status(500), 1, false},
		"500 with a time":           {status(500, "Retry-After", "5"), 1, false},
		"broken off after the send": {refuse(func(net.Conn) {}), 1, false},
		"broken off in the body": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "part")
		}, 1, false},
		"sent on to the same host": {status(307, "Location", "/other"), 2, true},
		"sent on to another host":  {status(307, "Location", "http://b.example/x"), 1, false},
		"answered elsewhere":       {status(303, "Location", "/result"), 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var got []string
				record := func(next http.HandlerFunc) http.HandlerFunc {
					return func(w http.ResponseWriter, r *http.Request) {
						body, _ := io.ReadAll(r.Body)
						got = append(got, r.Method+" "+r.Header.Get("Content-Type")+" "+string(body))
						next(w, r)
					}
				}
				_, client := newWeb(t, Options{}, map[string]http.HandlerFunc{
					"a.example": sequence(record(c.first), record(text("done"))),
					"b.example": sequence(record(text("stolen"))),
				})
				resp, err := client.Get(t.Context(), Request{URL: page, Method: "POST", Body: []byte(`{"q":1}`), Type: "application/json"})
				if (err == nil) != c.ok || c.ok && string(resp.Body) != "done" {
					t.Fatalf("got %v, %v", resp, err)
				}
				if len(got) != c.tries || got[0] != `POST application/json {"q":1}` {
					t.Errorf("the server got %q, want %d requests", got, c.tries)
				}
				if name == "answered elsewhere" && !strings.HasPrefix(got[1], "GET") {
					t.Errorf("then %q", got[1])
				}
			})
		})
	}
}

func TestPostIsTriedAgainWhenNothingWasSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := newWeb(t, Options{}, map[string]http.HandlerFunc{"a.example": text("done")})
		inner := c.http.Transport.(*transport).base.DialContext
		dials := 0
		c.http.Transport.(*transport).base.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if dials++; dials < 3 {
				return nil, &net.OpError{Op: "dial", Net: network, Err: errors.New("connection refused")}
			}
			return inner(ctx, network, addr)
		}
		resp, err := c.Get(t.Context(), Request{URL: page, Method: "POST", Body: []byte("x"), Politeness: Politeness{IgnoreRobots: true}})
		if err != nil || string(resp.Body) != "done" || dials != 3 {
			t.Errorf("got %v, %v after %d dials", resp, err, dials)
		}
	})
}

func TestExtraHeaders(t *testing.T) {
	for name, c := range map[string]struct {
		hops []string // redirects one after the other
		sent []string // hosts that were told the key
	}{
		"no redirect":       {nil, []string{"a.example"}},
		"same host":         {[]string{"/two", "/three"}, []string{"a.example", "a.example", "a.example"}},
		"another host":      {[]string{"http://b.example/x"}, []string{"a.example"}},
		"there and back":    {[]string{"http://b.example/x", "http://a.example/y"}, []string{"a.example"}},
		"a host's own port": {[]string{"http://a.example:8080/x"}, []string{"a.example"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				var told []string
				hops := slices.Clone(c.hops)
				var log bytes.Buffer
				site := func(w http.ResponseWriter, r *http.Request) {
					mu.Lock()
					defer mu.Unlock()
					if r.Header.Get("X-Api-Key") == "secret-4711" {
						told = append(told, r.Host)
					}
					if r.Header.Get("Referer") != "" {
						t.Errorf("%s was told the address before: %s", r.Host, r.Header.Get("Referer"))
					}
					if len(hops) > 0 {
						w.Header().Set("Location", hops[0])
						w.WriteHeader(302)
						hops = hops[1:]
						return
					}
					w.WriteHeader(500) // so that errors and logs are seen as well
				}
				_, client := newWeb(t, Options{MaxRetries: -1, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))},
					map[string]http.HandlerFunc{"a.example": sequence(site), "b.example": sequence(site), "a.example:8080": sequence(site)})
				_, err := client.Get(t.Context(), Request{URL: page + "?key=1", Header: map[string]string{"x-api-key": "secret-4711"}})
				if !slices.Equal(told, c.sent) {
					t.Errorf("told were %v, want %v", told, c.sent)
				}
				if err == nil || strings.Contains(err.Error()+log.String(), "4711") {
					t.Errorf("error or log: %v, %s", err, log.String())
				}
			})
		})
	}
}

func TestRefusedRequests(t *testing.T) {
	c := New(Options{UserAgent: "CTIPHub/1.0"})
	for name, r := range map[string]Request{
		"none of GET":         {URL: page, Method: "DELETE"},
		"only a POST":         {URL: page, Body: []byte("x")},
		"not for a source":    {URL: page, Header: map[string]string{"user-agent": "Mozilla/5.0 4711"}},
		"not for a source to": {URL: page, Header: map[string]string{"Proxy-Authorization": "4711"}},
		"no header may":       {URL: page, Header: map[string]string{"X-Key": "4711\r\nHost: b.example"}},
		"characters":          {URL: page, Header: map[string]string{"X Key": "4711"}},
	} {
		_, err := c.Get(t.Context(), r)
		if err == nil || Retryable(err) || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "4711") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if len(c.Ledger()) != 0 {
		t.Errorf("something was done: %+v", c.Ledger())
	}
}

func TestFirst(t *testing.T) {
	long := strings.Repeat("0123456789", 1000)
	ranged := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "x.txt", time.Time{}, strings.NewReader(body))
		}
	}
	unchanged := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", `"v1"`)
		http.ServeContent(w, r, "x.txt", time.Time{}, strings.NewReader(long))
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		first   int64
		want    string
		status  int
	}{
		"a range":                   {ranged(long), 25, long[:25], 206},
		"ranges not known":          {text(long), 25, long[:25], 200},
		"shorter than that":         {ranged("short"), 25, "short", 206},
		"an empty file":             {status(416, "Content-Range", "bytes */0"), 25, "", 416},
		"no more than is permitted": {text(long), 1 << 20, long[:5000], 200},
		"not modified":              {unchanged, 25, "", 304},
		"gzip, cut in the middle": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(zipped(t, []byte(long)))
		}, 40, long[:40], 200},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, client := newWeb(t, Options{}, map[string]http.HandlerFunc{"a.example": sequence(c.handler)})
				resp, err := client.Get(t.Context(), Request{URL: page, First: c.first, ETag: `"v1"`, Politeness: Politeness{MaxBytes: 5000}})
				if err != nil || resp.Status != c.status || !strings.HasPrefix(c.want, string(resp.Body)) || name != "gzip, cut in the middle" && string(resp.Body) != c.want {
					t.Fatalf("got %d, %q, %v", resp.Status, resp.Body, err)
				}
				h := w.requests[len(w.requests)-1].hdr
				if want := fmt.Sprintf("bytes=0-%d", min(c.first, 5000)-1); h.Get("Range") != want || h.Get("Accept-Encoding") != "identity" {
					t.Errorf("asked with %v, want %q", h, want)
				}
			})
		})
	}
}
