package pdf

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/klippa-app/go-pdfium"
	pdfiumerrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/responses"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// Variables by which a worker is told its limits.
const (
	envPages  = "HUB_PDF_PAGES"
	envCache  = "HUB_PDF_CACHE"
	envMemory = "HUB_PDF_MEMORY"
)

// worker is the command line of a process that runs Worker.
type worker []string

func (w worker) read(ctx context.Context, body []byte, o Options) (content, error) {
	env := []string{envPages + "=" + strconv.Itoa(o.MaxPages), envCache + "=" + o.CacheDir, envMemory + "=" + strconv.FormatInt(o.Memory, 10)}
	// No limit on address space: Go reserves far more of it than it uses. The memory that
	// a file can make PDFium use is limited inside.
	out, complaints, err := run(ctx, limits{cpu: 2 * o.Timeout, output: maxOutput}, body, env, w...)
	if err != nil {
		return content{}, err
	}
	var answer struct {
		content
		Error string `json:"error"`
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		return content{}, fmt.Errorf("the PDF worker gave no answer (%.200s): %w", complaints, err)
	}
	if answer.Error != "" {
		return content{}, errors.New(answer.Error)
	}
	return answer.content, nil
}

// Worker reads one PDF from in and writes what is found as JSON. It is the whole life of
// a process that ends with it: PDFium may use it up as far as its limits go.
func Worker(ctx context.Context, in io.Reader, out io.Writer) error {
	var answer struct {
		content
		Error string `json:"error,omitempty"`
	}
	body, err := io.ReadAll(in)
	if err == nil {
		answer.content, err = readPDFium(ctx, body)
	}
	if err != nil {
		answer.Error = err.Error()
	}
	if err := json.NewEncoder(out).Encode(answer); err != nil {
		return fmt.Errorf("writing the answer of the PDF worker: %w", err)
	}
	return nil
}

// readPDFium runs PDFium in this process.
func readPDFium(ctx context.Context, body []byte) (content, error) {
	memory, _ := strconv.ParseInt(os.Getenv(envMemory), 10, 64)
	memory = min(max(memory, 64<<20), 2<<30)
	debug.SetMemoryLimit(memory)
	debug.SetGCPercent(50)
	config := wazero.NewRuntimeConfig().WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
		WithMemoryLimitPages(uint32(memory >> 16)).WithCloseOnContextDone(false)
	if dir := os.Getenv(envCache); dir != "" {
		if cache, err := wazero.NewCompilationCacheWithDir(dir); err == nil { // without it things only take longer
			config = config.WithCompilationCache(cache)
		}
	}
	pool, err := webassembly.Init(webassembly.Config{
		Context: ctx, MinIdle: 1, MaxIdle: 1, MaxTotal: 1, RuntimeConfig: config,
		FSConfig: wazero.NewFSConfig(), Stdout: io.Discard, Stderr: io.Discard,
	})
	if err != nil {
		return content{}, fmt.Errorf("starting PDFium: %w", err)
	}
	instance, err := pool.GetInstanceWithContext(ctx)
	if err != nil {
		return content{}, fmt.Errorf("starting PDFium: %w", err)
	}
	doc, err := instance.OpenDocument(&requests.OpenDocument{File: &body})
	if errors.Is(err, pdfiumerrors.ErrPassword) || errors.Is(err, pdfiumerrors.ErrSecurity) {
		return content{Encrypted: true, Locked: true}, nil
	}
	if err != nil {
		return content{}, fmt.Errorf("opening the file: %w", err)
	}
	return contentOf(instance, doc.Document)
}

// contentOf asks PDFium everything. What a damaged file has no answer to stays empty.
func contentOf(i pdfium.Pdfium, doc references.FPDF_DOCUMENT) (content, error) {
	c := content{Info: map[string]string{}}
	count, err := i.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: doc})
	if err != nil || count.PageCount == 0 {
		return c, errors.New("the file has no pages")
	}
	c.Pages = count.PageCount
	if v, err := i.FPDF_GetFileVersion(&requests.FPDF_GetFileVersion{Document: doc}); err == nil {
		c.Version = fmt.Sprintf("%d.%d", v.FileVersion/10, v.FileVersion%10)
	}
	if s, err := i.FPDF_GetSecurityHandlerRevision(&requests.FPDF_GetSecurityHandlerRevision{Document: doc}); err == nil {
		c.Encrypted = s.SecurityHandlerRevision > 0
	}
	for _, key := range []string{"Title", "Subject", "Keywords", "Author", "Creator", "Producer", "CreationDate", "ModDate"} {
		if m, err := i.FPDF_GetMetaText(&requests.FPDF_GetMetaText{Document: doc, Tag: key}); err == nil && m.Value != "" {
			c.Info[key] = strings.ToValidUTF8(m.Value, "\ufffd")
		}
	}
	pages, _ := strconv.Atoi(os.Getenv(envPages))
	for n := range min(c.Pages, max(pages, 1)) {
		page := requests.Page{ByIndex: &requests.PageByIndex{Document: doc, Index: n}}
		height := 0.0
		if size, err := i.GetPageSize(&requests.GetPageSize{Page: page}); err == nil {
			height = size.Height
		}
		if n == 0 {
			c.Height = height
		}
		t, err := i.GetPageTextStructured(&requests.GetPageTextStructured{Page: page, Mode: requests.GetPageTextStructuredModeChars, CollectFontInformation: true})
		if err == nil {
			c.Lines = append(c.Lines, linesOf(t.Chars, n+1, height)...)
		}
	}
	return c, nil
}

// linesOf puts the letters of a page together: PDFium gives them in the order of reading,
// with spaces and ends of lines between.
func linesOf(chars []*responses.GetPageTextStructuredChar, page int, height float64) []printed {
	var lines []printed
	var words []box
	word := box{}
	endWord := func() {
		if word.text != "" {
			words = append(words, word)
		}
		word = box{}
	}
	endLine := func() {
		endWord()
		if l, ok := joinWords(words); ok && len(lines) < maxLines {
			l.Page = page
			lines = append(lines, l)
		}
		words = nil
	}
	right, bottom := 0.0, 0.0
	for _, c := range chars {
		if strings.TrimSpace(c.Text) == "" {
			if endWord(); strings.ContainsAny(c.Text, "\r\n") {
				endLine()
			}
			continue
		}
		p := c.PointPosition
		low := height - min(p.Top, p.Bottom) // PDF counts from the bottom
		size := low - (height - max(p.Top, p.Bottom))
		if c.FontInformation != nil && c.FontInformation.RenderedSize > 0 {
			size = c.FontInformation.RenderedSize // a letter alone is as high as it happens to be
		}
		if p.Left < right-size && math.Abs(low-bottom) > size/2 {
			endLine() // a word that was parted at the end of a line
		}
		if right, bottom = p.Right, low; word.text == "" {
			word = box{left: p.Left, top: low - size, bottom: low}
		}
		word.left, word.right = min(word.left, p.Left), max(word.right, p.Right)
		word.top = min(word.top, word.bottom-size)
		if len(word.text) < maxLineLen {
			word.text += strings.ToValidUTF8(c.Text, "\ufffd")
		}
	}
	endLine()
	return lines
}
