package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"

	"ctiphub/catalog/sqlstore"
	"ctiphub/configs"
	"ctiphub/exporter/csv"
	"ctiphub/exporter/ctip"
	"ctiphub/exporter/dump"
	"ctiphub/exporter/ndjson"
	"ctiphub/portal"
)

// dumps is the folder of dumps of a hub.
func (a *app) dumps(cfg *configs.Config, store *sqlstore.Store) *dump.Dumps {
	return &dump.Dumps{
		Dir: filepath.Join(cfg.Hub.Data, "dumps"), Catalogue: store, Keep: cfg.Hub.Dumps.Keeping(), Now: a.now, Logger: a.log,
		Parts: []dump.Part{
			{File: "records.ndjson", MediaType: ndjson.New().MediaType(), Document: ndjson.New().Document},
			{File: "records.csv", MediaType: csv.New().MediaType(), Document: csv.New().Document},
			{File: "records.xml", MediaType: ctip.New().MediaType(), Document: ctip.New().Document},
		},
	}
}

// dumpAlone makes this process the only one on this machine that makes dumps in the data
// folder; it reports whether it is.
func (a *app) dumpAlone(cfg *configs.Config) (bool, error) {
	f, err := os.OpenFile(filepath.Join(cfg.Hub.Data, "dump.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return false, fmt.Errorf("opening the lock of dumps: %w", err)
	}
	if err := lockFile(f); err != nil {
		f.Close()
		if errors.Is(err, errLocked) {
			return false, nil
		}
		return false, fmt.Errorf("locking the dumps: %w", err)
	}
	a.onStop("the lock of dumps", func(context.Context) error { return f.Close() })
	return true, nil
}

// keepDumps makes dumps each night, unless the configuration or another process does.
func (s *site) keepDumps(d *dump.Dumps) error {
	if s.cfg.Hub.Dumps.Off {
		return nil
	}
	alone, err := s.app.dumpAlone(s.cfg)
	if err != nil || !alone {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	var kept sync.WaitGroup
	kept.Go(func() {
		if err := d.Run(ctx, s.cfg.Hub.Dumps); err != nil {
			s.app.log.Error("no dumps are made", "error", err)
		}
	})
	s.app.onStop("the dumps", func(context.Context) error {
		stop()
		kept.Wait()
		return nil
	})
	return nil
}

// dumpCmd is "hub dump".
type dumpCmd struct {
	Make    dumpMakeCmd    `cmd:"" help:"Make what a night makes: what changed since the last dump, then everything."`
	List    dumpListCmd    `cmd:"" help:"List dumps, and those that are held."`
	Release dumpReleaseCmd `cmd:"" help:"Let a held dump be served."`
	Discard dumpDiscardCmd `cmd:"" help:"Delete a held dump."`
	Verify  dumpVerifyCmd  `cmd:"" help:"Check that a dump is what its manifest says: one of this hub by name, or a folder that was fetched."`
}

// open returns the dumps of the configured hub.
func (dumpCmd) open(ctx context.Context, a *app) (*dump.Dumps, *configs.Config, error) {
	cfg, store, err := a.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	return a.dumps(cfg, store), cfg, nil
}

// dumpMakeCmd is "hub dump make".
type dumpMakeCmd struct {
	Only string `help:"Make only this: full or delta." enum:"full,delta,both" default:"both"`
}

// Run makes dumps now.
func (c *dumpMakeCmd) Run(ctx context.Context, a *app) error {
	d, cfg, err := dumpCmd{}.open(ctx, a)
	if err != nil {
		return err
	}
	alone, err := a.dumpAlone(cfg)
	if err != nil {
		return err
	}
	if !alone {
		return errors.New("another hub makes the dumps of this folder: let it, or stop it")
	}
	if err := d.Clear(); err != nil {
		return err
	}
	var made []dump.Manifest
	if c.Only == "both" {
		made, err = d.Night(ctx)
	} else {
		var m dump.Manifest
		if m, err = d.Make(ctx, dump.Kind(c.Only)); m.Name != "" {
			made = append(made, m)
		}
	}
	if err != nil {
		return err
	}
	if a.cli.JSON {
		return a.printJSON(made)
	}
	held := false
	for _, m := range made {
		a.printDump(m)
		held = held || len(m.Held) > 0
	}
	if len(made) == 0 {
		fmt.Fprintln(a.stdout, "Nothing changed since the last dump.")
	}
	if held {
		return errReported
	}
	return nil
}

func (a *app) printDump(m dump.Manifest) {
	var bytes int64
	for _, f := range m.Files {
		bytes += f.Bytes
	}
	fmt.Fprintf(a.stdout, "%s: %s, %d withdrawn, %.1f MB.\n", m.Name, plural(m.Live, "record", "records"), m.Deleted, float64(bytes)/1e6)
	for _, why := range m.Held {
		fmt.Fprintf(a.stdout, "  HELD: %s\n", why)
	}
	if len(m.Held) > 0 {
		fmt.Fprintf(a.stdout, "  The dump before stays. \"hub dump release %s\" lets this one be served, \"hub dump discard %s\" deletes it.\n", m.Name, m.Name)
	}
}

// dumpListCmd is "hub dump list".
type dumpListCmd struct{}

// Run lists dumps.
func (dumpListCmd) Run(ctx context.Context, a *app) error {
	d, _, err := dumpCmd{}.open(ctx, a)
	if err != nil {
		return err
	}
	released, err := d.List()
	if err != nil {
		return err
	}
	held, err := d.HeldBack()
	if err != nil {
		return err
	}
	if a.cli.JSON {
		return a.printJSON(map[string][]dump.Manifest{"released": released, "held": held})
	}
	if len(released)+len(held) == 0 {
		fmt.Fprintln(a.stdout, "There are no dumps yet; \"hub serve\" makes them at night, \"hub dump make\" now.")
		return nil
	}
	w := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tRECORDS\tWITHDRAWN\tCHANGES\tSTATE")
	for _, m := range released {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d-%d\treleased\n", m.Name, m.Live, m.Deleted, m.After, m.Last)
	}
	for _, m := range held {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d-%d\theld: %s\n", m.Name, m.Live, m.Deleted, m.After, m.Last, strings.Join(m.Held, "; "))
	}
	return w.Flush()
}

// dumpOf names one dump.
type dumpOf struct {
	Name string `arg:"" help:"Name of the dump."`
}

// noDump says what to do about a name that is no dump.
func (c dumpOf) noDump(err error) error {
	if errors.Is(err, dump.ErrNoDump) {
		return usageError(fmt.Sprintf("there is no held dump %q; \"hub dump list\" shows those there are", c.Name))
	}
	return err
}

// dumpReleaseCmd is "hub dump release".
type dumpReleaseCmd struct {
	dumpOf `embed:""`
}

// Run releases a held dump.
func (c *dumpReleaseCmd) Run(ctx context.Context, a *app) error {
	d, _, err := dumpCmd{}.open(ctx, a)
	if err != nil {
		return err
	}
	return c.noDump(d.Release(c.Name))
}

// dumpDiscardCmd is "hub dump discard".
type dumpDiscardCmd struct {
	dumpOf `embed:""`
}

// Run deletes a held dump.
func (c *dumpDiscardCmd) Run(ctx context.Context, a *app) error {
	d, _, err := dumpCmd{}.open(ctx, a)
	if err != nil {
		return err
	}
	return c.noDump(d.Discard(c.Name))
}

// dumpVerifyCmd is "hub dump verify".
type dumpVerifyCmd struct {
	Target string `arg:"" help:"Name of a dump, or the folder of one."`
}

// Run verifies a dump.
func (c *dumpVerifyCmd) Run(_ context.Context, a *app) error {
	dir := c.Target
	if !strings.ContainsAny(dir, `/\`) {
		cfg, err := a.config()
		if err != nil {
			return err
		}
		dir = filepath.Join(cfg.Hub.Data, "dumps", dir)
	}
	m, err := dump.Verify(dir)
	if err != nil {
		return err
	}
	if a.cli.JSON {
		return a.printJSON(m)
	}
	fmt.Fprintf(a.stdout, "%s is whole: %s of %s, %d records, %d withdrawn.\n", m.Name, plural(len(m.Files), "file", "files"), plural(len(m.Sources), "source", "sources"), m.Live, m.Deleted)
	return nil
}

// dumpFiles tells the portal what the newest full dump is.
func (s *site) dumpFiles() func() []portal.DumpFile {
	d := s.app.dumps(s.cfg, s.store)
	return func() []portal.DumpFile {
		list, err := d.List()
		if err != nil {
			s.app.log.Warn("the dumps are not announced", "error", err)
			return nil
		}
		i := slices.IndexFunc(list, func(m dump.Manifest) bool { return m.Kind == dump.Full })
		if i < 0 {
			return nil
		}
		var files []portal.DumpFile
		for _, f := range list[i].Files {
			media, _, _ := strings.Cut(f.MediaType, ";")
			files = append(files, portal.DumpFile{Path: "/dumps/" + list[i].Name + "/" + f.Name, MediaType: media, Bytes: f.Bytes, SHA256: f.SHA256})
		}
		return files
	}
}
