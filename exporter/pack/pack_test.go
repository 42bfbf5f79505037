package pack

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"ctiphub/exporter/exportertest"
	"ctiphub/record"
)

var facts = Facts{
	Hub: "Test Hub", Home: "https://hub.example/", Choice: "Cambodia", Language: "km", Made: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC),
	Vocabulary: record.Vocabulary{Schemes: []record.Scheme{
		{ID: "theme", Concepts: []record.Concept{{ID: "identification", Label: record.Texts{"en": "Identification", "km": "ការកំណត់អត្តសញ្ញាណ"}}, {ID: "referral", Label: record.Texts{"en": "Referral"}}}},
		{ID: "type", Concepts: []record.Concept{{ID: "guideline", Label: record.Texts{"en": "Guideline"}}}},
	}},
}

// unzip writes a pack and returns its files.
func unzip(t *testing.T, recs ...record.Record) map[string]string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(t.Context(), &b, facts, exportertest.Seq(nil, recs...)); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name] = string(data)
	}
	return all
}

// TestPack opens a pack as a reader does: every file as its checksum says, every link inside it
// leads somewhere, every record is on the pages, in the data and in the JSON lines.
func TestPack(t *testing.T) {
	recs := exportertest.Samples()
	for seed := range uint64(40) {
		recs = append(recs, exportertest.Random(rand.New(rand.NewPCG(seed, 12))))
	}
	recs = append(recs, record.Record{ID: record.NewID("evil", "1"), Title: record.Texts{"en": "</script><script>alert(1)</script>"}, Description: record.Texts{"en": "\u202Ereversed <!-- "},
		Origin: record.Origin{Landing: "javascript:alert(1)"}, Themes: []record.Tag{{ID: "referral"}}})
	all := unzip(t, recs...)
	for line := range strings.Lines(all["SHA256SUMS"]) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if got := sha256.Sum256([]byte(all[name])); hex.EncodeToString(got[:]) != sum {
			t.Errorf("%s is not what SHA256SUMS says", name)
		}
	}
	if n := strings.Count(all["records.ndjson"], "\n"); n != len(recs) {
		t.Errorf("%d lines of JSON for %d records", n, len(recs))
	}
	var data struct {
		Entries []entry
		Labels  map[string]map[string]string
	}
	script := all["data.js"]
	if err := json.Unmarshal([]byte(strings.TrimSuffix(strings.TrimPrefix(script, "window.PACK="), ";\n")), &data); err != nil || len(data.Entries) != len(recs) || strings.Contains(script, "</script") {
		t.Errorf("the data of the search: %d entries, %v", len(data.Entries), err)
	}
	if data.Labels["theme"]["identification"] != "ការកំណត់អត្តសញ្ញាណ" {
		t.Errorf("labels: %v", data.Labels)
	}
	pages := 0
	for name, text := range all {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		pages++
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		scripts := map[bool]int{true: 2, false: 0}[name == "index.html"]
		if doc.Find("script").Length() != scripts || doc.Find("script:not([src])").Length() > 0 || strings.Contains(text, "\u202E") {
			t.Errorf("%s: %d scripts, or text that turns what is around it", name, doc.Find("script").Length())
		}
		doc.Find("[href], [src]").Each(func(_ int, s *goquery.Selection) {
			to := s.AttrOr("href", s.AttrOr("src", ""))
			_, inside := all[to]
			if !inside && !strings.HasPrefix(to, "https://") && !strings.HasPrefix(to, "http://") {
				t.Errorf("%s links to %q", name, to)
			}
		})
	}
	if pages != 2+3 || strings.Count(all["all.html"], "<article") != len(recs) {
		t.Errorf("%d pages, %d records on the one of all", pages, strings.Count(all["all.html"], "<article"))
	}
}

// TestSamePack writes twice: the bytes are the same.
func TestSamePack(t *testing.T) {
	var a, b bytes.Buffer
	for _, w := range []*bytes.Buffer{&a, &b} {
		if err := Write(t.Context(), w, facts, exportertest.Seq(nil, exportertest.Samples()...)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same records gave two packs")
	}
	gone := errors.New("the catalogue went away")
	if err := Write(t.Context(), io.Discard, facts, exportertest.Seq(gone, exportertest.Samples()...)); !errors.Is(err, gone) {
		t.Errorf("an error of the records came back as %v", err)
	}
}
