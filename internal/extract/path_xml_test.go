package extract

import (
	"strings"
	"testing"

	"ctiphub/record"
)

// xmlSelectors are selectors of every form, seeds of the fuzz target as well.
var xmlSelectors = []string{
	"xml:title", "xml:titleInfo[type=translated]/title", "xml:datafield[tag=245]/subfield[code=a]", "xml:field[element=title][qualifier=alternative]",
	"xml:field[element=date][!qualifier]", "xml:field[qualifier!=citation|other]", "xml:name[role/roleTerm=author|aut]/namePart[!type]+",
	"xml:relatedItem/identifier@type", "xml:url[access=object in context]", "xml:mods/titleInfo/nonSort|title|subTitle+",
}

func TestParseXMLPath(t *testing.T) {
	for _, s := range xmlSelectors {
		if got, err := ParseSelector(s); err != nil || got.String() != s {
			t.Errorf("%q: %v", s, err)
		}
	}
	for s, want := range map[string]string{
		"xml:dc:title":                     "leave its prefix out",
		"xml:a//b":                         "name[attribute=value]",
		"xml:a[b":                          "name[attribute=value]",
		"xml:a[]":                          "[name=value]",
		"xml:a[!b=c]":                      "[name!=value]",
		"xml:a[b c=d]":                     "neither an attribute nor an element",
		"xml:a@":                           "no name of an attribute",
		"xml:a@b c":                        "no name of an attribute",
		"xml:title+":                       "write the parent",
		"xml:a/b@c+":                       "write the parent",
		"xml:" + strings.Repeat("a/", 20):  "steps",
		"xml:datafield[tag=245]subfield/a": "name[attribute=value]",
	} {
		if _, err := ParseSelector(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", s, err, want)
		}
	}
}

// TestUsualPlaces sees that every format names places that parse: reads leaves out what
// does not.
func TestUsualPlaces(t *testing.T) {
	for format, u := range usuals {
		if len(u.texts) == 0 || len(u.links) < 1 {
			t.Errorf("%s has no places", format)
		}
	}
	if u := usuals[record.FormatMETS]; len(u.texts) != 4 || len(u.links) != 6 {
		t.Errorf("of the places of METS only %d and %d parse", len(u.texts), len(u.links))
	}
}

func FuzzXMLPath(f *testing.F) {
	for _, s := range xmlSelectors {
		f.Add(strings.TrimPrefix(s, "xml:"))
	}
	body := []byte(`<record><metadata><mods xml:lang="th"><titleInfo type="translated"><title lang="en">A</title></titleInfo><name><role><roleTerm>aut</roleTerm></role><namePart>B</namePart></name></mods></metadata></record>`)
	d, err := Open(record.Raw{Format: record.FormatMODS, Body: body})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path string) {
		s, err := ParseSelector("xml:" + path)
		if err != nil {
			return
		}
		for _, v := range d.Select(s) {
			if strings.TrimSpace(v.Text) != v.Text || v.Text == "" {
				t.Errorf("%q gives %q", path, v.Text)
			}
		}
	})
}

// FuzzOAIFormats opens the same bytes as every format that a repository may disseminate.
func FuzzOAIFormats(f *testing.F) {
	seeds(f, "mods")
	seeds(f, "marcxml")
	seeds(f, "mets")
	f.Fuzz(func(t *testing.T, mediaType string, body []byte) {
		for _, format := range []record.Format{record.FormatQDC, record.FormatMODS, record.FormatMARC, record.FormatDataCite, record.FormatDIM, record.FormatMETS} {
			fuzz(t, format, mediaType, body)
			d, err := Open(record.Raw{Identifier: "x", Format: format, Body: body})
			if err != nil {
				continue
			}
			d.Lang()
			d.Namespace()
			for _, text := range xmlSelectors {
				if s, err := ParseSelector(text); err == nil {
					d.Select(s)
				}
			}
		}
	})
}
