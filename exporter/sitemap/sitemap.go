// Package sitemap writes lists of addresses for machines that follow a site: sitemaps as
// search engines read them (https://www.sitemaps.org/protocol.html) and the documents of
// ResourceSync (ANSI/NISO Z39.99-2017), which are sitemaps with more in them.
//
// In flow addresses with what is known of them; out flows XML. It stores nothing and must not
// know the catalogue: what is listed, and how long a list may be, others decide.
package sitemap

import (
	"time"

	"ctiphub/internal/oai"
)

// MediaType is that of every list.
const MediaType = "application/xml; charset=utf-8"

// MostItems is how many addresses one list may hold by the protocol.
const MostItems = 50_000

// The capabilities of ResourceSync documents that the hub offers.
const (
	Description    = "description"
	CapabilityList = "capabilitylist"
	ResourceList   = "resourcelist"
	ChangeList     = "changelist"
)

// The kinds of change.
const (
	Created = "created"
	Updated = "updated"
	Deleted = "deleted"
)

// List is one document.
type List struct {
	Index bool // lists lists, not pages
	Meta  Meta // of ResourceSync; empty for a plain sitemap
	Links []Link
	Items []Item
}

// Item is one address.
type Item struct {
	Loc        string
	Modified   time.Time // zero: not known
	Meta       Meta
	Links      []Link
	Alternates []Alternate
}

// Meta is the md element of ResourceSync; what is empty is not written.
type Meta struct {
	Capability, Change, Type         string
	At, Completed, From, Until, When time.Time // When is the time of a change
}

// Link is the ln element of ResourceSync.
type Link struct{ Rel, Href string }

// Alternate is the same work in another language, at another address.
type Alternate struct{ Lang, Href string }

// The name spaces of the documents.
const (
	sitemapNamespace = "http://www.sitemaps.org/schemas/sitemap/0.9"
	syncNamespace    = "http://www.openarchives.org/rs/terms/"
	xhtmlNamespace   = "http://www.w3.org/1999/xhtml"
)

// Append appends the document.
func (l List) Append(dst []byte) []byte {
	root, item := "urlset", "url"
	if l.Index {
		root, item = "sitemapindex", "sitemap"
	}
	dst = append(dst, `<?xml version="1.0" encoding="UTF-8"?>`+"\n<"+root+` xmlns="`+sitemapNamespace+`"`...)
	if l.Meta != (Meta{}) {
		dst = append(dst, ` xmlns:rs="`+syncNamespace+`"`...)
	}
	for _, i := range l.Items {
		if len(i.Alternates) > 0 {
			dst = append(dst, ` xmlns:xhtml="`+xhtmlNamespace+`"`...)
			break
		}
	}
	dst = append(dst, ">\n"...)
	dst = l.Meta.append(appendLinks(dst, l.Links))
	for _, i := range l.Items {
		dst = i.append(dst, item)
	}
	return append(dst, "</"+root+">\n"...)
}

// append writes one address; the schema wants what is not of sitemaps at the end.
func (i Item) append(dst []byte, element string) []byte {
	dst = append(dst, "<"+element+">"...)
	dst = oai.AppendElement(dst, "loc", i.Loc)
	if !i.Modified.IsZero() {
		dst = oai.AppendElement(dst, "lastmod", stamp(i.Modified))
	}
	dst = appendLinks(i.Meta.append(dst), i.Links)
	for _, a := range i.Alternates {
		dst = appendAttr(append(dst, `<xhtml:link rel="alternate"`...), "hreflang", a.Lang)
		dst = append(appendAttr(dst, "href", a.Href), "/>"...)
	}
	return append(dst, "</"+element+">\n"...)
}

func (m Meta) append(dst []byte) []byte {
	if m == (Meta{}) {
		return dst
	}
	dst = append(dst, "<rs:md"...)
	for _, a := range []struct{ name, value string }{
		{"capability", m.Capability}, {"at", stamp(m.At)}, {"completed", stamp(m.Completed)}, {"from", stamp(m.From)},
		{"until", stamp(m.Until)}, {"change", m.Change}, {"datetime", stamp(m.When)}, {"type", m.Type},
	} {
		dst = appendAttr(dst, a.name, a.value)
	}
	return append(dst, "/>"...)
}

func appendLinks(dst []byte, links []Link) []byte {
	for _, l := range links {
		dst = append(appendAttr(appendAttr(append(dst, "<rs:ln"...), "rel", l.Rel), "href", l.Href), "/>"...)
	}
	return dst
}

func appendAttr(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	return append(oai.AppendAttr(append(dst, " "+name+`="`...), value), '"')
}

// stamp writes a time as W3C date and time; "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
