package demo

import "net/http"

// Accident is a misfortune of a web site that the hub must not make its own.
type Accident string

// The accidents of web sites.
const (
	Lose     Accident = "lose"     // half of its pages are no longer listed
	Rename   Accident = "rename"   // every page has a new address
	Undate   Accident = "undate"   // a new template forgets the dates
	Rebuild  Accident = "rebuild"  // a new template carries other metadata than the old one
	Firewall Accident = "firewall" // a bot filter answers in its place
	Empty    Accident = "empty"    // nothing is listed at all
)

// Suffer lets an accident happen to a site, or undoes it.
func (f *Federation) Suffer(id string, a Accident, on bool) {
	s := f.site(id)
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accident == nil {
		s.accident = map[Accident]bool{}
	}
	s.accident[a] = on
}

func (s *site) suffers(a Accident) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accident[a]
}

// challenge answers as a bot filter does.
func challenge(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=UTF-8")
	h.Set("Server", "cloudflare")
	h.Set("Cf-Mitigated", "challenge")
	h.Set("Cf-Ray", "8f00d5c0ffee0000-SIN")
	w.WriteHeader(http.StatusForbidden)
	_, _ = w.Write([]byte("<!doctype html><title>Just a moment...</title><p>Enable JavaScript and cookies to continue</p>")) // the visitor has gone, if anything
}
