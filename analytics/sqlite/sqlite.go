// Package sqlite keeps rollups of usage in one SQLite file, for hubs without a ClickHouse.
//
// In flow batches of events, out flow released cells, as analytics.Store promises. It stores
// sums by week and month, never an event, so that nothing can be rebuilt from it: a batch and
// the mark that it was added go into one transaction. It must not know the rule by which
// cells are released.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"net/url"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // registers the driver

	"ctiphub/analytics"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is the usage of a hub in one file. It is safe for concurrent use.
type Store struct{ write, read *sql.DB }

var _ analytics.Store = (*Store)(nil)

// Open opens a file, makes it when it does not exist, and brings its tables up to date.
func Open(ctx context.Context, path string) (*Store, error) {
	s := &Store{}
	if err := s.open(ctx, path); err != nil {
		s.Close()
		return nil, fmt.Errorf("opening the usage file %s: %w", path, err)
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, path string) (err error) {
	if s.write, err = connect(path, "&_txlock=immediate", 1); err != nil {
		return err
	}
	if s.read, err = connect(path, "", 2); err != nil {
		return err
	}
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, s.write, dir)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// connect opens a pool. Every commit is written through: a sent segment is kept for minutes
// only.
func connect(path, extra string, conns int) (*sql.DB, error) {
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() +
		"?_pragma=journal_mode(WAL)&_pragma=busy_timeout(10000)&_pragma=synchronous(FULL)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-8000)" + extra
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// Close closes the file.
func (s *Store) Close() error {
	for _, db := range []*sql.DB{s.read, s.write} {
		if db != nil {
			if err := db.Close(); err != nil {
				return fmt.Errorf("closing the usage file: %w", err)
			}
		}
	}
	return nil
}

// inTx runs do in one transaction.
func (s *Store) inTx(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after a commit
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// Add adds a batch to the rollups; one that was added before is left alone.
func (s *Store) Add(ctx context.Context, b analytics.Batch) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		marked, err := tx.ExecContext(ctx, "INSERT INTO usage_batch (id, month, events) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", int64(b.ID), b.Month, len(b.Events))
		if err != nil {
			return err
		}
		if n, err := marked.RowsAffected(); err != nil || n == 0 {
			return err
		}
		for _, c := range analytics.Rollups() {
			if err := add(ctx, tx, c, analytics.Rollup(c, b.Events)); err != nil {
				return fmt.Errorf("cube %s: %w", c, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("adding a batch of usage: %w", err)
	}
	return nil
}

func add(ctx context.Context, tx *sql.Tx, c analytics.Cube, leaves []analytics.Leaf) error {
	stmt, err := tx.PrepareContext(ctx, rollups[c].upsert)
	if err != nil {
		return err
	}
	defer stmt.Close()
	for _, l := range leaves {
		if _, err := stmt.ExecContext(ctx, rollups[c].values(&l)...); err != nil {
			return err
		}
	}
	return nil
}

// Stored returns how many events of a batch were added.
func (s *Store) Stored(ctx context.Context, b analytics.Batch) (n int, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT coalesce(sum(events), 0) FROM usage_batch WHERE id = ?", int64(b.ID)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("looking for a batch of usage: %w", err)
	}
	return n, nil
}

// Leaves returns the rollup of a cube for one unit.
func (s *Store) Leaves(ctx context.Context, c analytics.Cube, unit analytics.Day) ([]analytics.Leaf, error) {
	r := rollups[c]
	rows, err := s.read.QueryContext(ctx, r.list, unit, c.Next(unit))
	if err != nil {
		return nil, fmt.Errorf("reading the usage rollup %s of %s: %w", c, unit, err)
	}
	defer rows.Close()
	var list []analytics.Leaf
	for rows.Next() {
		var l analytics.Leaf
		if err := rows.Scan(r.targets(&l)...); err != nil {
			return nil, fmt.Errorf("reading the usage rollup %s of %s: %w", c, unit, err)
		}
		if c == analytics.CubeRecord {
			l.Month = l.Day
		}
		list = append(list, l)
	}
	analytics.SortLeaves(list)
	return list, rows.Err()
}

// Span returns the first and the last day with uses.
func (s *Store) Span(ctx context.Context) (first, last analytics.Day, ok bool, err error) {
	var from, to sql.Null[analytics.Day]
	err = s.read.QueryRowContext(ctx, `SELECT min(first), max(last) FROM (
		SELECT min(day) AS first, max(day) AS last FROM usage_site UNION ALL
		SELECT min(week), max(week) FROM usage_term UNION ALL
		SELECT min(week), max(week) FROM usage_export)`).Scan(&from, &to)
	if err != nil {
		return 0, 0, false, fmt.Errorf("reading the span of the usage: %w", err)
	}
	return from.V, to.V, from.Valid, nil
}

// Verify cannot be done without events.
func (s *Store) Verify(context.Context, analytics.Day) (analytics.Verification, error) {
	return analytics.Verification{}, analytics.ErrNoEvents
}

// Rebuild cannot be done without events.
func (s *Store) Rebuild(context.Context, analytics.Day) error { return analytics.ErrNoEvents }

// keepBatches is how long the marks of batches are kept: much longer than the spool holds any.
const keepBatches = 92

// Prune deletes what is older than the retention says.
func (s *Store) Prune(ctx context.Context, today analytics.Day, r analytics.Retention) error {
	_, terms, all := r.Before(today)
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		for _, d := range []struct {
			query  string
			before analytics.Day
		}{
			{"DELETE FROM usage_batch WHERE month < ?", (today - keepBatches).Month()},
			{"DELETE FROM usage_term WHERE month < ?", terms},
			{"DELETE FROM usage_cell WHERE view = 'term' AND unit < ?", terms},
			{"DELETE FROM usage_release WHERE cube = 'term' AND unit < ?", terms},
			{"DELETE FROM usage_site WHERE month < ?", all},
			{"DELETE FROM usage_area WHERE month < ?", all},
			{"DELETE FROM usage_record WHERE month < ?", all},
			{"DELETE FROM usage_export WHERE month < ?", all},
			{"DELETE FROM usage_cell WHERE unit < ?", all},
			{"DELETE FROM usage_release WHERE unit < ?", all},
		} {
			if _, err := tx.ExecContext(ctx, d.query, d.before); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("deleting old usage: %w", err)
	}
	return nil
}

// Status says how much the file holds.
func (s *Store) Status(ctx context.Context) (analytics.StoreStatus, error) {
	st := analytics.StoreStatus{Rows: map[string]int64{}}
	for _, q := range []struct {
		query string
		to    any
	}{
		{"SELECT 'SQLite ' || sqlite_version()", &st.Engine},
		{"SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()", &st.Bytes},
	} {
		if err := s.read.QueryRowContext(ctx, q.query).Scan(q.to); err != nil {
			return st, fmt.Errorf("asking for the state of the usage file: %w", err)
		}
	}
	for _, table := range []string{"usage_site", "usage_area", "usage_term", "usage_record", "usage_export", "usage_cell"} {
		var n int64
		if err := s.read.QueryRowContext(ctx, "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			return st, fmt.Errorf("asking for the state of the usage file: %w", err)
		}
		st.Rows[table] = n
	}
	return st, nil
}

// at is how moments are kept: seconds since 1970.
func at(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }
