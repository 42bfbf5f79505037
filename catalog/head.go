package catalog

import (
	"context"
	"time"

	"ctiphub/record"
)

// Head is a published entry without its record: enough for lists of addresses.
type Head struct {
	ID      record.ID
	Seq     int64
	Stamp   time.Time
	Deleted bool
	New     bool      // its last change was its first
	Work    record.ID // "" when it is the only edition
}

// Alternate is one live edition of a work, as lists of addresses need it.
type Alternate struct {
	ID        record.ID
	Languages []string
}

// Lister is what the store offers those who list addresses.
type Lister interface {
	// Heads returns published entries without their records, in order of Seq.
	Heads(ctx context.Context, r record.Range) ([]Head, error)
	// Alternates returns the live editions of works, by work.
	Alternates(ctx context.Context, works []record.ID) (map[record.ID][]Alternate, error)
	// StampOf returns when the change of a number, or the next one behind it, became visible;
	// the zero time when there is none.
	StampOf(ctx context.Context, seq int64) (time.Time, error)
}
