package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"ctiphub/catalog"
	"ctiphub/harvester"
)

// diary is a history in memory, and the harvest that writes it.
type diary struct {
	mu      sync.Mutex
	runs    map[string][]catalog.Run // newest first
	modes   map[string]catalog.SourceMode
	began   map[string][]time.Time
	takes   map[string]time.Duration
	errs    map[string]error
	states  map[string]catalog.State
	at      int // visits at the same time
	most    int
	broken  bool
	stopped int
}

func newDiary() *diary {
	return &diary{
		runs: map[string][]catalog.Run{}, modes: map[string]catalog.SourceMode{}, began: map[string][]time.Time{},
		takes: map[string]time.Duration{}, errs: map[string]error{}, states: map[string]catalog.State{},
	}
}

func (d *diary) Status(context.Context) ([]catalog.SourceStatus, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken {
		return nil, errors.New("the catalogue is locked")
	}
	var list []catalog.SourceStatus
	for id, runs := range d.runs {
		list = append(list, catalog.SourceStatus{Source: id, LastRun: runs[0]})
	}
	return list, nil
}

func (d *diary) Runs(_ context.Context, source string, limit int) ([]catalog.Run, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.runs[source][:min(limit, len(d.runs[source]))]), nil
}

func (d *diary) Modes(context.Context) (map[string]catalog.SourceMode, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken {
		return nil, errors.New("the catalogue is locked")
	}
	return map[string]catalog.SourceMode{"paused": d.modes["paused"], "often": d.modes["often"]}, nil
}

func (d *diary) harvest(ctx context.Context, job Job, _ func(Progress)) (catalog.Run, error) {
	id := job.Source.ID
	d.mu.Lock()
	began := time.Now()
	d.began[id] = append(d.began[id], began)
	d.at++
	d.most = max(d.most, d.at)
	takes, err, state := d.takes[id], d.errs[id], d.states[id]
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		d.at--
		d.mu.Unlock()
	}()
	if err != nil {
		return catalog.Run{}, fmt.Errorf("harvesting %s: %w", id, err)
	}
	select {
	case <-time.After(takes):
	case <-ctx.Done():
		d.mu.Lock()
		defer d.mu.Unlock()
		d.stopped++
		return catalog.Run{}, ctx.Err()
	}
	if state == "" {
		state = catalog.OK
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	run := catalog.Run{ID: int64(len(d.runs[id]) + 1), Source: id, Started: began, Ended: time.Now(), State: state}
	d.runs[id] = append([]catalog.Run{run}, d.runs[id]...)
	return run, nil
}

func (d *diary) visits(id string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.began[id])
}

func every(id string, d time.Duration) Job {
	j := job(id)
	j.Source.Every = harvester.Duration(d)
	return j
}

// scheduled runs a schedule for as long as the test's function takes.
func scheduled(t *testing.T, d *diary, parallel int, jobs []Job, f func(*Scheduler)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := NewScheduler(ScheduleOptions{
			Harvest: d.harvest, History: d, Jobs: jobs, Parallel: parallel, Now: time.Now, Logger: slog.New(slog.DiscardHandler),
		})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.Run(ctx)
		}()
		synctest.Wait()
		f(s)
		cancel()
		<-done
		if d.at != 0 {
			t.Errorf("%d visits go on after the schedule has stopped", d.at)
		}
	})
}

func TestSchedule(t *testing.T) {
	d := newDiary()
	scheduled(t, d, 1, []Job{every("often", time.Hour), every("rarely", 24*time.Hour)}, func(*Scheduler) {
		time.Sleep(12*time.Hour + time.Minute)
		// An hour and up to a tenth of it more.
		if n := d.visits("often"); n < 11 || n > 13 {
			t.Errorf("in twelve hours the hourly source was visited %d times, want 11 to 13", n)
		}
		if n := d.visits("rarely"); n != 1 {
			t.Errorf("in twelve hours the daily source was visited %d times, want once", n)
		}
	})
}

// TestSlowSourceHoldsNobodyUp has one source that takes all day and two slots: the other
// slot must serve everybody else meanwhile.
func TestSlowSourceHoldsNobodyUp(t *testing.T) {
	d := newDiary()
	d.takes["slow"] = 20 * time.Hour
	scheduled(t, d, 2, []Job{every("slow", time.Hour), every("a", time.Hour), every("b", time.Hour)}, func(*Scheduler) {
		time.Sleep(10 * time.Hour)
		if d.visits("a") < 9 || d.visits("b") < 9 {
			t.Errorf("beside a slow source the others were visited %d and %d times in ten hours", d.visits("a"), d.visits("b"))
		}
		if d.most != 2 {
			t.Errorf("%d visits at a time, want 2", d.most)
		}
	})
	if d.stopped != 1 {
		t.Errorf("%d visits were stopped, want that of the slow source", d.stopped)
	}
}

// TestFairness has more work than slots: who waits longest is next, so nobody starves.
func TestFairness(t *testing.T) {
	d := newDiary()
	var jobs []Job
	for i := range 10 {
		id := fmt.Sprintf("source-%d", i)
		d.takes[id] = 30 * time.Minute
		jobs = append(jobs, every(id, time.Hour))
	}
	scheduled(t, d, 2, jobs, func(*Scheduler) {
		time.Sleep(50 * time.Hour)
		for _, j := range jobs {
			if n := d.visits(j.Source.ID); n < 18 || n > 21 {
				t.Errorf("%s was visited %d times of 200", j.Source.ID, n)
			}
		}
	})
}

func TestWake(t *testing.T) {
	d := newDiary()
	d.modes["paused"] = catalog.SourceMode{Mode: catalog.Paused}
	d.takes["often"] = time.Minute
	scheduled(t, d, 2, []Job{every("often", 24*time.Hour), every("paused", time.Hour)}, func(s *Scheduler) {
		// The first visit goes on: the change is seen by another one after it.
		if due, ok := s.Wake("often"); !ok || !due.Equal(time.Now()) {
			t.Errorf("woken: due %s (%v), want now", due, ok)
		}
		time.Sleep(3 * time.Minute)
		if n := d.visits("often"); n != 2 {
			t.Fatalf("%d visits after a wake during the first, want a second", n)
		}
		woken := time.Now()
		first, _ := s.Wake("often")
		again, _ := s.Wake("often")
		if wait := first.Sub(woken); wait < 6*time.Minute || wait > 10*time.Minute || !again.Equal(first) {
			t.Errorf("woken again after three minutes: due in %s and %s, want the rest of ten minutes", wait, again.Sub(woken))
		}
		time.Sleep(time.Hour)
		if n := d.visits("often"); n != 3 {
			t.Errorf("%d visits after two more wakes, want one more", n)
		}
		if due, ok := s.Wake("paused"); !ok || !due.IsZero() || d.visits("paused") != 0 {
			t.Errorf("a paused source is due at %s (%v), visited %d times", due, ok, d.visits("paused"))
		}
		if _, ok := s.Wake("unknown"); ok {
			t.Error("an unknown source was woken")
		}
		if got := testutil.ToFloat64(s.metrics.wakes.WithLabelValues("merged")); got != 1 {
			t.Errorf("hub_schedule_wakes_total{outcome=merged} is %v, want 1", got)
		}
		if s.Visits("paused") || s.Visits("unknown") || !s.Visits("often") {
			t.Error("Visits does not tell who is visited")
		}
	})
}

func TestScheduleBacksOff(t *testing.T) {
	d := newDiary()
	d.states["ill"] = catalog.Failed
	d.errs["busy"] = catalog.ErrBusy
	d.errs["broken"] = errors.New("the disk is full")
	scheduled(t, d, 3, []Job{every("ill", 24*time.Hour), every("busy", 24*time.Hour), every("broken", 24*time.Hour)}, func(s *Scheduler) {
		time.Sleep(4 * time.Hour)
		// After 15, 30, 60 and 120 minutes.
		if n := d.visits("ill"); n != 5 {
			t.Errorf("a failing source was visited %d times in four hours, want 5", n)
		}
		if n := d.visits("busy"); n < 110 || n > 121 {
			t.Errorf("a source that another process harvests was tried %d times in four hours, want every two minutes", n)
		}
		if n := d.visits("broken"); n < 8 || n > 10 {
			t.Errorf("with the hub in trouble a source was tried %d times in four hours, want about 9", n)
		}
		plan := s.Plan()
		if len(plan) != 3 {
			t.Fatalf("the plan has %d lines", len(plan))
		}
		for i, v := range plan {
			if v.Due.IsZero() || v.Why == "" || i > 0 && v.Due.Before(plan[i-1].Due) {
				t.Errorf("line %d of the plan is %+v", i, v)
			}
		}
	})
}

// TestScheduleSeesOthers has another process harvest, pause and resume.
func TestScheduleSeesOthers(t *testing.T) {
	d := newDiary()
	scheduled(t, d, 1, []Job{every("often", time.Hour)}, func(s *Scheduler) {
		time.Sleep(30 * time.Minute)
		_, _ = d.harvest(context.Background(), job("often"), nil) // by hand, in the middle of the hour
		time.Sleep(55 * time.Minute)
		if n := d.visits("often"); n != 2 {
			t.Errorf("%d visits: the schedule does not know of the one by hand", n)
		}
		d.mu.Lock()
		d.modes["often"] = catalog.SourceMode{Mode: catalog.Paused, Who: "aung", Why: "works on the site"}
		d.mu.Unlock()
		time.Sleep(10 * time.Hour)
		if n := d.visits("often"); n > 2 {
			t.Errorf("%d visits of a paused source", n-2)
		}
		if v := s.Plan()[0]; !v.Due.IsZero() || v.Why != "paused by aung: works on the site" {
			t.Errorf("the plan says %+v", v)
		}
		d.mu.Lock()
		delete(d.modes, "often")
		d.broken = true
		d.mu.Unlock()
		time.Sleep(10 * time.Minute)
		d.mu.Lock()
		d.broken = false
		d.mu.Unlock()
		time.Sleep(2 * time.Minute)
		if n := d.visits("often"); n != 3 {
			t.Errorf("%d visits after it was resumed, want a third at once", n)
		}
	})
}

// TestScheduleWithoutHistory: while it cannot be known how a visit ended, there is no other.
func TestScheduleWithoutHistory(t *testing.T) {
	d := newDiary()
	d.takes["often"] = time.Minute
	scheduled(t, d, 1, []Job{every("often", time.Hour)}, func(*Scheduler) {
		d.mu.Lock()
		d.broken = true
		d.mu.Unlock()
		time.Sleep(5 * time.Hour)
		if n := d.visits("often"); n != 1 {
			t.Errorf("%d visits while the history could not be read, want the one before", n)
		}
		d.mu.Lock()
		d.broken = false
		d.mu.Unlock()
		time.Sleep(2 * time.Minute)
		if n := d.visits("often"); n != 2 {
			t.Errorf("%d visits after the history was back, want a second", n)
		}
	})
}

func TestPlanOfAnotherProcess(t *testing.T) {
	d := newDiary()
	d.modes["paused"] = catalog.SourceMode{Mode: catalog.Paused}
	d.runs["often"] = past(time.Minute, "ok")
	plan, err := Plan(t.Context(), d, []Job{every("paused", time.Hour), every("often", time.Hour), every("new", time.Hour)}, noon)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, v := range plan {
		ids = append(ids, v.Source)
	}
	if want := []string{"new", "often", "paused"}; !slices.Equal(ids, want) {
		t.Errorf("the plan is %q, want %q", ids, want)
	}
}
