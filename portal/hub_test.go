package portal_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/prometheus/client_golang/prometheus"

	"ctiphub/catalog"
	"ctiphub/catalog/sqlstore"
	"ctiphub/portal"
	"ctiphub/record"
)

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// testHub is a portal on a real catalogue.
type testHub struct {
	store    *sqlstore.Store
	handler  http.Handler
	registry *prometheus.Registry
	log      *strings.Builder
}

// newHub makes a portal and fills its catalogue, one run a source.
func newHub(t *testing.T, items ...catalog.Item) *testHub {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "catalog.db"), sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	h := &testHub{store: store, registry: prometheus.NewRegistry(), log: &strings.Builder{}}
	if len(items) > 0 {
		h.apply(t, "agency", items...)
	}
	p, err := portal.New(portal.Options{
		Store: store, Vocabulary: vocabulary(), BaseURL: "https://hub.example", Name: "Test Hub", Version: "1.2.3",
		Contact: "https://hub.example/contact", RepositoryID: "hub.example", Registerer: h.registry,
		Logger: slog.New(slog.NewTextHandler(h.log, nil)), Now: func() time.Time { return now },
		Findings: map[string]portal.FindingText{"no-abstract-km": {Meaning: "No description in Khmer.", Fix: "Write one."}},
		Criteria: []portal.Criterion{{Name: "title", Points: 5, Earned: "a title"}},
		Sources: []portal.SourceInfo{
			{ID: "agency", Name: "Agency of Examples", Country: "TH", Kind: "oai-pmh", URL: "https://agency.example/oai", Home: "https://agency.example/", Enabled: true},
			{ID: "asleep", Name: "Sleeping Ministry", Kind: "feed", URL: "https://ministry.example/feed"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.handler = p.Handler()
	return h
}

// apply stores items as one run.
func (h *testHub) apply(t *testing.T, source string, items ...catalog.Item) {
	t.Helper()
	ctx := t.Context()
	run, err := h.store.Begin(ctx, catalog.Begin{Source: source, Now: now, Owner: "test"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range items {
		items[i].Raw.Source = source
	}
	_, err = h.store.Apply(ctx, catalog.Batch{Source: source, Run: run.ID, Now: now, Items: items, Rejects: []catalog.Reject{
		{Identifier: "https://agency.example/<b>broken</b>", Code: "no-title", Stage: "normalize", Detail: "the record has no title"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.Finish(ctx, catalog.End{Run: run.ID, Now: now, Finished: true}); err != nil {
		t.Fatal(err)
	}
}

// get asks for an address; more are header names and values in turn.
func (h *testHub) get(t *testing.T, target string, more ...string) *http.Response {
	t.Helper()
	return h.do(t, http.MethodGet, target, more...)
}

func (h *testHub) do(t *testing.T, method, target string, more ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(more); i += 2 {
		r.Header.Set(more[i], more[i+1])
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w.Result()
}

// page asks for a page and reads it as a browser does.
func (h *testHub) page(t *testing.T, target string, status int, more ...string) *goquery.Document {
	t.Helper()
	res := h.get(t, target, more...)
	if res.StatusCode != status {
		t.Fatalf("GET %s: status %d, want %d", target, res.StatusCode, status)
	}
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// published wraps a record as an item that screening lets pass.
func published(identifier string, rec record.Record) catalog.Item {
	rec.ID = record.NewID("agency", identifier)
	rec.Origin.Source, rec.Origin.Identifier = "agency", identifier
	return catalog.Item{
		Raw:    record.Raw{Source: "agency", Identifier: identifier, Fetched: now, Format: record.FormatHTML, Body: []byte(identifier)},
		Record: rec, Decision: record.Decision{Verdict: record.Publish},
	}
}

// withdrawn is the source's word that a record is gone.
func withdrawn(identifier string) catalog.Item {
	it := published(identifier, record.Record{})
	it.Raw.Deleted, it.Raw.Body = true, nil
	return it
}

func idOf(identifier string) string { return string(record.NewID("agency", identifier)) }

// tags gives concepts with evidence.
func tags(ids ...string) []record.Tag {
	var list []record.Tag
	for _, id := range ids {
		list = append(list, record.Tag{ID: id, Confidence: 0.9, Evidence: []record.Evidence{{Field: "title", Match: "a word for " + id, Rule: "vocab:" + id}}})
	}
	return list
}

// full is a record with something in every field.
func full() record.Record {
	return record.Record{
		Title:       record.Texts{"en": "Shelter standards for trafficked persons", "th": "มาตรฐานสถานคุ้มครองผู้เสียหายจากการค้ามนุษย์", "km": "ស្តង់ដារមណ្ឌលសម្រាប់ជនរងគ្រោះ"},
		Alternative: record.Texts{"en": "The Shelter Book"},
		Description: record.Texts{"en": "How to run a shelter for victims, with forms and a checklist.", "th": "วิธีดูแลผู้เสียหายในสถานคุ้มครอง"},
		Type:        tags("guideline", "toolkit"), Themes: tags("protection-support", "shelter"), Audiences: tags("shelter-staff"),
		VictimGroups: tags("women"), ExploitationForms: tags("forced-labour"), Countries: tags("TH", "KH"), Regions: tags("ASEAN"),
		Languages:  []string{"en", "th"},
		Creators:   []record.Agent{{Name: record.Texts{"en": "Working Group on Shelters"}, Kind: "government", Country: "TH"}},
		Publishers: []record.Agent{{Name: record.Texts{"en": "Ministry of Examples", "th": "กระทรวงตัวอย่าง"}, Kind: "government", Country: "TH"}},
		Funders:    []record.Agent{{Name: record.Texts{"en": "Fund of Examples"}}},
		Issued:     record.Date{EDTF: "2023-12-13", Raw: "13 ธันวาคม 2566"}, Modified: record.Date{EDTF: "2024-01"}, Valid: record.Date{EDTF: "2024/2027"},
		Files: []record.File{
			{URL: "https://agency.example/files/101-th.pdf", MediaType: "application/pdf", Bytes: 2_500_000, Pages: 88, Language: "th", Checked: now, Status: "ok"},
			{URL: "https://agency.example/files/old.doc", MediaType: "application/msword", Bytes: 900, Status: "dead"},
		},
		Identifiers: []record.Identifier{{Scheme: "doi", Value: "10.99999/example"}, {Scheme: "isbn", Value: "978-0-00-000000-2"}},
		Work:        record.Work{ID: record.NewID("agency", "work"), EditionStatus: "official"},
		Relations:   []record.Relation{{Kind: "translationOf", Target: idOf("minimal"), Lang: "en"}, {Kind: "partOf", Target: "https://agency.example/series"}},
		Rights:      record.Rights{Status: "open", License: "https://creativecommons.org/licenses/by/4.0/", Statement: record.Texts{"en": "Free to share."}},
		Sensitivity: "general",
		Origin: record.Origin{Landing: "https://agency.example/101", Status: "origin-known", Chain: []record.Hop{
			{BaseURL: "https://other.example/oai", Identifier: "oai:other.example:1", HarvestDate: now, Altered: true},
		}},
		Quality: record.Quality{Score: 92, Findings: []record.Finding{{Code: "no-abstract-km", Field: "description", Detail: "no description in Khmer"}}},
		Provenance: []record.Assertion{
			{Field: "title", Lang: "en", Rule: "css:h1", Confidence: 1, Flag: record.AsIs},
			{Field: "issued", Value: "2023-12-13", Raw: "13 ธันวาคม 2566", Rule: "date:th", Confidence: 0.95, Flag: record.Cleaned},
		},
	}
}

// Characters that must not rearrange a page: an override and an isolate, never closed.
const bidi = "\u202e\u2067"

// hostile is a record whose every text attacks the page.
func hostile() record.Record {
	script := `<script>alert("x")</script><img src=x onerror=alert(1)>"' onmouseover='alert(2)` + bidi
	long := strings.Repeat("W", 5000)
	texts := record.Texts{"en": script, "xx-not a tag\"><script>": script, "ar": long + script, "und": script}
	rec := full()
	rec.Title, rec.Alternative, rec.Description = texts, texts, record.Texts{"en": long + " " + script + " shelter"}
	rec.Themes, rec.Countries, rec.Regions = tags(script, "a,b&c=d"), tags(script), tags(script)
	rec.Languages = []string{script, "ar"}
	rec.Publishers = []record.Agent{{Name: texts, Country: script}}
	rec.Creators, rec.Funders = rec.Publishers, rec.Publishers
	rec.Issued = record.Date{EDTF: script, Raw: script}
	rec.Files = []record.File{
		{URL: "javascript:alert(1)", MediaType: script}, {URL: "data:text/html," + script}, {URL: script},
		{URL: "https://agency.example/\"><script>alert(1)</script>.pdf", Language: script},
	}
	rec.Identifiers = []record.Identifier{{Scheme: "uri", Value: "javascript:alert(1)"}, {Scheme: script, Value: script}, {Scheme: "doi", Value: script}}
	rec.Relations = []record.Relation{{Kind: script, Target: "javascript:alert(1)", Lang: script}}
	rec.Rights = record.Rights{Status: script, License: "javascript:alert(1)", Statement: texts}
	rec.Sensitivity = script
	rec.Origin.Landing, rec.Origin.Status = "javascript:alert(1)", script
	rec.Origin.Chain = []record.Hop{{BaseURL: "javascript:alert(1)" + script}}
	rec.Quality.Findings = []record.Finding{{Code: script, Field: script, Detail: script}}
	rec.Provenance = []record.Assertion{{Field: script, Lang: script, Value: long, Raw: script, Rule: script, Flag: record.Flag(script)}}
	return rec
}

// manyRecords are simple records, numbered.
func manyRecords(n int) []catalog.Item {
	var list []catalog.Item
	for i := range n {
		list = append(list, published(fmt.Sprintf("many-%03d", i), record.Record{
			Title: record.Texts{"en": fmt.Sprintf("Handbook number %d", i)}, Type: tags("guide"), Countries: tags([]string{"TH", "LA"}[i%2]),
			Themes: tags("remedies"), Languages: []string{"en"}, Issued: record.Date{EDTF: fmt.Sprint(2000 + i%20)},
		}))
	}
	return list
}

// vocabulary is a small vocabulary of the real shape.
func vocabulary() record.Vocabulary {
	concept := func(id, notation, label, broader string) record.Concept {
		return record.Concept{ID: id, Notation: notation, Label: record.Texts{"en": label}, Broader: broader}
	}
	simple := func(scheme string, ids ...string) record.Scheme {
		s := record.Scheme{ID: scheme}
		for _, id := range ids {
			s.Concepts = append(s.Concepts, concept(id, "", strings.ToUpper(id[:1])+strings.ReplaceAll(id[1:], "-", " "), ""))
		}
		return s
	}
	names := map[string]string{"BN": "Brunei", "KH": "Cambodia", "ID": "Indonesia", "LA": "Laos", "MY": "Malaysia", "MM": "Myanmar", "PH": "Philippines", "SG": "Singapore", "TH": "Thailand", "TL": "Timor-Leste", "VN": "Viet Nam"}
	countries := record.Scheme{ID: "country"}
	for _, id := range catalog.MemberStates() {
		countries.Concepts = append(countries.Concepts, concept(id, "", names[id], ""))
	}
	return record.Vocabulary{Version: "test-1", Schemes: []record.Scheme{
		{ID: "theme", Concepts: []record.Concept{
			concept("identification", "1", "Victim definition and identification", ""),
			concept("referral", "1.4", "Referral", "identification"),
			concept("protection-support", "2", "Victim protection and support", ""),
			concept("shelter", "2.2", "Shelter and accommodation", "protection-support"),
			concept("victim-witness", "3", "Special measures for victim-witnesses", ""),
			concept("child-victims", "4", "Special and additional measures for child victims", ""),
			concept("remedies", "5", "Access to remedies", ""),
			concept("return-reintegration", "6", "Return, recovery and reintegration", ""),
			concept("systems", "7", "Coordination, law and capacity (cross-cutting)", ""),
		}},
		simple("type", "guideline", "toolkit", "guide", "report"), simple("audience", "shelter-staff", "police"),
		simple("victim-group", "women"), simple("exploitation", "forced-labour"), countries, simple("region", "ASEAN"),
		{ID: "language", Concepts: []record.Concept{
			{ID: "en", Label: record.Texts{"en": "English"}}, {ID: "th", Label: record.Texts{"en": "Thai", "th": "ไทย"}}, {ID: "km", Label: record.Texts{"en": "Khmer", "km": "ខ្មែរ"}},
		}},
		simple("rights", "open"), simple("sensitivity", "general"),
	}}
}
