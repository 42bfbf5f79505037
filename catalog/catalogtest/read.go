package catalogtest

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

func readTests() map[string]func(*env) {
	return map[string]func(*env){
		"Records has an order, a filter and an end": func(e *env) {
			e.put(many(1200, "a")...)
			e.put(item("a000", "changed"), item("b", "only", func(it *catalog.Item) { it.Record.Countries = tags("KH") }), item("a001", "", deleted))
			var names []string
			for rec, err := range e.Records(e.Context(), catalog.Query{Sort: catalog.ByIssued, Limit: 3}) {
				e.must(err)
				names = append(names, rec.Title["en"])
			}
			expect(e, "number", len(names), 1200)
			expect(e, "first and last", fmt.Sprint(names[0], names[1198:]), "a002[changed only]")
			expect(e, "by country", e.titles(catalog.Query{Filters: map[catalog.Facet][]string{catalog.FacetCountry: {"KH"}}}), "only")
			expect(e, "by text", e.titles(catalog.Query{Text: "changed"}), "changed")
			n := 0
			for _, err := range e.Records(e.Context(), catalog.Query{}) {
				e.must(err)
				if n++; n == 3 {
					break
				}
			}
			expect(e, "after a break the store works on", e.put(item("c", "three")), catalog.Outcome{Listed: 1, New: 1})
		},
		"Has knows what is kept of a source": func(e *env) {
			held := func(it *catalog.Item) { it.Decision = record.Decision{Verdict: record.Hold, Code: "off-topic"} }
			e.put(item("a", "shown"), item("h", "held", held), item("d", "to be deleted"))
			e.put(item("d", "", deleted))
			for _, c := range []struct {
				source, identifier string
				want               bool
			}{{source, "a", true}, {source, "h", true}, {source, "d", false}, {source, "never", false}, {"another", "a", false}} {
				got, err := e.Has(e.Context(), c.source, c.identifier)
				e.must(err)
				expect(e, c.source+"/"+c.identifier, got, c.want)
			}
		},
		"writing while Records is read": func(e *env) {
			e.put(many(1200, "a")...)
			seen := map[record.ID]int{}
			for rec, err := range e.Records(e.Context(), catalog.Query{}) {
				e.must(err)
				seen[rec.ID]++
				if len(seen) == 10 {
					e.put(item("a900", "a900, revised"), item("a000", "a000, revised"), item("new", "new"))
				}
			}
			for i := range 1200 {
				id := fmt.Sprintf("a%03d", i)
				if n := seen[record.NewID(source, id)]; n != 1 {
					e.Errorf("%s came %d times", id, n)
				}
			}
		},
		"readers see whole batches while a writer works": func(e *env) {
			run := e.begin(false)
			const batches, size = 30, 10
			var wg sync.WaitGroup
			done := make(chan struct{})
			for range 3 {
				wg.Go(func() {
					for {
						e.wholeBatches(size)
						select {
						case <-done:
							return
						default:
						}
					}
				})
			}
			for i := range batches {
				e.apply(run, catalog.Batch{Items: many(size, fmt.Sprintf("b%02d-", i)), Cursor: fmt.Sprint(i)})
			}
			close(done)
			wg.Wait()
			expect(e, "at the end", len(e.entriesAll()), batches*size)
		},
		"a search sees what was just applied": func(e *env) {
			other := &env{T: e.T, Store: e.open(e.T, e.path), open: e.open, path: e.path, now: e.now}
			defer other.Close()
			e.put(item("a", "shelter"))
			expect(e, "in this store", e.found(catalog.Query{Text: "shelter"}), []string{"a"})
			expect(e, "in another one on the same file", other.found(catalog.Query{Text: "shelter"}), []string{"a"})
			other.pass(time.Minute)
			other.put(item("a", "hotline", func(it *catalog.Item) { it.Record.Countries = tags("LA") }), item("b", "shelter"))
			res, err := e.Search(e.Context(), catalog.Query{})
			e.must(err)
			expect(e, "countries", res.Facets[catalog.FacetCountry], []catalog.FacetCount{{ID: "LA", Count: 1}, {ID: "TH", Count: 1}})
			e.put(item("c", "shelter"))
			expect(e, "both writers", len(other.found(catalog.Query{Text: "shelter"})), 2)
		},
	}
}

func (e *env) titles(q catalog.Query) string {
	e.Helper()
	var names []string
	for rec, err := range e.Records(e.Context(), q) {
		e.must(err)
		names = append(names, rec.Title["en"])
	}
	return strings.Join(names, " ")
}

// wholeBatches checks that every view holds a multiple of the size of a batch.
func (e *env) wholeBatches(size int) {
	res, err := e.Search(e.Context(), catalog.Query{Limit: 1})
	if err != nil {
		e.Errorf("searching: %v", err)
		return
	}
	sum := 0
	for _, c := range res.Facets[catalog.FacetCountry] {
		sum += c.Count
	}
	if res.Total%size != 0 || sum != res.Total {
		e.Errorf("a search saw %d records, %d by country", res.Total, sum)
	}
	n, err := e.Count(e.Context(), record.Range{})
	if err != nil || n%size != 0 {
		e.Errorf("a count saw %d records: %v", n, err)
	}
	list, err := e.Entries(e.Context(), record.Range{})
	if err != nil || len(list)%size != 0 {
		e.Errorf("the change log has %d entries: %v", len(list), err)
	}
}
