package portal

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"ctiphub/catalog"
	"ctiphub/record"
)

// workPage is "/works/{id}": the editions of one work.
type workPage struct {
	ID       string
	Title    text
	Editions []editionLine
}

// editionLine is one edition in a list.
type editionLine struct {
	Title     text
	URL       string
	Languages []string
	Status    string
	Issued    string
	Source    link
	Why       []string // why it is taken for an edition of the work
}

// mostEditions limits the list on the page of a resource; the page of the work has all.
const mostEditions = 12

func (p *Portal) work(w http.ResponseWriter, r *http.Request) error {
	id := record.ID(r.PathValue("id"))
	found, err := p.workOf(r.Context(), id)
	if err != nil {
		return err
	}
	page := workPage{ID: string(id), Editions: p.editions(found, "", readerLanguages(r))}
	page.Title = page.Editions[0].Title
	return p.render(w, r, http.StatusOK, "work", frame{Title: "Work " + string(id), Page: page})
}

// workOf reads a work, or a problem that says that there is none.
func (p *Portal) workOf(ctx context.Context, id record.ID) (catalog.Work, error) {
	found, err := p.o.Store.Work(ctx, id)
	if errors.Is(err, catalog.ErrNoWork) {
		err = &problem{http.StatusNotFound, "There is no work of that id with several editions.", nil}
	}
	return found, err
}

// editions lists the editions of a work without one of them.
func (p *Portal) editions(w catalog.Work, without record.ID, reader []string) []editionLine {
	var list []editionLine
	for _, e := range w.Editions {
		rec := e.Entry.Record
		if rec.ID == without {
			continue
		}
		line := editionLine{Title: text{"Untitled record", "en", "ltr"}, URL: resourceURL(rec.ID), Status: rec.Work.EditionStatus, Issued: rec.Issued.EDTF, Source: p.sourceLink(rec.Origin.Source)}
		if titles := allTexts(rec.Title, reader); len(titles) > 0 {
			line.Title = titles[0]
			line.Title.S = clip(line.Title.S, longestHeading)
		}
		for _, l := range rec.Languages {
			line.Languages = append(line.Languages, p.label(catalog.FacetLanguage, l))
		}
		for _, l := range e.Links {
			if without == "" || l.To == without {
				line.Why = append(line.Why, l.Kind+": "+strings.Join(l.Evidence, ", "))
			}
		}
		list = append(list, line)
	}
	return list
}

// otherEditions are those of a record's work, for its page.
func (p *Portal) otherEditions(ctx context.Context, rec record.Record, reader []string) ([]editionLine, error) {
	if rec.Work.ID == "" {
		return nil, nil
	}
	w, err := p.o.Store.Work(ctx, rec.Work.ID)
	if errors.Is(err, catalog.ErrNoWork) {
		return nil, nil // another hub's, or its other editions are gone
	}
	if err != nil {
		return nil, err
	}
	list := p.editions(w, rec.ID, reader)
	return list[:min(len(list), mostEditions)], nil
}

// workDoc is one work with its editions.
type workDoc struct {
	ID       string       `json:"id"`
	Editions []editionDoc `json:"editions" nullable:"false" doc:"Longest-known first."`
}

type editionDoc struct {
	ID            string            `json:"id" doc:"Id of the resource."`
	Title         map[string]string `json:"title"`
	Languages     []string          `json:"languages,omitempty" nullable:"false"`
	Issued        string            `json:"issued,omitempty" doc:"EDTF."`
	EditionStatus string            `json:"editionStatus,omitempty" doc:"official, unofficial or machine."`
	Source        string            `json:"source"`
	Links         []editionLinkDoc  `json:"links" nullable:"false" doc:"Why it is taken for an edition of the work."`
}

type editionLinkDoc struct {
	To         string   `json:"to" doc:"Id of the other resource."`
	Kind       string   `json:"kind" doc:"duplicate, translation, version, or curator."`
	Confidence float64  `json:"confidence" minimum:"0" maximum:"1"`
	Evidence   []string `json:"evidence" nullable:"false"`
}

type workInput struct {
	ID string `path:"id" maxLength:"128" doc:"Id of the work, as in the field work of a resource."`
}

func (p *Portal) registerWorks(api huma.API) {
	get(p, api, operation{id: "get-work", path: "/works/{id}", summary: "The editions of one work", errors: []int{http.StatusNotFound}}, p.apiWork)
}

func (p *Portal) apiWork(ctx context.Context, in *workInput) (*answer[workDoc], error) {
	w, err := p.workOf(ctx, record.ID(in.ID))
	if err != nil {
		return nil, err
	}
	doc := workDoc{ID: in.ID, Editions: make([]editionDoc, 0, len(w.Editions))}
	for _, e := range w.Editions {
		rec := e.Entry.Record
		one := editionDoc{
			ID: string(rec.ID), Title: map[string]string(rec.Title), Languages: rec.Languages, Issued: rec.Issued.EDTF,
			EditionStatus: rec.Work.EditionStatus, Source: rec.Origin.Source, Links: []editionLinkDoc{},
		}
		for _, l := range e.Links {
			one.Links = append(one.Links, editionLinkDoc{string(l.To), l.Kind, l.Confidence, append([]string{}, l.Evidence...)})
		}
		doc.Editions = append(doc.Editions, one)
	}
	return &answer[workDoc]{doc}, nil
}
