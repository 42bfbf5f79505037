package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"ctiphub/analytics"
)

// Release replaces the cells of one unit.
func (s *Store) Release(ctx context.Context, r analytics.Release) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		for _, view := range r.Cube.Views() {
			if _, err := tx.ExecContext(ctx, "DELETE FROM usage_cell WHERE view = ? AND unit >= ? AND unit < ?", string(view), r.Unit, r.Cube.Next(r.Unit)); err != nil {
				return err
			}
		}
		if err := putCells(ctx, tx, r.Cells); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO usage_release (cube, unit, crowd, at, withheld) VALUES (?, ?, ?, ?, ?)",
			string(r.Cube), r.Unit, r.Crowd, r.At.Unix(), r.Withheld)
		return err
	})
	if err != nil {
		return fmt.Errorf("releasing %s of %s: %w", r.Cube, r.Unit, err)
	}
	return nil
}

func putCells(ctx context.Context, tx *sql.Tx, cells []analytics.Cell) error {
	stmt, err := tx.PrepareContext(ctx, "INSERT INTO usage_cell (view, unit, a, b, c, metric, n, uniq, people) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer stmt.Close()
	for _, c := range cells {
		if _, err := stmt.ExecContext(ctx, string(c.View), c.Unit, c.A, c.B, c.C, c.Metric, c.N, c.Uniq, c.People); err != nil {
			return err
		}
	}
	return nil
}

// Releases lists what was released, in order of units.
func (s *Store) Releases(ctx context.Context, c analytics.Cube, from, to analytics.Day) ([]analytics.Released, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT unit, crowd, at, withheld FROM usage_release WHERE cube = ? AND unit >= ? AND unit < ? ORDER BY unit", string(c), from, to)
	if err != nil {
		return nil, fmt.Errorf("reading what was released of %s: %w", c, err)
	}
	defer rows.Close()
	var list []analytics.Released
	for rows.Next() {
		r := analytics.Released{Cube: c}
		var seconds int64
		if err := rows.Scan(&r.Unit, &r.Crowd, &seconds, &r.Withheld); err != nil {
			return nil, fmt.Errorf("reading what was released of %s: %w", c, err)
		}
		r.At = at(seconds)
		list = append(list, r)
	}
	return list, rows.Err()
}

// Cells answers a question from released cells.
func (s *Store) Cells(ctx context.Context, q analytics.Question) ([]analytics.Cell, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	query, args := q.Query("usage_cell", "")
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("asking for usage by %s: %w", q.View, err)
	}
	defer rows.Close()
	var list []analytics.Cell
	for rows.Next() {
		c, err := q.Scan(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("asking for usage by %s: %w", q.View, err)
		}
		if q.Admit(c) {
			list = append(list, c)
		}
	}
	return list, rows.Err()
}
