package portal

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// pageNames are the templates that are pages; each fills the frame of layout.html.
func pageNames() []string {
	return []string{"home", "search", "resource", "work", "gone", "coverage", "sources", "source", "about", "error", "usage", "usage-reports", "usage-privacy"}
}

// pages holds the parsed templates.
type pages struct {
	files  fs.FS
	dev    bool
	funcs  template.FuncMap
	parsed map[string]*template.Template
}

func newPages(files fs.FS, dev bool, a *assets) (*pages, error) {
	p := &pages{files: files, dev: dev, parsed: map[string]*template.Template{}, funcs: template.FuncMap{
		"asset": a.url, "number": number, "figure": figure, "day": day, "moment": moment, "percent": percent,
		"share": share, "megabytes": megabytes, "seconds": seconds, "pace": pace,
		"stamp": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	}}
	for _, name := range pageNames() {
		t, err := p.parse(name)
		if err != nil {
			return nil, err
		}
		p.parsed[name] = t
	}
	return p, nil
}

func (p *pages) parse(name string) (*template.Template, error) {
	t, err := template.New("layout.html").Funcs(p.funcs).ParseFS(p.files, "templates/layout.html", "templates/parts.html", "templates/usage-parts.html", "templates/"+name+".html")
	if err != nil {
		return nil, fmt.Errorf("reading the template %s: %w", name, err)
	}
	return t, nil
}

// template returns a page's template, read anew in development.
func (p *pages) template(name string) (*template.Template, error) {
	if p.dev {
		return p.parse(name)
	}
	return p.parsed[name], nil
}

// frame is what every page has around its own content.
type frame struct {
	Title   string // neutral: it stays in the history of a shared computer
	Name    string // of the hub
	Section string // which entry of the navigation is current
	Query   string // for the search box
	Index   bool   // whether search engines should list the page
	Version string
	Base    string     // public URL of the hub
	OAI     string     // path of OAI-PMH
	Feeds   []feedLink // by which what the page lists can be followed
	Head    head       // of the page of a record
	Usage   bool       // whether there are pages of figures
	Styles  []string   // static files that the page needs beside those of every page
	Scripts []string
	Page    any
}

// render writes a page. Nothing is sent before the whole page is made.
func (p *Portal) render(w http.ResponseWriter, r *http.Request, status int, name string, f frame) error {
	t, err := p.pages.template(name)
	if err != nil {
		return err
	}
	f.Name, f.Version, f.Base, f.OAI, f.Usage = p.o.Name, p.o.Version, p.base(r), p.o.OAIPath, p.o.Usage.Store != nil
	var b bytes.Buffer
	if err := t.Execute(&b, f); err != nil {
		return fmt.Errorf("making the page %s: %w", name, err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Language", "en")
	h.Add("Vary", "Accept-Language")
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return nil
	}
	// A reader who went away is not an error, and the status is out already.
	_, _ = io.WriteString(w, visible(b.String()))
	return nil
}

// base is the public URL of the hub: as configured, or as this request reached it.
func (p *Portal) base(r *http.Request) string {
	switch {
	case p.o.BaseURL != "":
		return p.o.BaseURL
	case r.TLS != nil:
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// number writes an integer with groups of three, parted as ISO 80000 wants it.
func number(n int) string {
	s := strconv.Itoa(n)
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 && s[i-1] != '-' {
			b.WriteRune('\u202f') // narrow, no break
		}
		b.WriteRune(c)
	}
	return b.String()
}

// day writes a date in words that no reader takes for another order of day and month.
func day(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2 January 2006")
}

// moment writes a date with its time.
func moment(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2 January 2006, 15:04 UTC")
}

// percent writes a confidence.
func percent(f float64) string { return strconv.Itoa(int(f*100+0.5)) + " %" }

// share writes a part of a whole.
func share(part, whole int) string {
	if whole == 0 {
		return "–"
	}
	return percent(float64(part) / float64(whole))
}

// megabytes writes a number of bytes.
func megabytes(n int64) string { return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64) }

// seconds writes how long something took.
func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s" }

// pace says what bounds the speed of the visits to a host.
func pace(limit string, crawlDelay time.Duration) string {
	switch limit {
	case "min-delay":
		return "the hub’s own pauses"
	case "crawl-delay":
		return "robots.txt: one request every " + seconds(crawlDelay)
	case "slow-down":
		return "the server asked to slow down"
	case "retry-after":
		return "the server’s Retry-After"
	case "server":
		return "the server’s own speed"
	}
	return "–"
}
