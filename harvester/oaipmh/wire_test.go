package oaipmh

import (
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"ctiphub/harvester"
	"ctiphub/harvester/harvestertest"
	"ctiphub/internal/fetch"
	"ctiphub/internal/replay"
)

// TestWire plays testdata/wire through the hub's own client: what becomes of faults that
// the client sees first, and of its manners.
func TestWire(t *testing.T) {
	harvestertest.Run(t, "testdata/wire/*.txtar", func(get harvestertest.Getter) harvester.Adapter { return New(get, time.Now) })
}

// TestBlocked checks that the page of a bot filter, at whichever request it comes, ends the
// run with the facts for the publisher, and is never divided, retried or taken for data.
func TestBlocked(t *testing.T) {
	const challenge = "> Cf-Mitigated: challenge\n> Cf-Ray: 7f00aa11-SIN\n"
	page := `<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><script src="/cdn-cgi/challenge-platform/x.js"></script></body></html>`
	ok := "> Content-Type: text/xml\n"
	for name, files := range map[string]string{
		"at the first request": "-- /oai?verb=Identify --\n> status: 403\n" + challenge + page,
		"with status 200":      "-- /oai?verb=Identify --\n" + challenge + page,
		"asking for formats":   "-- /oai?verb=Identify --\n" + ok + wrap("IDENTIFY") + "\n-- /oai?verb=ListMetadataFormats --\n> status: 403\n" + challenge + page,
		"on a later page": "-- /oai?verb=Identify --\n" + ok + wrap("IDENTIFY") + "\n-- /oai?verb=ListMetadataFormats --\n" + ok + wrap("FORMATS") +
			"\n-- /oai?verb=ListRecords&metadataPrefix=oai_dc --\n" + ok + wrap("<ListRecords>\nR oai:r:1 2025-01-01\n<resumptionToken>A</resumptionToken></ListRecords>") +
			"\n-- /oai?verb=ListRecords&resumptionToken=A --\n> status: 403\n" + challenge + page,
		"asking for one record": "-- /oai?verb=Identify --\n" + ok + wrap("IDENTIFY") + "\n-- /oai?verb=ListMetadataFormats --\n" + ok + wrap("FORMATS") +
			"\n-- /oai?verb=ListRecords&metadataPrefix=oai_dc --\n" + ok + wrap("<ListRecords><record><header><identifier>x</identifier></header></record></ListRecords>") +
			"\n-- /oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=x --\n> status: 403\n" + challenge + page,
	} {
		t.Run(name, func(t *testing.T) {
			server := replay.Serve(t, txtar.Parse([]byte(files+"\n")))
			src := harvester.Source{ID: "test", URL: server.URL + "/oai", Politeness: fetch.Politeness{MinDelay: 1}}
			got := harvestertest.Harvest(t, New(harvestertest.Client(t), time.Now), src, harvester.From{})
			var blocked *fetch.BlockedError
			if !errors.As(got.Err, &blocked) || blocked.Filter != "Cloudflare" || blocked.Reference == "" {
				t.Fatalf("error %v", got.Err)
			}
			if !strings.Contains(got.Err.Error(), "asking for") {
				t.Errorf("the error does not say what was asked for: %v", got.Err)
			}
			for _, p := range got.Pages {
				if p.Last {
					t.Error("the list is said to be at its end")
				}
			}
			seen := map[string]bool{}
			for _, path := range server.Paths() {
				if seen[path] {
					t.Errorf("%s was asked for again", path)
				}
				seen[path] = true
			}
		})
	}
}
