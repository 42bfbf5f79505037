package sqlstore

import (
	"context"
	"fmt"

	"ctiphub/catalog"
)

// ruled is the run that a ruling is about.
type ruled struct {
	run     catalog.Run
	chain   int64
	stopped bool
}

// Rule carries out a curator's decision about the last run of a source. Rolling back works
// in blocks; when it is interrupted, ruling again goes on.
func (s *Store) Rule(ctx context.Context, r catalog.Ruling) (catalog.Effect, error) {
	last, err := s.lastRun(ctx, r.Source)
	if err == nil {
		err = last.allows(r.Verdict)
	}
	if err != nil {
		return catalog.Effect{}, fmt.Errorf("ruling on %s: %w", r.Source, err)
	}
	effect := catalog.Effect{Run: last.run}
	switch {
	case r.DryRun:
		err = s.foresee(ctx, r, last, &effect)
	case r.Verdict == catalog.Approve:
		err = s.approve(ctx, r, last, &effect)
	default:
		err = s.rollBack(ctx, r, last, &effect)
	}
	if err != nil {
		return effect, fmt.Errorf("ruling on %s: %w", r.Source, err)
	}
	effect.Run.Decided = r.Verdict
	return effect, nil
}

// lastRun returns the last run of a source that looked at it.
func (s *Store) lastRun(ctx context.Context, source string) (r ruled, err error) {
	r.run, err = scanRun(s.read.QueryRowContext(ctx, `SELECT `+runColumns+`, chain, stopped FROM run WHERE source = $1 AND state <> 'skipped' ORDER BY id DESC LIMIT 1`, source).Scan, &r.chain, &r.stopped)
	if none(err) {
		err = catalog.ErrNoRun
	}
	return r, err
}

// allows says why a verdict cannot be given on a run.
func (r ruled) allows(v catalog.Verdict) error {
	switch {
	case r.run.State == catalog.Running:
		return catalog.ErrRunning
	case r.run.Decided != "" && !(r.run.Decided == catalog.RollBack && v == catalog.RollBack):
		return catalog.ErrDecided
	case v == catalog.Approve && r.run.State != catalog.Held:
		return catalog.ErrNotHeld
	}
	return nil
}

// foresee counts what a ruling would do.
func (s *Store) foresee(ctx context.Context, r catalog.Ruling, last ruled, e *catalog.Effect) error {
	if r.Verdict == catalog.Approve {
		if last.stopped {
			return nil
		}
		return s.read.QueryRowContext(ctx, absentCount, r.Source, last.chain).Scan(&e.Absent)
	}
	err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM undo WHERE source = $1 AND chain = $2`, r.Source, last.chain).Scan(&e.Restored)
	if err != nil {
		return err
	}
	return s.read.QueryRowContext(ctx, `SELECT count(*) FROM record WHERE source = $1 AND born_run >= $2 AND kept AND visible = 1`, r.Source, last.chain).Scan(&e.Withdrawn)
}

// approve lets a held run have its way: what it did not list begins its grace period, or
// the listing that was stopped may go on.
func (s *Store) approve(ctx context.Context, r catalog.Ruling, last ruled, e *catalog.Effect) error {
	return s.change(ctx, r.Now, func(c *commit) error {
		c.source, c.run = r.Source, last.run.ID
		if !last.stopped {
			var err error
			if e.Absent, err = c.absent(ctx, r.Source, last.chain); err != nil {
				return err
			}
			if e.Withdrawn, err = c.remove(ctx, r.Source, last.chain, catalog.End{Now: r.Now, Guard: r.Guard}); err != nil {
				return err
			}
		}
		return c.decide(ctx, last.run.ID, r)
	})
}

// rollBack undoes a run: block by block, then its word and its cursor.
func (s *Store) rollBack(ctx context.Context, r catalog.Ruling, last ruled, e *catalog.Effect) error {
	for more := true; more; {
		err := s.change(ctx, r.Now, func(c *commit) error {
			c.source, c.run = r.Source, last.run.ID
			n, err := c.restoreBlock(ctx, r.Source, last.chain)
			if err != nil {
				return err
			}
			buried, withdrawn, err := c.buryBlock(ctx, `source = $1 AND born_run >= $2`, r.Source, last.chain)
			e.Restored, e.Withdrawn = e.Restored+n, e.Withdrawn+withdrawn
			more = n == undoBlock || buried == undoBlock
			return err
		})
		if err != nil {
			return err
		}
	}
	return s.change(ctx, r.Now, func(c *commit) error {
		// What servers said of pages that are no longer stored would hide them for ever.
		if _, err := c.tx.ExecContext(ctx, `DELETE FROM validator WHERE source = $1`, r.Source); err != nil {
			return err
		}
		if err := c.decide(ctx, last.run.ID, r); err != nil {
			return err
		}
		m := catalog.SourceMode{Source: r.Source, Mode: catalog.Paused, Since: r.Now, Who: r.Who, Why: "its last run was undone"}
		if r.Why != "" {
			m.Why += ": " + r.Why
		}
		return c.setMode(ctx, m)
	})
}

// decide writes the ruling to its run, and to all runs whose listing went into it.
func (c *commit) decide(ctx context.Context, run int64, r catalog.Ruling) error {
	_, err := c.tx.ExecContext(ctx, `UPDATE run SET decided = $2 WHERE id = $1 OR $2 = 'roll-back' AND source = $3 AND chain = (SELECT chain FROM run WHERE id = $1)`, run, string(r.Verdict), r.Source)
	return err
}
