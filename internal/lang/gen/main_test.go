package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"ctiphub/internal/lang"
)

// Training on small texts must give a model that the package reads, that tells those texts
// apart, and that is the same each time.
func TestTrain(t *testing.T) {
	dir := t.TempDir()
	for _, c := range corpora {
		for _, f := range c.files {
			page := "<html><head><title>zzz</title></head><body><p>" + c.tag + "qu " + f + "ak " + c.tag + "ok</p></body></html>"
			if err := os.WriteFile(filepath.Join(dir, f+".html"), []byte(page), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	data, err := train(dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := train(dir)
	if err != nil || !bytes.Equal(data, again) {
		t.Errorf("training twice gives two models, %v", err)
	}
	m, err := lang.ParseNgrams(data)
	if err != nil {
		t.Fatal(err)
	}
	scores, known := m.Scores("guidelines for the protection of victims")
	best := 0
	for i, s := range scores {
		if s > scores[best] {
			best = i
		}
	}
	if m.Languages[best] != "en" || known < 50 {
		t.Errorf("English is taken for %s by %d groups", m.Languages[best], known)
	}
	if _, err := train(t.TempDir()); err == nil {
		t.Error("no error without declarations")
	}
}
