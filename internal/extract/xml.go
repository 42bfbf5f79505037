package extract

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html/charset"

	"ctiphub/internal/ctip"
	"ctiphub/internal/lang"
	"ctiphub/record"
)

// Limits on one record.
const (
	maxXMLDepth    = 64
	maxXMLElements = 100_000
)

// provenance is the namespace of the OAI-PMH container that says where a record was
// harvested from.
const provenance = "http://www.openarchives.org/OAI/2.0/provenance"

// element is a generic XML element, or a stretch of text when it has no name.
type element struct {
	space, name string
	attrs       []xml.Attr
	data        string
	children    []*element
}

// text is the text of the element and of all below it.
func (e *element) text() string {
	if len(e.children) == 1 && e.children[0].name == "" {
		return e.children[0].data
	}
	var b strings.Builder
	e.writeText(&b)
	return b.String()
}

func (e *element) writeText(b *strings.Builder) {
	b.WriteString(e.data)
	for _, c := range e.children {
		c.writeText(b)
	}
	if e.name != "" {
		b.WriteByte('\n')
	}
}

func (e *element) attr(name string) string {
	for _, a := range e.attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// find returns the first element of a name below e, e included.
func (e *element) find(name string) *element {
	if e.name == name {
		return e
	}
	for _, c := range e.children {
		if f := c.find(name); f != nil {
			return f
		}
	}
	return nil
}

// child returns the first child of a name.
func (e *element) child(name string) *element {
	if e == nil {
		return nil
	}
	for _, c := range e.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// value is the text of the first child of a name.
func (e *element) value(name string) string {
	if c := e.child(name); c != nil {
		return strings.TrimSpace(c.text())
	}
	return ""
}

// openXML parses an OAI-PMH record; what is not well-formed is mended as far as it goes.
func (d *Document) openXML() error {
	root, err := readXML(d.raw.Body)
	if err != nil {
		d.repaired(RepairMarkup)
		text, name, guessed := lang.DecodeCharset(d.raw.Body, declaredCharset(d.raw.MediaType, d.raw.Body), d.place())
		d.Charset = name
		if guessed {
			d.repaired(RepairCharset)
		}
		root, err = parseXML(legalXML(text), false)
	}
	if root == nil {
		return fmt.Errorf("reading the XML: %w", err)
	}
	if d.oai = root.find("record"); d.oai == nil {
		d.oai = &element{name: "record", children: []*element{root}}
	}
	switch d.raw.Format {
	case record.FormatCTIP: // of a hub, which has mended it
		return nil
	case record.FormatMARC:
		linkScripts(d.oai)
	}
	var sample strings.Builder
	for _, e := range d.metadata() {
		if sample.Len() < maxSample {
			e.writeText(&sample)
		}
	}
	d.findDamage(prefixBytes(sample.String(), maxSample))
	return nil
}

// prefixBytes returns at most n bytes of a text, and no half of a character.
func prefixBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// parseXML reads elements until the end or the first error. When not strict, it returns
// what was read before the error.
func parseXML(body []byte, strict bool) (*element, error) {
	dec := xml.NewDecoder(bytes.NewReader(body))
	dec.CharsetReader = charset.NewReaderLabel
	if dec.Strict = strict; !strict {
		dec.AutoClose, dec.Entity = xml.HTMLAutoClose, xml.HTMLEntity
		dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // decoded already
	}
	var root *element
	var open []*element
	for n := 0; ; {
		tok, err := dec.Token()
		if err != nil {
			if errors.Is(err, io.EOF) && root != nil || !strict && root != nil {
				return root, nil
			}
			return nil, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if n++; n > maxXMLElements || len(open) >= maxXMLDepth {
				return nil, errors.New("too many elements")
			}
			e := &element{space: t.Name.Space, name: t.Name.Local, attrs: t.Attr}
			switch {
			case len(open) > 0:
				parent := open[len(open)-1]
				parent.children = append(parent.children, e)
			case root == nil:
				root = e
			}
			open = append(open, e)
		case xml.EndElement:
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		case xml.CharData:
			if len(open) > 0 {
				parent := open[len(open)-1]
				parent.children = append(parent.children, &element{data: string(t)})
			}
		}
	}
}

// legalXML drops what XML 1.0 cannot hold and a declaration that would say otherwise.
func legalXML(s string) []byte {
	if i := strings.Index(s, "?>"); strings.HasPrefix(strings.TrimSpace(s), "<?xml") && i > 0 {
		s = s[i+2:]
	}
	return []byte(strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r', r >= ' ' && r != 0xFFFE && r != 0xFFFF && r <= utf8.MaxRune:
			return r
		}
		return -1
	}, s))
}

// selectOAI reads elements of the Dublin Core container, or of the header.
func (d *Document) selectOAI(s Selector) []Value {
	if d.oai == nil {
		return nil
	}
	var found []Value
	if s.kind == "oai" {
		name := s.name
		if name == "set" {
			name = "setSpec"
		}
		header := d.oai.child("header")
		if header == nil {
			return nil
		}
		for _, c := range header.children {
			if c.name == name {
				found = append(found, Value{Text: c.text()})
			}
		}
		return found
	}
	box := d.container()
	if box == nil {
		return nil
	}
	above := tag(box.attr("lang"))
	for _, c := range box.children {
		if !strings.EqualFold(c.name, s.name) {
			continue
		}
		v := Value{Text: d.mend.text(c.text()), Lang: tag(c.attr("lang"))}
		if v.Lang == "" {
			v.Lang = above
		}
		v.Text = strings.TrimSpace(v.Text)
		found = append(found, v)
	}
	return found
}

// container is the element that holds the Dublin Core elements, by whatever name.
func (d *Document) container() *element {
	meta := d.oai.child("metadata")
	if meta == nil {
		meta = d.oai
	}
	if dc := meta.find("dc"); dc != nil {
		return dc
	}
	for _, c := range meta.children {
		if len(c.children) > 0 && c.name != "header" && c.name != "about" {
			return c
		}
	}
	return nil
}

// Ctip returns the record of a ctip raw, with the chain of repositories that it passed
// through, and whether there is one that can be read.
func (d *Document) Ctip() (record.Record, bool) {
	if d.oai == nil || d.raw.Format != record.FormatCTIP {
		return record.Record{}, false
	}
	rec, err := ctip.ParseXML(d.raw.Body)
	if err != nil {
		return record.Record{}, false
	}
	if hops := d.Provenance(); len(hops) > 0 {
		rec.Origin.Chain = hops
	}
	return rec, true
}

// Namespace returns the XML namespace of the metadata of an OAI-PMH record, or "".
func (d *Document) Namespace() string {
	if d.oai == nil {
		return ""
	}
	for _, c := range d.oai.child("metadata").elements() {
		if strings.Contains(c.space, ":") { // else a prefix that nobody declared
			return c.space
		}
	}
	return ""
}

// elements are the children that are no text.
func (e *element) elements() []*element {
	if e == nil {
		return nil
	}
	var list []*element
	for _, c := range e.children {
		if c.name != "" {
			list = append(list, c)
		}
	}
	return list
}

// Provenance returns the repositories that an OAI-PMH record passed through before the
// one it was harvested from, nearest first.
func (d *Document) Provenance() []record.Hop {
	if d.oai == nil {
		return nil
	}
	var hops []record.Hop
	for _, about := range d.oai.children {
		if about.name != "about" {
			continue
		}
		box := about.child("provenance")
		if box == nil || box.space != provenance && box.space != "" {
			continue
		}
		for o := box.child("originDescription"); o != nil && len(hops) < maxXMLDepth; o = o.child("originDescription") {
			hop := record.Hop{
				BaseURL: o.value("baseURL"), Identifier: o.value("identifier"), Datestamp: o.value("datestamp"),
				Namespace: o.value("metadataNamespace"), Altered: o.attr("altered") == "true" || o.attr("altered") == "1",
			}
			if t, err := time.Parse(time.RFC3339, o.attr("harvestDate")); err == nil {
				hop.HarvestDate = t.UTC()
			} else if t, err := time.Parse(time.DateOnly, o.attr("harvestDate")); err == nil {
				hop.HarvestDate = t
			}
			hops = append(hops, hop)
		}
	}
	return hops
}
