package sqlstore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

// taskBlock is how many records are read at a time to find tasks in.
const taskBlock = 200

// Tasks returns a part of the review queue: what screening holds back and nobody has
// decided on, and tags that the hub is not sure enough of.
func (s *Store) Tasks(ctx context.Context, q catalog.TaskQuery) (catalog.TaskPage, error) {
	if q.Limit <= 0 {
		q.Limit = 100
	}
	page := catalog.TaskPage{Tasks: []catalog.Task{}}
	for found := 0; ; {
		list, err := s.waiting(ctx, q)
		if err != nil {
			return page, fmt.Errorf("reading the review queue: %w", err)
		}
		for _, w := range list {
			q.After = w.num
			tasks := w.tasks(q)
			if len(tasks) == 0 {
				continue
			}
			page.Tasks = append(page.Tasks, tasks...)
			if found++; found == q.Limit {
				page.Next = w.num
				return page, nil
			}
		}
		if len(list) < taskBlock {
			return page, nil
		}
	}
}

// waiting is a record with tasks.
type waiting struct {
	num          int64
	source       string
	held         bool
	code, detail string
	rec          record.Record
}

func (s *Store) waiting(ctx context.Context, q catalog.TaskQuery) ([]waiting, error) {
	where, args := []string{"r.num > $1"}, []any{q.After}
	add := func(cond string, arg any) {
		args = append(args, arg)
		where = append(where, fmt.Sprintf(cond, len(args)))
	}
	const held = `r.held AND r.code <> '' AND NOT EXISTS (SELECT 1 FROM override o WHERE o.record = r.id AND o.field = 'decision' AND o.value = 'hold' AND o.retired = 0)`
	switch q.Kind {
	case catalog.HoldTask:
		where = append(where, held)
	case catalog.ProposalTask:
		where = append(where, "r.review > 0")
	default:
		where = append(where, "(r.review > 0 OR "+held+")")
	}
	if q.Source != "" {
		add("r.source = $%d", q.Source)
	}
	if q.Record != "" {
		add("r.id = $%d", string(q.Record))
	}
	if q.Code != "" {
		add("r.code = $%d", q.Code)
	}
	rows, err := s.read.QueryContext(ctx, `SELECT r.num, r.source, r.held, r.code, c.doc, c.detail FROM record r JOIN content c ON c.num = r.num
		WHERE `+strings.Join(where, " AND ")+fmt.Sprintf(` ORDER BY r.num LIMIT %d`, taskBlock), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []waiting
	for rows.Next() {
		var w waiting
		var doc []byte
		if err := rows.Scan(&w.num, &w.source, &w.held, &w.code, &doc, &w.detail); err != nil {
			return nil, err
		}
		if w.rec, err = decode(doc); err != nil {
			return nil, err
		}
		list = append(list, w)
	}
	return list, rows.Err()
}

// tasks are what a record waits for, out of what is asked.
func (w waiting) tasks(q catalog.TaskQuery) []catalog.Task {
	title, _ := w.rec.Title.In("en")
	task := catalog.Task{Record: w.rec.ID, Source: w.source, Title: title}
	var out []catalog.Task
	if w.held && w.code != "" && q.Kind != catalog.ProposalTask && q.Field == "" && q.Value == "" {
		hold := task
		hold.Kind, hold.Code, hold.Detail = catalog.HoldTask, w.code, w.detail
		out = append(out, hold)
	}
	if q.Kind == catalog.HoldTask || q.Code != "" {
		return out
	}
	for _, p := range w.rec.Review {
		if q.Field != "" && q.Field != p.Field || q.Value != "" && q.Value != p.Tag.ID {
			continue
		}
		proposal := task
		proposal.Kind, proposal.Field, proposal.Tag = catalog.ProposalTask, p.Field, p.Tag
		out = append(out, proposal)
	}
	return out
}

// Stored returns a block of records as they were normalized, with their raws.
func (s *Store) Stored(ctx context.Context, q catalog.StoredQuery) ([]catalog.Stored, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT r.num, r.code, c.doc, c.base, c.detail, c.meta, c.body FROM record r JOIN content c ON c.num = r.num
		WHERE r.num > $1 AND r.kept AND ($2 = '' OR r.source = $2) ORDER BY r.num LIMIT $3`, q.After, q.Source, q.Limit)
	if err != nil {
		return nil, fmt.Errorf("reading stored raws: %w", err)
	}
	defer rows.Close()
	var list []catalog.Stored
	for rows.Next() {
		var st catalog.Stored
		var doc, base, body []byte
		var code, detail, meta string
		if err := rows.Scan(&st.Num, &code, &doc, &base, &detail, &meta, &body); err != nil {
			return nil, fmt.Errorf("reading stored raws: %w", err)
		}
		if !q.RawOnly {
			it, err := storedItem(doc, base, code, detail)
			if err != nil {
				return nil, err
			}
			st.Record, st.Decision = plain(it.rec), it.decision
		}
		var err error
		if st.Raw, err = s.decodeRaw(meta, body); err != nil {
			return nil, err
		}
		list = append(list, st)
	}
	return list, rows.Err()
}

// RuleVersion grows whenever new rules were applied to stored raws.
func (s *Store) RuleVersion(ctx context.Context) (version int64, err error) {
	if err := s.read.QueryRowContext(ctx, `SELECT value FROM counter WHERE name = 'rules'`).Scan(&version); err != nil {
		return 0, fmt.Errorf("reading the version of the rules: %w", err)
	}
	return version, nil
}

// SetRules makes the version of the rules grow.
func (s *Store) SetRules(ctx context.Context, now time.Time) error {
	return s.change(ctx, now, func(c *commit) error {
		_, err := c.tx.ExecContext(ctx, `UPDATE counter SET value = value + 1 WHERE name = 'rules'`)
		return err
	})
}

// Renew stores what new rules made of stored raws.
func (s *Store) Renew(ctx context.Context, now time.Time, source string, items []catalog.Item) (catalog.Outcome, error) {
	out, err := s.renew(ctx, now, source, items)
	for err == errStale {
		out, err = s.renew(ctx, now, source, items)
	}
	if err != nil {
		return catalog.Outcome{}, fmt.Errorf("storing what new rules made of %s: %w", source, err)
	}
	return out, nil
}

func (s *Store) renew(ctx context.Context, now time.Time, source string, items []catalog.Item) (out catalog.Outcome, err error) {
	list, _, version, err := s.prepared(ctx, source, items)
	if err != nil {
		return out, err
	}
	err = s.change(ctx, now, func(c *commit) error {
		if c.layers != version {
			return errStale
		}
		c.source = source
		ids := make([]record.ID, len(list))
		for i := range list {
			ids[i] = list[i].id
		}
		have, err := c.lookup(ctx, ids)
		if err != nil {
			return err
		}
		out = catalog.Outcome{Listed: len(list)}
		for i := range list {
			if err := c.renewItem(ctx, have[list[i].id], &list[i], &out); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func (c *commit) renewItem(ctx context.Context, old *row, it *item, out *catalog.Outcome) error {
	switch {
	case old == nil || !old.kept || old.rawHash != it.raw.Hash():
		out.Skipped++ // a harvest was here since it was read
		return nil
	case !it.stays():
		out.Rejected++
		return nil
	case old.hash == it.hash:
		out.Same++
		return nil
	}
	out.Changed++
	if it.held() {
		out.Held++
	}
	if err := c.retire(ctx, it.retired); err != nil {
		return err
	}
	return c.reissue(ctx, old, it)
}

// Quality sums up the scores and findings of a source's live records.
func (s *Store) Quality(ctx context.Context, source string) (catalog.Quality, error) {
	if err := s.follows(ctx); err != nil {
		return catalog.Quality{}, fmt.Errorf("summing up the quality of %s: %w", source, err)
	}
	return s.facets.Quality(source), nil
}
