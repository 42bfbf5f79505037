package normalizer

import (
	"encoding/json"
	"slices"

	"ctiphub/internal/extract"
	"ctiphub/internal/lang"
	"ctiphub/record"
)

// pdfFields are the places of what a PDF file says of itself. The title is taken from the
// first that has a real one: whoever linked to a file knew what it is, its largest letters
// are mostly the title, and what the word processor wrote is mostly not.
var pdfFields = map[string]Chain{
	"title":       {First: []string{"hint:link-text", "pdf:largest-text", "pdf:title", "pdf:file-name"}, Then: []string{"title.real"}},
	"description": {First: []string{"pdf:description"}, Then: []string{"title.real"}},
	"keywords":    {All: []string{"pdf:keywords"}},
	"language":    {First: []string{"pdf:language", "pdf:stated-languages", "pdf:catalog-language"}},
	"creators":    {First: []string{"pdf:creators"}, Then: []string{"name.real"}},
	"publishers":  {First: []string{"pdf:publishers"}, Then: []string{"name.real"}},
	"issued":      {First: []string{"pdf:issued"}},
	"modified":    {First: []string{"pdf:modified"}},
	"identifiers": {All: []string{"pdf:identifiers"}},
	"rights":      {First: []string{"pdf:rights"}},
}

// sureTitle is how far each step of the ladder is to be trusted.
var sureTitle = map[string]float64{"hint:link-text": 0.9, "pdf:largest-text": 0.8, "pdf:title": 0.7, "pdf:file-name": 0.4}

// onlyTitle leaves one of several large texts: the others are headings.
func onlyTitle(list []extract.Value) []extract.Value {
	if len(list) > 1 && list[0].Rule != "pdf:title" { // that may be there in several languages
		return list[:1]
	}
	return list
}

// pdfLanguages takes the language of the text, which is the resource, before that of its
// title.
func (w *work) pdfLanguages() bool {
	list := w.values("language")
	if w.raw.Format != record.FormatPDF || len(list) == 0 {
		return false
	}
	for _, v := range list {
		if tag, ok := lang.TagIn(v.Text, w.country()); ok && !slices.Contains(w.rec.Languages, tag) {
			w.rec.Languages = append(w.rec.Languages, tag)
			w.assert(record.Assertion{Field: "languages", Value: tag, Rule: v.Rule, Confidence: 0.8, Flag: record.Added})
		}
	}
	return len(w.rec.Languages) > 0
}

// fileFact is what is known of one file, from its own properties or from a hint "file".
type fileFact struct {
	URL      string `json:"url"`
	Bytes    int64  `json:"bytes"`
	Pages    int    `json:"pages"`
	Language string `json:"language"`
	Checksum string `json:"checksum"`
}

// fileFacts adds to the record's files what reading them has shown.
func (w *work) fileFacts() {
	note := func(text []byte, address string) {
		f := fileFact{URL: address}
		if json.Unmarshal(text, &f) != nil {
			return
		}
		u, ok := canonicalURL(f.URL)
		i := slices.IndexFunc(w.rec.Files, func(known record.File) bool { return known.URL == u })
		if !ok || i < 0 {
			return
		}
		to := &w.rec.Files[i]
		to.MediaType, to.Bytes, to.Pages, to.Checksum = "application/pdf", max(f.Bytes, 0), max(f.Pages, 0), f.Checksum
		if tag, ok := lang.TagIn(f.Language, w.country()); ok && to.Language == "" {
			to.Language = tag
		}
	}
	if w.raw.Format == record.FormatPDF {
		note(w.raw.Body, w.raw.URL)
	}
	for _, h := range w.raw.Hints {
		if h.Key == "file" {
			note([]byte(h.Value), "")
		}
	}
}

// fileDated reports whether a PDF file says when it was made. That is no date of issue: the
// document may be older, and a file is often made anew.
func (w *work) fileDated() bool {
	return w.raw.Format == record.FormatPDF && len(w.doc.Select(w.n.pdfCreated)) > 0
}
