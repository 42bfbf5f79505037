package catalogtest

import (
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

func consumerTests() map[string]func(*env) {
	return map[string]func(*env){
		"a consumer is known by its key until it is disabled": func(e *env) {
			c := catalog.Consumer{ID: "portal", Name: "A portal", Contact: "desk@portal.example", PerMinute: 10, Made: e.now}
			e.must(e.PutConsumer(e.Context(), c, "hash"))
			got, err := e.ConsumerOf(e.Context(), "hash")
			e.must(err)
			expect(e, "consumer", got, c)
			if _, err := e.ConsumerOf(e.Context(), "other"); !errors.Is(err, catalog.ErrNoConsumer) {
				e.Errorf("another key: %v", err)
			}
			c.Disabled, c.Name = true, "The portal"
			e.must(e.PutConsumer(e.Context(), c, ""))
			e.restart()
			got, err = e.ConsumerOf(e.Context(), "hash")
			e.must(err)
			expect(e, "disabled consumer", got, c)
			e.must(e.PutConsumer(e.Context(), c, "new"))
			if _, err := e.ConsumerOf(e.Context(), "hash"); !errors.Is(err, catalog.ErrNoConsumer) {
				e.Errorf("the old key still counts: %v", err)
			}
			if err := e.PutConsumer(e.Context(), catalog.Consumer{ID: "nobody"}, ""); !errors.Is(err, catalog.ErrNoConsumer) {
				e.Errorf("changing nobody: %v", err)
			}
		},
		"who took a record is known over all its changes": func(e *env) {
			for _, id := range []string{"a", "b", "c"} {
				e.must(e.PutConsumer(e.Context(), catalog.Consumer{ID: id, Name: id, Made: e.now}, id))
			}
			e.put(item("x", "first"), item("y", "other")) // 1, 2
			e.put(item("x", "second"))                    // 3
			pull := func(id string, first, last int64, day int) catalog.Pull {
				return catalog.Pull{Consumer: id, Day: e.now.AddDate(0, 0, day), Form: "oai", Requests: 1, Records: int(last - first + 1), First: first, Last: last}
			}
			e.must(e.AddPulls(e.Context(), []catalog.Pull{pull("a", 1, 2, 0), pull("b", 2, 2, 0), pull("c", 3, 9, 1), pull("c", 3, 9, 4)}))
			e.pass(time.Hour)
			e.takeDown(catalog.Takedown{Record: record.NewID(source, "x")})
			takers, err := e.Takers(e.Context(), record.NewID(source, "x"))
			e.must(err)
			var who []string
			for _, t := range takers {
				who = append(who, t.Consumer.ID+" "+t.First.Format(time.DateOnly)+" "+t.Last.Format(time.DateOnly))
			}
			expect(e, "takers", who, []string{"a 2025-03-01 2025-03-01", "c 2025-03-02 2025-03-05"})
			list, err := e.Consumers(e.Context(), e.now.AddDate(0, 0, 33))
			e.must(err)
			var counts []string
			for _, c := range list {
				counts = append(counts, show(c.ID, c.Records, c.Month, c.LastSeen.Format(time.DateOnly)))
			}
			expect(e, "counts", counts, []string{"a 2 0 2025-03-01", "b 1 0 2025-03-01", "c 14 7 2025-03-05"})
		},
		"what was served is kept as ranges that touch nothing": func(e *env) {
			e.must(e.PutConsumer(e.Context(), catalog.Consumer{ID: "a", Made: e.now}, "a"))
			e.put(many(120, "r")...)
			random := rand.New(rand.NewPCG(5, 6))
			served := map[int64]bool{}
			for range 80 {
				first := 1 + random.Int64N(118)
				last := first + random.Int64N(4)
				for n := first; n <= last; n++ {
					served[n] = true
				}
				e.must(e.AddPulls(e.Context(), []catalog.Pull{{Consumer: "a", Day: e.now, Form: "api", Requests: 1, Records: 1, First: first, Last: last}}))
			}
			for _, en := range e.entries(record.Range{}) {
				takers, err := e.Takers(e.Context(), en.Record.ID)
				e.must(err)
				if taken := slices.ContainsFunc(takers, func(t catalog.Taker) bool { return t.Consumer.ID == "a" }); taken != served[en.Seq] || len(takers) > 1 {
					e.Errorf("change %d: taken %v, served %v", en.Seq, taken, served[en.Seq])
				}
			}
		},
	}
}
