package ctip

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

const (
	xmlNamespace = "http://www.w3.org/XML/1998/namespace"
	// maxDepth is more than the schema nests; what lies deeper is not of the schema.
	maxDepth = 8
	// unknownLanguage marks a text whose language is not known.
	unknownLanguage = "und"
)

// node is one element of the schema's namespace.
type node struct {
	name string
	lang string // xml:lang, inherited
	text string // its own character data
	attr []xml.Attr
	kids []node
}

// value returns an attribute without namespace, or "".
func (n *node) value(name string) string {
	for _, a := range n.attr {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// readResource finds the first <resource> element of the namespace, which may stand
// inside an envelope such as an OAI-PMH record, and reads it. The rest must be
// well-formed too: half a document is not a document.
func readResource(data []byte) (node, error) {
	dec := xml.NewDecoder(bytes.NewReader(data))
	found, first := false, ""
	var root node
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return node{}, err
		}
		start, ok := tok.(xml.StartElement)
		switch {
		case !ok || found:
		case start.Name == xml.Name{Space: Namespace, Local: "resource"}:
			if root, err = readNode(dec, start, unknownLanguage, 1); err != nil {
				return node{}, err
			}
			found = true
		case first == "":
			first = fmt.Sprintf("; it begins with %.80q of the namespace %.80q", start.Name.Local, start.Name.Space)
		}
	}
	if !found {
		return node{}, fmt.Errorf("there is no <resource> element of the namespace %s%s", Namespace, first)
	}
	return root, nil
}

// readNode reads an element to its end and leaves out what is of other namespaces.
func readNode(dec *xml.Decoder, start xml.StartElement, lang string, depth int) (node, error) {
	n := node{name: start.Name.Local, lang: lang, attr: start.Attr}
	for _, a := range start.Attr {
		if a.Name.Local == "lang" && a.Name.Space == xmlNamespace {
			n.lang = a.Value
			if n.lang == "" {
				n.lang = unknownLanguage
			}
		}
	}
	var text []byte
	for {
		tok, err := dec.Token()
		if err != nil {
			return node{}, err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if tok.Name.Space != Namespace || depth == maxDepth {
				if err := dec.Skip(); err != nil {
					return node{}, err
				}
				continue
			}
			kid, err := readNode(dec, tok, n.lang, depth+1)
			if err != nil {
				return node{}, err
			}
			n.kids = append(n.kids, kid)
		case xml.CharData:
			text = append(text, tok...)
		case xml.EndElement:
			n.text = string(text)
			return n, nil
		}
	}
}
