package extract

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxItems bounds the items of one page, whatever refers to whatever.
const maxItems = 2000

// marked reads the microdata (itemscope, itemprop) and the RDFa Lite (typeof, property) of
// the page once, into the same nodes that JSON-LD has, so that the same paths lead through
// them.
func (d *Document) marked() *linkedData {
	if d.micro != nil {
		return d.micro
	}
	m := &marking{d: d, byID: map[string]*html.Node{}}
	for n := range d.root.Descendants() {
		if id := attr(n, "id"); n.Type == html.ElementNode && id != "" && m.byID[id] == nil {
			m.byID[id] = n
		}
	}
	d.micro = &linkedData{byID: map[string]map[string]any{}}
	m.find(d.root, 0)
	for _, item := range m.top {
		if item != nil {
			d.micro.add(item, 0)
		}
	}
	return d.micro
}

// marking is the reading of one page.
type marking struct {
	d     *Document
	byID  map[string]*html.Node
	top   []map[string]any
	items int
}

// starts reports an element that is an item of its own.
func starts(n *html.Node) bool {
	return n.Type == html.ElementNode && (hasAttr(n, "itemscope") || attr(n, "typeof") != "")
}

func hasAttr(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key && a.Namespace == "" {
			return true
		}
	}
	return false
}

// find collects the items that are part of no other.
func (m *marking) find(n *html.Node, depth int) {
	if depth > 2*maxDepth {
		return
	}
	if starts(n) {
		m.alone(n, 0)
		return
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		m.find(c, depth+1)
	}
}

// alone takes an item that is part of no property of another. Its place is kept before it
// is read: what stands within it comes behind it.
func (m *marking) alone(n *html.Node, nested int) {
	place := len(m.top)
	m.top = append(m.top, nil)
	m.top[place] = m.item(n, nested)
}

// item reads one item: its types, and what stands below it or is referred to.
func (m *marking) item(n *html.Node, nested int) map[string]any {
	if m.items++; m.items > maxItems || nested > maxNesting {
		return nil
	}
	item := map[string]any{}
	var types []any
	for t := range strings.FieldsSeq(attr(n, "itemtype") + " " + attr(n, "typeof")) {
		types = append(types, t)
	}
	if len(types) > 0 {
		item["@type"] = types
	}
	if id := strings.TrimSpace(attr(n, "itemid") + attr(n, "resource")); id != "" {
		item["@id"] = m.d.resolve(id)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		m.properties(item, c, nested, 0)
	}
	for id := range strings.FieldsSeq(attr(n, "itemref")) {
		if ref := m.byID[id]; ref != nil && ref != n {
			m.properties(item, ref, nested+1, 0)
		}
	}
	return item
}

// properties takes what an element and those below it say of an item.
func (m *marking) properties(item map[string]any, n *html.Node, nested, depth int) {
	if n.Type != html.ElementNode || depth > 2*maxDepth {
		return
	}
	names := strings.Fields(attr(n, "itemprop") + " " + attr(n, "property"))
	var value any
	switch {
	case starts(n) && len(names) == 0:
		m.alone(n, nested+1)
	case starts(n):
		if sub := m.item(n, nested+1); sub != nil {
			value = sub
		}
	case len(names) > 0:
		value = map[string]any{"@value": m.value(n), "@language": langOf(n)}
	}
	for _, name := range names {
		if list, _ := item[name].([]any); value != nil && len(list) < maxItems {
			item[name] = append(list, value)
		}
	}
	if starts(n) {
		return
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		m.properties(item, c, nested, depth+1)
	}
}

// value is what an element states: in an attribute that programs read, else in its text.
func (m *marking) value(n *html.Node) string {
	if hasAttr(n, "content") {
		return attr(n, "content")
	}
	switch n.DataAtom {
	case atom.A, atom.Area, atom.Link:
		if href := m.d.resolve(attr(n, "href")); href != "" {
			return href
		}
	case atom.Img, atom.Audio, atom.Video, atom.Source, atom.Iframe, atom.Embed, atom.Track:
		return m.d.resolve(attr(n, "src"))
	case atom.Object:
		return m.d.resolve(attr(n, "data"))
	case atom.Data, atom.Meter:
		if hasAttr(n, "value") {
			return attr(n, "value")
		}
	case atom.Time:
		if t := attr(n, "datetime"); t != "" {
			return t
		}
	}
	return squeeze(textOf(n))
}
