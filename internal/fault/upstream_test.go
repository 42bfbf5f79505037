package fault

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ctiphub/catalog"
	"ctiphub/catalog/sqlstore"
	"ctiphub/exporter"
	"ctiphub/exporter/oaidc"
	provider "ctiphub/exporter/oaipmh"
	"ctiphub/harvester"
	"ctiphub/record"
)

var quiet = slog.New(slog.DiscardHandler)

// upstream is a source as it stands behind the proxy.
type upstream struct {
	kind    string
	entry   string // path where a harvester begins
	records int
	recipe  func(*harvester.Source)
	// handler serves the source; base is where the outside reaches it.
	handler func(t *testing.T, base string) http.Handler
}

func upstreams() []upstream {
	return []upstream{
		{harvester.KindOAIPMH, "/oai", 60, func(s *harvester.Source) { s.OAI.Prefix = "oai_dc" }, repository},
		{harvester.KindWebsite, "/sitemap.xml", 12, func(s *harvester.Source) { s.Website.Discover = "sitemap" }, site},
		{harvester.KindFeed, "/feed.xml", 20, func(*harvester.Source) {}, feedOf},
	}
}

// titleOf is the title of one record; no two are alike.
func titleOf(n int) string {
	return fmt.Sprintf("Guidelines on shelter for victims of trafficking in persons, part %d", n)
}

const about = "How police and shelter staff identify and protect victims of trafficking in persons."

// repository answers OAI-PMH over a catalogue of its own, ten records a page.
func repository(t *testing.T, base string) http.Handler {
	store, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "upstream.db"), sqlstore.Options{Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	stamp := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	run, err := store.Begin(t.Context(), catalog.Begin{Source: "ministry", Now: stamp, Owner: "test"})
	if err != nil {
		t.Fatal(err)
	}
	b := catalog.Batch{Source: "ministry", Run: run.ID, Now: stamp}
	for n := range 60 {
		id, page := fmt.Sprint(n), fmt.Sprintf("https://ministry.example/%d", n)
		b.Items = append(b.Items, catalog.Item{
			Raw: record.Raw{Source: "ministry", Identifier: id, URL: page, Format: record.FormatHTML, Body: []byte(id)},
			Record: record.Record{
				ID: record.NewID("ministry", id), Title: record.Texts{"en": titleOf(n)}, Description: record.Texts{"en": about},
				Languages: []string{"en"}, Origin: record.Origin{Source: "ministry", Identifier: id, Landing: page},
			},
			Decision: record.Decision{Verdict: record.Publish},
		})
	}
	if _, err := store.Apply(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	return provider.New(provider.Options{
		Repository: store, NotFound: catalog.ErrNotFound, Crosswalks: []exporter.Crosswalk{oaidc.New(func(_, id string) string { return id })},
		BaseURL: base + "/oai", RepositoryName: "Ministry", AdminEmails: []string{"oai@ministry.example"},
		RepositoryIdentifier: "ministry.example", PageSize: 10, Now: time.Now, Logger: quiet,
	})
}

// site is a sitemap and the pages that it lists.
func site(_ *testing.T, base string) http.Handler {
	mux := http.NewServeMux()
	var urls strings.Builder
	for n := range 12 {
		fmt.Fprintf(&urls, "<url><loc>%s/page/%d</loc></url>", base, n)
		mux.HandleFunc(fmt.Sprintf("/page/%d", n), func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><head><title>%s</title><meta name="description" content="%s"></head><body><main><h1>%[1]s</h1><p>%[3]s</p></main></body></html>`,
				titleOf(n), about, strings.Repeat(about+" ", 20))
		})
	}
	mux.HandleFunc("/sitemap.xml", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		fmt.Fprintf(w, `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">%s</urlset>`, urls.String())
	})
	return mux
}

// feedOf is a feed of twenty entries.
func feedOf(_ *testing.T, base string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/feed.xml", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/rss+xml")
		fmt.Fprintf(w, `<?xml version="1.0"?><rss version="2.0"><channel><title>News</title><link>%s/</link><description>News</description><language>en</language>`, base)
		for n := range 20 {
			fmt.Fprintf(w, `<item><title>%s</title><link>%s/news/%d</link><guid isPermaLink="false">news-%[3]d</guid><pubDate>Wed, %02d Jul 2026 08:00:00 GMT</pubDate><description>%s</description></item>`,
				titleOf(n), base, n, n+1, strings.Repeat(about+" ", 5))
		}
		fmt.Fprint(w, "</channel></rss>")
	})
	return mux
}

// listen returns a server whose handler is known only after its address.
func listen(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(nil)
	t.Cleanup(s.Close)
	return s
}
