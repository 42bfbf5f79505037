package demo

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// dig walks into JSON.
func dig(v any, keys ...string) any {
	for _, k := range keys {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[k]
	}
	return v
}

// TestInterfaces counts what each interface lists, page by page, before and after a day.
func TestInterfaces(t *testing.T) {
	f := start(t, Config{Seed: 1})
	for _, tt := range []struct {
		id, query string
		items     []string
		n         int
	}{
		{"demo-ngo-survivors", "wp-json/wp/v2/posts?per_page=100", nil, 24},
		{"demo-ngo-survivors", "wp-json/wp/v2/posts?per_page=10&page=3", nil, 4},
		{"demo-ph-opendata", "api/3/action/package_search?rows=100", []string{"result", "results"}, 18},
		{"demo-ph-opendata", "api/3/action/package_search?rows=10&start=10", []string{"result", "results"}, 8},
		{"demo-th-university", "server/api/discover/search/objects?dsoType=item&size=100", []string{"_embedded", "searchResult", "_embedded", "objects"}, 25},
		{"demo-th-university", "server/api/discover/search/objects?size=20&page=1", []string{"_embedded", "searchResult", "_embedded", "objects"}, 5},
		{"demo-relief-reports", "v2/reports?limit=100", []string{"data"}, 24},
		{"demo-relief-reports", "v2/reports?limit=20&offset=20", []string{"data"}, 4},
	} {
		s := siteOf(t, f, tt.id)
		resp, body := get(t, s.Home+tt.query)
		var doc any
		if err := json.Unmarshal(body, &doc); err != nil || resp.StatusCode != http.StatusOK {
			t.Errorf("%s of %s answers %d (%v)", tt.query, tt.id, resp.StatusCode, err)
			continue
		}
		if list, _ := dig(doc, tt.items...).([]any); len(list) != tt.n {
			t.Errorf("%s of %s lists %d, want %d", tt.query, tt.id, len(list), tt.n)
		}
	}
	resp, body := get(t, siteOf(t, f, "demo-ngo-survivors").Home+"wp-json/wp/v2/posts?page=99")
	if resp.StatusCode != http.StatusBadRequest || !bytes.Contains(body, []byte("rest_post_invalid_page_number")) {
		t.Errorf("a page behind the last answers %d %s", resp.StatusCode, body)
	}
	if resp, _ := get(t, siteOf(t, f, "demo-ngo-survivors").Home); !strings.Contains(resp.Header.Get("Link"), "api.w.org") {
		t.Error("the front page does not lead to the API")
	}
}

// TestSince: what a day changed can be asked for alone.
func TestSince(t *testing.T) {
	f := start(t, Config{Seed: 1})
	f.Advance()
	since := firstDay.Format(time.RFC3339)
	for id, query := range map[string]string{
		"demo-ngo-survivors":  "wp-json/wp/v2/posts?modified_after=" + since,
		"demo-ph-opendata":    "api/3/action/package_search?rows=100&fq=metadata_modified:[" + since + "%20TO%20*]",
		"demo-relief-reports": "v2/reports?limit=100&filter[field]=date.changed&filter[value][from]=" + since,
	} {
		_, body := get(t, siteOf(t, f, id).Home+query)
		if n := bytes.Count(body, []byte("\"title\":")); n < 4 || n > 10 {
			t.Errorf("%s lists %d titles since yesterday, want those of four records: %.300s", id, n, body)
		}
	}
}

func TestRegister(t *testing.T) {
	_, body := get(t, siteOf(t, start(t, Config{Seed: 1}), "demo-vn-register").URL)
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff")))).ReadAll()
	if err != nil || len(rows) != 21 || rows[0][0] != "so_dang_ky" {
		t.Errorf("the register has %d rows (%v)", len(rows), err)
	}
}
