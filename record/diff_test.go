package record

import (
	"fmt"
	"strings"
	"testing"
)

func TestDifferences(t *testing.T) {
	tags := func(ids ...string) (list []Tag) {
		for _, id := range ids {
			list = append(list, Tag{ID: id, Confidence: 0.9})
		}
		return list
	}
	surer := tags("shelter")
	surer[0].Confidence = 0.7
	for name, c := range map[string]struct {
		before, after Record
		want          string
	}{
		"nothing":             {Record{Title: Texts{"en": "a"}}, Record{Title: Texts{"en": "a"}}, ""},
		"a text":              {Record{Title: Texts{"en": "a", "km": "b"}}, Record{Title: Texts{"en": "c", "th": "d"}}, "changed title@en a>c, lost title@km b>, added title@th >d"},
		"tags":                {Record{Themes: tags("a", "b")}, Record{Themes: tags("b", "c")}, "lost themes a>, added themes >c"},
		"the primary type":    {Record{Type: tags("report", "law")}, Record{Type: tags("law", "report")}, "changed type report>law, lost type (further) law>, added type (further) >report"},
		"confidence only":     {Record{Themes: tags("shelter")}, Record{Themes: surer}, ""},
		"order of tags":       {Record{Themes: tags("a", "b")}, Record{Themes: tags("b", "a")}, ""},
		"a date":              {Record{}, Record{Issued: Date{EDTF: "2024"}}, "added issued >2024"},
		"findings":            {Record{Quality: Quality{Findings: []Finding{{Code: "no-date"}}}}, Record{}, "lost findings no-date>"},
		"an authority id":     {Record{Publishers: []Agent{{Name: Texts{"en": "MSDHS"}}}}, Record{Publishers: []Agent{{Name: Texts{"en": "Ministry"}, ID: "th-msdhs"}}}, "lost publishers MSDHS>, added publishers >Ministry"},
		"the visits":          {Record{Harvest: Harvest{Raw: "x"}}, Record{Harvest: Harvest{Raw: "y"}}, ""},
		"a proposal":          {Record{}, Record{Review: []Proposal{{Field: "themes", Tag: Tag{ID: "shelter"}}}}, "added review >themes: shelter"},
		"the same name twice": {Record{Languages: []string{"en", "en"}}, Record{Languages: []string{"en"}}, ""},
	} {
		var got []string
		for _, d := range Differences(c.before, c.after) {
			got = append(got, fmt.Sprintf("%s %s %s>%s", d.Kind(), d.Field, d.Before, d.After))
		}
		if g := strings.Join(got, ", "); g != c.want {
			t.Errorf("%s: got %q, want %q", name, g, c.want)
		}
	}
}
