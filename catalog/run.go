package catalog

import "time"

// State is how a run ended, or that it goes on.
type State string

// The states of a run.
const (
	Running       State = "running"
	OK            State = "ok"
	OKWithRejects State = "ok-with-rejects"
	Partial       State = "partial" // some pages applied, then an error
	Held          State = "held"    // the guard wants a curator to look first
	Failed        State = "failed"
	SkippedRun    State = "skipped"
)

// Good reports whether the run counts as a good harvest.
func (s State) Good() bool { return s == OK || s == OKWithRejects }

// Run is the account of one visit to a source.
type Run struct {
	ID      int64
	Source  string
	Full    bool
	Started time.Time
	Ended   time.Time // zero while running
	State   State
	Cursor  string // of the last applied batch
	Resumed bool   // Begin found it unfinished
	Counts  Outcome
	Absent  int // records that a complete listing did not name
	Removed int // of those, past their grace period and now tombstones
	Message string
	// Decided is what a curator ruled on a held run, "" when nothing.
	Decided Verdict
}

// End says how the pulling of a run ended.
type End struct {
	Run        int64
	Now        time.Time
	Complete   bool   // the listing finished clean and named everything the source has
	Finished   bool   // the listing finished clean
	Err        string // why it stopped, in plain words; "" when Finished
	Skipped    string // why nothing was asked at all
	Blocked    string // which filter kept the hub out, with the facts; "" when none
	Held       string // why Apply held the run; "" when it did not
	MayBeEmpty bool
	Guard      Guard
	// Cursor is kept for the next, incremental run once this one is finished.
	Cursor string
}

// Guard limits what one run may take away.
type Guard struct {
	MaxLossPercent  int           `yaml:"max_loss_percent,omitempty" jsonschema:"description=Hold a run that would lose more than this share of the live records (15 when absent)"`
	MaxLossRecords  int           `yaml:"max_loss_records,omitempty" jsonschema:"description=… and more than this many of them (20 when absent)"`
	MaxChurnPercent int           `yaml:"max_churn_percent,omitempty" jsonschema:"description=Hold a run in which more than this share of the identifiers are new while as many vanished (30 when absent)"`
	MaxDropPercent  int           `yaml:"max_drop_percent,omitempty" jsonschema:"description=Hold a run in which a field vanished from more than this share of the records that had it (80 when absent)"`
	Grace           time.Duration `yaml:"-"` // absent for so long before it is removed; 7 days when 0
}

// SourceStatus is what the catalogue knows of a source.
type SourceStatus struct {
	Source   string
	Live     int
	Held     int
	Deleted  int
	LastRun  Run
	LastGood time.Time // end of the last good run; zero: never
}
