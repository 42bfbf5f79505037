package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/goccy/go-yaml"

	"ctiphub/catalog"
	"ctiphub/catalog/sqlstore"
	"ctiphub/configs"
	"ctiphub/record"
)

// sourcesShowCmd is "hub sources show".
type sourcesShowCmd struct {
	ID string `arg:"" help:"Id of the source."`
}

// Limits of what is shown of a source.
const (
	shownRuns    = 5
	shownRejects = 20
	shownDays    = 30
)

// sourceView is everything that is known of one source.
type sourceView struct {
	src     configs.Source
	mode    catalog.SourceMode
	runs    []catalog.Run
	notes   []record.Finding
	choices []catalog.Choice
	rejects []catalog.Reject
	ledger  []catalog.LedgerRow
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
	v, err := a.view(ctx, store, src)
	if err != nil {
		return err
	}
	if a.cli.JSON {
		return a.printJSON(v.json())
	}
	text, err := yaml.Marshal(src)
	if err != nil {
		return fmt.Errorf("writing the source as YAML: %w", err)
	}
	fmt.Fprintf(a.stdout, "%s\nMode: %s%s\n\n", text, modeOf(src.Enabled, v.mode), v.because())
	if len(v.runs) == 0 {
		_, err = fmt.Fprintln(a.stdout, "Never harvested.")
		return err
	}
	if err := a.printRuns(a.stdout, v.runs, false); err != nil {
		return err
	}
	tw := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	v.print(tw)
	return tw.Flush()
}

// view gathers what the catalogue knows of a source.
func (a *app) view(ctx context.Context, store *sqlstore.Store, src configs.Source) (v sourceView, err error) {
	v.src = src
	modes, err := store.Modes(ctx)
	if err != nil {
		return v, err
	}
	v.mode = modes[src.ID]
	if v.ledger, err = store.Ledger(ctx, src.ID, a.now().AddDate(0, 0, -shownDays)); err != nil {
		return v, err
	}
	if v.runs, err = store.Runs(ctx, src.ID, shownRuns); err != nil || len(v.runs) == 0 {
		return v, err
	}
	last := v.runs[0].ID
	if v.notes, err = store.Notes(ctx, last); err != nil {
		return v, err
	}
	if v.choices, err = store.Choices(ctx, last); err != nil {
		return v, err
	}
	v.rejects, err = store.Rejects(ctx, last, shownRejects)
	return v, err
}

// because is who set the mode of the source, and why.
func (v sourceView) because() string {
	if v.mode.Mode == "" {
		return ""
	}
	text := fmt.Sprintf(" since %s, by %s", v.mode.Since.Local().Format("2006-01-02 15:04"), v.mode.Who)
	if v.mode.Why != "" {
		text += ": " + v.mode.Why
	}
	if v.mode.LossPercent > 0 {
		text += fmt.Sprintf(" (limit of loss raised to %d %%)", v.mode.LossPercent)
	}
	return text
}

// print writes the lists of the last run and the account of visits.
func (v sourceView) print(w io.Writer) {
	if len(v.notes) > 0 {
		fmt.Fprintln(w, "\nNoted in the last run:")
		for _, n := range v.notes {
			fmt.Fprintf(w, "  %s\t%s\n", n.Code, n.Detail)
		}
	}
	if len(v.choices) > 0 {
		fmt.Fprintln(w, "\nWhere the values of the last run came from:\n  FIELD\tRULE\tRECORDS")
		for _, c := range v.choices {
			fmt.Fprintf(w, "  %s\t%s\t%d\n", c.Field, c.Rule, c.Count)
		}
	}
	if len(v.rejects) > 0 {
		fmt.Fprintln(w, "\nLeft out of the last run:\n  CODE\tSTAGE\tIDENTIFIER\tDETAIL")
		for _, r := range v.rejects {
			fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", r.Code, r.Stage, r.Identifier, r.Detail)
		}
	}
	if len(v.ledger) > 0 {
		fmt.Fprintf(w, "\nVisits of the last %d days (UTC):\n  DAY\tHOST\tREQUESTS\tBYTES\tUNCHANGED\tSLOWED DOWN\tROBOTS.TXT REFUSED\tSLOWEST\tBOUNDED BY\n", shownDays)
		for _, l := range v.ledger {
			fmt.Fprintf(w, "  %s\t%s\t%d\t%d\t%s\t%d\t%d\t%s\t%s\n", l.Day.Format(time.DateOnly), l.Host, l.Requests, l.Bytes,
				share(l.NotModified, l.Requests), l.Throttled, l.RobotsRefused, l.Slowest.Round(time.Millisecond), l.Limit)
		}
	}
}

// share writes a part of a whole in percent.
func share(part, whole int) string {
	if whole == 0 {
		return "–"
	}
	return fmt.Sprintf("%d %%", 100*part/whole)
}

// codeJSON is a finding for programs.
type codeJSON struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// choiceJSON says how often a rule set a field.
type choiceJSON struct {
	Field   string `json:"field"`
	Rule    string `json:"rule"`
	Records int    `json:"records"`
}

// ledgerJSON is a day at a host for programs; times are in seconds.
type ledgerJSON struct {
	Day           string  `json:"day"`
	Host          string  `json:"host"`
	Requests      int     `json:"requests"`
	Bytes         int64   `json:"bytes"`
	NotModified   int     `json:"notModified"`
	Throttled     int     `json:"throttled"`
	Errors        int     `json:"errors"`
	Blocked       int     `json:"blocked"`
	RobotsAllowed int     `json:"robotsAllowed"`
	RobotsRefused int     `json:"robotsRefused"`
	CrawlDelay    float64 `json:"crawlDelay"`
	Slowest       float64 `json:"slowest"`
	Waited        float64 `json:"waited"`
	Served        float64 `json:"served"`
	Limit         string  `json:"limit"`
}

func (v sourceView) json() map[string]any {
	notes, choices, ledger := []codeJSON{}, []choiceJSON{}, []ledgerJSON{}
	for _, n := range v.notes {
		notes = append(notes, codeJSON{n.Code, n.Detail})
	}
	for _, c := range v.choices {
		choices = append(choices, choiceJSON{Field: c.Field, Rule: c.Rule, Records: c.Count})
	}
	for _, l := range v.ledger {
		ledger = append(ledger, ledgerJSON{
			Day: l.Day.Format(time.DateOnly), Host: l.Host, Requests: l.Requests, Bytes: l.Bytes, NotModified: l.NotModified, Throttled: l.Throttled,
			Errors: l.Errors, Blocked: l.Blocked, RobotsAllowed: l.RobotsAllowed, RobotsRefused: l.RobotsRefused, CrawlDelay: l.CrawlDelay.Seconds(),
			Slowest: l.Slowest.Seconds(), Waited: l.Waited.Seconds(), Served: l.Served.Seconds(), Limit: l.Limit,
		})
	}
	return map[string]any{
		"id": v.src.ID, "name": v.src.Name, "kind": v.src.Kind, "url": v.src.URL, "enabled": v.src.Enabled, "mode": modeOf(v.src.Enabled, v.mode),
		"runs": runsJSON(v.runs), "notes": notes, "choices": choices, "ledger": ledger,
	}
}
