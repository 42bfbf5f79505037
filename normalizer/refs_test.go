package normalizer

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ctiphub/record"
)

// page normalizes one page of agency.example.
func page(t *testing.T, n *Normalizer, source, address, body string, hints ...record.Hint) (record.Record, record.Decision) {
	t.Helper()
	rec, dec, err := n.Normalize(record.Raw{
		Source: source, Identifier: address, URL: address, Format: record.FormatHTML, MediaType: "text/html; charset=utf-8", Hints: hints,
		Fetched: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), Body: []byte(body),
	})
	if err != nil {
		t.Fatal(err)
	}
	return rec, dec
}

func TestLanding(t *testing.T) {
	n := normalizer(t, nil)
	at := "https://agency.example/guides/7?utm_source=list"
	tests := []struct{ name, head, want, status string }{
		{"the page itself", "", "https://agency.example/guides/7", "origin-known"},
		{"canonical link", `<link rel="canonical" href="/guides/seven">`, "https://agency.example/guides/seven", "origin-known"},
		{"canonical to the front page is a mistake", `<link rel="canonical" href="https://agency.example/">`, "https://agency.example/guides/7", "origin-known"},
		{"canonical to another site is not believed", `<link rel="canonical" href="https://other.example/x">`, "https://agency.example/guides/7", "origin-known"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rec, _ := page(t, n, "s", at, `<html lang="en"><head><title>Guide on human trafficking</title>`+tt.head+`</head></html>`)
			if rec.Origin.Landing != tt.want || rec.Origin.Status != tt.status {
				t.Errorf("origin %+v, want %s %s", rec.Origin, tt.want, tt.status)
			}
		})
	}
	rec, _ := page(t, n, "s", "https://www.scribd.com/document/1/guide", `<title>Guide on human trafficking</title>`)
	if rec.Origin.Status != "mirror-only" || !hasFinding(rec, CodeMirrorOnly) {
		t.Errorf("a copy on a sharing site has origin %+v", rec.Origin)
	}
	// A repository's page goes before its file, and before the DOI.
	dc := normalizeDC(t, n, [2]string{"title", "Guide"}, [2]string{"identifier", "https://doi.org/10.1234/x"}, [2]string{"identifier", "https://r.example/f.pdf"}, [2]string{"identifier", "https://r.example/handle/1/2"})
	if dc.Origin.Landing != "https://r.example/handle/1/2" {
		t.Errorf("landing %q", dc.Origin.Landing)
	}
	if dc = normalizeDC(t, n, [2]string{"title", "Guide"}, [2]string{"identifier", "ISBN 978-0-306-40615-7"}); dc.Origin.Landing != "" || !hasFinding(dc, CodeNoLanding) {
		t.Errorf("a record without address has origin %+v", dc.Origin)
	}
}

func TestFilesAndRelations(t *testing.T) {
	n := normalizer(t, nil)
	rec, _ := page(t, n, "s", "https://agency.example/en/guides/7", `<html lang="en"><head><title>Guide on human trafficking</title>
<link rel="alternate" hreflang="km" href="/km/guides/7"><link rel="alternate" hreflang="en" href="/en/guides/7"><link rel="alternate" hreflang="x-default" href="/"></head>
<body><nav><a href="/map.pdf">Map</a></nav><main><p>The guide in two languages, for all who work with victims.</p><a href="/f/guide-en.pdf#page=2">English</a> <a href="/f/guide-km.pdf" hreflang="km">Khmer</a> <a href="/f/guide-en.pdf">again</a></main></body></html>`,
		record.Hint{Key: "alternate", Value: "https://agency.example/lo/guides/7", Lang: "lo"}, record.Hint{Key: "lastmod", Value: "2024-05-06T00:00:00Z"})
	var files []string
	for _, f := range rec.Files {
		files = append(files, f.URL+" "+f.MediaType+" "+f.Language)
	}
	want := []string{"https://agency.example/f/guide-en.pdf application/pdf ", "https://agency.example/f/guide-km.pdf application/pdf km"}
	if !slices.Equal(files, want) {
		t.Errorf("files %q, want %q", files, want)
	}
	var relations []string
	for _, r := range rec.Relations {
		relations = append(relations, r.Kind+" "+r.Lang+" "+r.Target)
	}
	slices.Sort(relations)
	if want := []string{"translationOf km https://agency.example/km/guides/7", "translationOf lo https://agency.example/lo/guides/7"}; !slices.Equal(relations, want) {
		t.Errorf("relations %q, want %q", relations, want)
	}
	if rec.Modified.EDTF != "2024-05-06" {
		t.Errorf("modified %q, want the date of the listing", rec.Modified.EDTF)
	}
}

// TestTitlePlaces: which of the places where a page says its title is believed.
func TestTitlePlaces(t *testing.T) {
	n := normalizer(t, map[string]Rules{"ruled": {InScope: true, Fields: map[string]Chain{"title": {First: []string{"css:.name"}, Then: []string{"regex.replace:/^Publication: //"}}}}})
	tests := []struct{ name, source, body, want string }{
		{"JSON-LD", "s", `<script type="application/ld+json">{"@context":"https://schema.org","@type":"Report","name":"From JSON-LD"}</script><h1>From h1</h1>`, "From JSON-LD"},
		{"citation", "s", `<meta name="citation_title" content="From citation"><meta property="og:title" content="From og">`, "From citation"},
		{"Dublin Core", "s", `<meta name="DC.title" content="From DC"><h1>From h1</h1>`, "From DC"},
		{"open graph", "s", `<meta property="og:title" content="From og"><h1>From h1</h1>`, "From og"},
		{"the heading that the title begins with", "s", `<title>From h1 – Agency</title><h1>Agency</h1><h1>From h1</h1><h1>Recent posts</h1>`, "From h1"},
		{"title element", "s", `<title>From title</title>`, "From title"},
		{"the site's name is no title", "s", `<meta property="og:site_name" content="Agency"><meta property="og:title" content="Agency"><h1>From h1</h1>`, "From h1"},
		{"a rule of the source", "ruled", `<meta property="og:title" content="From og"><p class="name">Publication: From the rule</p>`, "From the rule"},
		{"nothing", "ruled", `<meta property="og:title" content="From og">`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rec, _ := page(t, n, tt.source, "https://agency.example/p", tt.body)
			if got, _ := rec.Title.In("en"); got != tt.want {
				t.Errorf("title %q, want %q", got, tt.want)
			}
		})
	}
	rec, _ := page(t, n, "s", "https://agency.example/p", `<p>no title</p>`, record.Hint{Key: "link-text", Value: "Title of the link"})
	if got, _ := rec.Title.In("en"); got != "Title of the link" {
		t.Errorf("title %q, want that of the link", got)
	}
}

// TestLanguages: what the resource is in, from what is stated and what is seen.
func TestLanguages(t *testing.T) {
	n := normalizer(t, map[string]Rules{"my": {Defaults: Defaults{Language: "ms", Countries: []string{"MY"}}}})
	tests := []struct {
		name, title, language, want string
		finding                     string
	}{
		{"stated", "Guide on human trafficking", "khm", "km", ""},
		{"several", "Lei kona-ba Tráfiku Umanu", "pt; tet", "pt,tet", ""},
		{"detected", "Panduan mekanisme rujukan bagi saksi dan korban", "", "id", ""},
		{"script against statement", "คู่มือการคุ้มครองผู้เสียหาย", "en", "th,en", CodeLanguageDiffers},
		{"unknown statement", "Guide on human trafficking", "klingonese", "en", CodeLanguageUnknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rec := normalizeDC(t, n, [2]string{"title", tt.title}, [2]string{"language", tt.language})
			if got := strings.Join(rec.Languages, ","); got != tt.want {
				t.Errorf("languages %s, want %s", got, tt.want)
			}
			if tt.finding != "" && !hasFinding(rec, tt.finding) {
				t.Errorf("no finding %s in %+v", tt.finding, rec.Quality.Findings)
			}
		})
	}
	// A page in Malay below /en/ is Malay; what the page says of itself is only a hint.
	rec, _ := page(t, n, "my", "https://agency.example/index.php/en/1", `<html lang="en"><title>Majlis Antipemerdagangan Orang dan Antipenyeludupan Migran</title></html>`)
	if !slices.Equal(rec.Languages, []string{"ms"}) {
		t.Errorf("languages %v, want ms", rec.Languages)
	}
}

// TestBilingualTitle: one string that says the same in two languages.
func TestBilingualTitle(t *testing.T) {
	n := normalizer(t, nil)
	rec := normalizeDC(t, n, [2]string{"title", "គោលការណ៍ណែនាំស្តីពីជនរងគ្រោះ / Guidelines on victims of human trafficking"})
	if len(rec.Title) != 2 || rec.Title["km"] == "" || rec.Title["en"] != "Guidelines on victims of human trafficking" {
		t.Errorf("title %v, want one in Khmer and one in English", rec.Title)
	}
	rec = normalizeDC(t, n, [2]string{"title", "Protection / Prosecution of trafficking"})
	if len(rec.Title) != 1 {
		t.Errorf("title %v was parted in one language", rec.Title)
	}
}

// TestIssued: which of several dates is the one of publication.
func TestIssued(t *testing.T) {
	n := normalizer(t, map[string]Rules{"ph": {Defaults: Defaults{Countries: []string{"PH"}}}, "th": {Defaults: Defaults{Countries: []string{"TH"}}}})
	tests := []struct{ name, source, title, date, want, finding string }{
		{"american order by country", "ph", "Guide on trafficking", "03/04/2021", "2021-03-04", CodeDateAmbiguous},
		{"day first elsewhere", "th", "Guide on trafficking", "03/04/2021", "2021-04-03", CodeDateAmbiguous},
		{"a period is not an issue date", "th", "Report on trafficking", "December 21, 2016 - September 30, 2017", "", CodeDatePeriod},
		{"unreadable", "th", "Guide on trafficking", "in due course", "", CodeDateUnreadable},
		{"from the title", "th", "แนวทางต่อต้านการค้ามนุษย์ พ.ศ. 2565", "", "2022", CodeDateFromTitle},
		{"not from a period in the title", "th", "Plan against trafficking 2021-2025", "", "", CodeNoDate},
		{"two digits are a guess", "th", "คู่มือการค้ามนุษย์", "1 ก.ค. 64", "2021-07-01", CodeDateUncertain},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			raw := dcRaw([2]string{"title", tt.title}, [2]string{"date", tt.date})
			raw.Source = tt.source
			rec, _, err := n.Normalize(raw)
			if err != nil {
				t.Fatal(err)
			}
			if rec.Issued.EDTF != tt.want || !hasFinding(rec, tt.finding) {
				t.Errorf("issued %+v with %+v, want %q and %s", rec.Issued, rec.Quality.Findings, tt.want, tt.finding)
			}
		})
	}
}
