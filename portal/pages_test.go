package portal_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"ctiphub/record"
)

// everyPage is an address of each page, with the status it answers.
func everyPage(id string) map[string]int {
	return map[string]int{
		"/": 200, "/search": 200, "/search?q=shelter": 200, "/search?q=" + url.QueryEscape("ผู้เสียหาย"): 200,
		"/search?country=TH&theme=shelter&sort=issued": 200, "/search?q=zzz&country=TH&type=guideline": 200,
		"/resources/" + id: 200, "/resources/0000000000000000": 404, "/resources/nonsense": 404,
		"/coverage": 200, "/sources": 200, "/sources/agency": 200, "/sources/asleep": 200, "/sources/none": 404,
		"/about": 200, "/nowhere": 404, "/search?cursor=broken": 400,
		"/search?q=" + url.QueryEscape(`"><script>alert(1)</script>`+bidi) + "&country=" + url.QueryEscape(`<script>`): 200,
	}
}

func TestEveryPage(t *testing.T) {
	for name, h := range map[string]*testHub{
		"empty":   newHub(t),
		"full":    newHub(t, published("1", full()), published("minimal", record.Record{Title: record.Texts{"en": "Minimal"}}), published("bare", record.Record{})),
		"hostile": newHub(t, published("1", hostile())),
	} {
		for path, status := range everyPage(idOf("1")) {
			if name == "empty" && path == "/resources/"+idOf("1") {
				status = http.StatusNotFound
			}
			t.Run(name+path, func(t *testing.T) { checkPage(t, h.page(t, path, status)) })
		}
	}
}

// checkPage holds a page against what every page promises.
func checkPage(t *testing.T, doc *goquery.Document) {
	t.Helper()
	if n := doc.Find("h1").Length(); n != 1 {
		t.Errorf("%d h1, want one", n)
	}
	if lang, _ := doc.Find("html").Attr("lang"); lang != "en" {
		t.Errorf("the page's language is %q", lang)
	}
	for _, landmark := range []string{"header", "nav[aria-label]", "main#main", "footer", "a.skip[href='#main']", "a.leave[rel~=noreferrer]", "title"} {
		if doc.Find(landmark).Length() == 0 {
			t.Errorf("no %s", landmark)
		}
	}
	checkIDs(t, doc)
	doc.Find("input:not([type=hidden])").Each(func(_ int, in *goquery.Selection) {
		id, _ := in.Attr("id")
		if id == "" || doc.Find("label[for='"+id+"']").Length() == 0 {
			t.Errorf("the input %q has no label", id)
		}
	})
	doc.Find("img:not([alt])").Each(func(_ int, img *goquery.Selection) { t.Error("an image without alt") })
	doc.Find("table").Each(func(_ int, table *goquery.Selection) {
		if table.Find("caption").Length() == 0 || table.Find("th:not([scope])").Length() > 0 {
			t.Error("a table without a caption, or with a header cell without scope")
		}
	})
	checkHarmless(t, doc)
}

// checkIDs wants ids unique and every reference to one to hit.
func checkIDs(t *testing.T, doc *goquery.Document) {
	t.Helper()
	ids := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id, _ := s.Attr("id")
		if ids[id] || id == "" {
			t.Errorf("the id %q is not unique", id)
		}
		ids[id] = true
	})
	doc.Find("[aria-labelledby]").Each(func(_ int, s *goquery.Selection) {
		if id, _ := s.Attr("aria-labelledby"); !ids[id] {
			t.Errorf("aria-labelledby %q leads nowhere", id)
		}
	})
}

// checkHarmless wants no script (JSON-LD is data), no handler, no foreign resource, no turning of text.
func checkHarmless(t *testing.T, doc *goquery.Document) {
	t.Helper()
	if n := doc.Find("script:not([type='application/ld+json']), iframe, object, embed, style, base, [style]").Length(); n > 0 {
		t.Errorf("%d elements that must not be there", n)
	}
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, a := range s.Nodes[0].Attr {
			if strings.HasPrefix(a.Key, "on") {
				t.Errorf("%s has the attribute %s", goquery.NodeName(s), a.Key)
			}
			if (a.Key == "src" || goquery.NodeName(s) == "link" && a.Key == "href") && !strings.HasPrefix(a.Val, "/") {
				t.Errorf("%s loads %s", goquery.NodeName(s), a.Val)
			}
			if a.Key == "href" && goquery.NodeName(s) == "a" {
				checkLink(t, s, a.Val)
			}
		}
	})
	html, err := doc.Html()
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(html, bidi) {
		t.Error("characters that turn the direction of text reached the page")
	}
	if strings.Contains(html, "ZgotmplZ") {
		t.Error("a template put an unsafe value where it must not be")
	}
}

func checkLink(t *testing.T, s *goquery.Selection, href string) {
	t.Helper()
	u, err := url.Parse(href)
	if err != nil {
		t.Errorf("the link %q cannot be read: %v", href, err)
		return
	}
	switch u.Scheme {
	case "":
	case "http", "https":
		if rel, _ := s.Attr("rel"); !strings.Contains(rel, "noopener") || !strings.Contains(rel, "noreferrer") {
			t.Errorf("the link to %s tells the other site where the reader comes from", href)
		}
	default:
		t.Errorf("a link to %q", href)
	}
}

func TestInternalLinks(t *testing.T) {
	h := newHub(t, append(manyRecords(25), published("1", full()), published("minimal", record.Record{Title: record.Texts{"en": "Minimal"}}), published("h", hostile()))...)
	seen, queue := map[string]bool{"/": true}, []string{"/"}
	for len(queue) > 0 && len(seen) < 3000 {
		path := queue[0]
		queue = queue[1:]
		res := h.get(t, path)
		if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusMovedPermanently {
			t.Errorf("GET %s: status %d", path, res.StatusCode)
		}
		if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") || strings.Count(path, "=") > 1 {
			continue // two filters deep is deep enough
		}
		doc, err := goquery.NewDocumentFromReader(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		doc.Find("a[href], link[href], img[src]").Each(func(_ int, s *goquery.Selection) {
			to := s.AttrOr("href", s.AttrOr("src", ""))
			to, part, _ := strings.Cut(to, "#")
			if part != "" && to == "/about" && h.page(t, to, 200).Find("#"+part).Length() != 1 {
				t.Errorf("%s leads to a part #%s of %s, which is not there", path, part, to)
			}
			if strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "/oai") && !seen[to] {
				seen[to] = true
				queue = append(queue, to)
			}
		})
	}
	if len(seen) < 100 {
		t.Errorf("the crawl saw %d addresses: too few to mean anything", len(seen))
	}
}

func TestResourcePage(t *testing.T) {
	h := newHub(t, published("1", full()))
	path := "/resources/" + idOf("1")
	doc := h.page(t, path, 200)
	text := strings.Join(strings.Fields(doc.Text()), " ")
	for _, want := range []string{
		"Shelter standards for trafficked persons", "ស្តង់ដារមណ្ឌលសម្រាប់ជនរងគ្រោះ", "The Shelter Book", "วิธีดูแลผู้เสียหายในสถานคุ้มครอง",
		"Ministry of Examples", "กระทรวงตัวอย่าง", "Working Group on Shelters", "Fund of Examples", "13 December 2023", "13 ธันวาคม 2566", "January 2024", "2024 to 2027",
		"101-th.pdf", "PDF, 2.5 MB, 88 pages", "could not be reached", "Shelter and accommodation", "90 %", "Thailand", "Cambodia", "Women", "Forced labour",
		"Open", "Free to share.", "Agency of Examples", "css:h1", "a word for shelter", "no description in Khmer", "92 of 100", "https://doi.org/10.99999/example", "Translation of",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if doc.Find("h1[lang=en]").Length() != 1 || doc.Find("li[lang=th]").Length() == 0 || doc.Find(".description[lang=th]").Length() != 1 {
		t.Error("texts do not name their languages")
	}
	for _, href := range []string{"/api/v1/resources/" + idOf("1"), "/oai?verb=GetRecord&metadataPrefix=ctip&identifier=oai%3Ahub.example%3A" + idOf("1"), "https://agency.example/101"} {
		if doc.Find("a").FilterFunction(func(_ int, s *goquery.Selection) bool { return s.AttrOr("href", "") == href }).Length() != 1 {
			t.Errorf("no link to %s", href)
		}
	}
	if title := doc.Find("title").Text(); strings.Contains(title, "traffick") {
		t.Errorf("the title %q stays in the history of a shared computer", title)
	}
	if th := h.page(t, path, 200, "Accept-Language", "th-TH,th;q=0.9,en;q=0.5"); th.Find("h1[lang=th]").Length() != 1 {
		t.Error("a Thai reader does not get the Thai title first")
	}
}

func TestPageSize(t *testing.T) {
	rec := full()
	for range 300 {
		rec.Provenance = append(rec.Provenance, record.Assertion{Field: "description", Value: strings.Repeat("long ", 60), Rule: "css:main p", Confidence: 0.7, Flag: record.Cleaned})
	}
	h := newHub(t, published("1", rec))
	if n := len(body(t, h.get(t, "/resources/"+idOf("1")))); n > 60_000 {
		t.Errorf("the page of a record has %d bytes", n)
	}
}

func TestWithdrawn(t *testing.T) {
	h := newHub(t, published("1", full()))
	h.apply(t, "agency", withdrawn("1"))
	doc := h.page(t, "/resources/"+idOf("1"), http.StatusGone)
	checkPage(t, doc)
	if text := doc.Text(); strings.Contains(text, "Shelter standards") || !strings.Contains(text, "withdrawn") {
		t.Error("the page of a withdrawn record must say that, and nothing of the record")
	}
}

func TestSourcePage(t *testing.T) {
	h := newHub(t, published("1", full()))
	doc := h.page(t, "/sources/agency", 200)
	status := strings.Join(strings.Fields(doc.Find(".status").Text()), " ")
	for _, want := range []string{"visits this source on schedule", "The last visit ended on 4 March 2026", "Of its records 1 can be found here, 0 are held back for review, and 0 were withdrawn."} {
		if !strings.Contains(status, want) {
			t.Errorf("the status %q does not say %q", status, want)
		}
	}
	if runs := strings.Join(strings.Fields(doc.Find("table.runs").Text()), " "); !strings.Contains(runs, "2 listed = 1 new + 0 changed + 0 unchanged + 1 rejected + 0 skipped") {
		t.Errorf("the account is not shown: %q", runs)
	}
	if !strings.Contains(doc.Text(), "the record has no title") {
		t.Error("the rejects of the last run are not shown")
	}
	if asleep := h.page(t, "/sources/asleep", 200).Find(".status").Text(); !strings.Contains(asleep, "does not visit") || !strings.Contains(asleep, "There was no visit yet.") {
		t.Errorf("the status of a source that never ran: %q", asleep)
	}
	if rows := h.page(t, "/sources", 200).Find("table.sources tbody tr").Length(); rows != 2 {
		t.Errorf("%d sources are listed, want 2", rows)
	}
}

func TestCoveragePage(t *testing.T) {
	h := newHub(t, append(manyRecords(6), published("1", full()))...)
	doc := h.page(t, "/coverage", 200)
	if rows := doc.Find("table.coverage tbody tr").Length(); rows != 11 {
		t.Errorf("%d countries, want 11", rows)
	}
	cell := func(path string) *goquery.Selection {
		return doc.Find("td a").FilterFunction(func(_ int, s *goquery.Selection) bool { return s.AttrOr("href", "") == path })
	}
	if got := cell("/search?country=TH&theme=remedies"); !strings.HasPrefix(got.Text(), "3") || !got.Parent().HasClass("heat-2") {
		t.Errorf("Thailand and remedies: %q, %q", got.Text(), got.Parent().AttrOr("class", ""))
	}
	if got := cell("/search?country=VN&theme=remedies"); !strings.Contains(got.Text(), "nothing found yet") || !got.Parent().HasClass("heat-0") {
		t.Errorf("an empty cell says %q", got.Text())
	}
	if n := doc.Find("td.apart").Length(); n != 11 {
		t.Errorf("%d cells stand apart, want one for each country", n)
	}
	if at := doc.Find("main time").AttrOr("datetime", ""); at != "2026-03-04T05:06:07Z" {
		t.Errorf("as of %q", at)
	}
}

func TestSourceQuality(t *testing.T) {
	better := full()
	better.Quality.Findings = nil
	better.Quality.Score = 100
	h := newHub(t, published("1", full()), published("2", better), published("3", full()))
	doc := h.page(t, "/sources/agency", 200)
	section := doc.Find("section[aria-labelledby=quality]")
	text := strings.Join(strings.Fields(section.Text()), " ")
	for _, want := range []string{"3 records score 92 of 100", "No description in Khmer.", "Write one."} {
		if !strings.Contains(text, want) {
			t.Errorf("the page of a source does not say %q: %s", want, text)
		}
	}
	list := section.Find("td.num a")
	if list.Length() != 1 || list.Text() != "2" {
		t.Fatalf("the finding counts %q", list.Text())
	}
	if hits := h.page(t, list.AttrOr("href", ""), 200).Find("main article").Length(); hits != 2 {
		t.Errorf("the list behind the finding has %d records, want 2", hits)
	}
}

func TestWorkPages(t *testing.T) {
	number := func(title, lang string) record.Record {
		return record.Record{
			Title: record.Texts{lang: title}, Languages: []string{lang}, Countries: []record.Tag{{ID: "TH", Confidence: 1}},
			Identifiers: []record.Identifier{{Scheme: "number", Value: "53/2024/QH15"}},
		}
	}
	h := newHub(t, published("a", number("The act", "en")), published("b", number("พระราชบัญญัติ", "th")))
	if _, err := h.store.FindWorks(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	section := h.page(t, "/resources/"+idOf("a"), 200).Find("section[aria-labelledby=editions]")
	other := section.Find("li a[lang=th]")
	if other.Length() != 1 || other.AttrOr("href", "") != "/resources/"+idOf("b") || !strings.Contains(section.Text(), "same-number") {
		t.Errorf("the other editions are %q", section.Text())
	}
	path := section.Find("p a").AttrOr("href", "")
	if n := h.page(t, path, 200).Find("ul.editions > li").Length(); n != 2 {
		t.Errorf("%s has %d editions, want 2", path, n)
	}
	var doc struct {
		ID       string
		Editions []struct {
			ID    string
			Links []struct{ Kind, To string }
		}
	}
	if err := json.NewDecoder(h.get(t, "/api/v1"+path).Body).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Editions) != 2 || doc.Editions[0].ID != idOf("a") || len(doc.Editions[1].Links) == 0 || doc.Editions[1].Links[0].Kind != "translation" {
		t.Errorf("the API says %+v", doc)
	}
	h.page(t, "/works/nosuchwork", 404)
	if res := h.get(t, "/api/v1/works/nosuchwork"); res.StatusCode != 404 {
		t.Errorf("an unknown work gives %d", res.StatusCode)
	}
}
