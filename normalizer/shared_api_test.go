package normalizer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ctiphub/internal/replay"
	"ctiphub/record"
)

// apiFacts are what a person read in one item of an API.
type apiFacts struct {
	Title     string
	Titles    map[string]string
	Date      *string
	Modified  string
	Language  string
	Languages []string
	Creators  []string
	URL       string
	Source    string
	Handle    string
	Author    string
	License   string
	Glide     string
	Resources int
	Changed   string `json:"last_modified"`
	Detected  string `json:"language_detected"`
	First     *apiFacts
}

// inside is where the first item of an answer stands.
func inside(v any, path string) any {
	for key := range strings.FieldsSeq(path) {
		if list, ok := v.([]any); ok && len(list) > 0 {
			v = list[0]
		}
		m, _ := v.(map[string]any)
		v = m[key]
	}
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = list[0]
	}
	return v
}

// TestSharedItems holds what is made of real answers of APIs against what is known of
// them, with the default rules of each kind, and counts.
func TestSharedItems(t *testing.T) {
	dir, ok := replay.Shared(t, "json-api")
	if !ok {
		t.Log("the real-world files are not here: the fixtures of harvester/ckan, dspace and reliefweb stand alone")
		return
	}
	data := filepath.Dir(dir)
	n := normalizer(t, nil)
	right, wrong := 0, 0
	for name, at := range map[string]struct {
		format record.Format
		path   string
	}{
		"json-api/ckan_ckan_dataset_multilingual.json":                                       {record.FormatCKAN, ""},
		"json-api/udata_dkan-french-w-license.json":                                          {record.FormatCKAN, "result"},
		"api/scrapi_lwbin_ckan_current_package_list.json":                                    {record.FormatCKAN, "result"},
		"json-api/dspace_contract_items_0.json":                                              {record.FormatDSpace, ""},
		"json-api/dspace_mock-publication-response.json":                                     {record.FormatDSpace, ""},
		"json-api/reliefweb_disasters-25846.json":                                            {record.FormatReliefWeb, "data"},
		"api/deep_relief_web_mock_data_page_1_raw.json":                                      {record.FormatReliefWeb, "data"},
		"json-api/reliefweb_v1-disasters-appname-vocabulary-preset-external-limit-1000.json": {record.FormatReliefWeb, "data"},
	} {
		var doc any
		body, err := os.ReadFile(filepath.Join(data, name))
		if err == nil {
			err = json.Unmarshal(body, &doc)
		}
		var expected struct{ Expect apiFacts }
		if b, readErr := os.ReadFile(filepath.Join(data, "expected", strings.Replace(name, "/", "__", 1)+".json")); err == nil {
			if err = readErr; err == nil {
				err = json.Unmarshal(b, &expected)
			}
		}
		item, marshalErr := json.Marshal(inside(doc, at.path))
		if err != nil || marshalErr != nil {
			t.Fatalf("%s: %v %v", name, err, marshalErr)
		}
		rec, _, err := n.Normalize(record.Raw{Source: "shared", Identifier: name, URL: "https://api.example/item", Format: at.format, Body: item, Fetched: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			t.Fatal(err)
		}
		want := expected.Expect
		if want.First != nil {
			want = *want.First
		}
		for what, good := range want.compare(rec) {
			if good {
				right++
			} else {
				wrong++
				t.Logf("%s: %s is wrong: want %+v, got title %v issued %v modified %v languages %v creators %v landing %s", name, what, want, rec.Title, rec.Issued, rec.Modified, rec.Languages, rec.Creators, rec.Origin.Landing)
			}
		}
	}
	t.Logf("items of APIs: %d facts right, %d wrong", right, wrong)
	// Wrong are a licence "cc-by-sa" of no version, which has no address and stays the kind
	// "cc", and a GLIDE number: the schema has no identifiers of disasters.
	if right < 31 || wrong > 2 {
		t.Errorf("%d facts are right and %d wrong, it were 31 and 2", right, wrong)
	}
}

// compare says of each fact whether the record has it.
func (f apiFacts) compare(rec record.Record) map[string]bool {
	facts := map[string]bool{}
	texts := func(want string, in record.Texts) bool {
		for _, have := range in {
			if have == want {
				return true
			}
		}
		return false
	}
	if f.Title != "" {
		facts["title"] = texts(f.Title, rec.Title) || texts(f.Title, rec.Alternative)
	}
	for l, want := range f.Titles {
		facts["title in "+l] = rec.Title[l] == want || rec.Alternative[l] == want
	}
	if f.Date != nil {
		facts["date"] = rec.Issued.EDTF == *f.Date
	}
	if len(f.Modified) >= 10 {
		facts["modified"] = strings.HasPrefix(rec.Modified.EDTF, f.Modified[:10])
	}
	if f.Language != "" {
		facts["language"] = slices.Equal(rec.Languages, []string{f.Language})
	}
	if len(f.Languages) > 0 {
		facts["languages"] = slices.Equal(sorted(rec.Languages), sorted(f.Languages))
	}
	if len(f.Creators) > 0 {
		facts["creators"] = slices.Equal(sorted(agentNames(rec.Creators)), sorted(f.Creators))
	}
	if f.URL != "" {
		facts["url"] = rec.Origin.Landing == f.URL
	}
	if f.Source != "" {
		facts["publisher"] = slices.Equal(agentNames(rec.Publishers), []string{f.Source})
	}
	if f.Handle != "" {
		facts["handle"] = slices.Contains(rec.Identifiers, record.Identifier{Scheme: "handle", Value: f.Handle})
	}
	if f.Author != "" {
		facts["author"] = slices.Equal(agentNames(rec.Creators), []string{f.Author})
	}
	if f.License != "" {
		facts["license"] = strings.Contains(rec.Rights.License, strings.TrimPrefix(f.License, "cc-"))
	}
	if f.Glide != "" {
		facts["glide"] = slices.ContainsFunc(rec.Identifiers, func(i record.Identifier) bool { return i.Value == f.Glide })
	}
	if f.Resources > 0 {
		facts["resources"] = len(rec.Files) == f.Resources
	}
	if len(f.Changed) >= 10 {
		facts["last modified"] = strings.HasPrefix(rec.Modified.EDTF, f.Changed[:10])
	}
	if f.Detected != "" {
		facts["language detected"] = slices.Equal(rec.Languages, []string{f.Detected})
	}
	return facts
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

// agentNames are the names of people and bodies, as they are written.
func agentNames(agents []record.Agent) (names []string) {
	for _, a := range agents {
		for _, name := range a.Name {
			names = append(names, name)
		}
	}
	return names
}
