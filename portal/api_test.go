package portal_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"ctiphub/record"
)

// decoded reads a JSON answer.
func decoded[T any](t *testing.T, res *http.Response) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(body(t, res)), &v); err != nil {
		t.Fatalf("reading the answer: %v", err)
	}
	return v
}

type list struct {
	Items []struct {
		ID    string            `json:"id"`
		Title map[string]string `json:"title"`
	} `json:"items"`
	Total  int `json:"total"`
	Facets map[string][]struct {
		ID    string `json:"id"`
		Count int    `json:"count"`
	} `json:"facets"`
	Next string `json:"next"`
}

// openAPI is the document as the hub serves it, for its schemas.
type openAPI struct {
	doc      map[string]any
	compiler *jsonschema.Compiler
}

const specURL = "https://hub.example/api/openapi.json"

func readOpenAPI(t *testing.T, h *testHub) openAPI {
	t.Helper()
	res := h.get(t, "/api/openapi.json")
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(body(t, res)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	if err := c.AddResource(specURL, doc); err != nil {
		t.Fatal(err)
	}
	return openAPI{doc.(map[string]any), c}
}

// check holds an answer against the schema that the document gives for its status.
func (o openAPI) check(t *testing.T, route string, res *http.Response) {
	t.Helper()
	media := strings.Split(res.Header.Get("Content-Type"), ";")[0]
	path := fmt.Sprintf("/paths/%s/get/responses/%d/content/%s/schema", escape(route), res.StatusCode, escape(media))
	schema, err := o.compiler.Compile(specURL + "#" + path)
	if err != nil {
		t.Fatalf("the document has no schema for this answer: %v", err)
	}
	text := body(t, res)
	answer, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatalf("the answer is no JSON: %v: %.200s", err, text)
	}
	if err := schema.Validate(answer); err != nil {
		t.Errorf("the answer does not follow the document: %v", err)
	}
}

// escape writes a key as a part of a JSON pointer in a URL.
func escape(s string) string {
	return url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(s))
}

func TestAnswersFollowOpenAPI(t *testing.T) {
	h := newHub(t, append(manyRecords(3), published("1", full()), published("h", hostile()), published("bare", record.Record{}), published("gone", full()))...)
	h.apply(t, "agency", withdrawn("gone"))
	spec := readOpenAPI(t, h)
	if v := spec.doc["openapi"]; !strings.HasPrefix(fmt.Sprint(v), "3.1") {
		t.Errorf("OpenAPI %v", v)
	}
	for _, c := range []struct {
		target, route string
		status        int
	}{
		{"/resources", "/resources", 200},
		{"/resources?q=shelter&country=TH&country=KH&sort=issued&limit=2", "/resources", 200},
		{"/resources?q=nothing-like-it", "/resources", 200},
		{"/resources?contry=TH", "/resources", 400},
		{"/resources?cursor=AAAA", "/resources", 400},
		{"/resources?limit=101", "/resources", 422},
		{"/resources?limit=0", "/resources", 422},
		{"/resources?sort=oldest", "/resources", 422},
		{"/resources/" + idOf("1"), "/resources/{id}", 200},
		{"/resources/" + idOf("h"), "/resources/{id}", 200},
		{"/resources/" + idOf("bare"), "/resources/{id}", 200},
		{"/resources/" + idOf("gone"), "/resources/{id}", 410},
		{"/resources/" + idOf("none"), "/resources/{id}", 404},
		{"/resources/nonsense", "/resources/{id}", 404},
		{"/changes", "/changes", 200},
		{"/changes?after=-1", "/changes", 422},
		{"/vocabulary", "/vocabulary", 200},
		{"/vocabulary?lang=th", "/vocabulary", 400},
		{"/coverage", "/coverage", 200},
		{"/sources", "/sources", 200},
		{"/sources/agency", "/sources/{id}", 200},
		{"/sources/asleep", "/sources/{id}", 200},
		{"/sources/none", "/sources/{id}", 404},
		{"/resources?finding=no-date&source=agency", "/resources", 200},
		{"/works/nosuchwork", "/works/{id}", 404},
	} {
		t.Run(c.target, func(t *testing.T) {
			res := h.get(t, "/api/v1"+c.target)
			if res.StatusCode != c.status {
				t.Fatalf("status %d, want %d", res.StatusCode, c.status)
			}
			media := res.Header.Get("Content-Type")
			if want := map[bool]string{true: "application/json", false: "application/problem+json"}[c.status == 200]; media != want {
				t.Errorf("media type %q, want %q", media, want)
			}
			spec.check(t, "/api/v1"+c.route, res)
		})
	}
	empty := newHub(t)
	for _, route := range []string{"/resources", "/changes", "/coverage", "/sources", "/vocabulary"} {
		spec.check(t, "/api/v1"+route, empty.get(t, "/api/v1"+route))
	}
}

func TestProblemsSayWhatToDo(t *testing.T) {
	h := newHub(t, manyRecords(3)...)
	for target, want := range map[string]string{
		"/api/v1/resources?contry=TH":       "knows q, country, theme",
		"/api/v1/resources?cursor=AAAA":     "begin again",
		"/api/v1/vocabulary?x=1":            "takes none",
		"/api/v1/nothing":                   "openapi.json",
		"/api/v1/resources/" + idOf("nope"): "no record",
	} {
		problem := decoded[struct{ Detail string }](t, h.get(t, target))
		if !strings.Contains(problem.Detail, want) {
			t.Errorf("%s: %q does not say %q", target, problem.Detail, want)
		}
	}
}

func TestPagingIsComplete(t *testing.T) {
	h := newHub(t, manyRecords(57)...)
	for _, query := range []string{"limit=10", "limit=10&sort=issued", "q=handbook&limit=7", "country=LA&limit=3"} {
		var ids []string
		cursor, total := "", 0
		for {
			page := decoded[list](t, h.get(t, "/api/v1/resources?"+query+"&cursor="+cursor))
			for _, it := range page.Items {
				ids = append(ids, it.ID)
			}
			total, cursor = page.Total, page.Next
			if cursor == "" || len(ids) > 100 {
				break
			}
		}
		if n := len(slices.Compact(slices.Sorted(slices.Values(ids)))); n != total || len(ids) != total || total < 20 {
			t.Errorf("%s: %d different of %d items, want %d", query, n, len(ids), total)
		}
	}
}

func TestFacets(t *testing.T) {
	h := newHub(t, manyRecords(10)...)
	page := decoded[list](t, h.get(t, "/api/v1/resources?country=LA,XX&limit=1"))
	if page.Total != 5 || len(page.Items) != 1 {
		t.Errorf("%d in all, %d on the page", page.Total, len(page.Items))
	}
	if c := page.Facets["country"]; len(c) != 2 || c[0].Count != 5 {
		t.Errorf("the facet leaves its own filter out: %v", c)
	}
	if y := page.Facets["year"]; len(y) != 5 {
		t.Errorf("years of what is selected: %v", y)
	}
}

func TestConditional(t *testing.T) {
	h := newHub(t, published("1", full()))
	path := "/api/v1/resources/" + idOf("1")
	etag := h.get(t, path).Header.Get("ETag")
	if etag == "" {
		t.Fatal("no ETag")
	}
	for header, want := range map[string]int{etag: 304, `"other", ` + etag: 304, strings.TrimPrefix(etag, "W/"): 304, "*": 304, `"other"`: 200} {
		res := h.get(t, path, "If-None-Match", header)
		if res.StatusCode != want {
			t.Errorf("If-None-Match %s: status %d, want %d", header, res.StatusCode, want)
		}
		if text := body(t, res); want == 304 && text != "" {
			t.Errorf("a 304 has a body: %.100s", text)
		}
		if res.Header.Get("ETag") != etag {
			t.Errorf("If-None-Match %s: the answer has the ETag %q", header, res.Header.Get("ETag"))
		}
	}
	changed := full()
	changed.Title["en"] = "Another title"
	h.apply(t, "agency", published("1", changed))
	if res := h.get(t, path, "If-None-Match", etag); res.StatusCode != 200 {
		t.Errorf("after a change: status %d, want 200", res.StatusCode)
	}
}

func TestChanges(t *testing.T) {
	h := newHub(t, append(manyRecords(5), published("gone", full()))...)
	h.apply(t, "agency", withdrawn("gone"))
	type changes struct {
		Items []struct {
			Seq      int64
			ID       string
			Deleted  bool
			Resource *struct{ ID string }
		}
		Next   int64
		Schema string
	}
	var last int64
	seen, deleted := map[string]bool{}, 0
	for {
		page := decoded[changes](t, h.get(t, fmt.Sprintf("/api/v1/changes?limit=2&after=%d", last)))
		if page.Schema != "1.0" {
			t.Errorf("schema %q", page.Schema)
		}
		for _, it := range page.Items {
			if it.Seq <= last {
				t.Errorf("change %d comes behind %d", it.Seq, last)
			}
			if it.Deleted != (it.Resource == nil) {
				t.Errorf("change %d: deleted %v and resource %v", it.Seq, it.Deleted, it.Resource)
			}
			if it.Deleted {
				deleted++
			}
			seen[it.ID], last = true, it.Seq
		}
		if page.Next != last {
			t.Errorf("next is %d, want %d", page.Next, last)
		}
		if len(page.Items) == 0 {
			break
		}
	}
	if len(seen) != 6 || deleted != 1 {
		t.Errorf("%d records, %d withdrawn; want 6 and 1", len(seen), deleted)
	}
}

func TestHubsOwnStaysInside(t *testing.T) {
	rec := full()
	rec.Overrides = []record.Override{{Field: "title", Value: `"x"`, Who: "curator@hub.example", Why: "a private reason", When: now}}
	h := newHub(t, published("1", rec))
	for _, path := range []string{"/api/v1/resources", "/api/v1/resources/" + idOf("1"), "/api/v1/changes", "/resources/" + idOf("1")} {
		if text := body(t, h.get(t, path)); strings.Contains(text, "curator@hub.example") || strings.Contains(text, "private reason") || strings.Contains(text, `"raw":"`+strings.Repeat("0", 4)) {
			t.Errorf("%s shows what concerns the hub alone", path)
		}
	}
}
