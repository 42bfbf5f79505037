package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"ctiphub/catalog"
	"ctiphub/catalog/sqlstore"
	"ctiphub/configs"
	"ctiphub/internal/ingest"
	"ctiphub/internal/trial"
	"ctiphub/normalizer"
	"ctiphub/record"
)

// rulesCmd is "hub rules".
type rulesCmd struct {
	Test rulesTestCmd `cmd:"" help:"Hold rules and vocabulary against cases: what a change of them changes."`
	Diff rulesDiffCmd `cmd:"" help:"Hold rules and vocabulary against everything that is stored. Changes nothing."`
	Save rulesSaveCmd `cmd:"" help:"Make a case of a stored record, so that no later change spoils it unseen."`
}

// rulesTestCmd is "hub rules test".
type rulesTestCmd struct {
	Cases  []string `arg:"" optional:"" name:"case" help:"Names of cases, or files; all built-in ones and those in the folder \"cases\" beside the configuration when none is named."`
	Update bool     `help:"Take what comes out now for what is wanted; only of cases in files of your own."`
}

// tested is what became of one case.
type tested struct {
	name, where string
	path        string
	c           *trial.Case
	got         trial.Outcome
	diffs       []record.Difference
}

// Run runs cases and shows by which values they differ.
func (cmd *rulesTestCmd) Run(a *app) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	files, err := cmd.files(cfg)
	if err != nil {
		return err
	}
	var list []tested
	for _, f := range files {
		c, err := trial.Parse(f.Name, f.Where, f.Data)
		if err != nil {
			return err
		}
		got, err := c.Run(cfg.Vocabulary, sourceRules(cfg))
		if err != nil {
			return err
		}
		list = append(list, tested{f.Name, f.Where, f.Path, c, got, c.Differences(got)})
	}
	if cmd.Update {
		return a.updateCases(list)
	}
	differ := slices.DeleteFunc(slices.Clone(list), func(t tested) bool { return len(t.diffs) == 0 })
	if a.cli.JSON {
		err = a.printJSON(map[string]any{"cases": len(list), "differ": testedJSON(differ)})
	} else {
		err = printTested(a.stdout, len(list), differ)
	}
	if err == nil && len(differ) > 0 {
		err = errReported
	}
	return err
}

// files returns the cases to run.
func (cmd *rulesTestCmd) files(cfg *configs.Config) ([]configs.CaseFile, error) {
	all, err := cfg.Cases()
	if err != nil || len(cmd.Cases) == 0 {
		return all, err
	}
	var list []configs.CaseFile
	for _, name := range cmd.Cases {
		if i := slices.IndexFunc(all, func(f configs.CaseFile) bool { return f.Name == name }); i >= 0 {
			list = append(list, all[i])
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, usageError(fmt.Sprintf("there is no case and no file %q", name))
		}
		list = append(list, configs.CaseFile{Name: strings.TrimSuffix(filepath.Base(name), ".txtar"), Where: name, Path: name, Data: data})
	}
	return list, nil
}

// updateCases writes what comes out into the files of those that differ.
func (a *app) updateCases(list []tested) error {
	n := 0
	for _, t := range list {
		if t.c.Exact(t.got) {
			continue
		}
		if t.path == "" {
			fmt.Fprintf(a.stderr, "hub: %s is built in and stays as it is\n", t.where)
			continue
		}
		if err := os.WriteFile(t.path, t.c.With(t.got), 0o644); err != nil {
			return fmt.Errorf("rewriting a case: %w", err)
		}
		n++
	}
	_, err := fmt.Fprintf(a.stdout, "%s rewritten. Read the difference before you keep it.\n", plural(n, "case", "cases"))
	return err
}

// differenceJSON is one difference for programs.
type differenceJSON struct {
	Field  string `json:"field"`
	Kind   string `json:"kind"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

func differencesJSON(list []record.Difference) []differenceJSON {
	out := make([]differenceJSON, len(list))
	for i, d := range list {
		out[i] = differenceJSON{d.Field, d.Kind(), d.Before, d.After}
	}
	return out
}

func testedJSON(list []tested) []map[string]any {
	out := []map[string]any{}
	for _, t := range list {
		out = append(out, map[string]any{"case": t.name, "file": t.where, "differences": differencesJSON(t.diffs)})
	}
	return out
}

func printTested(w io.Writer, n int, differ []tested) error {
	for _, t := range differ {
		fmt.Fprintf(w, "%s (%s)\n", t.name, t.where)
		tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
		for _, d := range t.diffs {
			fmt.Fprintf(tw, "  %s\t%s\n", d.Field, change(d))
		}
		if err := tw.Flush(); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	if len(differ) == 0 {
		_, err := fmt.Fprintf(w, "%s, all as wanted.\n", plural(n, "case", "cases"))
		return err
	}
	_, err := fmt.Fprintf(w, "%s, %d not as wanted. Where the new outcome is right, \"hub rules test --update\" takes it over.\n", plural(n, "case", "cases"), len(differ))
	return err
}

// change writes a difference on one line.
func change(d record.Difference) string {
	const room = 60
	switch d.Kind() {
	case "added":
		return "+ " + shorten(d.After, 2*room)
	case "lost":
		return "- " + shorten(d.Before, 2*room)
	}
	return shorten(d.Before, room) + " → " + shorten(d.After, room)
}

// rulesDiffCmd is "hub rules diff".
type rulesDiffCmd struct {
	Sources []string `arg:"" optional:"" name:"source" help:"Ids of sources; all that have records when none is named."`
}

// Run compares what the rules make of stored raws with what is stored.
func (c *rulesDiffCmd) Run(ctx context.Context, a *app) error {
	replayer, sources, err := a.replayer(ctx, c.Sources)
	if err != nil {
		return err
	}
	found, err := a.compare(ctx, replayer, sources)
	if err != nil {
		return err
	}
	if a.cli.JSON {
		return a.printJSON(comparisonJSON(found))
	}
	if err := printComparison(a.stdout, found); err != nil {
		return err
	}
	if found.Differ > 0 {
		_, err = fmt.Fprintln(a.stdout, "\n\"hub replay\" makes the records so.")
	}
	return err
}

// replayCmd is "hub replay".
type replayCmd struct {
	Sources []string `arg:"" optional:"" name:"source" help:"Ids of sources; all that have records when none is named."`
	Yes     bool     `short:"y" help:"Do it without showing the differences first."`
}

// Run makes records again from stored raws.
func (c *replayCmd) Run(ctx context.Context, a *app) error {
	replayer, sources, err := a.replayer(ctx, c.Sources)
	if err != nil {
		return err
	}
	if !c.Yes {
		found, err := a.compare(ctx, replayer, sources)
		if err != nil {
			return err
		}
		if found.Differ == 0 {
			_, err := fmt.Fprintf(a.stdout, "%s, none differs: there is nothing to do.\n", plural(found.Records, "record", "records"))
			return err
		}
		if err := printComparison(a.stdout, found); err != nil {
			return err
		}
		if err := a.agree(consent{}); err != nil {
			return err
		}
	}
	began := a.now()
	out, err := replayer.Replay(ctx, sources, a.counter())
	if err != nil {
		return fmt.Errorf("%w; what was done stays, and \"hub replay\" goes on with the rest", err)
	}
	if a.cli.JSON {
		return a.printJSON(map[string]int{"records": out.Listed, "changed": out.Changed, "same": out.Same, "rejected": out.Rejected, "skipped": out.Skipped, "held": out.Held})
	}
	_, err = fmt.Fprintf(a.stdout, "%s of %s in %.1f s: %d changed (%d of them held), %d the same", plural(out.Listed, "record", "records"), plural(len(sources), "source", "sources"),
		a.now().Sub(began).Seconds(), out.Changed, out.Held, out.Same)
	if out.Rejected > 0 {
		fmt.Fprintf(a.stdout, ", %d that the rules no longer take (they stay as they are)", out.Rejected)
	}
	if out.Skipped > 0 {
		fmt.Fprintf(a.stdout, ", %d harvested meanwhile", out.Skipped)
	}
	fmt.Fprintln(a.stdout, ".")
	return err
}

// replayer opens what a replay needs, and settles of which sources.
func (a *app) replayer(ctx context.Context, ids []string) (*ingest.Replayer, []string, error) {
	cfg, store, err := a.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	sources, err := storedSources(ctx, store, ids)
	if err != nil {
		return nil, nil, err
	}
	norm, err := a.normalizer(cfg)
	if err != nil {
		return nil, nil, err
	}
	return &ingest.Replayer{Store: store, Normalizer: norm, Now: a.now, Logger: a.log}, sources, nil
}

// storedSources are the named sources, or all that the catalogue has records of.
func storedSources(ctx context.Context, store *sqlstore.Store, ids []string) ([]string, error) {
	status, err := store.Status(ctx)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, s := range status {
		if s.Live+s.Held > 0 {
			all = append(all, s.Source)
		}
	}
	for _, id := range ids {
		if !slices.Contains(all, id) {
			return nil, usageError(fmt.Sprintf("the catalogue has no records of a source %q; it has those of %s", id, cmp.Or(strings.Join(all, ", "), "none")))
		}
	}
	if len(ids) > 0 {
		return ids, nil
	}
	return all, nil
}

func (a *app) compare(ctx context.Context, r *ingest.Replayer, sources []string) (ingest.Comparison, error) {
	return r.Compare(ctx, sources, a.counter())
}

// counter shows on a terminal how far a replay has come.
func (a *app) counter() func(ingest.Replayed) {
	if !isTerminal(a.stderr) {
		return func(ingest.Replayed) {}
	}
	return func(p ingest.Replayed) {
		end := "\r"
		if p.Done {
			end = "\r\x1b[K"
		}
		fmt.Fprintf(a.stderr, "\r\x1b[K%s: %d records, %d differ%s", p.Source, p.Counts.Listed, p.Counts.Changed, end)
	}
}

func printComparison(w io.Writer, c ingest.Comparison) error {
	fmt.Fprintf(w, "%s compared, %d differ.", plural(c.Records, "record", "records"), c.Differ)
	if c.Failed > 0 {
		fmt.Fprintf(w, " %d could not be normalized; --verbose says why.", c.Failed)
	}
	fmt.Fprintln(w)
	if n := float64(c.Records - c.Failed); n > 0 {
		fmt.Fprintf(w, "Quality: %.1f → %.1f of 100 on average.\n", float64(c.QualityBefore)/n, float64(c.QualityAfter)/n)
	}
	if c.Differ == 0 {
		return nil
	}
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	if len(c.Verdict) > 0 {
		fmt.Fprintln(tw, "\nSCREENING\tREASON\tRECORDS\tSUCH AS")
		for _, v := range c.Verdict {
			fmt.Fprintf(tw, "%s → %s\t%s\t%d\t%s\n", v.From, v.To, v.Code, v.Count, names(v.Examples))
		}
	}
	if len(c.Fields) > 0 {
		fmt.Fprintln(tw, "\nFIELD\tADDED\tCHANGED\tLOST")
		for _, f := range c.Fields {
			fmt.Fprintf(tw, "%s\t%d\t%d\t%d\n", f.Field, f.Added, f.Changed, f.Lost)
		}
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, f := range c.Fields {
		for i, e := range f.Examples {
			if i == 0 {
				fmt.Fprintf(w, "\n%s, for example\n", f.Field)
			}
			fmt.Fprintf(w, "  %s\n    %s %s  %s\n", changeOrHeld(e), e.Record, e.Source, shorten(e.Title, 70))
		}
	}
	return nil
}

func names(list []ingest.Example) string {
	var out []string
	for _, e := range list {
		out = append(out, string(e.Record))
	}
	return strings.Join(out, " ")
}

func changeOrHeld(e ingest.Example) string {
	if e.Difference.Before == "" && e.Difference.After == "" {
		return "(held: not shown)"
	}
	return change(e.Difference)
}

// comparisonJSON is a comparison for programs.
func comparisonJSON(c ingest.Comparison) any {
	type example struct {
		Record string         `json:"record"`
		Source string         `json:"source"`
		Title  string         `json:"title,omitempty"`
		Change differenceJSON `json:"change,omitzero"`
	}
	examples := func(list []ingest.Example) []example {
		out := []example{}
		for _, e := range list {
			out = append(out, example{string(e.Record), e.Source, e.Title, differencesJSON([]record.Difference{e.Difference})[0]})
		}
		return out
	}
	fields, verdicts := []any{}, []any{}
	for _, f := range c.Fields {
		fields = append(fields, map[string]any{"field": f.Field, "added": f.Added, "changed": f.Changed, "lost": f.Lost, "examples": examples(f.Examples)})
	}
	for _, v := range c.Verdict {
		verdicts = append(verdicts, map[string]any{"from": v.From, "to": v.To, "code": v.Code, "records": v.Count, "examples": names(v.Examples)})
	}
	return map[string]any{"records": c.Records, "differ": c.Differ, "failed": c.Failed, "fields": fields, "screening": verdicts}
}

// rulesSaveCmd is "hub rules save".
type rulesSaveCmd struct {
	ID   string `arg:"" help:"Id of the record."`
	File string `arg:"" help:"File to write, such as configs/cases/NAME.txtar; it must not exist."`
}

// Run makes a case of a stored record.
func (c *rulesSaveCmd) Run(ctx context.Context, a *app) error {
	cfg, store, err := a.open(ctx)
	if err != nil {
		return err
	}
	raw, err := store.Raw(ctx, record.ID(c.ID))
	if err == catalog.ErrNotFound {
		return usageError(fmt.Sprintf("there is no record %q with a stored raw", c.ID))
	}
	if err != nil {
		return err
	}
	norm, err := a.normalizer(cfg)
	if err != nil {
		return err
	}
	rec, decision, err := norm.Normalize(raw)
	if err != nil {
		return err
	}
	data, err := trial.Write(raw, trial.Outcome{Decision: decision, Record: rec})
	if err != nil {
		return err
	}
	f, err := os.OpenFile(c.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("writing the case: %w", err)
	}
	_, err = f.Write(data)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("writing the case: %w", err)
	}
	if decision.Verdict != record.Publish {
		fmt.Fprintln(a.stderr, "hub: the record is held back: take personal data out of the case before it goes anywhere")
	}
	_, err = fmt.Fprintf(a.stdout, "%s holds the record as it comes out now; \"hub rules test\" runs it.\n", c.File)
	return err
}

// sourceRules are the rules of every configured source.
func sourceRules(cfg *configs.Config) map[string]normalizer.Rules {
	rules := map[string]normalizer.Rules{}
	for _, s := range cfg.Sources {
		rules[s.ID] = s.Rules
	}
	return rules
}

// plural writes a number with its noun.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
