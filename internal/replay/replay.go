// Package replay serves recorded pages of a source to tests, and watches how they are
// asked for.
//
// In flows a txtar archive: each file is the answer to one path (with query). Out flow
// those answers on a loopback port, and a failing test for every request that is
// unexpected or rude: an unknown path, no named user agent, a path that the archive's
// robots.txt disallows, a pace faster than its Crawl-delay, a request before the time that
// a Retry-After named, two requests at a time, another method than GET or a Range where
// the archive does not expect it. It stores nothing, and must not know which client is
// tested: its judge of robots.txt is another implementation than the one of the hub.
package replay

import (
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
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
	Method      string
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

	open atomic.Int32 // requests that are being answered

	mu        sync.Mutex
	answers   map[string][]answer // the last one is repeated
	requests  []Request
	validated map[string]bool // paths whose last answer had validators
	notBefore time.Time       // by Retry-After
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
// bytes written as text, gzip to compress what is sent), "expect" for what else may be or
// has to be asked: HEAD, POST, range, and conditional, by which a request that does not
// send the validators it was given fails the test. "{{base}}" in headers and bodies becomes
// the server's URL. Several files of one name are answers one after the other.
func Serve(t testing.TB, archive *txtar.Archive) *Server {
	t.Helper()
	s := &Server{t: t, answers: map[string][]answer{}, validated: map[string]bool{}}
	web := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(web.Close)
	s.URL = web.URL
	s.Load(archive)
	return s
}

// Load replaces what is served, as a site that was edited, and forgets the requests but
// not which validators were given.
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
	if n := s.open.Add(1); n > 1 {
		s.t.Errorf("replay: %s was asked for while another request was under way", r.URL.RequestURI())
	}
	answered := sync.OnceFunc(func() { s.open.Add(-1) })
	defer answered()
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
		list = []answer{{status: http.StatusNotFound, expect: expectations}}
	case len(list) > 1:
		s.answers[path] = list[1:]
	}
	a := list[0]
	s.hold(r, path, a)
	if len(a.body) > unread {
		answered()
	}
	sent := a.write(w, r)
	sent.Method, sent.Path, sent.At = r.Method, path, time.Now()
	s.requests = append(s.requests, sent)
	s.remember(path, a, sent.At)
}

// unread is how large an answer may be that fits between server and client. Of a larger
// one, a client may have read enough and go on before the server notices.
const unread = 32 << 10

// hold holds how a request asks against what its answer expects; s.mu is held.
func (s *Server) hold(r *http.Request, path string, a answer) {
	if r.Method != http.MethodGet && !slices.Contains(a.expect, r.Method) {
		s.t.Errorf("replay: unexpected %s for %s", r.Method, path)
	}
	if r.Header.Get("Range") != "" && !slices.Contains(a.expect, "range") {
		s.t.Errorf("replay: unexpected Range (%s) for %s", r.Header.Get("Range"), path)
	}
	conditional := r.Header.Get("If-None-Match") != "" || r.Header.Get("If-Modified-Since") != ""
	if slices.Contains(a.expect, "conditional") && s.validated[path] && !conditional {
		s.t.Errorf("replay: %s was asked for again without the validators that came with it", path)
	}
}

// remember notes what an answer asks of the next requests; s.mu is held.
func (s *Server) remember(path string, a answer, now time.Time) {
	if a.status == http.StatusOK {
		s.validated[path] = a.header.Get("ETag") != "" || a.header.Get("Last-Modified") != ""
	}
	if a.status != http.StatusTooManyRequests && a.status != http.StatusServiceUnavailable {
		return
	}
	if seconds, err := strconv.Atoi(a.header.Get("Retry-After")); err == nil {
		s.notBefore = now.Add(time.Duration(float64(seconds) * (1 - leeway) * float64(time.Second)))
	} else if at, err := http.ParseTime(a.header.Get("Retry-After")); err == nil {
		s.notBefore = at.Add(-time.Second) // it is written in whole seconds
	}
}

// judge fails the test for a rude request; s.mu is held.
func (s *Server) judge(r *http.Request, path string) {
	if agent := r.UserAgent(); !strings.HasPrefix(agent, Agent) || !strings.Contains(agent, "(+") {
		s.t.Errorf("replay: %s was asked for by %q, which does not begin with %q or names no contact", path, agent, Agent)
	}
	if early := time.Until(s.notBefore); early > 0 {
		s.t.Errorf("replay: %s was asked for although the server asked to be left alone for %s more", path, early.Round(time.Millisecond))
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
