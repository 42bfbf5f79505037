package feed

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/url"
	"strconv"
	"strings"

	"ctiphub/harvester"
)

const stateVersion = 1

// What a run reads.
const (
	fill   = "fill"   // everything: the feed and all that lies behind it
	window = "window" // the feed as it is: the recipe chooses nothing
	gap    = "gap"    // what is new: the feed, and on until an entry is known
)

// keptEntries is how many of the newest entries the next run knows again.
const keptEntries = 200

// state is what a cursor holds: where the run stands, and what the next one must know.
type state struct {
	Version int      `json:"v"`
	URL     string   `json:"url"`
	Recipe  string   `json:"recipe"` // what decides on the entries
	Mode    string   `json:"mode"`
	Next    string   `json:"next,omitempty"`  // document to go on with; "" when the run is done
	N       int      `json:"n,omitzero"`      // its number, from 1
	Guess   bool     `json:"guess,omitzero"`  // nobody said that it exists
	Print   string   `json:"print,omitempty"` // of the entries of the document before
	Newest  []string `json:"newest,omitempty"`
	Before  []string `json:"before,omitempty"` // Newest of the run before
}

func (s state) cursor() harvester.Cursor {
	b, err := json.Marshal(s)
	if err != nil {
		return "" // cannot be: no field of a state can fail
	}
	return harvester.Cursor(b)
}

// begin decides what the run reads: it goes on where it was, fills up at first, and later
// takes what is new.
func begin(src harvester.Source, from harvester.From) (s state, fresh bool) {
	var old state
	if json.Unmarshal([]byte(from.Cursor), &old) != nil || old.Version != stateVersion || old.URL != src.URL {
		old = state{}
	}
	recipe := recipeOf(src.Feed)
	same := old.Version != 0 && old.Recipe == recipe
	if u, err := url.Parse(old.Next); same && err == nil && u.Host != "" && old.N > 1 && (!from.Full || old.Mode != gap) {
		return old, false
	}
	s = state{Version: stateVersion, URL: src.URL, Recipe: recipe, Next: src.URL, N: 1, Before: old.Newest}
	switch {
	case same && !from.Full && len(old.Newest) > 0:
		s.Mode = gap
	case src.Feed.Chosen():
		s.Mode = fill
	default:
		s.Mode = window
	}
	// What an unchanged document is known for was chosen by another recipe.
	return s, old.Version != 0 && !same
}

// anew goes back to the feed itself, for what is new since it was read.
func (s state) anew() state {
	return state{Version: stateVersion, URL: s.URL, Recipe: s.Recipe, Mode: gap, Next: s.URL, N: 1, Before: s.Newest}
}

// recipeOf is a fingerprint of what decides on the entries.
func recipeOf(r harvester.FeedRecipe) string {
	return mark(fmt.Sprintf("%q %v %v", r.Categories, r.All, r.Paged))
}

// mark is how an entry is remembered: without its host, so that a feed is not taken for a
// new one when its site moves to https.
func mark(id string) string {
	if u, err := url.Parse(id); err == nil && u.Host != "" {
		id = u.RequestURI()
	}
	h := fnv.New64a()
	h.Write([]byte(id))
	return strconv.FormatUint(h.Sum64(), 36)
}

func marks(ids []string) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = mark(id)
	}
	return list
}

// paged is the address of the n-th document of a feed of WordPress.
func paged(address string, n int) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	var kept []string
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		if pair != "" && !strings.HasPrefix(pair, "paged=") {
			kept = append(kept, pair)
		}
	}
	u.RawQuery = strings.Join(append(kept, "paged="+strconv.Itoa(n)), "&")
	return u.String()
}
