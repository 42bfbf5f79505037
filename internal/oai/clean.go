package oai

import (
	"bytes"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
)

// Oddity is something an answer does that the protocol or XML does not allow and that
// was got over. Its code is stable; its detail never repeats content.
type Oddity struct {
	Code   string
	Detail string
}

// Codes of oddities.
const (
	OddCharset       = "charset-mismatch"   // not in the encoding that is declared
	OddInvalidUTF8   = "invalid-utf8"       // repaired with U+FFFD
	OddControlChars  = "illegal-characters" // left out
	OddLeading       = "leading-bytes"      // a byte order mark or blank lines before the declaration
	OddInnerProlog   = "inner-xml-prolog"   // XML declarations inside the document, left out
	OddDoctype       = "doctype"            // not read: no entity is ever expanded
	OddMalformed     = "malformed-xml"      // tags do not match, "&" stands alone, …
	OddHTMLEntity    = "html-entity"        // an entity that XML does not know
	OddNamespace     = "wrong-namespace"    // the root is not in the namespace of OAI-PMH 2.0
	OddTrailing      = "trailing-content"   // something after the root element
	OddDatestamp     = "bad-datestamp"      // not one of the two forms of the protocol
	OddNoResponse    = "no-response-date"   // absent or unreadable
	OddEndTagMissing = "root-not-closed"    // the root's end tag is missing, the list is whole
)

// xmlDeclaration reads version and encoding; some repositories write single quotes.
var (
	xmlDeclaration = regexp.MustCompile(`^<\?[xX][mM][lL](\s[^>]*?)?\?>`)
	xmlEncoding    = regexp.MustCompile(`encoding\s*=\s*["']\s*([A-Za-z0-9._:-]+)`)
)

// Clean makes a document of any encoding into one that an XML 1.0 parser can read as
// UTF-8 without declaration. A clean document is returned as it is, not copied. The
// media type of HTTP counts only when the document itself says nothing and is not UTF-8:
// servers are wrong about it more often than documents.
func Clean(doc []byte, mediaType string) ([]byte, []Oddity) {
	var odd []Oddity
	doc = decodeUTF16(doc)
	trimmed := bytes.TrimPrefix(doc, []byte("\xef\xbb\xbf"))
	trimmed = bytes.TrimLeft(trimmed, " \t\r\n\x00")
	if len(trimmed) != len(doc) {
		odd = append(odd, Oddity{OddLeading, "there are bytes before the XML declaration"})
	}
	doc = bytes.TrimRight(trimmed, "\x00")
	declared := ""
	if decl := xmlDeclaration.Find(doc[:min(len(doc), 1024)]); decl != nil {
		if m := xmlEncoding.FindSubmatch(decl); m != nil {
			declared = string(m[1])
		}
		doc = doc[len(decl):]
	}
	doc, more := toUTF8(doc, declared, mediaType)
	odd = append(odd, more...)
	doc, more = dropIllegal(doc)
	odd = append(odd, more...)
	return doc, odd
}

// decodeUTF16 turns UTF-16, with or without a byte order mark, into UTF-8.
func decodeUTF16(doc []byte) []byte {
	order := unicode.LittleEndian
	switch {
	case bytes.HasPrefix(doc, []byte("\xff\xfe")), bytes.HasPrefix(doc, []byte("<\x00?\x00")), bytes.HasPrefix(doc, []byte("<\x00O\x00")):
	case bytes.HasPrefix(doc, []byte("\xfe\xff")), bytes.HasPrefix(doc, []byte("\x00<\x00?")), bytes.HasPrefix(doc, []byte("\x00<\x00O")):
		order = unicode.BigEndian
	default:
		return doc
	}
	out, err := unicode.UTF16(order, unicode.UseBOM).NewDecoder().Bytes(doc)
	if err != nil {
		return doc
	}
	return out
}

// toUTF8 decides which encoding the document really has. Bytes that are valid UTF-8 with
// characters beyond ASCII are UTF-8 whatever anybody declares: no legacy text looks so.
func toUTF8(doc []byte, declared, mediaType string) ([]byte, []Oddity) {
	valid := utf8.Valid(doc)
	enc := legacy(declared)
	if valid {
		if enc != nil && !isASCII(doc) {
			return doc, []Oddity{{OddCharset, "declared as " + declared + ", but written in UTF-8"}}
		}
		return doc, nil
	}
	if enc == nil && declared == "" {
		_, params, _ := mime.ParseMediaType(mediaType)
		enc = legacy(params["charset"])
		// A default that servers add without looking is only believed when the text
		// has more that is not UTF-8 than what is.
		if enc != nil && !mostlyInvalid(doc) {
			enc = nil
		}
	}
	if enc != nil {
		if out, err := enc.NewDecoder().Bytes(doc); err == nil {
			return out, nil
		}
	}
	return bytes.ToValidUTF8(doc, []byte("\uFFFD")), []Oddity{{OddInvalidUTF8, "bytes that are not UTF-8 were replaced by U+FFFD"}}
}

// legacy returns the encoding of a label, nil for UTF-8, for none and for labels that
// cannot be true of a document whose declaration could be read as ASCII.
func legacy(label string) encoding.Encoding {
	if label == "" {
		return nil
	}
	enc, name := charset.Lookup(label)
	if name == "utf-8" || name == "replacement" || strings.HasPrefix(name, "utf-16") {
		return nil
	}
	return enc
}

func isASCII(doc []byte) bool {
	for _, b := range doc {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// mostlyInvalid counts characters beyond ASCII by whether they are UTF-8.
func mostlyInvalid(doc []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(doc); {
		if doc[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(doc[i:])
		if r == utf8.RuneError && size == 1 {
			bad++
		} else {
			good++
		}
		i += size
	}
	return bad > good
}

// dropIllegal leaves out what XML 1.0 forbids, written raw or as a reference, and XML
// declarations anywhere but at the start. It never touches TAB, LF, CR or U+FFFD.
func dropIllegal(doc []byte) ([]byte, []Oddity) {
	var odd []Oddity
	if n := countIllegal(doc); n > 0 {
		out := make([]byte, 0, len(doc))
		for i := 0; i < len(doc); {
			if size := illegalAt(doc, i); size > 0 {
				i += size
				continue
			}
			out = append(out, doc[i])
			i++
		}
		doc = out
		odd = append(odd, Oddity{OddControlChars, "characters that XML does not allow were left out"})
	}
	if out := dropReferences(doc); out != nil {
		doc = out
		odd = append(odd, Oddity{OddControlChars, "references to characters that XML does not allow were left out"})
	}
	if out := dropProlog(doc); out != nil {
		doc = out
		odd = append(odd, Oddity{OddInnerProlog, "XML declarations inside the document were left out"})
	}
	return doc, odd
}

// illegalAt returns how many bytes the illegal character at i has, 0 for a legal one.
func illegalAt(doc []byte, i int) int {
	switch b := doc[i]; {
	case b < ' ' && b != '\t' && b != '\n' && b != '\r':
		return 1
	case b == 0xEF && i+2 < len(doc) && doc[i+1] == 0xBF && doc[i+2] >= 0xBE: // U+FFFE, U+FFFF
		return 3
	}
	return 0
}

func countIllegal(doc []byte) int {
	n := 0
	for i, b := range doc {
		if b < ' ' || b == 0xEF {
			if illegalAt(doc, i) > 0 {
				n++
			}
		}
	}
	return n
}

// dropReferences returns the document without references to illegal characters, nil when
// it has none. Inside CDATA they are text, but no publisher means them there either.
func dropReferences(doc []byte) []byte {
	var out []byte
	done := 0
	for i := bytes.Index(doc, []byte("&#")); i >= 0; {
		r, size := charRef(doc[i:])
		if size > 0 && !legalRune(r) {
			out = append(out, doc[done:i]...)
			done = i + size
		}
		at := i + max(size, 2)
		if i = bytes.Index(doc[at:], []byte("&#")); i >= 0 {
			i += at
		}
	}
	if done == 0 {
		return nil
	}
	return append(out, doc[done:]...)
}

// dropProlog returns the document without inner XML declarations, nil when it has none.
func dropProlog(doc []byte) []byte {
	var out []byte
	done := 0
	for at := 0; ; {
		i := bytes.Index(doc[at:], []byte("<?xml"))
		if i < 0 {
			break
		}
		i += at
		at = i + len("<?xml")
		end := bytes.Index(doc[i:], []byte("?>"))
		if end < 0 || at >= len(doc) || !isSpace(doc[at]) || inCDATA(doc[:i]) {
			continue // <?xml-stylesheet … ?>, or text
		}
		out = append(out, doc[done:i]...)
		done = i + end + len("?>")
		at = done
	}
	if done == 0 {
		return nil
	}
	return append(out, doc[done:]...)
}

// inCDATA reports whether the text before a place leaves a CDATA section open, as far as
// a look back that keeps the work linear can tell.
func inCDATA(before []byte) bool {
	before = before[max(0, len(before)-64<<10):]
	return bytes.LastIndex(before, []byte("<![CDATA[")) > bytes.LastIndex(before, []byte("]]>"))
}
