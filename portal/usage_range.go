package portal

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ctiphub/analytics"
)

// usageRange is a stretch of whole units of a cube: weeks from Monday, or months.
type usageRange struct {
	Cube     analytics.Cube
	From, To analytics.Day // To is the day after the last
	First    analytics.Day // the first day that was released
	Complete analytics.Day // the day after the last that was released; 0: nothing was
}

// longestRange bounds own dates, in days: as long as anything is kept by default.
const longestRange = 5*366 + 7

// readDates reads own dates: from the first day of a unit to the last day of one.
func (q *usageQuery) readDates() (err error) {
	from, to := q.values["from"], q.values["to"]
	if from == "" && to == "" {
		return nil
	}
	if from == "" || to == "" {
		return refused("Give both from and to, or neither.")
	}
	if q.from, err = readDay("from", from); err != nil {
		return err
	}
	if q.to, err = readDay("to", to); err != nil {
		return err
	}
	q.to++
	delete(q.values, "period")
	unit := q.def.cube.UnitOf(q.from)
	switch {
	case q.to <= q.from:
		return refused("The date to lies before the date from.")
	case int(q.to-q.from) > longestRange:
		return refused("Ask for five years at most.")
	case unit != q.from:
		return refused("Figures are by whole %ss: from has to be %s, for instance %s or %s.", unitName(q.def.cube), firstDayName(q.def.cube), unit, q.def.cube.Next(unit))
	}
	if unit := q.def.cube.UnitOf(q.to); unit != q.to {
		return refused("Figures are by whole %ss: to has to be %s, for instance %s or %s.", unitName(q.def.cube), lastDayName(q.def.cube), unit-1, q.def.cube.Next(unit)-1)
	}
	return nil
}

func readDay(name, s string) (analytics.Day, error) {
	d, err := analytics.ParseDay(s)
	if err != nil || d.String() != s || d < 0 {
		return 0, refused("%q is not a day that %s can be: write it as 2026-08-31.", quoted(s), name)
	}
	return d, nil
}

func unitName(c analytics.Cube) string {
	if c == analytics.CubeRecord {
		return "month"
	}
	return "week"
}

func firstDayName(c analytics.Cube) string {
	if c == analytics.CubeRecord {
		return "the first day of a month"
	}
	return "a Monday"
}

func lastDayName(c analytics.Cube) string {
	if c == analytics.CubeRecord {
		return "the last day of a month"
	}
	return "a Sunday"
}

// unitWord names the unit of the range.
func (r usageRange) unitWord() string { return unitName(r.Cube) }

// span returns the range that a panel of a cube covers: the units that were released, of those
// that the query asks for. The running unit is never among them.
func (u *usageReading) span(ctx context.Context, c analytics.Cube) (usageRange, error) {
	if r, ok := u.spans[c]; ok {
		return r, nil
	}
	today := analytics.DayOf(u.p.o.Now())
	list, err := u.p.o.Usage.Store.Releases(ctx, c, 0, today)
	if err != nil {
		return usageRange{}, fmt.Errorf("reading what was released of the cube %s: %w", c, err)
	}
	r := usageRange{Cube: c}
	for _, unit := range list {
		if c.Next(unit.Unit) > today {
			continue
		}
		if r.Complete == 0 || unit.Unit < r.First {
			r.First = unit.Unit
		}
		r.Complete = max(r.Complete, c.Next(unit.Unit))
	}
	r.From, r.To = u.q.bounds(r)
	if u.spans == nil {
		u.spans = map[analytics.Cube]usageRange{}
	}
	u.spans[c] = r
	return r, nil
}

// bounds are the days that the query asks for, of those that there are.
func (q usageQuery) bounds(r usageRange) (from, to analytics.Day) {
	from, to = q.from, min(q.to, r.Complete)
	if q.to == 0 {
		weeks, _ := strconv.Atoi(strings.TrimSuffix(q.get("period"), "w")) // readUsage saw to it
		to = r.Complete
		from = to - analytics.Day(7*weeks)
		if r.Cube == analytics.CubeRecord {
			from = addMonths(to, -(weeks*12+26)/52)
		}
	} else if r.Cube == analytics.CubeRecord {
		// Own dates of weeks: the months that lie wholly within.
		if from.Month() != from {
			from = from.NextMonth()
		}
		to = to.Month()
	}
	from = max(from, r.First)
	return from, max(from, to)
}

// addMonths goes from the first day of a month to that of another.
func addMonths(d analytics.Day, n int) analytics.Day {
	t := d.Time()
	return analytics.DayOf(time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC))
}

// months is the number of months of a range.
func (r usageRange) months() int {
	a, b := r.From.Time(), r.To.Time()
	return (b.Year()-a.Year())*12 + int(b.Month()-a.Month())
}

// units lists the first days of the units of a range.
func (r usageRange) units() []analytics.Day {
	var list []analytics.Day
	for d := r.From; d < r.To; d = r.Cube.Next(d) {
		list = append(list, d)
	}
	return list
}

// days lists the days of a range.
func (r usageRange) days() []analytics.Day {
	var list []analytics.Day
	for d := r.From; d < r.To; d++ {
		list = append(list, d)
	}
	return list
}

// before is the range to compare with: as long, and wholly of a time when uses were counted.
func (r usageRange) before(compare string) (usageRange, bool) {
	b := r
	monthly := r.Cube == analytics.CubeRecord
	switch {
	case compare == "previous" && monthly:
		b.From, b.To = addMonths(r.From, -r.months()), r.From
	case compare == "previous":
		b.From, b.To = r.From-(r.To-r.From), r.From
	case compare == "year" && monthly:
		b.From, b.To = addMonths(r.From, -12), addMonths(r.To, -12)
	case compare == "year":
		b.From, b.To = r.From-52*7, r.To-52*7
	default:
		return b, false
	}
	return b, b.From >= r.First && b.From < b.To
}

// Words says which days a range covers.
func (r usageRange) Words() string {
	if r.From >= r.To {
		return "no whole " + r.unitWord()
	}
	n := int(r.To-r.From) / 7
	if r.Cube == analytics.CubeRecord {
		n = r.months()
	}
	plural := "s"
	if n == 1 {
		plural = ""
	}
	return fmt.Sprintf("%s to %s (%d %s%s)", longDay(r.From), longDay(r.To-1), n, r.unitWord(), plural)
}

func longDay(d analytics.Day) string { return day(d.Time()) }
