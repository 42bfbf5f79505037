package feed

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"ctiphub/harvester"
	"ctiphub/harvester/harvestertest"
	"ctiphub/internal/fetch"
)

func TestVisits(t *testing.T) {
	harvestertest.Visits(t, "testdata/visits/*.txtar", func(g harvestertest.Getter, now func() time.Time) harvester.Adapter { return New(g, now) })
}

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
	for _, err := range New(g, time.Now).Pages(t.Context(), harvester.Source{URL: "http://feed.example/", Feed: harvester.FeedRecipe{All: true}}, harvester.From{}) {
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
	r := harvestertest.Harvest(t, New(g, time.Now), harvester.Source{ID: "test", URL: "http://feed.example/", Feed: harvester.FeedRecipe{All: true}}, harvester.From{})
	if r.Err != nil || n != maxDocuments || !r.Pages[n-1].Last {
		t.Errorf("%d documents, %v", n, r.Err)
	}
}

// TestBegin holds what a run does against what is known from the one before.
func TestBegin(t *testing.T) {
	src := harvester.Source{URL: "http://feed.example/", Feed: harvester.FeedRecipe{All: true}}
	plain := harvester.Source{URL: src.URL}
	stored := func(s state) harvester.Cursor {
		s.Version, s.URL = stateVersion, src.URL
		return s.cursor()
	}
	walking := stored(state{Mode: fill, Recipe: recipeOf(src.Feed), Next: "http://feed.example/?paged=3", N: 3})
	ended := stored(state{Mode: fill, Recipe: recipeOf(src.Feed), Newest: []string{"a"}})
	closing := stored(state{Mode: gap, Recipe: recipeOf(src.Feed), Next: "http://feed.example/?paged=2", N: 2, Before: []string{"a"}})
	for name, c := range map[string]struct {
		src    harvester.Source
		from   harvester.From
		mode   string
		n      int
		before int
		fresh  bool
	}{
		"first":                     {src: src, mode: fill, n: 1},
		"first without a choice":    {src: plain, mode: window, n: 1},
		"goes on":                   {src: src, from: harvester.From{Cursor: walking}, mode: fill, n: 3},
		"full goes on filling":      {src: src, from: harvester.From{Cursor: walking, Full: true}, mode: fill, n: 3},
		"full leaves a gap alone":   {src: src, from: harvester.From{Cursor: closing, Full: true}, mode: fill, n: 1},
		"goes on closing a gap":     {src: src, from: harvester.From{Cursor: closing}, mode: gap, n: 2, before: 1},
		"later":                     {src: src, from: harvester.From{Cursor: ended}, mode: gap, n: 1, before: 1},
		"another choice":            {src: plain, from: harvester.From{Cursor: ended}, mode: window, n: 1, before: 1, fresh: true},
		"cursor of another source":  {src: harvester.Source{URL: "http://other.example/"}, from: harvester.From{Cursor: ended}, mode: window, n: 1},
		"cursor of an old version":  {src: src, from: harvester.From{Cursor: "3 http://feed.example/?page=3"}, mode: fill, n: 1},
		"cursor without an address": {src: src, from: harvester.From{Cursor: stored(state{Mode: fill, Recipe: recipeOf(src.Feed), Next: "no address", N: 3})}, mode: fill, n: 1},
	} {
		s, fresh := begin(c.src, c.from)
		if s.Mode != c.mode || s.N != c.n || len(s.Before) != c.before || fresh != c.fresh || s.Next == "" {
			t.Errorf("%s: got %+v, fresh %v", name, s, fresh)
		}
	}
}

func TestPagedAddress(t *testing.T) {
	for address, want := range map[string]string{
		"http://a.example/feed/":                       "http://a.example/feed/?paged=2",
		"http://a.example/?feed=rss2&paged=7":          "http://a.example/?feed=rss2&paged=2",
		"http://a.example/?cat=12&feed=rss2&lang=k%2A": "http://a.example/?cat=12&feed=rss2&lang=k%2A&paged=2",
	} {
		if got := paged(address, 2); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
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
