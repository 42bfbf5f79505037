package record

import "time"

// Entry is one record as the catalogue publishes it: its place in the change log and
// what a consumer may see of it.
type Entry struct {
	Record  Record    // of a deleted entry only ID and Origin.Source are set
	Seq     int64     // number of its last change; strictly increasing over the catalogue
	Stamp   time.Time // UTC, whole seconds; never decreases as Seq increases
	Deleted bool
	Sets    []string // set specs, sorted: "country:KH", "theme:protection-support:shelter", …
}

// Range selects published entries in order of Seq. The zero Range is everything.
type Range struct {
	After int64     // only entries with a greater Seq
	Upto  int64     // and none with a greater one than this; 0: no bound
	From  time.Time // inclusive; zero: no bound
	Until time.Time // inclusive; zero: no bound
	Set   string    // "" for all; a set spec includes its descendants
	Limit int       // at most so many; 0: the store's default of 1000
}

// Set is one set spec in use, with how many published entries (deleted ones included)
// it holds.
type Set struct {
	Spec  string
	Count int
}
