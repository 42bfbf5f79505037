package portal

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"ctiphub/exporter/crosswalk"
	"ctiphub/exporter/jsonld"
	"ctiphub/record"
)

// head is what the page of a record says of it to programs.
type head struct {
	UnAPI bool // the page names identifiers that "/unapi" knows
	Forms []headForm
	Meta  []meta
	LD    template.JS // JSON-LD: data, not a script
}

type headForm struct{ URL, Type, Name string }

type meta struct{ Name, Content string }

// recordHead prepares the head of the page of a live record.
func (p *Portal) recordHead(rec record.Record, base string) (head, error) {
	h := head{UnAPI: true, Meta: metas(rec)}
	for _, f := range forms() {
		h.Forms = append(h.Forms, headForm{resourceURL(rec.ID) + "." + f.Ext, f.media(), f.Name})
	}
	ld, err := p.writeJSONLD(rec, base)
	// encoding/json escapes what could end the element.
	h.LD = template.JS(bytes.TrimSpace(ld))
	return h, err
}

// metas are the elements by which scholarly search engines and reference managers know a
// resource.
func metas(rec record.Record) []meta {
	var list []meta
	add := func(name, content string) {
		if content = strings.Join(strings.Fields(content), " "); content != "" {
			list = append(list, meta{name, clip(content, 1000)})
		}
	}
	title, lang := rec.Title.In(rec.Languages...)
	add("citation_title", title)
	for _, a := range rec.Creators {
		name, _ := a.Name.In(lang)
		add("citation_author", name)
	}
	for _, a := range rec.Publishers {
		name, _ := a.Name.In(lang)
		add("citation_publisher", name)
	}
	if crosswalk.IsDate(rec.Issued.EDTF) {
		add("citation_publication_date", strings.ReplaceAll(rec.Issued.EDTF, "-", "/"))
	}
	for _, l := range rec.Languages {
		add("citation_language", l)
	}
	for _, i := range rec.Identifiers {
		switch i.Scheme {
		case "doi", "isbn":
			add("citation_"+i.Scheme, crosswalk.Bare(i))
		}
	}
	for _, f := range crosswalk.Live(rec.Files) {
		if f.MediaType == "application/pdf" {
			add("citation_pdf_url", f.URL)
		}
	}
	return list
}

// signposts sets the links by which programs find their way from a record
// (https://signposting.org/FAIR/).
func (p *Portal) signposts(h http.Header, rec record.Record, base string) {
	var links []string
	add := func(target, rel, media string) {
		if !crosswalk.IsURI(target) || len(links) >= mostSigns {
			return
		}
		l := "<" + target + `>; rel="` + rel + `"`
		if media != "" && !strings.ContainsAny(media, "\"\\\r\n") {
			l += `; type="` + media + `"`
		}
		links = append(links, l)
	}
	here := base + resourceURL(rec.ID)
	cite := here
	for _, i := range rec.Identifiers {
		if i.Scheme == "doi" {
			cite = crosswalk.URI(i)
		}
	}
	add(cite, "cite-as", "")
	add("https://schema.org/AboutPage", "type", "")
	add("https://schema.org/"+jsonld.Class(rec), "type", "")
	for _, f := range forms() {
		add(here+"."+f.Ext, "describedby", f.media())
	}
	add(rec.Rights.License, "license", "")
	for _, a := range rec.Creators {
		add(a.ID, "author", "")
	}
	if rec.Work.ID != "" {
		add(base+"/works/"+string(rec.Work.ID), "collection", "text/html")
	}
	for _, f := range crosswalk.Live(rec.Files) {
		add(f.URL, "item", f.MediaType)
	}
	h.Set("Link", strings.Join(links, ", "))
}

// mostSigns keeps the header small enough for every proxy.
const mostSigns = 24

// unAPI answers reference managers that find identifiers in pages
// (http://unapi.info/specs/unapi-revision-1.html).
func (p *Portal) unAPI(w http.ResponseWriter, r *http.Request) error {
	id, want := r.URL.Query().Get("id"), r.URL.Query().Get("format")
	names := map[string]string{"ris": "ris", "bibtex": "bib", "ctip": "xml"}
	if id == "" || want == "" {
		var b strings.Builder
		b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n<formats")
		if record.ID(id).Valid() {
			b.WriteString(` id="` + id + `"`)
		}
		b.WriteString(">")
		for _, name := range []string{"ris", "bibtex", "ctip"} {
			f, _ := formOf(names[name])
			fmt.Fprintf(&b, `<format name="%s" type="%s"/>`, name, f.media())
		}
		b.WriteString("</formats>\n")
		w.Header().Set("Content-Type", "application/xml; charset=utf-8")
		if record.ID(id).Valid() {
			w.WriteHeader(http.StatusMultipleChoices)
		}
		_, _ = w.Write([]byte(b.String())) // only a client that went away can make this fail
		return nil
	}
	f, ok := formOf(names[want])
	if !ok {
		return &problem{http.StatusNotAcceptable, "Records are not to be had in that format here.", nil}
	}
	if !record.ID(id).Valid() {
		return &problem{http.StatusNotFound, "There is no record of that id.", nil}
	}
	e, err := p.o.Store.Entry(r.Context(), record.ID(id))
	if err != nil {
		return err
	}
	return p.sendForm(w, r, e, f)
}
