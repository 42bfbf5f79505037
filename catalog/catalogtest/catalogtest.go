// Package catalogtest states what every catalog.Store promises, as tests.
//
// In flows a way to open a store, out flow failures. Nothing is stored. It must not know
// any implementation: each one calls Run from its own tests.
package catalogtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

// Broader is the tree of themes that the stores under test must be opened with.
func Broader(theme string) []string {
	switch theme {
	case "shelter", "counselling":
		return []string{"protection"}
	case "hotline":
		return []string{"counselling", "protection"}
	}
	return nil
}

// Open opens a store on a path, with Broader. It is called again on the same path to
// simulate a restart, also without Close before.
type Open func(t *testing.T, path string) catalog.Store

// Run runs the whole suite, each part on a store of its own.
func Run(t *testing.T, open func(t *testing.T, path string) catalog.Store) {
	for _, part := range []map[string]func(*env){
		applyTests(), hidingTests(), batchTests(), runTests(), stateTests(), absenceTests(), guardTests(), chainTests(),
		logTests(), searchTests(), answerTests(), readTests(), noteTests(), dropTests(), rulingTests(), modeTests(), ledgerTests(), linkTests(),
		overrideTests(), reviewTests(), renewTests(), workTests(), takedownTests(), digestTests(), labelTests(), consumerTests(),
	} {
		for name, test := range part {
			t.Run(name, func(t *testing.T) { test(newEnv(t, open)) })
		}
	}
}

// source is the source that most tests harvest.
const source = "demo"

// env is a store under test with a clock that the test moves.
type env struct {
	*testing.T
	catalog.Store
	open Open
	path string
	now  time.Time
}

func newEnv(t *testing.T, open Open) *env {
	path := t.TempDir() + "/catalogue.db"
	s := open(t, path)
	t.Cleanup(func() { s.Close() })
	return &env{T: t, Store: s, open: open, path: path, now: time.Date(2025, 3, 1, 8, 0, 0, 0, time.UTC)}
}

// restart opens the file again, as after a crash: nothing was finished or closed.
func (e *env) restart() {
	e.Helper()
	e.Store = e.open(e.T, e.path)
	s := e.Store
	e.Cleanup(func() { s.Close() })
}

func (e *env) pass(d time.Duration) { e.now = e.now.Add(d) }

func (e *env) begin(full bool) catalog.Run {
	e.Helper()
	run, err := e.Begin(e.Context(), catalog.Begin{Source: source, Full: full, Now: e.now, Owner: "a"})
	e.must(err)
	return run
}

// apply applies a batch to a run and checks its account.
func (e *env) apply(run catalog.Run, b catalog.Batch) catalog.Outcome {
	e.Helper()
	b.Source, b.Run, b.Now = run.Source, run.ID, e.now
	out, err := e.Apply(e.Context(), b)
	e.must(err)
	if !out.Balanced() {
		e.Errorf("the account does not balance: %+v", out)
	}
	return out
}

// put applies items in a run of their own.
func (e *env) put(items ...catalog.Item) catalog.Outcome {
	e.Helper()
	run := e.begin(false)
	out := e.apply(run, catalog.Batch{Items: items})
	e.finish(catalog.End{Run: run.ID, Finished: true})
	return out
}

// list harvests a complete listing.
func (e *env) list(guard catalog.Guard, items ...catalog.Item) catalog.Run {
	e.Helper()
	run := e.begin(true)
	if len(items) > 0 {
		e.apply(run, catalog.Batch{Items: items})
	}
	return e.finish(catalog.End{Run: run.ID, Finished: true, Complete: true, Guard: guard})
}

func (e *env) finish(end catalog.End) catalog.Run {
	e.Helper()
	end.Now = e.now
	run, err := e.Finish(e.Context(), end)
	e.must(err)
	return run
}

func (e *env) must(err error) {
	e.Helper()
	if err != nil {
		e.Fatal(err)
	}
}

// entries reads the whole change log in small pages.
func (e *env) entries(r record.Range) []record.Entry {
	e.Helper()
	r.Limit = 7
	var all []record.Entry
	for {
		list, err := e.Entries(e.Context(), r)
		e.must(err)
		all = append(all, list...)
		if len(list) < r.Limit {
			return all
		}
		r.After = list[len(list)-1].Seq
	}
}

// published says what the change log holds, as "title" or "-id" of a tombstone.
func (e *env) published() string {
	e.Helper()
	var names []string
	for _, en := range e.entries(record.Range{}) {
		names = append(names, nameOf(en))
	}
	return strings.Join(names, " ")
}

func nameOf(en record.Entry) string {
	if en.Deleted {
		return "deleted"
	}
	return en.Record.Title["en"]
}

// entry returns one entry or nil.
func (e *env) entry(identifier string) *record.Entry {
	e.Helper()
	en, err := e.Entry(e.Context(), record.NewID(source, identifier))
	if err == nil {
		return &en
	}
	if err != catalog.ErrNotFound {
		e.Fatal(err)
	}
	return nil
}

// found searches and returns the identifiers of the hits.
func (e *env) found(q catalog.Query) []string {
	e.Helper()
	res, err := e.Search(e.Context(), q)
	e.must(err)
	var list []string
	for _, h := range res.Hits {
		list = append(list, h.Entry.Record.Origin.Identifier)
	}
	return list
}

// expect compares two values as they print.
func expect(e *env, what string, got, want any) {
	e.Helper()
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		e.Errorf("%s: got %s, want %s", what, g, w)
	}
}

// show prints values with spaces between them.
func show(values ...any) string { return strings.TrimSpace(fmt.Sprintln(values...)) }

// item makes a record that is published, with a title in English.
func item(identifier, title string, change ...func(*catalog.Item)) catalog.Item {
	it := catalog.Item{
		Raw: record.Raw{
			Source: source, Identifier: identifier, URL: "https://demo.example/" + identifier, Status: 200,
			MediaType: "text/html", Format: record.FormatHTML, Body: []byte("<h1>" + title + "</h1>"),
		},
		Record: record.Record{
			Title: record.Texts{"en": title}, Languages: []string{"en"}, Type: tags("report"), Countries: tags("TH"),
		},
		Decision: record.Decision{Verdict: record.Publish},
	}
	for _, c := range change {
		c(&it)
	}
	return it
}

// many makes n records with these prefixes of identifier and title.
func many(n int, prefix string) []catalog.Item {
	list := make([]catalog.Item, n)
	for i := range list {
		name := fmt.Sprintf("%s%03d", prefix, i)
		list[i] = item(name, name)
	}
	return list
}

func tags(ids ...string) []record.Tag {
	var list []record.Tag
	for _, id := range ids {
		list = append(list, record.Tag{ID: id, Confidence: 1})
	}
	return list
}

func held(it *catalog.Item) {
	it.Decision = record.Decision{Verdict: record.Hold, Code: "possible-pii"}
}

func rejected(it *catalog.Item) {
	it.Decision = record.Decision{Verdict: record.Reject, Code: "off-topic", Detail: "Not about the subject."}
}

func deleted(it *catalog.Item) {
	it.Raw.Deleted, it.Raw.Body, it.Record, it.Decision = true, nil, record.Record{}, record.Decision{}
}
