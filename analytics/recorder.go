package analytics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// RecorderOptions are what a Recorder is made of.
type RecorderOptions struct {
	// Open opens the store; it is tried until it works.
	Open      func(context.Context) (Store, error)
	Name      string // of the kind of store, for metrics
	Dir       string // of the spool
	Limit     int64  // of the spool, in bytes
	Crowd     int    // k
	Retention Retention
	Address   func(*http.Request) netip.Addr
	Staff     func(*http.Request) bool
	Known     func(words string) bool
	Now       func() time.Time
	Logger    *slog.Logger
	// Registerer takes the metrics; nil: none.
	Registerer prometheus.Registerer
}

// Recorder takes uses to the store. Counting never waits for it.
type Recorder struct {
	o       RecorderOptions
	counter *Counter
	spool   *Spool
	metrics *metrics

	mu       sync.Mutex
	store    Store
	verified map[Day]Verification // the last one of each month
	checked  time.Time
	dirty    map[Day]bool // months of which a batch came by an uncertain way
}

// ErrAway is returned while the store cannot be reached.
var ErrAway = errors.New("the usage store does not answer")

// How often what is done.
const (
	tick        = 500 * time.Millisecond
	soonest     = time.Second      // between tries of a store that fails
	latest      = 30 * time.Second // the same, after many
	settling    = time.Hour        // after its end a unit may be released
	releaseEach = 10 * time.Minute
	lastFlush   = 5 * time.Second
)

// NewRecorder makes a Recorder, and takes over what the spool holds.
func NewRecorder(o RecorderOptions) (*Recorder, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	r := &Recorder{o: o, verified: map[Day]Verification{}, dirty: map[Day]bool{}}
	var err error
	if r.spool, err = OpenSpool(o.Dir, o.Limit, o.Now); err != nil {
		return nil, err
	}
	r.metrics = newMetrics(r)
	r.counter, err = NewCounter(CounterOptions{
		Address: o.Address, Staff: o.Staff, Crowd: o.Crowd, Known: o.Known, Now: o.Now,
		Emit:    r.emit,
		Ignored: func(reason string) { r.metrics.ignored.WithLabelValues(reason).Inc() },
	})
	if err != nil {
		return nil, err
	}
	return r, r.metrics.register(o.Registerer)
}

func (r *Recorder) emit(e Event) {
	r.metrics.events.WithLabelValues(string(e.Kind), string(e.Channel)).Inc()
	if !r.spool.Append(e) {
		r.metrics.dropped.WithLabelValues("spool-full").Inc()
	}
}

// Count takes one use. It never waits for disk or store.
func (r *Recorder) Count(req *http.Request, u Use) { r.counter.Count(req, u) }

// Run takes what was counted to the store, until the context ends. What is left then stays in
// the spool.
func (r *Recorder) Run(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() { r.write(ctx) })
	both.Go(func() { r.send(ctx) })
	both.Wait()
	r.finish()
}

// write brings events to the spool's files.
func (r *Recorder) write(ctx context.Context) {
	every := time.NewTicker(tick)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			r.counter.Tick()
			r.note("writing the usage spool", r.spool.Sync(false))
		}
	}
}

// note logs an error.
func (r *Recorder) note(what string, err error) {
	if err != nil {
		r.o.Logger.Error("usage: "+what, "error", err)
	}
}

// send brings sealed segments to the store and, when none waits, releases what is over, holds
// rollups against events, and deletes what is too old. One after the other: whoever mends
// rollups must be the only one to write.
func (r *Recorder) send(ctx context.Context) {
	wait := soonest
	var released time.Time
	for {
		err := r.drain(ctx)
		if err == nil && ctx.Err() == nil && r.o.Now().Sub(released) >= releaseEach {
			err = r.chores(ctx)
			released = r.o.Now()
		}
		r.metrics.up(err == nil)
		pause := tick
		if err != nil && ctx.Err() == nil {
			r.o.Logger.Warn("usage: the store did not take it; it is tried again", "error", err, "after", wait)
			pause, wait = wait, min(2*wait, latest)
		} else {
			wait = soonest
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// opened returns the store, which it opens when it is not.
func (r *Recorder) opened(ctx context.Context) (Store, error) {
	r.mu.Lock()
	s := r.store
	r.mu.Unlock()
	if s != nil {
		return s, nil
	}
	s, err := r.o.Open(ctx)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.store = s
	r.mu.Unlock()
	return s, nil
}

// drain sends all sealed segments, the oldest first.
func (r *Recorder) drain(ctx context.Context) error {
	s, err := r.opened(ctx)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		g, b, ok, err := r.spool.Next()
		if err != nil {
			r.note("a segment of the spool cannot be read and is set aside", err)
			r.metrics.dropped.WithLabelValues("unreadable").Inc()
			if err := r.spool.SetAside(g); err != nil {
				return err
			}
			continue
		}
		if !ok {
			return nil
		}
		if err := r.deliver(ctx, s, g, b); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// deliver brings one segment to the store, once. Whether a try that failed, or one of an earlier
// process, did arrive is asked before the next.
func (r *Recorder) deliver(ctx context.Context, s Store, g Segment, b Batch) error {
	outcome := "stored"
	if g.Tried {
		n, err := s.Stored(ctx, b)
		switch {
		case err != nil:
			return err
		case n == len(b.Events):
			r.doubt(b.Month)
			r.metrics.batches.WithLabelValues("found").Inc()
			return r.spool.Done(g)
		case n > 0:
			r.note("a batch is there in part and is set aside", fmt.Errorf("segment %d: %d of %d events", g.Number, n, len(b.Events)))
			r.metrics.batches.WithLabelValues("failed").Inc()
			return r.spool.SetAside(g)
		}
		outcome = "resent"
		r.doubt(b.Month)
	}
	r.spool.Try(g)
	start := time.Now()
	if err := s.Add(ctx, b); err != nil {
		r.metrics.batches.WithLabelValues("failed").Inc()
		return err
	}
	r.metrics.took.WithLabelValues("add").Observe(time.Since(start).Seconds())
	r.metrics.batches.WithLabelValues(outcome).Inc()
	return r.spool.Done(g)
}

// doubt marks a month whose rollups may be short: a server that is killed may have taken a batch
// and not rolled it up.
func (r *Recorder) doubt(month Day) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dirty[month] = true
}

// chores are what is done when nothing waits to be sent.
func (r *Recorder) chores(ctx context.Context) error {
	s, err := r.opened(ctx)
	if err != nil {
		return err
	}
	if err := r.mend(ctx, s); err != nil {
		return err
	}
	now := r.o.Now().UTC()
	settled := now.Add(-settling)
	if oldest := r.spool.Status().Oldest; !oldest.IsZero() && oldest.Add(-time.Minute).Before(settled) {
		settled = oldest.Add(-time.Minute)
	}
	start := time.Now()
	n, err := r.Releaser(s).Run(ctx, DayOf(settled))
	if err != nil {
		return err
	}
	if n > 0 {
		r.o.Logger.Info("usage: released", "units", n)
	}
	r.metrics.took.WithLabelValues("release").Observe(time.Since(start).Seconds())
	r.metrics.releasedUntil(ctx, s)
	if DayOf(r.Quality().Checked) != DayOf(now) {
		return r.nightly(ctx, s, DayOf(now))
	}
	return nil
}

// Releaser returns what decides about the units of a store.
func (r *Recorder) Releaser(s Store) Releaser {
	return Releaser{Store: s, Crowd: r.o.Crowd, Retention: r.o.Retention, Now: r.o.Now}
}

// nightly holds the rollups of this month and the one before against their events, and deletes what is
// too old.
func (r *Recorder) nightly(ctx context.Context, s Store, today Day) error {
	r.doubt(today.Month())
	r.doubt((today.Month() - 1).Month())
	if err := r.mend(ctx, s); err != nil {
		return err
	}
	if err := s.Prune(ctx, today, r.o.Retention); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checked = r.o.Now()
	return nil
}

// mend verifies the months in doubt, and rebuilds those that are short.
func (r *Recorder) mend(ctx context.Context, s Store) error {
	r.mu.Lock()
	months := slices.Sorted(maps.Keys(r.dirty))
	r.mu.Unlock()
	for _, month := range months {
		start := time.Now()
		v, err := VerifyAndMend(ctx, s, month)
		if err != nil && !errors.Is(err, ErrNoEvents) {
			return err
		}
		r.metrics.took.WithLabelValues("verify").Observe(time.Since(start).Seconds())
		r.mu.Lock()
		delete(r.dirty, month)
		if err == nil {
			r.verified[month] = v
			r.metrics.verified.SetToCurrentTime()
			r.metrics.mismatches.Set(float64(len(v.Differ)))
		}
		r.mu.Unlock()
	}
	return nil
}

// VerifyAndMend holds the rollups of a month against its events and rebuilds them when they do not
// agree. It returns what still differs after three tries: other hubs may write meanwhile.
func VerifyAndMend(ctx context.Context, s Store, month Day) (v Verification, err error) {
	for try := 0; ; try++ {
		if v, err = s.Verify(ctx, month); err != nil || len(v.Differ) == 0 || try == 3 {
			return v, err
		}
		if err := s.Rebuild(ctx, month); err != nil {
			return v, err
		}
	}
}

// finish brings everything to disk, and as much of it to the store as goes in a few seconds. It has
// a context of its own: the one that ended the program is of no use.
func (r *Recorder) finish() {
	r.counter.Close()
	r.note("writing the usage spool", r.spool.Sync(true))
	ctx, cancel := context.WithTimeout(context.Background(), lastFlush)
	defer cancel()
	if err := r.drain(ctx); err != nil {
		r.o.Logger.Warn("usage: not everything reached the store; the spool keeps it for the next start", "error", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.store != nil {
		r.note("closing the usage store", r.store.Close())
		r.store = nil
	}
	r.metrics.unregister(r.o.Registerer)
}

// reader returns the store for a question, or ErrAway.
func (r *Recorder) reader() (Store, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.store == nil {
		return nil, ErrAway
	}
	return r.store, nil
}

// Cells answers a question from released cells; with the k of this hub when the question's is
// lower.
func (r *Recorder) Cells(ctx context.Context, q Question) ([]Cell, error) {
	s, err := r.reader()
	if err != nil {
		return nil, err
	}
	q.Crowd = max(q.Crowd, r.o.Crowd)
	start := time.Now()
	defer func() { r.metrics.took.WithLabelValues("ask").Observe(time.Since(start).Seconds()) }()
	return s.Cells(ctx, q)
}

// Releases lists what was released.
func (r *Recorder) Releases(ctx context.Context, c Cube, from, to Day) ([]Released, error) {
	s, err := r.reader()
	if err != nil {
		return nil, err
	}
	return s.Releases(ctx, c, from, to)
}

// Quality is how far the numbers can be relied on.
type Quality struct {
	Store    string // its kind
	Answers  bool
	Spool    SpoolStatus
	Verified []Verification // the last one of each month, in order
	Checked  time.Time      // when all was last looked at; zero: not since the start
}

// Quality tells how far the numbers can be relied on.
func (r *Recorder) Quality() Quality {
	r.mu.Lock()
	defer r.mu.Unlock()
	q := Quality{Store: r.o.Name, Answers: r.store != nil, Spool: r.spool.Status(), Checked: r.checked}
	for _, month := range slices.Sorted(maps.Keys(r.verified)) {
		q.Verified = append(q.Verified, r.verified[month])
	}
	return q
}
