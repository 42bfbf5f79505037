// Package ndjson writes records as JSON, one to a line (https://github.com/ndjson/ndjson-spec):
// the ctip JSON document of the hub's API, made for streams.
//
// In flow published records; out flow bytes. It stores nothing. What concerns this hub
// alone (hashes of raws, who decided an override and why) stays inside.
package ndjson

import (
	"context"
	"io"
	"iter"

	"ctiphub/exporter"
	"ctiphub/internal/ctip"
	"ctiphub/record"
)

// Format is the format "ndjson".
type Format struct{}

// New returns the format.
func New() Format { return Format{} }

// Name is the format's name on the command line.
func (Format) Name() string { return "ndjson" }

// MediaType is that of the whole file.
func (Format) MediaType() string { return "application/x-ndjson; charset=utf-8" }

// Document is how the file is written: each record as one line.
func (Format) Document() exporter.Document {
	return exporter.Document{Append: func(dst []byte, rec record.Record) ([]byte, error) {
		dst, err := ctip.AppendJSON(dst, ctip.Public(rec))
		return append(dst, '\n'), err
	}}
}

// Encode writes each record as one line.
func (f Format) Encode(ctx context.Context, w io.Writer, recs iter.Seq2[record.Record, error]) error {
	return f.Document().Encode(ctx, w, recs)
}
