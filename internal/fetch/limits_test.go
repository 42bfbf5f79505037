package fetch

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var quietLog = log.New(io.Discard, "", 0)

// raw answers with bytes of its own making.
func raw(write func(w *bufio.Writer)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		write(buf.Writer)
		buf.Flush()
	}
}

func TestAnswersBeyondMeasure(t *testing.T) {
	forever := func(head, piece string) http.HandlerFunc {
		return raw(func(w *bufio.Writer) {
			_, err := w.WriteString(head)
			for err == nil {
				_, err = w.WriteString(piece)
			}
		})
	}
	const ok = "HTTP/1.1 200 OK\r\n"
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		says    string // "" when the body arrives
		tries   int
	}{
		"body without end":      {forever(ok+"\r\n", strings.Repeat("x", 1000)), "larger than 100000 bytes", 1},
		"chunks without end":    {forever(ok+"Transfer-Encoding: chunked\r\n\r\n", "5\r\nxxxxx\r\n"), "larger than 100000 bytes", 1},
		"header without end":    {forever(ok+"X-Flood: ", strings.Repeat("x", 1000)), "headers exceeded", 2},
		"many fields, too long": {forever(ok, "X-Flood: 1\r\n"), "headers exceeded", 2},
		"many fields": {raw(func(w *bufio.Writer) {
			w.WriteString(ok + strings.Repeat("X-Flood: 1\r\n", 301) + "Content-Length: 0\r\n\r\n")
		}), "more than 300 header fields", 1},
		"fields, as many as may": {raw(func(w *bufio.Writer) {
			w.WriteString(ok + strings.Repeat("X-Flood: 1\r\n", 299) + "Content-Length: 2\r\n\r\nok")
		}), "", 1},
		"interim answers": {forever("", "HTTP/1.1 103 Early Hints\r\n\r\n"), "more than 20 interim answers", 1},
		"few interim answers": {raw(func(w *bufio.Writer) {
			w.WriteString("HTTP/1.1 103 Early Hints\r\n\r\n" + ok + "Content-Length: 2\r\n\r\nok")
		}), "", 1},
		"less than it said": {raw(func(w *bufio.Writer) { w.WriteString(ok + "Content-Length: 50\r\n\r\nok") }), "ended before the answer did", 2},
		"more than it said": {raw(func(w *bufio.Writer) {
			w.WriteString(ok + "Connection: close\r\nContent-Length: 2\r\n\r\nokay, and more")
		}), "", 1},
		"two lengths":           {raw(func(w *bufio.Writer) { w.WriteString(ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nokay") }), "Content-Length", 2},
		"a length below nought": {raw(func(w *bufio.Writer) { w.WriteString(ok + "Content-Length: -2\r\n\r\nok") }), "Content-Length", 2},
		"no HTTP at all":        {raw(func(w *bufio.Writer) { w.WriteString("220 mail.a.example ESMTP\r\n") }), "malformed", 2},
		"nothing, and net/http itself asks once more": {raw(func(*bufio.Writer) {}), "ended before the answer did", 3},
		"codings upon codings":                        {status(200, "Content-Encoding", "gzip, gzip, gzip, gzip"), "encoded 4 times over", 1},
		"deflate bomb":                                {deflateBomb, "larger than 100000 bytes", 1},
		"error page without end":                      {forever("HTTP/1.1 403 Forbidden\r\n\r\n", "no and "), "403", 1},
		"broken chunk of an error": {raw(func(w *bufio.Writer) {
			w.WriteString("HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
		}), "403", 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, client := newWeb(t, Options{MaxRetries: 1}, map[string]http.HandlerFunc{"a.example": sequence(c.handler)})
				resp, err := client.Get(t.Context(), Request{URL: page, Politeness: Politeness{MaxBytes: 100_000}})
				switch {
				case c.says == "" && (err != nil || string(resp.Body) != "ok"):
					t.Errorf("got %v, %v", resp, err)
				case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
					t.Errorf("got %v, want %q", err, c.says)
				}
				if w.count(page) != c.tries {
					t.Errorf("%d tries, want %d", w.count(page), c.tries)
				}
				if h := client.hosts.all["a.example"]; len(h.turn) != 0 || h.users != 0 {
					t.Errorf("the host is not free for the next one: %d turns, %d users", len(h.turn), h.users)
				}
				if got := client.Ledger()[0].Bytes; got > 200_000 {
					t.Errorf("%d bytes were read", got)
				}
			})
		})
	}
}

func deflateBomb(w http.ResponseWriter, _ *http.Request) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(make([]byte, 50<<20))
	z.Close()
	w.Header().Set("Content-Encoding", "deflate")
	w.Write(b.Bytes()[10 : b.Len()-8]) // without the frame of gzip it is raw deflate
}

func TestNestedGzip(t *testing.T) {
	b := []byte("core")
	for range 5 {
		b = zipped(t, b)
	}
	out, err := readBody(bytes.NewReader(b), "gzip", quota{limit: 1 << 20})
	if err != nil || !isGzip(out) {
		t.Errorf("got %q, %v: want no more than %d layers undone", out, err, maxLayers)
	}
}

// drip writes a body at a steady rate.
func drip(piece int, every time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for range 600 {
			w.Write(make([]byte, piece))
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(every):
			}
		}
	}
}

func TestTrickle(t *testing.T) {
	patient := Politeness{Timeout: Duration(time.Hour), MinDelay: Duration(2 * time.Second)}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		says    string
		took    time.Duration
	}{
		"a byte every three seconds": {drip(1, 3*time.Second), "trickles", leastSpan},
		"slow, but it comes":         {drip(400, 2*time.Second), "", 20 * time.Minute},
		"nothing but a head":         {func(w http.ResponseWriter, r *http.Request) { w.(http.Flusher).Flush(); <-r.Context().Done() }, "no complete answer within 1h0m0s", time.Hour},
		"quick, then nothing": {func(w http.ResponseWriter, r *http.Request) {
			w.Write(make([]byte, 5000))
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, "trickles", 2 * leastSpan},
		"an error page that trickles": {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(404); drip(1, 3*time.Second)(w, r) }, "404", leastSpan},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, client := newWeb(t, Options{}, map[string]http.HandlerFunc{"a.example": sequence(c.handler)})
				start := time.Now()
				_, err := client.Get(t.Context(), Request{URL: page, Politeness: patient})
				if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
					t.Errorf("got %v, want %q", err, c.says)
				}
				if took := time.Since(start); took < c.took || took > c.took+5*time.Second || w.count(page) != 1 {
					t.Errorf("%d tries took %s, want %s", w.count(page), took, c.took)
				}
				if c.says == "trickles" && !Retryable(err) {
					t.Error("later it may be better")
				}
			})
		})
	}
}

func TestWordsForBrokenConnections(t *testing.T) {
	srv, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	go func() {
		for {
			conn, err := srv.Accept()
			if err != nil {
				return
			}
			bufio.NewReader(conn).ReadString('\n')
			conn.(*net.TCPConn).SetLinger(0) // closing is a reset then
			conn.Close()
		}
	}()
	c := New(Options{UserAgent: "CTIPHub/1.0", Allow: prefixes("127.0.0.0/8"), MaxRetries: -1})
	defer c.Close()
	_, err = c.Get(t.Context(), Request{URL: fmt.Sprintf("http://%s/", srv.Addr()), Politeness: fast})
	if err == nil || !Retryable(err) || !strings.Contains(err.Error(), "reset") {
		t.Errorf("got %v", err)
	}
	var f *failure
	if !errors.As(err, &f) || f.outcome != "network" {
		t.Errorf("got %#v", err)
	}
}
