package exportertest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"ctiphub/exporter"
)

// Element is one element read back: its path of local names, language, attributes, text.
type Element struct {
	Path, Lang, Text string
	Space            string
	Attr             map[string]string
}

// Label is a vocabulary that knows some concepts of the samples.
func Label(scheme, id string) string {
	known := map[string]string{
		"theme:identification": "Victim definition and identification", "theme:referral": "Referral pathways",
		"audience:police": "Police", "type:guideline": "Guideline", "country:TH": "Thailand",
		"region:GMS": "Greater Mekong Subregion", "rights:gov-public": "Government text",
	}
	if s := known[scheme+":"+id]; s != "" {
		return s
	}
	return id
}

// Elements reads a document back and fails the test if it is not well-formed.
func Elements(t *testing.T, doc []byte) []Element {
	t.Helper()
	var list []Element
	var open []int
	dec := xml.NewDecoder(bytes.NewReader(doc))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, doc)
		}
		switch x := token.(type) {
		case xml.StartElement:
			e := Element{Path: x.Name.Local, Space: x.Name.Space, Attr: map[string]string{}}
			if n := len(open); n > 0 {
				e.Path = list[open[n-1]].Path + "/" + e.Path
			}
			for _, a := range x.Attr {
				e.Attr[a.Name.Local] = a.Value
			}
			e.Lang = e.Attr["lang"]
			list, open = append(list, e), append(open, len(list))
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if n := len(open); n > 0 {
				list[open[n-1]].Text += string(x)
			}
		}
	}
}

// Hostile makes sure that no text of hundreds of random records breaks out of its place:
// what comes back is well-formed and has elements of the format's namespaces alone.
func Hostile(t *testing.T, x exporter.Crosswalk, spaces ...string) {
	t.Helper()
	for i, rec := range records() {
		for _, e := range Elements(t, x.Append(nil, rec)) {
			known := e.Space == x.Namespace()
			for _, s := range spaces {
				known = known || e.Space == s
			}
			if !known {
				t.Fatalf("record %d: an element %s of %q", i, e.Path, e.Space)
			}
		}
	}
}

// Values lists the texts at the end of a path, "lang: text" where they have a language.
func Values(t *testing.T, doc []byte, path string) []string {
	t.Helper()
	var list []string
	for _, e := range Elements(t, doc) {
		if strings.HasSuffix("/"+e.Path, "/"+path) {
			list = append(list, strings.TrimPrefix(e.Lang+": "+e.Text, ": "))
		}
	}
	return list
}
