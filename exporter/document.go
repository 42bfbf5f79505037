package exporter

import (
	"context"
	"fmt"
	"io"
	"iter"

	"ctiphub/record"
)

// Document writes records one by one between a head and a tail: what most formats of
// many records come down to.
type Document struct {
	Head, Tail string
	Append     func(dst []byte, rec record.Record) ([]byte, error)
}

// Encode writes the document, holding one record at a time. It stops at the first error
// of the sequence, returned as is.
func (d Document) Encode(ctx context.Context, w io.Writer, recs iter.Seq2[record.Record, error]) error {
	buf := []byte(d.Head)
	flush := func() error {
		if _, err := w.Write(buf); err != nil {
			return fmt.Errorf("writing the export: %w", err)
		}
		buf = buf[:0]
		return ctx.Err()
	}
	if err := flush(); err != nil {
		return err
	}
	for rec, err := range recs {
		if err != nil {
			return err
		}
		if buf, err = d.Append(buf, rec); err != nil {
			return err
		}
		if err := flush(); err != nil {
			return err
		}
	}
	buf = append(buf, d.Tail...)
	return flush()
}
