package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"ctiphub/catalog"
	"ctiphub/catalog/sqlstore"
	"ctiphub/configs"
	"ctiphub/internal/ingest"
)

// sourcesCmd is "hub sources".
type sourcesCmd struct {
	List     sourcesListCmd     `cmd:"" default:"1" help:"List all sources with their last harvest."`
	Show     sourcesShowCmd     `cmd:"" help:"Show one source: its configuration, last runs and rejects."`
	Validate sourcesValidateCmd `cmd:"" help:"Check every source file."`
	Pause    sourcesPauseCmd    `cmd:"" help:"Stop visiting a source for a while; what is published stays."`
	Resume   sourcesResumeCmd   `cmd:"" help:"Visit a paused or retired source again."`
	Retire   sourcesRetireCmd   `cmd:"" help:"Stop visiting a source for good; what is published stays."`
	Purge    sourcesPurgeCmd    `cmd:"" help:"Withdraw everything that came from a source."`
	Held     sourcesHeldCmd     `cmd:"" help:"List the runs that wait for a decision."`
	Approve  sourcesApproveCmd  `cmd:"" help:"Let a held run have its way."`
	Rollback sourcesRollbackCmd `cmd:"" help:"Undo the last run of a source."`
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
	Mode     string     `json:"mode"`
	Live     int        `json:"live"`
	Held     int        `json:"held"`
	Deleted  int        `json:"deleted"`
	LastGood *time.Time `json:"lastGood,omitempty"`
	Next     *time.Time `json:"next,omitempty"`
	Why      string     `json:"why,omitempty"`
}

// Run lists the sources.
func (sourcesListCmd) Run(ctx context.Context, a *app) error {
	cfg, store, err := a.open(ctx)
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
	modes, err := store.Modes(ctx)
	if err != nil {
		return err
	}
	next, err := a.next(ctx, cfg, store)
	if err != nil {
		return err
	}
	list := []sourceJSON{}
	for _, s := range cfg.Sources {
		st := by[s.ID]
		row := sourceJSON{
			ID: s.ID, Name: s.Name, Country: s.Country, Kind: s.Kind, URL: s.URL, Enabled: s.Enabled,
			State: string(st.LastRun.State), Mode: modeOf(s.Enabled, modes[s.ID]), Live: st.Live, Held: st.Held, Deleted: st.Deleted,
		}
		if !st.LastGood.IsZero() {
			row.LastGood = &st.LastGood
		}
		if v := next[s.ID]; v.Source != "" {
			row.Why = v.Why
			if !v.Due.IsZero() {
				row.Next = &v.Due
			}
		}
		list = append(list, row)
	}
	if a.cli.JSON {
		return a.printJSON(list)
	}
	tw := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "ID\tMODE\tKIND\tCOUNTRY\tLIVE\tHELD\tLAST GOOD\tLAST RUN\tNEXT\tNAME")
	for _, s := range list {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%d\t%d\t%s\t%s\t%s\t%s\n", s.ID, s.Mode, s.Kind, dash(s.Country), s.Live, s.Held,
			minute(s.LastGood, "never"), dash(s.State), minute(s.Next, "–"), s.Name)
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

// minute writes a moment in local time.
func minute(t *time.Time, otherwise string) string {
	if t == nil {
		return otherwise
	}
	return t.Local().Format("2006-01-02 15:04")
}

// next is what a schedule would do with the enabled sources.
func (a *app) next(ctx context.Context, cfg *configs.Config, store *sqlstore.Store) (map[string]ingest.Visit, error) {
	list, err := jobs(cfg, nil, false)
	if err != nil {
		return nil, err
	}
	plan, err := ingest.Plan(ctx, store, list, a.now())
	if err != nil {
		return nil, err
	}
	by := map[string]ingest.Visit{}
	for _, v := range plan {
		by[v.Source] = v
	}
	return by, nil
}

// modeOf puts configuration and a curator's word together: what is done with a source.
func modeOf(enabled bool, m catalog.SourceMode) string {
	switch {
	case m.Mode != "" && m.Mode != catalog.Active:
		return string(m.Mode)
	case enabled:
		return string(catalog.Active)
	}
	return "disabled"
}

// dash stands for an empty cell.
func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
