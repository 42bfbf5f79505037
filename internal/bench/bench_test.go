package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ctiphub/catalog"
	"ctiphub/catalog/sqlstore"
	"ctiphub/configs"
	"ctiphub/exporter"
	"ctiphub/exporter/ctip"
	"ctiphub/exporter/oaidc"
	provider "ctiphub/exporter/oaipmh"
	"ctiphub/harvester"
	"ctiphub/harvester/oaipmh"
	"ctiphub/internal/demo"
	"ctiphub/internal/fetch"
	"ctiphub/internal/ingest"
	"ctiphub/normalizer"
	"ctiphub/record"
)

var quiet = slog.New(slog.DiscardHandler)

// source is the partner repository of a federation.
func source(f *demo.Federation) harvester.Source {
	for _, s := range f.Sites() {
		if s.ID == "demo-partner" {
			return harvester.Source{ID: s.ID, Name: s.Name, Kind: s.Kind, URL: s.URL,
				OAI:        harvester.OAIRecipe{Prefix: s.Prefix},
				Politeness: fetch.Politeness{MinDelay: fetch.Duration(time.Microsecond)}}
		}
	}
	return harvester.Source{}
}

func federation(b *testing.B, records int) *demo.Federation {
	b.Helper()
	f, err := demo.Start(b.Context(), demo.Config{Seed: 1, Records: records})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = f.Close(context.Background()) })
	return f
}

func client() *fetch.Client {
	return fetch.New(fetch.Options{UserAgent: "CTIPHub/bench", Contact: "https://hub.example/about", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Logger: quiet, Now: time.Now})
}

func rules(b *testing.B) (*configs.Config, *normalizer.Normalizer) {
	b.Helper()
	cfg, err := configs.Load("")
	if err != nil {
		b.Fatal(err)
	}
	n, err := normalizer.New(cfg.Vocabulary, map[string]normalizer.Rules{"demo-partner": {Trust: "high", InScope: true}})
	if err != nil {
		b.Fatal(err)
	}
	return cfg, n
}

func store(b *testing.B, cfg *configs.Config) *sqlstore.Store {
	b.Helper()
	concepts := cfg.Vocabulary.Concepts()
	s, err := sqlstore.Open(b.Context(), filepath.Join(b.TempDir(), "catalog.db"), sqlstore.Options{
		Broader: func(t string) []string { return concepts.Ancestors("theme", t) }, Logger: quiet})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

// stock is the metadata of n records in all languages.
func stock(b *testing.B, n int) [][]byte {
	b.Helper()
	list, err := Stock(b.Context(), n)
	if err != nil {
		b.Fatal(err)
	}
	return list
}

// BenchmarkNormalize normalizes oai_dc records of all languages on every core.
func BenchmarkNormalize(b *testing.B) { normalizeAll(b, func(meta []byte) []byte { return meta }) }

// BenchmarkNormalizeTypical does so with what libraries mostly have: a title and at most 600
// characters of description, in all languages.
func BenchmarkNormalizeTypical(b *testing.B) {
	const open, end = "<dc:description", "</dc:description>"
	normalizeAll(b, func(meta []byte) []byte {
		before, rest, found := bytes.Cut(meta, []byte(open))
		text, after, closed := bytes.Cut(rest, []byte(end))
		if !found || !closed {
			return meta
		}
		if runes := []rune(string(text)); len(runes) > 600 {
			text = []byte(string(runes[:600]))
			if amp := bytes.LastIndexByte(text, '&'); amp > len(text)-8 {
				text = text[:amp] // half an entity
			}
		}
		return slices.Concat(before, []byte(open), text, []byte(end), after)
	})
}

func normalizeAll(b *testing.B, of func(meta []byte) []byte) {
	b.Helper()
	_, n := rules(b)
	var list []record.Raw
	size := 0
	for i, meta := range stock(b, 3000) {
		meta = of(meta)
		size += len(meta)
		body := fmt.Sprintf("<record><header><identifier>oai:repository.example:%d</identifier><datestamp>%s</datestamp></header><metadata>%s</metadata></record>", i, stamp, meta)
		list = append(list, record.Raw{Source: "demo-partner", Identifier: fmt.Sprint(i), URL: "https://repository.example/oai", Format: record.FormatOAIDC, Fetched: time.Now(), Body: []byte(body)})
	}
	b.ReportAllocs()
	b.ReportMetric(float64(size)/float64(len(list)), "bytes/record")
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if _, _, err := n.Normalize(list[i%len(list)]); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

// harvest pulls everything that a federation's partner repository has into a store.
func harvest(b *testing.B, f *demo.Federation, s *sqlstore.Store, n *normalizer.Normalizer) catalog.Run {
	b.Helper()
	return pull(b, source(f), s, n)
}

// pull harvests a source into a store.
func pull(b *testing.B, src harvester.Source, s *sqlstore.Store, n *normalizer.Normalizer) catalog.Run {
	b.Helper()
	p := ingest.New(ingest.Options{Store: s, Normalizer: n, Owner: "bench", Now: time.Now, Logger: quiet,
		Adapters: map[string]harvester.Adapter{harvester.KindOAIPMH: oaipmh.New(client(), time.Now)}})
	run, err := p.Harvest(b.Context(), ingest.Job{Source: src}, nil)
	if err != nil || !run.State.Good() {
		b.Fatalf("harvest ended %s: %s (%v)", run.State, run.Message, err)
	}
	return run
}

// BenchmarkHarvest goes the whole way: loopback OAI-PMH, parsing, normalizing, screening,
// storing, indexing; 10,000 records a round, in pages of two sizes. Command againstmetha goes
// on to hundreds of thousands.
func BenchmarkHarvest(b *testing.B) {
	const records = 10_000
	cfg, n := rules(b)
	list := stock(b, 5000)
	for _, page := range []int{100, 1000} {
		b.Run(fmt.Sprint(page), func(b *testing.B) {
			server := httptest.NewServer(Repository{Records: records, Page: page, Stock: list})
			defer server.Close()
			src := harvester.Source{ID: "demo-partner", Name: "Stock", Kind: harvester.KindOAIPMH, URL: server.URL + "/oai",
				OAI: harvester.OAIRecipe{Prefix: "oai_dc"}, Politeness: fetch.Politeness{MinDelay: fetch.Duration(time.Microsecond)}}
			for b.Loop() {
				b.StopTimer()
				s := store(b, cfg)
				b.StartTimer()
				if run := pull(b, src, s, n); run.Counts.Listed != records {
					b.Fatalf("listed %d records", run.Counts.Listed)
				}
			}
			b.ReportMetric(float64(records*b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

var token = regexp.MustCompile(`<resumptionToken[^>]*>([^<]+)<`)

// BenchmarkListRecords serves all of 20,000 records through HTTP, page by page.
func BenchmarkListRecords(b *testing.B) {
	const records = 20_000
	cfg, n := rules(b)
	s := store(b, cfg)
	harvest(b, federation(b, records), s, n)
	concepts := cfg.Vocabulary.Concepts()
	label := func(scheme, id string) string { return concepts.Label(scheme, id, "en") }
	srv := httptest.NewServer(provider.New(provider.Options{
		Repository: s, NotFound: catalog.ErrNotFound, Crosswalks: []exporter.Crosswalk{oaidc.New(label), ctip.New()},
		RepositoryName: "bench", AdminEmails: []string{"bench@hub.example"}, RepositoryIdentifier: "hub.example", Key: make([]byte, 32), Now: time.Now, Logger: quiet,
	}))
	defer srv.Close()
	for _, prefix := range []string{"oai_dc", "ctip"} {
		b.Run(prefix, func(b *testing.B) {
			served := 0
			for b.Loop() {
				served += listAll(b, srv.URL+"/oai", prefix)
			}
			b.ReportMetric(float64(served)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

func listAll(b *testing.B, base, prefix string) int {
	b.Helper()
	n := 0
	for query := "metadataPrefix=" + prefix; query != ""; {
		resp, err := srvClient.Get(base + "?verb=ListRecords&" + query)
		if err != nil {
			b.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			b.Fatal(err)
		}
		n += strings.Count(string(body), "<record>")
		query = ""
		if m := token.FindSubmatch(body); m != nil {
			query = "resumptionToken=" + url.QueryEscape(string(m[1]))
		}
	}
	return n
}

var srvClient = &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 4}}

// BenchmarkSearch asks 100,000 records, with all facets.
func BenchmarkSearch(b *testing.B) {
	cfg, n := rules(b)
	s := store(b, cfg)
	harvest(b, federation(b, 100_000), s, n)
	for name, q := range map[string]catalog.Query{
		"all":     {},
		"rare":    {Text: "frontline officers Singapore 2019"},
		"common":  {Text: "victims"},
		"thai":    {Text: "ค้ามนุษย์"},
		"khmer":   {Text: "ជនរងគ្រោះ"},
		"filter":  {Text: "training", Filters: map[catalog.Facet][]string{catalog.FacetCountry: {"KH", "VN"}}},
		"country": {Filters: map[catalog.Facet][]string{catalog.FacetCountry: {"TL"}}, Sort: catalog.ByIssued},
	} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			found := 0
			for b.Loop() {
				began := time.Now()
				r, err := s.Search(b.Context(), q)
				if err != nil {
					b.Fatal(err)
				}
				took, found = append(took, time.Since(began)), r.Total
			}
			if found == 0 {
				b.Fatal(fmt.Sprintf("%q finds nothing", q.Text))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(found), "hits")
		})
	}
}
