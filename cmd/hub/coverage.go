package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"strconv"
	"text/tabwriter"

	"ctiphub/catalog"
	"ctiphub/record"
)

// coverageCmd is "hub coverage".
type coverageCmd struct {
	Format string `help:"table, csv or json." enum:"table,csv,json" default:"table"`
}

// Run counts the live records by country and area.
func (c *coverageCmd) Run(ctx context.Context, a *app) error {
	cfg, store, err := a.open(ctx)
	if err != nil {
		return err
	}
	concepts := cfg.Vocabulary.Concepts()
	areas := topThemes(concepts)
	var ids []string
	for _, t := range areas {
		ids = append(ids, t.ID)
	}
	cov, err := catalog.CoverageOf(ctx, store, catalog.MemberStates(), ids)
	if err != nil {
		return err
	}
	switch {
	case c.Format == "json" || a.cli.JSON:
		return a.printJSON(coverageJSON(cov, a.now().UTC().Format("2006-01-02T15:04:05Z")))
	case c.Format == "csv":
		return a.coverageCSV(cov)
	}
	tw := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(tw, "COUNTRY\tALL\t")
	for _, t := range areas {
		fmt.Fprintf(tw, "%s\t", t.Notation)
	}
	fmt.Fprintln(tw)
	for _, row := range cov.Rows {
		fmt.Fprintf(tw, "%s\t%d\t", row.Country, row.Total)
		for _, n := range row.Counts {
			fmt.Fprintf(tw, "%d\t", n)
		}
		fmt.Fprintln(tw)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(a.stdout)
	for _, t := range areas {
		fmt.Fprintf(a.stdout, "%3s  %s\n", t.Notation, t.Label["en"])
	}
	_, err = fmt.Fprintf(a.stdout, "\nRecords known to the hub on %s. An empty cell means that nothing was found yet, not that nothing exists.\n", a.now().Format("2 January 2006"))
	return err
}

// topThemes are the areas of the ACWC guidelines and the cross-cutting one.
func topThemes(v record.Vocabulary) []record.Concept {
	var list []record.Concept
	for _, t := range v.Scheme("theme") {
		if t.Broader == "" {
			list = append(list, t)
		}
	}
	return list
}

// coverageJSON is the answer for programs, with the names that /api/v1/coverage uses.
func coverageJSON(c catalog.Coverage, asOf string) any {
	type row struct {
		ID     string         `json:"id"`
		Total  int            `json:"total"`
		Themes map[string]int `json:"themes"`
	}
	out := struct {
		AsOf      string   `json:"asOf"`
		Themes    []string `json:"themes"`
		Countries []row    `json:"countries"`
	}{AsOf: asOf, Themes: c.Themes}
	for _, r := range c.Rows {
		themes := map[string]int{}
		for i, t := range c.Themes {
			themes[t] = r.Counts[i]
		}
		out.Countries = append(out.Countries, row{r.Country, r.Total, themes})
	}
	return out
}

func (a *app) coverageCSV(c catalog.Coverage) error {
	w := csv.NewWriter(a.stdout)
	if err := w.Write(append([]string{"country", "total"}, c.Themes...)); err != nil {
		return err
	}
	for _, r := range c.Rows {
		line := []string{r.Country, strconv.Itoa(r.Total)}
		for _, n := range r.Counts {
			line = append(line, strconv.Itoa(n))
		}
		if err := w.Write(line); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
