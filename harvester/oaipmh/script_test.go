package oaipmh

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
	"ctiphub/internal/oai"
)

// update tells whether to write the expectations of testdata from what happens; the flag
// is that of harvestertest.
func update() bool { return flag.Lookup("update").Value.String() == "true" }

// scriptNow is the hub's clock in the scripts.
var scriptNow = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// script is a repository that knows by heart which requests come, in order. Any other
// request, or one that is not the next, fails the test.
type script struct {
	t     *testing.T
	files []txtar.File
	now   func() time.Time
}

// Get answers the next request of the script.
func (s *script) Get(_ context.Context, r fetch.Request) (*fetch.Response, error) {
	_, query, _ := strings.Cut(r.URL, "?")
	if len(s.files) == 0 {
		s.t.Fatalf("unexpected request: %s", query)
	}
	f := s.files[0]
	s.files = s.files[1:]
	if f.Name != query {
		s.t.Fatalf("request %s, want %s", query, f.Name)
	}
	status, body := http.StatusOK, string(f.Data)
	if rest, ok := strings.CutPrefix(body, "HTTP "); ok {
		line, after, _ := strings.Cut(rest, "\n")
		status, _ = strconv.Atoi(line)
		body = after
	}
	at, mediaType := r.URL, "text/xml"
	for {
		line, rest, _ := strings.Cut(body, "\n")
		if value, ok := strings.CutPrefix(line, "AT "); ok { // where redirects led
			at, body = value, rest
		} else if value, ok := strings.CutPrefix(line, "TYPE "); ok {
			mediaType, body = value, rest
		} else {
			break
		}
	}
	if r.Account != "test" || r.Accept == "" {
		s.t.Errorf("%s is booked on the account %q", query, r.Account)
	}
	body = strings.ReplaceAll(wrap(body), "2026-03-10T11:59:00Z", s.now().Add(-time.Minute).Format(time.RFC3339))
	if status >= 400 {
		return nil, fmt.Errorf("scripted: %w", &fetch.StatusError{URL: r.URL, Status: status, MediaType: "text/xml", Body: []byte(body)})
	}
	return &fetch.Response{URL: at, Status: status, MediaType: mediaType, Body: []byte(body), Fetched: scriptNow}, nil
}

var escaped = regexp.MustCompile(`\\x[0-9A-Fa-f]{2}`)

// wrap puts the envelope around what a script says in short.
func wrap(body string) string {
	switch {
	case strings.TrimSpace(body) == "IDENTIFY":
		body = `<Identify><repositoryName>R</repositoryName><baseURL>http://repository.example/oai</baseURL><protocolVersion>2.0</protocolVersion><adminEmail>a@repository.example</adminEmail><earliestDatestamp>2024-01-01T00:00:00Z</earliestDatestamp><deletedRecord>persistent</deletedRecord><granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify>`
	case strings.TrimSpace(body) == "FORMATS":
		body = `<ListMetadataFormats><metadataFormat><metadataPrefix>oai_dc</metadataPrefix><schema>s</schema><metadataNamespace>http://www.openarchives.org/OAI/2.0/oai_dc/</metadataNamespace></metadataFormat></ListMetadataFormats>`
	}
	if rest, ok := strings.CutPrefix(body, "BYTES\n"); ok { // \xNN is a byte
		return escaped.ReplaceAllStringFunc(strings.TrimSuffix(rest, "\n"), func(hex string) string {
			n, _ := strconv.ParseUint(hex[2:], 16, 8)
			return string([]byte{byte(n)})
		})
	}
	for _, own := range []string{"RAW\n", "<?xml", "<!"} {
		if rest, ok := strings.CutPrefix(body, own); ok {
			return strings.TrimPrefix(own, "RAW\n") + rest
		}
	}
	// "R id date" is a record, "D id date" a deleted one; "H" and "X" are headers of them.
	var out strings.Builder
	for line := range strings.Lines(body) {
		f := strings.Fields(line)
		switch {
		case len(f) == 3 && f[0] == "R":
			fmt.Fprintf(&out, `<record><header><identifier>%s</identifier><datestamp>%s</datestamp><setSpec>b</setSpec><setSpec>a:b</setSpec></header><metadata><dc xmlns="http://www.openarchives.org/OAI/2.0/oai_dc/"><title xmlns="http://purl.org/dc/elements/1.1/">T</title></dc></metadata></record>`, f[1], f[2])
		case len(f) == 3 && f[0] == "D":
			fmt.Fprintf(&out, `<record><header status="deleted"><identifier>%s</identifier><datestamp>%s</datestamp></header></record>`, f[1], f[2])
		case len(f) == 3 && f[0] == "H":
			fmt.Fprintf(&out, `<header><identifier>%s</identifier><datestamp>%s</datestamp></header>`, f[1], f[2])
		case len(f) == 3 && f[0] == "X":
			fmt.Fprintf(&out, `<header status="deleted"><identifier>%s</identifier><datestamp>%s</datestamp></header>`, f[1], f[2])
		default:
			out.WriteString(line)
		}
	}
	return `<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-03-10T11:59:00Z</responseDate><request>http://repository.example/oai</request>` + out.String() + `</OAI-PMH>`
}

// TestScripts runs each file of testdata: the answers in the order they are asked for,
// then the pages expected. "config" may set prefix, set, full, base and what is stored;
// "restart" ends one run and starts the next with its last cursor, some time later.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { runScript(t, name) })
	}
}

func runScript(t *testing.T, name string) {
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	src := harvester.Source{ID: "test", URL: "http://repository.example/oai"}
	var from harvester.From
	now := scriptNow
	s := &script{t: t, now: func() time.Time { return now }}
	a := New(s, s.now)
	var got strings.Builder
	want := ""
	run := func() {
		from.Cursor = pull(t, &got, a, src, from)
		if len(s.files) > 0 {
			t.Errorf("never asked for: %s", s.files[0].Name)
		}
	}
	for _, f := range archive.Files {
		switch f.Name {
		case "config":
			configure(t, string(f.Data), &src, &from)
		case "restart":
			run()
			from.Full = false
			if list, ok := strings.CutPrefix(string(f.Data), "stored "); ok {
				ids := strings.Fields(list)
				from.Stored = func(id string) bool { return slices.Contains(ids[1:], id) }
				f.Data = []byte(ids[0])
			}
			if d, err := time.ParseDuration(strings.TrimSpace(string(f.Data))); err == nil {
				now = now.Add(d)
			}
			got.WriteString("--- next run\n")
		case "want":
			want = string(f.Data)
		default:
			s.files = append(s.files, f)
		}
	}
	run()
	if got.String() == want {
		return
	}
	if !update() {
		t.Errorf("got\n%s\nwant\n%s", &got, want)
		return
	}
	for i, f := range archive.Files {
		if f.Name == "want" {
			archive.Files[i].Data = []byte(got.String())
		}
	}
	if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

func configure(t *testing.T, text string, src *harvester.Source, from *harvester.From) {
	t.Helper()
	for line := range strings.Lines(text) {
		switch key, value, _ := strings.Cut(strings.TrimSpace(line), " "); key {
		case "prefix":
			src.OAI.Prefix = value
		case "set":
			src.OAI.Set = value
		case "base":
			src.URL = value
		case "full":
			from.Full = true
		default:
			t.Fatalf("config: %q", line)
		}
	}
}

// pull takes all pages of a run, writes them down and returns the last cursor.
func pull(t *testing.T, out *strings.Builder, a *Adapter, src harvester.Source, from harvester.From) harvester.Cursor {
	t.Helper()
	cursor := from.Cursor
	for page, err := range a.Pages(t.Context(), src, from) {
		if err != nil {
			fmt.Fprintf(out, "error: %v\n", err)
			break
		}
		cursor = page.Cursor
		fmt.Fprintf(out, "page total=%d", page.Total)
		if page.Last {
			fmt.Fprintf(out, " last complete=%v", page.Complete)
		}
		out.WriteString("\n")
		for _, raw := range page.Raws {
			fmt.Fprintf(out, "  %s %s %s", raw.Identifier, raw.Format, raw.Datestamp.Format(time.RFC3339))
			if title := titleOf(raw.Body); title != "" && title != "T" {
				fmt.Fprintf(out, " %q", title)
			}
			for _, h := range raw.Hints {
				fmt.Fprintf(out, " %s=%s", h.Key, h.Value)
			}
			if raw.Deleted {
				out.WriteString(" deleted")
			}
			if a, err := oai.ParseRecord(raw.Body); !raw.Deleted && (err != nil || a.Header.Identifier != raw.Identifier || bare(a)) {
				t.Errorf("%s: the body does not stand alone: %v", raw.Identifier, err)
			}
			if raw.Deleted != (len(raw.Body) == 0) {
				t.Errorf("%s: deleted %v with a body of %d bytes", raw.Identifier, raw.Deleted, len(raw.Body))
			}
			out.WriteString("\n")
		}
		for _, id := range page.Same {
			fmt.Fprintf(out, "  same %s\n", id)
		}
		for _, r := range page.Rejects {
			fmt.Fprintf(out, "  reject %s %s %q\n", r.Code, r.Stage, r.Identifier)
		}
		for _, n := range page.Notes {
			fmt.Fprintf(out, "  note %s: %s\n", n.Code, n.Detail)
		}
	}
	return cursor
}

type getFunc func(fetch.Request) (*fetch.Response, error)

func (f getFunc) Get(_ context.Context, r fetch.Request) (*fetch.Response, error) { return f(r) }

// TestTokenEncoding checks that tokens arrive as they were given, whatever is in them.
func TestTokenEncoding(t *testing.T) {
	r := &run{src: harvester.Source{URL: "http://x.example/oai?repo=1#top"}}
	for _, token := range []string{"a+b&c=d/e", "cursor%3D50%26x", "1!2!oai_dc", "ก ข", "a b", `"<>`} {
		u, err := url.Parse(r.query("verb", "ListRecords", "resumptionToken", token, "set", ""))
		if err != nil {
			t.Fatal(err)
		}
		if q := u.Query(); q.Get("resumptionToken") != token || q.Get("repo") != "1" || q.Has("set") || strings.Contains(u.RawQuery, "+") {
			t.Errorf("%q was sent as %s", token, u)
		}
	}
}

// titleOf cuts the title out of a body, to see what became of its characters.
func titleOf(body []byte) string {
	_, rest, _ := strings.Cut(string(body), "<title")
	_, rest, _ = strings.Cut(rest, ">")
	title, _, _ := strings.Cut(rest, "</title>")
	return title
}
