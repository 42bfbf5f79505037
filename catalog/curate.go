package catalog

import (
	"context"
	"errors"
	"time"

	"ctiphub/record"
)

// ErrNoOverride is returned for an override that does not exist.
var ErrNoOverride = errors.New("no such override")

// Layer is who stands behind an override. What a curator says stands above what a
// publisher corrects, and this above what the source says and what the hub derives.
type Layer string

// The layers, the strongest first.
const (
	CuratorLayer   Layer = "curator"
	PublisherLayer Layer = "publisher"
)

// Op is what an override does to its field.
type Op string

// The operations. Only fields that hold tags know Add and Remove.
const (
	Set    Op = "set"
	Add    Op = "add"
	Remove Op = "remove"
)

// DecisionField is the field by which an override decides whether a record is shown: Set to
// "publish" it clears what screening held back, as long as the record says what it said
// when it was cleared; set to "hold" it hides the record for good.
const DecisionField = "decision"

// CodeHeldByCurator is the reason of a record that an override holds back.
const CodeHeldByCurator = "held-by-curator"

// Override is one decision about one field of one record. It survives every harvest and
// replay, and ends by itself when the source comes to say the same.
type Override struct {
	Record record.ID
	Layer  Layer
	Field  string // of the record; of texts with the language: "title@km"
	Op     Op
	Value  string // text; ids or names divided by commas; EDTF; see FieldHelp
	Who    string
	Why    string
	When   time.Time
	// Base is what the record said before, in the form of Value; of a decision, the
	// fingerprint of what was judged.
	Base string
	// Says is what the record says now without the override, when that is no longer Base:
	// the source has changed, and a curator should look again. Only listings fill it in.
	Says    string
	Retired time.Time // when the source came to say the same; zero: it counts
}

// OverrideQuery selects overrides; empty fields select all.
type OverrideQuery struct {
	Record  record.ID
	Source  string
	Retired bool // those that ended by themselves as well
	Limit   int  // 0: 1000
}

// Task is one thing that waits for a curator.
type Task struct {
	Kind   TaskKind
	Record record.ID
	Source string
	Title  string
	// Of a proposal: the field, the tag with its evidence.
	Field string
	Tag   record.Tag
	// Of a held record: the reason, which never repeats the data.
	Code   string
	Detail string
}

// TaskKind divides the review queue.
type TaskKind string

// The kinds of tasks.
const (
	ProposalTask TaskKind = "proposal" // a tag between the thresholds
	HoldTask     TaskKind = "hold"     // screening keeps the record back
)

// TaskQuery selects tasks; empty fields select all.
type TaskQuery struct {
	Kind   TaskKind
	Source string
	Record record.ID
	Field  string // of proposals
	Value  string // of proposals: the tag's id
	Code   string // of holds
	After  int64  // the cursor of the last answer
	Limit  int    // records, not tasks; 0: 100
}

// TaskPage is a part of the review queue, in the order in which records became known.
type TaskPage struct {
	Tasks []Task
	Next  int64 // cursor of the next page; 0: there is none
}

// Stored is a record as it was normalized, with the raw it was made from: what replay
// compares.
type Stored struct {
	Num      int64 // cursor
	Raw      record.Raw
	Record   record.Record // without overrides and what the hub adds
	Decision record.Decision
}

// StoredQuery selects stored records.
type StoredQuery struct {
	Source  string // "" for all
	After   int64  // Num of the last one that was read
	Limit   int
	RawOnly bool // leaves Record empty, which is faster
}

// Curator is what the store offers those who judge and correct single records.
type Curator interface {
	// Correct stores overrides, all or none, and lets the records show them. An override
	// of the same record, layer and field takes the place of the one before.
	Correct(ctx context.Context, now time.Time, list []Override) error
	// Withdraw ends an override: the record says again what it said without it.
	Withdraw(ctx context.Context, now time.Time, o Override) error
	// Overrides returns overrides, the newest first.
	Overrides(ctx context.Context, q OverrideQuery) ([]Override, error)
	// Tasks returns a part of the review queue.
	Tasks(ctx context.Context, q TaskQuery) (TaskPage, error)

	// Quality sums up the scores and findings of a source's live records, "" for all.
	Quality(ctx context.Context, source string) (Quality, error)

	// Stored returns a block of records behind a cursor, in order of it, as they were
	// normalized.
	Stored(ctx context.Context, q StoredQuery) ([]Stored, error)
	// RuleVersion grows whenever new rules were applied to stored raws.
	RuleVersion(ctx context.Context) (int64, error)
	// SetRules makes it grow.
	SetRules(ctx context.Context, now time.Time) error
	// Renew stores what new rules made of stored raws. A raw that was harvested anew in
	// the meantime is passed over and counted as skipped, a rejected one stays as it is.
	Renew(ctx context.Context, now time.Time, source string, items []Item) (Outcome, error)
}
