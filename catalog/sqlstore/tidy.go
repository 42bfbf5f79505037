package sqlstore

import (
	"context"

	"ctiphub/catalog"
)

// Merging the search index after a run that wrote much of it.
const (
	tidyFrom  = 1000 // changed records, below which it is not worth the writing
	tidyShare = 10   // and at least a tenth of all
	tidyPages = 1000 // written by one step, so that other writers get their turn
	tidySteps = 500
)

// tidy merges the segments of the search index after a big run: each batch leaves one, and
// a search has to look into all of them. It takes half of the time off a search. Nothing
// depends on it, so it stops without a word when the context ends.
func (s *Store) tidy(ctx context.Context, run catalog.Run) {
	written := run.Counts.New + run.Counts.Changed + run.Removed
	if written < tidyFrom || written*tidyShare < s.facets.Live() {
		return
	}
	if err := s.mergeSegments(ctx); err != nil && ctx.Err() == nil {
		s.o.Logger.Warn("the search index was not merged", "error", err)
	}
}

// How many segments of a size are merged as batches are written, and from which share of
// deleted rows on a segment is.
const (
	autoMerge   = 15
	deleteMerge = 10
)

// setMerging says how the search index merges while it is written; 0 and 0 is not at all.
func (s *Store) setMerging(ctx context.Context, auto, deleted int) error {
	if _, err := s.write.ExecContext(ctx, `INSERT INTO search (search, rank) VALUES ('automerge', $1)`, auto); err != nil {
		return err
	}
	_, err := s.write.ExecContext(ctx, `INSERT INTO search (search, rank) VALUES ('deletemerge', $1)`, deleted)
	return err
}

// mergeSegments makes one segment of all, in steps.
func (s *Store) mergeSegments(ctx context.Context) error {
	if err := s.setMerging(ctx, autoMerge, deleteMerge); err != nil {
		return err // a Rebuild that was killed may have left them off
	}
	// The first step, below zero, says that all segments are to become one.
	for step, pages := 0, -tidyPages; step < tidySteps; step, pages = step+1, tidyPages {
		conn, err := s.write.Conn(ctx)
		if err != nil {
			return err
		}
		before, after := 0, 0
		err = conn.QueryRowContext(ctx, `SELECT total_changes()`).Scan(&before)
		if err == nil {
			_, err = conn.ExecContext(ctx, `INSERT INTO search (search, rank) VALUES ('merge', $1)`, pages)
		}
		if err == nil {
			err = conn.QueryRowContext(ctx, `SELECT total_changes()`).Scan(&after)
		}
		if closing := conn.Close(); err == nil {
			err = closing
		}
		// One change is the statement itself: nothing was left to merge.
		if err != nil || after-before < 2 {
			return err
		}
	}
	return nil
}
