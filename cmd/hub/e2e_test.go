package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// binary is the program as users get it: built once, without cgo.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "hub-e2e-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	binary = filepath.Join(dir, "hub")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the hub: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// hub runs one command to its end and returns its standard output and exit code.
func hub(t *testing.T, args ...string) (stdout string, code int) {
	t.Helper()
	cmd := exec.Command(binary, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if err != nil && cmd.ProcessState == nil {
		t.Fatalf("hub %s: %v", strings.Join(args, " "), err)
	}
	if s := errs.String(); s != "" {
		t.Logf("hub %s said: %s", strings.Join(args, " "), s)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

// tourist is a running "hub demo".
type tourist struct {
	base   string
	output string
	cmd    *exec.Cmd
	waited chan error
}

// startDemo runs "hub demo" on free ports until its catalogue is searchable.
func startDemo(t *testing.T, data string, args ...string) *tourist {
	t.Helper()
	cmd := exec.Command(binary, append([]string{"demo", "--data", data, "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	d := &tourist{cmd: cmd, waited: make(chan error, 1)}
	t.Cleanup(func() { _ = cmd.Process.Kill() })

	ready := make(chan string, 1)
	go func() {
		var all strings.Builder
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			fmt.Fprintln(&all, lines.Text())
			if strings.HasPrefix(lines.Text(), "Ctrl-C stops") {
				ready <- all.String()
			}
		}
		d.waited <- cmd.Wait()
	}()
	select {
	case d.output = <-ready:
	case err := <-d.waited:
		t.Fatalf("the demo ended before it was ready: %v", err)
	case <-time.After(90 * time.Second):
		t.Fatal("the demo was not ready within 90 s")
	}
	d.base = regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(d.output)
	if d.base == "" {
		t.Fatalf("the demo does not say where it is:\n%s", d.output)
	}
	return d
}

// stop sends what Ctrl-C sends and expects a clean end.
func (d *tourist) stop(t *testing.T) {
	t.Helper()
	if err := d.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-d.waited:
		if err != nil {
			t.Errorf("Ctrl-C did not end the demo cleanly: %v", err)
		}
	case <-time.After(30 * time.Second):
		_ = d.cmd.Process.Signal(syscall.SIGQUIT)
		t.Fatal("Ctrl-C did not end the demo within 30 s")
	}
}

// get reads a path of the running hub.
func get(t *testing.T, base, path string) (status int, body string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := new(http.Client).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// total asks the JSON API how many records a query finds.
func total(t *testing.T, base, query string) int {
	t.Helper()
	status, body := get(t, base, "/api/v1/resources?"+query)
	if status != http.StatusOK {
		t.Fatalf("GET resources?%s: status %d: %s", query, status, body)
	}
	var answer struct{ Total int }
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Total
}

var (
	tokenElement = regexp.MustCompile(`<resumptionToken[^>]*>([^<]+)</resumptionToken>`)
	identifier   = regexp.MustCompile(`<identifier>([^<]+)</identifier>`)
)

// list harvests one format by hand, to the last token, and returns the identifiers.
func list(t *testing.T, base, prefix string) map[string]bool {
	t.Helper()
	seen := map[string]bool{}
	query := "verb=ListRecords&metadataPrefix=" + prefix
	for range 10_000 {
		status, body := get(t, base, "/oai?"+query)
		if status != http.StatusOK || strings.Contains(body, "<error") {
			t.Fatalf("GET /oai?%s: status %d: %.500s", query, status, body)
		}
		for _, m := range identifier.FindAllStringSubmatch(body, -1) {
			if strings.HasPrefix(m[1], "oai:hub.example:") { // others are where a record came from
				seen[m[1]] = true
			}
		}
		m := tokenElement.FindStringSubmatch(body)
		if m == nil {
			return seen
		}
		query = "verb=ListRecords&resumptionToken=" + url.QueryEscape(strings.ReplaceAll(m[1], "&amp;", "&"))
	}
	t.Fatal("the list has no end")
	return nil
}

// TestDemo is the two-minute tour as a newcomer takes it, twice.
func TestDemo(t *testing.T) {
	data := t.TempDir()
	d := startDemo(t, data)

	if status, body := get(t, d.base, "/oai?verb=Identify"); status != 200 || !strings.Contains(body, "<protocolVersion>2.0</protocolVersion>") {
		t.Errorf("Identify: status %d: %.300s", status, body)
	}
	dc, ctip := list(t, d.base, "oai_dc"), list(t, d.base, "ctip")
	if len(dc) < 500 || len(dc) != len(ctip) {
		t.Errorf("got %d records as oai_dc and %d as ctip, want the same number and at least 500", len(dc), len(ctip))
	}
	for language, word := range map[string]string{"English": "shelter", "Thai": "ค้ามนุษย์", "Khmer": "ជនរងគ្រោះ", "Vietnamese without marks": "nan nhan", "Lao": "ການຄ້າມະນຸດ", "Burmese": "လူကုန်ကူး"} {
		if n := total(t, d.base, "q="+url.QueryEscape(word)); n == 0 {
			t.Errorf("searching %q (%s) finds nothing", word, language)
		}
	}
	for _, c := range []string{"BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "TL", "VN"} {
		if total(t, d.base, "country="+c) == 0 {
			t.Errorf("nothing is about %s", c)
		}
	}
	for path, want := range map[string]string{
		"/": "<h1", "/search?q=shelter": "<h1", "/coverage": "<table", "/sources": "<table",
		"/metrics": "hub_harvest_runs_total", "/healthz": "ok", "/readyz": "ready",
		"/api/openapi.json": `"openapi":"3.1`, "/schema/ctip.xsd": "schema",
	} {
		if status, body := get(t, d.base, path); status != 200 || !strings.Contains(strings.ReplaceAll(body, `": "`, `":"`), want) {
			t.Errorf("GET %s: status %d, want 200 and %q in it: %.200s", path, status, want, body)
		}
	}
	live := total(t, d.base, "")
	d.stop(t)

	again := startDemo(t, data)
	if n := total(t, again.base, ""); n != live {
		t.Errorf("after a second start %d records are live, want the %d of before", n, live)
	}
	if m := regexp.MustCompile(`(?m)^\S+\s+\S+\s+\d+\s+([1-9]\d*)\s`).FindStringSubmatch(again.output); m != nil {
		t.Errorf("a second start took records for new:\n%s", again.output)
	}
	again.stop(t)
}
