// Package replay serves recorded pages of a source to tests, and watches how they are
// asked for.
//
// In flows a txtar archive: each file is the answer to one path (with query). Out flow
// those answers on a loopback port, and a failing test for every request that is
// unexpected or rude: an unknown path, no named user agent, a path that the archive's
// robots.txt disallows, or a pace faster than its Crawl-delay. It stores nothing, and must
// not know which client is tested: its judge of robots.txt is another implementation than
// the one of the hub.
package replay

import (
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/temoto/robotstxt"
	"golang.org/x/tools/txtar"
)

// Agent is what the user agent of every request must begin with.
const Agent = "CTIPHub/"

// token is the part of the user agent that robots.txt addresses.
const token = "ctiphub"

// leeway is the share of a declared Crawl-delay that a request may come too early:
// between the clocks of client and server lies the network.
const leeway = 0.2

// Request is one request as it was answered.
type Request struct {
	Path        string // with query
	Status      int
	Conditional bool
	At          time.Time
	Bytes       int
}

// Server replays one archive.
type Server struct {
	URL string // "http://127.0.0.1:port"

	t      testing.TB
	robots *robotstxt.RobotsData

	mu       sync.Mutex
	answers  map[string][]answer // the last one is repeated
	requests []Request
}

// ServeFile serves the archive in a file until the test ends.
func ServeFile(t testing.TB, name string) *Server {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("reading the archive: %v", err)
	}
	return Serve(t, txtar.Parse(b))
}

// Serve serves an archive until the test ends. Files whose name does not begin with "/"
// are for the test itself and not served.
//
// A file may begin with lines "> Name: value": headers of the answer, "status" for its
// status, "charset" to send the text in another charset than UTF-8, "encoding" (base64 for
// bytes written as text, gzip to compress what is sent). "{{base}}" in headers and bodies
// becomes the server's URL. Several files of one name are answers one after the other.
func Serve(t testing.TB, archive *txtar.Archive) *Server {
	t.Helper()
	s := &Server{t: t, answers: map[string][]answer{}}
	web := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(web.Close)
	s.URL = web.URL
	s.Load(archive)
	return s
}

// Load replaces what is served, as a site that was edited, and forgets the requests.
func (s *Server) Load(archive *txtar.Archive) {
	s.t.Helper()
	answers := map[string][]answer{}
	for _, f := range archive.Files {
		if !strings.HasPrefix(f.Name, "/") {
			continue
		}
		a, err := parseAnswer(f, s.URL)
		if err != nil {
			s.t.Fatalf("archive: file %s: %v", f.Name, err)
		}
		answers[f.Name] = append(answers[f.Name], a)
	}
	rules, err := robotstxt.FromString("")
	if list := answers["/robots.txt"]; len(list) > 0 && list[len(list)-1].status == http.StatusOK {
		rules, err = robotstxt.FromBytes(list[len(list)-1].body)
	}
	if err != nil {
		s.t.Fatalf("archive: robots.txt: %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers, s.robots, s.requests = answers, rules, nil
}

// Requests returns what was asked so far, robots.txt included.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Paths returns the paths asked for in order, robots.txt left out.
func (s *Server) Paths() []string {
	var paths []string
	for _, r := range s.Requests() {
		if r.Path != "/robots.txt" {
			paths = append(paths, r.Path)
		}
	}
	return paths
}

// Reset forgets the requests so far.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := r.URL.RequestURI()
	s.judge(r, path)
	list := s.answers[path]
	switch {
	case len(list) == 0 && path == "/robots.txt":
		list = []answer{{status: http.StatusNotFound}}
	case len(list) == 0:
		s.t.Errorf("replay: unexpected request for %s", path)
		list = []answer{{status: http.StatusNotFound}}
	case len(list) > 1:
		s.answers[path] = list[1:]
	}
	sent := list[0].write(w, r)
	sent.Path, sent.At = path, time.Now()
	s.requests = append(s.requests, sent)
}

// judge fails the test for a rude request; s.mu is held.
func (s *Server) judge(r *http.Request, path string) {
	if agent := r.UserAgent(); !strings.HasPrefix(agent, Agent) || !strings.Contains(agent, "(+") {
		s.t.Errorf("replay: %s was asked for by %q, which does not begin with %q or names no contact", path, agent, Agent)
	}
	if path == "/robots.txt" {
		return
	}
	group := s.robots.FindGroup(token)
	if !s.robots.TestAgent(path, token) {
		s.t.Errorf("replay: %s was asked for although robots.txt disallows it", path)
	}
	if len(s.requests) == 0 {
		return
	}
	last := s.requests[len(s.requests)-1]
	if last.Path == "/robots.txt" {
		return // the pace was not known before
	}
	least := time.Duration(float64(group.CrawlDelay) * (1 - leeway))
	if gap := time.Since(last.At); gap < least {
		s.t.Errorf("replay: %s came %s after %s, but robots.txt declares a crawl delay of %s", path, gap, last.Path, group.CrawlDelay)
	}
}
