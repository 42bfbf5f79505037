package oaidc_test

import (
	"bytes"
	"encoding/xml"
	"flag"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ctiphub/exporter"
	"ctiphub/exporter/exportertest"
	"ctiphub/exporter/oaidc"
	"ctiphub/record"
)

var update = flag.Bool("update", false, "refresh the golden files")

var (
	_ exporter.Format    = oaidc.New(label)
	_ exporter.Crosswalk = oaidc.New(label)
)

// label knows some of the concepts of the samples, as a vocabulary does.
func label(scheme, id string) string {
	known := map[string]string{
		"theme:identification": "Victim definition and identification", "theme:referral": "Referral pathways",
		"audience:police": "Police", "type:guideline": "Guideline", "country:TH": "Thailand",
		"region:GMS": "Greater Mekong Subregion", "rights:gov-public": "Government text",
	}
	if s := known[scheme+":"+id]; s != "" {
		return s
	}
	return id
}

// dc is one record read back.
type dc struct {
	XMLName  xml.Name
	Elements []struct {
		XMLName xml.Name
		Lang    string `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
		Text    string `xml:",chardata"`
	} `xml:",any"`
}

// values lists the texts of an element in order, "lang: text" where it has a language.
func values(t *testing.T, doc []byte, element string) []string {
	t.Helper()
	var d dc
	if err := xml.Unmarshal(doc, &d); err != nil {
		t.Fatalf("%v\n%s", err, doc)
	}
	var list []string
	for _, e := range d.Elements {
		if e.XMLName.Local == element {
			list = append(list, strings.TrimPrefix(e.Lang+": "+e.Text, ": "))
		}
	}
	return list
}

func TestAppend(t *testing.T) {
	samples := exportertest.Samples()
	for _, c := range []struct {
		sample  int
		element string
		want    []string
	}{
		{0, "title", []string{"en: Handbook on Identifying Victims of Trafficking", "th: คู่มือการคัดแยกผู้เสียหายจากการค้ามนุษย์", "en: Screening Handbook"}},
		{0, "creator", []string{"en: Example Division", "th: กองต่อต้านตัวอย่าง"}},
		{0, "subject", []string{
			"en: Victim definition and identification", "urn:ctip-hub:theme:identification",
			"en: Referral pathways", "urn:ctip-hub:theme:referral",
			"en: Police", "urn:ctip-hub:audience:police", "urn:ctip-hub:audience:social-worker",
			"urn:ctip-hub:victim-group:migrant-workers", "urn:ctip-hub:exploitation:forced-labour",
		}},
		{0, "contributor", []string{"en: Sample Trust"}},
		{0, "date", []string{"2023-12-13"}},
		{0, "type", []string{"en: Guideline", "urn:ctip-hub:type:guideline", "urn:ctip-hub:type:training"}},
		{0, "format", []string{"application/pdf"}},
		{0, "identifier", []string{
			"https://agency.example.th/ct/101", "https://doi.org/10.99999/example.101", "urn:isbn:978-616-000-000-0",
			"MOE|7/2566", "https://agency.example.th/files/101.pdf",
		}},
		{0, "source", nil},
		{0, "language", []string{"th", "en"}},
		{0, "relation", []string{"https://agency.example.th/ct/102"}},
		{0, "coverage", []string{"en: Thailand", "TH", "en: Greater Mekong Subregion", "GMS"}},
		{0, "rights", []string{"https://creativecommons.org/licenses/by/4.0/", "th: สงวนลิขสิทธิ์", "en: Government text", "urn:ctip-hub:rights:gov-public"}},
		{1, "source", []string{"oai:first.example:9"}},
		{2, "source", []string{"law-12"}},
		{2, "rights", []string{"© 2008"}},
		{5, "date", nil},
		{5, "publisher", nil},
	} {
		doc := oaidc.New(label).Append(nil, samples[c.sample])
		if got := values(t, doc, c.element); !slices.Equal(got, c.want) {
			t.Errorf("sample %d, %s:\n got %q\nwant %q", c.sample, c.element, got, c.want)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	rec := record.Record{
		Identifiers: []record.Identifier{
			{Scheme: "doi", Value: "doi:10.1/x"}, {Scheme: "doi", Value: "https://doi.org/10.1/x"}, {Scheme: "handle", Value: "20.500/1"},
			{Scheme: "isbn", Value: "URN:ISBN:1"}, {Scheme: "uri", Value: ""},
		},
		Files: []record.File{{URL: "https://a.example/f"}, {URL: "https://a.example/f"}},
	}
	want := []string{"https://doi.org/10.1/x", "https://hdl.handle.net/20.500/1", "URN:ISBN:1", "https://a.example/f"}
	if got := values(t, oaidc.New(label).Append(nil, rec), "identifier"); !slices.Equal(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}

func TestGolden(t *testing.T) {
	got := exportertest.Encode(t, oaidc.New(label), exportertest.Samples()...)
	exportertest.Golden(t, "samples.xml.golden", got, *update)
}

func TestErrors(t *testing.T) { exportertest.Errors(t, oaidc.New(label)) }

// TestHostile makes sure that no text breaks out of its element.
func TestHostile(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 5))
	for i := range 500 {
		rec := exportertest.Random(r)
		doc := oaidc.New(label).Append(nil, rec)
		dec := xml.NewDecoder(bytes.NewReader(doc))
		var d dc
		if err := dec.Decode(&d); err != nil {
			t.Fatalf("record %d: %v\n%s", i, err, doc)
		}
		for _, e := range d.Elements {
			if e.XMLName.Space != "http://purl.org/dc/elements/1.1/" {
				t.Fatalf("record %d: an element %v", i, e.XMLName)
			}
		}
	}
}

// TestSchema has xmllint hold every sample against the schema of the format.
func TestSchema(t *testing.T) {
	bin, err := exec.LookPath("xmllint")
	if err != nil {
		t.Fatal("the test needs xmllint (Debian: libxml2-utils)")
	}
	for _, rec := range exportertest.Samples() {
		file := filepath.Join(t.TempDir(), "record.xml")
		if err := os.WriteFile(file, oaidc.New(label).Append(nil, rec), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), bin, "--nonet", "--noout", "--schema", "testdata/oai_dc.xsd", file).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", rec.ID, err, out)
		}
	}
}
