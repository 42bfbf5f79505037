package ctip_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"ctiphub/exporter/exportertest"
	"ctiphub/internal/ctip"
	"ctiphub/record"
)

var update = flag.Bool("update", false, "refresh the golden files and the published JSON Schema")

const rounds = 2000

// mapped applies a function to every string of a record and makes empty lists and maps
// nil, so that records can be compared after a round trip.
func mapped(rec record.Record, f func(string) string) record.Record {
	return walk(reflect.ValueOf(rec), f).Interface().(record.Record)
}

func walk(v reflect.Value, f func(string) string) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		return v
	case v.Kind() == reflect.String:
		out.SetString(f(v.String()))
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			out.Field(i).Set(walk(v.Field(i), f))
		}
	case v.Kind() == reflect.Slice && v.Len() > 0:
		out.Set(reflect.MakeSlice(v.Type(), 0, v.Len()))
		for i := range v.Len() {
			out.Set(reflect.Append(out, walk(v.Index(i), f)))
		}
	case v.Kind() == reflect.Map && v.Len() > 0:
		out.Set(reflect.MakeMap(v.Type()))
		for k, e := range v.Seq2() {
			out.SetMapIndex(k, walk(e, f))
		}
	case v.Kind() != reflect.Slice && v.Kind() != reflect.Map:
		return v
	}
	return out
}

// xmlOnly leaves out what the grammar of XML 1.0 (production 2, Char) does not allow.
func xmlOnly(s string) string {
	var b strings.Builder
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			continue
		}
		if r == 0x9 || r == 0xA || r == 0xD || (r >= 0x20 && r <= 0xD7FF) || (r >= 0xE000 && r <= 0xFFFD) || r >= 0x10000 {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func same(s string) string { return s }

func TestRoundTripXML(t *testing.T) {
	for seed := range uint64(rounds) {
		rec := exportertest.Random(rand.New(rand.NewPCG(seed, 1)))
		doc := ctip.AppendXML(nil, rec)
		if !bytes.Equal(doc, ctip.AppendXML(nil, rec)) {
			t.Fatalf("seed %d: two documents of one record differ", seed)
		}
		got, err := ctip.ParseXML(doc)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, doc)
		}
		if want := mapped(rec, xmlOnly); !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d:\n got %#v\nwant %#v", seed, got, want)
		}
	}
}

func TestRoundTripJSON(t *testing.T) {
	for seed := range uint64(rounds) {
		rec := exportertest.Random(rand.New(rand.NewPCG(seed, 2)))
		doc, err := ctip.AppendJSON([]byte("before"), rec)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		line, found := bytes.CutPrefix(doc, []byte("before"))
		if !found || bytes.ContainsAny(line, "\n\r") {
			t.Fatalf("seed %d: not one line after what was there: %s", seed, doc)
		}
		var res ctip.Resource
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&res); err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, line)
		}
		got, err := ctip.FromJSON(res)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, line)
		}
		if want := mapped(rec, same); !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d:\n got %#v\nwant %#v", seed, got, want)
		}
	}
}

// TestBytesThatAreNoText covers what the generator leaves out: bytes that are no UTF-8,
// encoded surrogates among them.
func TestBytesThatAreNoText(t *testing.T) {
	rec := record.Record{ID: "a", Title: record.Texts{"en": "a\xffb\xed\xa0\x80c\xc3"}, Issued: record.Date{Raw: "\xf0\x9f"}}
	got, err := ctip.ParseXML(ctip.AppendXML(nil, rec))
	if err != nil || got.Title["en"] != "abc" || got.Issued != (record.Date{}) {
		t.Errorf("XML: got %q, %v", got.Title, err)
	}
	doc, err := ctip.AppendJSON(nil, rec)
	if err != nil || !utf8.Valid(doc) || !json.Valid(doc) {
		t.Errorf("JSON: got %q, %v", doc, err)
	}
}

// TestOutOfRange holds both writers to values that their readers and schemas accept.
func TestOutOfRange(t *testing.T) {
	late := time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)
	rec := record.Record{
		ID: "a", Themes: []record.Tag{{ID: "x", Confidence: math.NaN()}, {ID: "y", Confidence: 7}, {ID: "z", Confidence: 1e-9}},
		Quality: record.Quality{Score: 101},
		Files:   []record.File{{URL: "u", Bytes: -1, Pages: -1, Checked: late}},
		Harvest: record.Harvest{FirstSeen: late, LastSeen: time.Date(2026, 1, 1, 7, 0, 0, 0, time.FixedZone("", 7*3600))},
	}
	want := record.Record{
		ID: "a", Themes: []record.Tag{{ID: "x"}, {ID: "y", Confidence: 1}, {ID: "z", Confidence: 1e-9}},
		Quality: record.Quality{Score: 100},
		Files:   []record.File{{URL: "u"}},
		Harvest: record.Harvest{LastSeen: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)},
	}
	if got, err := ctip.ParseXML(ctip.AppendXML(nil, rec)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("XML: got %+v, %v", got, err)
	}
	if got, err := ctip.FromJSON(ctip.ToJSON(rec)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("JSON: got %+v, %v", got, err)
	}
}

func TestPublic(t *testing.T) {
	rec := exportertest.Samples()[0]
	rec.Review = []record.Proposal{{Field: "themes", Tag: record.Tag{ID: "only-proposed", Confidence: 0.4}}}
	doc, err := ctip.AppendJSON(nil, rec)
	if err != nil || bytes.Contains(doc, []byte("only-proposed")) || bytes.Contains(ctip.AppendXML(nil, rec), []byte("only-proposed")) {
		t.Errorf("a proposal is exported: %s, %v", doc, err)
	}
	got := ctip.Public(rec)
	if got.Review != nil {
		t.Error("proposals stayed")
	}
	if got.Harvest.Raw != "" || got.Overrides[0].Who != "" || got.Overrides[0].Why != "" {
		t.Errorf("internal facts stayed: %+v %+v", got.Harvest, got.Overrides)
	}
	if got.Overrides[0].Field == "" || got.Overrides[0].When.IsZero() {
		t.Errorf("too much is gone: %+v", got.Overrides)
	}
	if rec.Overrides[0].Who == "" {
		t.Error("the record given was changed")
	}
}

func TestContent(t *testing.T) {
	here := exportertest.Samples()[0]
	there, err := ctip.ParseXML(ctip.AppendXML(nil, ctip.Public(here)))
	if err != nil {
		t.Fatal(err)
	}
	there.ID = record.NewID("other", "oai:hub:1")
	there.Origin.Source, there.Origin.Identifier = "other", "oai:hub:1"
	there.Origin.Chain = []record.Hop{{BaseURL: "https://hub.example/oai"}}
	there.Harvest.LastSeen = there.Harvest.LastSeen.Add(time.Hour)
	there.Quality, there.Provenance, there.Funders = record.Quality{}, nil, append([]record.Agent{}, there.Funders...)
	if !reflect.DeepEqual(ctip.Content(here), ctip.Content(there)) {
		t.Errorf("the same resource differs:\n%+v\n%+v", ctip.Content(here), ctip.Content(there))
	}
	if reflect.DeepEqual(ctip.Content(record.Record{}), ctip.Content(here)) {
		t.Error("nothing is left of the content")
	}
	there.Themes[0].Evidence[0].Match += "!"
	if reflect.DeepEqual(ctip.Content(here), ctip.Content(there)) {
		t.Error("a changed piece of evidence goes unseen")
	}
	empty := ctip.Content(record.Record{Title: record.Texts{}, Files: []record.File{}, Creators: []record.Agent{}})
	if !reflect.DeepEqual(empty, record.Record{}) {
		t.Errorf("empty lists are not nil: %#v", empty)
	}
}

func TestGoldenXML(t *testing.T) {
	doc := []byte(nil)
	for _, rec := range exportertest.Samples() {
		doc = append(ctip.AppendXML(doc, rec), '\n')
	}
	exportertest.Golden(t, "samples.xml.golden", doc, *update)
}

// TestXMLSchema has another implementation validate every sample, and refuse documents
// with one mistake each.
func TestXMLSchema(t *testing.T) {
	bin, err := exec.LookPath("xmllint")
	if err != nil {
		t.Fatal("the test needs xmllint (Debian: libxml2-utils)")
	}
	dir := t.TempDir()
	validate := func(name string, doc []byte) error {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, doc, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), bin, "--nonet", "--noout", "--schema", "schema/ctip.xsd", file).CombinedOutput()
		if err != nil {
			t.Logf("%s: %s", name, out)
		}
		return err
	}
	for i, rec := range exportertest.Samples() {
		name := string(rec.ID) + ".xml"
		if err := validate(name, ctip.AppendLocatedXML(nil, rec, "https://hub.example/schema/ctip.xsd")); err != nil {
			t.Errorf("sample %d: %v", i, err)
		}
	}
	good := string(ctip.AppendXML(nil, exportertest.Samples()[0]))
	for name, swap := range map[string][2]string{
		"other version":  {`version="1.0"`, `version="2.0"`},
		"no id":          {"<id>", "<id/><id>"},
		"confidence":     {`confidence="0.95"`, `confidence="1.95"`},
		"unknown":        {"<sensitivity>", "<secret/><sensitivity>"},
		"two titles":     {`xml:lang="th">คู่มือ`, `xml:lang="en">คู่มือ`},
		"score":          {`score="92"`, `score="192"`},
		"date":           {">2023-12-13<", ">13 Dec<"},
		"time":           {`firstSeen="2026`, `firstSeen="yesterday 2026`},
		"other language": {`<language>th<`, `<language>Thai language<`},
	} {
		bad := strings.Replace(good, swap[0], swap[1], 1)
		if bad == good {
			t.Errorf("%s: %q does not occur in the document", name, swap[0])
		}
		if validate("bad.xml", []byte(bad)) == nil {
			t.Errorf("%s: the schema accepts it", name)
		}
	}
}
