package api_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ctiphub/harvester"
	"ctiphub/harvester/api"
	"ctiphub/harvester/harvestertest"
	"ctiphub/internal/fetch"
	"ctiphub/internal/replay"
)

func isTooLarge(err error) bool { return errors.Is(err, fetch.ErrTooLarge) }

type getter func(fetch.Request) (*fetch.Response, error)

func (f getter) Get(_ context.Context, r fetch.Request) (*fetch.Response, error) { return f(r) }

// TestSharedAnswers lists the answers of real APIs of very different shapes, each described
// by a recipe alone. The numbers of items were counted by another program.
func TestSharedAnswers(t *testing.T) {
	dir, ok := replay.Shared(t, "api")
	if !ok {
		t.Log("the real-world files are not here: the archives of this package stand alone")
		return
	}
	data, read := filepath.Dir(dir), 0
	for _, c := range []struct {
		file   string
		recipe harvester.APIRecipe
		items  int
		first  string
	}{
		{"api/scrapi_lwbin_ckan_current_package_list.json", harvester.APIRecipe{Items: "result", ID: []string{"id", "name"}, Error: "success=false"}, 37, ""},
		{"api/deep_relief_web_mock_data_page_1_raw.json", harvester.APIRecipe{Items: "data", ID: []string{"id"}, Total: "totalCount"}, 4, "3670885"},
		{"json-api/reliefweb_v1-disasters-appname-vocabulary-preset-external-limit-1000.json", harvester.APIRecipe{Items: "data", ID: []string{"id"}}, 1000, "52108"},
		{"json-api/reliefweb_disasters-25846.json", harvester.APIRecipe{Items: "data", ID: []string{"id"}, Total: "totalCount"}, 1, "25846"},
		{"json-api/udata_dkan-french-w-license.json", harvester.APIRecipe{Items: "result", ID: []string{"id"}}, 1, ""},
		{"json-api/ckan_catalog_datasets_list.json", harvester.APIRecipe{ID: []string{"identifier"}}, 2, ""},
		{"json-api/dcatus_dcatus.json", harvester.APIRecipe{Items: "dataset", ID: []string{"identifier"}}, 7, ""},
		{"api/scrapi_figshare-p0.json", harvester.APIRecipe{Items: "items", ID: []string{"article_id"}}, 10, ""},
		{"api/scrapi_harvarddataverse-p0.json", harvester.APIRecipe{Items: "data.items", ID: []string{"global_id"}, Total: "data.total_count"}, 77, ""},
		{"api/scrapi_nsfawards-p0.json", harvester.APIRecipe{Items: "response.award", ID: []string{"id"}}, 25, ""},
		{"api/scrapi_osf-p0.json", harvester.APIRecipe{Items: "results", ID: []string{"id", "url"}}, 3, ""},
		{"api/golkar_wp_categories.json", harvester.APIRecipe{ID: []string{"id"}}, 6, ""},
		{"api/izq_wp_pages.json", harvester.APIRecipe{ID: []string{"id"}}, 6, ""},
	} {
		body, err := os.ReadFile(filepath.Join(data, c.file))
		if err != nil {
			continue // a part of the files is kept back
		}
		get := getter(func(r fetch.Request) (*fetch.Response, error) {
			return &fetch.Response{URL: r.URL, Status: 200, MediaType: "application/json", Body: body, Fetched: monday}, nil
		})
		a := api.New(api.Options{Get: get, Now: func() time.Time { return monday }, Env: key})
		src := harvester.Source{ID: "test", Kind: harvester.KindAPI, URL: "https://api.example/list", API: c.recipe}
		r := harvestertest.Harvest(t, a, src, harvester.From{})
		raws, rejects, skipped := 0, 0, 0
		for _, p := range r.Pages {
			raws, rejects, skipped = raws+len(p.Raws), rejects+len(p.Rejects), skipped+len(p.Skipped)
		}
		t.Logf("%s: %d items, %d rejected, %d skipped, error %v", c.file, raws, rejects, skipped, r.Err)
		if r.Err != nil || raws != c.items || c.first != "" && !strings.HasPrefix(ids(r), c.first) {
			t.Errorf("%s: %d items beginning with %.40q, error %v; want %d beginning with %q", c.file, raws, ids(r), r.Err, c.items, c.first)
			continue
		}
		read++
	}
	t.Logf("real answers read by recipe: %d", read)
}
