package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"ctiphub/harvester"
	"ctiphub/harvester/website"
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
	agent, _, _ := strings.Cut(userAgent(), "/")
	checker := check.Checker{Vocabulary: cfg.Vocabulary.Concepts(), Agent: agent, Adapters: func(g check.Getter) map[string]harvester.Adapter { return a.adapters(cfg, g) }}
	checker.ReadPDF = func(ctx context.Context, raw record.Raw) (record.Raw, error) {
		return website.ReadPDF(ctx, a.pdfReader(cfg), raw)
	}
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
		err = a.printJSON(report)
	} else {
		err = a.printReport(report)
	}
	if err == nil && report.Kind == "" {
		return errReported // there was nothing to look at
	}
	return err
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
	fmt.Fprintf(tw, "Target\t%s\n", r.Target)
	if r.Robots != nil {
		fmt.Fprintf(tw, "robots.txt\t%s\n", robotsWords(*r.Robots))
	}
	if r.Kind != "" {
		fmt.Fprintf(tw, "Seen as\t%s\n", r.Kind)
	}
	switch {
	case r.Status != 0:
		fmt.Fprintf(tw, "Answer\t%d, %s, %d bytes\n", r.Status, dash(r.MediaType), r.Bytes)
	case r.Kind != "":
		fmt.Fprintf(tw, "Size\t%d bytes\n", r.Bytes)
	}
	if r.Listed > 0 {
		fmt.Fprintf(tw, "Records\t%d\n", r.Listed)
	}
	for _, o := range r.Offers {
		fmt.Fprintf(tw, "Also offers\t%s\t%s\n", o.Kind, o.URL)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(tw, "Note\t%s\n", n)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	a.printFixes(r.Fixes)
	for _, rec := range r.Records {
		if err := a.printRecord(rec); err != nil {
			return err
		}
	}
	return nil
}

// robotsWords says what robots.txt means for the hub.
func robotsWords(r check.Robots) string {
	words := map[string]string{"allowed": "the hub may read this", "disallowed": "the hub may not read this", "none": "there is none: the hub may read everything", "unreachable": "cannot be had, so the hub stays away for now"}[r.Verdict]
	if r.CrawlDelay > 0 {
		words += fmt.Sprintf(", one request every %g s", r.CrawlDelay)
	}
	if len(r.Sitemaps) > 0 {
		words += "; names " + strings.Join(r.Sitemaps, ", ")
	}
	return words
}

// printRecord shows one record: as readers would see it, then why.
func (a *app) printRecord(rec check.Record) error {
	fmt.Fprintf(a.stdout, "\n%s\n\n", rec.Identifier)
	for _, l := range []string{rec.Preview.Title, rec.Preview.Byline, rec.Preview.Tags, shorten(rec.Preview.Description, 300)} {
		if l != "" {
			fmt.Fprintf(a.stdout, "  │ %s\n", l)
		}
	}
	tw := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintf(tw, "\n  Would be\t%s\n", verdict(rec))
	fmt.Fprintf(tw, "  Score\t%d of 100\n", rec.Score)
	for _, p := range rec.Points {
		fmt.Fprintf(tw, "    %s\t%d of %d\tfor %s\n", p.Criterion, p.Earned, p.Of, p.For)
	}
	fmt.Fprintln(tw, "\n  FIELD\tVALUE\tRULE, HOW SURE")
	for _, f := range rec.Fields {
		fmt.Fprintf(tw, "  %s\t%s\t%s, %.2f\n", name(f), shorten(f.Value, 80), f.Rule, f.Confidence)
	}
	if len(rec.Tags) > 0 {
		fmt.Fprintln(tw, "\n  TAG\tMEANING\tBECAUSE OF, HOW SURE")
	}
	for _, t := range rec.Tags {
		why := "the source's defaults"
		if len(t.Evidence) > 0 {
			why = fmt.Sprintf("%q in %s", shorten(t.Evidence[0].Match, 40), t.Evidence[0].Field)
		}
		fmt.Fprintf(tw, "  %s:%s\t%s\t%s, %.2f\n", t.Scheme, t.ID, t.Label, why, t.Confidence)
	}
	if len(rec.Findings) > 0 {
		fmt.Fprintln(tw, "\n  TO MEND")
	}
	for _, f := range rec.Findings {
		fmt.Fprintf(tw, "  %s\t%s\n", f.Code, f.Detail)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	a.printFixes(rec.Fixes)
	return nil
}

// printFixes shows what a publisher can copy and paste.
func (a *app) printFixes(fixes []check.Fix) {
	for _, f := range fixes {
		fmt.Fprintf(a.stdout, "\n  To mend %s, put %s:\n\n", f.For, f.Where)
		for l := range strings.Lines(f.Snippet + "\n") {
			fmt.Fprintf(a.stdout, "    %s", l)
		}
	}
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
