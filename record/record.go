package record

import (
	"slices"
	"time"
)

// SchemaVersion is the version of the common schema that this package describes.
const SchemaVersion = "1.0"

// Texts maps a BCP 47 language tag to a text in that language. "und" marks a text
// whose language is not known.
type Texts map[string]string

// Languages returns the tags in order, so that every output is the same each time.
func (t Texts) Languages() []string {
	tags := make([]string, 0, len(t))
	for tag := range t {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	return tags
}

// In returns the text in the first of the wanted languages that exists, else the
// English one, else the first in tag order, with the tag it was found under.
func (t Texts) In(wanted ...string) (text, lang string) {
	for _, l := range append(slices.Clip(wanted), "en") {
		if s, ok := t[l]; ok {
			return s, l
		}
	}
	for _, l := range t.Languages() {
		return t[l], l
	}
	return "", ""
}

// Record is one resource as one source publishes it, in the common schema. A field
// that is not known is empty; nothing is invented. docs/schema.md describes each field.
type Record struct {
	ID          ID
	Title       Texts
	Alternative Texts
	Description Texts

	Type              []Tag // resource types, the primary one first
	Themes            []Tag
	Audiences         []Tag
	VictimGroups      []Tag
	ExploitationForms []Tag
	Countries         []Tag // ISO 3166-1 alpha-2: what it is about
	Regions           []Tag // "ASEAN", "GMS", …: as stated; Countries holds the expansion

	Languages  []string // BCP 47, of the resource itself
	Creators   []Agent
	Publishers []Agent
	Funders    []Agent

	Issued   Date
	Modified Date
	Valid    Date

	Files       []File
	Identifiers []Identifier
	Work        Work
	Relations   []Relation

	Rights      Rights
	Sensitivity string // id of a sensitivity flag of the vocabulary
	Origin      Origin
	Harvest     Harvest
	Quality     Quality

	Provenance []Assertion
	Overrides  []Override
	Review     []Proposal
}

// Proposal is a tag that the hub is not sure enough of to give it: a curator accepts or
// refuses it. It is never part of an export.
type Proposal struct {
	Field string // "themes", "audiences", …
	Tag   Tag
}

// Tag is one vocabulary concept given to a record, with how sure the hub is and why.
type Tag struct {
	ID         string
	Confidence float64 // 0 to 1
	Evidence   []Evidence
}

// Evidence is one match that led to a tag.
type Evidence struct {
	Field string // where: "title", "description", "keyword", "source"
	Match string // what matched, as written there
	Rule  string // which rule or vocabulary term
}

// Agent is an organisation or person that made, published or paid for a resource.
type Agent struct {
	Name    Texts
	Kind    string // "government", "un", "ngo", "regional", "academic", "person", ""
	Country string // ISO 3166-1 alpha-2 of its seat, where known
	ID      string // URI or hub authority id, where known
}

// Date is a date as EDTF (ISO 8601-2:2019, level 1) with the text it was read from.
type Date struct {
	EDTF string // "2023", "2023-12", "2023-12-13", "2021-11-25/2021-11-26"; "" when unknown
	Raw  string
}

// Year returns the first year of the date, or 0.
func (d Date) Year() int {
	if len(d.EDTF) < 4 {
		return 0
	}
	y := 0
	for _, c := range []byte(d.EDTF[:4]) {
		if c < '0' || c > '9' {
			return 0
		}
		y = y*10 + int(c-'0')
	}
	return y
}

// File is one downloadable form of a resource. The hub links to it, it keeps no copy.
type File struct {
	URL       string
	MediaType string
	Bytes     int64
	Pages     int
	Language  string
	Checksum  string // "sha256:…"
	Checked   time.Time
	Status    string // "ok", "dead", "unknown"
}

// Identifier is a name that the wider world knows a resource by.
type Identifier struct {
	Scheme string // "doi", "isbn", "handle", "uri", "number"
	Value  string
}

// Work places a record among the editions of one intellectual work.
type Work struct {
	ID            ID
	EditionStatus string // "official", "unofficial", "machine", ""
}

// Relation points from this record to another resource.
type Relation struct {
	Kind   string // "translationOf", "versionOf", "partOf", "accompanies"
	Target string // a record ID or a URL
	Lang   string
}

// Rights says what may be done with a resource.
type Rights struct {
	Status    string // id of a rights value of the vocabulary; "" means unknown: link only
	License   string // licence URI
	Statement Texts
}

// Origin says where a record was published and how it came here.
type Origin struct {
	Source     string // id of the source in this hub
	Identifier string // the source's own identifier
	Landing    string // page to send a reader to
	Status     string // "origin-known", "mirror-only", "origin-dead"
	Chain      []Hop  // repositories it passed through, nearest first
}

// Hop is one repository that a record passed through, as in the OAI-PMH provenance
// container (http://www.openarchives.org/OAI/2.0/guidelines-provenance.htm).
type Hop struct {
	BaseURL     string
	Identifier  string
	Datestamp   string
	Namespace   string
	HarvestDate time.Time
	Altered     bool
}

// Harvest is what the catalogue knows about the visits to the source. The catalogue
// fills it in; it is not part of the content hash.
type Harvest struct {
	FirstSeen   time.Time
	LastSeen    time.Time
	LastChanged time.Time
	Raw         string // hash of the raw it was made from
}

// Quality is how complete and usable a record is, by the formula in docs/schema.md.
type Quality struct {
	Score    int // 0 to 100
	Findings []Finding
}

// Finding is something about a record that could be better, or that held it back. It
// is not an error: the record goes on.
type Finding struct {
	Code   string // stable, kebab-case, listed in docs/schema.md
	Field  string
	Detail string // plain words; never repeats personal data
}

// Assertion says why a field has its value.
type Assertion struct {
	Field      string  // "title", "issued", …
	Lang       string  // for texts: which entry of the map
	Value      string  // the value set, for fields that hold several
	Raw        string  // the source's text, when it differs from the value
	Rule       string  // "css:h1", "dc:title", "vocab:identification/en/…", "source-default"
	Confidence float64 // 0 to 1
	Flag       Flag
}

// Flag is how a value relates to what the source said.
type Flag string

// The flags of an assertion.
const (
	AsIs     Flag = "as-is"
	Cleaned  Flag = "cleaned"
	Added    Flag = "added"
	Replaced Flag = "replaced"
	Default  Flag = "source-default"
	Curator  Flag = "curator"
)

// Override is one curator's decision about one field. It survives every harvest.
type Override struct {
	Field string
	Value string // the field's value in the ctip JSON form
	Who   string
	When  time.Time
	Why   string
}
