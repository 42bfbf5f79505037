// Package portal is what people and programs see of the hub: pages, feeds of any search,
// the JSON API and its OpenAPI document.
//
// In flow requests; out flow pages that work without JavaScript and answers in the ctip
// JSON form, made from what the catalogue publishes. It stores nothing, and writes
// nothing about a reader anywhere: no address, agent or search text, no cookie. It must
// not know how records are harvested, normalized or stored.
package portal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/gzhttp"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"ctiphub/catalog"
	"ctiphub/record"
)

// Store is what the portal reads of the catalogue.
type Store interface {
	Search(ctx context.Context, q catalog.Query) (catalog.Result, error)
	Entry(ctx context.Context, id record.ID) (record.Entry, error)
	Entries(ctx context.Context, r record.Range) ([]record.Entry, error)
	Status(ctx context.Context) ([]catalog.SourceStatus, error)
	Runs(ctx context.Context, source string, limit int) ([]catalog.Run, error)
	Rejects(ctx context.Context, run int64, limit int) ([]catalog.Reject, error)
	Notes(ctx context.Context, run int64) ([]record.Finding, error)
	Choices(ctx context.Context, run int64) ([]catalog.Choice, error)
	Changes(ctx context.Context, run int64, limit int) ([]catalog.RecordChange, error)
	Ledger(ctx context.Context, source string, since time.Time) ([]catalog.LedgerRow, error)
	Modes(ctx context.Context) (map[string]catalog.SourceMode, error)
	Quality(ctx context.Context, source string) (catalog.Quality, error)
	Work(ctx context.Context, id record.ID) (catalog.Work, error)
	Digests(ctx context.Context) (catalog.Digests, error)
	Head(ctx context.Context) (int64, error)
	Block(ctx context.Context, after, upto int64) (count int, next int64, err error)
	Heads(ctx context.Context, r record.Range) ([]catalog.Head, error)
	Alternates(ctx context.Context, works []record.ID) (map[record.ID][]catalog.Alternate, error)
	StampOf(ctx context.Context, seq int64) (time.Time, error)
}

// Options are what a Portal is made from.
type Options struct {
	Store      Store
	Vocabulary record.Vocabulary
	Sources    []SourceInfo
	Waker      Waker // takes announcements of changes; nil: none are taken
	// Findings say by code what a finding means and what a publisher can do about it.
	Findings map[string]FindingText
	// Criteria are the parts of the quality score.
	Criteria []Criterion
	// Plan tells when each source is visited next, by id; nil: nobody knows.
	Plan func() map[string]Visit
	// Dumps returns the files of the newest full dump; nil: there are none.
	Dumps func() []DumpFile
	// Uses counts what the hub is used for; nil: nobody does.
	Uses            UseCounter
	MetadataLicense string // URI of the licence of all metadata, or ""
	BaseURL         string // public URL without a final slash; "": that of each request
	Name            string // of this hub, as readers see it
	Version         string
	Usage           UsageOptions          // of the pages of figures; none without a store
	Counter         http.Handler          // COUNTER-style reports, below /r51/; nil: none
	Contact         string                // page or mailbox of the people who run the hub
	UserAgent       string                // by which the hub shows itself to publishers' servers
	RepositoryID    string                // name space of OAI identifiers
	OAIPath         string                // where OAI-PMH is served; "": "/oai"
	Formats         []Format              // what OAI-PMH disseminates; nil: those of the hub
	Registerer      prometheus.Registerer // nil: no metrics
	Logger          *slog.Logger          // nil: silent
	Now             func() time.Time
	Dev             bool // read templates and styles from ./portal at each request
}

// DumpFile is one file of a dump.
type DumpFile struct {
	Path      string // below the hub's address
	MediaType string // of what is inside
	Bytes     int64
	SHA256    string
}

// Format is a form of one record that OAI-PMH disseminates.
type Format struct {
	Prefix string // metadataPrefix
	Name   string // as readers see it
}

// Criterion is one part of the quality score.
type Criterion struct {
	Name   string
	Points int
	Earned string // what earns the points
}

// FindingText explains one code of a finding.
type FindingText struct {
	Meaning string
	Fix     string // what the publisher can do; "" when it is not theirs to do
}

// SourceInfo is what the configuration says of a source.
type SourceInfo struct {
	ID      string
	Name    string
	Country string // ISO 3166-1 alpha-2, or ""
	Kind    string
	URL     string // what is harvested
	Home    string // the publisher's site
	Enabled bool
}

// Visit is when a source is visited next, and why then.
type Visit struct {
	Due time.Time // zero: not at all
	Why string    // in plain words
}

// Portal serves the pages and the JSON API. It is safe for concurrent use.
type Portal struct {
	o       Options
	pages   *pages
	assets  *assets
	metrics *metrics
	pings   *rate.Limiter
	areas   []record.Concept // themes of the first level, in order of notation
	matrix  matrix
}

// New makes a portal; it reads and checks every template.
func New(o Options) (*Portal, error) {
	if o.Store == nil {
		return nil, errors.New("making the portal: no store")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Name == "" {
		o.Name = "Resource Hub"
	}
	if o.OAIPath == "" {
		o.OAIPath = "/oai"
	}
	if o.Formats == nil {
		o.Formats = []Format{
			{"oai_dc", "Dublin Core (XML)"}, {"ctip", "ctip (XML)"}, {"oai_qdc", "Qualified Dublin Core (XML)"},
			{"mods", "MODS (XML)"}, {"oai_datacite", "DataCite (XML)"},
		}
	}
	o.BaseURL = strings.TrimSuffix(o.BaseURL, "/")
	o.Usage = usageDefaults(o.Usage)
	if err := o.Usage.check(); err != nil {
		return nil, err
	}
	var files fs.FS = embedded
	if o.Dev {
		files = os.DirFS("portal")
	}
	a, err := newAssets(files, o.Dev)
	if err != nil {
		return nil, fmt.Errorf("making the portal: %w", err)
	}
	pg, err := newPages(files, o.Dev, a)
	if err != nil {
		return nil, fmt.Errorf("making the portal: %w", err)
	}
	return &Portal{o: o, pages: pg, assets: a, metrics: newMetrics(o.Registerer), pings: newPingLimit(), areas: areas(o.Vocabulary)}, nil
}

// areas returns the themes without a broader one, in order of notation.
func areas(v record.Vocabulary) []record.Concept {
	var list []record.Concept
	for _, c := range v.Scheme("theme") {
		if c.Broader == "" {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b record.Concept) int { return strings.Compare(a.Notation, b.Notation) })
	return list
}

// route is one line of the route table.
type route struct {
	pattern string
	handle  handler
}

// routes lists every page; the JSON API has its own list in api.go, feeds in feeds.go.
func (p *Portal) routes() []route {
	return []route{
		{"GET /{$}", p.home},
		{"GET /search", p.search},
		{"GET /resources/{id}", p.resource},
		{"GET /resources/{id}/go/{link}", p.leave},
		{"GET /works/{id}", p.work},
		{"GET /unapi", p.unAPI},
		{"GET /sitemap.xml", p.sitemapIndex},
		{"GET /sitemaps/{file}", p.sitemapFile},
		{"GET /.well-known/resourcesync", p.syncDescription},
		{"GET /resourcesync/{file}", p.syncFile},
		{"GET /catalog", p.dcatCatalog},
		{"GET /catalog.ttl", p.dcatCatalog},
		{"GET /catalog.jsonld", p.dcatCatalog},
		{"GET /schema/vocabulary.ttl", p.skosVocabulary},
		{"GET /schema/vocabulary.jsonld", p.skosVocabulary},
		{"GET /coverage", p.coverage},
		{"GET /sources", p.sources},
		{"GET /sources/{id}", p.source},
		{"GET /about", p.about},
		{"GET /robots.txt", p.robots},
		{"GET /favicon.svg", p.favicon},
		{"GET /favicon.ico", p.faviconICO},
		{"GET /static/{file}", p.static},
		{"/", p.nothing},
	}
}

// Handler returns the portal as one handler, with compression, headers, metrics and log.
func (p *Portal) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range p.routes() {
		mux.Handle(r.pattern, p.adapt(r.handle))
	}
	p.mountAPI(mux)
	p.mountFeeds(mux)
	p.mountUsage(mux)
	compress, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.EnableZstd(true), gzhttp.PreferZstd(true))
	if err != nil {
		// The options are constants: only a new version of the library can refuse them,
		// and pages without compression are still pages.
		p.o.Logger.Error("serving without compression", "error", err)
		return p.observe(secure(mux))
	}
	return p.observe(compress(secure(mux)))
}
