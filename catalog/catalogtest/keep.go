package catalogtest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

// takeDown takes down a record or an address.
func (e *env) takeDown(t catalog.Takedown) catalog.Removal {
	e.Helper()
	t.Who, t.Reason, t.When = "curator", "privacy", e.now
	r, err := e.TakeDown(e.Context(), t, false)
	e.must(err)
	return r
}

// at gives an item a page and a file.
func at(landing, file string) func(*catalog.Item) {
	return func(it *catalog.Item) {
		it.Record.Origin.Landing = landing
		it.Record.Files = []record.File{{URL: file}}
	}
}

func takedownTests() map[string]func(*env) {
	return map[string]func(*env){
		"a record that is taken down is gone everywhere and stays so": func(e *env) {
			e.put(item("a", "alpha"), item("b", "beta"))
			id := record.NewID(source, "a")
			e.must(e.Correct(e.Context(), e.now, []catalog.Override{{Record: id, Layer: catalog.CuratorLayer, Field: "title@en", Op: catalog.Set, Value: "alpha!", Who: "x", When: e.now}}))
			e.pass(time.Minute)
			dry, err := e.TakeDown(e.Context(), catalog.Takedown{Record: id, When: e.now}, true)
			e.must(err)
			expect(e, "dry run", show(dry.Records, dry.Withdrawn), show([]record.ID{id}, 1))
			expect(e, "after the dry run", e.published(), "beta alpha!")
			r := e.takeDown(catalog.Takedown{Record: id})
			expect(e, "removal", show(r.Records, r.Withdrawn), show([]record.ID{id}, 1))
			gone := func(when string) {
				e.Helper()
				expect(e, "log "+when, e.published(), "beta deleted")
				expect(e, "search "+when, e.found(catalog.Query{Text: "alpha"}), []string{})
				if _, err := e.Raw(e.Context(), id); !errors.Is(err, catalog.ErrNotFound) {
					e.Errorf("the raw is still there %s: %v", when, err)
				}
				list, err := e.Overrides(e.Context(), catalog.OverrideQuery{Record: id, Retired: true})
				e.must(err)
				expect(e, "corrections "+when, len(list), 0)
				e.agrees()
			}
			gone("at once")
			out := e.put(item("a", "alpha again"))
			expect(e, "account", out, catalog.Outcome{Listed: 1, Skipped: 1})
			gone("after a harvest")
			run := e.list(catalog.Guard{Grace: -1}, item("a", "alpha"), item("b", "beta"))
			expect(e, "state", run.State, catalog.OK)
			gone("after a full harvest")
			rejects, err := e.Rejects(e.Context(), run.ID, 10)
			e.must(err)
			expect(e, "account of the run", rejects, []catalog.Reject{{Code: "taken-down", Stage: "skip", Detail: "The record was taken down; no harvest brings it back."}})
			e.restart()
			gone("after a restart")
			if _, err := e.rule(catalog.RollBack, false); err != nil && !errors.Is(err, catalog.ErrDecided) {
				e.Fatal(err)
			}
			if en := e.entry("a"); en == nil || !en.Deleted {
				e.Errorf("undoing a run brought it back: %+v", en)
			}
		},
		"an address is taken down in every source and spelling": func(e *env) {
			e.put(
				item("a", "alpha", at("https://www.demo.example/story/", "")),
				item("b", "beta", at("https://demo.example/other", "http://demo.example/story")),
				item("c", "gamma", at("https://demo.example/story2", "")),
				item("https://demo.example/story", "delta", held),
			)
			r := e.takeDown(catalog.Takedown{URL: "http://demo.example/story#top"})
			expect(e, "removal", show(len(r.Records), r.Withdrawn), "3 2")
			expect(e, "log", e.published(), "gamma deleted deleted")
			e.put(item("d", "epsilon", at("https://demo.example/story", "")), item("e", "zeta"))
			expect(e, "log after a harvest", e.published(), "gamma deleted deleted zeta")
			e.agrees()
		},
		"a takedown that is over lets the record come back": func(e *env) {
			e.put(item("a", "alpha"))
			id := record.NewID(source, "a")
			e.takeDown(catalog.Takedown{Record: id})
			e.pass(time.Hour)
			ended, err := e.Reinstate(e.Context(), catalog.Takedown{Record: id, When: e.now})
			e.must(err)
			expect(e, "ended", len(ended), 1)
			expect(e, "log", e.published(), "deleted")
			e.put(item("a", "alpha"))
			expect(e, "log after a harvest", e.published(), "alpha")
			list, err := e.Takedowns(e.Context())
			e.must(err)
			expect(e, "audit", show(len(list), list[0].Record, list[0].Who, list[0].Reason, list[0].Ended.Equal(e.now)), show(1, id, "curator", "privacy", true))
			if _, err := e.Reinstate(e.Context(), catalog.Takedown{Record: id, When: e.now}); !errors.Is(err, catalog.ErrNoTakedown) {
				e.Errorf("ended twice: %v", err)
			}
		},
		"what is taken down must be named": func(e *env) {
			for _, t := range []catalog.Takedown{{}, {URL: "no address"}, {Record: "x", URL: "https://demo.example/"}} {
				if _, err := e.TakeDown(e.Context(), t, false); err == nil {
					e.Errorf("%+v was accepted", t)
				}
			}
			if _, err := e.TakeDown(e.Context(), catalog.Takedown{Record: record.NewID("x", "y")}, false); !errors.Is(err, catalog.ErrNotFound) {
				e.Errorf("an unknown record: %v", err)
			}
		},
	}
}

func labelTests() map[string]func(*env) {
	return map[string]func(*env){
		"records whose concepts got another label move in the change log": func(e *env) {
			e.put(item("a", "alpha"), item("b", "beta", func(it *catalog.Item) { it.Record.Countries = tags("KH") }), item("c", "gamma", func(it *catalog.Item) { it.Record.VictimGroups = tags("men") }))
			relabel := func(labels map[string]string) int {
				e.Helper()
				e.pass(time.Minute)
				n, err := e.Relabel(e.Context(), e.now, labels)
				e.must(err)
				e.agrees()
				return n
			}
			labels := map[string]string{"country/TH": "Thailand", "country/KH": "Kampuchea", "victim-group/men": "Men"}
			expect(e, "moved the first time", relabel(labels), 0)
			expect(e, "moved without a change", relabel(labels), 0)
			labels["country/KH"] = "Cambodia"
			expect(e, "moved by the name of a country", relabel(labels), 1)
			expect(e, "log", e.published(), "alpha gamma beta")
			labels["victim-group/men"], labels["country/VN"] = "Men and boys", "Viet Nam"
			expect(e, "moved by another name", relabel(labels), 1)
			expect(e, "log", e.published(), "alpha beta gamma")
			expect(e, "date", e.entry("c").Stamp.Equal(e.now), true)
		},
	}
}

func digestTests() map[string]func(*env) {
	return map[string]func(*env){
		"the digest is that of the entries after any history": func(e *env) {
			random := rand.New(rand.NewPCG(7, 7))
			for step := range 60 {
				var items []catalog.Item
				for range 1 + random.IntN(5) {
					name := fmt.Sprint(random.IntN(25))
					change := []func(*catalog.Item){func(*catalog.Item) {}, held, deleted, rejected}[random.IntN(4)]
					items = append(items, item(name, fmt.Sprint("title ", name, step), change))
				}
				e.put(items...)
				e.pass(time.Second)
				if step%20 == 19 {
					e.restart()
				}
			}
			want := catalog.Digest{Source: source}
			var last int64
			for _, en := range e.entries(record.Range{}) {
				want.Sum = record.XOR(want.Sum, record.EntryDigest(en.Record.ID, en.Seq, en.Deleted))
				last = en.Seq
				if en.Deleted {
					want.Deleted++
				} else {
					want.Live++
				}
			}
			got, err := e.Digests(e.Context())
			e.must(err)
			expect(e, "digests", got.Sources, []catalog.Digest{want})
			if got.Seq < last {
				e.Errorf("the digests are of %d, the last entry is %d", got.Seq, last)
			}
			e.agrees()
		},
		"an empty catalogue has no digests": func(e *env) {
			got, err := e.Digests(e.Context())
			e.must(err)
			expect(e, "digests", got, catalog.Digests{})
		},
	}
}
