package ingest_test

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"ctiphub/catalog"
	"ctiphub/catalog/sqlstore"
	"ctiphub/configs"
	"ctiphub/exporter"
	ctipout "ctiphub/exporter/ctip"
	"ctiphub/exporter/oaidc"
	provider "ctiphub/exporter/oaipmh"
	"ctiphub/harvester"
	"ctiphub/harvester/oaipmh"
	"ctiphub/internal/fetch"
	"ctiphub/internal/ingest"
	"ctiphub/normalizer"
	"ctiphub/record"
)

// hub is a whole hub without its pages: it harvests other hubs and answers OAI-PMH.
type hub struct {
	name     string
	url      string
	store    *sqlstore.Store
	pipeline *ingest.Pipeline
}

// newHub starts a hub that trusts the others of its federation.
func newHub(t *testing.T, cfg *configs.Config, name string, partners ...string) *hub {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	store, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "catalog.db"), sqlstore.Options{Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	rules := map[string]normalizer.Rules{}
	for _, p := range partners {
		rules[p] = normalizer.Rules{Trust: "high", InScope: true}
	}
	norm, err := normalizer.New(cfg.Vocabulary, rules)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(nil)
	h := &hub{name: name, url: "http://" + server.Listener.Addr().String() + "/oai", store: store}
	server.Config.Handler = provider.New(provider.Options{
		Repository: store, NotFound: catalog.ErrNotFound, Crosswalks: []exporter.Crosswalk{ctipout.New(), oaidc.New(func(_, id string) string { return id })},
		BaseURL: h.url, RepositoryName: name, AdminEmails: []string{"hub@" + name + ".example"}, RepositoryIdentifier: name + ".example",
		Now: time.Now, Logger: log,
	})
	server.Start()
	t.Cleanup(server.Close)
	client := fetch.New(fetch.Options{UserAgent: "TestHub/1.0", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	t.Cleanup(client.Close)
	h.pipeline = ingest.New(ingest.Options{
		Store: store, Normalizer: norm, Adapters: map[string]harvester.Adapter{harvester.KindOAIPMH: oaipmh.New(client, time.Now)},
		Owner: name, Now: time.Now, Logger: log,
		Own: ingest.Own{BaseURLs: []string{h.url}, RepositoryID: name + ".example"},
	})
	return h
}

// takes has one hub harvest another, everything.
func (h *hub) takes(t *testing.T, from *hub, prefix string) catalog.Run {
	t.Helper()
	run, err := h.pipeline.Harvest(t.Context(), ingest.Job{Full: true, Source: harvester.Source{
		ID: from.name, Name: from.name, Kind: harvester.KindOAIPMH, URL: from.url, OAI: harvester.OAIRecipe{Prefix: prefix},
		Politeness: fetch.Politeness{MinDelay: fetch.Duration(time.Millisecond)},
	}}, nil)
	if err != nil || !run.State.Good() || !run.Counts.Balanced() {
		t.Fatalf("%s takes %s from %s: %s, %q (%v)", h.name, prefix, from.name, run.State, run.Message, err)
	}
	return run
}

// fill publishes records of the hub's own sources.
func (h *hub) fill(t *testing.T, n int) {
	t.Helper()
	run, err := h.store.Begin(t.Context(), catalog.Begin{Source: "ministry", Now: time.Now(), Owner: h.name})
	if err != nil {
		t.Fatal(err)
	}
	b := catalog.Batch{Source: "ministry", Run: run.ID, Now: time.Now()}
	for i := range n {
		id := fmt.Sprintf("%s-%d", h.name, i)
		page := "https://ministry." + h.name + ".example/" + id
		b.Items = append(b.Items, catalog.Item{
			Raw: record.Raw{Source: "ministry", Identifier: id, URL: page, Format: record.FormatHTML, Body: []byte(id)},
			Record: record.Record{
				ID: record.NewID("ministry", id), Title: record.Texts{"en": "Guidelines on the identification of victims of trafficking, part " + id},
				Description: record.Texts{"en": "For police and shelter staff who meet victims of trafficking in persons."},
				Themes:      []record.Tag{{ID: "identification", Confidence: 0.9}}, Languages: []string{"en"},
				Origin: record.Origin{Source: "ministry", Identifier: id, Landing: page},
			},
			Decision: record.Decision{Verdict: record.Publish},
		})
	}
	if _, err := h.store.Apply(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.Finish(t.Context(), catalog.End{Run: run.ID, Now: time.Now(), Finished: true, Complete: true}); err != nil {
		t.Fatal(err)
	}
}

func (h *hub) live(t *testing.T) int {
	t.Helper()
	n, err := h.store.Count(t.Context(), record.Range{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestRecordsComeHome has three hubs in a ring. What goes round must not multiply: each
// takes what the others made, and leaves what it made itself.
func TestRecordsComeHome(t *testing.T) {
	cfg, err := configs.Load("")
	if err != nil {
		t.Fatal(err)
	}
	for _, way := range []struct{ there, back string }{
		{"ctip", "ctip"},
		{"oai_dc", "ctip"}, // known by the origin that ctip states
		{"ctip", "oai_dc"}, // known by the provenance beside the metadata
	} {
		t.Run(way.there+" and back as "+way.back, func(t *testing.T) {
			a := newHub(t, cfg, "hub-a", "hub-b", "hub-c")
			b := newHub(t, cfg, "hub-b", "hub-a", "hub-c")
			c := newHub(t, cfg, "hub-c", "hub-a", "hub-b")
			a.fill(t, 5)
			b.fill(t, 3)
			if run := b.takes(t, a, way.there); run.Counts.New != 5 || run.Counts.Skipped != 0 {
				t.Fatalf("B takes from A: %+v, want 5 new", run.Counts)
			}
			run := a.takes(t, b, way.back)
			if run.Counts.Listed != 8 || run.Counts.New != 3 || run.Counts.Skipped != 5 {
				t.Errorf("A takes from B: %+v, want B's 3 and its own 5 left", run.Counts)
			}
			rejects, err := a.store.Rejects(t.Context(), run.ID, 10)
			if err != nil || len(rejects) != 5 || rejects[0].Code != ingest.CodeOwnRecord {
				t.Errorf("the account lists %+v (%v), want five times %s", rejects, err, ingest.CodeOwnRecord)
			}
			if way.there != "ctip" {
				return // Dublin Core does not tell the third hub where the first leg began
			}
			c.takes(t, b, "ctip")
			if run := a.takes(t, c, way.back); run.Counts.New != 3 || run.Counts.Skipped != 5 {
				t.Errorf("A takes from C: %+v, want its own 5 left behind two hops", run.Counts)
			}
			if n := a.live(t); n != 11 {
				t.Errorf("A has %d records, want its 5 and B's 3 by two ways", n)
			}
		})
	}
}
