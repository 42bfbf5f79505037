package portal_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"ctiphub/record"
)

// TestWellFormed reads the pages as they are sent: a browser's parser, which the other
// tests use, mends what is wrong in silence.
func TestWellFormed(t *testing.T) {
	for name, h := range map[string]*testHub{
		"empty": newHub(t), "full": newHub(t, published("1", full()), published("bare", record.Record{})), "hostile": newHub(t, published("1", hostile())),
	} {
		for path := range everyPage(idOf("1")) {
			text := body(t, h.get(t, path))
			if at := unbalanced(text); at != "" {
				t.Errorf("%s%s: %s", name, path, at)
			}
			doc, err := goquery.NewDocumentFromReader(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			checkHeadings(t, name+path, doc)
		}
	}
}

// unbalanced returns the first end tag that does not close what was opened last, and any
// block inside a paragraph, which would end it.
func unbalanced(text string) string {
	void := []string{"meta", "link", "input", "img", "br", "hr"}
	block := []string{"p", "div", "ul", "ol", "dl", "table", "section", "form", "h1", "h2", "h3", "nav", "details", "article"}
	var open []string
	for z := html.NewTokenizer(strings.NewReader(text)); ; {
		switch z.Next() {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) {
				return z.Err().Error()
			}
			if len(open) > 0 {
				return "never closed: " + strings.Join(open, " ")
			}
			return ""
		case html.StartTagToken:
			name, _ := z.TagName()
			tag := string(name)
			if slices.Contains(block, tag) && slices.Contains(open, "p") {
				return tag + " in a paragraph"
			}
			if !slices.Contains(void, tag) {
				open = append(open, tag)
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if len(open) == 0 || open[len(open)-1] != string(name) {
				return "</" + string(name) + "> closes " + strings.Join(open, " ")
			}
			open = open[:len(open)-1]
		}
	}
}

// checkHeadings wants no level left out on the way down.
func checkHeadings(t *testing.T, page string, doc *goquery.Document) {
	t.Helper()
	last := 0
	doc.Find("h1, h2, h3, h4").Each(func(_ int, s *goquery.Selection) {
		level := int(goquery.NodeName(s)[1] - '0')
		if level > last+1 {
			t.Errorf("%s: the heading %.40q has level %d behind %d", page, s.Text(), level, last)
		}
		last = level
	})
}

func TestUnbalanced(t *testing.T) {
	for text, bad := range map[string]bool{
		"<p>a<br>b</p>": false, "<div><p>a</div>": true, "<p><ul></ul></p>": true, "<div>": true, "</div>": true, "<i><b></i></b>": true,
	} {
		if got := unbalanced(text); (got != "") != bad {
			t.Errorf("%s: %q", text, got)
		}
	}
}
