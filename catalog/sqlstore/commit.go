package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

// commit is one transaction that may take numbers of the sequence. What many records
// write in the same way is collected and written together at its end.
type commit struct {
	s          *Store
	tx         *sql.Tx
	now        time.Time
	began      time.Time // by the clock of the process, when now was told
	source     string
	run        int64
	chain      int64 // of the run; 0: nothing is kept to undo what this does
	seq, first int64
	num        int64
	stamp      int64 // of every change in this transaction, in seconds
	facets     []catalog.FacetChange
	changes    []any // seq, num, run, kind of each
	joined     []member
	left       []member
	specs      map[string]int64  // numbers that others may use once this is committed
	members    map[int64]int     // by how much the sets grew
	tallies    map[string]*tally // by source
	layers     int64             // version of what is laid on records
	stmts      map[*sql.Stmt]*sql.Stmt
}

// member is the place of a record in one set.
type member struct{ spec, seq int64 }

// tally counts records of one source by state.
type tally struct {
	live, held, deleted int
	digest              [32]byte // XOR over what came and what went
}

// count adds a record's row n times to the counts of its source.
func (c *commit) count(r *row, n int) {
	t := c.tallies[r.source]
	if t == nil {
		t = &tally{}
		c.tallies[r.source] = t
	}
	if r.visible == live {
		t.live += n
	}
	if r.visible == tombstone {
		t.deleted += n
	}
	if r.held {
		t.held += n
	}
	if r.visible != never {
		t.digest = record.XOR(t.digest, record.EntryDigest(r.id, r.seq, r.visible == tombstone))
	}
}

// change runs do in a transaction, gives it the next numbers of the sequence, and lets
// the facets follow once the transaction is on disk.
func (s *Store) change(ctx context.Context, now time.Time, do func(*commit) error) error {
	if err := s.transact(ctx, now, do); err != nil {
		return err
	}
	if s.followed.Load()-s.saved.Load() < saveEvery {
		return nil
	}
	if err := s.saveFacets(ctx, false); err != nil {
		// Nothing is lost: the next start reads more of the change log.
		s.o.Logger.Warn("the facets were not saved", "error", err)
	}
	return nil
}

func (s *Store) transact(ctx context.Context, now time.Time, do func(*commit) error) (err error) {
	began := time.Now()
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreDone(tx.Rollback()))
		}
	}()
	c := &commit{s: s, tx: tx, now: now, began: began, specs: map[string]int64{}, members: map[int64]int{}, tallies: map[string]*tally{}, stmts: map[*sql.Stmt]*sql.Stmt{}}
	if err := c.begin(ctx); err != nil {
		return err
	}
	if err := do(c); err != nil {
		return err
	}
	if err := c.flush(ctx); err != nil {
		return err
	}
	// The lock keeps the order of commits and of what follows them the same.
	s.follow.Lock()
	defer s.follow.Unlock()
	if err := tx.Commit(); err != nil {
		return err
	}
	for spec, n := range c.specs {
		s.specs.Store(spec, n)
	}
	if s.followed.Load() == c.first {
		s.facets.Apply(c.facets)
		s.followed.Store(c.seq)
	}
	// Else another process wrote in between: the next reader catches up with both.
	return nil
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// begin reads where the numbers stand.
func (c *commit) begin(ctx context.Context) error {
	rows, err := c.tx.QueryContext(ctx, `SELECT name, value FROM counter`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var value int64
		if err := rows.Scan(&name, &value); err != nil {
			return err
		}
		switch name {
		case "seq":
			c.seq, c.first = value, value
		case "stamp":
			c.stamp = max(value, c.now.Unix())
		case "num":
			c.num = value
		case "layers":
			c.layers = value
		}
	}
	return rows.Err()
}

// flush writes what the commit collected.
func (c *commit) flush(ctx context.Context) error {
	if err := c.putTallies(ctx); err != nil {
		return err
	}
	if err := c.flushMembers(ctx); err != nil {
		return err
	}
	if c.seq == c.first {
		return nil
	}
	if err := c.restamp(ctx); err != nil {
		return err
	}
	if err := c.insert(ctx, c.s.q.insertChanges, changeRows, 4, c.changes); err != nil {
		return err
	}
	if _, err := c.tx.ExecContext(ctx, `INSERT INTO tick (stamp, seq) VALUES ($1, $2) ON CONFLICT (stamp) DO UPDATE SET seq = excluded.seq`, c.stamp, c.seq); err != nil {
		return err
	}
	_, err := c.tx.ExecContext(ctx, `UPDATE counter SET value = CASE name WHEN 'seq' THEN $1 WHEN 'stamp' THEN $2 ELSE $3 END WHERE name IN ('seq', 'stamp', 'num')`, c.seq, c.stamp, c.num)
	return err
}

// restamp gives the changes the time at which they become visible. Whoever asked in between
// was told a later time than theirs, and would not ask for them again.
func (c *commit) restamp(ctx context.Context) error {
	late := c.now.Add(time.Since(c.began)).Unix()
	if late <= c.stamp {
		return nil
	}
	c.stamp = late
	_, err := c.tx.ExecContext(ctx, `UPDATE record SET stamp = $1 WHERE seq > $2`, late, c.first)
	return err
}

// flushMembers writes who left and who joined the sets, in the order of their table.
func (c *commit) flushMembers(ctx context.Context) error {
	byPlace := func(a, b member) int {
		if a.spec != b.spec {
			return int(a.spec - b.spec)
		}
		return int(a.seq - b.seq)
	}
	slices.SortFunc(c.left, byPlace)
	for _, m := range c.left {
		if _, err := c.stmt(ctx, c.s.q.deleteMember).ExecContext(ctx, m.spec, m.seq); err != nil {
			return err
		}
	}
	slices.SortFunc(c.joined, byPlace)
	args := make([]any, 0, 2*len(c.joined))
	for _, m := range c.joined {
		args = append(args, m.spec, m.seq)
	}
	if err := c.insert(ctx, c.s.q.insertMembers, memberRows, 2, args); err != nil {
		return err
	}
	for spec, n := range c.members {
		if n == 0 {
			continue
		}
		if _, err := c.stmt(ctx, c.s.q.growSpec).ExecContext(ctx, spec, n); err != nil {
			return err
		}
	}
	return nil
}

// rowsAtOnce is how many rows one statement inserts.
const rowsAtOnce = 64

// insertText writes the statement that inserts so many rows.
func insertText(into string, columns, rows int) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + into + " VALUES ")
	for i := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("(" + placeholders(1+i*columns, columns) + ")")
	}
	return b.String()
}

// insert writes rows of so many columns each, many by one statement; full is the prepared
// one for rowsAtOnce rows, or nil.
func (c *commit) insert(ctx context.Context, full *sql.Stmt, into string, columns int, args []any) error {
	for len(args) > 0 {
		rows := min(len(args)/columns, rowsAtOnce)
		part := args[:rows*columns]
		var err error
		if rows == rowsAtOnce && full != nil {
			_, err = c.stmt(ctx, full).ExecContext(ctx, part...)
		} else {
			_, err = c.tx.ExecContext(ctx, insertText(into, columns, rows), part...)
		}
		if err != nil {
			return err
		}
		args = args[len(part):]
	}
	return nil
}

func (c *commit) nextSeq() int64 {
	c.seq++
	return c.seq
}

// stmt binds a prepared statement to the transaction, once.
func (c *commit) stmt(ctx context.Context, st *sql.Stmt) *sql.Stmt {
	bound, ok := c.stmts[st]
	if !ok {
		bound = c.tx.StmtContext(ctx, st)
		c.stmts[st] = bound
	}
	return bound
}

// spec returns the number of a set spec, giving it one when it is new.
func (c *commit) spec(ctx context.Context, spec string) (int64, error) {
	if n, ok := c.specs[spec]; ok {
		return n, nil
	}
	if n, ok := c.s.specs.Load(spec); ok {
		return n.(int64), nil
	}
	var n int64
	err := c.tx.QueryRowContext(ctx, `SELECT num FROM spec WHERE spec = $1`, spec).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		err = c.tx.QueryRowContext(ctx, `INSERT INTO spec (num, spec, members) SELECT coalesce(max(num), 0) + 1, $1, 0 FROM spec RETURNING num`, spec).Scan(&n)
	}
	if err != nil {
		return 0, err
	}
	c.specs[spec] = n
	return n, nil
}
