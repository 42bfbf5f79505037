package analytics

import "context"

// Importer is a store that takes rollups of another one.
type Importer interface {
	Store
	// Import puts the leaves of a month into the place of those that were imported before.
	Import(ctx context.Context, month Day, leaves map[Cube][]Leaf) error
}

// CopyRollups copies the rollups of all months, and returns how many these are. Copying again
// replaces what was copied; what the other store counted itself stays.
func CopyRollups(ctx context.Context, from Store, to Importer) (int, error) {
	first, last, ok, err := from.Span(ctx)
	if err != nil || !ok {
		return 0, err
	}
	n := 0
	for month := first.Month(); month <= last; month = month.NextMonth() {
		leaves := map[Cube][]Leaf{}
		for _, c := range Rollups() {
			for unit := c.UnitOf(month); unit < month.NextMonth(); unit = c.Next(unit) {
				list, err := from.Leaves(ctx, c, unit)
				if err != nil {
					return n, err
				}
				for _, l := range list {
					if l.Month == month {
						leaves[c] = append(leaves[c], l)
					}
				}
			}
		}
		if err := to.Import(ctx, month, leaves); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// CopyReleases copies what was released and the other store has not, cell by cell as it was
// released, and returns how many units these are.
func CopyReleases(ctx context.Context, from, to Store) (int, error) {
	n := 0
	for _, c := range Rollups() {
		list, err := from.Releases(ctx, c, 0, maxDay)
		if err != nil {
			return n, err
		}
		for _, r := range list {
			there, err := to.Releases(ctx, c, r.Unit, r.Unit+1)
			if err != nil {
				return n, err
			}
			if len(there) > 0 {
				continue
			}
			cells, err := cellsOf(ctx, from, r)
			if err != nil {
				return n, err
			}
			if err := to.Release(ctx, Release{Released: r, Cells: cells}); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}

// maxDay is after all days that a store may hold.
const maxDay = 1 << 15

// cellsOf reads all cells of a release, none of them added up.
func cellsOf(ctx context.Context, s Store, r Released) ([]Cell, error) {
	var all []Cell
	for _, view := range r.Cube.Views() {
		cells, err := s.Cells(ctx, Question{View: view, From: r.Unit, To: r.Cube.Next(r.Unit), By: []string{"unit", "a", "b", "c"}, Crowd: LeastCrowd})
		if err != nil {
			return nil, err
		}
		all = append(all, cells...)
	}
	return all, nil
}
