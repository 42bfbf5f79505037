package pdf

import (
	"bytes"
	"encoding/xml"
	"strings"

	"golang.org/x/net/html/charset"
)

// Namespaces of XMP that say something of a resource (ISO 16684-1).
const (
	nsDC    = "http://purl.org/dc/elements/1.1/"
	nsXMP   = "http://ns.adobe.com/xap/1.0/"
	nsPDF   = "http://ns.adobe.com/pdf/1.3/"
	nsPrism = "http://prismstandard.org/namespaces/basic/"
	nsRDF   = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
)

// xmpField names a property that is read, "" for the others. Prism has a namespace for each version.
func xmpField(n xml.Name) string {
	if strings.HasPrefix(n.Space, nsPrism) {
		switch n.Local {
		case "publicationDate", "coverDate":
			return "date"
		case "doi", "isbn":
			return "identifier"
		}
		return ""
	}
	switch n.Space + n.Local {
	case nsDC + "title", nsDC + "description", nsDC + "creator", nsDC + "publisher", nsDC + "date", nsDC + "language",
		nsDC + "subject", nsDC + "rights", nsDC + "identifier":
		return n.Local
	case nsPDF + "Producer", nsPDF + "Keywords", nsXMP + "CreatorTool", nsXMP + "CreateDate", nsXMP + "ModifyDate":
		return n.Local
	}
	return ""
}

// Limits on XMP.
const (
	maxXMPTokens = 50_000
	maxPerField  = 50
)

// parseXMP reads the properties of a packet: elements, or attributes of a description,
// their values plain, in a list, or by language. What is broken ends the reading; what
// was read before it counts.
func parseXMP(packet []byte) map[string][]Text {
	d := xml.NewDecoder(bytes.NewReader(packet))
	d.Strict = false
	d.CharsetReader = charset.NewReaderLabel
	found := map[string][]Text{}
	add := func(field, value, lang string) {
		value = strings.TrimSpace(decodeText(value))
		if field == "" || value == "" || len(found[field]) >= maxPerField {
			return
		}
		if strings.EqualFold(lang, "x-default") {
			lang = ""
		}
		found[field] = append(found[field], Text{value, lang})
	}
	field, depth, inside, lang := "", 0, 0, ""
	var text strings.Builder
	for range maxXMPTokens {
		token, err := d.Token()
		if err != nil {
			break
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			if field == "" {
				if field = xmpField(t.Name); field != "" {
					inside, lang = depth, xmlLang(t)
				} else if t.Name.Space == nsRDF && t.Name.Local == "Description" {
					for _, a := range t.Attr {
						add(xmpField(a.Name), a.Value, "")
					}
				}
			} else if l := xmlLang(t); l != "" {
				lang = l
			}
			text.Reset()
		case xml.CharData:
			if field != "" && text.Len() < maxLineLen*5 {
				text.Write(t)
			}
		case xml.EndElement:
			if field != "" {
				add(field, text.String(), lang)
				text.Reset()
				lang = ""
			}
			if depth == inside {
				field, inside = "", 0
			}
			depth--
		}
	}
	return found
}

func xmlLang(t xml.StartElement) string {
	for _, a := range t.Attr {
		if a.Name.Local == "lang" {
			return a.Value
		}
	}
	return ""
}
