package extract

import (
	"strings"

	"ctiphub/record"
)

// usual are the selectors by which Text and Links read a library format.
type usual struct {
	texts []Selector // descriptions, the first that finds something
	links []Selector // what may be the address of a file
}

// usuals are the places of descriptions and addresses in the formats of repositories.
var usuals = map[record.Format]usual{
	record.FormatOAIDC: reads([]string{"dc:description"}, []string{"dc:identifier", "dc:relation", "dc:source", "dc:hasformat"}),
	record.FormatQDC: reads([]string{"dc:abstract", "dc:description", "dc:tableofcontents"},
		[]string{"dc:identifier", "dc:relation", "dc:source", "dc:hasformat", "dc:haspart"}),
	record.FormatMODS: reads([]string{"xml:mods/abstract", "xml:mods/note"},
		[]string{"xml:mods/location/url", "xml:mods/identifier", "xml:mods/relatedItem[type=otherFormat|constituent]/location/url"}),
	record.FormatMARC: reads([]string{"xml:datafield[tag=520]/subfield[code=a|b]+", "xml:datafield[tag=505]/subfield[code=a]"},
		[]string{"xml:datafield[tag=856]/subfield[code=u]"}),
	record.FormatDataCite: reads([]string{"xml:resource/descriptions/description[descriptionType=Abstract]", "xml:resource/descriptions/description", "xml:resource/description"},
		[]string{"xml:resource/file", "xml:resource/identifier", "xml:resource/alternateIdentifiers/alternateIdentifier", "xml:resource/relatedIdentifiers/relatedIdentifier[relationType=HasPart|IsVariantFormOf|IsIdenticalTo]"}),
	record.FormatDIM: reads([]string{"xml:field[element=description][qualifier=abstract]", "xml:field[element=description][!qualifier]"},
		[]string{"xml:field[element=identifier]", "xml:field[element=relation]"}),
	record.FormatMETS: reads([]string{"xml:field[element=description][qualifier=abstract]", "xml:field[element=description][!qualifier]", "xml:abstract", "xml:description"},
		[]string{"xml:fileGrp[USE=ORIGINAL|CONTENT]/file/FLocat@href", "xml:fileGrp[!USE]/file/FLocat@href", "xml:location/url", "xml:identifier", "xml:field[element=identifier]", "xml:relation"}),
}

// reads parses the selectors of a format. A test opens every format, so that one that does
// not parse is seen there.
func reads(texts, links []string) usual {
	parse := func(list []string) []Selector {
		var out []Selector
		for _, s := range list {
			if sel, err := ParseSelector(s); err == nil {
				out = append(out, sel)
			}
		}
		return out
	}
	return usual{parse(texts), parse(links)}
}

// oaiText is the description of an OAI-PMH record.
func (d *Document) oaiText() string {
	for _, sel := range usuals[d.raw.Format].texts {
		var b strings.Builder
		for _, v := range d.Select(sel) {
			b.WriteString(v.Text + "\n")
		}
		if b.Len() > 0 {
			return b.String()
		}
	}
	return ""
}

// oaiLinks adds the web addresses that an OAI-PMH record names.
func (d *Document) oaiLinks(add func(Link)) {
	for _, sel := range usuals[d.raw.Format].links {
		for _, v := range d.Select(sel) {
			if strings.HasPrefix(v.Text, "http://") || strings.HasPrefix(v.Text, "https://") {
				l := Link{URL: v.Text}
				if sel.kind == "dc" {
					l.Lang = v.Lang // of richer formats it is the language of the description
				}
				add(l)
			}
		}
	}
}

// oaiLang is the language that the root of the metadata states for all of it.
func (d *Document) oaiLang() string {
	for _, meta := range d.metadata() {
		for _, root := range meta.children {
			if stated := tag(root.attr("lang")); stated != "" {
				return stated
			}
		}
	}
	return ""
}
