package oaipmh

import (
	"encoding/json"
	"time"

	"ctiphub/harvester"
	"ctiphub/internal/oai"
)

// The phases of a run.
const (
	listing  = "list"  // ListRecords
	sweeping = "sweep" // ListIdentifiers behind it, to see what is gone
	done     = "done"
)

const stateVersion = 1

// relearn is how long a quirk is believed that the hub cannot see mended.
const relearn = 30 * 24 * time.Hour

// state is what a cursor holds: where a list stands, and what the next run must know.
type state struct {
	Version int    `json:"v"`
	Phase   string `json:"phase"`

	// What is listed. When the configuration no longer says so, the run begins anew.
	Base        string `json:"base"`
	Set         string `json:"set,omitempty"`
	Prefix      string `json:"prefix"`
	Granularity string `json:"granularity,omitempty"`
	Deletes     string `json:"deletes,omitempty"`
	Earliest    string `json:"earliest,omitempty"`

	Since  time.Time `json:"since,omitzero"`  // lower bound of the run; zero: all there is
	First  time.Time `json:"first,omitzero"`  // time of the run's first answer: the next run begins there
	Swept  time.Time `json:"swept,omitzero"`  // First of the last run that listed everything
	Toggle bool      `json:"toggle,omitzero"` // the other granularity was tried
	Sweep  bool      `json:"sweep,omitzero"`  // a list of all identifiers is to follow
	Doubt  bool      `json:"doubt,omitzero"`  // a part was taken for empty that did not say so
	Served int       `json:"served,omitzero"` // records of the run so far
	Old    int       `json:"old,omitzero"`    // of them, those that did not change since Since
	Single int       `json:"single,omitzero"` // records that were asked for one by one

	Windows []window      `json:"windows,omitempty"` // still to be listed, the one at hand first
	Splits  int           `json:"splits,omitzero"`
	Refused time.Duration `json:"refused,omitzero"` // shortest period that was too much in this run
	list

	Learnt learnt `json:"learnt,omitzero"`
}

// learnt is what the hub found out about an endpoint, so that the next run begins with it.
type learnt struct {
	Granularity   string        `json:"granularity,omitempty"` // that it accepts, where it is not the Stated one
	Stated        string        `json:"stated,omitempty"`
	Refused       []string      `json:"refused,omitempty"`      // prefixes that it announces and refuses
	Span          time.Duration `json:"span,omitzero"`          // longest period that it lists in one piece
	EmptyRefused  bool          `json:"emptyRefused,omitzero"`  // it answers 422 where there is nothing
	NoIdentifiers bool          `json:"noIdentifiers,omitzero"` // it does not answer ListIdentifiers
	FromIgnored   time.Time     `json:"fromIgnored,omitzero"`   // when it sent everything whatever was asked for
}

// list is where the list of the window at hand stands.
type list struct {
	Token     string `json:"token,omitempty"`
	Restarted bool   `json:"restarted,omitzero"`
	Failed    bool   `json:"failed,omitzero"` // this token failed in a run before
	Listed    int    `json:"listed,omitzero"`
	Total     int    `json:"total,omitzero"`
	Pages     int    `json:"pages,omitzero"`
	Empty     int    `json:"empty,omitzero"` // empty pages in a row
	LastPage  uint64 `json:"lastPage,omitzero"`
	// Tortoise is the token of the page with the number of a power of two. By Brent's
	// method it finds any circle in the end, however often the process is restarted.
	Tortoise uint64 `json:"tortoise,omitzero"`
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
	if c == "" || json.Unmarshal([]byte(c), &s) != nil || s.Version != stateVersion {
		return state{}
	}
	switch s.Phase {
	case done:
		return s
	case listing, sweeping:
		if len(s.Windows) > 0 && s.Prefix != "" {
			return s
		}
	}
	return state{}
}

// verb is what is asked for in the phase at hand.
func (s *state) verb() string {
	if s.Phase == sweeping {
		return "ListIdentifiers"
	}
	return "ListRecords"
}

// stamp writes a bound at the granularity of the repository.
func (s *state) stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return oai.FormatStamp(t, s.Granularity)
}

// sweepAfter is how long a repository is believed without listing all of it again, by
// what it says of deletions; 0 means for ever.
func sweepAfter(deletedRecord string) time.Duration {
	switch deletedRecord {
	case "persistent":
		return 0
	case "transient":
		return 30 * 24 * time.Hour
	}
	return 7 * 24 * time.Hour
}

// overlap is how far an incremental run reaches back behind the last one: time for a
// repository's index to catch up, and for clocks and time zones that are a little wrong.
func overlap(first time.Time, granularity string) time.Time {
	if granularity == oai.Seconds {
		return first.Add(-2 * time.Minute)
	}
	return first.UTC().AddDate(0, 0, -1).Truncate(24 * time.Hour)
}

// restart begins the list of the window at hand anew.
func (r *run) restart() {
	r.state.list = list{}
	clear(r.seen)
}
