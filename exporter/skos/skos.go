// Package skos writes the controlled vocabulary in SKOS (https://www.w3.org/TR/skos-reference/),
// so that other catalogues can map their concepts to ours.
//
// In flows the vocabulary as readers see it; out flows a graph, which Turtle and JSON-LD are
// written from. It stores nothing. Concepts have one label a language, the preferred one: the
// terms by which the normalizer finds concepts in texts are clues and no names, and are not
// part of the vocabulary; so there are no alternative labels.
package skos

import (
	"ctiphub/exporter/crosswalk"
	"ctiphub/exporter/rdf"
	"ctiphub/record"
)

// title names the schemes; one without a title has its id.
var title = map[string]string{
	"theme": "Themes", "type": "Resource types", "audience": "Audiences", "victim-group": "Groups of victims",
	"exploitation": "Forms of exploitation", "country": "Countries", "region": "Regions", "language": "Languages",
	"rights": "Rights", "sensitivity": "Sensitivity",
}

// Title returns the English name of a scheme.
func Title(scheme string) string {
	if t := title[scheme]; t != "" {
		return t
	}
	return scheme
}

// Graph states all schemes and concepts.
func Graph(v record.Vocabulary) *rdf.Graph {
	g := rdf.New(
		rdf.Prefix{Name: "dcterms", URI: "http://purl.org/dc/terms/"},
		rdf.Prefix{Name: "owl", URI: "http://www.w3.org/2002/07/owl#"},
		rdf.Prefix{Name: "skos", URI: "http://www.w3.org/2004/02/skos/core#"},
	)
	for _, s := range v.Schemes {
		uri := crosswalk.Scheme(s.ID)
		g.Type(uri, "skos:ConceptScheme")
		g.Add(uri, "skos:prefLabel", rdf.Text(Title(s.ID), "en"))
		g.Add(uri, "dcterms:identifier", rdf.Text(s.ID, ""))
		g.Add(uri, "owl:versionInfo", rdf.Text(v.Version, ""))
		for _, c := range s.Concepts {
			concept(g, v, s.ID, c)
		}
	}
	return g
}

// concept states one concept. Every relation is stated both ways: many readers infer nothing.
func concept(g *rdf.Graph, v record.Vocabulary, scheme string, c record.Concept) {
	uri, in := crosswalk.Concept(scheme, c.ID), rdf.IRI(crosswalk.Scheme(scheme))
	g.Type(uri, "skos:Concept")
	g.Add(uri, "skos:inScheme", in)
	g.Add(uri, "dcterms:identifier", rdf.Text(c.ID, ""))
	g.Add(uri, "skos:notation", rdf.Text(c.Notation, ""))
	for _, lang := range c.Label.Languages() {
		g.Add(uri, "skos:prefLabel", rdf.Text(c.Label[lang], lang))
	}
	g.Add(uri, "skos:scopeNote", rdf.Text(c.Note, "en"))
	if _, known := v.Concept(scheme, c.Broader); !known {
		g.Add(uri, "skos:topConceptOf", in)
		g.Add(crosswalk.Scheme(scheme), "skos:hasTopConcept", rdf.IRI(uri))
		return
	}
	wider := crosswalk.Concept(scheme, c.Broader)
	g.Add(uri, "skos:broader", rdf.IRI(wider))
	g.Add(wider, "skos:narrower", rdf.IRI(uri))
}
