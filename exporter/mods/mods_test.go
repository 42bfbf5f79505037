package mods_test

import (
	"flag"
	"slices"
	"testing"

	"ctiphub/exporter"
	"ctiphub/exporter/exportertest"
	"ctiphub/exporter/mods"
	"ctiphub/record"
)

var update = flag.Bool("update", false, "refresh the golden files")

var (
	_ exporter.Format    = mods.New(nil)
	_ exporter.Crosswalk = mods.New(nil)
)

// schema imports the official one.
const schema = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:test">
  <xs:import namespace="http://www.loc.gov/mods/v3" schemaLocation="http://www.loc.gov/standards/mods/v3/mods-3-8.xsd"/>
</xs:schema>`

func TestGolden(t *testing.T) {
	got := exportertest.Encode(t, mods.New(exportertest.Label), exportertest.Samples()...)
	exportertest.Golden(t, "samples.xml.golden", got, *update)
}

func TestErrors(t *testing.T) { exportertest.Errors(t, mods.New(exportertest.Label)) }

func TestHostile(t *testing.T) { exportertest.Hostile(t, mods.New(exportertest.Label)) }

func TestSchema(t *testing.T) { exportertest.Valid(t, mods.New(exportertest.Label), schema) }

func TestAppend(t *testing.T) {
	samples := exportertest.Samples()
	for _, c := range []struct {
		sample int
		path   string
		want   []string
	}{
		{0, "titleInfo/title", []string{"คู่มือการคัดแยกผู้เสียหายจากการค้ามนุษย์", "Handbook on Identifying Victims of Trafficking", "Screening Handbook"}},
		{0, "roleTerm", []string{"cre", "cre", "fnd"}},
		{0, "dateValid", []string{"2024/2027"}},
		{0, "geographicCode", []string{"TH"}},
		{0, "targetAudience", []string{"en: Police", "social-worker"}},
		{0, "mods/identifier", []string{"10.99999/example.101", "978 616 000 000 0", "MOE|7/2566"}},
		{0, "url", []string{"https://agency.example.th/ct/101", "https://agency.example.th/files/101.pdf"}},
		{1, "relatedItem/identifier", []string{string(record.NewID("th-agency", "https://agency.example.th/ct/101"))}},
		{5, "originInfo", nil},
	} {
		doc := mods.New(exportertest.Label).Append(nil, samples[c.sample])
		if got := exportertest.Values(t, doc, c.path); !slices.Equal(got, c.want) {
			t.Errorf("sample %d, %s:\n got %q\nwant %q", c.sample, c.path, got, c.want)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	x, rec := mods.New(exportertest.Label), exportertest.Samples()[0]
	var buf []byte
	for b.Loop() {
		buf = x.Append(buf[:0], rec)
	}
	b.SetBytes(int64(len(buf)))
}
