package wordpress

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ctiphub/harvester"
	"ctiphub/record"
)

// item is one entry as the API gave it.
type item struct {
	id     int64
	fields map[string]json.RawMessage
}

// readItems reads a list of entries. Some plugins turn it into an object by position.
func readItems(body []byte) ([]item, error) {
	var list []map[string]json.RawMessage
	if err := json.Unmarshal(body, &list); err != nil {
		byPlace := map[string]map[string]json.RawMessage{}
		if json.Unmarshal(body, &byPlace) != nil {
			return nil, fmt.Errorf("%w: it is no list of entries", errNoAPI)
		}
		for n := range len(byPlace) {
			if one, ok := byPlace[strconv.Itoa(n)]; ok {
				list = append(list, one)
			}
		}
		if len(list) != len(byPlace) {
			return nil, fmt.Errorf("%w: it is no list of entries", errNoAPI)
		}
	}
	items := make([]item, 0, len(list))
	for _, fields := range list {
		it := item{fields: fields}
		it.get("id", &it.id)
		items = append(items, it)
	}
	return items, nil
}

// get reads a field into a value, and leaves the value as it is when it has another form.
func (it item) get(field string, to any) bool {
	raw, ok := it.fields[field]
	return ok && json.Unmarshal(raw, to) == nil
}

func (it item) text(field string) string {
	var s string
	it.get(field, &s)
	return strings.TrimSpace(s)
}

// rendered is a text that themes and plugins have had their say about.
func (it item) rendered(field string) (text string, protected bool) {
	var r struct {
		Rendered  string
		Protected bool
	}
	if !it.get(field, &r) {
		return it.text(field), false
	}
	return r.Rendered, r.Protected
}

// time reads a date in UTC; drafts and imports have zeros there.
func (it item) time(field string) time.Time {
	t, err := time.Parse("2006-01-02T15:04:05", strings.TrimSuffix(it.text(field), "Z"))
	if err != nil || t.Year() < 1970 {
		return time.Time{}
	}
	return t
}

func (it item) termIDs(base string) []int64 {
	var list []int64
	it.get(base, &list)
	return slices.DeleteFunc(list, func(id int64) bool { return id <= 0 })
}

// identifier names an entry by its number, which is unique over all types of a site and
// stays when its title, address or the site's host changes.
func identifier(id int64) string { return "wp:" + strconv.FormatInt(id, 10) }

// itemURL is where the entry alone can be had: the address that its bytes are filed under,
// because on a list they wander from page to page.
func (r *run) itemURL(t contentType, id int64) string {
	return endpoint(r.state.Site.Root, r.route(t.Route)+"/"+strconv.FormatInt(id, 10), nil)
}

// convert makes raws of entries.
func (r *run) convert(t contentType, items []item, a answer) (harvester.Page, error) {
	var page harvester.Page
	var wanted []item
	for n, it := range items {
		switch code := r.unwanted(t, it); {
		case it.id <= 0:
			page.Rejects = append(page.Rejects, harvester.Reject{
				Identifier: fmt.Sprintf("%s#entry-%d", a.URL, n+1), URL: a.URL, Code: "no-identifier", Stage: "parse",
				Detail: fmt.Sprintf("Entry %d of the list has no id.", n+1),
			})
		case r.seen[it.id]:
		case code != "":
			r.seen[it.id] = true
			page.Skipped = append(page.Skipped, harvester.Skip{Identifier: identifier(it.id), URL: it.text("link"), Code: code})
		default:
			r.seen[it.id] = true
			wanted = append(wanted, it)
		}
	}
	if err := r.learn(t, wanted); err != nil {
		return page, err
	}
	if err := r.findLinks(t, wanted); err != nil {
		return page, err
	}
	for _, it := range wanted {
		raw, err := r.raw(t, it, a)
		if err != nil {
			return page, err
		}
		page.Raws = append(page.Raws, raw)
		if m := it.text("modified_gmt"); m != "" && !it.time("modified_gmt").IsZero() {
			page.Validators = append(page.Validators, harvester.Validator{URL: modifiedKey(raw.URL), LastModified: m, Identifiers: []string{raw.Identifier}})
		}
	}
	return page, nil
}

// unwanted says by which code an entry is left out.
func (r *run) unwanted(t contentType, it item) string {
	if _, protected := it.rendered("content"); protected {
		return "password-protected"
	}
	if _, protected := it.rendered("excerpt"); protected {
		return "password-protected"
	}
	switch status := it.text("status"); {
	case status != "" && status != "publish" && !(t.Base == mediaBase && status == "inherit"):
		return "not-published"
	case t.Base == mediaBase && !r.wantedMedia(it.text("mime_type")):
		return "media-type"
	}
	return ""
}

const pdfType = "application/pdf"

// wantedMedia reports whether a medium is a document.
func (r *run) wantedMedia(mime string) bool {
	if mime == pdfType || r.src.WordPress.Media == "pdf" {
		return mime == pdfType
	}
	return slices.ContainsFunc([]string{"application/msword", "application/rtf", "application/epub+zip", "application/vnd.ms-powerpoint", "application/vnd.ms-excel"}, func(m string) bool { return m == mime }) ||
		strings.HasPrefix(mime, "application/vnd.openxmlformats-officedocument.") || strings.HasPrefix(mime, "application/vnd.oasis.opendocument.")
}

// raw keeps one entry.
func (r *run) raw(t contentType, it item, a answer) (record.Raw, error) {
	link := r.permalink(t, it)
	extra := beside{Site: r.state.Site.Name, Language: r.languageOf(it, link), Summary: summary(it)}
	extra.Terms, extra.Keywords, extra.Types = r.names(t, it)
	extra.Files = filesOf(it, link)
	body, err := publicBody(t, it, extra)
	if err != nil {
		return record.Raw{}, fmt.Errorf("writing entry %d: %w", it.id, err)
	}
	raw := record.Raw{
		Source: r.src.ID, Identifier: identifier(it.id), URL: r.itemURL(t, it.id), Fetched: a.Fetched, Status: a.Status,
		MediaType: a.MediaType, Format: record.FormatWordPress, Datestamp: it.time("modified_gmt"), Body: body,
	}
	if raw.Fetched.IsZero() {
		raw.Fetched = r.now()
	}
	hints, err := r.alternates(it, link, extra.Language)
	raw.Hints = hints
	return raw, err
}

// permalink is the address that readers know the entry by.
func (r *run) permalink(t contentType, it item) string {
	base, err := url.Parse(r.itemURL(t, it.id))
	if err != nil {
		return it.text("link")
	}
	return absolute(base, it.text("link"))
}

// textOf is a name as a reader sees it: WordPress writes it with entities.
func textOf(s string) string {
	return strings.Join(strings.Fields(html.UnescapeString(s)), " ")
}

// absolute resolves an address; what is no web address becomes "".
func absolute(base *url.URL, ref string) string {
	ref = strings.TrimSpace(ref)
	u, err := base.Parse(ref)
	if err != nil || ref == "" || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.String()
}
