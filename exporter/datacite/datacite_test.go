package datacite_test

import (
	"flag"
	"slices"
	"testing"

	"ctiphub/exporter"
	"ctiphub/exporter/datacite"
	"ctiphub/exporter/exportertest"
)

var update = flag.Bool("update", false, "refresh the golden files")

var (
	_ exporter.Format    = datacite.New(nil)
	_ exporter.Crosswalk = datacite.New(nil)
)

// schema imports that of the envelope and that of what is in it: the envelope takes anything.
const schema = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:test">
  <xs:import namespace="http://schema.datacite.org/oai/oai-1.1/" schemaLocation="http://schema.datacite.org/oai/oai-1.1/oai.xsd"/>
  <xs:import namespace="http://datacite.org/schema/kernel-4" schemaLocation="http://schema.datacite.org/meta/kernel-4/metadata.xsd"/>
</xs:schema>`

func TestGolden(t *testing.T) {
	got := exportertest.Encode(t, datacite.New(exportertest.Label), exportertest.Samples()...)
	exportertest.Golden(t, "samples.xml.golden", got, *update)
}

func TestErrors(t *testing.T) { exportertest.Errors(t, datacite.New(exportertest.Label)) }

func TestHostile(t *testing.T) {
	exportertest.Hostile(t, datacite.New(exportertest.Label), "http://datacite.org/schema/kernel-4")
}

func TestSchema(t *testing.T) { exportertest.Valid(t, datacite.New(exportertest.Label), schema) }

func TestAppend(t *testing.T) {
	samples := exportertest.Samples()
	for _, c := range []struct {
		sample int
		path   string
		want   []string
	}{
		{0, "resource/identifier", []string{"10.99999/example.101"}},
		{1, "resource/identifier", []string{"https://coquan.example.vn/so-tay"}}, // no DOI is made up
		{5, "resource/identifier", []string{":none"}},
		{0, "creatorName", []string{"en: Example Division"}},
		{1, "creatorName", []string{":unav"}},
		{0, "publisher", []string{"en: Ministry of Examples"}},
		{5, "publisher", []string{":unav"}},
		{2, "publicationYear", []string{"2008"}},
		{5, "publicationYear", []string{"0000"}},
		{0, "geoLocationPlace", []string{"Thailand", "Greater Mekong Subregion"}},
		{0, "date", []string{"2023-12-13", "2024-01", "2024/2027"}},
		{5, "dates", nil},
	} {
		doc := datacite.New(exportertest.Label).Append(nil, samples[c.sample])
		if got := exportertest.Values(t, doc, c.path); !slices.Equal(got, c.want) {
			t.Errorf("sample %d, %s:\n got %q\nwant %q", c.sample, c.path, got, c.want)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	x, rec := datacite.New(exportertest.Label), exportertest.Samples()[0]
	var buf []byte
	for b.Loop() {
		buf = x.Append(buf[:0], rec)
	}
	b.SetBytes(int64(len(buf)))
}
