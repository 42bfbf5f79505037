package analytics

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// robotsList is the list of the COUNTER project (MIT, https://github.com/atmire/COUNTER-Robots):
// the Code of Practice, section 7.8, has its patterns matched without regard to case.
//
//go:embed robots/COUNTER_Robots_list.json
var robotsList []byte

// RobotsVersion says which list of robots is in use: the date of its last change, and the
// number of our additions and exceptions.
const RobotsVersion = "COUNTER-Robots 2024-04-22, hub 1"

// phones are those whose names the list takes for robots: "bot" is in CUBOT, the name of
// cheap phones that readers in the region use.
var phones = regexp.MustCompile(`(?i)\bcubot(?:_|\b)`)

// missing are fetchers of companies that the list does not know of yet.
const missing = `chatgpt-user|meta-externalagent|meta-externalfetcher|oai-searchbot|perplexity-user|headlesschrome|prefetch`

// robots tells programs from people by the name that a browser gives itself. Verdicts are kept in
// memory: the list takes tens of microseconds.
type robots struct {
	pattern *regexp.Regexp
	mu      sync.Mutex
	known   map[string]bool
}

// mostAgents bounds the verdicts that are kept; when they are too many, all are forgotten.
const mostAgents = 4096

func newRobots() (*robots, error) {
	var list []struct {
		Pattern string `json:"pattern"`
	}
	if err := json.Unmarshal(robotsList, &list); err != nil {
		return nil, fmt.Errorf("reading the list of robots: %w", err)
	}
	parts := []string{missing}
	for _, p := range list {
		parts = append(parts, "(?:"+p.Pattern+")")
	}
	pattern, err := regexp.Compile("(?i)" + strings.Join(parts, "|"))
	if err != nil {
		return nil, fmt.Errorf("reading the list of robots: %w", err)
	}
	return &robots{pattern: pattern, known: map[string]bool{}}, nil
}

// is reports whether an agent is a program.
func (r *robots) is(agent string) bool {
	if len(agent) > 1000 {
		agent = agent[:1000]
	}
	r.mu.Lock()
	verdict, ok := r.known[agent]
	r.mu.Unlock()
	if ok {
		return verdict
	}
	verdict = r.pattern.MatchString(phones.ReplaceAllString(agent, ""))
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.known) >= mostAgents {
		clear(r.known)
	}
	r.known[agent] = verdict
	return verdict
}
