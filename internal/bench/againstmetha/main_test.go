package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/zstd"

	"ctiphub/internal/bench"
)

// Records are counted in files of either compression, whatever stands around them.
func TestMirrored(t *testing.T) {
	dir := t.TempDir()
	page := []byte("<Response><ListRecords><record><header><identifier>" + bench.Identifiers + "1</identifier></header></record>" +
		"<record><header><identifier>" + bench.Identifiers + "2</identifier></header></record></ListRecords><GetRecord><record></record></GetRecord></Response>\n")
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write(page); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string][]byte{"set/a.xml.gz": zipped.Bytes(), "set/b.xml.zst": enc.EncodeAll(page, nil), "set/c.txt": page} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := mirrored(dir); err != nil || got != 4 {
		t.Errorf("%d records, %v; want 4", got, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "broken.gz"), []byte("no"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := mirrored(dir); err == nil {
		t.Error("a broken file was not noticed")
	}
}
