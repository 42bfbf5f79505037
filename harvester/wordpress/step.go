package wordpress

import (
	"fmt"
	"hash/fnv"
	"net/url"
	"slices"
	"strconv"
	"time"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
)

// step asks for the next part of the list at hand. Without a page and an error, the same
// list is to be gone on with in another way.
func (r *run) step() (*harvester.Page, error) {
	s := &r.state
	l := s.Lists[0]
	t, ok := s.Site.typeOf(l.Type)
	if !ok {
		return nil, fmt.Errorf("the type %s of a stored place is unknown", l.Type)
	}
	if s.Size == 0 {
		s.Size = perPage
		if r.src.WordPress.Translations != "" && l.What != ids {
			s.Size = perHeads
		}
	}
	req := r.request(endpoint(s.Site.Root, r.route(t.Route), r.parameters(l)))
	if req.Politeness.Timeout == 0 {
		req.Politeness.Timeout = fetch.Duration(2 * time.Minute) // a hundred entries take old sites a while
	}
	var kept []stub
	if l.What == ids {
		kept = r.keptStubs(&req)
	}
	a, err := r.ask(req)
	if err != nil {
		return r.failed(err)
	}
	s.clock(a.Header)
	if r.shifted(l, a.total) {
		return nil, nil
	}
	var page harvester.Page
	var n int
	var over bool
	if l.What == ids {
		page, n, err = r.sweep(t, l, req.URL, a, kept)
	} else {
		page, n, over, err = r.take(t, l, a)
	}
	if err != nil {
		return nil, err
	}
	page.Total = s.Before + max(s.Total, 0)
	return r.advance(page, a, n, over), nil
}

func (s site) typeOf(base string) (contentType, bool) {
	i := slices.IndexFunc(s.Types, func(t contentType) bool { return t.Base == base })
	if i < 0 {
		return contentType{}, false
	}
	return s.Types[i], true
}

// parameters of the next request.
func (r *run) parameters(l list) url.Values {
	s := &r.state
	params, err := url.ParseQuery(l.Filter)
	if err != nil {
		params = url.Values{}
	}
	params.Set("per_page", strconv.Itoa(s.Size))
	params.Set("page", strconv.Itoa(s.Offset/s.Size+1))
	if l.Lang != "" {
		params.Set("lang", l.Lang)
	}
	switch {
	case l.Type == mediaBase && r.src.WordPress.Media == "pdf":
		params.Set("mime_type", pdfType)
	case l.Type == mediaBase:
		params.Set("media_type", "application")
	}
	order := func(by, direction string) { params.Set("orderby", by); params.Set("order", direction) }
	// What changed is listed backwards: an entry that is edited meanwhile moves to the
	// front, so that others come twice and none is missed.
	switch l.What {
	case changed:
		order("modified", "desc")
		params.Set("modified_after", s.Since.Format("2006-01-02T15:04:05Z"))
	case published:
		order("date", "desc")
		params.Set("after", s.Since.Format("2006-01-02T15:04:05Z"))
	case newest:
		order("date", "desc")
	case ids:
		order("id", "asc")
		params.Set("_fields", "id,modified_gmt,mime_type,content.protected")
	default:
		order("id", "asc")
	}
	return params
}

// advance moves the state behind an answer with n entries, and the run to its end with
// the last list.
func (r *run) advance(page harvester.Page, a answer, n int, over bool) *harvester.Page {
	s := &r.state
	total := a.total
	if a.Response != nil && a.NotModified && total < 0 {
		total = s.Total
	}
	s.Total = max(s.Total, total)
	s.Offset += s.Size
	wide := s.Size
	s.grow()
	limit := r.src.WordPress.MaxPages
	if limit == 0 {
		limit = defaultPages
	}
	what := s.Lists[0].What
	switch {
	case over, what == newest:
	case n == 0:
		if over = true; total > s.Offset {
			s.Whole = false
			r.note("list-breaks-off", "The site says that it has %d entries in %s, but lists fewer.", total, s.Lists[0].Type)
		}
	case total > 0:
		over = s.Offset >= total
	default:
		over = n < wide
	}
	if !over && what != newest && s.Offset >= limit*perPage {
		over, s.Whole = true, false
		r.note("too-many-pages", "A list has more than %d pages; the entries beyond were left out.", limit)
	}
	if what == newest {
		over = true
		if total > s.Offset || total < 0 && n >= wide {
			r.note("posts-not-chosen", "Only the newest %d posts were listed, because the recipe does not say which ones are wanted: name categories, tags or words to search for, or write all: true to take every post.", n)
		}
	}
	if over {
		s.Good++
		s.Before += max(s.Total, n)
		s.Lists = slices.Delete(s.Lists, 0, 1)
		s.place = place{}
	}
	if len(s.Lists) == 0 {
		s.Phase, s.Lists = done, nil
		page.Last, page.Complete = true, s.Whole && s.Since.IsZero()
	}
	return r.page(page)
}

// round reports an answer that has come before in the same list.
func (r *run) round(items []int64) error {
	h := fnv.New64a()
	for _, id := range items {
		fmt.Fprintf(h, "%d ", id)
	}
	print := strconv.FormatUint(h.Sum64(), 36)
	if len(items) > 0 && print == r.state.Print {
		return fmt.Errorf("the list of %s goes round: page %d holds the entries of the page before", r.state.Lists[0].Type, r.state.Offset/r.state.Size+1)
	}
	r.state.Print = print
	return nil
}

// take turns an answer with whole entries into raws. It reports how many there were, and
// whether the rest of the list is older than what is asked for.
func (r *run) take(t contentType, l list, a answer) (page harvester.Page, n int, over bool, err error) {
	items, err := readItems(a.body)
	if err != nil {
		return page, 0, false, fmt.Errorf("reading %s: %w", a.URL, err)
	}
	n = len(items)
	if err := r.round(idsOf(items)); err != nil {
		return page, n, false, err
	}
	if l.What == changed || l.What == published {
		field := map[string]string{changed: "modified_gmt", published: "date_gmt"}[l.What]
		old := func(it item) bool { at := it.time(field); return !at.IsZero() && at.Before(r.state.Since) }
		if i := slices.IndexFunc(items, old); i >= 0 {
			over = true
			// One that is out of order is no reason to drop those behind it.
			items = slices.DeleteFunc(items, old)
			r.note("dates-ignored", "The site's WordPress is so old that it cannot list by date of change: more was asked for than needed.")
		}
	}
	page, err = r.convert(t, items, a)
	return page, n, over, err
}

func idsOf(items []item) []int64 {
	list := make([]int64, len(items))
	for i, it := range items {
		list[i] = it.id
	}
	return list
}
