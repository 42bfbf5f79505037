package ctip

import (
	"strconv"
	"time"

	"ctiphub/internal/oai"
	"ctiphub/record"
)

// AppendXML appends the record as one <resource> element that declares its namespace.
// Characters that XML 1.0 cannot hold vanish. The same record gives the same bytes.
func AppendXML(dst []byte, rec record.Record) []byte { return AppendLocatedXML(dst, rec, "") }

// AppendLocatedXML is AppendXML with the URL of the XML Schema stated on the element, as
// OAI-PMH wants it.
func AppendLocatedXML(dst []byte, rec record.Record, schema string) []byte {
	w := writer(dst)
	w.raw(`<resource xmlns="` + Namespace + `"`)
	if schema != "" {
		w.raw(` xmlns:xsi="` + oai.XSINamespace + `"`)
		w.attr("xsi:schemaLocation", Namespace+" "+schema)
	}
	w.raw(` version="` + Version + `">`)
	w.simple("id", string(rec.ID))
	w.texts("title", rec.Title)
	w.texts("alternative", rec.Alternative)
	w.texts("description", rec.Description)
	for i, f := range tagFields(&rec) {
		w.tags(tagElements[i], *f.tags)
	}
	for _, l := range rec.Languages {
		w.element("language", l)
	}
	w.agents("creator", rec.Creators)
	w.agents("publisher", rec.Publishers)
	w.agents("funder", rec.Funders)
	w.date("issued", rec.Issued)
	w.date("modified", rec.Modified)
	w.date("valid", rec.Valid)
	w.files(rec.Files)
	w.links(rec)
	w.simple("rights", rec.Rights.Status)
	w.simple("license", rec.Rights.License)
	w.texts("rightsStatement", rec.Rights.Statement)
	w.simple("sensitivity", rec.Sensitivity)
	w.origin(rec.Origin)
	w.harvest(rec.Harvest)
	w.quality(rec.Quality)
	w.assertions(rec.Provenance)
	w.overrides(rec.Overrides)
	w.raw("</resource>")
	return w
}

// tagElements names the elements of tagFields, which are singular where JSON has lists.
var tagElements = [...]string{"type", "theme", "audience", "victimGroup", "exploitationForm", "country", "region"}

// writer appends XML to itself.
type writer []byte

func (w *writer) raw(s string) { *w = append(*w, s...) }

// open writes "<name", to be followed by attributes.
func (w *writer) open(name string) {
	*w = append(*w, '<')
	*w = append(*w, name...)
}

func (w *writer) close(name string) {
	*w = append(*w, "</"...)
	*w = append(*w, name...)
	*w = append(*w, '>')
}

// attr writes an attribute, unless it is empty.
func (w *writer) attr(name, value string) {
	if value != "" {
		w.fullAttr(name, value)
	}
}

func (w *writer) fullAttr(name, value string) {
	*w = append(*w, ' ')
	*w = append(*w, name...)
	*w = append(*w, `="`...)
	*w = oai.AppendAttr(*w, value)
	*w = append(*w, '"')
}

func (w *writer) number(name string, n int64) {
	if n > 0 {
		w.openAttr(name)
		*w = strconv.AppendInt(*w, n, 10)
		*w = append(*w, '"')
	}
}

func (w *writer) confidence(f float64) {
	w.openAttr("confidence")
	*w = strconv.AppendFloat(*w, unit(f), 'f', -1, 64)
	*w = append(*w, '"')
}

func (w *writer) time(name string, t time.Time) {
	if t = utc(t); !t.IsZero() {
		w.openAttr(name)
		*w = t.AppendFormat(*w, time.RFC3339Nano)
		*w = append(*w, '"')
	}
}

// openAttr writes ` name="` for a value that needs no escaping.
func (w *writer) openAttr(name string) {
	*w = append(*w, ' ')
	*w = append(*w, name...)
	*w = append(*w, `="`...)
}

// text ends a start tag, writes the content and the end tag.
func (w *writer) text(name, s string) {
	if s == "" {
		*w = append(*w, "/>"...)
		return
	}
	*w = append(*w, '>')
	*w = oai.AppendText(*w, s)
	w.close(name)
}

// simple writes an element of text, unless it is empty.
func (w *writer) simple(name, s string) {
	if s != "" {
		w.element(name, s)
	}
}

func (w *writer) element(name, s string) {
	w.open(name)
	w.text(name, s)
}

func (w *writer) texts(name string, t record.Texts) {
	if len(t) == 1 { // most often; nothing to sort then
		for lang, s := range t {
			w.langText(name, lang, s)
		}
		return
	}
	for _, lang := range t.Languages() {
		w.langText(name, lang, t[lang])
	}
}

func (w *writer) langText(name, lang, s string) {
	w.open(name)
	w.fullAttr("xml:lang", lang)
	w.text(name, s)
}

func (w *writer) tags(name string, tags []record.Tag) {
	for _, t := range tags {
		w.open(name)
		w.fullAttr("id", t.ID)
		w.confidence(t.Confidence)
		if len(t.Evidence) == 0 {
			w.raw("/>")
			continue
		}
		w.raw(">")
		for _, e := range t.Evidence {
			w.open("evidence")
			w.attr("field", e.Field)
			w.attr("rule", e.Rule)
			w.text("evidence", e.Match)
		}
		w.close(name)
	}
}

func (w *writer) agents(name string, agents []record.Agent) {
	for _, a := range agents {
		w.open(name)
		w.attr("kind", a.Kind)
		w.attr("country", a.Country)
		w.attr("id", a.ID)
		w.raw(">")
		w.texts("name", a.Name)
		w.close(name)
	}
}

func (w *writer) date(name string, d record.Date) {
	if d == (record.Date{}) {
		return
	}
	w.open(name)
	w.attr("raw", d.Raw)
	w.text(name, d.EDTF)
}

func (w *writer) files(files []record.File) {
	for _, f := range files {
		w.open("file")
		w.attr("url", f.URL)
		w.attr("mediaType", f.MediaType)
		w.number("bytes", f.Bytes)
		w.number("pages", int64(f.Pages))
		w.attr("language", f.Language)
		w.attr("checksum", f.Checksum)
		w.time("checked", f.Checked)
		w.attr("status", f.Status)
		w.raw("/>")
	}
}

// links writes what ties the record to other resources.
func (w *writer) links(rec record.Record) {
	for _, i := range rec.Identifiers {
		w.open("identifier")
		w.attr("scheme", i.Scheme)
		w.text("identifier", i.Value)
	}
	if rec.Work != (record.Work{}) {
		w.open("work")
		w.attr("id", string(rec.Work.ID))
		w.attr("editionStatus", rec.Work.EditionStatus)
		w.raw("/>")
	}
	for _, r := range rec.Relations {
		w.open("relation")
		w.attr("kind", r.Kind)
		w.attr("lang", r.Lang)
		w.text("relation", r.Target)
	}
}

func (w *writer) origin(o record.Origin) {
	if o.Source == "" && o.Identifier == "" && o.Landing == "" && o.Status == "" && len(o.Chain) == 0 {
		return
	}
	w.open("origin")
	w.attr("source", o.Source)
	w.attr("identifier", o.Identifier)
	w.attr("landing", o.Landing)
	w.attr("status", o.Status)
	w.raw(">")
	for _, h := range o.Chain {
		w.open("hop")
		w.attr("baseURL", h.BaseURL)
		w.attr("identifier", h.Identifier)
		w.attr("datestamp", h.Datestamp)
		w.attr("namespace", h.Namespace)
		w.time("harvestDate", h.HarvestDate)
		if h.Altered {
			w.raw(` altered="true"`)
		}
		w.raw("/>")
	}
	w.close("origin")
}

func (w *writer) harvest(h record.Harvest) {
	if h == (record.Harvest{}) {
		return
	}
	w.open("harvest")
	w.time("firstSeen", h.FirstSeen)
	w.time("lastSeen", h.LastSeen)
	w.time("lastChanged", h.LastChanged)
	w.attr("raw", h.Raw)
	w.raw("/>")
}

func (w *writer) quality(q record.Quality) {
	if q.Score == 0 && len(q.Findings) == 0 {
		return
	}
	w.open("quality")
	w.openAttr("score")
	*w = strconv.AppendInt(*w, int64(percent(q.Score)), 10)
	w.raw(`">`)
	for _, f := range q.Findings {
		w.open("finding")
		w.attr("code", f.Code)
		w.attr("field", f.Field)
		w.text("finding", f.Detail)
	}
	w.close("quality")
}

func (w *writer) assertions(list []record.Assertion) {
	for _, a := range list {
		w.open("provenance")
		w.attr("field", a.Field)
		w.attr("lang", a.Lang)
		w.attr("rule", a.Rule)
		w.confidence(a.Confidence)
		w.attr("flag", string(a.Flag))
		w.attr("raw", a.Raw)
		w.text("provenance", a.Value)
	}
}

func (w *writer) overrides(list []record.Override) {
	for _, o := range list {
		w.open("override")
		w.attr("field", o.Field)
		w.attr("who", o.Who)
		w.time("when", o.When)
		w.attr("why", o.Why)
		w.text("override", o.Value)
	}
}
