package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/goccy/go-yaml"

	"ctiphub/catalog"
)

// sourcesCmd is "hub sources".
type sourcesCmd struct {
	List     sourcesListCmd     `cmd:"" default:"1" help:"List all sources with their last harvest."`
	Show     sourcesShowCmd     `cmd:"" help:"Show one source: its configuration, last runs and rejects."`
	Validate sourcesValidateCmd `cmd:"" help:"Check every source file."`
}

type sourcesListCmd struct{}

// sourceJSON is one source for programs.
type sourceJSON struct {
	ID       string     `json:"id"`
	Name     string     `json:"name"`
	Country  string     `json:"country,omitempty"`
	Kind     string     `json:"kind"`
	URL      string     `json:"url"`
	Enabled  bool       `json:"enabled"`
	State    string     `json:"state,omitempty"`
	Live     int        `json:"live"`
	Held     int        `json:"held"`
	Deleted  int        `json:"deleted"`
	LastGood *time.Time `json:"lastGood,omitempty"`
}

// Run lists the sources.
func (sourcesListCmd) Run(ctx context.Context, a *app) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	store, err := a.store(ctx, cfg)
	if err != nil {
		return err
	}
	status, err := store.Status(ctx)
	if err != nil {
		return err
	}
	by := map[string]catalog.SourceStatus{}
	for _, st := range status {
		by[st.Source] = st
	}
	list := []sourceJSON{}
	for _, s := range cfg.Sources {
		st := by[s.ID]
		row := sourceJSON{
			ID: s.ID, Name: s.Name, Country: s.Country, Kind: s.Kind, URL: s.URL, Enabled: s.Enabled,
			State: string(st.LastRun.State), Live: st.Live, Held: st.Held, Deleted: st.Deleted,
		}
		if !st.LastGood.IsZero() {
			row.LastGood = &st.LastGood
		}
		list = append(list, row)
	}
	if a.cli.JSON {
		return a.printJSON(list)
	}
	tw := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "ID\tENABLED\tKIND\tCOUNTRY\tLIVE\tHELD\tLAST GOOD\tLAST RUN\tNAME")
	for _, s := range list {
		good := "never"
		if s.LastGood != nil {
			good = s.LastGood.Local().Format("2006-01-02 15:04")
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%d\t%d\t%s\t%s\t%s\n", s.ID, yesNo(s.Enabled), s.Kind, dash(s.Country), s.Live, s.Held, good, dash(s.State), s.Name)
	}
	return tw.Flush()
}

type sourcesShowCmd struct {
	ID string `arg:"" help:"Id of the source."`
}

// Run shows one source.
func (c *sourcesShowCmd) Run(ctx context.Context, a *app) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	src, err := findSource(cfg, c.ID)
	if err != nil {
		return err
	}
	store, err := a.store(ctx, cfg)
	if err != nil {
		return err
	}
	runs, err := store.Runs(ctx, c.ID, 5)
	if err != nil {
		return err
	}
	if a.cli.JSON {
		return a.printJSON(map[string]any{"id": src.ID, "name": src.Name, "kind": src.Kind, "url": src.URL, "enabled": src.Enabled, "runs": runsJSON(runs)})
	}
	text, err := yaml.Marshal(src)
	if err != nil {
		return fmt.Errorf("writing the source as YAML: %w", err)
	}
	fmt.Fprintf(a.stdout, "%s\n", text)
	if len(runs) == 0 {
		_, err = fmt.Fprintln(a.stdout, "Never harvested.")
		return err
	}
	if err := a.printRuns(a.stdout, runs, false); err != nil {
		return err
	}
	rejects, err := store.Rejects(ctx, runs[0].ID, 20)
	if err != nil || len(rejects) == 0 {
		return err
	}
	tw := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "\nLeft out of the last run:\nCODE\tSTAGE\tIDENTIFIER\tDETAIL")
	for _, r := range rejects {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", r.Code, r.Stage, r.Identifier, r.Detail)
	}
	return tw.Flush()
}

type sourcesValidateCmd struct{}

// Run checks the source files, selectors and transforms included.
func (sourcesValidateCmd) Run(a *app) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	if _, err := a.normalizer(cfg); err != nil {
		return err
	}
	if a.cli.JSON {
		return a.printJSON(map[string]any{"sources": len(cfg.Sources), "valid": true})
	}
	_, err = fmt.Fprintf(a.stdout, "%d sources are valid.\n", len(cfg.Sources))
	return err
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// dash stands for an empty cell.
func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
