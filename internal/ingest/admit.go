package ingest

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"ctiphub/catalog"
)

// admit says why a source is not visited now, in words for its publisher, or "". A limit
// that a curator raised for it is taken over into the job.
func (p *Pipeline) admit(ctx context.Context, job *Job, now time.Time) (string, error) {
	modes, err := p.o.Store.Modes(ctx)
	if err != nil {
		return "", fmt.Errorf("reading the modes of sources: %w", err)
	}
	mode := modes[job.Source.ID]
	if mode.LossPercent > 0 {
		job.Guard.MaxLossPercent = mode.LossPercent
	}
	if why := unvisited(mode); why != "" {
		return why, nil
	}
	if open, _ := job.Source.Window.Open(now); !open {
		return "outside of its hours; goes on when the window opens at " + job.Source.Window.Opens(), nil
	}
	return "", nil
}

// unvisited says why a source of that mode is not visited, or "".
func unvisited(m catalog.SourceMode) string {
	switch m.Mode {
	case catalog.Paused, catalog.Retired, catalog.Purged:
	default:
		return ""
	}
	text := string(m.Mode)
	if m.Who != "" {
		text += " by " + m.Who
	}
	if !m.Since.IsZero() {
		text += " since " + m.Since.UTC().Format(time.DateOnly)
	}
	if m.Why != "" {
		text += ": " + m.Why
	}
	return text
}

// skipped is the account of a visit that was not made. It is not stored: a source that is
// paused for a year would fill its history with nothing.
func (p *Pipeline) skipped(job Job, now time.Time, why string, progress func(Progress)) catalog.Run {
	run := catalog.Run{Source: job.Source.ID, Full: job.Full, Started: now, Ended: now, State: catalog.SkippedRun, Message: why}
	p.metrics.finished(run)
	p.o.Logger.Info("harvest skipped", "source", run.Source, "why", why)
	if progress != nil {
		progress(Progress{Source: run.Source, Done: true, Run: run})
	}
	return run
}

// How long a run may show no sign of life before it is cancelled.
const (
	defaultStall = 30 * time.Minute
	stallPauses  = 20 * 20 // pauses of politeness: a group of pages, twenty times over
	beatEvery    = time.Minute
)

// stallAfter is the limit for one source.
func (p *Pipeline) stallAfter(job Job) time.Duration {
	return max(cmp.Or(p.o.Stall, defaultStall), stallPauses*time.Duration(job.Source.Politeness.MinDelay))
}
