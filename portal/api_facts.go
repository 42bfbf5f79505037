package portal

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"ctiphub/record"
)

// vocabularyDoc is the controlled vocabulary.
type vocabularyDoc struct {
	Version string          `json:"version"`
	Schemes []vocabularySet `json:"schemes" nullable:"false"`
}

type vocabularySet struct {
	ID       string              `json:"id"`
	Concepts []vocabularyConcept `json:"concepts" nullable:"false"`
}

type vocabularyConcept struct {
	ID       string            `json:"id"`
	Notation string            `json:"notation,omitempty"`
	Label    map[string]string `json:"label"`
	Broader  string            `json:"broader,omitempty"`
	Note     string            `json:"note,omitempty"`
}

func (p *Portal) registerVocabulary(api huma.API) {
	get(p, api, operation{id: "get-vocabulary", path: "/vocabulary", summary: "Ids and labels of all concepts"}, p.apiVocabulary)
}

func (p *Portal) apiVocabulary(context.Context, *struct{}) (*answer[vocabularyDoc], error) {
	doc := vocabularyDoc{Version: p.o.Vocabulary.Version, Schemes: []vocabularySet{}}
	for _, s := range p.o.Vocabulary.Schemes {
		set := vocabularySet{ID: s.ID, Concepts: make([]vocabularyConcept, 0, len(s.Concepts))}
		for _, c := range s.Concepts {
			set.Concepts = append(set.Concepts, newVocabularyConcept(c))
		}
		doc.Schemes = append(doc.Schemes, set)
	}
	return &answer[vocabularyDoc]{doc}, nil
}

func newVocabularyConcept(c record.Concept) vocabularyConcept {
	label := map[string]string(c.Label)
	if label == nil {
		label = map[string]string{}
	}
	return vocabularyConcept{ID: c.ID, Notation: c.Notation, Label: label, Broader: c.Broader, Note: c.Note}
}

// coverageDoc is the matrix of countries and themes.
type coverageDoc struct {
	AsOf      time.Time         `json:"asOf"`
	Themes    []string          `json:"themes" nullable:"false" doc:"Ids of the themes counted, in order."`
	Countries []countryCoverage `json:"countries" nullable:"false"`
}

type countryCoverage struct {
	ID           string         `json:"id"`
	Total        int            `json:"total" minimum:"0" doc:"Resources about the country. One with several countries counts in each."`
	Themes       map[string]int `json:"themes" doc:"Number by id of the theme. 0 means that nothing was found yet."`
	OnlyRegional []string       `json:"onlyRegional,omitempty" nullable:"false" doc:"Themes in which nothing but resources about a whole region was found."`
}

func (p *Portal) registerCoverage(api huma.API) {
	get(p, api, operation{
		id: "get-coverage", path: "/coverage", summary: "Resources by country and area",
		description: "What was found for the member states of ASEAN, by the areas of the ACWC guidelines. Not a ranking.",
	}, p.apiCoverage)
}

func (p *Portal) apiCoverage(ctx context.Context, _ *struct{}) (*answer[coverageDoc], error) {
	c, err := p.counted(ctx)
	if err != nil {
		return nil, err
	}
	doc := coverageDoc{AsOf: c.AsOf, Themes: c.Themes, Countries: make([]countryCoverage, 0, len(c.Rows))}
	if doc.Themes == nil {
		doc.Themes = []string{}
	}
	for _, row := range c.Rows {
		line := countryCoverage{ID: row.Country, Total: row.Total, Themes: map[string]int{}}
		for i, theme := range c.Themes {
			line.Themes[theme] = row.Counts[i]
			if c.Regional[cell{row.Country, theme}] {
				line.OnlyRegional = append(line.OnlyRegional, theme)
			}
		}
		doc.Countries = append(doc.Countries, line)
	}
	return &answer[coverageDoc]{doc}, nil
}

// sourceList is all sources.
type sourceList struct {
	Items []SourceDoc `json:"items" nullable:"false"`
}

// SourceDoc is one source in the JSON API. It is exported because the OpenAPI document
// takes the fields of embedded structs from exported ones only.
type SourceDoc struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Country  string    `json:"country,omitempty"`
	Kind     string    `json:"kind,omitempty"`
	URL      string    `json:"url,omitempty" doc:"What is harvested."`
	Home     string    `json:"home,omitempty" doc:"The publisher's site."`
	Enabled  bool      `json:"enabled" doc:"Visited on schedule."`
	State    string    `json:"state,omitempty" doc:"How the last run ended: running, ok, ok-with-rejects, partial, held, blocked, failed, skipped; absent before the first."`
	LastRun  time.Time `json:"lastRun,omitzero"`
	LastGood time.Time `json:"lastGood,omitzero"`
	Next     time.Time `json:"next,omitzero" doc:"When it is visited next."`
	Why      string    `json:"why,omitempty" doc:"Why it is visited then, or not at all."`
	Mode     string    `json:"mode,omitempty" enum:"active,paused,retired,purged" doc:"What a curator set; absent: as configured."`
	Live     int       `json:"live"`
	Held     int       `json:"held" doc:"Kept back for review."`
	Deleted  int       `json:"deleted" doc:"Withdrawn."`
}

// sourceDetail is one source with its last runs.
type sourceDetail struct {
	SourceDoc
	Quality qualityDoc  `json:"quality"`
	Runs    []runDoc    `json:"runs" nullable:"false" doc:"Newest first."`
	Rejects []rejectDoc `json:"rejects" nullable:"false" doc:"What the last run could not take or left out, at most 50."`
	Notes   []noteDoc   `json:"notes" nullable:"false" doc:"Oddities of the source that the last run met."`
	Choices []choiceDoc `json:"choices" nullable:"false" doc:"Which rule set which field in how many records of the last run."`
	Changes []changeRow `json:"changes" nullable:"false" doc:"What the last run did to records, at most 60."`
	Ledger  []ledgerDoc `json:"ledger" nullable:"false" doc:"What the hub asked of the source's hosts, by day, of the last 30 days."`
}

type noteDoc struct {
	Code   string `json:"code"`
	Detail string `json:"detail,omitempty"`
}

type choiceDoc struct {
	Field   string `json:"field"`
	Rule    string `json:"rule"`
	Records int    `json:"records"`
}

type changeRow struct {
	ID         string `json:"id"`
	Identifier string `json:"identifier"`
	Kind       string `json:"kind" enum:"new,changed,deleted"`
	Title      string `json:"title,omitempty"`
}

// ledgerDoc is one day at one host.
type ledgerDoc struct {
	Day           string  `json:"day" format:"date" doc:"UTC."`
	Host          string  `json:"host"`
	Requests      int     `json:"requests"`
	Bytes         int64   `json:"bytes"`
	NotModified   int     `json:"notModified" doc:"Answers that something did not change."`
	Throttled     int     `json:"throttled" doc:"Answers 429 and 503."`
	Errors        int     `json:"errors"`
	Blocked       int     `json:"blocked" doc:"Answers of a firewall."`
	RobotsAllowed int     `json:"robotsAllowed"`
	RobotsRefused int     `json:"robotsRefused"`
	CrawlDelay    float64 `json:"crawlDelay" doc:"Seconds, as robots.txt asks."`
	Slowest       float64 `json:"slowest" doc:"Seconds that the slowest answer took."`
	Waited        float64 `json:"waited" doc:"Seconds that the hub waited to be polite."`
	Limit         string  `json:"limit,omitempty" doc:"What took the most time: min-delay, crawl-delay, slow-down, retry-after or server."`
}

// runDoc is the account of one run: listed = new + changed + same + rejected + skipped.
type runDoc struct {
	Full     bool      `json:"full"`
	Started  time.Time `json:"started"`
	Ended    time.Time `json:"ended,omitzero"`
	State    string    `json:"state"`
	Listed   int       `json:"listed"`
	New      int       `json:"new"`
	Changed  int       `json:"changed"`
	Same     int       `json:"same"`
	Rejected int       `json:"rejected"`
	Skipped  int       `json:"skipped"`
	Removed  int       `json:"removed"`
	Message  string    `json:"message,omitempty"`
	Decided  string    `json:"decided,omitempty" enum:"approve,roll-back" doc:"What a curator decided about it."`
}

type rejectDoc struct {
	Identifier string `json:"identifier"`
	Code       string `json:"code"`
	Stage      string `json:"stage,omitempty"`
	Detail     string `json:"detail,omitempty"`
}

type sourceInput struct {
	ID string `path:"id" maxLength:"128" doc:"Id of the source."`
}

func (p *Portal) registerSources(api huma.API) {
	get(p, api, operation{id: "list-sources", path: "/sources", summary: "Sources and their state"}, p.apiSources)
	get(p, api, operation{
		id: "get-source", path: "/sources/{id}", summary: "One source with its last runs", errors: []int{http.StatusNotFound},
	}, p.apiSource)
}

func (p *Portal) apiSources(ctx context.Context, _ *struct{}) (*answer[sourceList], error) {
	rows, err := p.sourceRows(ctx)
	if err != nil {
		return nil, err
	}
	list := sourceList{Items: make([]SourceDoc, 0, len(rows))}
	for _, row := range rows {
		list.Items = append(list.Items, newSourceDoc(row))
	}
	return &answer[sourceList]{list}, nil
}

func newSourceDoc(s sourceRow) SourceDoc {
	return SourceDoc{
		ID: s.ID, Name: s.Name, Country: s.SourceInfo.Country, Kind: s.Kind, URL: s.SourceInfo.URL, Home: s.Home, Enabled: s.Enabled,
		State: string(s.LastRun.State), LastRun: s.LastRun.Started, LastGood: s.LastGood, Live: s.Live, Held: s.Held, Deleted: s.Deleted,
		Mode: string(s.Mode.Mode), Next: s.Next.Due, Why: s.Next.Why,
	}
}

func (p *Portal) apiSource(ctx context.Context, in *sourceInput) (*answer[sourceDetail], error) {
	row, ok, err := p.sourceRowOf(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, &problem{http.StatusNotFound, "There is no source of that id.", nil}
	}
	h, err := p.history(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	q, err := p.qualityOf(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	doc := sourceDetail{
		SourceDoc: newSourceDoc(row), Quality: q.doc(), Runs: make([]runDoc, 0, len(h.Runs)), Rejects: make([]rejectDoc, 0, len(h.Rejects)),
		Notes: make([]noteDoc, 0, len(h.Notes)), Choices: make([]choiceDoc, 0, len(h.Choices)),
		Changes: make([]changeRow, 0, len(h.Changes)), Ledger: make([]ledgerDoc, 0, len(h.Ledger)),
	}
	for _, r := range h.Runs {
		c := r.Counts
		doc.Runs = append(doc.Runs, runDoc{
			Full: r.Full, Started: r.Started, Ended: r.Ended, State: string(r.State), Listed: c.Listed, New: c.New, Changed: c.Changed,
			Same: c.Same, Rejected: c.Rejected, Skipped: c.Skipped, Removed: r.Removed, Message: r.Message, Decided: string(r.Decided),
		})
	}
	for _, r := range h.Rejects {
		doc.Rejects = append(doc.Rejects, rejectDoc{Identifier: r.Identifier, Code: r.Code, Stage: r.Stage, Detail: r.Detail})
	}
	for _, n := range h.Notes {
		doc.Notes = append(doc.Notes, noteDoc{Code: n.Code, Detail: n.Detail})
	}
	for _, c := range h.Choices {
		doc.Choices = append(doc.Choices, choiceDoc{Field: c.Field, Rule: c.Rule, Records: c.Count})
	}
	for _, c := range h.Changes {
		doc.Changes = append(doc.Changes, changeRow{ID: string(c.ID), Identifier: c.Identifier, Kind: c.Kind, Title: c.Title})
	}
	for _, l := range h.Ledger {
		doc.Ledger = append(doc.Ledger, ledgerDoc{
			Day: l.Day.Format(time.DateOnly), Host: l.Host, Requests: l.Requests, Bytes: l.Bytes, NotModified: l.NotModified, Throttled: l.Throttled,
			Errors: l.Errors, Blocked: l.Blocked, RobotsAllowed: l.RobotsAllowed, RobotsRefused: l.RobotsRefused,
			CrawlDelay: l.CrawlDelay.Seconds(), Slowest: l.Slowest.Seconds(), Waited: l.Waited.Seconds(), Limit: l.Limit,
		})
	}
	return &answer[sourceDetail]{doc}, nil
}
