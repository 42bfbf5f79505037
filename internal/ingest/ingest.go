// Package ingest joins the three stages: it pulls pages through an adapter, has each raw
// normalized and screened, and applies what came of a page as one batch.
//
// In flow jobs; out flow run accounts, progress and metrics. It keeps nothing itself: the
// cursor lies in the catalogue, in the transaction of the batch it belongs to. It must
// not know formats, rules or SQL.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ctiphub/catalog"
	"ctiphub/harvester"
	"ctiphub/record"
)

// Store is the part of the catalogue that a harvest writes.
type Store interface {
	Begin(ctx context.Context, b catalog.Begin) (catalog.Run, error)
	Apply(ctx context.Context, b catalog.Batch) (catalog.Outcome, error)
	Finish(ctx context.Context, e catalog.End) (catalog.Run, error)
	Known(ctx context.Context, source, url string) (catalog.Validator, bool, error)
}

// Normalizer makes a record of a raw and decides whether it may be shown.
type Normalizer interface {
	Normalize(raw record.Raw) (record.Record, record.Decision, error)
}

// Options are what a Pipeline needs.
type Options struct {
	Store      Store
	Normalizer Normalizer
	Adapters   map[string]harvester.Adapter // by kind of source
	Owner      string                       // who holds the runs: stays the same over a restart
	Now        func() time.Time
	Logger     *slog.Logger
	Registerer prometheus.Registerer // nil: no metrics
}

// Pipeline harvests sources into the catalogue. It is safe for concurrent use.
type Pipeline struct {
	o       Options
	metrics *metrics
}

// New returns a pipeline.
func New(o Options) *Pipeline {
	return &Pipeline{o: o, metrics: newMetrics(o.Registerer)}
}

// Job is one source to harvest.
type Job struct {
	Source harvester.Source
	Guard  catalog.Guard
	Full   bool
}

// Progress is how far a run has come after a page.
type Progress struct {
	Source string
	Counts catalog.Outcome
	Total  int // what the source claims to have; 0 when it makes no claim
	Done   bool
	Run    catalog.Run // when Done
}

// Harvest runs one job to its end. What goes wrong at the source is part of the returned
// account; the error is for what went wrong here, and for a cancelled context. A
// cancelled run stays open, and the next Harvest of the source goes on with it.
func (p *Pipeline) Harvest(ctx context.Context, job Job, progress func(Progress)) (catalog.Run, error) {
	src := job.Source
	adapter, ok := p.o.Adapters[src.Kind]
	if !ok {
		return catalog.Run{}, fmt.Errorf("harvesting %s: no adapter for kind %q", src.ID, src.Kind)
	}
	run, err := p.o.Store.Begin(ctx, catalog.Begin{Source: src.ID, Full: job.Full, Now: p.o.Now(), Owner: p.o.Owner})
	if err != nil {
		return catalog.Run{}, fmt.Errorf("harvesting %s: %w", src.ID, err)
	}
	log := p.o.Logger.With("source", src.ID, "run", run.ID)
	log.Info("harvest begins", "full", run.Full, "resumed", run.Resumed)

	end, err := p.pull(ctx, log, job, adapter, run, progress)
	if err != nil {
		return run, fmt.Errorf("harvesting %s: %w", src.ID, err)
	}
	resumed := run.Resumed
	run, err = p.o.Store.Finish(ctx, end)
	if err != nil {
		return run, fmt.Errorf("closing the run of %s: %w", src.ID, err)
	}
	run.Resumed = resumed
	p.metrics.finished(run)
	log.Info("harvest ends", "state", run.State, "listed", run.Counts.Listed, "new", run.Counts.New,
		"changed", run.Counts.Changed, "same", run.Counts.Same, "rejected", run.Counts.Rejected,
		"skipped", run.Counts.Skipped, "removed", run.Removed, "message", run.Message)
	if progress != nil {
		progress(Progress{Source: src.ID, Counts: run.Counts, Done: true, Run: run})
	}
	return run, nil
}

// pull applies page after page and says how the pulling ended.
func (p *Pipeline) pull(ctx context.Context, log *slog.Logger, job Job, adapter harvester.Adapter, run catalog.Run, progress func(Progress)) (catalog.End, error) {
	src := job.Source
	end := catalog.End{Run: run.ID, MayBeEmpty: src.MayBeEmpty, Guard: job.Guard, Cursor: run.Cursor}
	counts, total := run.Counts, 0
	from := harvester.From{Cursor: harvester.Cursor(run.Cursor), Full: run.Full, Known: p.known(ctx, log, src.ID)}
	for page, err := range adapter.Pages(ctx, src, from) {
		if err != nil {
			if ctx.Err() != nil {
				return end, context.Cause(ctx)
			}
			end.Err = err.Error()
			break
		}
		began := p.o.Now()
		outcome, err := p.o.Store.Apply(ctx, p.batch(log, src.ID, run.ID, page))
		if err != nil {
			return end, fmt.Errorf("applying a page: %w", err)
		}
		p.metrics.applied(outcome, p.o.Now().Sub(began))
		for _, note := range page.Notes {
			log.Warn("oddity of the source", "code", note.Code, "detail", note.Detail)
		}
		counts, total = counts.Add(outcome), max(total, page.Total)
		end.Cursor = string(page.Cursor)
		end.Finished, end.Complete = page.Last, page.Last && page.Complete
		if progress != nil {
			progress(Progress{Source: src.ID, Counts: counts, Total: total})
		}
	}
	if end.Err != "" {
		end.Finished, end.Complete = false, false
	} else if !end.Finished {
		end.Err = "the listing stopped without saying that it was at its end"
	}
	end.Now = p.o.Now()
	return end, nil
}

// batch normalizes what a page gave.
func (p *Pipeline) batch(log *slog.Logger, source string, run int64, page harvester.Page) catalog.Batch {
	b := catalog.Batch{Source: source, Run: run, Now: p.o.Now(), Same: page.Same, Cursor: string(page.Cursor)}
	refused := map[string]bool{}
	for _, raw := range page.Raws {
		rec, decision, err := p.o.Normalizer.Normalize(raw)
		if err != nil {
			// A rule that cannot run is our fault, not the record's: it is kept out of
			// sight but not lost, and somebody is told.
			log.Error("normalizing failed", "identifier", raw.Identifier, "error", err)
			refused[raw.Identifier] = true
			b.Rejects = append(b.Rejects, catalog.Reject{Identifier: raw.Identifier, URL: raw.URL, Code: "internal", Stage: "normalize", Detail: "The hub could not read this record; its operators were told."})
			continue
		}
		refused[raw.Identifier] = decision.Verdict == record.Reject
		b.Items = append(b.Items, catalog.Item{Raw: raw, Record: rec, Decision: decision})
	}
	for _, r := range page.Rejects {
		b.Rejects = append(b.Rejects, catalog.Reject(r))
	}
	for _, s := range page.Skipped {
		b.Skipped = append(b.Skipped, catalog.Reject{Identifier: s.Identifier, URL: s.URL, Code: s.Code, Stage: "skip"})
	}
	for _, v := range page.Validators {
		// What was refused is not stored: a later "not modified" must not call it the same.
		v.Identifiers = slices.DeleteFunc(slices.Clone(v.Identifiers), func(id string) bool { return refused[id] })
		b.Validators = append(b.Validators, catalog.Validator(v))
	}
	return b
}

// known looks up validators for an adapter. A failed look-up costs one request more, so
// it is told and not raised.
func (p *Pipeline) known(ctx context.Context, log *slog.Logger, source string) func(string) (harvester.Validator, bool) {
	return func(url string) (harvester.Validator, bool) {
		v, ok, err := p.o.Store.Known(ctx, source, url)
		if err != nil && !errors.Is(err, context.Canceled) {
			log.Warn("looking up a validator failed", "error", err)
		}
		return harvester.Validator(v), ok && err == nil
	}
}
