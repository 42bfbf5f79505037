package sqlstore

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

// This file puts on top of what was normalized what the hub knows beyond the source:
// overrides, of which work it is an edition, and which links are dead. The hash by which changes of the source are told is
// of what lies below.

// layers is what is laid on one record.
type layers struct {
	overrides []catalog.Override
	work      record.ID // "" when it is the only edition
}

// layersOf returns what is laid on the records of items, and the version of it: 0 as long
// as nothing ever was.
func (s *Store) layersOf(ctx context.Context, source string, items []catalog.Item) (all map[record.ID]layers, version int64, err error) {
	if err := s.read.QueryRowContext(ctx, `SELECT value FROM counter WHERE name = 'layers'`).Scan(&version); err != nil {
		return nil, 0, fmt.Errorf("reading what is laid on records: %w", err)
	}
	if version == 0 || len(items) == 0 {
		return nil, version, nil
	}
	ids := make([]any, len(items))
	for i, it := range items {
		ids[i] = string(record.NewID(source, it.Raw.Identifier))
	}
	all, err = readLayers(ctx, s.read, ids)
	return all, version, err
}

// layersOf returns what is laid on one record.
func (c *commit) layersOf(ctx context.Context, id record.ID) (layers, error) {
	all, err := readLayers(ctx, c.tx, []any{string(id)})
	return all[id], err
}

func readLayers(ctx context.Context, q querier, ids []any) (map[record.ID]layers, error) {
	all := map[record.ID]layers{}
	over, err := countingOverrides(ctx, q, ids...)
	if err != nil {
		return nil, err
	}
	for id, list := range over {
		all[id] = layers{overrides: list}
	}
	rows, err := q.QueryContext(ctx, `SELECT r.id, e.work FROM record r JOIN edition e ON e.num = r.num WHERE r.id IN (`+placeholders(1, len(ids))+`)`, ids...)
	if err != nil {
		return nil, fmt.Errorf("reading works: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, work record.ID
		if err := rows.Scan(&id, &work); err != nil {
			return nil, fmt.Errorf("reading works: %w", err)
		}
		l := all[id]
		l.work = work
		all[id] = l
	}
	return all, rows.Err()
}

// relaid tells those who prepare batches that what is laid on records has changed.
func (c *commit) relaid(ctx context.Context) error {
	_, err := c.tx.ExecContext(ctx, `UPDATE counter SET value = value + 1 WHERE name = 'layers'`)
	return err
}

// layer lets an item, as it was normalized, show what the hub knows. Overrides that the
// source has come to agree with are laid aside.
func (s *Store) layer(it *item, on layers) error {
	if it.decision.Verdict == record.Hold {
		it.code, it.detail = it.decision.Code, it.decision.Detail
	}
	var counting []catalog.Override
	for _, o := range on.overrides {
		if o.Agrees(it.rec) {
			it.retired = append(it.retired, o)
		} else {
			counting = append(counting, o)
		}
	}
	if len(counting) > 0 || on.work != "" {
		it.base = it.doc
	}
	if on.work != "" {
		it.rec.Work.ID = on.work
	}
	if len(counting) > 0 {
		it.rec, it.decision = catalog.Corrected(it.rec, it.decision, counting, s.o.Broader)
	}
	changed := false
	if s.anyDead.Load() {
		changed, it.rec = s.mark(it.rec)
	}
	if !changed && len(it.base) == 0 {
		return nil
	}
	it.rec.Harvest = record.Harvest{}
	var err error
	if it.doc, err = json.Marshal(document(it.rec)); err != nil {
		return fmt.Errorf("writing record %s: %w", it.rec.ID, err)
	}
	return nil
}

// storedItem is a stored record as it was normalized, before anything is laid on it.
func storedItem(doc, base []byte, code, detail string) (*item, error) {
	it := &item{doc: doc, decision: record.Decision{Verdict: record.Publish}}
	if len(base) > 0 {
		it.doc = base
	}
	if code != "" {
		it.decision = record.Decision{Verdict: record.Hold, Code: code, Detail: detail}
	}
	var err error
	it.rec, err = decode(it.doc)
	return it, err
}

// plain takes off what links have marked.
func plain(rec record.Record) record.Record {
	for i := range rec.Files { // decoded just now: nobody else has them
		if f := &rec.Files[i]; f.Status == deadLink {
			f.Status, f.Checked = "", time.Time{}
		}
	}
	if rec.Origin.Status == originDead {
		rec.Origin.Status = originKnown
	}
	return rec
}

// refresh lets a stored record show what the hub knows now.
func (c *commit) refresh(ctx context.Context, r *row) error {
	var doc, base []byte
	var detail string
	if err := c.tx.QueryRowContext(ctx, `SELECT doc, base, detail FROM content WHERE num = $1`, r.num).Scan(&doc, &base, &detail); err != nil {
		return fmt.Errorf("reading record %d: %w", r.num, err)
	}
	it, err := storedItem(doc, base, r.code, detail)
	if err != nil {
		return err
	}
	if c.s.anyDead.Load() && len(base) == 0 {
		// What was marked when it was stored is in its only document.
		it.rec = plain(it.rec)
		if it.doc, err = json.Marshal(document(it.rec)); err != nil {
			return err
		}
	}
	it.id, it.hash, it.rawHash, it.fields = it.rec.ID, r.hash, r.rawHash, r.fields
	on, err := c.layersOf(ctx, it.id)
	if err != nil {
		return err
	}
	if err := c.s.layer(it, on); err != nil {
		return err
	}
	if bytes.Equal(it.doc, doc) && bytes.Equal(it.base, base) && it.held() == r.held {
		return nil
	}
	return c.reissue(ctx, r, it)
}

// reissue lets a stored record show what an item says, for a change that no listing
// brought: when it was listed stays as it is.
func (c *commit) reissue(ctx context.Context, old *row, it *item) error {
	c.s.views(it)
	next, announce := c.next(old, it)
	_, err := c.stmt(ctx, c.s.q.reissue).ExecContext(ctx, next.num, next.seq, announce, c.stamp, next.visible, next.held, next.hash,
		next.sets, next.facets, it.rec.Issued.EDTF, millis(c.now), it.fields, it.code, len(it.rec.Review))
	if err != nil {
		return fmt.Errorf("writing record %s: %w", it.id, err)
	}
	if _, err := c.tx.ExecContext(ctx, `UPDATE content SET doc = $2, base = $3, detail = $4 WHERE num = $1`, next.num, it.doc, string(it.base), it.detail); err != nil {
		return fmt.Errorf("writing record %s: %w", it.id, err)
	}
	return c.show(ctx, old, &next, announce, it)
}
