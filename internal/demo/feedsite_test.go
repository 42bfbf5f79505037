package demo

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/mmcdole/gofeed"
)

func TestFeeds(t *testing.T) {
	f := start(t, Config{Seed: 1})
	formats := map[string]string{}
	for _, s := range f.Sites() {
		if s.Kind != "feed" || s.ID == "demo-ngo-justice" {
			continue
		}
		resp, body := get(t, s.URL)
		feed, err := gofeed.NewParser().Parse(bytes.NewReader(body))
		if err != nil {
			t.Errorf("%s: %v", s.ID, err)
			continue
		}
		formats[feed.FeedType] = resp.Header.Get("Content-Type")
		if len(feed.Items) < 15 || len(feed.Items) > 30 || feed.Title != s.Name {
			t.Errorf("%s is called %q and has %d items", s.ID, feed.Title, len(feed.Items))
		}
		dated := 0
		for _, it := range feed.Items {
			if it.Title == "" || it.GUID != it.Link {
				t.Errorf("%s: item %+v", s.ID, it)
			}
			if it.PublishedParsed != nil {
				dated++
			}
		}
		if dated < 14 {
			t.Errorf("%s: only %d items have a date", s.ID, dated)
		}
		doc := documentOf(t, feed.Items[0].Link)
		if doc.Find("h1").Text() != feed.Items[0].Title {
			t.Errorf("%s: the item %q leads to the page %q", s.ID, feed.Items[0].Title, doc.Find("h1").Text())
		}
		if href := documentOf(t, s.Home).Find(`link[rel=alternate]`).AttrOr("href", ""); strings.TrimSuffix(s.Home, "/")+href != s.URL {
			t.Errorf("the home page of %s points to the feed %q", s.ID, href)
		}
	}
	if fmt.Sprint(formats) != "map[atom:application/atom+xml json:application/feed+json rss:application/rss+xml]" {
		t.Errorf("the formats are %v", formats)
	}
}

// TestEnclosures: the files that the RSS feed encloses are there.
func TestEnclosures(t *testing.T) {
	s := siteOf(t, start(t, Config{Seed: 1}), "demo-id-protection")
	_, body := get(t, s.URL)
	feed, err := gofeed.NewParser().Parse(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for _, it := range feed.Items {
		for _, e := range it.Enclosures {
			if resp, file := get(t, e.URL); resp.StatusCode == http.StatusOK {
				files++
				checkPDF(t, file)
			}
		}
	}
	if files < 15 {
		t.Errorf("%d files are enclosed", files)
	}
}

// TestBrokenFeed: no XML parser takes it as it is, and a repaired one has an item without
// an address.
func TestBrokenFeed(t *testing.T) {
	s := siteOf(t, start(t, Config{Seed: 1}), "demo-ngo-justice")
	_, body := get(t, s.URL)
	var root struct{ XMLName xml.Name }
	if xml.Unmarshal(body, &root) == nil {
		t.Error("the feed is well-formed")
	}
	for _, want := range []string{" & ", "\x0b", "\x01"} {
		if !bytes.Contains(body, []byte(want)) {
			t.Errorf("the feed has no %q", want)
		}
	}
	repaired := strings.NewReplacer("\x0b", "", "\x01", "", "&nbsp;", " ", " & ", " &amp; ").Replace(string(body))
	feed, err := gofeed.NewParser().ParseString(repaired)
	if err != nil {
		t.Fatalf("the feed is beyond repair: %v", err)
	}
	homeless := 0
	for _, it := range feed.Items {
		if it.Link == "" && it.GUID == "" {
			homeless++
		}
	}
	if homeless != 1 || len(feed.Items) < 15 {
		t.Errorf("%d of %d items have no address, want 1", homeless, len(feed.Items))
	}
}

// TestFeedAdvances: what is new comes first.
func TestFeedAdvances(t *testing.T) {
	f := start(t, Config{Seed: 1})
	s := siteOf(t, f, "demo-my-council")
	read := func() *gofeed.Feed {
		_, body := get(t, s.URL)
		feed, err := gofeed.NewParser().Parse(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		return feed
	}
	before := read()
	f.Advance()
	after := read()
	if len(after.Items) != len(before.Items)+1 || !after.UpdatedParsed.After(*before.UpdatedParsed) {
		t.Errorf("there are %d items after %d, updated %v after %v", len(after.Items), len(before.Items), after.Updated, before.Updated)
	}
	if got := after.Items[0].Published; !strings.HasPrefix(got, "2026-06-01") || after.Items[2].Title != before.Items[0].Title+" (disemak)" {
		t.Errorf("the first item is of %s, the third is %q", got, after.Items[2].Title)
	}
}
