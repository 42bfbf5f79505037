package demo

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"time"
)

func (s *website) robots(w http.ResponseWriter, r *http.Request) {
	var b bytes.Buffer
	b.WriteString("User-agent: *\n")
	if s.sh.hidden {
		b.WriteString("Disallow: /internal/\n")
	} else {
		b.WriteString("Disallow: /admin/\n")
	}
	if s.sh.crawl != "" {
		fmt.Fprintf(&b, "Crawl-delay: %s\n", s.sh.crawl)
	}
	if !s.sh.list && len(s.feeds) == 0 {
		fmt.Fprintf(&b, "\nSitemap: %s/sitemap.xml\n", s.base)
	}
	serve(w, r, "text/plain; charset=utf-8", b.Bytes(), s.c.now)
}

func (s *website) sitemapIndex(w http.ResponseWriter, r *http.Request) {
	loc := s.base + "/sitemap-publications.xml"
	if s.sh.packed {
		loc += ".gz"
	}
	serve(w, r, "application/xml", fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?>
<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>%s</loc><lastmod>%s</lastmod></sitemap></sitemapindex>
`, loc, s.newest().Format(time.RFC3339)), s.newest())
}

func (s *website) sitemap(w http.ResponseWriter, r *http.Request) {
	body := s.urlset()
	if s.sh.packed {
		serve(w, r, "application/octet-stream", packed(body), s.newest())
		return
	}
	serve(w, r, "application/xml", body, s.newest())
}

func (s *website) urlset() []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">
`)
	for _, it := range s.items() {
		path, mod := s.path(it), s.changed(it).Format(time.DateOnly)
		alternates := s.alternates(it, path)
		if len(alternates) == 0 {
			alternates = []alternate{{it.Lang, s.base + path}}
		}
		for _, a := range alternates {
			fmt.Fprintf(&b, "<url><loc>%s</loc><lastmod>%s</lastmod>", a.Href, mod)
			for _, x := range alternates {
				if len(alternates) > 1 {
					fmt.Fprintf(&b, `<xhtml:link rel="alternate" hreflang="%s" href="%s"/>`, x.Lang, x.Href)
				}
			}
			b.WriteString("</url>\n")
		}
	}
	if s.sh.missing {
		fmt.Fprintf(&b, "<url><loc>%s/publications/withdrawn-brochure</loc></url>\n", s.base)
	}
	b.WriteString("</urlset>\n")
	return b.Bytes()
}

// packed is a gzip file with a fixed time, so that its bytes stay the same.
func packed(body []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(body)
	if z.Close() != nil || err != nil {
		return body // a buffer takes everything
	}
	return b.Bytes()
}
