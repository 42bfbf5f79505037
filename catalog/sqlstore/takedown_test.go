package sqlstore

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

// TestTakedownLeavesNothing looks for words of a record in the files of the catalogue after it
// was taken down: in tables, the search index and the write-ahead log.
func TestTakedownLeavesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.db")
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	harvest(t, s, 300)
	now := time.Date(2026, 6, 2, 0, 0, 0, 0, time.UTC)
	run, err := s.Begin(t.Context(), catalog.Begin{Source: "agency", Now: now, Owner: "test"})
	if err != nil {
		t.Fatal(err)
	}
	words := []string{"Xylophonist", "xylophonist", "zwieback", "quokka"}
	b := catalog.Batch{Source: "agency", Run: run.ID, Now: now, Items: []catalog.Item{{
		Raw:      record.Raw{Source: "agency", Identifier: "secret", Format: record.FormatHTML, Body: []byte("quokka")},
		Record:   record.Record{Title: record.Texts{"en": "Xylophonist"}, Description: record.Texts{"en": "zwieback"}},
		Decision: record.Decision{Verdict: record.Publish},
	}}}
	if _, err := s.Apply(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if len(holding(t, path, words)) == 0 {
		t.Fatal("the words are in no file before the takedown: the test sees nothing")
	}
	if _, err := s.TakeDown(t.Context(), catalog.Takedown{Record: record.NewID("agency", "secret"), Who: "x", Reason: "privacy", When: now}, false); err != nil {
		t.Fatal(err)
	}
	if found := holding(t, path, words); len(found) > 0 {
		t.Errorf("still there: %q", found)
	}
}

// holding returns the words that the files of a catalogue hold.
func holding(t *testing.T, path string, words []string) (found []string) {
	t.Helper()
	for _, file := range []string{path, path + "-wal"} {
		data, err := os.ReadFile(file)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, w := range words {
			if bytes.Contains(data, []byte(w)) {
				found = append(found, filepath.Base(file)+": "+w)
			}
		}
	}
	return found
}
