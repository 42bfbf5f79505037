package wordpress

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ctiphub/harvester"
	"ctiphub/harvester/harvestertest"
	"ctiphub/internal/fetch"
	"ctiphub/internal/replay"
)

func TestEndpoint(t *testing.T) {
	params := url.Values{"include": {"1,2"}, "page": {"1"}}
	for _, c := range []struct {
		root, route string
		params      url.Values
		want        string
	}{
		{"https://a.example/wp-json/", "wp/v2/posts", params, "https://a.example/wp-json/wp/v2/posts?include=1,2&page=1"},
		{"https://a.example/wp-json", "wp/v2/posts/7", nil, "https://a.example/wp-json/wp/v2/posts/7"},
		{"https://a.example/?rest_route=/", "wp/v2/posts", params, "https://a.example/?rest_route=/wp/v2/posts&include=1,2&page=1"},
		{"https://a.example/index.php?rest_route=/", "wp/v2/types", nil, "https://a.example/index.php?rest_route=/wp/v2/types"},
	} {
		if got := endpoint(c.root, c.route, c.params); got != c.want {
			t.Errorf("%s %s: got %s, want %s", c.root, c.route, got, c.want)
		}
	}
}

func TestRootIn(t *testing.T) {
	for address, want := range map[string]string{
		"https://a.example/":                                    "",
		"https://a.example/en/":                                 "",
		"https://a.example/en/wp-json":                          "https://a.example/en/wp-json/",
		"https://a.example/wp-json/wp/v2/posts?page=2":          "https://a.example/wp-json/",
		"https://a.example/?rest_route=/wp/v2/posts&page=2":     "https://a.example/?rest_route=/",
		"https://public-api.example/wp/v2/sites/agency.example": "https://public-api.example/wp/v2/sites/agency.example/",
		"https://a.example/about-wp-json/":                      "",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := rootIn(u); got != want {
			t.Errorf("%s: got %q, want %q", address, got, want)
		}
	}
}

func TestCutJSON(t *testing.T) {
	for body, want := range map[string]string{
		`[{"id":1}]`:                            `[{"id":1}]`,
		"\ufeff \n{\"a\":1}":                    `{"a":1}`,
		`<b>Notice</b>: a[0] {x}` + "\n" + `[]`: `[]`,
		`Warning: x` + "\n" + `[ {"id":1} ]` + "\nDeprecated": `[ {"id":1} ]`,
		`<html>no`:          "",
		``:                  "",
		`[1,2,3]`:           `[1,2,3]`,
		`Warning [12] of 3`: "",
		`{"broken":`:        "",
	} {
		got, ok := cutJSON([]byte(body))
		if string(got) != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v", body, got, ok)
		}
	}
}

func TestLanguage(t *testing.T) {
	for in, want := range map[string]string{
		"km": "km", "km_KH": "km-KH", "PT-br": "pt-BR", "zh-hant": "zh-Hant", "de_DE_formal": "de", "tet": "tet",
		"": "", "x-default": "", "12": "", "english": "", "t": "",
	} {
		if got := language(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestEditionOf(t *testing.T) {
	paths := []edition{{"en", "https://a.example/"}, {"km", "https://a.example/km/"}, {"th", "https://th.a.example/"}}
	queries := []edition{{"pt", "https://a.example/?lang=pt"}, {"en", "https://a.example/?lang=en"}}
	same := []edition{{"en-US", "https://a.example/"}, {"en-GB", "https://a.example/"}}
	for _, c := range []struct {
		editions   []edition
		link, want string
	}{
		{paths, "https://a.example/km/p1/", "km"}, {paths, "https://a.example/km", "en"}, {paths, "https://a.example/kmer/", "en"},
		{paths, "https://th.a.example/x", "th"}, {paths, "https://other.example/km/", ""}, {queries, "https://a.example/?p=3", ""},
		{same, "https://a.example/x", ""}, {paths[:1], "https://a.example/x", ""}, {nil, "https://a.example/x", ""},
	} {
		if got := editionOf(c.editions, c.link); got != c.want {
			t.Errorf("%s: got %q, want %q", c.link, got, c.want)
		}
	}
}

// one makes an entry of JSON.
func one(t testing.TB, text string) item {
	t.Helper()
	items, err := readItems([]byte("[" + text + "]"))
	if err != nil {
		t.Fatal(err)
	}
	return items[0]
}

func TestTranslations(t *testing.T) {
	for text, want := range map[string][]translation{
		`{"id":1,"translations":{"en":1,"km":2}}`:                                                {{lang: "km", id: 2}},
		`{"id":1,"translations":{"th":"https://a.example/th/","vi":"7"}}`:                        {{lang: "th", url: "https://a.example/th/"}, {lang: "vi", id: 7}},
		`{"id":1,"translations":[],"pll_translations":{"id_ID":{"id":3,"link":"https://x/"}}}`:   {{lang: "id-ID", id: 3, url: "https://x/"}},
		`{"id":1,"wpml_translations":[{"locale":"km","id":9,"href":"https://a.example/km/"},3]}`: {{lang: "km", id: 9, url: "https://a.example/km/"}},
		`{"id":1,"translations":"none"}`:                                                         nil,
	} {
		if got := one(t, text).translations(); len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", text, got, want)
		}
	}
}

func TestPublicBody(t *testing.T) {
	it := one(t, `{"id":1,"author":3,"authors":[{"display_name":"A Person"}],"_links":{},"yoast_head_json":{"author":"A Person","description":"x"},
		"acf":{"owner":{"ID":3,"user_email":"a@agency.example"},"team":[{"user_nicename":"a"}],"year":2024,"big":12345678901234567890},"content":{"rendered":"<p>a &amp; b</p>"},"resource_author":[5]}`)
	body, err := publicBody(contentType{Taxonomies: []taxonomy{{Base: "resource_author"}}}, it, beside{Site: "A"})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"acf":{"big":12345678901234567890,"owner":null,"team":[null],"year":2024},"content":{"rendered":"<p>a &amp; b</p>"},"hub":{"site":"A"},"id":1,"resource_author":[5]}`
	if string(body) != want {
		t.Errorf("got  %s\nwant %s", body, want)
	}
}

func TestHeadLinks(t *testing.T) {
	resp := &fetch.Response{URL: "https://a.example/x", Header: http.Header{"Link": {`</wp-json/>; rel="https://api.w.org/", <https://a.example/km/?a=1,2>; hreflang=km; rel="alternate"; title="a,b"`}},
		Body: []byte(`<link rel="alternate" hreflang="th" href="th/"><link rel="icon" href="javascript:x"><link href="y">`)}
	want := []headLink{{"https://api.w.org/", "/wp-json/", "", ""}, {"alternate", "https://a.example/km/?a=1,2", "km", ""}, {"alternate", "th/", "th", ""}}
	if got := headLinks(resp); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestReadState(t *testing.T) {
	good := state{Version: stateVersion, Phase: listing, Site: site{Root: "https://a.example/wp-json/"}, Lists: []list{{Type: "posts"}}}
	if got := readState(good.cursor()); !reflect.DeepEqual(got, good) {
		t.Errorf("got %+v", got)
	}
	for name, spoil := range map[string]func(*state){
		"version": func(s *state) { s.Version++ }, "root": func(s *state) { s.Site.Root = "" }, "lists": func(s *state) { s.Lists = nil },
		"offset": func(s *state) { s.Offset = -1 }, "size": func(s *state) { s.Size = 1000 },
	} {
		bad := good
		spoil(&bad)
		if got := readState(bad.cursor()); got.Version != 0 {
			t.Errorf("%s: was read as %+v", name, got)
		}
	}
	if got := readState("after x"); got.Version != 0 {
		t.Errorf("got %+v", got)
	}
}

// fakeSite answers for a site with so many posts, a hundred on a page.
type fakeSite struct {
	posts   int
	asked   int
	crashes []int        // posts that PHP fails on
	lost    map[int]bool // posts that are deleted once half of the list was given out
	half    bool
	onPage  func(page int) error
}

func (f *fakeSite) Get(ctx context.Context, r fetch.Request) (*fetch.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f.asked++
	u, err := url.Parse(r.URL)
	if err != nil {
		return nil, err
	}
	resp := &fetch.Response{URL: r.URL, Status: 200, Header: http.Header{}, MediaType: "application/json"}
	switch {
	case strings.HasSuffix(u.Path, "/wp-json/"):
		resp.Body = []byte(`{"name":"A","namespaces":["wp/v2"]}`)
	case strings.HasSuffix(u.Path, "/types"):
		resp.Body = []byte(`{"post":{"rest_base":"posts"}}`)
	case strings.HasSuffix(u.Path, "/taxonomies"):
		resp.Body = []byte(`[]`)
	case strings.HasSuffix(u.Path, "/posts"):
		var page, size int
		fmt.Sscan(u.Query().Get("page"), &page)
		fmt.Sscan(u.Query().Get("per_page"), &size)
		if f.onPage != nil {
			if err := f.onPage(page); err != nil {
				return nil, err
			}
		}
		var all []int
		include := strings.Split(u.Query().Get("include"), ",")
		page = max(page, 1)
		for id := 1; id <= f.posts; id++ {
			if (!f.lost[id] || !f.half) && (include[0] == "" || slices.Contains(include, strconv.Itoa(id))) {
				all = append(all, id)
			}
		}
		f.half = f.half || page*size >= f.posts/2
		var b []string
		given := all[min(len(all), (page-1)*size):min(len(all), page*size)]
		if !u.Query().Has("_fields") && slices.ContainsFunc(given, func(id int) bool { return slices.Contains(f.crashes, id) }) {
			return nil, &fetch.StatusError{Status: 500}
		}
		for _, id := range given {
			b = append(b, fmt.Sprintf(`{"id":%d,"modified_gmt":"2026-01-01T00:00:00"}`, id))
		}
		resp.Header.Set("X-WP-Total", fmt.Sprint(len(all)))
		resp.Body = []byte("[" + strings.Join(b, ",") + "]")
	default:
		resp.Body = []byte("<html>")
	}
	return resp, nil
}

func allPosts() harvester.Source {
	return harvester.Source{ID: "test", URL: "http://site.example/", WordPress: harvester.WordPressRecipe{Types: []string{"posts"}, All: true}}
}

// TestInterruptedAndResumed stops a run at each page and goes on: nothing is lost, nothing
// comes twice.
func TestInterruptedAndResumed(t *testing.T) {
	for stop := 1; stop <= 7; stop++ {
		ctx, cancel := context.WithCancel(t.Context())
		site := &fakeSite{posts: 650, onPage: func(page int) error {
			if page == stop {
				cancel()
			}
			return ctx.Err()
		}}
		seen := map[string]int{}
		var cursor harvester.Cursor
		var failure error
		for page, err := range New(site, fixed).Pages(ctx, allPosts(), harvester.From{}) {
			if failure = err; err != nil {
				break
			}
			cursor = page.Cursor
			for _, raw := range page.Raws {
				seen[raw.Identifier]++
			}
		}
		cancel()
		if !errors.Is(failure, context.Canceled) {
			t.Fatalf("stopped at %d: %v", stop, failure)
		}
		rest := harvestertest.Harvest(t, New(&fakeSite{posts: 650}, fixed), allPosts(), harvester.From{Cursor: cursor})
		if rest.Err != nil || !rest.Pages[len(rest.Pages)-1].Complete {
			t.Fatalf("stopped at %d: the rest ended with %v", stop, rest.Err)
		}
		for _, p := range rest.Pages {
			for _, raw := range p.Raws {
				seen[raw.Identifier]++
			}
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("stopped at %d: %s came %d times", stop, id, n)
			}
		}
		if len(seen) != 650 {
			t.Errorf("stopped at %d: %d posts came out", stop, len(seen))
		}
	}
}

// TestDeletedMeanwhile deletes posts in the midst of a listing: those that stay must all come.
func TestDeletedMeanwhile(t *testing.T) {
	lost := map[int]bool{}
	for id := 1; id <= 150; id++ {
		lost[id] = true
	}
	r := harvestertest.Harvest(t, New(&fakeSite{posts: 1000, lost: lost}, fixed), allPosts(), harvester.From{})
	seen := map[string]bool{}
	for _, p := range r.Pages {
		for _, raw := range p.Raws {
			seen[raw.Identifier] = true
		}
	}
	for id := 151; id <= 1000; id++ {
		if !seen[identifier(int64(id))] {
			t.Fatalf("post %d was missed; %v", id, r.Err)
		}
	}
}

func TestStopsWhenTheConsumerDoes(t *testing.T) {
	site := &fakeSite{posts: 500}
	for _, err := range New(site, fixed).Pages(t.Context(), allPosts(), harvester.From{}) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	if site.asked != 5 {
		t.Errorf("%d requests, want home, index, types, taxonomies and one page", site.asked)
	}
}

func TestClockOfTheServer(t *testing.T) {
	first := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for date, want := range map[string]time.Time{
		"": first, "Sun, 01 Mar 2026 11:58:00 GMT": first.Add(-2 * time.Minute), "Sun, 01 Mar 2026 13:00:00 GMT": first, "yesterday": first,
	} {
		s := state{First: first}
		s.clock(http.Header{"Date": {date}})
		if !s.First.Equal(want) {
			t.Errorf("%q: got %s, want %s", date, s.First, want)
		}
	}
}

// TestSharedSites reads what live sites say of themselves, where that is at hand.
func TestSharedSites(t *testing.T) {
	for _, c := range []struct{ folder, index, types string }{
		{"api", "vanj_wp_root.json", "golkar_wp_types.json"}, {"json-api", "wp_golkar_index.json", ""},
	} {
		dir, ok := replay.Shared(t, c.folder)
		if !ok {
			continue
		}
		read := func(name string) []byte {
			b, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		var wanted []string
		get := getter(func(r fetch.Request) (*fetch.Response, error) {
			resp := &fetch.Response{URL: r.URL, Status: 200, Header: http.Header{}, Body: []byte("[]")}
			switch {
			case strings.HasSuffix(r.URL, "namespaces"):
				resp.Body = read(c.index)
			case strings.Contains(r.URL, "/users"):
				t.Errorf("asked for accounts: %s", r.URL)
			case strings.HasSuffix(r.URL, "/types") && c.types != "":
				resp.Body = read(c.types)
			case strings.HasSuffix(r.URL, "/types"):
				resp.Body = []byte(`{"post":{"rest_base":"posts"},"page":{"rest_base":"pages"}}`)
			case strings.HasSuffix(r.URL, "/taxonomies"):
				resp.Body = []byte(`{"category":{"rest_base":"categories"},"post_tag":{"rest_base":"tags"}}`)
			default:
				_, route, _ := strings.Cut(r.URL, "/wp/v2/")
				wanted = append(wanted, route[:strings.Index(route, "?")])
			}
			return resp, nil
		})
		src := harvester.Source{ID: "test", URL: "http://site.example/wp-json/", MayBeEmpty: true, WordPress: harvester.WordPressRecipe{All: true, Media: "pdf"}}
		if c.types == "" {
			src.WordPress.Media = ""
		}
		r := harvestertest.Harvest(t, New(get, fixed), src, harvester.From{})
		want := []string{"posts", "pages", "media"}
		if c.types == "" {
			want = want[:2]
		}
		if r.Err != nil || !reflect.DeepEqual(wanted, want) {
			t.Errorf("%s: listed %q, want %q; %v", c.index, wanted, want, r.Err)
		}
	}
}

// TestSharedTerms chooses by the categories of live sites, where their lists are at hand:
// each by its name as readers see it, and by its slug.
func TestSharedTerms(t *testing.T) {
	right, asked := 0, 0
	for folder, pattern := range map[string]string{"api": "golkar_wp_categories.json", "json-api": "wp_kcua_category_*.json"} {
		dir, ok := replay.Shared(t, folder)
		if !ok {
			continue
		}
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %d files, %v", folder, len(names), err)
		}
		for _, name := range names {
			body, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if body[0] != '[' {
				body = []byte("[" + string(body) + "]")
			}
			var list []term
			if err := json.Unmarshal(body, &list); err != nil {
				t.Fatal(err)
			}
			get := getter(func(r fetch.Request) (*fetch.Response, error) {
				return &fetch.Response{URL: r.URL, Status: 200, Header: http.Header{}, Body: body}, nil
			})
			r := &run{Adapter: New(get, fixed), ctx: t.Context(), noted: map[string]bool{}}
			r.state.Site.Root = "http://site.example/wp-json/"
			for _, one := range list {
				for _, word := range []string{textOf(one.Name), one.Slug} {
					asked++
					found, err := r.called(taxonomy{"categories", "wp/v2/categories"}, word)
					if err != nil || !slices.Contains(found, one.ID) {
						t.Errorf("%s: %q gives %v, want %d; %v", filepath.Base(name), word, found, one.ID, err)
						continue
					}
					right++
				}
			}
		}
	}
	t.Logf("%d of %d words found", right, asked)
	if asked > 0 && right < sharedWords {
		t.Errorf("%d words are right, there were %d", right, sharedWords)
	}
}

// sharedWords is how many were found when the test was written.
const sharedWords = 16

func FuzzAnswers(f *testing.F) {
	f.Add([]byte(`[{"id":1,"title":{"rendered":"A"},"content":{"rendered":"<a href=x.pdf>x"},"categories":[1],"translations":{"km":2},"lang":"en","link":"/p"}]`))
	f.Add([]byte(`{"0":{"id":1,"yoast_head_json":{"description":"x"},"acf":{"u":{"user_email":"a"}}}}`))
	f.Add([]byte(`<b>Warning</b> [{"id":"x","modified_gmt":"0000-00-00T00:00:00"},{"id":7,"status":"draft"}]`))
	f.Add([]byte(`[{"id":-1},{"id":9,"wpml_translations":[[],{"locale":"de_DE_formal","href":":"}],"content":7,"source_url":"//x/%zz.pdf"}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		get := getter(func(r fetch.Request) (*fetch.Response, error) {
			resp := &fetch.Response{URL: r.URL, Status: 200, Header: http.Header{}, Body: body}
			switch {
			case strings.Contains(r.URL, "/types"):
				resp.Body = []byte(`{"post":{"rest_base":"posts","taxonomies":["category"]}}`)
			case strings.Contains(r.URL, "/taxonomies"):
				resp.Body = []byte(`{"category":{"rest_base":"categories"}}`)
			case strings.HasSuffix(r.URL, "namespaces"):
				resp.Body = []byte(`{"name":"A","namespaces":["wp/v2"]}`)
			}
			return resp, nil
		})
		r := harvestertest.Harvest(t, New(get, fixed), allPosts(), harvester.From{})
		seen := map[string]bool{}
		for _, p := range r.Pages {
			for _, raw := range p.Raws {
				if seen[raw.Identifier] || !json.Valid(raw.Body) || raw.URL == "" {
					t.Errorf("%s: twice, without address, or its body is no JSON", raw.Identifier)
				}
				seen[raw.Identifier] = true
			}
		}
		headLinks(&fetch.Response{URL: "http://a.example/", Header: http.Header{"Link": {string(body)}}, Body: body})
	})
}

type getter func(fetch.Request) (*fetch.Response, error)

func (g getter) Get(_ context.Context, r fetch.Request) (*fetch.Response, error) { return g(r) }
