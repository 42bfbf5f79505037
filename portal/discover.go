package portal

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"ctiphub/catalog"
	"ctiphub/exporter/dcat"
	"ctiphub/exporter/rdf"
	"ctiphub/exporter/sitemap"
	"ctiphub/exporter/skos"
	"ctiphub/record"
)

// chunkSize is how many numbers of the change log one list of addresses covers. A record moves
// to the last list when it changes; what does not change keeps its place.
const chunkSize = sitemap.MostItems

// sitemapIndex is "/sitemap.xml".
func (p *Portal) sitemapIndex(w http.ResponseWriter, r *http.Request) error {
	base := p.base(r)
	list := sitemap.List{Index: true, Items: []sitemap.Item{{Loc: base + "/sitemaps/pages.xml"}}}
	err := p.eachChunk(r.Context(), func(n int, changed time.Time) {
		list.Items = append(list.Items, sitemap.Item{Loc: fmt.Sprintf("%s/sitemaps/resources-%d.xml", base, n), Modified: changed})
	})
	if err != nil {
		return err
	}
	return p.sendList(w, r, list)
}

// eachChunk calls do for every chunk of the change log that holds entries, with the date of its
// last change.
func (p *Portal) eachChunk(ctx context.Context, do func(n int, changed time.Time)) error {
	head, err := p.o.Store.Head(ctx)
	if err != nil {
		return err
	}
	for n := int64(1); (n-1)*chunkSize < head; n++ {
		after, upto := (n-1)*chunkSize, min(n*chunkSize, head)
		count, _, err := p.o.Store.Block(ctx, after, upto)
		if err != nil {
			return err
		}
		if count == 0 {
			continue
		}
		changed, err := p.o.Store.StampOf(ctx, upto)
		if err != nil {
			return err
		}
		do(int(n), changed)
	}
	return nil
}

// chunkOf reads the number of a list from the name of its file.
func chunkOf(file, prefix string) (int64, bool) {
	s, ok := strings.CutPrefix(file, prefix)
	s, xml := strings.CutSuffix(s, ".xml")
	n, err := strconv.ParseInt(s, 10, 32)
	return n, ok && xml && err == nil && n > 0
}

// heads returns the entries of one chunk, or that there is none.
func (p *Portal) heads(ctx context.Context, n int64) ([]catalog.Head, error) {
	list, err := p.o.Store.Heads(ctx, record.Range{After: (n - 1) * chunkSize, Upto: n * chunkSize, Limit: chunkSize})
	if err == nil && len(list) == 0 {
		err = &problem{http.StatusNotFound, "There is no list of that number.", nil}
	}
	return list, err
}

// sitemapFile is one list below "/sitemaps/".
func (p *Portal) sitemapFile(w http.ResponseWriter, r *http.Request) error {
	base, file := p.base(r), r.PathValue("file")
	if file == "pages.xml" {
		var list sitemap.List
		for _, path := range []string{"/", "/coverage", "/sources", "/about"} {
			list.Items = append(list.Items, sitemap.Item{Loc: base + path})
		}
		for _, s := range p.o.Sources {
			list.Items = append(list.Items, sitemap.Item{Loc: base + sourceURL(s.ID)})
		}
		return p.sendList(w, r, list)
	}
	n, ok := chunkOf(file, "resources-")
	if !ok {
		return &problem{http.StatusNotFound, "There is no sitemap of that name.", nil}
	}
	heads, err := p.heads(r.Context(), n)
	if err != nil {
		return err
	}
	var works []record.ID
	for _, h := range heads {
		if h.Work != "" && !slices.Contains(works, h.Work) {
			works = append(works, h.Work)
		}
	}
	editions, err := p.o.Store.Alternates(r.Context(), works)
	if err != nil {
		return err
	}
	var list sitemap.List
	for _, h := range heads {
		if h.Deleted {
			continue
		}
		list.Items = append(list.Items, sitemap.Item{Loc: base + resourceURL(h.ID), Modified: h.Stamp, Alternates: alternates(base, editions[h.Work])})
	}
	return p.sendList(w, r, list)
}

// alternates are the editions of a work by language, where there are several. A language that
// two editions have names neither.
func alternates(base string, editions []catalog.Alternate) []sitemap.Alternate {
	byLanguage := map[string][]record.ID{}
	for _, e := range editions {
		if len(e.Languages) == 1 {
			byLanguage[e.Languages[0]] = append(byLanguage[e.Languages[0]], e.ID)
		}
	}
	if len(byLanguage) < 2 {
		return nil
	}
	var list []sitemap.Alternate
	for _, e := range editions {
		if len(e.Languages) == 1 && len(byLanguage[e.Languages[0]]) == 1 {
			list = append(list, sitemap.Alternate{Lang: e.Languages[0], Href: base + resourceURL(e.ID)})
		}
	}
	return list
}

// syncDescription is "/.well-known/resourcesync": where a consumer of ResourceSync begins.
func (p *Portal) syncDescription(w http.ResponseWriter, r *http.Request) error {
	base := p.base(r)
	return p.sendList(w, r, sitemap.List{
		Meta:  sitemap.Meta{Capability: sitemap.Description},
		Links: []sitemap.Link{{Rel: "describedby", Href: base + "/about"}},
		Items: []sitemap.Item{{Loc: base + "/resourcesync/capabilitylist.xml", Meta: sitemap.Meta{Capability: sitemap.CapabilityList}}},
	})
}

// syncFile is one document below "/resourcesync/".
func (p *Portal) syncFile(w http.ResponseWriter, r *http.Request) error {
	base, file := p.base(r), r.PathValue("file")
	up := func(name string) []sitemap.Link { return []sitemap.Link{{Rel: "up", Href: base + name}} }
	switch file {
	case "capabilitylist.xml":
		return p.sendList(w, r, sitemap.List{
			Meta: sitemap.Meta{Capability: sitemap.CapabilityList}, Links: up("/.well-known/resourcesync"),
			Items: []sitemap.Item{
				{Loc: base + "/resourcesync/resourcelist.xml", Meta: sitemap.Meta{Capability: sitemap.ResourceList}},
				{Loc: base + "/resourcesync/changelist.xml", Meta: sitemap.Meta{Capability: sitemap.ChangeList}},
			},
		})
	case "resourcelist.xml", "changelist.xml":
		kind := strings.TrimSuffix(file, ".xml")
		meta, err := p.syncMeta(r.Context(), kind)
		if err != nil {
			return err
		}
		list := sitemap.List{Index: true, Meta: meta, Links: up("/resourcesync/capabilitylist.xml")}
		err = p.eachChunk(r.Context(), func(n int, changed time.Time) {
			list.Items = append(list.Items, sitemap.Item{Loc: fmt.Sprintf("%s/resourcesync/%s-%d.xml", base, kind, n), Modified: changed, Meta: sitemap.Meta{At: meta.At, From: meta.From}})
		})
		if err != nil {
			return err
		}
		return p.sendList(w, r, list)
	}
	for _, kind := range []string{sitemap.ResourceList, sitemap.ChangeList} {
		if n, ok := chunkOf(file, kind+"-"); ok {
			return p.syncChunk(w, r, kind, n)
		}
	}
	return &problem{http.StatusNotFound, "There is no document of that name.", nil}
}

// syncMeta says of when a list is: a resource list of the last change, from which on, that second
// included, the change list tells what came later; a change list of everything since the first.
func (p *Portal) syncMeta(ctx context.Context, kind string) (sitemap.Meta, error) {
	var seq int64
	if kind == sitemap.ResourceList {
		var err error
		if seq, err = p.o.Store.Head(ctx); err != nil {
			return sitemap.Meta{}, err
		}
	}
	stamp, err := p.o.Store.StampOf(ctx, seq)
	if stamp.IsZero() {
		stamp = p.o.Now().UTC().Truncate(time.Second)
	}
	if kind == sitemap.ResourceList {
		return sitemap.Meta{Capability: kind, At: stamp}, err
	}
	return sitemap.Meta{Capability: kind, From: stamp}, err
}

func (p *Portal) syncChunk(w http.ResponseWriter, r *http.Request, kind string, n int64) error {
	base := p.base(r)
	meta, err := p.syncMeta(r.Context(), kind)
	if err != nil {
		return err
	}
	heads, err := p.heads(r.Context(), n)
	if err != nil {
		return err
	}
	list := sitemap.List{Meta: meta, Links: []sitemap.Link{
		{Rel: "up", Href: base + "/resourcesync/capabilitylist.xml"}, {Rel: "index", Href: base + "/resourcesync/" + kind + ".xml"},
	}}
	for _, h := range heads {
		it := sitemap.Item{Loc: base + resourceURL(h.ID) + ".xml", Modified: h.Stamp, Meta: sitemap.Meta{Type: "application/xml"}, Links: []sitemap.Link{{Rel: "describes", Href: base + resourceURL(h.ID)}}}
		if kind == sitemap.ChangeList {
			it.Meta.Change, it.Meta.When = changeOf(h), h.Stamp
		} else if h.Deleted {
			continue
		}
		list.Items = append(list.Items, it)
	}
	return p.sendList(w, r, list)
}

func changeOf(h catalog.Head) string {
	switch {
	case h.Deleted:
		return sitemap.Deleted
	case h.New:
		return sitemap.Created
	}
	return sitemap.Updated
}

// sendList answers with a list of addresses.
func (p *Portal) sendList(w http.ResponseWriter, r *http.Request, list sitemap.List) error {
	return p.sendData(w, r, sitemap.MediaType, list.Append(nil))
}

// catalogFacts gathers what DCAT says of the hub.
func (p *Portal) catalogFacts(r *http.Request) (dcat.Facts, error) {
	f := dcat.Facts{Base: p.base(r), Name: p.o.Name, Contact: p.o.Contact, License: p.o.MetadataLicense, Vocabulary: p.o.Vocabulary}
	rows, err := p.sourceRows(r.Context())
	if err != nil {
		return f, err
	}
	for _, s := range rows {
		if s.Live == 0 {
			continue
		}
		f.Live += s.Live
		f.Sources = append(f.Sources, dcat.Source{ID: s.ID, Name: s.Name, Country: s.SourceInfo.Country, Home: s.Home, Live: s.Live})
	}
	head, err := p.o.Store.Head(r.Context())
	if err != nil {
		return f, err
	}
	if f.Updated, err = p.o.Store.StampOf(r.Context(), head); err != nil {
		return f, err
	}
	if p.o.Dumps != nil {
		for _, d := range p.o.Dumps() {
			f.Files = append(f.Files, dcat.File{URL: f.Base + d.Path, MediaType: d.MediaType, Bytes: d.Bytes, SHA256: d.SHA256})
		}
	}
	return f, nil
}

// dcatCatalog is "/catalog" and the same with the ending of a form.
func (p *Portal) dcatCatalog(w http.ResponseWriter, r *http.Request) error {
	f, err := p.catalogFacts(r)
	if err != nil {
		return err
	}
	return p.sendGraph(w, r, "/catalog", dcat.Graph(f))
}

// skosVocabulary is "/schema/vocabulary" with the ending of a form.
func (p *Portal) skosVocabulary(w http.ResponseWriter, r *http.Request) error {
	return p.sendGraph(w, r, "/schema/vocabulary", skos.Graph(p.o.Vocabulary))
}

// sendGraph answers in the form that the address ends in, or that the client accepts: Turtle
// unless it wants JSON-LD.
func (p *Portal) sendGraph(w http.ResponseWriter, r *http.Request, path string, g *rdf.Graph) error {
	ending := strings.TrimPrefix(r.URL.Path, path)
	if ending == "" {
		w.Header().Add("Vary", "Accept")
		if accept := r.Header.Get("Accept"); wish(accept, rdf.JSONLDType) > wish(accept, "text/turtle") || wish(accept, "application/json") > wish(accept, "text/turtle") {
			ending = ".jsonld"
		}
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	if ending != ".jsonld" {
		return p.sendData(w, r, rdf.TurtleType, g.Turtle())
	}
	body, err := g.JSONLD()
	if err != nil {
		return err
	}
	return p.sendData(w, r, rdf.JSONLDType, body)
}
