package wordpress_test

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"ctiphub/catalog"
	"ctiphub/catalog/sqlstore"
	"ctiphub/configs"
	"ctiphub/harvester"
	"ctiphub/harvester/wordpress"
	"ctiphub/internal/ingest"
	"ctiphub/normalizer"
)

// keeper takes a source into a catalogue, at times of the test's choice.
type keeper struct {
	t        *testing.T
	pipeline *ingest.Pipeline
	src      harvester.Source
	now      time.Time
}

func newKeeper(t *testing.T, v *visitor) *keeper {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	store, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "catalog.db"), sqlstore.Options{Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	cfg, err := configs.Load("")
	if err != nil {
		t.Fatal(err)
	}
	norm, err := normalizer.New(cfg.Vocabulary, map[string]normalizer.Rules{v.src.ID: {Trust: "high", InScope: true}})
	if err != nil {
		t.Fatal(err)
	}
	k := &keeper{t: t, src: v.src}
	now := func() time.Time { return k.now }
	k.pipeline = ingest.New(ingest.Options{
		Store: store, Normalizer: norm, Owner: "test", Now: now, Logger: log,
		Adapters: map[string]harvester.Adapter{harvester.KindWordPress: wordpress.New(v.get, now)},
	})
	return k
}

// wants holds the account of a run at a time against what it should be.
func (k *keeper) wants(what string, now time.Time, want catalog.Outcome, absent, removed int) {
	k.t.Helper()
	k.now = now
	run, err := k.pipeline.Harvest(k.t.Context(), ingest.Job{Source: k.src}, nil)
	if err != nil {
		k.t.Fatal(err)
	}
	got := run.Counts
	got.Held = 0 // what screening thinks of an entry is not the matter here
	if got != want || !run.Counts.Balanced() || run.State != catalog.OK || run.Absent != absent || run.Removed != removed {
		k.t.Errorf("%s: %s %+v, %d absent, %d removed (%s); want %+v, %d, %d", what, run.State, run.Counts, run.Absent, run.Removed, run.Message, want, absent, removed)
	}
}
