package pdf

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// scanned is what the bytes of a file show without an interpreter.
type scanned struct {
	xmp  []byte // the last packet, which an incremental save wrote last
	lang string // /Lang of the catalogue
}

// Limits of the scan.
const (
	maxStreams  = 200      // object streams and metadata that are opened
	maxInflated = 4 << 20  // of one, decompressed
	maxUnpacked = 32 << 20 // of all
	maxXMP      = 1 << 20
)

var (
	streamOf  = regexp.MustCompile(`stream\r?\n`)
	catalog   = regexp.MustCompile(`/Type\s*/Catalog\b`)
	langEntry = regexp.MustCompile(`/Lang\s*(?:\(((?:[^()\\]|\\.){1,64})\)|<([0-9A-Fa-f\s]{1,128})>)`)
)

// scan finds the XMP packet and the catalogue's language. Both may stand in compressed
// streams; those are opened one by one, as far as the limits go.
func scan(body []byte) scanned {
	var s scanned
	s.look(body)
	opened, unpacked := 0, 0
	for rest := body; opened < maxStreams && unpacked < maxUnpacked; {
		at := streamOf.FindIndex(rest)
		if at == nil {
			break
		}
		head := dictionary(rest[:at[0]])
		rest = rest[at[1]:]
		object, metadata := bytes.Contains(head, []byte("/ObjStm")), bytes.Contains(head, []byte("/Metadata"))
		if !object && !metadata || !bytes.Contains(head, []byte("FlateDecode")) {
			continue
		}
		opened++
		plain := inflate(rest)
		unpacked += len(plain)
		s.look(plain)
	}
	return s
}

// dictionary is what stands before a stream: at most this much of it matters.
func dictionary(before []byte) []byte {
	before = before[max(0, len(before)-1024):]
	if i := bytes.LastIndex(before, []byte(" obj")); i >= 0 {
		return before[i:]
	}
	return before
}

// inflate decompresses what it can.
func inflate(b []byte) []byte {
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil
	}
	// A stream that breaks off has given what it has.
	out, _ := io.ReadAll(io.LimitReader(z, maxInflated))
	return out
}

// look takes from a stretch of bytes what is sought.
func (s *scanned) look(b []byte) {
	if packet := lastPacket(b); packet != nil {
		s.xmp = packet
	}
	for _, at := range catalog.FindAllIndex(b, 50) {
		// The entries of a dictionary have no order: look on both sides.
		near := b[max(0, at[0]-2048):min(len(b), at[1]+2048)]
		own := at[0] - max(0, at[0]-2048)
		if i := bytes.LastIndex(near[:own], []byte("endobj")); i >= 0 {
			near, own = near[i:], own-i
		}
		if i := bytes.Index(near[own:], []byte("endobj")); i >= 0 {
			near = near[:own+i]
		}
		if m := langEntry.FindSubmatch(near); m != nil {
			s.lang = pdfString(m[1], m[2])
		}
	}
}

// lastPacket finds the last whole XMP packet of a stretch of bytes.
func lastPacket(b []byte) []byte {
	for _, tag := range []string{"x:xmpmeta", "x:xapmeta", "rdf:RDF"} {
		end := bytes.LastIndex(b, []byte("</"+tag+">"))
		if end < 0 {
			continue
		}
		start := bytes.LastIndex(b[:end], []byte("<"+tag))
		if start >= 0 && end-start <= maxXMP {
			return b[start : end+len(tag)+3]
		}
	}
	return nil
}

// pdfString reads a short string of plain letters, as those of languages are.
func pdfString(literal, hexadecimal []byte) string {
	raw := literal
	if hexadecimal != nil {
		digits := strings.Join(strings.Fields(string(hexadecimal)), "")
		raw = nil
		for i := 0; i+1 < len(digits); i += 2 {
			raw = append(raw, nibble(digits[i])<<4|nibble(digits[i+1]))
		}
	}
	return decodeText(string(raw))
}

func nibble(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c >= 'a':
		return c - 'a' + 10
	}
	return c - 'A' + 10
}

// decodeText reads a text that a reader handed over as it stands in the file: UTF-16 with
// its mark, UTF-8 with its mark, or one byte a letter. What is UTF-8 already stays.
func decodeText(s string) string {
	switch {
	case strings.HasPrefix(s, "\xfe\xff"), strings.HasPrefix(s, "\xff\xfe"):
		units := make([]uint16, 0, len(s)/2)
		for i := 2; i+1 < len(s); i += 2 {
			a, b := uint16(s[i]), uint16(s[i+1])
			if s[0] == 0xff {
				a, b = b, a
			}
			units = append(units, a<<8|b)
		}
		return string(utf16.Decode(units))
	case strings.HasPrefix(s, "þÿ") && utf8.ValidString(s):
		// The same mark read as Latin-1 by a tool in between.
		raw := make([]byte, 0, len(s))
		for _, r := range s {
			if r > 0xff {
				return s
			}
			raw = append(raw, byte(r))
		}
		return decodeText(string(raw))
	case strings.HasPrefix(s, "\xef\xbb\xbf"):
		return strings.ToValidUTF8(s[3:], "\ufffd")
	case utf8.ValidString(s):
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		b.WriteRune(rune(s[i])) // PDFDocEncoding is Latin-1 where it matters
	}
	return b.String()
}
