package portal

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"ctiphub/analytics"
	"ctiphub/catalog"
)

// UsageStore is what the usage pages read: cells that were released, and what was released
// when. What was not released they cannot ask for.
type UsageStore interface {
	Cells(ctx context.Context, q analytics.Question) ([]analytics.Cell, error)
	Releases(ctx context.Context, c analytics.Cube, from, to analytics.Day) ([]analytics.Released, error)
}

// UsageOptions are what the usage pages are made from.
type UsageOptions struct {
	Store     UsageStore          // nil: there are no usage pages
	Crowd     int                 // k; 0: analytics.LeastCrowd
	Retention analytics.Retention // zero: analytics.DefaultRetention
	// Consumers lists the organisations that registered as harvesters; nil: there are none.
	Consumers func(context.Context) ([]UsageConsumer, error)
	// Status tells how the counting goes; nil: nobody knows.
	Status  func() UsageStatus
	Started bool // uses are being counted
}

// UsageConsumer is an organisation whose pulls are counted under its name.
type UsageConsumer struct {
	ID   string
	Name string
}

// UsageStatus says how the counting goes. It says nothing about what is counted.
type UsageStatus struct {
	Store      string                  // name and version of the engine
	Segments   int                     // files that wait for the store
	Oldest     time.Duration           // how long the oldest of them waits
	Dropped    map[analytics.Day]int64 // uses lost because the spool was full
	Verified   time.Time               // when rollups were last held against events; zero: never
	Mismatches int                     // rollups that did not agree then
	Robots     string                  // version of the list of robots
	RuleSet    string
}

// usageDefaults fills in what the options leave open.
func usageDefaults(o UsageOptions) UsageOptions {
	if o.Crowd == 0 {
		o.Crowd = analytics.LeastCrowd
	}
	if o.Retention == (analytics.Retention{}) {
		o.Retention = analytics.DefaultRetention()
	}
	return o
}

// check reports what the options cannot be.
func (o UsageOptions) check() error {
	if o.Crowd < analytics.LeastCrowd || o.Crowd > analytics.MostCrowd {
		return fmt.Errorf("making the pages of figures: a crowd of %d is not between %d and %d", o.Crowd, analytics.LeastCrowd, analytics.MostCrowd)
	}
	return nil
}

// scriptPolicy is the policy of pages with a chart that a script makes easier to read.
const scriptPolicy = policy + "; script-src 'self'"

// mountUsage puts the usage pages on the mux, and the COUNTER-style reports.
func (p *Portal) mountUsage(mux *http.ServeMux) {
	for _, d := range usagePages() {
		mux.Handle("GET "+d.path, p.adapt(p.usage(d)))
	}
	mux.Handle("GET /usage/reports", p.adapt(p.usageReports))
	mux.Handle("GET /usage/", p.adapt(p.usageNothing))
	mux.Handle("GET /privacy/usage", p.adapt(p.usagePrivacy))
	if p.o.Counter != nil {
		mux.Handle("GET /r51/", p.o.Counter)
	}
}

// usageNothing answers addresses below /usage that are no page.
func (p *Portal) usageNothing(w http.ResponseWriter, r *http.Request) error {
	if p.o.Usage.Store == nil {
		return errNoUsage()
	}
	return p.nothing(w, r)
}

// errNoUsage is what a hub without usage pages answers.
func errNoUsage() error {
	return &problem{http.StatusNotFound, "This hub does not count how it is used: there are no figures to show.", nil}
}

// usagePage is any page of figures.
type usagePage struct {
	Title    string
	Lead     string
	Nav      []usageLink
	Form     usageForm
	Active   []usageLink // filters in force, with the address without them
	Notice   []string
	Period   string // what the page covers; "": nothing yet
	Against  string // what it is compared with
	Complete string // up to when figures are complete; "": there are none yet
	Crowd    int
	Tiles    []usageTile
	Panels   []usageTable
	Strip    []usageFact
	Links    []usageLink
}

// leastDrawn is from how many points on a script makes a series easier to read.
const leastDrawn = 8

// drawn reports a page with a series that the script draws.
func (page usagePage) drawn() bool {
	return slices.ContainsFunc(page.Panels, func(t usageTable) bool { return t.Chart != nil && len(t.Rows) >= leastDrawn })
}

// usageLink leads to another page of figures.
type usageLink struct {
	URL, Label string
	Current    bool
}

// usageFact is one line about the quality of the figures.
type usageFact struct {
	Name, Value string
	Tone        string
}

// usage serves one of the pages of figures: as a page, or one of its panels as CSV.
func (p *Portal) usage(d usageDef) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if p.o.Usage.Store == nil {
			return errNoUsage()
		}
		d, fixed, err := p.usageSubject(r, d)
		if err != nil {
			return err
		}
		q, err := p.readUsage(d, r.URL.Query(), fixed)
		if err != nil {
			return err
		}
		u := &usageReading{p: p, def: d, q: q, reader: readerLanguages(r)}
		if q.get("format") == "csv" {
			return p.usageCSV(w, r, u)
		}
		page, err := u.page(r.Context())
		if err != nil {
			return err
		}
		f := frame{Title: d.title, Section: "usage", Index: r.URL.RawQuery == "", Styles: []string{"usage.css"}, Page: page}
		if page.drawn() {
			w.Header().Set("Content-Security-Policy", scriptPolicy)
			f.Styles, f.Scripts = []string{"uplot.css", "usage.css"}, []string{"uplot.js", "usage.js"}
		}
		return p.render(w, r, http.StatusOK, "usage", f)
	}
}

// usageSubject fills a page about one source or publisher with what its path names.
func (p *Portal) usageSubject(r *http.Request, d usageDef) (usageDef, map[string]string, error) {
	switch {
	case strings.HasSuffix(d.path, "{id}"):
		row, ok, err := p.sourceRowOf(r.Context(), r.PathValue("id"))
		if err != nil {
			return d, nil, err
		}
		if !ok {
			return d, nil, &problem{http.StatusNotFound, "There is no source of that id.", nil}
		}
		d.path, d.heading = usageSourceURL(row.ID), row.Name
		return d, map[string]string{"source": row.ID}, nil
	case strings.HasSuffix(d.path, "{name}"):
		name := r.PathValue("name")
		ok, err := p.publisherShown(r.Context(), name)
		if err != nil {
			return d, nil, err
		}
		if !ok {
			return d, nil, &problem{http.StatusNotFound, "There are no figures of a publisher of that name, or they belong to too few people.", nil}
		}
		d.path, d.heading = usagePublisherURL(name), name
		return d, map[string]string{"publisher": name}, nil
	}
	return d, nil, nil
}

// page makes the page: what it says of itself, its tiles and its panels.
func (u *usageReading) page(ctx context.Context) (usagePage, error) {
	span, err := u.span(ctx, u.def.cube)
	if err != nil {
		return usagePage{}, err
	}
	page := usagePage{
		Title: u.def.title, Lead: u.def.lead, Crowd: u.p.o.Usage.Crowd, Nav: u.nav(), Form: u.form(), Active: u.active(),
	}
	if u.def.heading != "" {
		page.Title = clip(u.def.heading, 160)
	}
	if span.Complete == 0 {
		page.Notice = append(page.Notice, "There are no figures yet: the first can be shown when the first "+span.unitWord()+" of counting is over.")
	} else {
		page.Complete, page.Period = longDay(span.Complete-1), span.Words()
		if before, ok := span.before(u.q.get("compare")); ok && slices.Contains(u.def.params, "compare") {
			page.Against = before.Words()
		}
	}
	if !u.p.o.Usage.Started {
		page.Notice = append(page.Notice, "Uses are not being counted at present.")
	}
	if u.def.tiles != nil {
		if page.Tiles, err = u.def.tiles(u, ctx); err != nil {
			return page, err
		}
	}
	for _, id := range u.def.panels {
		t, err := u.panel(ctx, id)
		if err != nil {
			return page, err
		}
		page.Panels = append(page.Panels, t)
	}
	if u.def.strip {
		page.Strip, err = u.strip(ctx)
	}
	page.Links = u.links()
	return page, err
}

// links lead from a page of one source or publisher to what the hub says of it elsewhere.
func (u *usageReading) links() []usageLink {
	switch id := u.q.get("source"); {
	case u.def.heading == "":
		return nil
	case id != "":
		return []usageLink{{URL: sourceURL(id), Label: "How the hub harvests this source"}, {URL: only(catalog.FacetSource, id), Label: "Its resources"}, {URL: "/usage/reports", Label: "COUNTER-style reports"}}
	}
	return []usageLink{{URL: "/usage/publishers", Label: "All publishers"}, {URL: "/usage/reports", Label: "COUNTER-style reports"}}
}
