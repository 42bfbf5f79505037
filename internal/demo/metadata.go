package demo

import (
	"strconv"

	"ctiphub/internal/ctip"
	"ctiphub/internal/oai"
	"ctiphub/record"
)

// appendHeader writes the header of a record.
func appendHeader(b []byte, pos position) []byte {
	b = append(b, "<header"...)
	if pos.deleted {
		b = append(b, ` status="deleted"`...)
	}
	b = append(b, "><identifier>"+idPrefix...)
	b = strconv.AppendInt(b, int64(pos.n), 10)
	b = append(b, "</identifier><datestamp>"...)
	b = pos.stamp.UTC().AppendFormat(b, "2006-01-02T15:04:05Z")
	return append(b, "</datestamp></header>"...)
}

// appendRecord writes a record; of a deleted one, the header alone.
func (s snapshot) appendRecord(b []byte, pos position, prefix string) []byte {
	b = appendHeader(append(b, "<record>"...), pos)
	if !pos.deleted {
		b = append(b, "<metadata>"...)
		if it := s.get(pos); prefix == oai.CTIPPrefix {
			b = ctip.AppendXML(b, s.record(pos.n, it))
		} else {
			b = s.appendDC(b, pos.n, it)
		}
		b = append(b, "</metadata>"...)
	}
	return append(b, "</record>"...)
}

// appendDC writes an item in simple Dublin Core, as loosely as most repositories do.
func (s snapshot) appendDC(b []byte, n int, it item) []byte {
	b = append(b, `<oai_dc:dc xmlns:oai_dc="`+oai.DCNamespace+`" xmlns:dc="`+oai.DCElements+`">`...)
	element := func(name, text string) {
		if text != "" {
			b = append(oai.AppendText(append(b, "<dc:"+name+">"...), text), "</dc:"+name+">"...)
		}
	}
	element("title", it.Title)
	element("title", it.English)
	element("description", it.Description)
	element("publisher", it.Publisher)
	if it.Year > 0 {
		element("date", strconv.Itoa(it.Year))
	}
	element("type", it.Type)
	element("language", it.Lang)
	element("identifier", s.base+"/items/"+strconv.Itoa(n))
	return append(b, "</oai_dc:dc>"...)
}

// record is an item in the common schema, tagged by its publisher.
func (s snapshot) record(n int, it item) record.Record {
	id := identifierOf(n)
	rec := record.Record{
		ID:         record.NewID("regional", id),
		Title:      record.Texts{it.Lang: it.Title},
		Languages:  []string{it.Lang},
		Publishers: []record.Agent{{Name: record.Texts{"en": s.name}, Kind: "regional"}},
		Origin:     record.Origin{Source: "regional", Identifier: id, Landing: s.base + "/items/" + strconv.Itoa(n), Status: "origin-known"},
		Type:       tags(it.Type),
		Themes:     tags(it.Themes...),
		Audiences:  tags(it.Audiences...),
	}
	if it.English != "" {
		rec.Alternative = record.Texts{"en": it.English}
	}
	if it.Description != "" {
		rec.Description = record.Texts{it.Lang: it.Description}
	}
	if it.Publisher != "" {
		rec.Publishers = []record.Agent{{Name: record.Texts{"en": it.Publisher}}}
	}
	if it.Year > 0 {
		rec.Issued = record.Date{EDTF: strconv.Itoa(it.Year), Raw: strconv.Itoa(it.Year)}
	}
	if it.Country != "" {
		rec.Countries = tags(it.Country)
	} else {
		rec.Regions = tags("ASEAN")
	}
	return rec
}

// tags are values that the publisher itself assigned.
func tags(ids ...string) []record.Tag {
	var list []record.Tag
	for _, id := range ids {
		if id != "" {
			list = append(list, record.Tag{ID: id, Confidence: 1})
		}
	}
	return list
}
