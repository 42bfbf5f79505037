package website

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"ctiphub/harvester"
	"ctiphub/harvester/harvestertest"
	"ctiphub/internal/fetch"
	"ctiphub/internal/pdf"
	"ctiphub/record"
)

// readsAll stands in for a PDF reader: what stands behind the first line of a file is its
// large text, or the code of its trouble.
type readsAll struct{ read int }

func (r *readsAll) Read(ctx context.Context, body []byte) (pdf.Properties, error) {
	r.read++
	if err := ctx.Err(); err != nil {
		return pdf.Properties{}, err
	}
	_, text, _ := strings.Cut(strings.TrimSpace(string(body)), "\n")
	if code, ok := strings.CutPrefix(text, "trouble "); ok {
		return pdf.Properties{}, &pdf.Error{Code: code, Detail: "The file is in trouble."}
	}
	return pdf.Properties{Pages: 2, Bytes: int64(len(body)), Checksum: "sha256:00", Language: "en", LargestText: []pdf.Line{{Value: text, Scale: 2}}}, nil
}

// TestPDFArchives plays sites with PDF files; file names that a fixture server must see.
func TestPDFArchives(t *testing.T) {
	harvestertest.Run(t, "testdata/pdf/*.txtar", func(g harvestertest.Getter) harvester.Adapter {
		a := New(g, time.Now).WithPDF(&readsAll{})
		a.group = 2
		return a
	})
}

func TestReadPDF(t *testing.T) {
	raw, err := ReadPDF(t.Context(), &readsAll{}, record.Raw{URL: "http://site.example/a.pdf", Format: record.FormatHTML, Body: []byte("%PDF-1.4\nGuide")})
	if err != nil || raw.Format != record.FormatPDF || raw.MediaType != "application/pdf" || !strings.Contains(string(raw.Body), `"largest-text":[{"@value":"Guide"`) {
		t.Errorf("got %+v, %v", raw, err)
	}
	if _, err := ReadPDF(t.Context(), &readsAll{}, record.Raw{Body: []byte("%PDF-1.4\ntrouble pdf-too-heavy")}); err == nil {
		t.Error("trouble is no error")
	}
}

func TestPDFWithoutReader(t *testing.T) {
	asked := 0
	get := getterFunc(func(r fetch.Request) (*fetch.Response, error) {
		asked++
		body, kind := `<urlset><url><loc>http://site.example/a.pdf</loc></url><url><loc>http://site.example/b.pdf</loc></url><url><loc>http://site.example/c</loc></url></urlset>`, "text/xml"
		if !strings.HasSuffix(r.URL, "xml") {
			body, kind = "%PDF-1.4\ntrouble "+pdf.CodeNoReader, "application/pdf"
		}
		if r.Account != "test" {
			t.Errorf("%s is on the account %q", r.URL, r.Account)
		}
		return &fetch.Response{URL: r.URL, Status: 200, Header: http.Header{}, MediaType: kind, Body: []byte(body)}, nil
	})
	for name, c := range map[string]struct {
		adapter      *Adapter
		asked, notes int
	}{
		"none given":          {New(get, time.Now), 2, 0}, // the sitemap, and c, which does not look like a file
		"none on the machine": {New(get, time.Now).WithPDF(&readsAll{}), 3, 1},
	} {
		asked = 0
		r := harvestertest.Harvest(t, c.adapter, sitemapSource(), harvester.From{})
		skipped, notes := 0, 0
		for _, p := range r.Pages {
			notes += len(p.Notes)
			for _, s := range p.Skipped {
				if s.Code == pdf.CodeNoReader {
					skipped++
				}
			}
		}
		if r.Err != nil || skipped != 3 || asked != c.asked || notes != c.notes {
			t.Errorf("%s: %d skipped, %d asked, %d notes, %v", name, skipped, asked, notes, r.Err)
		}
	}
}

func TestFilesAreReadOnceInARun(t *testing.T) {
	fetched := 0
	get := getterFunc(func(r fetch.Request) (*fetch.Response, error) {
		resp := &fetch.Response{URL: r.URL, Status: 200, Header: http.Header{}, MediaType: "text/html"}
		switch {
		case strings.HasSuffix(r.URL, ".xml"):
			resp.Body = []byte(`<urlset><url><loc>http://site.example/1</loc></url><url><loc>http://site.example/2</loc></url></urlset>`)
		case strings.HasSuffix(r.URL, ".pdf"):
			fetched++
			resp.Body = []byte("%PDF-1.4\nGuide")
		default:
			resp.Body = []byte(`<html><body><main><a href="/guide.pdf">x</a><a href="guide.pdf#page=2">y</a></main><footer><a href="/terms.pdf">Terms</a></footer></body></html>`)
		}
		return resp, nil
	})
	src := sitemapSource()
	src.Website.Files = harvester.FilesDescribe
	known := harvestertest.Memory{}
	run := func(full bool) {
		t.Helper()
		r := harvestertest.Harvest(t, New(get, time.Now).WithPDF(&readsAll{}), src, harvester.From{Known: known.Known, Full: full})
		hints := 0
		for _, p := range r.Pages {
			known.Store(p.Validators)
			for _, raw := range p.Raws {
				for _, h := range raw.Hints {
					var d described
					if h.Key == "file" && json.Unmarshal([]byte(h.Value), &d) == nil && d.URL == "http://site.example/guide.pdf" && d.Pages == 2 && d.Title == "Guide" && d.Language == "en" {
						hints++
					}
				}
			}
		}
		if r.Err != nil || hints != 2 {
			t.Errorf("%d hints, %v", hints, r.Err)
		}
	}
	for _, c := range []struct {
		full bool
		want int
	}{{false, 1}, {false, 1}, {true, 2}} { // the server knows no validators: what was read stays, until everything is wanted
		if run(c.full); fetched != c.want {
			t.Errorf("full %v: the file was fetched %d times, want %d", c.full, fetched, c.want)
		}
	}
}

func TestCancelledWhileReading(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	get := getterFunc(func(r fetch.Request) (*fetch.Response, error) {
		if strings.HasSuffix(r.URL, ".xml") {
			return &fetch.Response{URL: r.URL, Status: 200, Header: http.Header{}, Body: []byte(`<urlset><url><loc>http://site.example/a.pdf</loc></url></urlset>`)}, nil
		}
		cancel()
		return &fetch.Response{URL: r.URL, Status: 200, Header: http.Header{}, MediaType: "application/pdf", Body: []byte("%PDF-1.4\nx")}, nil
	})
	for page, err := range New(get, time.Now).WithPDF(&readsAll{}).Pages(ctx, sitemapSource(), harvester.From{}) {
		if !errors.Is(err, context.Canceled) || len(page.Rejects) > 0 {
			t.Errorf("got %+v, %v", page, err)
		}
	}
}

func TestLastmodsOfOneDay(t *testing.T) {
	today := time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		lastmod func(i int) string
		hint    bool // lastmod is believed to be of the page
		skips   bool // an unchanged lastmod spares a request
		note    bool
	}{
		"each its own":    {func(i int) string { return fmt.Sprintf("2026-05-%02d", i+1) }, true, true, false},
		"all today":       {func(i int) string { return fmt.Sprintf("2026-06-01T08:00:%02dZ", i) }, false, false, true},
		"all of one day":  {func(int) string { return "2024-02-29" }, false, true, false},
		"only years":      {func(int) string { return "2026" }, true, true, false},
		"half of it":      {func(i int) string { return fmt.Sprintf("2026-06-%02d", 1+i%2) }, true, true, false},
		"no dates at all": {func(int) string { return "recently" }, true, true, false},
	} {
		var b strings.Builder
		known := harvestertest.Memory{}
		for i := range 20 {
			u := fmt.Sprintf("http://site.example/%05d", i)
			fmt.Fprintf(&b, "<url><loc>%s</loc><lastmod>%s</lastmod></url>", u, c.lastmod(i))
			if i < 10 {
				known[lastmodKey(u)] = harvester.Validator{LastModified: c.lastmod(i), Identifiers: []string{u}}
			}
		}
		get := getterFunc(func(r fetch.Request) (*fetch.Response, error) {
			return &fetch.Response{URL: r.URL, Status: 200, MediaType: "text/html", Header: http.Header{}, Body: []byte("<urlset>" + b.String() + "</urlset>")}, nil
		})
		r := harvestertest.Harvest(t, New(get, func() time.Time { return today }), sitemapSource(), harvester.From{Known: known.Known})
		same, hints, notes, kept := 0, 0, 0, 0
		for _, p := range r.Pages {
			same, notes, kept = same+len(p.Same), notes+len(p.Notes), kept+len(p.Validators)
			for _, raw := range p.Raws {
				if raw.Hint("lastmod") != "" {
					hints++
				}
			}
		}
		if r.Err != nil || (same == 10) != c.skips || (hints > 0) != c.hint || (notes == 1) != c.note || (kept > 0) != c.skips {
			t.Errorf("%s: %d the same, %d hints, %d notes, %d kept, %v", name, same, hints, notes, kept, r.Err)
		}
	}
}

func TestLinkHeader(t *testing.T) {
	resp := &fetch.Response{URL: "http://site.example/en/a.pdf", Header: http.Header{"Link": {
		`<http://site.example/th/a.pdf?x=1,2>; rel="alternate"; hreflang="th", </km/a.pdf>; rel=alternate; hreflang=km, <style.css>; rel=stylesheet`,
		`<broken`, `</x>; rel="alternate"; type="application/rss+xml"`,
	}}}
	if got := fmt.Sprint(linkHeader(resp)); got != "[{th http://site.example/th/a.pdf?x=1,2} {km http://site.example/km/a.pdf}]" {
		t.Errorf("got %s", got)
	}
}

func TestNumberedPagesValidation(t *testing.T) {
	zero, nine := 0, 9
	for problem, r := range map[string]harvester.WebsiteRecipe{
		"":                       {Item: "a", Pages: harvester.ListPages{Template: "?page={n}", First: &zero}},
		"{n} once":               {Item: "a", Pages: harvester.ListPages{Template: "?page="}},
		"need website.item":      {Pages: harvester.ListPages{Template: "?page={n}"}},
		"not both":               {Item: "a", Next: "a.next", Pages: harvester.ListPages{Template: "?page={n}"}},
		"not before first":       {Item: "a", Pages: harvester.ListPages{Template: "?page={n}", First: &nine, Last: 3}},
		"link or describe":       {Item: "a", Files: "all"},
		"must not be negative":   {Item: "a", MaxFiles: -1},
		"needs the CSS select":   {Discover: "list"},
		"website: pattern \"(\"": {Include: []string{"("}},
	} {
		src := harvester.Source{ID: "x-test", Name: "x", Kind: harvester.KindWebsite, URL: "http://site.example/", Website: r}
		err := src.Validate()
		if (err == nil) != (problem == "") || err != nil && !strings.Contains(err.Error(), problem) {
			t.Errorf("%q: got %v", problem, err)
		}
	}
}

// A PDF is told by its bytes, whatever the server calls it.
func TestIsPDF(t *testing.T) {
	for _, c := range []struct {
		kind, body string
		want       bool
	}{
		{"application/pdf", "%PDF-1.4", true}, {"application/octet-stream", "%PDF-1.4", true}, {"text/html", "%PDF-1.4", true}, {"", "\n\n%PDF-1.4", true},
		{"application/pdf", "<html>gone</html>", false}, {"text/html", "<html>a page about %PDF-</html>", false}, {"application/pdf", "damaged", true}, {"text/plain", "text", false},
	} {
		if got := isPDF(&fetch.Response{MediaType: c.kind, Body: []byte(c.body)}); got != c.want {
			t.Errorf("%q %q: %v", c.kind, c.body, got)
		}
	}
}
