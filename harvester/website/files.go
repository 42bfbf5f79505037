package website

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html/charset"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
	"ctiphub/internal/pdf"
	"ctiphub/record"
)

// fileKey is where the description of a file is kept, under an address that no page can
// have.
func fileKey(url string) string { return url + "#file" }

// described is the value of a hint "file": what reading a linked PDF has shown.
type described struct {
	URL      string `json:"url"`
	Bytes    int64  `json:"bytes,omitempty"`
	Pages    int    `json:"pages,omitempty"`
	Language string `json:"language,omitempty"`
	Checksum string `json:"checksum,omitempty"`
	Title    string `json:"title,omitempty"` // what is printed largest on the first page
}

// describeFiles adds a hint for each PDF that the page of a record links to, when the
// recipe asks for it. A file that cannot be had or read costs the page nothing; the error
// is for a context that ended.
func (w *walk) describeFiles(ctx context.Context, resp *fetch.Response, raw *record.Raw, page *harvester.Page) error {
	if w.src.Website.Files != harvester.FilesDescribe || w.pdf == nil {
		return nil
	}
	links := pdfLinks(resp)
	for _, address := range links[:min(len(links), cmp.Or(w.src.Website.MaxFiles, defaultFiles))] {
		hint, seen := w.files[address]
		if !seen {
			var err error
			if hint, err = w.describe(ctx, address, page); err != nil {
				return err
			}
			w.files[address] = hint
		}
		if hint != "" {
			raw.Hints = append(raw.Hints, record.Hint{Key: "file", Value: hint})
		}
	}
	return nil
}

// describe fetches one file, conditionally when it was described before. A file of a
// server that knows no validators is fetched again only in a full run.
func (w *walk) describe(ctx context.Context, address string, page *harvester.Page) (string, error) {
	known := w.known(fileKey(address))
	before := ""
	if len(known.Identifiers) == 1 {
		before = known.Identifiers[0]
	}
	if before != "" && known.ETag == "" && known.LastModified == "" {
		return before, nil
	}
	req := w.request(address, "application/pdf, */*;q=0.1")
	if before != "" {
		req.ETag, req.LastModified = known.ETag, known.LastModified
	}
	resp, err := w.get.Get(ctx, req)
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("harvesting %s: %w", w.src.URL, context.Cause(ctx))
	case err != nil:
		page.Notes = append(page.Notes, record.Finding{Code: "file-unavailable", Detail: fmt.Sprintf("A linked file could not be had: %v", err)})
		return before, nil
	case resp.NotModified:
		return before, nil
	}
	p, err := w.readPDF(ctx, resp.Body, page)
	if ctx.Err() != nil {
		return "", fmt.Errorf("harvesting %s: %w", w.src.URL, context.Cause(ctx))
	}
	if err != nil {
		if !w.noReader {
			page.Notes = append(page.Notes, record.Finding{Code: "file-unreadable", Detail: fmt.Sprintf("The linked file %s could not be read: %v", address, err)})
		}
		return before, nil
	}
	text, err := json.Marshal(describedAs(address, p))
	if err != nil {
		return before, nil // cannot be: the struct is plain
	}
	page.Validators = append(page.Validators, harvester.Validator{
		URL: fileKey(address), ETag: resp.Header.Get("ETag"), LastModified: resp.Header.Get("Last-Modified"), Identifiers: []string{string(text)},
	})
	return string(text), nil
}

func describedAs(address string, p pdf.Properties) described {
	d := described{URL: address, Bytes: p.Bytes, Pages: p.Pages, Language: p.Language, Checksum: p.Checksum}
	if len(p.LargestText) > 0 {
		d.Title = p.LargestText[0].Value
	}
	return d
}

// pdfLinks finds the PDFs that the main part of a page links to, each once, in order.
func pdfLinks(resp *fetch.Response) []string {
	text, err := charset.NewReader(bytes.NewReader(resp.Body), resp.MediaType)
	if err != nil {
		return nil
	}
	doc, err := goquery.NewDocumentFromReader(text)
	base, errURL := url.Parse(resp.URL)
	if err != nil || errURL != nil {
		return nil
	}
	base = baseOf(doc, base)
	var found []string
	add := func(ref string) {
		u, err := base.Parse(strings.TrimSpace(ref))
		if err != nil || !strings.EqualFold(path.Ext(u.Path), ".pdf") {
			return
		}
		if address, err := fetch.Canonical(u.String()); err == nil && !slices.Contains(found, address) {
			found = append(found, address)
		}
	}
	add(doc.Find(`meta[name="citation_pdf_url"]`).First().AttrOr("content", ""))
	main := doc.Find("main, article, [role=main], #content, #main-content").First()
	if main.Find(`a[href]`).Length() == 0 {
		main = doc.Find("body")
	}
	main.Find("a[href]").Each(func(_ int, a *goquery.Selection) {
		if a.Closest("nav, footer, aside, header").Length() == 0 {
			add(a.AttrOr("href", ""))
		}
	})
	return found
}

// baseOf is the address that the links of a page are relative to.
func baseOf(page *goquery.Document, base *url.URL) *url.URL {
	if href, ok := page.Find("base[href]").First().Attr("href"); ok {
		if b, err := base.Parse(strings.TrimSpace(href)); err == nil {
			return b
		}
	}
	return base
}

// linkHeader reads the language versions that a server names in the Link header (RFC
// 8288), which is where PDF files have theirs.
func linkHeader(resp *fetch.Response) []alternate {
	base, err := url.Parse(resp.URL)
	if err != nil {
		return nil
	}
	var list []alternate
	for _, line := range resp.Header[http.CanonicalHeaderKey("Link")] {
		for part := range splitLinks(line) {
			target, params, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(part), "<"), ">")
			rel, lang := "", ""
			for param := range strings.SplitSeq(params, ";") {
				name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
				value = strings.Trim(strings.TrimSpace(value), `"`)
				switch strings.ToLower(strings.TrimSpace(name)) {
				case "rel":
					rel = value
				case "hreflang":
					lang = value
				}
			}
			if ok && lang != "" && slices.Contains(strings.Fields(strings.ToLower(rel)), "alternate") && len(list) < maxAlternates {
				list = append(list, alternate{lang, resolve(base, target)})
			}
		}
	}
	return list
}

// maxAlternates bounds the language versions that one header may name.
const maxAlternates = 50

// splitLinks parts a Link header at the commas that do not stand within an address.
func splitLinks(line string) func(func(string) bool) {
	return func(yield func(string) bool) {
		start, inside := 0, false
		for i, c := range line {
			switch {
			case c == '<':
				inside = true
			case c == '>':
				inside = false
			case c == ',' && !inside:
				if !yield(line[start:i]) {
					return
				}
				start = i + 1
			}
		}
		yield(line[start:])
	}
}
