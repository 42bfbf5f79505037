package fault

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"ctiphub/catalog"
	"ctiphub/catalog/sqlstore"
	"ctiphub/configs"
	"ctiphub/harvester"
	"ctiphub/harvester/feed"
	"ctiphub/harvester/oaipmh"
	"ctiphub/harvester/website"
	"ctiphub/internal/fetch"
	"ctiphub/internal/ingest"
	"ctiphub/normalizer"
	"ctiphub/record"
)

// TestMain silences what the proxy says of its own accord.
func TestMain(m *testing.M) {
	zerolog.SetGlobalLevel(zerolog.Disabled)
	os.Exit(m.Run())
}

// clock is a clock that can be set forward: between two runs lies an hour.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// bed is a hub and one source, with a proxy in between.
type bed struct {
	t        *testing.T
	clock    *clock
	proxy    *toxiproxy.Proxy
	client   *fetch.Client
	store    *sqlstore.Store
	pipeline *ingest.Pipeline
	source   harvester.Source
	asked    atomic.Int32                // requests that reached the source, robots.txt left out
	request  atomic.Pointer[func(n int)] // called with each of them
}

// rules are those of the product, with the source trusted.
func rules(t *testing.T) *normalizer.Normalizer {
	t.Helper()
	cfg, err := configs.Load("")
	if err != nil {
		t.Fatal(err)
	}
	norm, err := normalizer.New(cfg.Vocabulary, map[string]normalizer.Rules{"agency": {Trust: "high", InScope: true}})
	if err != nil {
		t.Fatal(err)
	}
	return norm
}

func newBed(t *testing.T, norm *normalizer.Normalizer, up upstream, closeEach bool) *bed {
	t.Helper()
	server := listen(t)
	api := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(api, up.kind, "127.0.0.1:0", server.Listener.Addr().String())
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	base := "http://" + proxy.Listen
	handler := up.handler(t, base)
	b := &bed{t: t, clock: &clock{}, proxy: proxy}
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		n := int(b.asked.Add(1))
		if f := b.request.Load(); f != nil {
			(*f)(n)
		}
		if closeEach {
			w.Header().Set("Connection", "close")
		}
		handler.ServeHTTP(w, r)
	})
	server.Start()

	b.source = harvester.Source{
		ID: "agency", Name: "Agency", Kind: up.kind, URL: base + up.entry,
		Politeness: fetch.Politeness{MinDelay: fetch.Duration(time.Millisecond), Timeout: fetch.Duration(3 * time.Second)},
	}
	up.recipe(&b.source)
	b.client = fetch.New(fetch.Options{
		UserAgent: "CTIPHub/test", Contact: "https://hub.example/contact", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		MaxRetries: 2, Now: b.clock.now,
	})
	t.Cleanup(b.client.Close)
	var err error
	if b.store, err = sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "catalog.db"), sqlstore.Options{Logger: quiet}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.store.Close() })
	b.pipeline = ingest.New(ingest.Options{
		Store: b.store, Normalizer: norm, Owner: "test", Now: b.clock.now, Logger: quiet,
		Adapters: map[string]harvester.Adapter{
			harvester.KindOAIPMH: oaipmh.New(b.client, b.clock.now), harvester.KindWebsite: website.New(b.client, b.clock.now),
			harvester.KindFeed: feed.New(b.client, b.clock.now),
		},
	})
	return b
}

// poison adds a toxic to what comes from the source.
func (b *bed) poison(kind, attributes string) {
	b.t.Helper()
	if _, err := b.proxy.Toxics.AddToxicJson(strings.NewReader(fmt.Sprintf(`{"name": "it", "type": %q, "stream": "downstream", "toxicity": 1, "attributes": %s}`, kind, attributes))); err != nil {
		b.t.Fatal(err)
	}
}

// mend takes the toxic away, and with it the connections that suffered from it.
func (b *bed) mend() {
	b.t.Helper()
	b.client.Close()
	if b.proxy.Toxics.GetToxic("it") == nil {
		return
	}
	ctx, cancel := context.WithTimeout(b.t.Context(), 5*time.Second)
	defer cancel()
	if err := b.proxy.Toxics.RemoveToxic(ctx, "it"); err != nil {
		b.t.Fatal(err)
	}
}

// harvest makes one run, an hour after the last; onPage, if not nil, is told of each page.
func (b *bed) harvest(onPage func(n int)) catalog.Run {
	b.t.Helper()
	b.clock.forward(time.Hour)
	pages := 0
	run, err := b.pipeline.Harvest(b.t.Context(), ingest.Job{Source: b.source}, func(p ingest.Progress) {
		if pages++; !p.Done && onPage != nil {
			onPage(pages)
		}
	})
	if err != nil {
		b.t.Fatalf("harvesting: %v", err)
	}
	if !run.Counts.Balanced() {
		b.t.Errorf("run %d: the account does not balance: %+v", run.ID, run.Counts)
	}
	if run.State.Good() != (run.Message == "") && run.State != catalog.OKWithRejects {
		b.t.Errorf("run %d: %s says %q", run.ID, run.State, run.Message)
	}
	if run.Removed > 0 || run.Counts.Deleted > 0 {
		b.t.Errorf("run %d removed %d and deleted %d records", run.ID, run.Removed, run.Counts.Deleted)
	}
	return run
}

// titles returns the titles of all live records.
func (b *bed) titles() []string {
	b.t.Helper()
	var list []string
	for after := int64(0); ; {
		entries, err := b.store.Entries(b.t.Context(), record.Range{After: after, Limit: 100})
		if err != nil {
			b.t.Fatal(err)
		}
		if len(entries) == 0 {
			slices.Sort(list)
			return list
		}
		for _, e := range entries {
			after = e.Seq
			if !e.Deleted {
				list = append(list, e.Record.Title["en"])
			}
		}
	}
}

// settle harvests until a run is good, and holds the catalogue against the source:
// nothing lost, nothing twice, and a further run finds nothing new.
func (b *bed) settle(records, before int) {
	b.t.Helper()
	var run catalog.Run
	for range 3 {
		if run = b.harvest(nil); run.State == catalog.OK {
			break
		}
	}
	if run.State != catalog.OK {
		b.t.Fatalf("three runs over a sound network end %s: %s", run.State, run.Message)
	}
	var want []string
	for n := range records {
		want = append(want, titleOf(n))
	}
	slices.Sort(want)
	if got := b.titles(); !slices.Equal(got, want) {
		b.t.Errorf("the catalogue has %d records, the source %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
	}
	if before+run.Counts.New > records {
		b.t.Errorf("%d records before, %d new ones, of %d altogether", before, run.Counts.New, records)
	}
	again := b.harvest(nil)
	if again.Counts.New+again.Counts.Changed != 0 || again.State != catalog.OK {
		b.t.Errorf("a further run: %s %+v", again.State, again.Counts)
	}
}

// trouble is what the network does.
type trouble struct {
	toxic, attributes string
	survived          bool     // the first run is good all the same
	says              []string // one of these words tells what happened, where it is not
	timeout           time.Duration
	closeEach         bool
}

func troubles() map[string]trouble {
	broken := []string{"ended before the answer did", "broke the connection off", "cannot be had"}
	return map[string]trouble{
		"latency":           {toxic: "latency", attributes: `{"latency": 15, "jitter": 15}`, survived: true},
		"bandwidth":         {toxic: "bandwidth", attributes: `{"rate": 150}`, survived: true},
		"slicer":            {toxic: "slicer", attributes: `{"average_size": 300, "size_variation": 200, "delay": 100}`, survived: true},
		"slow close":        {toxic: "slow_close", attributes: `{"delay": 40}`, survived: true, closeEach: true},
		"timeout":           {toxic: "timeout", attributes: `{"timeout": 30}`, says: broken},
		"silence":           {toxic: "timeout", attributes: `{"timeout": 0}`, says: []string{"no complete answer within 400ms"}, timeout: 400 * time.Millisecond},
		"reset":             {toxic: "reset_peer", attributes: `{"timeout": 0}`, says: broken},
		"reset in the body": {toxic: "reset_peer", attributes: `{"timeout": 20}`, says: broken},
		"truncated":         {toxic: "limit_data", attributes: `{"bytes": 700}`, says: broken},
		"cut in the head":   {toxic: "limit_data", attributes: `{"bytes": 60}`, says: append(broken, "malformed MIME header")},
		"worn connections":  {toxic: "limit_data", attributes: `{"bytes": 30000}`, survived: true},
	}
}

// TestTrouble lets the network go wrong from the beginning of the first run, and then, with
// another hub, in the middle of it; the next runs find it mended.
func TestTrouble(t *testing.T) {
	norm := rules(t)
	t.Run("all", func(t *testing.T) {
		for name, tr := range troubles() {
			for _, up := range upstreams() {
				t.Run(name+"/"+up.kind+"/from the beginning", func(t *testing.T) {
					t.Parallel()
					strike(t, norm, up, tr, 0)
				})
			}
			t.Run(name+"/between two pages of a repository", func(t *testing.T) {
				t.Parallel()
				strike(t, norm, upstreams()[0], tr, 2)
			})
			t.Run(name+"/while a web site is visited", func(t *testing.T) {
				t.Parallel()
				strikeSite(t, norm, tr)
			})
		}
	})
	leftovers(t)
}

// strikeSite lets the network go wrong while the sixth request, one for a page, is under way.
func strikeSite(t *testing.T, norm *normalizer.Normalizer, tr trouble) {
	up := upstreams()[1]
	b := newBed(t, norm, up, tr.closeEach)
	if tr.timeout > 0 {
		b.source.Politeness.Timeout = fetch.Duration(tr.timeout)
	}
	hook := func(n int) {
		if n == 6 {
			b.poison(tr.toxic, tr.attributes)
		}
	}
	b.request.Store(&hook)
	run := b.harvest(nil)
	before := len(b.titles())
	if tr.survived != (run.State == catalog.OK) || tr.survived != (before == up.records) {
		t.Errorf("ends %s with %d of %d records: %s", run.State, before, up.records, run.Message)
	}
	if !tr.survived && before < 4 {
		t.Errorf("ends %s with %d records: what came before the trouble is lost", run.State, before)
	}
	rejects, err := b.store.Rejects(t.Context(), run.ID, 100)
	if err != nil || len(rejects) != run.Counts.Rejected {
		t.Errorf("%d rejects, %d counted (%v)", len(rejects), run.Counts.Rejected, err)
	}
	for _, r := range rejects {
		if r.Code != "fetch-failed" || !tr.told(r.Detail) {
			t.Errorf("reject %s says %q, want one of %q", r.Code, r.Detail, tr.says)
		}
	}
	b.mend()
	b.source.Politeness.Timeout = fetch.Duration(3 * time.Second)
	b.settle(up.records, before)
}

// told reports whether words tell what happened.
func (tr trouble) told(words string) bool {
	return slices.ContainsFunc(tr.says, func(s string) bool { return strings.Contains(words, s) })
}

// strike harvests with trouble from a page on, 0 for the beginning.
func strike(t *testing.T, norm *normalizer.Normalizer, up upstream, tr trouble, page int) {
	b := newBed(t, norm, up, tr.closeEach)
	if tr.timeout > 0 {
		b.source.Politeness.Timeout = fetch.Duration(tr.timeout)
	}
	if page == 0 {
		b.poison(tr.toxic, tr.attributes)
	}
	run := b.harvest(func(n int) {
		if n == page {
			b.client.Close() // so that the next request meets it on a new connection
			b.poison(tr.toxic, tr.attributes)
		}
	})
	before := len(b.titles())
	switch {
	case tr.survived:
		if run.State != catalog.OK || before != up.records {
			t.Errorf("ends %s with %d of %d records: %s", run.State, before, up.records, run.Message)
		}
	case run.State.Good():
		t.Errorf("ends %s although nothing came through", run.State)
	case page == 0 && (run.State != catalog.Failed || before != 0):
		t.Errorf("ends %s with %d records, want failed: %s", run.State, before, run.Message)
	case page > 0 && (run.State != catalog.Partial || before != 10*page):
		t.Errorf("ends %s with %d records, want partial with %d: %s", run.State, before, 10*page, run.Message)
	}
	if !tr.survived && !tr.told(run.Message) {
		t.Errorf("says %q, want one of %q", run.Message, tr.says)
	}
	b.mend()
	b.source.Politeness.Timeout = fetch.Duration(3 * time.Second)
	b.settle(up.records, before)
}

// leftovers fails the test if anything of the hub still runs.
func leftovers(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(3 * time.Second)
	for {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		var left []string
		for stack := range strings.SplitSeq(string(stacks), "\n\n") {
			if strings.Contains(stack, "fault.leftovers") {
				continue
			}
			for _, ours := range []string{"ctiphub/", "net/http.(*persistConn)", "net/http.(*Transport)"} {
				if strings.Contains(stack, ours) && !strings.Contains(stack, "testing.(*T).Run") {
					left = append(left, stack)
					break
				}
			}
		}
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines are left:\n%s", len(left), strings.Join(left, "\n\n"))
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-t.Context().Done():
			return
		}
	}
}
