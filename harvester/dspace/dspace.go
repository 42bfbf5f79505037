// Package dspace harvests DSpace 7 and later through its REST API
// (https://github.com/DSpace/RestContract): the items that its discovery search finds.
//
// In flows a source whose url is the root of the REST API (…/server/api); out flow pages
// of items as JSON. It stores nothing; the listing itself is that of package api. It must
// not know what the metadata means.
package dspace

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"ctiphub/harvester"
	"ctiphub/harvester/api"
	"ctiphub/record"
)

// New returns an adapter that asks through a client. env looks up the keys of APIs.
func New(get api.Getter, now func() time.Time, env func(string) string) *api.Adapter {
	return api.New(api.Options{Get: get, Now: now, Env: env, Format: record.FormatDSpace, Complete: complete})
}

const search = "/discover/search"

// complete fills in what every DSpace has, and what this one says of itself: where its
// pages are, and by what its search can sort.
func complete(src harvester.Source, ask api.Ask) (harvester.Source, error) {
	root := strings.TrimSuffix(strings.TrimSuffix(strings.TrimRight(src.URL, "/"), "/objects"), search)
	doc, err := ask(root)
	if err != nil {
		return src, fmt.Errorf("asking for the root of the REST API, which usually is …/server/api: %w", err)
	}
	if api.Text(doc, "_links.discover.href") == "" {
		return src, errors.New("the url is not the root of a REST API of DSpace 7 or later, which usually is …/server/api: it names no search (discover)")
	}
	r := src.API
	src.URL = root + search + "/objects"
	query := map[string]string{"dsoType": "item", "embed": "bundles/bitstreams"}
	maps.Copy(query, r.Query)
	if query["sort"] == "" {
		by := sorting(root, query, ask)
		// By the date of accession what is new stands at the end, so that pages do not move
		// under the listing. Sorting by what no configuration has is refused.
		if slices.Contains(by, "dc.date.accessioned") {
			query["sort"] = "dc.date.accessioned,ASC"
		}
		if slices.Contains(by, "lastModified") {
			r.Since, r.NewestFirst = map[string]string{"sort": "lastModified,DESC"}, true
		}
	}
	r.Query, r.Items = query, "_embedded.searchResult._embedded.objects._embedded.indexableObject"
	r.ID, r.Modified = []string{"uuid", "id"}, "lastModified"
	ui := pages(api.Text(doc, "dspaceUI"), root)
	r.URL = []string{ui + "/handle/{handle}", ui + "/items/{uuid}"}
	r.Deleted, r.Skip = "withdrawn=true", "discoverable=false"
	r.Total = "_embedded.searchResult.page.totalElements"
	// 100 is the most that DSpace gives unless it is told otherwise.
	r.Paging = harvester.APIPaging{By: "next", Path: "_embedded.searchResult._links.next.href", Size: cmp.Or(r.Paging.Size, 100), Limit: "size"}
	src.API = r
	return src, nil
}

// sorting lists what the search can sort by. One that does not say so is not sorted.
func sorting(root string, query map[string]string, ask api.Ask) []string {
	q := url.Values{}
	for _, name := range []string{"configuration", "scope"} {
		if query[name] != "" {
			q.Set(name, query[name])
		}
	}
	address := root + search
	if len(q) > 0 {
		address += "?" + q.Encode()
	}
	doc, err := ask(address)
	if err != nil {
		return nil
	}
	return api.Texts(doc, "sortOptions.name")
}

// pages is where the pages for readers are: what the REST API says, unless that was never
// configured; else where they are when both are on one host.
func pages(ui, root string) string {
	if u, err := url.Parse(ui); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "localhost" {
		return strings.TrimRight(ui, "/")
	}
	return strings.TrimSuffix(strings.TrimSuffix(root, "/api"), "/server")
}
