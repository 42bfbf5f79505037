// Package extract opens the bytes of a record.Raw for selection, whatever their format.
//
// In flows a Raw; out flow the values that a selector such as "meta:og:title",
// "css:h1", "jsonld:$.name", "dc:title" or "item:published" finds, with the language
// the document states and the place they were found. It decodes charsets and repairs
// what keeps a document from being read, but must not judge what a value means.
package extract

// Value is one text found in a document.
type Value struct {
	Text string
	Lang string // BCP 47 as the document states it, or ""
	Rule string // the selector that found it
}
