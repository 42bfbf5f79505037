package api

import (
	"encoding/json"
	"hash/fnv"
	"time"

	"ctiphub/harvester"
)

// state is what a cursor holds: where the list stands, and what the next run must know.
type state struct {
	URL      string    `json:"url"`            // of the list
	Recipe   uint64    `json:"recipe"`         // hash of what is listed there; another recipe begins anew
	Began    time.Time `json:"began"`          // when the run asked first: the next one asks for what changed since
	Swept    time.Time `json:"swept"`          // Began of the last run that listed everything
	Since    time.Time `json:"since,omitzero"` // lower bound of the run; zero: all there is
	Next     string    `json:"next,omitempty"` // address of the next page, without the key
	Mark     string    `json:"mark,omitempty"` // cursor of the API
	Page     int       `json:"page,omitempty"` // number of the next page
	Full     int       `json:"full,omitempty"` // items on a full page, as the API gives them
	Listed   int       `json:"listed,omitempty"`
	Total    int       `json:"total,omitempty"`
	Empty    int       `json:"empty,omitempty"` // empty pages in a row
	Requests int       `json:"requests,omitempty"`
	Last     uint64    `json:"last,omitempty"`   // hash of the identifiers of the last page
	Given    int       `json:"given,omitempty"`  // items of the answer at hand that were handed on
	Answer   uint64    `json:"answer,omitempty"` // hash of that answer
	Flawed   bool      `json:"flawed,omitempty"` // something of the list could not be taken
	Cut      bool      `json:"cut,omitempty"`    // the list was left before its end
	Short    bool      `json:"short,omitempty"`  // the list ended, but may not have named everything
	Done     bool      `json:"done,omitempty"`
}

// readState reads a cursor. One that cannot be read, or is of an older version, is the
// beginning: its recipe is not that of the source.
func readState(c harvester.Cursor) (s state) {
	if json.Unmarshal([]byte(c), &s) != nil {
		return state{}
	}
	return s
}

func (s state) cursor() harvester.Cursor {
	b, err := json.Marshal(s)
	if err != nil {
		return "" // times and texts can always be written
	}
	return harvester.Cursor(b)
}

// recipeOf tells recipes apart by all that decides what is listed. Where its pages are, and
// what the variable of the key is called, changes nothing.
func recipeOf(r harvester.APIRecipe) uint64 {
	r.Key, r.URL = harvester.APIKey{}, nil
	b, err := json.Marshal(r)
	if err != nil {
		return 0 // texts and numbers can always be written
	}
	return sum(string(b))
}

// sum is the hash of a text.
func sum(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}
