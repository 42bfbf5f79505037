// Package mods writes records in MODS 3.8 of the Library of Congress, which libraries'
// catalogues read: names with roles, titles with their translations, places and files.
//
// In flow published records and a function that names concepts; out flow bytes. It stores
// nothing. Evidence and confidence stay behind; the format ctip has them.
package mods

import (
	"context"
	"io"
	"iter"
	"strconv"

	"ctiphub/exporter/crosswalk"
	"ctiphub/record"
)

const (
	prefix    = "mods"
	namespace = "http://www.loc.gov/mods/v3"
	schema    = "http://www.loc.gov/standards/mods/v3/mods-3-8.xsd"
	declared  = ` xmlns="` + namespace + `" xmlns:xlink="http://www.w3.org/1999/xlink"` + crosswalk.XSI +
		` xsi:schemaLocation="` + namespace + " " + schema + `"`
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

// Encode writes one <modsCollection>, a record at a time.
func (e Exporter) Encode(ctx context.Context, w io.Writer, recs iter.Seq2[record.Record, error]) error {
	return crosswalk.Encode(ctx, w, recs, "<modsCollection"+declared+">", "</modsCollection>",
		func(dst []byte, rec record.Record) []byte { return e.body(append(dst, `<mods version="3.8">`...), rec) })
}

// Append appends one record's <mods> element.
func (e Exporter) Append(dst []byte, rec record.Record) []byte {
	return e.body(append(dst, "<mods"+declared+` version="3.8">`...), rec)
}

func (e Exporter) body(dst []byte, rec record.Record) []byte {
	w := &writer{crosswalk.Writer{Bytes: dst}}
	w.titles(rec)
	w.names("cre", rec.Creators, 1)
	w.names("fnd", rec.Funders, 1+len(rec.Creators))
	w.Text("typeOfResource", resource(rec.Type))
	e.concepts(w, "genre", "type", rec.Type)
	w.origin(rec)
	for _, l := range rec.Languages {
		w.Wrap("language", func() { w.Text("languageTerm", crosswalk.Lang(l), "type", "code", "authority", "rfc5646") })
	}
	w.physical(rec.Files)
	w.Texts("abstract", rec.Description)
	e.concepts(w, "targetAudience", "audience", rec.Audiences)
	e.subjects(w, rec)
	w.relations(rec.Relations)
	w.identifiers(rec.Identifiers)
	w.location(rec)
	e.rights(w, rec.Rights)
	w.Wrap("recordInfo", func() {
		w.Text("recordInfoNote", rec.Work.EditionStatus, "type", "edition status")
		w.Text("recordIdentifier", string(rec.ID))
	})
	w.Close("mods")
	return w.Bytes
}

// name returns the label of a concept and the language it is in: none where only the id
// is known.
func (e Exporter) name(scheme, id string) (label, lang string) {
	if label = e.label(scheme, id); label == id {
		return id, ""
	}
	return label, "en"
}

// authority names a concept for programs.
func authority(scheme, id string) []string {
	return []string{"authorityURI", crosswalk.Scheme(scheme), "valueURI", crosswalk.OnlyURI(crosswalk.Concept(scheme, id))}
}

func (e Exporter) concepts(w *writer, element, scheme string, tags []record.Tag) {
	for _, t := range tags {
		label, lang := e.name(scheme, t.ID)
		w.Text(element, label, append(authority(scheme, t.ID), "xml:lang", lang)...)
	}
}

func (e Exporter) subjects(w *writer, rec record.Record) {
	for _, g := range crosswalk.Subjects(rec) {
		if g.Scheme != "audience" {
			e.subject(w, "topic", g.Scheme, g.Tags)
		}
	}
	e.subject(w, "geographic", "region", rec.Regions)
	e.subject(w, "geographic", "country", rec.Countries)
	for _, c := range rec.Countries {
		w.Wrap("subject", func() { w.Text("geographicCode", crosswalk.Code(c.ID), "authority", "iso3166") })
	}
}

func (e Exporter) subject(w *writer, element, scheme string, tags []record.Tag) {
	for _, t := range tags {
		label, lang := e.name(scheme, t.ID)
		w.Wrap("subject", func() { w.Text(element, label, "xml:lang", lang) }, authority(scheme, t.ID)...)
	}
}

func (e Exporter) rights(w *writer, r record.Rights) {
	const use = "use and reproduction"
	w.Text("accessCondition", r.License, "type", use, "xlink:href", crosswalk.OnlyURI(r.License))
	w.Texts("accessCondition", r.Statement, "type", use)
	if r.Status != "" {
		label, lang := e.name("rights", r.Status)
		w.Text("accessCondition", label, "type", use, "xlink:href", crosswalk.OnlyURI(crosswalk.Concept("rights", r.Status)), "xml:lang", lang)
	}
}

// resource says in the words of MODS what the primary type is, nothing where it is open.
func resource(types []record.Tag) string {
	if len(types) == 0 {
		return ""
	}
	switch types[0].ID {
	case "video-webinar":
		return "moving image"
	case "event", "campaign-material", "e-learning", "website", "dataset", "other":
		return ""
	}
	return "text"
}

// writer adds the groups of MODS to the shared one.
type writer struct{ crosswalk.Writer }

func count(n int, unit string) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n) + " " + unit
}
