// Package crosswalk holds what the XML formats have in common: a writer of elements, what
// identifiers and concepts look like as URIs, and which texts fit the types of XML Schema.
//
// In flow names of elements and texts of records; out flow bytes that are always
// well-formed. It stores nothing and must not know any one format.
package crosswalk

import (
	"bytes"
	"context"
	"io"
	"iter"
	"regexp"

	"ctiphub/exporter"
	"ctiphub/internal/oai"
	"ctiphub/record"
)

// MediaType is that of a document of many records.
const MediaType = "application/xml; charset=utf-8"

// XSI is the declaration that a root element with a schema location needs.
const XSI = ` xmlns:xsi="` + oai.XSINamespace + `"`

// Label names a concept of a scheme of the vocabulary, by its id where it has no name.
type Label func(scheme, id string) string

// Writer appends elements to Bytes. Names of elements and attributes are written as they
// are and must come from the code; texts are escaped.
type Writer struct{ Bytes []byte }

// Open writes a start tag with attributes, given as names and values in turn; those
// without a value are left out.
func (w *Writer) Open(name string, attrs ...string) {
	w.Bytes = append(append(w.Bytes, '<'), name...)
	for i := 0; i+1 < len(attrs); i += 2 {
		if attrs[i+1] == "" {
			continue
		}
		w.Bytes = append(append(append(w.Bytes, ' '), attrs[i]...), '=', '"')
		w.Bytes = append(oai.AppendAttr(w.Bytes, attrs[i+1]), '"')
	}
	w.Bytes = append(w.Bytes, '>')
}

// Close writes an end tag.
func (w *Writer) Close(name string) {
	w.Bytes = append(append(append(w.Bytes, '<', '/'), name...), '>')
}

// Text writes an element, unless nothing that can be seen is left of its text: an element
// without content breaks the stricter schemas and tells nobody anything.
func (w *Writer) Text(name, text string, attrs ...string) {
	if text == "" {
		return
	}
	start := len(w.Bytes)
	w.Open(name, attrs...)
	inside := len(w.Bytes)
	w.Bytes = oai.AppendText(w.Bytes, text)
	if len(bytes.Trim(w.Bytes[inside:], " \t\r\n")) == 0 {
		w.Bytes = w.Bytes[:start]
		return
	}
	w.Close(name)
}

// Wrap writes an element around what inside writes, and nothing when that is nothing.
func (w *Writer) Wrap(name string, inside func(), attrs ...string) {
	start := len(w.Bytes)
	w.Open(name, attrs...)
	empty := len(w.Bytes)
	inside()
	if len(w.Bytes) == empty {
		w.Bytes = w.Bytes[:start]
		return
	}
	w.Close(name)
}

// Texts writes one element for each language, with its tag, in the order of the tags.
func (w *Writer) Texts(name string, t record.Texts, attrs ...string) {
	for _, lang := range t.Languages() {
		w.Text(name, t[lang], append(attrs[:len(attrs):len(attrs)], "xml:lang", Lang(lang))...)
	}
}

var language = regexp.MustCompile(`^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$`)

// Lang returns a language tag as xml:lang may hold it, "" for none, for "und" and for what
// is no tag.
func Lang(tag string) string {
	if tag == "und" || !language.MatchString(tag) {
		return ""
	}
	return tag
}

// Form is what a format says of itself; formats embed it.
type Form struct {
	prefix, namespace, schema string
}

// NewForm returns the form of a metadataPrefix, with the namespace of its root element and the
// URL of its XML Schema.
func NewForm(prefix, namespace, schema string) Form { return Form{prefix, namespace, schema} }

// Prefix is the metadataPrefix.
func (f Form) Prefix() string { return f.prefix }

// Schema is the URL of the XML Schema.
func (f Form) Schema() string { return f.schema }

// Namespace is that of the root element.
func (f Form) Namespace() string { return f.namespace }

// Name is the format's name on the command line.
func (f Form) Name() string { return f.prefix }

// MediaType is that of a document of many records.
func (Form) MediaType() string { return MediaType }

// Encode writes one document: the head, one element for each record on a line of its own,
// and the tail.
func Encode(ctx context.Context, w io.Writer, recs iter.Seq2[record.Record, error], head, tail string, one func([]byte, record.Record) []byte) error {
	return exporter.Document{
		Head: `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + head + "\n",
		Tail: tail + "\n",
		Append: func(dst []byte, rec record.Record) ([]byte, error) {
			return append(one(dst, rec), '\n'), nil
		},
	}.Encode(ctx, w, recs)
}
