package extract

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"ctiphub/internal/ctip"
	"ctiphub/internal/oai"
	"ctiphub/record"
)

// ctipRecord wraps a record as an OAI-PMH repository sends it.
func ctipRecord(rec record.Record, about string) []byte {
	var b strings.Builder
	b.WriteString(`<record xmlns="` + oai.Namespace + `"><header><identifier>oai:hub.example:1</identifier><datestamp>2024-05-06T07:08:09Z</datestamp></header><metadata>`)
	b.Write(ctip.AppendXML(nil, rec))
	b.WriteString(`</metadata>` + about + `</record>`)
	return []byte(b.String())
}

func sampleRecord() record.Record {
	return record.Record{
		ID:        record.NewID("th-example", "1"),
		Title:     record.Texts{"en": "Handbook", "th": "คู่มือ"},
		Languages: []string{"th"},
		Type:      []record.Tag{{ID: "guide", Confidence: 1}},
		Issued:    record.Date{EDTF: "2023-06", Raw: "มิถุนายน 2566"},
		Origin:    record.Origin{Source: "th-example", Identifier: "1", Landing: "https://www.example.go.th/1", Status: "origin-known"},
	}
}

func TestCtip(t *testing.T) {
	rec := sampleRecord()
	d, err := Open(record.Raw{Identifier: "1", Format: record.FormatCTIP, Body: ctipRecord(rec, "")})
	if err != nil {
		t.Fatal(err)
	}
	got, ok := d.Ctip()
	if !ok || !reflect.DeepEqual(got, rec) {
		t.Errorf("got %+v, %v\nwant %+v", got, ok, rec)
	}
	s, err := ParseSelector("oai:datestamp")
	if err != nil {
		t.Fatal(err)
	}
	if v := d.Select(s); len(v) != 1 || v[0].Text != "2024-05-06T07:08:09Z" {
		t.Errorf("the header gives %q", v)
	}
}

func TestCtipProvenance(t *testing.T) {
	about := `<about><rights>x</rights></about><about><provenance xmlns="http://www.openarchives.org/OAI/2.0/provenance">
<originDescription harvestDate="2024-01-02T10:04:05+07:00" altered="1"><baseURL>https://a.example/oai</baseURL><identifier>oai:a:1</identifier><datestamp>2024-01-01</datestamp><metadataNamespace>` + ctip.Namespace + `</metadataNamespace></originDescription>
</provenance></about>`
	d, err := Open(record.Raw{Identifier: "1", Format: record.FormatCTIP, Body: ctipRecord(sampleRecord(), about)})
	if err != nil {
		t.Fatal(err)
	}
	got, ok := d.Ctip()
	want := []record.Hop{{BaseURL: "https://a.example/oai", Identifier: "oai:a:1", Datestamp: "2024-01-01", Namespace: ctip.Namespace, HarvestDate: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC), Altered: true}}
	if !ok || !reflect.DeepEqual(got.Origin.Chain, want) {
		t.Errorf("got %v, %+v\nwant %+v", ok, got.Origin.Chain, want)
	}
}

func TestCtipRefuses(t *testing.T) {
	for name, raw := range map[string]record.Raw{
		"other format": {Format: record.FormatOAIDC, Body: ctipRecord(sampleRecord(), "")},
		"no resource":  {Format: record.FormatCTIP, Body: []byte(`<record><header/><metadata><other/></metadata></record>`)},
	} {
		d, err := Open(raw)
		if err != nil {
			t.Fatal(err)
		}
		if rec, ok := d.Ctip(); ok {
			t.Errorf("%s: got %+v", name, rec)
		}
	}
}

func BenchmarkOAIDC(b *testing.B) {
	body := []byte(`<record xmlns="http://www.openarchives.org/OAI/2.0/"><header><identifier>oai:x:1</identifier><datestamp>2024-01-01</datestamp></header><metadata>` +
		`<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title xml:lang="th">คู่มือการปฏิบัติงานล่าม</dc:title>` +
		strings.Repeat(`<dc:description>A manual for interpreters who work with victims of trafficking.</dc:description>`, 12) + `</oai_dc:dc></metadata></record>`)
	s, err := ParseSelector("dc:title")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		d, err := Open(record.Raw{Format: record.FormatOAIDC, Body: body})
		if err != nil || len(d.Select(s)) != 1 {
			b.Fatal(err)
		}
	}
}
