package feed

import (
	"bytes"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/wlynxg/chardet"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

var declaration = regexp.MustCompile(`^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)

// signatures tell encodings with more than one byte a character, by a byte order mark or
// by how "<?xml" begins in them (XML 1.0, appendix F). Longer ones come first.
var signatures = []struct {
	bytes string
	enc   encoding.Encoding
}{
	{"\x00\x00\xfe\xff", utf32.UTF32(utf32.BigEndian, utf32.UseBOM)},
	{"\xff\xfe\x00\x00", utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)},
	{"\x00\x00\x00<", utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)},
	{"<\x00\x00\x00", utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)},
	{"\xfe\xff", unicode.UTF16(unicode.BigEndian, unicode.UseBOM)},
	{"\xff\xfe", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)},
	{"\x00<\x00", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
	{"<\x00", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
}

// toUTF8 decodes a document. A byte order mark counts most; text that is valid UTF-8 is
// hardly ever anything else, whatever is declared; then the header (RFC 7303), the XML
// declaration and a guess are tried, the first one that leaves nothing undecoded winning.
func toUTF8(body []byte, mediaType string) []byte {
	for _, s := range signatures {
		if bytes.HasPrefix(body, []byte(s.bytes)) {
			if text, err := s.enc.NewDecoder().Bytes(body); err == nil {
				return bytes.TrimPrefix(text, []byte("\ufeff"))
			}
		}
	}
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	labels := labelsOf(body, mediaType)
	if utf8.Valid(body) && !sevenBit(labels) {
		return body
	}
	labels = append(labels, chardet.Detect(body).Encoding, "windows-1252")
	var best []byte
	for _, label := range labels {
		enc := lookup(label)
		if enc == nil {
			continue
		}
		text, err := enc.NewDecoder().Bytes(body)
		if err != nil {
			continue
		}
		if !bytes.Contains(text, []byte("\ufffd")) {
			return text
		}
		if best == nil {
			best = text
		}
	}
	if best == nil {
		best = bytes.ToValidUTF8(body, []byte("\ufffd"))
	}
	return best
}

// macLabels are names of Apple's charsets that neither the Web nor IANA knows.
var macLabels = map[string]encoding.Encoding{"maccyrillic": charmap.MacintoshCyrillic, "macroman": charmap.Macintosh}

// lookup finds an encoding by the names that the Web gives it, else by those of IANA; nil
// for UTF-8, which was tried before, and for unknown ones.
func lookup(label string) encoding.Encoding {
	enc, name := charset.Lookup(label)
	if name == "utf-8" {
		return nil
	}
	if enc == nil {
		enc = macLabels[strings.ToLower(label)]
	}
	if enc == nil {
		enc, _ = ianaindex.IANA.Encoding(label) // an error means that it is unknown
	}
	return enc
}

// labelsOf returns the charsets that header and XML declaration name.
func labelsOf(body []byte, mediaType string) []string {
	var labels []string
	if _, params, err := mime.ParseMediaType(mediaType); err == nil && params["charset"] != "" {
		labels = append(labels, params["charset"])
	}
	if m := declaration.FindSubmatch(body[:min(len(body), 1024)]); m != nil {
		labels = append(labels, string(m[1]))
	}
	return labels
}

// sevenBit reports whether a label names an encoding whose bytes always pass as UTF-8.
func sevenBit(labels []string) bool {
	for _, l := range labels {
		l = strings.ToLower(l)
		if strings.HasPrefix(l, "iso-2022-") || strings.HasPrefix(l, "hz-") || l == "utf-7" {
			return true
		}
	}
	return false
}
