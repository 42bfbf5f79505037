// Package jsonld writes a record as JSON-LD in the words of schema.org, which search engines
// and reference managers read.
//
// In flow published records and a function that names concepts; out flow JSON. It stores
// nothing. It is for finding; whoever wants everything takes the ctip JSON, which is JSON-LD
// too under the context that the hub publishes.
package jsonld

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strings"

	"ctiphub/exporter"
	"ctiphub/exporter/crosswalk"
	"ctiphub/record"
)

// MediaType is that of a document.
const MediaType = "application/ld+json; charset=utf-8"

// Exporter writes records.
type Exporter struct {
	label func(scheme, id string) string
	base  string // public URL of the hub, or ""
	hub   string // its name
}

// New returns an exporter. base is the public URL of the hub without a final slash, "" when it
// has none; label names concepts.
func New(base, hub string, label func(scheme, id string) string) Exporter {
	return Exporter{label, strings.TrimSuffix(base, "/"), hub}
}

// Name is the format's name on the command line.
func (Exporter) Name() string { return "jsonld" }

// MediaType is that of a document of many records.
func (Exporter) MediaType() string { return MediaType }

// node is one node of the graph, with what is empty left out.
type node map[string]any

func (n node) put(key string, v any) {
	switch v := v.(type) {
	case nil:
		return
	case string:
		if v == "" {
			return
		}
	case []node:
		if len(v) == 0 {
			return
		}
	case []string:
		if len(v) == 0 {
			return
		}
	case node:
		if len(v) == 0 {
			return
		}
	}
	n[key] = v
}

// kinds are the classes of schema.org that types of resources are nearest to.
var kinds = map[string]string{
	"guideline": "DigitalDocument", "sop": "HowTo", "tool": "LearningResource", "toolkit": "LearningResource", "training-curriculum": "Course",
	"training-module": "LearningResource", "e-learning": "Course", "brief": "Report", "paper": "ScholarlyArticle", "journal-article": "ScholarlyArticle",
	"report": "Report", "guide": "Guide", "law-policy": "Legislation", "directory": "DigitalDocument", "video-webinar": "VideoObject", "event": "Event",
	"dataset": "Dataset", "book": "Book", "thesis": "Thesis", "campaign-material": "Poster", "news": "NewsArticle", "website": "WebSite",
}

// Class is the class of schema.org of a record.
func Class(rec record.Record) string {
	for _, t := range rec.Type {
		if c := kinds[t.ID]; c != "" {
			return c
		}
	}
	return "CreativeWork"
}

// URL is the address of a record in the hub, or a URN where the hub has none.
func (e Exporter) URL(id record.ID) string {
	if e.base == "" {
		return "urn:ctip-hub:resource:" + string(id)
	}
	return e.base + "/resources/" + string(id)
}

// Append appends one record as a document of its own.
func (e Exporter) Append(dst []byte, rec record.Record) ([]byte, error) {
	n := e.node(rec)
	n["@context"] = "https://schema.org"
	return appendJSON(dst, n)
}

// Document is how a file of many records is written: one graph.
func (e Exporter) Document() exporter.Document {
	first := true
	return exporter.Document{
		Head: `{"@context":"https://schema.org","@graph":[` + "\n", Tail: "]}\n",
		Append: func(dst []byte, rec record.Record) ([]byte, error) {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst, err := appendJSON(dst, e.node(rec))
			return append(dst, '\n'), err
		},
	}
}

// Encode writes one graph of many records.
func (e Exporter) Encode(ctx context.Context, w io.Writer, recs iter.Seq2[record.Record, error]) error {
	return e.Document().Encode(ctx, w, recs)
}

// appendJSON writes "<" as an escape, so that a document may stand inside a page.
func appendJSON(dst []byte, n node) ([]byte, error) {
	b, err := json.Marshal(n)
	if err != nil {
		return dst, fmt.Errorf("writing JSON-LD: %w", err)
	}
	return append(dst, bytes.TrimSpace(b)...), nil
}

func (e Exporter) node(rec record.Record) node {
	class := Class(rec)
	n := node{"@type": class, "@id": e.URL(rec.ID)}
	if e.base != "" {
		n["url"] = e.URL(rec.ID)
	}
	n.put("name", texts(rec.Title))
	n.put("alternateName", texts(rec.Alternative))
	n.put("description", texts(rec.Description))
	n.put("inLanguage", rec.Languages)
	n.put("sameAs", e.others(rec))
	n.put("identifier", identifiers(rec.Identifiers))
	n.put("about", e.about(rec))
	n.put("audience", e.audience(rec.Audiences))
	n.put("spatialCoverage", e.places(rec))
	who := "author"
	if class == "Event" {
		who = "organizer"
	}
	n.put(who, agents(rec.Creators))
	n.put("publisher", agents(rec.Publishers))
	n.put("funder", agents(rec.Funders))
	n.put("datePublished", date(rec.Issued))
	n.put("dateModified", date(rec.Modified))
	if class == "Event" {
		n.put("startDate", date(rec.Valid))
	} else {
		n.put("temporalCoverage", period(rec.Valid))
	}
	n.put("encoding", files(rec.Files))
	if crosswalk.IsURI(rec.Rights.License) {
		n["license"] = rec.Rights.License
	}
	n.put("learningResourceType", e.learning(class, rec.Type))
	n.put("exampleOfWork", e.work(rec.Work))
	for kind, list := range e.relations(rec.Relations) {
		n.put(kind, list)
	}
	if e.hub != "" && e.base != "" {
		n["sdPublisher"] = node{"@type": "Organization", "name": e.hub, "url": e.base + "/"}
	}
	if !rec.Harvest.LastChanged.IsZero() {
		n["sdDatePublished"] = rec.Harvest.LastChanged.UTC().Format("2006-01-02")
	}
	return n
}

// texts writes a language map: values with their language, one or a list of them.
func texts(t record.Texts) any {
	var list []node
	for _, lang := range t.Languages() {
		if t[lang] == "" {
			continue
		}
		v := node{"@value": t[lang]}
		if lang = crosswalk.Lang(lang); lang != "" {
			v["@language"] = lang
		}
		list = append(list, v)
	}
	if len(list) == 1 {
		return list[0]
	}
	return list
}

// others are the addresses at which the resource itself is known: its page, and names that
// resolve.
func (e Exporter) others(rec record.Record) []string {
	var list []string
	if crosswalk.IsWeb(rec.Origin.Landing) {
		list = append(list, rec.Origin.Landing)
	}
	for _, i := range rec.Identifiers {
		if u := crosswalk.URI(i); crosswalk.IsWeb(u) && u != rec.Origin.Landing {
			list = append(list, u)
		}
	}
	return list
}

func identifiers(list []record.Identifier) []node {
	var out []node
	for _, i := range list {
		if i.Value == "" {
			continue
		}
		n := node{"@type": "PropertyValue", "value": crosswalk.Bare(i)}
		n.put("propertyID", i.Scheme)
		if u := crosswalk.URI(i); crosswalk.IsURI(u) {
			n["url"] = u
		}
		out = append(out, n)
	}
	return out
}

// term is a concept of the vocabulary.
func (e Exporter) term(scheme, id string) node {
	n := node{"@type": "DefinedTerm", "@id": crosswalk.Concept(scheme, id), "termCode": id, "inDefinedTermSet": crosswalk.Scheme(scheme)}
	n.put("name", e.label(scheme, id))
	return n
}

func (e Exporter) about(rec record.Record) []node {
	var list []node
	for _, g := range crosswalk.Subjects(rec) {
		if g.Scheme == "audience" {
			continue
		}
		for _, t := range g.Tags {
			list = append(list, e.term(g.Scheme, t.ID))
		}
	}
	return list
}

func (e Exporter) audience(tags []record.Tag) []node {
	var list []node
	for _, t := range tags {
		list = append(list, node{"@type": "Audience", "@id": crosswalk.Concept("audience", t.ID), "audienceType": e.label("audience", t.ID)})
	}
	return list
}

func (e Exporter) places(rec record.Record) []node {
	var list []node
	for _, t := range rec.Countries {
		list = append(list, node{"@type": "Country", "name": e.label("country", t.ID), "identifier": t.ID})
	}
	for _, t := range rec.Regions {
		list = append(list, node{"@type": "Place", "name": e.label("region", t.ID), "identifier": t.ID})
	}
	return list
}

// classes of agents, by kind.
var classes = map[string]string{"person": "Person", "government": "GovernmentOrganization", "ngo": "NGO", "academic": "EducationalOrganization"}

func agents(list []record.Agent) []node {
	var out []node
	for _, a := range list {
		name := texts(a.Name)
		if l, ok := name.([]node); ok && len(l) == 0 {
			continue
		}
		n := node{"@type": classes[a.Kind], "name": name}
		if n["@type"] == "" {
			n["@type"] = "Organization"
		}
		if crosswalk.IsURI(a.ID) {
			n["@id"] = a.ID
		}
		if a.Country != "" {
			n["address"] = node{"@type": "PostalAddress", "addressCountry": a.Country}
		}
		out = append(out, n)
	}
	return out
}

// date is a date that is also one of ISO 8601-1, which schema.org wants: the first day, month
// or year of it; "" for anything that is not known so.
func date(d record.Date) string {
	s, _, _ := strings.Cut(d.EDTF, "/")
	if crosswalk.IsDate(s) {
		return s
	}
	return ""
}

// period is an interval as schema.org writes it.
func period(d record.Date) string {
	if crosswalk.IsDate(d.EDTF) || crosswalk.IsPeriod(d.EDTF) {
		return d.EDTF
	}
	return ""
}

func files(list []record.File) []node {
	var out []node
	for _, f := range crosswalk.Live(list) {
		if !crosswalk.IsURI(f.URL) {
			continue
		}
		n := node{"@type": "MediaObject", "contentUrl": f.URL}
		n.put("encodingFormat", f.MediaType)
		n.put("inLanguage", f.Language)
		if f.Bytes > 0 {
			n["contentSize"] = fmt.Sprintf("%d B", f.Bytes)
		}
		out = append(out, n)
	}
	return out
}

// learning names the kind of a resource for learning, in English.
func (e Exporter) learning(class string, types []record.Tag) []string {
	if class != "LearningResource" && class != "Course" {
		return nil
	}
	var list []string
	for _, t := range types {
		list = append(list, e.label("type", t.ID))
	}
	return list
}

// work is what the record is an edition of.
func (e Exporter) work(w record.Work) node {
	if w.ID == "" || e.base == "" {
		return nil
	}
	return node{"@type": "CreativeWork", "@id": e.base + "/works/" + string(w.ID)}
}

// properties are what relations are called in schema.org.
var properties = map[string]string{"translationOf": "translationOfWork", "versionOf": "isBasedOn", "partOf": "isPartOf", "accompanies": "mentions"}

func (e Exporter) relations(list []record.Relation) map[string][]node {
	out := map[string][]node{}
	for _, r := range list {
		name, target := properties[r.Kind], r.Target
		if record.ID(target).Valid() {
			target = e.URL(record.ID(target))
		}
		if name == "" || !crosswalk.IsURI(target) {
			continue
		}
		n := node{"@type": "CreativeWork", "@id": target}
		n.put("inLanguage", r.Lang)
		out[name] = append(out[name], n)
	}
	return out
}
