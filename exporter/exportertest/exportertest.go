// Package exportertest holds what the tests of all formats share: invented sample
// records in several scripts, records full of hostile values, and golden files.
//
// In flows nothing but what a test got; out flow records and failures. It stores the
// golden files of a test when told to. It must not know any format.
package exportertest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"testing"

	"ctiphub/exporter"
	"ctiphub/record"
)

// Seq yields the records and then the error, if there is one.
func Seq(err error, recs ...record.Record) iter.Seq2[record.Record, error] {
	return func(yield func(record.Record, error) bool) {
		for _, rec := range recs {
			if !yield(rec, nil) {
				return
			}
		}
		if err != nil {
			yield(record.Record{}, err)
		}
	}
}

// Golden compares what a test got with the file testdata/name, or writes the file when
// update is set.
func Golden(t *testing.T, name string, got []byte, update bool) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run the test with -update to make it", err)
	}
	if bytes.Equal(got, want) {
		return
	}
	g, w := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || !bytes.Equal(g[i], w[i]) {
			t.Fatalf("%s, line %d: run the test with -update and review the diff\n got: %s\nwant: %s", file, i+1, line(g, i), line(w, i))
		}
	}
}

func line(lines [][]byte, i int) []byte {
	if i >= len(lines) {
		return []byte("(nothing)")
	}
	return lines[i]
}

// Encode writes records in a format and fails the test on an error.
func Encode(t *testing.T, f exporter.Format, recs ...record.Record) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := f.Encode(t.Context(), &buf, Seq(nil, recs...)); err != nil {
		t.Fatalf("encoding %d records as %s: %v", len(recs), f.Name(), err)
	}
	return buf.Bytes()
}

// errSource and errDisk are what the sequence and the writer fail with in Errors.
var errSource, errDisk = errors.New("the catalogue went away"), errors.New("the disk is full")

// Errors checks what every format promises about errors: the sequence's own comes back as
// it is, one of writing is wrapped and ends the work, an ended context ends it too.
func Errors(t *testing.T, f exporter.Format) {
	t.Helper()
	recs := Samples()
	if err := f.Encode(t.Context(), io.Discard, Seq(errSource, recs...)); err != errSource { //nolint:errorlint // as is
		t.Errorf("an error of the sequence came back as %v", err)
	}
	if err := f.Encode(t.Context(), full{}, Seq(nil, recs...)); !errors.Is(err, errDisk) {
		t.Errorf("an error of the writer came back as %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	taken := 0
	err := f.Encode(ctx, io.Discard, func(yield func(record.Record, error) bool) {
		for taken = 1; yield(recs[0], nil) && taken < 100; taken++ {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || taken > 5 {
		t.Errorf("after its context had ended the format took %d records and said %v", taken, err)
	}
}

// full is a writer without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errDisk }
