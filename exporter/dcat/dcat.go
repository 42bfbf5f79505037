// Package dcat describes the hub's catalogue as a whole in DCAT 3
// (https://www.w3.org/TR/vocab-dcat-3/), so that data portals can list it: one dataset of all
// records with its distributions and services, and one for each source.
//
// In flow facts of the hub; out flows a graph, which Turtle and JSON-LD are written from. It
// stores nothing. Single records are no datasets here: they describe guidelines and laws, which
// are no data, and whoever wants them as RDF finds each under its own address.
package dcat

import (
	"strconv"
	"time"

	"ctiphub/exporter/crosswalk"
	"ctiphub/exporter/rdf"
	"ctiphub/exporter/skos"
	"ctiphub/record"
)

// Facts are what is known of the catalogue.
type Facts struct {
	Base       string // public URL of the hub without a final slash
	Name       string
	Contact    string // page or mailbox
	License    string // URI of the licence of all metadata, or ""
	Updated    time.Time
	Live       int
	Vocabulary record.Vocabulary
	Sources    []Source
	Files      []File
}

// Source is one source with live records.
type Source struct {
	ID, Name, Country, Home string
	Live                    int
}

// File is one file of the newest full dump.
type File struct {
	URL       string
	MediaType string // of what is inside
	Bytes     int64
	SHA256    string
}

// service is one way to take records.
type service struct{ path, title, conforms, description string }

// services lists them.
func services() []service {
	return []service{
		{"/oai", "OAI-PMH 2.0", "http://www.openarchives.org/OAI/openarchivesprotocol.html", "/oai?verb=Identify"},
		{"/api/v1/resources", "JSON API", "https://spec.openapis.org/oas/v3.1.0", "/api/openapi.json"},
		{"/.well-known/resourcesync", "ResourceSync", "http://www.openarchives.org/rs/1.1/resourcesync", "/.well-known/resourcesync"},
	}
}

// feeds are the distributions that everybody can follow.
var feeds = []struct{ path, media string }{
	{"/feeds/atom.xml", "application/atom+xml"}, {"/feeds/rss.xml", "application/rss+xml"}, {"/feeds/feed.json", "application/feed+json"},
}

const mediaTypes = "https://www.iana.org/assignments/media-types/"

// Graph states what the facts say.
func Graph(f Facts) *rdf.Graph {
	g := rdf.New(
		rdf.Prefix{Name: "dcat", URI: "http://www.w3.org/ns/dcat#"}, rdf.Prefix{Name: "dcterms", URI: "http://purl.org/dc/terms/"},
		rdf.Prefix{Name: "foaf", URI: "http://xmlns.com/foaf/0.1/"}, rdf.Prefix{Name: "skos", URI: "http://www.w3.org/2004/02/skos/core#"},
		rdf.Prefix{Name: "spdx", URI: "http://spdx.org/rdf/terms#"}, rdf.Prefix{Name: "vcard", URI: "http://www.w3.org/2006/vcard/ns#"},
		rdf.Prefix{Name: "xsd", URI: "http://www.w3.org/2001/XMLSchema#"},
	)
	catalog, all := f.Base+"/catalog", f.Base+"/catalog#all"
	f.thing(g, catalog, "dcat:Catalog", f.Name, "Resources on the protection of victims of trafficking in persons in the member states of ASEAN, as their publishers publish them.")
	g.Add(catalog, "foaf:homepage", rdf.IRI(f.Base+"/"))
	for _, s := range f.Vocabulary.Schemes {
		if s.ID == "theme" {
			g.Add(catalog, "dcat:themeTaxonomy", rdf.IRI(crosswalk.Scheme(s.ID)))
			g.Type(crosswalk.Scheme(s.ID), "skos:ConceptScheme")
			g.Add(crosswalk.Scheme(s.ID), "skos:prefLabel", rdf.Text(skos.Title(s.ID), "en"))
		}
	}
	g.Add(catalog, "dcat:dataset", rdf.IRI(all))
	f.thing(g, all, "dcat:Dataset", "All records", "Every public record with its tags, in every form.")
	g.Add(all, "dcterms:extent", rdf.Text(strconv.Itoa(f.Live)+" records", "en"))
	g.Add(all, "dcterms:accrualPeriodicity", rdf.IRI("http://publications.europa.eu/resource/authority/frequency/DAILY"))
	for _, c := range f.Vocabulary.Scheme("country") {
		g.Add(all, "dcterms:spatial", rdf.IRI(crosswalk.Concept("country", c.ID)))
	}
	f.services(g, catalog, all)
	f.distributions(g, all)
	for _, s := range f.Sources {
		f.source(g, catalog, all, s)
	}
	return g
}

// thing states what catalogue and datasets have in common.
func (f Facts) thing(g *rdf.Graph, uri, class, title, description string) {
	g.Type(uri, class)
	g.Add(uri, "dcterms:title", rdf.Text(title, "en"))
	g.Add(uri, "dcterms:description", rdf.Text(description, "en"))
	g.Add(uri, "dcterms:publisher", rdf.IRI(f.Base+"/catalog#publisher"))
	g.Type(f.Base+"/catalog#publisher", "foaf:Agent")
	g.Add(f.Base+"/catalog#publisher", "foaf:name", rdf.Text(f.Name, ""))
	if f.Contact != "" {
		contact := f.Base + "/catalog#contact"
		g.Add(uri, "dcat:contactPoint", rdf.IRI(contact))
		g.Type(contact, "vcard:Organization")
		g.Add(contact, "vcard:fn", rdf.Text(f.Name, ""))
		if crosswalk.IsWeb(f.Contact) {
			g.Add(contact, "vcard:hasURL", rdf.IRI(f.Contact))
		} else {
			g.Add(contact, "vcard:hasEmail", rdf.IRI("mailto:"+f.Contact))
		}
	}
	if crosswalk.IsURI(f.License) {
		g.Add(uri, "dcterms:license", rdf.IRI(f.License))
	}
	if !f.Updated.IsZero() {
		g.Add(uri, "dcterms:modified", rdf.Typed(f.Updated.UTC().Format(time.RFC3339), "xsd:dateTime"))
	}
}

func (f Facts) services(g *rdf.Graph, catalog, all string) {
	for i, s := range services() {
		uri := f.Base + "/catalog#service-" + strconv.Itoa(i+1)
		g.Add(catalog, "dcat:service", rdf.IRI(uri))
		g.Type(uri, "dcat:DataService")
		g.Add(uri, "dcterms:title", rdf.Text(s.title, "en"))
		g.Add(uri, "dcat:endpointURL", rdf.IRI(f.Base+s.path))
		g.Add(uri, "dcat:endpointDescription", rdf.IRI(f.Base+s.description))
		g.Add(uri, "dcterms:conformsTo", rdf.IRI(s.conforms))
		g.Add(uri, "dcat:servesDataset", rdf.IRI(all))
	}
}

func (f Facts) distributions(g *rdf.Graph, all string) {
	for i, d := range feeds {
		uri := f.Base + "/catalog#feed-" + strconv.Itoa(i+1)
		g.Add(all, "dcat:distribution", rdf.IRI(uri))
		g.Type(uri, "dcat:Distribution")
		g.Add(uri, "dcterms:title", rdf.Text("What is new", "en"))
		g.Add(uri, "dcat:accessURL", rdf.IRI(f.Base+d.path))
		g.Add(uri, "dcat:mediaType", rdf.IRI(mediaTypes+d.media))
	}
	for i, d := range f.Files {
		uri := f.Base + "/catalog#dump-" + strconv.Itoa(i+1)
		g.Add(all, "dcat:distribution", rdf.IRI(uri))
		g.Type(uri, "dcat:Distribution")
		g.Add(uri, "dcterms:title", rdf.Text("Everything, as of the last night", "en"))
		g.Add(uri, "dcat:accessURL", rdf.IRI(f.Base+"/dumps/"))
		g.Add(uri, "dcat:downloadURL", rdf.IRI(d.URL))
		g.Add(uri, "dcat:mediaType", rdf.IRI(mediaTypes+d.MediaType))
		g.Add(uri, "dcat:compressFormat", rdf.IRI(mediaTypes+"application/zstd"))
		g.Add(uri, "dcat:byteSize", rdf.Typed(strconv.FormatInt(d.Bytes, 10), "xsd:nonNegativeInteger"))
		g.Add(uri, "spdx:checksum", rdf.IRI(uri+"-checksum"))
		g.Type(uri+"-checksum", "spdx:Checksum")
		g.Add(uri+"-checksum", "spdx:algorithm", rdf.Name("spdx:checksumAlgorithm_sha256"))
		g.Add(uri+"-checksum", "spdx:checksumValue", rdf.Typed(d.SHA256, "xsd:hexBinary"))
	}
}

func (f Facts) source(g *rdf.Graph, catalog, all string, s Source) {
	uri := f.Base + "/sources/" + s.ID
	g.Add(catalog, "dcat:dataset", rdf.IRI(uri))
	g.Add(all, "dcterms:hasPart", rdf.IRI(uri))
	g.Type(uri, "dcat:Dataset")
	g.Add(uri, "dcterms:title", rdf.Text(s.Name, ""))
	g.Add(uri, "dcterms:identifier", rdf.Text(s.ID, ""))
	g.Add(uri, "dcterms:extent", rdf.Text(strconv.Itoa(s.Live)+" records", "en"))
	if crosswalk.IsWeb(s.Home) {
		g.Add(uri, "dcterms:source", rdf.IRI(s.Home))
	}
	if s.Country != "" {
		g.Add(uri, "dcterms:spatial", rdf.IRI(crosswalk.Concept("country", s.Country)))
	}
}
