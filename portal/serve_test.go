package portal_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"ctiphub/catalog"
	"ctiphub/portal"
)

func TestHeaders(t *testing.T) {
	h := newHub(t, manyRecords(30)...)
	for _, path := range []string{"/", "/search", "/nowhere", "/api/v1/resources", "/static/none.css", "/robots.txt", "/feeds/atom.xml", "/feeds/none"} {
		res := h.get(t, path)
		for key, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			"Referrer-Policy":         "no-referrer", "X-Content-Type-Options": "nosniff", "Set-Cookie": "",
		} {
			if got := res.Header.Get(key); got != want {
				t.Errorf("%s: %s is %q, want %q", path, key, got, want)
			}
		}
		if cors := res.Header.Get("Access-Control-Allow-Origin"); (cors == "*") != (strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/feeds/")) {
			t.Errorf("%s: Access-Control-Allow-Origin is %q", path, cors)
		}
	}
	for accept, want := range map[string]string{"gzip": "gzip", "zstd, gzip": "zstd", "": ""} {
		if got := h.get(t, "/search", "Accept-Encoding", accept).Header.Get("Content-Encoding"); got != want {
			t.Errorf("accepting %q gives %q, want %q", accept, got, want)
		}
	}
}

func TestMethods(t *testing.T) {
	h := newHub(t)
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{"POST", "/search", 405}, {"DELETE", "/resources/" + idOf("1"), 405}, {"POST", "/api/v1/resources", 405},
		{"OPTIONS", "/api/v1/resources", 204}, {"HEAD", "/search", 200}, {"HEAD", "/api/v1/resources", 200}, {"GET", "/api/v2", 404},
	} {
		if res := h.do(t, c.method, c.path); res.StatusCode != c.want {
			t.Errorf("%s %s: status %d, want %d", c.method, c.path, res.StatusCode, c.want)
		}
	}
}

func TestAssets(t *testing.T) {
	h := newHub(t)
	doc := h.page(t, "/", 200)
	css := doc.Find("link[rel=stylesheet]").AttrOr("href", "")
	if !strings.HasPrefix(css, "/static/site.") || strings.Count(css, ".") != 2 {
		t.Fatalf("the style sheet's address %q carries no hash", css)
	}
	res := h.get(t, css)
	if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/css") || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("%s: status %d, headers %v", css, res.StatusCode, res.Header)
	}
	if text := body(t, res); strings.Contains(text, "@import") || strings.Contains(text, "url(") {
		t.Error("the style sheet loads something")
	}
	for path, want := range map[string]int{"/static/site.000000000000.css": 404, "/static/site.css": 404, "/favicon.svg": 200, "/favicon.ico": 301, "/robots.txt": 200} {
		if res := h.get(t, path); res.StatusCode != want {
			t.Errorf("%s: status %d, want %d", path, res.StatusCode, want)
		}
	}
}

// TestNothingAboutReaders is the promise of the about page.
func TestNothingAboutReaders(t *testing.T) {
	h := newHub(t, published("1", full()))
	secrets := []string{"secretword", "192.0.2.1", "SecretAgent", idOf("1"), "secret.example"}
	for _, path := range []string{"/search?q=secretword", "/resources/" + idOf("1"), "/api/v1/resources?q=secretword", "/nowhere/secretword", "/search?q=secretword&cursor=secretword", "/feeds/rss.xml?q=secretword", "/feeds/secretword"} {
		h.get(t, path, "User-Agent", "SecretAgent/1.0", "X-Forwarded-For", "192.0.2.1", "Referer", "https://secret.example/")
	}
	if h.log.Len() == 0 {
		t.Fatal("nothing is logged: the test sees nothing")
	}
	families, err := h.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	kept := h.log.String()
	for _, f := range families {
		kept += f.String()
	}
	for _, s := range secrets {
		if strings.Contains(kept, s) {
			t.Errorf("log or metrics keep %q", s)
		}
	}
	for _, want := range []string{"hub_http_requests_total", "hub_http_seconds", "/resources/{id}", "/api/v1/resources"} {
		if !strings.Contains(kept, want) {
			t.Errorf("log and metrics do not know %s", want)
		}
	}
}

// broken is a store that fails, or panics.
type broken struct {
	catalog.Store
	panics bool
}

var errSecret = errors.New("disk /secret/path is on fire")

func (b broken) Search(context.Context, catalog.Query) (catalog.Result, error) {
	if b.panics {
		panic(errSecret)
	}
	return catalog.Result{}, errSecret
}

func TestFailures(t *testing.T) {
	for _, panics := range []bool{false, true} {
		var log strings.Builder
		p, err := portal.New(portal.Options{Store: broken{panics: panics}, Vocabulary: vocabulary(), Logger: slog.New(slog.NewTextHandler(&log, nil)), Registerer: prometheus.NewRegistry()})
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/", "/search", "/coverage", "/api/v1/resources", "/api/v1/coverage", "/feeds/feed.json"} {
			w := httptest.NewRecorder()
			p.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			if w.Code != http.StatusInternalServerError {
				t.Errorf("%s: status %d, want 500", path, w.Code)
			}
			if strings.Contains(w.Body.String(), "secret") || w.Body.Len() == 0 {
				t.Errorf("%s shows %q", path, w.Body)
			}
		}
		if !strings.Contains(log.String(), "on fire") {
			t.Error("the log does not say what went wrong")
		}
	}
}

func TestDev(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "portal"), subset{os.DirFS(".")}); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	h := newHub(t)
	p, err := portal.New(portal.Options{Store: h.store, Vocabulary: vocabulary(), Dev: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("portal/templates/about.html", []byte(`{{define "content"}}<h1>Edited</h1>{{end}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	p.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/about", nil))
	if !strings.Contains(w.Body.String(), "Edited") {
		t.Error("in development a template is read at each request")
	}
}

// subset is a folder's templates and static files.
type subset struct{ fs.FS }

func (s subset) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(s.FS, name)
	if name != "." {
		return list, err
	}
	var kept []fs.DirEntry
	for _, e := range list {
		if e.IsDir() && (e.Name() == "templates" || e.Name() == "static") {
			kept = append(kept, e)
		}
	}
	return kept, err
}
