package dcterms_test

import (
	"flag"
	"slices"
	"testing"

	"ctiphub/exporter"
	"ctiphub/exporter/dcterms"
	"ctiphub/exporter/exportertest"
	"ctiphub/record"
)

var update = flag.Bool("update", false, "refresh the golden files")

var (
	_ exporter.Format    = dcterms.New(nil)
	_ exporter.Crosswalk = dcterms.New(nil)
)

// schema makes a root element of the container that the schema of the terms offers, as the
// one that the format names does.
const schema = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:dcterms="http://purl.org/dc/terms/" targetNamespace="http://worldcat.org/xmlschemas/qdc-1.0/">
  <xs:import namespace="http://purl.org/dc/terms/" schemaLocation="http://dublincore.org/schemas/xmls/qdc/2008/02/11/dcterms.xsd"/>
  <xs:element name="qualifieddc" type="dcterms:elementOrRefinementContainer"/>
</xs:schema>`

func TestGolden(t *testing.T) {
	got := exportertest.Encode(t, dcterms.New(exportertest.Label), exportertest.Samples()...)
	exportertest.Golden(t, "samples.xml.golden", got, *update)
}

func TestErrors(t *testing.T) { exportertest.Errors(t, dcterms.New(exportertest.Label)) }

func TestHostile(t *testing.T) {
	exportertest.Hostile(t, dcterms.New(exportertest.Label), "http://purl.org/dc/elements/1.1/", "http://purl.org/dc/terms/")
}

func TestSchema(t *testing.T) { exportertest.Valid(t, dcterms.New(exportertest.Label), schema) }

func TestAppend(t *testing.T) {
	samples := exportertest.Samples()
	for _, c := range []struct {
		sample int
		path   string
		want   []string
	}{
		{0, "title", []string{"en: Handbook on Identifying Victims of Trafficking", "th: คู่มือการคัดแยกผู้เสียหายจากการค้ามนุษย์"}},
		{0, "audience", []string{"en: Police", "urn:ctip-hub:audience:police", "urn:ctip-hub:audience:social-worker"}},
		{0, "issued", []string{"2023-12-13"}},
		{0, "valid", []string{"2024/2027"}},
		{0, "spatial", []string{"en: Thailand", "TH", "en: Greater Mekong Subregion", "urn:ctip-hub:region:GMS"}},
		{0, "hasFormat", []string{"https://agency.example.th/files/101.pdf"}}, // not the dead one
		{1, "provenance", []string{"oai:partner.example:vn-7", "oai:first.example:9"}},
		{1, "isVersionOf", []string{string(record.NewID("th-agency", "https://agency.example.th/ct/101"))}},
		{5, "issued", nil},
	} {
		doc := dcterms.New(exportertest.Label).Append(nil, samples[c.sample])
		if got := exportertest.Values(t, doc, c.path); !slices.Equal(got, c.want) {
			t.Errorf("sample %d, %s:\n got %q\nwant %q", c.sample, c.path, got, c.want)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	x, rec := dcterms.New(exportertest.Label), exportertest.Samples()[0]
	var buf []byte
	for b.Loop() {
		buf = x.Append(buf[:0], rec)
	}
	b.SetBytes(int64(len(buf)))
}
