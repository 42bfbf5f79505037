package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"ctiphub/harvester"
	"ctiphub/harvester/api"
	"ctiphub/harvester/harvestertest"
	"ctiphub/internal/fetch"
)

// portal is an API with items that change, behind a key.
type portal struct {
	changed map[string]time.Time
	asked   []string
	keys    []string
}

func (p *portal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/list" {
		http.NotFound(w, r)
		return
	}
	p.keys = append(p.keys, r.Header.Get("X-Key")+r.URL.Query().Get("apikey"))
	q := r.URL.Query()
	q.Del("apikey")
	p.asked = append(p.asked, q.Encode())
	since, _ := time.Parse(time.RFC3339, q.Get("since"))
	items := []map[string]string{}
	for _, id := range slices.Sorted(mapsKeys(p.changed)) {
		if !p.changed[id].Before(since) {
			items = append(items, map[string]string{"id": id})
		}
	}
	_ = json.NewEncoder(w).Encode(items)
}

func mapsKeys(m map[string]time.Time) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func visit(t *testing.T, src harvester.Source, from harvester.From, now time.Time) harvestertest.Result {
	t.Helper()
	a := api.New(api.Options{Get: harvestertest.Client(t), Now: func() time.Time { return now }, Env: key})
	return harvestertest.Harvest(t, a, src, from)
}

func ids(r harvestertest.Result) string {
	var list []string
	for _, p := range r.Pages {
		for _, raw := range p.Raws {
			list = append(list, raw.Identifier)
		}
	}
	return strings.Join(list, " ")
}

// TestIncrements: later runs ask for what changed, with an overlap, and once a week for
// everything, so that what was removed is seen.
func TestIncrements(t *testing.T) {
	start := time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)
	p := &portal{changed: map[string]time.Time{"a": start.AddDate(0, -1, 0), "b": start.AddDate(0, -1, 0)}}
	server := httptest.NewServer(p)
	defer server.Close()
	src := harvester.Source{ID: "test", Kind: harvester.KindAPI, URL: server.URL + "/list", Politeness: fetch.Politeness{MinDelay: fetch.Duration(time.Millisecond)},
		API: harvester.APIRecipe{ID: []string{"id"}, Since: map[string]string{"since": "{since}"}, Key: harvester.APIKey{Env: "HUB_KEY_AGENCY", Header: "X-Key"}}}
	first := visit(t, src, harvester.From{}, start)
	if ids(first) != "a b" || !first.Pages[0].Complete {
		t.Fatalf("the first run gave %q (%v)", ids(first), first.Err)
	}
	p.changed["b"] = start.Add(20 * time.Hour)
	second := visit(t, src, harvester.From{Cursor: first.Pages[0].Cursor}, start.AddDate(0, 0, 1))
	if ids(second) != "b" || second.Pages[0].Complete {
		t.Errorf("the second run gave %q, complete %v", ids(second), second.Pages[0].Complete)
	}
	if want := "since=2026-06-01T07%3A00%3A00Z"; p.asked[1] != want {
		t.Errorf("it asked %q, want %q", p.asked[1], want)
	}
	third := visit(t, src, harvester.From{Cursor: second.Pages[0].Cursor}, start.AddDate(0, 0, 9))
	if ids(third) != "a b" || !third.Pages[0].Complete {
		t.Errorf("a week later the run gave %q, complete %v", ids(third), third.Pages[0].Complete)
	}
	if full := visit(t, src, harvester.From{Cursor: third.Pages[0].Cursor, Full: true}, start.AddDate(0, 0, 9)); ids(full) != "a b" {
		t.Errorf("a full run gave %q", ids(full))
	}
	for _, k := range p.keys {
		if k != key("HUB_KEY_AGENCY") {
			t.Errorf("the key was %q", k)
		}
	}
}

// TestKeyStaysSecret: a key is in nothing that a run leaves behind.
func TestKeyStaysSecret(t *testing.T) {
	server := httptest.NewServer(&portal{changed: map[string]time.Time{"a": {}}})
	defer server.Close()
	src := harvester.Source{ID: "test", Kind: harvester.KindAPI, URL: server.URL + "/list", Politeness: fetch.Politeness{MinDelay: fetch.Duration(time.Millisecond)},
		API: harvester.APIRecipe{ID: []string{"id"}, Key: harvester.APIKey{Env: "HUB_KEY_AGENCY", Query: "apikey"}}}
	good := visit(t, src, harvester.From{}, time.Now())
	src.URL = server.URL + "/gone"
	bad := visit(t, src, harvester.From{}, time.Now())
	left := fmt.Sprintf("%+v %v %+v %v", good.Pages, good.Err, bad.Pages, bad.Err)
	if bad.Err == nil || ids(good) != "a" {
		t.Fatalf("got %s", left)
	}
	for _, secret := range []string{key("HUB_KEY_AGENCY"), "s3cret", "s3cret%2F"} {
		if strings.Contains(left, secret) {
			t.Errorf("%q is in %s", secret, left)
		}
	}
	src.API.Key.Env = "HUB_KEY_MISSING"
	if none := visit(t, src, harvester.From{}, time.Now()); none.Err == nil || !strings.Contains(none.Err.Error(), "HUB_KEY_MISSING") {
		t.Errorf("without a key: %v", none.Err)
	}
}

func TestRecipeMistakes(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*harvester.Source)
		want   string
	}{
		"no id":             {func(s *harvester.Source) { s.API.ID = nil }, "api.id"},
		"key in the file":   {func(s *harvester.Source) { s.API.Query = map[string]string{"api_key": "abc"} }, "api.key"},
		"token in the url":  {func(s *harvester.Source) { s.URL += "?token=abc" }, "api.key"},
		"no variable":       {func(s *harvester.Source) { s.API.Key = harvester.APIKey{Env: "my key", Header: "X"} }, "api.key.env"},
		"header and query":  {func(s *harvester.Source) { s.API.Key = harvester.APIKey{Env: "K", Header: "X", Query: "k"} }, "either header or query"},
		"body of a GET":     {func(s *harvester.Source) { s.API.Body = "{}" }, "method: POST"},
		"unknown paging":    {func(s *harvester.Source) { s.API.Paging.By = "scroll" }, "api.paging.by"},
		"cursor from where": {func(s *harvester.Source) { s.API.Paging.By = "cursor" }, "api.paging.path"},
		"camel case":        {func(s *harvester.Source) { s.API.Query = map[string]string{"accessToken": "abc"} }, "api.key"},
		"glued":             {func(s *harvester.Source) { s.API.Query = map[string]string{"wskey": "abc"} }, "api.key"},
		"key in the body":   {func(s *harvester.Source) { s.API.Method, s.API.Body = "POST", `{"auth": {"apiKey": "abc"}}` }, "api.key"},
		"password":          {func(s *harvester.Source) { s.URL = "https://hub:abc@agency.example/list" }, "password"},
		"key in the prefix": {func(s *harvester.Source) {
			s.API.Key = harvester.APIKey{Env: "K", Header: "X", Prefix: "Bearer abc123"}
		}, "api.key.prefix"},
		"key for a name":   {func(s *harvester.Source) { s.API.Key = harvester.APIKey{Env: "sk-abc-123", Header: "X"} }, "not the key itself"},
		"items of CSV":     {func(s *harvester.Source) { s.API.Media, s.API.Items = "csv", "rows" }, "api.items"},
		"quote between":    {func(s *harvester.Source) { s.API.Media, s.API.Delimiter = "csv", `"` }, "api.delimiter"},
		"newest of what":   {func(s *harvester.Source) { s.API.NewestFirst = true }, "api.newest_first"},
		"unknown method":   {func(s *harvester.Source) { s.API.Method = "PUT" }, "api.method"},
		"half a condition": {func(s *harvester.Source) { s.API.Skip = "hidden" }, "api.skip"},
	} {
		src := harvester.Source{ID: "test", Name: "Test", Kind: harvester.KindAPI, URL: "https://agency.example/list", API: harvester.APIRecipe{ID: []string{"id"}}}
		if err := src.Validate(); err != nil {
			t.Fatal(err)
		}
		c.change(&src)
		if err := src.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		} else if strings.Contains(err.Error(), "abc") {
			t.Errorf("%s: the message repeats the key: %v", name, err)
		}
	}
}

// TestHonestNames: what only sounds like a key is none.
func TestHonestNames(t *testing.T) {
	src := harvester.Source{ID: "test", Name: "Test", Kind: harvester.KindAPI, URL: "https://agency.example/list?keyword=law&author=x",
		API: harvester.APIRecipe{ID: []string{"id"}, Method: "POST", Body: `{"page_token": "{cursor}", "keywords": "law"}`, Query: map[string]string{"keyword": "key", "authority": "x"}}}
	if err := src.Validate(); err != nil {
		t.Error(err)
	}
}

// answer serves one body whatever is asked.
type answer struct {
	media string
	body  []byte
}

func (a answer) Get(context.Context, fetch.Request) (*fetch.Response, error) {
	return &fetch.Response{URL: "https://agency.example/list", Status: 200, MediaType: a.media, Body: a.body, Fetched: time.Unix(1, 0)}, nil
}

func FuzzAnswers(f *testing.F) {
	f.Add("json", "result.items", "next", []byte(`{"result": {"items": [{"id": 1}]}, "next": "/list"}`))
	f.Add("json", "a['b.c'].d", "cursor", []byte(`{"a": {"b.c": [{"d": {"id": "x"}}, {"d": []}]}, "next": "y"}`))
	f.Add("json", "", "page", []byte(`[[[{"id": true}]], null, 3]`))
	f.Add("json", "x[", "offset", []byte(`{"x": null, "error": {"message": ["s3cret/+="]}}`))
	f.Add("csv", "", "", []byte("id;b\n1;2\n\"3"))
	f.Add("csv", "", "", []byte("\xff\xfei\x00d\x00\n\x001\x00"))
	f.Add("ndjson", "", "link", []byte("{\"id\":1}\n{"))
	f.Fuzz(func(t *testing.T, media, items, by string, body []byte) {
		a := api.New(api.Options{Get: answer{"text/plain", body}, Now: time.Now, Env: key})
		src := harvester.Source{ID: "f", Kind: harvester.KindAPI, URL: "https://agency.example/list", API: harvester.APIRecipe{
			Media: media, Items: items, ID: []string{"id", items}, URL: []string{"{" + items + "}", items}, Modified: items, Deleted: "a=b", Error: "error=1", Total: "n",
			Paging: harvester.APIPaging{By: by, Path: "next"}, Key: harvester.APIKey{Env: "HUB_KEY_AGENCY", Header: "X-Key"}}}
		answers, text := 0, ""
		for page, err := range a.Pages(t.Context(), src, harvester.From{}) {
			if err != nil {
				text += err.Error()
				break
			}
			if len(page.Raws) < 1000 {
				answers++
			}
			for _, raw := range page.Raws {
				if raw.Identifier == "" || !raw.Deleted && !json.Valid(raw.Body) {
					t.Errorf("bad raw: %+v", raw)
				}
				text += string(raw.Body) + raw.URL
			}
			text += string(page.Cursor)
			// The same answer again and again is one that goes round; empty ones get more patience.
			if answers > 60 {
				t.Fatal("it goes in circles")
			}
		}
		if strings.Contains(text, key("HUB_KEY_AGENCY")) {
			t.Error("the key was kept")
		}
	})
}

func FuzzPath(f *testing.F) {
	doc := map[string]any{"a": []any{map[string]any{"b.c": "x"}, "y"}, "": map[string]any{"": "z"}}
	for _, path := range []string{"a", "a.b", "$.a['b.c']", "[", "a[", "]", "..", "a..b", "$", "['']"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		first, all := api.Text(doc, path), api.Texts(doc, path)
		if first == "" && len(all) > 0 && path != "" {
			t.Errorf("%q has %q but no first", path, all)
		}
	})
}
