package sqlstore

import (
	"context"
	"strings"

	"ctiphub/catalog"
	"ctiphub/record"
)

// The states of visible.
const (
	never     = 0
	live      = 1
	tombstone = 2
)

// row is what a commit needs to know of a stored record.
type row struct {
	id            record.ID
	num, seq      int64
	visible       int
	held, kept    bool
	hash, rawHash string
	sets, facets  string
	fields        int64 // bits of the guarded fields
	born          int64 // run that first listed it
	source, code  string
}

const rowColumns = `id, num, seq, visible, held, kept, hash, raw_hash, sets, facets, fields, born_run, source, code`

// scanRow reads one row of rowColumns.
func scanRow(scan func(...any) error) (id record.ID, r *row, err error) {
	r = &row{}
	err = scan(&r.id, &r.num, &r.seq, &r.visible, &r.held, &r.kept, &r.hash, &r.rawHash, &r.sets, &r.facets, &r.fields, &r.born, &r.source, &r.code)
	return r.id, r, err
}

// lookup reads the stored rows of the ids.
func (c *commit) lookup(ctx context.Context, ids []record.ID) (map[record.ID]*row, error) {
	have := make(map[record.ID]*row, len(ids))
	err := eachRow(ctx, c.stmt(ctx, c.s.q.lookup), ids, func(scan func(...any) error) error {
		id, r, err := scanRow(scan)
		have[id] = r
		return err
	})
	return have, err
}

// item stores one record that was not rejected, and counts it unless it is the same.
func (c *commit) item(ctx context.Context, old *row, it *item, out *catalog.Outcome) (same bool, err error) {
	if it.raw.Deleted {
		if old == nil || !old.kept {
			return true, nil
		}
		out.Changed++
		out.Deleted++
		return false, c.bury(ctx, old)
	}
	if old != nil && old.hash == it.hash {
		if old.rawHash != it.rawHash {
			err = c.rawOnly(ctx, old.num, it)
		}
		return true, err
	}
	if old == nil {
		out.New++
	} else {
		out.Changed++
	}
	if it.held() {
		out.Held++
	}
	if err := c.retire(ctx, it.retired); err != nil {
		return false, err
	}
	return false, c.put(ctx, old, it)
}

// put writes a new or changed record and everything derived from it.
func (c *commit) put(ctx context.Context, old *row, it *item) error {
	if err := c.s.complete(it); err != nil {
		return err
	}
	if err := c.keep(ctx, old); err != nil {
		return err
	}
	next, announce := c.next(old, it)
	now := millis(c.now)
	var err error
	if old == nil {
		c.num++
		next.num = c.num
		_, err = c.stmt(ctx, c.s.q.insertRecord).ExecContext(ctx, next.num, string(it.id), c.source, it.raw.Identifier, next.seq, c.stamp,
			next.visible, next.held, next.hash, it.rawHash, next.sets, next.facets, it.rec.Issued.EDTF, now, c.run, it.fields, it.code, len(it.rec.Review))
	} else {
		_, err = c.stmt(ctx, c.s.q.updateRecord).ExecContext(ctx, next.num, next.seq, announce, c.stamp, next.visible, next.held,
			next.hash, it.rawHash, next.sets, next.facets, it.rec.Issued.EDTF, now, c.run, it.fields, it.code, len(it.rec.Review))
	}
	if err != nil {
		return err
	}
	if _, err := c.stmt(ctx, c.s.q.putContent).ExecContext(ctx, next.num, it.doc, it.meta, it.body, it.detail, string(it.base)); err != nil {
		return err
	}
	return c.show(ctx, old, &next, announce, it)
}

// next returns the row that a record is to have, and whether its published view changes.
func (c *commit) next(old *row, it *item) (next row, announce bool) {
	next = row{id: it.id, visible: live, held: it.held(), kept: true, hash: it.hash, rawHash: it.rawHash, fields: it.fields, source: c.source, code: it.code}
	if old != nil {
		next.num, next.seq, next.sets, next.source, next.born = old.num, old.seq, old.sets, old.source, old.born
	}
	if next.held {
		next.visible = never
		if old != nil && old.visible != never {
			next.visible = tombstone
		}
	}
	if announce = next.visible == live || old == nil || old.visible != next.visible; announce {
		next.seq = c.nextSeq()
	}
	if next.visible == live {
		next.sets, next.facets = it.sets, it.facets
	}
	return next, announce
}

// show counts a record that was written, and moves it in the views that it is in.
func (c *commit) show(ctx context.Context, old, next *row, announce bool, it *item) error {
	if old != nil {
		c.count(old, -1)
	}
	c.count(next, 1)
	if !announce || next.visible == never {
		return nil // neither was nor is in any view, or is there as it was
	}
	return c.publish(ctx, old, next, it.title, it.text)
}

// derive returns what is computed of a record for its sets and facets, as stored.
func (s *Store) derive(rec record.Record) (sets, facets string) {
	return strings.Join(catalog.SetSpecs(rec, s.o.Broader), " "), writeFacets(catalog.FacetValues(rec))
}

// publish moves what derives from the published view: change log, sets, search, facets.
func (c *commit) publish(ctx context.Context, old, next *row, title, text string) error {
	kind := "new"
	switch {
	case next.visible == tombstone:
		kind = "deleted"
	case old != nil && old.visible == live:
		kind = "changed"
	}
	c.changes = append(c.changes, next.seq, next.num, c.run, kind)
	if err := c.moveMember(ctx, old, next); err != nil {
		return err
	}
	fc := catalog.FacetChange{Num: uint32(next.num)}
	if old != nil && old.visible == live {
		fc.Before = readFacets(old.facets)
		if _, err := c.stmt(ctx, c.s.q.deleteSearch).ExecContext(ctx, next.num); err != nil {
			return err
		}
	}
	if next.visible == live {
		fc.Now = readFacets(next.facets)
		if _, err := c.stmt(ctx, c.s.q.insertSearch).ExecContext(ctx, next.num, title, text, indexed(next.facets)); err != nil {
			return err
		}
	}
	c.facets = append(c.facets, fc)
	return nil
}

// bury makes a tombstone of a record that was published, and forgets one that was not.
func (c *commit) bury(ctx context.Context, old *row) error {
	if err := c.keep(ctx, old); err != nil {
		return err
	}
	next := *old
	next.held, next.kept, next.hash, next.facets = false, false, "", ""
	if old.visible == live {
		next.visible, next.seq = tombstone, c.nextSeq()
	}
	if _, err := c.stmt(ctx, c.s.q.buryRecord).ExecContext(ctx, old.num, next.seq, old.visible == live, c.stamp, next.visible, millis(c.now), c.run); err != nil {
		return err
	}
	if _, err := c.tx.ExecContext(ctx, `DELETE FROM content WHERE num = $1`, old.num); err != nil {
		return err
	}
	c.count(old, -1)
	c.count(&next, 1)
	if old.visible != live {
		return nil
	}
	return c.publish(ctx, old, &next, "", "")
}

// moveMember moves a record's place in its sets.
func (c *commit) moveMember(ctx context.Context, old, next *row) error {
	if old != nil && old.visible != never {
		if err := c.leave(ctx, old); err != nil {
			return err
		}
	}
	return c.join(ctx, next)
}

// leave takes a record out of its sets and all sets above them.
func (c *commit) leave(ctx context.Context, r *row) error {
	for _, spec := range catalog.WithAncestors(strings.Fields(r.sets)) {
		n, err := c.spec(ctx, spec)
		if err != nil {
			return err
		}
		c.left = append(c.left, member{n, r.seq})
		c.members[n]--
	}
	return nil
}

// join puts a record into its sets and all sets above them.
func (c *commit) join(ctx context.Context, r *row) error {
	for _, spec := range catalog.WithAncestors(strings.Fields(r.sets)) {
		n, err := c.spec(ctx, spec)
		if err != nil {
			return err
		}
		c.joined = append(c.joined, member{n, r.seq})
		c.members[n]++
	}
	return nil
}

// rawOnly keeps what a record would now be made from, when it comes out the same.
func (c *commit) rawOnly(ctx context.Context, num int64, it *item) error {
	meta, body, err := c.s.encodeRaw(it.raw)
	if err != nil {
		return err
	}
	if _, err = c.tx.ExecContext(ctx, `UPDATE content SET meta = $2, body = $3 WHERE num = $1`, num, meta, body); err != nil {
		return err
	}
	_, err = c.tx.ExecContext(ctx, `UPDATE record SET raw_hash = $2 WHERE num = $1`, num, it.rawHash)
	return err
}
