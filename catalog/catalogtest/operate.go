package catalogtest

import (
	"errors"
	"fmt"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

// dated gives an item a date of publication.
func dated(it *catalog.Item) { it.Record.Issued = record.Date{EDTF: "2024-05-01"} }

// manyDated makes n records with a date.
func manyDated(n int, prefix string) []catalog.Item {
	list := many(n, prefix)
	for i := range list {
		dated(&list[i])
	}
	return list
}

// rule carries out a ruling on the source.
func (e *env) rule(v catalog.Verdict, dry bool) (catalog.Effect, error) {
	return e.Rule(e.Context(), catalog.Ruling{Source: source, Verdict: v, Now: e.now, Who: "curator", Why: "seen", Guard: catalog.Guard{Grace: -1}, DryRun: dry})
}

// live is how many records readers find.
func (e *env) live() int {
	e.Helper()
	res, err := e.Search(e.Context(), catalog.Query{Limit: 1})
	e.must(err)
	return res.Total
}

// agrees expects that all views of the catalogue agree.
func (e *env) agrees() {
	e.Helper()
	found, err := e.Verify(e.Context())
	e.must(err)
	if len(found) > 0 {
		e.Errorf("the views disagree: %+v", found)
	}
}

func noteTests() map[string]func(*env) {
	return map[string]func(*env){
		"notes of a run are kept once a code, in order": func(e *env) {
			run := e.begin(false)
			e.apply(run, catalog.Batch{Notes: []record.Finding{{Code: "late", Detail: "first"}, {Code: "odd", Field: "title", Detail: "x"}}})
			e.apply(run, catalog.Batch{Notes: []record.Finding{{Code: "late", Detail: "again"}, {Code: "new"}}})
			e.finish(catalog.End{Run: run.ID, Finished: true})
			e.restart()
			notes, err := e.Notes(e.Context(), run.ID)
			e.must(err)
			expect(e, "notes", notes, []record.Finding{{Code: "late", Detail: "first"}, {Code: "odd", Field: "title", Detail: "x"}, {Code: "new"}})
			other, err := e.Notes(e.Context(), run.ID+1)
			e.must(err)
			expect(e, "notes of another run", len(other), 0)
		},
		"choices add up over a run, and the baseline is the last good one": func(e *env) {
			visit := func(n int, rule string, end catalog.End) catalog.Run {
				run := e.begin(true)
				for range 2 {
					e.apply(run, catalog.Batch{Items: many(3, "a"), Choices: []catalog.Choice{{Field: "title", Rule: rule, Count: n}, {Field: "issued", Rule: "meta", Count: 1}}})
				}
				end.Run = run.ID
				return e.finish(end)
			}
			ok := catalog.End{Finished: true, Complete: true}
			first := visit(15, "css:h1", ok)
			small := visit(5, "few", ok)
			failed := visit(15, "failed", catalog.End{Err: "broke off"})
			expect(e, "states", show(first.State, small.State, failed.State), "ok ok partial")
			choices, err := e.Choices(e.Context(), first.ID)
			e.must(err)
			expect(e, "choices", choices, []catalog.Choice{{Field: "issued", Rule: "meta", Count: 2}, {Field: "title", Rule: "css:h1", Count: 30}})
			base, err := e.Baseline(e.Context(), source, failed.ID+1)
			e.must(err)
			expect(e, "baseline", base, choices)
			if base, err = e.Baseline(e.Context(), source, first.ID); err != nil || len(base) > 0 {
				e.Errorf("the first run has the baseline %v (%v)", base, err)
			}
		},
		"changes say what a run did": func(e *env) {
			e.put(item("a", "one"), item("b", "two"), item("c", "three"))
			e.pass(time.Minute)
			run := e.begin(false)
			e.apply(run, catalog.Batch{Items: []catalog.Item{item("a", "one, revised"), item("b", "two", deleted), item("c", "three"), item("d", "four")}})
			e.finish(catalog.End{Run: run.ID, Finished: true})
			e.pass(time.Minute)
			e.put(item("a", "one, again"))
			changes, err := e.Changes(e.Context(), run.ID, 10)
			e.must(err)
			var lines []string
			for _, c := range changes {
				lines = append(lines, fmt.Sprintf("%s %s", c.Kind, c.Identifier))
			}
			expect(e, "changes", lines, []string{"changed a", "deleted b", "new d"})
			changes, err = e.Changes(e.Context(), run.ID, 2)
			e.must(err)
			expect(e, "limited", len(changes), 2)
		},
	}
}

func dropTests() map[string]func(*env) {
	// loses applies a batch that must be held.
	loses := func(e *env, run catalog.Run, items []catalog.Item) *catalog.HoldError {
		e.Helper()
		_, err := e.Apply(e.Context(), catalog.Batch{Source: source, Run: run.ID, Now: e.now, Items: items, Cursor: "never"})
		var hold *catalog.HoldError
		if !errors.As(err, &hold) {
			e.Fatalf("got %v, want the batch held", err)
		}
		return hold
	}
	return map[string]func(*env){
		"a batch by which a field vanishes is not stored": func(e *env) {
			e.list(catalog.Guard{}, manyDated(30, "a")...)
			before := e.entries(record.Range{})
			run := e.begin(true)
			e.apply(run, catalog.Batch{Items: many(9, "a"), Cursor: "9"}) // nine may always lose it
			hold := loses(e, run, many(30, "a")[9:])
			end := e.finish(catalog.End{Run: run.ID, Held: hold.Reason, Cursor: "9"})
			expect(e, "state", show(end.State, end.Counts.Listed, end.Message == hold.Reason), "held 9 true")
			e.restart()
			n := 0
			for _, en := range e.entries(record.Range{}) {
				if en.Record.Issued.EDTF != "" {
					n++
				}
			}
			expect(e, "dated", show(n, len(before)), "21 30")
			e.agrees()
		},
		"counts go on over a restart": func(e *env) {
			e.list(catalog.Guard{}, manyDated(30, "a")...)
			run := e.begin(true)
			e.apply(run, catalog.Batch{Items: many(6, "a"), Cursor: "6"})
			e.restart()
			run = e.begin(true)
			expect(e, "resumed", run.Resumed, true)
			loses(e, run, many(30, "a")[6:12])
		},
		"a few losses among many are no reason": func(e *env) {
			e.list(catalog.Guard{}, manyDated(100, "a")...)
			mixed := manyDated(100, "a")
			for i := range 40 {
				mixed[i].Record.Issued = record.Date{}
			}
			end := e.list(catalog.Guard{}, mixed...)
			expect(e, "state", show(end.State, end.Counts.Changed), "ok 40")
		},
		"unchanged records count as having kept the field": func(e *env) {
			e.list(catalog.Guard{}, manyDated(40, "a")...)
			run := e.begin(true)
			var same []string
			for _, it := range many(40, "a")[:26] {
				same = append(same, it.Raw.Identifier)
			}
			e.apply(run, catalog.Batch{Same: same})
			e.apply(run, catalog.Batch{Items: many(40, "a")[26:]})
			end := e.finish(catalog.End{Run: run.ID, Finished: true, Complete: true})
			expect(e, "state", end.State, catalog.OK)
		},
		"an approved run goes on where it was held": func(e *env) {
			e.list(catalog.Guard{}, manyDated(30, "a")...)
			run := e.begin(true)
			e.apply(run, catalog.Batch{Items: many(5, "a"), Cursor: "5"})
			hold := loses(e, run, many(30, "a")[5:])
			e.finish(catalog.End{Run: run.ID, Held: hold.Reason, Cursor: "5"})
			_, err := e.rule(catalog.Approve, false)
			e.must(err)
			next := e.begin(false)
			expect(e, "cursor", next.Cursor, "5")
			e.apply(next, catalog.Batch{Items: many(30, "a")[5:]})
			end := e.finish(catalog.End{Run: next.ID, Finished: true, Complete: true, Guard: catalog.Guard{Grace: -1}})
			expect(e, "state", show(end.State, end.Absent, e.live()), "ok 0 30")
			// The guard is back after that.
			e.list(catalog.Guard{}, manyDated(30, "a")...)
			loses(e, e.begin(true), many(30, "a"))
		},
		"an undecided one begins anew": func(e *env) {
			e.list(catalog.Guard{}, manyDated(30, "a")...)
			run := e.begin(true)
			e.apply(run, catalog.Batch{Items: many(5, "a"), Cursor: "5"})
			hold := loses(e, run, many(30, "a")[5:])
			e.finish(catalog.End{Run: run.ID, Held: hold.Reason, Cursor: "5"})
			expect(e, "cursor", e.begin(false).Cursor, "")
		},
	}
}

func rulingTests() map[string]func(*env) {
	atOnce := catalog.Guard{Grace: -1}
	return map[string]func(*env){
		"approving a loss removes what was absent": func(e *env) {
			e.list(atOnce, many(100, "a")...)
			e.pass(day)
			held := e.list(atOnce, many(50, "a")...)
			would, err := e.rule(catalog.Approve, true)
			e.must(err)
			expect(e, "foreseen", show(held.State, would.Absent, e.live()), "held 50 100")
			did, err := e.rule(catalog.Approve, false)
			e.must(err)
			expect(e, "done", show(did.Absent, did.Withdrawn, e.live()), "50 50 50")
			status, err := e.Status(e.Context())
			e.must(err)
			expect(e, "last good", status[0].LastGood, held.Ended)
			expect(e, "decided", show(status[0].LastRun.State, status[0].LastRun.Decided), "held approve")
			if _, err = e.rule(catalog.RollBack, false); !errors.Is(err, catalog.ErrDecided) {
				e.Errorf("a second ruling: got %v", err)
			}
			e.agrees()
		},
		"rolling back restores every record and withdraws what came": func(e *env) {
			e.put(item("gone", "gone"), item("back", "back", deleted), item("held", "held", held), item("a", "one"), item("b", "two"))
			e.put(item("gone", "gone", deleted))
			e.list(atOnce, item("a", "one"), item("b", "two"), item("held", "held", held))
			before := map[string]string{}
			for _, id := range []string{"a", "b", "held", "gone"} {
				before[id] = fmt.Sprintf("%v", describe(e.entry(id)))
			}
			e.pass(day)
			run := e.begin(true)
			e.apply(run, catalog.Batch{Items: []catalog.Item{item("a", "spoilt"), item("b", "two", held), item("held", "shown"), item("gone", "revived"), item("new", "new")}, Cursor: "x"})
			e.apply(run, catalog.Batch{Items: []catalog.Item{item("a", "spoilt twice")}})
			end := e.finish(catalog.End{Run: run.ID, Finished: true, Complete: true, Guard: atOnce, Cursor: "later"})
			expect(e, "state", end.State, catalog.OK)
			would, err := e.rule(catalog.RollBack, true)
			e.must(err)
			did, err := e.rule(catalog.RollBack, false)
			e.must(err)
			expect(e, "effect", show(did.Restored, did.Withdrawn), show(would.Restored, would.Withdrawn))
			expect(e, "counted", show(did.Restored, did.Withdrawn), "4 1")
			before["held"] = "deleted" // readers have seen it meanwhile
			for id, want := range before {
				expect(e, id, fmt.Sprintf("%v", describe(e.entry(id))), want)
			}
			expect(e, "new", describe(e.entry("new")), "deleted")
			expect(e, "found", e.found(catalog.Query{Text: "spoilt"}), []string(nil))
			modes, err := e.Modes(e.Context())
			e.must(err)
			expect(e, "mode", show(modes[source].Mode, modes[source].Who), "paused curator")
			e.agrees()
			_, err = e.SetMode(e.Context(), catalog.SourceMode{Source: source, Mode: catalog.Active, Since: e.now})
			e.must(err)
			expect(e, "next cursor", e.begin(false).Cursor, "")
		},
		"stamps and numbers never go back by a rollback": func(e *env) {
			e.list(atOnce, many(20, "a")...)
			e.pass(day)
			e.list(atOnce, many(20, "b")...)
			before := e.entries(record.Range{})
			_, err := e.rule(catalog.RollBack, false)
			e.must(err)
			after := e.entries(record.Range{})
			last := before[len(before)-1]
			for i, en := range after {
				if i > 0 && (en.Seq <= after[i-1].Seq || en.Stamp.Before(after[i-1].Stamp)) {
					e.Fatalf("entry %d goes back: %d %v after %d %v", i, en.Seq, en.Stamp, after[i-1].Seq, after[i-1].Stamp)
				}
			}
			if after[len(after)-1].Seq <= last.Seq {
				e.Error("what was put back is no new change")
			}
			expect(e, "live", e.live(), 20)
		},
		"rulings that make no sense are refused": func(e *env) {
			if _, err := e.rule(catalog.Approve, false); !errors.Is(err, catalog.ErrNoRun) {
				e.Errorf("without a run: got %v", err)
			}
			run := e.begin(true)
			e.apply(run, catalog.Batch{Items: many(2, "a")})
			if _, err := e.rule(catalog.RollBack, false); !errors.Is(err, catalog.ErrRunning) {
				e.Errorf("while it runs: got %v", err)
			}
			e.finish(catalog.End{Run: run.ID, Finished: true, Complete: true})
			if _, err := e.rule(catalog.Approve, false); !errors.Is(err, catalog.ErrNotHeld) {
				e.Errorf("of a good run: got %v", err)
			}
		},
		"only the last listing can be undone": func(e *env) {
			e.list(atOnce, item("a", "one"))
			e.list(atOnce, item("a", "two"))
			e.list(atOnce, item("a", "three"))
			_, err := e.rule(catalog.RollBack, false)
			e.must(err)
			expect(e, "title", e.entry("a").Record.Title["en"], "two")
		},
	}
}

// describe says what readers see of an entry.
func describe(en *record.Entry) string {
	switch {
	case en == nil:
		return "nothing"
	case en.Deleted:
		return "deleted"
	}
	return en.Record.Title["en"]
}

func modeTests() map[string]func(*env) {
	set := func(e *env, m catalog.Mode) catalog.Effect {
		e.Helper()
		eff, err := e.SetMode(e.Context(), catalog.SourceMode{Source: source, Mode: m, Since: e.now, Who: "curator", Why: "asked"})
		e.must(err)
		return eff
	}
	return map[string]func(*env){
		"a source that is not visited begins no run": func(e *env) {
			e.put(item("a", "one"))
			for _, m := range []catalog.Mode{catalog.Paused, catalog.Retired} {
				set(e, m)
				e.restart()
				if _, err := e.Begin(e.Context(), catalog.Begin{Source: source, Now: e.now, Owner: "a"}); !errors.Is(err, catalog.ErrNotVisited) {
					e.Errorf("%s: got %v", m, err)
				}
				expect(e, "live", e.live(), 1)
			}
			set(e, catalog.Active)
			e.begin(false)
		},
		"a purge withdraws everything and forgets it": func(e *env) {
			run := e.begin(true)
			e.apply(run, catalog.Batch{Items: append(many(1200, "a"), item("h", "held", held)), Validators: []catalog.Validator{{URL: "https://demo.example/", ETag: "1"}}})
			e.finish(catalog.End{Run: run.ID, Finished: true, Complete: true, Cursor: "later"})
			eff := set(e, catalog.Purged)
			expect(e, "withdrawn", show(eff.Withdrawn, e.live(), e.tombstones()), "1200 0 1200")
			if _, err := e.Raw(e.Context(), record.NewID(source, "a000")); !errors.Is(err, catalog.ErrNotFound) {
				e.Errorf("the raw: got %v", err)
			}
			if _, ok, err := e.Known(e.Context(), source, "https://demo.example/"); ok || err != nil {
				e.Errorf("the validator is still known (%v)", err)
			}
			set(e, catalog.Active)
			expect(e, "cursor", e.begin(false).Cursor, "")
			e.agrees()
		},
		"a raised limit stays": func(e *env) {
			_, err := e.SetMode(e.Context(), catalog.SourceMode{Source: source, Mode: catalog.Active, Since: e.now, LossPercent: 40})
			e.must(err)
			set(e, catalog.Paused)
			modes, err := e.Modes(e.Context())
			e.must(err)
			expect(e, "limit", show(modes[source].LossPercent, modes[source].Mode, modes[source].Why), "40 paused asked")
		},
		"an unknown mode is refused": func(e *env) {
			if _, err := e.SetMode(e.Context(), catalog.SourceMode{Source: source, Mode: "asleep"}); err == nil {
				e.Error("it was taken")
			}
		},
		"a heartbeat keeps a run": func(e *env) {
			run := e.begin(false)
			for range 3 {
				e.pass(8 * time.Minute)
				e.must(e.Beat(e.Context(), run.ID, e.now))
			}
			if _, err := e.Begin(e.Context(), catalog.Begin{Source: source, Now: e.now, Owner: "b"}); !errors.Is(err, catalog.ErrBusy) {
				e.Errorf("another owner: got %v", err)
			}
			e.finish(catalog.End{Run: run.ID, Finished: true})
			if err := e.Beat(e.Context(), run.ID, e.now); !errors.Is(err, catalog.ErrBusy) {
				e.Errorf("after its end: got %v", err)
			}
		},
	}
}

func ledgerTests() map[string]func(*env) {
	return map[string]func(*env){
		"the ledger adds up by day and host": func(e *env) {
			today := e.now.Truncate(day)
			row := catalog.LedgerRow{Day: today, Source: source, Host: "a.example", Requests: 3, Bytes: 100, NotModified: 1, Slowest: time.Second, Waited: 2 * time.Second, Limit: "min-delay"}
			later := row
			later.Slowest, later.Waited, later.Limit, later.RobotsRefused = 300*time.Millisecond, time.Minute, "crawl-delay", 2
			old := row
			old.Day = today.AddDate(0, 0, -500)
			other := row
			other.Source = "other"
			e.must(e.AddLedger(e.Context(), []catalog.LedgerRow{old, row, other}))
			yesterday := row
			yesterday.Day, yesterday.Host = today.AddDate(0, 0, -1), "b.example"
			e.must(e.AddLedger(e.Context(), []catalog.LedgerRow{later, yesterday}))
			e.restart()
			list, err := e.Ledger(e.Context(), source, today.AddDate(-3, 0, 0))
			e.must(err)
			if len(list) != 2 {
				e.Fatalf("the ledger has %d rows, want those of two days: %+v", len(list), list)
			}
			sum := row
			sum.Requests, sum.Bytes, sum.NotModified, sum.Waited, sum.RobotsRefused, sum.Limit = 6, 200, 2, 62*time.Second, 2, "crawl-delay"
			expect(e, "today", list[0], sum)
			expect(e, "yesterday", list[1].Host, "b.example")
			list, err = e.Ledger(e.Context(), source, today)
			e.must(err)
			expect(e, "since today", len(list), 1)
		},
		"subscriptions are replaced by source and topic": func(e *env) {
			sub := catalog.Subscription{Source: source, Topic: "https://a.example/feed", Hub: "https://hub.example/", Token: "t", Secret: "s", State: "asked", Asked: e.now}
			e.must(e.PutSubscription(e.Context(), sub))
			sub.State, sub.Expires = "active", e.now.Add(day)
			e.must(e.PutSubscription(e.Context(), sub))
			e.restart()
			list, err := e.Subscriptions(e.Context())
			e.must(err)
			expect(e, "subscriptions", list, []catalog.Subscription{sub})
		},
	}
}

func linkTests() map[string]func(*env) {
	const file = "https://demo.example/f.pdf"
	withFile := func(it *catalog.Item) {
		it.Record.Origin = record.Origin{Landing: it.Raw.URL, Status: "origin-known"}
		it.Record.Files = []record.File{{URL: file}}
	}
	due := func(e *env) []catalog.Link {
		e.Helper()
		list, err := e.DueLinks(e.Context(), e.now, 100)
		e.must(err)
		return list
	}
	put := func(e *env, url, status string) {
		e.Helper()
		e.must(e.PutLinks(e.Context(), e.now, []catalog.Link{{URL: url, Status: status, Checked: e.now, Next: e.now.Add(30 * day)}}))
	}
	return map[string]func(*env){
		"addresses of live records fall due within a week": func(e *env) {
			e.put(item("a", "one", withFile), item("b", "two", withFile), item("h", "held", withFile, held))
			expect(e, "at once", len(due(e)), 0)
			e.pass(7 * day)
			list := due(e)
			expect(e, "in a week", len(list), 3)
			for _, l := range list {
				put(e, l.URL, "ok")
			}
			expect(e, "after the look", len(due(e)), 0)
			e.put(item("b", "two", deleted), item("a", "one, moved", func(it *catalog.Item) {
				withFile(it)
				it.Record.Origin.Landing = "https://demo.example/moved"
			}))
			due(e)
			e.pass(31 * day)
			var urls []string
			for _, l := range due(e) {
				urls = append(urls, l.URL)
			}
			expect(e, "what is left", len(urls), 2)
		},
		"a dead link is said by its records, over harvests, until it comes back": func(e *env) {
			e.put(item("a", "one", withFile), item("b", "two", withFile))
			due(e)
			before := e.entry("a")
			e.pass(time.Minute)
			put(e, file, "dead")
			put(e, "https://demo.example/a", "dead")
			a, b := e.entry("a"), e.entry("b")
			expect(e, "a", show(a.Record.Files[0].Status, a.Record.Origin.Status, a.Seq > before.Seq), "dead origin-dead true")
			expect(e, "b", show(b.Record.Files[0].Status, b.Record.Origin.Status), "dead origin-known")
			seq := a.Seq
			expect(e, "the same again", e.put(item("a", "one", withFile)).Same, 1)
			expect(e, "no change", e.entry("a").Seq, seq)
			e.restart()
			expect(e, "changed", e.put(item("a", "one, revised", withFile)).Changed, 1)
			expect(e, "still dead", show(e.entry("a").Record.Files[0].Status, e.entry("a").Record.Origin.Status), "dead origin-dead")
			put(e, file, "ok")
			put(e, "https://demo.example/a", "ok")
			expect(e, "back", show(len(e.entry("a").Record.Files[0].Status), e.entry("a").Record.Origin.Status, len(e.entry("b").Record.Files[0].Status)), "0 origin-known 0")
			e.agrees()
		},
		"an unknown link marks nothing": func(e *env) {
			e.put(item("a", "one", withFile))
			due(e)
			seq := e.entry("a").Seq
			put(e, file, "unknown")
			expect(e, "no change", e.entry("a").Seq, seq)
		},
	}
}
