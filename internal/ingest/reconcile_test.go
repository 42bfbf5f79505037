package ingest

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"ctiphub/catalog"
	"ctiphub/harvester/oaipmh"
	"ctiphub/internal/fetch"
)

// forgetful is an OAI-PMH repository that keeps no deletions: identifiers with their days.
type forgetful struct {
	t       *testing.T
	now     time.Time
	records map[string]string
	asked   []string // verbs with their from
}

func (f *forgetful) Get(_ context.Context, r fetch.Request) (*fetch.Response, error) {
	u, err := url.Parse(r.URL)
	if err != nil || r.Account != "agency" {
		f.t.Errorf("request %q of account %q", r.URL, r.Account)
	}
	q := u.Query()
	f.asked = append(f.asked, strings.TrimSpace(q.Get("verb")+" "+q.Get("from")))
	var b strings.Builder
	fmt.Fprintf(&b, `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>%s</responseDate><request>http://a.example/oai</request>`, f.now.UTC().Format(time.RFC3339))
	switch verb := q.Get("verb"); verb {
	case "Identify":
		b.WriteString(`<Identify><repositoryName>R</repositoryName><baseURL>http://a.example/oai</baseURL><earliestDatestamp>2020-01-01</earliestDatestamp><deletedRecord>no</deletedRecord><granularity>YYYY-MM-DD</granularity></Identify>`)
	case "ListRecords", "ListIdentifiers", "GetRecord":
		listed := ""
		for _, id := range slices.Sorted(maps.Keys(f.records)) {
			if day := f.records[id]; day < q.Get("from") || verb == "GetRecord" && id != q.Get("identifier") {
				continue
			}
			header := "<header><identifier>" + id + "</identifier><datestamp>" + f.records[id] + "</datestamp></header>"
			if verb != "ListIdentifiers" {
				header = "<record>" + header + `<metadata><dc xmlns="http://www.openarchives.org/OAI/2.0/oai_dc/"><title xmlns="http://purl.org/dc/elements/1.1/">T</title></dc></metadata></record>`
			}
			listed += header
		}
		if listed == "" {
			b.WriteString(`<error code="noRecordsMatch"/>`)
			break
		}
		b.WriteString("<" + verb + ">" + listed + "</" + verb + ">")
	}
	b.WriteString("</OAI-PMH>")
	return &fetch.Response{URL: r.URL, Status: 200, MediaType: "text/xml", Body: []byte(b.String()), Fetched: f.now}, nil
}

// TestReconcile: what a repository without deletions has lost is found by its list of
// identifiers, and goes after the grace period; nothing is fetched twice for it.
func TestReconcile(t *testing.T) {
	f := &forgetful{t: t, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), records: map[string]string{}}
	for i := range 12 {
		f.records[fmt.Sprintf("oai:a:%02d", i)] = "2025-05-05"
	}
	b := newBed(t, oaipmh.New(f, func() time.Time { return f.now }), plain{})
	b.pipeline.o.Now = func() time.Time { return f.now }
	j := job("agency")
	j.Source.URL, j.Source.OAI.Prefix = "http://a.example/oai", "oai_dc"
	harvest := func(days int) catalog.Run {
		t.Helper()
		f.now, f.asked = f.now.AddDate(0, 0, days), nil
		run, err := b.pipeline.Harvest(t.Context(), j, nil)
		if err != nil || run.State != catalog.OK {
			t.Fatalf("run %s: %s (%v)", run.State, run.Message, err)
		}
		return run
	}
	if run := harvest(0); run.Counts.New != 12 {
		t.Fatalf("first run: %+v", run.Counts)
	}
	if harvest(1); slices.Contains(f.asked, "ListIdentifiers") {
		t.Errorf("a day later: %q", f.asked)
	}
	delete(f.records, "oai:a:03")
	f.records["oai:a:new"] = "2024-01-01" // older than anything that is asked for
	run := harvest(8)
	if want := []string{"Identify", "ListRecords 2026-03-01", "ListIdentifiers", "GetRecord"}; !slices.Equal(f.asked, want) {
		t.Errorf("asked %q, want %q", f.asked, want)
	}
	if run.Counts.New != 1 || run.Counts.Same != 11 || run.Absent != 1 || run.Removed != 0 {
		t.Errorf("with one gone and one come: %+v", run)
	}
	if run = harvest(8); run.Removed != 1 || slices.Contains(f.asked, "GetRecord") {
		t.Errorf("after the grace period: %+v, asked %q", run, f.asked)
	}
	if kept, err := b.store.Has(t.Context(), "agency", "oai:a:03"); kept || err != nil {
		t.Errorf("the lost record is kept: %v", err)
	}
}
