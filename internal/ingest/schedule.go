package ingest

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"ctiphub/catalog"
)

// HarvestAll runs the jobs side by side, at most so many at a time. A failing job does
// not stop the others. The runs come back in the order of the jobs; an error is the
// first of those that Harvest returned.
func (p *Pipeline) HarvestAll(ctx context.Context, jobs []Job, parallel int, progress func(Progress)) ([]catalog.Run, error) {
	runs := make([]catalog.Run, len(jobs))
	errs := make([]error, len(jobs))
	var g errgroup.Group
	g.SetLimit(max(parallel, 1))
	for i, job := range jobs {
		g.Go(func() error {
			if errs[i] = ctx.Err(); errs[i] == nil {
				runs[i], errs[i] = p.Harvest(ctx, job, progress)
			}
			runs[i].Source = job.Source.ID
			return nil // an error would not stop the others, but it would hide theirs
		})
	}
	_ = g.Wait()
	for _, err := range errs {
		if err != nil {
			return runs, err
		}
	}
	return runs, nil
}

// How long the schedule waits between two looks at the sources.
const (
	shortestWait = time.Second
	longestWait  = time.Hour
	afterFailure = time.Minute
)

// Schedule harvests each job whenever its source is due, until the context ends. last
// returns when each source last ended a run: the first harvest of a source that never
// did starts at once.
func (p *Pipeline) Schedule(ctx context.Context, jobs []Job, parallel int, last func(context.Context) (map[string]time.Time, error)) {
	for ctx.Err() == nil {
		wait, err := p.round(ctx, jobs, parallel, last)
		if err != nil && ctx.Err() == nil {
			p.o.Logger.Error("a scheduled harvest failed", "error", err)
			wait = afterFailure
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// round harvests what is due and returns how long nothing will be.
func (p *Pipeline) round(ctx context.Context, jobs []Job, parallel int, last func(context.Context) (map[string]time.Time, error)) (time.Duration, error) {
	ended, err := last(ctx)
	if err != nil {
		return 0, err
	}
	var due []Job
	wait := longestWait
	for _, job := range jobs {
		left := ended[job.Source.ID].Add(job.Source.Interval()).Sub(p.o.Now())
		if left <= 0 {
			due = append(due, job)
			left = shortestWait // its next turn is known after this one
		}
		wait = min(wait, left)
	}
	_, err = p.HarvestAll(ctx, due, parallel, nil)
	return max(wait, shortestWait), err
}
