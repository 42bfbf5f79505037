package wordpress_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ctiphub/configs"
	"ctiphub/harvester"
	"ctiphub/harvester/harvestertest"
	"ctiphub/harvester/wordpress"
	"ctiphub/internal/fetch"
	"ctiphub/internal/replay"
	"ctiphub/normalizer"
	"ctiphub/record"
)

// understand makes records of raws as the hub does.
func understand(t *testing.T) func(record.Raw) (record.Record, record.Decision) {
	t.Helper()
	cfg, err := configs.Load("")
	if err != nil {
		t.Fatal(err)
	}
	norm, err := normalizer.New(cfg.Vocabulary, map[string]normalizer.Rules{"agency": {Trust: "high", InScope: true}})
	if err != nil {
		t.Fatal(err)
	}
	return func(raw record.Raw) (record.Record, record.Decision) {
		rec, decision, err := norm.Normalize(raw)
		if err != nil {
			t.Fatal(err)
		}
		return rec, decision
	}
}

func tags(list []record.Tag) []string {
	var ids []string
	for _, t := range list {
		ids = append(ids, t.ID)
	}
	return ids
}

// wantRecords holds what becomes of the entries of the real WordPress.
func wantRecords(t *testing.T, raws map[string]record.Raw, home string) {
	t.Helper()
	norm := understand(t)
	records := map[string]record.Record{}
	for name, raw := range raws {
		rec, decision := norm(raw)
		if decision.Verdict == record.Reject {
			t.Errorf("%s was rejected: %s", name, decision.Detail)
		}
		records[name] = rec
	}
	for name, want := range map[string]struct{ lang, title string }{
		"guidelines":    {"en", "Guidelines on the identification of victims of trafficking"},
		"guidelines-km": {"km", "គោលការណ៍ណែនាំស្តីពីការកំណត់អត្តសញ្ញាណជនរងគ្រោះនៃអំពើជួញដូរមនុស្ស"},
		"handbook-th":   {"th", "คู่มือการคัดแยกผู้เสียหายจากการค้ามนุษย์"},
		"so-tay-vi":     {"vi", "Sổ tay hướng dẫn xác định nạn nhân bị mua bán"},
		"panduan-id":    {"id", "Panduan penanganan korban perdagangan orang"},
		"manual":        {"en", "Training manual on victim protection"},
	} {
		rec := records[name]
		if rec.Title[want.lang] != want.title || len(rec.Title) != 1 || len(rec.Description) != 1 {
			t.Errorf("%s: title %q, description %q", name, rec.Title, rec.Description)
		}
		if rec.Issued.EDTF != "2024-05-05" || len(rec.Creators) > 0 || rec.Origin.Status != "origin-known" {
			t.Errorf("%s: issued %q, creators %v, origin %+v", name, rec.Issued.EDTF, rec.Creators, rec.Origin)
		}
	}
	g := records["guidelines"]
	if g.Origin.Landing != home+"/guidelines/" || len(g.Files) != 1 || g.Files[0].MediaType != "application/pdf" || g.Files[0].URL != home+"/wp-content/uploads/2024/05/guidelines.pdf" {
		t.Errorf("landing %s, files %+v", g.Origin.Landing, g.Files)
	}
	if len(g.Relations) != 1 || g.Relations[0].Target != home+"/guidelines-km/" || g.Relations[0].Lang != "km" {
		t.Errorf("relations %+v", g.Relations)
	}
	if got := tags(g.Type); !slices.Contains(got, "guideline") {
		t.Errorf("type %q", got)
	}
	if len(g.Themes) == 0 {
		t.Error("no themes")
	}
	m := records["manual"]
	if d := m.Description["en"]; d != "For trainers of shelter staff." {
		t.Errorf("the excerpt is %q", d)
	}
	if f := records["pdf"].Files; len(f) != 1 || f[0].URL != home+"/wp-content/uploads/2024/05/guidelines.pdf" {
		t.Errorf("files of the medium: %+v", f)
	}
}

// TestSharedEntries reads entries that live sites gave out, where they are at hand.
func TestSharedEntries(t *testing.T) {
	norm := understand(t)
	right, files := 0, 0
	for _, folder := range []string{"json-api", "api"} {
		dir, ok := replay.Shared(t, folder)
		if !ok {
			continue
		}
		names, err := filepath.Glob(filepath.Join(dir, "*wp_*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			base := filepath.Base(name)
			if !strings.Contains(base, "_post_") && !strings.Contains(base, "_page_") && !strings.Contains(base, "wp_pages") {
				continue
			}
			body, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var list []map[string]any
			if json.Unmarshal(body, &list) != nil {
				var one map[string]any
				if err := json.Unmarshal(body, &one); err != nil {
					t.Fatalf("%s: %v", base, err)
				}
				list = append(list, one)
			}
			files++
			raws := serveEntries(t, list)
			if len(raws) != len(list) {
				t.Errorf("%s: %d entries, want %d", base, len(raws), len(list))
			}
			for i, raw := range raws {
				right += wantEntry(t, base, list[i], raw, norm)
			}
			right += wantByEye(t, folder+"__"+base+".json", raws, norm)
		}
	}
	t.Logf("%d files, %d facts right", files, right)
	if _, ok := replay.Shared(t, "expected"); ok && files > 0 && right < 86 {
		t.Errorf("%d facts are right, there were 86", right)
	}
}

// wantByEye counts what somebody who read the file found in its first entry.
func wantByEye(t *testing.T, name string, raws []record.Raw, norm func(record.Raw) (record.Record, record.Decision)) int {
	t.Helper()
	dir, ok := replay.Shared(t, "expected")
	if !ok {
		return 0
	}
	body, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return 0 // nobody did
	}
	var eye struct {
		Expect struct {
			ID    int64
			Title string
		}
	}
	if err := json.Unmarshal(body, &eye); err != nil {
		t.Fatal(err)
	}
	rec, _ := norm(raws[0])
	title := strings.Join(slices.Collect(maps.Values(rec.Title)), "")
	if raws[0].Identifier != fmt.Sprintf("wp:%d", eye.Expect.ID) || title != eye.Expect.Title {
		t.Errorf("%s: %s %q, want %d %q", name, raws[0].Identifier, title, eye.Expect.ID, eye.Expect.Title)
		return 0
	}
	return 2
}

// wantEntry counts what of an entry came into its record.
func wantEntry(t *testing.T, name string, entry map[string]any, raw record.Raw, norm func(record.Raw) (record.Record, record.Decision)) (right int) {
	t.Helper()
	rec, _ := norm(raw)
	text := func(keys ...string) string {
		var v any = entry
		for _, k := range keys {
			m, _ := v.(map[string]any)
			v = m[k]
		}
		s, _ := v.(string)
		return s
	}
	is := func(what string, ok bool, got any) {
		if !ok {
			t.Errorf("%s %v: %s is %v", name, entry["id"], what, got)
			return
		}
		right++
	}
	title := strings.Join(slices.Collect(maps.Values(rec.Title)), "")
	is("title", title != "" && strings.Contains(html(text("title", "rendered")), title), title)
	is("issued", rec.Issued.EDTF == text("date_gmt")[:10], rec.Issued.EDTF)
	is("modified", rec.Modified.EDTF == text("modified_gmt")[:10], rec.Modified.EDTF)
	is("landing", strings.TrimSuffix(rec.Origin.Landing, "/") == strings.TrimSuffix(text("link"), "/"), rec.Origin.Landing)
	is("creators", len(rec.Creators) == 0 && !strings.Contains(string(raw.Body), `"author"`), rec.Creators)
	at, err := time.Parse("2006-01-02T15:04:05", text("modified_gmt"))
	is("datestamp", err == nil && raw.Datestamp.Equal(at), raw.Datestamp)
	return right
}

// html writes a title as readers see it.
func html(s string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("&amp;", "&", "&#038;", "&", "&#8211;", "–", "&#8217;", "’", "&nbsp;", " ").Replace(s)), " ")
}

// serveEntries harvests entries from a site that has them and nothing else.
func serveEntries(t *testing.T, list []map[string]any) []record.Raw {
	t.Helper()
	body, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	get := serving(func(r fetch.Request) []byte {
		switch {
		case strings.Contains(r.URL, "/types"):
			return []byte(`{"post":{"rest_base":"posts"}}`)
		case strings.Contains(r.URL, "/taxonomies"):
			return []byte(`{}`)
		case strings.Contains(r.URL, "/posts"):
			return body
		}
		return []byte(`{"name":"A","namespaces":["wp/v2"]}`)
	})
	src := harvester.Source{ID: "agency", URL: "https://agency.example/wp-json/", WordPress: harvester.WordPressRecipe{Types: []string{"posts"}, All: true}}
	r := harvestertest.Harvest(t, wordpress.New(get, time.Now), src, harvester.From{})
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	return r.Pages[0].Raws
}

// serving answers every request with status 200.
type serving func(fetch.Request) []byte

func (s serving) Get(_ context.Context, r fetch.Request) (*fetch.Response, error) {
	return &fetch.Response{URL: r.URL, Status: http.StatusOK, Header: http.Header{}, MediaType: "application/json", Body: s(r)}, nil
}
