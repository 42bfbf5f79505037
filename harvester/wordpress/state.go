package wordpress

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ctiphub/harvester"
)

// The phases of a run.
const (
	listing = "list"
	done    = "done"
)

const stateVersion = 1

// sweepAfter is how long a site is believed without listing everything: the API tells
// what changed, never what is gone.
const sweepAfter = 7 * 24 * time.Hour

// overlap is how far an incremental run reaches back behind the last one: time for caches
// and replicas of the site, and for clocks that are a little wrong.
const overlap = time.Hour

// What a list asks for.
const (
	everything = ""          // entries in order of their ids
	newest     = "newest"    // the latest entries only
	changed    = "changed"   // entries changed since the last run
	published  = "published" // entries published since then: one that was scheduled does not count as changed
	ids        = "ids"       // identifiers of all entries, to see which ones are new, changed or gone
)

// state is what a cursor holds: where the run stands, and what the next one must know.
type state struct {
	Version int    `json:"v"`
	Phase   string `json:"phase"`
	// URL and Recipe tell whether the configuration is still the one that the state is of.
	URL    string    `json:"url"`
	Recipe string    `json:"recipe"`
	Site   site      `json:"site"`
	First  time.Time `json:"first,omitzero"` // when the run began: the next one goes back to it
	Since  time.Time `json:"since,omitzero"` // of an incremental run
	Swept  time.Time `json:"swept,omitzero"` // when the last whole listing began
	Whole  bool      `json:"whole,omitzero"` // so far the run lists all that there is
	Good   int       `json:"good,omitzero"`  // lists that could be read
	Before int       `json:"before,omitzero"`
	Lists  []list    `json:"lists,omitempty"` // still to be read, the one at hand first
	place
}

// list is one list of the API.
type list struct {
	Type   string `json:"type"` // REST base
	What   string `json:"what,omitempty"`
	Lang   string `json:"lang,omitempty"`
	Filter string `json:"filter,omitempty"` // parameters that choose among the entries
}

// place is where the list at hand stands.
type place struct {
	Offset int    `json:"offset,omitzero"`
	Size   int    `json:"size,omitzero"`  // entries asked for at once; 0: as many as can be
	Total  int    `json:"total,omitzero"` // as the site says
	Backs  int    `json:"backs,omitzero"`
	Broken int    `json:"broken,omitzero"` // entries that the server failed on
	Fit    int    `json:"fit,omitzero"`    // most entries that it gave at once
	Grow   bool   `json:"grow,omitzero"`   // come back to that, behind an entry that it failed on
	Print  string `json:"print,omitempty"` // of the last answer, to notice a list that goes round
}

func (s state) cursor() harvester.Cursor {
	b, err := json.Marshal(s)
	if err != nil {
		return "" // cannot be: no field of a state can fail
	}
	return harvester.Cursor(b)
}

// readState reads a cursor. One that this version does not understand is the beginning.
func readState(c harvester.Cursor) state {
	var s state
	if c == "" || json.Unmarshal([]byte(c), &s) != nil || s.Version != stateVersion || s.Site.Root == "" ||
		s.Phase == listing && len(s.Lists) == 0 || s.Offset < 0 || s.Size < 0 || s.Size > perPage {
		return state{}
	}
	return s
}

// recipeOf is a fingerprint of what decides on the lists.
func recipeOf(r harvester.WordPressRecipe) string {
	b, err := json.Marshal(r)
	if err != nil {
		return "" // cannot be: no field of a recipe can fail
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// begin decides whether the run goes on with its lists, asks for what changed, or lists
// everything: entry by entry at first, by identifiers later. Lists that were begun long ago
// are begun anew: an API that is no longer there would hold them up for ever.
func (r *run) begin() error {
	old, now := readState(r.from.Cursor), r.now().UTC().Truncate(time.Second)
	same := old.Recipe == recipeOf(r.src.WordPress) && old.URL == r.src.URL
	if same && old.Phase == listing && now.Sub(old.First) <= sweepAfter && (!r.from.Full || old.Since.IsZero()) {
		r.state = old
		return nil
	}
	switch {
	case r.from.Full, !same, old.First.IsZero():
		return r.whole(everything)
	case now.Sub(old.Swept) > sweepAfter:
		return r.whole(ids)
	}
	r.state = r.blank()
	s := &r.state
	s.Site, s.Swept, s.Since = old.Site, old.Swept, old.First.Add(-overlap)
	s.Lists = r.lists([]string{changed, published})
	return nil
}

// blank is the state of a run that begins now.
func (r *run) blank() state {
	return state{
		Version: stateVersion, Phase: listing, URL: r.src.URL, Recipe: recipeOf(r.src.WordPress),
		First: r.now().UTC().Truncate(time.Second),
	}
}

// whole finds out about the site and plans to list all of it.
func (r *run) whole(what string) error {
	r.state, r.discovered = r.blank(), true
	if err := r.discover(); err != nil {
		return err
	}
	s := &r.state
	s.Whole, s.Swept = !s.Site.Partly, s.First
	s.Lists = r.lists([]string{what})
	return nil
}

// lists plans the run: each type in each language by each choice.
func (r *run) lists(whats []string) []list {
	var plan []list
	languages := r.src.WordPress.Languages
	if len(languages) == 0 {
		languages = []string{""}
	}
	for _, t := range r.state.Site.Types {
		for _, filter := range r.filters(t) {
			for _, lang := range languages {
				for _, what := range whats {
					if t.Base == postsBase && filter == "" && !r.src.WordPress.All && (what == everything || what == ids) {
						what = newest
						r.state.Whole = false
					}
					if t.Base == mediaBase && what == published {
						continue // the hour of a file is that of its upload
					}
					plan = append(plan, list{Type: t.Base, What: what, Lang: lang, Filter: filter})
				}
			}
		}
	}
	return plan
}

// filters are the choices that apply to a type, one list each. A type to which none of
// them applies is taken as a whole: the recipe names it on purpose.
func (r *run) filters(t contentType) []string {
	var filters []string
	for _, c := range r.state.Site.Chosen {
		if t.has(c.Taxonomy) {
			filters = append(filters, url.Values{c.Taxonomy: {strings.Join(c.IDs, ",")}}.Encode())
		}
	}
	for _, words := range r.src.WordPress.Search {
		filters = append(filters, url.Values{"search": {words}}.Encode())
	}
	if len(filters) == 0 {
		return []string{""}
	}
	return filters
}

// clock corrects the beginning of the run by the server's clock, by which it stamps its
// entries, unless that is ahead of ours.
func (s *state) clock(h http.Header) {
	if t, err := http.ParseTime(h.Get("Date")); err == nil && s.Good == 0 && s.Offset == 0 && t.Before(s.First) {
		s.First = t.UTC()
	}
}
