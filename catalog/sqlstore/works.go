package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

// Work returns a work by its id.
func (s *Store) Work(ctx context.Context, id record.ID) (catalog.Work, error) {
	w := catalog.Work{ID: id}
	entries, err := s.numbered(ctx, `SELECT `+entryColumns+` FROM edition e JOIN record r ON r.num = e.num JOIN content c ON c.num = r.num WHERE e.work = $1 AND r.visible = 1 ORDER BY r.num`, string(id))
	if err != nil {
		return w, fmt.Errorf("reading work %s: %w", id, err)
	}
	if len(entries) == 0 {
		return w, catalog.ErrNoWork
	}
	links, err := s.editionLinks(ctx, id)
	if err != nil {
		return w, fmt.Errorf("reading work %s: %w", id, err)
	}
	ids := map[int64]record.ID{}
	for _, n := range entries {
		ids[int64(n.num)] = n.entry.Record.ID
	}
	for _, n := range entries {
		e := catalog.Edition{Entry: n.entry}
		for _, l := range links {
			other := l.b
			if other == int64(n.num) {
				other = l.a
			} else if l.a != int64(n.num) {
				continue
			}
			if ids[other] != "" {
				e.Links = append(e.Links, catalog.EditionLink{To: ids[other], Kind: l.kind, Confidence: l.confidence, Evidence: l.evidence})
			}
		}
		w.Editions = append(w.Editions, e)
	}
	return w, nil
}

// editionLink is a stored link between two records; a is the smaller number.
type editionLink struct {
	a, b       int64
	kind       string
	confidence float64
	evidence   []string
}

func (s *Store) editionLinks(ctx context.Context, work record.ID) ([]editionLink, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT l.a, l.b, l.kind, l.confidence, l.evidence FROM edition_link l JOIN edition e ON e.num = l.a WHERE e.work = $1 ORDER BY l.confidence DESC, l.a, l.b`, string(work))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []editionLink
	for rows.Next() {
		var l editionLink
		var evidence string
		if err := rows.Scan(&l.a, &l.b, &l.kind, &l.confidence, &evidence); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(evidence), &l.evidence); err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	return list, rows.Err()
}

// Works returns works, those of most records first.
func (s *Store) Works(ctx context.Context, limit int) ([]catalog.WorkSummary, error) {
	ids, err := s.biggestWorks(ctx, limit)
	if err != nil {
		return nil, fmt.Errorf("listing works: %w", err)
	}
	list := make([]catalog.WorkSummary, 0, len(ids))
	for _, id := range ids {
		w, err := s.Work(ctx, id)
		if err == catalog.ErrNoWork {
			continue // its records were withdrawn since it was found
		}
		if err != nil {
			return nil, err
		}
		sum := catalog.WorkSummary{ID: id, Records: len(w.Editions)}
		sum.Title, _ = w.Editions[0].Entry.Record.Title.In("en")
		var sources []string
		for _, e := range w.Editions {
			sum.Languages = append(sum.Languages, e.Entry.Record.Languages...)
			sources = append(sources, e.Entry.Record.Origin.Source)
		}
		slices.Sort(sum.Languages)
		sum.Languages = slices.Compact(sum.Languages)
		slices.Sort(sources)
		sum.Sources = len(slices.Compact(sources))
		list = append(list, sum)
	}
	return list, nil
}

func (s *Store) biggestWorks(ctx context.Context, limit int) ([]record.ID, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT work FROM edition GROUP BY work ORDER BY count(*) DESC, min(num) LIMIT $1`, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []record.ID
	for rows.Next() {
		var id record.ID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// RuleWork remembers a curator's decision about two records.
func (s *Store) RuleWork(ctx context.Context, r catalog.WorkRuling) error {
	if r.Verdict != catalog.Apart && r.Verdict != catalog.Together || r.A == r.B {
		return fmt.Errorf("ruling on records %s and %s: %q is no ruling on two records", r.A, r.B, r.Verdict)
	}
	a, b := min(r.A, r.B), max(r.A, r.B)
	text, err := queryText("put_ruling")
	if err != nil {
		return err
	}
	return s.change(ctx, r.When, func(c *commit) error {
		for _, id := range []record.ID{a, b} {
			var one int
			if err := c.tx.QueryRowContext(ctx, `SELECT 1 FROM record WHERE id = $1`, string(id)).Scan(&one); none(err) {
				return fmt.Errorf("ruling on record %s: %w", id, catalog.ErrNotFound)
			} else if err != nil {
				return fmt.Errorf("ruling on record %s: %w", id, err)
			}
		}
		if _, err := c.tx.ExecContext(ctx, text, string(a), string(b), string(r.Verdict), r.Who, r.Why, millis(r.When)); err != nil {
			return fmt.Errorf("ruling on records %s and %s: %w", a, b, err)
		}
		// So that works are looked for again although no record changed.
		_, err := c.tx.ExecContext(ctx, `UPDATE counter SET value = -1 WHERE name = 'works'`)
		return err
	})
}

// WorkRulings returns all decisions, the newest first.
func (s *Store) WorkRulings(ctx context.Context) ([]catalog.WorkRuling, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT a, b, verdict, who, why, made FROM work_ruling ORDER BY made DESC, a, b`)
	if err != nil {
		return nil, fmt.Errorf("reading the rulings on works: %w", err)
	}
	defer rows.Close()
	var list []catalog.WorkRuling
	for rows.Next() {
		var r catalog.WorkRuling
		var made int64
		if err := rows.Scan(&r.A, &r.B, &r.Verdict, &r.Who, &r.Why, &made); err != nil {
			return nil, fmt.Errorf("reading the rulings on works: %w", err)
		}
		r.When = fromMillis(made)
		list = append(list, r)
	}
	return list, rows.Err()
}

// followCards takes in what the change log holds since the last time, a block at a time,
// and returns how far it came.
func (s *Store) followCards(ctx context.Context) (seq int64, err error) {
	for {
		var behind bool
		err := s.read.QueryRowContext(ctx, `SELECT (SELECT value FROM counter WHERE name = 'cards') < (SELECT value FROM counter WHERE name = 'seq')`).Scan(&behind)
		if err != nil {
			return 0, err
		}
		if !behind {
			err := s.read.QueryRowContext(ctx, `SELECT value FROM counter WHERE name = 'cards'`).Scan(&seq)
			return seq, err
		}
		if err := s.followCardBlock(ctx); err != nil {
			return 0, err
		}
	}
}

func (s *Store) followCardBlock(ctx context.Context) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	list, last, err := changedDocs(ctx, tx, "cards")
	if err != nil {
		return err
	}
	cards := make([]card, len(list))
	if err := inParallel(len(list), func(i int) (err error) {
		cards[i], err = newCard(list[i])
		return err
	}); err != nil {
		return err
	}
	for _, c := range cards {
		if err := putCard(ctx, tx, c); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `UPDATE counter SET value = $1 WHERE name = 'cards'`, last); err != nil {
		return err
	}
	return tx.Commit()
}

// putCard replaces what is compared of one record; text is "" when it is no longer live.
func putCard(ctx context.Context, tx *sql.Tx, c card) error {
	var have string
	err := tx.QueryRowContext(ctx, `SELECT card FROM card WHERE num = $1`, c.num).Scan(&have)
	if err != nil && !none(err) {
		return err
	}
	if have == c.text {
		return nil
	}
	for _, table := range []string{"card", "card_key"} {
		if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE num = $1`, c.num); err != nil {
			return err
		}
	}
	if c.text == "" {
		return nil
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO card (num, card) VALUES ($1, $2)`, c.num, c.text); err != nil {
		return err
	}
	for _, key := range c.keys {
		if _, err := tx.ExecContext(ctx, `INSERT INTO card_key (key, num) VALUES ($1, $2) ON CONFLICT (key, num) DO NOTHING`, key, c.num); err != nil {
			return err
		}
	}
	return nil
}

// card is what is compared of one record.
type card struct {
	num  int64
	text string // JSON; "" of a record that is not live
	keys []int64
}

// writeBlock is how many records one transaction moves to another work.
const writeBlock = 200

// moveEditions writes which records are now of which works: moved holds only those that
// changed, "" for none.
func (s *Store) moveEditions(ctx context.Context, now time.Time, moved map[int64]record.ID) error {
	var nums []int64
	for num := range moved {
		nums = append(nums, num)
	}
	slices.Sort(nums)
	for part := range slices.Chunk(nums, writeBlock) {
		err := s.change(ctx, now, func(c *commit) error {
			for _, num := range part {
				if err := c.moveEdition(ctx, num, moved[num]); err != nil {
					return err
				}
			}
			return c.relaid(ctx)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *commit) moveEdition(ctx context.Context, num int64, work record.ID) error {
	var err error
	if work == "" {
		_, err = c.tx.ExecContext(ctx, `DELETE FROM edition WHERE num = $1`, num)
	} else {
		_, err = c.tx.ExecContext(ctx, `INSERT INTO edition (num, work) VALUES ($1, $2) ON CONFLICT (num) DO UPDATE SET work = excluded.work`, num, string(work))
	}
	if err != nil {
		return err
	}
	_, r, err := scanRow(c.tx.QueryRowContext(ctx, `SELECT `+rowColumns+` FROM record WHERE num = $1 AND kept`, num).Scan)
	if none(err) {
		return nil // withdrawn: there is nothing to show it on
	}
	if err != nil {
		return err
	}
	return c.refresh(ctx, r)
}
