package replay

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

// recorder stands in for the test that a rude client would fail.
type recorder struct {
	testing.TB
	mu       sync.Mutex
	failures []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
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

func TestExpectations(t *testing.T) {
	const archive = "-- /file.pdf --\n> expect: HEAD, range\nabcdef-- /form --\n> expect: POST\nok\n-- /plain --\n> ETag: \"v1\"\n> expect: conditional\nx\n"
	for name, c := range map[string]struct {
		asks []string // method, path, range, If-None-Match; "-" for none
		says string
		want string // the last status, length, Content-Range
	}{
		"HEAD where it is expected":     {[]string{"HEAD /file.pdf - -"}, "", "200 0 "},
		"HEAD where it is not":          {[]string{"HEAD /plain - -"}, "unexpected HEAD for /plain", "200 0 "},
		"range where it is expected":    {[]string{"GET /file.pdf bytes=0-3 -"}, "", "206 4 bytes 0-3/7"},
		"range beyond the end":          {[]string{"GET /file.pdf bytes=0-99 -"}, "", "206 7 bytes 0-6/7"},
		"another range gets everything": {[]string{"GET /file.pdf bytes=3-4 -"}, "", "200 7 "},
		"range where it is not":         {[]string{"GET /plain bytes=0-3 -"}, "unexpected Range (bytes=0-3) for /plain", "206 2 bytes 0-1/2"},
		"POST where it is expected":     {[]string{"POST /form - -"}, "", "200 3 "},
		"POST where it is not":          {[]string{"POST /plain - -"}, "unexpected POST", "200 2 "},
		"second visit with validators":  {[]string{"GET /plain - -", "GET /plain - \"v1\""}, "", "304 0 "},
		"second visit without":          {[]string{"GET /plain - -", "GET /plain - -"}, "without the validators", "200 2 "},
		"second visit, no expectations": {[]string{"GET /file.pdf - -", "GET /file.pdf - -"}, "", "200 7 "},
	} {
		t.Run(name, func(t *testing.T) {
			r := &recorder{TB: t}
			s := Serve(r, txtar.Parse([]byte(strings.Replace(archive, "-- /form", "\n-- /form", 1))))
			got := ""
			for _, ask := range c.asks {
				f := strings.Fields(ask)
				req, err := http.NewRequestWithContext(t.Context(), f[0], s.URL+f[1], nil)
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("User-Agent", "CTIPHub/1.0 (+https://hub.example)")
				for i, name := range []string{"Range", "If-None-Match"} {
					if f[2+i] != "-" {
						req.Header.Set(name, f[2+i])
					}
				}
				resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil {
					t.Fatal(err)
				}
				got = fmt.Sprint(resp.StatusCode, " ", len(body), " ", resp.Header.Get("Content-Range"))
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if said := strings.Join(r.failures, "\n"); (c.says == "") != (said == "") || !strings.Contains(said, c.says) {
				t.Errorf("failures %q, want %q", said, c.says)
			}
		})
	}
}

func TestValidatorsAreRememberedWhenTheSiteIsEdited(t *testing.T) {
	r := &recorder{TB: t}
	s := Serve(r, txtar.Parse([]byte("-- /a --\n> ETag: \"1\"\nold\n")))
	get(t, s.URL+"/a")
	s.Load(txtar.Parse([]byte("-- /a --\n> expect: conditional\nnew\n")))
	get(t, s.URL+"/a")
	if len(r.failures) != 1 {
		t.Errorf("failures %q", r.failures)
	}
	get(t, s.URL+"/a") // the new answer had none to send
	if len(r.failures) != 1 {
		t.Errorf("failures %q", r.failures)
	}
}

func TestRetryAfterIsWatched(t *testing.T) {
	for _, wish := range []string{"60", time.Now().Add(time.Minute).UTC().Format(http.TimeFormat)} {
		r := &recorder{TB: t}
		s := Serve(r, txtar.Parse([]byte("-- /a --\n> status: 429\n> Retry-After: "+wish+"\nno\n-- /b --\nx\n")))
		if get(t, s.URL+"/b"); len(r.failures) != 0 {
			t.Errorf("%s: %q", wish, r.failures)
		}
		get(t, s.URL+"/a")
		get(t, s.URL+"/b") // another page of the same host
		if len(r.failures) != 1 || !strings.Contains(r.failures[0], "left alone") {
			t.Errorf("%s: %q", wish, r.failures)
		}
	}
}

func TestOneRequestAtATimeIsWatched(t *testing.T) {
	r := &recorder{TB: t}
	s := Serve(r, txtar.Parse([]byte("-- /a --\nx\n")))
	s.mu.Lock() // the first one takes its time
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { get(t, s.URL+"/a") })
	}
	for s.open.Load() < 2 {
		runtime.Gosched()
	}
	s.mu.Unlock()
	wg.Wait()
	if len(r.failures) != 1 || !strings.Contains(r.failures[0], "under way") {
		t.Errorf("failures %q", r.failures)
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
		"no colon":            {Name: "/a", Data: []byte("> ETag\n")},
		"no status":           {Name: "/a", Data: []byte("> status: fine\n")},
		"unknown charset":     {Name: "/a", Data: []byte("> charset: klingon\nx")},
		"not in charset":      {Name: "/a", Data: []byte("> charset: windows-874\nខ្មែរ")},
		"unknown encoding":    {Name: "/a", Data: []byte("> encoding: rot13\nx")},
		"not valid base64":    {Name: "/a", Data: []byte("> encoding: base64\n***")},
		"unknown expectation": {Name: "/a", Data: []byte("> expect: wonders\nx")},
		"informal status 1":   {Name: "/a", Data: []byte("> status: 100\n")},
	} {
		if _, err := parseAnswer(file, "http://x"); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
