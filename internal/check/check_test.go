package check

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ctiphub/configs"
	"ctiphub/harvester"
	"ctiphub/harvester/feed"
	"ctiphub/harvester/oaipmh"
	"ctiphub/harvester/website"
	"ctiphub/internal/fetch"
	"ctiphub/normalizer"
	"ctiphub/record"
)

func checker(t *testing.T, get Getter) Checker {
	t.Helper()
	cfg, err := configs.Load("")
	if err != nil {
		t.Fatal(err)
	}
	norm, err := normalizer.New(cfg.Vocabulary, map[string]normalizer.Rules{})
	if err != nil {
		t.Fatal(err)
	}
	return Checker{Getter: get, Normalizer: norm, Vocabulary: cfg.Vocabulary.Concepts(), Adapters: func(g Getter) map[string]harvester.Adapter {
		return map[string]harvester.Adapter{
			harvester.KindFeed: feed.New(g, time.Now), harvester.KindWebsite: website.New(g, time.Now), harvester.KindOAIPMH: oaipmh.New(g, time.Now),
		}
	}}
}

const page = `<!doctype html><html lang="th"><head><meta charset="utf-8"><title>คู่มือ</title></head><body><main>
<h1>คู่มือการคัดแยกผู้เสียหายจากการค้ามนุษย์</h1><p class="published">๑๓ ธันวาคม ๒๕๖๖</p>
<p>สำหรับเจ้าหน้าที่ตำรวจและนักสังคมสงเคราะห์ในประเทศไทย</p></main></body></html>`

func TestDetect(t *testing.T) {
	for name, c := range map[string]struct{ mediaType, body, want string }{
		"page by doctype":    {"", "  <!DOCTYPE html><html>", KindPage},
		"page by type":       {"text/html; charset=tis-620", "<p>hello", KindPage},
		"rss":                {"text/xml", `<?xml version="1.0"?><rss version="2.0">`, KindFeed},
		"rdf":                {"", `<rdf:RDF xmlns:rdf="x">`, KindFeed},
		"atom":               {"", "\xef\xbb\xbf<feed xmlns='http://www.w3.org/2005/Atom'>", KindFeed},
		"json feed":          {"", `{"version": "https://jsonfeed.org/version/1.1", "items": []}`, KindFeed},
		"json":               {"application/json", `{"items": []}`, KindAPI},
		"broken json":        {"application/json", `{"items": [`, KindOther},
		"csv":                {"text/csv; charset=utf-8", "id,title\n1,Guide\n", KindAPI},
		"wordpress root":     {"application/json", `{"name": "A", "namespaces": ["oembed/1.0", "wp/v2"]}`, KindWordPress},
		"wordpress posts":    {"application/json", `[{"id": 1, "date_gmt": "2026-01-01T00:00:00", "title": {"rendered": "A"}}]`, KindWordPress},
		"ckan":               {"application/json", `{"success": true, "result": {"count": 0, "results": []}}`, KindCKAN},
		"dspace root":        {"application/json", `{"dspaceVersion": "DSpace 7.6"}`, KindDSpace},
		"dspace search":      {"application/json", `{"_embedded": {"searchResult": {}}}`, KindDSpace},
		"reliefweb":          {"application/json", `{"totalCount": 1, "data": [{"id": "1", "fields": {"title": "A"}}]}`, KindReliefWeb},
		"sitemap":            {"", "<?xml version='1.0'?><!-- made by hand --><urlset>", KindSitemap},
		"sitemap index":      {"", "<sitemapindex>", KindSitemap},
		"oai-pmh":            {"text/xml", "<oai:OAI-PMH xmlns:oai='http://www.openarchives.org/OAI/2.0/'>", KindOAIPMH},
		"pdf under any type": {"text/html", "%PDF-1.7\n", KindPDF},
		"nothing":            {"", "", KindOther},
		"image":              {"image/png", "\x89PNG\r\n", KindOther},
	} {
		if got := Detect(c.mediaType, []byte(c.body)); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestFilePage(t *testing.T) {
	r, err := checker(t, nil).File(t.Context(), "page.html", []byte(page))
	if err != nil {
		t.Fatal(err)
	}
	if r.Kind != KindPage || len(r.Records) != 1 || r.Records[0].Verdict != record.Publish {
		t.Fatalf("got %+v", r)
	}
	fields := map[string]Field{}
	for _, f := range r.Records[0].Fields {
		fields[f.Field] = f
	}
	if f := fields["title"]; f.Lang != "th" || !strings.HasPrefix(f.Value, "คู่มือการคัดแยก") || f.Rule == "" {
		t.Errorf("the title is %+v", f)
	}
	if r.Records[0].Score <= 0 || r.Records[0].Score > 100 {
		t.Errorf("the score is %d", r.Records[0].Score)
	}
}

func TestFileFeed(t *testing.T) {
	rss := `<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>
<item><title>Guideline on shelter for victims of trafficking in Cambodia</title><link>http://a.example/1</link></item>
<item><title>Two</title><link>http://a.example/2</link></item></channel></rss>`
	r, err := checker(t, nil).File(t.Context(), "feed.xml", []byte(rss))
	if err != nil {
		t.Fatal(err)
	}
	if r.Kind != KindFeed || r.Listed != 2 || len(r.Records) != 2 || r.Records[0].Identifier != "http://a.example/1" {
		t.Errorf("got %+v", r)
	}
}

// answers serves fixed bodies by URL.
type answers map[string]string

func (a answers) Get(_ context.Context, r fetch.Request) (*fetch.Response, error) {
	body, ok := a[r.URL]
	if !ok {
		return nil, errors.New("not found: " + r.URL)
	}
	return &fetch.Response{URL: r.URL, Status: 200, MediaType: "text/xml", Body: []byte(body)}, nil
}

func TestURLSitemap(t *testing.T) {
	get := answers{
		"http://a.example/sitemap.xml": `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>http://a.example/p/1</loc></url><url><loc>http://a.example/p/2</loc></url></urlset>`,
		"http://a.example/p/1":         page,
	}
	r, err := checker(t, get).URL(t.Context(), "http://a.example/sitemap.xml")
	if err != nil {
		t.Fatal(err)
	}
	if r.Kind != KindSitemap || r.Listed != 2 || len(r.Notes) == 0 {
		t.Errorf("got %+v, want two listed pages and a note on the one that cannot be had", r)
	}
}

func TestURLFails(t *testing.T) {
	const at = "http://a.example/page"
	firewall := &fetch.BlockedError{URL: at, Filter: "Cloudflare", Status: 403, Reference: "8a1b2c", Agent: "CTIPHub/1.0", At: time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)}
	for name, c := range map[string]struct {
		err  error
		note string
		fix  string // in the snippet, "" for no fix
	}{
		"no such page": {&fetch.StatusError{URL: at, Status: 404}, "404", ""},
		"robots.txt":   {fmt.Errorf("fetching %s: %w", at, fetch.ErrRobots), "robots.txt", "User-agent: CTIPHub"},
		"a firewall":   {fmt.Errorf("asking: %w", firewall), "Cloudflare", "8a1b2c"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := checker(t, failing{at, c.err}).URL(t.Context(), at)
			if err != nil || r.Kind != "" || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], c.note) {
				t.Fatalf("got %+v (%v), want a note with %q", r, err, c.note)
			}
			if c.fix == "" != (len(r.Fixes) == 0) || c.fix != "" && !strings.Contains(r.Fixes[0].Snippet, c.fix) {
				t.Errorf("the fixes are %+v, want one with %q", r.Fixes, c.fix)
			}
		})
	}
	if _, err := checker(t, answers{}).URL(t.Context(), "no address"); err == nil {
		t.Error("what is no address gave no error")
	}
}

// failing answers one URL with an error and says that there is no robots.txt.
type failing struct {
	at  string
	err error
}

func (f failing) Get(_ context.Context, r fetch.Request) (*fetch.Response, error) {
	if r.URL == f.at {
		return nil, f.err
	}
	return nil, &fetch.StatusError{URL: r.URL, Status: 404}
}

func TestRobots(t *testing.T) {
	const robots = "User-agent: CTIPHub\nDisallow: /staff/\nCrawl-delay: 5\nSitemap: http://a.example/sitemap.xml\n"
	get := answers{"http://a.example/robots.txt": robots, "http://a.example/p": page, "http://a.example/staff/1": page}
	for path, want := range map[string]string{"p": robotsAllowed, "staff/1": robotsDisallowed} {
		r, err := checker(t, get).URL(t.Context(), "http://a.example/"+path)
		if err != nil || r.Robots == nil || r.Robots.Verdict != want || r.Robots.CrawlDelay != 5 || len(r.Robots.Sitemaps) != 1 {
			t.Errorf("/%s: got %+v (%v), want %s", path, r.Robots, err, want)
		}
	}
	r, _ := checker(t, failing{"http://a.example/robots.txt", errors.New("no such host")}).URL(t.Context(), "http://a.example/p")
	if r.Robots.Verdict != robotsUnreachable {
		t.Errorf("a site without an answer: got %q", r.Robots.Verdict)
	}
}

// TestFixes: what a page does not say comes back as something to paste, filled in where
// the hub knows.
func TestFixes(t *testing.T) {
	r, err := checker(t, nil).File(t.Context(), "page.html", []byte(page))
	if err != nil {
		t.Fatal(err)
	}
	rec := r.Records[0]
	if len(rec.Missing) == 0 || len(rec.Fixes) != 2 {
		t.Fatalf("missing is %q, fixes are %+v", rec.Missing, rec.Fixes)
	}
	tags, ld := rec.Fixes[0].Snippet, rec.Fixes[1].Snippet
	for _, want := range []string{`<meta name="dcterms.publisher" content="«`, `<link rel="license"`} {
		if !strings.Contains(tags, want) {
			t.Errorf("the tags lack %s:\n%s", want, tags)
		}
	}
	if !strings.Contains(ld, "คู่มือการคัดแยก") || !strings.Contains(ld, `"inLanguage": "th"`) || strings.Contains(strings.TrimSuffix(ld, "</script>"), "</") {
		t.Errorf("the JSON-LD is\n%s", ld)
	}
	sum := 0
	for _, p := range rec.Points {
		sum += p.Earned
	}
	if sum != rec.Score {
		t.Errorf("the points sum up to %d, the score is %d", sum, rec.Score)
	}
	if !strings.Contains(rec.Preview.Title, "คู่มือ") || !strings.Contains(rec.Preview.Tags, "identification") {
		t.Errorf("the preview is %+v", rec.Preview)
	}
}

// TestFixesMend: a page with the tags that were proposed has nothing missing any more.
func TestFixesMend(t *testing.T) {
	r, err := checker(t, nil).File(t.Context(), "page.html", []byte(page))
	if err != nil {
		t.Fatal(err)
	}
	before := r.Records[0].Score
	said := strings.NewReplacer("«the body that publishes it»", "Ministry of Social Development and Human Security", "«two or three sentences on what it is and for whom»", strings.Repeat("A guide on victim identification for police. ", 4),
		"«https://creativecommons.org/licenses/by/4.0/»", "https://creativecommons.org/licenses/by/4.0/", "«YYYY-MM-DD»", "2023-12-13", "«Cambodia»", "TH", "«guideline, report, law, training module …»", "guideline")
	mended := strings.Replace(page, "</head>", said.Replace(r.Records[0].Fixes[0].Snippet)+"</head>", 1)
	if r, err = checker(t, nil).File(t.Context(), "page.html", []byte(mended)); err != nil {
		t.Fatal(err)
	}
	if after := r.Records[0]; after.Score < before+20 || len(after.Missing) > 1 {
		t.Errorf("the score went from %d to %d, still missing %q", before, after.Score, after.Missing)
	}
}

func TestOffers(t *testing.T) {
	html := `<!doctype html><html><head><link rel="https://api.w.org/" href="http://a.example/wp-json/"><link rel="alternate" type="application/rss+xml" href="/feed"></head><body><h1>Home</h1></body></html>`
	r, err := checker(t, nil).File(t.Context(), "home.html", []byte(html))
	if err != nil || len(r.Offers) != 2 || r.Offers[0].Kind != KindWordPress || r.Offers[1].URL != "http://localhost/feed" {
		t.Errorf("got %+v (%v), want the API and the feed", r.Offers, err)
	}
}

func TestAPIBase(t *testing.T) {
	for _, c := range [][3]string{
		{KindWordPress, "https://a.example/en/wp-json/wp/v2/posts?page=2", "https://a.example/en/"},
		{KindCKAN, "https://data.example/api/3/action/package_search?q=x", "https://data.example/"},
		{KindDSpace, "https://repo.example/server/api/discover/search/objects?size=1", "https://repo.example/server/api"},
		{KindDSpace, "https://repo.example/server/api", "https://repo.example/server/api"},
		{KindReliefWeb, "https://relief.example/v2/reports?appname=hub", "https://relief.example/v2/reports?appname=hub"},
	} {
		if got := apiBase(c[0], c[1]); got != c[2] {
			t.Errorf("%s: got %s, want %s", c[1], got, c[2])
		}
	}
}

func FuzzDetect(f *testing.F) {
	for _, s := range []string{page, `{"success":true,"result":{}}`, "<urlset>", "%PDF-", "[", "<?xml", "<a:b:c"} {
		f.Add("text/html", []byte(s))
	}
	f.Fuzz(func(t *testing.T, mediaType string, body []byte) {
		if Detect(mediaType, body) == "" {
			t.Error("no kind")
		}
		sitemapFixes(body)
		offers(&fetch.Response{URL: "http://a.example/", Body: body})
	})
}
