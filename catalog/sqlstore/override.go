package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

const overrideColumns = `o.record, o.layer, o.field, o.op, o.value, o.who, o.why, o.made, o.base, o.retired`

// scanOverride reads one row of overrideColumns, and what follows them.
func scanOverride(scan func(...any) error, more ...any) (o catalog.Override, err error) {
	var made, retired int64
	err = scan(append([]any{&o.Record, &o.Layer, &o.Field, &o.Op, &o.Value, &o.Who, &o.Why, &made, &o.Base, &retired}, more...)...)
	o.When, o.Retired = fromMillis(made), fromMillis(retired)
	return o, err
}

// querier is a database or a transaction of it.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// countingOverrides reads the overrides that count of some records.
func countingOverrides(ctx context.Context, q querier, ids ...any) (map[record.ID][]catalog.Override, error) {
	rows, err := q.QueryContext(ctx, `SELECT `+overrideColumns+` FROM override o WHERE o.retired = 0 AND o.record IN (`+placeholders(1, len(ids))+`) ORDER BY o.record, o.layer, o.field, o.item`, ids...)
	if err != nil {
		return nil, fmt.Errorf("reading overrides: %w", err)
	}
	defer rows.Close()
	list := map[record.ID][]catalog.Override{}
	for rows.Next() {
		o, err := scanOverride(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("reading overrides: %w", err)
		}
		list[o.Record] = append(list[o.Record], o)
	}
	return list, rows.Err()
}

// retire marks overrides that the source has come to agree with.
func (c *commit) retire(ctx context.Context, list []catalog.Override) error {
	for _, o := range list {
		if _, err := c.tx.ExecContext(ctx, `UPDATE override SET retired = $5 WHERE record = $1 AND layer = $2 AND field = $3 AND item = $4`, string(o.Record), string(o.Layer), o.Field, itemOf(o), millis(c.now)); err != nil {
			return fmt.Errorf("retiring the override of %s of record %s: %w", o.Field, o.Record, err)
		}
	}
	return nil
}

// itemOf tells the overrides of one field of one layer apart.
func itemOf(o catalog.Override) string {
	if o.Op == catalog.Set {
		return ""
	}
	return o.Value
}

// Correct stores overrides and lets their records show them.
func (s *Store) Correct(ctx context.Context, now time.Time, list []catalog.Override) error {
	for _, o := range list {
		if err := o.Check(); err != nil {
			return fmt.Errorf("correcting record %s: %w", o.Record, err)
		}
	}
	return s.change(ctx, now, func(c *commit) error {
		changed := map[record.ID]*row{}
		for _, o := range list {
			r, err := c.correct(ctx, o)
			if err != nil {
				return fmt.Errorf("correcting %s of record %s: %w", o.Field, o.Record, err)
			}
			changed[o.Record] = r
		}
		// Each record moves once, however many of its fields were corrected.
		for _, id := range slices.Sorted(maps.Keys(changed)) {
			if err := c.refresh(ctx, changed[id]); err != nil {
				return err
			}
		}
		return c.relaid(ctx)
	})
}

// correct stores one override and returns the row of its record.
func (c *commit) correct(ctx context.Context, o catalog.Override) (*row, error) {
	r, base, decision, err := c.normalized(ctx, o.Record)
	if err != nil {
		return nil, err
	}
	if o.Field == catalog.DecisionField {
		o.Base = catalog.Fingerprint(base, decision)
	} else {
		o.Base = catalog.Says(base, o.Field)
	}
	if o.Op == catalog.Set {
		// It says all that its layer has to say of the field.
		if _, err := c.tx.ExecContext(ctx, `DELETE FROM override WHERE record = $1 AND layer = $2 AND field = $3`, string(o.Record), string(o.Layer), o.Field); err != nil {
			return nil, err
		}
	}
	text, err := queryText("put_override")
	if err != nil {
		return nil, err
	}
	_, err = c.tx.ExecContext(ctx, text, string(o.Record), string(o.Layer), o.Field, itemOf(o), string(o.Op), o.Value, o.Who, o.Why, millis(c.now), o.Base)
	return r, err
}

// normalized reads a stored record as it was normalized.
func (c *commit) normalized(ctx context.Context, id record.ID) (*row, record.Record, record.Decision, error) {
	_, r, err := scanRow(c.tx.QueryRowContext(ctx, `SELECT `+rowColumns+` FROM record WHERE id = $1 AND kept`, string(id)).Scan)
	if none(err) {
		err = catalog.ErrNotFound
	}
	if err != nil {
		return nil, record.Record{}, record.Decision{}, err
	}
	var doc, base []byte
	var detail string
	if err := c.tx.QueryRowContext(ctx, `SELECT doc, base, detail FROM content WHERE num = $1`, r.num).Scan(&doc, &base, &detail); err != nil {
		return nil, record.Record{}, record.Decision{}, err
	}
	it, err := storedItem(doc, base, r.code, detail)
	if err != nil {
		return nil, record.Record{}, record.Decision{}, err
	}
	return r, plain(it.rec), it.decision, nil
}

// Withdraw ends an override.
func (s *Store) Withdraw(ctx context.Context, now time.Time, o catalog.Override) error {
	err := s.change(ctx, now, func(c *commit) error {
		res, err := c.tx.ExecContext(ctx, `DELETE FROM override WHERE record = $1 AND layer = $2 AND field = $3 AND item = $4`, string(o.Record), string(o.Layer), o.Field, itemOf(o))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return fmt.Errorf("%w (%v)", catalog.ErrNoOverride, err)
		}
		if err := c.relaid(ctx); err != nil {
			return err
		}
		r, _, _, err := c.normalized(ctx, o.Record)
		if err == catalog.ErrNotFound {
			return nil // the record is gone; its override as well now
		}
		if err != nil {
			return err
		}
		return c.refresh(ctx, r)
	})
	if err != nil {
		return fmt.Errorf("withdrawing the override of %s of record %s: %w", o.Field, o.Record, err)
	}
	return nil
}

// Overrides returns overrides, the newest first, and where the source has changed since.
func (s *Store) Overrides(ctx context.Context, q catalog.OverrideQuery) ([]catalog.Override, error) {
	where, args := []string{"TRUE"}, []any{}
	add := func(cond string, arg any) {
		args = append(args, arg)
		where = append(where, fmt.Sprintf(cond, len(args)))
	}
	if q.Record != "" {
		add("o.record = $%d", string(q.Record))
	}
	if q.Source != "" {
		add("r.source = $%d", q.Source)
	}
	if !q.Retired {
		where = append(where, "o.retired = 0")
	}
	if q.Limit <= 0 {
		q.Limit = 1000
	}
	args = append(args, q.Limit)
	rows, err := s.read.QueryContext(ctx, `SELECT `+overrideColumns+`, coalesce(r.code, ''), coalesce(c.doc, ''), coalesce(c.base, ''), coalesce(c.detail, '')
		FROM override o LEFT JOIN record r ON r.id = o.record LEFT JOIN content c ON c.num = r.num
		WHERE `+strings.Join(where, " AND ")+fmt.Sprintf(` ORDER BY o.made DESC, o.record, o.field, o.item LIMIT $%d`, len(args)), args...)
	if err != nil {
		return nil, fmt.Errorf("reading overrides: %w", err)
	}
	defer rows.Close()
	list := []catalog.Override{}
	for rows.Next() {
		var code, detail string
		var doc, base []byte
		o, err := scanOverride(rows.Scan, &code, &doc, &base, &detail)
		if err == nil && len(doc) > 0 && o.Retired.IsZero() {
			o.Says, err = saysNow(o, doc, base, code, detail)
		}
		if err != nil {
			return nil, fmt.Errorf("reading overrides: %w", err)
		}
		list = append(list, o)
	}
	return list, rows.Err()
}

// saysNow returns what the source says now, when that is not what it said before.
func saysNow(o catalog.Override, doc, base []byte, code, detail string) (string, error) {
	it, err := storedItem(doc, base, code, detail)
	if err != nil {
		return "", err
	}
	rec := plain(it.rec)
	now := catalog.Says(rec, o.Field)
	if o.Field == catalog.DecisionField {
		now = catalog.Fingerprint(rec, it.decision)
	}
	if now == o.Base {
		return "", nil
	}
	return now, nil
}
