// Package record is the common CTIP victim-protection schema, "ctip" 1.0: what
// every stage of the hub agrees on.
//
// In flows nothing; out flow plain values: Raw (what a source said, as received),
// Record (what the hub understood), Assertion (why a field has its value), Finding
// (what could not be done). It stores nothing and imports the standard library only.
// It must not know any format: XML and JSON names live with the formats.
package record
