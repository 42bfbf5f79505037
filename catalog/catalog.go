// Package catalog says what the hub's catalogue promises: batches applied as one
// transaction, one change log, tombstones, honest run accounts, search with facets.
//
// In flow Batches (from internal/ingest) and Queries; out flow Outcomes, entries of the
// change log and search results. What is stored is up to the implementations of Store
// below it; catalogtest states what each must keep. It must not know how records were
// fetched, understood or written out.
package catalog

import (
	"context"
	"errors"
	"iter"
	"time"

	"ctiphub/record"
)

// ErrNotFound is returned for an id that the catalogue never published.
var ErrNotFound = errors.New("no such record")

// ErrBusy is returned by Begin when another process holds the source's run.
var ErrBusy = errors.New("source is being harvested by another process")

// ErrNotVisited is returned by Begin for a source that is paused, retired or purged.
var ErrNotVisited = errors.New("the source is not visited")

// Why a ruling cannot be carried out.
var (
	ErrNoRun   = errors.New("the source never ran")
	ErrRunning = errors.New("its run is not over yet")
	ErrNotHeld = errors.New("its last run is not held")
	ErrDecided = errors.New("a curator has decided on its last run already")
)

// Store keeps the catalogue. catalogtest.Run states its promises; every implementation
// passes it.
type Store interface {
	// Begin opens a run of a source, or reopens the one that an earlier process left
	// unfinished, with the cursor of its last applied batch. An incremental run after a
	// partial one goes on with its listing; a full one begins anew, and closes an
	// unfinished incremental one.
	Begin(ctx context.Context, b Begin) (Run, error)
	// Apply stores one batch, its cursor and its part of the run's account, all or nothing.
	Apply(ctx context.Context, b Batch) (Outcome, error)
	// Finish closes a run: marks what a complete listing did not name, removes what is
	// past its grace period unless the guard holds the run, and settles the state. The
	// listing is all the runs that went on with one another.
	Finish(ctx context.Context, e End) (Run, error)

	// Entry returns one published entry, tombstones included, or ErrNotFound.
	Entry(ctx context.Context, id record.ID) (record.Entry, error)
	// Entries returns published entries of the change log in order, tombstones included.
	Entries(ctx context.Context, r record.Range) ([]record.Entry, error)
	// Count returns how many entries the range selects, its Limit aside.
	Count(ctx context.Context, r record.Range) (int, error)
	// Head returns the last number of the change log: as long as it is the same, nothing
	// that is published changed.
	Head(ctx context.Context) (int64, error)
	// Block returns how many entries have a Seq above after and up to upto, and the first
	// Seq beyond, 0 when there is none.
	Block(ctx context.Context, after, upto int64) (count int, next int64, err error)
	// Sets returns the set specs in use, sorted.
	Sets(ctx context.Context) ([]record.Set, error)
	// Earliest returns the stamp of the first entry, or the zero time.
	Earliest(ctx context.Context) (time.Time, error)

	// Records yields every live record that the query selects, in order of the change
	// log, whatever its Sort and Limit. It holds no transaction while the consumer works.
	Records(ctx context.Context, q Query) iter.Seq2[record.Record, error]
	// View yields every published entry behind a number, in order and all of one moment:
	// what changes meanwhile is not seen. It holds a transaction open that long.
	View(ctx context.Context, after int64) iter.Seq2[record.Entry, error]
	// Search answers one page of a query with facets.
	Search(ctx context.Context, q Query) (Result, error)

	// Known returns the validator stored for a URL of a source, unless a record that came
	// from there is no longer kept: it could not come back on a "not modified".
	Known(ctx context.Context, source, url string) (Validator, bool, error)
	// Has reports whether a record of a source is kept under the source's own identifier:
	// shown or held, not deleted.
	Has(ctx context.Context, source, identifier string) (bool, error)
	// Raw returns the raw that a record was last made from, or ErrNotFound.
	Raw(ctx context.Context, id record.ID) (record.Raw, error)
	// Status returns what the catalogue knows of each source that ever ran, by id.
	Status(ctx context.Context) ([]SourceStatus, error)
	// Runs returns the last runs of a source, newest first.
	Runs(ctx context.Context, source string, limit int) ([]Run, error)
	// Rejects returns the rejects of one run, in order.
	Rejects(ctx context.Context, run int64, limit int) ([]Reject, error)

	Operator
	Curator
	Librarian
	Keeper
	Redistribution
	Lister

	Close() error
}

// Begin asks for a run.
type Begin struct {
	Source string
	Full   bool
	Now    time.Time
	Owner  string // who runs it; a run of another live owner is ErrBusy
}

// Batch is what one page of a source gave, normalized: applied as one transaction.
type Batch struct {
	Source string
	Run    int64
	Now    time.Time
	Items  []Item
	Same   []string // identifiers listed and known to be unchanged
	// Rejects were listed and could not be taken. What was stored of them stays, and they
	// are not absent, unless the code is "http-404" or "http-410".
	Rejects []Reject
	// Skipped were listed and left out on purpose; Stage is "skip". They count as absent,
	// because they no longer belong here, unless the code says that the hub did not look:
	// "robots-disallow", "too-many".
	Skipped    []Reject
	Validators []Validator
	Cursor     string
	// Notes are oddities of the source, for the run's account; a code that the run has
	// already is not repeated.
	Notes []record.Finding
	// Choices are added to those of the run.
	Choices []Choice
	// Guard is asked before anything is stored: a batch by which a field vanishes from too
	// many of the records that had it is a *HoldError.
	Guard Guard
}

// Item is one raw with what became of it.
type Item struct {
	Raw      record.Raw
	Record   record.Record // of a deleted raw, only ID and Origin need be set
	Decision record.Decision
}

// Reject is one listed record that did not enter the catalogue.
type Reject struct {
	Identifier string
	URL        string
	Code       string
	Stage      string
	Detail     string
}

// Validator is what a server said about a URL when it was last fetched and stored.
type Validator struct {
	URL          string
	ETag         string
	LastModified string
	Identifiers  []string
}

// Outcome counts what became of the listed records: Listed is always the sum of New,
// Changed, Same, Rejected and Skipped. Deleted and Held are among them.
type Outcome struct {
	Listed   int
	New      int
	Changed  int
	Same     int
	Rejected int
	Skipped  int
	Deleted  int // of Changed: tombstones by the source's own word
	Held     int // of New and Changed: kept back by screening
}

// Add returns the sum of two outcomes.
func (o Outcome) Add(p Outcome) Outcome {
	return Outcome{
		Listed: o.Listed + p.Listed, New: o.New + p.New, Changed: o.Changed + p.Changed,
		Same: o.Same + p.Same, Rejected: o.Rejected + p.Rejected, Skipped: o.Skipped + p.Skipped,
		Deleted: o.Deleted + p.Deleted, Held: o.Held + p.Held,
	}
}

// Balanced reports whether the account adds up.
func (o Outcome) Balanced() bool {
	return o.Listed == o.New+o.Changed+o.Same+o.Rejected+o.Skipped
}
