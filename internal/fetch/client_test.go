package fetch

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const page = "http://a.example/page"

func TestSaysWhoItIs(t *testing.T) {
	for contact, want := range map[string][2]string{
		"https://hub.example/about": {"CTIPHub/1.0 (+https://hub.example/about)", ""},
		"mailto:hub@example.org":    {"CTIPHub/1.0 (+mailto:hub@example.org)", "hub@example.org"},
		"hub@example.org":           {"CTIPHub/1.0 (+hub@example.org)", "hub@example.org"},
	} {
		synctest.Test(t, func(t *testing.T) {
			w, c := newWeb(t, Options{Contact: contact}, map[string]http.HandlerFunc{"a.example": text("x")})
			resp, err := c.Get(t.Context(), Request{URL: page + "#part"})
			if err != nil || string(resp.Body) != "x" || resp.URL != page {
				t.Fatalf("got %v, %v", resp, err)
			}
			for _, r := range w.requests {
				if got := [2]string{r.hdr.Get("User-Agent"), r.hdr.Get("From")}; got != want {
					t.Errorf("%s: got %q, want %q", r.url, got, want)
				}
			}
		})
	}
	if newClient(Options{}, nil).http.Transport.(*transport).base.Proxy != nil {
		t.Error("the client would use a proxy of the environment")
	}
}

func TestNotModified(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		_, c := newWeb(t, Options{Registerer: reg}, map[string]http.HandlerFunc{"a.example": sequence(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("If-None-Match") == `"v1"` && r.Header.Get("If-Modified-Since") == "Wed, 01 Jul 2026 00:00:00 GMT" {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			w.Header().Set("ETag", `"v1"`)
			fmt.Fprint(w, "body")
		})})
		first, err := c.Get(t.Context(), Request{URL: page})
		if err != nil || first.NotModified || string(first.Body) != "body" {
			t.Fatalf("first: %+v, %v", first, err)
		}
		second, err := c.Get(t.Context(), Request{URL: page, ETag: first.Header.Get("ETag"), LastModified: "Wed, 01 Jul 2026 00:00:00 GMT"})
		if err != nil || !second.NotModified || len(second.Body) != 0 || second.Status != 304 {
			t.Fatalf("second: %+v, %v", second, err)
		}
		if got, want := outcomes(t, reg), map[string]int{"ok": 1, "not-modified": 1}; !maps.Equal(got, want) {
			t.Errorf("metrics: got %v, want %v", got, want)
		}
		if l := c.Ledger()[0]; l.NotModified != 1 || l.Requests != 3 || l.Limit != byDelay {
			t.Errorf("ledger: %+v", l)
		}
	})
}

func TestRetryThenSuccess(t *testing.T) {
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		fmt.Fprint(w, "only the beginning")
	}
	for name, trouble := range map[string]http.HandlerFunc{
		"500":              status(500),
		"502":              status(502),
		"503 without wish": status(503),
		"body cut off":     cut,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, c := newWeb(t, Options{}, map[string]http.HandlerFunc{"a.example": sequence(trouble, trouble, text("at last"))})
				start := time.Now()
				resp, err := c.Get(t.Context(), Request{URL: page})
				if err != nil || string(resp.Body) != "at last" {
					t.Fatalf("got %v, %v", resp, err)
				}
				gaps := w.gaps(start)
				if len(gaps) != 4 || gaps[2] < 4*time.Second || gaps[3] < 8*time.Second {
					t.Errorf("gaps %v: want robots.txt and three tries, 4 s and 8 s apart at least", gaps)
				}
			})
		})
	}
}

func TestGivesUp(t *testing.T) {
	for code, want := range map[int]struct {
		tries     int
		retryable bool
		says      string
	}{
		404: {1, false, "check the address"},
		410: {1, false, "check the address"},
		403: {1, false, "ask the publisher"},
		302: {1, false, "302"}, // without a Location
		500: {4, true, "on its side"},
		501: {1, false, "501"},
		504: {4, true, "on its side"},
	} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, c := newWeb(t, Options{}, map[string]http.HandlerFunc{"a.example": sequence(status(code, "Content-Type", "text/xml; charset=utf-8"))})
				_, err := c.Get(t.Context(), Request{URL: page})
				var s *StatusError
				if !errors.As(err, &s) {
					t.Fatalf("got %v, want a StatusError", err)
				}
				if s.Status != code || s.URL != page || string(s.Body) != fmt.Sprintf("status %d", code) || s.MediaType != "text/xml; charset=utf-8" {
					t.Errorf("got %+v", s)
				}
				if w.count(page) != want.tries || Retryable(err) != want.retryable || !strings.Contains(err.Error(), want.says) {
					t.Errorf("%d tries, retryable %v, %q; want %+v", w.count(page), Retryable(err), err, want)
				}
			})
		})
	}
}

func TestNoRetriesWhenNegative(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c := newWeb(t, Options{MaxRetries: -1}, map[string]http.HandlerFunc{"a.example": sequence(status(500))})
		if _, err := c.Get(t.Context(), Request{URL: page}); err == nil || w.count(page) != 1 {
			t.Errorf("%d tries, %v", w.count(page), err)
		}
	})
}

func TestUnreachableHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := newWeb(t, Options{}, nil)
		_, err := c.Get(t.Context(), Request{URL: page, Politeness: Politeness{IgnoreRobots: true}})
		if err == nil || !Retryable(err) || !strings.Contains(err.Error(), "connection refused") {
			t.Errorf("got %v", err)
		}
	})
}

func zipped(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestBodies(t *testing.T) {
	plain := []byte("<urlset>ชื่อ</urlset>")
	gz := zipped(t, plain)
	var zl bytes.Buffer
	z := zlib.NewWriter(&zl)
	z.Write(plain)
	z.Close()
	bomb := zipped(t, make([]byte, 10<<20)) // 10 MiB in 10 KiB
	for name, c := range map[string]struct {
		encoding string
		body     []byte
		want     error // nil: the plain text comes out
		says     string
	}{
		"plain":                       {"", plain, nil, ""},
		"gzip":                        {"gzip", gz, nil, ""},
		"gzip, not announced":         {"", gz, nil, ""},
		"gzip announced, but plain":   {"gzip", plain, nil, ""},
		"gzip of a gzip file":         {"gzip", zipped(t, gz), nil, ""},
		"gzip with padding behind it": {"gzip", append(bytes.Clone(gz), 0, 0, 0), nil, ""},
		"deflate":                     {"deflate", zl.Bytes(), nil, ""},
		"raw deflate":                 {"deflate", zl.Bytes()[2 : zl.Len()-4], nil, ""},
		"too large":                   {"", make([]byte, 200<<10), ErrTooLarge, "max_bytes"},
		"gzip bomb":                   {"gzip", bomb, ErrTooLarge, "max_bytes"},
		"gzip bomb in gzip":           {"gzip", zipped(t, bomb), ErrTooLarge, "max_bytes"},
		"gzip bomb, not announced":    {"", bomb, ErrTooLarge, "max_bytes"},
		"gzip cut off":                {"gzip", gz[:len(gz)-6], nil, "undoing gzip"},
		"not asked for":               {"br", plain, errDecoding, "br"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, client := newWeb(t, Options{MaxRetries: -1}, map[string]http.HandlerFunc{"a.example": sequence(func(w http.ResponseWriter, _ *http.Request) {
					if c.encoding != "" {
						w.Header().Set("Content-Encoding", c.encoding)
					}
					w.Write(c.body)
				})})
				resp, err := client.Get(t.Context(), Request{URL: page, Politeness: Politeness{MaxBytes: 100 << 10}})
				switch {
				case c.says == "" && (err != nil || !bytes.Equal(resp.Body, plain)):
					t.Errorf("got %v, %v", resp, err)
				case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
					t.Errorf("got %v, want an error with %q", err, c.says)
				case c.want != nil && (!errors.Is(err, c.want) || Retryable(err)):
					t.Errorf("got %v (retryable %v), want %v", err, Retryable(err), c.want)
				}
			})
		})
	}
}

func TestDeclaredLengthIsEnoughToRefuse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := newWeb(t, Options{}, map[string]http.HandlerFunc{"a.example": sequence(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000000")
			w.Write(make([]byte, 1000))
		})})
		_, err := c.Get(t.Context(), Request{URL: page, Politeness: Politeness{MaxBytes: 10_000}})
		if !errors.Is(err, ErrTooLarge) || c.Ledger()[0].Bytes > 10_000 {
			t.Errorf("got %v after %d bytes", err, c.Ledger()[0].Bytes)
		}
	})
}

func TestTimeoutOnSlowBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		w, c := newWeb(t, Options{Registerer: reg}, map[string]http.HandlerFunc{"a.example": sequence(func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				fmt.Fprint(w, "drip ")
				w.(http.Flusher).Flush()
				select {
				case <-r.Context().Done():
				case <-time.After(time.Second):
				}
			}
		})})
		start := time.Now()
		_, err := c.Get(t.Context(), Request{URL: page, Politeness: Politeness{Timeout: Duration(20 * time.Second), MinDelay: Duration(5 * time.Second)}})
		if err == nil || !Retryable(err) || !strings.Contains(err.Error(), "within 20s") || w.count(page) != 1 {
			t.Fatalf("got %v after %d tries", err, w.count(page))
		}
		// Waiting for the turn (5 s behind robots.txt) is not counted.
		if took := time.Since(start).Round(time.Second); took != 25*time.Second {
			t.Errorf("took %s, want 25 s", took)
		}
		if got := outcomes(t, reg); got["timeout"] != 1 {
			t.Errorf("metrics: %v", got)
		}
	})
}

func TestCancelWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c := newWeb(t, Options{}, map[string]http.HandlerFunc{"a.example": text("x")})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Get(ctx, Request{URL: page}) // robots.txt at once, the page in 2 s
		if !errors.Is(err, context.DeadlineExceeded) || Retryable(err) || w.count(page) != 0 {
			t.Errorf("got %v, %d requests", err, w.count(page))
		}
		// The turn was given back: nobody waits for it.
		start := time.Now()
		if _, err := c.Get(t.Context(), Request{URL: page}); err != nil || time.Since(start) > 1100*time.Millisecond {
			t.Errorf("next caller: %v after %s", err, time.Since(start))
		}
	})
}

func TestRedirects(t *testing.T) {
	to := func(url string) http.HandlerFunc { return status(302, "Location", url) }
	hop := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		is      error
		says    string
	}{
		"followed":               {sequence(to("http://b.example/new"), text("new")), nil, ""},
		"without an end":         {sequence(hop), nil, "more than 5 redirects"},
		"out of the web":         {sequence(to("ftp://a.example/x")), nil, "not http or https"},
		"to what is not allowed": {sequence(to("http://b.example/private/x")), ErrRobots, "robots.txt of b.example"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, client := newWeb(t, Options{}, map[string]http.HandlerFunc{
					"a.example": c.handler,
					"b.example": pages(map[string]string{"/robots.txt": "User-agent: *\nDisallow: /private", "/new": "new", "/private/x": "secret"}),
				})
				resp, err := client.Get(t.Context(), Request{URL: page})
				if c.says == "" {
					if err != nil || resp.URL != "http://b.example/new" || string(resp.Body) != "new" {
						t.Fatalf("got %+v, %v", resp, err)
					}
					return
				}
				if err == nil || !strings.Contains(err.Error(), c.says) || c.is != nil && !errors.Is(err, c.is) || Retryable(err) {
					t.Errorf("got %v, want %q", err, c.says)
				}
				if w.count("http://b.example/private/x") != 0 {
					t.Error("the redirect was followed to where robots.txt forbids it")
				}
			})
		})
	}
}

func TestPrivateAddresses(t *testing.T) {
	srv := httptest.NewServer(text("inside"))
	defer srv.Close()
	fast := Politeness{MinDelay: 1}

	closed := New(Options{UserAgent: "CTIPHub/1.0"})
	defer closed.Close()
	for _, url := range []string{srv.URL, strings.Replace(srv.URL, "127.0.0.1", "localhost", 1)} {
		_, err := closed.Get(t.Context(), Request{URL: url, Politeness: fast})
		if !errors.Is(err, ErrPrivateAddress) || Retryable(err) || errors.Is(err, ErrRobots) {
			t.Errorf("%s: got %v, want ErrPrivateAddress", url, err)
		}
	}

	open := New(Options{UserAgent: "CTIPHub/1.0", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	defer open.Close()
	if resp, err := open.Get(t.Context(), Request{URL: srv.URL, Politeness: fast}); err != nil || string(resp.Body) != "inside" {
		t.Errorf("allowed range: %v, %v", resp, err)
	}
	// A public page that redirects inwards; 127.0.0.2 stands for inside, 127.0.0.1 for public.
	inward := httptest.NewServer(http.RedirectHandler("http://127.0.0.2:9/latest/meta-data", http.StatusFound))
	defer inward.Close()
	half := New(Options{UserAgent: "CTIPHub/1.0", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
	defer half.Close()
	if _, err := half.Get(t.Context(), Request{URL: inward.URL + "/robots.txt", Politeness: fast}); !errors.Is(err, ErrPrivateAddress) {
		t.Errorf("redirect to a private address: got %v", err)
	}
}

func TestBadURLs(t *testing.T) {
	c := New(Options{UserAgent: "CTIPHub/1.0"})
	for _, url := range []string{"", "/page", "ftp://a.example/", "file:///etc/passwd", "http://", "http://a b/", "http://[::1"} {
		if _, err := c.Get(t.Context(), Request{URL: url}); err == nil || Retryable(err) || !strings.Contains(err.Error(), "absolute http or https") {
			t.Errorf("%q: got %v", url, err)
		}
	}
}
