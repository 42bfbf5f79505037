package portal

import (
	"context"
	"fmt"
	"net/http"

	"ctiphub/catalog"
	"ctiphub/record"
)

// sourcePage is "/sources/{id}": how the hub sees one source, for those who run it.
type sourcePage struct {
	sourceRow
	Sentence []string // three: what is done, how the last visit went, what is live
	history
	Quality quality
	Lines   []runLine
	Days    int // that the ledger goes back
	Agent   string
	Search  string
	Home    link
	Feed    link
}

// runLine is the account of one run.
type runLine struct {
	catalog.Run
	Words, Tone string
	Ruled       string // what a curator decided, in words
}

// Limits of the lists on the page of a source.
const (
	shownRuns    = 10
	shownRejects = 50
	shownChanges = 60
	ledgerDays   = 30
)

func (p *Portal) source(w http.ResponseWriter, r *http.Request) error {
	row, ok, err := p.sourceRowOf(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !ok {
		return &problem{http.StatusNotFound, "There is no source of that id.", nil}
	}
	page := sourcePage{sourceRow: row, Sentence: statusSentence(row), Search: only(catalog.FacetSource, row.ID), Home: outLink(row.SourceInfo.Home), Feed: outLink(row.SourceInfo.URL)}
	if page.history, err = p.history(r.Context(), row.ID); err != nil {
		return err
	}
	if page.Quality, err = p.qualityOf(r.Context(), row.ID); err != nil {
		return err
	}
	page.Days, page.Agent = ledgerDays, p.o.UserAgent
	for _, run := range page.Runs {
		words, tone := runWords(run.State)
		run.Message = clip(run.Message, 400)
		page.Lines = append(page.Lines, runLine{run, words, tone, ruled(run.Decided)})
	}
	return p.render(w, r, http.StatusOK, "source", frame{
		Title: "Source " + row.ID, Section: "sources", Index: true, Page: page,
		Feeds: p.feedLinks(catalog.Query{Filters: map[catalog.Facet][]string{catalog.FacetSource: {row.ID}}}),
	})
}

// history is what is known of a source's last runs, and in detail of the very last one.
type history struct {
	Runs    []catalog.Run
	Rejects []catalog.Reject
	Notes   []record.Finding
	Choices []catalog.Choice
	Changes []catalog.RecordChange
	Ledger  []catalog.LedgerRow
}

// history reads what the catalogue remembers of the visits to a source.
func (p *Portal) history(ctx context.Context, id string) (h history, err error) {
	if h.Ledger, err = p.o.Store.Ledger(ctx, id, p.o.Now().AddDate(0, 0, -ledgerDays)); err != nil {
		return h, fmt.Errorf("reading the ledger of %s: %w", id, err)
	}
	if h.Runs, err = p.o.Store.Runs(ctx, id, shownRuns); err != nil {
		return h, fmt.Errorf("reading the runs of %s: %w", id, err)
	}
	if len(h.Runs) == 0 {
		return h, nil
	}
	last := h.Runs[0].ID
	if h.Rejects, err = p.o.Store.Rejects(ctx, last, shownRejects); err != nil {
		return h, fmt.Errorf("reading the rejects of run %d: %w", last, err)
	}
	for i := range h.Rejects {
		h.Rejects[i].Identifier, h.Rejects[i].Detail = clip(h.Rejects[i].Identifier, 120), clip(h.Rejects[i].Detail, 300)
	}
	if h.Notes, err = p.o.Store.Notes(ctx, last); err != nil {
		return h, fmt.Errorf("reading the notes of run %d: %w", last, err)
	}
	if h.Choices, err = p.o.Store.Choices(ctx, last); err != nil {
		return h, fmt.Errorf("reading the choices of run %d: %w", last, err)
	}
	if h.Changes, err = p.o.Store.Changes(ctx, last, shownChanges); err != nil {
		return h, fmt.Errorf("reading the changes of run %d: %w", last, err)
	}
	for i := range h.Changes {
		h.Changes[i].Identifier, h.Changes[i].Title = clip(h.Changes[i].Identifier, 120), clip(h.Changes[i].Title, 160)
	}
	return h, nil
}

// Of returns the changes of one kind.
func (h history) Of(kind string) []catalog.RecordChange {
	var list []catalog.RecordChange
	for _, c := range h.Changes {
		if c.Kind == kind {
			list = append(list, c)
		}
	}
	return list
}

// ruled says what a curator decided about a run.
func ruled(v catalog.Verdict) string {
	switch v {
	case catalog.Approve:
		return "a curator approved it"
	case catalog.RollBack:
		return "a curator undid it"
	}
	return ""
}

// statusSentence says in three parts what the hub does, how it went and what came of it.
func statusSentence(s sourceRow) []string {
	does := "The hub visits this source on schedule."
	switch s.Mode.Mode {
	case catalog.Paused:
		does = "Visits to this source are paused since " + day(s.Mode.Since) + "."
	case catalog.Retired:
		does = "The hub no longer visits this source; what it has from there is no longer confirmed."
	case catalog.Purged:
		does = "The hub no longer visits this source and has withdrawn what came from there."
	default:
		switch {
		case !s.Enabled:
			does = "The hub does not visit this source at present."
		case !s.Next.Due.IsZero():
			does = "The next visit is due on " + moment(s.Next.Due) + " (" + s.Next.Why + ")."
		}
	}
	return []string{does, visitSentence(s), fmt.Sprintf("Of its records %s can be found here, %s are held back for review, and %s were withdrawn.",
		number(s.Live), number(s.Held), number(s.Deleted))}
}

func visitSentence(s sourceRow) string {
	last := s.LastRun
	if last.ID == 0 {
		return "There was no visit yet."
	}
	if last.State == catalog.Running {
		return "A visit is under way since " + moment(last.Started) + "."
	}
	words, _ := runWords(last.State)
	sentence := "The last visit ended on " + moment(last.Ended) + ": " + words + "."
	if !last.State.Good() {
		if s.LastGood.IsZero() {
			return sentence + " No visit went well yet."
		}
		return sentence + " The last one that went well was on " + day(s.LastGood) + "."
	}
	return sentence
}
