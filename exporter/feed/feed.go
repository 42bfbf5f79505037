// Package feed writes records as a feed: Atom 1.0 (RFC 4287), RSS 2.0 and JSON Feed 1.1,
// paged as RFC 5005 has it. Feeds are how a reader is told what is new without an account:
// the reader asks, the hub keeps no list of who follows what.
//
// In flow what the feed says of itself and published records, newest first; out flow bytes,
// the same bytes for the same input. It stores nothing. What a source wrote goes out as
// plain text, never as its HTML. It must not know the catalogue, queries or requests.
package feed

import (
	"context"
	"io"
	"iter"
	"time"

	"ctiphub/exporter"
	"ctiphub/record"
)

// Facts are what a feed says of itself. Addresses are absolute; an empty one is left out.
type Facts struct {
	ID       string // never changes: see FeedID
	Title    string // on the screen of whoever follows the feed: keep it neutral
	Language string // of the title; "" is English
	Self     string // of this very document
	HTML     string // the same list as a page
	First    string // the first document of a paged feed
	Previous string // the document before this one
	Next     string // the document behind this one
	// Complete says that the document holds all there is: what a reader has beyond it was
	// withdrawn. A document with others beside it is never complete.
	Complete bool
	Updated  time.Time // zero: nothing ever changed
	Author   string    // the hub
	Home     string    // page of the hub
	// Authority is the domain in whose name ids are given, the hub's repository identifier:
	// it stays when the hub moves to another address.
	Authority string
	Page      func(record.ID) string         // the hub's page of a record; nil: none
	Label     func(scheme, id string) string // names concepts in English; nil: by their ids
}

// Format is one of the forms of a feed. It is an exporter.Format.
type Format struct {
	name, media string
	document    func() exporter.Document // new for each feed: it counts what it wrote
}

// Name is the format's name on the command line.
func (f Format) Name() string { return f.name }

// MediaType is that of the whole feed.
func (f Format) MediaType() string { return f.media }

// Encode writes the feed, an entry for each record.
func (f Format) Encode(ctx context.Context, w io.Writer, recs iter.Seq2[record.Record, error]) error {
	return f.document().Encode(ctx, w, recs)
}

// minted is the year in the tags (RFC 4151) that ids are: that of the rule by which they
// are made, never that of a record. Another year would make every entry of every feed new.
const minted = "2026"

// FeedID names the feed of a query for ever. The key is what tells queries apart; it goes
// into the id as given, so hash it where it holds what a reader typed.
func FeedID(authority, key string) string { return tag(authority, "feed/"+key) }

// EntryID names a record in feeds for ever, in whatever form and from whatever address.
func EntryID(authority string, id record.ID) string { return tag(authority, "resource/"+string(id)) }

func tag(authority, specific string) string {
	if authority == "" {
		return "urn:ctip-hub:" + specific // a hub without a name space of its own, on a desk
	}
	return "tag:" + authority + "," + minted + ":" + specific
}

// atomTime writes a time as RFC 3339.
func atomTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// never is when a feed changed that has nothing in it: Atom wants a date, and that of the
// request would make each answer another.
var never = time.Unix(0, 0)

// known returns the first of the times that is one which documents can hold.
func known(times ...time.Time) time.Time {
	for _, t := range times {
		if t = t.UTC(); !t.IsZero() && t.Year() >= 1 && t.Year() <= 9999 {
			return t
		}
	}
	return time.Time{}
}

// language is that of the feed's own words.
func (f Facts) language() string {
	if f.Language == "" {
		return "en"
	}
	return languageTag(f.Language)
}

// label names a concept.
func (f Facts) label(scheme, id string) string {
	if f.Label != nil {
		if s := line(f.Label(scheme, id)); s != "" {
			return s
		}
	}
	return id
}
