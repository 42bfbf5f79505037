package extract

import (
	"strings"
	"testing"
)

func TestParseSelector(t *testing.T) {
	for _, s := range []string{
		"meta:og:title", "meta:DC.date", "css:h1", "css:h1.entry-title, .title > a", "css:a[href*=\"mailto:x@y\"]", "css:time@datetime", "css:img@data-src",
		"link:alternate", "link:alternate@hreflang", "jsonld:$.name", "jsonld:Report$.author[0].name", "jsonld:$['@id']", "jsonld:name", "jsonld:$.a.*",
		"html:lang", "html:title", "url:/a\\/b/", "hint:link-text", "dc:title", "dc:date.issued", "oai:set", "item:title", "item:dc:creator", "item:media:content@url",
	} {
		got, err := ParseSelector(s)
		if err != nil || got.String() != s {
			t.Errorf("ParseSelector(%q) = %q, %v", s, got, err)
		}
	}
}

func TestParseSelectorErrors(t *testing.T) {
	for s, want := range map[string]string{
		"":                "known are meta:",
		"h1":              "known are meta:",
		"xpath://h1":      "jsonld:$.PATH",
		"css:":            "known are",
		"css:h1[":         "css:h1[",
		"css:@href":       "css:@href",
		"meta:og title":   "space",
		"link:next@media": "hreflang, type and title",
		"html:body":       "title and lang",
		"url:abc":         "between slashes",
		"url:/(/":         "missing closing",
		"oai:date":        "datestamp, set and identifier",
		"dc:<title>":      "element name",
		"item:titel":      "item:title",
		"jsonld:$":        "empty",
		"jsonld:$.a[":     "not closed",
		"jsonld:$.a[x]":   "quoted key",
		"jsonld:$..a":     "empty",
		"jsonld:Report$a": "written like",
	} {
		_, err := ParseSelector(s)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseSelector(%q): error %v, want one with %q", s, err, want)
		}
		if err != nil && s != "" && !strings.Contains(err.Error(), s) {
			t.Errorf("the error %v does not name the selector", err)
		}
	}
}
