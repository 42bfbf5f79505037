package extract

import (
	"bytes"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"ctiphub/internal/lang"
)

// openHTML decodes and parses a page. It always succeeds: any bytes are some page.
func (d *Document) openHTML() {
	declared := declaredCharset(d.raw.MediaType, d.raw.Body)
	text, charset, repaired := lang.DecodeCharset(d.raw.Body, declared, d.place())
	d.Charset = charset
	if repaired {
		d.repaired(RepairCharset)
	}
	root, err := html.Parse(strings.NewReader(text))
	if err != nil { // nested too deeply
		d.repaired(RepairTruncated)
		root, err = html.Parse(strings.NewReader(flatten(text)))
	}
	if err != nil {
		root = &html.Node{Type: html.DocumentNode}
		root.AppendChild(&html.Node{Type: html.TextNode, Data: text})
	}
	d.root = root
	if n := first(root, atom.Base); n != nil && d.base != nil {
		if u, err := url.Parse(strings.TrimSpace(attr(n, "href"))); err == nil && u.String() != "" {
			d.base = d.base.ResolveReference(u)
		}
	}
	d.findDamage(sample(root))
	if d.mend.active() {
		d.mendNodes()
	}
}

// place is the hint for the charset: where the page comes from.
func (d *Document) place() string {
	if d.base != nil {
		return d.base.Hostname()
	}
	return ""
}

var (
	metaCharset = regexp.MustCompile(`(?i)<meta\s[^>]*charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]+)`)
	xmlEncoding = regexp.MustCompile(`^\s*<\?xml\s[^>]*encoding\s*=\s*["']([A-Za-z0-9_:.-]+)["']`)
)

// declaredCharset takes the HTTP header first, as the standard has it, but prefers the
// page's own word to a Latin-1 header: that is what servers add to every page.
func declaredCharset(mediaType string, body []byte) string {
	header := lang.Charset(mediaType)
	own := ""
	head := body[:min(len(body), 4096)]
	for _, re := range []*regexp.Regexp{xmlEncoding, metaCharset} {
		if m := re.FindSubmatch(head); m != nil {
			own = lang.Charset(string(m[1]))
			break
		}
	}
	if strings.HasPrefix(own, "utf-16") {
		own = "utf-8" // a declaration that can be read as ASCII is not in UTF-16
	}
	if header == "" || header == "windows-1252" && own != "" {
		return own
	}
	return header
}

// flatten drops start tags that are nested too deeply and leaves their content.
func flatten(text string) string {
	var out bytes.Buffer
	z := html.NewTokenizer(strings.NewReader(text))
	depth, dropped := 0, 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out.String()
		case html.StartTagToken:
			raw := slices.Clone(z.Raw())
			name, _ := z.TagName()
			if void[atom.Lookup(name)] {
				out.Write(raw)
			} else if depth < maxDepth {
				depth++
				out.Write(raw)
			} else {
				dropped++
			}
		case html.EndTagToken:
			switch {
			case dropped > 0:
				dropped--
			case depth > 0:
				depth--
				out.Write(z.Raw())
			}
		default:
			out.Write(z.Raw())
		}
	}
}

// void elements have no end tag.
var void = map[atom.Atom]bool{
	atom.Area: true, atom.Base: true, atom.Br: true, atom.Col: true, atom.Embed: true, atom.Hr: true, atom.Img: true,
	atom.Input: true, atom.Link: true, atom.Meta: true, atom.Source: true, atom.Track: true, atom.Wbr: true,
}

// readable attributes hold texts for people.
func readable(n *html.Node, key string) bool {
	return key == "content" && n.DataAtom == atom.Meta || key == "title" || key == "alt" || key == "summary"
}

// code reports elements whose text is not for people.
func code(n *html.Node) bool {
	return n.Type == html.ElementNode && (n.DataAtom == atom.Script || n.DataAtom == atom.Style || n.DataAtom == atom.Noscript ||
		n.DataAtom == atom.Template || n.DataAtom == atom.Iframe || n.DataAtom == atom.Noembed)
}

// sample gathers text of a page to look for damage, one text a line.
func sample(root *html.Node) string {
	var b strings.Builder
	for n := range root.Descendants() {
		if b.Len() > maxSample {
			break
		}
		switch {
		case n.Type == html.TextNode && !code(n.Parent):
			if strings.TrimSpace(n.Data) != "" {
				b.WriteString(n.Data)
				b.WriteByte('\n')
			}
		case n.Type == html.ElementNode:
			for _, a := range n.Attr {
				if readable(n, a.Key) {
					b.WriteString(a.Val)
					b.WriteByte('\n')
				}
			}
		}
	}
	return b.String()
}

// mendNodes mends all texts of the page in place; JSON-LD is mended when it is read.
func (d *Document) mendNodes() {
	for n := range d.root.Descendants() {
		switch {
		case n.Type == html.TextNode && !code(n.Parent):
			n.Data = d.mend.text(n.Data)
		case n.Type == html.ElementNode:
			for i, a := range n.Attr {
				if readable(n, a.Key) {
					n.Attr[i].Val = d.mend.text(a.Val)
				}
			}
		}
	}
}

func (d *Document) selectHTML(s Selector) []Value {
	if d.root == nil {
		return nil
	}
	switch s.kind {
	case "meta":
		return d.selectMeta(s.name)
	case "css":
		return d.selectCSS(s)
	case "link":
		return d.selectLink(s)
	}
	if s.name == "lang" {
		return []Value{{Text: d.htmlLang()}}
	}
	if n := first(d.root, atom.Title); n != nil {
		return []Value{{Text: textOf(n), Lang: langOf(n)}}
	}
	return nil
}

// metaName makes names of <meta> comparable: case and the separator of Dublin Core names
// ("DC.title", "dc:title") vary.
func metaName(s string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(s)), ":", ".")
}

func (d *Document) selectMeta(name string) []Value {
	var found []Value
	want := metaName(name)
	for n := range d.root.Descendants() {
		if n.DataAtom != atom.Meta || n.Type != html.ElementNode {
			continue
		}
		for _, key := range []string{"name", "property", "itemprop", "http-equiv"} {
			if metaName(attr(n, key)) != want {
				continue
			}
			v := Value{Text: attr(n, "content"), Lang: langOf(n)}
			if strings.HasSuffix(want, "url") || want == "og.image" {
				v.Text = d.resolve(v.Text)
			}
			found = append(found, v)
			break
		}
	}
	return found
}

// isAddress lists attributes that hold one address.
func isAddress(key string) bool {
	return slices.Contains([]string{"href", "src", "action", "data-href", "data-src", "cite", "poster", "longdesc"}, key)
}

func (d *Document) selectCSS(s Selector) []Value {
	var found []Value
	for _, n := range cascadia.QueryAll(d.root, s.css) {
		v := Value{Lang: langOf(n)}
		switch {
		case s.attr == "":
			v.Text = textOf(n)
		case isAddress(s.attr):
			v.Text = d.resolve(attr(n, s.attr))
		default:
			v.Text = attr(n, s.attr)
		}
		found = append(found, v)
	}
	return found
}

func (d *Document) selectLink(s Selector) []Value {
	var found []Value
	for n := range d.root.Descendants() {
		if n.DataAtom != atom.Link && n.DataAtom != atom.A || !hasWord(attr(n, "rel"), s.name) {
			continue
		}
		v := Value{Text: attr(n, s.attr), Lang: tag(attr(n, "hreflang"))}
		if s.attr == "" {
			v.Text = d.resolve(attr(n, "href"))
		}
		found = append(found, v)
	}
	return found
}

// hasWord reports whether a space-separated list holds a word.
func hasWord(list, word string) bool {
	return slices.ContainsFunc(strings.Fields(list), func(w string) bool { return strings.EqualFold(w, word) })
}

// htmlLang is the language stated on the root element or by http-equiv.
func (d *Document) htmlLang() string {
	if n := first(d.root, atom.Html); n != nil {
		if t := tag(ownLang(n)); t != "" {
			return t
		}
	}
	for _, v := range d.selectMeta("content-language") {
		stated, _, _ := strings.Cut(v.Text, ",")
		if t := tag(stated); t != "" {
			return t
		}
	}
	return ""
}

func ownLang(n *html.Node) string {
	if l := attr(n, "lang"); l != "" {
		return l
	}
	return attr(n, "xml:lang")
}

// langOf is the language that the page states for an element: its own or the nearest
// one above it.
func langOf(n *html.Node) string {
	for ; n != nil; n = n.Parent {
		if n.Type == html.ElementNode {
			if t := tag(ownLang(n)); t != "" {
				return t
			}
		}
	}
	return ""
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key && a.Namespace == "" || a.Namespace != "" && a.Namespace+":"+a.Key == key {
			return a.Val
		}
	}
	return ""
}

// first returns the first element of a name.
func first(root *html.Node, name atom.Atom) *html.Node {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.DataAtom == name && n.Namespace == "" {
			return n
		}
	}
	return nil
}
