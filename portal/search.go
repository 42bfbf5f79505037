package portal

import (
	"fmt"
	"net/http"

	"ctiphub/analytics"
	"ctiphub/catalog"
)

// searchPage is "/search". Every state of it is an address.
type searchPage struct {
	Q      string
	Total  int
	Hits   []hit
	Active []active
	Hidden []hidden // the filters, to be kept when the text changes
	Groups []facetGroup
	Sorts  []sortLink
	Clear  string // without any filter
	First  string // the first page, when this is another one
	Next   string
	JSON   string // the same query of the API
	Note   string
	Help   *zeroHelp
}

// active is a filter in force.
type active struct {
	Facet  string
	Label  string
	Remove string
}

// hidden is a form field that is not shown.
type hidden struct{ Name, Value string }

// sortLink is one order of results.
type sortLink struct {
	Label   string
	URL     string
	Current bool
}

// zeroHelp is what to try when nothing was found.
type zeroHelp struct {
	Try []choice
}

func (p *Portal) search(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r.URL.Query())
	res, err := p.o.Store.Search(r.Context(), q)
	if err != nil {
		return fmt.Errorf("searching: %w", err)
	}
	p.countSearch(r, analytics.ChannelWeb, q, res.Total)
	page := searchPage{Q: q.Text, Total: res.Total, Groups: p.facetGroups(q, res), Sorts: sorts(q), JSON: apiURL(q), Note: res.Note}
	reader, n := readerLanguages(r), newNeedles(q.Text)
	for _, h := range res.Hits {
		page.Hits = append(page.Hits, p.newHit(h.Entry.Record, n, reader))
	}
	page.setFilters(p, q)
	if q.Cursor != "" {
		first := q
		first.Cursor = ""
		page.First = searchURL(first)
	}
	if res.Next != "" {
		next := q
		next.Cursor = res.Next
		page.Next = searchURL(next)
	}
	if res.Total == 0 {
		if page.Help, err = p.zeroHelp(r, q); err != nil {
			return err
		}
	}
	// Not indexed: there is no end to the combinations of filters.
	return p.render(w, r, http.StatusOK, "search", frame{Title: "Search", Section: "search", Query: q.Text, Feeds: p.feedLinks(q), Page: page})
}

// setFilters lists the filters in force.
func (page *searchPage) setFilters(p *Portal, q catalog.Query) {
	for _, f := range catalog.Filters() {
		for _, v := range q.Filters[f] {
			page.Active = append(page.Active, active{facetName(f), p.label(f, v), searchURL(filtered(q, f, v, false))})
			page.Hidden = append(page.Hidden, hidden{string(f), v})
		}
	}
	if q.Sort != catalog.ByRelevance {
		page.Hidden = append(page.Hidden, hidden{"sort", string(q.Sort)})
	}
	if len(page.Active) > 0 {
		page.Clear = searchURL(catalog.Query{Text: q.Text, Sort: q.Sort})
	}
}

// sorts lists the orders of results.
func sorts(q catalog.Query) []sortLink {
	var list []sortLink
	for _, s := range []struct {
		sort  catalog.Sort
		label string
	}{{catalog.ByRelevance, "Best match"}, {catalog.ByNewest, "Newest here"}, {catalog.ByIssued, "Date of issue"}} {
		other := q
		other.Sort, other.Cursor = s.sort, ""
		list = append(list, sortLink{s.label, searchURL(other), q.Sort == s.sort})
	}
	return list
}

// zeroHelp looks what is found when one part of the query is left out.
func (p *Portal) zeroHelp(r *http.Request, q catalog.Query) (*zeroHelp, error) {
	help := &zeroHelp{}
	try := func(label string, without catalog.Query) error {
		without.Limit = 1
		res, err := p.o.Store.Search(r.Context(), without)
		if err != nil {
			return fmt.Errorf("looking for help: %w", err)
		}
		if res.Total > 0 {
			help.Try = append(help.Try, choice{URL: searchURL(without), Label: label, Count: res.Total})
		}
		return nil
	}
	tried := 0
	for _, f := range catalog.Facets() {
		if len(q.Filters[f]) == 0 || tried == 4 {
			continue
		}
		tried++
		without := q
		without.Cursor = ""
		for _, v := range q.Filters[f] {
			without = filtered(without, f, v, false)
		}
		if err := try("any "+facetWord(f), without); err != nil {
			return nil, err
		}
	}
	if q.Text != "" && tried > 0 {
		if err := try("the same filters without the words", catalog.Query{Filters: q.Filters, Sort: q.Sort}); err != nil {
			return nil, err
		}
		if err := try("the words without any filter", catalog.Query{Text: q.Text, Sort: q.Sort}); err != nil {
			return nil, err
		}
	}
	return help, nil
}
