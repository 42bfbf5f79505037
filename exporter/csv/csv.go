// Package csv writes records as a table for spreadsheets and statistics (RFC 4180, UTF-8
// without a byte order mark, one header line).
//
// In flow published records; out flow bytes. It stores nothing. The columns are fixed and
// described in docs/schema.md; new ones are added at the end. Much is lost on the way:
// the format ndjson has all of it.
package csv

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"ctiphub/exporter"
	"ctiphub/record"
)

// Format is the format "csv".
type Format struct{}

// New returns the format.
func New() Format { return Format{} }

// Name is the format's name on the command line.
func (Format) Name() string { return "csv" }

// MediaType is that of the whole file.
func (Format) MediaType() string { return "text/csv; charset=utf-8; header=present" }

// Columns returns the names of the header line.
func Columns() []string {
	return each(columns, func(c column) string { return c.name })
}

// Document is how the file is written: a header, and one line for each record.
func (Format) Document() exporter.Document {
	var line bytes.Buffer
	out := csv.NewWriter(&line)
	out.UseCRLF = true
	write := func(row []string) error {
		if err := out.Write(row); err != nil {
			return fmt.Errorf("writing csv: %w", err)
		}
		out.Flush()
		return out.Error()
	}
	row := Columns()
	head := write(row)
	d := exporter.Document{Head: line.String()}
	d.Append = func(dst []byte, rec record.Record) ([]byte, error) {
		if head != nil {
			return dst, head
		}
		line.Reset()
		for i, c := range columns {
			row[i] = Cell(c.value(rec))
		}
		err := write(row)
		return append(dst, line.Bytes()...), err
	}
	return d
}

// Encode writes the header and one line for each record.
func (f Format) Encode(ctx context.Context, w io.Writer, recs iter.Seq2[record.Record, error]) error {
	return f.Document().Encode(ctx, w, recs)
}

// column is one column of the table.
type column struct {
	name  string
	value func(record.Record) string
}

// columns is the table's layout, in order.
var columns = []column{
	{"id", func(r record.Record) string { return string(r.ID) }},
	{"title", func(r record.Record) string { s, _ := r.Title.In(r.Languages...); return s }},
	{"title_language", func(r record.Record) string { _, l := r.Title.In(r.Languages...); return l }},
	{"title_en", func(r record.Record) string { return r.Title["en"] }},
	{"alternative", func(r record.Record) string { return join(texts(r.Alternative)) }},
	{"description", func(r record.Record) string { s, _ := r.Description.In(r.Languages...); return s }},
	{"description_language", func(r record.Record) string { _, l := r.Description.In(r.Languages...); return l }},
	{"type", func(r record.Record) string { return tags(r.Type) }},
	{"themes", func(r record.Record) string { return tags(r.Themes) }},
	{"audiences", func(r record.Record) string { return tags(r.Audiences) }},
	{"victim_groups", func(r record.Record) string { return tags(r.VictimGroups) }},
	{"exploitation_forms", func(r record.Record) string { return tags(r.ExploitationForms) }},
	{"countries", func(r record.Record) string { return tags(r.Countries) }},
	{"regions", func(r record.Record) string { return tags(r.Regions) }},
	{"languages", func(r record.Record) string { return join(r.Languages) }},
	{"creators", func(r record.Record) string { return agents(r.Creators) }},
	{"publishers", func(r record.Record) string { return agents(r.Publishers) }},
	{"funders", func(r record.Record) string { return agents(r.Funders) }},
	{"issued", func(r record.Record) string { return r.Issued.EDTF }},
	{"year", year},
	{"modified", func(r record.Record) string { return r.Modified.EDTF }},
	{"valid", func(r record.Record) string { return r.Valid.EDTF }},
	{"files", func(r record.Record) string {
		return join(each(r.Files, func(f record.File) string { return f.URL }))
	}},
	{"media_types", func(r record.Record) string {
		return join(each(r.Files, func(f record.File) string { return f.MediaType }))
	}},
	{"identifiers", func(r record.Record) string {
		return join(each(r.Identifiers, func(i record.Identifier) string { return pair(i.Scheme, i.Value) }))
	}},
	{"work", func(r record.Record) string { return string(r.Work.ID) }},
	{"edition_status", func(r record.Record) string { return r.Work.EditionStatus }},
	{"relations", func(r record.Record) string {
		return join(each(r.Relations, func(r record.Relation) string { return pair(r.Kind, r.Target) }))
	}},
	{"rights", func(r record.Record) string { return r.Rights.Status }},
	{"license", func(r record.Record) string { return r.Rights.License }},
	{"sensitivity", func(r record.Record) string { return r.Sensitivity }},
	{"landing", func(r record.Record) string { return r.Origin.Landing }},
	{"source", func(r record.Record) string { return r.Origin.Source }},
	{"source_identifier", func(r record.Record) string { return r.Origin.Identifier }},
	{"origin_status", func(r record.Record) string { return r.Origin.Status }},
	{"first_seen", func(r record.Record) string { return stamp(r.Harvest.FirstSeen) }},
	{"last_changed", func(r record.Record) string { return stamp(r.Harvest.LastChanged) }},
	{"quality", func(r record.Record) string { return strconv.Itoa(r.Quality.Score) }},
	{"findings", func(r record.Record) string {
		return join(each(r.Quality.Findings, func(f record.Finding) string { return f.Code }))
	}},
}

// Cell makes a text safe to open in a spreadsheet: control characters but line ends
// become spaces, and what a spreadsheet would run as a formula begins with an apostrophe
// (https://owasp.org/www-community/attacks/CSV_Injection).
func Cell(s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if r != '\n' && (r < ' ' || r == 0x7F) {
			return ' '
		}
		return r
	}, s)
	if runs(s) {
		return "'" + s
	}
	return s
}

// runs reports whether a spreadsheet may take a text for a formula: it begins, after
// white space or invisible characters, with one of the four signs in any width.
func runs(s string) bool {
	s = strings.TrimLeftFunc(s, func(r rune) bool { return unicode.In(r, unicode.Z, unicode.C) })
	for _, sign := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠", "\u2212"} {
		if strings.HasPrefix(s, sign) {
			return true
		}
	}
	return false
}

// join puts several values into one cell. A bar inside a value gets a backslash before
// it, and so does a backslash.
func join(values []string) string {
	values = slices.DeleteFunc(slices.Clone(values), func(s string) bool { return s == "" })
	return strings.Join(each(values, func(s string) string {
		return strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), "|", `\|`)
	}), "|")
}

func each[A, B any](list []A, f func(A) B) []B {
	out := make([]B, len(list))
	for i, v := range list {
		out[i] = f(v)
	}
	return out
}

// texts returns the texts of a language map in the order of languages.
func texts(t record.Texts) []string {
	return each(t.Languages(), func(l string) string { return t[l] })
}

// pair joins a kind and a value, unless one of them is missing.
func pair(kind, value string) string {
	if kind == "" || value == "" {
		return value
	}
	return kind + ":" + value
}

func tags(list []record.Tag) string {
	return join(each(list, func(t record.Tag) string { return t.ID }))
}

// agents names each agent once: in English, else in the first of its languages.
func agents(list []record.Agent) string {
	return join(each(list, func(a record.Agent) string { s, _ := a.Name.In("en"); return s }))
}

func year(r record.Record) string {
	if y := r.Issued.Year(); y != 0 {
		return strconv.Itoa(y)
	}
	return ""
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
