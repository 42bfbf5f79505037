package portal

import (
	"context"
	"fmt"
	"net/http"

	"ctiphub/catalog"
)

// sourcePage is "/sources/{id}": how the hub sees one source, for those who run it.
type sourcePage struct {
	sourceRow
	Sentence []string // three: what is done, how the last visit went, what is live
	Runs     []runLine
	Rejects  []catalog.Reject
	Search   string
	Home     link
	Feed     link
}

// runLine is the account of one run.
type runLine struct {
	catalog.Run
	Words, Tone string
}

// Limits of the lists on the page of a source.
const (
	shownRuns    = 10
	shownRejects = 50
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
	runs, rejects, err := p.history(r.Context(), row.ID)
	if err != nil {
		return err
	}
	page.Rejects = rejects
	for _, run := range runs {
		words, tone := runWords(run.State)
		run.Message = clip(run.Message, 300)
		page.Runs = append(page.Runs, runLine{run, words, tone})
	}
	return p.render(w, r, http.StatusOK, "source", frame{Title: "Source " + row.ID, Section: "sources", Index: true, Page: page})
}

// history reads the last runs of a source and what the last one could not take.
func (p *Portal) history(ctx context.Context, id string) ([]catalog.Run, []catalog.Reject, error) {
	runs, err := p.o.Store.Runs(ctx, id, shownRuns)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the runs of %s: %w", id, err)
	}
	if len(runs) == 0 {
		return nil, nil, nil
	}
	rejects, err := p.o.Store.Rejects(ctx, runs[0].ID, shownRejects)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the rejects of run %d: %w", runs[0].ID, err)
	}
	for i := range rejects {
		rejects[i].Identifier, rejects[i].Detail = clip(rejects[i].Identifier, 120), clip(rejects[i].Detail, 300)
	}
	return runs, rejects, nil
}

// statusSentence says in three parts what the hub does, how it went and what came of it.
func statusSentence(s sourceRow) []string {
	does := "The hub visits this source on schedule."
	if !s.Enabled {
		does = "The hub does not visit this source at present."
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
