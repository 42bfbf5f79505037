package oai

import (
	"bytes"
	"errors"
	"strings"
)

// errDepth is the limit that keeps a hostile document from growing the stack.
var errDepth = errors.New("the answer nests its elements too deep")

func splitName(name []byte) (prefix, local []byte) {
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		return name[:i], name[i+1:]
	}
	return nil, name
}

func prefixOf(name []byte) []byte {
	prefix, _ := splitName(name)
	return prefix
}

func localOf(name []byte) string {
	_, local := splitName(name)
	return string(local)
}

// bind takes in the namespace declarations of a start tag.
func (p *parser) bind(t token) {
	if len(t.data) < len(`xmlns=""`) {
		return
	}
	eachAttr(t.data, func(name, quoted []byte) {
		if prefix, ok := bytes.CutPrefix(name, []byte("xmlns")); ok {
			if len(prefix) == 0 {
				p.bindings = append(p.bindings, binding{nil, quoted})
			} else if prefix[0] == ':' {
				p.bindings = append(p.bindings, binding{prefix[1:], quoted})
			}
		}
	})
}

// resolve returns the namespace of a prefix, "" when it is not bound.
func (p *parser) resolve(prefix []byte) string {
	for i := len(p.bindings) - 1; i >= 0; i-- {
		if b := p.bindings[i]; bytes.Equal(b.prefix, prefix) {
			return p.intern(b.quoted[1 : len(b.quoted)-1])
		}
	}
	return ""
}

// intern returns a text that repeats from record to record: a namespace, a set.
func (p *parser) intern(raw []byte) string {
	if s, ok := p.names[string(raw)]; ok {
		return s
	}
	s := strings.TrimSpace(string(appendUnescaped(nil, raw)))
	if p.names == nil {
		p.names = map[string]string{}
	}
	if len(p.names) < 1000 {
		p.names[string(raw)] = s
	}
	return s
}

// ours reports whether an element is in the namespace of the protocol, or in that of the
// root, or in none: some repositories leave it out, or get it wrong.
func (p *parser) ours(t token) bool {
	ns := p.resolve(prefixOf(t.name))
	return ns == p.root || ns == Namespace || ns == "" || p.astray
}

// is reports whether an element is that one of the protocol.
func (p *parser) is(t token, local string) bool {
	_, l := splitName(t.name)
	return string(l) == local && p.ours(t)
}

// note remembers that a piece of text is not well-formed.
func (p *parser) note(t token) {
	if t.bad {
		p.malformed = true
	}
	if t.kind == text && len(t.data) > 0 {
		if bytes.Contains(t.data, []byte("]]>")) {
			p.malformed = true
		}
		switch worstReference(t.data) {
		case refNone:
			p.malformed = true
		case refHTML:
			p.malformed, p.html = true, true
		}
	}
}

// children calls f with each child element of an element whose start tag was just read. f
// must read the child to its end. It reports whether the element was closed, if only by
// the end of one around it.
func (p *parser) children(parent token, f func(child token)) bool {
	p.note(parent)
	if parent.kind == emptyTag {
		return true
	}
	if !p.push(parent) {
		return false
	}
	for {
		switch t := p.next(); t.kind {
		case startTag, emptyTag:
			mark := len(p.bindings)
			p.bind(t)
			f(t)
			p.bindings = p.bindings[:mark]
		case endTag:
			if p.pop(t) {
				return true
			}
		case eof:
			p.truncated = true
			p.malformed = true
			p.stack = p.stack[:len(p.stack)-1]
			return false
		default:
			p.note(t)
		}
	}
}

func (p *parser) push(t token) bool {
	if len(p.stack) >= maxDepth {
		p.stop(errDepth)
		return false
	}
	p.stack = append(p.stack, t.name)
	return true
}

// pop holds an end tag against the open elements and reports whether it closes the
// innermost one. One that closes an outer element closes the inner one too and is read
// again by the outer; one that closes nothing is passed over.
func (p *parser) pop(t token) bool {
	top := len(p.stack) - 1
	if bytes.Equal(t.name, p.stack[top]) {
		p.stack = p.stack[:top]
		p.implied = false
		return true
	}
	p.malformed = true
	for _, name := range p.stack[:top] {
		if bytes.Equal(name, t.name) {
			p.stack = p.stack[:top]
			p.pos = t.pos
			p.implied = true
			return true
		}
	}
	return false
}

// skip passes over an element with all that is in it.
func (p *parser) skip(t token) {
	p.note(t)
	if t.kind == emptyTag || !p.push(t) {
		return
	}
	for base := len(p.stack) - 1; len(p.stack) > base; {
		switch t := p.next(); t.kind {
		case startTag:
			p.note(t)
			if !p.push(t) {
				p.stack = p.stack[:base]
				return
			}
		case endTag:
			p.pop(t)
		case eof:
			p.truncated = true
			p.malformed = true
			p.stack = p.stack[:base]
		default:
			p.note(t)
		}
	}
}

// text returns the trimmed text of an element, that of elements in it included.
func (p *parser) text(t token) string {
	if t.kind == emptyTag {
		p.note(t)
		return ""
	}
	plain := p.next()
	if plain.kind == text { // nearly always: one run of text, and the end tag
		end := p.next()
		if end.kind == endTag && bytes.Equal(end.name, t.name) {
			p.note(t)
			p.note(plain)
			return strings.TrimSpace(string(appendUnescaped(p.buffer(len(plain.data)), plain.data)))
		}
	}
	p.pos = plain.pos
	return p.mixedText(t)
}

// buffer returns a buffer for text that is copied before the next use.
func (p *parser) buffer(n int) []byte {
	if cap(p.scratch) < n {
		p.scratch = make([]byte, 0, max(n, 256))
	}
	return p.scratch[:0]
}

// mixedText is the text of an element that holds CDATA, comments or elements.
func (p *parser) mixedText(t token) string {
	from := p.pos
	p.skip(t)
	inner := scanner{doc: p.doc[from:p.pos]}
	var out []byte
	for t := inner.next(); t.kind != eof; t = inner.next() {
		switch t.kind {
		case text:
			out = appendUnescaped(out, t.data)
		case cdata:
			out = append(out, t.data...)
		}
	}
	return strings.TrimSpace(string(out))
}
