package oaipmh

import (
	"testing"
	"time"

	"ctiphub/harvester"
	"ctiphub/internal/oai"
	"ctiphub/record"
)

// TestFormats checks how announced formats are recognised and ordered.
func TestFormats(t *testing.T) {
	for _, c := range []struct {
		prefix, schema, namespace string
		want                      record.Format
	}{
		{"ctip", "", "", record.FormatCTIP},
		{"x", "", "urn:ctip-hub:schema:ctip:1.0", record.FormatCTIP},
		{"oai_datacite", "", "http://schema.datacite.org/oai/oai-1.1/", record.FormatDataCite},
		{"datacite", "", "http://datacite.org/schema/kernel-4", record.FormatDataCite},
		{"dc4", "http://schema.datacite.org/meta/kernel-4/metadata.xsd", "", record.FormatDataCite},
		{"oai_openaire", "", "http://namespace.openaire.eu/schema/oaire/", record.FormatDataCite},
		{"dim", "", "http://www.dspace.org/xmlns/dspace/dim", record.FormatDIM},
		{"any", "http://www.loc.gov/standards/mods/v3/mods-3-1.xsd", "http://www.loc.gov/mods/v3", record.FormatMODS},
		{"METS", "", "", record.FormatMETS},
		{"qdc", "", "http://dspace.org/qualifieddc/", record.FormatQDC},
		{"oai_qdc", "", "http://worldcat.org/xmlschemas/qdc-1.0/", record.FormatQDC},
		{"oai_dcterms", "", "http://purl.org/dc/terms/", record.FormatQDC},
		{"marcxml", "", "http://www.loc.gov/MARC21/slim", record.FormatMARC},
		{"oai_dc", "", "http://www.openarchives.org/OAI/2.0/oai_dc/", record.FormatOAIDC},
		{"simple", "", "http://www.openarchives.org/OAI/2.0/oai_dc/", record.FormatOAIDC},
		{"marc", "", "http://www.openarchives.org/OAI/1.1/oai_marc", ""},
		{"xoai", "", "http://www.lyncode.com/xoai", ""},
		{"rdf", "", "http://www.openarchives.org/OAI/2.0/rdf/", ""},
	} {
		i := rank(oai.MetadataFormat{Prefix: c.prefix, Schema: c.schema, Namespace: c.namespace})
		got := record.Format("")
		if i >= 0 {
			got = richness[i].format
		}
		if got != c.want {
			t.Errorf("%s %s %s: %q, want %q", c.prefix, c.schema, c.namespace, got, c.want)
		}
	}
	for _, c := range []struct {
		root   oai.Name
		prefix string
		want   record.Format
	}{
		{oai.Name{Space: "http://www.loc.gov/mods/v3", Local: "mods"}, "oai_dc", record.FormatMODS},
		{oai.Name{Space: "http://www.openarchives.org/OAI/2.0/oai_dc/", Local: "dc"}, "qdc", record.FormatQDC},
		{oai.Name{Space: "http://www.openarchives.org/OAI/2.0/oai_dc/", Local: "dc"}, "mods", record.FormatOAIDC},
		{oai.Name{Local: "mods"}, "rich", record.FormatMODS},
		{oai.Name{Space: "http://library.example/own", Local: "item"}, "own", record.FormatOAIDC},
		{oai.Name{}, "marc21", record.FormatMARC},
	} {
		if got := formatOf(c.root, c.prefix); got != c.want {
			t.Errorf("%+v under %s: %q, want %q", c.root, c.prefix, got, c.want)
		}
	}
}

// TestHalves divides windows until nothing is left to divide: the parts must lie side by
// side, without gap or overlap at the granularity, and end.
func TestHalves(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 34, 56, 0, time.UTC)
	for _, granularity := range []string{oai.Days, oai.Seconds} {
		r := &run{Adapter: New(nil, func() time.Time { return now }), state: state{Granularity: granularity, Earliest: "2026-03-01"}}
		whole := window{From: now.AddDate(0, 0, -9)}
		if granularity == oai.Seconds {
			whole = window{From: now.Add(-40 * time.Second), Until: now}
		}
		todo, steps := []window{whole}, 0
		var last string
		for len(todo) > 0 && steps < 1000 {
			steps++
			if a, b, ok := r.halve(todo[0]); ok {
				todo = append([]window{a, b}, todo[1:]...)
				continue
			}
			from, until := r.state.stamp(todo[0].From), r.state.stamp(todo[0].Until)
			if last != "" {
				after, _, err := oai.ReadStamp(last)
				if err != nil {
					t.Fatal(err)
				}
				next := after.AddDate(0, 0, 1)
				if granularity == oai.Seconds {
					next = after.Add(time.Second)
				}
				if from != r.state.stamp(next) {
					t.Errorf("%s: after %s comes %s", granularity, last, from)
				}
			}
			last = until
			todo = todo[1:]
		}
		if steps >= 1000 || steps < 15 || last != r.state.stamp(whole.Until) {
			t.Errorf("%s: %d steps, the last window ends at %q", granularity, steps, last)
		}
	}
}

// FuzzCursor reads cursors of other versions and of other makes: none may break a run, and
// what is taken over must have where to go on.
func FuzzCursor(f *testing.F) {
	f.Add(string(state{Version: stateVersion, Phase: listing, Prefix: "oai_dc", Windows: []window{{}}, list: list{Token: "t"}}.cursor()))
	f.Add(string(state{Version: stateVersion, Phase: sweeping, Prefix: "mods", Windows: []window{{From: time.Unix(0, 0)}}, Learnt: learnt{Span: time.Hour, Refused: []string{"x"}}}.cursor()))
	f.Add(`{"v":1,"phase":"list"}`)
	f.Add(`{"v":1,"phase":"sweep","prefix":"p","windows":[{"from":"x"}]}`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, text string) {
		s := readState(harvester.Cursor(text))
		if s.Phase != done && s.Phase != "" && (len(s.Windows) == 0 || s.Prefix == "") {
			t.Errorf("phase %q without anything to list", s.Phase)
		}
		if again := readState(s.cursor()); s.Version == stateVersion && again.cursor() != s.cursor() {
			t.Errorf("read again it is %s, not %s", again.cursor(), s.cursor())
		}
	})
}
