package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ctiphub/catalog"
	"ctiphub/record"
)

// TakeDown erases what is taken down: texts, raws, what is kept for undoing, what works are
// compared by, links. Tombstones stay, so that consumers hear of it.
func (s *Store) TakeDown(ctx context.Context, t catalog.Takedown, dry bool) (r catalog.Removal, err error) {
	if (t.Record == "") == (t.URL == "") || t.URL != "" && catalog.AddressKey(t.URL) == "" {
		return r, errors.New("taking down: name one record or one web address")
	}
	r.Takedown = t
	if t.URL != "" {
		err = s.followAllLinks(ctx, t)
	}
	if err == nil && dry {
		err = s.foreseeTakedown(ctx, t, &r)
	} else if err == nil {
		err = s.takeDown(ctx, t, &r)
	}
	if err != nil {
		return r, fmt.Errorf("taking down: %w", err)
	}
	return r, nil
}

// takeDown erases in one transaction, with freed pages overwritten and nothing left in the
// write-ahead log.
func (s *Store) takeDown(ctx context.Context, t catalog.Takedown, r *catalog.Removal) error {
	if _, err := s.write.ExecContext(ctx, `PRAGMA secure_delete = ON`); err != nil {
		return err
	}
	err := s.change(ctx, t.When, func(c *commit) error {
		list, err := c.rows(ctx, `SELECT `+rowColumns+` FROM record WHERE num IN (`+targets(t)+`) ORDER BY num`, targetArgs(t)...)
		if err != nil {
			return err
		}
		if t.Record != "" && len(list) == 0 {
			return catalog.ErrNotFound
		}
		r.Records, r.Withdrawn = nil, 0
		for _, row := range list {
			if row.visible == live {
				r.Withdrawn++
			}
			r.Records = append(r.Records, row.id)
			if err := c.erase(ctx, row); err != nil {
				return err
			}
		}
		if err := c.tx.QueryRowContext(ctx, `SELECT coalesce(max(num), 0) + 1 FROM takedown`).Scan(&r.Takedown.ID); err != nil {
			return err
		}
		_, err = c.tx.ExecContext(ctx, `INSERT INTO takedown (num, record, url, key, reason, who, made, ended) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`,
			r.Takedown.ID, string(t.Record), t.URL, catalog.AddressKey(t.URL), t.Reason, t.Who, millis(t.When))
		return err
	})
	if err != nil {
		return err
	}
	// Its words are in the search index until the segments that hold them are merged.
	if err := s.mergeSegments(ctx); err != nil {
		return err
	}
	if _, err := s.write.ExecContext(ctx, `PRAGMA secure_delete = OFF`); err != nil {
		return err
	}
	if _, err := s.write.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		s.o.Logger.Warn("the write-ahead log still holds what was taken down; it goes with the next checkpoint", "error", err)
	}
	return nil
}

// erase makes a tombstone of a record and leaves nothing of what it said.
func (c *commit) erase(ctx context.Context, r *row) error {
	c.source = r.source
	if r.kept {
		if err := c.bury(ctx, r); err != nil {
			return err
		}
	}
	for _, table := range []string{"content", "undo", "card", "card_key", "record_link"} {
		if _, err := c.tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE num = $1`, r.num); err != nil {
			return err
		}
	}
	// Corrections quote it; a server's "not modified" would hide it after it was reinstated.
	if _, err := c.tx.ExecContext(ctx, `DELETE FROM override WHERE record = $1`, string(r.id)); err != nil {
		return err
	}
	_, err := c.tx.ExecContext(ctx, `DELETE FROM reject WHERE identifier <> '' AND identifier = (SELECT identifier FROM record WHERE num = $1)`, r.num)
	return err
}

// targets is a query of the numbers of the records that a takedown is about.
func targets(t catalog.Takedown) string {
	if t.Record != "" {
		return `SELECT num FROM record WHERE id = $1`
	}
	in := placeholders(1, len(spellings(t.URL)))
	return `SELECT num FROM record_link WHERE url IN (` + in + `) UNION SELECT num FROM record WHERE identifier IN (` + in + `)`
}

func targetArgs(t catalog.Takedown) []any {
	if t.Record != "" {
		return []any{string(t.Record)}
	}
	var args []any
	for _, u := range spellings(t.URL) {
		args = append(args, u)
	}
	return args
}

// spellings are the ways in which an address may be stored.
func spellings(address string) []string {
	list := []string{address}
	key := catalog.AddressKey(address)
	host, rest := key, ""
	if i := strings.IndexAny(key, "/?"); i >= 0 {
		host, rest = key[:i], key[i:]
	}
	path, query, found := strings.Cut(rest, "?")
	if found {
		query = "?" + query
	}
	for _, scheme := range []string{"https://", "http://"} {
		for _, www := range []string{"", "www."} {
			list = append(list, scheme+www+host+path+query, scheme+www+host+path+"/"+query)
		}
	}
	return list
}

// followAllLinks brings the addresses of records up to date.
func (s *Store) followAllLinks(ctx context.Context, t catalog.Takedown) error {
	for {
		var behind bool
		err := s.read.QueryRowContext(ctx, `SELECT (SELECT value FROM counter WHERE name = 'links') < (SELECT value FROM counter WHERE name = 'seq')`).Scan(&behind)
		if err != nil || !behind {
			return err
		}
		if err := s.followLinks(ctx, t.When); err != nil {
			return err
		}
	}
}

func (s *Store) foreseeTakedown(ctx context.Context, t catalog.Takedown, r *catalog.Removal) error {
	rows, err := s.read.QueryContext(ctx, `SELECT id, visible FROM record WHERE num IN (`+targets(t)+`) ORDER BY num`, targetArgs(t)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id record.ID
		var visible int
		if err := rows.Scan(&id, &visible); err != nil {
			return err
		}
		r.Records = append(r.Records, id)
		if visible == live {
			r.Withdrawn++
		}
	}
	if t.Record != "" && len(r.Records) == 0 {
		return catalog.ErrNotFound
	}
	return rows.Err()
}

const takedownColumns = `num, record, url, reason, who, made, ended`

// Takedowns returns all takedowns, the newest first.
func (s *Store) Takedowns(ctx context.Context) ([]catalog.Takedown, error) {
	list, err := takedowns(ctx, s.read, `SELECT `+takedownColumns+` FROM takedown ORDER BY num DESC`)
	if err != nil {
		return nil, fmt.Errorf("reading the takedowns: %w", err)
	}
	return list, nil
}

func takedowns(ctx context.Context, q querier, query string, args ...any) ([]catalog.Takedown, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []catalog.Takedown
	for rows.Next() {
		var t catalog.Takedown
		var made, ended int64
		if err := rows.Scan(&t.ID, &t.Record, &t.URL, &t.Reason, &t.Who, &made, &ended); err != nil {
			return nil, err
		}
		t.When, t.Ended = fromMillis(made), fromMillis(ended)
		list = append(list, t)
	}
	return list, rows.Err()
}

// Reinstate ends the takedowns of a record or address.
func (s *Store) Reinstate(ctx context.Context, t catalog.Takedown) (ended []catalog.Takedown, err error) {
	err = s.change(ctx, t.When, func(c *commit) error {
		ended, err = takedowns(ctx, c.tx, `SELECT `+takedownColumns+` FROM takedown WHERE ended = 0 AND record = $1 AND key = $2 ORDER BY num`, string(t.Record), catalog.AddressKey(t.URL))
		if err != nil {
			return err
		}
		if len(ended) == 0 {
			return catalog.ErrNoTakedown
		}
		for i := range ended {
			ended[i].Ended = t.When
			if _, err := c.tx.ExecContext(ctx, `UPDATE takedown SET ended = $2 WHERE num = $1`, ended[i].ID, millis(t.When)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reinstating: %w", err)
	}
	return ended, nil
}

// takenDown is what may not be stored, as a batch looks it up.
type takenDown struct {
	records map[record.ID]bool
	keys    map[string]bool
}

func (c *commit) takenDown(ctx context.Context) (takenDown, error) {
	down := takenDown{records: map[record.ID]bool{}, keys: map[string]bool{}}
	rows, err := c.tx.QueryContext(ctx, `SELECT record, key FROM takedown WHERE ended = 0`)
	if err != nil {
		return down, err
	}
	defer rows.Close()
	for rows.Next() {
		var id record.ID
		var key string
		if err := rows.Scan(&id, &key); err != nil {
			return down, err
		}
		if id != "" {
			down.records[id] = true
		}
		if key != "" {
			down.keys[key] = true
		}
	}
	return down, rows.Err()
}

// has reports whether an item was taken down, by its id or by one of its addresses.
func (d takenDown) has(it *item) bool {
	if d.records[it.id] {
		return true
	}
	if len(d.keys) == 0 {
		return false
	}
	for _, a := range append(catalog.Addresses(it.rec), it.raw.URL, it.raw.Identifier) {
		if d.keys[catalog.AddressKey(a)] {
			return true
		}
	}
	return false
}

// pass leaves out what was taken down, and erases what an earlier harvest stored of it. The
// account names neither identifier nor address.
func (c *commit) pass(ctx context.Context, old *row) (catalog.Reject, error) {
	if old == nil || !old.kept {
		return takenDownSkip, nil
	}
	return takenDownSkip, c.erase(ctx, old)
}

var takenDownSkip = catalog.Reject{Code: catalog.CodeTakenDown, Stage: "skip", Detail: "The record was taken down; no harvest brings it back."}
