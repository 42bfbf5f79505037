package main

import (
	"testing"
	"time"

	"github.com/mmcdole/gofeed"

	"ctiphub/configs"
	"ctiphub/exporter"
	"ctiphub/exporter/exportertest"
	"ctiphub/record"
)

// TestExportFeeds: "hub export" writes feeds that a feed reader reads, empty ones too.
func TestExportFeeds(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"atom", "rss", "jsonfeed"} {
		out, errs, code := call(t, "export", name, "--data", dir)
		f, err := gofeed.NewParser().ParseString(out)
		if code != 0 || err != nil || f.Title == "" || len(f.Items) != 0 {
			t.Errorf("%s: exit %d, %v, %s", name, code, err, errs)
		}
	}
}

func TestExportedFeedLinks(t *testing.T) {
	rec := exportertest.Samples()[0]
	for base, want := range map[string]string{
		"": rec.Origin.Landing, "https://hub.example": "https://hub.example/resources/" + string(rec.ID), "https://hub.example/": "https://hub.example/resources/" + string(rec.ID),
	} {
		h := configs.Hub{Name: "Hub", BaseURL: base, RepositoryID: "hub.example"}
		feeds := 0
		for _, format := range allFormats(record.Vocabulary{}, feedFacts(h, record.Vocabulary{}, time.Unix(1e9, 0), "k")) {
			if isFeed(format) {
				feeds++
				f, err := gofeed.NewParser().ParseString(string(exportertest.Encode(t, format, rec)))
				if err != nil || len(f.Items) != 1 || f.Items[0].Link != want || f.Items[0].GUID != "tag:hub.example,2026:resource/"+string(rec.ID) {
					t.Errorf("%s of the hub at %q: %v (%v)", format.Name(), base, f, err)
				}
			}
		}
		if feeds != 3 {
			t.Errorf("%d feeds are exported, want 3", feeds)
		}
	}
}

func isFeed(f exporter.Format) bool {
	return f.Name() == "atom" || f.Name() == "rss" || f.Name() == "jsonfeed"
}

// TestExportKey: other records are another feed, the same in another order are not.
func TestExportKey(t *testing.T) {
	a, b, c := exportCmd{Country: []string{"TH", "LA"}}, exportCmd{Country: []string{"LA", "TH"}}, exportCmd{Theme: []string{"LA", "TH"}}
	if a.key() != b.key() || a.key() == c.key() || len(a.key()) != 20 {
		t.Errorf("keys %s, %s, %s", a.key(), b.key(), c.key())
	}
}
