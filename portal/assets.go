package portal

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed templates/*.html static/*
var embedded embed.FS

// assets are the files of the folder static. Their URLs carry a hash of the content, so
// that browsers may keep them for ever.
type assets struct {
	files  fs.FS
	dev    bool
	urls   map[string]string // name -> URL
	byFile map[string]string // last part of the URL -> name
}

func newAssets(files fs.FS, dev bool) (*assets, error) {
	a := &assets{files: files, dev: dev, urls: map[string]string{}, byFile: map[string]string{}}
	list, err := fs.ReadDir(files, "static")
	if err != nil {
		return nil, fmt.Errorf("reading the static files: %w", err)
	}
	for _, f := range list {
		name := f.Name()
		data, err := fs.ReadFile(files, "static/"+name)
		if err != nil {
			return nil, fmt.Errorf("reading the static file %s: %w", name, err)
		}
		file := name
		if !dev {
			sum := sha256.Sum256(data)
			ext := path.Ext(name)
			file = strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		}
		a.urls[name], a.byFile[file] = "/static/"+file, name
	}
	return a, nil
}

// url returns where a static file is served; templates fail on a name that does not exist.
func (a *assets) url(name string) (string, error) {
	u, ok := a.urls[name]
	if !ok {
		return "", fmt.Errorf("there is no static file %q", name)
	}
	return u, nil
}

// static serves one file under its hashed name.
func (p *Portal) static(w http.ResponseWriter, r *http.Request) error {
	name, ok := p.assets.byFile[r.PathValue("file")]
	if !ok {
		return &problem{http.StatusNotFound, "There is no file at this address.", nil}
	}
	cache := "public, max-age=31536000, immutable"
	if p.assets.dev {
		cache = "no-store"
	}
	return p.serveAsset(w, r, name, cache)
}

func (p *Portal) serveAsset(w http.ResponseWriter, r *http.Request, name, cache string) error {
	data, err := fs.ReadFile(p.assets.files, "static/"+name)
	if err != nil {
		return fmt.Errorf("reading the static file %s: %w", name, err)
	}
	w.Header().Set("Cache-Control", cache)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
	return nil
}

// favicon serves the mark of the hub under the name that browsers ask for.
func (p *Portal) favicon(w http.ResponseWriter, r *http.Request) error {
	return p.serveAsset(w, r, "favicon.svg", "public, max-age=86400")
}

// faviconICO sends old browsers to the one mark there is.
func (p *Portal) faviconICO(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "public, max-age=86400")
	http.Redirect(w, r, "/favicon.svg", http.StatusMovedPermanently)
	return nil
}

// robots lets crawlers read the pages, not every combination of filters.
func (p *Portal) robots(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, err := fmt.Fprintf(w, "User-agent: *\nDisallow: /search?\nDisallow: /resources/*/go/\nDisallow: /usage?\nDisallow: /usage/*?\n\nSitemap: %s/sitemap.xml\n", p.base(r))
	return err
}
