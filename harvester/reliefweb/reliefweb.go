// Package reliefweb harvests the ReliefWeb API (https://apidoc.reliefweb.int/) and APIs of
// its shape: the reports that it lists, in the order in which they were made.
//
// In flows a source whose url is a list such as …/v2/reports; out flow pages of reports as
// JSON. It stores nothing; the listing itself is that of package api. It must not know what
// the fields mean.
package reliefweb

import (
	"cmp"
	"errors"
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
	return api.New(api.Options{Get: get, Now: now, Env: env, Format: record.FormatReliefWeb, Complete: complete})
}

// complete fills in what these APIs have in common. Each wants to know who asks: the
// appname is agreed with its operators.
func complete(src harvester.Source, _ api.Ask) (harvester.Source, error) {
	r := src.API
	u, err := url.Parse(src.URL)
	if err != nil {
		return src, errors.New("url: it cannot be read")
	}
	query := map[string]string{"profile": "full", "sort[]": "date.created:asc"}
	for name := range u.Query() {
		query[name] = u.Query().Get(name)
	}
	maps.Copy(query, r.Query)
	if query["appname"] == "" {
		return src, errors.New("api.query.appname: the API wants the name under which the hub is registered there")
	}
	u.RawQuery = ""
	src.URL = u.String()
	r.Query, r.Since = query, since(query)
	r.Items, r.Total = "data", "totalCount"
	r.ID, r.Modified = []string{"id"}, "fields.date.changed"
	r.URL = []string{"fields.url_alias", "fields.url", "href"}
	r.Paging = harvester.APIPaging{By: "offset", Param: "offset", Limit: "limit", Size: cmp.Or(r.Paging.Size, 100)}
	src.API = r
	return src, nil
}

// since asks for what changed. A filter of the source becomes the first of two conditions
// that both hold.
func since(query map[string]string) map[string]string {
	ask := map[string]string{"sort[]": "date.changed:asc"}
	field := "filter"
	for name := range query {
		if strings.HasPrefix(name, "filter[") {
			ask[name] = "" // moves into the condition, below
			field = "filter[conditions][1]"
		}
	}
	for name, value := range query {
		if rest, ok := strings.CutPrefix(name, "filter["); ok {
			ask["filter[conditions][0]["+rest] = value
		}
	}
	if field != "filter" {
		ask["filter[operator]"] = "AND"
	}
	ask[field+"[field]"], ask[field+"[value][from]"] = "date.changed", "{since}"
	return ask
}
