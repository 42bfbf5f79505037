package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

// Links derive from the change log, a block at a time and behind the harvest, so that
// storing records does not wait for them.
const (
	linkBlock   = 2000 // changes that one look for due links takes in
	firstWithin = 7 * 24 * time.Hour
)

// DueLinks returns addresses of live records that are due to be looked at, longest
// overdue first. An address that is new falls due within a week, spread by chance: it was
// most likely just visited, and a harvest must not be followed by a second one.
func (s *Store) DueLinks(ctx context.Context, now time.Time, limit int) ([]catalog.Link, error) {
	if err := s.followLinks(ctx, now); err != nil {
		return nil, fmt.Errorf("looking for the links of new records: %w", err)
	}
	rows, err := s.read.QueryContext(ctx, `SELECT url, source, status, checked, next, failures, since, methods, code, moved FROM link WHERE next <= $1 ORDER BY next, url LIMIT $2`, millis(now), limit)
	if err != nil {
		return nil, fmt.Errorf("reading the links that are due: %w", err)
	}
	defer rows.Close()
	var list []catalog.Link
	for rows.Next() {
		var l catalog.Link
		var checked, next, since int64
		if err := rows.Scan(&l.URL, &l.Source, &l.Status, &checked, &next, &l.Failures, &since, &l.Methods, &l.Code, &l.Moved); err != nil {
			return nil, fmt.Errorf("reading the links that are due: %w", err)
		}
		l.Checked, l.Next, l.Since = fromMillis(checked), fromMillis(next), fromMillis(since)
		list = append(list, l)
	}
	return list, rows.Err()
}

// followLinks takes in what the change log holds since the last time, at most a block.
func (s *Store) followLinks(ctx context.Context, now time.Time) error {
	var behind bool
	err := s.read.QueryRowContext(ctx, `SELECT (SELECT value FROM counter WHERE name = 'links') < (SELECT value FROM counter WHERE name = 'seq')`).Scan(&behind)
	if err != nil || !behind {
		return err
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	list, last, err := changedDocs(ctx, tx, "links")
	if err != nil {
		return err
	}
	for _, c := range list {
		if err := moveLinks(ctx, tx, c, now); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `UPDATE counter SET value = $1 WHERE name = 'links'`, last); err != nil {
		return err
	}
	return tx.Commit()
}

// changedDoc is a changed record as it is now; doc is empty when it is not live.
type changedDoc struct {
	num    int64
	source string
	doc    []byte
	base   []byte // as it was normalized, where doc is something else
}

// changedDocs reads the next block of the change log behind a counter; last is how far it
// came.
func changedDocs(ctx context.Context, tx *sql.Tx, counter string) (list []changedDoc, last int64, err error) {
	// The last numbers may belong to records that never were in the log, such as held ones.
	if err := tx.QueryRowContext(ctx, `SELECT value FROM counter WHERE name = 'seq'`).Scan(&last); err != nil {
		return nil, 0, err
	}
	rows, err := tx.QueryContext(ctx, `SELECT c.seq, r.num, r.source, CASE WHEN r.visible = 1 THEN d.doc END, coalesce(d.base, '') FROM change c JOIN record r ON r.num = c.num LEFT JOIN content d ON d.num = r.num
		WHERE c.seq > (SELECT value FROM counter WHERE name = $2) ORDER BY c.seq LIMIT $1`, linkBlock, counter)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var c changedDoc
		if err := rows.Scan(&last, &c.num, &c.source, &c.doc, &c.base); err != nil {
			return nil, 0, err
		}
		list = append(list, c)
	}
	return list, last, rows.Err()
}

// moveLinks replaces the addresses of one record, and forgets those that no record has.
func moveLinks(ctx context.Context, tx *sql.Tx, c changedDoc, now time.Time) error {
	var rec record.Record
	if len(c.doc) > 0 {
		var err error
		if rec, err = decode(c.doc); err != nil {
			return err
		}
	}
	have, err := texts(ctx, tx, `SELECT url FROM record_link WHERE num = $1`, c.num)
	if err != nil {
		return err
	}
	want := slices.Compact(slices.Sorted(slices.Values(catalog.Addresses(rec))))
	for _, u := range want {
		if slices.Contains(have, u) {
			continue
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO link (url, source, status, checked, next, failures, since, methods, code, moved) VALUES ($1, $2, '', 0, $3, 0, 0, '', 0, '') ON CONFLICT (url) DO NOTHING`, u, c.source, millis(now.Add(chance(u)))); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO record_link (num, url) VALUES ($1, $2)`, c.num, u); err != nil {
			return err
		}
	}
	for _, u := range have {
		if slices.Contains(want, u) {
			continue
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM record_link WHERE num = $1 AND url = $2`, c.num, u); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM link WHERE url = $1 AND NOT EXISTS (SELECT 1 FROM record_link WHERE url = $1)`, u); err != nil {
			return err
		}
	}
	return nil
}

// chance is when within a week an address falls due for the first time: always the same.
func chance(u string) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(u)) // a hash takes everything
	return firstWithin * time.Duration(h.Sum32()%10_000) / 10_000
}

// texts reads a column of texts.
func texts(ctx context.Context, tx *sql.Tx, query string, args ...any) ([]string, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var t string
		if err := rows.Scan(&t); err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

const deadLink = "dead"

// loadDead reads which links are dead: few, so that storing a record can look them up in
// memory.
func (s *Store) loadDead(ctx context.Context) error {
	rows, err := s.read.QueryContext(ctx, `SELECT url, checked FROM link WHERE status = $1`, deadLink)
	if err != nil {
		return fmt.Errorf("reading the dead links: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var u string
		var checked int64
		if err := rows.Scan(&u, &checked); err != nil {
			return fmt.Errorf("reading the dead links: %w", err)
		}
		s.dead.Store(u, fromMillis(checked))
		s.anyDead.Store(true)
	}
	return rows.Err()
}

// The statuses of a record's origin that links decide on.
const (
	originKnown = "origin-known"
	originDead  = "origin-dead"
)

// mark writes into a record which of its addresses are dead, and takes out which no
// longer are. It reports whether that changed anything.
func (s *Store) mark(rec record.Record) (changed bool, out record.Record) {
	rec.Files = slices.Clone(rec.Files)
	for i := range rec.Files {
		f := &rec.Files[i]
		at, dead := s.dead.Load(f.URL)
		switch {
		case dead && f.Status != deadLink:
			f.Status, f.Checked, changed = deadLink, at.(time.Time), true
		case !dead && f.Status == deadLink:
			f.Status, f.Checked, changed = "", time.Time{}, true
		}
	}
	_, dead := s.dead.Load(rec.Origin.Landing)
	switch {
	case dead && rec.Origin.Status == originKnown:
		rec.Origin.Status, changed = originDead, true
	case !dead && rec.Origin.Status == originDead:
		rec.Origin.Status, changed = originKnown, true
	}
	return changed, rec
}

// PutLinks stores what was found, and lets the records that name a link which died or came
// back say so.
func (s *Store) PutLinks(ctx context.Context, now time.Time, links []catalog.Link) error {
	text, err := queryText("put_link")
	if err != nil {
		return err
	}
	var turned []string
	for _, l := range links {
		if _, was := s.dead.Load(l.URL); was != (l.Status == deadLink) {
			turned = append(turned, l.URL)
		}
	}
	for _, l := range links {
		if l.Status == deadLink {
			s.dead.Store(l.URL, l.Checked)
			s.anyDead.Store(true)
		} else {
			s.dead.Delete(l.URL)
		}
	}
	err = s.change(ctx, now, func(c *commit) error {
		for _, l := range links {
			if _, err := c.tx.ExecContext(ctx, text, l.URL, l.Status, millis(l.Checked), millis(l.Next), l.Failures, millis(l.Since), l.Methods, l.Code, l.Moved); err != nil {
				return err
			}
		}
		for _, u := range turned {
			if err := c.remark(ctx, u); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keeping what links answered: %w", err)
	}
	return nil
}

// remark lets every live record that names an address say what is known of it now.
func (c *commit) remark(ctx context.Context, u string) error {
	list, err := c.rows(ctx, `SELECT `+rowColumns+` FROM record WHERE visible = 1 AND num IN (SELECT num FROM record_link WHERE url = $1) ORDER BY num`, u)
	if err != nil {
		return err
	}
	for _, r := range list {
		if err := c.refresh(ctx, r); err != nil {
			return err
		}
	}
	return nil
}
