package ingest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"ctiphub/catalog"
	"ctiphub/catalog/sqlstore"
	"ctiphub/harvester"
	"ctiphub/record"
)

// script is a source that lists pages of ten records and can be told to misbehave.
type script struct {
	pages    int
	failAt   int // page whose place an error takes; 0: none
	stopAt   int // page after which cancel is called; 0: none
	cancel   func()
	complete bool
	note     record.Finding // on each page, when it has a code
	mu       sync.Mutex
	from     []harvester.From // as asked
}

func (s *script) Pages(ctx context.Context, src harvester.Source, from harvester.From) iter.Seq2[harvester.Page, error] {
	s.mu.Lock()
	s.from = append(s.from, from)
	s.mu.Unlock()
	return func(yield func(harvester.Page, error) bool) {
		first, _ := strconv.Atoi(string(from.Cursor))
		for n := first + 1; n <= s.pages; n++ {
			if ctx.Err() != nil {
				yield(harvester.Page{}, ctx.Err())
				return
			}
			if n == s.failAt {
				yield(harvester.Page{}, errors.New("fetching page: the server answered 500"))
				return
			}
			if !yield(s.page(src, n), nil) {
				return
			}
			if n == s.stopAt {
				s.cancel()
			}
		}
	}
}

func (s *script) page(src harvester.Source, n int) harvester.Page {
	p := harvester.Page{Cursor: harvester.Cursor(strconv.Itoa(n)), Last: n == s.pages, Complete: s.complete && n == s.pages, Total: s.pages * 10}
	if p.Last {
		p.Cursor = ""
	}
	if s.note.Code != "" {
		p.Notes = []record.Finding{s.note}
	}
	for i := range 10 {
		id := fmt.Sprintf("%d-%d", n, i)
		p.Raws = append(p.Raws, record.Raw{Source: src.ID, Identifier: id, URL: "https://a.example/" + id, Format: record.FormatHTML, Body: []byte("page " + id)})
	}
	return p
}

// plain gives each raw a title; identifiers in bad cannot be read.
type plain struct{ bad string }

func (p plain) Normalize(raw record.Raw) (record.Record, record.Decision, error) {
	if raw.Identifier == p.bad {
		return record.Record{}, record.Decision{}, errors.New("a rule of ours is broken")
	}
	return record.Record{
		ID:     record.NewID(raw.Source, raw.Identifier),
		Title:  record.Texts{"en": "Record " + raw.Identifier},
		Origin: record.Origin{Source: raw.Source, Identifier: raw.Identifier, Landing: raw.URL},
	}, record.Decision{Verdict: record.Publish}, nil
}

type bed struct {
	store    *sqlstore.Store
	pipeline *Pipeline
	registry *prometheus.Registry
}

func newBed(t *testing.T, adapter harvester.Adapter, norm Normalizer) bed {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	store, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "catalog.db"), sqlstore.Options{Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	b := bed{store: store, registry: prometheus.NewRegistry()}
	b.pipeline = New(Options{
		Store: store, Normalizer: norm, Adapters: map[string]harvester.Adapter{"feed": adapter},
		Owner: "test", Now: time.Now, Logger: log, Registerer: b.registry,
	})
	return b
}

func job(id string) Job {
	return Job{Source: harvester.Source{ID: id, Name: id, Kind: "feed", URL: "https://a.example/"}}
}

func live(t *testing.T, b bed) int {
	t.Helper()
	n, err := b.store.Count(t.Context(), record.Range{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestHarvestAccount(t *testing.T) {
	s := &script{pages: 3, complete: true}
	b := newBed(t, s, plain{bad: "2-4"})
	var seen []Progress
	run, err := b.pipeline.Harvest(t.Context(), job("agency"), func(p Progress) { seen = append(seen, p) })
	if err != nil {
		t.Fatal(err)
	}
	c := run.Counts
	if run.State != catalog.OKWithRejects || c.Listed != 30 || c.New != 29 || c.Rejected != 1 || !c.Balanced() {
		t.Errorf("got %s %+v, want ok-with-rejects with 29 of 30 new", run.State, c)
	}
	if len(seen) != 4 || !seen[3].Done || seen[2].Counts.Listed != 30 || seen[0].Total != 30 {
		t.Errorf("progress was %+v", seen)
	}
	rejects, err := b.store.Rejects(t.Context(), run.ID, 10)
	if err != nil || len(rejects) != 1 || rejects[0].Code != "internal" || strings.Contains(rejects[0].Detail, "rule of ours") {
		t.Errorf("rejects are %+v (%v), want one that does not show our error", rejects, err)
	}
	if got := testutil.ToFloat64(b.pipeline.metrics.records.WithLabelValues("new")); got != 29 {
		t.Errorf("hub_harvest_records_total{outcome=new} is %v, want 29", got)
	}

	again, err := b.pipeline.Harvest(t.Context(), job("agency"), nil)
	if err != nil || again.Counts.Same != 29 || again.Counts.New != 0 {
		t.Errorf("a second run gave %+v (%v), want 29 the same", again.Counts, err)
	}
}

func TestErrorMidway(t *testing.T) {
	s := &script{pages: 4, complete: true}
	b := newBed(t, s, plain{})
	if _, err := b.pipeline.Harvest(t.Context(), job("agency"), nil); err != nil {
		t.Fatal(err)
	}
	s.failAt = 3
	j := job("agency")
	j.Full = true
	run, err := b.pipeline.Harvest(t.Context(), j, nil)
	if err != nil {
		t.Fatal(err)
	}
	if run.State != catalog.Partial || run.Absent != 0 || run.Removed != 0 || !strings.Contains(run.Message, "500") {
		t.Errorf("got %+v, want a partial run that removes nothing and says why", run)
	}
	if n := live(t, b); n != 40 {
		t.Errorf("%d records are published after a failed run, want all 40", n)
	}
}

func TestStoppedRunGoesOn(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &script{pages: 5, stopAt: 2, cancel: cancel, complete: true}
	b := newBed(t, s, plain{})
	if _, err := b.pipeline.Harvest(ctx, job("agency"), nil); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want the cancellation", err)
	}
	if n := live(t, b); n != 20 {
		t.Fatalf("%d records are stored, want those of two pages", n)
	}
	run, err := b.pipeline.Harvest(t.Context(), job("agency"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !run.Resumed || run.Counts.Listed != 50 || run.Counts.New != 50 || run.State != catalog.OK {
		t.Errorf("got %+v, want the same run, ended with all 50 new", run)
	}
	if got := s.from[1].Cursor; got != "2" {
		t.Errorf("the second process began at cursor %q, want the one of the last stored page", got)
	}
}

func TestOneBadSourceStopsNobody(t *testing.T) {
	b := newBed(t, &script{pages: 2}, plain{})
	unknown := job("unknown")
	unknown.Source.Kind = "gopher"
	runs, err := b.pipeline.HarvestAll(t.Context(), []Job{unknown, job("one"), job("two")}, 2, nil)
	if err == nil || !strings.Contains(err.Error(), "gopher") {
		t.Errorf("got error %v, want one that names the kind", err)
	}
	for _, r := range runs[1:] {
		if r.State != catalog.OK || r.Counts.New != 20 {
			t.Errorf("%s ended %s with %+v", r.Source, r.State, r.Counts)
		}
	}
}
