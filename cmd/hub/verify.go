package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"ctiphub/catalog"
)

// verifyCmd is "hub verify".
type verifyCmd struct{}

// mismatchJSON is one disagreement for programs.
type mismatchJSON struct {
	What string `json:"what"`
	Want int    `json:"want"`
	Got  int    `json:"got"`
}

// Run compares the views of the catalogue with its records.
func (verifyCmd) Run(ctx context.Context, a *app) error {
	_, store, err := a.open(ctx)
	if err != nil {
		return err
	}
	found, err := store.Verify(ctx)
	if err != nil {
		return err
	}
	if a.cli.JSON {
		list := make([]mismatchJSON, 0, len(found))
		for _, m := range found {
			list = append(list, mismatchJSON(m))
		}
		if err := a.printJSON(list); err != nil {
			return err
		}
	} else if err := a.printMismatches(found); err != nil {
		return err
	}
	if len(found) > 0 {
		return errReported
	}
	return nil
}

func (a *app) printMismatches(found []catalog.Mismatch) error {
	if len(found) == 0 {
		_, err := fmt.Fprintln(a.stdout, "Records, search index, facets, sets and counts agree.")
		return err
	}
	tw := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "WHAT\tRECORDS SAY\tIT SAYS")
	for _, m := range found {
		fmt.Fprintf(tw, "%s\t%d\t%d\n", m.What, m.Want, m.Got)
	}
	fmt.Fprintln(tw, "\n\"hub migrate --rebuild\" derives all views again from the records.")
	return tw.Flush()
}
