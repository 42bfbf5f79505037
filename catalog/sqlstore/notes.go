package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"ctiphub/catalog"
	"ctiphub/record"
)

// none reports that a query found no row.
func none(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// tell keeps what a batch noted about its source, each code once a run, and adds its
// choices to those of the run.
func (c *commit) tell(ctx context.Context, b catalog.Batch) error {
	for _, n := range b.Notes {
		if err := c.note(ctx, b.Run, n); err != nil {
			return err
		}
	}
	for _, ch := range b.Choices {
		_, err := c.tx.ExecContext(ctx, `INSERT INTO run_choice (run, field, rule, n) VALUES ($1, $2, $3, $4)
			ON CONFLICT (run, field, rule) DO UPDATE SET n = run_choice.n + excluded.n`, b.Run, ch.Field, ch.Rule, ch.Count)
		if err != nil {
			return fmt.Errorf("keeping the choices of run %d: %w", b.Run, err)
		}
	}
	return nil
}

func (c *commit) note(ctx context.Context, run int64, n record.Finding) error {
	_, err := c.tx.ExecContext(ctx, `INSERT INTO run_note (run, code, num, field, detail) VALUES ($1, $2, (SELECT count(*) FROM run_note WHERE run = $1), $3, $4)
		ON CONFLICT (run, code) DO NOTHING`, run, n.Code, n.Field, n.Detail)
	if err != nil {
		return fmt.Errorf("keeping a note of run %d: %w", run, err)
	}
	return nil
}

// Notes returns the oddities that a run noted, in the order in which they came up.
func (s *Store) Notes(ctx context.Context, run int64) ([]record.Finding, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT code, field, detail FROM run_note WHERE run = $1 ORDER BY num, code`, run)
	if err != nil {
		return nil, fmt.Errorf("reading the notes of run %d: %w", run, err)
	}
	defer rows.Close()
	var list []record.Finding
	for rows.Next() {
		var n record.Finding
		if err := rows.Scan(&n.Code, &n.Field, &n.Detail); err != nil {
			return nil, fmt.Errorf("reading the notes of run %d: %w", run, err)
		}
		list = append(list, n)
	}
	return list, rows.Err()
}

// Choices returns which rules set which fields in a run, by field, the usual ones first.
func (s *Store) Choices(ctx context.Context, run int64) ([]catalog.Choice, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT field, rule, n FROM run_choice WHERE run = $1 ORDER BY field, n DESC, rule`, run)
	if err != nil {
		return nil, fmt.Errorf("reading the choices of run %d: %w", run, err)
	}
	defer rows.Close()
	var list []catalog.Choice
	for rows.Next() {
		var ch catalog.Choice
		if err := rows.Scan(&ch.Field, &ch.Rule, &ch.Count); err != nil {
			return nil, fmt.Errorf("reading the choices of run %d: %w", run, err)
		}
		list = append(list, ch)
	}
	return list, rows.Err()
}

// baselineRecords is how many records a run must have read to be compared with: fewer say
// nothing about how a site is built.
const baselineRecords = 20

// Baseline returns the choices of the last good run before the given one that read
// enough records.
func (s *Store) Baseline(ctx context.Context, source string, before int64) ([]catalog.Choice, error) {
	var run int64
	err := s.read.QueryRowContext(ctx, `SELECT id FROM run WHERE source = $1 AND id < $2 AND ended > 0 AND `+goodRun+`
		AND (SELECT coalesce(sum(n), 0) FROM run_choice WHERE run = run.id AND field = 'title') >= $3 ORDER BY id DESC LIMIT 1`, source, before, baselineRecords).Scan(&run)
	if none(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for the last good run of %s: %w", source, err)
	}
	return s.Choices(ctx, run)
}

// Changes returns what a run did to the published records, in order.
func (s *Store) Changes(ctx context.Context, run int64, limit int) ([]catalog.RecordChange, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT c.kind, r.id, r.identifier, r.visible, d.doc, u.doc
		FROM run n JOIN change c ON c.seq > n.first_seq AND (n.last_seq = 0 OR c.seq <= n.last_seq) AND c.run = n.id
		JOIN record r ON r.num = c.num
		LEFT JOIN content d ON d.num = r.num
		LEFT JOIN undo u ON u.source = n.source AND u.chain = n.chain AND u.num = r.num
		WHERE n.id = $1 ORDER BY c.seq LIMIT $2`, run, limit)
	if err != nil {
		return nil, fmt.Errorf("reading the changes of run %d: %w", run, err)
	}
	defer rows.Close()
	var list []catalog.RecordChange
	for rows.Next() {
		var ch catalog.RecordChange
		var visible int
		var doc, before []byte
		if err := rows.Scan(&ch.Kind, &ch.ID, &ch.Identifier, &visible, &doc, &before); err != nil {
			return nil, fmt.Errorf("reading the changes of run %d: %w", run, err)
		}
		if ch.Before, err = titleOf(before); err == nil && visible == live {
			ch.Title, err = titleOf(doc)
		}
		if err != nil {
			return nil, fmt.Errorf("reading the changes of run %d: %w", run, err)
		}
		list = append(list, ch)
	}
	return list, rows.Err()
}

// titleOf reads the title of a stored record, "" when there is none.
func titleOf(doc []byte) (string, error) {
	if len(doc) == 0 {
		return "", nil
	}
	rec, err := decode(doc)
	title, _ := rec.Title.In(rec.Languages...)
	return title, err
}
