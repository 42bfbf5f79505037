package portal_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/piprate/json-gold/ld"

	"ctiphub/catalog"
	"ctiphub/record"
)

// listDoc is a sitemap or a document of ResourceSync, as a consumer reads it.
type listDoc struct {
	XMLName xml.Name
	Meta    metaDoc `xml:"http://www.openarchives.org/rs/terms/ md"`
	Items   []struct {
		Loc     string  `xml:"loc"`
		LastMod string  `xml:"lastmod"`
		Meta    metaDoc `xml:"http://www.openarchives.org/rs/terms/ md"`
		Other   []struct {
			Lang string `xml:"hreflang,attr"`
			Href string `xml:"href,attr"`
		} `xml:"http://www.w3.org/1999/xhtml link"`
	} `xml:",any"`
}

type metaDoc struct {
	Capability string `xml:"capability,attr"`
	Change     string `xml:"change,attr"`
	At         string `xml:"at,attr"`
	From       string `xml:"from,attr"`
	When       string `xml:"datetime,attr"`
}

// readList asks for a list and reads it; items that are no addresses are left out.
func (h *testHub) readList(t *testing.T, address string) listDoc {
	t.Helper()
	res := h.get(t, strings.TrimPrefix(address, "https://hub.example"))
	text := body(t, res)
	var doc listDoc
	if err := xml.Unmarshal([]byte(text), &doc); err != nil || res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), "application/xml") {
		t.Fatalf("%s: status %d, %v\n%.300s", address, res.StatusCode, err, text)
	}
	if doc.XMLName.Space != "http://www.sitemaps.org/schemas/sitemap/0.9" {
		t.Errorf("%s is a %v", address, doc.XMLName)
	}
	items := doc.Items[:0]
	for _, i := range doc.Items {
		if i.Loc != "" {
			items = append(items, i)
		}
	}
	doc.Items = items
	return doc
}

// editions makes a hub whose records are two of one work and one more, and one withdrawn.
func editions(t *testing.T) *testHub {
	t.Helper()
	var items []catalog.Item
	for i, lang := range []string{"en", "km", "th"} {
		items = append(items, published(fmt.Sprint(i), record.Record{Title: record.Texts{lang: "Title"}, Languages: []string{lang}}))
	}
	items = append(items, published("gone", record.Record{Title: record.Texts{"en": "Gone"}}))
	h := newHub(t, items...)
	h.apply(t, "agency", withdrawn("gone"))
	err := h.store.RuleWork(t.Context(), catalog.WorkRuling{A: record.NewID("agency", "0"), B: record.NewID("agency", "1"), Verdict: catalog.Together, Who: "test", When: now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.FindWorks(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	return h
}

// TestSitemap walks from robots.txt to every live record, and finds each once.
func TestSitemap(t *testing.T) {
	h := editions(t)
	if robots := body(t, h.get(t, "/robots.txt")); !strings.Contains(robots, "Sitemap: https://hub.example/sitemap.xml\n") {
		t.Errorf("robots.txt: %s", robots)
	}
	found := map[string]int{}
	for _, list := range h.readList(t, "/sitemap.xml").Items {
		if strings.Contains(list.Loc, "resources-") && list.LastMod == "" {
			t.Errorf("%s has no date", list.Loc)
		}
		for _, page := range h.readList(t, list.Loc).Items {
			found[page.Loc]++
			if id, ok := strings.CutPrefix(page.Loc, "https://hub.example/resources/"); ok && page.LastMod == "" {
				t.Errorf("%s has no date", id)
			}
			switch {
			case page.Loc == "https://hub.example/resources/"+idOf("0"):
				if len(page.Other) != 2 || page.Other[0].Lang == page.Other[1].Lang || !slices.Contains([]string{"en", "km"}, page.Other[0].Lang) {
					t.Errorf("editions: %+v", page.Other)
				}
			case page.Loc == "https://hub.example/resources/"+idOf("2") && len(page.Other) > 0:
				t.Errorf("an only edition has others: %+v", page.Other)
			}
		}
	}
	for _, name := range []string{"0", "1", "2"} {
		if found["https://hub.example/resources/"+idOf(name)] != 1 {
			t.Errorf("record %s is listed %d times", name, found["https://hub.example/resources/"+idOf(name)])
		}
	}
	if found["https://hub.example/resources/"+idOf("gone")] != 0 || found["https://hub.example/coverage"] != 1 {
		t.Errorf("listed: %v", found)
	}
	for _, path := range []string{"/sitemaps/resources-9.xml", "/sitemaps/resources-0.xml", "/sitemaps/resources-x.xml", "/sitemaps/other.xml", "/resourcesync/changelist-7.xml", "/resourcesync/x.xml"} {
		if res := h.get(t, path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", path, res.StatusCode)
		}
	}
}

// TestResourceSync follows the protocol from its beginning: the resource list gives exactly the
// live records, and the change list what became of them since.
func TestResourceSync(t *testing.T) {
	h := editions(t)
	follow := func(capability string) (items map[string]string) {
		items = map[string]string{}
		description := h.readList(t, "/.well-known/resourcesync")
		if description.Meta.Capability != "description" {
			t.Errorf("the description is a %q", description.Meta.Capability)
		}
		for _, list := range h.readList(t, description.Items[0].Loc).Items {
			if list.Meta.Capability != capability {
				continue
			}
			index := h.readList(t, list.Loc)
			if index.Meta.Capability != capability || index.XMLName.Local != "sitemapindex" || capability == "resourcelist" && index.Meta.At == "" || capability == "changelist" && index.Meta.From == "" {
				t.Errorf("index %+v", index.Meta)
			}
			for _, part := range index.Items {
				for _, it := range h.readList(t, part.Loc).Items {
					items[strings.TrimSuffix(strings.TrimPrefix(it.Loc, "https://hub.example/resources/"), ".xml")] = it.Meta.Change
					want := http.StatusOK
					if it.Meta.Change == "deleted" {
						want = http.StatusGone
					}
					if res := h.get(t, strings.TrimPrefix(it.Loc, "https://hub.example")); res.StatusCode != want {
						t.Errorf("%s: status %d", it.Loc, res.StatusCode)
					}
				}
			}
		}
		return items
	}
	has := follow("resourcelist")
	if len(has) != 3 {
		t.Errorf("the resource list has %v", has)
	}
	h.apply(t, "agency", withdrawn("2"), published("new", record.Record{Title: record.Texts{"en": "New"}}))
	for id, change := range follow("changelist") {
		if delete(has, id); change != "deleted" {
			has[id] = change
		}
	}
	now := follow("resourcelist")
	if len(now) != 3 || has[idOf("new")] != "created" {
		t.Errorf("after changes: %v", has)
	}
	for id := range now {
		if _, ok := has[id]; !ok || len(has) != len(now) {
			t.Errorf("who followed the changes has %v, the hub %v", has, now)
		}
	}
}

// TestGraphs parses the Turtle of catalogue and vocabulary with Raptor, expands the JSON-LD, and
// wants the same statements in both.
func TestGraphs(t *testing.T) {
	h := editions(t)
	for _, path := range []string{"/catalog", "/schema/vocabulary"} {
		turtle, doc := body(t, h.get(t, path+".ttl")), body(t, h.get(t, path+".jsonld"))
		triples := rapper(t, turtle)
		var v any
		if err := json.Unmarshal([]byte(doc), &v); err != nil {
			t.Fatal(err)
		}
		o := ld.NewJsonLdOptions("")
		o.Format = "application/n-quads"
		out, err := ld.NewJsonLdProcessor().ToRDF(v, o)
		if err != nil {
			t.Fatal(err)
		}
		quads := strings.Split(strings.TrimSpace(out.(string)), "\n")
		slices.Sort(quads)
		quads = slices.Compact(quads)
		if len(quads) < 30 || len(triples) != len(quads) {
			t.Errorf("%s: %d statements in Turtle, %d in JSON-LD", path, len(triples), len(quads))
		}
	}
	if ttl := body(t, h.get(t, "/schema/vocabulary.ttl")); !strings.Contains(ttl, `@km`) || !strings.Contains(ttl, "skos:broader") {
		t.Errorf("the vocabulary has no Khmer, or no hierarchy:\n%.600s", ttl)
	}
	if ttl := body(t, h.get(t, "/catalog", "Accept", "text/turtle")); !strings.Contains(ttl, "dcat:DataService") || !strings.Contains(ttl, "3 records") {
		t.Errorf("the catalogue: %.600s", ttl)
	}
	if res := h.get(t, "/catalog", "Accept", "application/ld+json"); res.Header.Get("Content-Type") != "application/ld+json" {
		t.Errorf("negotiated %s", res.Header.Get("Content-Type"))
	}
}

// rapper parses Turtle with the parser of Debian's package raptor2-utils.
func rapper(t *testing.T, turtle string) []string {
	t.Helper()
	program, err := exec.LookPath("rapper")
	if err != nil {
		t.Fatal("the test needs rapper (Debian package raptor2-utils)")
	}
	cmd := exec.Command(program, "-q", "-i", "turtle", "-o", "ntriples", "-", "https://hub.example/")
	cmd.Stdin = strings.NewReader(turtle)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil || errs.Len() > 0 {
		t.Fatalf("no Turtle: %v\n%s", err, errs.String())
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	slices.Sort(lines)
	return slices.Compact(lines)
}
