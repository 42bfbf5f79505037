// Package ctip holds the documents of the common schema "ctip" 1.0: how one record is
// written as XML and as JSON, and how such a document is read back.
//
// In flow records or bytes; out flow bytes or records, the same again after a round trip
// except for characters that XML cannot hold, which vanish. It stores nothing, publishes
// the schemas of its documents (Schemas), and must not know vocabularies, sources or the
// catalogue: whether a value makes sense is for others to say.
package ctip

import (
	"embed"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"ctiphub/record"
)

// Names of the schema.
const (
	Namespace = "urn:ctip-hub:schema:ctip:1.0"
	Version   = record.SchemaVersion
	SchemaXML = "ctip.xsd" // file below "schema" in Schemas
)

// Schemas holds, below the folder "schema", what the hub publishes about its documents:
// the XML Schema (with the declaration of xml:lang that it imports), the JSON Schema and
// the JSON-LD context.
//
//go:embed schema/*.xsd schema/*.json schema/*.jsonld
var Schemas embed.FS

// Public returns the record without what concerns this hub alone: the hash of the raw,
// when the source last named it (a document must not change while its datestamp stays),
// and who decided an override and why. Every export goes through it.
func Public(rec record.Record) record.Record {
	rec.Harvest.Raw, rec.Harvest.LastSeen = "", time.Time{}
	rec.Review = nil
	rec.Overrides = slices.Clone(rec.Overrides)
	for i := range rec.Overrides {
		rec.Overrides[i].Who, rec.Overrides[i].Why = "", ""
	}
	return rec
}

// Content returns what two hubs that hold the same resource agree on, with empty lists
// as nil, so that reflect.DeepEqual compares them. Left out is what each hub says for
// itself: its id, where it harvested the record and when, how it judged it, why it set a
// value, and what its curators decided otherwise or have still to decide.
func Content(rec record.Record) record.Record {
	rec.ID = ""
	rec.Origin.Source, rec.Origin.Identifier, rec.Origin.Chain = "", "", nil
	rec.Harvest = record.Harvest{}
	rec.Quality = record.Quality{}
	rec.Provenance, rec.Overrides, rec.Review = nil, nil, nil
	for _, texts := range []*record.Texts{&rec.Title, &rec.Alternative, &rec.Description, &rec.Rights.Statement} {
		*texts = sameTexts(*texts)
	}
	for _, tags := range []*[]record.Tag{
		&rec.Type, &rec.Themes, &rec.Audiences, &rec.VictimGroups,
		&rec.ExploitationForms, &rec.Countries, &rec.Regions,
	} {
		*tags = each(*tags, func(t record.Tag) record.Tag {
			t.Evidence = each(t.Evidence, func(e record.Evidence) record.Evidence { return e })
			return t
		})
	}
	for _, agents := range []*[]record.Agent{&rec.Creators, &rec.Publishers, &rec.Funders} {
		*agents = each(*agents, func(a record.Agent) record.Agent {
			a.Name = sameTexts(a.Name)
			return a
		})
	}
	rec.Files = each(rec.Files, func(f record.File) record.File {
		f.Checked = utc(f.Checked)
		return f
	})
	rec.Languages = each(rec.Languages, func(s string) string { return s })
	rec.Identifiers = each(rec.Identifiers, func(i record.Identifier) record.Identifier { return i })
	rec.Relations = each(rec.Relations, func(r record.Relation) record.Relation { return r })
	return rec
}

// sameTexts copies a language map; an empty one becomes nil.
func sameTexts(t record.Texts) record.Texts {
	if len(t) == 0 {
		return nil
	}
	return maps.Clone(t)
}

// each maps a list to a new one; an empty list becomes nil.
func each[A, B any](list []A, f func(A) B) []B {
	if len(list) == 0 {
		return nil
	}
	out := make([]B, len(list))
	for i, v := range list {
		out[i] = f(v)
	}
	return out
}

// utc returns a time as documents hold it: in UTC, without a monotonic reading, and zero
// where its year has no four digits, which neither XML Schema nor RFC 3339 allows.
func utc(t time.Time) time.Time {
	t = t.UTC().Round(0)
	if t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

// unit keeps a confidence between 0 and 1.
func unit(f float64) float64 {
	if math.IsNaN(f) {
		return 0
	}
	return min(max(f, 0), 1)
}

// percent keeps a score between 0 and 100.
func percent(n int) int { return min(max(n, 0), 100) }

// check says what makes a document unusable although it is well formed. Missing values
// are not among it: the normalizer decides what a record needs.
func check(rec record.Record) error {
	for _, id := range []struct {
		field string
		id    record.ID
	}{{"id", rec.ID}, {"work", rec.Work.ID}} {
		if id.id != "" && !urlSafe(string(id.id)) {
			return fmt.Errorf("%s: %.80q is not an identifier of 1 to 128 letters, digits and -._~", id.field, id.id)
		}
	}
	for _, f := range tagFields(&rec) {
		for _, tag := range *f.tags {
			if tag.ID == "" {
				return fmt.Errorf("%s: a concept without an id", f.name)
			}
			if !(tag.Confidence >= 0 && tag.Confidence <= 1) {
				return fmt.Errorf("%s: the confidence of %.80q is not between 0 and 1", f.name, tag.ID)
			}
		}
	}
	for _, a := range rec.Provenance {
		if !(a.Confidence >= 0 && a.Confidence <= 1) {
			return fmt.Errorf("provenance: the confidence of %.80q is not between 0 and 1", a.Field)
		}
	}
	for _, f := range rec.Files {
		if f.Bytes < 0 || f.Pages < 0 {
			return fmt.Errorf("files: a negative number of bytes or pages")
		}
	}
	if rec.Quality.Score < 0 || rec.Quality.Score > 100 {
		return fmt.Errorf("quality: the score %d is not between 0 and 100", rec.Quality.Score)
	}
	return nil
}

// tagField is one of the record's lists of concepts under its name in JSON.
type tagField struct {
	name string
	tags *[]record.Tag
}

// tagFields lists the fields that hold concepts, in the order of documents.
func tagFields(rec *record.Record) [len(tagElements)]tagField {
	return [len(tagElements)]tagField{
		{"type", &rec.Type}, {"themes", &rec.Themes}, {"audiences", &rec.Audiences},
		{"victimGroups", &rec.VictimGroups}, {"exploitationForms", &rec.ExploitationForms},
		{"countries", &rec.Countries}, {"regions", &rec.Regions},
	}
}

// urlSafe reports whether s needs no escaping as one segment of a URL's path.
func urlSafe(s string) bool {
	if s == "" || len(s) > 128 {
		return false
	}
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '-', c == '.', c == '_', c == '~':
		default:
			return false
		}
	}
	return true
}
