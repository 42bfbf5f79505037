// Package lang knows languages, scripts and the ways in which texts get damaged.
//
// In flow bytes and texts; out flow repaired texts, BCP 47 tags and how sure they are.
// It stores nothing, is a pure function of its input and its embedded tables, and must
// not know records, sources or the hub.
package lang
