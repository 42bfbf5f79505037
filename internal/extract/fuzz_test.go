package extract

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/tools/txtar"

	"ctiphub/record"
)

var fuzzSelectors = []string{
	"meta:description", "css:a@href", "css:p", "link:alternate@hreflang", "jsonld:$.name", "jsonld:Report$.author.*[0]", "html:title", "html:lang", "micro:$.name", "micro:Event$.location.*", "pdf:title", "pdf:years", "pdf:file-name",
	"dc:title", "dc:identifier", "oai:set", "item:title", "item:authors", "item:dc:creator", "item:enclosures", "url:/(.)/", "hint:x",
}

// fuzz opens bytes and asks for everything. Values must be trimmed, readable text.
func fuzz(t *testing.T, format record.Format, mediaType string, body []byte) {
	d, err := Open(record.Raw{Identifier: "x", URL: "https://www.example.go.th/a/b", MediaType: mediaType, Format: format, Body: body})
	if err != nil {
		return
	}
	for _, text := range fuzzSelectors {
		s, err := ParseSelector(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range d.Select(s) {
			if v.Text == "" || strings.TrimSpace(v.Text) != v.Text {
				t.Errorf("%s gives %q", text, v.Text)
			}
		}
	}
	if text := d.Text(50); utf8.RuneCountInString(text) > 50 {
		t.Errorf("Text(50) gives %q", text)
	}
	d.Links()
	d.Alternates()
	d.Ctip()
	d.Provenance()
}

// seeds are the bodies of the test files of a format.
func seeds(f *testing.F, format string) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if ar := txtar.Parse(b); strings.Contains(string(ar.Comment), "format: "+format+"\n") {
			f.Add("text/html; charset=utf-8", ar.Files[0].Data)
		}
	}
}

func FuzzHTML(f *testing.F) {
	seeds(f, "html")
	f.Fuzz(func(t *testing.T, mediaType string, body []byte) { fuzz(t, record.FormatHTML, mediaType, body) })
}

func FuzzOAIDC(f *testing.F) {
	seeds(f, "oai_dc")
	f.Fuzz(func(t *testing.T, mediaType string, body []byte) {
		fuzz(t, record.FormatOAIDC, mediaType, body)
		fuzz(t, record.FormatCTIP, mediaType, body)
	})
}

func FuzzPDF(f *testing.F) {
	f.Add("application/pdf", []byte(`{"title":[{"@value":"A","@language":"th"}],"years":[{"@value":2021,"place":"title"}],"@id":"x","@graph":[{"title":"b"}]}`))
	f.Fuzz(func(t *testing.T, mediaType string, body []byte) { fuzz(t, record.FormatPDF, mediaType, body) })
}

func FuzzFeedItem(f *testing.F) {
	seeds(f, "feed-item")
	f.Fuzz(func(t *testing.T, mediaType string, body []byte) { fuzz(t, record.FormatFeedItem, mediaType, body) })
}

func FuzzParseSelector(f *testing.F) {
	for _, s := range fuzzSelectors {
		f.Add(s)
	}
	d, err := Open(record.Raw{Format: record.FormatHTML, Body: []byte(`<p lang="th"><a href="x">y</a><script type="application/ld+json">{"a": [1, {"b": "c"}]}</script>`)})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := ParseSelector(text); err == nil {
			d.Select(s)
		}
	})
}
