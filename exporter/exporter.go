// Package exporter says how records leave the hub: as a file of many, or as one
// metadata document inside a protocol's answer.
//
// In flow published records; out flow bytes. It stores nothing and must not know the
// catalogue or the portal: what may be shown was decided before. The formats are the
// packages below it.
package exporter

import (
	"context"
	"io"
	"iter"

	"ctiphub/record"
)

// Format writes many records as one document.
type Format interface {
	Name() string      // as on the command line: "ndjson"
	MediaType() string // with charset where it has one
	// Encode writes the sequence and stops at its first error, returned as is.
	Encode(ctx context.Context, w io.Writer, recs iter.Seq2[record.Record, error]) error
}

// Crosswalk writes one record as an XML metadata document, as OAI-PMH disseminates it.
type Crosswalk interface {
	Prefix() string    // metadataPrefix
	Schema() string    // URL of the XML Schema
	Namespace() string // XML namespace of the root element
	// Append appends the root element, its namespace declared, to dst.
	Append(dst []byte, rec record.Record) []byte
}
