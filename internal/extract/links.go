package extract

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Alternate is a version of a page in another language.
type Alternate struct {
	Lang string // BCP 47
	URL  string
}

// Link is a link to a file.
type Link struct {
	URL  string
	Text string // of the link, else its title
	Lang string // BCP 47 as stated by hreflang, or ""
	Type string // media type, as stated or told by the name of the file
}

// fileTypes maps the extensions of documents to their media types.
var fileTypes = map[string]string{
	"pdf": "application/pdf", "doc": "application/msword", "odt": "application/vnd.oasis.opendocument.text",
	"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "rtf": "application/rtf",
	"ppt": "application/vnd.ms-powerpoint", "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	"xls": "application/vnd.ms-excel", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"epub": "application/epub+zip", "zip": "application/zip", "csv": "text/csv",
	"mp4": "video/mp4", "mp3": "audio/mpeg", "jpg": "image/jpeg", "png": "image/png",
}

// documents are the extensions that Links looks for when none are given.
var documents = []string{"pdf", "doc", "docx", "odt", "rtf", "ppt", "pptx", "xls", "xlsx", "epub"}

// Alternates returns the language versions that the page itself or the listing names, the
// page's own language included where it is named.
func (d *Document) Alternates() []Alternate {
	var found []Alternate
	add := func(stated, at string) {
		a := Alternate{Lang: tag(stated), URL: at}
		if a.Lang != "" && a.URL != "" && !slices.Contains(found, a) {
			found = append(found, a)
		}
	}
	if d.root != nil {
		for n := range d.root.Descendants() {
			if n.DataAtom == atom.Link && hasWord(attr(n, "rel"), "alternate") && attr(n, "hreflang") != "" {
				add(attr(n, "hreflang"), d.resolve(attr(n, "href")))
			}
		}
	}
	for _, h := range d.raw.Hints {
		if h.Key == "alternate" {
			add(h.Lang, d.resolve(h.Value))
		}
	}
	return found
}

// Links returns the links to files with one of the extensions ("pdf", ".docx"; the usual
// documents when none is given): of a page those in the main content, of a feed entry its
// enclosures and the links in its text, of a repository's record the addresses it names. Each
// file comes once.
func (d *Document) Links(ext ...string) []Link {
	wanted := documents
	if len(ext) > 0 {
		wanted = nil
		for _, e := range ext {
			wanted = append(wanted, strings.ToLower(strings.TrimPrefix(e, ".")))
		}
	}
	var found []Link
	add := func(l Link) {
		e := extension(l.URL)
		if l.Type == "" {
			l.Type = fileTypes[e]
		}
		byType := l.Type != "" && slices.ContainsFunc(wanted, func(w string) bool { return fileTypes[w] == l.Type })
		if l.URL == "" || !byType && !slices.Contains(wanted, e) {
			return
		}
		l.Text = squeeze(l.Text)
		if i := slices.IndexFunc(found, func(f Link) bool { return f.URL == l.URL }); i < 0 {
			found = append(found, l)
		} else if found[i].Text == "" {
			found[i].Text = l.Text
		}
	}
	switch {
	case d.root != nil:
		main, skip := d.content()
		d.linksIn(main, skip, add)
	case d.item != nil:
		d.itemLinks(add)
	case d.json != nil:
		d.jsonLinks(add)
	case d.oai != nil:
		d.oaiLinks(add)
	}
	return found
}

// linksIn walks through the links of an element in order. Forms are not passed over:
// downloads may be their buttons' neighbours.
func (d *Document) linksIn(n *html.Node, skip func(*html.Node) bool, add func(Link)) {
	if n.Type == html.ElementNode {
		embeds := n.DataAtom == atom.Iframe || n.DataAtom == atom.Object || n.DataAtom == atom.Embed
		switch {
		case n.DataAtom == atom.A:
			l := Link{URL: d.resolve(attr(n, "href")), Text: textOf(n), Lang: tag(attr(n, "hreflang")), Type: mediaType(attr(n, "type"))}
			if strings.TrimSpace(l.Text) == "" {
				l.Text = attr(n, "title")
			}
			add(l)
		case embeds: // a viewer in the page
			add(Link{URL: d.resolve(attr(n, "src") + attr(n, "data")), Text: attr(n, "title"), Type: mediaType(attr(n, "type"))})
		}
		if code(n) || !embeds && skip(n) && n.DataAtom != atom.Form {
			return
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		d.linksIn(c, skip, add)
	}
}

func mediaType(s string) string {
	s, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(s)), ";")
	if !strings.Contains(s, "/") {
		return ""
	}
	return s
}

// extension tells the kind of file from the path of an address, or from the value of a
// query ("download.php?file=report.pdf").
func extension(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	known := func(p string) string {
		e := strings.ToLower(strings.TrimPrefix(path.Ext(strings.TrimRight(p, "/")), "."))
		if _, ok := fileTypes[e]; ok {
			return e
		}
		return ""
	}
	if e := known(u.Path); e != "" {
		return e
	}
	for pair := range strings.FieldsFuncSeq(u.RawQuery, func(r rune) bool { return r == '&' || r == ';' }) {
		_, v, _ := strings.Cut(pair, "=")
		if e := known(v); e != "" {
			return e
		}
	}
	return ""
}
