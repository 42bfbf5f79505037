package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"ctiphub/catalog"
	"ctiphub/catalog/sqlstore"
	"ctiphub/internal/ctip"
	"ctiphub/record"
)

// TestInStepUnderWrites changes 200 records a second while a hub serves them and three
// consumers take everything: HTTP::OAI, a second hub, and the reference consumer of the JSON
// API. Once the writing ends, each asks for what changed since it began, and holds exactly
// what the source holds.
func TestInStepUnderWrites(t *testing.T) {
	data := t.TempDir()
	w := newWriter(t, data)
	w.write(t, 1500, 50)
	base := startServe(t, data)
	conf, second := configFolder(t, fmt.Sprintf("id: first-hub\nname: The first hub\nkind: oai-pmh\nurl: %s/oai\nenabled: true\npoliteness: {min_delay: 1ms}\ntrust: high\nin_scope: true\n", base)), t.TempDir()
	state := filepath.Join(t.TempDir(), "state.json")
	takeAll := func(from string, perl map[string]string) {
		harvestPerl(t, base, from, perl)
		if out, code := hub(t, "harvest", "--config", conf, "--data", second); code != 0 {
			t.Errorf("the second hub: exit %d\n%s", code, out)
		}
		if out, code := hub(t, "sync-check", "--config", conf, "--state", state, base); code != 0 || !strings.Contains(out, "In step") {
			t.Errorf("sync-check: exit %d\n%s", code, out)
		}
	}
	began := time.Now().UTC().Format("2006-01-02T15:04:05Z")
	perl := map[string]string{}
	stop := make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		for tick := time.NewTicker(50 * time.Millisecond); ; {
			select {
			case <-stop:
				tick.Stop()
				return
			case <-tick.C:
				w.write(t, 10, 10)
			}
		}
	})
	takeAll("", perl)
	close(stop)
	writing.Wait()
	t.Logf("%d changes while three consumers took everything", w.changes)
	if w.changes < 1600 {
		t.Errorf("only %d changes were made: the test shows nothing", w.changes)
	}
	takeAll(began, perl)
	w.compare(t, data, perl, exported(t, "--config", conf, "--data", second))
}

// writer changes a catalogue beside the hub that serves it.
type writer struct {
	store   *sqlstore.Store
	run     catalog.Run
	changes int
}

func newWriter(t *testing.T, data string) *writer {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), filepath.Join(data, catalogFile), sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	run, err := s.Begin(t.Context(), catalog.Begin{Source: "agency", Now: time.Now(), Owner: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return &writer{store: s, run: run}
}

// write makes n changes in batches: new records, new titles, withdrawals, returns.
func (w *writer) write(t *testing.T, n, batch int) {
	for ; n > 0; n -= batch {
		b := catalog.Batch{Source: "agency", Run: w.run.ID, Now: time.Now()}
		for range batch {
			w.changes++
			name := fmt.Sprint(w.changes * 7919 % 2100)
			it := catalog.Item{
				Raw:      record.Raw{Source: "agency", Identifier: name, URL: "https://agency.example/" + name, Format: record.FormatHTML, Body: []byte(name)},
				Record:   record.Record{Title: record.Texts{"en": fmt.Sprintf("Guide %s to victim protection, state %d", name, w.changes), "km": "ជនរងគ្រោះ"}, Languages: []string{"en"}, Type: []record.Tag{{ID: "report", Confidence: 1}}, Countries: []record.Tag{{ID: "KH", Confidence: 1}}, Origin: record.Origin{Landing: "https://agency.example/" + name}},
				Decision: record.Decision{Verdict: record.Publish},
			}
			if w.changes > 1000 && w.changes%9 == 0 {
				it.Raw.Deleted, it.Record, it.Decision = true, record.Record{}, record.Decision{}
			}
			b.Items = append(b.Items, it)
		}
		if _, err := w.store.Apply(context.WithoutCancel(t.Context()), b); err != nil {
			t.Errorf("writing: %v", err)
			return
		}
	}
}

// compare holds what the consumers have against the catalogue.
func (w *writer) compare(t *testing.T, data string, perl map[string]string, second []record.Record) {
	t.Helper()
	copies := map[string]record.Record{}
	for _, rec := range second {
		copies[rec.Origin.Identifier[strings.LastIndexByte(rec.Origin.Identifier, ':')+1:]] = rec
	}
	entries, err := w.store.Entries(t.Context(), record.Range{Limit: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	live := 0
	for _, e := range entries {
		id, status := string(e.Record.ID), "live"
		if e.Deleted {
			status = "deleted"
		}
		if want := e.Stamp.Format("2006-01-02T15:04:05Z") + " " + status + " " + e.Record.Title["en"]; perl[id] != want {
			t.Errorf("HTTP::OAI has %q of %s, the source %q", perl[id], id, want)
		}
		delete(perl, id)
		if e.Deleted {
			if _, ok := copies[id]; ok {
				t.Errorf("the second hub still shows %s, which was withdrawn", id)
			}
			continue
		}
		live++
		if a, b := ctip.Content(e.Record), ctip.Content(copies[id]); !reflect.DeepEqual(a.Title, b.Title) {
			t.Errorf("the second hub has %v of %s, the source %v", b.Title, id, a.Title)
		}
	}
	if len(perl) > 0 || len(second) != live || live < 1000 {
		t.Errorf("%d live; HTTP::OAI has %d too many, the second hub %d in all", live, len(perl), len(second))
	}
}

// harvestPerl takes what changed since a date with HTTP::OAI, in the protocol's own way:
// what comes later replaces what came before.
func harvestPerl(t *testing.T, base, from string, into map[string]string) {
	t.Helper()
	cmd := exec.Command("perl", "testdata/harvest.pl", base+"/oai", "oai_dc", from)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil || errs.Len() > 0 {
		t.Fatalf("harvesting with HTTP::OAI (Debian package libhttp-oai-perl): %v\n%s", err, errs.String())
	}
	for line := range strings.Lines(out.String()) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(f) != 4 {
			t.Fatalf("unexpected line %q", line)
		}
		title := f[3]
		into[f[0][strings.LastIndexByte(f[0], ':')+1:]] = f[1] + " " + f[2] + " " + title
	}
}

// startServe starts "hub serve" on a data folder and returns its address.
func startServe(t *testing.T, data string, args ...string) string {
	t.Helper()
	cmd := exec.Command(binary, append([]string{"serve", "--no-harvest", "--data", data, "--listen", "127.0.0.1:0"}, args...)...)
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	address := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(errs)
		for lines.Scan() {
			if m := served.FindString(lines.Text()); m != "" {
				address <- m
			}
		}
		close(address)
	}()
	base, ok := <-address
	if !ok {
		t.Fatal("the hub ended before it served")
	}
	return base
}

var served = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// entries returns the ids of the records that are there.
func (w *writer) entries(t *testing.T) []record.ID {
	t.Helper()
	list, err := w.store.Entries(t.Context(), record.Range{})
	if err != nil {
		t.Fatal(err)
	}
	var ids []record.ID
	for _, e := range list {
		if !e.Deleted {
			ids = append(ids, e.Record.ID)
		}
	}
	return ids
}
