package sqlstore

import (
	"testing"

	"ctiphub/catalog"
	"ctiphub/catalog/catalogtest"
)

func TestStore(t *testing.T) {
	catalogtest.Run(t, func(t *testing.T, path string) catalog.Store { return open(t, path) })
}

// open opens a store that is closed at the end of the test.
func open(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, Options{Broader: catalogtest.Broader})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return s
}
