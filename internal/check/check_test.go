package check

import (
	"context"
	"errors"
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
	return Checker{Getter: get, Normalizer: norm, Adapters: func(g Getter) map[string]harvester.Adapter {
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
		"json":               {"application/json", `{"items": []}`, KindOther},
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
	if _, err := checker(t, answers{}).URL(t.Context(), "http://a.example/"); err == nil || !strings.Contains(err.Error(), "http://a.example/") {
		t.Errorf("got %v, want an error that names the URL", err)
	}
}
