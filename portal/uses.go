package portal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"ctiphub/analytics"
	"ctiphub/catalog"
	"ctiphub/record"
)

// UseCounter takes what the hub was used for. Count must not wait.
type UseCounter interface {
	Count(*http.Request, analytics.Use)
}

// countSearch counts a search that was run: not one that asks for nothing, nor the next page of
// its results.
func (p *Portal) countSearch(r *http.Request, channel analytics.Channel, q catalog.Query, total int) {
	if p.o.Uses == nil || r == nil || q.Cursor != "" {
		return
	}
	asked := q.Text != ""
	for _, values := range q.Filters {
		asked = asked || len(values) > 0
	}
	if !asked {
		return
	}
	only := func(f catalog.Facet) string {
		if len(q.Filters[f]) == 1 {
			return q.Filters[f][0]
		}
		return ""
	}
	p.o.Uses.Count(r, analytics.Use{
		URL: searchURL(q), Words: q.Text,
		Event: analytics.Event{
			Kind: analytics.KindSearch, Channel: channel, Results: uint32(max(0, total)), Zero: total == 0,
			Countries: p.known("country", q.Filters[catalog.FacetCountry]), Themes: p.areasOf(q.Filters[catalog.FacetTheme]),
			Type: p.first("type", only(catalog.FacetType)), Language: p.first("language", only(catalog.FacetLanguage)), Source: p.knownSource(only(catalog.FacetSource)),
		},
	})
}

// known leaves out values of a filter that the vocabulary does not have: they are somebody's own
// words.
func (p *Portal) known(scheme string, ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		_, ok := p.o.Vocabulary.Concept(scheme, id)
		return !ok
	})
}

func (p *Portal) first(scheme, id string) string {
	if _, ok := p.o.Vocabulary.Concept(scheme, id); !ok {
		return ""
	}
	return id
}

func (p *Portal) knownSource(id string) string {
	if !slices.ContainsFunc(p.o.Sources, func(s SourceInfo) bool { return s.ID == id }) {
		return ""
	}
	return id
}

// areasOf returns the themes of the first level that themes belong to.
func (p *Portal) areasOf(themes []string) []string {
	var list []string
	for _, t := range p.known("theme", themes) {
		if above := p.o.Vocabulary.Ancestors("theme", t); len(above) > 0 {
			t = above[len(above)-1]
		}
		if !slices.Contains(list, t) {
			list = append(list, t)
		}
	}
	return list
}

// countItem counts a use of a record: a view of its page, a click to its publisher, a download.
func (p *Portal) countItem(r *http.Request, kind analytics.Kind, rec record.Record, address string) {
	if p.o.Uses == nil {
		return
	}
	e := analytics.Event{
		Kind: kind, Channel: analytics.ChannelWeb, Record: string(rec.ID), Source: rec.Origin.Source, Publisher: publisherName(rec),
		Countries: tagIDs(rec.Countries), Themes: p.areasOf(tagIDs(rec.Themes)),
	}
	if len(rec.Type) > 0 {
		e.Type = rec.Type[0].ID
	}
	if len(rec.Languages) > 0 {
		e.Language = rec.Languages[0]
	}
	p.o.Uses.Count(r, analytics.Use{Event: e, URL: address})
}

// publisherName is the name that uses are counted under: that of the first publisher, in English
// where there is one. People are never named: their names would stay in figures after a takedown.
func publisherName(rec record.Record) string {
	if len(rec.Publishers) == 0 || rec.Publishers[0].Kind == "person" {
		return ""
	}
	if t := allTexts(rec.Publishers[0].Name, []string{"en"}); len(t) > 0 {
		return t[0].S
	}
	return ""
}

// wayOut is the address by which a reader leaves for a publisher's: that this was used is
// counted there. Without anybody who counts it is the publisher's own.
func (p *Portal) wayOut(id record.ID, to string) string {
	if p.o.Uses == nil || to == "" {
		return to
	}
	return "/resources/" + string(id) + "/go/" + linkName(to)
}

// linkName tells the links of a record apart, for as long as the record has them.
func linkName(to string) string {
	sum := sha256.Sum256([]byte(to))
	return hex.EncodeToString(sum[:8])
}

// leave answers "/resources/{id}/go/{link}": it leads to an address that the record has, and to
// no other.
func (p *Portal) leave(w http.ResponseWriter, r *http.Request) error {
	id := record.ID(r.PathValue("id"))
	if !id.Valid() {
		return catalog.ErrNotFound
	}
	e, err := p.o.Store.Entry(r.Context(), id)
	if err != nil {
		return err
	}
	if e.Deleted {
		return p.resourceHTML(w, r, e)
	}
	kind, to := wayOf(e.Record, r.PathValue("link"))
	if to == "" {
		return catalog.ErrNotFound
	}
	p.countItem(r, kind, e.Record, to)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Robots-Tag", "noindex, nofollow")
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// wayOf finds the link of that name: to the publisher's page, or to a file.
func wayOf(rec record.Record, name string) (analytics.Kind, string) {
	if to := outLink(rec.Origin.Landing).URL; to != "" && linkName(to) == name {
		return analytics.KindClick, to
	}
	for _, f := range rec.Files {
		if to := outLink(f.URL).URL; to != "" && linkName(to) == name {
			return analytics.KindDownload, to
		}
	}
	return "", ""
}

// requestKey finds the request of an answer of the JSON API.
type requestKey struct{}

// keepRequest lets what answers see the request, for counting.
func keepRequest(ctx huma.Context, next func(huma.Context)) {
	r, _ := humago.Unwrap(ctx)
	next(huma.WithValue(ctx, requestKey{}, r))
}

func requestOf(ctx context.Context) *http.Request {
	r, _ := ctx.Value(requestKey{}).(*http.Request)
	return r
}
