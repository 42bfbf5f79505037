// Package harvester says what a source is and how its records are pulled, page by page.
//
// In flow a Source (from configuration) and a From (where the last run stopped); out
// flow Pages of record.Raw, exactly as received. It stores nothing: whoever consumes a
// Page stores it together with its Cursor, so that an interrupted run goes on where it
// was. It must not know what the bytes mean, nor the catalogue. The adapters, one for
// each kind of interface, are the packages below it.
package harvester

import (
	"context"
	"iter"

	"ctiphub/record"
)

// Adapter pulls one source through one kind of interface.
//
// The sequence yields pages in order and an error once, last. A page that was yielded
// is complete: its Cursor may be stored and a later call with it goes on behind it. All
// requests of one source are made one after the other.
type Adapter interface {
	Pages(ctx context.Context, src Source, from From) iter.Seq2[Page, error]
}

// Cursor is an adapter's own note of where to go on. Only the adapter reads it; "" is
// the beginning.
type Cursor string

// From says where a run starts and what is already known of the source.
type From struct {
	Cursor Cursor
	// Full asks for everything again: no incremental window and no conditional request.
	Full bool
	// Known returns what an earlier, committed run stored about a URL, for conditional
	// requests and to skip pages whose listing says that they did not change. Nil: nothing.
	Known func(url string) (Validator, bool)
	// Stored reports whether the catalogue keeps a record under the source's own
	// identifier, not deleted: a list of identifiers then tells what is still there
	// without listing the records again. Nil: nobody can tell.
	Stored func(identifier string) bool
}

// Validator is what a server said about one URL when it was last fetched and stored.
type Validator struct {
	URL          string
	ETag         string
	LastModified string
	// Identifiers are the records that came from this URL: when the server answers
	// "not modified", these are still there and unchanged.
	Identifiers []string
}

// Page is one step of a run: what one listing page, or a group of fetched pages, gave.
type Page struct {
	Raws    []record.Raw
	Same    []string // identifiers listed and known not to have changed since they were stored
	Rejects []Reject // listed, but not to be had; the run goes on
	Skipped []Skip   // listed, but not wanted or not allowed (robots.txt, excluded path)

	Validators []Validator // to be stored with the page
	Cursor     Cursor      // where to go on after this page
	Last       bool        // the listing finished clean with this page
	// Complete, on the last page, says that the run listed all that the source has, so
	// that what was not listed is absent. An incremental run never says so.
	Complete bool
	// Total is the number of records that the source claims to have, 0 if it makes no claim.
	Total int
	// Notes are oddities of the source worth telling its publisher: code and detail.
	Notes []record.Finding
	// Push, when its Hub is not empty, is where the source offers to announce changes.
	Push Push
}

// Push is a source's offer to announce its changes by WebSub (https://www.w3.org/TR/websub/).
type Push struct {
	Hub   string // URL that takes subscriptions
	Topic string // URL that is subscribed to
}

// Reject is one listed record that could not be had or read.
type Reject struct {
	Identifier string
	URL        string
	Code       string // stable: "fetch-failed", "http-404", "no-metadata", …
	Stage      string // "fetch", "parse", "normalize", "screen"
	Detail     string // plain words for the publisher
}

// Skip is one listed URL that was left out on purpose.
type Skip struct {
	Identifier string
	URL        string
	Code       string // stable: "robots-disallow", "excluded", "too-many"
}
