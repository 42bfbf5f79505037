package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"ctiphub/catalog/sqlstore"
	"ctiphub/configs"
	"ctiphub/harvester"
	"ctiphub/harvester/api"
	"ctiphub/harvester/ckan"
	"ctiphub/harvester/dspace"
	"ctiphub/harvester/feed"
	"ctiphub/harvester/oaipmh"
	"ctiphub/harvester/reliefweb"
	"ctiphub/harvester/website"
	"ctiphub/harvester/wordpress"
	"ctiphub/internal/fetch"
	"ctiphub/internal/ingest"
	"ctiphub/internal/pdf"
	"ctiphub/normalizer"
	"ctiphub/record"
)

// app is what the commands share. Each part is made when a command first asks for it and
// registers how it is stopped.
type app struct {
	cli            *cli
	stdout, stderr io.Writer
	log            *slog.Logger
	now            func() time.Time
	registry       *prometheus.Registry
	http           *fetch.Client
	pdfs           *pdf.Reader
	steps          []step
}

// step is one thing to stop, by name for the log.
type step struct {
	name string
	stop func(context.Context) error
}

func newApp(c *cli, stdout, stderr io.Writer) *app {
	level := slog.LevelWarn
	if c.Verbose {
		level = slog.LevelInfo
	}
	a := &app{
		cli: c, stdout: stdout, stderr: stderr, now: time.Now,
		log:      slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level})),
		registry: prometheus.NewRegistry(),
	}
	a.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return a
}

// onStop registers a step; stop runs them backwards.
func (a *app) onStop(name string, stop func(context.Context) error) {
	a.steps = append(a.steps, step{name, stop})
}

// stopTimeout is how long all steps together may take.
const stopTimeout = 20 * time.Second

// stop stops what was started, last first, with a context of its own: the one that ended
// the program is of no use for draining.
func (a *app) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	var errs []error
	for _, s := range slices.Backward(a.steps) {
		if err := s.stop(ctx); err != nil {
			errs = append(errs, fmt.Errorf("stopping %s: %w", s.name, err))
		}
	}
	a.steps = nil
	return errors.Join(errs...)
}

// config loads the configuration and lets flags and variables win.
func (a *app) config() (*configs.Config, error) {
	cfg, err := configs.Load(a.cli.Config)
	if err != nil {
		return nil, err
	}
	if a.cli.Data != "" {
		cfg.Hub.Data = a.cli.Data
	}
	if v := os.Getenv("HUB_BASE_URL"); v != "" {
		cfg.Hub.BaseURL = v
	}
	if v := os.Getenv("HUB_USAGE_DSN"); v != "" {
		cfg.Hub.Usage.ClickHouse.DSN = v
	}
	return cfg, cfg.Hub.Validate()
}

// open loads the configuration and opens the catalogue: what most commands begin with.
func (a *app) open(ctx context.Context) (*configs.Config, *sqlstore.Store, error) {
	cfg, err := a.config()
	if err != nil {
		return nil, nil, err
	}
	store, err := a.store(ctx, cfg)
	return cfg, store, err
}

// catalogFile is the catalogue's file in a data folder.
const catalogFile = "catalog.db"

// store opens the catalogue in a data folder, making both when they do not exist.
func (a *app) store(ctx context.Context, cfg *configs.Config) (*sqlstore.Store, error) {
	if err := os.MkdirAll(cfg.Hub.Data, 0o750); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	return a.storeAt(ctx, cfg, a.registry)
}

// storeAt is store with the registry of its metrics; nil for none.
func (a *app) storeAt(ctx context.Context, cfg *configs.Config, metrics prometheus.Registerer) (*sqlstore.Store, error) {
	concepts := cfg.Vocabulary.Concepts()
	s, err := sqlstore.Open(ctx, filepath.Join(cfg.Hub.Data, catalogFile), sqlstore.Options{
		Broader:    func(theme string) []string { return concepts.Ancestors("theme", theme) },
		Registerer: metrics,
		Logger:     a.log,
	})
	if err != nil {
		return nil, err
	}
	a.onStop("the catalogue", func(context.Context) error { return s.Close() })
	return s, nil
}

// userAgent is by which name the hub shows itself to publishers' servers.
func userAgent() string { return "CTIPHub/" + version() }

// client returns the one HTTP client of the process: all who visit a host share its clock.
func (a *app) client(cfg *configs.Config) (*fetch.Client, error) {
	if a.http != nil {
		return a.http, nil
	}
	allow, err := cfg.Hub.Fetch.Prefixes()
	if err != nil {
		return nil, err
	}
	a.http = fetch.New(fetch.Options{
		UserAgent: userAgent(), Contact: cfg.Hub.Fetch.Contact, Allow: allow,
		Registerer: a.registry, Logger: a.log, Now: a.now,
	})
	return a.http, nil
}

// adapters is the one list of the kinds of interface that the hub can harvest.
func (a *app) adapters(cfg *configs.Config, get getter) map[string]harvester.Adapter {
	return map[string]harvester.Adapter{
		harvester.KindOAIPMH:    oaipmh.New(get, a.now),
		harvester.KindFeed:      feed.New(get, a.now),
		harvester.KindWordPress: wordpress.New(get, a.now),
		harvester.KindWebsite:   website.New(get, a.now).WithPDF(a.pdfReader(cfg)),
		harvester.KindDSpace:    dspace.New(get, a.now, os.Getenv),
		harvester.KindCKAN:      ckan.New(get, a.now, os.Getenv),
		harvester.KindReliefWeb: reliefweb.New(get, a.now, os.Getenv),
		harvester.KindAPI:       api.New(api.Options{Get: get, Now: a.now, Env: os.Getenv}),
	}
}

// pdfReader returns the one reader of PDF files, which reads them in processes of their own:
// a hostile file ends its reader and nothing else.
func (a *app) pdfReader(cfg *configs.Config) *pdf.Reader {
	if a.pdfs == nil {
		o := pdf.Options{CacheDir: filepath.Join(cfg.Hub.Data, "cache", "pdfium")}
		if program, err := os.Executable(); err == nil {
			o.Worker = []string{program, pdfWorker}
		}
		a.pdfs = pdf.New(o)
	}
	return a.pdfs
}

// getter is what every adapter needs of the HTTP client.
type getter interface {
	Get(context.Context, fetch.Request) (*fetch.Response, error)
}

// normalizer compiles the vocabulary and the rules of every source.
func (a *app) normalizer(cfg *configs.Config) (*normalizer.Normalizer, error) {
	return normalizer.New(cfg.Vocabulary, sourceRules(cfg))
}

// pipeline wires the harvest of one configuration into a store.
func (a *app) pipeline(ctx context.Context, cfg *configs.Config, store *sqlstore.Store) (*ingest.Pipeline, error) {
	o, err := a.pipelineOptions(ctx, cfg, store)
	if err != nil {
		return nil, err
	}
	return ingest.New(o), nil
}

func (a *app) pipelineOptions(ctx context.Context, cfg *configs.Config, store *sqlstore.Store) (o ingest.Options, err error) {
	rules, err := newLiveRules(ctx, a, cfg, store)
	if err != nil {
		return o, err
	}
	client, err := a.client(cfg)
	if err != nil {
		return o, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	o = ingest.Options{
		Store: store, Normalizer: rules, Refresh: rules.refresh, Adapters: a.adapters(cfg, client), Blocked: blocked,
		Owner: host, Now: a.now, Logger: a.log, Registerer: a.registry,
	}
	if cfg.Hub.BaseURL != "" {
		o.Own.BaseURLs = []string{cfg.Hub.BaseURL + "/oai"}
	}
	if cfg.Hub.RepositoryID != exampleRepository {
		o.Own.RepositoryID = cfg.Hub.RepositoryID
	}
	return o, nil
}

// exampleRepository is the name space that comes with the hub: not this hub's alone.
const exampleRepository = "hub.example"

// blocked tells the answer of a firewall from all other errors.
func blocked(err error) (string, bool) {
	var b *fetch.BlockedError
	if errors.As(err, &b) {
		return b.Error(), true
	}
	return "", false
}

// jobs returns the sources to harvest: the enabled ones, or those named.
func jobs(cfg *configs.Config, ids []string, full bool) ([]ingest.Job, error) {
	var list []ingest.Job
	for _, s := range cfg.Sources {
		if slices.Contains(ids, s.ID) || (len(ids) == 0 && s.Enabled) {
			list = append(list, ingest.Job{Source: s.Source, Guard: s.Guards, Full: full})
		}
	}
	for _, id := range ids {
		if _, err := findSource(cfg, id); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// findSource returns one source, or an error that says how to see them all.
func findSource(cfg *configs.Config, id string) (configs.Source, error) {
	for _, s := range cfg.Sources {
		if s.ID == id {
			return s, nil
		}
	}
	return configs.Source{}, usageError(fmt.Sprintf("there is no source %q; \"hub sources list\" shows those there are", id))
}

// secret returns the key that signs resumption tokens. It is kept in the data folder so
// that tokens outlive a restart.
func secret(data string) ([]byte, error) {
	file := filepath.Join(data, "token.key")
	key, err := os.ReadFile(file)
	if err == nil && len(key) == 32 {
		return key, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("reading the key of resumption tokens: %w", err)
	}
	key = make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("making the key of resumption tokens: %w", err)
	}
	if err := os.WriteFile(file, key, 0o600); err != nil {
		return nil, fmt.Errorf("keeping the key of resumption tokens: %w", err)
	}
	return key, nil
}

// printJSON answers a program.
func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// label names a vocabulary concept for people, in English.
func label(v record.Vocabulary) func(scheme, id string) string {
	return func(scheme, id string) string { return v.Label(scheme, id, "en") }
}
