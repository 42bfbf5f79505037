package record

import (
	"cmp"
	"slices"
	"strings"
)

// Difference is one value by which two readings of the same raw differ.
type Difference struct {
	Field  string // "title@km", "themes", "issued", "decision", …
	Before string // "" when the value was added
	After  string // "" when it was lost
}

// Kind says what happened to the value: "added", "changed" or "lost".
func (d Difference) Kind() string {
	switch {
	case d.Before == "":
		return "added"
	case d.After == "":
		return "lost"
	}
	return "changed"
}

// Differences compares two readings of one record value by value: each tag, language,
// name, file and finding for itself, texts by language. How sure the hub is, what led it
// there and the account of visits are not values.
func Differences(before, after Record) []Difference {
	b, a := before.values(), after.values()
	var out []Difference
	for i, j := 0, 0; i < len(b) || j < len(a); {
		switch c := compareAt(b, i, a, j); {
		case c < 0:
			out = append(out, Difference{Field: b[i].field, Before: b[i].text})
			i++
		case c > 0:
			out = append(out, Difference{Field: a[j].field, After: a[j].text})
			j++
		default:
			if b[i].text != a[j].text {
				out = append(out, Difference{b[i].field, b[i].text, a[j].text})
			}
			i, j = i+1, j+1
		}
	}
	return out
}

// value is one value of a record; key tells the values of one field apart.
type value struct{ field, key, text string }

func compareAt(b []value, i int, a []value, j int) int {
	switch {
	case i == len(b):
		return 1
	case j == len(a):
		return -1
	}
	return cmp.Or(strings.Compare(b[i].field, a[j].field), strings.Compare(b[i].key, a[j].key))
}

// values lists what a record says, in the order in which it is compared.
func (r Record) values() []value {
	var out []value
	one := func(field, text string) {
		if text != "" {
			out = append(out, value{field, "", text})
		}
	}
	texts := func(field string, t Texts) {
		for _, tag := range t.Languages() {
			one(field+"@"+tag, t[tag])
		}
	}
	many := func(field, key, text string) {
		if text != "" {
			out = append(out, value{field, key, text})
		}
	}
	tags := func(field string, list []Tag) {
		for _, t := range list {
			many(field, t.ID, t.ID)
		}
	}
	agents := func(field string, list []Agent) {
		for _, a := range list {
			name, _ := a.Name.In("en")
			many(field, cmp.Or(a.ID, name), name)
		}
	}
	texts("title", r.Title)
	texts("alternative", r.Alternative)
	texts("description", r.Description)
	if len(r.Type) > 0 {
		one("type", r.Type[0].ID)
		tags("type (further)", r.Type[1:])
	}
	tags("themes", r.Themes)
	tags("audiences", r.Audiences)
	tags("victimGroups", r.VictimGroups)
	tags("exploitationForms", r.ExploitationForms)
	tags("countries", r.Countries)
	tags("regions", r.Regions)
	for _, l := range r.Languages {
		many("languages", l, l)
	}
	agents("creators", r.Creators)
	agents("publishers", r.Publishers)
	agents("funders", r.Funders)
	one("issued", r.Issued.EDTF)
	one("modified", r.Modified.EDTF)
	one("valid", r.Valid.EDTF)
	for _, f := range r.Files {
		many("files", f.URL, f.URL)
	}
	for _, id := range r.Identifiers {
		many("identifiers", id.Scheme+":"+id.Value, id.Scheme+":"+id.Value)
	}
	for _, rel := range r.Relations {
		many("relations", rel.Kind+" "+rel.Target, rel.Kind+" "+rel.Target)
	}
	one("rights", r.Rights.Status)
	one("license", r.Rights.License)
	one("sensitivity", r.Sensitivity)
	one("landing", r.Origin.Landing)
	one("originStatus", r.Origin.Status)
	one("editionStatus", r.Work.EditionStatus)
	for _, f := range r.Quality.Findings {
		many("findings", f.Code+" "+f.Field, f.Code)
	}
	for _, p := range r.Review {
		many("review", p.Field+" "+p.Tag.ID, p.Field+": "+p.Tag.ID)
	}
	slices.SortStableFunc(out, func(a, b value) int {
		return cmp.Or(strings.Compare(a.field, b.field), strings.Compare(a.key, b.key))
	})
	return slices.CompactFunc(out, func(a, b value) bool { return a.field == b.field && a.key == b.key })
}
