package oai

import (
	"errors"
	"time"
)

// ErrNotOAI is returned for bytes that are no OAI-PMH answer: a web page, an error text.
var ErrNotOAI = errors.New("not an OAI-PMH answer")

// ErrTruncated is returned, with what could be read, for an answer that breaks off. It
// must not be taken for the end of a list.
var ErrTruncated = errors.New("the answer breaks off")

// Limits of one answer.
const (
	MaxAnswer  = 256 << 20 // bytes
	maxDepth   = 256       // nesting of elements
	maxRecords = 1 << 20
)

// Answer is one OAI-PMH answer of any verb.
type Answer struct {
	ResponseDate time.Time // zero when absent or unreadable
	Verb         string    // the verb it answers, "" in an error answer
	Errors       []Error
	Identify     *Identify
	Formats      []MetadataFormat
	Sets         []Set
	// Records of ListRecords and GetRecord; of ListIdentifiers, headers without a body.
	Records  []Record
	Token    *Token // nil: no resumptionToken element
	Oddities []Oddity
}

// Error returns the error of that code, if the answer holds one.
func (a *Answer) Error(code string) (Error, bool) {
	for _, e := range a.Errors {
		if e.Code == code {
			return e, true
		}
	}
	return Error{}, false
}

// Error is an error of the protocol. Codes that the protocol does not know occur.
type Error struct {
	Code    string
	Message string
}

// Identify is what a repository says of itself.
type Identify struct {
	RepositoryName    string
	BaseURL           string
	ProtocolVersion   string
	AdminEmails       []string
	EarliestDatestamp string // as written: "0000-00-00" occurs
	DeletedRecord     string // "no", "transient", "persistent"
	Granularity       string // as written
	Compression       []string
}

// MetadataFormat is one format that a repository disseminates.
type MetadataFormat struct {
	Prefix    string
	Schema    string
	Namespace string
}

// Set is one set of a repository.
type Set struct {
	Spec string
	Name string
}

// Token is a resumptionToken element. An empty Value ends the list.
type Token struct {
	Value            string
	Expires          time.Time // zero when not stated
	CompleteListSize int       // -1 when not stated
	Cursor           int       // -1 when not stated
}

// Header identifies a record.
type Header struct {
	Identifier string
	Datestamp  string    // as written
	Time       time.Time // the datestamp; zero when unreadable
	Sets       []string
	Deleted    bool
}

// Record is one record element.
type Record struct {
	Header Header
	// Body is the element exactly as it stands in the cleaned document, with the
	// namespace declarations of its ancestors that it needs put into its start tag. It
	// shares memory with its page.
	Body []byte
	// Metadata names the root element of the metadata; zero when there is none.
	Metadata Name
	// Malformed says that the element is not well-formed XML: a lenient reader is needed.
	Malformed bool
}

// Name is an XML name.
type Name struct{ Space, Local string }
