package oai

import (
	"bytes"
	"slices"
)

// Repair writes a record body that is not well-formed as XML that any parser reads: tags
// are balanced, what is no markup is escaped, entities of HTML are resolved. It loses
// comments, and attributes and tags that have no XML form. A body that is well-formed is
// not meant for it: its bytes are to be read as they are.
func Repair(body []byte) []byte {
	s := scanner{doc: body}
	out := make([]byte, 0, len(body)+len(body)/8)
	var open [][]byte
	closeLast := func() {
		out = append(append(append(out, "</"...), open[len(open)-1]...), '>')
		open = open[:len(open)-1]
	}
	for t := s.next(); t.kind != eof; t = s.next() {
		switch t.kind {
		case text:
			out = appendRepaired(out, t.data)
		case cdata:
			out = append(append(append(out, "<![CDATA["...), t.data...), "]]>"...)
		case startTag, emptyTag:
			if !plainName(t.name) || len(open) >= maxDepth {
				continue
			}
			out = append(append(out, '<'), t.name...)
			out = appendAttrs(out, t.data)
			if t.kind == emptyTag {
				out = append(out, "/>"...)
				continue
			}
			out = append(out, '>')
			open = append(open, t.name)
		case endTag:
			if !slices.ContainsFunc(open, func(name []byte) bool { return bytes.Equal(name, t.name) }) {
				continue
			}
			for !bytes.Equal(open[len(open)-1], t.name) {
				closeLast()
			}
			closeLast()
		}
	}
	for len(open) > 0 {
		closeLast()
	}
	return out
}

// appendRepaired appends text with every reference resolved and everything escaped.
func appendRepaired(dst, text []byte) []byte {
	return AppendText(dst, string(appendUnescaped(nil, text)))
}

// appendAttrs appends the well-formed attributes of a start tag, each name once.
func appendAttrs(dst, data []byte) []byte {
	var names [][]byte
	eachAttr(data, func(name, quoted []byte) {
		if !plainName(name) || slices.ContainsFunc(names, func(n []byte) bool { return bytes.Equal(n, name) }) {
			return
		}
		names = append(names, name)
		dst = append(append(append(dst, ' '), name...), `="`...)
		dst = AppendAttr(dst, string(appendUnescaped(nil, quoted[1:len(quoted)-1])))
		dst = append(dst, '"')
	})
	return dst
}

// plainName reports whether a name is a valid one of ASCII letters. Names in other
// scripts hang on tables that parsers do not agree on.
func plainName(name []byte) bool {
	return validName(name) && !bytes.ContainsFunc(name, func(r rune) bool { return r > 0x7F })
}
