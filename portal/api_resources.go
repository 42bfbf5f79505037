package portal

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"ctiphub/analytics"
	"ctiphub/catalog"
	"ctiphub/exporter"
	"ctiphub/internal/ctip"
	"ctiphub/record"
)

// resourcesInput is the query of /resources.
type resourcesInput struct {
	Q        string   `query:"q" maxLength:"300" doc:"Words to be found in titles, descriptions, publishers and identifiers, in any language. All must match."`
	Country  []string `query:"country,explode" maxItems:"50" doc:"ISO 3166-1 alpha-2 codes of what the resource is about. Filters may be repeated or parted by commas; values of one filter widen, filters narrow."`
	Theme    []string `query:"theme,explode" maxItems:"50" doc:"Ids of the vocabulary scheme theme."`
	Type     []string `query:"type,explode" maxItems:"50" doc:"Ids of the vocabulary scheme type."`
	Language []string `query:"language,explode" maxItems:"50" doc:"BCP 47 tags of the resource's own languages."`
	Audience []string `query:"audience,explode" maxItems:"50" doc:"Ids of the vocabulary scheme audience."`
	Source   []string `query:"source,explode" maxItems:"50" doc:"Ids of sources."`
	Year     []string `query:"year,explode" maxItems:"50" doc:"Years of issue."`
	Finding  []string `query:"finding,explode" maxItems:"50" doc:"Codes of findings: what could be better about a record."`
	Sort     string   `query:"sort" enum:"relevance,newest,issued" doc:"relevance (the default; newest without q), newest: last changed here first, issued: latest date of issue first."`
	Limit    int      `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"Items on one page."`
	Cursor   string   `query:"cursor" maxLength:"200" doc:"The field next of the page before, with otherwise the same query."`
}

func (in *resourcesInput) query() catalog.Query {
	return catalog.Query{
		Text: searchText(in.Q), Sort: catalog.Sort(in.Sort), Limit: in.Limit, Cursor: in.Cursor,
		Filters: map[catalog.Facet][]string{
			catalog.FacetCountry: filterValues(in.Country), catalog.FacetTheme: filterValues(in.Theme),
			catalog.FacetType: filterValues(in.Type), catalog.FacetLanguage: filterValues(in.Language),
			catalog.FacetAudience: filterValues(in.Audience), catalog.FacetSource: filterValues(in.Source),
			catalog.FacetYear: filterValues(in.Year), catalog.FacetFinding: filterValues(in.Finding),
		},
	}
}

// resourceList is one page of resources.
type resourceList struct {
	Items  []ctip.Resource         `json:"items" nullable:"false"`
	Total  int                     `json:"total" minimum:"0" doc:"Resources that the query selects, on all pages."`
	Facets map[string][]facetCount `json:"facets" doc:"For each facet how many resources each value would give; the facet's own filter left out."`
	Next   string                  `json:"next,omitempty" doc:"Cursor of the next page; absent on the last one."`
	Note   string                  `json:"note,omitempty" doc:"How the answer was shortened: ranked-by-title."`
}

type facetCount struct {
	ID    string `json:"id"`
	Count int    `json:"count" minimum:"0"`
}

// resourceInput names one resource.
type resourceInput struct {
	ID string `path:"id" maxLength:"128" doc:"Id of the resource."`
}

type resourceAnswer struct {
	LastModified time.Time `header:"Last-Modified"`
	Body         ctip.Resource
}

func (p *Portal) registerResources(api huma.API) {
	get(p, api, operation{
		id: "list-resources", path: "/resources", summary: "Search resources",
		description: "Live resources with facets. A filter that is given twice widens.",
	}, p.apiResources)
	get(p, api, operation{
		id: "get-resource", path: "/resources/{id}", summary: "One resource",
		description: "410 when the resource was withdrawn. The ETag changes when the content does, not when the hub merely saw it again.",
		errors:      []int{http.StatusNotFound, http.StatusGone},
	}, p.apiResource)
}

func (p *Portal) apiResources(ctx context.Context, in *resourcesInput) (*answer[resourceList], error) {
	q := in.query()
	res, err := p.o.Store.Search(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("searching: %w", err)
	}
	p.countSearch(requestOf(ctx), analytics.ChannelAPI, q, res.Total)
	body := resourceList{Items: make([]ctip.Resource, 0, len(res.Hits)), Total: res.Total, Facets: map[string][]facetCount{}, Next: res.Next, Note: res.Note}
	for _, h := range res.Hits {
		body.Items = append(body.Items, publicJSON(h.Entry.Record))
		exporter.Served(ctx, "ctip-json", h.Entry.Seq, h.Entry.Seq, 1)
	}
	for _, f := range catalog.Facets() {
		list := make([]facetCount, 0, len(res.Facets[f]))
		for _, c := range res.Facets[f] {
			list = append(list, facetCount(c))
		}
		body.Facets[string(f)] = list
	}
	return &answer[resourceList]{body}, nil
}

func (p *Portal) apiResource(ctx context.Context, in *resourceInput) (*resourceAnswer, error) {
	id := record.ID(in.ID)
	if !id.Valid() {
		return nil, catalog.ErrNotFound
	}
	e, err := p.o.Store.Entry(ctx, id)
	if err != nil {
		return nil, err
	}
	if e.Deleted {
		return nil, &problem{http.StatusGone, "The resource was withdrawn on " + day(e.Stamp) + ".", nil}
	}
	exporter.Served(ctx, "ctip-json", e.Seq, e.Seq, 1)
	return &resourceAnswer{LastModified: e.Stamp.UTC(), Body: publicJSON(e.Record)}, nil
}

// publicJSON is the form in which a record leaves the hub.
func publicJSON(rec record.Record) ctip.Resource {
	res := ctip.ToJSON(ctip.Public(rec))
	if res.Title == nil {
		res.Title = ctip.LanguageMap{} // the field is never absent and never null
	}
	return res
}
