package ingest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	_ "time/tzdata"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"ctiphub/catalog"
	"ctiphub/harvester"
	"ctiphub/record"
)

// ledger is a store in memory that lets time pass as the test wants it; a database would
// not stand still in a bubble.
type ledger struct {
	mu      sync.Mutex
	beats   int
	beatErr error
	hold    int // page that the guard holds; 0: none
	pages   int
	counts  catalog.Outcome
	modes   map[string]catalog.SourceMode
	begun   []catalog.Begin
	ended   []catalog.End
	batches []catalog.Batch
	notes   []record.Finding // of the catalogue itself
	lose    int              // records that the stored account lacks
	hasErr  error            // of looking up a record
}

func (l *ledger) Begin(_ context.Context, b catalog.Begin) (catalog.Run, error) {
	l.begun = append(l.begun, b)
	return catalog.Run{ID: 1, Source: b.Source, Started: b.Now, State: catalog.Running}, nil
}

func (l *ledger) Apply(_ context.Context, b catalog.Batch) (catalog.Outcome, error) {
	if l.pages++; l.pages == l.hold {
		return catalog.Outcome{}, fmt.Errorf("applying: %w", &catalog.HoldError{Reason: "dates vanished from 90 % of the records"})
	}
	l.batches = append(l.batches, b)
	o := catalog.Outcome{Listed: len(b.Items), New: len(b.Items)}
	l.counts = l.counts.Add(o)
	return o, nil
}

func (l *ledger) Finish(_ context.Context, e catalog.End) (catalog.Run, error) {
	l.ended = append(l.ended, e)
	state, message := catalog.Settle(e, l.counts, "")
	l.counts.Listed -= l.lose
	return catalog.Run{ID: 1, Source: "agency", Ended: e.Now, State: state, Message: message, Counts: l.counts}, nil
}

func (l *ledger) Known(context.Context, string, string) (catalog.Validator, bool, error) {
	return catalog.Validator{}, false, nil
}

func (l *ledger) Has(_ context.Context, source, identifier string) (bool, error) {
	return source == "agency" && identifier == "kept", l.hasErr
}

func (l *ledger) Beat(context.Context, int64, time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.beats++
	return l.beatErr
}

func (l *ledger) Notes(context.Context, int64) ([]record.Finding, error) { return l.notes, nil }

func (l *ledger) Choices(context.Context, int64) ([]catalog.Choice, error) { return nil, nil }

func (l *ledger) Baseline(context.Context, string, int64) ([]catalog.Choice, error) { return nil, nil }

func (l *ledger) Modes(context.Context) (map[string]catalog.SourceMode, error) { return l.modes, nil }

// adapterFunc is an adapter made of one function.
type adapterFunc func(ctx context.Context, src harvester.Source, from harvester.From, yield func(harvester.Page, error) bool)

func (f adapterFunc) Pages(ctx context.Context, src harvester.Source, from harvester.From) iter.Seq2[harvester.Page, error] {
	return func(yield func(harvester.Page, error) bool) { f(ctx, src, from, yield) }
}

// slow lists pages of ten, each so long after the one before.
func slow(pages int, each time.Duration) adapterFunc {
	return func(ctx context.Context, src harvester.Source, _ harvester.From, yield func(harvester.Page, error) bool) {
		s := &script{pages: pages, complete: true}
		for n := range pages {
			select {
			case <-ctx.Done():
				yield(harvester.Page{}, fmt.Errorf("fetching: %w", ctx.Err()))
				return
			case <-time.After(each):
			}
			if !yield(s.page(src, n+1), nil) {
				return
			}
		}
	}
}

func options(l *ledger, a harvester.Adapter) Options {
	return Options{
		Store: l, Normalizer: plain{}, Adapters: map[string]harvester.Adapter{"feed": a}, Now: time.Now,
		Logger: slog.New(slog.DiscardHandler), Owner: "test",
	}
}

func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		run, err := New(options(l, slow(10, 6*time.Minute))).Harvest(t.Context(), job("agency"), nil)
		if err != nil || run.State != catalog.OK {
			t.Fatalf("the run ended %s (%v)", run.State, err)
		}
		if l.beats < 59 || l.beats > 60 {
			t.Errorf("%d heartbeats in an hour, want one a minute", l.beats)
		}
	})
}

// TestWatchdog: a run that hangs is given up, with what it has; one that is only slow, or
// asks about addresses meanwhile, is not.
func TestWatchdog(t *testing.T) {
	hang := adapterFunc(func(ctx context.Context, src harvester.Source, _ harvester.From, yield func(harvester.Page, error) bool) {
		if yield((&script{pages: 2}).page(src, 1), nil) {
			<-ctx.Done()
			yield(harvester.Page{}, ctx.Err())
		}
	})
	dead := adapterFunc(func(ctx context.Context, _ harvester.Source, _ harvester.From, yield func(harvester.Page, error) bool) {
		<-ctx.Done()
		yield(harvester.Page{}, ctx.Err())
	})
	silent := adapterFunc(func(ctx context.Context, _ harvester.Source, _ harvester.From, _ func(harvester.Page, error) bool) {
		<-ctx.Done()
	})
	busy := adapterFunc(func(ctx context.Context, src harvester.Source, from harvester.From, yield func(harvester.Page, error) bool) {
		for range 20 {
			time.Sleep(10 * time.Minute)
			from.Known("https://a.example/")
		}
		yield((&script{pages: 1}).page(src, 1), ctx.Err())
	})
	gentle := harvester.Duration(time.Minute)
	for name, c := range map[string]struct {
		adapter harvester.Adapter
		delay   harvester.Duration
		stall   time.Duration
		state   catalog.State
		took    time.Duration
	}{
		"hangs after a page":     {hang, 0, 0, catalog.Partial, 31 * time.Minute},
		"hangs at once":          {dead, 0, 0, catalog.Failed, 31 * time.Minute},
		"ends without a word":    {silent, 0, 0, catalog.Failed, 31 * time.Minute},
		"other limit":            {dead, 0, 5 * time.Minute, catalog.Failed, 6 * time.Minute},
		"slow by politeness":     {slow(2, 2*time.Hour), gentle, 0, catalog.OK, 4 * time.Hour},
		"slow without a reason":  {slow(2, 2*time.Hour), 0, 0, catalog.Failed, 31 * time.Minute},
		"asks about its address": {busy, 0, 0, catalog.OK, 200 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := options(&ledger{}, c.adapter)
				o.Stall = c.stall
				p, j, began := New(o), job("agency"), time.Now()
				j.Source.Politeness.MinDelay = c.delay
				run, err := p.Harvest(t.Context(), j, nil)
				if err != nil || run.State != c.state {
					t.Fatalf("ended %s: %s (%v), want %s", run.State, run.Message, err, c.state)
				}
				if took := time.Since(began); took != c.took {
					t.Errorf("it took %s, want %s", took, c.took)
				}
				if c.state != catalog.OK && (!strings.Contains(run.Message, "nothing came for") || testutil.ToFloat64(p.metrics.stalled) != 1) {
					t.Errorf("the message is %q", run.Message)
				}
			})
		})
	}
}

// TestLostLease: when another process took the run over, this one lets go of it.
func TestLostLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{beatErr: catalog.ErrBusy}
		_, err := New(options(l, slow(10, 10*time.Minute))).Harvest(t.Context(), job("agency"), nil)
		if !errors.Is(err, catalog.ErrBusy) || len(l.ended) != 0 {
			t.Errorf("got %v, and %d runs closed; want the lease lost and nothing closed", err, len(l.ended))
		}
		l = &ledger{beatErr: errors.New("the database is locked")}
		run, err := New(options(l, slow(3, 10*time.Minute))).Harvest(t.Context(), job("agency"), nil)
		if err != nil || run.State != catalog.OK {
			t.Errorf("a heartbeat that failed ended the run %s (%v)", run.State, err)
		}
	})
}

// TestWindow has pages half an hour apart and a window of two hours. (A bubble's time
// begins at midnight UTC, which is 07:00 in Bangkok.)
func TestWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		p, j := New(options(l, slow(10, 30*time.Minute))), job("agency")
		j.Source.Window = "08:00-10:00 Asia/Bangkok"
		run, err := p.Harvest(t.Context(), j, nil)
		if err != nil || run.State != catalog.SkippedRun || len(l.begun) != 0 || !strings.Contains(run.Message, "goes on when the window opens at 08:00 Asia/Bangkok (local time)") {
			t.Fatalf("before its hours: %s, %q (%v), %d runs begun", run.State, run.Message, err, len(l.begun))
		}
		time.Sleep(time.Hour)
		run, err = p.Harvest(t.Context(), j, nil)
		if err != nil || run.State != catalog.Partial || run.Counts.Listed != 40 || !strings.Contains(run.Message, "goes on when the window opens at 08:00 Asia/Bangkok (local time)") {
			t.Errorf("over the end of its hours: %s with %d records, %q (%v), want what two hours gave", run.State, run.Counts.Listed, run.Message, err)
		}
		if e := l.ended[0]; e.Finished || e.Complete || e.Cursor != "4" {
			t.Errorf("the run was closed with %+v, want it to go on behind page 4", e)
		}
	})
}

// TestWindowEndsWithLastPage: a listing that ends as its window closes is a whole one.
func TestWindowEndsWithLastPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		p, j := New(options(l, slow(4, 30*time.Minute))), job("agency")
		j.Source.Window = "00:00-02:00 UTC"
		if run, err := p.Harvest(t.Context(), j, nil); err != nil || run.State != catalog.OK || !l.ended[0].Complete {
			t.Errorf("%s: %s (%v)", run.State, run.Message, err)
		}
	})
}

func TestModes(t *testing.T) {
	l := &ledger{modes: map[string]catalog.SourceMode{
		"agency": {Mode: catalog.Paused, Who: "aung", Since: noon, Why: "moves to a new server"},
		"other":  {Mode: catalog.Active, LossPercent: 60},
	}}
	p := New(options(l, slow(1, 0)))
	var last Progress
	run, err := p.Harvest(t.Context(), job("agency"), func(p Progress) { last = p })
	if err != nil || run.State != catalog.SkippedRun || run.Message != "paused by aung since 2026-03-04: moves to a new server" || len(l.begun) != 0 {
		t.Errorf("a paused source: %s, %q (%v), %d runs begun", run.State, run.Message, err, len(l.begun))
	}
	if !last.Done || last.Run.State != catalog.SkippedRun {
		t.Errorf("the progress was told %+v", last)
	}
	if _, err := p.Harvest(t.Context(), job("other"), nil); err != nil || l.batches[0].Guard.MaxLossPercent != 60 || l.ended[0].Guard.MaxLossPercent != 60 {
		t.Errorf("the limit that a curator raised is not used (%v)", err)
	}
}

func TestHeld(t *testing.T) {
	l := &ledger{hold: 2}
	run, err := New(options(l, slow(3, 0))).Harvest(t.Context(), job("agency"), nil)
	if err != nil || run.State != catalog.Held || run.Message != "dates vanished from 90 % of the records" {
		t.Errorf("%s: %q (%v), want it held with the guard's reason", run.State, run.Message, err)
	}
	if e := l.ended[0]; e.Finished || e.Complete || e.Cursor != "1" {
		t.Errorf("closed with %+v, want to go on behind page 1", e)
	}
}

func TestBlocked(t *testing.T) {
	wall := errors.New("a wall")
	l := &ledger{}
	o := options(l, adapterFunc(func(_ context.Context, _ harvester.Source, _ harvester.From, yield func(harvester.Page, error) bool) {
		yield(harvester.Page{}, fmt.Errorf("fetching the sitemap: %w", wall))
	}))
	o.Blocked = func(err error) (string, bool) {
		return "Cloudflare refuses the hub, reference 7f", errors.Is(err, wall)
	}
	run, err := New(o).Harvest(t.Context(), job("agency"), nil)
	if err != nil || run.State != catalog.Blocked || run.Message != "Cloudflare refuses the hub, reference 7f" {
		t.Errorf("%s: %q (%v), want it blocked, with the facts", run.State, run.Message, err)
	}
}

func TestPushIsPassedOn(t *testing.T) {
	offer := harvester.Push{Hub: "https://push.example/", Topic: "https://a.example/feed"}
	o := options(&ledger{}, adapterFunc(func(_ context.Context, src harvester.Source, _ harvester.From, yield func(harvester.Page, error) bool) {
		for n := range 3 {
			page := (&script{pages: 3}).page(src, n+1)
			page.Push = offer
			if !yield(page, nil) {
				return
			}
		}
	}))
	var told []string
	o.Pushes = func(_ context.Context, source string, p harvester.Push) {
		told = append(told, source+" "+p.Hub+" "+p.Topic)
	}
	if _, err := New(o).Harvest(t.Context(), job("agency"), nil); err != nil {
		t.Fatal(err)
	}
	if len(told) != 1 || told[0] != "agency https://push.example/ https://a.example/feed" {
		t.Errorf("told %q, want the offer once", told)
	}
}

// TestWrongAccount: when the numbers that publishers see would be wrong, the operators are
// told, and so they are of what the catalogue itself notes.
func TestWrongAccount(t *testing.T) {
	l := &ledger{lose: 1, notes: []record.Finding{{Code: "index-mismatch", Detail: "3 records are missing in the index"}}}
	var log strings.Builder
	o := options(l, slow(1, 0))
	o.Logger = slog.New(slog.NewTextHandler(&log, nil))
	p := New(o)
	if _, err := p.Harvest(t.Context(), job("agency"), nil); err != nil {
		t.Fatal(err)
	}
	if testutil.ToFloat64(p.metrics.unbalanced) != 1 || testutil.ToFloat64(p.metrics.notes.WithLabelValues("index-mismatch")) != 1 {
		t.Error("the metrics do not show the wrong account and the note")
	}
	for _, want := range []string{"the account of a run is wrong", "index-mismatch"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %q: %s", want, log.String())
		}
	}
}

// TestListingGoesOnNextNight has a listing that takes two nights: the second run goes on
// behind the last page of the first, and together they are one whole listing.
func TestListingGoesOnNextNight(t *testing.T) {
	clock := noon.Add(9 * time.Hour)
	s := &script{pages: 5, complete: true, stopAt: 2, cancel: func() { clock = noon.Add(18 * time.Hour) }}
	b := newBed(t, s, plain{})
	b.pipeline.o.Now = func() time.Time { return clock }
	j := job("agency")
	j.Source.Window = "20:00-05:00 UTC"
	run, err := b.pipeline.Harvest(t.Context(), j, nil)
	if err != nil || run.State != catalog.Partial || run.Counts.New != 30 {
		t.Fatalf("the first night: %s with %+v, %q (%v)", run.State, run.Counts, run.Message, err)
	}
	runs, err := b.store.Runs(t.Context(), "agency", 5)
	if err != nil {
		t.Fatal(err)
	}
	opens := noon.Add(32 * time.Hour)
	if v := next(j.Source, catalog.SourceMode{}, runs, clock); !v.Due.Equal(opens) || !strings.Contains(v.Why, "goes on where its window closed") {
		t.Errorf("due at %s (%s), want %s", v.Due, v.Why, opens)
	}
	clock, s.stopAt = opens, 0
	run, err = b.pipeline.Harvest(t.Context(), j, nil)
	if err != nil || run.State != catalog.OK || run.Counts.New != 20 || run.Absent != 0 || live(t, b) != 50 {
		t.Errorf("the second night: %s with %+v, %d absent, %d live (%v)", run.State, run.Counts, run.Absent, live(t, b), err)
	}
	if got := s.from[1].Cursor; got != "3" {
		t.Errorf("it went on at cursor %q, want that of the last page", got)
	}
}

// TestStored: an adapter is told what the catalogue keeps of its source; a look-up that
// fails costs a fetch and ends no run.
func TestStored(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want bool
	}{"answers": {nil, true}, "fails": {errors.New("disk gone"), false}} {
		t.Run(name, func(t *testing.T) {
			var kept, other bool
			asks := adapterFunc(func(_ context.Context, src harvester.Source, from harvester.From, yield func(harvester.Page, error) bool) {
				kept, other = from.Stored("kept"), from.Stored("other")
				yield((&script{pages: 1}).page(src, 1), nil)
			})
			store := &ledger{hasErr: c.err}
			run, err := New(options(store, asks)).Harvest(t.Context(), job("agency"), nil)
			if err != nil || run.State != catalog.OK {
				t.Errorf("run %+v, %v", run, err)
			}
			if kept != c.want || other {
				t.Errorf("kept %v, other %v", kept, other)
			}
		})
	}
}
