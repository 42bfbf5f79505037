package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

// dayOf counts days from 1970; the zero time is day 0.
func dayOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix() / (24 * 60 * 60)
}

func fromDay(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(n*24*60*60, 0).UTC()
}

// PutConsumer adds a consumer, or changes all of it but its key when hash is "".
func (s *Store) PutConsumer(ctx context.Context, c catalog.Consumer, hash string) error {
	query, args := `INSERT INTO consumer (id, name, contact, hash, per_minute, made, disabled) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, contact = excluded.contact, hash = excluded.hash, per_minute = excluded.per_minute, disabled = excluded.disabled`,
		[]any{c.ID, c.Name, c.Contact, hash, c.PerMinute, millis(c.Made), c.Disabled}
	if hash == "" {
		query, args = `UPDATE consumer SET name = $2, contact = $3, per_minute = $4, disabled = $5 WHERE id = $1`, []any{c.ID, c.Name, c.Contact, c.PerMinute, c.Disabled}
	}
	res, err := s.write.ExecContext(ctx, query, args...)
	if err == nil {
		var n int64
		if n, err = res.RowsAffected(); err == nil && n == 0 {
			err = catalog.ErrNoConsumer
		}
	}
	if err != nil {
		return fmt.Errorf("keeping the consumer %s: %w", c.ID, err)
	}
	return nil
}

const consumerColumns = `c.id, c.name, c.contact, c.per_minute, c.made, c.disabled`

func scanConsumer(scan func(...any) error, more ...any) (c catalog.Consumer, err error) {
	var made int64
	err = scan(append([]any{&c.ID, &c.Name, &c.Contact, &c.PerMinute, &made, &c.Disabled}, more...)...)
	c.Made = fromMillis(made)
	return c, err
}

// Consumers returns all consumers by id, with what they took.
func (s *Store) Consumers(ctx context.Context, now time.Time) ([]catalog.Consumer, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+consumerColumns+`, coalesce(sum(p.records), 0), coalesce(sum(CASE WHEN p.day > $1 THEN p.records ELSE 0 END), 0), coalesce(max(p.day), 0)
		FROM consumer c LEFT JOIN pull_day p ON p.consumer = c.id GROUP BY `+consumerColumns+` ORDER BY c.id`, dayOf(now)-30)
	if err != nil {
		return nil, fmt.Errorf("reading the consumers: %w", err)
	}
	defer rows.Close()
	var list []catalog.Consumer
	for rows.Next() {
		var records, month int
		var last int64
		c, err := scanConsumer(rows.Scan, &records, &month, &last)
		if err != nil {
			return nil, fmt.Errorf("reading the consumers: %w", err)
		}
		c.Records, c.Month, c.LastSeen = records, month, fromDay(last)
		list = append(list, c)
	}
	return list, rows.Err()
}

// ConsumerOf returns the consumer of a key, by the hash of the key.
func (s *Store) ConsumerOf(ctx context.Context, hash string) (catalog.Consumer, error) {
	c, err := scanConsumer(s.read.QueryRowContext(ctx, `SELECT `+consumerColumns+` FROM consumer c WHERE c.hash = $1`, hash).Scan)
	if none(err) {
		return c, catalog.ErrNoConsumer
	}
	if err != nil {
		return c, fmt.Errorf("looking up a consumer: %w", err)
	}
	return c, nil
}

// AddPulls adds to what consumers took.
func (s *Store) AddPulls(ctx context.Context, pulls []catalog.Pull) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("keeping what consumers took: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	for _, p := range pulls {
		if err := addPull(ctx, tx, p); err != nil {
			return fmt.Errorf("keeping what %s took: %w", p.Consumer, err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("keeping what consumers took: %w", err)
	}
	return nil
}

func addPull(ctx context.Context, tx *sql.Tx, p catalog.Pull) error {
	day := dayOf(p.Day)
	_, err := tx.ExecContext(ctx, `INSERT INTO pull_day (consumer, day, form, requests, records) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (consumer, day, form) DO UPDATE SET requests = pull_day.requests + excluded.requests, records = pull_day.records + excluded.records`,
		p.Consumer, day, p.Form, p.Requests, p.Records)
	if err != nil || p.Last == 0 {
		return err
	}
	// What it touches becomes one range with it.
	first, last, from, to := p.First, p.Last, day, day
	var a, b, c, d sql.NullInt64
	var touched int
	err = tx.QueryRowContext(ctx, `SELECT min(first_seq), max(last_seq), min(first_day), max(last_day), count(*) FROM pull_range WHERE consumer = $1 AND first_seq <= $3 + 1 AND last_seq >= $2 - 1`,
		p.Consumer, p.First, p.Last).Scan(&a, &b, &c, &d, &touched)
	if err != nil {
		return err
	}
	if touched > 0 {
		if touched == 1 && a.Int64 <= p.First && b.Int64 >= p.Last && d.Int64 == day {
			return nil // known already, as of a consumer that takes everything each day
		}
		first, last, from, to = min(first, a.Int64), max(last, b.Int64), min(from, c.Int64), max(to, d.Int64)
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM pull_range WHERE consumer = $1 AND first_seq >= $2 AND last_seq <= $3`, p.Consumer, first, last); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO pull_range (consumer, first_seq, last_seq, first_day, last_day) VALUES ($1, $2, $3, $4, $5)`, p.Consumer, first, last, from, to)
	return err
}

// Takers returns who took a record: the numbers of all its changes are held against what was
// served.
func (s *Store) Takers(ctx context.Context, id record.ID) ([]catalog.Taker, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+consumerColumns+`, min(p.first_day), max(p.last_day) FROM change x
		JOIN pull_range p ON x.seq >= p.first_seq AND x.seq <= p.last_seq JOIN consumer c ON c.id = p.consumer
		WHERE x.num = (SELECT num FROM record WHERE id = $1) AND x.kind <> 'deleted' GROUP BY `+consumerColumns+` ORDER BY c.id`, string(id))
	if err != nil {
		return nil, fmt.Errorf("looking up who took %s: %w", id, err)
	}
	defer rows.Close()
	var list []catalog.Taker
	for rows.Next() {
		var first, last int64
		c, err := scanConsumer(rows.Scan, &first, &last)
		if err != nil {
			return nil, fmt.Errorf("looking up who took %s: %w", id, err)
		}
		list = append(list, catalog.Taker{Consumer: c, First: fromDay(first), Last: fromDay(last)})
	}
	return list, rows.Err()
}
