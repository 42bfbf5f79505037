package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"ctiphub/catalog"
	"ctiphub/exporter/dump"
	"ctiphub/record"
)

// marker is a word that only one record of the test has, in title, text, file and raw.
const marker = "Zwieback"

// TestTakedownEverywhere takes a record down from the command line while a hub serves it, and
// walks everything that leaves the hub: the word is nowhere, and those who follow the
// protocols hear that the record is gone.
func TestTakedownEverywhere(t *testing.T) {
	data := t.TempDir()
	w := newWriter(t, data)
	w.write(t, 300, 100)
	it := catalog.Item{
		Raw: record.Raw{Source: "agency", Identifier: "marked", URL: "https://agency.example/marked", Format: record.FormatHTML, Body: []byte("<h1>" + marker + "</h1>")},
		Record: record.Record{
			Title: record.Texts{"en": marker + " handbook"}, Description: record.Texts{"en": "On " + marker}, Languages: []string{"en"}, Type: []record.Tag{{ID: "report", Confidence: 1}},
			Countries: []record.Tag{{ID: "KH", Confidence: 1}}, Origin: record.Origin{Landing: "https://agency.example/marked"}, Files: []record.File{{URL: "https://agency.example/" + marker + ".pdf"}},
		},
		Decision: record.Decision{Verdict: record.Publish},
	}
	if _, err := w.store.Apply(t.Context(), catalog.Batch{Source: "agency", Run: w.run.ID, Now: time.Now(), Items: []catalog.Item{it}}); err != nil {
		t.Fatal(err)
	}
	w.write(t, 150, 50) // so that it does not stand at the end of the log
	id := string(record.NewID("agency", "marked"))
	if out, code := hub(t, "dump", "make", "--data", data); code != 0 {
		t.Fatalf("dump make: exit %d\n%s", code, out)
	}
	base := startServe(t, data)

	before := walk(t, base, id)
	for path, body := range before {
		if !strings.Contains(body, marker) && !strings.HasPrefix(path, "/oai?verb=ListIdentifiers") {
			t.Errorf("%s does not show the record: the test sees too little\n%.300s", path, body)
		}
	}
	if out, code := hub(t, "takedown", id, "--reason", "privacy", "--data", data); code != 0 || !strings.Contains(out, "1 record, 1 of them public") || !strings.Contains(out, "1 dump that had it: deleted") {
		t.Fatalf("takedown: exit %d\n%s", code, out)
	}
	after := walk(t, base, id)
	for path, body := range after {
		for _, said := range []string{marker + " handbook", "On " + marker, marker + ".pdf"} {
			if strings.Contains(body, said) {
				t.Errorf("%s still says %q", path, said)
			}
		}
	}
	for path, want := range map[string]string{
		"/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:hub.example:" + id: `<header status="deleted"><identifier>oai:hub.example:` + id,
		"/api/v1/changes?limit=1000": `"id":"` + id + `","source":"agency","deleted":true`,
	} {
		if !strings.Contains(after[path], want) {
			t.Errorf("%s does not say %s", path, want)
		}
	}
	if list := fetched(t, base+"/sitemaps/resources-1.xml"); strings.Contains(list, id) {
		t.Error("the sitemap still lists the record")
	}
	if list := fetched(t, base+"/resourcesync/resourcelist-1.xml"); strings.Contains(list, id) {
		t.Error("the resource list still lists the record")
	}
	if list := fetched(t, base+"/resourcesync/changelist-1.xml"); !strings.Contains(list, id+`.xml</loc>`) || !strings.Contains(list, `change="deleted"`) {
		t.Error("the change list does not say that the record is gone")
	}
	for _, path := range []string{"/resources/" + id, "/resources/" + id + ".bib", "/api/v1/resources/" + id} {
		res, err := http.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusGone {
			t.Errorf("%s answers with status %d, not 410", path, res.StatusCode)
		}
	}
	for _, format := range []string{"ndjson", "csv", "ctip", "oai_dc", "jsonld", "atom", "mods"} {
		if out, code := hub(t, "export", format, "--data", data); code != 0 || strings.Contains(out, marker) {
			t.Errorf("hub export %s: exit %d, or it still shows the record", format, code)
		}
	}
	if out, code := hub(t, "takedowns", "--data", data); code != 0 || !strings.Contains(out, id) || !strings.Contains(out, "privacy") {
		t.Errorf("takedowns: exit %d\n%s", code, out)
	}
}

// walk reads everything by which a record can leave the hub.
func walk(t *testing.T, base, id string) map[string]string {
	t.Helper()
	bodies := map[string]string{}
	for _, path := range []string{
		"/search?q=" + marker, "/search?country=KH&sort=newest&q=handbook", "/resources/" + id,
		"/resources/" + id + ".json", "/resources/" + id + ".jsonld", "/resources/" + id + ".bib", "/resources/" + id + ".ris", "/resources/" + id + ".csl.json", "/resources/" + id + ".xml", "/unapi?format=ris&id=" + id,
		"/feeds/atom.xml?q=" + marker, "/feeds/rss.xml?country=KH&q=handbook", "/feeds/feed.json?q=" + marker,
		"/api/v1/resources?q=" + marker, "/api/v1/resources/" + id, "/api/v1/changes?limit=1000",
		"/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:hub.example:" + id,
		"/oai?verb=GetRecord&metadataPrefix=ctip&identifier=oai:hub.example:" + id,
		"/oai?verb=GetRecord&metadataPrefix=mods&identifier=oai:hub.example:" + id,
	} {
		res, err := http.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode == http.StatusNotFound {
			t.Fatalf("%s: status %d, %v", path, res.StatusCode, err)
		}
		bodies[path] = string(body)
	}
	bodies["/dumps/"] = dumped(t, base)
	for _, prefix := range []string{"oai_dc", "ctip", "oai_qdc", "mods", "oai_datacite"} {
		var all strings.Builder
		query := "verb=ListRecords&metadataPrefix=" + prefix
		for query != "" {
			res, err := http.Get(base + "/oai?" + query)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			all.Write(body)
			_, rest, _ := strings.Cut(string(body), "<resumptionToken")
			_, rest, _ = strings.Cut(rest, ">")
			token, _, _ := strings.Cut(rest, "<")
			if query = ""; strings.TrimSpace(token) != "" {
				query = "verb=ListRecords&resumptionToken=" + token
			}
		}
		bodies["/oai?verb=ListRecords&metadataPrefix="+prefix] = all.String()
	}
	return bodies
}

// dumped is all that the dumps hold which can be had.
func dumped(t *testing.T, base string) string {
	t.Helper()
	res, err := http.Get(base + "/dumps/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var catalog dump.Catalog
	if err := json.NewDecoder(res.Body).Decode(&catalog); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, d := range catalog.Dumps {
		for _, f := range d.Files {
			res, err := http.Get(base + "/dumps/" + d.Name + "/" + f.Name)
			if err != nil {
				t.Fatal(err)
			}
			z, err := zstd.NewReader(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(&all, z); err != nil {
				t.Fatal(err)
			}
			z.Close()
			res.Body.Close()
		}
	}
	return all.String()
}
