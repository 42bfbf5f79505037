package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"ctiphub/harvester"
	"ctiphub/internal/check"
	"ctiphub/record"
)

// checkCmd is "hub check".
type checkCmd struct {
	Target string `arg:"" help:"URL, or file on this machine."`
	Source string `help:"Read it by the rules of this source." placeholder:"ID"`
}

// Run shows how the hub sees the target.
func (c *checkCmd) Run(ctx context.Context, a *app) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	checker := check.Checker{Adapters: func(g check.Getter) map[string]harvester.Adapter { return a.adapters(g) }}
	if c.Source != "" {
		src, err := findSource(cfg, c.Source)
		if err != nil {
			return err
		}
		checker.Source = src.Source
	}
	if checker.Normalizer, err = a.normalizer(cfg); err != nil {
		return err
	}
	client, err := a.client(cfg)
	if err != nil {
		return err
	}
	checker.Getter = client
	report, err := c.check(ctx, checker)
	if err != nil {
		return err
	}
	if a.cli.JSON {
		return a.printJSON(report)
	}
	return a.printReport(report)
}

func (c *checkCmd) check(ctx context.Context, checker check.Checker) (check.Report, error) {
	if strings.HasPrefix(c.Target, "http://") || strings.HasPrefix(c.Target, "https://") {
		return checker.URL(ctx, c.Target)
	}
	body, err := os.ReadFile(c.Target)
	if err != nil {
		return check.Report{}, fmt.Errorf("reading the file (a URL begins with http:// or https://): %w", err)
	}
	return checker.File(ctx, c.Target, body)
}

// printReport shows a report to people.
func (a *app) printReport(r check.Report) error {
	tw := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintf(tw, "Target\t%s\nSeen as\t%s\nAnswer\t%d, %s, %d bytes\n", r.Target, r.Kind, r.Status, dash(r.MediaType), r.Bytes)
	if r.Listed > 0 {
		fmt.Fprintf(tw, "Records\t%d\n", r.Listed)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(tw, "Note\t%s\n", n)
	}
	for _, rec := range r.Records {
		fmt.Fprintf(tw, "\n%s\n", rec.Identifier)
		fmt.Fprintf(tw, "  Would be\t%s\n", verdict(rec))
		fmt.Fprintf(tw, "  Score\t%d of 100\n", rec.Score)
		for _, f := range rec.Fields {
			fmt.Fprintf(tw, "  %s\t%s\t(%s, %.2f)\n", name(f), shorten(f.Value, 80), f.Rule, f.Confidence)
		}
		for _, f := range rec.Findings {
			fmt.Fprintf(tw, "  To mend\t%s: %s\n", f.Code, f.Detail)
		}
	}
	return tw.Flush()
}

// verdict says what would become of a record.
func verdict(r check.Record) string {
	switch r.Verdict {
	case record.Publish:
		return "published"
	case record.Hold:
		return "held for review: " + r.Reason
	default:
		return "rejected: " + r.Reason
	}
}

func name(f check.Field) string {
	if f.Lang != "" {
		return f.Field + " [" + f.Lang + "]"
	}
	return f.Field
}

// shorten keeps one line of at most n characters.
func shorten(s string, n int) string {
	runes := []rune(strings.Join(strings.Fields(s), " "))
	if len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return string(runes)
}
