package sqlite_test

import (
	"path/filepath"
	"testing"

	"ctiphub/analytics"
	"ctiphub/analytics/analyticstest"
	"ctiphub/analytics/sqlite"
)

func open(t *testing.T) analytics.Store {
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "usage file.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestContract(t *testing.T) {
	analyticstest.Contract(t, "../analyticstest/testdata/answers.json", open)
}

// TestAddedOnce: the batch and its mark are one, so that sending it again changes nothing.
func TestAddedOnce(t *testing.T) {
	s := open(t)
	made := analyticstest.Generate(analyticstest.Shape{Seed: 1, First: 20_600, Days: 3, Events: 500, Readers: 50, Records: 9})
	for _, b := range append(made.Batches(500), made.Batches(500)...) {
		if err := s.Add(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	analyticstest.SameRollups(t, s, made.Events)
}
