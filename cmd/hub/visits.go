package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ctiphub/catalog"
	"ctiphub/harvester"
	"ctiphub/internal/fetch"
	"ctiphub/internal/ingest"
	"ctiphub/internal/linkcheck"
	"ctiphub/internal/websub"
	"ctiphub/portal"
)

// visits is everything by which a serving hub visits publishers: the schedule, the
// subscriptions that wake it, and the link checker. All of it goes through one client.
type visits struct {
	site       *site
	jobs       []ingest.Job
	pipeline   *ingest.Pipeline
	scheduler  *ingest.Scheduler
	subscriber *websub.Subscriber // nil: no WebSub hub could reach this one
	links      *linkcheck.Checker
}

// visits puts the visits of the given sources together; start sets them going.
func (s *site) visits(ctx context.Context, list []ingest.Job) (*visits, error) {
	client, err := s.app.client(s.cfg)
	if err != nil {
		return nil, err
	}
	v := &visits{site: s, jobs: list}
	options, err := s.app.pipelineOptions(ctx, s.cfg, s.store)
	if err != nil {
		return nil, err
	}
	if websub.Usable(s.cfg.Hub.BaseURL) {
		v.subscriber = websub.New(websub.Options{
			Get: client, Store: s.store, BaseURL: s.cfg.Hub.BaseURL, Now: s.app.now, Logger: s.app.log, Registerer: s.app.registry,
			Wake:  func(source string) { v.scheduler.Wake(source) },
			Known: func(source string) bool { return v.scheduler.Visits(source) },
		})
		options.Pushes = func(ctx context.Context, source string, offer harvester.Push) {
			v.subscriber.Offer(ctx, source, offer.Hub, offer.Topic)
		}
	}
	v.pipeline = ingest.New(options)
	v.scheduler = ingest.NewScheduler(ingest.ScheduleOptions{
		Harvest: v.harvest, History: s.store, Jobs: list, Parallel: s.cfg.Hub.Harvest.Parallel,
		Now: s.app.now, Logger: s.app.log, Registerer: s.app.registry,
	})
	windows, polite := map[string]harvester.Window{}, map[string]fetch.Politeness{}
	for _, job := range list {
		windows[job.Source.ID], polite[job.Source.ID] = job.Source.Window, job.Source.Politeness
	}
	v.links = linkcheck.New(linkcheck.Options{
		Get: client, Store: s.store, Now: s.app.now, Logger: s.app.log, Registerer: s.app.registry,
		Politeness: func(source string) fetch.Politeness { return polite[source] },
		Open:       func(source string, now time.Time) (bool, time.Duration) { return windows[source].Open(now) },
	})
	return v, nil
}

// harvest is what the schedule does with a source: the visit, then its entry in the ledger.
func (v *visits) harvest(ctx context.Context, job ingest.Job, progress func(ingest.Progress)) (catalog.Run, error) {
	run, err := v.pipeline.Harvest(ctx, job, progress)
	return run, errors.Join(err, v.site.app.keepLedger(ctx, v.site.store))
}

// start lets the visits run until the site stops; stopping waits until the page at hand is
// stored.
func (v *visits) start(ctx context.Context) {
	a := v.site.app
	v.run(ctx, "the link checker", v.links.Run)
	v.run(ctx, "the schedule", v.scheduler.Run)
	v.run(ctx, "the works", v.findWorks)
	if v.subscriber != nil {
		v.run(ctx, "the subscriptions", v.subscriber.Run)
	}
	a.onStop("the ledger", func(ctx context.Context) error { return a.keepLedger(ctx, v.site.store) })
}

// worksEvery is how often works are looked for: behind the harvests, as it goes over what
// all records have in common.
const worksEvery = 5 * time.Minute

// findWorks looks for works now and then; when nothing changed, that costs nothing.
func (v *visits) findWorks(ctx context.Context) {
	tick := time.NewTicker(worksEvery)
	defer tick.Stop()
	for {
		if _, err := v.site.store.FindWorks(ctx, v.site.app.now()); err != nil && ctx.Err() == nil {
			v.site.app.log.Error("works were not found", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// run does something in the background until the site stops.
func (v *visits) run(ctx context.Context, name string, do func(context.Context)) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		do(ctx)
	}()
	v.site.app.onStop(name, func(stopCtx context.Context) error {
		cancel()
		select {
		case <-done:
			return nil
		case <-stopCtx.Done():
			return stopCtx.Err()
		}
	})
}

// plan tells pages when each source is visited next.
func (v *visits) plan() map[string]portal.Visit {
	plan := map[string]portal.Visit{}
	for _, visit := range v.scheduler.Plan() {
		plan[visit.Source] = portal.Visit{Due: visit.Due, Why: visit.Why}
	}
	return plan
}

// keepLedger writes what was asked of publishers' servers into the catalogue.
func (a *app) keepLedger(ctx context.Context, store catalog.Operator) error {
	if a.http == nil {
		return nil
	}
	today := a.now().UTC().Truncate(24 * time.Hour)
	var rows []catalog.LedgerRow
	for _, h := range a.http.TakeLedger() {
		rows = append(rows, catalog.LedgerRow{
			Day: today, Source: h.Account, Host: h.Host, Requests: h.Requests, Bytes: h.Bytes, NotModified: h.NotModified,
			Throttled: h.Throttled, Errors: h.Errors, Blocked: h.Blocked, RobotsAllowed: h.RobotsAllowed, RobotsRefused: h.RobotsRefused,
			CrawlDelay: h.CrawlDelay, Slowest: h.Slowest, Waited: h.Waited, Served: h.Served, Limit: h.Limit,
		})
	}
	if len(rows) == 0 {
		return nil
	}
	// What was asked of others is on record even when the hub is about to stop.
	if err := store.AddLedger(context.WithoutCancel(ctx), rows); err != nil {
		return fmt.Errorf("keeping the ledger: %w", err)
	}
	return nil
}
