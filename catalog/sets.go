package catalog

import (
	"slices"
	"strings"

	"ctiphub/record"
)

// SetSpecs returns the OAI-PMH set specs of a record, sorted. broader returns the
// ancestors of a theme, nearest first: a theme's spec is its whole path.
func SetSpecs(rec record.Record, broader func(theme string) []string) []string {
	var specs []string
	add := func(kind string, path ...string) {
		spec := kind
		for _, p := range path {
			spec += ":" + specPart(p)
		}
		specs = append(specs, spec)
	}
	for _, t := range rec.Countries {
		add("country", t.ID)
	}
	for _, t := range rec.Themes {
		path := []string{t.ID}
		if broader != nil {
			path = append(path, broader(t.ID)...)
		}
		slices.Reverse(path)
		add("theme", path...)
	}
	for _, t := range rec.Type {
		add("type", t.ID)
	}
	for _, l := range rec.Languages {
		add("language", l)
	}
	add("source", rec.Origin.Source)
	slices.Sort(specs)
	return slices.Compact(specs)
}

// specPart keeps the characters that a setSpec may have (OAI-PMH 2.0, section 2.6).
func specPart(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.!~*'()", r) {
			return r
		}
		return '_'
	}, s)
}

// WithAncestors returns the specs and every spec above them, sorted: the sets in which
// a harvester may ask for the record.
func WithAncestors(specs []string) []string {
	var all []string
	for _, s := range specs {
		for i, c := range s {
			if c == ':' {
				all = append(all, s[:i])
			}
		}
		all = append(all, s)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
