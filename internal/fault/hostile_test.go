package fault

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"ctiphub/catalog"
	"ctiphub/harvester"
)

// entities are definitions that would become gigabytes, and the text of a local file.
func entities() string {
	var b strings.Builder
	b.WriteString(`<!DOCTYPE x [<!ENTITY e0 "EXPANDED">`)
	for n := range 12 {
		fmt.Fprintf(&b, `<!ENTITY e%d "%s">`, n+1, strings.Repeat(fmt.Sprintf("&e%d;", n), 10))
	}
	b.WriteString(`<!ENTITY file SYSTEM "file:///proc/self/environ">]>`)
	return b.String()
}

// weapon is what somebody put into a document that the hub reads.
type weapon struct {
	prolog, within string
	attribute      string
}

func weapons() map[string]weapon {
	return map[string]weapon{
		"entities that expand":     {prolog: entities(), within: "&e12;"},
		"an entity from a file":    {prolog: entities(), within: "&file;"},
		"nesting, closed":          {within: strings.Repeat("<b>", 20_000) + "x" + strings.Repeat("</b>", 20_000)},
		"nesting, never closed":    {within: strings.Repeat("<b>", 50_000)},
		"a huge attribute":         {within: "x", attribute: ` a="` + strings.Repeat("&#120;", 1<<18) + `"`},
		"very many attributes":     {within: "x", attribute: manyAttributes(20_000)},
		"a huge name":              {within: "<" + strings.Repeat("n", 1<<20) + ">x"},
		"a comment without an end": {within: "<!--" + strings.Repeat("-", 1<<20)},
		"characters without end":   {within: strings.Repeat("&amp;", 1<<18)},
	}
}

func manyAttributes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ` a%d="x"`, i)
	}
	return b.String()
}

// document is where a weapon is put: the page of a source that the hub reads first.
func (w weapon) document(kind, base string) string {
	title := fmt.Sprintf("<title%s>%s%s</title>", w.attribute, titleOf(0), w.within)
	switch kind {
	case harvester.KindOAIPMH:
		return `<?xml version="1.0" encoding="UTF-8"?>` + w.prolog + `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-07-01T00:00:00Z</responseDate>` +
			`<request verb="ListRecords" metadataPrefix="oai_dc">` + base + `/oai</request><ListRecords><record><header><identifier>oai:a.example:1</identifier><datestamp>2026-06-01T00:00:00Z</datestamp></header>` +
			`<metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns="http://purl.org/dc/elements/1.1/">` + title + `</oai_dc:dc></metadata></record></ListRecords></OAI-PMH>`
	case harvester.KindFeed:
		return `<?xml version="1.0"?>` + w.prolog + `<rss version="2.0"><channel><title>News</title><item>` + title + `<link>` + base + `/news/1</link><guid>1</guid></item></channel></rss>`
	}
	return `<?xml version="1.0"?>` + w.prolog + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url` + w.attribute + `><loc>` + base + `/page/` + w.within + `</loc></url></urlset>`
}

// TestHostileDocuments harvests documents made to bring a reader down: each run ends soon,
// in an honest state, with nothing expanded and without much memory.
func TestHostileDocuments(t *testing.T) {
	norm := rules(t)
	for name, w := range weapons() {
		for _, up := range upstreams() {
			t.Run(name+"/"+up.kind, func(t *testing.T) {
				genuine := up.handler
				up.handler = func(t *testing.T, base string) http.Handler {
					inner := genuine(t, base)
					return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
						switch {
						case up.kind == harvester.KindOAIPMH && r.URL.Query().Get("verb") != "ListRecords":
							inner.ServeHTTP(rw, r)
						case strings.HasPrefix(r.URL.Path, "/page/"):
							http.NotFound(rw, r)
						default:
							rw.Header().Set("Content-Type", "application/xml")
							fmt.Fprint(rw, w.document(up.kind, base))
						}
					})
				}
				b := newBed(t, norm, up, false)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				start := time.Now()
				run := b.harvest(nil)
				runtime.ReadMemStats(&after)
				if took := time.Since(start); took > 20*time.Second {
					t.Errorf("took %s", took)
				}
				if grown := (after.TotalAlloc - before.TotalAlloc) >> 20; grown > 1024 {
					t.Errorf("%d MiB were allocated on the way", grown)
				}
				if run.State == catalog.OK && run.Counts.New == 0 {
					t.Errorf("called good although nothing came: %+v", run.Counts)
				}
				for _, title := range b.titles() {
					if strings.Contains(title, "EXPANDED") || strings.Contains(title, "PATH=") || len(title) > 64<<10 {
						t.Errorf("a title of %d bytes came of it: %.80s", len(title), title)
					}
				}
				t.Logf("%s, %q, %d new, %d rejected, %s", run.State, run.Message, run.Counts.New, run.Counts.Rejected, time.Since(start).Round(time.Millisecond))
			})
		}
	}
}
