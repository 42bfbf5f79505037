package oaipmh

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"ctiphub/exporter"
	"ctiphub/internal/oai"
	"ctiphub/record"
)

var errNotFound = errors.New("no such record")

// start is when the first record of the test repository was stamped.
var start = time.Date(2025, 3, 1, 10, 0, 0, 0, time.UTC)

// memory is a change log in memory.
type memory struct {
	entries []record.Entry // in order of Seq
	seq     int64
	now     time.Time
	fail    error
}

// newMemory holds n records, one a minute, every tenth of them deleted.
func newMemory(n int) *memory {
	m := &memory{now: start}
	for i := range n {
		e := record.Entry{Record: record.Record{ID: record.NewID("test", fmt.Sprint(i)), Title: record.Texts{"en": fmt.Sprintf("Title %d & <more>", i), "th": "คู่มือ"}}, Sets: []string{"country:KH", "theme:protection-support:shelter"}}
		if i%2 == 1 {
			e.Sets = []string{"country:TH", "theme:prosecution"}
		}
		if i%10 == 9 {
			e.Deleted, e.Record.Title = true, nil
		}
		m.put(e)
		m.now = m.now.Add(time.Minute)
	}
	return m
}

// put stores a new state of an entry at the end of the log.
func (m *memory) put(e record.Entry) {
	m.entries = slices.DeleteFunc(m.entries, func(o record.Entry) bool { return o.Record.ID == e.Record.ID })
	m.seq++
	e.Seq, e.Stamp = m.seq, m.now
	m.entries = append(m.entries, e)
}

func (m *memory) Entry(_ context.Context, id record.ID) (record.Entry, error) {
	for _, e := range m.entries {
		if e.Record.ID == id {
			return e, m.fail
		}
	}
	return record.Entry{}, cmp.Or(m.fail, fmt.Errorf("looking up %s: %w", id, errNotFound))
}

func (m *memory) selected(r record.Range) []record.Entry {
	// Entries are in order of Seq: a benchmark must not measure this search.
	i, _ := slices.BinarySearchFunc(m.entries, r.After+1, func(e record.Entry, seq int64) int { return cmp.Compare(e.Seq, seq) })
	var out []record.Entry
	for _, e := range m.entries[i:] {
		in := r.Set == "" || slices.ContainsFunc(e.Sets, func(s string) bool { return s == r.Set || strings.HasPrefix(s, r.Set+":") })
		if !in || r.Upto > 0 && e.Seq > r.Upto || (!r.From.IsZero() && e.Stamp.Before(r.From)) || (!r.Until.IsZero() && e.Stamp.After(r.Until)) {
			continue
		}
		if out = append(out, e); len(out) == r.Limit {
			break
		}
	}
	return out
}

func (m *memory) Entries(_ context.Context, r record.Range) ([]record.Entry, error) {
	if r.Limit == 0 {
		r.Limit = 1000
	}
	return m.selected(r), m.fail
}

func (m *memory) Head(context.Context) (int64, error) { return m.seq, nil }

func (m *memory) Block(_ context.Context, after, upto int64) (count int, next int64, err error) {
	for _, e := range m.entries {
		switch {
		case e.Seq > upto && next == 0:
			next = e.Seq
		case e.Seq > after && e.Seq <= upto:
			count++
		}
	}
	return count, next, m.fail
}

func (m *memory) Count(_ context.Context, r record.Range) (int, error) {
	r.Limit = 0
	return len(m.selected(r)), m.fail
}

func (m *memory) Sets(context.Context) ([]record.Set, error) {
	counts := map[string]int{}
	for _, e := range m.entries {
		for _, s := range e.Sets {
			counts[s]++
		}
	}
	var sets []record.Set
	for s, n := range counts {
		sets = append(sets, record.Set{Spec: s, Count: n})
	}
	return sets, m.fail
}

func (m *memory) Earliest(context.Context) (time.Time, error) {
	if len(m.entries) == 0 {
		return time.Time{}, m.fail
	}
	return m.entries[0].Stamp, m.fail
}

// dublinCore is a small crosswalk.
type dublinCore struct{}

func (dublinCore) Prefix() string    { return oai.OAIDCPrefix }
func (dublinCore) Schema() string    { return oai.DCSchema }
func (dublinCore) Namespace() string { return oai.DCNamespace }
func (dublinCore) Append(dst []byte, rec record.Record) []byte {
	dst = append(dst, `<oai_dc:dc xmlns:oai_dc="`+oai.DCNamespace+`" xmlns:dc="`+oai.DCElements+`" xsi:schemaLocation="`+oai.DCNamespace+` `+oai.DCSchema+`">`...)
	for _, lang := range rec.Title.Languages() {
		dst = append(append(append(dst, `<dc:title xml:lang="`...), lang...), `">`...)
		dst = append(oai.AppendText(dst, rec.Title[lang]), "</dc:title>"...)
	}
	for _, lang := range rec.Description.Languages() {
		dst = oai.AppendElement(dst, "dc:description", rec.Description[lang])
	}
	return append(dst, "</oai_dc:dc>"...)
}

const testBase = "http://hub.example/oai"

func testOptions(m *memory) Options {
	return Options{
		Repository: m, NotFound: errNotFound, Crosswalks: []exporter.Crosswalk{dublinCore{}},
		BaseURL: testBase, RepositoryName: "Test & hub", AdminEmails: []string{"admin@hub.example"},
		RepositoryIdentifier: "hub.example", PageSize: 10, Key: []byte("a key for tests"),
		Now: func() time.Time { return m.now },
	}
}

// get asks the provider and returns the answer read by the hub's own parser.
func get(t *testing.T, h http.Handler, query string) (*oai.Answer, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/oai?"+query, nil))
	return answer(t, w)
}

func answer(t *testing.T, w *httptest.ResponseRecorder) (*oai.Answer, string) {
	t.Helper()
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/xml; charset=utf-8" {
		t.Fatalf("status %d, type %q: %s", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	a, err := oai.Parse(w.Body.Bytes(), w.Header().Get("Content-Type"))
	if err != nil || len(a.Oddities) > 0 {
		t.Fatalf("reading the answer: %v, %v\n%s", err, a.Oddities, w.Body)
	}
	return a, w.Body.String()
}
