package catalog

import (
	"context"
	"errors"
	"time"

	"ctiphub/record"
)

// ErrNoWork is returned for the id of a work that no records are of.
var ErrNoWork = errors.New("no such work")

// WorkVerdict is what a curator decided about two records.
type WorkVerdict string

// The verdicts about two records.
const (
	Apart    WorkVerdict = "apart"    // they are of different works, whatever they look like
	Together WorkVerdict = "together" // they are of one work
)

// WorkRuling is a curator's decision about two records. It is remembered for ever.
type WorkRuling struct {
	A, B    record.ID
	Verdict WorkVerdict
	Who     string
	Why     string
	When    time.Time
}

// Work is one intellectual work with its editions.
type Work struct {
	ID       record.ID
	Editions []Edition
}

// Edition is one record as a part of a work.
type Edition struct {
	Entry record.Entry
	Links []EditionLink // to other editions of the work
}

// EditionLink says why two records are editions of one work.
type EditionLink struct {
	To         record.ID
	Kind       string // "duplicate", "translation", "version"; "curator" for a ruling
	Confidence float64
	Evidence   []string
}

// WorkSummary is a work in a list.
type WorkSummary struct {
	ID        record.ID
	Title     string // of its longest-known edition
	Records   int
	Languages []string
	Sources   int
}

// WorkCounts is what looking for works found.
type WorkCounts struct {
	Records int // compared
	Works   int // of two records or more
	Changed int // records whose work is another than before
}

// Librarian is what the store knows of works. catalogtest.Run states the promises.
type Librarian interface {
	// FindWorks finds which live records are editions of one work. The outcome does not
	// depend on the order in which records came; the id of a work stays when editions
	// come and go.
	FindWorks(ctx context.Context, now time.Time) (WorkCounts, error)
	// Work returns a work by its id, longest-known edition first, or ErrNoWork.
	Work(ctx context.Context, id record.ID) (Work, error)
	// Works returns works, those of most records first.
	Works(ctx context.Context, limit int) ([]WorkSummary, error)
	// RuleWork remembers a curator's decision; FindWorks follows it.
	RuleWork(ctx context.Context, r WorkRuling) error
	// WorkRulings returns all decisions, the newest first.
	WorkRulings(ctx context.Context) ([]WorkRuling, error)
}
