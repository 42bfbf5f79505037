package dump

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"ctiphub/exporter"
)

//go:embed index.html
var indexHTML string

//go:embed index.css
var indexCSS []byte

var indexPage = template.Must(template.New("index").Funcs(template.FuncMap{
	"size": size, "day": func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") },
}).Parse(indexHTML))

// size writes bytes for people.
func size(n int64) string {
	for _, u := range []struct {
		bytes int64
		name  string
	}{{1 << 30, "GB"}, {1 << 20, "MB"}, {1 << 10, "KB"}} {
		if n >= u.bytes {
			return fmt.Sprintf("%.1f %s", float64(n)/float64(u.bytes), u.name)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}

// Catalog is /dumps/manifest.json: all that can be had, the newest first.
type Catalog struct {
	Schema    string      `json:"schema"`
	Dumps     []Manifest  `json:"dumps"`
	Withdrawn []Withdrawn `json:"withdrawn,omitempty"`
}

// Handler serves the dumps below /dumps/: a page, manifest.json, and the files with ranges.
func (d *Dumps) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /dumps/{$}", d.serveIndex)
	mux.HandleFunc("GET /dumps/index.css", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(indexCSS)))
	})
	mux.HandleFunc("GET /dumps/manifest.json", d.serveCatalog)
	mux.HandleFunc("GET /dumps/{name}/{file}", d.serveFile)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("Access-Control-Allow-Origin", "*")
		mux.ServeHTTP(w, r)
	})
}

// catalog is everything that is released.
func (d *Dumps) catalog() (c Catalog, err error) {
	c.Dumps, err = d.List()
	if c.Dumps == nil {
		c.Dumps = []Manifest{}
	}
	if err == nil {
		c.Withdrawn, err = d.WithdrawnDumps()
	}
	if len(c.Dumps) > 0 {
		c.Schema = c.Dumps[0].Schema
	}
	return c, err
}

func (d *Dumps) serveIndex(w http.ResponseWriter, r *http.Request) {
	c, err := d.catalog()
	if err != nil {
		d.fail(w, err)
		return
	}
	slices.Reverse(c.Withdrawn)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	if err := indexPage.Execute(w, c); err != nil && r.Context().Err() == nil {
		d.log().Error("showing the dumps", "error", err)
	}
}

func (d *Dumps) serveCatalog(w http.ResponseWriter, r *http.Request) {
	c, err := d.catalog()
	var data []byte
	if err == nil {
		data, err = json.MarshalIndent(c, "", "  ")
	}
	if err != nil {
		d.fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(data)))
}

// serveFile serves one file of a released dump. Its checksum is its ETag, so that a download
// that broke off goes on with the same file or begins anew.
func (d *Dumps) serveFile(w http.ResponseWriter, r *http.Request) {
	name, file := r.PathValue("name"), r.PathValue("file")
	if !dumpName.MatchString(name) {
		http.NotFound(w, r)
		return
	}
	root, err := os.OpenRoot(d.Dir)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer root.Close()
	f, err := root.Open(name + "/" + file)
	if err != nil {
		d.missing(w, r, name)
		return
	}
	defer f.Close()
	m, err := readManifest(d.Dir + "/" + name)
	if err != nil {
		d.fail(w, err)
		return
	}
	h := w.Header()
	if i := slices.IndexFunc(m.Files, func(x File) bool { return x.Name == file }); i >= 0 {
		h.Set("ETag", `"`+m.Files[i].SHA256+`"`)
		h.Set("Content-Type", "application/zstd")
		if r.Method == http.MethodGet && r.Header.Get("Range") == "" && file != indexFile {
			exporter.Served(r.Context(), strings.TrimPrefix(path.Ext(strings.TrimSuffix(file, ".zst")), "."), m.After+1, m.Last, m.Files[i].Records)
		}
	} else if file == manifestFile {
		h.Set("Content-Type", "application/json")
	} else {
		http.NotFound(w, r)
		return
	}
	http.ServeContent(w, r, "", m.Made, f)
}

// missing tells a dump that was taken away from one that never was.
func (d *Dumps) missing(w http.ResponseWriter, r *http.Request, name string) {
	list, err := d.WithdrawnDumps()
	if err == nil && slices.ContainsFunc(list, func(x Withdrawn) bool { return x.Name == name }) {
		http.Error(w, "This dump was withdrawn. A newer one takes its place; see /dumps/manifest.json.", http.StatusGone)
		return
	}
	http.NotFound(w, r)
}

func (d *Dumps) fail(w http.ResponseWriter, err error) {
	d.log().Error("serving the dumps", "error", err)
	http.Error(w, "The dumps cannot be read at the moment. Please try again in a minute.", http.StatusInternalServerError)
}
