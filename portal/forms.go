package portal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ctiphub/catalog"
	"ctiphub/exporter"
	"ctiphub/exporter/citation"
	"ctiphub/exporter/jsonld"
	"ctiphub/internal/ctip"
	"ctiphub/record"
)

// form is one form of a record for programs and reference managers.
type form struct {
	Ext   string // behind the id in an address
	Type  string // media type, with parameters
	Name  string // as readers see it
	write func(p *Portal, rec record.Record, base string) ([]byte, error)
	save  bool // browsers offer to save it
}

// media is the media type without parameters.
func (f form) media() string {
	media, _, _ := strings.Cut(f.Type, ";")
	return media
}

// forms lists the forms of a record.
func forms() []form {
	return []form{
		{Ext: "json", Type: "application/json", Name: "JSON", write: (*Portal).writeJSON},
		{Ext: "jsonld", Type: jsonld.MediaType, Name: "JSON-LD (schema.org)", write: (*Portal).writeJSONLD},
		{Ext: "bib", Type: citation.BibTeXType, Name: "BibTeX", save: true, write: func(p *Portal, rec record.Record, base string) ([]byte, error) {
			return p.citer(base).BibTeX(rec), nil
		}},
		{Ext: "ris", Type: citation.RISType, Name: "RIS", save: true, write: func(p *Portal, rec record.Record, base string) ([]byte, error) {
			return p.citer(base).RIS(rec), nil
		}},
		{Ext: "csl.json", Type: citation.CSLType, Name: "CSL-JSON", write: func(p *Portal, rec record.Record, base string) ([]byte, error) {
			return p.citer(base).CSL(rec)
		}},
		{Ext: "xml", Type: "application/xml; charset=utf-8", Name: "ctip (XML)", write: func(_ *Portal, rec record.Record, _ string) ([]byte, error) {
			return append(ctip.AppendXML([]byte(`<?xml version="1.0" encoding="UTF-8"?>`+"\n"), ctip.Public(rec)), '\n'), nil
		}},
	}
}

func (p *Portal) citer(base string) citation.Writer {
	return citation.Writer{Label: p.conceptLabel, Here: func(id record.ID) string { return base + resourceURL(id) }}
}

func (p *Portal) conceptLabel(scheme, id string) string {
	return p.o.Vocabulary.Label(scheme, id, "en")
}

func (p *Portal) writeJSON(rec record.Record, _ string) ([]byte, error) {
	b, err := json.Marshal(publicJSON(rec))
	if err != nil {
		return nil, fmt.Errorf("writing a record as JSON: %w", err)
	}
	return append(b, '\n'), nil
}

func (p *Portal) writeJSONLD(rec record.Record, base string) ([]byte, error) {
	b, err := jsonld.New(base, p.o.Name, p.conceptLabel).Append(nil, ctip.Public(rec))
	return append(b, '\n'), err
}

// resource answers "/resources/{id}" and the same with the ending of a form: a page, or the
// form that the ending names or the client accepts.
func (p *Portal) resource(w http.ResponseWriter, r *http.Request) error {
	name, ext, ended := strings.Cut(r.PathValue("id"), ".")
	id := record.ID(name)
	if !id.Valid() {
		return catalog.ErrNotFound
	}
	f, ok := formOf(ext)
	if ended && !ok {
		return &problem{http.StatusNotFound, "Records have no form of that name.", nil}
	}
	if !ended {
		w.Header().Add("Vary", "Accept")
		f, ok = negotiated(r.Header.Get("Accept"))
	}
	e, err := p.o.Store.Entry(r.Context(), id)
	if err != nil {
		return err
	}
	if !ok {
		return p.resourceHTML(w, r, e)
	}
	return p.sendForm(w, r, e, f)
}

func formOf(ext string) (form, bool) {
	for _, f := range forms() {
		if f.Ext == ext {
			return f, true
		}
	}
	return form{}, false
}

// sendForm answers with one form of a record.
func (p *Portal) sendForm(w http.ResponseWriter, r *http.Request, e record.Entry, f form) error {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cache-Control", "no-cache")
	if e.Deleted {
		h.Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusGone)
		// A reader who went away is not an error.
		_, _ = fmt.Fprintf(w, "The resource was withdrawn on %s.\n", day(e.Stamp))
		return nil
	}
	body, err := f.write(p, e.Record, p.base(r))
	if err != nil {
		return err
	}
	exporter.Served(r.Context(), f.Ext, e.Seq, e.Seq, 1)
	p.signposts(h, e.Record, p.base(r))
	if f.save {
		h.Set("Content-Disposition", `inline; filename="`+string(e.Record.ID)+"."+f.Ext+`"`)
	}
	h.Set("Last-Modified", e.Stamp.UTC().Format(http.TimeFormat))
	return p.sendData(w, r, f.Type, body)
}

// sendData answers with a document for programs, which they need not take twice.
func (p *Portal) sendData(w http.ResponseWriter, r *http.Request, mediaType string, body []byte) error {
	h := w.Header()
	sum := sha256.Sum256(body)
	h.Set("Content-Type", mediaType)
	h.Set("ETag", `W/"`+hex.EncodeToString(sum[:12])+`"`)
	h.Set("Cache-Control", "no-cache")
	modified, err := http.ParseTime(h.Get("Last-Modified"))
	if err != nil {
		modified = time.Time{} // there is none
	}
	http.ServeContent(w, r, "", modified, bytes.NewReader(body))
	return nil
}

// negotiated chooses the form that an Accept header wants most (RFC 9110, section 12.5.1).
// Without a clear wish for a form it is a page.
func negotiated(accept string) (form, bool) {
	if accept == "" {
		return form{}, false
	}
	best, found, most := form{}, false, wish(accept, "text/html")
	for _, f := range forms() {
		// A form has to be named: "*/*" is what browsers and curl send who want the page.
		if q := wish(accept, f.media()); q > most && named(accept, f.media()) {
			best, found, most = f, true, q
		}
	}
	return best, found
}

func named(accept, media string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		name, _, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), media) {
			return true
		}
	}
	return false
}

// wish is how much a client wants a media type, 0 to 1: what the most specific range says.
func wish(accept, media string) float64 {
	kind, _, _ := strings.Cut(media, "/")
	q, specific := 0.0, -1
	for part := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(part, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		how := -1
		switch name {
		case media:
			how = 2
		case kind + "/*":
			how = 1
		case "*/*":
			how = 0
		}
		if how < 0 || how < specific {
			continue
		}
		weight := 1.0
		for param := range strings.SplitSeq(params, ";") {
			if v, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(param)), "q="); ok {
				if n, err := strconv.ParseFloat(v, 64); err == nil {
					weight = min(max(n, 0), 1)
				}
			}
		}
		if how > specific || weight > q {
			q, specific = weight, how
		}
	}
	return q
}
