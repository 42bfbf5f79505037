package extract

import (
	"slices"
	"strings"

	"ctiphub/record"
)

// xmlMatch is an element of the metadata with the language that holds for it.
type xmlMatch struct {
	*element
	lang string
}

// selectXML reads elements of the metadata of an OAI-PMH record.
func (d *Document) selectXML(s Selector) []Value {
	if d.oai == nil || len(s.xml.steps) == 0 {
		return nil
	}
	if d.named == nil {
		d.named = map[string][]xmlMatch{}
		for _, e := range d.metadata() {
			d.nameBelow(xmlMatch{e, ""})
		}
	}
	steps := s.xml.steps
	var found []xmlMatch
	for _, name := range steps[0].names {
		for _, m := range d.named[strings.ToLower(name)] {
			if steps[0].matches(m.element) {
				found = append(found, m)
			}
		}
	}
	for i, step := range steps[1:] {
		var next []xmlMatch
		var joined []Value
		for _, m := range found {
			var children []xmlMatch
			for _, c := range m.children {
				if c.name != "" && step.matches(c) {
					children = append(children, m.to(c))
				}
			}
			if s.xml.join && i == len(steps)-2 {
				joined = append(joined, d.joined(children))
			}
			next = append(next, children...)
		}
		if s.xml.join && i == len(steps)-2 {
			return joined
		}
		found = next
	}
	var out []Value
	for _, m := range found {
		if s.xml.attr != "" {
			out = append(out, Value{Text: m.attr(s.xml.attr)})
			continue
		}
		out = append(out, Value{Text: d.mend.text(m.text()), Lang: m.lang})
	}
	return out
}

// to is the way down to a child: what says nothing of its language is in that of its parent.
func (m xmlMatch) to(child *element) xmlMatch {
	stated := tag(child.attr("lang"))
	if stated == "" {
		stated = tag(child.attr("language"))
	}
	if stated == "" {
		stated = m.lang
	}
	return xmlMatch{child, stated}
}

// nameBelow fills the index of elements by name, in the order of the document.
func (d *Document) nameBelow(m xmlMatch) {
	for _, c := range m.children {
		if c.name == "" {
			continue
		}
		child := m.to(c)
		key := strings.ToLower(c.name)
		d.named[key] = append(d.named[key], child)
		d.nameBelow(child)
	}
}

// joined makes one text of the parts that formats cut a title or a name into. MARC brings
// its own punctuation; what MODS calls a subtitle or a part needs a sign before it.
func (d *Document) joined(parts []xmlMatch) Value {
	var b strings.Builder
	var v Value
	for _, p := range parts {
		text := squeeze(p.text())
		if text == "" {
			continue
		}
		if b.Len() > 0 {
			switch {
			case strings.ContainsAny(b.String()[b.Len()-1:], ":;,./=-"):
			case strings.EqualFold(p.name, "subTitle"):
				b.WriteByte(':')
			case strings.EqualFold(p.attr("type"), "given"):
				b.WriteByte(',') // behind the family name
			case strings.EqualFold(p.name, "partNumber") || strings.EqualFold(p.name, "partName"):
				b.WriteByte('.')
			}
			if !strings.HasSuffix(b.String(), "'") { // "L'" of a French title
				b.WriteByte(' ')
			}
		}
		b.WriteString(text)
		if v.Lang == "" {
			v.Lang = p.lang
		}
	}
	v.Text = d.mend.text(b.String())
	return v
}

// metadata returns the elements below which the metadata of the record is looked for.
func (d *Document) metadata() []*element {
	var list []*element
	for _, c := range d.oai.children {
		if c.name == "metadata" {
			list = append(list, c)
		}
	}
	if len(list) == 0 { // cut out of its answer, or served without the envelope
		bare := &element{}
		for _, c := range d.oai.children {
			if c.name != "header" && c.name != "about" {
				bare.children = append(bare.children, c)
			}
		}
		list = []*element{bare}
	}
	if d.raw.Format == record.FormatMETS {
		if wrapped := wrappedIn(list); len(wrapped) > 0 {
			return wrapped
		}
	}
	return list
}

// wrapped are the kinds of metadata that METS holds, the best first: DSpace's own fields
// keep the languages and qualifiers that its crosswalks to the others lose.
var wrapped = []string{"DIM", "MODS", "DC"}

// wrappedIn returns the description that a METS document wraps, and its list of files. Of
// several descriptions of the same item one is read, the first of the best kind: the
// others repeat it, or describe its chapters.
func wrappedIn(list []*element) []*element {
	var best, files *element
	rank := len(wrapped) + 1
	var walk func(e *element)
	walk = func(e *element) {
		switch e.name {
		case "dmdSec":
			if r := rankOf(e); r < rank {
				best, rank = e, r
			}
			return
		case "fileSec":
			if files == nil {
				files = &element{children: []*element{e}}
			}
			return
		}
		for _, c := range e.children {
			walk(c)
		}
	}
	for _, e := range list {
		walk(e)
	}
	if best == nil {
		return nil
	}
	if files == nil {
		return []*element{best}
	}
	return []*element{best, files}
}

func rankOf(section *element) int {
	wrap := section.child("mdWrap")
	if wrap == nil {
		return len(wrapped) + 1
	}
	kind := strings.ToUpper(wrap.attr("MDTYPE"))
	if i := slices.Index(wrapped, kind); i >= 0 {
		return i
	}
	if i := slices.Index(wrapped, strings.ToUpper(wrap.attr("OTHERMDTYPE"))); i >= 0 {
		return i
	}
	return len(wrapped)
}

// linkScripts gives the fields of a MARC record that hold the original script (880) the
// number of the field that they belong to, so that a title in Thai letters is found beside
// the romanized one.
func linkScripts(e *element) {
	for _, c := range e.children {
		linkScripts(c)
	}
	if e.name != "datafield" || e.attr("tag") != "880" {
		return
	}
	for _, sub := range e.children {
		link := strings.TrimSpace(sub.text())
		if sub.name != "subfield" || sub.attr("code") != "6" || len(link) < 3 {
			continue
		}
		for i, a := range e.attrs {
			if a.Name.Local == "tag" {
				e.attrs[i].Value = link[:3]
			}
		}
		return
	}
}
