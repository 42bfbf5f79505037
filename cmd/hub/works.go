package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"ctiphub/catalog"
	"ctiphub/record"
)

// worksCmd is "hub works".
type worksCmd struct {
	List  worksListCmd  `cmd:"" help:"List works that have several editions, those of most records first."`
	Show  worksShowCmd  `cmd:"" help:"Show the editions of a work, and why they are taken for editions of one work."`
	Find  worksFindCmd  `cmd:"" help:"Find which records are editions of one work, now; every harvest does it at its end."`
	Split worksSplitCmd `cmd:"" help:"Say that two records are of different works. It is remembered for ever."`
	Join  worksJoinCmd  `cmd:"" help:"Say that two records are of one work. It is remembered for ever."`
}

// worksListCmd is "hub works list".
type worksListCmd struct {
	Limit int `help:"Works to list." default:"50"`
}

// workJSON is a work in a list, for programs.
type workJSON struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	Records   int      `json:"records"`
	Languages []string `json:"languages"`
	Sources   int      `json:"sources"`
}

// Run lists works.
func (c *worksListCmd) Run(ctx context.Context, a *app) error {
	_, store, err := a.open(ctx)
	if err != nil {
		return err
	}
	list, err := store.Works(ctx, c.Limit)
	if err != nil {
		return err
	}
	if a.cli.JSON {
		out := []workJSON{}
		for _, w := range list {
			out = append(out, workJSON{string(w.ID), w.Title, w.Records, w.Languages, w.Sources})
		}
		return a.printJSON(out)
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(a.stdout, "No work has several editions yet.")
		return err
	}
	tw := tabwriter.NewWriter(a.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "WORK\tRECORDS\tSOURCES\tLANGUAGES\tTITLE")
	for _, w := range list {
		fmt.Fprintf(tw, "%s\t%d\t%d\t%s\t%s\n", w.ID, w.Records, w.Sources, strings.Join(w.Languages, " "), shorten(w.Title, 70))
	}
	return tw.Flush()
}

// worksShowCmd is "hub works show".
type worksShowCmd struct {
	ID string `arg:"" help:"Id of a work, or of one of its records."`
}

// editionJSON is one edition for programs.
type editionJSON struct {
	ID        string     `json:"id"`
	Source    string     `json:"source"`
	Title     string     `json:"title"`
	Languages []string   `json:"languages,omitempty"`
	Issued    string     `json:"issued,omitempty"`
	Status    string     `json:"editionStatus,omitempty"`
	Links     []linkJSON `json:"links,omitempty"`
}

type linkJSON struct {
	To         string   `json:"to"`
	Kind       string   `json:"kind"`
	Confidence float64  `json:"confidence"`
	Evidence   []string `json:"evidence,omitempty"`
}

// Run shows a work.
func (c *worksShowCmd) Run(ctx context.Context, a *app) error {
	_, store, err := a.open(ctx)
	if err != nil {
		return err
	}
	id := recordID(c.ID)
	if entry, err := store.Entry(ctx, id); err == nil && entry.Record.Work.ID != "" {
		id = entry.Record.Work.ID
	}
	w, err := store.Work(ctx, id)
	if errors.Is(err, catalog.ErrNoWork) {
		return usageError(fmt.Sprintf("there is no work %q with several editions; \"hub works list\" shows those there are", id))
	}
	if err != nil {
		return err
	}
	if a.cli.JSON {
		out := []editionJSON{}
		for _, e := range w.Editions {
			out = append(out, newEditionJSON(e))
		}
		return a.printJSON(map[string]any{"id": w.ID, "editions": out})
	}
	for _, e := range w.Editions {
		r := e.Entry.Record
		title, _ := r.Title.In("en")
		fmt.Fprintf(a.stdout, "%s  %s  %s\n", r.ID, r.Origin.Source, shorten(title, 80))
		fmt.Fprintf(a.stdout, "    %s\n", strings.Join(append(r.Languages, r.Issued.EDTF, r.Work.EditionStatus), " "))
		for _, l := range e.Links {
			fmt.Fprintf(a.stdout, "    %s of %s, %.2f: %s\n", l.Kind, l.To, l.Confidence, strings.Join(l.Evidence, ", "))
		}
	}
	return nil
}

func newEditionJSON(e catalog.Edition) editionJSON {
	r := e.Entry.Record
	title, _ := r.Title.In("en")
	out := editionJSON{ID: string(r.ID), Source: r.Origin.Source, Title: title, Languages: r.Languages, Issued: r.Issued.EDTF, Status: r.Work.EditionStatus}
	for _, l := range e.Links {
		out.Links = append(out.Links, linkJSON{string(l.To), l.Kind, l.Confidence, l.Evidence})
	}
	return out
}

// worksFindCmd is "hub works find".
type worksFindCmd struct{}

// Run finds works.
func (worksFindCmd) Run(ctx context.Context, a *app) error {
	_, store, err := a.open(ctx)
	if err != nil {
		return err
	}
	began := a.now()
	n, err := store.FindWorks(ctx, began)
	if err != nil {
		return err
	}
	if a.cli.JSON {
		return a.printJSON(map[string]int{"records": n.Records, "works": n.Works, "changed": n.Changed})
	}
	_, err = fmt.Fprintf(a.stdout, "%s, %s of several editions; %s changed, in %.1f s.\n", plural(n.Records, "record", "records"), plural(n.Works, "work", "works"), plural(n.Changed, "record", "records"), a.now().Sub(began).Seconds())
	return err
}

// twoRecords is a decision about two records.
type twoRecords struct {
	A   string `arg:"" help:"Id of one record."`
	B   string `arg:"" help:"Id of the other."`
	Why string `help:"Why; kept for whoever asks later." placeholder:"TEXT"`
}

func (c twoRecords) rule(ctx context.Context, a *app, v catalog.WorkVerdict) error {
	_, store, err := a.open(ctx)
	if err != nil {
		return err
	}
	r := catalog.WorkRuling{A: recordID(c.A), B: recordID(c.B), Verdict: v, Who: operator(), Why: c.Why, When: a.now()}
	if r.A == r.B {
		return usageError("name two records")
	}
	for _, id := range []record.ID{r.A, r.B} {
		if _, err := store.Entry(ctx, id); err != nil {
			return a.noRecord(err, id)
		}
	}
	if err := store.RuleWork(ctx, r); err != nil {
		return err
	}
	n, err := store.FindWorks(ctx, a.now())
	if err != nil {
		return err
	}
	if a.cli.JSON {
		return a.printJSON(map[string]int{"changed": n.Changed})
	}
	_, err = fmt.Fprintf(a.stdout, "They stay %s from now on; %s changed.\n", v, plural(n.Changed, "record", "records"))
	return err
}

// worksSplitCmd is "hub works split".
type worksSplitCmd struct {
	twoRecords `embed:""`
}

// Run sets two records apart.
func (c *worksSplitCmd) Run(ctx context.Context, a *app) error { return c.rule(ctx, a, catalog.Apart) }

// worksJoinCmd is "hub works join".
type worksJoinCmd struct {
	twoRecords `embed:""`
}

// Run puts two records together.
func (c *worksJoinCmd) Run(ctx context.Context, a *app) error {
	return c.rule(ctx, a, catalog.Together)
}
