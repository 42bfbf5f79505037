package demo

import (
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"ctiphub/internal/ctip"
	"ctiphub/internal/oai"
)

// repository is an OAI-PMH repository whose records are made when they are asked for: a
// million of them take no more memory than one.
type repository struct {
	*website // its pages
	size     int
	prefixes []string
	item     func(n int) item // the original records
	gone     func(n int) bool // which of them were deleted before the simulation began
	later    func(k int) item // what is added later
}

// pageSize is how many records one answer has.
const pageSize = 100

// plain is how many generated records of the partner repository have no document number.
const plain = 2000

// partner is the big repository: every language, deletions, resumption tokens. It mirrors
// what some publishers also have on sites of their own.
func partner(c *content, records int, revision *atomic.Int64) *site {
	mirrored := c.real(func(r resource) bool {
		return covers("GLOBAL")(r) || strings.Contains(r.Publisher, "NEXUS") || strings.HasPrefix(r.Publisher, "UNODC")
	})
	s := &site{Site: Site{ID: "demo-partner", Name: "Demo: Partner Repository", Kind: "oai-pmh", Prefix: oai.OAIDCPrefix,
		Note: "OAI-PMH with deleted records and resumption tokens, records made on the fly; mirrors some records of other sites", Languages: slices.Clone(languages)}, entry: "/oai"}
	made, added := c.series(s.ID), c.series(s.ID+"-later")
	s.handler = func(base string) http.Handler {
		return repository{
			website: newWebsite(c, shape{lang: "en"}, s.Site, base, revision), size: records, prefixes: []string{oai.OAIDCPrefix},
			item: func(n int) item {
				if n < len(mirrored) {
					return mirrored[n]
				}
				it := made.item(languages[n%len(languages)], "", n)
				if n >= plain {
					it = made.numbered(it, n)
				}
				return it
			},
			later: func(k int) item { return added.item(languages[k%len(languages)], "", k) },
			gone:  func(n int) bool { return n%50 == 17 && n >= len(mirrored) },
		}.handler()
	}
	return s
}

// regional is the regional body, which speaks the hub's own schema.
func regional(c *content, revision *atomic.Int64) *site {
	s := &site{Site: Site{ID: "demo-asean-body", Name: "Demo: Regional Commission", Kind: "oai-pmh", Prefix: oai.CTIPPrefix,
		Note: "OAI-PMH in the hub's own schema", Languages: []string{"en", "vi"}}, entry: "/oai"}
	made, added := c.series(s.ID), c.series(s.ID+"-later")
	items := c.real(func(r resource) bool { return r.Coverage[0] == "ASEAN" })
	for n := range 6 {
		items = append(items, made.item("en", "", n))
	}
	s.handler = func(base string) http.Handler {
		return repository{
			website: newWebsite(c, shape{lang: "en"}, s.Site, base, revision), size: len(items), prefixes: []string{oai.CTIPPrefix, oai.OAIDCPrefix},
			item:  func(n int) item { return items[n] },
			later: func(k int) item { return added.item("en", "", k) },
			gone:  func(int) bool { return false },
		}.handler()
	}
	return s
}

func (p repository) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/oai", p.answer)
	mux.HandleFunc("GET /{$}", p.front)
	mux.HandleFunc("GET /publications", p.front)
	mux.HandleFunc("GET /about", p.website.about)
	mux.HandleFunc("GET /robots.txt", p.robots)
	mux.HandleFunc("GET /items/{n}", p.landing)
	return mux
}

// robots keeps harvesters on the protocol.
func (p repository) robots(w http.ResponseWriter, r *http.Request) {
	serve(w, r, "text/plain; charset=utf-8", []byte("User-agent: *\nDisallow: /admin/\n"), p.c.now)
}

// step is the time between the datestamps of two records: small enough for a million of
// them to fit into the years before the simulation begins.
const step = time.Minute

// perDay are the events of one step of time: changes, additions and one deletion.
const perDay = 2*perStep + 1

// snapshot is a repository as it is in one moment: one answer must not see two states.
type snapshot struct {
	repository
	timeline
}

func (p repository) snapshot() snapshot {
	return snapshot{p, timeline{p.size, int(p.revision.Load())}}
}

// position is one place in the list of records: which one, in which state.
type position struct {
	n       int // -1: there is nothing at this place any more
	stamp   time.Time
	times   int // how often it was changed
	deleted bool
}

// positions returns how many places the list has. The first ones are the records as they
// were in the beginning, the rest is what happened since, in order.
func (s snapshot) positions() int { return s.size() + perDay*s.steps }

func (s snapshot) size() int { return s.timeline.size }

// stamp is the datestamp of a place. It grows along the list.
func (s snapshot) stamp(i int) time.Time {
	if i < s.size() {
		return s.c.now.Add(-time.Duration(s.size()-i) * step)
	}
	k := i - s.size()
	return s.c.moment(k/perDay + 1).Add(time.Duration(k%perDay) * time.Second)
}

// at returns what is at a place: nothing when the record there changed again later.
func (s snapshot) at(i int) position {
	pos := position{n: -1, stamp: s.stamp(i)}
	if i < s.size() {
		if times, _ := s.changed(i); s.gone(i) || times == 0 && s.timeline.deleted(i) == 0 {
			pos.n, pos.deleted = i, s.gone(i)
		}
		return pos
	}
	day, event := (i-s.size())/perDay, (i-s.size())%perDay
	switch {
	case event < perStep:
		change := day*perStep + event // changes go through the first half in turn
		n := change % s.half()
		if times, _ := s.changed(n); !s.gone(n) && change+s.half() >= perStep*s.steps {
			pos.n, pos.times = n, times
		}
	case event < 2*perStep:
		pos.n = s.size() + day*perStep + event - perStep
	default:
		if n := s.size() - 1 - day; n >= s.half() && !s.gone(n) {
			pos.n, pos.deleted = n, true
		}
	}
	return pos
}

// where returns the place of a record in its present state.
func (s snapshot) where(n int) (position, bool) {
	if n < 0 || n >= s.size()+s.added() {
		return position{}, false
	}
	i := n
	if k := n - s.size(); k >= 0 {
		i = s.size() + k/perStep*perDay + perStep + k%perStep
	} else if !s.gone(n) {
		if times, _ := s.changed(n); times > 0 {
			change := n + (times-1)*s.half()
			i = s.size() + change/perStep*perDay + change%perStep
		}
		if day := s.timeline.deleted(n); day > 0 {
			i = s.size() + day*perDay - 1
		}
	}
	pos := s.at(i)
	return pos, pos.n == n
}

// get makes the record at a place.
func (s snapshot) get(pos position) item {
	if k := pos.n - s.size(); k >= 0 {
		it := s.later(k)
		it.Issued = pos.stamp.Truncate(24 * time.Hour)
		it.Year = it.Issued.Year()
		return it
	}
	it := s.item(pos.n)
	if pos.times > 0 {
		it = s.c.revised(it, pos.times)
	}
	return it
}

// bounds finds the places of a window; the zero time is no bound.
func (s snapshot) bounds(from, until time.Time) (first, end int) {
	end = s.positions()
	if !until.IsZero() {
		end = sort.Search(end, func(i int) bool { return s.stamp(i).After(until) })
	}
	return sort.Search(end, func(i int) bool { return !s.stamp(i).Before(from) }), end
}

// idPrefix begins the identifiers of all records.
const idPrefix = "oai:repository.example:"

func identifierOf(n int) string { return idPrefix + strconv.Itoa(n) }

// numberOf is the reverse.
func numberOf(identifier string) (int, bool) {
	digits, ok := strings.CutPrefix(identifier, idPrefix)
	n, err := strconv.Atoi(digits)
	return n, ok && err == nil && identifierOf(n) == identifier
}

// front lists the latest records for people.
func (p repository) front(w http.ResponseWriter, r *http.Request) {
	s := p.snapshot()
	page := p.newPage("en", p.name)
	for i := s.positions() - 1; i >= 0 && len(page.Links) < perPage; i-- {
		if pos := s.at(i); pos.n >= 0 && !pos.deleted {
			page.Links = append(page.Links, listed{"/items/" + strconv.Itoa(pos.n), s.get(pos).Title, pos.stamp.Format(time.DateOnly)})
		}
	}
	page.Links = append(page.Links, listed{"/oai?verb=Identify", "OAI-PMH interface", ""})
	p.send(w, r, page, p.newest(), false)
}

// landing shows one record to people.
func (p repository) landing(w http.ResponseWriter, r *http.Request) {
	s := p.snapshot()
	n, err := strconv.Atoi(r.PathValue("n"))
	pos, ok := s.where(n)
	switch {
	case err != nil || !ok:
		http.NotFound(w, r)
		return
	case pos.deleted:
		http.Error(w, "This record was deleted.", http.StatusGone)
		return
	}
	it := s.get(pos)
	page := p.newPage("en", it.Title)
	page.Item, page.Metadata, page.Publisher, page.Published = &it, "dc", p.publisher(it), p.c.printed(it, "")
	page.Lang, page.Canonical, page.Editions = it.Lang, p.base+r.URL.Path, strings.Join(it.Editions, ", ")
	p.send(w, r, page, pos.stamp, false)
}

// schemas are the schema and namespace of each format.
var schemas = map[string][2]string{
	oai.OAIDCPrefix: {oai.DCSchema, oai.DCNamespace},
	oai.CTIPPrefix:  {"https://hub.example/schema/ctip.xsd", ctip.Namespace},
}
