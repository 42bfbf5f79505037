package feed_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"

	"ctiphub/exporter"
	"ctiphub/exporter/exportertest"
	"ctiphub/exporter/feed"
	"ctiphub/record"
)

var update = flag.Bool("update", false, "refresh the golden files")

var _ exporter.Format = feed.Format{}

// facts are those of a page in the middle of a feed.
func facts() feed.Facts {
	at := "https://hub.example/feeds/any?country=TH"
	return feed.Facts{
		ID: feed.FeedID("hub.example", "k1"), Title: "Test Hub: new resources – Thailand", Self: at + "&cursor=b",
		HTML: "https://hub.example/search?country=TH", First: at, Next: at + "&cursor=c",
		Updated: time.Date(2026, 3, 9, 8, 7, 6, 0, time.UTC), Author: "Test Hub", Home: "https://hub.example/", Authority: "hub.example",
		Page: func(id record.ID) string { return "https://hub.example/resources/" + string(id) },
		Label: func(scheme, id string) string {
			if id == "TH" {
				return "Thailand"
			}
			return id
		},
	}
}

// formats are all there are, by the file that holds their samples.
func formats(f feed.Facts) map[string]feed.Format {
	return map[string]feed.Format{"atom.xml": feed.Atom(f), "rss.xml": feed.RSS(f), "feed.json": feed.JSON(f)}
}

func parse(t *testing.T, doc []byte) *gofeed.Feed {
	t.Helper()
	f, err := gofeed.NewParser().ParseString(string(doc))
	if err != nil {
		t.Fatalf("%v\n%s", err, doc)
	}
	return f
}

func TestGolden(t *testing.T) {
	for name, format := range formats(facts()) {
		exportertest.Golden(t, name+".golden", exportertest.Encode(t, format, exportertest.Samples()...), *update)
		alone := facts()
		alone.First, alone.Next, alone.Complete, alone.Updated = "", "", true, time.Time{}
		exportertest.Golden(t, "empty-"+name+".golden", exportertest.Encode(t, formats(alone)[name]), *update)
	}
}

func TestErrors(t *testing.T) {
	for _, format := range formats(facts()) {
		exportertest.Errors(t, format)
	}
}

// TestReadBack holds what a common feed reader finds against the records.
func TestReadBack(t *testing.T) {
	samples := exportertest.Samples()
	for name, format := range formats(facts()) {
		got := parse(t, exportertest.Encode(t, format, samples...))
		if got.Title != "Test Hub: new resources – Thailand" || got.Link != "https://hub.example/search?country=TH" || got.Language != "en" {
			t.Errorf("%s calls itself %q, %q, %q", name, got.Title, got.Link, got.Language)
		}
		if len(got.Items) != len(samples) {
			t.Fatalf("%s: %d items of %d records", name, len(got.Items), len(samples))
		}
		for i, item := range got.Items {
			if want := feed.EntryID("hub.example", samples[i].ID); item.GUID != want {
				t.Errorf("%s: the id is %q, want %q", name, item.GUID, want)
			}
			if want := "https://hub.example/resources/" + string(samples[i].ID); item.Link != want {
				t.Errorf("%s: the link is %q, want %q", name, item.Link, want)
			}
		}
		thai := got.Items[0]
		if thai.Title != "คู่มือการคัดแยกผู้เสียหายจากการค้ามนุษย์" || thai.Description != "แนวทางสำหรับเจ้าหน้าที่ในการคัดแยกและส่งต่อผู้เสียหาย" {
			t.Errorf("%s: a Thai resource is shown as %q, %q", name, thai.Title, thai.Description)
		}
		if thai.PublishedParsed == nil || !thai.PublishedParsed.Equal(samples[0].Harvest.FirstSeen) {
			t.Errorf("%s: published at %q", name, thai.Published)
		}
		if !slices.Contains(thai.Categories, "Thailand") && !slices.Contains(thai.Categories, "TH") {
			t.Errorf("%s: the categories are %q", name, thai.Categories)
		}
		if len(thai.Authors) == 0 || !strings.Contains(fmt.Sprint(*thai.Authors[0]), "Ministry of Examples") {
			t.Errorf("%s: the authors are %v", name, thai.Authors)
		}
		if !strings.Contains(thai.Content, "Handbook on Identifying") || !strings.Contains(thai.Content, `<p lang="en"`) {
			t.Errorf("%s: the other languages are not in %q", name, thai.Content)
		}
	}
	atom := parse(t, exportertest.Encode(t, feed.Atom(facts()), samples...))
	if u := atom.Items[0].UpdatedParsed; u == nil || !u.Equal(samples[0].Harvest.LastChanged) {
		t.Errorf("updated at %v", u)
	}
}

// TestIDs: an entry keeps its id, or each reader shows the whole feed as new.
func TestIDs(t *testing.T) {
	rec := exportertest.Samples()[0]
	moved := facts()
	moved.Self, moved.Page = "https://elsewhere.example/x", func(record.ID) string { return "https://elsewhere.example/y" }
	moved.Updated = time.Time{}
	changed := rec
	changed.Title, changed.Harvest = record.Texts{"en": "Another"}, record.Harvest{}
	want := "tag:hub.example,2026:resource/" + string(rec.ID)
	for name, format := range formats(moved) {
		if got := parse(t, exportertest.Encode(t, format, changed)).Items[0].GUID; got != want {
			t.Errorf("%s: the id became %q, want %q", name, got, want)
		}
	}
	if got := feed.EntryID("", "a"); got != "urn:ctip-hub:resource/a" {
		t.Errorf("without an authority: %q", got)
	}
}

// TestHostile: no text of a source becomes markup, breaks the document or reaches a reader
// as an address that is none.
func TestHostile(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 7))
	var recs []record.Record
	for i := range 300 {
		rec := exportertest.Random(r)
		rec.ID = record.NewID("random", fmt.Sprint(i)) // the catalogue gives no id twice
		recs = append(recs, rec)
	}
	for name, format := range formats(facts()) {
		doc := exportertest.Encode(t, format, recs...)
		wellFormed(t, name, doc)
		got := parse(t, doc)
		if len(got.Items) != len(recs) {
			t.Fatalf("%s: %d items of %d records", name, len(got.Items), len(recs))
		}
		ids := map[string]bool{}
		for i, item := range got.Items {
			if ids[item.GUID] || item.Title == "" {
				t.Errorf("%s: item %d has the id %q and the title %q", name, i, item.GUID, item.Title)
			}
			ids[item.GUID] = true
			for _, s := range []string{item.Title, item.Description, item.Content} {
				if strings.ContainsAny(s, "\x00\x1b\u202e\u2066\ufffe") {
					t.Errorf("%s: item %d holds %q", name, i, s)
				}
			}
			for _, tag := range []string{"<b", "<!", "<?", "<s"} {
				html := strings.HasPrefix(item.Content, "<p lang=") // of JSON the reader takes the text where there is no HTML
				if html && strings.Contains(item.Content, tag) || name == "rss.xml" && strings.Contains(item.Title+item.Description, tag) {
					t.Errorf("%s: item %d has markup of the source: %q", name, i, item.Content)
				}
			}
			for _, l := range item.Links {
				if u, err := url.Parse(l); err != nil || u.Scheme != "https" && u.Scheme != "http" {
					t.Errorf("%s: item %d leads to %q", name, i, l)
				}
			}
		}
	}
}

func wellFormed(t *testing.T, name string, doc []byte) {
	t.Helper()
	if strings.HasSuffix(name, ".json") {
		if !json.Valid(doc) {
			t.Fatalf("%s is no JSON", name)
		}
		return
	}
	for dec := xml.NewDecoder(strings.NewReader(string(doc))); ; {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"https://a.example/x?y=z&q=\"><script>": "https://a.example/x?y=z&q=%22%3E%3Cscript%3E", "javascript:alert(1)": "", "https:///x": "", "": "",
		"https://user:pass@a.example/": "", "ftp://a.example/": "", " http://a.example/ก ": "http://a.example/%E0%B8%81",
	} {
		rec := record.Record{ID: "a", Origin: record.Origin{Landing: address}}
		f := facts()
		f.Page = nil
		for name, format := range formats(f) {
			if got := parse(t, exportertest.Encode(t, format, rec)).Items[0].Link; got != want {
				t.Errorf("%s: %q became %q, want %q", name, address, got, want)
			}
		}
	}
}

func TestPages(t *testing.T) {
	alone := facts()
	alone.First, alone.Next, alone.Complete = "", "", true
	for name, format := range formats(alone) {
		if doc := string(exportertest.Encode(t, format)); !strings.Contains(doc, "complete") {
			t.Errorf("%s does not say that it is complete: %s", name, doc)
		}
	}
	between := facts()
	between.Complete, between.Previous = true, "https://hub.example/before"
	for name, format := range formats(between) {
		doc := string(exportertest.Encode(t, format))
		if strings.Contains(doc, "complete") {
			t.Errorf("%s says that one page of many is complete", name)
		}
		for _, want := range []string{between.Self, between.First, between.Next, between.Previous} {
			if !strings.Contains(strings.ReplaceAll(doc, "&amp;", "&"), `"`+want+`"`) {
				t.Errorf("%s does not lead to %s", name, want)
			}
		}
	}
}

// TestClipped: long texts are cut where they may be, and the rest is in the content.
func TestClipped(t *testing.T) {
	for lang, word := range map[string]string{"en": "support ", "km": "ស្ត្រី", "th": "เด็กที่", "my": "လူ့အခွင့်အရေး"} {
		rec := record.Record{ID: "a", Languages: []string{lang}, Title: record.Texts{lang: "T"}, Description: record.Texts{lang: strings.Repeat(word, 400)}}
		item := parse(t, exportertest.Encode(t, feed.Atom(facts()), rec)).Items[0]
		short := strings.TrimSuffix(item.Description, "…")
		if n := len([]rune(short)); n > 800 || n < 700 || short == item.Description {
			t.Errorf("%s: the summary has %d characters", lang, n)
		}
		if rest := strings.TrimPrefix(rec.Description[lang], short); strings.ContainsAny(rest[:3], "\u17d2\u17b8\u0e47\u0e48\u1039\u1037") || strings.HasSuffix(short, "\u17d2") || strings.HasSuffix(short, "เ") {
			t.Errorf("%s: cut between %q and %.9q", lang, short[len(short)-3:], rest)
		}
		if !strings.Contains(item.Content, strings.TrimSpace(rec.Description[lang])) {
			t.Errorf("%s: the content does not hold the whole text", lang)
		}
	}
}
