package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"ctiphub/catalog"
	"ctiphub/harvester"
	"ctiphub/record"
)

// visit is one run of one source on its way.
type visit struct {
	*Pipeline
	log      *slog.Logger
	job      Job
	run      catalog.Run
	counts   catalog.Outcome
	total    int
	end      catalog.End
	offered  harvester.Push
	told     map[string]bool // codes of notes
	progress func(Progress)
}

// pull applies page after page and notes in the visit how the pulling ended. Its error is
// for what went wrong here; the run then stays open.
func (v *visit) pull(ctx context.Context, adapter harvester.Adapter) error {
	working, watch := v.watch(ctx)
	defer watch.stop()
	from := harvester.From{Cursor: harvester.Cursor(v.run.Cursor), Full: v.run.Full, Known: v.known(ctx, watch), Stored: v.stored(ctx, watch)}
	for page, err := range adapter.Pages(working, v.job.Source, from) {
		if err != nil {
			if err := v.broke(ctx, working, err); err != nil {
				return err
			}
			break
		}
		watch.alive()
		if err := v.take(ctx, page); err != nil {
			hold, ok := errors.AsType[*catalog.HoldError](err)
			if !ok {
				return fmt.Errorf("applying a page: %w", err)
			}
			v.end.Held = hold.Reason
			break
		}
		watch.alive()
		if open, _ := v.job.Source.Window.Open(v.o.Now()); !open && !page.Last {
			v.closed()
			break
		}
	}
	if working.Err() != nil && !v.end.Finished && v.end.Err == "" && v.end.Held == "" {
		// The adapter ended without a word, as one may that was cancelled.
		if err := v.broke(ctx, working, context.Cause(working)); err != nil {
			return err
		}
	}
	switch {
	case v.end.Err != "" || v.end.Held != "" || v.end.Skipped != "":
		v.end.Finished, v.end.Complete = false, false
	case !v.end.Finished:
		v.end.Err = "the listing stopped without saying that it was at its end"
	}
	return nil
}

// take applies one page.
func (v *visit) take(ctx context.Context, page harvester.Page) error {
	src, began := v.job.Source.ID, v.o.Now()
	b := v.batch(v.log, src, v.run.ID, page)
	b.Notes, b.Guard = page.Notes, v.job.Guard
	v.own.leaveOut(&b)
	b.Choices = choices(b.Items)
	outcome, err := v.o.Store.Apply(ctx, b)
	if err != nil {
		return err
	}
	v.metrics.applied(outcome, v.o.Now().Sub(began))
	v.tell(page.Notes)
	if page.Push.Hub != "" && page.Push != v.offered && v.o.Pushes != nil {
		v.offered = page.Push
		v.o.Pushes(ctx, src, page.Push)
	}
	v.counts, v.total = v.counts.Add(outcome), max(v.total, page.Total)
	v.end.Cursor = string(page.Cursor)
	v.end.Finished, v.end.Complete = page.Last, page.Last && page.Complete
	if v.progress != nil {
		v.progress(Progress{Source: src, Counts: v.counts, Total: v.total})
	}
	return nil
}

// tell logs and counts notes, each code once a run, as the account has them.
func (v *visit) tell(notes []record.Finding) {
	for _, n := range notes {
		if v.told[n.Code] {
			continue
		}
		v.told[n.Code] = true
		v.metrics.notes.WithLabelValues(n.Code).Inc()
		v.log.Warn("noted about the run", "code", n.Code, "detail", n.Detail)
	}
}

// broke notes why an adapter gave up. The error that it returns ends the visit without
// closing the run: it is stopped, or another process has it.
func (v *visit) broke(ctx, working context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if cause := context.Cause(working); cause != nil {
		stall, ok := errors.AsType[*stallError](cause)
		if !ok {
			return cause
		}
		v.metrics.stalled.Inc()
		v.end.Err = stall.Error()
		return nil
	}
	v.end.Err = err.Error()
	if v.o.Blocked != nil {
		if facts, ok := v.o.Blocked(err); ok {
			v.end.Blocked = facts
		}
	}
	return nil
}

// closed notes that the source's window has closed over the run. When nothing was listed
// so far, that is no failure of the source.
func (v *visit) closed() {
	text := "its hours are over; goes on when the window opens at " + v.job.Source.Window.Opens()
	v.end.Err = text
	if v.counts.Listed == 0 {
		v.end.Skipped = text
	}
}

// known looks up validators for an adapter, which is a sign of life. A failed look-up
// costs one request more, so it is told and not raised.
func (v *visit) known(ctx context.Context, watch *watch) func(string) (harvester.Validator, bool) {
	return func(url string) (harvester.Validator, bool) {
		watch.alive()
		val, ok, err := v.o.Store.Known(ctx, v.job.Source.ID, url)
		if err != nil && !errors.Is(err, context.Canceled) {
			v.log.Warn("looking up a validator failed", "error", err)
		}
		return harvester.Validator(val), ok && err == nil
	}
}

// stored looks up for an adapter whether a record is kept, which is a sign of life. After
// a failed look-up the record is fetched once more, so it is told and not raised.
func (v *visit) stored(ctx context.Context, watch *watch) func(string) bool {
	return func(identifier string) bool {
		watch.alive()
		kept, err := v.o.Store.Has(ctx, v.job.Source.ID, identifier)
		if err != nil && !errors.Is(err, context.Canceled) {
			v.log.Warn("looking up a record failed", "error", err)
		}
		return kept && err == nil
	}
}
