package sqlstore

import (
	"context"
	"fmt"
	"time"

	"ctiphub/catalog"
)

// rebuildBlock is how many records one transaction of Rebuild derives anew.
const rebuildBlock = 500

// Rebuild derives sets, facets and the search index again from the records as stored: for
// a new analyzer, a new tree of themes, or an index that was damaged. It works in blocks,
// so that harvests and readers go on beside it. A record whose sets are no longer the same
// moves in the change log, as those who harvest a set must hear of it; all others stay.
func (s *Store) Rebuild(ctx context.Context, now time.Time) error {
	// Every row of the search index is deleted and written again: merging on the way would
	// copy the deleted ones over and over.
	if err := s.setMerging(ctx, 0, 0); err != nil {
		return fmt.Errorf("rebuilding the index: %w", err)
	}
	if err := s.rebuildBlocks(ctx, now); err != nil {
		return fmt.Errorf("rebuilding the index: %w", err)
	}
	if err := s.mergeSegments(ctx); err != nil {
		return fmt.Errorf("rebuilding the index: %w", err)
	}
	// What was saved may hold the facets of before under the same number.
	return s.saveFacets(ctx, true)
}

func (s *Store) rebuildBlocks(ctx context.Context, now time.Time) error {
	for after, more := int64(0), true; more; {
		err := s.change(ctx, now, func(c *commit) (err error) {
			after, more, err = c.rebuild(ctx, after)
			return err
		})
		if err != nil {
			return err
		}
	}
	return s.change(ctx, now, func(c *commit) error {
		_, err := c.tx.ExecContext(ctx, `UPDATE spec SET members = (SELECT count(*) FROM member WHERE member.spec = spec.num)`)
		return err
	})
}

// stored is one live record as Rebuild reads it.
type stored struct {
	row row
	doc []byte
}

// rebuild derives one block anew and returns how far it came.
func (c *commit) rebuild(ctx context.Context, after int64) (last int64, more bool, err error) {
	list, err := c.storedBlock(ctx, `num > $1`, rebuildBlock, after)
	if err != nil || len(list) == 0 {
		return after, false, err
	}
	for i := range list {
		if err := c.rebuildRecord(ctx, &list[i], false); err != nil {
			return 0, false, err
		}
	}
	return list[len(list)-1].row.num, len(list) == rebuildBlock, nil
}

// storedBlock reads live records that a condition selects, in order of their numbers.
func (c *commit) storedBlock(ctx context.Context, where string, limit int, args ...any) ([]stored, error) {
	rows, err := c.tx.QueryContext(ctx, `SELECT `+rowColumns+`, (SELECT doc FROM content WHERE content.num = record.num)
		FROM record WHERE `+where+fmt.Sprintf(` AND visible = 1 ORDER BY num LIMIT %d`, limit), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []stored
	for rows.Next() {
		var s stored
		_, r, err := scanRow(func(dst ...any) error { return rows.Scan(append(dst, &s.doc)...) })
		if err != nil {
			return nil, err
		}
		s.row = *r
		list = append(list, s)
	}
	return list, rows.Err()
}

// rebuildRecord derives the views of one record anew. It moves in the change log when its
// sets changed, or when what is served of it changed in another way.
func (c *commit) rebuildRecord(ctx context.Context, st *stored, moves bool) error {
	rec, err := decode(st.doc)
	if err != nil {
		return err
	}
	next := st.row
	next.sets, next.facets = c.s.derive(rec)
	title, text := searchText(rec)
	if moves || next.sets != st.row.sets {
		next.seq = c.nextSeq()
		if _, err := c.tx.ExecContext(ctx, `UPDATE record SET seq = $2, stamp = $3, sets = $4, facets = $5 WHERE num = $1`, next.num, next.seq, c.stamp, next.sets, next.facets); err != nil {
			return err
		}
		c.count(&st.row, -1)
		c.count(&next, 1)
		return c.publish(ctx, &st.row, &next, title, text)
	}
	if next.facets != st.row.facets {
		if _, err := c.tx.ExecContext(ctx, `UPDATE record SET facets = $2 WHERE num = $1`, next.num, next.facets); err != nil {
			return err
		}
	}
	if err := c.moveMember(ctx, &next, &next); err != nil {
		return err
	}
	if _, err := c.stmt(ctx, c.s.q.deleteSearch).ExecContext(ctx, next.num); err != nil {
		return err
	}
	if _, err := c.stmt(ctx, c.s.q.insertSearch).ExecContext(ctx, next.num, title, text, indexed(next.facets)); err != nil {
		return err
	}
	// No Before: the facets in memory may be what is damaged.
	c.facets = append(c.facets, catalog.FacetChange{Num: uint32(next.num), Now: readFacets(next.facets)})
	return nil
}
