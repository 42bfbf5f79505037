package demo

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/text/encoding/charmap"
)

// links finds the links to pages of the same site.
var links = regexp.MustCompile(`href="(/(?:internal|publications|en/publications|items|files)[^"]*)"`)

type sitemapEntry struct {
	Loc     string `xml:"loc"`
	LastMod string `xml:"lastmod"`
	Links   []struct {
		Lang string `xml:"hreflang,attr"`
		Href string `xml:"href,attr"`
	} `xml:"http://www.w3.org/1999/xhtml link"`
}

// sitemapOf reads a site's sitemap through its index.
func sitemapOf(t *testing.T, s Site) []sitemapEntry {
	t.Helper()
	var index struct {
		XMLName xml.Name `xml:"sitemapindex"`
		Maps    []string `xml:"sitemap>loc"`
	}
	_, body := patiently(t, s.URL)
	if err := xml.Unmarshal(body, &index); err != nil || len(index.Maps) != 1 {
		t.Fatalf("the sitemap index of %s: %v: %s", s.ID, err, body)
	}
	resp, body := patiently(t, index.Maps[0])
	if strings.HasSuffix(index.Maps[0], ".gz") {
		if resp.Header.Get("Content-Encoding") != "" || strings.Contains(resp.Header.Get("Content-Type"), "gzip") {
			t.Errorf("a header of %s announces the gzip file: %v", index.Maps[0], resp.Header)
		}
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			t.Fatalf("the packed sitemap: %v", err)
		}
		if body, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	var urlset struct {
		XMLName xml.Name       `xml:"urlset"`
		URLs    []sitemapEntry `xml:"url"`
	}
	if err := xml.Unmarshal(body, &urlset); err != nil {
		t.Fatalf("the sitemap of %s: %v", s.ID, err)
	}
	return urlset.URLs
}

func documentOf(t *testing.T, url string) *goquery.Document {
	t.Helper()
	_, body := patiently(t, url)
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestSitemaps: what sitemaps list is there, but for the accidents.
func TestSitemaps(t *testing.T) {
	f := start(t, Config{Seed: 1})
	dead := 0
	for _, s := range f.Sites() {
		if s.Discover != "sitemap" || s.ID == "demo-ngo-shelters" {
			continue
		}
		include := regexp.MustCompile(strings.Join(s.Include, "|"))
		entries := sitemapOf(t, s)
		if len(entries) < 15 || len(entries) > 30 {
			t.Errorf("%s lists %d pages", s.ID, len(entries))
		}
		for _, e := range entries {
			if !include.MatchString(e.Loc) {
				t.Errorf("%s is not among what %s includes", e.Loc, s.ID)
			}
			resp, _ := patiently(t, e.Loc)
			switch {
			case strings.HasSuffix(e.Loc, "withdrawn-brochure") && resp.StatusCode == http.StatusNotFound:
				dead++
			case resp.StatusCode != http.StatusOK:
				t.Errorf("%s answers %d", e.Loc, resp.StatusCode)
			}
		}
	}
	if dead != 1 {
		t.Errorf("%d dead pages are listed, want 1", dead)
	}
}

func TestTwinsNameEachOther(t *testing.T) {
	s := siteOf(t, start(t, Config{Seed: 1}), "demo-la-union")
	pairs := 0
	for _, e := range sitemapOf(t, s) {
		if len(e.Links) == 0 {
			continue
		}
		pairs++
		lang := "lo"
		if strings.Contains(e.Loc, "/en/") {
			lang = "en"
		}
		doc := documentOf(t, e.Loc)
		if got := doc.Find("html").AttrOr("lang", ""); got != lang {
			t.Errorf("%s says it is in %q", e.Loc, got)
		}
		for i, l := range e.Links {
			if got := doc.Find("link[rel=alternate][hreflang]").Eq(i).AttrOr("href", ""); got != l.Href || l.Href != e.Loc && l.Lang == lang {
				t.Errorf("%s: the page names %q, the sitemap %+v", e.Loc, got, l)
			}
		}
	}
	if pairs < 20 {
		t.Errorf("only %d pages have a twin", pairs)
	}
}

// TestLists follows the list pages to their end.
func TestLists(t *testing.T) {
	f := start(t, Config{Seed: 1})
	for id, want := range map[string]int{"demo-kh-social": 28, "demo-ph-council": 18} {
		s := siteOf(t, f, id)
		seen, pages := map[string]bool{}, 0
		for next := s.URL; next != ""; pages++ {
			doc := documentOf(t, next)
			for _, a := range doc.Find(s.Item).EachIter() {
				seen[a.AttrOr("href", "")] = true
			}
			if next = doc.Find(s.Next).AttrOr("href", ""); next != "" {
				next = strings.TrimSuffix(s.Home, "/") + next
			}
		}
		if len(seen) != want || pages != (want+perPage-1)/perPage {
			t.Errorf("%s lists %d items on %d pages, want %d", id, len(seen), pages, want)
		}
	}
	if links := documentOf(t, siteOf(t, f, "demo-kh-social").URL+"?page=99").Find("ul.publications a").Length(); links != 0 {
		t.Errorf("a page beyond the last has %d links", links)
	}
}

// TestMetadata: what the pages of each kind carry for machines.
func TestMetadata(t *testing.T) {
	f := start(t, Config{Seed: 1})
	dc := documentOf(t, siteOf(t, f, "demo-kh-social").Home+"publications/km-1")
	if got := dc.Find(`meta[name="DC.date"]`).AttrOr("content", ""); !strings.ContainsAny(got, "០១២៣៤៥៦៧៨៩") || got != dc.Find(".published").Text() {
		t.Errorf("DC.date is %q", got)
	}
	if got := dc.Find(`meta[name="DC.title"]`).AttrOr("content", ""); got == "" || got != dc.Find("h1").Text() {
		t.Errorf("DC.title is %q", got)
	}
	var ld struct {
		Type, Name, InLanguage, DatePublished string
		Publisher                             struct{ Name string }
	}
	doc := documentOf(t, siteOf(t, f, "demo-la-union").Home+"publications/lo-1")
	if err := json.Unmarshal([]byte(doc.Find(`script[type="application/ld+json"]`).Text()), &ld); err != nil || ld.Name != doc.Find("h1").Text() || ld.InLanguage != "lo" || len(ld.DatePublished) != 10 {
		t.Errorf("JSON-LD is %+v (%v)", ld, err)
	}
	vn := siteOf(t, f, "demo-vn-labour")
	og := documentOf(t, vn.Home+"publications/vi-1")
	if og.Find(`meta[name^="DC."], script[type="application/ld+json"]`).Length() > 0 || !strings.HasSuffix(og.Find(`meta[property="og:title"]`).AttrOr("content", ""), "| "+vn.Name) {
		t.Error("the page should have OpenGraph only, with the site's name behind the title")
	}
	for field, selectors := range vn.Fields {
		if css, ok := strings.CutPrefix(selectors[len(selectors)-1], "css:"); !ok || strings.TrimSpace(og.Find(css).Text()) == "" {
			t.Errorf("the selectors %v of %s find nothing", selectors, field)
		}
	}
}

func TestWindows874(t *testing.T) {
	s := siteOf(t, start(t, Config{Seed: 1}), "demo-th-datip")
	labels := map[string]int{}
	for n := range 16 {
		resp, body := get(t, fmt.Sprintf("%spublications/th-%d", s.Home, n))
		label := resp.Header.Get("Content-Type")
		labels[label]++
		text, err := charmap.Windows874.NewDecoder().Bytes(body)
		if err != nil || utf8.Valid(body) || bytes.Contains(text, []byte("\ufffd")) || !bytes.Contains(text, []byte("พ.ศ. ๒๕")) {
			t.Errorf("th-%d is not windows-874 with Buddhist dates in Thai digits (%v)", n, err)
		}
		if bytes.Contains(body, []byte("charset")) {
			t.Error("the page declares a charset")
		}
	}
	if labels["text/html"] == 0 || labels["text/html; charset=ISO-8859-1"] == 0 || len(labels) != 2 {
		t.Errorf("the labels are %v, want none on some and a wrong one on others", labels)
	}
	// An English report has a letter that windows-874 lacks only as a reference.
	if resp, _ := get(t, s.Home+"publications/r089"); resp.StatusCode != http.StatusOK {
		t.Errorf("an English page of the Thai site answers %d", resp.StatusCode)
	}
}

func TestZawgyiPages(t *testing.T) {
	s := siteOf(t, start(t, Config{Seed: 1}), "demo-mm-welfare")
	c, zawgyi := contentOf(t), 0
	for n := range 18 {
		_, body := get(t, fmt.Sprintf("%spublications/my-%d", s.Home, n))
		title := c.series(s.ID).item("my", "MM", n).Title
		switch {
		case bytes.Contains(body, []byte("<h1>"+toZawgyi(title)+"</h1>")):
			zawgyi++
			if strings.ContainsRune(string(body), 0x103e) {
				t.Errorf("page %d is half Unicode", n)
			}
		case !bytes.Contains(body, []byte("<h1>"+title+"</h1>")):
			t.Errorf("page %d has neither form of its title", n)
		}
	}
	if zawgyi < 2 || zawgyi > 6 {
		t.Errorf("%d of 18 pages are in Zawgyi", zawgyi)
	}
}

func TestMisleadingPaths(t *testing.T) {
	s := siteOf(t, start(t, Config{Seed: 1}), "demo-bn-community")
	english := 0
	for _, e := range sitemapOf(t, s) {
		if strings.Contains(e.Loc, "/en/") {
			english++
			if doc := documentOf(t, e.Loc); doc.Find("html").AttrOr("lang", "") != "ms" || !strings.Contains(doc.Find("main").Text(), "pemerdagangan orang") {
				t.Errorf("%s is not in Malay", e.Loc)
			}
			if resp, _ := get(t, strings.Replace(e.Loc, "/en/", "/", 1)); resp.StatusCode != http.StatusNotFound {
				t.Errorf("%s is at two addresses", e.Loc)
			}
		}
	}
	if english < 3 {
		t.Errorf("%d pages are below /en/", english)
	}
}

func TestRobots(t *testing.T) {
	s := siteOf(t, start(t, Config{Seed: 1}), "demo-sg-taskforce")
	_, robots := get(t, s.Home+"robots.txt")
	lines := strings.Split(string(robots), "\n")
	for _, want := range []string{"User-agent: *", "Disallow: /internal/", "Crawl-delay: 0.05", "Sitemap: " + s.URL} {
		if !slices.Contains(lines, want) {
			t.Errorf("robots.txt has no line %q:\n%s", want, robots)
		}
	}
	forbidden := 0
	for _, e := range sitemapOf(t, s) {
		if strings.Contains(e.Loc, "/internal/") {
			forbidden++
		}
	}
	if forbidden == 0 {
		t.Error("the sitemap lists nothing that robots.txt forbids")
	}
}

// TestBusy: some pages are refused once, and say for how long.
func TestBusy(t *testing.T) {
	s := siteOf(t, start(t, Config{Seed: 1}), "demo-vn-labour")
	refused := 0
	for n := range 16 {
		url := fmt.Sprintf("%spublications/vi-%d", s.Home, n)
		resp, _ := get(t, url)
		if resp.StatusCode != http.StatusServiceUnavailable {
			continue
		}
		refused++
		if resp.Header.Get("Retry-After") != "1" {
			t.Error("503 without Retry-After")
		}
		if resp, _ = get(t, url); resp.StatusCode != http.StatusOK {
			t.Errorf("the second request is answered %d", resp.StatusCode)
		}
	}
	if refused == 0 || refused > 8 {
		t.Errorf("%d of 16 pages were refused once", refused)
	}
}

func TestSlow(t *testing.T) {
	s := siteOf(t, start(t, Config{Seed: 1}), "demo-ngo-shelters")
	began := time.Now()
	if resp, _ := get(t, s.Home); resp.StatusCode != http.StatusOK || time.Since(began) < 150*time.Millisecond {
		t.Errorf("the slow site answers %d after %v", resp.StatusCode, time.Since(began))
	}
}

// TestContacts: the invented staff stands on the pages, and on some in what machines read.
func TestContacts(t *testing.T) {
	s := siteOf(t, start(t, Config{Seed: 1}), "demo-ph-council")
	summaries := 0
	for n := range 13 {
		doc := documentOf(t, fmt.Sprintf("%spublications/fil-%d", s.Home, n))
		if contact := doc.Find(".contact").Text(); !strings.Contains(contact, "+63 2 5550 01") || !strings.Contains(contact, "@council.example") {
			t.Errorf("page %d has the contact %q", n, contact)
		}
		if text := doc.Find(`meta[property="og:description"]`).AttrOr("content", ""); strings.Contains(text, "@council.example") {
			summaries++
		}
		if date := doc.Find(".published").Text(); !regexp.MustCompile(`^\d\d/\d\d/\d{4}$`).MatchString(date) {
			t.Errorf("page %d has the date %q", n, date)
		}
	}
	if summaries == 0 || summaries > 4 {
		t.Errorf("%d summaries name the staff", summaries)
	}
}

// TestNotModified: every kind of answer can be asked for conditionally, but for those of
// APIs, which know no validators in life either.
func TestNotModified(t *testing.T) {
	f := start(t, Config{Seed: 1})
	var urls []string
	for _, s := range f.Sites() {
		if s.ID == "demo-ngo-shelters" {
			continue
		}
		entry := s.URL
		if s.Kind == "oai-pmh" {
			entry += "?verb=ListRecords&metadataPrefix=" + s.Prefix
		}
		urls = append(urls, s.Home, s.Home+"robots.txt")
		if s.Kind != "dspace" && s.Kind != "reliefweb" {
			urls = append(urls, entry)
		}
	}
	thai := siteOf(t, f, "demo-th-datip")
	urls = append(urls, thai.Home+"publications/th-0", thai.Home+"files/th-0.pdf", siteOf(t, f, "demo-partner").Home+"items/1")
	ask := func() (etags map[string]string) {
		etags = map[string]string{}
		for _, url := range urls {
			resp, _ := patiently(t, url)
			etag, modified := resp.Header.Get("ETag"), resp.Header.Get("Last-Modified")
			etags[url] = etag
			for header, value := range map[string]string{"If-None-Match": etag, "If-Modified-Since": modified} {
				if again, body := get(t, url, header, value); value == "" || again.StatusCode != http.StatusNotModified || len(body) > 0 {
					t.Errorf("%s with %s: %q answers %d", url, header, value, again.StatusCode)
				}
			}
		}
		return etags
	}
	before := ask()
	f.Advance()
	after := ask()
	for _, s := range f.Sites() {
		if s.ID != "demo-ngo-shelters" && before[s.Home] == after[s.Home] {
			t.Errorf("the home page of %s did not change in a day", s.ID)
		}
	}
}

// TestAdvance compares the list of a site before and after some days.
func TestAdvance(t *testing.T) {
	f := start(t, Config{Seed: 1})
	s := siteOf(t, f, "demo-sg-taskforce")
	titles := func() (list map[string]string, mods map[string]string) {
		list, mods = map[string]string{}, map[string]string{}
		for _, e := range sitemapOf(t, s) {
			path := strings.TrimPrefix(e.Loc, s.Home)
			list[path], mods[path] = documentOf(t, e.Loc).Find("h1").Text(), e.LastMod
		}
		return list, mods
	}
	before, modsBefore := titles()
	for day := 1; day <= 2; day++ {
		f.Advance()
		after, modsAfter := titles()
		changed, added, deleted := 0, 0, 0
		for path, title := range after {
			switch old, ok := before[path]; {
			case !ok:
				added++
			case old != title:
				changed++
				if modsBefore[path] == modsAfter[path] {
					t.Errorf("on day %d %s changed behind its sitemap's back", day, path)
				}
			}
		}
		for path := range before {
			if _, ok := after[path]; !ok {
				deleted++
				if resp, _ := get(t, s.Home+path); resp.StatusCode != http.StatusNotFound {
					t.Errorf("the deleted page answers %d", resp.StatusCode)
				}
			}
		}
		if changed != 2 || added != 2 || deleted != 1 {
			t.Errorf("on day %d %d changed, %d were added, %d deleted; want 2, 2, 1", day, changed, added, deleted)
		}
		before, modsBefore = after, modsAfter
	}
}
