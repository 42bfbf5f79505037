package portal_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"ctiphub/record"
)

func TestSearchHighlights(t *testing.T) {
	h := newHub(t, published("1", full()), published("vn", record.Record{
		Title:       record.Texts{"en": "Identification", "vi": "Xác định nạn nhân bị mua bán"},
		Description: record.Texts{"en": strings.Repeat("Nothing to see. ", 40) + "At the end a CHECKLIST for officials."},
	}))
	for query, want := range map[string][]string{
		"shelter": {"Shelter", "shelter"}, "nan nhan": {"nạn", "nhân"}, "ผู้เสียหาย": {"ผู้เสียหาย", "ผู้เสียหาย"}, "ជនរងគ្រោះ": {"ជនរងគ្រោះ"}, "checklist officials": {"CHECKLIST", "officials"},
	} {
		doc := h.page(t, "/search?q="+url.QueryEscape(query), 200)
		got := doc.Find("mark").Map(func(_ int, s *goquery.Selection) string { return s.Text() })
		if !slices.Equal(got, want) {
			t.Errorf("%q marks %q, want %q", query, got, want)
		}
	}
	if doc := h.page(t, "/search?q="+url.QueryEscape("ជនរងគ្រោះ"), 200); doc.Find("h3 [lang=km]").Length() != 1 {
		t.Error("a search in Khmer does not show the Khmer title")
	}
}

func TestSearchFilters(t *testing.T) {
	h := newHub(t, append(manyRecords(10), published("1", full()))...)
	doc := h.page(t, "/search?country=LA&q=handbook&sort=issued", 200)
	if n := doc.Find(".hit").Length(); n != 5 {
		t.Errorf("%d hits, want the 5 about Laos", n)
	}
	if remove := doc.Find(".active a").First().AttrOr("href", ""); remove != "/search?q=handbook&sort=issued" {
		t.Errorf("removing the filter leads to %s", remove)
	}
	on := doc.Find(".facet a[aria-current]")
	if on.Length() != 1 || !strings.Contains(on.Text(), "Laos") {
		t.Errorf("the facet in force is %q", on.Text())
	}
	if to := on.AttrOr("href", ""); strings.Contains(to, "country") {
		t.Errorf("following a facet in force must remove it: %s", to)
	}
	var keep []string
	doc.Find("form input[type=hidden]").Each(func(_ int, s *goquery.Selection) {
		keep = append(keep, s.AttrOr("name", "")+"="+s.AttrOr("value", ""))
	})
	if !slices.Equal(keep, []string{"country=LA", "sort=issued"}) {
		t.Errorf("a new text keeps %v", keep)
	}
	if both := h.page(t, "/search?country=LA,TH", 200).Find("#count").Text(); both != "11 resources" {
		t.Errorf("two countries give %q, want 11 resources", both)
	}
}

func TestSearchPages(t *testing.T) {
	h := newHub(t, manyRecords(45)...)
	seen := map[string]bool{}
	next := "/search?q=handbook"
	for pages := 1; next != ""; pages++ {
		doc := h.page(t, next, 200)
		doc.Find(".hit h3 a").Each(func(_ int, s *goquery.Selection) { seen[s.AttrOr("href", "")] = true })
		if first := doc.Find(".pager a:not(.next)").AttrOr("href", ""); pages > 1 && first != "/search?q=handbook" {
			t.Errorf("page %d leads back to %q", pages, first)
		}
		next = doc.Find(".pager a.next").AttrOr("href", "")
		if pages > 5 {
			t.Fatal("the pages have no end")
		}
	}
	if len(seen) != 45 {
		t.Errorf("the pages show %d records, want 45", len(seen))
	}
}

func TestNothingFound(t *testing.T) {
	h := newHub(t, manyRecords(4)...)
	doc := h.page(t, "/search?q=handbook&country=VN", 200)
	got := map[string]string{}
	doc.Find(".help .plain-links a").Each(func(_ int, s *goquery.Selection) {
		got[s.Find("span").First().Text()] = s.AttrOr("href", "")
	})
	if got["any country"] != "/search?q=handbook" || got["the words without any filter"] != "/search?q=handbook" {
		t.Errorf("the help leads to %v", got)
	}
}
