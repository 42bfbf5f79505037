package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"ctiphub/catalog"
	"ctiphub/catalog/sqlstore"
	"ctiphub/configs"
	"ctiphub/internal/ingest"
)

// harvestCmd is "hub harvest".
type harvestCmd struct {
	Sources []string `arg:"" optional:"" name:"source" help:"Ids of sources; all enabled ones when none is named."`
	Full    bool     `help:"Ask for everything again, not just for what changed."`
	DryRun  bool     `help:"Show what would change and write nothing: the run works on a copy of the catalogue."`
}

// Run harvests once and prints one line a source.
func (c *harvestCmd) Run(ctx context.Context, a *app) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	list, err := jobs(cfg, c.Sources, c.Full)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return usageError("no source is enabled: name one, or set \"enabled: true\" in its file")
	}
	store, err := a.store(ctx, cfg)
	if err != nil {
		return err
	}
	if !c.DryRun {
		if err := a.harvestAlone(cfg); err != nil {
			return err
		}
	}
	if c.DryRun {
		if store, err = a.scratch(ctx, cfg, store); err != nil {
			return err
		}
	}
	runs, err := a.harvest(ctx, cfg, store, list)
	if len(runs) > 0 {
		if printErr := a.printRuns(a.stdout, runs, c.DryRun); err == nil {
			err = printErr
		}
	}
	if err != nil {
		return err
	}
	for _, r := range runs {
		if !r.State.Good() && r.State != catalog.SkippedRun {
			return errReported
		}
	}
	return nil
}

// harvest runs the jobs with a display on the terminal.
func (a *app) harvest(ctx context.Context, cfg *configs.Config, store *sqlstore.Store, list []ingest.Job) ([]catalog.Run, error) {
	pipeline, err := a.pipeline(ctx, cfg, store)
	if err != nil {
		return nil, err
	}
	v := newView(a.stderr, list)
	runs, err := pipeline.HarvestAll(ctx, list, cfg.Hub.Harvest.Parallel, v.update)
	v.close()
	if keepErr := a.keepLedger(ctx, store); err == nil {
		err = keepErr
	}
	if err == nil {
		_, err = store.FindWorks(ctx, a.now())
	}
	return runs, err
}

// scratch opens a copy of the catalogue that is thrown away afterwards, so that a dry run
// goes through the very same steps as a real one, guard and removals included.
func (a *app) scratch(ctx context.Context, cfg *configs.Config, store *sqlstore.Store) (*sqlstore.Store, error) {
	dir, err := os.MkdirTemp(cfg.Hub.Data, "dry-run-*")
	if err != nil {
		return nil, fmt.Errorf("making room for the dry run: %w", err)
	}
	a.onStop("the dry run", func(context.Context) error { return os.RemoveAll(dir) })
	if err := store.Snapshot(ctx, filepath.Join(dir, catalogFile)); err != nil {
		return nil, fmt.Errorf("copying the catalogue for the dry run: %w", err)
	}
	copied := *cfg
	copied.Hub.Data = dir
	return a.storeAt(ctx, &copied, nil)
}

// printRuns prints the account of each run.
func (a *app) printRuns(w io.Writer, runs []catalog.Run, dry bool) error {
	if a.cli.JSON {
		return a.printJSON(runsJSON(runs))
	}
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "SOURCE\tSTATE\tLISTED\tNEW\tCHANGED\tSAME\tREJECTED\tSKIPPED\tHELD\tREMOVED\tNOTE")
	for _, r := range runs {
		c := r.Counts
		fmt.Fprintf(tw, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\n", r.Source, r.State,
			c.Listed, c.New, c.Changed, c.Same, c.Rejected, c.Skipped, c.Held, r.Removed, r.Message)
	}
	if dry {
		fmt.Fprintln(tw, "Dry run: nothing was written.")
	}
	return tw.Flush()
}

// runJSON is one run for programs.
type runJSON struct {
	Source   string `json:"source"`
	State    string `json:"state"`
	Listed   int    `json:"listed"`
	New      int    `json:"new"`
	Changed  int    `json:"changed"`
	Same     int    `json:"same"`
	Rejected int    `json:"rejected"`
	Skipped  int    `json:"skipped"`
	Held     int    `json:"held"`
	Removed  int    `json:"removed"`
	Message  string `json:"message,omitempty"`
	Decided  string `json:"decided,omitempty"`
}

func runsJSON(runs []catalog.Run) []runJSON {
	list := make([]runJSON, 0, len(runs))
	for _, r := range runs {
		c := r.Counts
		list = append(list, runJSON{
			Source: r.Source, State: string(r.State), Listed: c.Listed, New: c.New, Changed: c.Changed,
			Same: c.Same, Rejected: c.Rejected, Skipped: c.Skipped, Held: c.Held, Removed: r.Removed, Message: r.Message, Decided: string(r.Decided),
		})
	}
	return list
}

// migrateCmd is "hub migrate".
type migrateCmd struct {
	Rebuild bool `help:"Derive the search index, sets and facets again from the stored records: after a release that reads words in another way."`
}

// Run opens the catalogue, which brings it up to date, and says what version it has.
func (c *migrateCmd) Run(ctx context.Context, a *app) error {
	cfg, store, err := a.open(ctx)
	if err != nil {
		return err
	}
	if c.Rebuild {
		if err := store.Rebuild(ctx, a.now()); err != nil {
			return err
		}
	}
	v, err := store.SchemaVersion(ctx)
	if err != nil {
		return errors.Join(errors.New("reading the version of the tables"), err)
	}
	if a.cli.JSON {
		return a.printJSON(map[string]any{"file": filepath.Join(cfg.Hub.Data, catalogFile), "version": v})
	}
	_, err = fmt.Fprintf(a.stdout, "%s is up to date (version %d).\n", filepath.Join(cfg.Hub.Data, catalogFile), v)
	return err
}
