package pdf

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"golang.org/x/sync/errgroup"

	"ctiphub/internal/lang"
	"ctiphub/internal/replay"
	"ctiphub/normalizer"
	"ctiphub/record"
)

// facts are what is known of a real-world file: read by eye, or stated beside it.
type facts struct {
	Title     *string
	FirstLine string `json:"text_first_line_repaired"`
	Language  string
	Pages     int
	Creators  []string
	Created   string
	Encrypted bool
}

// sharedFacts reads both lists of facts; what was read by eye comes first.
func sharedFacts(t *testing.T, dir string) map[string]facts {
	t.Helper()
	all := map[string]facts{}
	manifest, err := os.ReadFile(filepath.Join(filepath.Dir(dir), "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(manifest)) {
		row := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if len(row) >= 8 && strings.HasPrefix(row[0], "pdf/") {
			all[strings.TrimPrefix(row[0], "pdf/")] = stated(row[7])
		}
	}
	if len(all) < 30 {
		t.Fatalf("facts of %d files only", len(all))
	}
	for name, known := range all {
		b, err := os.ReadFile(filepath.Join(filepath.Dir(dir), "expected", "pdf__"+name+".json"))
		if err != nil {
			continue
		}
		read := struct{ Expect facts }{known}
		if err := json.Unmarshal(b, &read); err != nil {
			t.Fatal(err)
		}
		all[name] = read.Expect
	}
	return all
}

// stated reads "Title=…; Pages=2; CreationDate=Wed Mar 22 21:15:43 2023 UTC; Encrypted=no".
func stated(s string) facts {
	var f facts
	for part := range strings.SplitSeq(s, "; ") {
		key, value, _ := strings.Cut(part, "=")
		switch key {
		case "Pages":
			f.Pages, _ = strconv.Atoi(value)
		case "CreationDate":
			if d, err := time.Parse("Mon Jan _2 15:04:05 2006 MST", value); err == nil {
				f.Created = d.Format(time.DateOnly)
			}
		}
	}
	return f
}

// TestSharedFacts holds what is made of real-world files against what is known of them,
// with each reader, and counts.
func TestSharedFacts(t *testing.T) {
	dir, ok := replay.Shared(t, "pdf")
	if !ok {
		return
	}
	vocabulary := &normalizer.Vocabulary{}
	files, err := filepath.Glob("../../configs/vocab/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil || yaml.UnmarshalWithOptions(b, vocabulary, yaml.Strict()) != nil {
			t.Fatalf("reading %s: %v", f, err)
		}
	}
	n, err := normalizer.New(vocabulary, nil)
	if err != nil {
		t.Fatal(err)
	}
	known := sharedFacts(t, dir)
	// The levels that were reached; one wrong more is a step back. What is wrong and why
	// stands in docs/sources/pdf.md.
	levels := map[string]map[string]int{
		"poppler": {"title": 0, "language": 1, "pages": 0, "creators": 1, "created": 1, "encrypted": 0},
		"pdfium":  {"title": 1, "language": 1, "pages": 0, "creators": 1, "created": 1, "encrypted": 0},
	}
	for name, r := range readers(t, Options{}) {
		t.Run(name, func(t *testing.T) {
			right, wrong := map[string]int{}, map[string]int{}
			read := readAll(t, r, dir, slices.Sorted(maps.Keys(known)))
			for _, file := range slices.Sorted(maps.Keys(read)) {
				p := read[file]
				for field, verdict := range compareFacts(t, n, file, p, known[file]) {
					if verdict == "" {
						right[field]++
						continue
					}
					wrong[field]++
					t.Logf("%s: %s: %s", file, field, verdict)
				}
			}
			for field, most := range levels[name] {
				t.Logf("%s: %d right, %d wrong", field, right[field], wrong[field])
				if wrong[field] > most {
					t.Errorf("%s: %d wrong, at most %d were before", field, wrong[field], most)
				}
			}
		})
	}
}

// readAll reads files two at a time.
func readAll(t *testing.T, r *Reader, dir string, files []string) map[string]Properties {
	t.Helper()
	var mu sync.Mutex
	all := map[string]Properties{}
	var group errgroup.Group
	group.SetLimit(2)
	for _, file := range files {
		group.Go(func() error {
			body, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				return err
			}
			p, err := r.Read(t.Context(), body)
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			mu.Lock()
			defer mu.Unlock()
			all[file] = p
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	return all
}

// compareFacts returns for each field that is known "" or what is wrong.
func compareFacts(t *testing.T, n *normalizer.Normalizer, file string, p Properties, want facts) map[string]string {
	t.Helper()
	body, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	address := "https://agency.example/files/" + file
	rec, _, err := n.Normalize(record.Raw{Identifier: address, URL: address, Format: record.FormatPDF, MediaType: "application/pdf", Body: body, Fetched: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	judge := func(field string, ok bool, got, want any) {
		if out[field] = ""; !ok {
			out[field] = fmt.Sprintf("got %q, want %q", fmt.Sprint(got), fmt.Sprint(want))
		}
	}
	judge("encrypted", p.Encrypted == want.Encrypted, p.Encrypted, want.Encrypted)
	if want.Pages > 0 {
		judge("pages", p.Pages == want.Pages, p.Pages, want.Pages)
	}
	if want.Created != "" {
		judge("created", p.Created == want.Created, p.Created, want.Created)
	}
	text, _ := rec.Title.In(want.Language)
	if want.Title != nil {
		judge("title", lang.Fold(text) == lang.Fold(*want.Title), text, *want.Title)
	}
	if want.FirstLine != "" {
		judge("title", strings.HasPrefix(lang.Fold(text), lang.Fold(want.FirstLine)), text, want.FirstLine)
	}
	if want.Language != "" {
		judge("language", slices.Equal(rec.Languages, []string{want.Language}), rec.Languages, want.Language)
	}
	if want.Creators != nil {
		var names []string
		for _, a := range rec.Creators {
			name, _ := a.Name.In()
			names = append(names, name)
		}
		judge("creators", slices.Equal(names, want.Creators), names, want.Creators)
	}
	return out
}
