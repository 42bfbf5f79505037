package demo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func start(t testing.TB, c Config) *Federation {
	t.Helper()
	f, err := Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return f
}

// ask sends one request; header are names and values in turn.
func ask(ctx context.Context, url string, header ...string) (*http.Response, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, nil, err
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}
	resp, err := client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, body, err
}

func get(t testing.TB, url string, header ...string) (*http.Response, []byte) {
	t.Helper()
	resp, body, err := ask(t.Context(), url, header...)
	if err != nil {
		t.Fatal(err)
	}
	return resp, body
}

// patiently asks again where a busy site says 503.
func patiently(t testing.TB, url string) (*http.Response, []byte) {
	t.Helper()
	resp, body := get(t, url)
	if resp.StatusCode == http.StatusServiceUnavailable {
		return get(t, url)
	}
	return resp, body
}

func siteOf(t testing.TB, f *Federation, id string) Site {
	t.Helper()
	for _, s := range f.Sites() {
		if s.ID == id {
			return s
		}
	}
	t.Fatalf("there is no site %s", id)
	return Site{}
}

func TestFederationIsComplete(t *testing.T) {
	f := start(t, Config{Seed: 1})
	countries, kinds, ids := map[string]bool{}, map[string]int{}, map[string]bool{}
	for _, s := range f.Sites() {
		countries[s.Country], ids[s.ID] = true, true
		kinds[s.Kind]++
		if s.Note == "" || !strings.HasPrefix(s.Name, "Demo: ") || len(s.Languages) == 0 || !strings.HasPrefix(s.URL, "http://127.0.0.1:") {
			t.Errorf("site %+v says too little", s)
		}
		switch s.Kind {
		case "website":
			if s.Discover == "list" != (s.Item != "" && s.Next != "") || len(s.Include) == 0 {
				t.Errorf("%s does not say how its pages are found", s.ID)
			}
		case "oai-pmh":
			if s.Prefix == "" {
				t.Errorf("%s names no format", s.ID)
			}
		}
		if s.Country != "" && !slices.Equal(s.Defaults.Countries, []string{s.Country}) {
			t.Errorf("the default country of %s is %v", s.ID, s.Defaults.Countries)
		}
		for path, want := range map[string]string{"": s.Name, "about": s.Note, "robots.txt": "User-agent: *"} {
			resp, body := patiently(t, s.Home+path)
			// A browser would show the note as it was written.
			text := strings.NewReplacer("&#34;", `"`, "&#39;", "'").Replace(string(body))
			if resp.StatusCode != http.StatusOK || !strings.Contains(text, want) {
				t.Errorf("/%s of %s answers %d without %q", path, s.ID, resp.StatusCode, want)
			}
		}
	}
	for _, c := range strings.Fields("BN ID KH LA MM MY PH SG TH TL VN") {
		if !countries[c] {
			t.Errorf("no agency of %s", c)
		}
	}
	if len(ids) < 15 || kinds["oai-pmh"] != 2 || kinds["feed"] < 4 || kinds["website"] < 7 {
		t.Errorf("the kinds of the %d sites are %v", len(ids), kinds)
	}
	if sites := f.Sites(); sites[len(sites)-1].ID != "demo-partner" {
		t.Error("the partner repository is not the last site")
	}
}

// crawl reads everything that a site links to from its front pages, and its entry.
func crawl(t *testing.T, s Site) map[string][32]byte {
	t.Helper()
	home := strings.TrimSuffix(s.Home, "/")
	todo, pages := []string{s.Home, s.URL, s.Home + "publications"}, map[string][32]byte{}
	if s.Kind == "oai-pmh" {
		todo = append(todo, s.URL+"?verb=Identify", s.URL+"?verb=ListRecords&metadataPrefix="+s.Prefix)
	}
	if s.Discover == "sitemap" {
		todo = append(todo, s.Home+"sitemap-publications.xml")
	}
	for len(todo) > 0 {
		url := todo[0]
		todo = todo[1:]
		key := strings.TrimPrefix(url, home)
		if _, done := pages[key]; done {
			continue
		}
		_, body := patiently(t, url)
		pages[key] = sha256.Sum256(bytes.ReplaceAll(body, []byte(home), nil))
		for _, m := range links.FindAllSubmatch(body, -1) {
			if path := string(m[1]); !strings.Contains(path, "/oai") && len(pages) < 12 {
				todo = append(todo, home+path)
			}
		}
	}
	return pages
}

// TestSameSeedSameBytes compares two federations page by page, addresses aside. Packed
// sitemaps are left out: their bytes hold addresses that cannot be put aside.
func TestSameSeedSameBytes(t *testing.T) {
	sum := func(seed uint64) map[string][32]byte {
		f := start(t, Config{Seed: seed})
		f.Advance()
		all := map[string][32]byte{}
		for _, s := range f.Sites() {
			if s.ID == "demo-ngo-shelters" || s.ID == "demo-bn-community" {
				continue // slow; packed
			}
			for path, digest := range crawl(t, s) {
				all[s.ID+" "+path] = digest
			}
		}
		return all
	}
	one, two, other := sum(7), sum(7), sum(8)
	if len(one) < 100 {
		t.Errorf("only %d pages were compared", len(one))
	}
	same := 0
	for page, digest := range one {
		if digest != two[page] {
			t.Errorf("%s differs between two starts with one seed", page)
		}
		if digest == other[page] {
			same++
		}
	}
	if same > len(one)/2 {
		t.Errorf("%d of %d pages are the same under another seed", same, len(one))
	}
}

func TestNow(t *testing.T) {
	f := start(t, Config{Seed: 1, Now: time.Date(2030, 2, 3, 15, 0, 0, 0, time.UTC)})
	_, body := get(t, siteOf(t, f, "demo-partner").URL+"?verb=ListRecords&metadataPrefix=oai_dc")
	if !bytes.Contains(body, []byte("<responseDate>2030-02-03T00:00:00Z")) || !bytes.Contains(body, []byte("<datestamp>2030-02-02T")) {
		t.Errorf("the repository does not keep to the day: %.700s", body)
	}
	if bytes.Contains(body, []byte("<dc:date>2030")) {
		t.Error("something was published in the year that has just begun")
	}
}

func TestControls(t *testing.T) {
	f := start(t, Config{Seed: 1})
	s := siteOf(t, f, "demo-kh-social")
	get(t, s.Home+"publications?page=2", "User-Agent", "Harvester/1.0 (+https://hub.example/about)")
	f.Break(s.ID, http.StatusInternalServerError)
	if resp, _ := get(t, s.Home); resp.StatusCode != http.StatusInternalServerError {
		t.Errorf("a broken site answers %d", resp.StatusCode)
	}
	f.Break(s.ID, 0)
	f.Vanish(s.ID, true)
	if resp, _, err := ask(t.Context(), s.Home); err == nil {
		t.Errorf("a site that is gone answers %d", resp.StatusCode)
	}
	f.Vanish(s.ID, false)
	if resp, _ := get(t, s.Home); resp.StatusCode != http.StatusOK {
		t.Errorf("a site that came back answers %d", resp.StatusCode)
	}
	log := f.Requests(s.ID)
	var statuses []int
	for _, r := range log {
		statuses = append(statuses, r.Status)
	}
	if !slices.Contains(statuses, 0) || statuses[0] != 200 || statuses[1] != 500 || statuses[len(statuses)-1] != 200 {
		t.Errorf("the log has the states %v, want 200, 500, some 0, 200", statuses)
	}
	if r := log[0]; r.Path != "/publications?page=2" || !strings.HasPrefix(r.UserAgent, "Harvester/1.0") || time.Since(r.Time) > time.Minute {
		t.Errorf("the log has %+v", r)
	}
	if f.Requests("nobody") != nil {
		t.Error("an unknown site has a log")
	}
}

func TestLogIsBounded(t *testing.T) {
	s := &site{}
	for n := range maxLog + 10 {
		s.log(&http.Request{URL: &url.URL{Path: fmt.Sprint("/", n)}}, 200)
	}
	if n := len(s.requests); n > maxLog || s.requests[n-1].Path != fmt.Sprint("/", maxLog+9) {
		t.Errorf("%d requests are kept, the last is %s", n, s.requests[n-1].Path)
	}
}

func TestPortsAreKept(t *testing.T) {
	if got := Ports(9000, 3); !slices.Equal(got, []int{9000, 9001, 9002}) {
		t.Errorf("a block of three ports from 9000 is %v", got)
	}
	f, err := Start(t.Context(), Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	ports := f.Ports()
	_, err = Start(t.Context(), Config{Seed: 1, Ports: ports})
	if first := fmt.Sprint(ports[0]); err == nil || !strings.Contains(err.Error(), "another demo") || !strings.Contains(err.Error(), first) {
		t.Errorf("a second federation on the same ports gives %v", err)
	}
	if err := f.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := start(t, Config{Seed: 1, Ports: ports})
	if !slices.Equal(again.Ports(), ports) {
		t.Errorf("ports are %v, want %v", again.Ports(), ports)
	}
	if _, err := Start(t.Context(), Config{Addr: "192.0.2.1"}); err == nil || !strings.Contains(err.Error(), "demo-bn-community") {
		t.Errorf("an address that is not ours gives %v", err)
	}
}

// TestCloseFreesEverything closes a federation while a browser keeps a connection open
// and a harvester waits for the slow site.
func TestCloseFreesEverything(t *testing.T) {
	goroutines := runtime.NumGoroutine()
	f, err := Start(t.Context(), Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	slow := siteOf(t, f, "demo-ngo-shelters")
	conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(slow.Home, "http://"), "/"))
	if err != nil {
		t.Fatal(err)
	}
	waiting := make(chan error, 1)
	go func() {
		_, _, err := ask(context.Background(), slow.Home)
		waiting <- err
	}()
	began := time.Now()
	if err := f.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("closing took %v", took)
	}
	<-waiting // an error or not: what matters is that it ends
	if err := conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	for _, port := range f.Ports() {
		l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", port))
		if err != nil {
			t.Errorf("port %d is not free: %v", port, err)
			continue
		}
		_ = l.Close()
	}
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > goroutines; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines are left of %d", runtime.NumGoroutine(), goroutines)
		}
	}
}
