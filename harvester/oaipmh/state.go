package oaipmh

import (
	"encoding/json"
	"fmt"
	"time"

	"ctiphub/harvester"
	"ctiphub/internal/oai"
)

// The phases of a run.
const (
	listing = "list"
	done    = "done"
)

const stateVersion = 1

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

	Windows []window `json:"windows,omitempty"` // still to be listed, the one at hand first
	Splits  int      `json:"splits,omitzero"`
	list
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

// window is a period of datestamps, both ends included; zero means open.
type window struct {
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
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
	if s.Phase == listing && (len(s.Windows) == 0 || s.Prefix == "") {
		return state{}
	}
	return s
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

// split halves the window at hand. The outer ends stay open where they were, so that
// nothing is lost to a wrong earliestDatestamp.
func (r *run) split(why error) error {
	s := &r.state
	w := s.Windows[0]
	lower, upper := w.From, w.Until
	if lower.IsZero() {
		lower = r.earliest()
	}
	if upper.IsZero() {
		upper = s.First
		if upper.IsZero() {
			upper = r.now()
		}
	}
	unit := 24 * time.Hour
	if s.Granularity == oai.Seconds {
		unit = time.Second
	}
	middle := lower.Add(upper.Sub(lower) / 2).Truncate(unit).Add(unit - time.Second)
	if s.Splits >= 60 || !middle.Before(upper.Truncate(unit)) || middle.Before(lower) {
		return fmt.Errorf("%w; dividing the list by date did not help", why)
	}
	s.Windows = append([]window{{w.From, middle}, {middle.Add(time.Second), w.Until}}, s.Windows[1:]...)
	s.Splits++
	r.restart()
	s.Restarted = true // the parts are small: they are divided again at once
	r.note("window-split", "the list could not be had in one piece and was divided by date")
	return nil
}

// earliest is where dividing begins: what Identify says, if it can be true.
func (r *run) earliest() time.Time {
	t, _, err := oai.ReadStamp(r.state.Earliest)
	if oldest := time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC); err != nil || t.Before(oldest) || t.After(r.now()) {
		return oldest
	}
	return t
}

// restart begins the list of the window at hand anew.
func (r *run) restart() {
	r.state.list = list{}
	clear(r.seen)
}
