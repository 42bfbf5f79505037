package feed

import (
	"html"

	"ctiphub/internal/oai"
)

// writer appends XML to dst.
type writer struct{ dst []byte }

func (w *writer) raw(s string) { w.dst = append(w.dst, s...) }

// element writes an element with attributes, given as name and value in turn; those
// without a value are left out, and the element closes itself when it has no text.
func (w *writer) element(name, text string, attrs ...string) {
	w.dst = append(append(w.dst, '<'), name...)
	for i := 0; i+1 < len(attrs); i += 2 {
		if attrs[i+1] == "" {
			continue
		}
		w.dst = append(append(append(w.dst, ' '), attrs[i]...), `="`...)
		w.dst = append(oai.AppendAttr(w.dst, attrs[i+1]), '"')
	}
	if text == "" {
		w.raw("/>")
		return
	}
	w.dst = oai.AppendText(append(w.dst, '>'), text)
	w.dst = append(append(append(w.dst, "</"...), name...), '>')
}

// some writes an element unless it has no text.
func (w *writer) some(name, text string, attrs ...string) {
	if text != "" {
		w.element(name, text, attrs...)
	}
}

// atomLink writes a link of Atom, under the prefix that the document gives it, unless it
// leads nowhere.
func (w *writer) atomLink(prefix, rel, href string, attrs ...string) {
	if href != "" {
		w.element(prefix+"link", "", append([]string{"rel", rel, "href", href}, attrs...)...)
	}
}

// markup writes texts as paragraphs of HTML that the hub makes: each with its language,
// and every character of the source's as text.
func markup(texts []text) string {
	var b []byte
	for _, t := range texts {
		b = append(append(append(b, `<p lang="`...), t.lang...), `" dir="auto">`...)
		b = append(append(b, html.EscapeString(t.s)...), "</p>"...)
	}
	return string(b)
}
