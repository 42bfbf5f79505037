package feed

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"ctiphub/record"
)

var (
	rootTag  = regexp.MustCompile(`(?i)<(?:[a-z_][\w.-]*:)?(rss|feed|rdf)[\s>/]`)
	charRef  = regexp.MustCompile(`&#(?:[xX][0-9a-fA-F]+|[0-9]+);`)
	anyTag   = regexp.MustCompile(`<([A-Za-z_][\w.:-]*)`)
	htmlTag  = regexp.MustCompile(`(?i)^\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b`)
	endEntry = regexp.MustCompile(`(?i)</(?:[a-z_][\w.-]*:)?(?:item|entry)\s*>`)
)

// clean drops what stands before the root element (warnings of a script, comments, a
// second or broken XML declaration) and characters that XML does not know, and returns
// the local name of the root, "" when there is none. Line numbers stay as they were.
func clean(text []byte) (out []byte, root string) {
	text = bytes.Map(func(r rune) rune {
		if inXML(r) {
			return r
		}
		return -1
	}, text)
	text = charRef.ReplaceAllFunc(text, func(ref []byte) []byte {
		digits, base := string(ref[2:len(ref)-1]), 10
		if digits[0] == 'x' || digits[0] == 'X' {
			digits, base = digits[1:], 16
		}
		if n, err := strconv.ParseUint(digits, base, 32); err != nil || !inXML(rune(n)) {
			return nil
		}
		return ref
	})
	start := skipProlog(text)
	m := rootTag.FindSubmatchIndex(text[start:])
	if m == nil || htmlTag.Match(text[start:]) {
		return text, ""
	}
	root = strings.ToLower(string(text[start+m[2] : start+m[3]]))
	start += m[0]
	// gofeed looks for the root in the first 4 KiB only.
	lines := min(bytes.Count(text[:start], []byte("\n")), 3000)
	return append(bytes.Repeat([]byte("\n"), lines), text[start:]...), root
}

// skipProlog returns where the XML declaration, comments and document type end, so that
// nothing within them is taken for the root element.
func skipProlog(text []byte) int {
	at := 0
	for {
		rest := bytes.TrimLeft(text[at:], " \t\r\n")
		at = len(text) - len(rest)
		var end []byte
		switch {
		case bytes.HasPrefix(rest, []byte("<!--")):
			end = []byte("-->")
		case bytes.HasPrefix(rest, []byte("<?")):
			end = []byte(">")
		default:
			return at
		}
		i := bytes.Index(rest, end)
		if i < 0 {
			return at
		}
		at += i + len(end)
	}
}

// inXML reports whether XML 1.0 allows a character (section 2.2).
func inXML(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' ||
		r >= 0x20 && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 && r <= 0x10ffff
}

// firstElement names the first element of a text, or "html" for a document type of HTML.
func firstElement(text []byte) string {
	at := skipProlog(text)
	if htmlTag.Match(text[at:]) {
		return "html"
	}
	if m := anyTag.FindSubmatch(text[at:]); m != nil {
		return string(m[1])
	}
	return ""
}

// newDecoder reads XML as tolerantly as gofeed does. The text is UTF-8 already, whatever
// it declares.
func newDecoder(text []byte) *xml.Decoder {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Strict = false
	d.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	return d
}

func isEntry(name string) bool {
	return strings.EqualFold(name, "item") || strings.EqualFold(name, "entry")
}

// mend makes a document that breaks off or breaks readable up to its last whole entry.
// A document without a whole entry before the break is an error; so is, with its cause,
// one that is well-formed but could not be read.
func mend(text []byte, cause error) ([]byte, record.Finding, error) {
	broken := firstError(text)
	if broken == nil {
		return nil, record.Finding{}, withLine(text, cause)
	}
	ends := endEntry.FindAllIndex(text[:broken.offset], -1)
	if len(ends) == 0 {
		return nil, record.Finding{}, fmt.Errorf("the feed is broken in line %d and no entry before that is whole: %s; tell the publisher", broken.line, broken.text)
	}
	whole := text[:ends[len(ends)-1][1]]
	open, ok := openElements(whole)
	if !ok {
		return nil, record.Finding{}, fmt.Errorf("the feed is broken in line %d: %s; tell the publisher", broken.line, broken.text)
	}
	mended := bytes.Clone(whole)
	for i := len(open) - 1; i >= 0; i-- {
		mended = fmt.Appendf(mended, "</%s>", open[i])
	}
	return mended, record.Finding{
		Code:   "feed-broken",
		Detail: fmt.Sprintf("The feed is broken in line %d (%s). Only what stands before that was read: %d entries.", broken.line, broken.text, len(ends)),
	}, nil
}

// xmlError is where and why a document cannot be read on.
type xmlError struct {
	offset int
	line   int
	text   string
}

func firstError(text []byte) *xmlError {
	d := newDecoder(text)
	for {
		_, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			line, _ := d.InputPos()
			return &xmlError{int(d.InputOffset()), line, syntaxText(err)}
		}
	}
}

// openElements returns the elements that are not closed at the end of a text, outermost
// first, with their prefixes as written.
func openElements(text []byte) ([]string, bool) {
	var open []string
	d := newDecoder(text)
	for {
		token, err := d.RawToken()
		if err != nil {
			return open, err == io.EOF
		}
		switch t := token.(type) {
		case xml.StartElement:
			name := t.Name.Local
			if t.Name.Space != "" {
				name = t.Name.Space + ":" + name
			}
			open = append(open, name)
		case xml.EndElement:
			if len(open) == 0 {
				return nil, false
			}
			open = open[:len(open)-1]
		}
	}
}

// syntaxText is the reason alone; the line is told apart.
func syntaxText(err error) string {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		return syntax.Msg
	}
	return err.Error()
}

// withLine adds the line to an error of a parser that tells only an offset, or nothing.
func withLine(text []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	offset := int64(-1)
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	}
	if offset < 0 || offset > int64(len(text)) {
		return fmt.Errorf("the feed cannot be read: %w", err)
	}
	return fmt.Errorf("the feed cannot be read from line %d on: %w", 1+bytes.Count(text[:offset], []byte("\n")), err)
}
