package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// call runs a command line in this process.
func call(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return out.String(), errs.String(), code
}

func TestUsage(t *testing.T) {
	data := t.TempDir()
	for name, c := range map[string]struct {
		args []string
		code int
		says string // in standard output or error
	}{
		"no command":        {nil, 0, "demo"},
		"help":              {[]string{"--help"}, 0, "Harvest sources once"},
		"help of a command": {[]string{"harvest", "--help"}, 0, "--dry-run"},
		"unknown command":   {[]string{"harvset"}, 2, "harvset"},
		"unknown flag":      {[]string{"harvest", "--ful"}, 2, "--full"},
		"unknown source":    {[]string{"harvest", "nobody", "--data", data}, 2, "hub sources list"},
		"nothing enabled":   {[]string{"harvest", "--data", data}, 2, "enabled: true"},
		"unknown format":    {[]string{"export", "docx", "--data", data}, 2, "ndjson"},
		"missing config":    {[]string{"config", "check", "--config", "nowhere/hub.yaml"}, 1, "nowhere/hub.yaml"},
		"missing file":      {[]string{"check", filepath.Join(data, "none.html")}, 1, "http"},
		"version":           {[]string{"version"}, 0, "hub "},
		"config check":      {[]string{"config", "check"}, 0, "is valid"},
		"config schema":     {[]string{"config", "schema"}, 0, "source.schema.json"},
		"sources validate":  {[]string{"sources", "validate"}, 0, "valid"},
		"migrate":           {[]string{"migrate", "--data", data}, 0, "up to date"},
		"rebuild":           {[]string{"migrate", "--rebuild", "--data", data}, 0, "up to date"},
		"coverage":          {[]string{"coverage", "--data", data}, 0, "COUNTRY"},
		"coverage csv":      {[]string{"coverage", "--data", data, "--format", "csv"}, 0, "country,total"},
		"sources list":      {[]string{"sources", "list", "--data", data}, 0, "never"},
		"sources show":      {[]string{"sources", "show", "icat", "--data", data}, 0, "Never harvested"},
	} {
		t.Run(name, func(t *testing.T) {
			out, errs, code := call(t, c.args...)
			if code != c.code || !strings.Contains(out+errs, c.says) {
				t.Errorf("hub %s: exit %d, want %d and %q in\n%s%s", strings.Join(c.args, " "), code, c.code, c.says, out, errs)
			}
			if strings.Contains(out+errs, "goroutine") {
				t.Errorf("hub %s shows a stack", strings.Join(c.args, " "))
			}
		})
	}
}

// TestOneHarvester lets two processes harvest into one folder: the second must refuse.
func TestOneHarvester(t *testing.T) {
	var c cli
	c.Data = t.TempDir()
	first, second := newApp(&c, os.Stdout, os.Stderr), newApp(&c, os.Stdout, os.Stderr)
	cfg, err := first.config()
	if err != nil {
		t.Fatal(err)
	}
	if err := first.harvestAlone(cfg); err != nil {
		t.Fatal(err)
	}
	if err := second.harvestAlone(cfg); err == nil || !strings.Contains(err.Error(), "another hub") {
		t.Errorf("the second harvester got %v, want to be told of the first", err)
	}
	if err := first.stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := second.harvestAlone(cfg); err != nil {
		t.Errorf("after the first has stopped the second got %v", err)
	}
	if err := second.stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestJSONAnswers(t *testing.T) {
	data := t.TempDir()
	for _, args := range [][]string{
		{"version"}, {"config", "check"}, {"sources", "list"}, {"sources", "validate"}, {"sources", "show", "icat"}, {"coverage"}, {"migrate"},
	} {
		out, errs, code := call(t, append(args, "--json", "--data", data)...)
		if code != 0 || !json.Valid([]byte(out)) {
			t.Errorf("hub %s --json: exit %d, not JSON: %s%s", strings.Join(args, " "), code, out, errs)
		}
	}
}

func TestCheckFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(`<!doctype html><html lang="en"><title>x</title><h1>Guidelines on shelter for victims of human trafficking in Cambodia</h1>`), 0o644); err != nil {
		t.Fatal(err)
	}
	out, errs, code := call(t, "check", file)
	for _, want := range []string{"page", "css:h1", "shelter", "KH", "Score"} {
		if !strings.Contains(out, want) {
			t.Errorf("exit %d, %q is missing in\n%s%s", code, want, out, errs)
		}
	}
}

// TestExportIsWhole makes the export fail half way: the old file must stay.
func TestExportIsWhole(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "all.csv")
	if err := os.WriteFile(file, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := call(t, "export", "csv", "--data", dir, "-o", file); code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	b, err := os.ReadFile(file)
	if err != nil || !strings.HasPrefix(string(b), "id,") {
		t.Errorf("the file holds %q (%v)", b, err)
	}
	if _, errs, code := call(t, "export", "csv", "--data", dir, "-o", filepath.Join(dir, "none", "all.csv")); code != 1 || !strings.Contains(errs, "none") {
		t.Errorf("exit %d: %s", code, errs)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".all.csv*"))
	if err != nil || len(left) > 0 {
		t.Errorf("half files are left: %v %v", left, err)
	}
}
