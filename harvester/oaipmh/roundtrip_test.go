package oaipmh_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"ctiphub/exporter"
	provider "ctiphub/exporter/oaipmh"
	"ctiphub/harvester"
	"ctiphub/harvester/oaipmh"
	"ctiphub/internal/fetch"
	"ctiphub/internal/oai"
	"ctiphub/record"
)

var errNone = errors.New("none")

// log is a change log in memory, as the catalogue keeps one.
type log struct {
	entries []record.Entry
	seq     int64
	now     time.Time
}

func (l *log) put(name, title string, deleted bool) {
	e := record.Entry{Record: record.Record{ID: record.NewID("log", name), Title: record.Texts{"km": title}}, Deleted: deleted, Sets: []string{"country:KH"}}
	l.entries = slices.DeleteFunc(l.entries, func(o record.Entry) bool { return o.Record.ID == e.Record.ID })
	l.seq++
	e.Seq, e.Stamp = l.seq, l.now.Truncate(time.Second)
	l.entries = append(l.entries, e)
}

func (l *log) Entry(context.Context, record.ID) (record.Entry, error) { return record.Entry{}, errNone }

func (l *log) Entries(_ context.Context, r record.Range) ([]record.Entry, error) {
	var out []record.Entry
	for _, e := range l.entries {
		if e.Seq > r.After && !e.Stamp.Before(r.From) && (r.Until.IsZero() || !e.Stamp.After(r.Until)) && len(out) < cmp.Or(r.Limit, len(l.entries)) {
			out = append(out, e)
		}
	}
	return out, nil
}

func (l *log) Head(context.Context) (int64, error) { return l.seq, nil }

func (l *log) Block(_ context.Context, after, upto int64) (count int, next int64, err error) {
	for _, e := range l.entries {
		switch {
		case e.Seq > upto && next == 0:
			next = e.Seq
		case e.Seq > after && e.Seq <= upto:
			count++
		}
	}
	return count, next, nil
}

func (l *log) Count(ctx context.Context, r record.Range) (int, error) {
	r.Limit = 0
	found, err := l.Entries(ctx, r)
	return len(found), err
}

func (l *log) Sets(context.Context) ([]record.Set, error) { return nil, nil }

func (l *log) Earliest(context.Context) (time.Time, error) { return l.entries[0].Stamp, nil }

// titles is a crosswalk that carries the title only.
type titles struct{}

func (titles) Prefix() string    { return oai.OAIDCPrefix }
func (titles) Schema() string    { return oai.DCSchema }
func (titles) Namespace() string { return oai.DCNamespace }
func (titles) Append(dst []byte, rec record.Record) []byte {
	dst = append(dst, `<dc xmlns="`+oai.DCNamespace+`"><title xmlns="`+oai.DCElements+`">`...)
	return append(oai.AppendText(dst, rec.Title["km"]), "</title></dc>"...)
}

// plain is a client without manners.
type plain struct{ client *http.Client }

func (p plain) Get(ctx context.Context, r fetch.Request) (*fetch.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL, nil)
	if err != nil {
		return nil, err
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK {
		return nil, &fetch.StatusError{Status: resp.StatusCode, Body: body}
	}
	return &fetch.Response{URL: r.URL, Status: resp.StatusCode, MediaType: resp.Header.Get("Content-Type"), Body: body}, err
}

// mirror keeps what was harvested: the title of each record, "" of a deleted one.
type mirror map[string]string

func (m mirror) take(t *testing.T, raw record.Raw) {
	t.Helper()
	if raw.Deleted {
		m[raw.Identifier] = ""
		return
	}
	_, rest, _ := strings.Cut(string(raw.Body), `elements/1.1/">`)
	title, _, ok := strings.Cut(rest, "</title>")
	if !ok {
		t.Fatalf("body of %s: %s", raw.Identifier, raw.Body)
	}
	m[raw.Identifier] = title
}

// TestRoundTrip mirrors the hub's provider with the hub's harvester while records change,
// with the harvester stopped dead after random pages and started again with the cursor of
// the last one. After each finished run that nothing changed during, the mirror is equal.
func TestRoundTrip(t *testing.T) {
	for seed := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, 7))
		l := &log{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
		for i := range 60 + random.IntN(60) {
			l.put(fmt.Sprint(i), fmt.Sprintf("សៀវភៅ %d", i), false)
		}
		clock := func() time.Time { return l.now }
		server := httptest.NewServer(provider.New(provider.Options{
			Repository: l, NotFound: errNone, Crosswalks: []exporter.Crosswalk{titles{}}, RepositoryName: "Log",
			RepositoryIdentifier: "log.example", PageSize: 7, Now: clock,
		}))
		defer server.Close()
		src := harvester.Source{ID: "log", URL: server.URL}
		a := oaipmh.New(plain{server.Client()}, clock)
		m, cursor := mirror{}, harvester.Cursor("")
		for round := range 4 {
			l.now = l.now.Add(time.Hour)
			for finished := false; !finished; {
				for page, err := range a.Pages(t.Context(), src, harvester.From{Cursor: cursor}) {
					if err != nil {
						t.Fatalf("seed %d: %v", seed, err)
					}
					for _, raw := range page.Raws {
						m.take(t, raw)
					}
					if len(page.Rejects) > 0 {
						t.Errorf("seed %d: rejects %+v", seed, page.Rejects)
					}
					cursor, finished = page.Cursor, page.Last
					if page.Last && page.Complete != (round == 0) {
						t.Errorf("seed %d: round %d complete %v", seed, round, page.Complete)
					}
					if random.IntN(3) == 0 {
						break // killed
					}
					l.now = l.now.Add(time.Second)
					if round < 3 && random.IntN(2) == 0 {
						for range random.IntN(4) {
							i := random.IntN(150)
							l.put(fmt.Sprint(i), fmt.Sprintf("ថ្មី %d", l.seq), random.IntN(4) == 0)
						}
					}
				}
			}
		}
		for _, e := range l.entries {
			id, title := "oai:log.example:"+string(e.Record.ID), e.Record.Title["km"]
			if e.Deleted {
				title = ""
			}
			if got, ok := m[id]; !ok || got != title {
				t.Errorf("seed %d: %s is %q in the mirror (%v), %q in the log", seed, id, got, ok, title)
			}
		}
		if len(m) != len(l.entries) {
			t.Errorf("seed %d: %d records mirrored of %d", seed, len(m), len(l.entries))
		}
	}
}

// TestCircleAcrossRestarts has a repository that sends its harvester round in a circle,
// and a harvester that dies after every page: only the cursor can notice.
func TestCircleAcrossRestarts(t *testing.T) {
	for _, circle := range []int{2, 3, 7} {
		asked := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked++
			n := 0
			fmt.Sscanf(r.URL.Query().Get("resumptionToken"), "t%d", &n)
			next := n + 1
			if next > 5+circle {
				next = 6
			}
			fmt.Fprintf(w, `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-01T00:00:00Z</responseDate><ListRecords><record><header status="deleted"><identifier>x:%d</identifier><datestamp>2025-01-01</datestamp></header></record><resumptionToken>t%d</resumptionToken></ListRecords></OAI-PMH>`, n, next)
		}))
		a := oaipmh.New(plain{server.Client()}, time.Now)
		cursor := harvester.Cursor("")
		var failed error
		for failed == nil && asked < 200 {
			for page, err := range a.Pages(t.Context(), harvester.Source{URL: server.URL}, harvester.From{Cursor: cursor}) {
				if failed = err; err != nil {
					break
				}
				cursor = page.Cursor
				if strings.Contains(string(cursor), `"token"`) {
					break // killed, unless the adapter is about to say what is wrong
				}
			}
		}
		server.Close()
		if failed == nil || !strings.Contains(failed.Error(), "goes round") {
			t.Errorf("circle of %d: %v after %d requests", circle, failed, asked)
		}
	}
}
