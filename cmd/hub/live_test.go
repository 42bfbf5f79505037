package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ctiphub/catalog/sqlstore"
	"ctiphub/configs"
	"ctiphub/record"
)

// TestRulesAreFollowed: a hub that serves reads the rules again once they were replayed,
// not before, and harvests nothing by rules that it cannot read.
func TestRulesAreFollowed(t *testing.T) {
	conf := configFolder(t, "id: aa\nname: A\nkind: feed\nurl: https://a.example/feed\n")
	vocab := filepath.Join(filepath.Dir(conf), "vocab")
	if err := os.CopyFS(vocab, os.DirFS("../../configs/vocab")); err != nil {
		t.Fatal(err)
	}
	cfg, err := configs.Load(conf)
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "catalog.db"), sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	a := &app{log: slog.New(slog.DiscardHandler)}
	rules, err := newLiveRules(t.Context(), a, cfg, store)
	if err != nil {
		t.Fatal(err)
	}
	tagged := func() bool {
		t.Helper()
		rec, _, err := rules.Normalize(record.Raw{Source: "aa", Identifier: "i", URL: "https://a.example/", Format: record.FormatHTML, Body: []byte(`<html lang="en"><head><title>Zorbing with victims of human trafficking</title></head></html>`)})
		if err != nil {
			t.Fatal(err)
		}
		for _, theme := range rec.Themes {
			if theme.ID == "shelter" {
				return true
			}
		}
		return false
	}
	file := filepath.Join(vocab, "themes.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	taught := strings.Replace(string(text), "terms: [shelter, ", "terms: [zorbing, shelter, ", 1)
	if taught == string(text) {
		t.Fatal("the vocabulary has no term shelter to stand beside")
	}
	write := func(s string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(taught)
	if err := rules.refresh(t.Context()); err != nil || tagged() {
		t.Errorf("rules that nobody replayed are in force (%v)", err)
	}
	replay := func() {
		t.Helper()
		if err := store.SetRules(t.Context(), time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	replay()
	if err := rules.refresh(t.Context()); err != nil || !tagged() {
		t.Errorf("rules that were replayed are not in force (%v)", err)
	}
	write("themes: [broken")
	replay()
	if err := rules.refresh(t.Context()); err == nil || !strings.Contains(err.Error(), "themes.yaml") {
		t.Errorf("rules that cannot be read: got %v, want an error that names the file", err)
	}
	write(string(text))
	if err := rules.refresh(t.Context()); err != nil || tagged() {
		t.Errorf("mended rules are not in force (%v)", err)
	}
}
