package demo

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// shape is how a web site presents its records.
type shape struct {
	lang     string // of its pages
	local    string // its name in that language
	country  string
	items    []item
	metadata string // "jsonld", "dc" or "og": what a page carries for machines
	list     bool   // list pages instead of a sitemap
	english  bool   // each page has an English twin
	thai874  bool   // bytes are windows-874, and the server says ISO-8859-1 or nothing
	zawgyi   bool   // some pages are in Zawgyi
	pdf      bool   // pages link to PDF files with useless properties
	contact  bool   // pages end with the phone and mail of a staff member
	hidden   bool   // robots.txt forbids a part that the sitemap lists
	missing  bool   // the sitemap lists a page that is not there
	mislead  bool   // pages below /en/ that are not English
	packed   bool   // the sitemap is a gzip file that no header announces
	crawl    string // Crawl-delay
}

// website serves one publisher's pages.
type website struct {
	c        *content
	sh       shape
	id       string
	name     string
	note     string
	base     string
	feeds    []feedLink
	offers   string // Link header of the front page
	later    series // of the items that are added later
	revision *atomic.Int64
	suffers  func(Accident) bool // nil: it has no accidents
}

// has reports an accident that the site suffers.
func (s *website) has(a Accident) bool { return s.suffers != nil && s.suffers(a) }

func newWebsite(c *content, sh shape, site Site, base string, revision *atomic.Int64) *website {
	for n := range sh.items {
		sh.items[n].N = n
	}
	return &website{c: c, sh: sh, id: site.ID, name: site.Name, note: site.Note, base: base, later: c.series(site.ID + "-later"), revision: revision}
}

func (s *website) mux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("GET /about", s.about)
	mux.HandleFunc("GET /robots.txt", s.robots)
	mux.HandleFunc("GET /publications", s.list)
	mux.HandleFunc("GET /publications/{key}", s.page)
	mux.HandleFunc("GET /en/publications/{key}", s.page)
	mux.HandleFunc("GET /internal/{key}", s.page)
	mux.HandleFunc("GET /files/{key}", s.file)
	if !s.sh.list && len(s.feeds) == 0 {
		mux.HandleFunc("GET /sitemap.xml", s.sitemapIndex)
		mux.HandleFunc("GET /sitemap-publications.xml", s.sitemap)
		mux.HandleFunc("GET /sitemap-publications.xml.gz", s.sitemap)
	}
	return mux
}

// items is what the site publishes now, the latest first.
func (s *website) items() []item {
	t := timeline{len(s.sh.items), int(s.revision.Load())}
	var list []item
	for k := t.added() - 1; k >= 0; k-- {
		list = append(list, s.addition(k))
	}
	for n, it := range s.sh.items {
		if t.deleted(n) > 0 {
			continue
		}
		if times, step := t.changed(n); times > 0 {
			it = s.c.revised(it, times)
			it.Changed = s.c.moment(step)
		}
		list = append(list, it)
	}
	return s.damaged(list)
}

// damaged is what accidents leave of the items.
func (s *website) damaged(list []item) []item {
	switch {
	case s.has(Empty):
		return nil
	case s.has(Lose):
		list = list[:len(list)/2]
	}
	for n := range list {
		if s.has(Rename) {
			list[n].Key = "v2-" + list[n].Key
		}
		if s.has(Undate) {
			list[n].Issued, list[n].Year = time.Time{}, 0
		}
	}
	return list
}

// revised marks an item as changed for the n-th time.
func (c *content) revised(it item, n int) item {
	it.Title += c.phrases[it.Lang].Revised
	if n > 1 {
		it.Title += " " + strconv.Itoa(n)
	}
	return it
}

// addition is the k-th item that is added later, published on the day when it appears.
func (s *website) addition(k int) item {
	it := s.later.item(s.sh.lang, s.sh.country, k)
	it.Key, it.N = "new-"+it.Key, -1
	it.Issued = s.c.moment(k/perStep + 1).Truncate(24 * time.Hour)
	return it
}

// find returns the item of an address.
func (s *website) find(key string) (item, bool) {
	for _, it := range s.items() {
		if it.Key == key {
			return it, true
		}
	}
	return item{}, false
}

// path is where an item's page is.
func (s *website) path(it item) string {
	switch {
	case s.sh.hidden && it.N%9 == 8:
		return "/internal/" + it.Key
	case s.sh.mislead && it.N%4 == 3:
		return "/en/publications/" + it.Key
	}
	return "/publications/" + it.Key
}

// changed is when an item's page last changed.
func (s *website) changed(it item) time.Time {
	if s.has(Undate) || s.has(Rebuild) {
		return s.newest() // a new template changes every page
	}
	at := s.c.now.AddDate(0, 0, -1-max(it.N, 0))
	if !it.Changed.IsZero() {
		at = it.Changed
	}
	if it.Issued.After(at) {
		return it.Issued
	}
	return at
}

// newest is when something on the site last changed.
func (s *website) newest() time.Time {
	return s.c.today(int(s.revision.Load())).Add(-12 * time.Hour)
}

// perPage is how many links a list page has.
const perPage = 10

func (s *website) list(w http.ResponseWriter, r *http.Request) {
	n, _ := strconv.Atoi(r.URL.Query().Get("page"))
	n = max(n, 1)
	items := s.items()
	first := min((n-1)*perPage, len(items))
	last := min(first+perPage, len(items))
	p := s.newPage(s.sh.lang, s.name)
	p.Links, p.Feeds = s.listed(items[first:last]), s.feeds
	if last < len(items) {
		p.Next = "/publications?page=" + strconv.Itoa(n+1)
	}
	s.send(w, r, p, s.newest(), false)
}

func (s *website) home(w http.ResponseWriter, r *http.Request) {
	if s.offers != "" {
		w.Header().Set("Link", s.offers)
	}
	p := s.newPage(s.sh.lang, s.name)
	items := s.items()
	p.Links, p.Feeds = s.listed(items[:min(perPage, len(items))]), s.feeds
	s.send(w, r, p, s.newest(), false)
}

func (s *website) about(w http.ResponseWriter, r *http.Request) {
	p := s.newPage(s.sh.lang, s.name)
	p.About = s.note
	s.send(w, r, p, s.c.now, false)
}

// listed are links to items.
func (s *website) listed(items []item) []listed {
	var list []listed
	for _, it := range items {
		list = append(list, listed{s.path(it), it.Title, s.c.printed(it, s.sh.country)})
	}
	return list
}

// file serves the PDF of an item.
func (s *website) file(w http.ResponseWriter, r *http.Request) {
	key, ok := strings.CutSuffix(r.PathValue("key"), ".pdf")
	it, found := s.find(key)
	if !ok || !found {
		http.NotFound(w, r)
		return
	}
	serve(w, r, "application/pdf", pdf("Microsoft Word - final2.doc", s.printout(it)), s.changed(it))
}

// printout is the text of an item's PDF. The fonts that every reader has know no Thai or
// Khmer: it is in English.
func (s *website) printout(it item) []string {
	title, text := it.Title, it.Description
	switch {
	case it.English != "":
		title = it.English
	case it.N >= 0 && it.Lang != "en" && strings.HasPrefix(it.Key, it.Lang+"-"):
		english := s.twin(it)
		title, text = english.Title, english.Description
	}
	return []string{latin(title), latin(text), "Simulated publication of the hub's demo."}
}
