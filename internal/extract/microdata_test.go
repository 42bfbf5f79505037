package extract

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ctiphub/record"
)

// TestSharedMicrodata holds the names of the items of pages against what another
// extractor finds in them.
func TestSharedMicrodata(t *testing.T) {
	right, wrong := 0, 0
	for _, name := range shared(t, "html-oracle/extruct_*.json") {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var items []struct {
			Type       any
			Properties map[string]any
		}
		page, err := os.ReadFile(strings.TrimSuffix(name, ".json") + ".html")
		if err != nil || json.Unmarshal(b, &items) != nil {
			continue // other formats, and pages that are kept back
		}
		d, err := Open(record.Raw{Format: record.FormatHTML, URL: "http://www.example.com/", Body: page})
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range items {
			typ, _ := item.Type.(string)
			for _, prop := range []string{"name", "startDate", "description", "headline", "url"} {
				want, _ := item.Properties[prop].(string)
				if want == "" || typ == "" || strings.ContainsAny(typ, " $[") {
					continue
				}
				if got := values(t, d, "micro:"+typ+"$."+prop); slices.ContainsFunc(got, func(s string) bool { return s == squeeze(want) || prop == "url" && strings.HasSuffix(s, "/"+want) }) {
					right++
				} else {
					wrong++
					t.Logf("%s: %s of %s is %q, want %q", filepath.Base(name), prop, typ, got, want)
				}
			}
		}
	}
	t.Logf("%d right, %d wrong", right, wrong)
	if wrong > 0 {
		t.Errorf("%d right, %d wrong", right, wrong)
	}
}

// Pages whose items refer to each other or stand within each other without end are read.
func TestHostileMicrodata(t *testing.T) {
	for name, body := range map[string]string{
		"circle":   `<div id="a" itemscope itemref="b" itemtype="T"><i itemprop="name">needle</i></div><div id="b"><p itemprop="x" itemscope itemref="a b"></p></div>`,
		"deep":     strings.Repeat(`<div itemscope itemprop="x">`, 2000) + `<i itemprop="name">y</i>`,
		"many":     `<i itemscope itemtype="T"><b itemprop="name">needle</b></i>` + strings.Repeat(`<i itemscope><b itemprop="name">x</b></i>`, 20_000),
		"fan":      `<div id="r">` + strings.Repeat(`<p itemprop="x" itemscope itemref="r"></p>`, 50) + `</div><i itemscope itemtype="T" itemref="r"><b itemprop="name">needle</b></i>`,
		"no scope": `<b itemprop="name">x</b><div typeof="T"><b property="name">needle</b></div>`,
	} {
		d, err := Open(record.Raw{Format: record.FormatHTML, Body: []byte(body)})
		if err != nil {
			t.Fatal(err)
		}
		if got := values(t, d, "micro:T$.name"); name != "deep" && name != "fan" && !slices.Contains(got, "needle") {
			t.Errorf("%s: got %q", name, got)
		}
		values(t, d, "micro:$.*", "micro:$.x.x.x.name")
	}
}
