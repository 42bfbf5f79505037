package portal

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"ctiphub/catalog"
)

// sourcesPage is "/sources": who the hub harvests and how that goes.
type sourcesPage struct {
	Sources []sourceRow
	Live    int
	Good    int // sources whose last run was good
}

// sourceRow is what configuration and catalogue together know of a source.
type sourceRow struct {
	SourceInfo
	catalog.SourceStatus
	Mode    catalog.SourceMode
	Next    Visit
	URL     string // of its page here
	Country string // its English name
	State   string // in words
	Tone    string // "good", "warn", "bad" or "idle", for the mark beside the words
}

func sourceURL(id string) string { return "/sources/" + url.PathEscape(id) }

func (p *Portal) sources(w http.ResponseWriter, r *http.Request) error {
	rows, err := p.sourceRows(r.Context())
	if err != nil {
		return err
	}
	page := sourcesPage{Sources: rows}
	for _, s := range rows {
		page.Live += s.Live
		if s.LastRun.State.Good() {
			page.Good++
		}
	}
	return p.render(w, r, http.StatusOK, "sources", frame{Title: "Sources", Section: "sources", Index: true, Page: page})
}

// sourceRows lists the configured sources, then those that only the catalogue knows.
func (p *Portal) sourceRows(ctx context.Context) ([]sourceRow, error) {
	status, err := p.o.Store.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the state of the sources: %w", err)
	}
	modes, err := p.o.Store.Modes(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the modes of the sources: %w", err)
	}
	plan := map[string]Visit{}
	if p.o.Plan != nil {
		plan = p.o.Plan()
	}
	known := map[string]catalog.SourceStatus{}
	for _, s := range status {
		known[s.Source] = s
	}
	var rows []sourceRow
	for _, info := range p.o.Sources {
		rows = append(rows, p.sourceRow(info, known[info.ID], modes[info.ID], plan[info.ID]))
		delete(known, info.ID)
	}
	for _, s := range status {
		if _, left := known[s.Source]; left {
			rows = append(rows, p.sourceRow(SourceInfo{ID: s.Source, Name: s.Source}, s, modes[s.Source], Visit{}))
		}
	}
	return rows, nil
}

// sourceRowOf returns one source, and whether there is one of that id.
func (p *Portal) sourceRowOf(ctx context.Context, id string) (sourceRow, bool, error) {
	rows, err := p.sourceRows(ctx)
	if err != nil {
		return sourceRow{}, false, err
	}
	at := slices.IndexFunc(rows, func(s sourceRow) bool { return s.ID == id })
	if at < 0 {
		return sourceRow{}, false, nil
	}
	return rows[at], true, nil
}

func (p *Portal) sourceRow(info SourceInfo, st catalog.SourceStatus, mode catalog.SourceMode, next Visit) sourceRow {
	if info.Name == "" {
		info.Name = info.ID
	}
	s := sourceRow{SourceInfo: info, SourceStatus: st, Mode: mode, Next: next, URL: sourceURL(info.ID)}
	if info.Country != "" {
		s.Country = p.label(catalog.FacetCountry, info.Country)
	}
	s.State, s.Tone = stateWords(info.Enabled, mode.Mode, st.LastRun)
	return s
}

// stateWords says how it stands with a source.
func stateWords(enabled bool, mode catalog.Mode, last catalog.Run) (words, tone string) {
	switch {
	case mode == catalog.Paused:
		return "is paused", "idle"
	case mode == catalog.Retired, mode == catalog.Purged:
		return "is no longer visited", "idle"
	case !enabled && last.ID == 0:
		return "not harvested yet", "idle"
	case !enabled:
		return "not harvested now", "idle"
	case last.ID == 0:
		return "waits for its first visit", "idle"
	}
	return runWords(last.State)
}

// runWords says how a run ended.
func runWords(s catalog.State) (words, tone string) {
	switch s {
	case catalog.OK:
		return "works well", "good"
	case catalog.OKWithRejects:
		return "works, some records could not be taken", "good"
	case catalog.Running:
		return "is being visited now", "idle"
	case catalog.Partial:
		return "the last visit was cut short", "warn"
	case catalog.Held:
		return "changes are held until a curator has looked", "warn"
	case catalog.Blocked:
		return "a firewall keeps the hub out", "bad"
	case catalog.SkippedRun:
		return "the last visit was left out", "idle"
	case catalog.Failed:
		return "the last visit failed", "bad"
	}
	return string(s), "idle"
}
