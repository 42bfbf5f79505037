package demo

import (
	"bytes"
	"html/template"
	"maps"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// page is what the template of all pages needs. An article has an Item, the page about
// the site has About, a list has neither.
type page struct {
	Lang, Title, Name, Local, Charset, Updated string
	Hue                                        int
	Style                                      template.CSS
	L                                          map[string]string // labels
	Feeds                                      []feedLink

	Item       *item
	Metadata   string
	JSONLD     map[string]any
	Publisher  string
	Published  string
	Editions   string
	Canonical  string
	Alternates []alternate
	Files      []string
	Contact    string
	Related    []listed

	About string
	Links []listed
	Next  string
}

type (
	feedLink  struct{ Type, Href string }
	alternate struct{ Lang, Href string }
	listed    struct{ Href, Title, Date string }
)

// newPage begins a page in a language with what all pages of the site have.
func (s *website) newPage(lang, title string) *page {
	labels := s.c.phrases["en"].Labels
	if p := s.c.phrases[lang]; p != nil {
		labels = p.Labels
	}
	p := &page{Lang: lang, Title: title, Name: s.name, Local: s.name, Charset: "utf-8", Hue: int(hash(s.name) % 360), Style: s.c.style, L: maps.Clone(labels)}
	if s.sh.local != "" {
		p.Local = s.sh.local
	}
	if s.sh.thai874 {
		p.Charset = ""
	}
	p.Updated = s.c.today(int(s.revision.Load())).Format(time.DateOnly)
	return p
}

// send frames a page in the site's layout and encoding.
func (s *website) send(w http.ResponseWriter, r *http.Request, p *page, changed time.Time, zawgyi bool) {
	var b bytes.Buffer
	if err := s.c.pages.ExecuteTemplate(&b, "page", p); err != nil {
		http.Error(w, "the page cannot be made", http.StatusInternalServerError)
		return
	}
	text, mediaType := b.Bytes(), "text/html; charset=utf-8"
	if zawgyi {
		text = []byte(toZawgyi(string(text)))
	}
	if s.sh.thai874 {
		// Half of the pages say nothing, half something wrong.
		mediaType = "text/html; charset=ISO-8859-1"
		if hash(r.URL.Path)%2 == 0 {
			mediaType = "text/html"
		}
		var err error
		if text, err = encoding.HTMLEscapeUnsupported(charmap.Windows874.NewEncoder()).Bytes(text); err != nil {
			http.Error(w, "the page cannot be encoded", http.StatusInternalServerError)
			return
		}
	}
	serve(w, r, mediaType, text, changed)
}

// serve sends bytes with validators and answers conditional requests.
func serve(w http.ResponseWriter, r *http.Request, mediaType string, body []byte, changed time.Time) {
	serveTagged(w, r, mediaType, body, changed, hash(string(body)))
}

// serveTagged does the same for a body whose hash, or what takes its place, is known.
func serveTagged(w http.ResponseWriter, r *http.Request, mediaType string, body []byte, changed time.Time, tag uint64) {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("ETag", `"`+strconv.FormatUint(tag, 36)+`"`)
	http.ServeContent(w, r, "", changed, bytes.NewReader(body))
}
