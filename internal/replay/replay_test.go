package replay

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// recorder stands in for the test that a rude client would fail.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

// get asks as the hub does unless headers say otherwise.
func get(t *testing.T, url string, header ...string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", "CTIPHub/1.0 (+https://hub.example)")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, body
}

const site = `
-- note.txt --
not served
-- /robots.txt --
User-agent: *
Disallow: /private
-- /page?id=1 --
> ETag: "v1"
> Last-Modified: Wed, 01 Jul 2026 00:00:00 GMT
<a href="{{base}}/next">x</a>
-- /private --
secret
-- /moved --
> status: 301
> Location: {{base}}/page?id=1
-- /thai --
> Content-Type: text/html
> charset: windows-874
ผู้เสียหาย
-- /bytes.pdf --
> encoding: base64
JVBERi0x
LjQ=
-- /map.xml.gz --
> encoding: gzip
<urlset/>
-- /twice --
> status: 503
first
-- /twice --
second
`

func TestServesAnArchive(t *testing.T) {
	s := Serve(t, txtar.Parse([]byte(site)))
	resp, body := get(t, s.URL+"/page?id=1")
	if string(body) != `<a href="`+s.URL+"/next\">x</a>\n" || resp.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("page: %q, %v", body, resp.Header)
	}
	if _, body := get(t, s.URL+"/thai"); !bytes.HasPrefix(body, []byte{0xbc, 0xd9, 0xe9}) {
		t.Errorf("windows-874: % x", body)
	}
	if resp, body := get(t, s.URL+"/bytes.pdf"); string(body) != "%PDF-1.4" || resp.Header.Get("Content-Type") != "application/pdf" {
		t.Errorf("base64: %q, %v", body, resp.Header)
	}
	if _, body := get(t, s.URL+"/map.xml.gz"); !bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		t.Errorf("gzip: % x", body)
	}
	if _, body := get(t, s.URL+"/moved"); !strings.Contains(string(body), "/next") {
		t.Errorf("redirect: %q", body)
	}
	for _, want := range []string{"503 first\n", "200 second\n", "200 second\n"} {
		if resp, body := get(t, s.URL+"/twice"); fmt.Sprint(resp.StatusCode, " ", string(body)) != want {
			t.Errorf("sequence: %d %q, want %q", resp.StatusCode, body, want)
		}
	}
	if got, want := s.Paths(), []string{"/page?id=1", "/thai", "/bytes.pdf", "/map.xml.gz", "/moved", "/page?id=1", "/twice", "/twice", "/twice"}; !slices.Equal(got, want) {
		t.Errorf("paths %q, want %q", got, want)
	}
}

func TestAnswersConditionalRequests(t *testing.T) {
	s := Serve(t, txtar.Parse([]byte(site)))
	for _, c := range []struct {
		header, value string
		want          int
	}{
		{"If-None-Match", `"v1"`, 304},
		{"If-None-Match", `"v0"`, 200},
		{"If-Modified-Since", "Wed, 01 Jul 2026 00:00:00 GMT", 304},
		{"If-Modified-Since", "Tue, 30 Jun 2026 23:59:59 GMT", 200},
		{"If-Modified-Since", "yesterday", 200},
	} {
		resp, body := get(t, s.URL+"/page?id=1", c.header, c.value)
		if resp.StatusCode != c.want || (c.want == 304) != (len(body) == 0) {
			t.Errorf("%s: %s: got %d, want %d", c.header, c.value, resp.StatusCode, c.want)
		}
	}
	if r := s.Requests()[0]; !r.Conditional || r.Status != 304 || r.Bytes != 0 {
		t.Errorf("account: %+v", r)
	}
}

func TestRudenessFails(t *testing.T) {
	for name, c := range map[string]struct {
		paths  []string
		header []string
		says   string // "" for a polite client
	}{
		"polite":               {[]string{"/robots.txt", "/page?id=1"}, nil, ""},
		"unknown path":         {[]string{"/page"}, nil, "unexpected request for /page"},
		"disallowed":           {[]string{"/private"}, nil, "disallows"},
		"no contact":           {[]string{"/page?id=1"}, []string{"User-Agent", "CTIPHub/1.0"}, "names no contact"},
		"somebody else's name": {[]string{"/page?id=1"}, []string{"User-Agent", "Mozilla/5.0 (+https://hub.example)"}, "does not begin with"},
		"too fast":             {[]string{"/slow", "/slow"}, nil, "crawl delay"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &recorder{TB: t}
			archive := site
			if c.says == "crawl delay" {
				archive = "-- /robots.txt --\nUser-agent: *\nCrawl-delay: 60\n-- /slow --\nx\n"
			}
			s := Serve(r, txtar.Parse([]byte(archive)))
			for _, p := range c.paths {
				get(t, s.URL+p, c.header...)
			}
			if got := strings.Join(r.failures, "\n"); (c.says == "") != (got == "") || !strings.Contains(got, c.says) {
				t.Errorf("failures %q, want %q", got, c.says)
			}
		})
	}
}

func TestLoadReplacesTheSite(t *testing.T) {
	s := Serve(t, txtar.Parse([]byte("-- /a --\nold\n")))
	get(t, s.URL+"/a")
	s.Load(txtar.Parse([]byte("-- /a --\nnew\n")))
	if _, body := get(t, s.URL+"/a"); string(body) != "new\n" || len(s.Requests()) != 1 {
		t.Errorf("got %q, %d requests", body, len(s.Requests()))
	}
	if s.Reset(); len(s.Requests()) != 0 {
		t.Error("Reset keeps requests")
	}
}

func TestBadArchives(t *testing.T) {
	for name, file := range map[string]txtar.File{
		"no colon":          {Name: "/a", Data: []byte("> ETag\n")},
		"no status":         {Name: "/a", Data: []byte("> status: fine\n")},
		"unknown charset":   {Name: "/a", Data: []byte("> charset: klingon\nx")},
		"not in charset":    {Name: "/a", Data: []byte("> charset: windows-874\nខ្មែរ")},
		"unknown encoding":  {Name: "/a", Data: []byte("> encoding: rot13\nx")},
		"not valid base64":  {Name: "/a", Data: []byte("> encoding: base64\n***")},
		"informal status 1": {Name: "/a", Data: []byte("> status: 100\n")},
	} {
		if _, err := parseAnswer(file, "http://x"); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
