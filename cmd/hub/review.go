package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"ctiphub/catalog"
	"ctiphub/record"
)

// reviewCmd is "hub review".
type reviewCmd struct {
	List    reviewListCmd    `cmd:"" help:"List what waits for a curator: held records, and tags that the hub is not sure of."`
	Accept  reviewAcceptCmd  `cmd:"" help:"Give the tag that was proposed."`
	Refuse  reviewRefuseCmd  `cmd:"" help:"Do not give the tag, now or later."`
	Publish reviewPublishCmd `cmd:"" help:"Show a held record, as long as it says what it says now."`
	Hold    reviewHoldCmd    `cmd:"" help:"Hide a record for good, whatever a harvest brings."`
}

// reviewListCmd is "hub review list".
type reviewListCmd struct {
	Source string `help:"Only of this source." placeholder:"ID"`
	Held   bool   `help:"Only held records."`
	Code   string `help:"Only records held for this reason, such as possible-pii." placeholder:"CODE"`
	Field  string `help:"Only proposals for this field, such as themes." placeholder:"FIELD"`
	Value  string `help:"Only proposals of this tag." placeholder:"ID"`
	Limit  int    `help:"Records to list." default:"50"`
}

// taskJSON is one task for programs.
type taskJSON struct {
	Kind       string   `json:"kind"`
	Record     string   `json:"record"`
	Source     string   `json:"source"`
	Title      string   `json:"title,omitempty"`
	Field      string   `json:"field,omitempty"`
	Value      string   `json:"value,omitempty"`
	Confidence float64  `json:"confidence,omitempty"`
	Evidence   []string `json:"evidence,omitempty"`
	Code       string   `json:"code,omitempty"`
	Detail     string   `json:"detail,omitempty"`
}

// Run lists a part of the review queue.
func (c *reviewListCmd) Run(ctx context.Context, a *app) error {
	_, store, err := a.open(ctx)
	if err != nil {
		return err
	}
	q := catalog.TaskQuery{Source: c.Source, Code: c.Code, Field: c.Field, Value: c.Value, Limit: c.Limit}
	if c.Held {
		q.Kind = catalog.HoldTask
	}
	page, err := store.Tasks(ctx, q)
	if err != nil {
		return err
	}
	if a.cli.JSON {
		out := []taskJSON{}
		for _, t := range page.Tasks {
			out = append(out, taskJSON{string(t.Kind), string(t.Record), t.Source, taskTitle(t), t.Field, t.Tag.ID, t.Tag.Confidence, evidence(t.Tag), t.Code, t.Detail})
		}
		return a.printJSON(out)
	}
	if len(page.Tasks) == 0 {
		_, err := fmt.Fprintln(a.stdout, "Nothing waits for a curator.")
		return err
	}
	tw := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "RECORD\tSOURCE\tWHAT\tWHY\tTITLE")
	for _, t := range page.Tasks {
		what, why := t.Field+" "+t.Tag.ID, fmt.Sprintf("%.2f %s", t.Tag.Confidence, shorten(strings.Join(evidence(t.Tag), ", "), 40))
		if t.Kind == catalog.HoldTask {
			what, why = "held: "+t.Code, shorten(t.Detail, 60)
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\n", t.Record, t.Source, what, why, shorten(taskTitle(t), 50))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	if page.Next > 0 {
		fmt.Fprintln(a.stdout, "There is more: --limit shows it.")
	}
	_, err = fmt.Fprintln(a.stdout, "\n\"hub review accept|refuse RECORD FIELD TAG\" decides on a tag, \"hub review publish|hold RECORD\" on a held record.")
	return err
}

// taskTitle leaves out the title of a record that is held for what stands in it.
func taskTitle(t catalog.Task) string {
	if t.Kind == catalog.HoldTask && t.Code == "possible-pii" {
		return ""
	}
	return t.Title
}

// evidence is what led to a tag, in short.
func evidence(t record.Tag) []string {
	var out []string
	for _, e := range t.Evidence {
		out = append(out, e.Field+": "+e.Match)
	}
	return slices.Compact(out)
}

// reviewOf is a decision on a proposal.
type reviewOf struct {
	ID    string `arg:"" help:"Id of the record."`
	Field string `arg:"" help:"Field of the proposal."`
	Value string `arg:"" help:"The tag."`
	Why   string `help:"Why; kept for whoever asks later." placeholder:"TEXT"`
}

func (c reviewOf) decide(ctx context.Context, a *app, op catalog.Op) error {
	return a.correct(ctx, overrideOf{ID: c.ID, Field: c.Field, Why: c.Why}.override(a, op, c.Value))
}

// reviewAcceptCmd is "hub review accept".
type reviewAcceptCmd struct {
	reviewOf `embed:""`
}

// Run gives the tag.
func (c *reviewAcceptCmd) Run(ctx context.Context, a *app) error {
	return c.decide(ctx, a, catalog.Add)
}

// reviewRefuseCmd is "hub review refuse".
type reviewRefuseCmd struct {
	reviewOf `embed:""`
}

// Run refuses the tag.
func (c *reviewRefuseCmd) Run(ctx context.Context, a *app) error {
	return c.decide(ctx, a, catalog.Remove)
}

// reviewPublishCmd is "hub review publish".
type reviewPublishCmd struct {
	ID  string `arg:"" help:"Id of the record."`
	Why string `help:"Why; kept for whoever asks later." placeholder:"TEXT"`
}

// Run clears a held record.
func (c *reviewPublishCmd) Run(ctx context.Context, a *app) error {
	return a.correct(ctx, overrideOf{ID: c.ID, Field: catalog.DecisionField, Why: c.Why}.override(a, catalog.Set, string(record.Publish)))
}

// reviewHoldCmd is "hub review hold".
type reviewHoldCmd struct {
	ID  string `arg:"" help:"Id of the record."`
	Why string `help:"Why; kept for whoever asks later." placeholder:"TEXT"`
}

// Run hides a record.
func (c *reviewHoldCmd) Run(ctx context.Context, a *app) error {
	return a.correct(ctx, overrideOf{ID: c.ID, Field: catalog.DecisionField, Why: c.Why}.override(a, catalog.Set, string(record.Hold)))
}
