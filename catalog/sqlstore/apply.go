package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

// Apply stores one batch in one transaction: records, raws, search index, sets,
// validators, rejects, the run's account and cursor. Readers see all of it or nothing.
func (s *Store) Apply(ctx context.Context, b catalog.Batch) (catalog.Outcome, error) {
	began := time.Now()
	out, err := s.apply(ctx, b)
	for errors.Is(err, errStale) {
		out, err = s.apply(ctx, b)
	}
	if err != nil {
		return catalog.Outcome{}, fmt.Errorf("applying a batch of %s: %w", b.Source, err)
	}
	s.metrics.apply.Observe(time.Since(began).Seconds())
	return out, nil
}

// errStale ends a transaction before which somebody changed what is laid on its items.
var errStale = errors.New("what is laid on records changed meanwhile")

func (s *Store) apply(ctx context.Context, b catalog.Batch) (out catalog.Outcome, err error) {
	items, repeated := lastOfEach(b.Items)
	list, changed, version, err := s.prepared(ctx, b.Source, items)
	if err != nil {
		return out, err
	}
	// The texts of the next records are analyzed while the first ones are written.
	var ahead sync.WaitGroup
	defer ahead.Wait()
	ahead.Go(func() {
		for _, it := range changed {
			if s.complete(it) != nil {
				return // the transaction meets the same error
			}
		}
	})
	err = s.change(ctx, b.Now, func(c *commit) error {
		if c.layers != version {
			return errStale
		}
		c.source, c.run = b.Source, b.Run
		out = catalog.Outcome{Same: repeated}
		drops, err := c.batch(ctx, b, list, &out)
		if err != nil {
			return err
		}
		if err := c.tell(ctx, b); err != nil {
			return err
		}
		return c.account(ctx, b, out, drops)
	})
	return out, err
}

// lastOfEach keeps the last item of each identifier and counts the others.
func lastOfEach(items []catalog.Item) (kept []catalog.Item, repeated int) {
	last := make(map[string]int, len(items))
	for i, it := range items {
		last[it.Raw.Identifier] = i
	}
	if len(last) == len(items) {
		return items, 0
	}
	for i, it := range items {
		if last[it.Raw.Identifier] == i {
			kept = append(kept, it)
		}
	}
	return kept, len(items) - len(kept)
}

// batch takes everything that a batch lists, and returns which fields the records of the
// run lost so far.
func (c *commit) batch(ctx context.Context, b catalog.Batch, list []item, out *catalog.Outcome) (drops, error) {
	have, err := c.lookup(ctx, mentioned(b))
	if err != nil {
		return nil, err
	}
	lost, err := c.dropped(ctx, b, list, have)
	if err != nil {
		return nil, err
	}
	down, err := c.takenDown(ctx)
	if err != nil {
		return nil, err
	}
	seen := seenRows{nums: map[int64]bool{}}
	rejects, skipped := b.Rejects, b.Skipped
	in := make(map[string]bool, len(list))
	for i := range list {
		it := &list[i]
		old := have[it.id]
		if it.decision.Verdict == record.Reject && !it.raw.Deleted {
			rejects = append(rejects, catalog.Reject{Identifier: it.raw.Identifier, URL: it.raw.URL, Code: it.decision.Code, Stage: "normalize", Detail: it.decision.Detail})
			seen.add(old)
			continue
		}
		in[it.raw.Identifier] = true
		if down.has(it) {
			skip, err := c.pass(ctx, old)
			if err != nil {
				return nil, err
			}
			skipped = append(skipped, skip)
			continue
		}
		same, err := c.item(ctx, old, it, out)
		if err != nil {
			return nil, err
		}
		if same {
			out.Same++
			seen.add(old)
		}
	}
	for _, identifier := range b.Same {
		old := have[record.NewID(b.Source, identifier)]
		switch {
		case in[identifier]: // the same batch brought it
		case down.records[record.NewID(b.Source, identifier)]:
			skipped = append(skipped, takenDownSkip)
			continue
		case old == nil || !old.kept:
			rejects = append(rejects, unknownSame(identifier))
			continue
		default:
			seen.add(old)
		}
		out.Same++
	}
	for _, r := range b.Rejects {
		if !gone(r.Code) {
			seen.add(have[record.NewID(b.Source, r.Identifier)])
		}
	}
	for _, r := range b.Skipped {
		if stillWanted(r.Code) {
			seen.add(have[record.NewID(b.Source, r.Identifier)])
		}
	}
	out.Rejected, out.Skipped = len(rejects), len(skipped)
	out.Listed = out.New + out.Changed + out.Same + out.Rejected + out.Skipped
	if err := c.touch(ctx, seen.list); err != nil {
		return nil, err
	}
	if err := c.rejects(ctx, rejects, skipped); err != nil {
		return nil, err
	}
	return lost, c.validators(ctx, b)
}

func unknownSame(identifier string) catalog.Reject {
	return catalog.Reject{Identifier: identifier, Code: "unknown-same", Stage: "store", Detail: "The source says that this record did not change, but the hub does not have it; a full run will fetch it."}
}

// gone reports whether a reject says that the record is no longer there. What was listed
// and could not be had for any other reason is not absent: it may be there tomorrow.
func gone(code string) bool { return code == "http-404" || code == "http-410" }

// stillWanted reports whether a skipped record was left out for a reason that says nothing
// about the record: it was not looked at. Every other skip (an excluded path, a page that
// is no record any more) means that it no longer belongs here, so it counts as absent and
// goes after its grace period, under the guard's eye.
func stillWanted(code string) bool { return code == "robots-disallow" || code == "too-many" }

// mentioned returns the ids of everything that a batch names.
func mentioned(b catalog.Batch) []record.ID {
	keys := make([]record.ID, 0, len(b.Items)+len(b.Same))
	for _, it := range b.Items {
		keys = append(keys, record.NewID(b.Source, it.Raw.Identifier))
	}
	for _, identifier := range b.Same {
		keys = append(keys, record.NewID(b.Source, identifier))
	}
	for _, list := range [][]catalog.Reject{b.Rejects, b.Skipped} {
		for _, r := range list {
			if r.Identifier != "" {
				keys = append(keys, record.NewID(b.Source, r.Identifier))
			}
		}
	}
	return keys
}

// seenRows collects rows that were listed and stay as they are, each once.
type seenRows struct {
	nums map[int64]bool
	list []int64
}

func (s *seenRows) add(r *row) {
	if r != nil && !s.nums[r.num] {
		s.nums[r.num] = true
		s.list = append(s.list, r.num)
	}
}

// touch notes that records were listed and are as they were.
func (c *commit) touch(ctx context.Context, nums []int64) error {
	for len(nums) > 0 {
		n := min(len(nums), 500)
		args := []any{millis(c.now), c.run}
		for _, num := range nums[:n] {
			args = append(args, num)
		}
		if _, err := c.tx.ExecContext(ctx, `UPDATE record SET last_seen = $1, last_run = $2, missing_since = 0 WHERE num IN (`+placeholders(3, n)+`)`, args...); err != nil {
			return err
		}
		nums = nums[n:]
	}
	return nil
}

// rejects writes what was listed and not taken, behind what the run already has.
func (c *commit) rejects(ctx context.Context, lists ...[]catalog.Reject) error {
	var args []any
	var next int64
	for _, list := range lists {
		for _, r := range list {
			if next == 0 {
				if err := c.tx.QueryRowContext(ctx, `SELECT coalesce(max(num), 0) FROM reject WHERE run = $1`, c.run).Scan(&next); err != nil {
					return err
				}
			}
			next++
			args = append(args, c.run, next, r.Identifier, r.URL, r.Code, r.Stage, r.Detail)
		}
	}
	return c.insert(ctx, nil, `reject (run, num, identifier, url, code, stage, detail)`, 7, args)
}

// validators keeps what servers said about the URLs of the page.
func (c *commit) validators(ctx context.Context, b catalog.Batch) error {
	for _, v := range b.Validators {
		identifiers, err := json.Marshal(v.Identifiers)
		if err != nil {
			return err
		}
		if _, err := c.stmt(ctx, c.s.q.putValidator).ExecContext(ctx, b.Source, v.URL, v.ETag, v.LastModified, string(identifiers)); err != nil {
			return err
		}
	}
	return nil
}
