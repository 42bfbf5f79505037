package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strings"
	"text/tabwriter"

	"golang.org/x/term"

	"ctiphub/catalog"
	"ctiphub/catalog/sqlstore"
)

// consent is what the commands that change what readers see have in common: they show what
// they are about to do, and want a reason that is kept.
type consent struct {
	Reason string `help:"Why; kept with the source for whoever asks later." placeholder:"TEXT"`
	Yes    bool   `short:"y" help:"Do it without asking."`
}

// sourcesPauseCmd is "hub sources pause".
type sourcesPauseCmd struct {
	ID      string `arg:"" help:"Id of the source."`
	consent `embed:""`
}

// Run stops visits to a source until they are resumed.
func (c *sourcesPauseCmd) Run(ctx context.Context, a *app) error {
	return a.setMode(ctx, c.ID, catalog.Paused, c.consent, "It will not be visited until \"hub sources resume\"; what is published stays.")
}

// sourcesResumeCmd is "hub sources resume".
type sourcesResumeCmd struct {
	ID     string `arg:"" help:"Id of the source."`
	Reason string `help:"Why; kept with the source." placeholder:"TEXT"`
}

// Run lets a paused or retired source be visited again.
func (c *sourcesResumeCmd) Run(ctx context.Context, a *app) error {
	return a.setMode(ctx, c.ID, catalog.Active, consent{Reason: c.Reason, Yes: true}, "It is visited again.")
}

// sourcesRetireCmd is "hub sources retire".
type sourcesRetireCmd struct {
	ID      string `arg:"" help:"Id of the source."`
	consent `embed:""`
}

// Run ends the visits to a source for good.
func (c *sourcesRetireCmd) Run(ctx context.Context, a *app) error {
	return a.setMode(ctx, c.ID, catalog.Retired, c.consent, "It will not be visited any more; what is published stays, no longer confirmed.")
}

// sourcesPurgeCmd is "hub sources purge".
type sourcesPurgeCmd struct {
	ID      string `arg:"" help:"Id of the source."`
	consent `embed:""`
}

// Run withdraws everything that came from a source.
func (c *sourcesPurgeCmd) Run(ctx context.Context, a *app) error {
	return a.setMode(ctx, c.ID, catalog.Purged, c.consent,
		"All its records are withdrawn everywhere, and what was kept of them is forgotten. Only a new harvest brings them back.")
}

// setMode shows how much a change of mode is about, asks, and makes it.
func (a *app) setMode(ctx context.Context, id string, mode catalog.Mode, c consent, means string) error {
	store, err := a.storeOf(ctx, id)
	if err != nil {
		return err
	}
	st, err := statusOf(ctx, store, id)
	if err != nil {
		return err
	}
	if !a.cli.JSON {
		fmt.Fprintf(a.stdout, "%s: %d live, %d held and %d withdrawn records.\n%s\n", id, st.Live, st.Held, st.Deleted, means)
	}
	if err := a.agree(c); err != nil {
		return err
	}
	effect, err := store.SetMode(ctx, catalog.SourceMode{Source: id, Mode: mode, Since: a.now(), Who: operator(), Why: c.Reason})
	if err != nil {
		return err
	}
	if a.cli.JSON {
		return a.printJSON(map[string]any{"source": id, "mode": mode, "withdrawn": effect.Withdrawn})
	}
	_, err = fmt.Fprintf(a.stdout, "%s is now %s%s.\n", id, mode, counted(effect))
	return err
}

// sourcesHeldCmd is "hub sources held".
type sourcesHeldCmd struct{}

// heldJSON is one held run for programs.
type heldJSON struct {
	Source string `json:"source"`
	Run    int64  `json:"run"`
	Ended  string `json:"ended"`
	Reason string `json:"reason"`
	New    int    `json:"new"`
	Change int    `json:"changed"`
	Absent int    `json:"absent"`
}

// Run lists the runs that wait for a decision.
func (sourcesHeldCmd) Run(ctx context.Context, a *app) error {
	_, store, err := a.open(ctx)
	if err != nil {
		return err
	}
	status, err := store.Status(ctx)
	if err != nil {
		return err
	}
	list := []heldJSON{}
	for _, s := range status {
		if r := s.LastRun; r.State == catalog.Held && r.Decided == "" {
			list = append(list, heldJSON{Source: s.Source, Run: r.ID, Ended: r.Ended.Local().Format("2006-01-02 15:04"), Reason: r.Message, New: r.Counts.New, Change: r.Counts.Changed, Absent: r.Absent})
		}
	}
	if a.cli.JSON {
		return a.printJSON(list)
	}
	if len(list) == 0 {
		_, err = fmt.Fprintln(a.stdout, "No run waits for a decision.")
		return err
	}
	tw := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "SOURCE\tENDED\tNEW\tCHANGED\tABSENT\tWHY")
	for _, h := range list {
		fmt.Fprintf(tw, "%s\t%s\t%d\t%d\t%d\t%s\n", h.Source, h.Ended, h.New, h.Change, h.Absent, h.Reason)
	}
	fmt.Fprintln(tw, "\nLook at one with \"hub sources show ID\", then \"hub sources approve ID\" or \"hub sources rollback ID\".")
	return tw.Flush()
}

// sourcesApproveCmd is "hub sources approve".
type sourcesApproveCmd struct {
	ID         string `arg:"" help:"Id of the source."`
	RaiseLimit int    `help:"From now on, hold a run of this source only when it would lose more than this share of its records." placeholder:"PERCENT"`
	consent    `embed:""`
}

// Run lets a held run have its way.
func (c *sourcesApproveCmd) Run(ctx context.Context, a *app) error {
	if c.RaiseLimit < 0 || c.RaiseLimit > 100 {
		return usageError("--raise-limit is a share of 1 to 100 percent")
	}
	store, err := a.storeOf(ctx, c.ID)
	if err != nil {
		return err
	}
	if c.RaiseLimit > 0 {
		modes, err := store.Modes(ctx)
		if err != nil {
			return err
		}
		m := modes[c.ID]
		m.Source, m.Mode = c.ID, cmp.Or(m.Mode, catalog.Active)
		m.Since, m.Who, m.Why, m.LossPercent = a.now(), operator(), c.Reason, c.RaiseLimit
		if _, err := store.SetMode(ctx, m); err != nil {
			return err
		}
	}
	return a.rule(ctx, store, c.ID, catalog.Approve, c.consent)
}

// sourcesRollbackCmd is "hub sources rollback".
type sourcesRollbackCmd struct {
	ID      string `arg:"" help:"Id of the source."`
	consent `embed:""`
}

// Run undoes the last run of a source.
func (c *sourcesRollbackCmd) Run(ctx context.Context, a *app) error {
	store, err := a.storeOf(ctx, c.ID)
	if err != nil {
		return err
	}
	return a.rule(ctx, store, c.ID, catalog.RollBack, c.consent)
}

// rule shows what a ruling would do, asks, and carries it out.
func (a *app) rule(ctx context.Context, store *sqlstore.Store, id string, verdict catalog.Verdict, c consent) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	ruling := catalog.Ruling{Source: id, Verdict: verdict, Now: a.now(), Who: operator(), Why: c.Reason, DryRun: true}
	if src, err := findSource(cfg, id); err == nil {
		ruling.Guard = src.Guards
	}
	would, err := store.Rule(ctx, ruling)
	if err != nil {
		return err
	}
	if !a.cli.JSON {
		fmt.Fprintf(a.stdout, "%s, run %d, %s: %s\n", id, would.Run.ID, would.Run.State, cmp.Or(would.Run.Message, "nothing was wrong with it"))
		fmt.Fprintf(a.stdout, "To %s it would%s.\n", strings.ReplaceAll(string(verdict), "-", " "), cmp.Or(counted(would), " change no record"))
		if err := a.printChanges(ctx, store, would.Run.ID, 10); err != nil {
			return err
		}
	}
	if err := a.agree(c); err != nil {
		return err
	}
	ruling.DryRun = false
	did, err := store.Rule(ctx, ruling)
	if err != nil {
		return err
	}
	if a.cli.JSON {
		return a.printJSON(map[string]any{"source": id, "run": did.Run.ID, "verdict": verdict, "restored": did.Restored, "withdrawn": did.Withdrawn, "absent": did.Absent})
	}
	next := "The next harvest goes on from here."
	if verdict == catalog.RollBack {
		next = "The source is paused, so that the same does not come back at once: \"hub sources resume " + id + "\"."
	}
	_, err = fmt.Fprintf(a.stdout, "Done:%s. %s\n", cmp.Or(counted(did), " no record changed"), next)
	return err
}

// counted puts an effect into words, "" when there is none.
func counted(e catalog.Effect) string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{e.Restored, "put %d records back as they were"}, {e.Withdrawn, "withdraw %d records"}, {e.Absent, "begin the grace period of %d records"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf(p.what, p.n))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " " + strings.Join(parts, ", ")
}

// printChanges lists what a run did to records.
func (a *app) printChanges(ctx context.Context, store *sqlstore.Store, run int64, limit int) error {
	list, err := store.Changes(ctx, run, limit)
	if err != nil || len(list) == 0 {
		return err
	}
	tw := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	for _, ch := range list {
		title := shorten(cmp.Or(ch.Title, ch.Before), 60)
		if ch.Before != "" && ch.Title != "" && ch.Before != ch.Title {
			title = shorten(ch.Before, 40) + " → " + shorten(ch.Title, 40)
		}
		fmt.Fprintf(tw, "  %s\t%s\t%s\n", ch.Kind, title, shorten(ch.Identifier, 60))
	}
	return tw.Flush()
}

// agree asks for consent where somebody can answer.
func (a *app) agree(c consent) error {
	if c.Yes {
		return nil
	}
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return usageError("nothing was done: add --yes to do it")
	}
	fmt.Fprint(a.stdout, "Do it? [y/N] ")
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	if answer := strings.ToLower(strings.TrimSpace(line)); answer != "y" && answer != "yes" {
		return errors.New("nothing was done")
	}
	return nil
}

// storeOf opens the catalogue for a command about one source: configured, or known from
// earlier harvests.
func (a *app) storeOf(ctx context.Context, id string) (*sqlstore.Store, error) {
	cfg, store, err := a.open(ctx)
	if err != nil {
		return nil, err
	}
	st, err := statusOf(ctx, store, id)
	if err != nil {
		return nil, err
	}
	if _, err := findSource(cfg, id); err != nil && st.LastRun.ID == 0 {
		return nil, err
	}
	return store, nil
}

// statusOf is what the catalogue knows of one source; of one that never ran, nothing.
func statusOf(ctx context.Context, store *sqlstore.Store, id string) (catalog.SourceStatus, error) {
	status, err := store.Status(ctx)
	if err != nil {
		return catalog.SourceStatus{}, err
	}
	for _, s := range status {
		if s.Source == id {
			return s, nil
		}
	}
	return catalog.SourceStatus{Source: id}, nil
}

// operator names who is at the keyboard, for the record.
func operator() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "unknown"
}
