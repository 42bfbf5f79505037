// Package rdf writes statements of the Resource Description Framework as Turtle and as
// JSON-LD, the same statements in both.
//
// In flow subjects, predicates and objects; out flow bytes. It stores nothing and must not
// know any vocabulary: which prefixes there are its user says. No maintained library in Go
// writes Turtle, and what a catalogue needs of it is little: every node has a name of its
// own, so there are no blank nodes and no lists.
package rdf

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Prefix is a short name for the start of many names.
type Prefix struct{ Name, URI string }

// Term is the object of a statement. The zero Term is nothing and never written.
type Term struct {
	kind                  kind
	value, lang, datatype string
}

type kind byte

const (
	iri kind = iota + 1
	name
	literal
)

// IRI is a resource by its absolute address.
func IRI(s string) Term { return Term{kind: iri, value: cleanIRI(s)} }

// Name is a resource by a prefix of the graph and a word: "dcat:Dataset".
func Name(s string) Term { return Term{kind: name, value: s} }

// Text is a text in a language. Without one, or with a tag that is none, it has no language.
func Text(s, lang string) Term {
	if !wellFormed(lang) || lang == "und" {
		lang = ""
	}
	return Term{kind: literal, value: clean(s), lang: lang}
}

// Typed is a value of a data type, given as a name: "xsd:dateTime".
func Typed(s, datatype string) Term { return Term{kind: literal, value: clean(s), datatype: datatype} }

// Graph is a set of statements that remembers the order in which they were made, so that
// the same facts give the same bytes.
type Graph struct {
	prefixes []Prefix
	nodes    []*node
	index    map[string]*node
}

// node is what is said of one subject.
type node struct {
	subject    string
	properties []property
}

type property struct {
	predicate string // prefix and word; rdfType for the class
	objects   []Term
}

// rdfType is the predicate that both forms have a short way to write.
const rdfType = "rdf:type"

// New makes a graph whose names have these prefixes.
func New(prefixes ...Prefix) *Graph { return &Graph{prefixes: prefixes, index: map[string]*node{}} }

// Add states that a subject, by its absolute address, has these objects under a predicate,
// by prefix and word. What was stated before and empty values are left out.
func (g *Graph) Add(subject, predicate string, objects ...Term) {
	objects = slices.DeleteFunc(slices.Clone(objects), func(t Term) bool { return t.value == "" })
	if len(objects) == 0 {
		return
	}
	subject = cleanIRI(subject)
	n := g.index[subject]
	if n == nil {
		n = &node{subject: subject}
		g.index[subject] = n
		g.nodes = append(g.nodes, n)
	}
	i := slices.IndexFunc(n.properties, func(p property) bool { return p.predicate == predicate })
	if i < 0 {
		i = len(n.properties)
		n.properties = append(n.properties, property{predicate: predicate})
	}
	for _, o := range objects {
		if !slices.Contains(n.properties[i].objects, o) {
			n.properties[i].objects = append(n.properties[i].objects, o)
		}
	}
}

// Type states of which class a subject is.
func (g *Graph) Type(subject, class string) { g.Add(subject, rdfType, Name(class)) }

// clean takes out what neither XML nor Turtle lets through: bytes that are no UTF-8, control
// characters, non-characters. What is written may end up in either.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

// cleanIRI escapes what must not stand in an address, so that it cannot end early.
func cleanIRI(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for _, r := range clean(s) {
		if r <= ' ' || r == 0x7f || strings.ContainsRune("<>\"{}|^`\\", r) {
			b.WriteByte('%')
			b.WriteByte(hex[r>>4])
			b.WriteByte(hex[r&15])
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// wellFormed reports whether a language tag has the shape that Turtle allows.
func wellFormed(tag string) bool {
	for i, part := range strings.Split(tag, "-") {
		if part == "" || len(part) > 8 {
			return false
		}
		for _, c := range []byte(part) {
			letter := 'a' <= c|0x20 && c|0x20 <= 'z'
			if digit := '0' <= c && c <= '9'; !letter && (i == 0 || !digit) {
				return false
			}
		}
	}
	return utf8.ValidString(tag)
}
