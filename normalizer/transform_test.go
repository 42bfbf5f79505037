package normalizer

import (
	"slices"
	"strings"
	"testing"

	"ctiphub/internal/extract"
)

func TestTransforms(t *testing.T) {
	tests := []struct {
		spec string
		in   string
		want []string
	}{
		{"trim", "  a ", []string{"a"}},
		{"collapse", " a \n b ", []string{"a b"}},
		{"lower", "ABC", []string{"abc"}},
		{"html.text", "<p>A &amp; <b>B</b></p>", []string{"A & B"}},
		{"text.clean", "a&nbsp;b", []string{"a b"}},
		{"digits", "๒๕๖๖", []string{"2566"}},
		{"title.repair", "You are reading: A guide to help A guide to help", []string{"A guide to help"}},
		{"url.canonical", "https://Example.org:443/a?utm_source=x&p=1#top", []string{"https://example.org/a?p=1"}},
		{"url.canonical", "mailto:a@b.example", nil},
		{"lang.tag", "khm", []string{"km"}},
		{"lang.tag", "no such language", nil},
		{"date.parse", "13 ธันวาคม 2566", []string{"2023-12-13"}},
		{"date.parse:mdy", "03/04/2021", []string{"2021-03-04"}},
		{"date.parse", "soon", nil},
		{"title.real", "Sejarah Golkar", []string{"Sejarah Golkar"}},
		{"title.real", "Microsoft Word - final2.doc", nil},
		{"name.real", "Ministry of Labour", []string{"Ministry of Labour"}},
		{"name.real", "ACER 4732", nil},
		{"split:;", "a; b;;c", []string{"a", "b", "c"}},
		{"split", "a,b", []string{"a", "b"}},
		{"prefix.cut:By ", "By IOM", []string{"IOM"}},
		{"suffix.cut:.", "IOM.", []string{"IOM"}},
		{"before: - ", "Title - Publisher", []string{"Title"}},
		{"after:: ", "Date: 2020", []string{"2020"}},
		{"after:: ", "2020", []string{"2020"}},
		{"regex.replace:/^No\\. (\\d+)$/$1/", "No. 12", []string{"12"}},
		{"regex.replace:|a/b|c|", "a/b", []string{"c"}},
		{"regex.find:(\\d{4}) DOWNLOAD", "Guide - IOM, 2020 DOWNLOAD", []string{"2020"}},
		{"regex.find:x", "Guide", nil},
		{"drop:(?i)^read more$", "Read more", nil},
		{"drop:(?i)^read more$", "Guide", []string{"Guide"}},
		{"constant:IOM", "anything", []string{"IOM"}},
		{"first.sentence", "One. Two.", []string{"One"}},
	}
	tried := map[string]bool{}
	for _, tt := range tests {
		tr, err := parseTransform(tt.spec)
		if err != nil {
			t.Errorf("%s: %v", tt.spec, err)
			continue
		}
		tried[tr.name] = true
		var got []string
		for _, v := range tr.apply([]extract.Value{{Text: tt.in, Lang: "en", Rule: "r"}}) {
			got = append(got, v.Text)
			if v.Lang != "en" || v.Rule != "r" {
				t.Errorf("%s lost where its value came from: %+v", tt.spec, v)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s of %q = %q, want %q", tt.spec, tt.in, got, tt.want)
		}
	}
	for name, help := range Transforms() {
		if !tried[name] {
			t.Errorf("transform %q has no test", name)
		}
		if help == "" {
			t.Errorf("transform %q has no help", name)
		}
	}
}

// TestRulesErrors: each wrong rule is told with source, field and what would be right.
func TestRulesErrors(t *testing.T) {
	field := func(name string, c Chain) Rules { return Rules{Fields: map[string]Chain{name: c}} }
	tests := map[string]struct {
		rules Rules
		want  []string
	}{
		"unknown field":      {field("titel", Chain{First: []string{"css:h1"}}), []string{"source s", "fields.titel", `did you mean "title"?`}},
		"unknown transform":  {field("title", Chain{Then: []string{"trimm"}}), []string{"source s", "fields.title", `"trimm"`, `did you mean "trim"?`}},
		"no such transform":  {field("title", Chain{Then: []string{"frobnicate"}}), []string{"known are", "url.canonical"}},
		"missing argument":   {field("title", Chain{Then: []string{"before"}}), []string{`"before"`, "argument"}},
		"needless argument":  {field("title", Chain{Then: []string{"trim:x"}}), []string{`"trim"`, "no argument"}},
		"bad pattern":        {field("title", Chain{Then: []string{"regex.find:("}}), []string{"regex.find", "RE2"}},
		"bad replacement":    {field("title", Chain{Then: []string{"regex.replace:/a/b"}}), []string{"/pattern/replacement/"}},
		"bad order":          {field("issued", Chain{Then: []string{"date.parse:us"}}), []string{"dmy, mdy or ymd"}},
		"bad selector":       {field("title", Chain{First: []string{"xpath://h1"}}), []string{"fields.title", "xpath"}},
		"unknown type":       {Rules{Defaults: Defaults{Type: "pamphlet"}}, []string{"defaults.type", "pamphlet"}},
		"unknown rights":     {Rules{Defaults: Defaults{Rights: "free"}}, []string{"defaults.rights"}},
		"unknown country":    {Rules{Defaults: Defaults{Countries: []string{"XX"}}}, []string{"defaults.countries", "XX"}},
		"unknown language":   {Rules{Defaults: Defaults{Language: "klingonese"}}, []string{"defaults.language"}},
		"unknown trust":      {Rules{Trust: "total"}, []string{"trust"}},
		"unknown date order": {Rules{Defaults: Defaults{DateOrder: "dym"}}, []string{"defaults.date_order"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := New(vocabulary(t), map[string]Rules{"s": tt.rules, "good": {}})
			if err == nil {
				t.Fatal("accepted")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
		})
	}
}
