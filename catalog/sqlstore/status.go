package sqlstore

import (
	"context"
	"fmt"

	"ctiphub/catalog"
)

// Runs returns the last runs of a source, newest first.
func (s *Store) Runs(ctx context.Context, source string, limit int) ([]catalog.Run, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+runColumns+` FROM run WHERE source = $1 ORDER BY id DESC LIMIT $2`, source, limit)
	if err != nil {
		return nil, fmt.Errorf("reading runs: %w", err)
	}
	defer rows.Close()
	var list []catalog.Run
	for rows.Next() {
		r, err := scanRun(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("reading runs: %w", err)
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// Rejects returns the rejects and skips of a run, in order.
func (s *Store) Rejects(ctx context.Context, run int64, limit int) ([]catalog.Reject, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT identifier, url, code, stage, detail FROM reject WHERE run = $1 ORDER BY num LIMIT $2`, run, limit)
	if err != nil {
		return nil, fmt.Errorf("reading rejects: %w", err)
	}
	defer rows.Close()
	var list []catalog.Reject
	for rows.Next() {
		var r catalog.Reject
		if err := rows.Scan(&r.Identifier, &r.URL, &r.Code, &r.Stage, &r.Detail); err != nil {
			return nil, fmt.Errorf("reading rejects: %w", err)
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// Status returns what the catalogue knows of each source that ever ran.
func (s *Store) Status(ctx context.Context) ([]catalog.SourceStatus, error) {
	list, last, err := s.tallies(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the state of the sources: %w", err)
	}
	for i := range list {
		list[i].LastRun, err = scanRun(s.read.QueryRowContext(ctx, `SELECT `+runColumns+` FROM run WHERE id = $1`, last[i]).Scan)
		if err != nil {
			return nil, fmt.Errorf("reading the state of %s: %w", list[i].Source, err)
		}
	}
	return list, nil
}

// tallies returns the counts of each source and the number of its last run.
func (s *Store) tallies(ctx context.Context) (list []catalog.SourceStatus, last []int64, err error) {
	text, err := queryText("status")
	if err != nil {
		return nil, nil, err
	}
	rows, err := s.read.QueryContext(ctx, text)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var st catalog.SourceStatus
		var run, good int64
		if err := rows.Scan(&st.Source, &run, &st.Live, &st.Held, &st.Deleted, &good); err != nil {
			return nil, nil, err
		}
		st.LastGood = fromMillis(good)
		list, last = append(list, st), append(last, run)
	}
	return list, last, rows.Err()
}
