package feed

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/mmcdole/gofeed"

	"ctiphub/harvester"
	"ctiphub/harvester/harvestertest"
	"ctiphub/internal/fetch"
	"ctiphub/internal/replay"
)

func TestArchives(t *testing.T) {
	harvestertest.Run(t, "testdata/*.txtar", func(g harvestertest.Getter) harvester.Adapter { return New(g, time.Now) })
}

// served answers every request with the same bytes.
type served struct {
	body      []byte
	mediaType string
}

func (s served) Get(_ context.Context, r fetch.Request) (*fetch.Response, error) {
	return &fetch.Response{URL: r.URL, Status: 200, Header: http.Header{}, MediaType: s.mediaType, Body: s.body}, nil
}

// first harvests the first document of a feed.
func first(t *testing.T, g Getter) (harvester.Page, error) {
	t.Helper()
	src := harvester.Source{ID: "test", URL: "http://feed.example/"}
	for page, err := range New(g, time.Now).Pages(t.Context(), src, harvester.From{}) {
		return page, err
	}
	t.Fatal("the sequence is empty")
	return harvester.Page{}, nil
}

func TestFullAsksForEverything(t *testing.T) {
	var asked fetch.Request
	g := getterFunc(func(_ context.Context, r fetch.Request) (*fetch.Response, error) {
		asked = r
		return nil, errors.New("enough")
	})
	known := func(string) (harvester.Validator, bool) { return harvester.Validator{ETag: `"x"`}, true }
	src := harvester.Source{ID: "test", URL: "http://feed.example/", Politeness: fetch.Politeness{MaxBytes: 7}}
	for _, full := range []bool{true, false} {
		harvestertest.Harvest(t, New(g, time.Now), src, harvester.From{Full: full, Known: known})
		if (asked.ETag == "") != full || asked.Politeness.MaxBytes != 7 {
			t.Errorf("full %v: asked for %+v", full, asked)
		}
	}
}

type getterFunc func(context.Context, fetch.Request) (*fetch.Response, error)

func (f getterFunc) Get(ctx context.Context, r fetch.Request) (*fetch.Response, error) {
	return f(ctx, r)
}

func TestStopsWhenTheConsumerDoes(t *testing.T) {
	asked := 0
	g := getterFunc(func(_ context.Context, r fetch.Request) (*fetch.Response, error) {
		asked++
		return served{body: []byte(`<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="/2"/></feed>`)}.Get(t.Context(), r)
	})
	for _, err := range New(g, time.Now).Pages(t.Context(), harvester.Source{URL: "http://feed.example/"}, harvester.From{}) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	if asked != 1 {
		t.Errorf("%d requests after the consumer stopped", asked)
	}
}

func TestEndlessPagesAreBounded(t *testing.T) {
	n := 0
	g := getterFunc(func(_ context.Context, r fetch.Request) (*fetch.Response, error) {
		n++
		next := r.URL + "x"
		return served{body: []byte(`<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="` + next + `"/></feed>`)}.Get(t.Context(), r)
	})
	r := harvestertest.Harvest(t, New(g, time.Now), harvester.Source{ID: "test", URL: "http://feed.example/"}, harvester.From{})
	if r.Err != nil || n != maxDocuments || !r.Pages[n-1].Last {
		t.Errorf("%d documents, %v", n, r.Err)
	}
}

func TestCursor(t *testing.T) {
	const start = "http://feed.example/"
	for c, want := range map[harvester.Cursor]struct {
		n       int
		address string
	}{
		formatCursor(3, "http://feed.example/?p=3&x=a b"): {3, "http://feed.example/?p=3&x=a b"},
		"":                       {1, start},
		"3":                      {1, start},
		"0 http://feed.example/": {1, start},
		"x http://feed.example/": {1, start},
		"2 not an address":       {1, start},
	} {
		if n, address := parseCursor(c, start); n != want.n || address != want.address {
			t.Errorf("%q: got %d %q", c, n, address)
		}
	}
}

// expected is what was read off real feeds by eye.
type expected struct {
	File   string `json:"file"`
	Expect struct {
		Title  string   `json:"title"`
		Items  *int     `json:"items"`
		IDs    []string `json:"ids"`
		IsFeed *bool    `json:"is_feed"`
		Broken *bool    `json:"well_formed"`
		First  struct {
			Title string `json:"title"`
			URL   string `json:"url"`
			ID    string `json:"id"`
		} `json:"first"`
	} `json:"expect"`
}

// TestRealFeeds reads feeds of the wild, where they are at hand, and holds those that
// somebody has read by eye against that.
func TestRealFeeds(t *testing.T) {
	want := map[string]expected{}
	if dir, ok := replay.Shared(t, "expected"); ok {
		files, _ := filepath.Glob(filepath.Join(dir, "feed*.json"))
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			var e expected
			if err := json.Unmarshal(b, &e); err != nil {
				t.Fatalf("%s: %v", f, err)
			}
			want[e.File] = e
		}
	}
	for _, kind := range []string{"feeds", "feed-real", "feed-oracle", "feed-parser-suite", "feed-validator-suite", "feed-encoding"} {
		dir, ok := replay.Shared(t, kind)
		if !ok {
			continue
		}
		files, _ := filepath.Glob(filepath.Join(dir, "*"))
		for _, f := range files {
			body, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			page, err := first(t, served{body: body})
			if err != nil && !strings.HasPrefix(err.Error(), "harvesting a feed: reading http://feed.example/: ") {
				t.Errorf("%s: the error does not say where: %v", f, err)
			}
			if e, ok := want[kind+"/"+filepath.Base(f)]; ok {
				t.Run(e.File, func(t *testing.T) { compareReal(t, e, page, err) })
			}
		}
	}
}

func compareReal(t *testing.T, e expected, page harvester.Page, err error) {
	if e.Expect.IsFeed != nil && !*e.Expect.IsFeed {
		if err == nil {
			t.Error("no error for what is no feed")
		}
		return
	}
	if err != nil {
		if e.Expect.Broken == nil {
			t.Error(err)
		}
		return // a feed that is not well-formed may be refused, as long as it is said
	}
	if n := len(page.Raws) + len(page.Rejects); e.Expect.Items != nil && n != *e.Expect.Items {
		t.Errorf("%d entries, want %d", n, *e.Expect.Items)
	}
	for i, id := range e.Expect.IDs {
		if page.Raws[i].Identifier != id {
			t.Errorf("entry %d is %q, want %q", i+1, page.Raws[i].Identifier, id)
		}
	}
	if len(page.Raws) == 0 {
		return
	}
	var item gofeed.Item
	if err := json.Unmarshal(page.Raws[0].Body, &item); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{"title": page.Raws[0].Hint("feed-title"), "first title": item.Title, "first url": item.Link, "first id": page.Raws[0].Identifier}
	for name, want := range map[string]string{"title": e.Expect.Title, "first title": e.Expect.First.Title, "first url": e.Expect.First.URL, "first id": e.Expect.First.ID} {
		if want != "" && fold(got[name]) != fold(want) {
			t.Errorf("%s: got %q, want %q", name, got[name], want)
		}
	}
}

// fold leaves aside how blanks are laid out, and quotation marks: what windows-874 has for
// them, the TIS-620 that some feeds declare has not.
func fold(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("“”‘’", r)
	}), " ")
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("<?xml version='1.0' encoding='windows-874'?><rss><channel><item><link>/a</link></item>"), "text/xml")
	f.Add([]byte(`{"version":"https://jsonfeed.org/version/1.1","items":[{"id":1}]}`), "application/json")
	f.Add([]byte("junk<feed xmlns='http://www.w3.org/2005/Atom'><entry xml:lang='km'><id>&#0;</id></entry></feed>"), "")
	f.Add([]byte("\xff\xfe<\x00r\x00s\x00s\x00>\x00"), "text/xml; charset=utf-16")
	f.Fuzz(func(t *testing.T, body []byte, mediaType string) {
		page, err := first(t, served{body, mediaType})
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, raw := range page.Raws {
			if raw.Identifier == "" || seen[raw.Identifier] || !json.Valid(raw.Body) {
				t.Errorf("entry %q: empty, twice, or its body is no JSON", raw.Identifier)
			}
			seen[raw.Identifier] = true
		}
	})
}
