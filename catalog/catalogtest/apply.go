package catalogtest

import (
	"bytes"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

func applyTests() map[string]func(*env) {
	return map[string]func(*env){
		"apply twice is apply once": func(e *env) {
			expect(e, "first", e.put(item("a", "one"), item("b", "two")), catalog.Outcome{Listed: 2, New: 2})
			before := e.entries(record.Range{})
			e.pass(time.Hour)
			expect(e, "second", e.put(item("a", "one"), item("b", "two")), catalog.Outcome{Listed: 2, Same: 2})
			after := e.entries(record.Range{})
			for i := range before {
				expect(e, "sequence", after[i].Seq, before[i].Seq)
				expect(e, "stamp", after[i].Stamp, before[i].Stamp)
				if !after[i].Record.Harvest.LastSeen.After(before[i].Record.Harvest.LastSeen) {
					e.Error("a record listed again was not seen again")
				}
			}
		},
		"what changed is decided by content": func(e *env) {
			e.put(item("a", "one"), item("b", "two"))
			refetched := item("a", "one", func(it *catalog.Item) {
				it.Raw.Fetched, it.Raw.ETag = e.now, `"2"`
				it.Record.Harvest.LastSeen = e.now
			})
			expect(e, "outcome", e.put(refetched, item("b", "two, revised"), item("c", "three")), catalog.Outcome{Listed: 3, New: 1, Changed: 1, Same: 1})
			expect(e, "log", e.published(), "one two, revised three")
		},
		"new raw of an unchanged record": func(e *env) {
			e.put(item("a", "one"))
			again := item("a", "one", func(it *catalog.Item) { it.Raw.Body = []byte("<h1>one</h1><!-- other bytes -->") })
			expect(e, "outcome", e.put(again), catalog.Outcome{Listed: 1, Same: 1})
			raw, err := e.Raw(e.Context(), record.NewID(source, "a"))
			e.must(err)
			expect(e, "body", string(raw.Body), "<h1>one</h1><!-- other bytes -->")
			expect(e, "raw hash", e.entry("a").Record.Harvest.Raw, again.Raw.Hash())
		},
		"deleted by the source and back again": func(e *env) {
			e.put(item("a", "one"))
			first := e.entry("a")
			expect(e, "outcome", e.put(item("a", "", deleted)), catalog.Outcome{Listed: 1, Changed: 1, Deleted: 1})
			expect(e, "again", e.put(item("a", "", deleted)), catalog.Outcome{Listed: 1, Same: 1})
			gone := e.entry("a")
			if gone == nil || !gone.Deleted || gone.Seq <= first.Seq || gone.Record.Title != nil {
				e.Fatalf("tombstone is %+v", gone)
			}
			expect(e, "sets of the tombstone", gone.Sets, first.Sets)
			expect(e, "source of the tombstone", gone.Record.Origin.Source, source)
			expect(e, "found", e.found(catalog.Query{Text: "one"}), []string(nil))
			if _, err := e.Raw(e.Context(), first.Record.ID); err != catalog.ErrNotFound {
				e.Errorf("the raw of a tombstone is still there: %v", err)
			}
			expect(e, "back", e.put(item("a", "one")), catalog.Outcome{Listed: 1, Changed: 1})
			back := e.entry("a")
			if back.Deleted || back.Record.ID != first.Record.ID || back.Seq <= gone.Seq {
				e.Errorf("after its return the record is %+v", back)
			}
			expect(e, "first seen", back.Record.Harvest.FirstSeen, first.Record.Harvest.FirstSeen)
		},
		"deletion of what was never there": func(e *env) {
			expect(e, "outcome", e.put(item("a", "", deleted)), catalog.Outcome{Listed: 1, Same: 1})
			expect(e, "log", e.published(), "")
		},
	}
}

func hidingTests() map[string]func(*env) {
	return map[string]func(*env){
		"held records are in no view": func(e *env) {
			expect(e, "outcome", e.put(item("a", "one", held)), catalog.Outcome{Listed: 1, New: 1, Held: 1})
			e.invisible("a", "one")
			expect(e, "again", e.put(item("a", "one", held)), catalog.Outcome{Listed: 1, Same: 1})
			expect(e, "changed", e.put(item("a", "uno", held)), catalog.Outcome{Listed: 1, Changed: 1, Held: 1})
			e.invisible("a", "uno")
			expect(e, "released", e.put(item("a", "uno")), catalog.Outcome{Listed: 1, Changed: 1})
			expect(e, "log", e.published(), "uno")
			expect(e, "held and deleted", e.put(item("b", "two", held), item("b2", "x")), catalog.Outcome{Listed: 2, New: 2, Held: 1})
			expect(e, "deleted", e.put(item("b", "", deleted)), catalog.Outcome{Listed: 1, Changed: 1, Deleted: 1})
			e.invisible("b", "two")
		},
		"a published record that is held becomes a tombstone": func(e *env) {
			e.put(item("a", "one"))
			sets := e.entry("a").Sets
			expect(e, "outcome", e.put(item("a", "one", held)), catalog.Outcome{Listed: 1, Changed: 1, Held: 1})
			gone := e.entry("a")
			if gone == nil || !gone.Deleted {
				e.Fatalf("entry is %+v", gone)
			}
			expect(e, "sets", gone.Sets, sets)
			expect(e, "found", e.found(catalog.Query{Text: "one"}), []string(nil))
			e.put(item("a", "other", held))
			expect(e, "sequence after a change in hiding", e.entry("a").Seq, gone.Seq)
			e.put(item("a", "", deleted))
			expect(e, "sequence after its deletion in hiding", e.entry("a").Seq, gone.Seq)
			expect(e, "in the set", len(e.entries(record.Range{Set: "country:TH"})), 1)
		},
		"a rejected record leaves the published one": func(e *env) {
			e.put(item("a", "one"))
			expect(e, "outcome", e.put(item("a", "worse", rejected), item("b", "two", rejected)), catalog.Outcome{Listed: 2, Rejected: 2})
			expect(e, "log", e.published(), "one")
			if e.entry("b") != nil {
				e.Error("a rejected record is published")
			}
		},
	}
}

func batchTests() map[string]func(*env) {
	return map[string]func(*env){
		"account of a mixed batch": func(e *env) {
			e.put(item("a", "one"), item("b", "two"), item("gone", "three"))
			e.put(item("gone", "", deleted))
			out := e.apply(e.begin(false), catalog.Batch{
				Items:   []catalog.Item{item("c", "first"), item("a", "one, revised"), item("c", "last"), item("d", "four", rejected)},
				Same:    []string{"b", "unheard-of", "gone", "c"},
				Rejects: []catalog.Reject{{Identifier: "e", Code: "fetch-failed", Stage: "fetch"}},
				Skipped: []catalog.Reject{{Identifier: "f", Code: "excluded", Stage: "skip"}},
			})
			// New: c, its last form. Changed: a. Same: c's first form, b, and c once more.
			// Rejected: d, e, and the two that the source calls the same and the hub lacks.
			expect(e, "outcome", out, catalog.Outcome{Listed: 10, New: 1, Changed: 1, Same: 3, Rejected: 4, Skipped: 1})
			expect(e, "the last of a repeated record", e.entry("c").Record.Title["en"], "last")
		},
		"nothing of a failed batch stays": func(e *env) {
			e.put(item("a", "one"))
			_, err := e.Apply(e.Context(), catalog.Batch{Source: source, Run: 999, Now: e.now, Items: []catalog.Item{item("a", "other"), item("b", "two")}, Validators: []catalog.Validator{{URL: "u"}}})
			if err == nil {
				e.Fatal("a batch of a run that does not exist was taken")
			}
			expect(e, "log", e.published(), "one")
			if _, ok, _ := e.Known(e.Context(), source, "u"); ok {
				e.Error("its validator was stored")
			}
			expect(e, "found", e.found(catalog.Query{Text: "two"}), []string(nil))
		},
		"validators come with their batch": func(e *env) {
			run := e.begin(false)
			v := catalog.Validator{URL: "https://demo.example/list", ETag: `"1"`, LastModified: "Sat, 01 Mar 2025 08:00:00 GMT", Identifiers: []string{"a", "b"}}
			e.apply(run, catalog.Batch{Items: []catalog.Item{item("a", "one"), item("b", "two")}, Validators: []catalog.Validator{v}})
			got, ok, err := e.Known(e.Context(), source, v.URL)
			e.must(err)
			expect(e, "known", ok, true)
			expect(e, "validator", got, v)
			if _, ok, _ := e.Known(e.Context(), "other", v.URL); ok {
				e.Error("the validator of one source is known to another")
			}
			v.ETag = `"2"`
			e.apply(run, catalog.Batch{Validators: []catalog.Validator{v}})
			got, _, _ = e.Known(e.Context(), source, v.URL)
			expect(e, "replaced", got, v)
			e.apply(run, catalog.Batch{Items: []catalog.Item{item("b", "", deleted)}})
			if _, ok, _ := e.Known(e.Context(), source, v.URL); ok {
				e.Error("a validator is known although a record from there is gone: it would never come back")
			}
		},
		"raws come back as they were": func(e *env) {
			it := item("a", "one", func(it *catalog.Item) {
				it.Raw.Body = bytes.Repeat([]byte("ผู้เสียหาย \x00\xff"), 1000)
				it.Raw.Fetched = e.now
				it.Raw.Hints = []record.Hint{{Key: "alternate", Value: "https://demo.example/th", Lang: "th"}}
			})
			e.put(it)
			raw, err := e.Raw(e.Context(), record.NewID(source, "a"))
			e.must(err)
			expect(e, "raw", raw, it.Raw)
			if _, err := e.Raw(e.Context(), record.NewID(source, "b")); err != catalog.ErrNotFound {
				e.Errorf("raw of an unknown record: %v", err)
			}
		},
		"sequence and stamps only grow": func(e *env) {
			var seq int64
			var stamp time.Time
			for i, step := range []time.Duration{0, time.Hour, -30 * time.Minute, -48 * time.Hour, time.Second} {
				e.pass(step)
				e.put(item("a", "one", func(it *catalog.Item) { it.Record.Title["en"] += string(rune('a' + i)) }))
				en := e.entry("a")
				if en.Seq <= seq || en.Stamp.Before(stamp) || en.Stamp.Nanosecond() != 0 {
					e.Errorf("step %d: sequence %d after %d, stamp %v after %v", i, en.Seq, seq, en.Stamp, stamp)
				}
				seq, stamp = en.Seq, en.Stamp
			}
		},
	}
}

// invisible checks that a record is in no view.
func (e *env) invisible(identifier, title string) {
	e.Helper()
	if en := e.entry(identifier); en != nil {
		e.Errorf("%s is published: %+v", identifier, en)
	}
	for _, en := range e.entries(record.Range{}) {
		if en.Record.ID == record.NewID(source, identifier) {
			e.Errorf("%s is in the change log", identifier)
		}
	}
	expect(e, "found", e.found(catalog.Query{Text: title}), []string(nil))
	for rec, err := range e.Records(e.Context(), catalog.Query{}) {
		e.must(err)
		if rec.Origin.Identifier == identifier {
			e.Errorf("%s is among the records", identifier)
		}
	}
}
