package portal_test

import (
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/mmcdole/gofeed"

	"ctiphub/portal"
	"ctiphub/record"
)

// feedFiles are the addresses of feeds with their media types.
var feedFiles = map[string]string{
	"/feeds/atom.xml": "application/atom+xml; charset=utf-8", "/feeds/rss.xml": "application/rss+xml; charset=utf-8", "/feeds/feed.json": "application/feed+json",
}

// feed asks for a feed and reads it as a feed reader does.
func (h *testHub) feed(t *testing.T, target string) *gofeed.Feed {
	t.Helper()
	res := h.get(t, target)
	if res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: status %d", target, res.StatusCode)
	}
	f, err := gofeed.NewParser().ParseString(body(t, res))
	if err != nil {
		t.Fatalf("GET %s: %v", target, err)
	}
	return f
}

func TestFeed(t *testing.T) {
	h := newHub(t, published("1", full()), published("2", record.Record{Title: record.Texts{"en": "Elsewhere"}, Countries: tags("VN")}))
	for path, media := range feedFiles {
		res := h.get(t, path+"?country=TH&sort=issued&nonsense=1")
		if res.Header.Get("Content-Type") != media || res.Header.Get("Last-Modified") != now.Format(http.TimeFormat) || res.Header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(res.Header.Get("Cache-Control"), "private") {
			t.Errorf("%s: the headers are %v", path, res.Header)
		}
		f := h.feed(t, path+"?country=TH&sort=issued&nonsense=1")
		if f.Title != "Test Hub: new resources – Thailand" || f.Link != "https://hub.example/search?country=TH&sort=newest" || len(f.Items) != 1 {
			t.Fatalf("%s: %q, %q, %d items", path, f.Title, f.Link, len(f.Items))
		}
		item := f.Items[0]
		if item.GUID != "tag:hub.example,2026:resource/"+idOf("1") || item.Link != "https://hub.example/resources/"+idOf("1") || item.Title != "Shelter standards for trafficked persons" {
			t.Errorf("%s: the item is %q, %q, %q", path, item.GUID, item.Link, item.Title)
		}
		if !slices.Contains(item.Categories, "Thailand") && !slices.Contains(item.Categories, "TH") {
			t.Errorf("%s: the categories are %q", path, item.Categories)
		}
		if item.PublishedParsed == nil || !item.PublishedParsed.Equal(now) {
			t.Errorf("%s: published %q", path, item.Published)
		}
		if text := body(t, h.get(t, path+"?country=TH&sort=issued")); !strings.Contains(text, "https://hub.example"+path+"?country=TH\"") || !strings.Contains(text, "https://agency.example/101") {
			t.Errorf("%s does not name itself or the publisher's page", path)
		}
	}
}

// TestFeedTitles: whoever sees the list of feeds must not learn what was searched for.
func TestFeedTitles(t *testing.T) {
	h := newHub(t, published("1", full()))
	for query, want := range map[string]string{
		"":                                       "Test Hub: new resources",
		"q=forced+labour+victims":                "Test Hub: new resources",
		"q=shelter&theme=shelter&type=guideline": "Test Hub: new resources",
		"q=x&country=TH,KH&language=th":          "Test Hub: new resources – Thailand, Cambodia; Thai",
		"country=TH,KH,VN,LA,MM":                 "Test Hub: new resources – Thailand, Cambodia, Viet Nam, 2 more",
		"source=agency":                          "Test Hub: new resources – Agency of Examples",
		"country=sex+slavery&source=victims&year=2020": "Test Hub: new resources",
	} {
		for path := range feedFiles {
			if got := h.feed(t, path+"?"+query).Title; got != want {
				t.Errorf("%s?%s is called %q, want %q", path, query, got, want)
			}
		}
		doc := h.page(t, "/search?"+query, 200)
		doc.Find("link[rel=alternate]").Each(func(_ int, s *goquery.Selection) {
			if got := s.AttrOr("title", ""); !strings.HasPrefix(got, want+" (") {
				t.Errorf("the page of %q names its feed %q", query, got)
			}
		})
	}
}

// TestFeedOfTellingSource: a publisher's name can tell as much as the words of a search.
func TestFeedOfTellingSource(t *testing.T) {
	h := newHub(t)
	p, err := portal.New(portal.Options{Store: h.store, Vocabulary: vocabulary(), Name: "Hub", Sources: []portal.SourceInfo{
		{ID: "anti", Name: "Anti-Trafficking Centre", Enabled: true}, {ID: "th", Name: "กองต่อต้านการค้ามนุษย์", Enabled: true}, {ID: "ministry", Name: "Ministry", Enabled: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	p.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/feeds/atom.xml?source=anti,th,ministry", nil))
	f, err := gofeed.NewParser().ParseString(w.Body.String())
	if err != nil || f.Title != "Hub: new resources – Ministry" {
		t.Errorf("the feed is called %q (%v)", f.Title, err)
	}
	if !strings.Contains(w.Body.String(), `href="http://example.com/feeds/atom.xml?source=`) {
		t.Error("a hub without a public address does not take that of the request")
	}
}

// TestFeedPages walks a feed: every record once, the newest first.
func TestFeedPages(t *testing.T) {
	h := newHub(t, manyRecords(120)...)
	h.apply(t, "agency", published("new", record.Record{Title: record.Texts{"en": "Handbook of today"}, Languages: []string{"en"}}))
	for path := range feedFiles {
		seen, id := map[string]bool{}, ""
		next := path + "?q=handbook"
		for pages := 1; next != ""; pages++ {
			text := body(t, h.get(t, next))
			f := h.feed(t, next)
			if pages == 1 && f.Items[0].Title != "Handbook of today" {
				t.Errorf("%s begins with %q", path, f.Items[0].Title)
			}
			for _, item := range f.Items {
				if seen[item.GUID] {
					t.Errorf("%s: %s comes twice", path, item.GUID)
				}
				seen[item.GUID] = true
			}
			if this := feedIDOf(text); pages > 1 && this != id {
				t.Errorf("%s: page %d is another feed: %q, %q", path, pages, this, id)
			}
			id = feedIDOf(text)
			if strings.Contains(text, "complete") || !strings.Contains(text, "https://hub.example"+path+"?q=handbook\"") {
				t.Errorf("%s: page %d says that it is complete, or does not name the first", path, pages)
			}
			next = nextOf(text)
			if pages > 5 {
				t.Fatalf("%s has no end", path)
			}
		}
		if len(seen) != 121 {
			t.Errorf("%s shows %d records, want 121", path, len(seen))
		}
		if one := body(t, h.get(t, path+"?q=today")); !strings.Contains(one, "complete") {
			t.Errorf("%s with one page does not say that it is complete", path)
		}
	}
}

// feedIDOf finds the id of Atom and JSON; RSS has none.
func feedIDOf(text string) string {
	if at := strings.Index(text, "tag:hub.example,2026:feed/"); at >= 0 {
		return text[at : at+46]
	}
	return ""
}

// nextOf finds the path of the next document.
func nextOf(text string) string {
	for _, mark := range []string{`rel="next" href="`, `"next_url":"`} {
		if _, rest, ok := strings.Cut(text, mark); ok {
			href, _, _ := strings.Cut(rest, `"`)
			u, err := url.Parse(strings.ReplaceAll(href, "&amp;", "&"))
			if err != nil {
				return ""
			}
			return u.RequestURI()
		}
	}
	return ""
}

// TestFeedChanges: an ETag holds until something changes, and what was withdrawn is gone.
func TestFeedChanges(t *testing.T) {
	h := newHub(t, published("1", full()), published("2", record.Record{Title: record.Texts{"en": "Second"}}))
	for path := range feedFiles {
		etag := h.get(t, path).Header.Get("ETag")
		if res := h.get(t, path, "If-None-Match", etag); res.StatusCode != http.StatusNotModified {
			t.Errorf("%s: status %d with its own ETag", path, res.StatusCode)
		}
		if res := h.get(t, path, "If-Modified-Since", now.Add(time.Hour).Format(http.TimeFormat)); res.StatusCode != http.StatusNotModified {
			t.Errorf("%s: status %d although nothing changed since", path, res.StatusCode)
		}
		if zipped := h.get(t, path, "Accept-Encoding", "gzip"); zipped.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s is not compressed", path)
		}
	}
	before := h.get(t, "/feeds/atom.xml").Header.Get("ETag")
	h.apply(t, "agency", withdrawn("1"))
	if res := h.get(t, "/feeds/atom.xml", "If-None-Match", before); res.StatusCode != http.StatusOK {
		t.Errorf("status %d although a record was withdrawn", res.StatusCode)
	}
	for path := range feedFiles {
		if text := body(t, h.get(t, path)); strings.Contains(text, idOf("1")) || strings.Contains(text, "Shelter standards") {
			t.Errorf("%s shows a record that was withdrawn", path)
		}
	}
}

func TestFeedErrors(t *testing.T) {
	h := newHub(t, published("1", full()))
	for path, status := range map[string]int{
		"/feeds/atom": 404, "/feeds/rss": 404, "/feeds/": 404, "/feeds/atom.xml/more": 404, "/feeds/atom.xml?cursor=broken": 400, "/feeds/atom.xml?sort=oldest": 200,
	} {
		if path == "/feeds/atom.xml?sort=oldest" {
			h.feed(t, path)
			continue
		}
		checkPage(t, h.page(t, path, status))
	}
	for method, status := range map[string]int{"OPTIONS": 204, "POST": 405, "HEAD": 200} {
		if res := h.do(t, method, "/feeds/rss.xml"); res.StatusCode != status {
			t.Errorf("%s: status %d, want %d", method, res.StatusCode, status)
		}
	}
}

// TestHostileFeed: what a source wrote cannot break a feed or lead somewhere unsafe.
func TestHostileFeed(t *testing.T) {
	h := newHub(t, published("1", hostile()))
	query := "?q=" + url.QueryEscape(`"><script>`+bidi+"\x00\ufffe") + "&country=" + url.QueryEscape("\ufffe\x01<")
	for path := range feedFiles {
		for _, q := range []string{"", query} {
			text := body(t, h.get(t, path+q))
			if strings.HasSuffix(path, ".xml") {
				if err := xml.Unmarshal([]byte(text), new(struct{})); err != nil {
					t.Errorf("%s%s: %v", path, q, err)
				}
			}
			if strings.ContainsAny(text, bidi) || strings.Contains(text, `"javascript:`) || strings.Contains(text, `"data:`) {
				t.Errorf("%s%s lets something unsafe through", path, q)
			}
			h.feed(t, path+q)
		}
	}
}

// TestFeedsAreFound: feed readers find the feed by the page, people by the links.
func TestFeedsAreFound(t *testing.T) {
	h := newHub(t, append(manyRecords(60), published("1", full()))...)
	for page, query := range map[string]string{
		"/": "", "/search": "", "/coverage": "", "/sources/agency": "?source=agency",
		"/search?q=handbook&country=TH&sort=issued": "?q=handbook&country=TH",
	} {
		doc := h.page(t, page, 200)
		for path, media := range feedFiles {
			media, _, _ = strings.Cut(media, ";")
			if n := doc.Find("link[rel=alternate][type='" + media + "'][href='" + path + query + "']").Length(); n != 1 {
				t.Errorf("%s has %d links to %s for readers", page, n, path)
			}
			if n := doc.Find(".follow a[href='" + path + query + "']").Length(); n != 1 && page != "/coverage" {
				t.Errorf("%s has %d links to %s for people", page, n, path)
			}
		}
	}
	second := h.page(t, "/search", 200).Find(".pager a.next").AttrOr("href", "")
	if href := h.page(t, second, 200).Find("link[rel=alternate]").First().AttrOr("href", ""); href != "/feeds/atom.xml" {
		t.Errorf("the second page of a search leads to %q, not to the begin of its feed", href)
	}
	if h.page(t, "/resources/"+idOf("1"), 200).Find(`link[rel=alternate][href^="/feeds/"]`).Length() != 0 {
		t.Error("the page of a record has a feed")
	}
}
