package portal

import (
	"net/url"
	"slices"
	"strings"

	"ctiphub/catalog"
)

// longestQuery is how many characters of a search text are used.
const longestQuery = 300

// readQuery takes a query from the parameters of a page. What it does not understand it
// leaves out: a link that someone shortened or mistyped still leads somewhere.
func readQuery(v url.Values) catalog.Query {
	q := catalog.Query{Text: searchText(v.Get("q")), Filters: map[catalog.Facet][]string{}, Cursor: v.Get("cursor")}
	for _, f := range catalog.Filters() {
		q.Filters[f] = filterValues(v[string(f)])
	}
	switch s := catalog.Sort(v.Get("sort")); s {
	case catalog.ByNewest, catalog.ByIssued:
		q.Sort = s
	default:
		q.Sort = catalog.ByRelevance
	}
	return q
}

// searchText cleans and shortens the text of a search.
func searchText(s string) string {
	s = strings.Join(strings.Fields(visible(strings.ToValidUTF8(s, ""))), " ")
	if runes := []rune(s); len(runes) > longestQuery {
		s = string(runes[:longestQuery])
	}
	return s
}

// mostValues limits how many values of one facet a request may name.
const mostValues = 50

// filterValues takes the values of a parameter, repeated or parted by commas.
func filterValues(list []string) []string {
	var out []string
	for _, s := range list {
		for v := range strings.SplitSeq(s, ",") {
			v = strings.TrimSpace(v)
			if v != "" && len(v) <= 100 && !slices.Contains(out, v) && len(out) < mostValues {
				out = append(out, v)
			}
		}
	}
	return out
}

// searchURL writes a query as an address; the same query gives the same address.
func searchURL(q catalog.Query) string {
	var parts []string
	add := func(key, value string) { parts = append(parts, key+"="+url.QueryEscape(value)) }
	if q.Text != "" {
		add("q", q.Text)
	}
	for _, f := range catalog.Filters() {
		for _, v := range slices.Sorted(slices.Values(q.Filters[f])) {
			add(string(f), v)
		}
	}
	if q.Sort != "" && q.Sort != catalog.ByRelevance {
		add("sort", string(q.Sort))
	}
	if q.Cursor != "" {
		add("cursor", q.Cursor)
	}
	if len(parts) == 0 {
		return "/search"
	}
	return "/search?" + strings.Join(parts, "&")
}

// filtered returns the query with one value of a facet switched on or off, on its first
// page.
func filtered(q catalog.Query, f catalog.Facet, value string, on bool) catalog.Query {
	filters := map[catalog.Facet][]string{}
	for g, values := range q.Filters {
		filters[g] = slices.Clone(values)
	}
	filters[f] = slices.DeleteFunc(filters[f], func(v string) bool { return v == value })
	if on {
		filters[f] = append(filters[f], value)
	}
	q.Filters, q.Cursor = filters, ""
	return q
}

// only is the address of all records with one value.
func only(f catalog.Facet, value string) string {
	return searchURL(catalog.Query{Filters: map[catalog.Facet][]string{f: {value}}})
}
