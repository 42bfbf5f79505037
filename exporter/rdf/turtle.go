package rdf

import "strings"

// TurtleType is the media type of Turtle.
const TurtleType = "text/turtle; charset=utf-8"

// Turtle writes the graph in Turtle (https://www.w3.org/TR/turtle/).
func (g *Graph) Turtle() []byte {
	var dst []byte
	for _, p := range g.prefixes {
		dst = append(dst, "@prefix "+p.Name+": <"+p.URI+"> .\n"...)
	}
	for _, n := range g.nodes {
		dst = append(dst, "\n<"+n.subject+">"...)
		for i, p := range n.properties {
			if i > 0 {
				dst = append(dst, " ;\n   "...)
			}
			dst = p.appendTurtle(append(dst, ' '))
		}
		dst = append(dst, " .\n"...)
	}
	return dst
}

func (p property) appendTurtle(dst []byte) []byte {
	predicate := p.predicate
	if predicate == rdfType {
		predicate = "a"
	}
	dst = append(dst, predicate...)
	for i, o := range p.objects {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = o.appendTurtle(append(dst, ' '))
	}
	return dst
}

// turtleEscapes are the characters that would end or change a text.
var turtleEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

func (t Term) appendTurtle(dst []byte) []byte {
	switch t.kind {
	case iri:
		return append(dst, "<"+t.value+">"...)
	case name:
		return append(dst, t.value...)
	}
	dst = append(dst, `"`+turtleEscapes.Replace(t.value)+`"`...)
	switch {
	case t.lang != "":
		return append(dst, "@"+t.lang...)
	case t.datatype != "":
		return append(dst, "^^"+t.datatype...)
	}
	return dst
}
