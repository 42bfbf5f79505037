package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ctiphub/catalog"
)

// History is the part of the catalogue that says when a source was last visited and
// whether it may be.
type History interface {
	Status(ctx context.Context) ([]catalog.SourceStatus, error)
	Runs(ctx context.Context, source string, limit int) ([]catalog.Run, error)
	Modes(ctx context.Context) (map[string]catalog.SourceMode, error)
}

// ScheduleOptions are what a Scheduler needs.
type ScheduleOptions struct {
	Harvest    func(ctx context.Context, job Job, progress func(Progress)) (catalog.Run, error) // of a Pipeline
	History    History
	Jobs       []Job
	Parallel   int // sources visited side by side; at least 1
	Now        func() time.Time
	Logger     *slog.Logger
	Registerer prometheus.Registerer // nil: no metrics
}

// How often the schedule looks at what other processes did, how long it leaves a source
// alone that another process harvests or that could not be harvested for a reason that
// lies here, and how often a source can be woken.
const (
	lookEvery   = time.Minute
	busyWait    = 2 * time.Minute
	troubleWait = time.Minute
	troubleMost = time.Hour
	wakeEvery   = 10 * time.Minute
)

// Scheduler visits each source when it is due. It is safe for concurrent use.
type Scheduler struct {
	o       ScheduleOptions
	metrics *scheduleMetrics
	kick    chan struct{} // something changed: look again

	mu     sync.Mutex
	lanes  map[string]*lane
	looked time.Time // when the history was last read for all
	free   int
}

// lane is what the schedule knows of one source.
type lane struct {
	job     Job
	known   bool // runs were read
	stale   bool // runs have to be read again
	runs    []catalog.Run
	mode    catalog.SourceMode
	running bool
	since   time.Time // it was first found due then, and waits for a slot; zero: it is not
	woken   time.Time // a visit was asked for, to be made then; zero: none
	lastAsk time.Time // of the last woken visit
	wait    time.Time // not before, whatever the history says
	why     string    // of that
	trouble int       // visits in a row that failed for a reason that lies here
}

// NewScheduler returns a schedule; Run sets it going.
func NewScheduler(o ScheduleOptions) *Scheduler {
	s := &Scheduler{
		o: o, metrics: newScheduleMetrics(o.Registerer), kick: make(chan struct{}, 1),
		lanes: map[string]*lane{}, free: max(o.Parallel, 1),
	}
	for _, job := range o.Jobs {
		s.lanes[job.Source.ID] = &lane{job: job}
	}
	return s
}

// Run visits sources as they fall due until the context ends, and returns when the last
// visit at hand has stopped.
func (s *Scheduler) Run(ctx context.Context) {
	var visits sync.WaitGroup
	defer visits.Wait()
	for ctx.Err() == nil {
		if err := s.look(ctx); err != nil && ctx.Err() == nil {
			s.o.Logger.Error("reading the history of visits failed", "error", err)
		}
		due, wait := s.take(s.o.Now())
		for _, l := range due {
			visits.Go(func() { s.visit(ctx, l) })
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-s.kick:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// look reads what happened since the last look: of all sources now and then, and of those
// that were just visited.
func (s *Scheduler) look(ctx context.Context) error {
	s.mu.Lock()
	all := s.looked.IsZero() || s.o.Now().Sub(s.looked) >= lookEvery
	ids := map[string]bool{}
	for id, l := range s.lanes {
		if l.stale || !l.known {
			ids[id] = true
		}
	}
	s.mu.Unlock()
	if !all && len(ids) == 0 {
		return nil
	}
	modes, err := s.o.History.Modes(ctx)
	if err != nil {
		return fmt.Errorf("reading the modes of sources: %w", err)
	}
	if all {
		status, err := s.o.History.Status(ctx)
		if err != nil {
			return fmt.Errorf("reading the state of sources: %w", err)
		}
		s.compare(status, ids)
	}
	runs := map[string][]catalog.Run{}
	for id := range ids {
		if runs[id], err = s.o.History.Runs(ctx, id, adaptRuns); err != nil {
			return fmt.Errorf("reading the runs of %s: %w", id, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, l := range s.lanes {
		l.mode = modes[id]
		if ids[id] {
			l.runs, l.known, l.stale = runs[id], true, false
		}
	}
	if all {
		s.looked = s.o.Now()
	}
	return nil
}

// compare marks the sources that another process harvested, or whose last run a curator
// has decided about.
func (s *Scheduler) compare(status []catalog.SourceStatus, ids map[string]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range status {
		l := s.lanes[st.Source]
		if l == nil || l.running {
			continue
		}
		if len(l.runs) == 0 || l.runs[0] != st.LastRun {
			ids[st.Source] = true
		}
	}
}

// take marks the sources that are due, longest waiting first, as far as there are free
// slots, and returns them with the time until the next look.
func (s *Scheduler) take(now time.Time) (due []*lane, wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	visits := map[*lane]Visit{}
	var ready []*lane
	wait = lookEvery
	for _, l := range s.lanes {
		v := l.visit(now)
		visits[l] = v
		s.metrics.due(v)
		switch {
		case l.running || v.Due.IsZero() || !l.known || l.stale:
			// What was just visited is not due again before its new history is read.
		case v.Due.After(now):
			wait, l.since = min(wait, v.Due.Sub(now)), time.Time{}
		default:
			if l.since.IsZero() {
				l.since = now
			}
			ready = append(ready, l)
		}
	}
	slices.SortFunc(ready, func(a, b *lane) int {
		return cmp.Or(a.since.Compare(b.since), visits[a].Due.Compare(visits[b].Due), cmp.Compare(a.job.Source.ID, b.job.Source.ID))
	})
	due = ready[:min(s.free, len(ready))]
	for _, l := range due {
		l.running, l.woken, l.since = true, time.Time{}, time.Time{}
	}
	s.free -= len(due)
	return due, wait
}

// visit says when the source is visited next; s.mu is held.
func (l *lane) visit(now time.Time) Visit {
	if !l.known {
		return Visit{Source: l.job.Source.ID, Why: "its history was not read yet"}
	}
	v := next(l.job.Source, l.mode, l.runs, now)
	if !v.Due.IsZero() && !l.woken.IsZero() && l.woken.Before(v.Due) {
		v.Due, v.Why = l.woken, "woken: the source says that something changed"
		v = inWindow(l.job.Source.Window, v, now)
	}
	if !v.Due.IsZero() && l.wait.After(v.Due) && l.wait.After(now) {
		v.Due, v.Why = l.wait, l.why
	}
	if l.running {
		v.Running, v.Why = true, "being visited"
	}
	return v
}

// visit harvests one source and gives its slot back.
func (s *Scheduler) visit(ctx context.Context, l *lane) {
	run, err := s.o.Harvest(ctx, l.job, nil)
	if err != nil && ctx.Err() == nil && !errors.Is(err, catalog.ErrBusy) {
		s.o.Logger.Error("a scheduled harvest failed", "source", l.job.Source.ID, "error", err)
	}
	now := s.o.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case errors.Is(err, catalog.ErrBusy):
		l.wait, l.why = now.Add(busyWait), "being harvested by another process"
	case err != nil:
		l.wait, l.why = now.Add(min(troubleWait<<min(l.trouble, 10), troubleMost)), "the hub itself had trouble; its log says more"
		l.trouble++
	case run.State == catalog.SkippedRun:
		l.wait, l.why = now.Add(troubleWait), run.Message
	default:
		l.wait, l.why, l.trouble = time.Time{}, "", 0
	}
	l.running, l.stale = false, true
	s.free++
	s.nudge()
}

// nudge has the schedule look again.
func (s *Scheduler) nudge() {
	select {
	case s.kick <- struct{}{}:
	default: // it will look anyway
	}
}

// Wake makes a source due because it announced a change: at once, but not more often than
// every ten minutes. It returns when the source will be visited, which is zero when it must
// not be, and whether there is such a source.
func (s *Scheduler) Wake(source string) (due time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[source]
	if l == nil {
		s.metrics.wakes.WithLabelValues("unknown").Inc()
		return time.Time{}, false
	}
	now := s.o.Now()
	if l.woken.IsZero() {
		l.woken = now
		if again := l.lastAsk.Add(wakeEvery); !l.lastAsk.IsZero() && again.After(now) {
			l.woken = again
		}
		l.lastAsk = l.woken
		s.metrics.wakes.WithLabelValues("accepted").Inc()
		s.nudge()
	} else {
		s.metrics.wakes.WithLabelValues("merged").Inc()
	}
	if !l.known {
		return l.woken, true
	}
	v := l.visit(now)
	if v.Running {
		// A change may have come behind the listing at hand: the visit is made after it.
		return l.woken, true
	}
	return v.Due, true
}

// Visits reports whether a source is visited at all: it is one of the schedule's, and
// neither paused nor retired.
func (s *Scheduler) Visits(source string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[source]
	return l != nil && unvisited(l.mode) == ""
}

// Plan returns when each source is visited next and why, soonest first; sources that are
// not visited come last.
func (s *Scheduler) Plan() []Visit {
	now := s.o.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Visit, 0, len(s.lanes))
	for _, l := range s.lanes {
		list = append(list, l.visit(now))
	}
	inOrder(list)
	return list
}

// Plan is what the schedule of another process would do, as far as the catalogue tells.
func Plan(ctx context.Context, h History, jobs []Job, now time.Time) ([]Visit, error) {
	modes, err := h.Modes(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the modes of sources: %w", err)
	}
	list := make([]Visit, 0, len(jobs))
	for _, job := range jobs {
		runs, err := h.Runs(ctx, job.Source.ID, adaptRuns)
		if err != nil {
			return nil, fmt.Errorf("reading the runs of %s: %w", job.Source.ID, err)
		}
		list = append(list, next(job.Source, modes[job.Source.ID], runs, now))
	}
	inOrder(list)
	return list, nil
}

func inOrder(list []Visit) {
	slices.SortFunc(list, func(a, b Visit) int {
		if a.Due.IsZero() != b.Due.IsZero() {
			if a.Due.IsZero() {
				return 1
			}
			return -1
		}
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Source, b.Source))
	})
}
