package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"ctiphub/analytics"
	"ctiphub/catalog"
	"ctiphub/catalog/sqlstore"
	"ctiphub/configs"
	"ctiphub/exporter/oaipmh"
	"ctiphub/internal/ctip"
	"ctiphub/internal/gate"
	"ctiphub/internal/websub"
	"ctiphub/portal"
)

// serveCmd is "hub serve".
type serveCmd struct {
	Listen    string `help:"Address and port (127.0.0.1:8080 unless the configuration says otherwise)." env:"HUB_LISTEN" placeholder:"ADDR"`
	NoHarvest bool   `help:"Serve only; harvest nothing."`
	Usage     string `help:"Where usage is counted: auto, sqlite, clickhouse, local-clickhouse (an installed server, started for this run), off." placeholder:"STORE"`
	Dev       bool   `help:"Read templates and styles from ./portal at each request." hidden:""`
}

// Run serves until the context ends.
func (c *serveCmd) Run(ctx context.Context, a *app) error {
	a.log = slog.New(slog.NewTextHandler(a.stderr, nil))
	cfg, err := a.config()
	if err != nil {
		return err
	}
	if c.Listen != "" {
		cfg.Hub.Listen = c.Listen
	}
	if c.Usage != "" {
		cfg.Hub.Usage.Store = c.Usage
		if err := cfg.Hub.Usage.Validate(); err != nil {
			return usageError("--" + strings.TrimPrefix(err.Error(), "usage.") + " (flag --usage)")
		}
	}
	store, err := a.store(ctx, cfg)
	if err != nil {
		return err
	}
	if err := a.relabel(ctx, cfg, store); err != nil {
		return err
	}
	s := &site{app: a, cfg: cfg, store: store, dev: c.Dev}
	if !c.NoHarvest {
		if err := s.plan(ctx); err != nil {
			return err
		}
	}
	failed, err := s.listen()
	if err != nil {
		return err
	}
	if s.harvest != nil {
		s.harvest.start(ctx)
	}
	fmt.Fprintf(a.stderr, "Serving on %s — Ctrl-C stops.\n", s.url)
	select {
	case <-ctx.Done():
		fmt.Fprintln(a.stderr, "Stopping…")
		return nil
	case err := <-failed:
		return err
	}
}

// site is everything that is served on one port.
type site struct {
	app   *app
	cfg   *configs.Config
	store *sqlstore.Store
	dev   bool
	url   string // where it listens, for people
	// harvest is nil when nothing is visited.
	harvest *visits
	// uses is nil when nothing is counted.
	uses *analytics.Recorder
	// invented says that figures are made up, for a demo.
	invented bool
}

// listen starts the servers; what it returns says when one of them fails.
func (s *site) listen() (<-chan error, error) {
	handler, err := s.handler()
	if err != nil {
		return nil, err
	}
	failed := make(chan error, 2)
	s.url, err = s.start("the web server", s.cfg.Hub.Listen, handler, failed)
	if err != nil {
		return nil, err
	}
	if s.cfg.Hub.MetricsListen != "" {
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", s.metrics())
		_, err = s.start("the metrics server", s.cfg.Hub.MetricsListen, mux, failed)
	}
	return failed, err
}

// start serves a handler on an address.
func (s *site) start(name, addr string, h http.Handler, failed chan<- error) (string, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "", fmt.Errorf("listening on %s: %w (is another hub running? --listen takes another address)", addr, err)
	}
	srv := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(quiet{s.app.log.Handler()}, slog.LevelWarn),
	}
	go func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("%s: %w", name, err)
		}
	}()
	s.app.onStop(name, srv.Shutdown)
	return "http://" + l.Addr().String(), nil
}

// quiet drops the messages of net/http, which name the addresses of readers.
type quiet struct{ slog.Handler }

func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	r.Message = "a connection failed"
	return q.Handler.Handle(ctx, r)
}

// handler puts all that one port serves together.
func (s *site) handler() (http.Handler, error) {
	concepts := s.cfg.Vocabulary.Concepts()
	key, err := secret(s.cfg.Hub.Data)
	if err != nil {
		return nil, err
	}
	oai := oaipmh.New(oaipmh.Options{
		Repository: s.store, NotFound: catalog.ErrNotFound, Crosswalks: allCrosswalks(concepts, s.cfg.Hub.BaseURL),
		BaseURL: s.oaiBase(), RepositoryName: s.cfg.Hub.Name, AdminEmails: []string{s.cfg.Hub.AdminEmail},
		RepositoryIdentifier: s.cfg.Hub.RepositoryID, Key: key, CacheDir: filepath.Join(s.cfg.Hub.Data, "cache"), DescribeSet: s.describeSet(concepts),
		Branding: s.branding(), Friends: s.friends(), MetadataLicense: s.cfg.Hub.MetadataLicense,
		Now: s.app.now, Logger: s.app.log,
	})
	o := portal.Options{
		Store: s.store, Vocabulary: concepts, Sources: s.sources(), Findings: findingTexts(), Criteria: criteria(),
		BaseURL: s.cfg.Hub.BaseURL, Name: s.cfg.Hub.Name, Version: version(), Contact: s.cfg.Hub.Fetch.Contact,
		MetadataLicense: s.cfg.Hub.MetadataLicense, Dumps: s.dumpFiles(),
		RepositoryID: s.cfg.Hub.RepositoryID, Registerer: s.app.registry, Logger: s.app.log, Now: s.app.now, Dev: s.dev, UserAgent: userAgent(),
	}
	g := s.gate()
	if err := s.count(g, &o); err != nil {
		return nil, err
	}
	if s.harvest != nil {
		o.Waker, o.Plan = s.harvest.scheduler, s.harvest.plan
	}
	pages, err := portal.New(o)
	if err != nil {
		return nil, err
	}
	schemas, err := fs.Sub(ctip.Schemas, "schema")
	if err != nil {
		return nil, fmt.Errorf("opening the published schemas: %w", err)
	}
	mux := http.NewServeMux()
	site := pages.Handler()
	mux.Handle("/", site)
	mux.Handle("/oai", oai)
	mux.Handle("/oai/", oai)
	mux.Handle("GET /schema/vocabulary.ttl", site)
	mux.Handle("GET /schema/vocabulary.jsonld", site)
	mux.Handle("GET /schema/", http.StripPrefix("/schema/", typed(http.FileServerFS(schemas))))
	if s.harvest != nil && s.harvest.subscriber != nil {
		mux.Handle(websub.Path, s.harvest.subscriber.Handler())
	}
	dumps := s.app.dumps(s.cfg, s.store)
	if err := s.keepDumps(dumps); err != nil {
		return nil, err
	}
	mux.Handle("/dumps/", dumps.Handler())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.ready)
	if s.cfg.Hub.MetricsListen == "" {
		mux.Handle("GET /metrics", s.metrics())
	}
	return g.Handler(mux), nil
}

// gate keeps programs within their budgets and counts what known consumers take.
func (s *site) gate() *gate.Gate {
	g := gate.New(gate.Options{Store: s.store, Limits: s.cfg.Hub.Limits, Now: s.app.now, Logger: s.app.log, Registerer: s.app.registry, Pulled: s.pulled})
	ctx, stop := context.WithCancel(context.Background())
	var kept sync.WaitGroup
	kept.Go(func() { g.Keep(ctx) })
	s.app.onStop("the counts of consumers", func(ctx context.Context) error {
		stop()
		kept.Wait()
		return g.Flush(ctx)
	})
	return g
}

// typed gives schema files the media types that a file server does not know.
func typed(next http.Handler) http.Handler {
	types := map[string]string{".xsd": "application/xml; charset=utf-8", ".json": "application/schema+json", ".jsonld": "application/ld+json"}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if t := types[path.Ext(r.URL.Path)]; t != "" {
			w.Header().Set("Content-Type", t)
			w.Header().Set("Access-Control-Allow-Origin", "*")
		}
		next.ServeHTTP(w, r)
	})
}

func (s *site) metrics() http.Handler {
	return promhttp.HandlerFor(s.app.registry, promhttp.HandlerOpts{ErrorLog: slog.NewLogLogger(s.app.log.Handler(), slog.LevelError)})
}

// ready says whether the catalogue answers.
func (s *site) ready(w http.ResponseWriter, r *http.Request) {
	if _, err := s.store.Earliest(r.Context()); err != nil {
		s.app.log.Error("the catalogue does not answer", "error", err)
		http.Error(w, "the catalogue does not answer", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}

// oaiBase is the configured base URL of OAI-PMH; empty means that of the request.
func (s *site) oaiBase() string {
	if s.cfg.Hub.BaseURL == "" {
		return ""
	}
	return s.cfg.Hub.BaseURL + "/oai"
}

// sources tells the portal what is configured.
func (s *site) sources() []portal.SourceInfo {
	var list []portal.SourceInfo
	for _, src := range s.cfg.Sources {
		list = append(list, portal.SourceInfo{
			ID: src.ID, Name: src.Name, Country: src.Country, Kind: src.Kind,
			URL: src.URL, Home: src.Home, Enabled: src.Enabled,
		})
	}
	return list
}

// plan puts the visits of the enabled sources together.
func (s *site) plan(ctx context.Context) error {
	list, err := jobs(s.cfg, nil, false)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		fmt.Fprintln(s.app.stderr, "No source is enabled yet: set \"enabled: true\" in a file of configs/sources.")
		return nil
	}
	if err := s.app.harvestAlone(s.cfg); err != nil {
		return err
	}
	s.harvest, err = s.visits(ctx, list)
	return err
}
