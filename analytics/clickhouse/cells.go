package clickhouse

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ctiphub/analytics"
)

var cellColumns = strings.Fields("release released_unit view unit a b c metric n uniq people")

// releaseView marks the row of a release about itself: its cube, when, k, and how much is
// withheld.
const releaseView = "release"

// Release writes the cells of one unit as one block. They are read once they are there: the
// release with the highest number counts.
func (s *Store) Release(ctx context.Context, r analytics.Release) error {
	id, unit := uint64(time.Now().UnixNano()), r.Unit.Time()
	err := insert(s.writing(ctx), s.shards[0], s.table("usage_cell"), cellColumns, func(put func(...any) error) error {
		err := put(id, unit, releaseView, unit, string(r.Cube), strconv.FormatInt(r.At.Unix(), 10), "", "", int64(r.Crowd), int64(r.Withheld), int64(0))
		if err != nil {
			return err
		}
		for _, c := range r.Cells {
			if err := put(id, unit, string(c.View), c.Unit.Time(), c.A, c.B, c.C, c.Metric, c.N, c.Uniq, int64(c.People)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("releasing %s of %s: %w", r.Cube, r.Unit, err)
	}
	return nil
}

// released is a release with its number.
type released struct {
	analytics.Released
	id uint64
}

// latest returns the release that counts of each unit, in order of units.
func (s *Store) latest(ctx context.Context, c analytics.Cube, from, to analytics.Day) ([]released, error) {
	rows, err := s.read.Query(ctx, "SELECT release, unit, b, n, uniq FROM "+s.all("usage_cell")+
		" WHERE view = '"+releaseView+"' AND a = ? AND unit >= ? AND unit < ? ORDER BY unit, release", string(c), from.String(), to.String())
	if err != nil {
		return nil, fmt.Errorf("reading what was released of %s: %w", c, err)
	}
	defer rows.Close()
	var list []released
	for rows.Next() {
		r := released{Released: analytics.Released{Cube: c}}
		var at string
		var k, withheld int64
		if err := rows.Scan(&r.id, &r.Unit, &at, &k, &withheld); err != nil {
			return nil, fmt.Errorf("reading what was released of %s: %w", c, err)
		}
		seconds, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("reading what was released of %s: %w", c, err)
		}
		r.At, r.Crowd, r.Withheld = time.Unix(seconds, 0).UTC(), int(k), int(withheld)
		if last := len(list) - 1; last >= 0 && list[last].Unit == r.Unit {
			list[last] = r
			continue
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// Releases lists what was released, in order of units.
func (s *Store) Releases(ctx context.Context, c analytics.Cube, from, to analytics.Day) ([]analytics.Released, error) {
	list, err := s.latest(ctx, c, from, to)
	if err != nil {
		return nil, err
	}
	var out []analytics.Released
	for _, r := range list {
		out = append(out, r.Released)
	}
	return out, nil
}

// Cells answers a question from released cells.
func (s *Store) Cells(ctx context.Context, q analytics.Question) ([]analytics.Cell, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	cube := analytics.CubeOf(q.View)
	releases, err := s.latest(ctx, cube, cube.UnitOf(q.From), q.To)
	if err != nil || len(releases) == 0 {
		return nil, err
	}
	query, args := q.Query(s.all("usage_cell"), "release IN ("+numbers(releases)+")")
	rows, err := s.read.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("asking for usage by %s: %w", q.View, err)
	}
	defer rows.Close()
	var list []analytics.Cell
	for rows.Next() {
		c, err := q.Scan(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("asking for usage by %s: %w", q.View, err)
		}
		if q.Admit(c) {
			list = append(list, c)
		}
	}
	return list, rows.Err()
}

func numbers(releases []released) string {
	var ids []string
	for _, r := range releases {
		ids = append(ids, strconv.FormatUint(r.id, 10))
	}
	return strings.Join(ids, ", ")
}

// superseded lists releases that others took the place of, old enough that nobody reads them.
func (s *Store) superseded(ctx context.Context) ([]released, error) {
	var old []released
	before := uint64(time.Now().Add(-time.Hour).UnixNano())
	for _, c := range analytics.Rollups() {
		latest, err := s.latest(ctx, c, 0, 1<<15)
		if err != nil {
			return nil, err
		}
		rows, err := s.read.Query(ctx, "SELECT release FROM "+s.all("usage_cell")+" WHERE view = '"+releaseView+"' AND a = ? AND release < ?", string(c), before)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var r released
			if err := rows.Scan(&r.id); err != nil {
				rows.Close()
				return nil, err
			}
			if !slices.ContainsFunc(latest, func(l released) bool { return l.id == r.id }) {
				old = append(old, r)
			}
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return old, nil
}
