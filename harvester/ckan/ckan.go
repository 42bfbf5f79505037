// Package ckan harvests CKAN portals through the action API
// (https://docs.ckan.org/en/latest/api/): the packages that package_search finds.
//
// In flows a source whose url is the portal; out flow pages of packages as JSON. It stores
// nothing; the listing itself is that of package api. It must not know what the fields mean.
package ckan

import (
	"cmp"
	"maps"
	"net/url"
	"strings"
	"time"

	"ctiphub/harvester"
	"ctiphub/harvester/api"
	"ctiphub/record"
)

// New returns an adapter that asks through a client. env looks up the keys of APIs.
func New(get api.Getter, now func() time.Time, env func(string) string) *api.Adapter {
	return api.New(api.Options{Get: get, Now: now, Env: env, Format: record.FormatCKAN, Complete: complete})
}

const action = "/api/3/action/package_search"

// complete fills in what every CKAN has. All packages are listed by their ids, so that one
// that changes meanwhile does not move the others; what changed is listed in that order.
func complete(src harvester.Source, _ api.Ask) (harvester.Source, error) {
	r := src.API
	portal, params, _ := strings.Cut(src.URL, "?")
	portal = strings.TrimSuffix(strings.TrimRight(portal, "/"), action)
	src.URL = portal + action
	query := map[string]string{"sort": "id asc"}
	if q, err := url.ParseQuery(params); err == nil {
		for name := range q {
			query[name] = q.Get(name)
		}
	}
	maps.Copy(query, r.Query)
	changed := "metadata_modified:[{since} TO *]"
	if own := query["fq"]; own != "" {
		changed = "(" + own + ") AND " + changed
	}
	r.Query, r.Since = query, map[string]string{"fq": changed, "sort": "metadata_modified asc, id asc"}
	r.Items, r.Total, r.Error = "result.results", "result.count", "success=false"
	r.ID, r.Modified = []string{"id", "name"}, "metadata_modified"
	r.URL = []string{portal + "/dataset/{name}", portal + "/dataset/{id}"}
	r.Deleted, r.Skip = "state=deleted", "private=true"
	r.Paging = harvester.APIPaging{By: "offset", Param: "start", Limit: "rows", Size: cmp.Or(r.Paging.Size, 100)}
	src.API = r
	return src, nil
}
