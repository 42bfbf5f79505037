package portal_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"ctiphub/portal"
	"ctiphub/record"
)

// regional is a record about a region: its countries are there as members only.
func regional(theme string, countries ...string) record.Record {
	rec := record.Record{Title: record.Texts{"en": "Regional plan"}, Themes: tags(theme), Regions: tags("ASEAN")}
	for _, c := range countries {
		rec.Countries = append(rec.Countries, record.Tag{ID: c, Confidence: 0.7, Evidence: []record.Evidence{{Field: "region", Match: "ASEAN", Rule: "vocab:regions/ASEAN"}}})
	}
	return rec
}

func TestOnlyRegional(t *testing.T) {
	own := record.Record{Title: record.Texts{"en": "Own plan"}, Themes: tags("remedies"), Countries: tags("TH")}
	h := newHub(t, published("region", regional("remedies", "TH", "VN")), published("own", own))
	doc := h.page(t, "/coverage", 200)
	for path, want := range map[string]string{
		"/search?country=VN&theme=remedies": "1 regional only", "/search?country=TH&theme=remedies": "2", "/search?country=MY&theme=remedies": "nothing found yet",
	} {
		cell := doc.Find("td a[href='" + path + "'] > span").First()
		if got := strings.Join(strings.Fields(cell.Text()), " "); got != want {
			t.Errorf("%s says %q, want %q", path, got, want)
		}
	}
	type coverage struct {
		Countries []struct {
			ID           string
			OnlyRegional []string
		}
	}
	for _, c := range decoded[coverage](t, h.get(t, "/api/v1/coverage")).Countries {
		if want := map[string][]string{"VN": {"remedies"}}[c.ID]; !slices.Equal(c.OnlyRegional, want) {
			t.Errorf("%s: only regional in %v, want %v", c.ID, c.OnlyRegional, want)
		}
	}
}

func TestCoverageIsCountedAgain(t *testing.T) {
	h := newHub(t)
	clock := now
	p, err := portal.New(portal.Options{Store: h.store, Vocabulary: vocabulary(), Now: func() time.Time { return clock }})
	if err != nil {
		t.Fatal(err)
	}
	count := func() string {
		w := httptest.NewRecorder()
		p.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/coverage", nil))
		return w.Body.String()
	}
	count()
	h.apply(t, "agency", manyRecords(2)...)
	if got := count(); strings.Contains(got, `"total":1`) {
		t.Error("within seconds the coverage is not counted again")
	}
	clock = clock.Add(time.Minute)
	if got := count(); !strings.Contains(got, `"total":1`) || !strings.Contains(got, clock.Format(time.RFC3339)) {
		t.Errorf("a minute later the coverage is still %.200s", got)
	}
}
