package check

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"slices"
	"strings"

	"ctiphub/internal/fetch"
	"ctiphub/record"
)

// Fix is something that a publisher can copy and paste.
type Fix struct {
	For     string `json:"for"`   // what it mends
	Where   string `json:"where"` // where it goes
	Snippet string `json:"snippet"`
}

// sure is from which confidence on a value needs no word of the publisher.
const sure = 0.7

// facts are what is known of a record, to be put into a snippet; what is not known is a
// placeholder between guillemets, so that nobody publishes one by mistake.
type facts struct {
	title, description, language, date, publisher, country, kind, license string
	keywords                                                              []string
}

func known(rec record.Record) facts {
	f := facts{
		description: "«two or three sentences on what it is and for whom»", language: "«km»", date: "«YYYY-MM-DD»",
		publisher: "«the body that publishes it»", country: "«Cambodia»", kind: "«guideline, report, law, training module …»",
		license: "«https://creativecommons.org/licenses/by/4.0/»", title: "«title»",
	}
	set := func(field *string, value string) {
		if value != "" {
			*field = value
		}
	}
	title, _ := rec.Title.In(rec.Languages...)
	description, _ := rec.Description.In(rec.Languages...)
	set(&f.title, title)
	set(&f.description, description)
	if len(rec.Languages) > 0 {
		f.language = rec.Languages[0]
	}
	if len(rec.Issued.EDTF) == len("2006-01-02") {
		f.date = rec.Issued.EDTF
	}
	if len(rec.Publishers) > 0 {
		name, _ := rec.Publishers[0].Name.In(rec.Languages...)
		set(&f.publisher, name)
	}
	if len(rec.Countries) > 0 {
		f.country = rec.Countries[0].ID
	}
	if len(rec.Type) > 0 && rec.Type[0].ID != "other" {
		f.kind = rec.Type[0].ID
	}
	set(&f.license, rec.Rights.License)
	for _, t := range rec.Themes {
		f.keywords = append(f.keywords, t.ID)
	}
	return f
}

// wanting are the fields that are missing, or that the hub only guessed.
func wanting(rec record.Record, missing []string) []string {
	list := slices.Clone(missing)
	for _, a := range rec.Provenance {
		name := map[string]string{"issued": "date", "publishers": "publisher", "languages": "language", "countries": "country"}[a.Field]
		if name == "" {
			name = a.Field
		}
		if a.Confidence < sure && !slices.Contains(list, name) && slices.Contains([]string{"title", "description", "date", "publisher", "language", "country", "type"}, name) {
			list = append(list, name)
		}
	}
	return list
}

// recordFixes says in the format of the raw how its publisher can state what is missing.
func recordFixes(raw record.Raw, rec record.Record, missing []string) []Fix {
	lacks := wanting(rec, missing)
	if len(lacks) == 0 {
		return nil
	}
	f := known(rec)
	what := strings.Join(lacks, ", ")
	switch raw.Format {
	case record.FormatHTML:
		return []Fix{
			{what, "in the <head> of the page", metaTags(f, lacks)},
			{"all of it at once, for search engines as well", "in the <head> of the page, in place of the above", jsonLD(f, raw.URL)},
		}
	case record.FormatPDF:
		return []Fix{{what, "in the document's properties, before it is saved as PDF (File > Properties)", pdfProperties(f)}}
	case record.FormatOAIDC, record.FormatQDC:
		return []Fix{{what, "in the record's oai_dc metadata", dublinCore(f, lacks)}}
	case record.FormatFeedItem:
		return []Fix{{what, "in the <item> of the feed", feedElements(f, lacks)}}
	}
	return nil
}

// line is a snippet's line for one field.
type line struct{ field, text string }

// pick joins the lines of the fields that are lacking.
func pick(lacks []string, lines []line) string {
	var b strings.Builder
	for _, l := range lines {
		if slices.Contains(lacks, l.field) {
			b.WriteString(l.text + "\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func meta(name, content string) string {
	return fmt.Sprintf("<meta name=%q content=\"%s\">", name, html.EscapeString(content))
}

func metaTags(f facts, lacks []string) string {
	return pick(lacks, []line{
		{"title", "<title>" + html.EscapeString(f.title) + "</title>"},
		{"language", `on the first line of the page: <html lang="` + html.EscapeString(f.language) + `">`},
		{"description", meta("description", f.description)},
		{"date", meta("dcterms.issued", f.date)},
		{"publisher", meta("dcterms.publisher", f.publisher)},
		{"country", meta("dcterms.spatial", f.country)},
		{"type", meta("dcterms.type", f.kind)},
		{"themes", meta("keywords", "«trafficking in persons, shelter, referral …»")},
		{"rights", `<link rel="license" href="` + html.EscapeString(f.license) + `">`},
		{"link", `<link rel="canonical" href="«the page's own address»">, and a link to the file in the main text`},
	})
}

func jsonLD(f facts, at string) string {
	doc := map[string]any{
		"@context": "https://schema.org", "@type": "DigitalDocument", "name": f.title, "description": f.description, "inLanguage": f.language, "url": at,
		"datePublished": f.date, "publisher": map[string]string{"@type": "Organization", "name": f.publisher},
		"spatialCoverage": map[string]string{"@type": "Country", "name": f.country}, "genre": f.kind, "license": f.license,
	}
	if len(f.keywords) > 0 {
		doc["keywords"] = f.keywords
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b) // escapes < and &, so that no text can end the script
	enc.SetIndent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return "" // strings and maps of strings can always be written
	}
	return "<script type=\"application/ld+json\">\n" + b.String() + "</script>"
}

func pdfProperties(f facts) string {
	return strings.Join([]string{"Title: " + f.title, "Author: " + f.publisher, "Subject: " + f.description, "Keywords: " + strings.Join(f.keywords, ", "), "Language: " + f.language}, "\n")
}

func element(name, text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a strings.Builder takes everything
	return "<" + name + ">" + b.String() + "</" + name + ">"
}

func dublinCore(f facts, lacks []string) string {
	return pick(lacks, []line{
		{"title", element("dc:title", f.title)}, {"language", element("dc:language", f.language)}, {"description", element("dc:description", f.description)},
		{"date", element("dc:date", f.date)}, {"publisher", element("dc:publisher", f.publisher)}, {"country", element("dc:coverage", f.country)},
		{"type", element("dc:type", f.kind)}, {"themes", element("dc:subject", "«trafficking in persons»")}, {"rights", element("dc:rights", f.license)},
		{"link", element("dc:identifier", "«https://… of the record's page»")},
	})
}

func feedElements(f facts, lacks []string) string {
	return pick(lacks, []line{
		{"title", element("title", f.title)}, {"language", element("dc:language", f.language)}, {"description", element("description", f.description)},
		{"date", element("pubDate", "«Wed, 13 Dec 2023 09:00:00 +0700»")}, {"publisher", element("dc:publisher", f.publisher)},
		{"country", element("dc:coverage", f.country)}, {"type", element("dc:type", f.kind)}, {"themes", element("category", "«trafficking in persons»")},
		{"rights", element("dc:rights", f.license)}, {"link", `<enclosure url="«https://… of the file»" length="«bytes»" type="application/pdf"/>`},
	})
}

// sitemapFixes looks at what a sitemap could tell and does not.
func sitemapFixes(body []byte) []Fix {
	if !bytes.Contains(body, []byte("<urlset")) || bytes.Contains(body, []byte("<lastmod>")) {
		return nil
	}
	return []Fix{{
		"lastmod: without it the hub has to ask for every page again to see what changed", "in each <url> of the sitemap",
		"<url>\n  <loc>https://…</loc>\n  <lastmod>2026-05-31</lastmod>\n</url>",
	}}
}

// robotsFix lets the hub in.
func robotsFix(at, agent string) Fix {
	return Fix{"robots.txt keeps the hub away from " + at, "in robots.txt, as a group of its own", "User-agent: " + agent + "\nAllow: /\nCrawl-delay: 5"}
}

// firewallFix is what a publisher's IT department needs.
func firewallFix(e *fetch.BlockedError) Fix {
	filter := e.Filter
	if filter == "" {
		filter = "the firewall"
	}
	text := fmt.Sprintf("Please let requests with this user agent pass %s:\n  %s\nIt reads public pages only, slowly, and obeys robots.txt.\nRefused: %s\nAt: %s\nStatus: %d", filter, e.Agent, e.URL, e.At.UTC().Format("2006-01-02 15:04:05 UTC"), e.Status)
	if e.Reference != "" {
		text += "\nReference in the filter's log: " + e.Reference
	}
	return Fix{"a firewall keeps the hub out", "in a letter to the IT department of the site", text}
}
