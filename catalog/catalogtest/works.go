package catalogtest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

const shared = "Guideline on the protection of victims of trafficking in the region"

// numbered gives a document number, by which records of one country are one work.
func numbered(n string) func(*catalog.Item) {
	return func(it *catalog.Item) {
		it.Record.Identifiers = []record.Identifier{{Scheme: "number", Value: n}}
	}
}

// translated makes the record one in another language.
func translated(lang string) func(*catalog.Item) {
	return func(it *catalog.Item) {
		it.Record.Title = record.Texts{lang: it.Record.Title["en"]}
		it.Record.Languages = []string{lang}
	}
}

func (e *env) findWorks() catalog.WorkCounts {
	e.Helper()
	n, err := e.FindWorks(e.Context(), e.now)
	e.must(err)
	return n
}

// worksOf writes the works as the identifiers of their records.
func (e *env) worksOf() string {
	e.Helper()
	list, err := e.Works(e.Context(), 100)
	e.must(err)
	var out []string
	for _, w := range list {
		work, err := e.Work(e.Context(), w.ID)
		e.must(err)
		var ids []string
		for _, ed := range work.Editions {
			ids = append(ids, ed.Entry.Record.Origin.Identifier)
			if ed.Entry.Record.Work.ID != w.ID {
				e.Errorf("%s is listed in work %s and says that it is of %q", ed.Entry.Record.Origin.Identifier, w.ID, ed.Entry.Record.Work.ID)
			}
			if len(ed.Links) == 0 {
				e.Errorf("nothing says why %s is of work %s", ed.Entry.Record.Origin.Identifier, w.ID)
			}
		}
		out = append(out, strings.Join(ids, "+"))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func (e *env) ruleWork(a, b string, v catalog.WorkVerdict) {
	e.Helper()
	e.must(e.RuleWork(e.Context(), catalog.WorkRuling{A: record.NewID(source, a), B: record.NewID(source, b), Verdict: v, Who: "curator", Why: "seen", When: e.now}))
	e.findWorks()
}

func workTests() map[string]func(*env) {
	law := numbered("53/2024/QH15")
	return map[string]func(*env){
		"editions are found, say of which work they are, and keep its id": func(e *env) {
			e.put(item("a", "The law", law), item("b", "Das Gesetz", law, translated("de")), item("c", "Another resource altogether"), item("h", "The law", law, held))
			before := e.entry("a").Seq
			n := e.findWorks()
			expect(e, "found", n, catalog.WorkCounts{Records: 3, Works: 1, Changed: 2})
			expect(e, "works", e.worksOf(), "a+b")
			id := e.entry("a").Record.Work.ID
			expect(e, "the log", show(e.entry("a").Seq > before, id != "", e.entry("c").Record.Work.ID == ""), "true true true")
			expect(e, "again", e.findWorks().Changed, 0)
			e.put(item("a", "The law, revised", law), item("d", "Ley", law, translated("es")))
			expect(e, "after a harvest", e.entry("a").Record.Work.ID, id)
			expect(e, "the newcomer", e.findWorks().Changed, 1)
			expect(e, "works", e.worksOf(), "a+b+d")
			e.restart()
			e.put(item("a", "", deleted))
			e.findWorks()
			expect(e, "without the first", show(e.worksOf(), e.entry("b").Record.Work.ID == id), "b+d true")
			e.put(item("d", "", deleted))
			e.findWorks()
			expect(e, "alone", show(e.worksOf(), e.entry("b").Record.Work.ID == ""), "true")
			if _, err := e.Work(e.Context(), id); !errors.Is(err, catalog.ErrNoWork) {
				e.Errorf("the work that is no more: %v", err)
			}
			e.agrees()
		},
		"a curator's un-merge is remembered": func(e *env) {
			e.put(item("a", "The law", law), item("b", "Das Gesetz", law, translated("de")))
			e.findWorks()
			e.ruleWork("b", "a", catalog.Apart)
			expect(e, "split", e.worksOf(), "")
			e.put(item("b", "Das Gesetz, neu", law, translated("de")), item("c", "La loi", law, translated("fr")))
			e.findWorks()
			if got := e.worksOf(); strings.Contains(got, "a+b") || strings.Count(got, "+") != 1 {
				e.Errorf("after a harvest the works are %q", got)
			}
			e.ruleWork("a", "b", catalog.Together)
			expect(e, "joined", e.worksOf(), "a+b+c")
			list, err := e.WorkRulings(e.Context())
			e.must(err)
			expect(e, "rulings", show(len(list), list[0].Verdict, list[0].Who), "1 together curator")
			for _, r := range []catalog.WorkRuling{{A: "x", B: "x", Verdict: catalog.Apart}, {A: record.NewID(source, "a"), B: "nosuchrecord0000", Verdict: catalog.Apart}, {A: record.NewID(source, "a"), B: record.NewID(source, "b"), Verdict: "perhaps"}} {
				if err := e.RuleWork(e.Context(), r); err == nil {
					e.Errorf("the ruling %+v was taken", r)
				}
			}
		},
		"a work that splits leaves its id with one part": func(e *env) {
			e.put(item("a", "The law", law), item("b", "Das Gesetz", law, translated("de")), item("c", "La loi", law, translated("fr")), item("d", "Ley", law, translated("es")))
			e.findWorks()
			id := e.entry("a").Record.Work.ID
			e.put(item("c", "La loi", numbered("12/2020/QH14"), translated("fr")), item("d", "Ley", numbered("12/2020/QH14"), translated("es")))
			e.findWorks()
			expect(e, "works", e.worksOf(), "a+b c+d")
			expect(e, "ids", show(e.entry("a").Record.Work.ID == id, e.entry("c").Record.Work.ID != id), "true true")
		},
		"a work keeps the id that it had at another hub": func(e *env) {
			came := func(it *catalog.Item) { it.Record.Work.ID = "foreignwork00000" }
			e.put(item("a", "The law", law, came), item("b", "Das Gesetz", law, translated("de"), came), item("c", "La loi", law, translated("fr")), item("d", "Alone here", came))
			e.findWorks()
			expect(e, "works", e.worksOf(), "a+b+c+d")
			expect(e, "id", e.entry("c").Record.Work.ID, "foreignwork00000")
			e.ruleWork("a", "d", catalog.Apart)
			e.ruleWork("b", "d", catalog.Apart)
			e.ruleWork("c", "d", catalog.Apart)
			expect(e, "apart", e.worksOf(), "a+b+c")
		},
		"the order of harvests does not matter": func(e *env) {
			var items []catalog.Item
			for i := range 30 {
				items = append(items, item(fmt.Sprintf("x%02d", i), fmt.Sprintf("%s %d", shared, i/3), numbered(fmt.Sprintf("%d/2020", i/3)), translated([]string{"en", "km", "th"}[i%3])))
			}
			for i := range items {
				e.put(items[(i*7)%30])
				if i%11 == 0 {
					e.findWorks()
				}
			}
			n := e.findWorks()
			expect(e, "works", n.Works, 10)
			for i := range 10 {
				work, err := e.Work(e.Context(), e.entry(fmt.Sprintf("x%02d", 3*i)).Record.Work.ID)
				e.must(err)
				expect(e, "editions", len(work.Editions), 3)
			}
		},
		"overrides, links and works stand on one record": func(e *env) {
			with := func(it *catalog.Item) {
				it.Record.Origin = record.Origin{Landing: it.Raw.URL, Status: "origin-known"}
			}
			e.put(item("a", "The law", law, with), item("b", "Das Gesetz", law, translated("de")))
			e.findWorks()
			e.correct(override("title@en", "The Act"))
			_, err := e.DueLinks(e.Context(), e.now, 10)
			e.must(err)
			e.must(e.PutLinks(e.Context(), e.now, []catalog.Link{{URL: "https://demo.example/a", Status: "dead", Checked: e.now, Next: e.now.Add(time.Hour)}}))
			a := e.entry("a").Record
			expect(e, "all", show(a.Title["en"], a.Work.ID != "", a.Origin.Status), "The Act true origin-dead")
			e.put(item("a", "The law, revised", law, with))
			a = e.entry("a").Record
			expect(e, "after a harvest", show(a.Title["en"], a.Work.ID != "", a.Origin.Status), "The Act true origin-dead")
			stored, err := e.Stored(e.Context(), catalog.StoredQuery{Source: source, Limit: 1})
			e.must(err)
			r := stored[0].Record
			expect(e, "as normalized", show(r.Title["en"], r.Work.ID == "", r.Origin.Status), "The law, revised true origin-known")
			e.agrees()
		},
	}
}
