package ingest

import (
	"testing"

	"ctiphub/catalog"
	"ctiphub/record"
)

func TestOwnRecords(t *testing.T) {
	ours := newOwn(Own{BaseURLs: []string{"https://Hub.example/oai/", "http://old.example:8080/oai"}, RepositoryID: "Hub.example"})
	chain := func(base, id string) record.Record {
		return record.Record{Origin: record.Origin{Chain: []record.Hop{{BaseURL: "https://b.example/oai", Identifier: "oai:b.example:1"}, {BaseURL: base, Identifier: id}}}}
	}
	body := func(f record.Format, s string) record.Raw {
		return record.Raw{Identifier: "oai:b.example:1", Format: f, Body: []byte(s)}
	}
	for name, c := range map[string]struct {
		raw  record.Raw
		rec  record.Record
		want bool
	}{
		"somebody else's":         {body(record.FormatCTIP, `<record><header><identifier>oai:b.example:1</identifier></header></record>`), chain("https://c.example/oai", "oai:c.example:1"), false},
		"identifier":              {record.Raw{Identifier: "oai:hub.example:0123456789abcdef"}, record.Record{}, true},
		"identifier, bare":        {record.Raw{Identifier: "oai:hub.example:"}, record.Record{}, false},
		"name begins like ours":   {record.Raw{Identifier: "oai:hub.example.org:1"}, record.Record{}, false},
		"base URL in the chain":   {record.Raw{}, chain("http://hub.example/oai", "x"), true},
		"former base URL":         {record.Raw{}, chain("http://old.example:8080/oai", "x"), true},
		"other port":              {record.Raw{}, chain("http://old.example:9090/oai", "x"), false},
		"other path":              {record.Raw{}, chain("https://hub.example/dspace/oai", "x"), false},
		"identifier in the chain": {record.Raw{}, chain("https://mirror.example/oai", "oai:Hub.example:0123456789abcdef"), true},
		"listed identifier":       {record.Raw{}, record.Record{Identifiers: []record.Identifier{{Scheme: "doi", Value: "10.1/x"}, {Scheme: "uri", Value: "oai:hub.example:1"}}}, true},
		"oai_dc, provenance":      {body(record.FormatOAIDC, `<about><provenance><originDescription><p:baseURL>https://hub.example/oai</p:baseURL>`), record.Record{}, true},
		"oai_dc, identifier":      {body(record.FormatOAIDC, `<dc:identifier>oai:Hub.example:1</dc:identifier>`), record.Record{}, true},
		"oai_dc, refers to ours":  {body(record.FormatOAIDC, `<dc:relation>oai:Hub.example:1</dc:relation><dc:source>https://hub.example/oai</dc:source>`), record.Record{}, false},
		"ctip, origin":            {body(record.FormatCTIP, `<origin source="a" identifier="oai:Hub.example:1"/>`), record.Record{}, true},
		"ctip, hop":               {body(record.FormatCTIP, `<hop baseURL='https://hub.example/oai' identifier="x"/>`), record.Record{}, true},
		"ctip, other hop":         {body(record.FormatCTIP, `<hop baseURL="https://c.example/oai"/><hop baseURL="https://d.example/oai"/>`), record.Record{}, false},
		"a web page about OAI":    {body(record.FormatHTML, `<code>baseURL>https://hub.example/oai<</code>`), record.Record{}, false},
		"broken off":              {body(record.FormatOAIDC, `<baseURL>https://hub.example/oai`), record.Record{}, false},
		"nothing behind the name": {body(record.FormatOAIDC, `baseURL`), record.Record{}, false},
	} {
		if got := ours.made(c.raw, c.rec); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if newOwn(Own{}).made(record.Raw{Identifier: "oai::1"}, chain("", "oai::1")) {
		t.Error("a hub without a name takes everything for its own")
	}
}

// TestOwnRecordsAreLeftOut: they stay in the account, and no validator names them.
func TestOwnRecordsAreLeftOut(t *testing.T) {
	b := catalog.Batch{
		Items:      []catalog.Item{{Raw: record.Raw{Identifier: "oai:hub.example:1", URL: "https://b.example/1"}}, {Raw: record.Raw{Identifier: "oai:b.example:2"}}},
		Validators: []catalog.Validator{{URL: "https://b.example/list", Identifiers: []string{"oai:hub.example:1", "oai:b.example:2"}}},
	}
	newOwn(Own{RepositoryID: "hub.example"}).leaveOut(&b)
	if len(b.Items) != 1 || b.Items[0].Raw.Identifier != "oai:b.example:2" {
		t.Errorf("items are %+v", b.Items)
	}
	if len(b.Skipped) != 1 || b.Skipped[0].Code != CodeOwnRecord || b.Skipped[0].Stage != "skip" || b.Skipped[0].URL == "" {
		t.Errorf("skipped are %+v", b.Skipped)
	}
	if ids := b.Validators[0].Identifiers; len(ids) != 1 || ids[0] != "oai:b.example:2" {
		t.Errorf("the validator names %q", ids)
	}
}

func FuzzOwn(f *testing.F) {
	f.Add([]byte(`<p:baseURL>https://hub.example/oai</p:baseURL>`))
	f.Add([]byte(`<hop baseURL = "https://hub.example/oai"/>`))
	f.Add([]byte(`baseURL`))
	ours := newOwn(Own{BaseURLs: []string{"https://hub.example/oai"}, RepositoryID: "hub.example"})
	f.Fuzz(func(t *testing.T, body []byte) {
		if ours.made(record.Raw{Format: record.FormatOAIDC, Body: body}, record.Record{}) != ours.named(body) {
			t.Error("a raw without identifiers is judged by more than its body")
		}
	})
}
