package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ctiphub/analytics"
	"ctiphub/catalog"
	"ctiphub/record"
)

// resourcePage is "/resources/{id}": everything the hub knows about one record.
type resourcePage struct {
	ID           string
	Title        text
	OtherTitles  []text
	Descriptions []text
	Type         []tag
	Tags         []tagList
	Languages    []text
	Agents       []agentList
	Dates        []dateLine
	Files        []fileLine
	Landing      link
	Identifiers  []identifierLine
	Relations    []relationLine
	Edition      string
	Editions     []editionLine // others of its work
	Work         string
	Rights       rightsLine
	Source       link
	Origin       record.Origin
	Harvest      record.Harvest
	Score        int
	Findings     []record.Finding
	Why          []assertion
	MoreWhy      int
	Citation     cited
	Cite         []link // the citation for reference managers
	Formats      []link
}

// link is an address with its words. URL is "" for what must not be a link.
type link struct{ URL, Label string }

// tag is one concept of the record.
type tag struct {
	URL        string
	Label      string
	Confidence float64
	Evidence   []record.Evidence
}

// tagList is the concepts of one scheme.
type tagList struct {
	Name string
	Tags []tag
}

// agentList is the organisations and persons of one role.
type agentList struct {
	Role   string
	Agents []agent
}

type agent struct {
	Names   []text
	Country string
}

type dateLine struct{ Name, Value, Raw string }

type fileLine struct {
	Link     link
	About    []string
	Language string
	Dead     bool
	Checked  time.Time
}

type identifierLine struct {
	Scheme string
	Link   link
}

type relationLine struct {
	Kind string
	Link link
	Lang string
}

type rightsLine struct {
	Label      string
	License    link
	Statements []text
	Sensitive  string
}

// assertion is why one field has its value.
type assertion struct {
	Field, Value, Raw, Rule, Flag string
	Confidence                    float64
}

// longestHeading is how many characters of a title the page shows: what is longer is no
// title, and the JSON has it all.
const longestHeading = 600

// mostWhy limits the reasons on the page; the JSON has them all.
const mostWhy = 60

// resourceHTML answers with the page of a record.
func (p *Portal) resourceHTML(w http.ResponseWriter, r *http.Request, e record.Entry) (err error) {
	id := e.Record.ID
	title := "Resource " + string(id)
	if e.Deleted {
		return p.render(w, r, http.StatusGone, "gone", frame{Title: title, Page: gonePage{
			ID: string(id), Since: e.Stamp, Source: p.sourceLink(e.Record.Origin.Source), Formats: p.formats(id),
		}})
	}
	page := p.resourcePage(e.Record, readerLanguages(r), p.base(r))
	if page.Editions, err = p.otherEditions(r.Context(), e.Record, readerLanguages(r)); err != nil {
		return err
	}
	p.signposts(w.Header(), e.Record, p.base(r))
	f := frame{Title: title, Index: true, Page: page}
	if f.Head, err = p.recordHead(e.Record, p.base(r)); err != nil {
		return err
	}
	p.countItem(r, analytics.KindView, e.Record, "/resources/"+string(id))
	return p.render(w, r, http.StatusOK, "resource", f)
}

// gonePage is what stays of a record that was withdrawn.
type gonePage struct {
	ID      string
	Since   time.Time
	Source  link
	Formats []link
}

func (p *Portal) resourcePage(rec record.Record, reader []string, here string) resourcePage {
	page := resourcePage{
		ID: string(rec.ID), Title: text{"Untitled record", "en", "ltr"},
		Descriptions: allTexts(rec.Description, reader), Type: p.tags(catalog.FacetType, rec.Type),
		Tags: p.tagLists(rec), Agents: p.agents(rec, reader), Dates: dates(rec), Files: p.files(rec.Files),
		Landing: outLink(rec.Origin.Landing), Source: p.sourceLink(rec.Origin.Source),
		Origin: rec.Origin, Harvest: rec.Harvest, Score: rec.Quality.Score, Findings: rec.Quality.Findings,
		Edition: rec.Work.EditionStatus, Work: string(rec.Work.ID), Formats: p.formats(rec.ID),
	}
	if titles := allTexts(rec.Title, reader); len(titles) > 0 {
		page.Title, page.OtherTitles = titles[0], titles[1:]
	}
	page.OtherTitles = append(page.OtherTitles, allTexts(rec.Alternative, reader)...)
	page.Title.S = clip(page.Title.S, longestHeading)
	for i := range page.OtherTitles {
		page.OtherTitles[i].S = clip(page.OtherTitles[i].S, longestHeading)
	}
	for _, l := range rec.Languages {
		page.Languages = append(page.Languages, newText(p.label(catalog.FacetLanguage, l), "en"))
	}
	for _, i := range rec.Identifiers {
		page.Identifiers = append(page.Identifiers, identifierOf(i))
	}
	for _, rel := range rec.Relations {
		page.Relations = append(page.Relations, p.relationOf(rel))
	}
	page.Landing.URL = p.wayOut(rec.ID, page.Landing.URL)
	for i := range page.Files {
		page.Files[i].Link.URL = p.wayOut(rec.ID, page.Files[i].Link.URL)
	}
	page.Rights = p.rights(rec, reader)
	page.Why, page.MoreWhy = reasons(rec.Provenance)
	page.Citation, page.Cite = p.cite(rec, page.Title, here), citeLinks(rec.ID)
	return page
}

// tags prepares the concepts of one facet.
func (p *Portal) tags(f catalog.Facet, list []record.Tag) []tag {
	var out []tag
	for _, t := range list {
		out = append(out, tag{only(f, t.ID), p.label(f, t.ID), t.Confidence, t.Evidence[:min(len(t.Evidence), 3)]})
	}
	return out
}

// conceptTags prepares concepts of a scheme that is no facet: without an address.
func (p *Portal) conceptTags(scheme string, list []record.Tag) []tag {
	var out []tag
	for _, t := range list {
		out = append(out, tag{"", p.o.Vocabulary.Label(scheme, t.ID, "en"), t.Confidence, t.Evidence[:min(len(t.Evidence), 3)]})
	}
	return out
}

func (p *Portal) tagLists(rec record.Record) []tagList {
	themes := slices.Clone(rec.Themes)
	slices.SortStableFunc(themes, func(a, b record.Tag) int { return strings.Compare(p.notation(a.ID), p.notation(b.ID)) })
	all := []tagList{
		{"Themes", p.tags(catalog.FacetTheme, themes)},
		{"Countries", p.tags(catalog.FacetCountry, rec.Countries)},
		{"Regions", p.conceptTags("region", rec.Regions)},
		{"Made for", p.tags(catalog.FacetAudience, rec.Audiences)},
		{"Victim groups", p.conceptTags("victim-group", rec.VictimGroups)},
		{"Forms of exploitation", p.conceptTags("exploitation", rec.ExploitationForms)},
	}
	return slices.DeleteFunc(all, func(l tagList) bool { return len(l.Tags) == 0 })
}

// notation sorts themes; unknown ones come last.
func (p *Portal) notation(theme string) string {
	c, ok := p.o.Vocabulary.Concept("theme", theme)
	if !ok || c.Notation == "" {
		return "~"
	}
	return c.Notation
}

func (p *Portal) agents(rec record.Record, reader []string) []agentList {
	var out []agentList
	for _, role := range []struct {
		name string
		list []record.Agent
	}{{"Publisher", rec.Publishers}, {"Author", rec.Creators}, {"Funder", rec.Funders}} {
		l := agentList{Role: role.name}
		for _, a := range role.list {
			ag := agent{Names: allTexts(a.Name, reader)}
			if a.Country != "" {
				ag.Country = p.label(catalog.FacetCountry, a.Country)
			}
			if len(ag.Names) > 0 {
				l.Agents = append(l.Agents, ag)
			}
		}
		if len(l.Agents) > 0 {
			out = append(out, l)
		}
	}
	return out
}

func dates(rec record.Record) []dateLine {
	var out []dateLine
	for _, d := range []struct {
		name string
		date record.Date
	}{{"Issued", rec.Issued}, {"Modified", rec.Modified}, {"Valid", rec.Valid}} {
		if d.date == (record.Date{}) {
			continue
		}
		line := dateLine{d.name, edtf(d.date.EDTF), d.date.Raw}
		if line.Value == "" {
			line.Value = "date not understood"
		}
		if line.Raw == d.date.EDTF {
			line.Raw = ""
		}
		out = append(out, line)
	}
	return out
}

// edtf writes an EDTF date in words; what it does not know it leaves as it is.
func edtf(s string) string {
	if from, to, ok := strings.Cut(s, "/"); ok && from != "" && to != "" && to != ".." {
		return edtf(from) + " to " + edtf(to)
	}
	for _, f := range []struct{ from, to string }{{"2006-01-02", "2 January 2006"}, {"2006-01", "January 2006"}} {
		if t, err := time.Parse(f.from, s); err == nil {
			return t.Format(f.to)
		}
	}
	return s
}

func (p *Portal) files(list []record.File) []fileLine {
	var out []fileLine
	for _, f := range list {
		l := fileLine{Link: outLink(f.URL), Dead: f.Status == "dead", Checked: f.Checked, About: fileFacts(f)}
		l.Link.Label = fileName(f.URL)
		if f.Language != "" {
			l.Language = p.label(catalog.FacetLanguage, f.Language)
		}
		out = append(out, l)
	}
	return out
}

func fileFacts(f record.File) []string {
	var facts []string
	if f.MediaType != "" {
		facts = append(facts, mediaName(f.MediaType))
	}
	switch {
	case f.Bytes >= 1_000_000:
		facts = append(facts, strconv.FormatFloat(float64(f.Bytes)/1e6, 'f', 1, 64)+" MB")
	case f.Bytes > 0:
		facts = append(facts, strconv.FormatInt((f.Bytes+999)/1000, 10)+" kB")
	}
	if f.Pages > 0 {
		facts = append(facts, number(f.Pages)+" pages")
	}
	return facts
}

// mediaName is how readers call a media type.
func mediaName(mediaType string) string {
	base, _, _ := strings.Cut(mediaType, ";")
	switch base = strings.TrimSpace(strings.ToLower(base)); base {
	case "application/pdf":
		return "PDF"
	case "text/html":
		return "web page"
	case "application/msword", "application/vnd.openxmlformats-officedocument.wordprocessingml.document":
		return "Word document"
	}
	return base
}

// fileName is the last part of a file's address, readable.
func fileName(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return clip(raw, 80)
	}
	name := u.Path[strings.LastIndex(u.Path, "/")+1:]
	if name == "" {
		name = u.Host
	}
	return clip(strings.ToValidUTF8(name, ""), 80)
}

// outLink makes a link to another site; only the web can be linked to.
func outLink(raw string) link {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return link{"", clip(raw, 120)}
	}
	return link{u.String(), u.Host}
}

func identifierOf(i record.Identifier) identifierLine {
	l := identifierLine{Scheme: strings.ToUpper(i.Scheme), Link: link{Label: clip(i.Value, 200)}}
	switch i.Scheme {
	case "doi":
		doi := strings.TrimPrefix(i.Value, "https://doi.org/")
		l.Link.URL = outLink("https://doi.org/" + doi).URL
	case "uri", "handle":
		l.Scheme = map[string]string{"uri": "Address", "handle": "Handle"}[i.Scheme]
		l.Link.URL = outLink(i.Value).URL
	case "number":
		l.Scheme = "Number"
	}
	return l
}

func (p *Portal) relationOf(r record.Relation) relationLine {
	words := map[string]string{"translationOf": "Translation of", "versionOf": "Version of", "partOf": "Part of", "accompanies": "Goes with"}
	l := relationLine{Kind: words[r.Kind], Link: outLink(r.Target)}
	if l.Kind == "" {
		l.Kind = "Related to"
	}
	if id := record.ID(r.Target); id.Valid() {
		l.Link = link{resourceURL(id), "record " + r.Target}
	}
	if r.Lang != "" {
		l.Lang = p.label(catalog.FacetLanguage, r.Lang)
	}
	return l
}

func (p *Portal) rights(rec record.Record, reader []string) rightsLine {
	l := rightsLine{Label: "Not known: the hub only links to it", Statements: allTexts(rec.Rights.Statement, reader)}
	if rec.Rights.Status != "" {
		l.Label = p.o.Vocabulary.Label("rights", rec.Rights.Status, "en")
	}
	if rec.Rights.License != "" {
		l.License = outLink(rec.Rights.License)
		l.License.Label = clip(rec.Rights.License, 120)
	}
	if rec.Sensitivity != "" {
		l.Sensitive = p.o.Vocabulary.Label("sensitivity", rec.Sensitivity, "en")
	}
	return l
}

// reasons prepares the provenance, shortened.
func reasons(list []record.Assertion) (why []assertion, more int) {
	for _, a := range list[:min(len(list), mostWhy)] {
		field := a.Field
		if a.Lang != "" {
			field += " (" + a.Lang + ")"
		}
		why = append(why, assertion{
			Field: field, Value: clip(a.Value, 120), Raw: clip(a.Raw, 120),
			Rule: clip(a.Rule, 120), Flag: string(a.Flag), Confidence: a.Confidence,
		})
	}
	return why, max(0, len(list)-mostWhy)
}

// formats links to the record in the forms for programs.
func (p *Portal) formats(id record.ID) []link {
	list := []link{{"/api/v1/resources/" + url.PathEscape(string(id)), "JSON"}, {resourceURL(id) + ".jsonld", "JSON-LD (schema.org)"}}
	for _, f := range p.o.Formats {
		list = append(list, link{
			p.o.OAIPath + "?verb=GetRecord&metadataPrefix=" + url.QueryEscape(f.Prefix) +
				"&identifier=" + url.QueryEscape("oai:"+p.o.RepositoryID+":"+string(id)), f.Name,
		})
	}
	return list
}

// reference are the forms that reference managers take.
var reference = map[string]bool{"bib": true, "ris": true, "csl.json": true}

func citeLinks(id record.ID) []link {
	var list []link
	for _, f := range forms() {
		if reference[f.Ext] {
			list = append(list, link{resourceURL(id) + "." + f.Ext, f.Name})
		}
	}
	return list
}

// sourceLink leads to what the hub knows of a source.
func (p *Portal) sourceLink(id string) link {
	if id == "" {
		return link{}
	}
	return link{sourceURL(id), p.label(catalog.FacetSource, id)}
}
