package portal

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"ctiphub/internal/ctip"
	"ctiphub/record"
)

// changesInput is the query of /changes.
type changesInput struct {
	After int64 `query:"after" minimum:"0" default:"0" doc:"Number of the last change that you have; 0 to begin."`
	Limit int   `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"Changes in one answer."`
}

// changeList is a piece of the change log.
type changeList struct {
	Items  []change `json:"items" nullable:"false"`
	Next   int64    `json:"next" doc:"Ask with after=next for what comes behind; no items means that you have everything."`
	Schema string   `json:"schema" doc:"Version of the ctip schema."`
}

// change is the last change of one resource.
type change struct {
	Seq      int64          `json:"seq" doc:"Number of the change; strictly increasing."`
	Stamp    time.Time      `json:"stamp"`
	ID       string         `json:"id"`
	Deleted  bool           `json:"deleted" doc:"The resource was withdrawn."`
	Resource *ctip.Resource `json:"resource,omitempty" doc:"The resource as it is now; absent when it was withdrawn."`
}

func (p *Portal) registerChanges(api huma.API) {
	get(p, api, operation{
		id: "list-changes", path: "/changes", summary: "What changed, in order",
		description: "Every resource once, at the place of its last change, withdrawn ones included. Keep next and ask again to stay in step.",
	}, p.apiChanges)
}

func (p *Portal) apiChanges(ctx context.Context, in *changesInput) (*answer[changeList], error) {
	entries, err := p.o.Store.Entries(ctx, record.Range{After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	body := changeList{Items: make([]change, 0, len(entries)), Next: in.After, Schema: record.SchemaVersion}
	for _, e := range entries {
		c := change{Seq: e.Seq, Stamp: e.Stamp, ID: string(e.Record.ID), Deleted: e.Deleted}
		if !e.Deleted {
			res := publicJSON(e.Record)
			c.Resource = &res
		}
		body.Items, body.Next = append(body.Items, c), e.Seq
	}
	return &answer[changeList]{body}, nil
}
