package oai

import "bytes"

// record reads one record element and cuts it out.
func (p *parser) record(t token) {
	p.settle()
	var rec Record
	p.children(t, func(c token) {
		switch {
		case p.is(c, "header"):
			p.header(c, &rec.Header)
		case p.is(c, "metadata"):
			p.metadata(c, &rec)
		default:
			p.skip(c)
		}
	})
	closed := t.kind == emptyTag || !p.implied
	cut := false
	if p.malformed {
		cut = p.recover(t)
		closed = !cut && closed
		// A record that the end of the document cuts short is not kept: it is asked for
		// again with its page.
		if p.truncated && !p.alone {
			return
		}
	}
	rec.Malformed = p.malformed
	p.settle()
	rec.Body = p.body(t, p.doc[t.pos:p.pos], closed)
	if cut {
		// What was read went on into the next record: an end tag of the header was missing,
		// say, and the identifier is the next one's.
		if again, err := ParseRecord(rec.Body); err == nil {
			rec.Header, rec.Metadata = again.Header, again.Metadata
		}
	}
	p.add(rec)
}

// recover finds the end of a record that is not well-formed: where the next one begins,
// if that was taken for a part of it. Without this, one missing end tag loses a page.
func (p *parser) recover(t token) bool {
	open := append([]byte{'<'}, t.name...)
	inside := t.pos + len(open)
	for {
		i := bytes.Index(p.doc[inside:p.pos], open)
		if i < 0 {
			return false
		}
		inside += i
		ahead := scanner{doc: p.doc, pos: inside}
		if s := ahead.next(); s.kind == startTag && bytes.Equal(s.name, t.name) {
			next := ahead.next()
			if next.kind == text && len(bytes.TrimSpace(next.data)) == 0 {
				next = ahead.next()
			}
			if next.kind == startTag && localOf(next.name) == "header" {
				p.pos, p.truncated = inside, false
				return true
			}
		}
		inside += len(open)
	}
}

func (p *parser) header(t token, h *Header) {
	h.Deleted = attr(t.data, "status") == "deleted"
	p.children(t, func(c token) {
		switch {
		case p.is(c, "identifier"):
			h.Identifier = p.text(c)
		case p.is(c, "datestamp"):
			h.Datestamp = p.text(c)
			stamp, _, err := ReadStamp(h.Datestamp)
			if err != nil {
				p.oddity(OddDatestamp, "a datestamp cannot be read")
			}
			h.Time = stamp
		case p.is(c, "setSpec"):
			if spec := p.text(c); spec != "" {
				h.Sets = append(h.Sets, spec)
			}
		default:
			p.skip(c)
		}
	})
}

func (p *parser) metadata(t token, rec *Record) {
	p.children(t, func(c token) {
		if rec.Metadata.Local == "" {
			prefix, local := splitName(c.name)
			rec.Metadata = Name{Space: p.resolve(prefix), Local: p.intern(local)}
		}
		p.skip(c)
	})
}

// body makes the bytes of a record element stand alone, with an end tag if it has none.
func (p *parser) body(t token, raw []byte, closed bool) []byte {
	need := p.needed(t, raw)
	if need == nil && closed {
		return raw
	}
	if p.arena == nil {
		p.arena = make([]byte, 0, len(p.doc)-t.pos+len(p.doc)/8)
	}
	from, tag := len(p.arena), 1+len(t.name)
	p.arena = append(p.arena, raw[:tag]...)
	for _, b := range need {
		p.arena = append(p.arena, " xmlns"...)
		if len(b.prefix) > 0 {
			p.arena = append(append(p.arena, ':'), b.prefix...)
		}
		p.arena = append(append(p.arena, '='), b.quoted...)
	}
	p.arena = append(p.arena, raw[tag:]...)
	if !closed {
		p.arena = append(append(append(p.arena, "</"...), t.name...), '>')
	}
	return p.arena[from:len(p.arena):len(p.arena)]
}

// needed returns the declarations of ancestors that a record makes use of. A prefix
// counts as used where it stands before a colon, in a QName inside a value too.
func (p *parser) needed(t token, raw []byte) []binding {
	var need []binding
	for i := len(p.bindings) - 1; i >= 0; i-- {
		b := p.bindings[i]
		if declares(t.data, b.prefix) || declaredIn(need, b.prefix) {
			continue
		}
		if len(b.prefix) == 0 || bytes.Contains(raw, append(b.prefix[:len(b.prefix):len(b.prefix)], ':')) {
			need = append(need, b)
		}
	}
	return need
}

// declares reports whether the attributes of a tag declare a prefix.
func declares(data, prefix []byte) bool {
	found := false
	eachAttr(data, func(name, _ []byte) {
		declared, ok := bytes.CutPrefix(name, []byte("xmlns"))
		if ok && (len(declared) == 0 || declared[0] == ':') {
			found = found || bytes.Equal(bytes.TrimPrefix(declared, []byte(":")), prefix)
		}
	})
	return found
}

func declaredIn(list []binding, prefix []byte) bool {
	for _, b := range list {
		if bytes.Equal(b.prefix, prefix) {
			return true
		}
	}
	return false
}
