// Package ingest joins the three stages: it pulls pages through an adapter, has each raw
// normalized and screened, and applies what came of a page as one batch.
//
// In flow jobs; out flow run accounts, progress and metrics. It keeps nothing itself: the
// cursor lies in the catalogue, in the transaction of the batch it belongs to. It must
// not know formats, rules or SQL.
package ingest

import (
	"context"
	"fmt"
	"log/slog"
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
	Has(ctx context.Context, source, identifier string) (bool, error)
	Beat(ctx context.Context, run int64, now time.Time) error
	Notes(ctx context.Context, run int64) ([]record.Finding, error)
	Choices(ctx context.Context, run int64) ([]catalog.Choice, error)
	Baseline(ctx context.Context, source string, before int64) ([]catalog.Choice, error)
	Modes(ctx context.Context) (map[string]catalog.SourceMode, error)
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
	Owner      string                       // who holds the runs: no other process that is alive
	Now        func() time.Time
	Logger     *slog.Logger
	Registerer prometheus.Registerer // nil: no metrics

	Own Own // how this hub's own records are known when they come back
	// Refresh is called before each run: rules may have been replayed since they were read.
	// Nil: they never change.
	Refresh func(context.Context) error
	// Blocked tells an error by which a firewall keeps the hub out from all others, with
	// the facts. Nil: there are none.
	Blocked func(error) (string, bool)
	// Pushes is told when a source offers to announce its changes. It must not wait for
	// anything outside. Nil: offers are ignored.
	Pushes func(ctx context.Context, source string, offer harvester.Push)
	// Stall is how long a run may show no sign of life; 30 minutes when 0, and longer for
	// sources that are visited very slowly.
	Stall time.Duration
}

// Pipeline harvests sources into the catalogue. It is safe for concurrent use.
type Pipeline struct {
	o       Options
	own     own
	metrics *metrics
}

// New returns a pipeline.
func New(o Options) *Pipeline {
	return &Pipeline{o: o, own: newOwn(o.Own), metrics: newMetrics(o.Registerer)}
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
// cancelled run stays open, and the next Harvest of the source goes on with it. A source
// that must not be visited now gives an account of state "skipped" that is not stored.
func (p *Pipeline) Harvest(ctx context.Context, job Job, progress func(Progress)) (catalog.Run, error) {
	src := job.Source
	adapter, ok := p.o.Adapters[src.Kind]
	if !ok {
		return catalog.Run{}, fmt.Errorf("harvesting %s: no adapter for kind %q", src.ID, src.Kind)
	}
	now := p.o.Now()
	why, err := p.admit(ctx, &job, now)
	if err != nil {
		return catalog.Run{}, fmt.Errorf("harvesting %s: %w", src.ID, err)
	}
	if why != "" {
		return p.skipped(job, now, why, progress), nil
	}
	if p.o.Refresh != nil {
		if err := p.o.Refresh(ctx); err != nil {
			return catalog.Run{}, fmt.Errorf("harvesting %s: %w", src.ID, err)
		}
	}
	run, err := p.o.Store.Begin(ctx, catalog.Begin{Source: src.ID, Full: job.Full, Now: now, Owner: p.o.Owner})
	if err != nil {
		return catalog.Run{}, fmt.Errorf("harvesting %s: %w", src.ID, err)
	}
	v := &visit{
		Pipeline: p, log: p.o.Logger.With("source", src.ID, "run", run.ID), job: job, run: run, counts: run.Counts, progress: progress, told: map[string]bool{},
		end: catalog.End{Run: run.ID, MayBeEmpty: src.MayBeEmpty, Guard: job.Guard, Cursor: run.Cursor},
	}
	v.log.Info("harvest begins", "full", run.Full, "resumed", run.Resumed)
	if err := v.pull(ctx, adapter); err != nil {
		return run, fmt.Errorf("harvesting %s: %w", src.ID, err)
	}
	v.watchDrift(ctx)
	v.end.Now = p.o.Now()
	closed, err := p.o.Store.Finish(ctx, v.end)
	if err != nil {
		return run, fmt.Errorf("closing the run of %s: %w", src.ID, err)
	}
	closed.Resumed = run.Resumed
	v.report(ctx, closed)
	return closed, nil
}

// report tells everybody how a run ended, and checks what the catalogue says of it.
func (v *visit) report(ctx context.Context, run catalog.Run) {
	v.metrics.finished(run)
	v.log.Info("harvest ends", "state", run.State, "listed", run.Counts.Listed, "new", run.Counts.New,
		"changed", run.Counts.Changed, "same", run.Counts.Same, "rejected", run.Counts.Rejected,
		"skipped", run.Counts.Skipped, "removed", run.Removed, "message", run.Message)
	if !run.Counts.Balanced() || run.Counts != v.counts {
		// Either is a mistake of the hub: the numbers that publishers see would be wrong.
		v.metrics.unbalanced.Inc()
		v.log.Error("the account of a run is wrong", "stored", fmt.Sprintf("%+v", run.Counts), "counted", fmt.Sprintf("%+v", v.counts))
	}
	// Those that the catalogue itself added, when it found something wrong.
	notes, err := v.o.Store.Notes(ctx, run.ID)
	if err != nil {
		v.log.Warn("reading the notes of the run failed", "error", err)
	}
	v.tell(notes)
	if v.progress != nil {
		v.progress(Progress{Source: run.Source, Counts: run.Counts, Done: true, Run: run})
	}
}
