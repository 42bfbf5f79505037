package extract

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/net/html"

	"ctiphub/internal/lang"
	"ctiphub/record"
)

// Limits on what is read. A page of a ministry has some hundred kilobytes; what is larger
// than this is not a page, or an attack.
const (
	maxBytes  = 8 << 20
	maxDepth  = 256
	maxSample = 256 << 10 // text that is looked at to find damage
)

// Codes of Repairs.
const (
	RepairCharset   = "charset-guessed"   // charset missing or wrong
	RepairMojibake  = "mojibake-repaired" // text was decoded wrongly before it was published
	RepairZawgyi    = "zawgyi-converted"  // Burmese in the Zawgyi font encoding
	RepairMarkup    = "markup-mended"     // XML or JSON that is not well-formed
	RepairTruncated = "truncated"         // longer or deeper than the limits
)

// Document is an opened raw. It is not safe for use by several goroutines.
type Document struct {
	Charset string   // name of the charset the bytes were decoded with
	Repairs []string // codes of what had to be mended before the document could be read

	raw  record.Raw
	base *url.URL
	mend mender
	root *html.Node // of a page
	main *html.Node // its main content, found when asked for
	skip func(*html.Node) bool
	ld   *linkedData
	// micro is the microdata and RDFa of a page, as nodes of the same form
	micro *linkedData
	oai   *element              // the OAI-PMH record
	named map[string][]xmlMatch // its metadata's elements by name, made when asked for
	item  *item                 // of a feed
	json  any                   // of an API, or what is known of a PDF
}

// Open reads the bytes of a raw: decodes them, mends what is broken, and parses them. An
// error means that nothing could be read; a deleted raw opens as an empty document.
func Open(raw record.Raw) (*Document, error) {
	d := &Document{Charset: "utf-8", raw: raw}
	if u, err := url.Parse(raw.URL); err == nil {
		d.base = u
	}
	if raw.Deleted || len(raw.Body) == 0 {
		return d, nil
	}
	if len(raw.Body) > maxBytes {
		d.raw.Body = raw.Body[:maxBytes]
		d.repaired(RepairTruncated)
	}
	var err error
	switch raw.Format {
	case record.FormatHTML:
		d.openHTML()
	case record.FormatOAIDC, record.FormatCTIP, record.FormatQDC, record.FormatMODS, record.FormatMARC, record.FormatDataCite, record.FormatDIM, record.FormatMETS:
		err = d.openXML()
	case record.FormatWordPress, record.FormatDSpace, record.FormatCKAN, record.FormatReliefWeb, record.FormatJSON, record.FormatPDF:
		err = d.openJSON()
	case record.FormatFeedItem:
		err = d.openItem()
	default:
		err = fmt.Errorf("no reader for format %q", raw.Format)
	}
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", raw.Identifier, err)
	}
	return d, nil
}

func (d *Document) repaired(code string) {
	for _, c := range d.Repairs {
		if c == code {
			return
		}
	}
	d.Repairs = append(d.Repairs, code)
}

// Lang returns the language that the document states for its texts (html lang, the
// language of the feed, xml:lang of the metadata), or "".
func (d *Document) Lang() string {
	switch {
	case d.root != nil:
		return d.htmlLang()
	case d.item != nil:
		return tag(d.raw.Hint("feed-language"))
	case d.oai != nil:
		return d.oaiLang()
	}
	return ""
}

// tag canonicalizes a stated language, "" when it is none.
func tag(stated string) string {
	t, _ := lang.Tag(stated)
	return t
}

// mender undoes the damage that was found in a document as a whole.
type mender struct {
	damage lang.Damage
	zawgyi bool
}

// findDamage looks at a sample of the text of the document.
func (d *Document) findDamage(sample string) {
	if d.mend.damage = lang.Diagnose(sample); d.mend.damage != lang.Sound {
		d.repaired(RepairMojibake)
		sample = d.mend.text(sample)
	}
	if p, ok := lang.Zawgyi(sample); ok && p > lang.ZawgyiThreshold {
		d.mend.zawgyi = true
		d.repaired(RepairZawgyi)
	}
}

func (m mender) active() bool { return m.zawgyi || m.damage != lang.Sound }

// text mends one text of the document. A page may carry its text in both Burmese
// encodings: what is surely Unicode stays.
func (m mender) text(s string) string {
	s = m.damage.Repair(s)
	if m.zawgyi {
		if p, ok := lang.Zawgyi(s); !ok || p > 0.05 {
			s = lang.ToUnicode(s)
		}
	}
	return s
}

// resolve makes a link absolute; what cannot be followed gives "".
func (d *Document) resolve(ref string) string {
	ref = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == '\t' {
			return -1 // browsers drop them too
		}
		return r
	}, ref))
	if ref == "" {
		return ""
	}
	u, err := url.Parse(ref)
	if err != nil {
		u, err = url.Parse(strings.ReplaceAll(ref, " ", "%20"))
		if err != nil {
			return ""
		}
	}
	if d.base != nil {
		u = d.base.ResolveReference(u)
	}
	switch strings.ToLower(u.Scheme) {
	case "javascript", "data", "vbscript", "about", "blob":
		return ""
	}
	return u.String()
}

// squeeze collapses white space and trims.
func squeeze(s string) string {
	if squeezed(s) {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

// squeezed reports whether a text has single spaces between words and no others.
func squeezed(s string) bool {
	space := true
	for _, r := range s {
		if r == ' ' && space || r != ' ' && unicode.IsSpace(r) {
			return false
		}
		space = r == ' '
	}
	return !space || s == ""
}
