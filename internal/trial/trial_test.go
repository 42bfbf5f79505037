package trial_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ctiphub/configs"
	"ctiphub/internal/trial"
	"ctiphub/normalizer"
	"ctiphub/record"
)

var update = flag.Bool("update", false, "rewrite what the built-in cases want from what comes out now")

func vocabulary(t *testing.T) *normalizer.Vocabulary {
	t.Helper()
	cfg, err := configs.Load("")
	if err != nil {
		t.Fatal(err)
	}
	return cfg.Vocabulary
}

// TestBuiltInCases runs the cases that come with the hub, to the letter.
func TestBuiltInCases(t *testing.T) {
	files, err := filepath.Glob("../../configs/cases/*.txtar")
	if err != nil || len(files) < 10 {
		t.Fatalf("found %d cases (%v)", len(files), err)
	}
	v := vocabulary(t)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c, err := trial.Parse(name, file, data)
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.Run(v, nil)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(file, c.With(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if !c.Exact(got) {
				t.Errorf("the record differs from what is wanted (run with -update and read the diff)\n%s", firstLines(data, c.With(got)))
			}
		})
	}
}

// firstLines shows the first lines by which two texts differ.
func firstLines(want, got []byte) string {
	w, g := strings.Split(string(want), "\n"), strings.Split(string(got), "\n")
	var b strings.Builder
	for i, shown := 0, 0; i < max(len(w), len(g)) && shown < 6; i++ {
		var a, c string
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			c = g[i]
		}
		if a != c {
			shown++
			b.WriteString("-" + a + "\n+" + c + "\n")
		}
	}
	return b.String()
}

const page = `<html lang="en"><head><title>Shelter standards for victims of trafficking in Cambodia</title></head></html>`

func TestWrite(t *testing.T) {
	raw := record.Raw{
		Source: "kh-site", Identifier: "https://a.example/p", URL: "https://a.example/p", Status: 200, Format: record.FormatHTML, MediaType: "text/html",
		Fetched: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), Hints: []record.Hint{{Key: "link-text", Value: "Standards", Lang: "en"}}, Body: []byte(page),
	}
	v := vocabulary(t)
	n, err := normalizer.New(v, nil)
	if err != nil {
		t.Fatal(err)
	}
	rec, dec, err := n.Normalize(raw)
	if err != nil {
		t.Fatal(err)
	}
	data, err := trial.Write(raw, trial.Outcome{Decision: dec, Record: rec})
	if err != nil {
		t.Fatal(err)
	}
	c, err := trial.Parse("p", "p.txtar", data)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Run(v, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !c.Exact(got) || len(c.Differences(got)) > 0 {
		t.Errorf("a case made of a stored raw differs from itself: %v", c.Differences(got))
	}
	if !bytes.Equal(c.With(got), data) {
		t.Error("the file is not the same when it is written again")
	}
	// A rule of the source, as configured, shows at once.
	got, err = c.Run(v, map[string]normalizer.Rules{"kh-site": {Fields: map[string]normalizer.Chain{"title": {First: []string{"css:h1"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	titled := slices.ContainsFunc(c.Differences(got), func(d record.Difference) bool { return d.Field == "title@en" && d.After == "Standards" })
	if !titled {
		t.Errorf("a rule that finds no title made the differences %v", c.Differences(got))
	}
	raw.Body = []byte("<p>\n-- want --\n</p>")
	if _, err := trial.Write(raw, trial.Outcome{}); err == nil {
		t.Error("a body that cannot be told from the parts of the file was written")
	}
}

// TestNewTerm shows what it takes to teach the hub a word: data, and nothing else.
func TestNewTerm(t *testing.T) {
	data := []byte("-- raw --\nsource: a\nidentifier: i\nurl: https://a.example/\nformat: html\n-- body --\n" +
		`<html lang="en"><head><title>Zorbing with survivors of human trafficking</title></head></html>` + "\n-- want --\n")
	c, err := trial.Parse("new", "new.txtar", data)
	if err != nil {
		t.Fatal(err)
	}
	v := vocabulary(t)
	before, err := c.Run(v, nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := trial.Parse("new", "new.txtar", c.With(before))
	if err != nil {
		t.Fatal(err)
	}
	for i := range v.Themes {
		if v.Themes[i].ID == "shelter" {
			v.Themes[i].Keywords["en"] = normalizer.Terms{Confidence: "high", Terms: append(v.Themes[i].Keywords["en"].Terms, "zorbing")}
		}
	}
	after, err := again.Run(v, nil)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, d := range again.Differences(after) {
		found = found || d.Kind() == "added" && d.Field == "themes"
	}
	if !found {
		t.Errorf("the new term changed only %v", again.Differences(after))
	}
}

func TestParseErrors(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"no raw":         {"-- body --\nx\n", "no part"},
		"unknown key":    {"-- raw --\nsource: a\ncolour: red\n", "colour"},
		"no source":      {"-- raw --\nidentifier: a\nformat: html\n", "needs source"},
		"want not JSON":  {"-- raw --\nsource: a\nidentifier: a\nformat: html\n-- want --\n{\n", "part want"},
		"not even txtar": {"hello", "no part"},
	} {
		_, err := trial.Parse(name, name+".txtar", []byte(c.file))
		if err == nil || !strings.Contains(fmt.Sprint(err), c.want) || !strings.Contains(fmt.Sprint(err), name) {
			t.Errorf("%s: got %v, want an error about %q", name, err, c.want)
		}
	}
}
