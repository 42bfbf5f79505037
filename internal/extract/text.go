package extract

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// inline elements do not part words; all others do, so that labels set side by side do
// not grow together.
var inline = map[atom.Atom]bool{
	atom.A: true, atom.Abbr: true, atom.B: true, atom.Bdi: true, atom.Bdo: true, atom.Cite: true, atom.Code: true, atom.Dfn: true,
	atom.Em: true, atom.Font: true, atom.I: true, atom.Ins: true, atom.Kbd: true, atom.Mark: true, atom.Q: true, atom.Rp: true,
	atom.Rt: true, atom.Ruby: true, atom.S: true, atom.Small: true, atom.Span: true, atom.Strong: true, atom.Sub: true,
	atom.Sup: true, atom.Time: true, atom.Tt: true, atom.U: true, atom.Var: true, atom.Wbr: true,
}

// textOf is the text of an element as a reader sees it.
func textOf(n *html.Node) string {
	var b strings.Builder
	writeText(&b, n, func(*html.Node) bool { return false }, maxBytes)
	return b.String()
}

// writeText writes the text below n, without what skip refuses, until limit bytes.
func writeText(b *strings.Builder, n *html.Node, skip func(*html.Node) bool, limit int) {
	if b.Len() > limit {
		return
	}
	switch n.Type {
	case html.TextNode:
		b.WriteString(n.Data)
		return
	case html.ElementNode:
		if code(n) || skip(n) {
			return
		}
	case html.CommentNode, html.DoctypeNode:
		return
	}
	parts := n.Type == html.ElementNode && !inline[n.DataAtom]
	if parts {
		b.WriteByte(' ')
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		writeText(b, c, skip, limit)
	}
	if parts {
		b.WriteByte(' ')
	}
}

// beside matches words in class and id that mark what stands beside the content.
var beside = regexp.MustCompile(`(?i)(?:^|[\s_-])(?:comments?|respond|sidebar|breadcrumbs?|share|sharing|social|related|cookies?|menu|navbar|nav|navigation|footer|masthead|pagination|pager|widget|skip-link|newsletter|popup|modal)(?:$|[\s_-])`)

// furniture reports elements that by their name are not part of what a page is about.
func furniture(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Nav, atom.Footer, atom.Aside, atom.Select, atom.Button, atom.Svg, atom.Object, atom.Embed, atom.Dialog:
		return true
	case atom.Header:
		return !within(n, atom.Article, atom.Main) // of the page; that of an article holds its title
	}
	return false
}

// aside also reports what is so by its role, class, id or style, and forms.
func aside(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Form:
		return true
	case atom.Body, atom.Main, atom.Article, atom.Html, atom.H1:
		return false
	}
	if furniture(n) {
		return true
	}
	for _, a := range n.Attr {
		switch a.Key {
		case "hidden":
			return true
		case "aria-hidden":
			return a.Val == "true"
		case "role":
			if slices.Contains([]string{"navigation", "banner", "contentinfo", "search", "complementary", "dialog", "menu"}, strings.ToLower(a.Val)) {
				return true
			}
		case "class", "id":
			if beside.MatchString(a.Val) {
				return true
			}
		case "style":
			if strings.Contains(strings.ReplaceAll(strings.ToLower(a.Val), " ", ""), "display:none") {
				return true
			}
		}
	}
	return false
}

func within(n *html.Node, names ...atom.Atom) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if slices.Contains(names, p.DataAtom) {
			return true
		}
	}
	return false
}

// content finds the element that holds what the page is about, and what to pass over in
// it: the page's own <main> or only <article> when it holds a fair part of the text, else
// the body. Where passing over by class and form leaves little, the whole page stands in
// such an element (a "has-sidebar" wrapper, the form of ASP.NET), and only names count.
func (d *Document) content() (main *html.Node, skip func(*html.Node) bool) {
	if d.main != nil {
		return d.main, d.skip
	}
	body := first(d.root, atom.Body)
	if body == nil {
		body = d.root
	}
	d.main, d.skip = body, aside
	all := visible(body, d.skip)
	if whole := visible(body, furniture); all*5 < whole {
		d.skip, all = furniture, whole
	}
	var articles []*html.Node
	for n := range d.root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if (n.DataAtom == atom.Main || attr(n, "role") == "main") && visible(n, d.skip)*5 >= all {
			d.main = n
			return d.main, d.skip
		}
		if n.DataAtom == atom.Article {
			articles = append(articles, n)
		}
	}
	if len(articles) == 1 && visible(articles[0], d.skip)*4 >= all {
		d.main = articles[0]
	}
	return d.main, d.skip
}

// visible is the length of the text of an element without what is passed over.
func visible(n *html.Node, skip func(*html.Node) bool) int {
	var b strings.Builder
	writeText(&b, n, skip, maxBytes)
	return len(squeeze(b.String()))
}

// Text returns the first n characters of the main visible text: of a page without
// scripts, navigation, headers, footers and comments; of a feed entry its description and
// content; of a repository's record its description.
func (d *Document) Text(n int) string {
	var s string
	switch {
	case d.root != nil:
		var b strings.Builder
		main, skip := d.content()
		writeText(&b, main, skip, 8*n+4096)
		s = b.String()
	case d.item != nil:
		s = d.itemText()
	case d.json != nil:
		s = d.jsonText()
	case d.oai != nil:
		s = d.oaiText()
	}
	return prefix(squeeze(s), n)
}

// prefix returns the first n characters, and no half of a word if it can be helped.
func prefix(s string, n int) string {
	if n <= 0 {
		return ""
	}
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	end := 0
	for i := range s {
		if n == 0 {
			end = i
			break
		}
		n--
	}
	if space := strings.LastIndexByte(s[:end], ' '); space > end*3/4 {
		end = space
	}
	return s[:end]
}
