package mods

import (
	"strconv"

	"ctiphub/exporter/crosswalk"
	"ctiphub/record"
)

// titles writes the title in the first language of the resource as the title, and the
// others as its translations; where that language has none nobody knows which is which.
func (w *writer) titles(rec record.Record) {
	own := ""
	if len(rec.Languages) > 0 && rec.Title[rec.Languages[0]] != "" {
		own = rec.Languages[0]
		w.title(rec.Title[own], own, "")
	}
	for _, lang := range rec.Title.Languages() {
		switch {
		case own == "":
			w.title(rec.Title[lang], lang, "")
		case lang != own:
			w.title(rec.Title[lang], lang, "translated")
		}
	}
	for _, lang := range rec.Alternative.Languages() {
		w.title(rec.Alternative[lang], lang, "alternative")
	}
}

func (w *writer) title(text, lang, kind string) {
	w.Wrap("titleInfo", func() { w.Text("title", text) }, "type", kind, "xml:lang", crosswalk.Lang(lang))
}

// names writes an agent once for each language of its name; the forms of one name share
// the number of a group.
func (w *writer) names(role string, agents []record.Agent, first int) {
	for i, a := range agents {
		group := ""
		if len(a.Name) > 1 {
			group = strconv.Itoa(first + i)
		}
		for _, lang := range a.Name.Languages() {
			w.name(role, a, lang, group)
		}
	}
}

func (w *writer) name(role string, a record.Agent, lang, group string) {
	kind := ""
	if a.Kind == "person" {
		kind = "personal"
	} else if a.Kind != "" {
		kind = "corporate"
	}
	start := len(w.Bytes)
	w.Open("name", "type", kind, "xml:lang", crosswalk.Lang(lang), "altRepGroup", group, "valueURI", crosswalk.OnlyURI(a.ID))
	named := len(w.Bytes)
	w.Text("namePart", a.Name[lang])
	if len(w.Bytes) == named {
		w.Bytes = w.Bytes[:start]
		return
	}
	w.Wrap("role", func() { w.Text("roleTerm", role, "type", "code", "authority", "marcrelator") })
	w.Close("name")
}

func (w *writer) origin(rec record.Record) {
	w.Wrap("originInfo", func() {
		for _, p := range rec.Publishers {
			w.Texts("publisher", p.Name)
		}
		w.date("dateIssued", rec.Issued, "keyDate", "yes")
		w.date("dateModified", rec.Modified)
		w.date("dateValid", rec.Valid)
	})
}

// date writes EDTF, which has ranges as well as days, months and years.
func (w *writer) date(element string, d record.Date, attrs ...string) {
	w.Text(element, crosswalk.KnownDate(d), append(attrs, "encoding", "edtf")...)
}

func (w *writer) physical(files []record.File) {
	w.Wrap("physicalDescription", func() {
		done := map[string]bool{}
		for _, f := range crosswalk.Live(files) {
			if !done[f.MediaType] {
				done[f.MediaType] = true
				w.Text("internetMediaType", f.MediaType)
			}
			w.Text("extent", count(f.Pages, "pages"))
		}
	})
}

// relatedType says in the words of MODS how two resources hang together.
var relatedType = map[string]string{"partOf": "host", "versionOf": "otherVersion", "translationOf": "otherVersion"}

func (w *writer) relations(list []record.Relation) {
	for _, r := range list {
		kind, other := relatedType[r.Kind], ""
		if kind == "" {
			other = r.Kind
		}
		w.Wrap("relatedItem", func() { w.Text("identifier", r.Target, "type", kindOf(r.Target)) }, "type", kind, "otherType", other)
	}
}

func kindOf(target string) string {
	if crosswalk.IsURI(target) {
		return "uri"
	}
	return "local"
}

// identifierType gives the codes of the Library of Congress for kinds of identifiers.
var identifierType = map[string]string{"doi": "doi", "isbn": "isbn", "handle": "hdl", "uri": "uri", "number": "document number"}

func (w *writer) identifiers(list []record.Identifier) {
	for _, i := range list {
		kind := identifierType[i.Scheme]
		if kind == "" {
			kind = "local"
		}
		w.Text("identifier", crosswalk.Bare(i), "type", kind)
	}
}

// location writes the page to send a reader to, then the files that are not known to be
// dead with their media types.
func (w *writer) location(rec record.Record) {
	w.Wrap("location", func() {
		if crosswalk.IsWeb(rec.Origin.Landing) {
			w.Text("url", rec.Origin.Landing, "usage", "primary display", "access", "object in context")
		}
		for _, f := range crosswalk.Live(rec.Files) {
			w.Text("url", f.URL, "access", "raw object", "note", f.MediaType)
		}
	})
}
