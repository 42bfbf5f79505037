package ctip

import (
	"fmt"
	"strconv"
	"time"

	"ctiphub/record"
)

// ParseXML reads the <resource> element of a document, which may be its root or stand in
// an envelope. Elements and attributes it does not know are left out. An error names the
// field whose value cannot be.
func ParseXML(data []byte) (record.Record, error) {
	root, err := readResource(data)
	if err != nil {
		return record.Record{}, fmt.Errorf("reading a ctip document: %w", err)
	}
	r := reader{seen: map[string]bool{}}
	for i := range root.kids {
		r.element(&root.kids[i])
	}
	if r.err == nil {
		r.err = check(r.rec)
	}
	if r.err != nil {
		return record.Record{}, fmt.Errorf("reading a ctip document: %w", r.err)
	}
	return r.rec, nil
}

// reader fills a record from elements and keeps the first error.
type reader struct {
	rec  record.Record
	seen map[string]bool
	err  error
}

func (r *reader) fail(n *node, format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%s: %s", n.name, fmt.Sprintf(format, args...))
	}
}

// element reads one child of the root.
func (r *reader) element(n *node) {
	rec := &r.rec
	switch n.name {
	case "title":
		r.text(n, &rec.Title)
	case "alternative":
		r.text(n, &rec.Alternative)
	case "description":
		r.text(n, &rec.Description)
	case "rightsStatement":
		r.text(n, &rec.Rights.Statement)
	case "language":
		rec.Languages = append(rec.Languages, n.text)
	case "creator":
		r.agent(n, &rec.Creators)
	case "publisher":
		r.agent(n, &rec.Publishers)
	case "funder":
		r.agent(n, &rec.Funders)
	case "file":
		r.file(n)
	case "identifier":
		rec.Identifiers = append(rec.Identifiers, record.Identifier{Scheme: n.value("scheme"), Value: n.text})
	case "relation":
		rec.Relations = append(rec.Relations, record.Relation{Kind: n.value("kind"), Target: n.text, Lang: n.value("lang")})
	case "provenance":
		r.assertion(n)
	case "override":
		rec.Overrides = append(rec.Overrides, record.Override{
			Field: n.value("field"), Value: n.text, Who: n.value("who"), When: r.time(n, "when"), Why: n.value("why"),
		})
	default:
		if tags := r.tagList(n.name); tags != nil {
			r.tag(n, tags)
			return
		}
		r.single(n)
	}
}

// single reads an element that a record has once at most.
func (r *reader) single(n *node) {
	if r.seen[n.name] {
		r.fail(n, "given twice")
		return
	}
	rec := &r.rec
	switch n.name {
	case "id":
		rec.ID = record.ID(n.text)
	case "issued":
		rec.Issued = record.Date{EDTF: n.text, Raw: n.value("raw")}
	case "modified":
		rec.Modified = record.Date{EDTF: n.text, Raw: n.value("raw")}
	case "valid":
		rec.Valid = record.Date{EDTF: n.text, Raw: n.value("raw")}
	case "work":
		rec.Work = record.Work{ID: record.ID(n.value("id")), EditionStatus: n.value("editionStatus")}
	case "rights":
		rec.Rights.Status = n.text
	case "license":
		rec.Rights.License = n.text
	case "sensitivity":
		rec.Sensitivity = n.text
	case "origin":
		r.origin(n)
	case "harvest":
		rec.Harvest = record.Harvest{
			FirstSeen: r.time(n, "firstSeen"), LastSeen: r.time(n, "lastSeen"),
			LastChanged: r.time(n, "lastChanged"), Raw: n.value("raw"),
		}
	case "quality":
		r.quality(n)
	default:
		return // of a later version of the schema
	}
	r.seen[n.name] = true
}

func (r *reader) text(n *node, to *record.Texts) {
	if _, ok := (*to)[n.lang]; ok {
		r.fail(n, "two texts in the language %.40q", n.lang)
		return
	}
	if *to == nil {
		*to = record.Texts{}
	}
	(*to)[n.lang] = n.text
}

// tagList returns the list that an element's concept belongs to, or nil.
func (r *reader) tagList(element string) *[]record.Tag {
	for i, name := range tagElements {
		if name == element {
			return tagFields(&r.rec)[i].tags
		}
	}
	return nil
}

func (r *reader) tag(n *node, to *[]record.Tag) {
	t := record.Tag{ID: n.value("id"), Confidence: r.confidence(n)}
	for i := range n.kids {
		if e := &n.kids[i]; e.name == "evidence" {
			t.Evidence = append(t.Evidence, record.Evidence{Field: e.value("field"), Match: e.text, Rule: e.value("rule")})
		}
	}
	*to = append(*to, t)
}

func (r *reader) agent(n *node, to *[]record.Agent) {
	a := record.Agent{Kind: n.value("kind"), Country: n.value("country"), ID: n.value("id")}
	for i := range n.kids {
		if k := &n.kids[i]; k.name == "name" {
			r.text(k, &a.Name)
		}
	}
	*to = append(*to, a)
}

func (r *reader) file(n *node) {
	r.rec.Files = append(r.rec.Files, record.File{
		URL: n.value("url"), MediaType: n.value("mediaType"),
		Bytes: r.number(n, "bytes", 64), Pages: int(r.number(n, "pages", strconv.IntSize)),
		Language: n.value("language"), Checksum: n.value("checksum"),
		Checked: r.time(n, "checked"), Status: n.value("status"),
	})
}

func (r *reader) origin(n *node) {
	o := record.Origin{
		Source: n.value("source"), Identifier: n.value("identifier"),
		Landing: n.value("landing"), Status: n.value("status"),
	}
	for i := range n.kids {
		h := &n.kids[i]
		if h.name != "hop" {
			continue
		}
		o.Chain = append(o.Chain, record.Hop{
			BaseURL: h.value("baseURL"), Identifier: h.value("identifier"),
			Datestamp: h.value("datestamp"), Namespace: h.value("namespace"),
			HarvestDate: r.time(h, "harvestDate"), Altered: r.truth(h, "altered"),
		})
	}
	r.rec.Origin = o
}

func (r *reader) quality(n *node) {
	q := record.Quality{Score: int(r.number(n, "score", 32))}
	for i := range n.kids {
		if f := &n.kids[i]; f.name == "finding" {
			q.Findings = append(q.Findings, record.Finding{Code: f.value("code"), Field: f.value("field"), Detail: f.text})
		}
	}
	r.rec.Quality = q
}

func (r *reader) assertion(n *node) {
	r.rec.Provenance = append(r.rec.Provenance, record.Assertion{
		Field: n.value("field"), Lang: n.value("lang"), Value: n.text, Raw: n.value("raw"),
		Rule: n.value("rule"), Confidence: r.confidence(n), Flag: record.Flag(n.value("flag")),
	})
}

func (r *reader) number(n *node, attr string, bits int) int64 {
	s := n.value(attr)
	if s == "" {
		return 0
	}
	v, err := strconv.ParseInt(s, 10, bits)
	if err != nil {
		r.fail(n, "%s=%.40q is not a whole number", attr, s)
	}
	return v
}

func (r *reader) confidence(n *node) float64 {
	s := n.value("confidence")
	if s == "" {
		r.fail(n, "the confidence is missing")
		return 0
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		r.fail(n, "confidence=%.40q is not a number", s)
	}
	return v
}

func (r *reader) time(n *node, attr string) time.Time {
	s := n.value(attr)
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		r.fail(n, "%s=%.40q is not a time such as 2026-01-31T12:00:00Z", attr, s)
		return time.Time{}
	}
	return utc(t)
}

func (r *reader) truth(n *node, attr string) bool {
	switch s := n.value(attr); s {
	case "true", "1":
		return true
	case "", "false", "0":
		return false
	default:
		r.fail(n, "%s=%.40q is neither true nor false", attr, s)
		return false
	}
}
