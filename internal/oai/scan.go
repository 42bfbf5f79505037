package oai

import "bytes"

// kind is what a piece of markup is.
type kind uint8

const (
	eof kind = iota
	text
	cdata
	startTag
	emptyTag // <a/>
	endTag
	other // comment, processing instruction, document type
)

// token is one piece of markup, as slices of the document.
type token struct {
	kind kind
	pos  int    // where it begins
	name []byte // of a tag, with its prefix
	data []byte // text; the attributes of a tag
	// bad says that it is not well-formed and had to be guessed at.
	bad bool
}

// scanner cuts a cleaned document into tokens without copying. encoding/xml does the same
// with every rune decoded and every name allocated, at a quarter of the speed, and most of
// a page is metadata that only has to be cut out. Unlike it, the scanner never gives up:
// what is no markup is text, and bad.
type scanner struct {
	doc []byte
	pos int
}

// next returns the next token; eof for ever at the end.
func (s *scanner) next() token {
	if s.pos >= len(s.doc) {
		return token{kind: eof, pos: len(s.doc)}
	}
	rest := s.doc[s.pos:]
	if rest[0] != '<' {
		return s.text(rest, 0, false)
	}
	if len(rest) < 2 {
		return s.text(rest, 1, true)
	}
	switch c := rest[1]; {
	case c == '/':
		return s.end(rest)
	case c == '?':
		return s.until(other, rest, 2, "?>")
	case c == '!':
		return s.bang(rest)
	case isNameStart(c):
		return s.start(rest)
	}
	return s.text(rest, 1, true)
}

// take makes a token of the next n bytes.
func (s *scanner) take(k kind, n int, name, data []byte, bad bool) token {
	t := token{kind: k, pos: s.pos, name: name, data: data, bad: bad}
	s.pos += n
	return t
}

// text is everything up to the next "<", of which it may swallow a false one first.
func (s *scanner) text(rest []byte, skip int, bad bool) token {
	n := bytes.IndexByte(rest[skip:], '<')
	if n < 0 {
		n = len(rest)
	} else {
		n += skip
	}
	return s.take(text, n, nil, rest[:n], bad)
}

// until is everything up to a terminator; what lacks it goes to the end of the document.
func (s *scanner) until(k kind, rest []byte, skip int, terminator string) token {
	if n := bytes.Index(rest[skip:], []byte(terminator)); n >= 0 {
		return s.take(k, skip+n+len(terminator), nil, rest[skip:skip+n], false)
	}
	return s.take(eof, len(rest), nil, nil, true)
}

func (s *scanner) bang(rest []byte) token {
	switch {
	case bytes.HasPrefix(rest, []byte("<!--")):
		return s.until(other, rest, 4, "-->")
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		return s.until(cdata, rest, 9, "]]>")
	case len(rest) >= 9 && bytes.EqualFold(rest[:9], []byte("<!doctype")):
		return s.doctype(rest)
	}
	return s.text(rest, 1, true)
}

// doctype skips a document type with its internal subset. Nothing in it is ever used.
func (s *scanner) doctype(rest []byte) token {
	depth, quote := 0, byte(0)
	for i := 2; i < len(rest); i++ {
		switch c := rest[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case bytes.HasPrefix(rest[i:], []byte("<!--")):
			n := bytes.Index(rest[i:], []byte("-->"))
			if n < 0 {
				return s.take(eof, len(rest), nil, nil, true)
			}
			i += n + 2
		case c == '<':
			depth++
		case c == '>' && depth > 0:
			depth--
		case c == '>':
			return s.take(other, i+1, []byte("!doctype"), rest[2:i], false)
		}
	}
	return s.take(eof, len(rest), nil, nil, true)
}

func (s *scanner) end(rest []byte) token {
	n := bytes.IndexByte(rest, '>')
	if n < 0 {
		return s.take(eof, len(rest), nil, nil, true)
	}
	if lt := bytes.IndexByte(rest[1:n], '<'); lt >= 0 { // "</a <b>"
		return s.take(text, lt+1, nil, rest[:lt+1], true)
	}
	name := bytes.TrimRight(rest[2:n], " \t\r\n")
	return s.take(endTag, n+1, name, nil, len(name) == 0)
}

// start reads a start tag. A tag that breaks off before another "<" is taken as text.
func (s *scanner) start(rest []byte) token {
	i := 1
	for i < len(rest) && !nameEnd[rest[i]] {
		i++
	}
	name, from := rest[1:i], i
	bad := !validName(name)
	for i < len(rest) {
		switch c := rest[i]; {
		case isSpace(c):
			i++
		case c == '>':
			return s.take(startTag, i+1, name, rest[from:i], bad)
		case c == '/' && i+1 < len(rest) && rest[i+1] == '>':
			return s.take(emptyTag, i+2, name, rest[from:i], bad)
		case c == '<':
			return s.take(text, i, nil, rest[:i], true)
		default:
			n, ok := attribute(rest[i:])
			bad = bad || !ok
			i += n
		}
	}
	return s.take(eof, len(rest), nil, nil, true)
}

// attribute returns the length of the attribute at the start of b, and whether it has the
// form name="value" with nothing in the value that XML forbids.
func attribute(b []byte) (n int, ok bool) {
	for n < len(b) && !nameEnd[b[n]] && b[n] != '=' {
		n++
	}
	if n == 0 {
		return 1, false // a stray "/", "=" or quote
	}
	valid, after := validName(b[:n]), n
	for after < len(b) && isSpace(b[after]) {
		after++
	}
	if after >= len(b) || b[after] != '=' {
		return n, false // <option selected>
	}
	after++
	for after < len(b) && isSpace(b[after]) {
		after++
	}
	if after >= len(b) || (b[after] != '"' && b[after] != '\'') {
		return after, false // <td width=5>: the value is read as one more name
	}
	size := bytes.IndexByte(b[after+1:], b[after])
	if size < 0 {
		return after + 1, false
	}
	value := b[after+1 : after+1+size]
	if lt := bytes.IndexByte(value, '<'); lt >= 0 {
		// A quote that was never closed would swallow the records that follow.
		if bytes.IndexByte(value, '\n') >= 0 || bytes.IndexByte(value, '>') >= 0 {
			return after + 1 + lt, false
		}
		return after + 2 + size, false
	}
	return after + 2 + size, valid && worstReference(value) == refXML
}

// eachAttr calls f with every well-formed attribute: its name and its value in quotes.
func eachAttr(data []byte, f func(name, quoted []byte)) {
	for i := 0; i < len(data); {
		if isSpace(data[i]) {
			i++
			continue
		}
		n, ok := attribute(data[i:])
		if ok {
			name, value, _ := bytes.Cut(data[i:i+n], []byte{'='})
			f(bytes.TrimRight(name, " \t\r\n"), bytes.TrimLeft(value, " \t\r\n"))
		}
		i += n
	}
}

// attr returns the value of an attribute by its qualified name.
func attr(data []byte, name string) string {
	value := ""
	eachAttr(data, func(n, quoted []byte) {
		if string(n) == name {
			value = string(appendUnescaped(nil, quoted[1:len(quoted)-1]))
		}
	})
	return value
}

// nameEnd marks the bytes that end a name.
var nameEnd = func() (t [256]bool) {
	for _, c := range []byte(" \t\r\n/><=\"'&") {
		t[c] = true
	}
	return t
}()

// validName reports whether a name has at most one prefix and no character of ASCII that
// names must not have.
func validName(name []byte) bool {
	colon := -1
	for i, c := range name {
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80:
		case c == ':' && colon < 0 && i > 0 && i < len(name)-1:
			colon = i
		case (c >= '0' && c <= '9' || c == '-' || c == '.') && i > 0 && i != colon+1:
		default:
			return false
		}
	}
	return len(name) > 0
}

func isNameStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == ':' || c >= 0x80
}
