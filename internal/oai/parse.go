package oai

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// Parse reads one answer as it came over the wire. What is broken in it is got over where
// that loses nothing, and told as an oddity. The error is ErrNotOAI, ErrTruncated or a
// limit; with ErrTruncated the answer holds what came before the break.
func Parse(body []byte, mediaType string) (*Answer, error) {
	if len(body) > MaxAnswer {
		return nil, fmt.Errorf("the answer has %d bytes, %d are the limit", len(body), MaxAnswer)
	}
	doc, odd := Clean(body, mediaType)
	p := &parser{scanner: scanner{doc: doc}, answer: &Answer{Oddities: odd}}
	err := p.document()
	return p.answer, err
}

// ParseRecord reads one record element as Record.Body holds it.
func ParseRecord(body []byte) (Record, error) {
	doc, odd := Clean(body, "")
	p := &parser{scanner: scanner{doc: doc}, answer: &Answer{Oddities: odd}, alone: true}
	for t := p.next(); t.kind != eof; t = p.next() {
		if t.kind != startTag && t.kind != emptyTag {
			continue
		}
		p.bind(t)
		p.root = p.resolve(prefixOf(t.name))
		// A record in no namespace does not tell which one its answer was in.
		p.astray = p.root == ""
		if localOf(t.name) != "record" {
			return Record{}, fmt.Errorf("%w: the element is %q, not a record", ErrNotOAI, clip(t.name))
		}
		p.record(t)
		break
	}
	if len(p.answer.Records) == 0 {
		return Record{}, fmt.Errorf("%w: no record element", ErrNotOAI)
	}
	return p.answer.Records[0], nil
}

// parser walks the envelope of an answer and cuts out its records.
type parser struct {
	scanner
	answer    *Answer
	root      string    // namespace of the root element
	astray    bool      // every namespace is taken for that of the protocol
	bindings  []binding // namespace declarations in scope, innermost last
	stack     [][]byte  // names of the open elements
	names     map[string]string
	arena     []byte // where the bodies of records are put that need declarations
	scratch   []byte
	malformed bool  // something was not well-formed since this was last reset
	html      bool  // … namely an entity of HTML
	implied   bool  // the element closed last had no end tag of its own
	truncated bool  // the end of the document came inside an element
	alone     bool  // the document is one record, of which every bit is kept
	limit     error // a limit was passed
}

// binding is one namespace declaration; quoted is the attribute value as written.
type binding struct{ prefix, quoted []byte }

func (p *parser) oddity(code, detail string) {
	for _, o := range p.answer.Oddities {
		if o.Code == code {
			return
		}
	}
	p.answer.Oddities = append(p.answer.Oddities, Oddity{code, detail})
}

// document reads the whole document.
func (p *parser) document() error {
	root, err := p.findRoot()
	if err != nil {
		return err
	}
	p.bind(root)
	p.root = p.resolve(prefixOf(root.name))
	if p.root != Namespace {
		p.oddity(OddNamespace, "the root element is not in the namespace of OAI-PMH 2.0")
	}
	closed := false // the element of the verb, or an error, is whole
	p.children(root, func(t token) {
		closed = p.rootChild(t) || closed
	})
	a := p.answer
	switch {
	case p.limit != nil:
		return p.limit
	case p.truncated && !closed:
		return ErrTruncated
	case a.Verb == "" && len(a.Errors) == 0:
		return fmt.Errorf("%w: the OAI-PMH element holds neither an answer nor an error", ErrNotOAI)
	case p.truncated:
		p.oddity(OddEndTagMissing, "the end tag of the root element is missing")
	default:
		p.trailing()
	}
	if a.ResponseDate.IsZero() {
		p.oddity(OddNoResponse, "there is no readable responseDate")
	}
	p.settle()
	return nil
}

// settle turns the flags of well-formedness into oddities and resets them.
func (p *parser) settle() {
	if p.malformed {
		p.oddity(OddMalformed, "the answer is not well-formed XML")
	}
	if p.html {
		p.oddity(OddHTMLEntity, "the answer uses entities that only HTML knows")
	}
	p.malformed, p.html = false, false
}

// findRoot finds the OAI-PMH element: the first one, or one behind the warnings that a
// server's script language wrote into its answer.
func (p *parser) findRoot() (token, error) {
	why := "it holds no XML"
scan:
	for {
		switch t := p.next(); t.kind {
		case eof:
			break scan
		case other:
			if bytes.EqualFold(t.name, []byte("!doctype")) {
				p.oddity(OddDoctype, "a document type was not read")
			}
		case text, cdata:
			if t.bad || len(bytes.TrimSpace(t.data)) > 0 {
				break scan
			}
		case startTag, emptyTag, endTag:
			if localOf(t.name) == "OAI-PMH" && t.kind != endTag {
				return t, nil
			}
			why = fmt.Sprintf("its root element is %q", clip(t.name))
			break scan
		}
	}
	if i := bytes.Index(p.doc, []byte("<OAI-PMH")); i >= 0 {
		p.oddity(OddLeading, "there is something else before the answer")
		p.pos = i
		if t := p.next(); t.kind == startTag && localOf(t.name) == "OAI-PMH" {
			return t, nil
		}
	}
	if LooksLikeHTML(p.doc) {
		why = "it is a web page"
	}
	return token{}, fmt.Errorf("%w: %s", ErrNotOAI, why)
}

// LooksLikeHTML reports whether a document begins as a web page does.
func LooksLikeHTML(doc []byte) bool {
	head := bytes.ToLower(doc[:min(len(doc), 4096)])
	return bytes.Contains(head, []byte("<!doctype html")) || bytes.Contains(head, []byte("<html")) || bytes.Contains(head, []byte("<body"))
}

// trailing notes what stands behind the root element.
func (p *parser) trailing() {
	for t := p.next(); t.kind != eof; t = p.next() {
		if t.kind != other && (t.kind != text || len(bytes.TrimSpace(t.data)) > 0) {
			p.oddity(OddTrailing, "there is something behind the root element")
			return
		}
	}
}

// rootChild reads one child of the root and reports whether it was what makes an answer
// whole.
func (p *parser) rootChild(t token) bool {
	a := p.answer
	if !p.ours(t) {
		p.skip(t)
		return false
	}
	switch local := localOf(t.name); local {
	case "responseDate":
		a.ResponseDate, _, _ = ReadStamp(p.text(t))
	case "request":
		p.skip(t)
	case "error":
		code := strings.TrimSpace(attr(t.data, "code"))
		msg := p.text(t)
		a.Errors = append(a.Errors, Error{code, msg})
		return true
	case "Identify":
		a.Verb, a.Identify = local, &Identify{}
		return p.children(t, p.identify)
	case "ListMetadataFormats":
		a.Verb = local
		return p.children(t, p.format)
	case "ListSets":
		a.Verb = local
		return p.children(t, p.set)
	case "ListIdentifiers", "ListRecords", "GetRecord":
		a.Verb = local
		return p.children(t, p.listItem)
	case "resumptionToken": // belongs into the list; some put it behind
		p.token(t)
	default:
		p.skip(t)
	}
	return false
}

func (p *parser) listItem(t token) {
	switch {
	case p.is(t, "record") && plainName(t.name): // Repair keeps no other
		p.record(t)
	case p.is(t, "header"):
		var rec Record
		p.header(t, &rec.Header)
		p.add(rec)
	case p.is(t, "resumptionToken"):
		p.token(t)
	default:
		p.skip(t)
	}
}

func (p *parser) add(rec Record) {
	if len(p.answer.Records) >= maxRecords {
		p.stop(fmt.Errorf("the answer has more than %d records", maxRecords))
		return
	}
	p.answer.Records = append(p.answer.Records, rec)
}

// stop gives up on the rest of the document.
func (p *parser) stop(err error) {
	p.limit = err
	p.pos = len(p.doc)
}

func (p *parser) identify(t token) {
	id := p.answer.Identify
	if !p.ours(t) {
		p.skip(t)
		return
	}
	switch localOf(t.name) {
	case "repositoryName":
		id.RepositoryName = p.text(t)
	case "baseURL":
		id.BaseURL = p.text(t)
	case "protocolVersion":
		id.ProtocolVersion = p.text(t)
	case "adminEmail":
		id.AdminEmails = append(id.AdminEmails, strings.TrimPrefix(p.text(t), "mailto:"))
	case "earliestDatestamp":
		id.EarliestDatestamp = p.text(t)
	case "deletedRecord":
		id.DeletedRecord = strings.ToLower(p.text(t))
	case "granularity":
		id.Granularity = p.text(t)
	case "compression":
		id.Compression = append(id.Compression, p.text(t))
	default:
		p.skip(t)
	}
}

func (p *parser) format(t token) {
	if !p.is(t, "metadataFormat") {
		p.skip(t)
		return
	}
	var f MetadataFormat
	p.children(t, func(c token) {
		switch localOf(c.name) {
		case "metadataPrefix":
			f.Prefix = p.text(c)
		case "schema":
			f.Schema = p.text(c)
		case "metadataNamespace":
			f.Namespace = p.text(c)
		default:
			p.skip(c)
		}
	})
	p.answer.Formats = append(p.answer.Formats, f)
}

func (p *parser) set(t token) {
	switch {
	case p.is(t, "resumptionToken"):
		p.token(t)
		return
	case !p.is(t, "set"):
		p.skip(t)
		return
	}
	var s Set
	p.children(t, func(c token) {
		switch {
		case p.is(c, "setSpec"):
			s.Spec = p.text(c)
		case p.is(c, "setName"):
			s.Name = p.text(c)
		default:
			p.skip(c)
		}
	})
	p.answer.Sets = append(p.answer.Sets, s)
}

// token reads a resumptionToken. White space around it is the work of pretty printers.
func (p *parser) token(t token) {
	tok := &Token{CompleteListSize: count(attr(t.data, "completeListSize")), Cursor: count(attr(t.data, "cursor"))}
	tok.Expires, _, _ = ReadStamp(attr(t.data, "expirationDate"))
	tok.Value = p.text(t)
	p.answer.Token = tok
}

func count(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// clip shortens a name for a message.
func clip(name []byte) []byte { return name[:min(len(name), 40)] }
