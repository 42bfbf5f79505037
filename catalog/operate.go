package catalog

import (
	"context"
	"time"

	"ctiphub/record"
)

// Blocked ends a run that a firewall or bot filter kept from the source: neither a failure
// of the source nor of the hub, and only the publisher can mend it.
const Blocked State = "blocked"

// Choice counts how often one rule set one field in the records that a run read. A shift
// in it shows that a site was rebuilt before anything is lost (selector drift).
type Choice struct {
	Field string
	Rule  string
	Count int
}

// HoldError is returned by Apply, which then stored nothing of the batch, when the guard
// wants a curator to look before the run goes on.
type HoldError struct{ Reason string }

func (e *HoldError) Error() string { return "held: " + e.Reason }

// Mode is what is done with a source, whatever its configuration says.
type Mode string

// The modes of a source.
const (
	Active  Mode = "active"
	Paused  Mode = "paused"  // not visited until resumed; what is published stays
	Retired Mode = "retired" // not visited any more; what is published stays, as no longer confirmed
	Purged  Mode = "purged"  // retired, and everything of it withdrawn
)

// SourceMode is the mode of one source, and who set it and why.
type SourceMode struct {
	Source string
	Mode   Mode
	Since  time.Time
	Who    string
	Why    string
	// LossPercent, when not 0, stands above the guard's MaxLossPercent: a curator raised it.
	LossPercent int
}

// Verdict is what a curator decided about a held run.
type Verdict string

// The verdicts on a held run.
const (
	Approve  Verdict = "approve"   // what the run found holds: finish it, or let it go on
	RollBack Verdict = "roll-back" // undo what the run changed
)

// Ruling is a curator's decision about the last run of a source.
type Ruling struct {
	Source  string
	Verdict Verdict
	Now     time.Time
	Who     string
	Why     string
	Guard   Guard
	// DryRun only counts.
	DryRun bool
}

// Effect is what a ruling or a purge did, or would do.
type Effect struct {
	Run       Run
	Restored  int // records put back as they were before the run
	Withdrawn int // live records that became tombstones
	Absent    int // records whose grace period began
}

// RecordChange is one line of what a run did: for the lists that a publisher sees.
type RecordChange struct {
	ID         record.ID
	Identifier string
	Title      string // "" of a deleted record
	Kind       string // "new", "changed", "deleted"
	// Before is the title that it had before the run, where that is still known.
	Before string
}

// LedgerRow is what was done at one host for one source on one day (UTC).
type LedgerRow struct {
	Day           time.Time
	Source        string // "" for what belongs to no source
	Host          string
	Requests      int
	Bytes         int64
	NotModified   int
	Throttled     int
	Errors        int
	Blocked       int
	RobotsAllowed int
	RobotsRefused int
	CrawlDelay    time.Duration
	Slowest       time.Duration
	Waited        time.Duration
	Served        time.Duration
	Limit         string // what took the most time, as fetch.HostStats has it
}

// Link is one address that records send readers to, as the link checker knows it.
type Link struct {
	URL     string
	Source  string // of a record that names it
	Status  string // "" not looked at, "ok", "dead", "unknown"
	Checked time.Time
	Next    time.Time // when it is due
	// Failures in a row, the time of the first of them, and the methods that failed
	// ("HEAD", "GET"): a link is dead after three over seven days by two methods.
	Failures int
	Since    time.Time
	Methods  string
	Code     int    // HTTP status of the last look, 0 without an answer
	Moved    string // where a permanent redirect leads
}

// Subscription is the hub's WebSub subscription to one topic of one source.
type Subscription struct {
	Source  string
	Topic   string
	Hub     string
	Token   string // of the callback's address: hard to guess
	Secret  string // that notifications are signed with
	State   string // "asked", "active", "refused", "left"
	Asked   time.Time
	Expires time.Time // of the lease; zero before it is confirmed
}

// Mismatch is one place where two views of the catalogue disagree.
type Mismatch struct {
	What string // "facets of source a", "set source:a", …
	Want int    // as the records say
	Got  int
}

// Operator is what the store offers those who run the hub. catalogtest.Run states the
// promises of these as well.
type Operator interface {
	// Beat extends the lease of a run that is still worked on.
	Beat(ctx context.Context, run int64, now time.Time) error
	// Notes returns the oddities that a run noted, each code once, in order.
	Notes(ctx context.Context, run int64) ([]record.Finding, error)
	// Choices returns which rules set which fields in a run, by field and count.
	Choices(ctx context.Context, run int64) ([]Choice, error)
	// Baseline returns the choices of the last good run of the source, before the given
	// one, that read enough records to compare with; none when there is no such run.
	Baseline(ctx context.Context, source string, before int64) ([]Choice, error)
	// Changes returns what a run did to records, in order.
	Changes(ctx context.Context, run int64, limit int) ([]RecordChange, error)

	// Rule carries out a curator's decision about the last run of a source.
	Rule(ctx context.Context, r Ruling) (Effect, error)
	// Modes returns the sources that have a mode of their own.
	Modes(ctx context.Context) (map[string]SourceMode, error)
	// SetMode sets it. Purged withdraws everything of the source and forgets its raws;
	// the tombstones stay.
	SetMode(ctx context.Context, m SourceMode) (Effect, error)

	// AddLedger adds to what is known of days and hosts.
	AddLedger(ctx context.Context, rows []LedgerRow) error
	// Ledger returns the rows of a source since a day, newest first, then by host.
	Ledger(ctx context.Context, source string, since time.Time) ([]LedgerRow, error)

	// DueLinks returns addresses of live records that are due to be looked at, longest
	// overdue first. Addresses that were never looked at are due at once.
	DueLinks(ctx context.Context, now time.Time, limit int) ([]Link, error)
	// PutLinks stores what was found, and lets the records that name a link which died
	// or came back say so.
	PutLinks(ctx context.Context, now time.Time, links []Link) error

	// Subscriptions returns all WebSub subscriptions.
	Subscriptions(ctx context.Context) ([]Subscription, error)
	// PutSubscription adds or replaces the one of its source and topic.
	PutSubscription(ctx context.Context, s Subscription) error

	// Verify compares the views with the records they derive from: search index, facets,
	// sets, tallies. An empty list means that all agree.
	Verify(ctx context.Context) ([]Mismatch, error)
}
