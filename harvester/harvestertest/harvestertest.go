// Package harvestertest plays recorded sources through an adapter.
//
// In flow txtar archives: a source, its pages as served, and what a harvest of them
// should give. Out flows a failing test where it gives something else, asks rudely, or
// cannot be resumed. It stores nothing but the archives under -update, and must not know
// which adapter it drives.
//
// An archive holds the files
//
//	source       the harvester.Source as YAML; {{base}} is the server's URL
//	/path        an answer, see package replay
//	want         the pages of a first harvest, written by Dump
//	2:/path      an answer that is different, or new, at the second harvest
//	want-2       the pages of a second harvest that knows the validators of the first
//	requests     what the first harvest asked for, robots.txt included; left out: not checked
//	requests-2   the same of the second
//
// After that each cursor of the first harvest is resumed from: the pages behind it must
// come as they came the first time.
package harvestertest

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"golang.org/x/tools/txtar"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
	"ctiphub/internal/replay"
)

// Getter fetches one URL.
type Getter interface {
	Get(context.Context, fetch.Request) (*fetch.Response, error)
}

// Client returns a polite client that may visit loopback addresses.
func Client(t testing.TB) *fetch.Client {
	t.Helper()
	c := fetch.New(fetch.Options{
		UserAgent: "CTIPHub/test", Contact: "https://hub.example/contact",
		Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	})
	t.Cleanup(c.Close)
	return c
}

// Run plays every archive that matches a pattern, each as a subtest.
func Run(t *testing.T, pattern string, adapter func(Getter) harvester.Adapter) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives match %s (%v)", pattern, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { play(t, file, adapter) })
	}
}

// play runs one archive.
func play(t *testing.T, file string, adapter func(Getter) harvester.Adapter) {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	archive := txtar.Parse(b)
	server := replay.Serve(t, archive)
	src := source(t, archive, server.URL)
	known := Memory{}
	first := Harvest(t, adapter(Client(t)), src, harvester.From{Known: known.Known})
	got := map[string]string{"want": neutral(server, first.Dump()), "requests": requests(server)}

	for n := range first.Pages {
		resume(t, adapter(Client(t)), src, first, n)
	}
	if second, changed := overlay(archive); changed {
		for _, p := range first.Pages {
			known.Store(p.Validators)
		}
		server.Load(second)
		again := Harvest(t, adapter(Client(t)), src, harvester.From{Known: known.Known})
		got["want-2"], got["requests-2"] = neutral(server, again.Dump()), requests(server)
	}
	compare(t, file, archive, got)
}

// Result is what a harvest gave.
type Result struct {
	Pages []harvester.Page
	Err   error
}

// Harvest takes in all pages of a source.
func Harvest(t testing.TB, a harvester.Adapter, src harvester.Source, from harvester.From) Result {
	t.Helper()
	var r Result
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for page, err := range a.Pages(ctx, src, from) {
		if err != nil {
			r.Err = err
			continue // an error is the last there is; a page behind it fails below
		}
		if r.Err != nil {
			t.Fatal("a page came after the error")
		}
		for _, raw := range page.Raws {
			if raw.Identifier == "" || raw.Source != src.ID || raw.Fetched.IsZero() || raw.Format == "" {
				t.Errorf("incomplete raw: %+v", raw)
			}
		}
		r.Pages = append(r.Pages, page)
	}
	return r
}

// resume goes on from the cursor of page n and wants the pages behind it. The run is made
// after the first one, of a site that is as it was.
func resume(t *testing.T, a harvester.Adapter, src harvester.Source, whole Result, n int) {
	t.Helper()
	if whole.Pages[n].Last || whole.Err != nil {
		return
	}
	if whole.Pages[n].Cursor == "" {
		t.Fatalf("page %d is not the last and has no cursor", n+1)
	}
	rest := Harvest(t, a, src, harvester.From{Cursor: whole.Pages[n].Cursor})
	if rest.Err != nil {
		t.Errorf("resuming behind page %d: %v", n+1, rest.Err)
		return
	}
	// What was listed twice may come twice: the run that goes on does not know what the
	// interrupted one has seen.
	before := identifiers(whole.Pages[:n+1])
	want := identifiers(whole.Pages[n+1:])
	got := slices.DeleteFunc(identifiers(rest.Pages), func(id string) bool {
		return slices.Contains(before, id) && !slices.Contains(want, id)
	})
	if !slices.Equal(want, got) {
		t.Errorf("resuming behind page %d:\n got %q\nwant %q", n+1, got, want)
	}
}

// identifiers lists what pages account for.
func identifiers(pages []harvester.Page) []string {
	var ids []string
	for _, p := range pages {
		for _, r := range p.Raws {
			ids = append(ids, r.Identifier)
		}
		for _, r := range p.Rejects {
			ids = append(ids, r.Code+" "+r.Identifier)
		}
		ids = append(ids, p.Same...)
	}
	slices.Sort(ids)
	return ids
}

// Memory keeps validators as a catalogue does.
type Memory map[string]harvester.Validator

// Store keeps the validators of a page.
func (m Memory) Store(list []harvester.Validator) {
	for _, v := range list {
		m[v.URL] = v
	}
}

// Known is for harvester.From.
func (m Memory) Known(url string) (harvester.Validator, bool) {
	v, ok := m[url]
	return v, ok
}

func source(t *testing.T, archive *txtar.Archive, base string) harvester.Source {
	t.Helper()
	for _, f := range archive.Files {
		if f.Name != "source" {
			continue
		}
		var src harvester.Source
		text := bytes.ReplaceAll(f.Data, []byte("{{base}}"), []byte(base))
		if err := yaml.UnmarshalWithOptions(text, &src, yaml.Strict()); err != nil {
			t.Fatalf("source: %v", err)
		}
		if src.Politeness.MinDelay == 0 {
			src.Politeness.MinDelay = 1
		}
		if err := src.Validate(); err != nil {
			t.Fatalf("source: %v", err)
		}
		return src
	}
	t.Fatal("the archive holds no source")
	return harvester.Source{}
}

// overlay is the site at the second harvest. It reports whether there is to be one.
func overlay(archive *txtar.Archive) (*txtar.Archive, bool) {
	second, asked := &txtar.Archive{}, false
	replaced := map[string]bool{}
	for _, f := range archive.Files {
		if name, ok := strings.CutPrefix(f.Name, "2:"); ok {
			replaced[name] = true
			second.Files = append(second.Files, txtar.File{Name: name, Data: f.Data})
		}
		asked = asked || f.Name == "want-2" || strings.HasPrefix(f.Name, "2:")
	}
	for _, f := range archive.Files {
		if !replaced[f.Name] {
			second.Files = append(second.Files, f)
		}
	}
	return second, asked
}

var update = flag.Bool("update", false, "write what harvests gave into the archives")

// compare holds results against the archive, or writes them into it.
func compare(t *testing.T, file string, archive *txtar.Archive, got map[string]string) {
	t.Helper()
	for _, name := range []string{"want", "requests", "want-2", "requests-2"} {
		i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == name })
		text, made := got[name]
		switch {
		case *update && made && i >= 0:
			archive.Files[i].Data = []byte(text)
		case *update && made && !strings.HasPrefix(name, "requests"):
			archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(text)})
		case *update:
		case i < 0 && !strings.HasPrefix(name, "requests") && made:
			t.Errorf("the archive has no file %q; -update writes it:\n%s", name, text)
		case i >= 0 && string(archive.Files[i].Data) != text:
			t.Errorf("%s:\n--- got\n%s--- want\n%s", name, text, archive.Files[i].Data)
		}
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// neutral writes the server's URL as archives do, and its host without the URL around it
// as {{host}}.
func neutral(s *replay.Server, text string) string {
	text = strings.ReplaceAll(text, s.URL, "{{base}}")
	return strings.ReplaceAll(text, strings.TrimPrefix(s.URL, "http://"), "{{host}}")
}

// requests lists what was asked since the site was loaded.
func requests(s *replay.Server) string {
	var b strings.Builder
	for _, r := range s.Requests() {
		conditional := ""
		if r.Conditional {
			conditional = " conditional"
		}
		fmt.Fprintf(&b, "%d %s%s\n", r.Status, r.Path, conditional)
	}
	return b.String()
}
