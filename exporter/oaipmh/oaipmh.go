// Package oaipmh answers OAI-PMH 2.0 requests about the catalogue
// (http://www.openarchives.org/OAI/openarchivesprotocol.html).
//
// In flow HTTP requests; out flow XML answers made from published entries and the
// crosswalks of the formats. It stores nothing: a resumption token carries the whole
// state of a list, signed. It must not know how entries are stored, nor what a record
// means.
package oaipmh

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"ctiphub/exporter"
	"ctiphub/internal/oai"
	"ctiphub/record"
)

// Repository is what the provider needs of a catalogue.
type Repository interface {
	// Entry returns one published entry, tombstones included, or Options.NotFound.
	Entry(ctx context.Context, id record.ID) (record.Entry, error)
	// Entries returns published entries in order of Seq, tombstones included.
	Entries(ctx context.Context, r record.Range) ([]record.Entry, error)
	// Head returns the last number of the change log: as long as it is the same, nothing
	// changed.
	Head(ctx context.Context) (int64, error)
	// Block returns how many entries have a Seq above after and up to upto, and the first
	// Seq beyond, 0 when there is none.
	Block(ctx context.Context, after, upto int64) (count int, next int64, err error)
	// Count returns how many entries a range selects, its Limit aside.
	Count(ctx context.Context, r record.Range) (int, error)
	// Sets returns the set specs in use.
	Sets(ctx context.Context) ([]record.Set, error)
	// Earliest returns the stamp of the first entry, or the zero time.
	Earliest(ctx context.Context) (time.Time, error)
}

// Options are what a provider is made of.
type Options struct {
	Repository           Repository
	NotFound             error // what Repository.Entry wraps for an unknown id
	Crosswalks           []exporter.Crosswalk
	BaseURL              string // "" derives it from the request, for use without a proxy
	RepositoryName       string
	AdminEmails          []string
	RepositoryIdentifier string // a domain name: identifiers are oai:<it>:<record id>
	PageSize             int    // 100 when 0
	// Key signs resumption tokens. When empty, one is made up, and no token outlives
	// the process.
	Key []byte
	// CacheDir is where records that were written out are kept; "": nowhere.
	CacheDir  string
	TokenLife time.Duration // 48 hours when 0
	// DescribeSet says what a set is, by its spec; nil: nothing but the spec.
	DescribeSet     func(spec string) Set
	Branding        Branding // no Icon: none is announced
	Friends         []string // base URLs of repositories that records come from
	MetadataLicense string   // URI of the licence of all metadata; "": none is stated
	Now             func() time.Time
	Logger          *slog.Logger
}

// handler is the provider.
type handler struct {
	Options
	byPrefix map[string]exporter.Crosswalk
	written  *blocks // nil: nothing is kept
	buffers  sync.Pool
	gzips    sync.Pool
}

// New returns the provider. It may be mounted anywhere, with its style sheets below it:
// at "/oai" and "/oai/".
func New(o Options) http.Handler {
	if o.PageSize <= 0 {
		o.PageSize = 100
	}
	if o.TokenLife <= 0 {
		o.TokenLife = 48 * time.Hour
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if len(o.Key) == 0 {
		o.Key = make([]byte, 32)
		rand.Read(o.Key) // never fails: it ends the program instead
	}
	h := &handler{Options: o, byPrefix: map[string]exporter.Crosswalk{}}
	h.buffers.New = func() any { b := make([]byte, 0, 256<<10); return &b }
	h.gzips.New = newGzip
	var err error
	if h.written, err = newBlocks(o.CacheDir); err != nil {
		o.Logger.Warn("records are written anew for each list", "error", err)
	}
	for _, c := range o.Crosswalks {
		h.byPrefix[c.Prefix()] = c
	}
	if !validDomain(o.RepositoryIdentifier) {
		o.Logger.Warn("the OAI-PMH repository identifier is no domain name with a dot: Identify will not announce oai-identifiers", "identifier", o.RepositoryIdentifier)
	}
	return h
}

// ServeHTTP answers one request.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mount, rest := mountOf(r)
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodPost:
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "OAI-PMH knows GET and POST only.", http.StatusMethodNotAllowed)
	case rest == "/style.xsl":
		h.serveXSL(w, r, mount)
	case rest == "/style.css":
		h.serveCSS(w, r)
	case rest != "" && rest != "/":
		http.NotFound(w, r)
	default:
		h.serveAnswer(w, r, mount)
	}
}

// mountOf divides the path of a request into where the provider is mounted and what is
// below. Without a pattern of a ServeMux only the style sheets can be told apart.
func mountOf(r *http.Request) (mount, rest string) {
	path := r.URL.Path
	if _, pattern, ok := strings.Cut(r.Pattern, "/"); ok {
		mount = strings.TrimSuffix("/"+pattern, "/")
		if rest, ok := strings.CutPrefix(path, mount); ok {
			return mount, rest
		}
	}
	for _, style := range []string{"/style.xsl", "/style.css"} {
		if mount, ok := strings.CutSuffix(path, style); ok {
			return mount, style
		}
	}
	return strings.TrimSuffix(path, "/"), ""
}

// serveAnswer answers a protocol request.
func (h *handler) serveAnswer(w http.ResponseWriter, r *http.Request, mount string) {
	q := h.parse(r)
	buf := h.buffers.Get().(*[]byte)
	defer func() {
		if cap(*buf) <= 8<<20 { // one giant page should not be kept for ever
			h.buffers.Put(buf)
		}
	}()
	out := h.appendProlog((*buf)[:0], q, r, mount)
	mark := len(out)
	out, err := h.appendVerb(r.Context(), out, q)
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		q.errors = append(q.errors, oai.Error(*refused))
		out, q.splices = out[:mark], nil
	case err != nil:
		h.unavailable(w, r, err)
		return
	}
	for _, e := range q.errors {
		out = append(append(append(out, `<error code="`...), e.Code...), `">`...)
		out = append(oai.AppendText(out, e.Message), "</error>\n"...)
	}
	out = append(out, "</OAI-PMH>\n"...)
	*buf = out
	if len(q.splices) > 0 {
		h.sendSpliced(w, r, out, q.splices)
		return
	}
	h.send(w, r, out)
}

// unavailable says that the catalogue does not answer, so that a harvester waits and asks
// the same again.
func (h *handler) unavailable(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // nobody listens any more
	}
	h.Logger.Error("answering an OAI-PMH request failed", "error", err)
	w.Header().Set("Retry-After", "60")
	http.Error(w, "The catalogue does not answer at the moment. Please ask again in a minute.", http.StatusServiceUnavailable)
}

// refusal is an error of the protocol.
type refusal oai.Error

func (r *refusal) Error() string { return r.Code + ": " + r.Message }

func refuse(code, message string) error { return &refusal{code, message} }

// appendVerb appends the element of the verb, unless the request was refused already.
func (h *handler) appendVerb(ctx context.Context, dst []byte, q *request) ([]byte, error) {
	if len(q.errors) > 0 {
		return dst, nil
	}
	switch q.verb {
	case "Identify":
		return h.identify(ctx, dst, q)
	case "ListMetadataFormats":
		return h.listFormats(ctx, dst, q)
	case "ListSets":
		return h.listSets(ctx, dst, q)
	case "GetRecord":
		return h.getRecord(ctx, dst, q)
	default:
		return h.list(ctx, dst, q)
	}
}
