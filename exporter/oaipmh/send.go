package oaipmh

import (
	"bytes"
	_ "embed"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"

	"ctiphub/internal/oai"
)

//go:embed style.xsl
var styleXSL []byte

//go:embed style.css
var styleCSS []byte

// policy lets a browser load the two style sheets and nothing else. Browsers count an
// XSLT style sheet as a script.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// gzipFrom is the size from which an answer is worth compressing.
const gzipFrom = 2 << 10

func newGzip() any {
	z, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // the level is a valid one
	return z
}

// send writes a whole answer.
func (h *handler) send(w http.ResponseWriter, r *http.Request, body []byte) {
	head := w.Header()
	setHeaders(head, "text/xml; charset=utf-8")
	head.Set("Vary", "Accept-Encoding")
	if len(body) >= gzipFrom && acceptsGzip(r.Header.Get("Accept-Encoding")) {
		head.Set("Content-Encoding", "gzip")
		if r.Method == http.MethodHead {
			return
		}
		z := h.gzips.Get().(*gzip.Writer)
		defer h.gzips.Put(z)
		z.Reset(w)
		// A failed write means that the reader left: there is nobody to tell.
		_, _ = z.Write(body)
		_ = z.Close()
		return
	}
	head.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

func setHeaders(head http.Header, mediaType string) {
	head.Set("Content-Type", mediaType)
	head.Set("Content-Security-Policy", policy)
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Referrer-Policy", "no-referrer")
}

// acceptsGzip reads an Accept-Encoding header: gzip, or anything, unless with weight 0.
func acceptsGzip(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		coding, params, _ := strings.Cut(part, ";")
		if coding = strings.ToLower(strings.TrimSpace(coding)); coding != "gzip" && coding != "x-gzip" && coding != "*" {
			continue
		}
		weight, isWeight := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		q, err := strconv.ParseFloat(weight, 64)
		return !isWeight || err != nil || q > 0
	}
	return false
}

// serveXSL serves the style sheet that makes a page of an answer in a browser. It has to
// name the second one by its path, which only the request knows.
func (h *handler) serveXSL(w http.ResponseWriter, r *http.Request, mount string) {
	path := oai.AppendAttr(nil, mountPath(h.BaseURL, mount)+"/style.css")
	h.serveStyle(w, r, "text/xsl; charset=utf-8", bytes.Replace(styleXSL, []byte("MOUNT/style.css"), path, 1))
}

func (h *handler) serveCSS(w http.ResponseWriter, r *http.Request) {
	h.serveStyle(w, r, "text/css; charset=utf-8", styleCSS)
}

func (h *handler) serveStyle(w http.ResponseWriter, _ *http.Request, mediaType string, body []byte) {
	setHeaders(w.Header(), mediaType)
	w.Header().Set("Cache-Control", "public, max-age=3600")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}
