package ctip_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"ctiphub/exporter/exportertest"
	"ctiphub/internal/ctip"
	"ctiphub/record"
)

// inside puts content into a <resource> element.
func inside(content string) string {
	return `<resource xmlns="urn:ctip-hub:schema:ctip:1.0" version="1.0">` + content + `</resource>`
}

func TestParseXML(t *testing.T) {
	title := record.Record{Title: record.Texts{"en": "A & B"}}
	for name, c := range map[string]struct {
		doc  string
		want record.Record
	}{
		"prefix": {`<?xml version="1.0"?><c:resource xmlns:c="urn:ctip-hub:schema:ctip:1.0"><c:title xml:lang="en">A &amp; B</c:title></c:resource>`, title},
		"envelope": {`<record xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:c="urn:ctip-hub:schema:ctip:1.0"><header/><metadata>` +
			`<c:resource><c:title xml:lang="en"><![CDATA[A & B]]></c:title></c:resource></metadata><about>x</about></record>`, title},
		"foreign elements": {inside(`<title xml:lang="en">A &amp; <b xmlns="x">no</b>B</title><title xmlns="" xml:lang="en">other</title><later/>` +
			`<dc:title xmlns:dc="http://purl.org/dc/elements/1.1/">other</dc:title>`), title},
		"comments":          {inside(`<!-- a --><title xml:lang="en">A <!-- b -->&amp; B</title><?pi x?>`), title},
		"language inherits": {`<resource xmlns="urn:ctip-hub:schema:ctip:1.0" xml:lang="en"><title>A &amp; B</title></resource>`, title},
		"no language":       {inside(`<title>x</title><description xml:lang="">y</description>`), record.Record{Title: record.Texts{"und": "x"}, Description: record.Texts{"und": "y"}}},
		"zone":              {inside(`<harvest firstSeen="2026-01-31T07:00:00.5+07:00"/>`), record.Record{Harvest: record.Harvest{FirstSeen: time.Date(2026, 1, 31, 0, 0, 0, 5e8, time.UTC)}}},
		"truth":             {inside(`<origin><hop altered="1"/><hop altered="false"/></origin>`), record.Record{Origin: record.Origin{Chain: []record.Hop{{Altered: true}, {}}}}},
		"white space stays": {inside("<sensitivity> a\n</sensitivity>"), record.Record{Sensitivity: " a\n"}},
		"nothing known":     {inside("\n  "), record.Record{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ctip.ParseXML([]byte(c.doc))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("\n got %#v\nwant %#v", got, c.want)
			}
		})
	}
}

func TestParseXMLErrors(t *testing.T) {
	deep := strings.Repeat("<a>", 100000)
	for name, c := range map[string]struct{ doc, want string }{
		"nothing":         {"", "there is no <resource> element"},
		"no XML":          {"{}", "there is no <resource> element"},
		"other root":      {`<resource xmlns="urn:other"/>`, `it begins with "resource" of the namespace "urn:other"`},
		"cut off":         {inside("<title>a")[:60], "unexpected EOF"},
		"broken after it": {inside("") + "<a>", "unexpected EOF"},
		"deep":            {inside(deep), "element <a> closed by </resource>"},
		"id":              {inside(`<id>a/b</id>`), `id: "a/b" is not an identifier`},
		"two ids":         {inside(`<id>a</id><id>b</id>`), "id: given twice"},
		"two origins":     {inside(`<origin/><origin/>`), "origin: given twice"},
		"two titles":      {inside(`<title xml:lang="en">a</title><title xml:lang="en">b</title>`), `title: two texts in the language "en"`},
		"two names":       {inside(`<creator><name>a</name><name>b</name></creator>`), `name: two texts in the language "und"`},
		"no concept":      {inside(`<theme confidence="1"/>`), "themes: a concept without an id"},
		"no confidence":   {inside(`<theme id="a"/>`), "theme: the confidence is missing"},
		"confidence":      {inside(`<theme id="a" confidence="1.1"/>`), `themes: the confidence of "a" is not between 0 and 1`},
		"not a number":    {inside(`<theme id="a" confidence="NaN"/>`), `themes: the confidence of "a" is not between 0 and 1`},
		"word":            {inside(`<provenance confidence="high"/>`), `provenance: confidence="high" is not a number`},
		"assertion":       {inside(`<provenance field="title" confidence="-1"/>`), `provenance: the confidence of "title"`},
		"bytes":           {inside(`<file bytes="1.5"/>`), `file: bytes="1.5" is not a whole number`},
		"negative":        {inside(`<file pages="-1"/>`), "files: a negative number"},
		"score":           {inside(`<quality score="101"/>`), "quality: the score 101"},
		"time":            {inside(`<harvest lastSeen="2026-01-31"/>`), `harvest: lastSeen="2026-01-31" is not a time such as`},
		"truth":           {inside(`<origin><hop altered="yes"/></origin>`), `hop: altered="yes" is neither true nor false`},
		"entity":          {`<!DOCTYPE r [<!ENTITY a "b">]>` + inside(`<title>&a;</title>`), "entity"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ctip.ParseXML([]byte(c.doc))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
			if err != nil && (len(err.Error()) > 400 || !reflect.DeepEqual(got, record.Record{})) {
				t.Errorf("a long error or half a record: %v %v", err, got)
			}
		})
	}
}

func TestFromJSONErrors(t *testing.T) {
	for name, c := range map[string]struct {
		res  ctip.Resource
		want string
	}{
		"id":         {ctip.Resource{ID: "a b"}, `id: "a b" is not an identifier`},
		"work":       {ctip.Resource{Work: ctip.Work{ID: "é"}}, "work: "},
		"language":   {ctip.Resource{Description: ctip.LanguageMap{"": "x"}}, "description: a text without a language"},
		"name":       {ctip.Resource{Funders: []ctip.Agent{{Name: ctip.LanguageMap{"": "x"}}}}, "funders: a text without a language"},
		"concept":    {ctip.Resource{VictimGroups: []ctip.Tag{{}}}, "victimGroups: a concept without an id"},
		"confidence": {ctip.Resource{Countries: []ctip.Tag{{ID: "KH", Confidence: -0.1}}}, `countries: the confidence of "KH"`},
		"bytes":      {ctip.Resource{Files: []ctip.File{{Bytes: -1}}}, "files: a negative number"},
		"score":      {ctip.Resource{Quality: ctip.Quality{Score: -1}}, "quality: the score -1"},
	} {
		if _, err := ctip.FromJSON(c.res); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
}

func FuzzParseXML(f *testing.F) {
	for _, rec := range exportertest.Samples()[1:] { // the first is too long to be minimized soon
		f.Add(ctip.AppendXML(nil, rec))
	}
	f.Add([]byte(`<a xmlns:c="urn:ctip-hub:schema:ctip:1.0"><c:resource><c:theme id="x" confidence="1e-3"/></c:resource></a>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		rec, err := ctip.ParseXML(data)
		if err != nil {
			return
		}
		again, err := ctip.ParseXML(ctip.AppendXML(nil, rec))
		if err != nil {
			t.Fatalf("what was read cannot be written and read again: %v", err)
		}
		if !reflect.DeepEqual(again, mapped(rec, same)) {
			t.Errorf("\n got %#v\nwant %#v", again, rec)
		}
	})
}

func FuzzFromJSON(f *testing.F) {
	for _, rec := range exportertest.Samples()[1:] {
		doc, err := ctip.AppendJSON(nil, rec)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rec, err := fromJSON(data)
		if err != nil {
			return
		}
		doc, err := ctip.AppendJSON(nil, rec)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := fromJSON(doc)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if !reflect.DeepEqual(again, rec) {
			t.Errorf("\n got %#v\nwant %#v", again, rec)
		}
	})
}

func fromJSON(data []byte) (record.Record, error) {
	var res ctip.Resource
	if err := json.Unmarshal(data, &res); err != nil {
		return record.Record{}, err
	}
	return ctip.FromJSON(res)
}

func BenchmarkAppendXML(b *testing.B) {
	rec := exportertest.Samples()[0]
	dst := ctip.AppendXML(nil, rec)
	b.SetBytes(int64(len(dst)))
	b.ReportAllocs()
	for b.Loop() {
		dst = ctip.AppendXML(dst[:0], rec)
	}
}

func BenchmarkParseXML(b *testing.B) {
	doc := ctip.AppendXML(nil, exportertest.Samples()[0])
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ctip.ParseXML(doc); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	rec := exportertest.Samples()[0]
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if dst, err = ctip.AppendJSON(dst[:0], rec); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(bytes.TrimSpace(dst))))
}

// TestGenerator makes sure that the random records are worth the round trips.
func TestGenerator(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	long, controls := false, false
	for range 300 {
		doc, err := ctip.AppendJSON(nil, exportertest.Random(r))
		if err != nil {
			t.Fatal(err)
		}
		long = long || len(doc) > 20000
		controls = controls || bytes.Contains(doc, []byte(`\u0000`))
	}
	if !long || !controls {
		t.Errorf("long %v, control characters %v: want both", long, controls)
	}
}
