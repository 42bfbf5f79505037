package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"ctiphub/catalog"
)

// leaseTime is how long a run without a batch still belongs to its owner.
const leaseTime = 10 * time.Minute

// patience is how many runs may fail at the cursor of a broken one before the listing is
// begun again: a cursor that the source no longer takes must not block it for ever.
const patience = 3

const runColumns = `id, source, is_full, started, ended, state, cursor, listed, new, changed, same, rejected, skipped, deleted, held, absent, removed, message, decided`

// scanRun reads one row of runColumns and what is selected behind them.
func scanRun(scan func(...any) error, more ...any) (catalog.Run, error) {
	var r catalog.Run
	var started, ended int64
	c := &r.Counts
	err := scan(append([]any{&r.ID, &r.Source, &r.Full, &started, &ended, &r.State, &r.Cursor, &c.Listed, &c.New, &c.Changed, &c.Same,
		&c.Rejected, &c.Skipped, &c.Deleted, &c.Held, &r.Absent, &r.Removed, &r.Message, &r.Decided}, more...)...)
	r.Started, r.Ended = fromMillis(started), fromMillis(ended)
	return r, err
}

// Begin opens a run, or reopens the one that was left unfinished. An incremental run goes
// on where the last one broke off, else behind the last good one; a full one begins anew,
// and closes an unfinished incremental run.
func (s *Store) Begin(ctx context.Context, b catalog.Begin) (run catalog.Run, err error) {
	err = s.change(ctx, b.Now, func(c *commit) error {
		if err := c.admit(ctx, b.Source); err != nil {
			return err
		}
		var err error
		if run, err = c.reopen(ctx, b); err != nil || run.ID != 0 {
			return err
		}
		run, err = c.open(ctx, b)
		return err
	})
	if err != nil {
		return catalog.Run{}, fmt.Errorf("beginning a run of %s: %w", b.Source, err)
	}
	s.owners.Store(run.ID, b.Owner)
	return run, nil
}

// holds makes sure that nobody took the run over since this store began it: a process that
// slept for longer than its lease must not move the cursor of its successor back.
func (c *commit) holds(ctx context.Context, run int64) error {
	owner, begun := c.s.owners.Load(run)
	if !begun {
		return nil
	}
	var now string
	err := c.tx.QueryRowContext(ctx, `SELECT owner FROM run WHERE id = $1`, run).Scan(&now)
	if err == nil && now != owner {
		err = catalog.ErrBusy
	}
	return err
}

// reopen takes over the run that was left unfinished; without one the run is zero.
func (c *commit) reopen(ctx context.Context, b catalog.Begin) (catalog.Run, error) {
	var owner string
	var heartbeat int64
	run, err := scanRun(c.tx.QueryRowContext(ctx, `SELECT `+runColumns+`, owner, heartbeat FROM run WHERE source = $1 AND ended = 0 ORDER BY id DESC LIMIT 1`, b.Source).Scan, &owner, &heartbeat)
	if errors.Is(err, sql.ErrNoRows) {
		return catalog.Run{}, nil
	}
	if err != nil {
		return catalog.Run{}, err
	}
	if owner != b.Owner && b.Now.Sub(fromMillis(heartbeat)) < leaseTime {
		return catalog.Run{}, catalog.ErrBusy
	}
	if b.Full && !run.Full {
		state, message := catalog.Settle(catalog.End{Err: "It was left unfinished, and a full run was asked for."}, run.Counts, "")
		return catalog.Run{}, c.closeRun(ctx, run, runEnd{at: b.Now, state: state, message: message})
	}
	run.Resumed = true
	_, err = c.tx.ExecContext(ctx, `UPDATE run SET owner = $2, heartbeat = $3 WHERE id = $1`, run.ID, b.Owner, millis(b.Now))
	return run, err
}

// open begins a new run.
func (c *commit) open(ctx context.Context, b catalog.Begin) (catalog.Run, error) {
	run := catalog.Run{Source: b.Source, Full: b.Full, Started: b.Now, State: catalog.Running}
	if err := c.tx.QueryRowContext(ctx, `UPDATE counter SET value = value + 1 WHERE name = 'run' RETURNING value`).Scan(&run.ID); err != nil {
		return run, err
	}
	chain, lifted := run.ID, false
	at, err := c.resumeAt(ctx, b)
	if err != nil {
		return run, err
	}
	run.Cursor, lifted = at.cursor, at.lifted
	if at.chain != 0 {
		chain = at.chain
	}
	text, err := queryText("insert_run")
	if err != nil {
		return run, err
	}
	_, err = c.tx.ExecContext(ctx, text, run.ID, b.Source, b.Owner, b.Full, chain, millis(b.Now), run.Cursor, lifted, c.seq)
	return run, err
}

// start is where a run begins.
type start struct {
	cursor string
	chain  int64 // the chain of runs whose listing it goes on with; 0: its own
	lifted bool  // fields may vanish
}

// goodRun selects the runs that ended well: not undone, or held and approved. Those that
// were stopped in the midst of their listing go on and are none.
const goodRun = `(state IN ('ok', 'ok-with-rejects') AND decided <> 'roll-back' OR state = 'held' AND decided = 'approve' AND NOT stopped)`

// resumeAt says where the next run of a source begins: behind the last good one, or where
// the listing at hand broke off. Failed and skipped runs gave nothing and are looked
// through. A full run begins anew, but for a listing that a curator lets go on.
func (c *commit) resumeAt(ctx context.Context, b catalog.Begin) (at start, err error) {
	var id, chain int64
	var state catalog.State
	var cursor string
	var stopped, lifted, full bool
	var decided catalog.Verdict
	err = c.tx.QueryRowContext(ctx, `SELECT id, chain, state, cursor, stopped, lifted, decided, is_full FROM run
		WHERE source = $1 AND ended > 0 AND state IN ('ok', 'ok-with-rejects', 'held', 'partial') ORDER BY id DESC LIMIT 1`, b.Source).Scan(&id, &chain, &state, &cursor, &stopped, &lifted, &decided, &full)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return at, err
	}
	if state == catalog.Held && stopped && decided == catalog.Approve && (full || !b.Full) {
		return start{cursor, chain, true}, nil
	}
	if b.Full {
		return at, nil
	}
	if state == catalog.Partial && cursor != "" && decided == "" {
		var failed int
		if err := c.tx.QueryRowContext(ctx, `SELECT count(*) FROM run WHERE source = $1 AND id > $2 AND state = 'failed'`, b.Source, id).Scan(&failed); err != nil {
			return at, err
		}
		if failed < patience {
			return start{cursor, chain, lifted}, nil
		}
	}
	err = c.tx.QueryRowContext(ctx, `SELECT end_cursor FROM run WHERE source = $1 AND ended > 0 AND `+goodRun+` ORDER BY id DESC LIMIT 1`, b.Source).Scan(&at.cursor)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return at, err
}

// account adds a batch to its run, in the batch's transaction.
func (c *commit) account(ctx context.Context, b catalog.Batch, o catalog.Outcome, lost drops) error {
	if err := c.holds(ctx, b.Run); err != nil {
		return err
	}
	text, err := queryText("account_run")
	if err != nil {
		return err
	}
	res, err := c.tx.ExecContext(ctx, text, b.Run, millis(b.Now), b.Cursor, o.Listed, o.New, o.Changed, o.Same, o.Rejected, o.Skipped, o.Deleted, o.Held, b.Source, lost.String())
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(fmt.Errorf("run %d is no open run of %s", b.Run, b.Source), err)
	}
	return nil
}
