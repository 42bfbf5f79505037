package jsonld

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/piprate/json-gold/ld"

	"ctiphub/exporter/exportertest"
	"ctiphub/record"
)

var update = flag.Bool("update", false, "write the golden file")

func newExporter() Exporter { return New("https://hub.example/", "Test Hub", exportertest.Label) }

func TestGolden(t *testing.T) {
	exportertest.Golden(t, "samples.jsonld.golden", exportertest.Encode(t, newExporter(), exportertest.Samples()...), *update)
	exportertest.Errors(t, newExporter())
}

// words is a loader of contexts that knows the one of schema.org, as far as it matters here:
// every word is one of its vocabulary. Nothing is fetched.
type words struct{}

func (words) LoadDocument(u string) (*ld.RemoteDocument, error) {
	if strings.TrimSuffix(u, "/") != "https://schema.org" {
		return nil, fmt.Errorf("a context from elsewhere: %s", u)
	}
	return &ld.RemoteDocument{DocumentURL: u, Document: map[string]any{"@context": map[string]any{"@vocab": "https://schema.org/"}}}, nil
}

// expanded is a document as a JSON-LD processor sees it.
func expanded(t *testing.T, doc []byte) []any {
	t.Helper()
	var v any
	if err := json.Unmarshal(doc, &v); err != nil {
		t.Fatalf("no JSON: %v\n%.300s", err, doc)
	}
	o := ld.NewJsonLdOptions("https://hub.example/")
	o.DocumentLoader = words{}
	list, err := ld.NewJsonLdProcessor().Expand(v, o)
	if err != nil {
		t.Fatalf("no JSON-LD: %v\n%.600s", err, doc)
	}
	return list
}

// TestExpand reads samples and random records back: each title survives with its language,
// whatever else they hold.
func TestExpand(t *testing.T) {
	records := exportertest.Samples()
	for seed := range uint64(300) {
		records = append(records, exportertest.Random(rand.New(rand.NewPCG(seed, 8))))
	}
	for _, rec := range records {
		doc, err := newExporter().Append(nil, rec)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(string(doc), "<>") {
			t.Fatalf("the document could end a script element: %s", doc)
		}
		list := expanded(t, doc)
		if len(list) != 1 {
			t.Fatalf("%d nodes at the top", len(list))
		}
		n := list[0].(map[string]any)
		if n["@id"] != "https://hub.example/resources/"+string(rec.ID) {
			t.Errorf("the id is %v", n["@id"])
		}
		have := map[string]bool{}
		names, _ := n["https://schema.org/name"].([]any)
		for _, v := range names {
			m := v.(map[string]any)
			lang, _ := m["@language"].(string)
			have[strings.ToLower(lang)+" "+m["@value"].(string)] = true
		}
		for lang, text := range rec.Title {
			if lang == "und" || text == "" || !plainTag(lang) {
				continue
			}
			if !have[strings.ToLower(lang)+" "+strings.ToValidUTF8(text, "\uFFFD")] {
				t.Errorf("the title in %s is lost: %q not in %v", lang, text, have)
			}
		}
	}
}

func plainTag(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
	}) && len(s) > 1 && len(s) < 9
}

func TestFields(t *testing.T) {
	rec := record.Record{
		ID: record.NewID("a", "b"), Title: record.Texts{"en": "Law"}, Type: []record.Tag{{ID: "law-policy"}}, Issued: record.Date{EDTF: "2023?"}, Valid: record.Date{EDTF: "2024-01/.."},
		Countries: []record.Tag{{ID: "KH"}}, Identifiers: []record.Identifier{{Scheme: "doi", Value: "https://doi.org/10.1234/x"}}, Rights: record.Rights{License: "not a URI"},
		Files:     []record.File{{URL: "https://a.example/dead.pdf", Status: "dead"}, {URL: "javascript:alert(1)"}, {URL: "https://a.example/x.pdf", MediaType: "application/pdf", Bytes: 5}},
		Relations: []record.Relation{{Kind: "translationOf", Target: string(record.NewID("c", "d"))}, {Kind: "partOf", Target: "not a URI"}},
	}
	doc, err := newExporter().Append(nil, rec)
	if err != nil {
		t.Fatal(err)
	}
	text := string(doc)
	for _, want := range []string{`"@type":"Legislation"`, `"temporalCoverage":"2024-01/.."`, `"identifier":"KH"`, `"value":"10.1234/x"`, `"sameAs":["https://doi.org/10.1234/x"]`,
		`"contentUrl":"https://a.example/x.pdf"`, `"contentSize":"5 B"`, `"translationOfWork":[{"@id":"https://hub.example/resources/` + string(record.NewID("c", "d"))} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	for _, never := range []string{"datePublished", "dead.pdf", "javascript", "license", "isPartOf"} {
		if strings.Contains(text, never) {
			t.Errorf("%s in %s", never, text)
		}
	}
}
