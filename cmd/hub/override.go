package main

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"text/tabwriter"
	"time"

	"ctiphub/catalog"
	"ctiphub/catalog/sqlstore"
	"ctiphub/internal/spell"
	"ctiphub/record"
)

// overrideCmd is "hub override".
type overrideCmd struct {
	List   overrideListCmd   `cmd:"" help:"List corrections, and where the source has changed since."`
	Set    overrideSetCmd    `cmd:"" help:"Say what a field of a record is. No harvest changes it back."`
	Add    overrideAddCmd    `cmd:"" help:"Give a record one tag."`
	Remove overrideRemoveCmd `cmd:"" help:"Take one tag from a record."`
	Drop   overrideDropCmd   `cmd:"" help:"End a correction: the record says again what its source says."`
}

// overrideOf is what all corrections have in common.
type overrideOf struct {
	ID        string `arg:"" help:"Id of the record, or its address in the portal."`
	Field     string `arg:"" help:"Field; of texts with the language, such as title@km."`
	Why       string `help:"Why; kept for whoever asks later, and shown to nobody else." placeholder:"TEXT"`
	Publisher bool   `help:"It is the publisher's own correction: a curator's stands above it."`
}

func (o overrideOf) override(a *app, op catalog.Op, value string) catalog.Override {
	layer := catalog.CuratorLayer
	if o.Publisher {
		layer = catalog.PublisherLayer
	}
	return catalog.Override{Record: recordID(o.ID), Layer: layer, Field: o.Field, Op: op, Value: value, Who: operator(), Why: o.Why, When: a.now()}
}

// recordID takes an id out of an address.
func recordID(s string) record.ID {
	return record.ID(path.Base(strings.TrimRight(strings.TrimSpace(s), "/")))
}

// overrideSetCmd is "hub override set".
type overrideSetCmd struct {
	overrideOf `embed:""`
	Value      string `arg:"" help:"Text; ids divided by commas; a date as 2023, 2023-12 or 2023-12-31; names divided by semicolons; \"\" for none."`
}

// Run sets a field.
func (c *overrideSetCmd) Run(ctx context.Context, a *app) error {
	return a.correct(ctx, c.override(a, catalog.Set, c.Value))
}

// overrideAddCmd is "hub override add".
type overrideAddCmd struct {
	overrideOf `embed:""`
	Value      string `arg:"" help:"Id of the vocabulary."`
}

// Run adds a tag.
func (c *overrideAddCmd) Run(ctx context.Context, a *app) error {
	return a.correct(ctx, c.override(a, catalog.Add, c.Value))
}

// overrideRemoveCmd is "hub override remove".
type overrideRemoveCmd struct {
	overrideOf `embed:""`
	Value      string `arg:"" help:"Id of the vocabulary."`
}

// Run removes a tag.
func (c *overrideRemoveCmd) Run(ctx context.Context, a *app) error {
	return a.correct(ctx, c.override(a, catalog.Remove, c.Value))
}

// correct checks, stores and reports corrections of one record.
func (a *app) correct(ctx context.Context, list ...catalog.Override) error {
	cfg, store, err := a.open(ctx)
	if err != nil {
		return err
	}
	concepts := cfg.Vocabulary.Concepts()
	for _, o := range list {
		if err := o.Check(); err != nil {
			return usageError(err.Error())
		}
		if err := knownIDs(concepts, o); err != nil {
			return err
		}
	}
	if err := store.Correct(ctx, a.now(), list); err != nil {
		return a.noRecord(err, list[0].Record)
	}
	return a.printState(ctx, store, list[0].Record, list)
}

// noRecord says what to do about an id that the catalogue does not have.
func (a *app) noRecord(err error, id record.ID) error {
	if errors.Is(err, catalog.ErrNotFound) {
		return usageError(fmt.Sprintf("the catalogue has no record %q; its id stands at the end of its address in the portal", id))
	}
	return err
}

// printState says what a record says after a correction.
func (a *app) printState(ctx context.Context, store *sqlstore.Store, id record.ID, list []catalog.Override) error {
	state := "is shown"
	entry, err := store.Entry(ctx, id)
	switch {
	case errors.Is(err, catalog.ErrNotFound) || err == nil && entry.Deleted:
		state = "is not shown"
	case err != nil:
		return err
	}
	if a.cli.JSON {
		fields := map[string]string{}
		for _, o := range list {
			if o.Field != catalog.DecisionField {
				fields[o.Field] = catalog.Says(entry.Record, o.Field)
			}
		}
		return a.printJSON(map[string]any{"record": id, "shown": state == "is shown", "fields": fields})
	}
	fmt.Fprintf(a.stdout, "%s %s.\n", id, state)
	for _, o := range list {
		if o.Field != catalog.DecisionField && state == "is shown" {
			fmt.Fprintf(a.stdout, "  %s: %s\n", o.Field, catalog.Says(entry.Record, o.Field))
		}
	}
	return nil
}

// tagScheme is the scheme of the vocabulary that a field takes its values from.
var tagScheme = map[string]string{
	"type": "type", "themes": "theme", "audiences": "audience", "victimGroups": "victim-group", "exploitationForms": "exploitation",
	"countries": "country", "regions": "region", "rights": "rights", "sensitivity": "sensitivity", "languages": "language",
}

// knownIDs refuses ids that the vocabulary does not have.
func knownIDs(v record.Vocabulary, o catalog.Override) error {
	scheme, ok := tagScheme[o.Field]
	if !ok {
		return nil
	}
	for id := range strings.SplitSeq(o.Value, ",") {
		if id = strings.TrimSpace(id); id == "" {
			continue
		}
		if _, ok := v.Concept(scheme, id); ok {
			continue
		}
		var all []string
		for _, c := range v.Scheme(scheme) {
			all = append(all, c.ID)
		}
		return usageError(fmt.Sprintf("the vocabulary has no %s %q; %s", scheme, id, spell.Hint(id, all)))
	}
	return nil
}

// overrideDropCmd is "hub override drop".
type overrideDropCmd struct {
	overrideOf `embed:""`
	Value      string `arg:"" optional:"" help:"Of a single tag that was added or removed: the tag."`
}

// Run ends a correction.
func (c *overrideDropCmd) Run(ctx context.Context, a *app) error {
	_, store, err := a.open(ctx)
	if err != nil {
		return err
	}
	o := c.override(a, catalog.Set, "")
	if c.Value != "" {
		o.Op, o.Value = catalog.Add, c.Value
	}
	if err := store.Withdraw(ctx, a.now(), o); err != nil {
		if errors.Is(err, catalog.ErrNoOverride) {
			return usageError(fmt.Sprintf("there is no such correction of record %q; \"hub override list %s\" shows those there are", o.Record, o.Record))
		}
		return err
	}
	return a.printState(ctx, store, o.Record, []catalog.Override{o})
}

// overrideListCmd is "hub override list".
type overrideListCmd struct {
	ID      string `arg:"" optional:"" help:"Id of a record; all when absent."`
	Source  string `help:"Only of this source." placeholder:"ID"`
	Retired bool   `help:"Show those as well that ended because the source came to say the same."`
}

// overrideJSON is one correction for programs.
type overrideJSON struct {
	Record  string    `json:"record"`
	Layer   string    `json:"layer"`
	Field   string    `json:"field"`
	Op      string    `json:"op"`
	Value   string    `json:"value"`
	Who     string    `json:"who"`
	Why     string    `json:"why,omitempty"`
	When    time.Time `json:"when"`
	Base    string    `json:"sourceSaid,omitempty"`
	Says    string    `json:"sourceSays,omitempty"`
	Retired time.Time `json:"retired,omitzero"`
}

// Run lists corrections.
func (c *overrideListCmd) Run(ctx context.Context, a *app) error {
	_, store, err := a.open(ctx)
	if err != nil {
		return err
	}
	q := catalog.OverrideQuery{Source: c.Source, Retired: c.Retired}
	if c.ID != "" {
		q.Record = recordID(c.ID)
	}
	list, err := store.Overrides(ctx, q)
	if err != nil {
		return err
	}
	if a.cli.JSON {
		out := []overrideJSON{}
		for _, o := range list {
			out = append(out, overrideJSON{string(o.Record), string(o.Layer), o.Field, string(o.Op), o.Value, o.Who, o.Why, o.When, o.Base, o.Says, o.Retired})
		}
		return a.printJSON(out)
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(a.stdout, "There are no corrections.")
		return err
	}
	tw := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "RECORD\tFIELD\tCORRECTION\tBY\tWHEN\tSOURCE")
	for _, o := range list {
		fmt.Fprintf(tw, "%s\t%s\t%s %s\t%s (%s)\t%s\t%s\n", o.Record, o.Field, o.Op, shorten(o.Value, 40), o.Who, o.Layer, o.When.Local().Format("2006-01-02"), sourceSays(o))
	}
	return tw.Flush()
}

// sourceSays tells how the source stands to a correction.
func sourceSays(o catalog.Override) string {
	switch {
	case !o.Retired.IsZero():
		return "says the same since " + o.Retired.Local().Format("2006-01-02")
	case o.Says != "" && o.Field == catalog.DecisionField:
		return "has changed since: look again"
	case o.Says != "":
		return "now says " + shorten(o.Says, 40)
	}
	return ""
}
