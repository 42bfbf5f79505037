package normalizer

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ctiphub/internal/lang"
	"ctiphub/internal/replay"
	"ctiphub/record"
)

// pageFacts are what a person read in a page, or what is annotated beside it.
type pageFacts struct {
	URL      string
	Title    *string
	Date     string
	Language string
	Creators []string
}

var (
	annotated = regexp.MustCompile(`annotated publication date (\d{4}-\d{2}-\d{2})`)
	pageOf    = regexp.MustCompile(`page of (https?://\S+)`)
)

// sharedPages reads the facts of the pages of all kinds, by "kind/file".
func sharedPages(t *testing.T, data string) map[string]pageFacts {
	t.Helper()
	all := map[string]pageFacts{}
	manifest, err := os.ReadFile(filepath.Join(data, "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	urls := map[string]string{}
	for line := range strings.Lines(string(manifest)) {
		name, rest, _ := strings.Cut(line, "\t")
		if m := pageOf.FindStringSubmatch(rest); m != nil {
			urls[name] = m[1]
		}
		if m := annotated.FindStringSubmatch(rest); m != nil && strings.HasSuffix(name, ".html") {
			all[name] = pageFacts{Date: m[1]}
		}
	}
	files, err := filepath.Glob(filepath.Join(data, "expected", "html*__*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		var e struct {
			File   string
			Expect pageFacts
		}
		b, err := os.ReadFile(name)
		if err != nil || json.Unmarshal(b, &e) != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all[e.File] = e.Expect
	}
	for name, f := range all {
		if f.URL == "" {
			f.URL = urls[name]
		}
		all[name] = f
	}
	return all
}

// TestSharedPages holds what is made of real-world pages, with the default rules and no
// knowledge of their sites, against what is known of them, and counts by kind.
func TestSharedPages(t *testing.T) {
	dir, ok := replay.Shared(t, "html")
	if !ok {
		return
	}
	data := filepath.Dir(dir)
	n := normalizer(t, nil)
	known := sharedPages(t, data)
	right, wrong := map[string]int{}, map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		body, err := os.ReadFile(filepath.Join(data, name))
		if err != nil {
			continue // a third of the files is kept back
		}
		kind, _, _ := strings.Cut(name, "/")
		for field, verdict := range comparePage(t, n, name, body, known[name]) {
			if verdict == "" {
				right[kind+" "+field]++
				right[field]++
				continue
			}
			wrong[kind+" "+field]++
			wrong[field]++
			t.Logf("%s: %s: %s", name, field, verdict)
		}
	}
	for _, what := range slices.Sorted(maps.Keys(right)) {
		t.Logf("%s: %d right, %d wrong", what, right[what], wrong[what])
	}
	// The levels that were reached; one wrong more is a step back. Wrong are: a title whose
	// short form stands in og:title; dates that stand nowhere but in running text, or in a
	// language that the hub does not read; a newspaper that signs as author of its article.
	for field, most := range map[string]int{"title": 1, "date": 5, "language": 0, "creators": 1} {
		if wrong[field] > most {
			t.Errorf("%s: %d wrong, at most %d were before", field, wrong[field], most)
		}
	}
}

// comparePage returns for each field that is known "" or what is wrong.
func comparePage(t *testing.T, n *Normalizer, name string, body []byte, want pageFacts) map[string]string {
	t.Helper()
	address := want.URL
	if address == "" {
		address = "https://agency.example/" + name
	}
	rec, _, err := n.Normalize(record.Raw{Identifier: address, URL: address, Format: record.FormatHTML, MediaType: "text/html", Body: body, Fetched: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	judge := func(field string, ok bool, got, want any) {
		if out[field] = ""; !ok {
			out[field] = fmt.Sprintf("got %q, want %q", fmt.Sprint(got), fmt.Sprint(want))
		}
	}
	if want.Title != nil {
		judge("title", slices.ContainsFunc(slices.Collect(maps.Values(rec.Title)), func(s string) bool { return lang.Fold(s) == lang.Fold(*want.Title) }), rec.Title, *want.Title)
	}
	if want.Date != "" {
		judge("date", rec.Issued.EDTF == want.Date[:10], rec.Issued.EDTF, want.Date)
	}
	if want.Language != "" {
		judge("language", len(rec.Languages) > 0 && (rec.Languages[0] == want.Language || strings.HasPrefix(want.Language, rec.Languages[0]+"-")), rec.Languages, want.Language)
	}
	if want.Creators != nil {
		var names []string
		for _, a := range rec.Creators {
			s, _ := a.Name.In()
			names = append(names, s)
		}
		judge("creators", slices.Equal(names, want.Creators), names, want.Creators)
	}
	return out
}
