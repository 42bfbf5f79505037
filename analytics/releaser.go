package analytics

import (
	"context"
	"fmt"
	"time"
)

// Releaser decides about each unit of each cube what may be shown of it, once it is over.
type Releaser struct {
	Store     Store
	Crowd     int // k
	Retention Retention
	Now       func() time.Time
}

// Run releases all units that are over before a day and were not released yet, or under
// another k. It returns how many it released.
func (r Releaser) Run(ctx context.Context, before Day) (n int, err error) {
	first, last, ok, err := r.Store.Span(ctx)
	if err != nil || !ok {
		return 0, err
	}
	for _, c := range Rollups() {
		done, err := r.cube(ctx, c, first, last, before)
		if n += done; err != nil {
			return n, err
		}
	}
	return n, nil
}

func (r Releaser) cube(ctx context.Context, c Cube, first, last, before Day) (n int, err error) {
	if kept := r.kept(c); first < kept {
		first = kept
	}
	released, err := r.released(ctx, c, first, last)
	if err != nil {
		return 0, err
	}
	for unit := c.UnitOf(first); unit <= last && c.over(unit) <= before; unit = c.Next(unit) {
		if released[unit] == r.Crowd {
			continue
		}
		if err := r.Release(ctx, c, unit); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// over returns the first day on which everything is there that decides about a unit: of a month
// that is the last of the weeks that it has days in.
func (c Cube) over(unit Day) Day {
	if c == CubeRecord {
		return (c.Next(unit) - 1).Week() + 7
	}
	return c.Next(unit)
}

// kept returns the first day of the oldest unit that is whole: what is older is being deleted.
func (r Releaser) kept(c Cube) Day {
	months := r.Retention.RollupMonths
	if c == CubeTerm {
		months = r.Retention.TermMonths
	}
	oldest := monthsBefore(DayOf(r.Now()), months)
	if c.UnitOf(oldest) < oldest {
		return c.Next(c.UnitOf(oldest))
	}
	return oldest
}

// monthsBefore returns the first day of the month that many months before the day's.
func monthsBefore(d Day, months int) Day { return DayOf(d.Month().Time().AddDate(0, -months, 0)) }

// released returns the k of each unit that was released.
func (r Releaser) released(ctx context.Context, c Cube, first, last Day) (map[Day]int, error) {
	list, err := r.Store.Releases(ctx, c, c.UnitOf(first), last+1)
	if err != nil {
		return nil, err
	}
	by := map[Day]int{}
	for _, l := range list {
		by[l.Unit] = l.Crowd
	}
	return by, nil
}

// Release releases one unit, whatever was released of it before.
func (r Releaser) Release(ctx context.Context, c Cube, unit Day) error {
	leaves, err := r.Store.Leaves(ctx, c, unit)
	if err != nil {
		return err
	}
	var days Days
	if c == CubeRecord {
		if days, err = r.days(ctx, unit); err != nil {
			return err
		}
	}
	cells, withheld := Cut(c, unit, leaves, r.Crowd, days)
	err = r.Store.Release(ctx, Release{
		Released: Released{Cube: c, Unit: unit, Crowd: r.Crowd, At: r.Now().UTC(), Withheld: withheld}, Cells: cells,
	})
	if err != nil {
		return fmt.Errorf("releasing usage: %w", err)
	}
	return nil
}

// days reads what the days of a month tell.
func (r Releaser) days(ctx context.Context, month Day) (Days, error) {
	var all []Leaf
	for week := month.Week(); week < month.NextMonth(); week += 7 {
		leaves, err := r.Store.Leaves(ctx, CubeSite, week)
		if err != nil {
			return nil, err
		}
		all = append(all, leaves...)
	}
	return DaysOf(month, all, r.Crowd), nil
}

// Again releases anew what has days in a month, after its rollups were mended.
func (r Releaser) Again(ctx context.Context, month Day) error {
	for _, c := range Rollups() {
		list, err := r.Store.Releases(ctx, c, c.UnitOf(month), month.NextMonth())
		if err != nil {
			return err
		}
		for _, l := range list {
			if err := r.Release(ctx, c, l.Unit); err != nil {
				return err
			}
		}
	}
	return nil
}
