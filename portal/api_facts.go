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
	State    string    `json:"state,omitempty" doc:"How the last run ended: running, ok, ok-with-rejects, partial, held, failed, skipped; absent before the first."`
	LastRun  time.Time `json:"lastRun,omitzero"`
	LastGood time.Time `json:"lastGood,omitzero"`
	Live     int       `json:"live"`
	Held     int       `json:"held" doc:"Kept back for review."`
	Deleted  int       `json:"deleted" doc:"Withdrawn."`
}

// sourceDetail is one source with its last runs.
type sourceDetail struct {
	SourceDoc
	Runs    []runDoc    `json:"runs" nullable:"false" doc:"Newest first."`
	Rejects []rejectDoc `json:"rejects" nullable:"false" doc:"What the last run could not take or left out, at most 50."`
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
	runs, rejects, err := p.history(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	doc := sourceDetail{SourceDoc: newSourceDoc(row), Runs: make([]runDoc, 0, len(runs)), Rejects: make([]rejectDoc, 0, len(rejects))}
	for _, r := range runs {
		c := r.Counts
		doc.Runs = append(doc.Runs, runDoc{
			Full: r.Full, Started: r.Started, Ended: r.Ended, State: string(r.State), Listed: c.Listed, New: c.New, Changed: c.Changed,
			Same: c.Same, Rejected: c.Rejected, Skipped: c.Skipped, Removed: r.Removed, Message: r.Message,
		})
	}
	for _, r := range rejects {
		doc.Rejects = append(doc.Rejects, rejectDoc{Identifier: r.Identifier, Code: r.Code, Stage: r.Stage, Detail: r.Detail})
	}
	return &answer[sourceDetail]{doc}, nil
}
