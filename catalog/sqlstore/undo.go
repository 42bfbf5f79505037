package sqlstore

import (
	"context"
	"fmt"

	"ctiphub/record"
)

// keep saves a record as it is before the listing at hand changes it for the first time.
// What that listing itself brought needs no saving: undoing it means to bury it.
func (c *commit) keep(ctx context.Context, old *row) error {
	if old == nil || c.chain == 0 || old.born >= c.chain {
		return nil
	}
	if _, err := c.stmt(ctx, c.s.q.keepUndo).ExecContext(ctx, c.source, c.chain, old.num); err != nil {
		return fmt.Errorf("saving record %d before it changes: %w", old.num, err)
	}
	return nil
}

// before is a record as it was.
type before struct {
	num           int64
	kept          bool
	hash, rawHash string
	fields        int64
	doc           []byte
	meta          string
	body          []byte
	code, detail  string
	base          []byte
}

// undoBlock is how many records one transaction puts back or withdraws.
const undoBlock = 500

// saved reads a block of what a chain of runs changed.
func (c *commit) saved(ctx context.Context, source string, chain int64) ([]before, error) {
	rows, err := c.tx.QueryContext(ctx, `SELECT num, kept, hash, raw_hash, fields, doc, meta, body, code, detail, base FROM undo WHERE source = $1 AND chain = $2 ORDER BY num LIMIT $3`, source, chain, undoBlock)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []before
	for rows.Next() {
		var b before
		if err := rows.Scan(&b.num, &b.kept, &b.hash, &b.rawHash, &b.fields, &b.doc, &b.meta, &b.body, &b.code, &b.detail, &b.base); err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	return list, rows.Err()
}

// restoreBlock puts a block of records back as they were, and returns how many it was.
func (c *commit) restoreBlock(ctx context.Context, source string, chain int64) (int, error) {
	list, err := c.saved(ctx, source, chain)
	if err != nil {
		return 0, fmt.Errorf("reading what is to be put back: %w", err)
	}
	for _, b := range list {
		if err := c.restore(ctx, b); err != nil {
			return 0, err
		}
		if _, err := c.tx.ExecContext(ctx, `DELETE FROM undo WHERE source = $1 AND chain = $2 AND num = $3`, source, chain, b.num); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// restore puts one record back: as a new change of the log, because consumers have seen
// what came in between.
func (c *commit) restore(ctx context.Context, b before) error {
	id, cur, err := scanRow(c.tx.QueryRowContext(ctx, `SELECT `+rowColumns+` FROM record WHERE num = $1`, b.num).Scan)
	if err != nil {
		return fmt.Errorf("looking up record %d: %w", b.num, err)
	}
	if !b.kept {
		if !cur.kept {
			return nil
		}
		return c.bury(ctx, cur)
	}
	it, err := storedItem(b.doc, b.base, b.code, b.detail)
	if err != nil {
		return err
	}
	it.id, it.raw = id, record.Raw{Identifier: it.rec.Origin.Identifier}
	it.hash, it.rawHash, it.fields, it.meta, it.body = b.hash, b.rawHash, b.fields, b.meta, b.body
	// Overrides are the curators', and not of the run that is undone.
	on, err := c.layersOf(ctx, id)
	if err != nil {
		return err
	}
	if err := c.s.layer(it, on); err != nil {
		return err
	}
	c.s.views(it)
	it.once.Do(func() {}) // it is complete
	return c.put(ctx, cur, it)
}

// buryBlock withdraws a block of the records that a query selects, and returns how many
// it was and how many of them were live.
func (c *commit) buryBlock(ctx context.Context, where string, args ...any) (n, withdrawn int, err error) {
	list, err := c.rows(ctx, `SELECT `+rowColumns+` FROM record WHERE kept AND `+where+fmt.Sprintf(` ORDER BY num LIMIT %d`, undoBlock), args...)
	if err != nil {
		return 0, 0, fmt.Errorf("reading what is to be withdrawn: %w", err)
	}
	for _, r := range list {
		if r.visible == live {
			withdrawn++
		}
		if err := c.bury(ctx, r); err != nil {
			return 0, 0, err
		}
	}
	return len(list), withdrawn, nil
}

// rows reads rows of rowColumns.
func (c *commit) rows(ctx context.Context, query string, args ...any) ([]*row, error) {
	rows, err := c.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []*row
	for rows.Next() {
		_, r, err := scanRow(rows.Scan)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}
