package catalogtest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

// override is a curator's word about record "a", or what change makes of it.
func override(field, value string, change ...func(*catalog.Override)) catalog.Override {
	o := catalog.Override{
		Record: record.NewID(source, "a"), Layer: catalog.CuratorLayer, Field: field, Op: catalog.Set, Value: value, Who: "curator", Why: "seen",
	}
	for _, c := range change {
		c(&o)
	}
	return o
}

func byPublisher(o *catalog.Override) { o.Layer = catalog.PublisherLayer }
func adding(o *catalog.Override)      { o.Op = catalog.Add }
func removing(o *catalog.Override)    { o.Op = catalog.Remove }

func (e *env) correct(list ...catalog.Override) {
	e.Helper()
	e.must(e.Correct(e.Context(), e.now, list))
}

func (e *env) overrides(retired bool) []catalog.Override {
	e.Helper()
	list, err := e.Overrides(e.Context(), catalog.OverrideQuery{Record: record.NewID(source, "a"), Retired: retired})
	e.must(err)
	return list
}

// tasks writes the review queue in short.
func (e *env) tasks(q catalog.TaskQuery) string {
	e.Helper()
	page, err := e.Tasks(e.Context(), q)
	e.must(err)
	var list []string
	for _, t := range page.Tasks {
		list = append(list, strings.TrimSpace(fmt.Sprint(t.Title, " ", t.Field, " ", t.Tag.ID, t.Code)))
	}
	return strings.Join(list, ", ")
}

func described(it *catalog.Item) {
	it.Record.Description = record.Texts{"en": "about " + it.Raw.Identifier}
}

// proposing makes the record have tags that the hub is not sure of.
func proposing(it *catalog.Item) {
	for _, id := range []string{"shelter", "hotline"} {
		it.Record.Review = append(it.Record.Review, record.Proposal{Field: "themes", Tag: record.Tag{ID: id, Confidence: 0.5}})
	}
}

func overrideTests() map[string]func(*env) {
	return map[string]func(*env){
		"an override survives a hundred harvests": func(e *env) {
			e.put(item("a", "one"))
			seq := e.entry("a").Seq
			e.correct(override("title@en", "The first"), override("issued", "2019-05"))
			a := e.entry("a")
			expect(e, "at once", show(a.Record.Title["en"], a.Record.Issued.EDTF, a.Seq > seq), "The first 2019-05 true")
			for i := range 100 {
				e.pass(time.Hour)
				it := item("a", fmt.Sprintf("one, %d", i))
				if i%3 == 0 {
					e.list(catalog.Guard{}, it)
				} else {
					e.put(it)
				}
				if i == 50 {
					e.restart()
				}
			}
			a = e.entry("a")
			expect(e, "after them", show(a.Record.Title["en"], a.Record.Issued.EDTF, len(a.Record.Overrides)), "The first 2019-05 2")
			expect(e, "found", e.found(catalog.Query{Text: "first"}), "[a]")
			expect(e, "not found by what the source says", e.found(catalog.Query{Text: "one"}), "[]")
			expect(e, "the same again", e.put(item("a", "one, 99")).Same, 1)
			e.agrees()
		},
		"an override retires when the source agrees": func(e *env) {
			e.put(item("a", "one"))
			e.correct(override("title@en", "The first"), override("languages", "en,th"))
			e.pass(time.Hour)
			e.put(item("a", "The first"))
			list := e.overrides(true)
			expect(e, "overrides", len(list), 2)
			for _, o := range list {
				expect(e, o.Field, o.Retired.IsZero(), o.Field == "languages")
			}
			e.put(item("a", "The second"))
			a := e.entry("a")
			expect(e, "later", show(a.Record.Title["en"], a.Record.Languages), "The second [en th]")
		},
		"what the hub derives does not retire an override": func(e *env) {
			derived := func(it *catalog.Item) {
				it.Record.Countries = tags("KH")
				it.Record.Provenance = []record.Assertion{{Field: "countries", Value: "KH", Rule: "vocab", Flag: record.Added}}
			}
			e.put(item("a", "one"))
			e.correct(override("countries", "KH"))
			e.put(item("a", "one, in Cambodia", derived))
			expect(e, "counting", len(e.overrides(false)), 1)
		},
		"a curator stands above a publisher, and a publisher above the source": func(e *env) {
			e.put(item("a", "one"))
			e.correct(override("title@en", "By the curator"), override("title@en", "By the publisher", byPublisher))
			expect(e, "both", e.entry("a").Record.Title["en"], "By the curator")
			e.must(e.Withdraw(e.Context(), e.now, override("title@en", "")))
			expect(e, "the publisher", e.entry("a").Record.Title["en"], "By the publisher")
			e.must(e.Withdraw(e.Context(), e.now, override("title@en", "", byPublisher)))
			a := e.entry("a")
			expect(e, "the source", show(a.Record.Title["en"], len(a.Record.Overrides)), "one 0")
			if err := e.Withdraw(e.Context(), e.now, override("title@en", "")); !errors.Is(err, catalog.ErrNoOverride) {
				e.Errorf("withdrawn again: got %v", err)
			}
		},
		"tags are added and removed with those above them": func(e *env) {
			e.put(item("a", "one", func(it *catalog.Item) {
				it.Record.Themes = []record.Tag{
					{ID: "shelter", Confidence: 0.8, Evidence: []record.Evidence{{Field: "title", Match: "one", Rule: "vocab"}}},
					{ID: "protection", Confidence: 0.8, Evidence: []record.Evidence{{Field: "theme", Match: "shelter", Rule: "narrower"}}},
				}
			}))
			e.correct(override("themes", "shelter", removing))
			expect(e, "removed", len(e.entry("a").Record.Themes), 0)
			e.correct(override("themes", "hotline", adding))
			a := e.entry("a")
			expect(e, "added", show(catalog.Says(a.Record, "themes"), a.Sets), "hotline,counselling,protection [country:TH language:en source:demo theme:protection theme:protection:counselling theme:protection:counselling:hotline type:report]")
			e.correct(override("themes", "shelter"))
			expect(e, "set", show(catalog.Says(e.entry("a").Record, "themes"), len(e.overrides(false))), "shelter,protection 1")
			e.agrees()
		},
		"an override of an unknown field, value or record is refused, and nothing of its batch stored": func(e *env) {
			e.put(item("a", "one"))
			for _, o := range []catalog.Override{
				override("colour", "red"), override("title", "no language"), override("issued", "yesterday"), override("title@en", "x", adding),
				override("decision", "perhaps"), override("decision", "publish", byPublisher), override("themes", "a,b", adding),
				override("title@en", "x", func(o *catalog.Override) { o.Record = "nosuchrecord0000" }),
			} {
				if err := e.Correct(e.Context(), e.now, []catalog.Override{override("issued", "2020"), o}); err == nil {
					e.Errorf("%s = %q was taken", o.Field, o.Value)
				}
			}
			expect(e, "overrides", len(e.overrides(true)), 0)
		},
		"a listing says where the source has changed since": func(e *env) {
			e.put(item("a", "one"))
			e.correct(override("title@en", "The first"))
			expect(e, "at first", e.overrides(false)[0].Says, "")
			e.put(item("a", "two"))
			expect(e, "later", show(e.overrides(false)[0].Base, e.overrides(false)[0].Says), "one two")
		},
		"overrides come back with their record": func(e *env) {
			e.put(item("a", "one"))
			e.correct(override("title@en", "The first"))
			e.put(item("a", "", deleted))
			expect(e, "gone", e.entry("a").Deleted, true)
			e.put(item("a", "one"))
			expect(e, "back", e.entry("a").Record.Title["en"], "The first")
			e.agrees()
		},
		"a rolled back run leaves overrides alone": func(e *env) {
			e.put(item("a", "one"))
			e.pass(time.Minute)
			e.put(item("a", "broken"))
			e.correct(override("issued", "2020"))
			_, err := e.rule(catalog.RollBack, false)
			e.must(err)
			a := e.entry("a")
			expect(e, "record", show(a.Record.Title["en"], a.Record.Issued.EDTF), "one 2020")
			e.agrees()
		},
		"a dead link and an override stand side by side": func(e *env) {
			with := func(it *catalog.Item) {
				it.Record.Origin = record.Origin{Landing: it.Raw.URL, Status: "origin-known"}
			}
			e.put(item("a", "one", with))
			_, err := e.DueLinks(e.Context(), e.now, 10)
			e.must(err)
			link := func(status string) {
				e.must(e.PutLinks(e.Context(), e.now, []catalog.Link{{URL: "https://demo.example/a", Status: status, Checked: e.now, Next: e.now.Add(30 * day)}}))
			}
			link("dead")
			e.correct(override("title@en", "The first"))
			a := e.entry("a")
			expect(e, "both", show(a.Record.Title["en"], a.Record.Origin.Status), "The first origin-dead")
			link("ok")
			a = e.entry("a")
			expect(e, "mended", show(a.Record.Title["en"], a.Record.Origin.Status), "The first origin-known")
			link("dead")
			e.must(e.Withdraw(e.Context(), e.now, override("title@en", "")))
			a = e.entry("a")
			expect(e, "withdrawn", show(a.Record.Title["en"], a.Record.Origin.Status), "one origin-dead")
			stored, err := e.Stored(e.Context(), catalog.StoredQuery{Source: source, Limit: 10})
			e.must(err)
			expect(e, "as normalized", stored[0].Record.Origin.Status, "origin-known")
		},
		"an override made while a source is harvested is not lost": func(e *env) {
			e.put(many(40, "a")...)
			run := e.begin(true)
			var wg sync.WaitGroup
			wg.Go(func() {
				for i := range 40 {
					list := many(40, "a")
					for j := range list {
						list[j].Record.Description = record.Texts{"en": fmt.Sprintf("round %d", i)}
					}
					e.apply(run, catalog.Batch{Items: list})
				}
			})
			wg.Go(func() {
				for i := range 40 {
					o := override("title@en", "corrected")
					o.Record = record.NewID(source, fmt.Sprintf("a%03d", i))
					e.correct(o)
				}
			})
			wg.Wait()
			for i := range 40 {
				a := e.entry(fmt.Sprintf("a%03d", i))
				expect(e, a.Record.Origin.Identifier, show(a.Record.Title["en"], a.Record.Description["en"]), "corrected round 39")
			}
			e.agrees()
		},
	}
}

func reviewTests() map[string]func(*env) {
	return map[string]func(*env){
		"the queue holds proposals and held records until somebody decides": func(e *env) {
			e.put(item("a", "one", proposing), item("b", "two", held), item("c", "three"), item("d", "four", proposing))
			expect(e, "all", e.tasks(catalog.TaskQuery{}), "one themes shelter, one themes hotline, two  possible-pii, four themes shelter, four themes hotline")
			expect(e, "held", e.tasks(catalog.TaskQuery{Kind: catalog.HoldTask}), "two  possible-pii")
			expect(e, "a value", e.tasks(catalog.TaskQuery{Field: "themes", Value: "hotline"}), "one themes hotline, four themes hotline")
			expect(e, "a code", e.tasks(catalog.TaskQuery{Code: "off-topic"}), "")
			expect(e, "another source", e.tasks(catalog.TaskQuery{Source: "other"}), "")
			page, err := e.Tasks(e.Context(), catalog.TaskQuery{Limit: 1})
			e.must(err)
			expect(e, "first page", show(len(page.Tasks), page.Next > 0), "2 true")
			page, err = e.Tasks(e.Context(), catalog.TaskQuery{After: page.Next})
			e.must(err)
			expect(e, "second page", show(len(page.Tasks), page.Next), "3 0")
			e.correct(override("themes", "shelter", adding), override("themes", "hotline", removing))
			a := e.entry("a")
			expect(e, "decided", catalog.Says(a.Record, "themes"), "shelter,protection")
			expect(e, "left", e.tasks(catalog.TaskQuery{Kind: catalog.ProposalTask}), "four themes shelter, four themes hotline")
			e.put(item("a", "one, revised", proposing))
			expect(e, "after a harvest", e.tasks(catalog.TaskQuery{Kind: catalog.ProposalTask}), "four themes shelter, four themes hotline")
		},
		"a cleared record is shown until what was judged changes": func(e *env) {
			e.put(item("a", "one", held))
			expect(e, "held", e.entry("a") == nil, true)
			e.correct(override("decision", "publish"))
			expect(e, "cleared", e.entry("a").Record.Title["en"], "one")
			expect(e, "queue", e.tasks(catalog.TaskQuery{}), "")
			e.put(item("a", "one", held, func(it *catalog.Item) { it.Record.Issued.EDTF = "2024" }))
			expect(e, "another date", show(e.entry("a").Deleted, e.entry("a").Record.Issued.EDTF), "false 2024")
			e.put(item("a", "one", held, described))
			expect(e, "another text", e.entry("a").Deleted, true)
			expect(e, "queue again", e.tasks(catalog.TaskQuery{}), "one  possible-pii")
			e.correct(override("decision", "publish"))
			expect(e, "cleared again", e.entry("a").Deleted, false)
			e.agrees()
		},
		"what a curator holds back no harvest brings back": func(e *env) {
			e.put(item("a", "one"), item("b", "two"))
			e.correct(override("decision", "hold"))
			expect(e, "hidden", show(e.entry("a").Deleted, e.live()), "true 1")
			e.put(item("a", "one, revised"))
			e.list(catalog.Guard{}, item("a", "one, again"), item("b", "two"))
			expect(e, "still hidden", show(e.entry("a").Deleted, e.live()), "true 1")
			expect(e, "no task", e.tasks(catalog.TaskQuery{}), "")
			e.must(e.Withdraw(e.Context(), e.now, override("decision", "")))
			expect(e, "back", e.entry("a").Record.Title["en"], "one, again")
			e.agrees()
		},
	}
}

func renewTests() map[string]func(*env) {
	renew := func(e *env, items ...catalog.Item) catalog.Outcome {
		e.Helper()
		out, err := e.Renew(e.Context(), e.now, source, items)
		e.must(err)
		if !out.Balanced() {
			e.Errorf("the account does not balance: %+v", out)
		}
		return out
	}
	// again is an item with the raw of "title" and what new rules made of it.
	again := func(identifier, title string, change ...func(*catalog.Item)) catalog.Item {
		it := item(identifier, title, change...)
		it.Record.Themes = tags("shelter")
		return it
	}
	return map[string]func(*env){
		"new rules change records, and not when they were listed": func(e *env) {
			e.put(item("a", "one"), item("b", "two"), item("c", "three"), item("d", "four"))
			e.list(catalog.Guard{}, item("a", "one"), item("c", "three"), item("d", "four"))
			before := e.entry("a")
			e.pass(time.Hour)
			out := renew(e, again("a", "one"), item("c", "three"), again("d", "four", rejected))
			expect(e, "account", show(out.Changed, out.Same, out.Rejected), "1 1 1")
			a := e.entry("a")
			expect(e, "themes", show(catalog.Says(a.Record, "themes"), a.Seq > before.Seq, a.Record.Harvest.LastSeen.Equal(before.Record.Harvest.LastSeen)), "shelter true true")
			expect(e, "the refused one stays", e.entry("d").Record.Title["en"], "four")
			expect(e, "again", renew(e, again("a", "one")).Same, 1)
			run := e.begin(true)
			e.finish(catalog.End{Run: run.ID, Finished: true, Complete: true, MayBeEmpty: true, Guard: catalog.Guard{Grace: -1, MaxLossPercent: 100, MaxLossRecords: 100}})
			expect(e, "absent ones still go", e.entry("b").Deleted, true)
			e.agrees()
		},
		"what was harvested meanwhile is passed over": func(e *env) {
			e.put(item("a", "one"), item("b", "two"))
			old := again("a", "one")
			e.put(item("a", "one, revised"), item("b", "", deleted))
			out := renew(e, old, again("b", "two"), again("c", "never seen"))
			expect(e, "skipped", out.Skipped, 3)
			expect(e, "record", show(e.entry("a").Record.Title["en"], e.entry("b").Deleted), "one, revised true")
		},
		"new rules hold records and let them go": func(e *env) {
			e.put(item("a", "one"), item("b", "two", held))
			out := renew(e, again("a", "one", held), again("b", "two"))
			expect(e, "account", show(out.Changed, out.Held), "2 1")
			expect(e, "records", show(e.entry("a").Deleted, e.entry("b").Record.Title["en"]), "true two")
			expect(e, "queue", e.tasks(catalog.TaskQuery{}), "one  possible-pii")
			e.agrees()
		},
		"overrides stay on top of new rules": func(e *env) {
			e.put(item("a", "one"))
			e.correct(override("title@en", "The first"))
			renew(e, again("a", "one"))
			a := e.entry("a")
			expect(e, "record", show(a.Record.Title["en"], catalog.Says(a.Record, "themes")), "The first shelter")
			stored, err := e.Stored(e.Context(), catalog.StoredQuery{Source: source, Limit: 10})
			e.must(err)
			expect(e, "as normalized", show(stored[0].Record.Title["en"], string(stored[0].Raw.Body)), "one <h1>one</h1>")
		},
		"the version of the rules grows": func(e *env) {
			before, err := e.RuleVersion(e.Context())
			e.must(err)
			e.must(e.SetRules(e.Context(), e.now))
			e.restart()
			after, err := e.RuleVersion(e.Context())
			e.must(err)
			expect(e, "version", after-before, 1)
		},
		"stored raws are read in blocks": func(e *env) {
			e.put(append(many(25, "a"), item("h", "held", held))...)
			e.put(item("a003", "", deleted))
			var got []string
			for after := int64(0); ; {
				list, err := e.Stored(e.Context(), catalog.StoredQuery{Source: source, After: after, Limit: 7, RawOnly: true})
				e.must(err)
				for _, s := range list {
					got = append(got, s.Raw.Identifier)
					after = s.Num
				}
				if len(list) < 7 {
					break
				}
			}
			expect(e, "read", show(len(got), got[len(got)-1]), "25 h")
			none, err := e.Stored(e.Context(), catalog.StoredQuery{Source: "other", Limit: 7})
			e.must(err)
			expect(e, "of another source", len(none), 0)
		},
	}
}
