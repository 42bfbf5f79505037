package pdf

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzScan reads raw bytes of files: XMP, catalogue, compressed streams.
func FuzzScan(f *testing.F) {
	plain := document(prosePage("Handbook", english)).catalog("/Lang (th-TH)").xmp(`><dc:title><rdf:Alt><rdf:li xml:lang="th">คู่มือ</rdf:li></rdf:Alt></dc:title>`)
	f.Add(plain.bytes())
	hidden := document([]show{})
	hidden.add(stream("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", deflated(f, []byte("1 0 << /Type /Catalog /Lang <feff00760069> >>"))))
	hidden.add(stream("/Type /Metadata /Filter /FlateDecode", deflated(f, []byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description dc:title="x"/></rdf:RDF></x:xmpmeta>`))))
	f.Add(hidden.bytes())
	f.Add([]byte("stream\n<x:xmpmeta></x:xmpmeta>/Type/Catalog/Lang(\\)"))
	f.Fuzz(func(t *testing.T, body []byte) {
		p := Properties{}
		p.fill(content{}, scan(body))
		readable(t, p)
	})
}

// FuzzReaders reads what the programs print: they repeat what a file makes them say.
func FuzzReaders(f *testing.F) {
	f.Add("Title:          Handbook\nPages:          3\nEncrypted:      yes (print:yes)\nPDF version:    1.4\nCreationDate:   D:20240131\n",
		`<page width="595" height="842"><line><word xMin="72" yMin="70" xMax="140" yMax="92">Hand&amp;book</word>`+"\n</line>\n</page>")
	f.Add("Author: a@b.example, +66 81 234 5678\n", "<page >\n<word xMin=\"NaN\" yMin=\"1e300\" xMax=\"-1\" yMax=\"Inf\">\xff</word>\n</line>")
	f.Fuzz(func(t *testing.T, info, layout string) {
		c := parseInfo(info)
		c.Lines, c.Height = parseLayout([]byte(layout))
		p := Properties{}
		p.fill(c, scanned{})
		readable(t, p)
	})
}

// readable fails where properties are no JSON, no text or hold an address of somebody.
func readable(t *testing.T, p Properties) {
	t.Helper()
	b, err := json.Marshal(p)
	if err != nil || !utf8.Valid(b) {
		t.Fatalf("%v: %q", err, b)
	}
	for _, list := range [][]Text{p.Title, p.Creators, p.Description, p.Keywords} {
		for _, x := range list {
			if x.Value == "" || strings.TrimSpace(x.Value) != x.Value || personal.MatchString(x.Value) || len(x.Value) > maxTextLen {
				t.Errorf("%q was kept", x.Value)
			}
		}
	}
	for _, l := range p.LargestText {
		if !titleLike(l.Value) {
			t.Errorf("%q is a title candidate", l.Value)
		}
	}
}
