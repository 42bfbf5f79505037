package portal

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"ctiphub/catalog"
	"ctiphub/exporter"
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
	// Digest is stated where these items, and those before, are all there is.
	Digest *digestDoc `json:"digest,omitempty" doc:"What you hold now, if you took every change until here: compare it with your own. Absent while more changes follow."`
}

// digestDoc proves that a consumer has everything.
type digestDoc struct {
	Seq     int64          `json:"seq" doc:"Last number of the sequence at that moment."`
	Schema  string         `json:"schema" doc:"Version of the ctip schema."`
	Sources []sourceDigest `json:"sources" nullable:"false"`
}

// sourceDigest is that of one source.
type sourceDigest struct {
	Source  string `json:"source"`
	Live    int    `json:"live" minimum:"0" doc:"Live resources of the source."`
	Deleted int    `json:"deleted" minimum:"0" doc:"Withdrawn ones that are still told of."`
	Digest  string `json:"digest" pattern:"^[0-9a-f]{64}$" doc:"XOR of the SHA-256 sums of one line an entry: its id, a space, the number of its last change, a space, and 'live' or 'deleted'; in hexadecimal."`
}

// change is the last change of one resource.
type change struct {
	Seq      int64          `json:"seq" doc:"Number of the change; strictly increasing."`
	Stamp    time.Time      `json:"stamp"`
	ID       string         `json:"id"`
	Source   string         `json:"source" doc:"Id of the source that it came from."`
	Deleted  bool           `json:"deleted" doc:"The resource was withdrawn."`
	Resource *ctip.Resource `json:"resource,omitempty" doc:"The resource as it is now; absent when it was withdrawn."`
}

func (p *Portal) registerChanges(api huma.API) {
	get(p, api, operation{
		id: "list-changes", path: "/changes", summary: "What changed, in order",
		description: "Every resource once, at the place of its last change, withdrawn ones included. Keep next and ask again to stay in step.",
	}, p.apiChanges)
	get(p, api, operation{
		id: "get-digest", path: "/digest", summary: "What a consumer in step holds",
		description: "Counts and a digest per source, all of one moment. Whoever followed /changes computes the same numbers from what it has, and so proves that nothing is missing.",
	}, p.apiDigest)
}

func (p *Portal) apiDigest(ctx context.Context, _ *struct{}) (*answer[digestDoc], error) {
	d, err := p.o.Store.Digests(ctx)
	if err != nil {
		return nil, err
	}
	return &answer[digestDoc]{newDigestDoc(d)}, nil
}

func newDigestDoc(d catalog.Digests) digestDoc {
	doc := digestDoc{Seq: d.Seq, Schema: record.SchemaVersion, Sources: make([]sourceDigest, 0, len(d.Sources))}
	for _, s := range d.Sources {
		doc.Sources = append(doc.Sources, sourceDigest{Source: s.Source, Live: s.Live, Deleted: s.Deleted, Digest: hex.EncodeToString(s.Sum[:])})
	}
	return doc
}

func (p *Portal) apiChanges(ctx context.Context, in *changesInput) (*answer[changeList], error) {
	digests, err := p.o.Store.Digests(ctx)
	if err != nil {
		return nil, err
	}
	entries, err := p.o.Store.Entries(ctx, record.Range{After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	body := changeList{Items: make([]change, 0, len(entries)), Next: in.After, Schema: record.SchemaVersion}
	for _, e := range entries {
		c := change{Seq: e.Seq, Stamp: e.Stamp, ID: string(e.Record.ID), Source: e.Record.Origin.Source, Deleted: e.Deleted}
		if !e.Deleted {
			res := publicJSON(e.Record)
			c.Resource = &res
		}
		body.Items, body.Next = append(body.Items, c), e.Seq
	}
	if len(entries) > 0 {
		exporter.Served(ctx, "ctip-json", entries[0].Seq, body.Next, len(entries))
	}
	// The digests were read first: they are of these entries if these are the last, and none
	// of them is newer.
	if len(entries) < in.Limit && body.Next <= digests.Seq {
		doc := newDigestDoc(digests)
		body.Digest = &doc
	}
	return &answer[changeList]{body}, nil
}
