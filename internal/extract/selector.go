package extract

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/andybalholm/cascadia"
)

// Selector is a parsed selector: a kind and what it looks for. ParseSelector makes it.
type Selector struct {
	text string
	kind string
	name string // what is looked for, without attribute
	attr string
	css  cascadia.SelectorGroup
	re   *regexp.Regexp
	typ  string // of a jsonld selector
	path []step
	xml  xmlPath
}

// kinds lists the selectors for the error message, in the order of the documentation.
var kinds = []struct{ kind, form string }{
	{"meta", "meta:NAME, a <meta> by name, property, itemprop or http-equiv"},
	{"css", "css:SELECTOR or css:SELECTOR@ATTRIBUTE"},
	{"link", "link:REL or link:REL@hreflang"},
	{"jsonld", "jsonld:$.PATH or jsonld:TYPE$.PATH"},
	{"micro", "micro:$.PATH or micro:TYPE$.PATH in the microdata or RDFa of a page"},
	{"html", "html:title or html:lang"},
	{"url", "url:/REGULAR EXPRESSION/, its first group in the address"},
	{"hint", "hint:KEY, what the listing said"},
	{"dc", "dc:ELEMENT of an oai_dc record"},
	{"oai", "oai:datestamp, oai:set or oai:identifier"},
	{"xml", "xml:PATH of elements in the metadata of an OAI-PMH record, as in xml:titleInfo[type=translated]/title, xml:name/namePart[!type]+ or xml:accessCondition@href"},
	{"json", "json:$.PATH in an item of an API"},
	{"pdf", "pdf:PROPERTY of a PDF file, as pdf:largest-text, pdf:title, pdf:creators or pdf:file-name"},
	{"item", "item:title, item:link, item:published, item:updated, item:description, item:content, item:categories, item:authors, item:enclosures, item:links, item:guid, item:image or item:PREFIX:NAME of a feed"},
}

// itemFields are the fields of a feed item that have a name of their own.
var itemFields = map[string]bool{
	"title": true, "link": true, "links": true, "published": true, "updated": true, "description": true, "content": true,
	"categories": true, "authors": true, "enclosures": true, "guid": true, "image": true,
}

var (
	attrSuffix = regexp.MustCompile(`^(.*[^@\s])@([A-Za-z_:][A-Za-z0-9_:.-]*)$`)
	wordName   = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_:.-]*$`)
)

// ParseSelector reads a selector; the error of a wrong one says what would be right.
func ParseSelector(s string) (Selector, error) {
	sel := Selector{text: s}
	kind, rest, found := strings.Cut(strings.TrimSpace(s), ":")
	sel.kind, sel.name = strings.ToLower(strings.TrimSpace(kind)), strings.TrimSpace(rest)
	if !found || sel.name == "" {
		return sel, unknown(s)
	}
	err := error(nil)
	switch sel.kind {
	case "meta", "hint":
		if strings.ContainsAny(sel.name, " \t") {
			err = fmt.Errorf("the name holds a space")
		}
	case "css":
		sel.takeAttr()
		sel.css, err = cascadia.ParseGroup(sel.name)
	case "link":
		sel.takeAttr()
		if sel.attr != "" && sel.attr != "hreflang" && sel.attr != "type" && sel.attr != "title" {
			err = fmt.Errorf("a link has the attributes hreflang, type and title, not %q", sel.attr)
		}
	case "jsonld", "micro":
		err = sel.parsePath()
	case "html":
		if sel.name != "title" && sel.name != "lang" {
			err = fmt.Errorf("html knows title and lang, not %q", sel.name)
		}
	case "url":
		err = sel.parseRegexp()
	case "dc":
		sel.name = strings.ToLower(sel.name)
		if !wordName.MatchString(sel.name) {
			err = fmt.Errorf("%q is no element name", sel.name)
		}
	case "oai":
		if sel.name != "datestamp" && sel.name != "set" && sel.name != "identifier" {
			err = fmt.Errorf("oai knows datestamp, set and identifier, not %q", sel.name)
		}
	case "xml":
		err = sel.parseXMLPath()
	case "json":
		err = sel.parseJSONPath()
	case "pdf":
		err = sel.parsePDF()
	case "item":
		sel.takeAttr()
		if !itemFields[sel.name] && !(strings.Contains(sel.name, ":") && wordName.MatchString(sel.name)) {
			err = fmt.Errorf("a feed item has no field %q; write %s", sel.name, kinds[len(kinds)-1].form)
		}
	default:
		return sel, unknown(s)
	}
	if err != nil {
		return sel, fmt.Errorf("selector %q: %w", s, err)
	}
	return sel, nil
}

// unknown is the error for what is no selector at all.
func unknown(s string) error {
	forms := make([]string, 0, len(kinds))
	for _, k := range kinds {
		forms = append(forms, k.form)
	}
	return fmt.Errorf("%q is not a selector; known are %s", s, strings.Join(forms, "; "))
}

func (s *Selector) takeAttr() {
	if m := attrSuffix.FindStringSubmatch(s.name); m != nil {
		s.name, s.attr = strings.TrimSpace(m[1]), strings.ToLower(m[2])
	}
}

func (s *Selector) parseRegexp() error {
	if len(s.name) < 3 || s.name[0] != '/' || s.name[len(s.name)-1] != '/' {
		return fmt.Errorf("write the expression between slashes, as in url:/\\/([0-9]{4})\\//")
	}
	re, err := regexp.Compile(strings.ReplaceAll(s.name[1:len(s.name)-1], `\/`, "/"))
	s.re = re
	return err
}

// String returns the selector as it was written.
func (s Selector) String() string { return s.text }

// Select returns what a selector finds, in the order of the document, trimmed, without
// empty values. A selector for another format finds nothing.
func (d *Document) Select(s Selector) []Value {
	var found []Value
	switch s.kind {
	case "url":
		if m := s.re.FindStringSubmatch(d.raw.URL); m != nil {
			found = []Value{{Text: m[min(1, len(m)-1)]}}
		}
	case "hint":
		for _, h := range d.raw.Hints {
			if strings.EqualFold(h.Key, s.name) {
				found = append(found, Value{Text: h.Value, Lang: h.Lang})
			}
		}
	case "dc", "oai":
		found = d.selectOAI(s)
	case "xml":
		found = d.selectXML(s)
	case "json":
		found = d.selectJSON(s)
	case "pdf":
		found = d.selectPDF(s)
	case "item":
		found = d.selectItem(s)
	case "jsonld", "micro":
		found = d.selectLD(s)
	default:
		found = d.selectHTML(s)
	}
	out := found[:0]
	for _, v := range found {
		if v.Text = squeeze(v.Text); v.Text != "" {
			v.Rule = s.text
			out = append(out, v)
		}
	}
	return out
}
