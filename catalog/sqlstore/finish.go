package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"ctiphub/catalog"
)

// Finish closes a run and removes what has been absent for too long. What is absent is
// counted over the whole chain of runs that made up the listing.
func (s *Store) Finish(ctx context.Context, e catalog.End) (run catalog.Run, err error) {
	err = s.change(ctx, e.Now, func(c *commit) error {
		c.run = e.Run
		if err = c.holds(ctx, e.Run); err != nil {
			return err
		}
		var chain int64
		if run, err = scanRun(c.tx.QueryRowContext(ctx, `SELECT `+runColumns+`, chain FROM run WHERE id = $1 AND ended = 0`, e.Run).Scan, &chain); err != nil {
			return err
		}
		c.source, c.chain = run.Source, chain
		var listing listing
		if listing, err = c.listing(ctx, run.Source, chain); err != nil {
			return err
		}
		e.MayBeEmpty = e.MayBeEmpty || listing.listed > 0
		var held string
		clean := e.Finished && e.Complete && e.Skipped == "" && e.MayBeEmpty
		if clean {
			if run.Absent, err = c.absent(ctx, run.Source, chain); err != nil {
				return err
			}
			held = e.Guard.Check(listing.before, run.Absent, listing.fresh)
		}
		settled := e
		settled.Complete = e.Complete || run.Full // a full run that lists nothing says so as well
		run.State, run.Message = catalog.Settle(settled, run.Counts, held)
		if clean && run.State.Good() {
			if run.Removed, err = c.remove(ctx, run.Source, chain, e); err != nil {
				return err
			}
		}
		run.Ended = e.Now
		return c.end(ctx, run, chain, e)
	})
	if err != nil {
		return run, fmt.Errorf("closing run %d: %w", e.Run, err)
	}
	s.owners.Delete(e.Run)
	s.tidy(ctx, run)
	s.reconcile(ctx, run)
	return run, nil
}

// end closes the run and forgets what older runs left to undo and to compare with.
func (c *commit) end(ctx context.Context, run catalog.Run, chain int64, e catalog.End) error {
	if err := c.closeRun(ctx, run, runEnd{e.Now, run.State, run.Message, e.Cursor, e.Held != ""}); err != nil {
		return err
	}
	if run.State.Good() && run.Counts.New+run.Counts.Changed+run.Removed > 0 {
		if _, err := c.tx.ExecContext(ctx, `DELETE FROM undo WHERE source = $1 AND chain <> $2`, run.Source, chain); err != nil {
			return err
		}
	}
	_, err := c.tx.ExecContext(ctx, `DELETE FROM run_choice WHERE run IN (SELECT id FROM run WHERE source = $1 ORDER BY id DESC LIMIT 1000 OFFSET $2)`, run.Source, choiceRuns)
	return err
}

// choiceRuns is of how many runs of a source the choices are kept.
const choiceRuns = 20

// runEnd is how a run is closed.
type runEnd struct {
	at      time.Time
	state   catalog.State
	message string
	cursor  string
	stopped bool // held before the end of its listing
}

// closeRun writes the end of a run.
func (c *commit) closeRun(ctx context.Context, run catalog.Run, e runEnd) error {
	text, err := queryText("close_run")
	if err != nil {
		return err
	}
	_, err = c.tx.ExecContext(ctx, text, run.ID, millis(e.at), string(e.state), e.message, run.Absent, run.Removed, e.cursor, e.stopped, c.seq)
	return err
}

// listing is what a chain of runs saw together.
type listing struct {
	before int // live records when it began
	listed int
	fresh  int // new records
}

func (c *commit) listing(ctx context.Context, source string, chain int64) (l listing, err error) {
	err = c.tx.QueryRowContext(ctx, `SELECT coalesce(max(CASE WHEN id = chain THEN live END), 0), coalesce(sum(listed), 0), coalesce(sum(new), 0)
		FROM run WHERE source = $1 AND id >= $2 AND chain = $2`, source, chain).Scan(&l.before, &l.listed, &l.fresh)
	return l, err
}

// The queries for what a listing did not name. A test looks at how SQLite runs them.
const (
	absentCount = `SELECT count(*) FROM record WHERE source = $1 AND last_run < $2 AND visible = 1`
	overdueRows = `SELECT ` + rowColumns + ` FROM record WHERE source = $1 AND last_run < $2 AND missing_since > 0 AND missing_since <= $3 AND kept`
)

// absent counts the live records of the source that the chain of runs did not list.
func (c *commit) absent(ctx context.Context, source string, chain int64) (n int, err error) {
	err = c.tx.QueryRowContext(ctx, absentCount, source, chain).Scan(&n)
	return n, err
}

// remove starts the grace period of what is absent, and buries what is past it. It
// returns how many live records it buried.
func (c *commit) remove(ctx context.Context, source string, chain int64, e catalog.End) (int, error) {
	if _, err := c.tx.ExecContext(ctx, `UPDATE record SET missing_since = $3 WHERE source = $1 AND last_run < $2 AND missing_since = 0 AND kept`, source, chain, millis(e.Now)); err != nil {
		return 0, err
	}
	limit := e.Now.Add(-max(e.Guard.WithDefaults().Grace, 0))
	list, err := c.overdue(ctx, source, chain, limit)
	if err != nil {
		return 0, err
	}
	removed := 0
	for _, r := range list {
		if r.visible == live {
			removed++
		}
		if err := c.bury(ctx, r); err != nil {
			return 0, err
		}
	}
	return removed, nil
}

// overdue returns what has been absent since the limit, in order of the change log.
func (c *commit) overdue(ctx context.Context, source string, chain int64, limit time.Time) ([]*row, error) {
	list, err := c.rows(ctx, overdueRows, source, chain, millis(limit))
	slices.SortFunc(list, func(a, b *row) int { return cmp.Compare(a.seq, b.seq) })
	return list, err
}
