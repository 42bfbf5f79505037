// Package dcterms writes records as qualified Dublin Core: the fifteen elements, the terms
// that refine them, and xsi:type where a text follows an encoding scheme.
//
// Repositories agree on the terms, not on the root element. DSpace's qdc names a namespace
// whose schema declares another one; DCMI's own qualifieddc.xsd has no namespace, which the
// protocol does not allow; EPrints and InvenioRDM offer none to harvesters by default. The
// one that is both in wide use (every CONTENTdm, read by DPLA's and most aggregators'
// mappings) and complete is oai_qdc of OCLC, so it is that. Its schema builds on the terms
// of 2006, where elements stand in dc: and only refinements in dcterms:, as here.
//
// In flow published records and a function that names concepts; out flow bytes. It stores
// nothing. Evidence and confidence stay behind; the format ctip has them.
package dcterms

import (
	"context"
	"io"
	"iter"
	"strconv"

	"ctiphub/exporter/crosswalk"
	"ctiphub/record"
)

const (
	prefix    = "oai_qdc"
	namespace = "http://worldcat.org/xmlschemas/qdc-1.0/"
	schema    = "http://worldcat.org/xmlschemas/qdc/1.0/qdc-1.0.xsd"
	root      = "oai_qdc:qualifieddc"
	start     = "<" + root + ` xmlns:oai_qdc="` + namespace + `" xmlns:dc="http://purl.org/dc/elements/1.1/"` +
		` xmlns:dcterms="http://purl.org/dc/terms/"` + crosswalk.XSI + ` xsi:schemaLocation="` + namespace + " " + schema + `">`
)

// Exporter is both an exporter.Format and an exporter.Crosswalk.
type Exporter struct {
	crosswalk.Form
	label crosswalk.Label
}

// New returns an exporter that writes concepts under the English labels that label gives.
func New(label func(scheme, id string) string) Exporter {
	return Exporter{crosswalk.NewForm(prefix, namespace, schema), label}
}

// Encode writes one document: a <collection> of the same elements, a record at a time.
func (e Exporter) Encode(ctx context.Context, w io.Writer, recs iter.Seq2[record.Record, error]) error {
	return crosswalk.Encode(ctx, w, recs, "<collection>", "</collection>", e.Append)
}

// Append appends one record's root element.
func (e Exporter) Append(dst []byte, rec record.Record) []byte {
	w := &writer{crosswalk.Writer{Bytes: append(dst, start...)}}
	w.Texts("dc:title", rec.Title)
	w.Texts("dcterms:alternative", rec.Alternative)
	w.agents("dc:creator", rec.Creators)
	for _, g := range crosswalk.Subjects(rec) {
		element := "dc:subject"
		if g.Scheme == "audience" {
			element = "dcterms:audience"
		}
		e.concepts(w, element, g.Scheme, g.Tags)
	}
	w.Texts("dcterms:abstract", rec.Description)
	w.agents("dc:publisher", rec.Publishers)
	w.agents("dc:contributor", rec.Funders)
	w.date("dcterms:issued", rec.Issued)
	w.date("dcterms:modified", rec.Modified)
	w.date("dcterms:valid", rec.Valid)
	e.concepts(w, "dc:type", "type", rec.Type)
	w.files(rec.Files)
	w.identifiers(rec)
	for _, l := range rec.Languages {
		w.typed("dc:language", "RFC4646", l, crosswalk.Lang(l) != "")
	}
	w.relations(rec.Relations)
	e.places(w, rec)
	e.rights(w, rec)
	w.Close(root)
	return w.Bytes
}

// concepts writes each concept twice: its label for people, its URI for programs.
func (e Exporter) concepts(w *writer, element, scheme string, tags []record.Tag) {
	for _, t := range tags {
		e.named(w, element, scheme, t.ID)
		w.uri(element, crosswalk.Concept(scheme, t.ID))
	}
}

// named writes a concept's English label, unless nobody knows a better one than its id.
func (e Exporter) named(w *writer, element, scheme, id string) {
	if label := e.label(scheme, id); label != id {
		w.Text(element, label, "xml:lang", "en")
	}
}

func (e Exporter) places(w *writer, rec record.Record) {
	for _, c := range rec.Countries {
		e.named(w, "dcterms:spatial", "country", c.ID)
		w.typed("dcterms:spatial", "ISO3166", c.ID, len(c.ID) == 2)
	}
	e.concepts(w, "dcterms:spatial", "region", rec.Regions)
}

// rights writes the licence, what the publisher says, and what that means here; then
// where the record was taken from.
func (e Exporter) rights(w *writer, rec record.Record) {
	w.uri("dcterms:license", rec.Rights.License)
	w.Texts("dc:rights", rec.Rights.Statement)
	if s := rec.Rights.Status; s != "" {
		e.named(w, "dcterms:accessRights", "rights", s)
		w.uri("dcterms:accessRights", crosswalk.Concept("rights", s))
	}
	if rec.Origin.Identifier != rec.Origin.Landing {
		w.uri("dc:source", rec.Origin.Identifier)
	}
	for _, h := range rec.Origin.Chain {
		w.uri("dcterms:provenance", h.Identifier)
	}
}

// writer adds the encoding schemes of DCMI to the shared one.
type writer struct{ crosswalk.Writer }

// typed states the encoding scheme of a text that follows it; the schema would refuse
// the others.
func (w *writer) typed(element, scheme, text string, follows bool) {
	if !follows {
		w.Text(element, text)
		return
	}
	w.Text(element, text, "xsi:type", "dcterms:"+scheme)
}

func (w *writer) uri(element, text string) {
	w.typed(element, "URI", text, crosswalk.IsURI(text))
}

// date states what the type system knows: a day, month or year. A range is EDTF as it is.
func (w *writer) date(element string, d record.Date) {
	w.typed(element, "W3CDTF", crosswalk.KnownDate(d), crosswalk.IsDate(d.EDTF))
}

func (w *writer) agents(element string, agents []record.Agent) {
	for _, a := range agents {
		w.Texts(element, a.Name)
	}
}

func (w *writer) files(files []record.File) {
	types := map[string]bool{}
	for _, f := range crosswalk.Live(files) {
		if !types[f.MediaType] {
			types[f.MediaType] = true
			w.typed("dc:format", "IMT", f.MediaType, true)
		}
		if f.Pages > 0 {
			w.Text("dcterms:extent", strconv.Itoa(f.Pages)+" pages", "xml:lang", "en")
		}
		w.uri("dcterms:hasFormat", f.URL)
	}
}

// identifiers writes the page to send a reader to first, since many harvesters show the
// first as the link; then names as URIs.
func (w *writer) identifiers(rec record.Record) {
	done := map[string]bool{}
	for _, s := range append([]string{rec.Origin.Landing}, uris(rec.Identifiers)...) {
		if !done[s] {
			done[s] = true
			w.uri("dc:identifier", s)
		}
	}
}

func uris(ids []record.Identifier) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = crosswalk.URI(id)
	}
	return list
}

// relation names the term of each kind of relation.
var relation = map[string]string{
	"translationOf": "dcterms:isVersionOf", "versionOf": "dcterms:isVersionOf", "partOf": "dcterms:isPartOf",
}

func (w *writer) relations(list []record.Relation) {
	for _, r := range list {
		element := relation[r.Kind]
		if element == "" {
			element = "dc:relation"
		}
		w.uri(element, r.Target)
	}
}
