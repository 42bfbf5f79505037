package extract

import (
	"fmt"
	"net/url"
	"path"
	"strings"
)

// pdfNames are the properties of a PDF file that a selector may ask for: the keys of the
// body of such a raw, and the name of the file, which its address tells.
var pdfNames = map[string]bool{
	"largest-text": true, "title": true, "description": true, "creators": true, "publishers": true, "keywords": true, "rights": true,
	"identifiers": true, "issued": true, "created": true, "modified": true, "years": true, "language": true, "catalog-language": true,
	"stated-languages": true, "pages": true, "bytes": true, "checksum": true, "version": true, "text": true, "producer": true, "creator-tool": true,
	"encrypted": true, "locked": true, "file-name": true,
}

func (s *Selector) parsePDF() error {
	if !pdfNames[s.name] {
		return fmt.Errorf("a PDF file has no property %q; the usual ones are largest-text, title, creators, issued, created, language and file-name", s.name)
	}
	return nil
}

// selectPDF reads one property of a PDF file. The body is read once.
func (d *Document) selectPDF(s Selector) []Value {
	if s.name == "file-name" {
		return []Value{{Text: fileName(d.raw.URL)}}
	}
	if d.ld == nil {
		d.ld = &linkedData{byID: map[string]map[string]any{}}
		if values, err := decodeJSON(string(d.raw.Body)); err == nil {
			for _, v := range values {
				d.ld.add(v, 0)
			}
		}
	}
	var found []Value
	for _, n := range d.ld.nodes {
		d.ld.leaf(n[s.name], "", 0, func(text, stated string) { found = append(found, Value{Text: text, Lang: stated}) })
	}
	return found
}

// fileName is the name of a file without its ending, as words.
func fileName(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	name := path.Base(u.Path)
	if name == "." || name == "/" {
		return ""
	}
	if ext := path.Ext(name); len(ext) <= 5 {
		name = strings.TrimSuffix(name, ext)
	}
	if !strings.Contains(name, " ") {
		name = strings.NewReplacer("_", " ", "-", " ", "+", " ").Replace(name)
	}
	return name
}
