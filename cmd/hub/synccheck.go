package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"ctiphub/internal/insync"
)

// syncCheckCmd is "hub sync-check".
type syncCheckCmd struct {
	URL   string `arg:"" help:"Address of a hub."`
	State string `help:"Go on from what this file says, and write there how far it came. Without it everything is taken." placeholder:"FILE"`
	Key   string `help:"Key of a consumer." env:"HUB_KEY" placeholder:"KEY"`
}

// Run follows the change log of a hub and compares digests: exit 0 means in step.
func (c *syncCheckCmd) Run(ctx context.Context, a *app) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	client, err := a.client(cfg)
	if err != nil {
		return err
	}
	st, err := c.load()
	if err != nil {
		return err
	}
	f := insync.Follower{Get: client}
	if c.Key != "" {
		f.Header = map[string]string{"Authorization": "Bearer " + c.Key}
	}
	began := a.now()
	report, err := f.Follow(ctx, st)
	if err != nil {
		return err
	}
	report.Took = a.now().Sub(began)
	if c.State != "" {
		if err := writeWhole(c.State, func(w io.Writer) error { return json.NewEncoder(w).Encode(st) }); err != nil {
			return err
		}
	}
	if err := a.printSync(report); err != nil {
		return err
	}
	if !report.InSync {
		return errReported
	}
	return nil
}

// load reads the state of an earlier visit.
func (c *syncCheckCmd) load() (*insync.State, error) {
	c.URL = strings.TrimRight(c.URL, "/")
	st := &insync.State{URL: c.URL}
	if c.State == "" {
		return st, nil
	}
	data, err := os.ReadFile(c.State)
	if errors.Is(err, os.ErrNotExist) {
		return st, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading how far the last visit came: %w", err)
	}
	if err := json.Unmarshal(data, st); err != nil {
		return nil, fmt.Errorf("reading how far the last visit came: %s: %w (delete the file to begin anew)", c.State, err)
	}
	if st.URL != c.URL {
		return nil, usageError(fmt.Sprintf("%s is of %s, and not of %s", c.State, st.URL, c.URL))
	}
	return st, nil
}

func (a *app) printSync(r insync.Report) error {
	if a.cli.JSON {
		return a.printJSON(r)
	}
	fmt.Fprintf(a.stdout, "%s taken in %s, up to number %d: %d live and %d withdrawn resources of %s.\n",
		plural(r.Taken, "change", "changes"), r.Took.Round(time.Millisecond), r.Seq, r.Live, r.Deleted, plural(r.Sources, "source", "sources"))
	if r.InSync {
		fmt.Fprintln(a.stdout, "In step: counts and digests of every source agree.")
		return nil
	}
	fmt.Fprintln(a.stdout, "NOT in step:")
	for _, f := range r.Faults {
		fmt.Fprintln(a.stdout, "  "+f)
	}
	return nil
}
