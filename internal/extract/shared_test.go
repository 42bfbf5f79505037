package extract

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"ctiphub/internal/lang"
	"ctiphub/record"
)

// shared finds files of the folder of real-world pages that may lie beside the checkout.
// They are not part of the repository: the tests here only add to those with fixtures.
func shared(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "data", pattern))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Logf("%s: no such files beside the checkout", pattern)
	}
	return files
}

func values(t *testing.T, d *Document, selectors ...string) []string {
	t.Helper()
	var all []string
	for _, text := range selectors {
		s, err := ParseSelector(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range d.Select(s) {
			all = append(all, v.Text)
		}
	}
	return all
}

// The title that a reader sees must be among what the usual selectors find.
func TestSharedTitles(t *testing.T) {
	found, all := 0, 0
	for _, name := range shared(t, "expected/html-*.json") {
		var e struct {
			File   string
			Expect struct{ Title any }
		}
		b, err := os.ReadFile(name)
		if err != nil || json.Unmarshal(b, &e) != nil {
			t.Logf("%s cannot be read: %v", name, err)
			continue
		}
		title, _ := e.Expect.Title.(string)
		body, err := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(name)), e.File))
		if err != nil || title == "" {
			continue
		}
		d, err := Open(record.Raw{Format: record.FormatHTML, URL: "https://example.org/", Body: body})
		if err != nil {
			t.Fatal(err)
		}
		all++
		ok := false
		for _, v := range values(t, d, "jsonld:$.headline", "jsonld:$.name", "meta:og:title", "meta:citation_title", "meta:DC.title", "meta:title", "css:h1", "css:h2", "html:title") {
			ok = ok || strings.Contains(lang.Fold(v), lang.Fold(title))
		}
		if ok {
			found++
		} else {
			t.Logf("%s: %q not found; <title> %q", e.File, title, values(t, d, "html:title"))
		}
	}
	t.Logf("%d of %d titles found", found, all)
	if found*10 < all*9 {
		t.Errorf("only %d of %d titles found", found, all)
	}
}

// JSON-LD that other extractors read must be read here, broken or not.
func TestSharedJSONLD(t *testing.T) {
	for _, name := range shared(t, "html-oracle/*.jsonld") {
		body, err := os.ReadFile(strings.TrimSuffix(name, ".jsonld") + ".html")
		if err != nil {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want, err := decodeJSON(string(b))
		if err != nil || len(want) != 1 {
			t.Fatalf("%s: %v", name, err)
		}
		d, err := Open(record.Raw{Format: record.FormatHTML, Body: body})
		if err != nil {
			t.Fatal(err)
		}
		list, _ := want[0].([]any)
		for _, w := range list {
			node, _ := w.(map[string]any)
			text, _ := node["name"].(string)
			if text == "" {
				text, _ = node["headline"].(string)
			}
			got := values(t, d, "jsonld:$.name", "jsonld:$.headline")
			if text != "" && !strings.Contains(strings.Join(got, "\n"), squeeze(text)) {
				t.Errorf("%s: %q is not among %q", filepath.Base(name), text, got)
			}
		}
	}
	for _, name := range shared(t, "jsonld/*.json") {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := decodeJSON(string(b))
		if mended, _ := readJSON("<!-- " + string(b) + " -->"); err == nil && !reflect.DeepEqual(mended, plain) {
			t.Errorf("%s: mending changes it", name)
		}
		d, err := Open(record.Raw{Format: record.FormatHTML, Body: []byte(`<script type="application/ld+json">` + string(b) + `</script>`)})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %.80q", filepath.Base(name), values(t, d, "jsonld:Dataset$.name"))
	}
}

// Whatever the file, opening it ends, and correct pages are not "repaired".
func TestSharedOpen(t *testing.T) {
	for pattern, format := range map[string]record.Format{
		"html-asean/*.html": record.FormatHTML, "html-asean-gov/*.html": record.FormatHTML, "html-oracle/*.html": record.FormatHTML, "html/*": record.FormatHTML,
		"zotero/*.input.xml": record.FormatOAIDC, "oai-record/*.xml": record.FormatOAIDC,
	} {
		for _, name := range shared(t, pattern) {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			d, err := Open(record.Raw{Identifier: filepath.Base(name), Format: format, Body: b})
			if err != nil {
				t.Logf("%v", err)
				continue
			}
			d.Text(1000)
			d.Links()
			if r := strings.Join(d.Repairs, " "); strings.Contains(r, RepairZawgyi) || strings.HasPrefix(pattern, "html-asean") && strings.Contains(r, RepairMojibake) {
				t.Errorf("%s: repaired %s", name, r)
			}
		}
	}
}
