// Package datacite writes records in DataCite's kernel 4, in the envelope oai_datacite by
// which DataCite, Zenodo and InvenioRDM disseminate it.
//
// The schema asks for things that a leaflet of a ministry does not have. Without a DOI the
// identifier is, as OpenAIRE's guidelines allow, a handle or the address of the page, typed
// as what it is. An unknown creator or publisher is ":unav", a missing identifier or
// data centre ":none", as DataCite's list of values for unknown information has it; an
// unknown year is 0000, which the schema accepts and no calendar knows. Nothing is invented.
//
// In flow published records and a function that names concepts; out flow bytes. It stores
// nothing. Evidence and confidence stay behind; the format ctip has them.
package datacite

import (
	"context"
	"io"
	"iter"

	"ctiphub/exporter/crosswalk"
	"ctiphub/record"
)

const (
	prefix    = "oai_datacite"
	namespace = "http://schema.datacite.org/oai/oai-1.1/"
	schema    = "http://schema.datacite.org/oai/oai-1.1/oai.xsd"
	kernel    = "http://datacite.org/schema/kernel-4"
	version   = "4.6" // the first that knows translations
	start     = `<oai_datacite xmlns="` + namespace + `"` + crosswalk.XSI + ` xsi:schemaLocation="` + namespace + " " + schema + `">` +
		"<schemaVersion>" + version + "</schemaVersion><datacentreSymbol>" + none + "</datacentreSymbol><payload>" +
		`<resource xmlns="` + kernel + `" xsi:schemaLocation="` + kernel + ` http://schema.datacite.org/meta/kernel-4/metadata.xsd">`
	end = "</resource></payload></oai_datacite>"

	unknown     = ":unav" // there may be one, nobody here knows it
	none        = ":none" // there is none
	unknownYear = "0000"
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
	w.identifiers(rec)
	w.creators(rec.Creators)
	w.titles(rec)
	w.publishers(rec)
	w.dates(rec)
	e.resourceType(w, rec.Type)
	e.subjects(w, rec)
	w.funders(rec.Funders)
	if len(rec.Languages) > 0 {
		w.Text("language", crosswalk.Lang(rec.Languages[0]))
	}
	w.related(rec)
	w.files(rec.Files)
	e.rights(w, rec.Rights)
	w.Wrap("descriptions", func() { w.Texts("description", rec.Description, "descriptionType", "Abstract") })
	e.places(w, rec)
	return append(w.Bytes, end...)
}

// name returns the label of a concept and the language it is in: none where only the id
// is known.
func (e Exporter) name(scheme, id string) (label, lang string) {
	if label = e.label(scheme, id); label == id {
		return id, ""
	}
	return label, "en"
}

// general maps the hub's types to DataCite's; all others are texts.
var general = map[string]string{
	"video-webinar": "Audiovisual", "event": "Event", "dataset": "Dataset", "book": "Book", "thesis": "Dissertation",
	"journal-article": "JournalArticle", "report": "Report", "e-learning": "InteractiveResource",
	"website": "InteractiveResource", "other": "Other", "campaign-material": "Other",
}

func (e Exporter) resourceType(w *writer, types []record.Tag) {
	kind, label := "Other", unknown
	if len(types) > 0 {
		if kind = general[types[0].ID]; kind == "" {
			kind = "Text"
		}
		label, _ = e.name("type", types[0].ID)
	}
	w.required("resourceType", label, unknown, "resourceTypeGeneral", kind)
}

func (e Exporter) subjects(w *writer, rec record.Record) {
	w.Wrap("subjects", func() {
		for _, g := range crosswalk.Subjects(rec) {
			for _, t := range g.Tags {
				label, lang := e.name(g.Scheme, t.ID)
				w.Text("subject", label, "subjectScheme", g.Scheme, "schemeURI", crosswalk.Scheme(g.Scheme),
					"valueURI", crosswalk.OnlyURI(crosswalk.Concept(g.Scheme, t.ID)), "xml:lang", lang)
			}
		}
	})
}

func (e Exporter) rights(w *writer, r record.Rights) {
	w.Wrap("rightsList", func() {
		w.Text("rights", r.License, "rightsURI", crosswalk.OnlyURI(r.License))
		w.Texts("rights", r.Statement)
		if r.Status != "" {
			label, lang := e.name("rights", r.Status)
			w.Text("rights", label, "rightsURI", crosswalk.OnlyURI(crosswalk.Concept("rights", r.Status)), "xml:lang", lang)
		}
	})
}

func (e Exporter) places(w *writer, rec record.Record) {
	w.Wrap("geoLocations", func() {
		for _, g := range []crosswalk.Group{{Scheme: "country", Tags: rec.Countries}, {Scheme: "region", Tags: rec.Regions}} {
			for _, t := range g.Tags {
				label, _ := e.name(g.Scheme, t.ID)
				w.Wrap("geoLocation", func() { w.Text("geoLocationPlace", label) })
			}
		}
	})
}
