package crosswalk

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"ctiphub/record"
)

// Concept returns the URI of a concept of the vocabulary.
func Concept(scheme, id string) string { return "urn:ctip-hub:" + scheme + ":" + id }

// Scheme returns the URI of a scheme of the vocabulary.
func Scheme(scheme string) string { return "urn:ctip-hub:" + scheme }

// Subjects lists the schemes that say what a record is about or for, with its concepts.
func Subjects(rec record.Record) []Group {
	return []Group{
		{"theme", rec.Themes}, {"audience", rec.Audiences},
		{"victim-group", rec.VictimGroups}, {"exploitation", rec.ExploitationForms},
	}
}

// Group is the concepts that a record has of one scheme.
type Group struct {
	Scheme string
	Tags   []record.Tag
}

// URI writes an identifier so that it says what it is.
func URI(i record.Identifier) string {
	if i.Value == "" || strings.Contains(i.Value, "://") || strings.HasPrefix(strings.ToLower(i.Value), "urn:") {
		return i.Value
	}
	switch i.Scheme {
	case "doi":
		return "https://doi.org/" + strings.TrimPrefix(i.Value, "doi:")
	case "handle":
		return "https://hdl.handle.net/" + i.Value
	case "isbn":
		return "urn:isbn:" + strings.ReplaceAll(i.Value, " ", "-")
	default:
		return i.Value
	}
}

// Bare writes a DOI or handle without the address it is resolved at, or any other
// identifier as it is.
func Bare(i record.Identifier) string {
	for _, p := range []string{"https://doi.org/", "http://doi.org/", "https://dx.doi.org/", "http://dx.doi.org/", "doi:", "https://hdl.handle.net/", "http://hdl.handle.net/", "hdl:"} {
		if rest, ok := strings.CutPrefix(i.Value, p); ok {
			return rest
		}
	}
	return i.Value
}

// IsURI reports whether a text is a whole URI that every validator takes: one with a
// scheme, of ASCII alone, without the characters that must be escaped.
func IsURI(s string) bool {
	for _, c := range s {
		if c <= ' ' || c >= 0x7f || strings.ContainsRune("<>\"{}|\\^`[]", c) {
			return false
		}
	}
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && (u.Host != "" || u.Opaque != "") && strings.Count(s, "#") <= 1
}

// IsWeb reports whether a text is such an address of a web page or file.
func IsWeb(s string) bool {
	return (strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")) && IsURI(s)
}

// OnlyURI returns a text if it is a whole URI, else "".
func OnlyURI(s string) string {
	if IsURI(s) {
		return s
	}
	return ""
}

// IsDate reports whether a text is one existing day, month or year, as W3CDTF and the
// date types of XML Schema write it. EDTF has more: ranges, what is uncertain.
func IsDate(s string) bool {
	for _, layout := range []string{"2006", "2006-01", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil && len(s) == len(layout) {
			return t.Year() > 0
		}
	}
	return false
}

// IsPeriod reports whether a text is two such dates with a slash between, either of them
// open.
func IsPeriod(s string) bool {
	from, to, found := strings.Cut(s, "/")
	open := func(s string) bool { return s == ".." || s == "" }
	return found && (IsDate(from) || IsDate(to)) && (IsDate(from) || open(from)) && (IsDate(to) || open(to))
}

// KnownDate returns the date if it is a day, month, year or range, at most marked as
// approximate or uncertain ("2023~"); "" for all else that EDTF has.
func KnownDate(d record.Date) string {
	if plain := strings.TrimRight(d.EDTF, "~?%"); IsDate(plain) || IsPeriod(d.EDTF) {
		return d.EDTF
	}
	return ""
}

// Code returns a text if it is a short code of ASCII letters and digits, else "".
func Code(s string) string {
	if len(s) > 16 || !utf8.ValidString(s) {
		return ""
	}
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
			return ""
		}
	}
	return s
}

// Live lists the files that are not known to be dead and have an address, each once.
func Live(files []record.File) []record.File {
	var list []record.File
	seen := map[string]bool{}
	for _, f := range files {
		if f.Status != "dead" && IsWeb(f.URL) && !seen[f.URL] {
			seen[f.URL] = true
			list = append(list, f)
		}
	}
	return list
}
