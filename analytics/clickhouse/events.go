package clickhouse

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ctiphub/analytics"
)

// eventColumns are the columns of usage_events.
var eventColumns = strings.Fields(`day hour kind channel record source publisher type language countries themes term results zero
	consumer format amount unique_investigation unique_request new_visitor deal crowd batch_id row_no`)

// Add writes a batch to one shard, as one block: all of one month and less than a million rows, so
// that it becomes one part or none.
func (s *Store) Add(ctx context.Context, b analytics.Batch) error {
	err := insert(s.writing(ctx), s.shardOf(b), s.table("usage_events"), eventColumns, func(put func(...any) error) error {
		for i, e := range b.Events {
			err := put(e.Day.Time(), e.Hour, string(e.Kind), string(e.Channel), e.Record, e.Source, e.Publisher, e.Type, e.Language,
				list(e.Countries), list(e.Themes), e.Term, e.Results, flag(e.Zero), e.Consumer, e.Format, e.Amount,
				flag(e.UniqueInvestigation), flag(e.UniqueRequest), flag(e.NewVisitor), e.Deal, e.Crowd, b.ID, uint32(i))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("adding a batch of usage: %w", err)
	}
	return nil
}

func (s *Store) shardOf(b analytics.Batch) driver.Conn { return s.shards[b.ID%uint64(len(s.shards))] }

func list(l []string) []string {
	if l == nil {
		return []string{}
	}
	return l
}

func flag(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// Stored returns how many events of a batch are there.
func (s *Store) Stored(ctx context.Context, b analytics.Batch) (int, error) {
	var n uint64
	err := s.shardOf(b).QueryRow(ctx, "SELECT count() FROM "+s.table("usage_events")+" WHERE batch_id = ? AND day >= ? AND day < ?",
		b.ID, b.Month.String(), b.Month.NextMonth().String()).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("looking for a batch of usage: %w", err)
	}
	return int(n), nil
}

// Leaves returns the rollup of a cube for one unit.
func (s *Store) Leaves(ctx context.Context, c analytics.Cube, unit analytics.Day) ([]analytics.Leaf, error) {
	r := rollups[c]
	rows, err := s.read.Query(ctx, r.leaves(s.all(r.table)), unit.String(), c.Next(unit).String())
	if err != nil {
		return nil, fmt.Errorf("reading the usage rollup %s of %s: %w", c, unit, err)
	}
	defer rows.Close()
	var leaves []analytics.Leaf
	for rows.Next() {
		var l analytics.Leaf
		if err := rows.Scan(r.targets(&l)...); err != nil {
			return nil, fmt.Errorf("reading the usage rollup %s of %s: %w", c, unit, err)
		}
		if c == analytics.CubeRecord {
			l.Month = l.Day
		}
		leaves = append(leaves, l)
	}
	analytics.SortLeaves(leaves)
	return leaves, rows.Err()
}

// Span returns the first and the last day with uses.
func (s *Store) Span(ctx context.Context) (first, last analytics.Day, ok bool, err error) {
	for _, c := range []analytics.Cube{analytics.CubeSite, analytics.CubeTerm, analytics.CubeExport} {
		r := rollups[c]
		var from, to analytics.Day
		var n uint64
		err := s.read.QueryRow(ctx, "SELECT count(), min("+r.unit+"), max("+r.unit+") FROM "+s.all(r.table)).Scan(&n, &from, &to)
		if err != nil {
			return 0, 0, false, fmt.Errorf("reading the span of the usage: %w", err)
		}
		if n == 0 {
			continue
		}
		if !ok || from < first {
			first = from
		}
		if !ok || to > last {
			last = to
		}
		ok = true
	}
	return first, last, ok, nil
}
