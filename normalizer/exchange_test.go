package normalizer

import (
	"reflect"
	"testing"
	"time"

	"ctiphub/internal/ctip"
	"ctiphub/record"
)

// ctipRaw is a record of another hub as its OAI-PMH interface gives it.
func ctipRaw(t *testing.T, rec record.Record, about string) record.Raw {
	t.Helper()
	body := []byte(`<record xmlns="http://www.openarchives.org/OAI/2.0/"><header><identifier>oai:hub.example:` + string(rec.ID) + `</identifier><datestamp>2026-05-01T00:00:00Z</datestamp></header><metadata>`)
	body = append(body, ctip.AppendXML(nil, rec)...)
	body = append(body, []byte(`</metadata>`+about+`</record>`)...)
	return record.Raw{
		Source: "partner-hub", Identifier: "oai:hub.example:" + string(rec.ID), URL: "https://hub.example/oai?verb=ListRecords", Format: record.FormatCTIP,
		Fetched: time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC), Datestamp: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), Body: body,
	}
}

// TestExchange: a record that another hub made comes through as it is, with one hop more.
func TestExchange(t *testing.T) {
	n := normalizer(t, nil)
	made, _, err := n.Normalize(typical)
	if err != nil {
		t.Fatal(err)
	}
	const about = `<about><provenance xmlns="http://www.openarchives.org/OAI/2.0/provenance"><originDescription harvestDate="2026-04-01T00:00:00Z" altered="true"><baseURL>https://first.example/oai</baseURL><identifier>oai:first.example:1</identifier><datestamp>2026-03-01</datestamp><metadataNamespace>http://www.openarchives.org/OAI/2.0/oai_dc/</metadataNamespace></originDescription></provenance></about>`
	got, dec, err := n.Normalize(ctipRaw(t, made, about))
	if err != nil {
		t.Fatal(err)
	}
	if dec.Verdict != record.Publish {
		t.Fatalf("decision %+v", dec)
	}
	if !reflect.DeepEqual(ctip.Content(got), ctip.Content(made)) {
		t.Errorf("the record changed on its way:\n%+v\n%+v", ctip.Content(made), ctip.Content(got))
	}
	if got.ID == made.ID || got.ID != record.NewID("partner-hub", "oai:hub.example:"+string(made.ID)) {
		t.Errorf("id %s is not derived from the source", got.ID)
	}
	if got.Origin.Landing != made.Origin.Landing || got.Origin.Status != made.Origin.Status {
		t.Errorf("origin %+v, want the landing page and status of %+v", got.Origin, made.Origin)
	}
	if len(got.Origin.Chain) != 2 || got.Origin.Chain[0].BaseURL != "https://hub.example/oai" || got.Origin.Chain[1].BaseURL != "https://first.example/oai" {
		t.Errorf("chain %+v, want the hub and then the repository it had it from", got.Origin.Chain)
	}
}

// TestExchangeIsScreened: that another hub shows it does not make it fit to be shown.
func TestExchangeIsScreened(t *testing.T) {
	n := normalizer(t, nil)
	rec := record.Record{ID: record.NewID("a", "b"), Title: record.Texts{"en": "A story"}, Description: record.Texts{"en": "Sampleja, 15, was sold and rescued."}, Type: []record.Tag{{ID: "news", Confidence: 0.9}}}
	got, dec, err := n.Normalize(ctipRaw(t, rec, ""))
	if err != nil {
		t.Fatal(err)
	}
	if dec.Code != CodePossiblePII || got.Sensitivity != CodePossiblePII {
		t.Errorf("decision %+v, sensitivity %q", dec, got.Sensitivity)
	}
}

func TestUnreadable(t *testing.T) {
	n := normalizer(t, nil)
	for name, raw := range map[string]record.Raw{
		"no content":        {Source: "s", Identifier: "i", Format: record.FormatHTML},
		"no XML":            {Source: "s", Identifier: "i", Format: record.FormatOAIDC, Body: []byte("\x00\x01\x02")},
		"no JSON":           {Source: "s", Identifier: "i", Format: record.FormatFeedItem, Body: []byte("{")},
		"no ctip":           {Source: "s", Identifier: "i", Format: record.FormatCTIP, Body: []byte("<record><metadata/></record>")},
		"no format we know": {Source: "s", Identifier: "i", Format: "marc", Body: []byte("x")},
	} {
		rec, dec, err := n.Normalize(raw)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if dec.Verdict != record.Reject || dec.Code != CodeUnreadable && dec.Code != CodeNoTitle || !rec.ID.Valid() {
			t.Errorf("%s: decision %+v", name, dec)
		}
	}
}
