package ingest

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

// replayBlock is how many stored raws are read, normalized and stored at a time: short
// enough for a harvest and for readers to come in between.
const replayBlock = 500

// ReplayStore is the part of the catalogue that a replay reads and writes.
type ReplayStore interface {
	Stored(ctx context.Context, q catalog.StoredQuery) ([]catalog.Stored, error)
	Renew(ctx context.Context, now time.Time, source string, items []catalog.Item) (catalog.Outcome, error)
	SetRules(ctx context.Context, now time.Time) error
}

// Replayer makes records again from stored raws, by the rules of now: without a network,
// and while the hub serves and harvests.
type Replayer struct {
	Store      ReplayStore
	Normalizer Normalizer
	Now        func() time.Time
	Logger     *slog.Logger
}

// Replayed is how far a replay or a comparison has come in a source.
type Replayed struct {
	Source string
	Counts catalog.Outcome
	Done   bool
}

// Replay stores what the rules now make of every stored raw of the sources. It can be
// interrupted at any block and begun again.
func (r *Replayer) Replay(ctx context.Context, sources []string, progress func(Replayed)) (catalog.Outcome, error) {
	// Before the first record changes, or a hub that serves would change it back by the
	// rules that it read when it started.
	if err := r.Store.SetRules(ctx, r.Now()); err != nil {
		return catalog.Outcome{}, fmt.Errorf("replaying: %w", err)
	}
	var all catalog.Outcome
	for _, source := range sources {
		var sum catalog.Outcome
		err := r.blocks(ctx, catalog.StoredQuery{Source: source, RawOnly: true}, func(list []catalog.Stored, now []normalized) error {
			items := make([]catalog.Item, 0, len(list))
			failed := 0
			for i, st := range list {
				if now[i].err != nil {
					r.Logger.Error("normalizing failed", "source", source, "identifier", st.Raw.Identifier, "error", now[i].err)
					failed++
					continue
				}
				items = append(items, catalog.Item{Raw: st.Raw, Record: now[i].record, Decision: now[i].decision})
			}
			out, err := r.Store.Renew(ctx, r.Now(), source, items)
			if err != nil {
				return err
			}
			out.Listed, out.Rejected = out.Listed+failed, out.Rejected+failed
			sum = sum.Add(out)
			progress(Replayed{Source: source, Counts: sum})
			return nil
		})
		if err != nil {
			return all, fmt.Errorf("replaying %s: %w", source, err)
		}
		all = all.Add(sum)
		progress(Replayed{Source: source, Counts: sum, Done: true})
	}
	return all, nil
}

// blocks reads stored raws block by block and normalizes each on all processors; the next
// block is read while one is worked on.
func (r *Replayer) blocks(ctx context.Context, q catalog.StoredQuery, do func([]catalog.Stored, []normalized) error) error {
	type block struct {
		list []catalog.Stored
		now  []normalized
		err  error
	}
	ctx, stop := context.WithCancel(ctx)
	ready := make(chan block, 1)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop() // runs first
	q.Limit = replayBlock
	wg.Go(func() {
		defer close(ready)
		for {
			var b block
			if b.list, b.err = r.Store.Stored(ctx, q); b.err == nil {
				b.now = normalizeAll(r.Normalizer, len(b.list), func(i int) record.Raw { return b.list[i].Raw })
			}
			select {
			case ready <- b:
			case <-ctx.Done():
				return
			}
			if b.err != nil || len(b.list) < q.Limit {
				return
			}
			q.After = b.list[len(b.list)-1].Num
		}
	})
	for b := range ready {
		if b.err != nil {
			return b.err
		}
		if err := do(b.list, b.now); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Comparison is what new rules would do to the records of some sources.
type Comparison struct {
	Records int // compared
	Differ  int // of them
	Failed  int // could not be normalized: a mistake of the rules
	Fields  []FieldChange
	Verdict []VerdictChange
	// Quality is the sum of the scores, before and after.
	QualityBefore, QualityAfter int
}

// FieldChange counts how the values of one field change.
type FieldChange struct {
	Field                string
	Added, Changed, Lost int
	Examples             []Example
}

// VerdictChange counts the records on which screening decides otherwise.
type VerdictChange struct {
	From, To record.Verdict
	Code     string // of the new decision, or of the old one when the new one is to publish
	Count    int
	Examples []Example
}

// Example is one record that differs. Of a record that is or would be held, it has the id
// alone: what is held back may not stand in a terminal.
type Example struct {
	Record     record.ID
	Source     string
	Title      string
	Difference record.Difference
}

// mostExamples are kept of each field and kind.
const mostExamples = 3

// Compare tells what the rules would now make of every stored raw of the sources, held
// against what is stored. It changes nothing.
func (r *Replayer) Compare(ctx context.Context, sources []string, progress func(Replayed)) (Comparison, error) {
	var c Comparison
	fields, verdicts := map[string]*FieldChange{}, map[string]*VerdictChange{}
	for _, source := range sources {
		var counts catalog.Outcome
		err := r.blocks(ctx, catalog.StoredQuery{Source: source}, func(list []catalog.Stored, now []normalized) error {
			for i, st := range list {
				counts.Listed++
				switch {
				case now[i].err != nil:
					r.Logger.Error("normalizing failed", "source", source, "identifier", st.Raw.Identifier, "error", now[i].err)
					c.Failed++
					counts.Rejected++
				case c.take(source, st, now[i], fields, verdicts):
					counts.Changed++
				default:
					counts.Same++
				}
			}
			progress(Replayed{Source: source, Counts: counts})
			return nil
		})
		if err != nil {
			return c, fmt.Errorf("comparing %s: %w", source, err)
		}
		c.Records += counts.Listed
		c.Differ += counts.Changed
		progress(Replayed{Source: source, Counts: counts, Done: true})
	}
	for _, f := range fields {
		c.Fields = append(c.Fields, *f)
	}
	slices.SortFunc(c.Fields, func(a, b FieldChange) int { return strings.Compare(a.Field, b.Field) })
	for _, v := range verdicts {
		c.Verdict = append(c.Verdict, *v)
	}
	slices.SortFunc(c.Verdict, func(a, b VerdictChange) int {
		return strings.Compare(string(a.From+a.To)+a.Code, string(b.From+b.To)+b.Code)
	})
	return c, nil
}

// Withdrawn is how many shown records would no longer be.
func (c Comparison) Withdrawn() int {
	n := 0
	for _, v := range c.Verdict {
		if v.From == record.Publish && v.To == record.Hold {
			n += v.Count
		}
	}
	return n
}

// take compares one record and reports whether it differs.
func (c *Comparison) take(source string, st catalog.Stored, now normalized, fields map[string]*FieldChange, verdicts map[string]*VerdictChange) bool {
	c.QualityBefore += st.Record.Quality.Score
	c.QualityAfter += now.record.Quality.Score
	example := Example{Record: st.Record.ID, Source: source}
	shown := st.Decision.Verdict == record.Publish && now.decision.Verdict == record.Publish
	if shown {
		example.Title, _ = now.record.Title.In("en")
	}
	differs := false
	if st.Decision.Verdict != now.decision.Verdict || st.Decision.Code != now.decision.Code {
		differs = true
		code := now.decision.Code
		if code == "" {
			code = st.Decision.Code
		}
		key := string(st.Decision.Verdict+now.decision.Verdict) + code
		v := verdicts[key]
		if v == nil {
			v = &VerdictChange{From: st.Decision.Verdict, To: now.decision.Verdict, Code: code}
			verdicts[key] = v
		}
		if v.Count++; len(v.Examples) < mostExamples {
			v.Examples = append(v.Examples, example)
		}
	}
	if now.decision.Verdict == record.Reject {
		return differs // what is stored of it stays
	}
	for _, d := range record.Differences(st.Record, now.record) {
		differs = true
		name, _, _ := strings.Cut(d.Field, "@")
		f := fields[name]
		if f == nil {
			f = &FieldChange{Field: name}
			fields[name] = f
		}
		f.count(d, shown, example)
	}
	return differs
}

// count takes in one difference, and keeps it as an example while there are few of its kind.
func (f *FieldChange) count(d record.Difference, shown bool, e Example) {
	n := &f.Changed
	switch d.Kind() {
	case "added":
		n = &f.Added
	case "lost":
		n = &f.Lost
	}
	if *n++; *n <= mostExamples {
		e.Difference = d
		if !shown {
			e.Difference = record.Difference{Field: d.Field}
		}
		f.Examples = append(f.Examples, e)
	}
}
