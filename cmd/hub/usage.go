package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"ctiphub/analytics"
	"ctiphub/analytics/clickhouse"
	"ctiphub/analytics/sqlite"
)

// usageCmd is "hub usage".
type usageCmd struct {
	Report usageReportCmd `cmd:"" help:"Write a report in the manner of COUNTER R5.1: PR (platform), IR (items), HUB:PUB (publishers)."`
	Status usageStatusCmd `cmd:"" help:"Show where usage is kept, how much, and what was released of it."`
	Verify usageVerifyCmd `cmd:"" help:"Hold rollups against events, and rebuild what does not agree."`
	Copy   usageCopyCmd   `cmd:"" help:"Copy usage from SQLite to ClickHouse; copying again changes nothing."`
}

// usageReportCmd is "hub usage report".
type usageReportCmd struct {
	ID     string `arg:"" help:"PR, IR, or HUB:PUB by publisher." enum:"PR,IR,HUB:PUB,pr,ir,hub:pub"`
	From   month  `required:"" help:"First month." placeholder:"YYYY-MM"`
	To     month  `required:"" help:"Last month." placeholder:"YYYY-MM"`
	Format string `help:"tsv or json." enum:"tsv,json" default:"tsv"`
}

// Run writes a report to standard output.
func (c usageReportCmd) Run(ctx context.Context, a *app) error {
	cfg, store, err := a.open(ctx)
	if err != nil {
		return err
	}
	s, u, err := a.openUsage(ctx, cfg)
	if err != nil {
		return err
	}
	rep, err := a.reports(cfg, s, store, u.Crowd).Make(ctx, strings.ToUpper(c.ID), c.From.Day, c.To.Day)
	if err != nil {
		return err
	}
	if c.Format == "json" {
		return rep.WriteJSON(a.stdout)
	}
	return rep.WriteTSV(a.stdout)
}

// usageStatusCmd is "hub usage status".
type usageStatusCmd struct{}

// usageStateJSON is the status for programs.
type usageStateJSON struct {
	Engine   string           `json:"engine"`
	Bytes    int64            `json:"bytes"`
	Rows     map[string]int64 `json:"rows"`
	First    string           `json:"first,omitempty"`
	Last     string           `json:"last,omitempty"`
	Released map[string]int   `json:"released"`
}

// Run shows the state of the usage store.
func (usageStatusCmd) Run(ctx context.Context, a *app) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	s, _, err := a.openUsage(ctx, cfg)
	if err != nil {
		return err
	}
	st, err := s.Status(ctx)
	if err != nil {
		return err
	}
	out := usageStateJSON{Engine: st.Engine, Bytes: st.Bytes, Rows: st.Rows, Released: map[string]int{}}
	first, last, ok, err := s.Span(ctx)
	if err != nil {
		return err
	}
	if ok {
		out.First, out.Last = first.String(), last.String()
	}
	for _, c := range analytics.Rollups() {
		list, err := s.Releases(ctx, c, first.Month()-31, last+1)
		if err != nil {
			return err
		}
		out.Released[string(c)] = len(list)
	}
	if a.cli.JSON {
		return a.printJSON(out)
	}
	tw := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintf(tw, "Kept in\t%s, %.1f MB\n", out.Engine, float64(out.Bytes)/1e6)
	if ok {
		fmt.Fprintf(tw, "Uses from\t%s to %s\n", out.First, out.Last)
	} else {
		fmt.Fprintln(tw, "Uses\tnone yet")
	}
	for _, table := range slices.Sorted(maps.Keys(out.Rows)) {
		fmt.Fprintf(tw, "Rows of %s\t%d\n", table, out.Rows[table])
	}
	for _, c := range analytics.Rollups() {
		fmt.Fprintf(tw, "Released of %s\t%d weeks or months\n", c, out.Released[string(c)])
	}
	return tw.Flush()
}

// usageVerifyCmd is "hub usage verify".
type usageVerifyCmd struct {
	Month []month `arg:"" optional:"" help:"Months such as 2026-09; this one and the one before when absent." placeholder:"YYYY-MM"`
	Mend  bool    `help:"Rebuild the rollups of a month that do not agree. Stop the hub first: what comes in meanwhile may be missed."`
}

// Run holds the rollups of months against their events.
func (c usageVerifyCmd) Run(ctx context.Context, a *app) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	s, _, err := a.openUsage(ctx, cfg)
	if err != nil {
		return err
	}
	if len(c.Month) == 0 {
		now := analytics.DayOf(a.now()).Month()
		c.Month = []month{{(now - 1).Month()}, {now}}
	}
	differ := false
	for _, m := range c.Month {
		verify := s.Verify
		if c.Mend {
			verify = func(ctx context.Context, month analytics.Day) (analytics.Verification, error) {
				return analytics.VerifyAndMend(ctx, s, month)
			}
		}
		v, err := verify(ctx, m.Day.Month())
		if errors.Is(err, analytics.ErrNoEvents) {
			fmt.Fprintf(a.stdout, "%s: no events are kept of it, so there is nothing to hold its rollups against.\n", m.Time().Format("2006-01"))
			continue
		}
		if err != nil {
			return err
		}
		for _, d := range v.Differ {
			differ = true
			fmt.Fprintf(a.stdout, "%s: %s of %s is %d and should be %d\n", m.Time().Format("2006-01"), d.What, d.Cube, d.Holds, d.Wants)
		}
		if len(v.Differ) == 0 {
			fmt.Fprintf(a.stdout, "%s: all rollups agree with %d events.\n", m.Time().Format("2006-01"), v.Events)
		}
	}
	if differ {
		fmt.Fprintln(a.stdout, "\n\"hub usage verify --mend\" makes these rollups anew.")
		return errReported
	}
	return nil
}

// usageCopyCmd is "hub usage copy".
type usageCopyCmd struct {
	To string `required:"" help:"clickhouse://host:9000/database; user and password as for the hub." placeholder:"DSN"`
}

// Run copies rollups month by month, and then what was released, as it was released.
func (c usageCopyCmd) Run(ctx context.Context, a *app) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	from, err := sqlite.Open(ctx, filepath.Join(cfg.Hub.Data, usageFile))
	if err != nil {
		return err
	}
	a.onStop("the usage file", func(context.Context) error { return from.Close() })
	cfg.Hub.Usage.Store, cfg.Hub.Usage.ClickHouse.DSN = analytics.StoreClickHouse, c.To
	store, _, err := a.openUsage(ctx, cfg)
	if err != nil {
		return err
	}
	to, ok := store.(*clickhouse.Store)
	if !ok {
		return fmt.Errorf("usage is copied to a ClickHouse, not to %T", store)
	}
	months, err := analytics.CopyRollups(ctx, from, to)
	if err != nil {
		return err
	}
	units, err := analytics.CopyReleases(ctx, from, to)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "Copied the rollups of %d months, and %d released weeks and months. Copying again is safe.\nSet HUB_USAGE_DSN and start the hub: it counts there from now on.\n", months, units)
	return nil
}
