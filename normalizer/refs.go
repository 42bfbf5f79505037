package normalizer

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"ctiphub/internal/lang"
	"ctiphub/record"
)

// absolute resolves a link of a page.
func absolute(base, ref string) string {
	ref = strings.TrimSpace(ref)
	if isWeb(ref) || base == "" {
		return ref
	}
	b, err := url.Parse(base)
	if err != nil {
		return ref
	}
	r, err := b.Parse(ref)
	if err != nil {
		return ref
	}
	return r.String()
}

func isFrontPage(address string) bool {
	u, err := url.Parse(address)
	return err == nil && strings.Trim(u.Path, "/") == "" && u.RawQuery == ""
}

// fileTypes are the document files that the hub links to.
var fileTypes = map[string]string{
	".pdf": "application/pdf", ".doc": "application/msword", ".epub": "application/epub+zip", ".csv": "text/csv", ".zip": "application/zip",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".ppt":  "application/vnd.ms-powerpoint", ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	".xls": "application/vnd.ms-excel", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".odt": "application/vnd.oasis.opendocument.text", ".rtf": "application/rtf",
}

// fileType tells the media type of a document file from its address, "" for pages.
func fileType(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return fileTypes[strings.ToLower(path.Ext(u.Path))]
}

const mostFiles = 50

// files lists the documents of the record.
func (w *work) files() {
	add := func(address, media, language, rule string) {
		u, ok := canonicalURL(absolute(w.raw.URL, address))
		if !ok || len(w.rec.Files) >= mostFiles || slices.ContainsFunc(w.rec.Files, func(f record.File) bool { return f.URL == u }) {
			return
		}
		tag, _ := lang.TagIn(language, w.country())
		if language == "" {
			tag = ""
		}
		w.rec.Files = append(w.rec.Files, record.File{URL: u, MediaType: first(media, fileType(u)), Language: tag, Status: "unknown"})
		w.assert(record.Assertion{Field: "files", Value: u, Raw: address, Rule: rule, Confidence: 0.9})
	}
	for _, v := range w.values("files") {
		add(v.Text, "", v.Lang, v.Rule)
	}
	for _, l := range w.doc.Links() {
		add(l.URL, l.Type, l.Lang, "links")
	}
	if w.raw.Format == record.FormatPDF {
		add(w.raw.URL, "application/pdf", "", "url")
	}
	w.fileFacts()
}

// relations links to the other language versions that the page names.
func (w *work) relations() {
	add := func(address, language, rule string) {
		u, ok := canonicalURL(absolute(w.raw.URL, address))
		tag, known := lang.TagIn(language, w.country())
		if !ok || !known || u == w.rec.Origin.Landing || isFrontPage(u) || slices.Contains(w.rec.Languages, tag) {
			return
		}
		if slices.ContainsFunc(w.rec.Relations, func(r record.Relation) bool { return r.Target == u || r.Lang == tag }) {
			return
		}
		w.rec.Relations = append(w.rec.Relations, record.Relation{Kind: "translationOf", Target: u, Lang: tag})
		w.assert(record.Assertion{Field: "relations", Value: u, Rule: rule, Confidence: 0.7})
	}
	for _, a := range w.doc.Alternates() {
		add(a.URL, a.Lang, "hreflang")
	}
	for _, h := range w.raw.Hints {
		if h.Key == "alternate" {
			add(h.Value, h.Lang, "hint:alternate")
		}
	}
}

// identifiers collects the names that the wider world knows the resource by.
func (w *work) identifiers() {
	add := func(id record.Identifier, raw, rule string) {
		if !slices.Contains(w.rec.Identifiers, id) {
			w.rec.Identifiers = append(w.rec.Identifiers, id)
			w.assert(record.Assertion{Field: "identifiers", Value: id.Scheme + ":" + id.Value, Raw: raw, Rule: rule, Confidence: 1})
		}
	}
	for _, v := range w.values("identifiers") {
		found, invalid := identifiersIn(v.Text)
		for _, id := range found {
			add(id, v.Text, v.Rule)
		}
		if invalid > 0 {
			w.find(CodeInvalidISBN, "identifiers", "")
		}
	}
	if u := w.rec.Origin.Landing; u != "" {
		found, _ := identifiersIn(u)
		for _, id := range found {
			if id.Scheme != "isbn" {
				add(id, u, "landing")
			}
		}
	}
	for _, t := range w.rec.Title.Languages() {
		if number, ok := documentNumber(w.rec.Title[t]); ok {
			add(record.Identifier{Scheme: "number", Value: number}, w.rec.Title[t], "title")
		}
	}
}
