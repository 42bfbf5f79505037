package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"text/tabwriter"

	"ctiphub/catalog"
	"ctiphub/catalog/sqlstore"
	"ctiphub/normalizer"
	"ctiphub/portal"
)

// qualityCmd is "hub quality".
type qualityCmd struct {
	Source     string `arg:"" optional:"" help:"Id of a source: what its publisher can do. All sources side by side when absent."`
	Formula    bool   `help:"Show how the score of a record is made."`
	Publishers bool   `help:"List the publishers that are not in the authority file, most frequent first."`
}

// Run shows how complete records are.
func (c *qualityCmd) Run(ctx context.Context, a *app) error {
	if c.Formula {
		return a.printFormula()
	}
	_, store, err := a.open(ctx)
	if err != nil {
		return err
	}
	if c.Publishers {
		return a.printUnmapped(ctx, store, c.Source)
	}
	if c.Source != "" {
		return a.printQuality(ctx, store, c.Source)
	}
	return a.printQualities(ctx, store)
}

func (a *app) printFormula() error {
	type criterion struct {
		Name   string `json:"name"`
		Points int    `json:"points"`
		Earned string `json:"earned"`
	}
	list := normalizer.Criteria()
	if a.cli.JSON {
		out := []criterion{}
		for _, c := range list {
			out = append(out, criterion(c))
		}
		return a.printJSON(out)
	}
	tw := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "POINTS\tCRITERION\tEARNED BY")
	for _, c := range list {
		fmt.Fprintf(tw, "%d\t%s\t%s\n", c.Points, c.Name, c.Earned)
	}
	return tw.Flush()
}

// findingJSON is one group of findings for programs.
type findingJSON struct {
	Code    string `json:"code"`
	Records int    `json:"records"`
	Meaning string `json:"meaning"`
	Fix     string `json:"fix,omitempty"`
}

// printQuality shows what could be better about the records of one source.
func (a *app) printQuality(ctx context.Context, store *sqlstore.Store, source string) error {
	q, err := store.Quality(ctx, source)
	if err != nil {
		return err
	}
	if q.Records == 0 {
		return usageError(fmt.Sprintf("no record of a source %q is shown; \"hub quality\" lists those there are", source))
	}
	texts := findingTexts()
	if a.cli.JSON {
		out := []findingJSON{}
		for _, f := range q.Findings {
			out = append(out, findingJSON{f.ID, f.Count, texts[f.ID].Meaning, texts[f.ID].Fix})
		}
		return a.printJSON(map[string]any{"source": source, "records": q.Records, "mean": rounded(q.Mean), "median": q.Median, "findings": out})
	}
	fmt.Fprintf(a.stdout, "%s: %s, %.1f of 100 on average, half of them %d or more.\n\n", source, plural(q.Records, "record", "records"), q.Mean, q.Median)
	for _, f := range q.Findings {
		fmt.Fprintf(a.stdout, "%s: %s (%s)\n", plural(f.Count, "record", "records"), texts[f.ID].Meaning, f.ID)
		if fix := texts[f.ID].Fix; fix != "" {
			fmt.Fprintf(a.stdout, "    %s\n", fix)
		}
	}
	return nil
}

func rounded(f float64) float64 { return math.Round(f*10) / 10 }

// printQualities shows all sources side by side.
func (a *app) printQualities(ctx context.Context, store *sqlstore.Store) error {
	sources, err := storedSources(ctx, store, nil)
	if err != nil {
		return err
	}
	type row struct {
		Source  string  `json:"source"`
		Records int     `json:"records"`
		Mean    float64 `json:"mean"`
		Median  int     `json:"median"`
		Most    string  `json:"mostFrequentFinding,omitempty"`
	}
	var rows []row
	for _, id := range append(sources, "") {
		q, err := store.Quality(ctx, id)
		if err != nil {
			return err
		}
		r := row{id, q.Records, rounded(q.Mean), q.Median, ""}
		if len(q.Findings) > 0 {
			r.Most = q.Findings[0].ID
		}
		rows = append(rows, r)
	}
	if a.cli.JSON {
		return a.printJSON(rows)
	}
	tw := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "SOURCE\tRECORDS\tMEAN\tMEDIAN\tMOST FREQUENT FINDING")
	for _, r := range rows {
		fmt.Fprintf(tw, "%s\t%d\t%.1f\t%d\t%s\n", cmp.Or(r.Source, "all together"), r.Records, r.Mean, r.Median, r.Most)
	}
	fmt.Fprintln(tw, "\nThe score says how complete a record is, not how good the resource. \"hub quality SOURCE\" says what its publisher can do.")
	return tw.Flush()
}

// printUnmapped lists publishers that the authority file lacks.
func (a *app) printUnmapped(ctx context.Context, store *sqlstore.Store, source string) error {
	q := catalog.Query{Filters: map[catalog.Facet][]string{catalog.FacetFinding: {normalizer.CodePublisherUnmapped}}}
	if source != "" {
		q.Filters[catalog.FacetSource] = []string{source}
	}
	counts := map[string]int{}
	for rec, err := range store.Records(ctx, q) {
		if err != nil {
			return err
		}
		for _, p := range rec.Publishers {
			if name, _ := p.Name.In("en"); p.ID == "" && name != "" {
				counts[name]++
			}
		}
	}
	type row struct {
		Name    string `json:"name"`
		Records int    `json:"records"`
	}
	rows := []row{}
	for _, name := range slices.SortedFunc(maps.Keys(counts), func(x, y string) int {
		return cmp.Or(cmp.Compare(counts[y], counts[x]), cmp.Compare(x, y))
	}) {
		rows = append(rows, row{name, counts[name]})
	}
	if a.cli.JSON {
		return a.printJSON(rows)
	}
	if len(rows) == 0 {
		_, err := fmt.Fprintln(a.stdout, "Every publisher is in the authority file.")
		return err
	}
	tw := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "RECORDS\tPUBLISHER")
	for _, r := range rows {
		fmt.Fprintf(tw, "%d\t%s\n", r.Records, r.Name)
	}
	fmt.Fprintln(tw, "\nAdd them to publishers.yaml of the vocabulary, as a body of its own or as a variant of one that is there; \"hub rules diff\" shows the effect.")
	return tw.Flush()
}

// findingTexts explains the codes of findings.
func findingTexts() map[string]portal.FindingText {
	texts := map[string]portal.FindingText{}
	for _, c := range normalizer.Codes() {
		texts[c.Code] = portal.FindingText{Meaning: c.Meaning, Fix: c.Fix}
	}
	return texts
}

// criteria is the formula of the score as readers see it.
func criteria() []portal.Criterion {
	var list []portal.Criterion
	for _, c := range normalizer.Criteria() {
		list = append(list, portal.Criterion(c))
	}
	return list
}
