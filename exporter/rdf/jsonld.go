package rdf

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// JSONLDType is the media type of JSON-LD.
const JSONLDType = "application/ld+json"

// JSONLD writes the graph in JSON-LD 1.1 (https://www.w3.org/TR/json-ld11/). Its context is
// in the document: nothing has to be fetched to understand it.
func (g *Graph) JSONLD() ([]byte, error) {
	context := map[string]string{}
	for _, p := range g.prefixes {
		context[p.Name] = p.URI
	}
	nodes := make([]map[string]any, 0, len(g.nodes))
	for _, n := range g.nodes {
		nodes = append(nodes, n.json())
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(map[string]any{"@context": context, "@graph": nodes}); err != nil {
		return nil, fmt.Errorf("writing JSON-LD: %w", err)
	}
	return b.Bytes(), nil
}

func (n *node) json() map[string]any {
	m := map[string]any{"@id": n.subject}
	for _, p := range n.properties {
		var values []any
		for _, o := range p.objects {
			if p.predicate == rdfType {
				values = append(values, o.value)
			} else {
				values = append(values, o.json())
			}
		}
		if p.predicate == rdfType {
			m["@type"] = values
		} else {
			m[p.predicate] = values
		}
	}
	return m
}

func (t Term) json() map[string]string {
	switch {
	case t.kind != literal:
		return map[string]string{"@id": t.value}
	case t.lang != "":
		return map[string]string{"@value": t.value, "@language": t.lang}
	case t.datatype != "":
		return map[string]string{"@value": t.value, "@type": t.datatype}
	}
	return map[string]string{"@value": t.value}
}
