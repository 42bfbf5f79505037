package ingest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"ctiphub/catalog"
)

// stallError ends a run that shows no sign of life.
type stallError struct{ silent time.Duration }

func (e *stallError) Error() string {
	return fmt.Sprintf("nothing came for %s: the run was given up so that it blocks nothing", e.silent.Round(time.Second))
}

// watch is the second goroutine of a run: it keeps the lease and looks for signs of life.
type watch struct {
	now   func() time.Time
	since atomic.Int64 // the last sign of life, in Unix nanoseconds
	stop  func()
}

// alive notes a sign of life.
func (w *watch) alive() { w.since.Store(w.now().UnixNano()) }

// watch begins to look after a run. The context that it returns is cancelled, with the
// cause, when the run stalls or another process took it over; stop ends the watch and waits
// for it.
func (v *visit) watch(ctx context.Context) (context.Context, *watch) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watch{now: v.o.Now}
	w.alive()
	var wg sync.WaitGroup
	w.stop = func() {
		cancel(context.Canceled)
		wg.Wait()
	}
	limit := v.stallAfter(v.job)
	wg.Go(func() {
		tick := time.NewTicker(beatEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			now := v.o.Now()
			if silent := now.Sub(time.Unix(0, w.since.Load())); silent > limit {
				cancel(&stallError{silent})
				return
			}
			switch err := v.o.Store.Beat(ctx, v.run.ID, now); {
			case errors.Is(err, catalog.ErrBusy):
				// This process slept for longer than its lease: the run has a new owner.
				cancel(err)
				return
			case err != nil && ctx.Err() == nil:
				v.log.Warn("keeping the lease of the run failed", "error", err)
			}
		}
	})
	return ctx, w
}
