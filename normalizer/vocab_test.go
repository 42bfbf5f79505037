package normalizer

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/goccy/go-yaml"
)

// shipped reads the vocabulary that the hub ships, once for all tests.
var shipped = sync.OnceValues(func() (*Vocabulary, error) {
	v := &Vocabulary{}
	files, err := filepath.Glob("../configs/vocab/*.yaml")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		if err := yaml.UnmarshalWithOptions(b, v, yaml.Strict()); err != nil {
			return nil, err
		}
	}
	return v, nil
})

func vocabulary(t testing.TB) *Vocabulary {
	t.Helper()
	v, err := shipped()
	if err != nil {
		t.Fatalf("reading the shipped vocabulary: %v", err)
	}
	return v
}

func normalizer(t testing.TB, rules map[string]Rules) *Normalizer {
	t.Helper()
	n, err := New(vocabulary(t), rules)
	if err != nil {
		t.Fatalf("making the normalizer: %v", err)
	}
	return n
}
