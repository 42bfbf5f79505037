package catalogtest

import (
	"errors"
	"fmt"
	"time"

	"ctiphub/catalog"
)

func runTests() map[string]func(*env) {
	return map[string]func(*env){
		"an unfinished run is taken up": func(e *env) {
			run := e.begin(true)
			e.apply(run, catalog.Batch{Items: many(3, "a"), Cursor: "page 1"})
			e.apply(run, catalog.Batch{Items: many(2, "b"), Cursor: "page 2"})
			e.restart()
			e.pass(time.Second)
			again := e.begin(false)
			expect(e, "run", again.ID, run.ID)
			expect(e, "resumed", again.Resumed, true)
			expect(e, "full", again.Full, true)
			expect(e, "cursor", again.Cursor, "page 2")
			expect(e, "counts", again.Counts, catalog.Outcome{Listed: 5, New: 5})
			e.apply(again, catalog.Batch{Items: many(1, "c"), Cursor: "page 3"})
			end := e.finish(catalog.End{Run: again.ID, Finished: true, Complete: true})
			expect(e, "counts at the end", end.Counts, catalog.Outcome{Listed: 6, New: 6})
			expect(e, "removed", end.Removed+end.Absent, 0)
		},
		"crash at every batch loses and repeats nothing": func(e *env) {
			for i := range 4 {
				run := e.begin(false)
				expect(e, "resumed", run.Resumed, i > 0)
				e.apply(run, catalog.Batch{Items: many(2, fmt.Sprintf("p%d-", i)), Cursor: fmt.Sprint(i + 1)})
				e.restart()
				expect(e, "searchable after the crash", len(e.found(catalog.Query{Limit: 100})), 2*(i+1))
			}
			run := e.begin(false)
			expect(e, "cursor", run.Cursor, "4")
			end := e.finish(catalog.End{Run: run.ID, Finished: true, Cursor: "4"})
			expect(e, "counts", end.Counts, catalog.Outcome{Listed: 8, New: 8})
			expect(e, "entries", len(e.entriesAll()), 8)
		},
		"a full run replaces an unfinished incremental one": func(e *env) {
			run := e.begin(false)
			e.apply(run, catalog.Batch{Items: many(1, "a"), Cursor: "page 1"})
			full := e.begin(true)
			if full.ID == run.ID || full.Cursor != "" || full.Resumed {
				e.Errorf("the full run is %+v", full)
			}
			runs, err := e.Runs(e.Context(), source, 10)
			e.must(err)
			expect(e, "state of the first", runs[1].State, catalog.Partial)
		},
		"another owner is turned away until the lease is over": func(e *env) {
			run := e.begin(false)
			e.apply(run, catalog.Batch{Items: many(1, "a"), Cursor: "page 1"})
			other := catalog.Begin{Source: source, Owner: "b", Now: e.now.Add(time.Minute)}
			if _, err := e.Begin(e.Context(), other); !errors.Is(err, catalog.ErrBusy) {
				e.Fatalf("Begin of another owner: %v", err)
			}
			other.Source = "elsewhere"
			if _, err := e.Begin(e.Context(), other); err != nil {
				e.Errorf("another source is busy as well: %v", err)
			}
			other.Source, other.Now = source, e.now.Add(time.Hour)
			taken, err := e.Begin(e.Context(), other)
			e.must(err)
			expect(e, "taken over", show(taken.ID, taken.Resumed, taken.Cursor), show(run.ID, true, "page 1"))
			e.pass(time.Hour)
			if _, err := e.Begin(e.Context(), catalog.Begin{Source: source, Owner: "a", Now: e.now}); !errors.Is(err, catalog.ErrBusy) {
				e.Errorf("the first owner after the takeover: %v", err)
			}
		},
		"who lost the run cannot go on with it": func(e *env) {
			run := e.begin(true)
			e.apply(run, catalog.Batch{Items: many(1, "a"), Cursor: "page 1"})
			e.pass(time.Hour)
			other := e.open(e.T, e.path)
			defer other.Close()
			_, err := other.Begin(e.Context(), catalog.Begin{Source: source, Owner: "b", Now: e.now})
			e.must(err)
			b := catalog.Batch{Source: source, Run: run.ID, Now: e.now, Items: many(1, "b"), Cursor: "page 2"}
			_, err = other.Apply(e.Context(), b)
			e.must(err)
			b.Cursor = "page 1 again"
			if _, err := e.Apply(e.Context(), b); !errors.Is(err, catalog.ErrBusy) {
				e.Errorf("Apply of the first owner: %v", err)
			}
			if _, err := e.Finish(e.Context(), catalog.End{Run: run.ID, Now: e.now, Finished: true, Complete: true}); !errors.Is(err, catalog.ErrBusy) {
				e.Errorf("Finish of the first owner: %v", err)
			}
			runs, err := e.Runs(e.Context(), source, 1)
			e.must(err)
			expect(e, "the run", show(runs[0].State, runs[0].Cursor), "running page 2")
		},
		"a batch keeps the lease": func(e *env) {
			run := e.begin(false)
			for range 5 {
				e.pass(6 * time.Minute)
				e.apply(run, catalog.Batch{})
			}
			if _, err := e.Begin(e.Context(), catalog.Begin{Source: source, Owner: "b", Now: e.now}); !errors.Is(err, catalog.ErrBusy) {
				e.Errorf("Begin of another owner: %v", err)
			}
		},
	}
}

func stateTests() map[string]func(*env) {
	return map[string]func(*env){
		"an incremental run begins where the last good one ended": func(e *env) {
			run := e.begin(false)
			e.apply(run, catalog.Batch{Items: many(1, "a"), Cursor: "mid"})
			e.finish(catalog.End{Run: run.ID, Finished: true, Cursor: "2025-03-01"})
			failed := e.begin(false)
			expect(e, "cursor", failed.Cursor, "2025-03-01")
			end := e.finish(catalog.End{Run: failed.ID, Err: "no route to host", Cursor: failed.Cursor})
			expect(e, "state", end.State, catalog.Failed)
			expect(e, "message", end.Message, "no route to host")
			expect(e, "cursor after a failure", e.begin(false).Cursor, "2025-03-01")
		},
		"nothing listed is a failure": func(e *env) {
			expect(e, "state", e.list(catalog.Guard{}).State, catalog.Failed)
			window := e.begin(true)
			expect(e, "of a source that is never complete", e.finish(catalog.End{Run: window.ID, Finished: true}).State, catalog.Failed)
			run := e.begin(true)
			expect(e, "may be empty", e.finish(catalog.End{Run: run.ID, Finished: true, Complete: true, MayBeEmpty: true}).State, catalog.OK)
			run = e.begin(false)
			expect(e, "incremental", e.finish(catalog.End{Run: run.ID, Finished: true}).State, catalog.OK)
		},
		"states of runs": func(e *env) {
			run := e.begin(false)
			e.apply(run, catalog.Batch{Items: []catalog.Item{item("a", "one"), item("b", "two", rejected)}})
			expect(e, "with rejects", e.finish(catalog.End{Run: run.ID, Finished: true}).State, catalog.OKWithRejects)
			run = e.begin(false)
			expect(e, "skipped", e.finish(catalog.End{Run: run.ID, Skipped: "robots.txt forbids it"}).State, catalog.SkippedRun)
			run = e.begin(false)
			e.apply(run, catalog.Batch{Items: []catalog.Item{item("a", "one")}})
			expect(e, "partial", e.finish(catalog.End{Run: run.ID, Err: "timeout"}).State, catalog.Partial)
			if _, err := e.Finish(e.Context(), catalog.End{Run: run.ID, Now: e.now, Finished: true}); err == nil {
				e.Error("a run was finished twice")
			}
			if _, err := e.Apply(e.Context(), catalog.Batch{Source: source, Run: run.ID, Now: e.now}); err == nil {
				e.Error("a batch was applied to a finished run")
			}
		},
		"a batch of another source is refused": func(e *env) {
			run := e.begin(false)
			if _, err := e.Apply(e.Context(), catalog.Batch{Source: "other", Run: run.ID, Now: e.now, Items: many(1, "a")}); err == nil {
				e.Error("it was taken into the run")
			}
			expect(e, "log", e.published(), "")
		},
		"status, runs and rejects": func(e *env) {
			run := e.begin(true)
			e.apply(run, catalog.Batch{
				Items:   []catalog.Item{item("a", "one"), item("b", "two", held), item("c", "three", rejected), item("d", "four")},
				Rejects: []catalog.Reject{{Identifier: "e", URL: "u", Code: "http-500", Stage: "fetch", Detail: "The server failed."}},
				Skipped: []catalog.Reject{{Identifier: "f", Code: "excluded", Stage: "skip"}},
			})
			e.apply(run, catalog.Batch{Items: []catalog.Item{item("d", "", deleted)}, Rejects: []catalog.Reject{{Identifier: "g", Code: "last"}}})
			e.pass(time.Minute)
			end := e.finish(catalog.End{Run: run.ID, Finished: true, Complete: true})
			e.pass(time.Hour)
			bad := e.begin(false)
			e.finish(catalog.End{Run: bad.ID, Err: "down"})

			status, err := e.Status(e.Context())
			e.must(err)
			if len(status) != 1 {
				e.Fatalf("%d sources", len(status))
			}
			st := status[0]
			expect(e, "live, held, deleted", show(st.Live, st.Held, st.Deleted), "1 1 1")
			expect(e, "last run", show(st.LastRun.ID, st.LastRun.State), show(bad.ID, catalog.Failed))
			expect(e, "last good", st.LastGood, end.Ended)

			runs, err := e.Runs(e.Context(), source, 1)
			e.must(err)
			expect(e, "runs", show(len(runs), runs[0].ID), show(1, bad.ID))
			runs, err = e.Runs(e.Context(), source, 10)
			e.must(err)
			expect(e, "the first run", runs[1], end)

			rejects, err := e.Rejects(e.Context(), run.ID, 10)
			e.must(err)
			var codes []string
			for _, r := range rejects {
				codes = append(codes, r.Identifier+"="+r.Code)
			}
			expect(e, "rejects", codes, []string{"e=http-500", "c=off-topic", "f=excluded", "g=last"})
			expect(e, "one in full", rejects[0], catalog.Reject{Identifier: "e", URL: "u", Code: "http-500", Stage: "fetch", Detail: "The server failed."})
		},
	}
}
