package oaipmh_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ctiphub/catalog"
	"ctiphub/catalog/sqlstore"
	"ctiphub/configs"
	"ctiphub/harvester"
	"ctiphub/harvester/oaipmh"
	"ctiphub/internal/ingest"
	"ctiphub/internal/oai"
	"ctiphub/normalizer"
	"ctiphub/record"
)

// keepsNothing is a repository of numbered records without deletions, ten on a page.
type keepsNothing struct {
	gone  map[int]bool
	now   time.Time
	asked map[string]int
}

func (k *keepsNothing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	verb := q.Get("verb")
	k.asked[verb]++
	inner := `<error code="noRecordsMatch"/>`
	switch {
	case verb == "Identify":
		inner = `<Identify><deletedRecord>no</deletedRecord><granularity>` + oai.Seconds + `</granularity><earliestDatestamp>2020-01-01T00:00:00Z</earliestDatestamp></Identify>`
	case q.Get("from") == "":
		first, n, list := 0, 0, ""
		fmt.Sscanf(q.Get("resumptionToken"), "%d", &first)
		for i := first; i < 60 && n < 10; i++ {
			first = i + 1
			if k.gone[i] {
				continue
			}
			n++
			header := fmt.Sprintf(`<header><identifier>oai:r:%d</identifier><datestamp>2025-01-01T00:00:00Z</datestamp></header>`, i)
			if verb == "ListRecords" {
				header = fmt.Sprintf(`<record>%s<metadata><dc xmlns="%s"><title xmlns="%s">Guidelines on human trafficking, part %d</title></dc></metadata></record>`, header, oai.DCNamespace, oai.DCElements, i)
			}
			list += header
		}
		if first < 60 {
			list += fmt.Sprintf("<resumptionToken>%d</resumptionToken>", first)
		}
		inner = "<" + verb + ">" + list + "</" + verb + ">"
	}
	fmt.Fprint(w, `<OAI-PMH xmlns="`+oai.Namespace+`"><responseDate>`+k.now.Format(time.RFC3339)+`</responseDate>`+inner+`</OAI-PMH>`)
}

// TestCatalogueSeesWhatIsGone harvests such a repository into a real catalogue, week after
// week: the account balances, nothing is fetched again, and what is no longer listed goes
// after its grace period, while what is listed stays.
func TestCatalogueSeesWhatIsGone(t *testing.T) {
	k := &keepsNothing{gone: map[int]bool{}, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), asked: map[string]int{}}
	server := httptest.NewServer(k)
	defer server.Close()
	clock := func() time.Time { return k.now }
	log := slog.New(slog.DiscardHandler)
	store, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "catalog.db"), sqlstore.Options{Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	cfg, err := configs.Load("")
	if err != nil {
		t.Fatal(err)
	}
	norm, err := normalizer.New(cfg.Vocabulary, map[string]normalizer.Rules{"weekly": {Trust: "high", InScope: true}})
	if err != nil {
		t.Fatal(err)
	}
	pipeline := ingest.New(ingest.Options{
		Store: store, Normalizer: norm, Owner: "test", Now: clock, Logger: log,
		Adapters: map[string]harvester.Adapter{harvester.KindOAIPMH: oaipmh.New(plain{server.Client()}, clock)},
	})
	visit := func() catalog.Run {
		t.Helper()
		src := harvester.Source{ID: "weekly", Name: "Weekly", Kind: harvester.KindOAIPMH, URL: server.URL, OAI: harvester.OAIRecipe{Prefix: "oai_dc"}}
		run, err := pipeline.Harvest(t.Context(), ingest.Job{Source: src}, nil)
		if err != nil || run.State != catalog.OK || !run.Counts.Balanced() {
			t.Fatalf("%v: state %s, %q, counts %+v, %v", k.now, run.State, run.Message, run.Counts, err)
		}
		return run
	}
	if run := visit(); run.Counts.New != 60 {
		t.Fatalf("at first %+v", run.Counts)
	}
	lists := k.asked["ListRecords"]
	k.gone[3], k.gone[40] = true, true
	for week, want := range []struct{ same, absent, removed, live int }{{58, 2, 0, 60}, {58, 2, 2, 58}, {58, 0, 0, 58}} {
		k.now = k.now.Add(8 * 24 * time.Hour)
		run := visit()
		live := count(t, store)
		if c := run.Counts; c.Same != want.same || c.Listed != want.same || run.Absent != want.absent || run.Removed != want.removed || live != want.live {
			t.Errorf("week %d: counts %+v, absent %d, removed %d, %d live; want %+v", week+2, c, run.Absent, run.Removed, live, want)
		}
	}
	if more := k.asked["ListRecords"] - lists; more != 3 || k.asked["ListIdentifiers"] != 18 || k.asked["GetRecord"] != 0 {
		t.Errorf("requests %v", k.asked)
	}
}

// count is the number of records shown.
func count(t *testing.T, store *sqlstore.Store) int {
	t.Helper()
	entries, err := store.Entries(context.WithoutCancel(t.Context()), record.Range{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range entries {
		if !e.Deleted && strings.HasPrefix(e.Record.Origin.Identifier, "oai:r:") {
			n++
		}
	}
	return n
}
