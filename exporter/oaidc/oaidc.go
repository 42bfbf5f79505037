// Package oaidc writes records as simple Dublin Core (http://www.openarchives.org/OAI/2.0/oai_dc.xsd),
// which every OAI-PMH harvester reads: one by one for the protocol, and many as one document.
//
// In flow published records and a function that names concepts; out flow bytes. It stores
// nothing. Much is lost on the way: evidence, kinds of agents, editions. The format ctip
// has all of it.
package oaidc

import (
	"context"
	"io"
	"iter"
	"slices"

	"ctiphub/exporter/crosswalk"
	"ctiphub/internal/oai"
	"ctiphub/record"
)

// Exporter is both an exporter.Format and an exporter.Crosswalk.
type Exporter struct {
	label func(scheme, id string) string
}

// New returns an exporter that writes concepts under the English labels that label gives.
func New(label func(scheme, id string) string) Exporter { return Exporter{label: label} }

// Prefix is the metadataPrefix.
func (Exporter) Prefix() string { return oai.OAIDCPrefix }

// Schema is the URL of the XML Schema.
func (Exporter) Schema() string { return oai.DCSchema }

// Namespace is that of the root element.
func (Exporter) Namespace() string { return oai.DCNamespace }

// Name is the format's name on the command line.
func (Exporter) Name() string { return oai.OAIDCPrefix }

// MediaType is that of a document of many records.
func (Exporter) MediaType() string { return crosswalk.MediaType }

// start is the root element with what the protocol wants to be declared on it.
const start = `<oai_dc:dc xmlns:oai_dc="` + oai.DCNamespace + `" xmlns:dc="` + oai.DCElements +
	`" xmlns:xsi="` + oai.XSINamespace + `" xsi:schemaLocation="` + oai.DCNamespace + " " + oai.DCSchema + `">`

// Append appends one record's <oai_dc:dc> element.
func (e Exporter) Append(dst []byte, rec record.Record) []byte {
	w := writer{crosswalk.Writer{Bytes: append(dst, start...)}}
	w.texts("title", rec.Title)
	w.texts("title", rec.Alternative)
	w.agents("creator", rec.Creators)
	for _, g := range crosswalk.Subjects(rec) {
		e.concepts(&w, "subject", g.Scheme, g.Tags)
	}
	w.texts("description", rec.Description)
	w.agents("publisher", rec.Publishers)
	w.agents("contributor", rec.Funders)
	w.element("date", "", rec.Issued.EDTF)
	e.concepts(&w, "type", "type", rec.Type)
	w.distinct("format", rec.Files, func(f record.File) string { return f.MediaType })
	w.identifiers(rec)
	w.element("source", "", source(rec.Origin))
	for _, l := range rec.Languages {
		w.element("language", "", l)
	}
	for _, r := range rec.Relations {
		w.element("relation", "", r.Target)
	}
	for _, c := range rec.Countries {
		w.label("coverage", e.label("country", c.ID), c.ID)
		w.element("coverage", "", c.ID)
	}
	for _, r := range rec.Regions {
		w.label("coverage", e.label("region", r.ID), r.ID)
		w.element("coverage", "", r.ID)
	}
	e.rights(&w, rec.Rights)
	return append(w.Bytes, "</oai_dc:dc>"...)
}

// Encode writes one document: a <collection> of the same elements, a record at a time.
func (e Exporter) Encode(ctx context.Context, w io.Writer, recs iter.Seq2[record.Record, error]) error {
	return crosswalk.Encode(ctx, w, recs, "<collection>", "</collection>", e.Append)
}

// concepts writes each concept twice: its label for people, its URI for programs.
func (e Exporter) concepts(w *writer, element, scheme string, tags []record.Tag) {
	for _, t := range tags {
		w.label(element, e.label(scheme, t.ID), t.ID)
		w.element(element, "", crosswalk.Concept(scheme, t.ID))
	}
}

func (e Exporter) rights(w *writer, r record.Rights) {
	w.element("rights", "", r.License)
	w.texts("rights", r.Statement)
	if r.Status != "" {
		w.label("rights", e.label("rights", r.Status), r.Status)
		w.element("rights", "", crosswalk.Concept("rights", r.Status))
	}
}

// source names what the record was taken from: the repository that first had it, where
// it came through others, else the source's own identifier unless that is only the
// address that the record has anyway.
func source(o record.Origin) string {
	if n := len(o.Chain); n > 0 && o.Chain[n-1].Identifier != "" {
		return o.Chain[n-1].Identifier
	}
	if o.Identifier == o.Landing {
		return ""
	}
	return o.Identifier
}

// writer puts the names of the fifteen elements before the shared one.
type writer struct{ crosswalk.Writer }

// element writes one element, unless its text is empty. No lang writes none.
func (w *writer) element(name, lang, text string) {
	w.Text("dc:"+name, text, "xml:lang", crosswalk.Lang(lang))
}

// label writes a concept's English label, unless nobody knows a better one than its id.
func (w *writer) label(name, label, id string) {
	if label != id {
		w.element(name, "en", label)
	}
}

func (w *writer) texts(name string, t record.Texts) { w.Writer.Texts("dc:"+name, t) }

func (w *writer) agents(name string, agents []record.Agent) {
	for _, a := range agents {
		w.texts(name, a.Name)
	}
}

// distinct writes a value of each file once.
func (w *writer) distinct(name string, files []record.File, value func(record.File) string) {
	var done []string
	for _, f := range files {
		if v := value(f); !slices.Contains(done, v) {
			done = append(done, v)
			w.element(name, "", v)
		}
	}
}

// identifiers writes the page to send a reader to first, since many harvesters show the
// first as the link; then names as URIs, then the files that are not known to be dead.
func (w *writer) identifiers(rec record.Record) {
	done := []string{""}
	add := func(s string) {
		if !slices.Contains(done, s) {
			done = append(done, s)
			w.element("identifier", "", s)
		}
	}
	add(rec.Origin.Landing)
	for _, i := range rec.Identifiers {
		add(crosswalk.URI(i))
	}
	for _, f := range rec.Files {
		if f.Status != "dead" {
			add(f.URL)
		}
	}
}
