package record

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"strings"
	"time"
)

// ID names one record for ever: opaque, URL-safe, never reused.
type ID string

var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID derives the identity of a record from its source and the identifier that the
// source itself uses: 80 bits of SHA-256 in 16 lower-case characters.
func NewID(source, identifier string) ID {
	sum := sha256.Sum256([]byte(source + "\x00" + identifier))
	return ID(idEncoding.EncodeToString(sum[:10]))
}

// Valid reports whether s has the shape of an ID. It says nothing of existence.
func (id ID) Valid() bool {
	if len(id) != 16 {
		return false
	}
	for _, c := range []byte(id) {
		if !strings.ContainsRune("0123456789abcdefghjkmnpqrstvwxyz", rune(c)) {
			return false
		}
	}
	return true
}

// Format names what the bytes of a Raw are, so that the normalizer knows how to read them.
type Format string

// The formats that the adapters of the hub hand over.
const (
	FormatOAIDC    Format = "oai_dc"    // an OAI-PMH <record> element whose metadata is oai_dc
	FormatCTIP     Format = "ctip"      // an OAI-PMH <record> element whose metadata is ctip
	FormatQDC      Format = "qdc"       // the same with qualified Dublin Core, by whatever container
	FormatMODS     Format = "mods"      // the same with MODS 3
	FormatMARC     Format = "marcxml"   // the same with MARC 21 in XML
	FormatDataCite Format = "datacite"  // the same with DataCite or oai_datacite
	FormatDIM      Format = "dim"       // the same with DSpace's intermediate metadata
	FormatMETS     Format = "mets"      // the same with METS that wraps MODS, DIM or Dublin Core
	FormatFeedItem Format = "feed-item" // one feed entry as JSON in gofeed's neutral form
	FormatHTML     Format = "html"      // one web page
	FormatPDF      Format = "pdf"       // what a PDF file says of itself, as JSON; never its text

	FormatWordPress Format = "wordpress" // one post, page or medium of the WordPress REST API
	FormatDSpace    Format = "dspace"    // one item of the DSpace 7 REST API
	FormatCKAN      Format = "ckan"      // one package of the CKAN action API
	FormatReliefWeb Format = "reliefweb" // one report of a ReliefWeb-shaped API
	FormatJSON      Format = "json"      // one item of any other JSON API, or one row of a CSV file as an object
)

// Raw is one record as its source gave it, kept before it is understood so that rules
// can be replayed without asking the source again.
type Raw struct {
	Source       string // id of the source
	Identifier   string // the source's own identifier; never empty
	URL          string // where the bytes came from, after redirects
	Fetched      time.Time
	Status       int    // HTTP status
	MediaType    string // as declared, with parameters
	Format       Format
	ETag         string
	LastModified string
	Datestamp    time.Time // the source's own date of last change; zero if it has none
	Deleted      bool      // the source says that the record is gone; Body is then empty
	Body         []byte
	// Hints are facts from the listing that led here (link text, lastmod, sets,
	// hreflang twins): evidence for the normalizer, never truth.
	Hints []Hint
}

// Hint is one fact about a record that was seen outside its own bytes.
type Hint struct {
	Key   string // "link-text", "lastmod", "set", "alternate"
	Value string
	Lang  string // BCP 47, for "alternate" and "link-text" where stated
}

// Hint returns the first hint of that key, or "".
func (r Raw) Hint(key string) string {
	for _, h := range r.Hints {
		if h.Key == key {
			return h.Value
		}
	}
	return ""
}

// Hash is the SHA-256 of what would change the outcome of normalization: format,
// status of deletion, hints and bytes; not of when and how it was fetched.
func (r Raw) Hash() string {
	h := sha256.New()
	write := func(s string) {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	write(string(r.Format))
	write(r.MediaType)
	write(r.URL)
	if r.Deleted {
		write("deleted")
	}
	for _, hint := range r.Hints {
		write(hint.Key)
		write(hint.Lang)
		write(hint.Value)
	}
	h.Write(r.Body)
	return hex.EncodeToString(h.Sum(nil))
}
