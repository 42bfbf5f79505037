package sqlstore

import (
	"context"
	"fmt"
	"iter"

	"github.com/RoaringBitmap/roaring/v2"

	"ctiphub/catalog"
	"ctiphub/record"
)

// block is how many records Records reads at a time.
const block = 500

// liveLog reads the numbers of live records along the change log.
const liveLog = `SELECT num, seq FROM record WHERE visible = 1 AND seq > $1 ORDER BY seq LIMIT $2`

// Records yields every live record that the query selects, in order of the change log.
func (s *Store) Records(ctx context.Context, q catalog.Query) iter.Seq2[record.Record, error] {
	return func(yield func(record.Record, error) bool) {
		hits, err := s.match(ctx, q.Text)
		if err != nil {
			yield(record.Record{}, fmt.Errorf("reading records: %w", err))
			return
		}
		selected := s.facets.Select(hits, q.Filters)
		given := roaring.New()
		for after := int64(0); ; {
			places, last, err := s.nextPlaces(ctx, selected, after)
			if err != nil {
				yield(record.Record{}, fmt.Errorf("reading records: %w", err))
				return
			}
			if len(places) == 0 {
				return
			}
			after = last
			if !s.yieldBlock(ctx, places, given, yield) {
				return
			}
		}
	}
}

// yieldBlock reads the records of a block and hands out those that were not given yet;
// false ends it all.
func (s *Store) yieldBlock(ctx context.Context, places []place, given *roaring.Bitmap, yield func(record.Record, error) bool) bool {
	nums := make([]uint32, len(places))
	for i, p := range places {
		nums[i] = p.num
	}
	entries, err := s.liveEntries(ctx, nums)
	if err != nil {
		yield(record.Record{}, fmt.Errorf("reading records: %w", err))
		return false
	}
	for _, p := range places {
		// One that changed since stands further along the log and is met there, unless an
		// older form of it was given before: no record comes twice.
		if e, ok := entries[p.num]; ok && e.Seq == p.seq && given.CheckedAdd(p.num) && !yield(e.Record, nil) {
			return false
		}
	}
	return true
}

// nextPlaces returns the next block of selected records along the change log, and how far
// it read. It reads on until the block is full or the log at its end.
func (s *Store) nextPlaces(ctx context.Context, selected *roaring.Bitmap, after int64) ([]place, int64, error) {
	var places []place
	for {
		rows, err := s.read.QueryContext(ctx, liveLog, after, 10*block)
		if err != nil {
			return nil, 0, err
		}
		defer rows.Close()
		read := 0
		for len(places) < block && rows.Next() {
			var p place
			if err := rows.Scan(&p.num, &p.seq); err != nil {
				return nil, 0, err
			}
			read++
			after = p.seq
			if selected.Contains(p.num) {
				places = append(places, p)
			}
		}
		if err := rows.Err(); err != nil || len(places) == block || read < 10*block {
			return places, after, err
		}
		if err := rows.Close(); err != nil {
			return nil, 0, err
		}
	}
}
