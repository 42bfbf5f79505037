package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/goccy/go-yaml"

	"ctiphub/analytics"
	"ctiphub/catalog"
	"ctiphub/configs"
	"ctiphub/harvester"
	"ctiphub/internal/demo"
	"ctiphub/internal/fetch"
	"ctiphub/normalizer"
)

// demoCmd is "hub demo".
type demoCmd struct {
	Listen  string `help:"Address and port of the hub." default:"127.0.0.1:8080" env:"HUB_LISTEN" placeholder:"ADDR"`
	Records int    `help:"Records of the partner repository; a million is fine." default:"300" placeholder:"N"`
	Seed    uint64 `help:"Another number makes another federation." default:"1" placeholder:"N"`
}

// Run starts the federation, serves the hub, harvests, and goes on until the context ends.
func (c *demoCmd) Run(ctx context.Context, a *app) error {
	if !a.cli.Verbose {
		// The sites misbehave on purpose: what the hub says of it is in the summary.
		a.log = slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	}
	cfg, err := a.config()
	if err != nil {
		return err
	}
	cfg.Hub.Data, cfg.Hub.Listen = filepath.Join(cfg.Hub.Data, "demo"), c.Listen
	if err := os.MkdirAll(cfg.Hub.Data, 0o750); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	began := a.now()
	federation, err := c.federation(ctx, a, cfg.Hub.Data)
	if err != nil {
		return err
	}
	if err := useDemo(cfg, federation.Sites()); err != nil {
		return err
	}
	if err := keepConfig(cfg); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "A federation of %d simulated sites is up.\n", len(cfg.Sources))

	if err := a.harvestAlone(cfg); err != nil {
		return err
	}
	store, err := a.store(ctx, cfg)
	if err != nil {
		return err
	}
	list, err := jobs(cfg, nil, false)
	if err != nil {
		return err
	}
	s := &site{app: a, cfg: cfg, store: store, invented: true}
	cfg.Hub.Usage.Store = analytics.StoreSQLite
	if s.harvest, err = s.visits(ctx, list); err != nil {
		return err
	}
	failed, err := s.listen()
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "The hub is up on %s and fills while you look.\n", s.url)
	v := newView(a.stderr, list)
	runs, err := s.harvest.pipeline.HarvestAll(ctx, list, cfg.Hub.Harvest.Parallel, v.update)
	v.close()
	if err = errors.Join(err, a.keepLedger(ctx, store)); err != nil {
		return err
	}
	if _, err := store.FindWorks(ctx, a.now()); err != nil {
		return err
	}
	if err := a.inventUse(ctx, cfg, store); err != nil {
		return err
	}
	if err := c.tour(a, s, federation.Sites(), runs, a.now().Sub(began)); err != nil {
		return err
	}
	s.harvest.start(ctx)
	select {
	case <-ctx.Done():
		fmt.Fprintln(a.stdout, "\nStopping. The catalogue stays in", cfg.Hub.Data)
		return nil
	case err := <-failed:
		return err
	}
}

// remembered is what a demo keeps so that a second start finds the same sites: the
// addresses of pages are part of their records' identity.
type remembered struct {
	Ports []int  `json:"ports"`
	Seed  uint64 `json:"seed"`
}

// federation starts the simulated sites on the ports of the last time.
func (c *demoCmd) federation(ctx context.Context, a *app, data string) (*demo.Federation, error) {
	file := filepath.Join(data, "federation.json")
	var last remembered
	if b, err := os.ReadFile(file); err == nil {
		if err := json.Unmarshal(b, &last); err != nil {
			return nil, fmt.Errorf("reading %s (remove the folder to start afresh): %w", file, err)
		}
		if last.Seed != c.Seed {
			return nil, usageError(fmt.Sprintf("the demo in %s was made with --seed %d: use that, another --data, or remove the folder", data, last.Seed))
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("reading the last demo's ports: %w", err)
	}
	f, err := demo.Start(ctx, demo.Config{Seed: c.Seed, Records: c.Records, Ports: last.Ports})
	if err != nil {
		return nil, err
	}
	a.onStop("the simulated sites", f.Close)
	b, err := json.Marshal(remembered{Ports: f.Ports(), Seed: c.Seed})
	if err != nil {
		return nil, fmt.Errorf("keeping the demo's ports: %w", err)
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		return nil, fmt.Errorf("keeping the demo's ports: %w", err)
	}
	return f, nil
}

// useDemo replaces the configured sources by the simulated sites.
func useDemo(cfg *configs.Config, sites []demo.Site) error {
	cfg.Hub.Fetch.AllowPrivate = append(cfg.Hub.Fetch.AllowPrivate, "127.0.0.0/8")
	cfg.Sources = nil
	for _, s := range sites {
		src, err := demoSource(s)
		if err != nil {
			return err
		}
		cfg.Sources = append(cfg.Sources, src)
	}
	return nil
}

// demoSource is the configuration that an operator would write for a simulated site.
func demoSource(s demo.Site) (configs.Source, error) {
	src := configs.Source{
		Source: harvester.Source{
			ID: s.ID, Name: s.Name, Country: s.Country, Kind: s.Kind, URL: s.URL, Home: s.Home, Enabled: true,
			Every: harvester.Duration(10 * time.Minute), Politeness: fetch.Politeness{MinDelay: fetch.Duration(time.Millisecond)},
			OAI:       harvester.OAIRecipe{Prefix: s.Prefix},
			WordPress: harvester.WordPressRecipe{All: s.Kind == harvester.KindWordPress},
			Website:   harvester.WebsiteRecipe{Discover: s.Discover, Item: s.Item, Next: s.Next, Include: s.Include},
		},
		Rules: normalizer.Rules{Fields: map[string]normalizer.Chain{}, Trust: "high", InScope: s.Country != ""},
	}
	if len(s.Languages) > 0 {
		src.Rules.Defaults.Language = s.Languages[0]
	}
	if s.Country != "" {
		src.Rules.Defaults.Countries = []string{s.Country}
	}
	for field, first := range s.Fields {
		src.Rules.Fields[field] = normalizer.Chain{First: first}
	}
	if err := yaml.UnmarshalWithOptions([]byte(s.Recipe), &src.API, yaml.Strict()); err != nil && s.Recipe != "" {
		return src, fmt.Errorf("reading the recipe of %s: %w", s.ID, err)
	}
	return src, src.Validate()
}

// tour says what happened and where to look.
func (c *demoCmd) tour(a *app, s *site, sites []demo.Site, runs []catalog.Run, took time.Duration) error {
	notes := map[string]string{}
	for _, st := range sites {
		notes[st.ID] = st.Note
	}
	tw := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "\nSITE\tRUN\tLISTED\tNEW\tSAME\tREJECTED\tSKIPPED\tWHAT IS SPECIAL ABOUT IT")
	var sum catalog.Outcome
	for _, r := range runs {
		n := r.Counts
		sum = sum.Add(n)
		fmt.Fprintf(tw, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%s\n", r.Source, r.State, n.Listed, n.New, n.Same, n.Rejected, n.Skipped, notes[r.Source])
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "\n%d records from %d sites in %.1f s.\n\n", sum.Listed, len(runs), took.Seconds())
	for _, l := range [][2]string{
		{"Search", "/search?q=shelter"},
		{"in Thai", "/search?q=การค้ามนุษย์"},
		{"in Khmer", "/search?q=ជនរងគ្រោះ"},
		{"Coverage", "/coverage"},
		{"Sources", "/sources"},
		{"Usage (26 weeks of it invented)", "/usage"},
		{"OAI-PMH", "/oai?verb=ListRecords&metadataPrefix=oai_dc"},
		{"JSON", "/api/v1/resources?q=shelter"},
		{"Metrics", "/metrics"},
	} {
		fmt.Fprintf(a.stdout, "  %-9s %s%s\n", l[0], s.url, l[1])
	}
	_, err := fmt.Fprintln(a.stdout, "\nCtrl-C stops. A second start goes on with the same catalogue. Every command works on it:\n  hub review list --config", s.cfg.From)
	return err
}
