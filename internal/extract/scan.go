package extract

import (
	"bytes"
	"encoding/xml"
	"strconv"
	"strings"
	"unicode/utf8"
)

// readXML reads well-formed XML: what nearly all records are made of in one quick pass,
// anything unusual by encoding/xml.
func readXML(body []byte) (*element, error) {
	if root := scanXML(body); root != nil {
		return root, nil
	}
	return parseXML(body, true)
}

// scanXML makes of a document the elements that parseXML makes of it, or returns nil: for
// what is not well-formed, and for all that is seldom seen in a record (declarations,
// comments, CDATA, names beyond ASCII, carriage returns), so that it has little to know.
// Texts are parts of one copy of the body.
func scanXML(body []byte) *element {
	if !scannable(body) {
		return nil
	}
	tags := bytes.Count(body, []byte("<"))
	// Elements have two tags each, and mostly one text or none.
	s := scanner{
		rest: string(body), room: make([]element, tags), links: make([]*element, 0, tags), pending: make([]*element, 0, tags),
		attrs: make([]xml.Attr, 0, bytes.Count(body, []byte("="))), open: make([]opened, 0, 8), bindings: make([]binding, 0, 8),
	}
	root := s.document()
	if s.failed {
		return nil
	}
	return root
}

// scannable reports UTF-8 without characters that XML does not allow or that change on
// reading.
func scannable(body []byte) bool {
	for _, c := range body {
		if c < ' ' && c != '\n' && c != '\t' {
			return false
		}
	}
	return utf8.Valid(body) && !bytes.Contains(body, []byte("\xEF\xBF\xBE")) && !bytes.Contains(body, []byte("\xEF\xBF\xBF"))
}

// scanner reads one document.
type scanner struct {
	rest   string
	failed bool

	room     []element  // elements not used yet
	attrs    []xml.Attr // of all elements
	links    []*element // of all elements to their children
	open     []opened
	pending  []*element // children of what is open
	bindings []binding  // namespaces in scope, the innermost last
	count    int
}

// opened is an element whose end was not read yet.
type opened struct {
	e        *element
	tag      string // its name with prefix
	children int    // where its children begin in pending
	bindings int    // how many there were before it
}

// binding is a namespace and its prefix.
type binding struct{ prefix, space string }

// document reads all, and returns the root.
func (s *scanner) document() *element {
	var root *element
	for s.rest != "" && !s.failed {
		if s.rest[0] != '<' {
			s.text()
			continue
		}
		if len(s.open) == 0 && root != nil {
			s.failed = true // a second root
			break
		}
		if strings.HasPrefix(s.rest, "</") {
			s.end()
			continue
		}
		e := s.start()
		if root == nil {
			root = e
		}
	}
	s.failed = s.failed || len(s.open) > 0 || root == nil
	return root
}

// element returns a new element among the children of what is open.
func (s *scanner) element() *element {
	if len(s.room) == 0 {
		s.room = make([]element, 16)
	}
	e := &s.room[0]
	s.room = s.room[1:]
	s.pending = append(s.pending, e)
	return e
}

// text reads character data up to the next tag.
func (s *scanner) text() {
	end := strings.IndexByte(s.rest, '<')
	if end < 0 {
		end = len(s.rest)
	}
	data := s.rest[:end]
	s.rest = s.rest[end:]
	if strings.Contains(data, "]]>") {
		s.failed = true
	}
	if data = s.resolved(data); len(s.open) > 0 {
		s.element().data = data
	}
}

// resolved puts characters in place of references.
func (s *scanner) resolved(data string) string {
	amp := strings.IndexByte(data, '&')
	if amp < 0 {
		return data
	}
	var b strings.Builder
	b.Grow(len(data))
	for amp >= 0 {
		b.WriteString(data[:amp])
		name, rest, ok := strings.Cut(data[amp+1:], ";")
		r := referred(name)
		if s.failed = s.failed || !ok || r == 0; s.failed {
			return ""
		}
		b.WriteRune(r)
		data = rest
		amp = strings.IndexByte(data, '&')
	}
	b.WriteString(data)
	return b.String()
}

// referred is the character that a reference stands for, 0 for one that scanXML does not
// know.
func referred(name string) rune {
	switch name {
	case "amp":
		return '&'
	case "lt":
		return '<'
	case "gt":
		return '>'
	case "quot":
		return '"'
	case "apos":
		return '\''
	}
	digits, ok := strings.CutPrefix(name, "#")
	if !ok {
		return 0
	}
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n < ' ' && n != '\n' && n != '\t' || n > utf8.MaxRune || n == 0xFFFE || n == 0xFFFF || !utf8.ValidRune(rune(n)) {
		return 0
	}
	return rune(n)
}

// name takes a name off the front.
func (s *scanner) name() string {
	end := 0
	for end < len(s.rest) && inName(s.rest[end], end > 0) {
		end++
	}
	name := s.rest[:end]
	s.rest = s.rest[end:]
	if name == "" || name[0] == ':' || name[end-1] == ':' || strings.Count(name, ":") > 1 {
		s.failed = true
	}
	return name
}

func inName(c byte, behind bool) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c == ':' || behind && ('0' <= c && c <= '9' || c == '-' || c == '.')
}

func (s *scanner) space() { s.rest = strings.TrimLeft(s.rest, " \t\n") }

// expect takes a token off the front.
func (s *scanner) expect(token string) {
	rest, ok := strings.CutPrefix(s.rest, token)
	s.rest, s.failed = rest, s.failed || !ok
}

// start reads a start tag.
func (s *scanner) start() *element {
	s.expect("<")
	tag := s.name()
	if s.count++; s.count > maxXMLElements || len(s.open) >= maxXMLDepth {
		s.failed = true
	}
	e := s.element()
	s.open = append(s.open, opened{e, tag, len(s.pending), len(s.bindings)})
	attrs := len(s.attrs)
	for !s.failed {
		if s.space(); strings.HasPrefix(s.rest, ">") || strings.HasPrefix(s.rest, "/") {
			break
		}
		s.attribute()
	}
	e.attrs = s.attrs[attrs:len(s.attrs):len(s.attrs)]
	n := s.resolve(tag, true)
	e.space, e.name = n.Space, n.Local
	for i := range e.attrs {
		a := &e.attrs[i]
		a.Name = s.resolve(a.Name.Local, false)
	}
	if strings.HasPrefix(s.rest, "/") {
		s.expect("/>")
		s.close()
		return e
	}
	s.expect(">")
	return e
}

// attribute reads one attribute; its name is resolved when all are known.
func (s *scanner) attribute() {
	name := s.name()
	s.space()
	s.expect("=")
	s.space()
	if s.failed || s.rest == "" || s.rest[0] != '"' && s.rest[0] != '\'' {
		s.failed = true
		return
	}
	value, rest, ok := strings.Cut(s.rest[1:], s.rest[:1])
	if !ok || strings.IndexByte(value, '<') >= 0 {
		s.failed = true
		return
	}
	s.rest = rest
	value = s.resolved(value)
	s.attrs = append(s.attrs, xml.Attr{Name: xml.Name{Local: name}, Value: value})
	if prefix, ok := strings.CutPrefix(name, "xmlns:"); ok {
		s.bindings = append(s.bindings, binding{prefix, value})
	} else if name == "xmlns" {
		s.bindings = append(s.bindings, binding{"", value})
	}
}

// xmlNamespace is what the prefix xml is bound to without being declared.
const xmlNamespace = "http://www.w3.org/XML/1998/namespace"

// resolve puts a namespace in place of the prefix of a name, as encoding/xml does: a prefix
// that nobody declared stays.
func (s *scanner) resolve(tag string, isElement bool) xml.Name {
	prefix, local, ok := strings.Cut(tag, ":")
	if !ok {
		prefix, local = "", tag
	}
	switch {
	case prefix == "xmlns", prefix == "" && (!isElement || local == "xmlns"):
		return xml.Name{Space: prefix, Local: local}
	case prefix == "xml":
		prefix = xmlNamespace
	}
	for i := len(s.bindings) - 1; i >= 0; i-- {
		if s.bindings[i].prefix == prefix {
			return xml.Name{Space: s.bindings[i].space, Local: local}
		}
	}
	return xml.Name{Space: prefix, Local: local}
}

// end reads an end tag.
func (s *scanner) end() {
	s.expect("</")
	tag := s.name()
	s.space()
	s.expect(">")
	if len(s.open) == 0 || s.open[len(s.open)-1].tag != tag {
		s.failed = true
		return
	}
	s.close()
}

// close gives the innermost open element its children.
func (s *scanner) close() {
	o := s.open[len(s.open)-1]
	s.open = s.open[:len(s.open)-1]
	s.bindings = s.bindings[:o.bindings]
	if from := len(s.links); len(s.pending) > o.children {
		s.links = append(s.links, s.pending[o.children:]...)
		o.e.children = s.links[from:len(s.links):len(s.links)]
		s.pending = s.pending[:o.children]
	}
}
