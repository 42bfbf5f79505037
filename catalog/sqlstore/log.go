package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"ctiphub/record"
)

// defaultLimit is how many entries a range without a limit gives.
const defaultLimit = 1000

// span is a range of time and sequence as a range of the sequence alone: after is not in
// it, upto is.
type span struct{ after, upto int64 }

// whole reports whether the span leaves nothing out.
func (p span) whole() bool { return p.after <= 0 && p.upto == math.MaxInt64 }

// spanOf turns the bounds of a range into bounds of the sequence: stamps never decrease
// along it, and tick knows where each begins.
func (s *Store) spanOf(ctx context.Context, r record.Range) (span, error) {
	p := span{after: r.After, upto: math.MaxInt64}
	if r.Upto > 0 {
		p.upto = r.Upto
	}
	if !r.From.IsZero() {
		before, err := s.lastAt(ctx, r.From.Add(-1))
		if err != nil {
			return p, err
		}
		p.after = max(p.after, before)
	}
	if !r.Until.IsZero() {
		last, err := s.lastAt(ctx, r.Until)
		if err != nil {
			return p, err
		}
		p.upto = min(p.upto, last)
	}
	return p, nil
}

// lastAt returns the last number of the sequence at that time.
func (s *Store) lastAt(ctx context.Context, t time.Time) (seq int64, err error) {
	err = s.read.QueryRowContext(ctx, lastTick, t.Unix()).Scan(&seq)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return seq, err
}

// The queries along the change log. A test looks at how SQLite runs them: none may read
// more of the tables than it answers with.
const (
	lastTick    = `SELECT seq FROM tick WHERE stamp <= $1 ORDER BY stamp DESC LIMIT 1`
	entriesAll  = `SELECT ` + entryColumns + ` FROM record r LEFT JOIN content c ON c.num = r.num WHERE r.seq > $1 AND r.seq <= $2 AND r.visible > 0 ORDER BY r.seq LIMIT $3`
	entriesSet  = `SELECT ` + entryColumns + ` FROM member m JOIN record r ON r.seq = m.seq LEFT JOIN content c ON c.num = r.num WHERE m.spec = (SELECT num FROM spec WHERE spec = $4) AND m.seq > $1 AND m.seq <= $2 ORDER BY m.seq LIMIT $3`
	entriesView = `SELECT ` + entryColumns + ` FROM record r LEFT JOIN content c ON c.num = r.num WHERE r.seq > $1 AND r.visible > 0 ORDER BY r.seq`
	countAll    = `SELECT count(*) FROM record WHERE seq > $1 AND seq <= $2 AND visible > 0`
	countSet    = `SELECT count(*) FROM member WHERE spec = (SELECT num FROM spec WHERE spec = $3) AND seq > $1 AND seq <= $2`
	countWhole  = `SELECT coalesce(sum(live + deleted), 0) FROM tally`
	countBlock  = `SELECT (` + countAll + `), coalesce((SELECT min(seq) FROM record WHERE seq > $2 AND visible > 0), 0)`
	countMember = `SELECT coalesce((SELECT members FROM spec WHERE spec = $1), 0)`
)

// Entries returns entries of the change log in order.
func (s *Store) Entries(ctx context.Context, r record.Range) ([]record.Entry, error) {
	if r.Limit <= 0 {
		r.Limit = defaultLimit
	}
	p, err := s.spanOf(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("reading the change log: %w", err)
	}
	query, args := entriesAll, []any{p.after, p.upto, r.Limit}
	if r.Set != "" {
		query, args = entriesSet, append(args, r.Set)
	}
	list, err := s.entries(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading the change log: %w", err)
	}
	return list, nil
}

// Count returns how many entries the range selects. Only a range with bounds is counted
// row by row; the others are kept as numbers.
func (s *Store) Count(ctx context.Context, r record.Range) (n int, err error) {
	p, err := s.spanOf(ctx, r)
	if err != nil {
		return 0, fmt.Errorf("counting the change log: %w", err)
	}
	var query string
	var args []any
	switch {
	case r.Set != "" && p.whole():
		query, args = countMember, []any{r.Set}
	case r.Set != "":
		query, args = countSet, []any{p.after, p.upto, r.Set}
	case p.whole():
		query = countWhole
	default:
		query, args = countAll, []any{p.after, p.upto}
	}
	if err := s.read.QueryRowContext(ctx, query, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("counting the change log: %w", err)
	}
	return n, nil
}

// Head returns the last number of the change log.
func (s *Store) Head(ctx context.Context) (seq int64, err error) {
	if err := s.q.head.QueryRowContext(ctx).Scan(&seq); err != nil {
		return 0, fmt.Errorf("reading the end of the change log: %w", err)
	}
	return seq, nil
}

// Block returns how many entries have a Seq above after and up to upto, and the first Seq
// beyond, 0 when there is none. As long as there is one, entries can leave the block and none
// can join it: two blocks of the same count are the same.
func (s *Store) Block(ctx context.Context, after, upto int64) (count int, next int64, err error) {
	if err := s.q.block.QueryRowContext(ctx, after, upto).Scan(&count, &next); err != nil {
		return 0, 0, fmt.Errorf("counting a block of the change log: %w", err)
	}
	return count, next, nil
}

// Sets returns the set specs in use, sorted.
func (s *Store) Sets(ctx context.Context) ([]record.Set, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT spec, members FROM spec WHERE members > 0 ORDER BY spec`)
	if err != nil {
		return nil, fmt.Errorf("reading the sets: %w", err)
	}
	defer rows.Close()
	var list []record.Set
	for rows.Next() {
		var set record.Set
		if err := rows.Scan(&set.Spec, &set.Count); err != nil {
			return nil, fmt.Errorf("reading the sets: %w", err)
		}
		list = append(list, set)
	}
	return list, rows.Err()
}

// Earliest returns the stamp of the first entry.
func (s *Store) Earliest(ctx context.Context) (time.Time, error) {
	var stamp int64
	err := s.read.QueryRowContext(ctx, `SELECT stamp FROM record WHERE visible > 0 ORDER BY seq LIMIT 1`).Scan(&stamp)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the earliest stamp: %w", err)
	}
	return time.Unix(stamp, 0).UTC(), nil
}
