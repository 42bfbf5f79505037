package website

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"ctiphub/internal/replay"
)

var stated = regexp.MustCompile(`(?:loc|text lines)=(\d+)`)

// TestSharedSitemaps reads real-world sitemaps and holds what is found against what was
// counted in them.
func TestSharedSitemaps(t *testing.T) {
	dir, ok := replay.Shared(t, "sitemap")
	if !ok {
		return
	}
	manifest, err := os.ReadFile(filepath.Join(filepath.Dir(dir), "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	right, wrong := 0, 0
	for line := range strings.Lines(string(manifest)) {
		row := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		name, ok := strings.CutPrefix(row[0], "sitemap/")
		if !ok {
			continue
		}
		s, err := parseSitemap(sharedFile(t, filepath.Join(dir, name)), "application/octet-stream")
		found := len(s.entries) + len(s.maps)
		t.Logf("%s: %d pages, %d sitemaps, %v; stated %s", name, len(s.entries), len(s.maps), err, row[7])
		isHTML, index := strings.Contains(name, "is_html"), name == "cc_src_test_resources_sitemaps_sitemap.index.xml"
		m := stated.FindStringSubmatch(row[7])
		want := 1 // of feeds at least one
		if m != nil {
			want, _ = strconv.Atoi(m[1])
		}
		feed := strings.Contains(row[7], "root=rss") || strings.Contains(row[7], "root=feed")
		images := strings.Contains(name, "image") || strings.Contains(name, "video") || strings.Contains(name, "articles") // whose loc elements are counted with those of pages
		switch {
		case isHTML && err != nil, !isHTML && err == nil && (found == want || (feed || index || images || m == nil) && found > 0):
			right++
		default:
			wrong++
		}
	}
	t.Logf("%d right, %d wrong", right, wrong)
	if right < 24 || wrong > 0 {
		t.Errorf("%d right, %d wrong", right, wrong)
	}
}

// sharedFile reads a file and, where it is compressed, what is in it, as the client does.
func sharedFile(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(name, ".gz") {
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if b, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// TestSharedSitemapFacts holds the two that were read by eye.
func TestSharedSitemapFacts(t *testing.T) {
	dir, ok := replay.Shared(t, "sitemap")
	if !ok {
		return
	}
	for _, name := range []string{"cc_src_test_resources_sitemaps_sitemap.index.xml", "trafilatura_sitemap-hreflang.xml"} {
		var want struct {
			Expect struct {
				First      string
				Loc        int
				Alternates map[string]string `json:"alternates_of_first"`
			}
		}
		b, err := os.ReadFile(filepath.Join(filepath.Dir(dir), "expected", "sitemap__"+name+".json"))
		if err != nil || json.Unmarshal(b, &want) != nil {
			t.Fatalf("%s: %v", name, err)
		}
		s, err := parseSitemap(sharedFile(t, filepath.Join(dir, name)), "text/xml")
		if err != nil {
			t.Fatal(err)
		}
		if first := want.Expect.First; first != "" && (len(s.maps) == 0 || s.maps[0] != first) {
			t.Errorf("%s: sitemaps %q, want %q first", name, s.maps, first)
		}
		if want.Expect.Loc > 0 && len(s.entries)+len(s.maps) != want.Expect.Loc {
			t.Errorf("%s: %d pages", name, len(s.entries))
		}
		for lang, at := range want.Expect.Alternates {
			found := false
			for _, a := range s.entries[0].alternates {
				found = found || a == alternate{lang, at}
			}
			if !found {
				t.Errorf("%s: no %s version in %v", name, lang, s.entries[0].alternates)
			}
		}
	}
}
