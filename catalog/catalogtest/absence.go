package catalogtest

import (
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

// day is a grace period that the tests can step over.
const day = 24 * time.Hour

func (e *env) entriesAll() []record.Entry {
	e.Helper()
	return e.entries(record.Range{})
}

// tombstones counts the deleted entries.
func (e *env) tombstones() int {
	e.Helper()
	n := 0
	for _, en := range e.entriesAll() {
		if en.Deleted {
			n++
		}
	}
	return n
}

func absenceTests() map[string]func(*env) {
	atOnce := catalog.Guard{Grace: -1}
	return map[string]func(*env){
		"incremental runs remove nothing": func(e *env) {
			e.list(atOnce, many(3, "a")...)
			e.pass(30 * day)
			run := e.begin(false)
			e.apply(run, catalog.Batch{Items: many(1, "a")})
			e.finish(catalog.End{Run: run.ID, Finished: true, Guard: atOnce})
			expect(e, "tombstones", e.tombstones(), 0)
		},
		"partial runs remove nothing": func(e *env) {
			e.list(atOnce, many(3, "a")...)
			e.pass(30 * day)
			run := e.begin(true)
			e.apply(run, catalog.Batch{Items: many(1, "a")})
			end := e.finish(catalog.End{Run: run.ID, Complete: true, Err: "timeout", Guard: atOnce})
			expect(e, "absent, removed, tombstones", show(end.Absent, end.Removed, e.tombstones()), "0 0 0")
		},
		"absent records have a period of grace": func(e *env) {
			g := catalog.Guard{Grace: 2 * day}
			e.list(g, many(5, "a")...)
			e.pass(day)
			end := e.list(g, many(4, "a")...)
			expect(e, "first run without it", show(end.State, end.Absent, end.Removed), "ok 1 0")
			e.pass(day)
			end = e.list(g, many(4, "a")...)
			expect(e, "within grace", show(end.Absent, end.Removed, e.tombstones()), "1 0 0")
			e.pass(day)
			end = e.list(g, many(4, "a")...)
			expect(e, "after grace", show(end.Absent, end.Removed, e.tombstones()), "1 1 1")
			expect(e, "found", e.found(catalog.Query{Text: "a004"}), []string(nil))
			e.pass(day)
			end = e.list(g, many(4, "a")...)
			expect(e, "removed only once", show(end.Absent, end.Removed), "0 0")
		},
		"being listed again ends the grace period": func(e *env) {
			g := catalog.Guard{Grace: 2 * day}
			e.list(g, many(3, "a")...)
			e.list(g, many(2, "a")...)
			e.pass(day)
			e.list(g, many(3, "a")...)
			e.pass(2 * day)
			end := e.list(g, many(2, "a")...)
			expect(e, "removed", show(end.Absent, end.Removed), "1 0")
		},
		"negative grace removes at once": func(e *env) {
			e.list(atOnce, many(3, "a")...)
			end := e.list(atOnce, many(2, "a")...)
			expect(e, "removed", show(end.Absent, end.Removed, e.tombstones()), "1 1 1")
		},
	}
}

func guardTests() map[string]func(*env) {
	atOnce := catalog.Guard{Grace: -1}
	return map[string]func(*env){
		"the guard holds a run that would lose too much": func(e *env) {
			e.list(atOnce, many(100, "a")...)
			e.pass(day)
			end := e.list(atOnce, many(70, "a")...)
			expect(e, "state", show(end.State, end.Absent, end.Removed), "held 30 0")
			if end.Message == "" {
				e.Error("a held run does not say why")
			}
			expect(e, "tombstones", e.tombstones(), 0)
			expect(e, "live", len(e.found(catalog.Query{Limit: 100})), 100)
			wide := catalog.Guard{Grace: -1, MaxLossPercent: 100, MaxChurnPercent: 100}
			end = e.list(wide, many(70, "a")...)
			expect(e, "with a wide guard", show(end.State, end.Removed), "ok 30")
		},
		"small losses pass the guard": func(e *env) {
			e.list(atOnce, many(30, "a")...)
			end := e.list(atOnce, many(10, "a")...)
			expect(e, "20 of 30", show(end.State, end.Removed), "ok 20")
		},
		"changed identifiers are held": func(e *env) {
			e.list(atOnce, many(100, "a")...)
			wide := catalog.Guard{Grace: -1, MaxLossPercent: 99}
			end := e.list(wide, append(many(50, "a"), many(50, "b")...)...)
			expect(e, "state", show(end.State, end.Removed), "held 0")
		},
		"what was listed and not taken is not absent": func(e *env) {
			e.list(atOnce, many(8, "a")...)
			run := e.begin(true)
			e.apply(run, catalog.Batch{
				Items: []catalog.Item{item("a000", "a000"), item("a001", "worse", rejected)},
				Rejects: []catalog.Reject{
					{Identifier: "a002", Code: "fetch-failed"}, {Identifier: "a003", Code: "http-503"},
					{Identifier: "a004", Code: "http-404"}, {Identifier: "a005", Code: "http-410"},
				},
				Skipped: []catalog.Reject{{Identifier: "a006", Code: "robots-disallow"}, {Identifier: "a007", Code: "excluded"}},
			})
			end := e.finish(catalog.End{Run: run.ID, Finished: true, Complete: true, Guard: atOnce})
			expect(e, "removed", show(end.State, end.Absent, end.Removed), "ok-with-rejects 3 3")
			for identifier, gone := range map[string]bool{"a001": false, "a002": false, "a003": false, "a004": true, "a005": true, "a006": false, "a007": true} {
				expect(e, identifier+" deleted", e.entry(identifier).Deleted, gone)
			}
		},
		"held records that vanish are forgotten": func(e *env) {
			e.list(atOnce, item("a", "one"), item("b", "two", held))
			end := e.list(atOnce, item("a", "one"))
			expect(e, "account", show(end.Absent, end.Removed, e.tombstones()), "0 0 0")
			status, err := e.Status(e.Context())
			e.must(err)
			expect(e, "held", status[0].Held, 0)
		},
		"one source does not remove another's records": func(e *env) {
			e.list(atOnce, many(3, "a")...)
			run, err := e.Begin(e.Context(), catalog.Begin{Source: "other", Full: true, Now: e.now, Owner: "a"})
			e.must(err)
			e.apply(run, catalog.Batch{Items: many(1, "a")})
			end := e.finish(catalog.End{Run: run.ID, Finished: true, Complete: true, Guard: atOnce})
			expect(e, "removed", show(end.Absent, end.Removed, e.tombstones()), "0 0 0")
		},
	}
}

func chainTests() map[string]func(*env) {
	atOnce := catalog.Guard{Grace: -1}
	partial := func(e *env, run catalog.Run, cursor string, items ...catalog.Item) {
		e.Helper()
		e.apply(run, catalog.Batch{Items: items, Cursor: cursor})
		expect(e, "state", e.finish(catalog.End{Run: run.ID, Err: "timeout", Cursor: cursor}).State, catalog.Partial)
	}
	return map[string]func(*env){
		"a broken listing goes on in the next run": func(e *env) {
			e.list(atOnce, many(9, "a")...)
			all := many(9, "a")
			partial(e, e.begin(true), "page 1", all[:3]...)
			second := e.begin(false)
			expect(e, "cursor", show(second.Cursor, second.Resumed, second.Counts.Listed), "page 1 false 0")
			partial(e, second, "page 2", all[3:6]...)
			down := e.begin(false)
			expect(e, "cursor of the third", down.Cursor, "page 2")
			e.finish(catalog.End{Run: down.ID, Err: "down", Cursor: down.Cursor})
			last := e.begin(false)
			expect(e, "cursor after a failure", last.Cursor, "page 2")
			e.apply(last, catalog.Batch{Items: all[6:8], Cursor: "end"})
			end := e.finish(catalog.End{Run: last.ID, Finished: true, Complete: true, Guard: atOnce, Cursor: "end"})
			expect(e, "absence over all of them", show(end.State, end.Absent, end.Removed), "ok 1 1")
			expect(e, "the one that is gone", e.entry("a008").Deleted, true)
			expect(e, "cursor after the good end", e.begin(false).Cursor, "end")
		},
		"a chain whose last page is empty is no empty source": func(e *env) {
			partial(e, e.begin(true), "page 1", many(3, "a")...)
			last := e.begin(false)
			end := e.finish(catalog.End{Run: last.ID, Finished: true, Complete: true})
			expect(e, "state", end.State, catalog.OK)
		},
		"the guard looks at the whole chain": func(e *env) {
			e.list(atOnce, many(100, "a")...)
			partial(e, e.begin(true), "page 1", many(40, "b")...)
			last := e.begin(false)
			e.apply(last, catalog.Batch{Items: many(60, "a"), Cursor: "end"})
			wide := catalog.Guard{Grace: -1, MaxLossPercent: 50}
			expect(e, "state", e.finish(catalog.End{Run: last.ID, Finished: true, Complete: true, Guard: wide}).State, catalog.Held)
		},
		"a full run begins a new listing": func(e *env) {
			partial(e, e.begin(true), "page 1", many(3, "a")...)
			full := e.begin(true)
			expect(e, "cursor", full.Cursor, "")
			e.apply(full, catalog.Batch{Items: many(2, "a")})
			end := e.finish(catalog.End{Run: full.ID, Finished: true, Complete: true, Guard: atOnce})
			expect(e, "absent", show(end.Absent, end.Removed), "1 1")
		},
		"a cursor that never works again is given up": func(e *env) {
			partial(e, e.begin(true), "poison", many(3, "a")...)
			for i := range 10 {
				run := e.begin(false)
				if run.Cursor == "" {
					if i == 0 {
						e.Error("it was given up without a try")
					}
					return
				}
				e.finish(catalog.End{Run: run.ID, Err: "bad token", Cursor: run.Cursor})
			}
			e.Error("ten failed runs, and the cursor is still the same")
		},
	}
}
