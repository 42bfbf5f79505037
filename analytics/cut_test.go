package analytics_test

import (
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ctiphub/analytics"
	"ctiphub/analytics/analyticstest"
)

const k = analytics.LeastCrowd

// released cuts all units of made-up usage as the Releaser does.
func released(made analyticstest.Made) []analytics.Cell {
	var all []analytics.Cell
	site := analytics.Rollup(analytics.CubeSite, made.Events)
	for _, c := range analytics.Rollups() {
		units := map[analytics.Day][]analytics.Leaf{}
		for _, l := range analytics.Rollup(c, made.Events) {
			units[c.UnitOf(l.Day)] = append(units[c.UnitOf(l.Day)], l)
		}
		for _, unit := range slices.Sorted(maps.Keys(units)) {
			var days analytics.Days
			if c == analytics.CubeRecord {
				days = analytics.DaysOf(unit, slices.DeleteFunc(slices.Clone(site), func(l analytics.Leaf) bool {
					return l.Day < unit.Week() || l.Day >= (c.Next(unit)-1).Week()+7
				}), k)
			}
			cells, _ := analytics.Cut(c, unit, units[unit], k, days)
			all = append(all, cells...)
		}
	}
	return all
}

// counts reports whether an event is counted in a cell.
func counts(c analytics.Cell, e analytics.Event) bool {
	if !slices.Contains(metrics(e), c.Metric) {
		return false
	}
	has := func(list []string, v string) bool {
		return v == analytics.All || slices.Contains(list, v) || v == "" && len(list) == 0
	}
	switch c.View {
	case analytics.ViewDay:
		return c.Unit == e.Day && (c.A == analytics.All || c.A == string(e.Channel))
	case analytics.ViewItemArea:
		return e.Record != "" && c.Unit == e.Day.Month() && has(e.Countries, c.A) && has(e.Themes, c.B)
	case analytics.ViewArea:
		return e.Kind == analytics.KindSearch && c.Unit == e.Day.Week() && has(e.Countries, c.A) && has(e.Themes, c.B)
	case analytics.ViewRecord:
		return e.Record != "" && c.Unit == e.Day.Month() && c.A == e.Record && c.B == e.Source && c.C == e.Publisher
	case analytics.ViewSource:
		return e.Record != "" && c.Unit == e.Day.Month() && c.A == e.Source
	case analytics.ViewPublisher:
		return e.Record != "" && c.Unit == e.Day.Month() && c.A == e.Publisher
	case analytics.ViewKind:
		return e.Record != "" && c.Unit == e.Day.Month() && c.A == e.Type && c.B == e.Language
	}
	return false
}

// metrics are those of cells that an event is counted in, by their meaning.
func metrics(e analytics.Event) []string {
	switch e.Kind {
	case analytics.KindSearch:
		if e.Zero {
			return []string{"search", "zero"}
		}
		return []string{"search", "found"}
	case analytics.KindView:
		return []string{"view", "investigation"}
	case analytics.KindClick:
		return []string{"click", "request", "investigation"}
	case analytics.KindDownload:
		return []string{"download", "request", "investigation"}
	}
	return nil
}

// small is usage of few people and few things, so that much has to be withheld.
func small(seed uint64) analyticstest.Made {
	rng := rand.New(rand.NewPCG(seed, 9))
	return analyticstest.Generate(analyticstest.Shape{
		Seed: seed, First: analytics.Day(20_450 + rng.IntN(30)), Days: 7 + rng.IntN(40), Events: 150 + rng.IntN(700),
		Readers: 12 + rng.IntN(60), Records: 2 + rng.IntN(12),
	})
}

// TestCellsAreTrue holds each released cell against what was made up: its number, and that at
// least k people are behind it.
func TestCellsAreTrue(t *testing.T) {
	shown := 0
	for seed := range uint64(30) {
		made := small(seed)
		for _, c := range released(made) {
			if c.View == analytics.ViewRhythm || c.View == analytics.ViewTerm || c.View == analytics.ViewExport || c.Metric == analytics.MetricVisitors {
				continue
			}
			var n int64
			people := map[int]bool{}
			for i, e := range made.Events {
				if counts(c, e) {
					n++
					people[made.Readers[i]] = true
				}
			}
			if shown++; n != c.N || len(people) < k || c.People < k || c.People > len(people) {
				t.Errorf("seed %d, %+v: holds %d uses of %d people", seed, c, n, len(people))
			}
		}
	}
	if shown < 1000 {
		t.Errorf("only %d cells were released: the test says little", shown)
	}
}

// TestNothingFollows attacks all cells of all cubes together: whatever sum or difference of them,
// with any factors, has less than k people behind it is a leak. The attacker solves the cells as
// equations over the uses, in many orders.
func TestNothingFollows(t *testing.T) {
	for seed := range uint64(150) {
		made := small(seed)
		var cells []analytics.Cell
		for _, c := range released(made) {
			if slices.Contains([]analytics.View{analytics.ViewDay, analytics.ViewArea, analytics.ViewRecord, analytics.ViewSource, analytics.ViewPublisher, analytics.ViewKind, analytics.ViewItemArea}, c.View) && c.Metric != analytics.MetricVisitors {
				cells = append(cells, c)
			}
		}
		if leak := attack(made, cells, rand.New(rand.NewPCG(seed, 3))); leak != "" {
			t.Errorf("seed %d: %s", seed, leak)
		}
	}
}

// attack returns a combination of cells that tells something of less than k people, or "". The
// attacker knows the catalogue, and of no use that it did not happen: any content may have been
// used on any day that had uses.
func attack(made analyticstest.Made, cells []analytics.Cell, rng *rand.Rand) string {
	people := map[string]map[int]bool{} // by class of uses that are in the same cells
	members := map[string][]int{}
	put := func(e analytics.Event, reader int) {
		var in []int
		for j, c := range cells {
			if counts(c, e) {
				in = append(in, j)
			}
		}
		if len(in) == 0 {
			return
		}
		key := fmt.Sprint(in)
		if people[key] == nil {
			people[key], members[key] = map[int]bool{}, in
		}
		if reader >= 0 {
			people[key][reader] = true
		}
	}
	for i, e := range made.Events {
		put(e, made.Readers[i])
	}
	for _, e := range possible(made.Events) {
		put(e, -1)
	}
	classes := slices.Sorted(maps.Keys(people))
	for range 8 {
		rng.Shuffle(len(classes), func(i, j int) { classes[i], classes[j] = classes[j], classes[i] })
		// Classes of few people last: what is left for them alone is found then.
		slices.SortStableFunc(classes, func(a, b string) int { return min(len(people[b]), k) - min(len(people[a]), k) })
		rows := make([][]uint64, len(cells))
		for j := range rows {
			rows[j] = make([]uint64, len(classes))
		}
		for x, key := range classes {
			for _, j := range members[key] {
				rows[j][x] = 1
			}
		}
		for _, row := range echelon(rows) {
			who, sign := map[int]bool{}, 0
			var what []string
			for x, v := range row {
				if v != 0 {
					sign |= 1 << (v / (field/2 + 1)) // half of the field stands for what is below nothing
					maps.Copy(who, people[classes[x]])
					what = append(what, fmt.Sprint(v, classes[x], len(people[classes[x]])))
				}
			}
			if len(who) > 0 && len(who) < k && sign != 3 {
				var named []string
				for _, j := range members[classes[firstOf(row)]] {
					named = append(named, fmt.Sprintf("%+v", cells[j]))
				}
				return fmt.Sprintf("%d people: %s\n%s", len(who), strings.Join(what, " "), strings.Join(named, "\n"))
			}
		}
	}
	return ""
}

// possible returns a use of each content on each day and channel of its week, and of records of
// their month, that anybody has reason to think of.
func possible(events []analytics.Event) []analytics.Event {
	type when struct {
		day     analytics.Day
		channel analytics.Channel
	}
	days, contents := map[when]bool{}, map[string]analytics.Event{}
	for _, e := range events {
		if metrics(e) == nil {
			continue
		}
		days[when{e.Day, e.Channel}] = true
		unit := e.Day.Week()
		if e.Record != "" {
			unit = e.Day.Month()
		}
		contents[fmt.Sprint(unit, e.Kind, e.Zero, e.Record, e.Countries, e.Themes)] = e
	}
	var list []analytics.Event
	for _, e := range contents {
		for w := range days {
			if e.Record != "" && w.day.Month() == e.Day.Month() || e.Record == "" && w.day.Week() == e.Day.Week() {
				e.Day, e.Channel = w.day, w.channel
				list = append(list, e)
			}
		}
	}
	return list
}

func firstOf(row []uint64) int {
	return slices.IndexFunc(row, func(v uint64) bool { return v != 0 })
}

const field = 1<<31 - 1 // prime

// echelon brings rows into reduced echelon form and returns those that are not empty.
func echelon(rows [][]uint64) [][]uint64 {
	top := 0
	for x := 0; len(rows) > 0 && x < len(rows[0]) && top < len(rows); x++ {
		pivot := slices.IndexFunc(rows[top:], func(r []uint64) bool { return r[x] != 0 })
		if pivot < 0 {
			continue
		}
		rows[top], rows[top+pivot] = rows[top+pivot], rows[top]
		one := inverse(rows[top][x])
		for i, v := range rows[top] {
			rows[top][i] = v * one % field
		}
		for j := range rows {
			if f := rows[j][x]; j != top && f != 0 {
				for i, v := range rows[top] {
					if v != 0 {
						rows[j][i] = (rows[j][i] + (field-f)*v) % field
					}
				}
			}
		}
		top++
	}
	return rows[:top]
}

func inverse(a uint64) uint64 {
	return new(big.Int).ModInverse(new(big.Int).SetUint64(a), big.NewInt(field)).Uint64()
}
