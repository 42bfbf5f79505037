// Package pdf reads what a PDF file says of itself: metadata only.
//
// In flow the bytes of a file; out flow its Properties: what its Info dictionary, XMP and
// catalogue state, the largest lines of its first page, the language of its text. The text
// itself is looked at and thrown away. It stores nothing but a temporary file while a
// reader runs. It must not know where a file came from, nor what its title really is.
//
// A PDF is a program for a large and old interpreter, so none runs in this process:
// poppler's tools are started where the machine has them, else PDFium as WebAssembly in a
// short-lived process of the hub's own binary. Both have limits on time, memory and output.
package pdf

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os/exec"
	"time"
)

// Codes of Error.
const (
	CodeNotPDF     = "not-a-pdf"          // the bytes are something else
	CodeTooLarge   = "pdf-too-large"      // more bytes than Options.MaxBytes
	CodeUnreadable = "pdf-unreadable"     // no reader can make anything of it
	CodeTooHeavy   = "pdf-too-heavy"      // reading it takes too much time or memory
	CodeNoReader   = "pdf-reader-missing" // the machine has no reader and none is built in
)

// Error says why a file could not be read. Detail is for its publisher.
type Error struct {
	Code   string
	Detail string
	Err    error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Code + ": " + e.Detail + ": " + e.Err.Error()
	}
	return e.Code + ": " + e.Detail
}

func (e *Error) Unwrap() error { return e.Err }

// Properties is what a PDF says of itself. Its JSON form is the body of a record.Raw of
// format "pdf", whose selectors are named after the keys.
type Properties struct {
	Version         string  `json:"version,omitempty"` // of the format: "1.7"
	Pages           int     `json:"pages,omitempty"`
	Bytes           int64   `json:"bytes"`
	Checksum        string  `json:"checksum"`            // "sha256:…"
	Encrypted       bool    `json:"encrypted,omitempty"` // in whatever way
	Locked          bool    `json:"locked,omitempty"`    // not to be opened without a password
	Title           []Text  `json:"title,omitempty"`     // of XMP and the Info dictionary
	Description     []Text  `json:"description,omitempty"`
	Creators        []Text  `json:"creators,omitempty"` // what stands where an author should
	Publishers      []Text  `json:"publishers,omitempty"`
	Keywords        []Text  `json:"keywords,omitempty"`
	Rights          []Text  `json:"rights,omitempty"`
	Identifiers     []Text  `json:"identifiers,omitempty"`
	Issued          string  `json:"issued,omitempty"`           // dc:date or prism: somebody stated it
	Created         string  `json:"created,omitempty"`          // when the file was made: weak evidence of anything else
	Modified        string  `json:"modified,omitempty"`         // when it was last saved
	CatalogLanguage string  `json:"catalog-language,omitempty"` // /Lang as stated
	StatedLanguages []Text  `json:"stated-languages,omitempty"` // dc:language
	Creator         string  `json:"creator-tool,omitempty"`
	Producer        string  `json:"producer,omitempty"`
	LargestText     []Line  `json:"largest-text,omitempty"` // title candidates, the likeliest first
	Years           []Year  `json:"years,omitempty"`        // on the first page
	Language        string  `json:"language,omitempty"`     // of the text, as detected
	LanguageSurety  float64 `json:"language-confidence,omitempty"`
	Text            string  `json:"text,omitempty"` // TextSound, TextMended, TextDamaged, TextAbsent
	Repair          string  `json:"repair,omitempty"`
}

// States of the text of a file.
const (
	TextSound   = "sound"
	TextMended  = "mended"  // the fonts lie about their letters, but the lie is a known one
	TextDamaged = "damaged" // what can be copied out is not what can be read
	TextAbsent  = "absent"  // a scan, or pictures only
)

// Text is a text with the language it is said to be in, in the form of JSON-LD.
type Text struct {
	Value string `json:"@value"`
	Lang  string `json:"@language,omitempty"`
}

// Line is a line of the first page, or several that belong together, with how much larger
// than the usual text of the page it is printed.
type Line struct {
	Value string  `json:"@value"`
	Scale float64 `json:"scale"`
}

// Year is a year that stands on the first page.
type Year struct {
	Value int    `json:"@value"`
	Place string `json:"place"` // "title", "top", "middle" or "bottom"
}

// Options limit what reading one file may cost.
type Options struct {
	// Worker is the command line that runs Worker in a process of its own, for machines
	// without poppler. Empty: there is none.
	Worker []string
	// CacheDir keeps the compiled reader of the worker between its runs. Empty: compiled
	// each time, which takes seconds.
	CacheDir string
	Poppler  string        // folder of pdfinfo and pdftotext; "" looks on PATH, "none" uses no poppler
	Timeout  time.Duration // for one file (30s when 0)
	MaxBytes int64         // largest file (64 MiB when 0)
	MaxPages int           // pages whose text is looked at (3 when 0)
	Memory   int64         // of the reading process (512 MiB when 0)
	AtOnce   int           // files that are read at the same time; others wait (2 when 0)
}

// backend reads what needs a real interpreter of PDF.
type backend interface {
	read(ctx context.Context, body []byte, o Options) (content, error)
}

// Reader reads files with the reader that the machine has. It is safe for concurrent use.
type Reader struct {
	o       Options
	backend backend
	slots   chan struct{}
}

// New returns a reader. Without any reader on the machine it still answers, with an Error
// of CodeNoReader for each file.
func New(o Options) *Reader {
	o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	o.MaxBytes = cmp.Or(o.MaxBytes, 64<<20)
	o.MaxPages = cmp.Or(o.MaxPages, 3)
	o.Memory = cmp.Or(o.Memory, 512<<20)
	r := &Reader{o: o, slots: make(chan struct{}, cmp.Or(o.AtOnce, 2))}
	if p, ok := findPoppler(o.Poppler); ok {
		r.backend = p
	} else if len(o.Worker) > 0 {
		r.backend = worker(o.Worker)
	}
	return r
}

// findPoppler looks for both tools.
func findPoppler(folder string) (poppler, bool) {
	if folder == "none" {
		return poppler{}, false
	}
	if folder != "" {
		folder += "/"
	}
	info, errInfo := exec.LookPath(folder + "pdfinfo")
	text, errText := exec.LookPath(folder + "pdftotext")
	return poppler{info, text}, errInfo == nil && errText == nil
}

// magic may stand a little behind the beginning of a file.
const magicWithin = 1024

// Is reports whether bytes begin as a PDF does.
func Is(body []byte) bool {
	return bytes.Contains(body[:min(len(body), magicWithin)], []byte("%PDF-"))
}

// Read returns what a file says of itself. An error is an *Error, or that of a context
// that ended. A file that is locked by a password is no error: little is known of it.
func (r *Reader) Read(ctx context.Context, body []byte) (Properties, error) {
	switch {
	case !Is(body):
		return Properties{}, &Error{Code: CodeNotPDF, Detail: "The address answers something that is not a PDF file."}
	case int64(len(body)) > r.o.MaxBytes:
		return Properties{}, &Error{Code: CodeTooLarge, Detail: fmt.Sprintf("The file has more than %d MB.", r.o.MaxBytes>>20)}
	case r.backend == nil:
		return Properties{}, &Error{Code: CodeNoReader, Detail: "This hub has no PDF reader: install poppler-utils where it runs."}
	}
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return Properties{}, fmt.Errorf("waiting to read a PDF: %w", context.Cause(ctx))
	}
	limited, cancel := context.WithTimeoutCause(ctx, r.o.Timeout, errTooLong)
	defer cancel()
	c, err := r.backend.read(limited, body, r.o)
	if err != nil {
		if ctx.Err() != nil {
			return Properties{}, fmt.Errorf("reading a PDF: %w", context.Cause(ctx))
		}
		if e, ok := errors.AsType[*Error](err); ok {
			return Properties{}, e
		}
		return Properties{}, &Error{Code: CodeUnreadable, Detail: "The file is damaged: PDF readers cannot open it.", Err: err}
	}
	p := Properties{Bytes: int64(len(body))}
	sum := sha256.Sum256(body)
	p.Checksum = "sha256:" + hex.EncodeToString(sum[:])
	p.fill(c, scan(body))
	return p, nil
}
