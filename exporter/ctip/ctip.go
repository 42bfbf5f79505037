// Package ctip writes records in the hub's own schema, "ctip" 1.0, as XML: one by one for
// OAI-PMH, and many as one document.
//
// In flow published records; out flow bytes. It stores nothing. What concerns this hub
// alone (hashes of raws, who decided an override and why) stays inside.
package ctip

import (
	"context"
	"io"
	"iter"
	"strings"

	"ctiphub/exporter"
	"ctiphub/internal/ctip"
	"ctiphub/internal/oai"
	"ctiphub/record"
)

// Exporter is both an exporter.Format and an exporter.Crosswalk.
type Exporter struct{ schema string }

// New returns an exporter that names its XML Schema by the path the hub serves it at.
func New() Exporter { return Exporter{schema: "/schema/" + ctip.SchemaXML} }

// At returns an exporter that names its XML Schema by a full URL, below the public base
// URL of the hub, and states it on each record.
func (e Exporter) At(base string) Exporter {
	return Exporter{schema: strings.TrimRight(base, "/") + "/schema/" + ctip.SchemaXML}
}

// Prefix is the metadataPrefix.
func (Exporter) Prefix() string { return oai.CTIPPrefix }

// Schema is the URL of the XML Schema, or its path where the hub's address is not known.
func (e Exporter) Schema() string { return e.schema }

// Namespace is that of the root element.
func (Exporter) Namespace() string { return ctip.Namespace }

// Append appends one record's <resource> element.
func (e Exporter) Append(dst []byte, rec record.Record) []byte {
	location := e.schema
	if strings.HasPrefix(location, "/") {
		location = "" // a path is of no use inside a document that travels
	}
	return ctip.AppendLocatedXML(dst, ctip.Public(rec), location)
}

// Name is the format's name on the command line.
func (Exporter) Name() string { return oai.CTIPPrefix }

// MediaType is that of a document of many records.
func (Exporter) MediaType() string { return "application/xml; charset=utf-8" }

// Document is how the file is written: one <resources> element.
func (Exporter) Document() exporter.Document {
	return exporter.Document{
		Head: `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<resources xmlns="` + ctip.Namespace + `" version="` + ctip.Version + `">` + "\n",
		Tail: "</resources>\n",
		Append: func(dst []byte, rec record.Record) ([]byte, error) {
			return append(ctip.AppendXML(dst, ctip.Public(rec)), '\n'), nil
		},
	}
}

// Encode writes one <resources> document, a record at a time.
func (e Exporter) Encode(ctx context.Context, w io.Writer, recs iter.Seq2[record.Record, error]) error {
	return e.Document().Encode(ctx, w, recs)
}
