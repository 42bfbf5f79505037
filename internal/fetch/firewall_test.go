package fetch

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/tools/txtar"

	"ctiphub/internal/replay"
)

// firewallCase is one file of testdata/firewall: an answer and what is to be made of it.
type firewallCase struct {
	want   map[string]string
	status int
	header http.Header
	body   []byte
}

func readFirewallCase(t testing.TB, file string) firewallCase {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := firewallCase{want: map[string]string{}}
	for _, f := range archive.Files {
		switch f.Name {
		case "want":
			for line := range strings.Lines(string(f.Data)) {
				key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
				c.want[key] = value
			}
		case "answer":
			resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(f.Data)), nil)
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			if c.body, err = io.ReadAll(resp.Body); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			c.status, c.header = resp.StatusCode, resp.Header
		}
	}
	if c.status == 0 || len(c.want) == 0 {
		t.Fatalf("%s: a part is missing", file)
	}
	return c
}

func firewallCases(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/firewall/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	return files
}

func TestFirewalls(t *testing.T) {
	for _, file := range firewallCases(t) {
		c := readFirewallCase(t, file)
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				answer := func(w http.ResponseWriter, _ *http.Request) {
					for name, values := range c.header {
						w.Header()[name] = values
					}
					w.WriteHeader(c.status)
					w.Write(c.body)
				}
				web, client := newWeb(t, Options{Contact: "hub@example.org"}, map[string]http.HandlerFunc{"a.example": sequence(answer)})
				resp, err := client.Get(t.Context(), Request{URL: page, Account: "agency"})
				c.check(t, resp, err)
				var blocked *BlockedError
				if !errors.As(err, &blocked) {
					return
				}
				if web.count(page) != 1 || Retryable(err) {
					t.Errorf("asked %d times", web.count(page))
				}
				if l := client.Ledger()[0]; l.Blocked != 1 || l.Account != "agency" {
					t.Errorf("ledger: %+v", l)
				}
				if blocked.Agent != "CTIPHub/1.0 (+hub@example.org)" || blocked.At.IsZero() || blocked.URL != page || blocked.Status != c.status {
					t.Errorf("facts: %+v", blocked)
				}
				if last := web.requests[len(web.requests)-1]; last.hdr.Get("User-Agent") != blocked.Agent {
					t.Errorf("disguised as %q", last.hdr.Get("User-Agent"))
				}
			})
		})
	}
}

// check holds the outcome of a Get against what the case wants.
func (c firewallCase) check(t *testing.T, resp *Response, err error) {
	t.Helper()
	var blocked *BlockedError
	var status *StatusError
	switch {
	case errors.As(err, &blocked):
		filter := blocked.Filter
		if filter == "" {
			filter = "?"
		}
		if filter != c.want["blocked"] || blocked.Reference != c.want["reference"] {
			t.Errorf("blocked by %q, reference %q; want %v", filter, blocked.Reference, c.want)
		}
		if !strings.Contains(err.Error(), "let the user agent") {
			t.Errorf("says %q", err)
		}
	case c.want["blocked"] != "":
		t.Errorf("got %v, want a BlockedError by %s", err, c.want["blocked"])
	case errors.As(err, &status):
		if http.StatusText(status.Status) != http.StatusText(c.status) || c.want["status"] == "200" {
			t.Errorf("got %v, want %v", err, c.want)
		}
	case err != nil || resp.Status != 200 || c.want["status"] != "200" || !bytes.Equal(resp.Body, c.body):
		t.Errorf("got %v, want %v", err, c.want)
	}
}

func TestBlockedRobots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c := newWeb(t, Options{}, map[string]http.HandlerFunc{"a.example": status(403, "Cf-Mitigated", "challenge")})
		for range 3 {
			var blocked *BlockedError
			if _, err := c.Get(t.Context(), Request{URL: page}); !errors.As(err, &blocked) || blocked.Filter != "Cloudflare" {
				t.Fatalf("got %v", err)
			}
		}
		if len(w.requests) != 1 {
			t.Errorf("%d requests: a refused robots.txt holds for a while", len(w.requests))
		}
		time.Sleep(robotsRetry + time.Second)
		c.Get(t.Context(), Request{URL: page})
		if len(w.requests) != 2 {
			t.Errorf("%d requests: want it asked for again", len(w.requests))
		}
	})
}

// TestOrdinaryPagesAreNotBlocked reads real pages, many of them behind filters.
func TestOrdinaryPagesAreNotBlocked(t *testing.T) {
	read := 0
	for _, folder := range []string{"html", "html-asean", "html-asean-gov", "html-date", "html-oracle"} {
		dir, ok := replay.Shared(t, folder)
		if !ok {
			continue
		}
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			body, err := os.ReadFile(filepath.Join(dir, f.Name()))
			if err != nil || !strings.HasSuffix(f.Name(), ".html") {
				continue
			}
			read++
			if filter, _, blocked := firewall(200, http.Header{}, body); blocked {
				t.Errorf("%s/%s: taken for a refusal by %q", folder, f.Name(), filter)
			}
		}
	}
	t.Logf("%d real pages", read)
}

func FuzzFirewall(f *testing.F) {
	for _, file := range firewallCases(f) {
		c := readFirewallCase(f, file)
		f.Add(c.status, c.header.Get("Server"), c.header.Get("Cf-Ray"), c.body)
	}
	f.Fuzz(func(t *testing.T, status int, server, ray string, body []byte) {
		h := http.Header{"Server": {server}, "Cf-Ray": {ray}}
		_, reference, blocked := firewall(status, h, body)
		if len(reference) > maxReference || strings.ContainsFunc(reference, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("reference %q", reference)
		}
		if blocked && (status == 401 || status == 404 || status == 304) {
			t.Errorf("status %d is the application's own", status)
		}
	})
}
