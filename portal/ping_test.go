package portal_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"ctiphub/portal"
)

// alarm is a waker that notes whom it woke.
type alarm struct{ woken []string }

func (a *alarm) Wake(source string) (time.Time, bool) {
	switch source {
	case "elsewhere":
		return time.Time{}, false
	case "paused":
		return time.Time{}, true
	}
	a.woken = append(a.woken, source)
	return now.Add(time.Minute), true
}

// newPingHub is a portal with sources that share hosts.
func newPingHub(t *testing.T, waker portal.Waker) *testHub {
	t.Helper()
	h := newHub(t)
	clock := now
	p, err := portal.New(portal.Options{
		Store: h.store, Vocabulary: vocabulary(), Waker: waker, Logger: slog.New(slog.NewTextHandler(h.log, nil)),
		Now: func() time.Time { clock = clock.Add(time.Millisecond); return clock },
		Sources: []portal.SourceInfo{
			{ID: "agency", URL: "https://data.agency.example/oai", Home: "https://www.agency.example/", Enabled: true},
			{ID: "news", URL: "https://un.example/news/feed/", Home: "https://un.example/", Enabled: true},
			{ID: "papers", URL: "https://un.example/papers/sitemap.xml", Enabled: true},
			{ID: "paused", URL: "https://paused.example/feed", Enabled: true},
			{ID: "elsewhere", URL: "https://elsewhere.example/feed", Enabled: true},
			{ID: "disabled", URL: "https://disabled.example/feed"},
			{ID: "port", URL: "http://port.example:8080/feed", Enabled: true},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.handler = p.Handler()
	return h
}

func (h *testHub) post(t *testing.T, target, media, body string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	r.Header.Set("User-Agent", "secret-agent")
	r.RemoteAddr = "192.0.2.7:4711"
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w.Result()
}

type pinged struct {
	Source string    `json:"source"`
	Due    time.Time `json:"due"`
	Others []struct {
		Source string `json:"source"`
	} `json:"others"`
	Detail string `json:"detail"`
}

func TestPingFindsTheSource(t *testing.T) {
	for address, want := range map[string]string{
		"https://data.agency.example/oai":             "agency",
		"http://data.agency.example/oai?verb=x":       "agency",
		"https://agency.example/reports/7":            "agency",
		"HTTPS://WWW.AGENCY.EXAMPLE/sitemap.xml":      "agency",
		"https://un.example/news/feed":                "news",
		"https://un.example/news/2026/1":              "news",
		"https://un.example/papers/sitemap-2.xml":     "papers",
		"https://un.example/":                         "news",
		"https://un.example/sitemap.xml":              "news papers",
		"https://port.example:8080/x":                 "port",
		"https://port.example/x":                      "",
		"https://disabled.example/feed":               "",
		"https://elsewhere.example/feed":              "",
		"https://nobody.example/feed":                 "",
		"https://agency.example.evil.example/":        "",
		"ftp://agency.example/":                       "",
		"/reports/7":                                  "",
		"agency.example":                              "",
		"http://169.254.169.254/latest/meta-data/":    "",
		"https://user:pw@agency.example@evil.example": "",
	} {
		a := &alarm{}
		h := newPingHub(t, a)
		res := h.post(t, "/api/v1/ping", "application/x-www-form-urlencoded", url.Values{"url": {address}}.Encode())
		got := decoded[pinged](t, res)
		if want == "" {
			if res.StatusCode != http.StatusNotFound || !strings.Contains(got.Detail, "no source of that address") || len(a.woken) > 0 {
				t.Errorf("%s: status %d, %+v, woken %q; want a 404", address, res.StatusCode, got, a.woken)
			}
			continue
		}
		if res.StatusCode != http.StatusAccepted || !slices.Equal(a.woken, strings.Fields(want)) || got.Source != a.woken[0] || len(got.Others) != len(a.woken)-1 || !got.Due.Equal(now.Add(time.Minute)) {
			t.Errorf("%s: status %d, %+v, woken %q; want %q", address, res.StatusCode, got, a.woken, want)
		}
	}
}

func TestPingForms(t *testing.T) {
	const feed = "https://data.agency.example/oai"
	enc := url.QueryEscape(feed)
	for _, c := range []struct {
		name, method, target, media, body string
		status                            int
	}{
		{"form", "POST", "/api/v1/ping", "application/x-www-form-urlencoded", "url=" + enc, 202},
		{"form with a charset", "POST", "/api/v1/ping", "application/x-www-form-urlencoded; charset=utf-8", "url=" + enc, 202},
		{"form without a type", "POST", "/api/v1/ping", "", "url=" + enc, 202},
		{"JSON", "POST", "/api/v1/ping", "application/json", `{"url": "` + feed + `"}`, 202},
		{"query", "POST", "/api/v1/ping?url=" + enc, "", "", 202},
		{"old style", "GET", "/api/v1/ping?sitemap=" + enc, "", "", 202},
		{"old style, new name", "GET", "/api/v1/ping?url=" + enc, "", "", 202},
		{"nothing", "POST", "/api/v1/ping", "", "", 400},
		{"nothing, old style", "GET", "/api/v1/ping", "", "", 400},
		{"broken JSON", "POST", "/api/v1/ping", "application/json", `{"url": `, 400},
		{"JSON of something else", "POST", "/api/v1/ping", "application/json", `[1]`, 400},
		{"broken form", "POST", "/api/v1/ping", "application/x-www-form-urlencoded", "url=%zz", 400},
		{"broken type", "POST", "/api/v1/ping", "a/b/c;", "url=" + enc, 400},
		{"too long", "POST", "/api/v1/ping", "application/x-www-form-urlencoded", "url=https://data.agency.example/" + strings.Repeat("x", 3000), 400},
		{"far too long", "POST", "/api/v1/ping", "application/x-www-form-urlencoded", "url=" + strings.Repeat("x", 20000), 413},
		{"unknown parameter", "GET", "/api/v1/ping?feed=" + enc, "", "", 400},
		{"deleting", "DELETE", "/api/v1/ping", "", "", 405},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &alarm{}
			h := newPingHub(t, a)
			var res *http.Response
			if c.method == "POST" {
				res = h.post(t, c.target, c.media, c.body)
			} else {
				res = h.do(t, c.method, c.target)
			}
			if res.StatusCode != c.status || (len(a.woken) == 1) != (c.status == 202) {
				t.Fatalf("status %d, woken %q; want %d: %s", res.StatusCode, a.woken, c.status, body(t, res))
			}
			if media := res.Header.Get("Content-Type"); c.status != 202 && media != "application/problem+json" {
				t.Errorf("media type %q", media)
			}
		})
	}
}

func TestPingPaused(t *testing.T) {
	res := newPingHub(t, &alarm{}).post(t, "/api/v1/ping", "", "url=https://paused.example/x")
	if text := body(t, res); res.StatusCode != http.StatusAccepted || strings.Contains(text, "due") {
		t.Errorf("a paused source: %d %s, want it known, and no date", res.StatusCode, text)
	}
	if res := newPingHub(t, nil).post(t, "/api/v1/ping", "", "url=https://paused.example/x"); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a hub that does not harvest answers %d, want 503", res.StatusCode)
	}
}

// TestPingLimit: a flood is turned away, and nothing of who pinged is kept.
func TestPingLimit(t *testing.T) {
	a := &alarm{}
	h := newPingHub(t, a)
	refused := 0
	for range 100 {
		res := h.post(t, "/api/v1/ping", "", "url=https://data.agency.example/oai%3Fkey%3Dpassword")
		if res.StatusCode == http.StatusTooManyRequests {
			refused++
			if res.Header.Get("Retry-After") == "" {
				t.Fatal("no Retry-After")
			}
		}
	}
	if refused < 30 || len(a.woken) < 50 || refused+len(a.woken) != 100 {
		t.Errorf("%d of 100 announcements were refused, %d taken", refused, len(a.woken))
	}
	for _, trace := range []string{"192.0.2.7", "secret-agent", "password", "agency.example"} {
		if strings.Contains(h.log.String(), trace) {
			t.Errorf("the log holds %q", trace)
		}
	}
}

func TestPingIsDocumented(t *testing.T) {
	spec := readOpenAPI(t, newHub(t))
	path := spec.doc["paths"].(map[string]any)["/api/v1/ping"].(map[string]any)
	content := path["post"].(map[string]any)["requestBody"].(map[string]any)["content"].(map[string]any)
	for _, media := range []string{"application/json", "application/x-www-form-urlencoded"} {
		if content[media] == nil {
			t.Errorf("the body as %s is not documented", media)
		}
	}
	for method := range path {
		if path[method].(map[string]any)["responses"].(map[string]any)["202"] == nil {
			t.Errorf("%s documents no 202", method)
		}
	}
	spec.check(t, "/api/v1/ping", newPingHub(t, &alarm{}).get(t, "/api/v1/ping?sitemap=https://un.example/sitemap.xml"))
}
