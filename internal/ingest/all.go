package ingest

import (
	"context"

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
