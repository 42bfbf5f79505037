package website

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ctiphub/harvester"
	"ctiphub/harvester/harvestertest"
	"ctiphub/internal/fetch"
	"ctiphub/internal/replay"
)

// inPairs makes groups of two requests, so that short archives have many cursors.
func inPairs(g harvestertest.Getter) harvester.Adapter {
	a := New(g, time.Now)
	a.group = 2
	return a
}

func TestArchives(t *testing.T) { harvestertest.Run(t, "testdata/*.txtar", inPairs) }

// site is a web site in memory: a sitemap at /sitemap.xml and pages.
type fakeSite struct {
	pages  int
	asked  []string
	onPage func(n int) error // called before a page is answered
}

func (s *fakeSite) Get(ctx context.Context, r fetch.Request) (*fetch.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	resp := &fetch.Response{URL: r.URL, Status: 200, Header: http.Header{}, MediaType: "text/html", Body: []byte("<html>" + r.URL)}
	if strings.HasSuffix(r.URL, "/sitemap.xml") {
		var b strings.Builder
		b.WriteString("<urlset>")
		for i := range s.pages {
			fmt.Fprintf(&b, "<url><loc>http://site.example/%05d</loc></url>", i)
		}
		resp.Body = []byte(b.String() + "</urlset>")
		return resp, nil
	}
	s.asked = append(s.asked, r.URL)
	if s.onPage != nil {
		if err := s.onPage(len(s.asked)); err != nil {
			return nil, err
		}
	}
	return resp, nil
}

func sitemapSource() harvester.Source {
	return harvester.Source{ID: "test", URL: "http://site.example/sitemap.xml", Website: harvester.WebsiteRecipe{Discover: "sitemap"}}
}

func TestInterruptedAndResumed(t *testing.T) {
	const pages = 50
	for stop := 1; stop <= pages; stop += 7 {
		ctx, cancel := context.WithCancel(t.Context())
		site := &fakeSite{pages: pages, onPage: func(n int) error {
			if n == stop {
				cancel()
			}
			return ctx.Err()
		}}
		var got []string
		var cursor harvester.Cursor
		var failure error
		for page, err := range New(site, time.Now).Pages(ctx, sitemapSource(), harvester.From{}) {
			if failure = err; err != nil {
				break
			}
			cursor = page.Cursor
			for _, r := range page.Raws {
				got = append(got, r.Identifier)
			}
		}
		if !errors.Is(failure, context.Canceled) {
			t.Fatalf("stopped at %d: %v", stop, failure)
		}
		cancel()
		again := &fakeSite{pages: pages}
		rest := harvestertest.Harvest(t, New(again, time.Now), sitemapSource(), harvester.From{Cursor: cursor})
		for _, p := range rest.Pages {
			for _, r := range p.Raws {
				got = append(got, r.Identifier)
			}
		}
		if len(got) != pages || !slices.IsSorted(got) || len(slices.Compact(got)) != pages {
			t.Errorf("stopped at %d: %d pages came out", stop, len(got))
		}
		if twice := len(site.asked) + len(again.asked) - pages; twice > groupFetched {
			t.Errorf("stopped at %d: %d pages were asked for twice", stop, twice)
		}
		if last := rest.Pages[len(rest.Pages)-1]; rest.Err != nil || !last.Complete || last.Total != pages {
			t.Errorf("stopped at %d: the rest ended with %+v, %v", stop, last, rest.Err)
		}
	}
}

func TestStopsWhenTheConsumerDoes(t *testing.T) {
	site := &fakeSite{pages: 100}
	for _, err := range New(site, time.Now).Pages(t.Context(), sitemapSource(), harvester.From{}) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	if len(site.asked) != groupFetched {
		t.Errorf("%d pages were fetched, want one group", len(site.asked))
	}
}

func TestFailuresInARowEndTheRun(t *testing.T) {
	trouble := &fetch.StatusError{Status: 503}
	for name, c := range map[string]struct {
		fails func(n int) bool
		kept  int // pages that were settled before the run gave up; 100: it did not
	}{
		"from the start":     {func(int) bool { return true }, 0},
		"after a while":      {func(n int) bool { return n > 34 }, 34},
		"every other one":    {func(n int) bool { return n%2 == 0 }, 100},
		"nine, then one":     {func(n int) bool { return n%10 != 0 }, 100},
		"ten across a group": {func(n int) bool { return n > 15 && n <= 25 }, 15},
	} {
		t.Run(name, func(t *testing.T) {
			site := &fakeSite{pages: 100, onPage: func(n int) error {
				if c.fails(n) {
					return trouble
				}
				return nil
			}}
			r := harvestertest.Harvest(t, New(site, time.Now), sitemapSource(), harvester.From{})
			settled := 0
			for _, p := range r.Pages {
				settled += len(p.Raws) + len(p.Rejects)
			}
			if settled != c.kept || (r.Err == nil) != (c.kept == 100) {
				t.Errorf("%d settled, want %d; %v", settled, c.kept, r.Err)
			}
			if n := len(r.Pages); r.Err != nil && n > 0 && r.Pages[n-1].Cursor != harvester.Cursor(fmt.Sprintf("after http://site.example/%05d", settled-1)) {
				t.Errorf("cursor %q after %d settled pages", r.Pages[n-1].Cursor, settled)
			}
		})
	}
}

func TestUnaskedEntriesFillLargeGroups(t *testing.T) {
	const pages = 1200
	var b strings.Builder
	known := harvestertest.Memory{}
	for i := range pages {
		u := fmt.Sprintf("http://site.example/%05d", i)
		fmt.Fprintf(&b, "<url><loc>%s</loc><lastmod>2024</lastmod></url>", u)
		known[lastmodKey(u)] = harvester.Validator{LastModified: "2024", Identifiers: []string{u}}
	}
	requests := 0
	get := getterFunc(func(r fetch.Request) (*fetch.Response, error) {
		requests++
		return &fetch.Response{URL: r.URL, Status: 200, Header: http.Header{}, Body: []byte("<urlset>" + b.String() + "</urlset>")}, nil
	})
	r := harvestertest.Harvest(t, New(get, time.Now), sitemapSource(), harvester.From{Known: known.Known})
	same := 0
	for _, p := range r.Pages {
		same += len(p.Same)
	}
	if same != pages || requests != 1 || len(r.Pages) != 3 {
		t.Errorf("%d the same, %d requests, %d pages", same, requests, len(r.Pages))
	}
	full := getterFunc(func(r fetch.Request) (*fetch.Response, error) {
		if r.ETag != "" || r.LastModified != "" {
			t.Errorf("%s was asked for conditionally in a full run", r.URL)
		}
		return get(r)
	})
	if r := harvestertest.Harvest(t, New(full, time.Now), sitemapSource(), harvester.From{Known: known.Known, Full: true}); len(r.Pages[0].Same) != 0 {
		t.Error("a full run took a page for the same unseen")
	}
}

type getterFunc func(fetch.Request) (*fetch.Response, error)

func (f getterFunc) Get(_ context.Context, r fetch.Request) (*fetch.Response, error) { return f(r) }

func TestProtocolLimit(t *testing.T) {
	body := []byte("<urlset>" + strings.Repeat("<url><loc>http://site.example/</loc></url>", maxPerSitemap+1) + "</urlset>")
	if s, err := parseSitemap(body, ""); err != nil || !s.cut || len(s.entries) != maxPerSitemap {
		t.Errorf("%d entries, cut %v, %v", len(s.entries), s.cut, err)
	}
}

func TestSite(t *testing.T) {
	for address, want := range map[string]string{
		"https://www.dsdw.go.th/x":     "dsdw.go.th",
		"https://moi.gov.mm":           "moi.gov.mm",
		"https://publications.iom.int": "iom.int",
		"http://127.0.0.1:8080":        "127.0.0.1",
		"http://[::1]:80":              "::1",
		"http://localhost":             "localhost",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := site(u); got != want {
			t.Errorf("%s: got %q, want %q", address, got, want)
		}
	}
}

func TestIsHTML(t *testing.T) {
	for _, c := range []struct {
		mediaType, body string
		want            bool
	}{
		{"text/html", "", true}, {"TEXT/HTML; charset=tis-620", "%", true}, {"text/html;charset", "x", true},
		{"application/xhtml+xml", "<html/>", true}, {"application/pdf", "<html>", false}, {"image/png", "\x89PNG", false},
		{"", "<!doctype html>", true}, {"", "%PDF-1.7", false}, {"text/plain", "  <html>", true}, {"text/xml", "<rss/>", false},
	} {
		if got := isHTML(&fetch.Response{MediaType: c.mediaType, Body: []byte(c.body)}); got != c.want {
			t.Errorf("%q %q: got %v", c.mediaType, c.body, got)
		}
	}
}

func TestPack(t *testing.T) {
	doc := listingDoc{
		entries: []entry{
			{url: "http://a.example/", lastmod: "2024", text: "A text", listed: true},
			{url: "http://a.example/2", alternates: []alternate{{"km", "http://a.example/km"}, {"", "x"}}},
		},
		next: []string{"http://a.example/?p=2"},
	}
	if got, ok := unpack(pack(doc)); !ok || !reflect.DeepEqual(got, doc) {
		t.Errorf("got %+v", got)
	}
	if got, ok := unpack(pack(listingDoc{entries: []entry{{url: "u", text: "a\tb\nc"}}})); !ok || got.entries[0].text != "a b c" {
		t.Errorf("got %+v: white space must not break the form", got)
	}
	for _, lines := range [][]string{nil, {"http://a.example/record"}, {"u\tx"}, {"n"}, {"u\ta\tb\tc\td\te"}} {
		if _, ok := unpack(lines); ok {
			t.Errorf("%q was read as a listing", lines)
		}
	}
}

// TestRealSitemaps reads sitemaps of the wild and of other projects' tests, where they
// are at hand.
func TestRealSitemaps(t *testing.T) {
	dir, ok := replay.Shared(t, "sitemap")
	if !ok {
		return
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			body, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(body) }))
			defer srv.Close()
			resp, err := harvestertest.Client(t).Get(t.Context(), fetch.Request{URL: srv.URL + "/x", Politeness: fetch.Politeness{MinDelay: 1}})
			if err != nil {
				t.Fatal(err)
			}
			s, err := parseSitemap(resp.Body, resp.MediaType)
			if strings.Contains(f, "_is_html") {
				if err == nil || !strings.Contains(err.Error(), "web page") {
					t.Errorf("a web page: %v", err)
				}
				return
			}
			text := string(resp.Body)
			want := strings.Count(text, "<url>") + strings.Count(text, "<sitemap>") + strings.Count(text, "<item>") + strings.Count(text, "<entry>")
			if want == 0 {
				want = strings.Count("\n"+strings.ReplaceAll(text, "\r", "\n"), "\nhttp")
			}
			// One of the files holds an entry without an address.
			if n := len(s.entries) + len(s.maps); err != nil || n == 0 && !strings.Contains(text, "<video:") || n < want-1 || n > want {
				t.Errorf("%d addresses, want %d; %v", n, want, err)
			}
		})
	}
}

// TestRealPages harvests saved pages of the region and wants their bytes back.
func TestRealPages(t *testing.T) {
	for _, kind := range []string{"html-asean-gov", "html-asean", "html-encoding"} {
		dir, ok := replay.Shared(t, kind)
		if !ok {
			continue
		}
		files, _ := filepath.Glob(filepath.Join(dir, "*.htm*"))
		mux := http.NewServeMux()
		srv := httptest.NewServer(mux)
		defer srv.Close()
		var list strings.Builder
		want := map[string][]byte{}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			u := srv.URL + "/p/" + url.PathEscape(filepath.Base(f))
			key, err := fetch.Canonical(u)
			if err != nil {
				t.Fatal(err)
			}
			want[key] = b
			fmt.Fprintln(&list, u)
		}
		mux.HandleFunc("/sitemap.txt", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, list.String()) })
		mux.HandleFunc("/p/{name}", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			http.ServeFile(w, r, filepath.Join(dir, filepath.Base(r.PathValue("name"))))
		})
		src := harvester.Source{ID: "test", URL: srv.URL + "/sitemap.txt", Politeness: fetch.Politeness{MinDelay: 1}}
		r := harvestertest.Harvest(t, New(harvestertest.Client(t), time.Now), src, harvester.From{})
		if r.Err != nil {
			t.Fatalf("%s: %v", kind, r.Err)
		}
		for _, p := range r.Pages {
			for _, raw := range p.Raws {
				if string(raw.Body) != string(want[raw.Identifier]) {
					t.Errorf("%s: %s: the bytes are not those of the file", kind, raw.Identifier)
				}
				delete(want, raw.Identifier)
			}
		}
		for u := range want {
			t.Errorf("%s: %s did not come", kind, u)
		}
	}
}

func FuzzListing(f *testing.F) {
	f.Add([]byte("<urlset><url><loc>http://a.example/</loc><xhtml:link rel='alternate' hreflang='th' href='x'/></url></urlset>"), "text/xml")
	f.Add([]byte("<sitemapindex><sitemap>http://a.example/1.xml</sitemap></sitemapindex>"), "")
	f.Add([]byte("http://a.example/1\r\nhttp://a.example/2"), "text/plain")
	f.Add([]byte("<base href='//b'><a class=e href=' ?x '>\xbc\xd9\xe9</a><a class=n href=1>"), "text/html; charset=windows-874")
	item, next, err := selectors(harvester.WebsiteRecipe{Item: "a.e", Next: "a.n"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte, mediaType string) {
		resp := &fetch.Response{URL: "http://site.example/list", MediaType: mediaType, Body: body}
		c, err := newCollector(harvester.Source{URL: resp.URL})
		if err != nil {
			t.Fatal(err)
		}
		w := &walk{}
		for _, read := range []func(*fetch.Response) (listingDoc, error){w.readSitemap, func(r *fetch.Response) (listingDoc, error) { return readList(r, item, next) }} {
			doc, err := read(resp)
			if err != nil {
				continue
			}
			for _, e := range doc.entries {
				c.add(e)
			}
			if again, ok := unpack(pack(doc)); len(doc.entries)+len(doc.next) > 0 && (!ok || len(again.entries) != len(doc.entries) || len(again.next) != len(doc.next)) {
				t.Errorf("%d entries and %d documents became %d and %d", len(doc.entries), len(doc.next), len(again.entries), len(again.next))
			}
		}
		l, _ := c.listing()
		if !slices.IsSortedFunc(l.entries, func(a, b entry) int { return strings.Compare(a.url, b.url) }) {
			t.Error("the listing is out of order")
		}
	})
}
