package portal_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ctiphub/portal"
	"ctiphub/record"
)

func TestEveryAnswerIsConditional(t *testing.T) {
	h := newHub(t, published("1", full()))
	for _, path := range []string{
		"/api/v1/resources?q=shelter", "/api/v1/resources/" + idOf("1"), "/api/v1/changes", "/api/v1/vocabulary",
		"/api/v1/coverage", "/api/v1/sources", "/api/v1/sources/agency", "/api/openapi.json", "/feeds/atom.xml", "/feeds/rss.xml?q=shelter", "/feeds/feed.json",
	} {
		first := h.get(t, path)
		etag := first.Header.Get("ETag")
		if first.StatusCode != 200 || !strings.HasPrefix(etag, `W/"`) {
			t.Errorf("%s: status %d, ETag %q", path, first.StatusCode, etag)
		}
		if again := h.get(t, path, "If-None-Match", etag); again.StatusCode != 304 || body(t, again) != "" {
			t.Errorf("%s: status %d with its own ETag, want an empty 304", path, again.StatusCode)
		}
		if head := h.do(t, http.MethodHead, path); head.Header.Get("ETag") != etag || body(t, head) != "" {
			t.Errorf("%s: HEAD has the ETag %q, want %q and no body", path, head.Header.Get("ETag"), etag)
		}
	}
	if res := h.get(t, "/api/v1/resources/nonsense"); res.Header.Get("ETag") != "" {
		t.Error("a problem has an ETag")
	}
}

func TestLastModified(t *testing.T) {
	h := newHub(t, published("1", full()))
	path := "/api/v1/resources/" + idOf("1")
	stamp := h.get(t, path).Header.Get("Last-Modified")
	modified, err := http.ParseTime(stamp)
	if err != nil || !modified.Equal(now) {
		t.Fatalf("Last-Modified is %q, want the stamp of the record", stamp)
	}
	for since, want := range map[string]int{
		stamp: 304, now.Add(time.Hour).Format(http.TimeFormat): 304, now.Add(-time.Hour).Format(http.TimeFormat): 200, "yesterday": 200,
	} {
		if res := h.get(t, path, "If-Modified-Since", since); res.StatusCode != want {
			t.Errorf("If-Modified-Since %s: status %d, want %d", since, res.StatusCode, want)
		}
	}
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	h := newHub(t)
	for target, want := range map[string]string{
		"/api/v1/resources?limit=101":           "limit: expected number <= 100",
		"/api/v1/resources?sort=oldest":         "sort: expected value to be one of",
		"/api/v1/changes?after=-1&limit=a":      "limit: invalid integer",
		"/api/v1/resources?limit=0&sort=oldest": "; ",
	} {
		res := h.get(t, target)
		problem := decoded[struct {
			Status int
			Detail string
		}](t, res)
		if problem.Status != 422 || !strings.Contains(problem.Detail, want) {
			t.Errorf("%s: %d %q, want 422 and %q", target, problem.Status, problem.Detail, want)
		}
	}
}

// TestAddressOfTheRequest: a hub that was not told its public address takes that of the
// request, so that what a reader copies leads back.
func TestAddressOfTheRequest(t *testing.T) {
	h := newHub(t, published("1", record.Record{Title: record.Texts{"en": "Plan"}}))
	p, err := portal.New(portal.Options{
		Store: h.store, Vocabulary: vocabulary(), RepositoryID: "hub.example", OAIPath: "/pmh", Formats: []portal.Format{{Prefix: "marc", Name: "MARC"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, wants := range map[string][]string{
		"/resources/" + idOf("1"): {"http://elsewhere.example:81/resources/" + idOf("1"), ">MARC<", "/pmh?verb=GetRecord&amp;metadataPrefix=marc&amp;identifier=oai%3Ahub.example%3A" + idOf("1")},
		"/":                       {"http://elsewhere.example:81/pmh", `href="/pmh?verb=Identify"`, "http://elsewhere.example:81/api/v1/resources"},
		"/about":                  {"http://elsewhere.example:81/pmh", `href="/pmh?verb=Identify"`},
	} {
		w := httptest.NewRecorder()
		p.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://elsewhere.example:81"+path, nil))
		for _, want := range wants {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s does not hold %s", path, want)
			}
		}
	}
}

func TestOtherLanguages(t *testing.T) {
	h := newHub(t, published("1", full()), published("2", record.Record{Title: record.Texts{"en": "Shelter plan", "und": "?"}}))
	got := map[string]bool{}
	for _, s := range h.page(t, "/search?q=shelter", 200).Find(".hit .also").EachIter() {
		got[s.Text()] = true
	}
	if len(got) != 1 || !got["Described in Khmer, Thai as well"] {
		t.Errorf("other languages: %v", got)
	}
}
