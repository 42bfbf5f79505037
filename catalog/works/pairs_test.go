package works

import (
	"os"
	"strings"
	"testing"

	"ctiphub/record"
)

// pairCase is one block of testdata/pairs.txt.
type pairCase struct {
	name   string
	want   string // kind, or "none"
	rule   string
	review bool
	a, b   record.Record
}

func pairCases(t testing.TB) []pairCase {
	t.Helper()
	text, err := os.ReadFile("testdata/pairs.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n== ")
	var out []pairCase
	for block := range strings.SplitSeq(rest, "\n== ") {
		lines := strings.Split(strings.TrimSpace(block), "\n")
		c := pairCase{name: lines[0]}
		ids := map[string]record.ID{"a": record.NewID("one", c.name), "b": record.NewID("two", c.name)}
		for _, line := range lines[1:] {
			head, tail, _ := strings.Cut(line, " ")
			switch head {
			case "want":
				tail, c.review = strings.CutPrefix(tail, "review ")
				c.want, c.rule, _ = strings.Cut(tail, " ")
			case "id":
				which, id, _ := strings.Cut(tail, "=")
				ids[which] = record.ID(id)
			case "a":
				c.a = readRecord(t, ids["a"], tail)
			case "b":
				c.b = readRecord(t, ids["b"], tail)
			default:
				t.Fatalf("case %q has a line %q", c.name, line)
			}
		}
		out = append(out, c)
	}
	return out
}

// readRecord reads "field=value; field=value".
func readRecord(t testing.TB, id record.ID, line string) record.Record {
	t.Helper()
	rec := record.Record{ID: id, Title: record.Texts{}}
	for part := range strings.SplitSeq(line, "; ") {
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			t.Fatalf("no value in %q", part)
		}
		fields := strings.Fields(value)
		switch name {
		case "lang":
			rec.Languages = fields
		case "pub":
			rec.Publishers = append(rec.Publishers, record.Agent{ID: value, Kind: "ngo"})
		case "name":
			rec.Publishers = append(rec.Publishers, record.Agent{Name: record.Texts{"en": value}})
		case "person":
			rec.Publishers = append(rec.Publishers, record.Agent{Name: record.Texts{"en": value}, Kind: "person"})
		case "date":
			rec.Issued.EDTF = value
		case "type":
			rec.Type = []record.Tag{{ID: value}}
		case "country":
			for _, f := range fields {
				rec.Countries = append(rec.Countries, record.Tag{ID: f})
			}
		case "url":
			rec.Origin.Landing = value
		case "key":
			rec.Origin.Identifier = value
		case "file":
			for _, f := range fields {
				rec.Files = append(rec.Files, record.File{URL: f})
			}
		case "sum":
			rec.Files = append(rec.Files, record.File{Checksum: value})
		case "doi", "isbn", "handle", "number":
			rec.Identifiers = append(rec.Identifiers, record.Identifier{Scheme: name, Value: value})
		case "rel":
			rec.Relations = append(rec.Relations, record.Relation{Kind: fields[0], Lang: fields[1], Target: fields[2]})
		default:
			lang, ok := strings.CutPrefix(name, "title.")
			if !ok {
				t.Fatalf("unknown field %q", name)
			}
			rec.Title[lang] = value
		}
	}
	return rec
}

func TestPairs(t *testing.T) {
	cases := pairCases(t)
	if len(cases) < 60 {
		t.Fatalf("read %d cases: the file is not what it was", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a, b := CardOf(c.a), CardOf(c.b)
			link, ok := Compare(a, b)
			if !ok {
				if c.want != "none" {
					t.Errorf("not linked, want %s\n%+v\n%+v", c.want, a, b)
				}
				return
			}
			switch {
			case string(link.Kind) != c.want:
				t.Errorf("got %+v, want %s\n%+v\n%+v", link, c.want, a, b)
			case c.review != (link.Confidence < Sure):
				t.Errorf("confidence %v, want review %v", link.Confidence, c.review)
			case c.rule != "" && !strings.Contains(strings.Join(link.Evidence, "\n"), c.rule):
				t.Errorf("evidence %q, want %s", link.Evidence, c.rule)
			}
		})
	}
}
