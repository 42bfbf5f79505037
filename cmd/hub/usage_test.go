package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"ctiphub/analytics"
	"ctiphub/analytics/clickhouse"
	"ctiphub/analytics/clickhouse/local"
	"ctiphub/analytics/sqlite"
)

// counting is a hub that counts, behind a proxy that tells it addresses; its log goes to a file.
type counting struct {
	base string
	cmd  *exec.Cmd
}

func startCounting(t *testing.T, data, log string, args ...string) *counting {
	t.Helper()
	config := filepath.Join(t.TempDir(), "hub.yaml")
	if err := os.Mkdir(filepath.Join(filepath.Dir(config), "sources"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, []byte("limits: {off: true, trusted_proxies: [127.0.0.0/8]}\nusage: {staff_networks: [198.51.100.0/24]}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command(binary, append([]string{"serve", "--verbose", "--no-harvest", "--config", config, "--data", data, "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Stderr = out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	for until := time.Now().Add(60 * time.Second); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		said, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		if m := served.FindString(string(said)); m != "" {
			return &counting{regexp.MustCompile(`http://[0-9.:]+`).FindString(m), cmd}
		}
	}
	said, err := os.ReadFile(log)
	t.Fatalf("the hub did not start within a minute: %s, %v", said, err)
	return nil
}

func (c *counting) stop(t *testing.T) {
	t.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Wait(); err != nil {
		t.Fatalf("the hub did not end well: %v", err)
	}
}

// ask is one request of a made-up reader.
func (c *counting) ask(t *testing.T, path string, headers map[string]string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

var wayOut = regexp.MustCompile(`/resources/[a-z0-9]+/go/[0-9a-f]+`)

// load has readers search, look and leave; what it returns must be found nowhere afterwards.
func (c *counting) load(t *testing.T, id string) (planted []string) {
	for n := range 40 {
		addr, agent := fmt.Sprintf("203.0.113.%d", n), fmt.Sprintf("Mozilla/5.0 (X11; rv:140.0) Firefox/140.0 Planted%dAgent", n)
		words := fmt.Sprintf("planted%dwords", n%20)
		h := map[string]string{"X-Forwarded-For": addr, "User-Agent": agent, "Referer": "https://planted-referrer.example/", "Accept": "text/html", "Cookie": "planted=cookie"}
		planted = append(planted, addr, agent, words)
		c.ask(t, "/search?q="+words, h)
		c.ask(t, "/search?country=TH&theme=planted-theme", h)
		c.ask(t, "/api/v1/resources?q="+words, h)
		status, page := c.ask(t, "/resources/"+id, h)
		out := wayOut.FindString(page)
		if status != http.StatusOK || out == "" {
			t.Fatalf("the page of the record: %d, no way out", status)
		}
		if status, _ := c.ask(t, out, h); status != http.StatusSeeOther {
			t.Errorf("%s: %d", out, status)
		}
		c.ask(t, "/oai?verb=ListRecords&metadataPrefix=oai_dc", h)
	}
	return append(planted, "planted-referrer", "planted=cookie", "planted-theme", "Planted1", "203.0.113.")
}

// state is what "hub usage status" says.
func state(t *testing.T, data string, env ...string) usageStateJSON {
	t.Helper()
	cmd := exec.Command(binary, "usage", "status", "--json", "--data", data)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("hub usage status: %v\n%s", err, out)
	}
	var st usageStateJSON
	if err := json.Unmarshal(out, &st); err != nil {
		t.Fatal(err)
	}
	return st
}

// TestNothingOfReaders: after many made-up readers, no file, log or metric holds any of their
// addresses, browsers and words.
func TestNothingOfReaders(t *testing.T) {
	for _, store := range []string{"sqlite", "local-clickhouse"} {
		t.Run(store, func(t *testing.T) {
			data := t.TempDir()
			log := filepath.Join(t.TempDir(), "log")
			w := newWriter(t, data)
			w.write(t, 50, 50)
			entries := w.entries(t)
			c := startCounting(t, data, log, "--usage", store)
			planted := c.load(t, string(entries[0]))
			_, metrics := c.ask(t, "/metrics", nil)
			if !strings.Contains(metrics, "hub_usage_events_total") && !strings.Contains(metrics, "hub_usage_held_events") {
				t.Error("the metrics say nothing of usage")
			}
			c.stop(t)
			logged, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			files := map[string][]byte{"metrics": []byte(metrics), "log": logged}
			err = filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				files[path], err = os.ReadFile(path)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			for name, content := range files {
				for _, p := range planted {
					if bytes.Contains(content, []byte(p)) {
						t.Errorf("%s holds %q", name, p)
					}
				}
			}
			if store == "sqlite" {
				if st := state(t, data); st.Rows["usage_site"] == 0 || st.Rows["usage_record"] == 0 || st.Rows["usage_export"] == 0 {
					t.Errorf("nothing was counted: the test sees too little: %+v", st)
				}
			}
		})
	}
}

// TestUsageCopy: what was counted in SQLite goes to ClickHouse, twice without harm, and the
// hub goes on there.
func TestUsageCopy(t *testing.T) {
	data := t.TempDir()
	w := newWriter(t, data)
	w.write(t, 50, 50)
	c := startCounting(t, data, filepath.Join(t.TempDir(), "log"))
	c.load(t, string(w.entries(t)[0]))
	c.stop(t)

	server, err := local.Start(t.Context(), local.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Stop() })
	for range 2 {
		if out, code := hub(t, "usage", "copy", "--to", server.DSN("copied"), "--data", data); code != 0 || !strings.Contains(out, "Copied the rollups of 1 month") {
			t.Fatalf("copy: exit %d\n%s", code, out)
		}
	}
	s, err := clickhouse.Open(t.Context(), clickhouse.Options{DSN: server.DSN("copied"), Crowd: 5})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	today := analytics.DayOf(time.Now())
	leaves, err := s.Leaves(t.Context(), analytics.CubeRecord, today.Month())
	if err != nil {
		t.Fatal(err)
	}
	var n int64
	for _, l := range leaves {
		n += l.N
	}
	if n != 80 {
		t.Errorf("40 readers looked at a record and opened it; the copy has %d uses", n)
	}
}

// TestHubKilled: what a second has passed over outlasts the hub, and is there once.
func TestHubKilled(t *testing.T) {
	data := t.TempDir()
	w := newWriter(t, data)
	w.write(t, 50, 50)
	const rounds, each = 4, 50
	for round := range rounds {
		c := startCounting(t, data, filepath.Join(t.TempDir(), "log"))
		for range each {
			c.ask(t, "/oai?verb=ListRecords&metadataPrefix=ctip", nil)
		}
		time.Sleep(1200 * time.Millisecond) // longer than the spool waits
		if round == rounds-1 {
			c.stop(t)
			break
		}
		if err := c.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = c.cmd.Wait() // says that it was killed
	}
	s, err := sqlite.Open(t.Context(), filepath.Join(data, usageFile))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	leaves, err := s.Leaves(t.Context(), analytics.CubeExport, analytics.DayOf(time.Now()).Week())
	if err != nil {
		t.Fatal(err)
	}
	var n int64
	for _, l := range leaves {
		n += l.N
	}
	if n != rounds*each {
		t.Errorf("%d lists were taken, %d are stored", rounds*each, n)
	}
}
