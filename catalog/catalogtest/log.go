package catalogtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

func logTests() map[string]func(*env) {
	return map[string]func(*env){
		"heads are the entries without their records": func(e *env) {
			e.put(many(9, "r")...)
			e.pass(time.Minute)
			e.put(item("r003", "changed"), item("r004", "", deleted))
			var want, got []string
			for _, en := range e.entries(record.Range{}) {
				want = append(want, show(en.Record.ID, en.Seq, en.Stamp.Unix(), en.Deleted))
			}
			for after := int64(0); ; {
				list, err := e.Heads(e.Context(), record.Range{After: after, Upto: 1000, Limit: 4})
				e.must(err)
				for _, h := range list {
					got = append(got, show(h.ID, h.Seq, h.Stamp.Unix(), h.Deleted))
					if after = h.Seq; h.New == (h.Seq > 9) {
						e.Errorf("change %d: new is %v", h.Seq, h.New)
					}
				}
				if len(list) < 4 {
					break
				}
			}
			expect(e, "heads", got, want)
			for seq, want := range map[int64]time.Time{1: e.now.Add(-time.Minute), 9: e.now.Add(-time.Minute), 10: e.now, 99: {}} {
				at, err := e.StampOf(e.Context(), seq)
				e.must(err)
				expect(e, show("stamp of", seq), at.Equal(want), true)
			}
		},
		"a view is of one moment": func(e *env) {
			e.put(many(1300, "r")...)
			n, changed := 0, false
			for en, err := range e.View(e.Context(), 0) {
				e.must(err)
				if n++; n == 3 { // behind what was read ahead, and before the end
					e.put(item("r1200", "other"), item("new", "new"))
					changed = true
				}
				if en.Record.Title["en"] == "other" || en.Record.Title["en"] == "new" {
					e.Errorf("the view shows what came later")
				}
			}
			expect(e, "entries of the view", show(n, changed), "1300 true")
			n = 0
			for en, err := range e.View(e.Context(), 1300) {
				e.must(err)
				n++
				expect(e, "behind the first view", en.Seq > 1300, true)
			}
			expect(e, "entries behind it", n, 2)
		},
		"an empty catalogue": func(e *env) {
			at, err := e.Earliest(e.Context())
			e.must(err)
			expect(e, "earliest is zero", at.IsZero(), true)
			sets, err := e.Sets(e.Context())
			e.must(err)
			expect(e, "sets", len(sets), 0)
			expect(e, "entries", len(e.entriesAll()), 0)
			n, err := e.Count(e.Context(), record.Range{Set: "country:TH"})
			e.must(err)
			expect(e, "count", n, 0)
			if _, err := e.Entry(e.Context(), "nosuchrecord0000"); err != catalog.ErrNotFound {
				e.Errorf("entry of an unknown id: %v", err)
			}
		},
		"a hidden record gives no date": func(e *env) {
			e.put(item("a", "one", held))
			e.pass(day)
			e.put(item("b", "two"))
			at, err := e.Earliest(e.Context())
			e.must(err)
			expect(e, "earliest", at, e.now)
		},
		"sets and their descendants": func(e *env) {
			themed := func(themes ...string) func(*catalog.Item) {
				return func(it *catalog.Item) { it.Record.Themes = tags(themes...) }
			}
			e.put(item("a", "one", themed("shelter")), item("b", "two", themed("hotline")), item("c", "three", themed("protection")), item("d", "four"))
			for set, want := range map[string]string{
				"theme":                                "one two three",
				"theme:protection":                     "one two three",
				"theme:protection:shelter":             "one",
				"theme:protection:counselling":         "two",
				"theme:protection:counselling:hotline": "two",
				"theme:protection:counsel":             "",
				"shelter":                              "",
				"country:TH":                           "one two three four",
				"source:demo":                          "one two three four",
			} {
				var names []string
				for _, en := range e.entries(record.Range{Set: set}) {
					names = append(names, nameOf(en))
				}
				expect(e, set, strings.Join(names, " "), want)
			}
			expect(e, "specs of an entry", e.entry("b").Sets, []string{"country:TH", "language:en", "source:demo", "theme:protection:counselling:hotline", "type:report"})
			sets, err := e.Sets(e.Context())
			e.must(err)
			var specs []string
			for _, s := range sets {
				specs = append(specs, fmt.Sprintf("%s=%d", s.Spec, s.Count))
			}
			expect(e, "sets", specs, []string{"country=4", "country:TH=4", "language=4", "language:en=4", "source=4", "source:demo=4",
				"theme=3", "theme:protection=3", "theme:protection:counselling=1", "theme:protection:counselling:hotline=1", "theme:protection:shelter=1", "type=4", "type:report=4"})
			e.put(item("a", "one", themed("hotline")), item("b", "", deleted))
			expect(e, "the record that moved", len(e.entries(record.Range{Set: "theme:protection:shelter"})), 0)
			expect(e, "the tombstone stays", len(e.entries(record.Range{Set: "theme:protection:counselling"})), 2)
		},
		"any range agrees with a naive model": func(e *env) {
			m := &model{env: e, rng: rand.New(rand.NewPCG(1, 2)), titles: map[string]string{}, states: map[string]string{}}
			for range 25 {
				m.step()
				m.compare()
			}
			e.restart()
			m.compare()
		},
		"a range without a limit has one": func(e *env) {
			for i := range 11 {
				e.put(many(100, fmt.Sprintf("p%d-", i))...)
			}
			list, err := e.Entries(e.Context(), record.Range{})
			e.must(err)
			if len(list) == 0 || len(list) > 1000 {
				e.Errorf("%d entries at once", len(list))
			}
			n, err := e.Count(e.Context(), record.Range{Limit: 3})
			e.must(err)
			expect(e, "count", n, 1100)
		},
	}
}

// model is the change log as anybody would write it in ten lines: the last state of each
// record, in order of the last change of what is published.
type model struct {
	*env
	rng    *rand.Rand
	order  []string          // identifiers, by last published change
	titles map[string]string // of the live ones
	states map[string]string // "live", "dead"; absent: never published
}

// step applies a batch of random changes some time later.
func (m *model) step() {
	m.pass(time.Duration(m.rng.IntN(3)) * 700 * time.Millisecond)
	countries := []string{"TH", "KH", "LA", "MM", "VN"}
	seen := map[string]bool{}
	var items []catalog.Item
	for range 8 {
		id := fmt.Sprint("r", m.rng.IntN(40))
		if seen[id] {
			continue
		}
		seen[id] = true
		title := fmt.Sprint("t", m.rng.IntN(1000))
		it := item(id, title, func(it *catalog.Item) { it.Record.Countries = tags(countries[m.rng.IntN(5)]) })
		switch m.rng.IntN(6) {
		case 0:
			deleted(&it)
			m.hide(id)
		case 1:
			held(&it)
			m.hide(id)
		case 2:
			rejected(&it)
		default:
			m.move(id)
			m.states[id], m.titles[id] = "live", title
		}
		items = append(items, it)
	}
	m.put(items...)
}

func (m *model) hide(id string) {
	if m.states[id] == "live" {
		m.move(id)
		m.states[id] = "dead"
	}
}

func (m *model) move(id string) {
	m.order = append(slices.DeleteFunc(m.order, func(o string) bool { return o == id }), id)
}

// compare holds the store against the model, and ranges against the whole.
func (m *model) compare() {
	m.Helper()
	all := m.entriesAll()
	var got, want []string
	for _, en := range all {
		got = append(got, fmt.Sprint(en.Record.ID, nameOf(en)))
	}
	for _, id := range m.order {
		name := "deleted"
		if m.states[id] == "live" {
			name = m.titles[id]
		}
		want = append(want, fmt.Sprint(record.NewID(source, id), name))
	}
	expect(m.env, "log", got, want)
	for i := 1; i < len(all); i++ {
		if all[i].Seq <= all[i-1].Seq || all[i].Stamp.Before(all[i-1].Stamp) {
			m.Fatalf("entry %d does not follow the one before: %+v", i, all[i])
		}
	}
	for range 10 {
		m.compareRange(all)
	}
}

func (m *model) compareRange(all []record.Entry) {
	m.Helper()
	if len(all) == 0 {
		return
	}
	pick := func() record.Entry { return all[m.rng.IntN(len(all))] }
	var r record.Range
	if m.rng.IntN(2) == 0 {
		r.After = pick().Seq
	}
	if m.rng.IntN(2) == 0 {
		r.From = pick().Stamp.Add(time.Duration(m.rng.IntN(3)-1) * 500 * time.Millisecond)
	}
	if m.rng.IntN(2) == 0 {
		r.Until = pick().Stamp.Add(time.Duration(m.rng.IntN(3)-1) * 500 * time.Millisecond)
	}
	if m.rng.IntN(2) == 0 {
		r.Set = []string{"country", "country:KH", "country:VN", "source:demo", "none"}[m.rng.IntN(5)]
	}
	var want []string
	for _, en := range all {
		inSet := r.Set == "" || slices.Contains(catalog.WithAncestors(en.Sets), r.Set)
		if en.Seq > r.After && (r.From.IsZero() || !en.Stamp.Before(r.From)) && (r.Until.IsZero() || !en.Stamp.After(r.Until)) && inSet {
			want = append(want, string(en.Record.ID))
		}
	}
	n, err := m.Count(m.Context(), r)
	m.must(err)
	expect(m.env, fmt.Sprintf("count of %+v", r), n, len(want))
	r.Limit = 1 + m.rng.IntN(20)
	list, err := m.Entries(m.Context(), r)
	m.must(err)
	var got []string
	for _, en := range list {
		got = append(got, string(en.Record.ID))
	}
	expect(m.env, fmt.Sprintf("entries of %+v", r), got, want[:min(r.Limit, len(want))])
}
