package lang

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
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/unicode/norm"
)

// sniffLength is how much of a document is looked at to guess its charset.
const sniffLength = 64 << 10

// DecodeCharset turns bytes into text and names the charset by its IANA or WHATWG name,
// in lower case. declared is a charset label or a media type with a charset parameter,
// hint a country ("TH"), a top-level domain (".th") or a language ("th") of the source;
// both may be "". repaired says that the charset was guessed, that the declared one was
// wrong, or that bytes were beyond reading and became U+FFFD.
//
// In order: byte order mark; valid UTF-8, whatever is declared; the declared charset if
// the bytes make sense in it; UTF-8 with a few bad bytes; the hint, again if the bytes
// make sense; statistics; windows-1252, in which every byte means something.
func DecodeCharset(body []byte, declared, hint string) (text, name string, repaired bool) {
	if e, label, skip := byteOrderMark(body); e != nil {
		s, bad := decode(body[skip:], e)
		return s, label, bad
	}
	label := Charset(declared)
	if utf8.Valid(body) && !escaped(body, label) {
		if label == "utf-16" || label == "utf-16le" || label == "utf-16be" || bytes.IndexByte(body, 0) >= 0 {
			if s, l, ok := wide(body, label); ok {
				return s, l, label != l
			}
		}
		return string(body), "utf-8", label != "" && label != "utf-8" && !isASCII(string(body))
	}
	if s, l, ok := wide(body, label); ok {
		return s, l, label != l
	}
	if label != "" && label != "utf-8" && label != "windows-1252" {
		if s, ok := sensible(body, label); ok {
			return s, label, false
		}
	}
	if s, ok := mostlyUTF8(body); ok {
		return s, "utf-8", true
	}
	if guess := hinted(hint); guess != "" {
		if s, ok := sensible(body, guess); ok {
			return s, guess, guess != label
		}
	}
	return guessed(body, label)
}

// guessed decodes what neither a declaration nor a hint explains.
func guessed(body []byte, label string) (text, name string, repaired bool) {
	latin, _ := decode(body, charmap.Windows1252)
	head := body[:min(len(body), sniffLength)]
	sample := latin[:cut(latin, sniffLength)]
	if thaiAsLatin1(sample) && !doubleByte(head) {
		if s, ok := sensible(body, "windows-874"); ok {
			return s, "windows-874", true
		}
	}
	if v := vietnameseCharset(head, sample); v != "" {
		s, _ := decodeAs(body, v)
		return s, v, true
	}
	if label == "windows-1252" {
		return latin, label, false
	}
	r := chardet.Detect(head)
	guess := Charset(r.Encoding)
	if r.Language == "Russian" {
		guess = cyrillic(head, guess) // the detector takes windows-1251 for MacCyrillic
	}
	if guess != "" && guess != "utf-8" && guess != "windows-1252" && r.Confidence > 0.6 {
		if s, ok := sensible(body, guess); ok {
			return s, guess, true
		}
	}
	return latin, "windows-1252", true
}

// doubleByte reports text in Big5, GBK or Shift_JIS, where ASCII letters are the second
// halves of characters and so stick to high bytes. In Thai spaces come between.
func doubleByte(head []byte) bool {
	runs, sticky := 0, 0
	for i := 1; i < len(head); i++ {
		if head[i-1] >= 0x80 && head[i] < 0x80 {
			runs++
			if c := head[i] | 0x20; 'a' <= c && c <= 'z' {
				sticky++
			}
		}
	}
	return sticky*4 > runs
}

// vietnameseCharset tells windows-1258 and VISCII by the syllables that they give. (TCVN3
// and VNI are read as windows-1252 here; Mojibake goes on from there.)
func vietnameseCharset(head []byte, latin string) string {
	for _, name := range []string{"windows-1258", viscii} {
		s, bad := decodeAs(head, name)
		n := soundVietnamese(latin, norm.NFC.String(s))
		if !bad && n.changed >= 2 && n.changedSyllables*10 >= n.changed*9 && n.syllables*3 >= n.words*2 {
			return name
		}
	}
	return ""
}

// cyrillic picks the single-byte charset that gives most small letters: the wrong ones
// mix cases within words.
func cyrillic(head []byte, guess string) string {
	best, most := guess, -1
	for _, name := range []string{"windows-1251", "koi8-r", "iso-8859-5", "ibm866", "x-mac-cyrillic"} {
		s, _ := decodeAs(head, name)
		n := 0
		for _, r := range s {
			if 'а' <= r && r <= 'я' {
				n++
			}
		}
		if n > most {
			best, most = name, n
		}
	}
	return best
}

// cut returns the largest length up to n that splits no character.
func cut(s string, n int) int {
	if len(s) <= n {
		return len(s)
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return n
}

func byteOrderMark(body []byte) (e encoding.Encoding, label string, skip int) {
	switch {
	case bytes.HasPrefix(body, []byte{0xEF, 0xBB, 0xBF}):
		return unicode.UTF8, "utf-8", 3
	case bytes.HasPrefix(body, []byte{0xFF, 0xFE, 0, 0}):
		return utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM), "utf-32le", 4
	case bytes.HasPrefix(body, []byte{0, 0, 0xFE, 0xFF}):
		return utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM), "utf-32be", 4
	case bytes.HasPrefix(body, []byte{0xFF, 0xFE}):
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "utf-16le", 2
	case bytes.HasPrefix(body, []byte{0xFE, 0xFF}):
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "utf-16be", 2
	}
	return nil, "", 0
}

// wide decodes UTF-16 without byte order mark: every second byte of markup is zero.
func wide(body []byte, label string) (text, name string, ok bool) {
	head := body[:min(len(body), 1024)]
	even, odd := 0, 0
	for i, c := range head {
		if c == 0 && i%2 == 0 {
			even++
		} else if c == 0 {
			odd++
		}
	}
	switch half := len(head) / 2; {
	case len(head) < 4:
		return "", "", false
	case odd*10 > half*4 && even*20 < half, label == "utf-16le" && odd > 0:
		s, bad := decode(body, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM))
		return s, "utf-16le", !bad
	case even*10 > half*4 && odd*20 < half, label == "utf-16be" && even > 0:
		s, bad := decode(body, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM))
		return s, "utf-16be", !bad
	}
	return "", "", false
}

// escaped reports charsets that hide their letters in ASCII behind escape sequences.
func escaped(body []byte, label string) bool {
	if label == "iso-2022-jp" {
		return bytes.IndexByte(body, 0x1B) >= 0
	}
	return bytes.Contains(body, []byte("\x1b$B")) || bytes.Contains(body, []byte("\x1b$@"))
}

// decode decodes and reports whether a byte could not be read.
func decode(body []byte, e encoding.Encoding) (text string, bad bool) {
	out, err := e.NewDecoder().Bytes(body)
	if err != nil {
		return strings.ToValidUTF8(string(body), "\uFFFD"), true
	}
	return string(out), bytes.Contains(out, []byte("\uFFFD"))
}

// decodeAs decodes by the name of a charset.
func decodeAs(body []byte, name string) (text string, bad bool) {
	if name == viscii {
		return fromVISCII(body), false
	}
	e, _ := charset.Lookup(name)
	if e == nil {
		return "", true
	}
	s, bad := decode(body, e)
	if name == "windows-1258" {
		s = norm.NFC.String(s) // it writes tones as combining marks
	}
	return s, bad
}

// sensible decodes in a named charset and refuses the result when more than one in two
// hundred of the non-ASCII characters is unreadable or a control character.
func sensible(body []byte, label string) (string, bool) {
	s, _ := decodeAs(body, label)
	if s == "" {
		return "", false
	}
	high, bad := 0, 0
	for _, r := range s {
		if r < utf8.RuneSelf {
			continue
		}
		high++
		if r == utf8.RuneError || 0x80 <= r && r < 0xA0 {
			bad++
		}
	}
	if label == "windows-874" {
		latin, _ := decode(body, charmap.ISO8859_1)
		if inThai, all := thaiInLatin1(latin, 1); inThai*10 < all*7 {
			return "", false
		}
	}
	return s, bad*200 <= high
}

// mostlyUTF8 accepts UTF-8 in which a few sequences were cut or pasted in wrongly.
func mostlyUTF8(body []byte) (string, bool) {
	good, bad := 0, 0
	for i := 0; i < len(body); {
		if body[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(body[i:])
		if r == utf8.RuneError && size == 1 {
			bad++
		} else {
			good++
		}
		i += size
	}
	if good < 8 || bad*20 > good {
		return "", false
	}
	return strings.ToValidUTF8(string(body), "\uFFFD"), true
}

// unknownLabels are labels in use that the WHATWG list lacks.
var unknownLabels = map[string]string{
	"tis620": "windows-874", "cp874": "windows-874", "ms874": "windows-874", "x-windows-874": "windows-874", "iso8859-11": "windows-874", "thai": "windows-874",
	"cp1252": "windows-1252", "latin-1": "windows-1252", "ansi": "windows-1252", "cp1258": "windows-1258", "utf8mb4": "utf-8", "unicode": "utf-8",
	"gb_2312": "gb18030", "cp936": "gb18030", "gbk2312": "gb18030", "cp950": "big5", "cp932": "shift_jis", "cp949": "euc-kr",
}

// Charset returns the canonical name of a charset label, or of the charset parameter of a
// media type; "" for what is no known charset.
func Charset(label string) string {
	label = strings.ToLower(strings.TrimSpace(label))
	if strings.ContainsAny(label, "/;") {
		_, params, err := mime.ParseMediaType(label)
		if err != nil && params == nil {
			m := charsetParam.FindStringSubmatch(label)
			if m == nil {
				return ""
			}
			params = map[string]string{"charset": m[1]}
		}
		label = strings.ToLower(strings.TrimSpace(params["charset"]))
	}
	label = strings.Trim(label, `"' `)
	if label == "" {
		return ""
	}
	if label == viscii || label == "csviscii" {
		return viscii
	}
	if known, ok := unknownLabels[label]; ok {
		return known
	}
	e, name := charset.Lookup(label)
	if e == nil || name == "replacement" || name == "x-user-defined" {
		return ""
	}
	if name == "gbk" {
		return "gb18030" // its superset
	}
	return name
}

var charsetParam = regexp.MustCompile(`charset\s*=\s*["']?([\w.:-]+)`)

// byPlace maps countries and languages to the legacy charset of their old pages. Vietnam
// is missing because it had four; vietnameseCharset and Mojibake tell them apart.
var byPlace = map[string]string{
	"th": "windows-874", "cn": "gb18030", "zh": "gb18030", "zh-hans": "gb18030",
	"sg": "gb18030", "tw": "big5", "hk": "big5", "zh-hant": "big5", "jp": "shift_jis", "ja": "shift_jis", "kr": "euc-kr", "ko": "euc-kr",
}

// hinted returns the legacy charset that a country, domain or language suggests.
func hinted(hint string) string {
	hint = strings.ToLower(strings.TrimSpace(hint))
	if i := strings.LastIndexByte(hint, '.'); i >= 0 {
		hint = hint[i+1:]
	}
	return byPlace[hint]
}
