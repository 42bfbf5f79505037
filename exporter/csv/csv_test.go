package csv_test

import (
	"bytes"
	"encoding/csv"
	"flag"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ctiphub/exporter"
	hubcsv "ctiphub/exporter/csv"
	"ctiphub/exporter/exportertest"
	"ctiphub/record"
)

var update = flag.Bool("update", false, "refresh the golden files")

var _ exporter.Format = hubcsv.New()

// table encodes records and reads them back as one map a record.
func table(t *testing.T, recs ...record.Record) []map[string]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(exportertest.Encode(t, hubcsv.New(), recs...))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(rows[0], hubcsv.Columns()) {
		t.Fatalf("the header is %q", rows[0])
	}
	var list []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		list = append(list, m)
	}
	return list
}

func TestGolden(t *testing.T) {
	got := exportertest.Encode(t, hubcsv.New(), exportertest.Samples()...)
	exportertest.Golden(t, "samples.csv.golden", got, *update)
	if n, all := bytes.Count(got, []byte("\n")), bytes.Count(got, []byte("\r\n")); n != all {
		t.Errorf("%d of %d lines do not end as RFC 4180 wants", n-all, n)
	}
}

func TestErrors(t *testing.T) { exportertest.Errors(t, hubcsv.New()) }

func TestCells(t *testing.T) {
	rows := table(t, exportertest.Samples()...)
	for _, c := range []struct {
		sample       int
		column, want string
	}{
		{0, "title", "คู่มือการคัดแยกผู้เสียหายจากการค้ามนุษย์"},
		{0, "title_language", "th"},
		{0, "title_en", "Handbook on Identifying Victims of Trafficking"},
		{0, "themes", "identification|referral"},
		{0, "languages", "th|en"},
		{0, "publishers", "Ministry of Examples|Regional Sample Office"},
		{0, "issued", "2023-12-13"},
		{0, "year", "2023"},
		{0, "files", "https://agency.example.th/files/101.pdf|https://agency.example.th/files/101-en.pdf"},
		{0, "identifiers", `doi:10.99999/example.101|isbn:978 616 000 000 0|number:MOE\|7/2566`},
		{0, "first_seen", "2026-03-01T02:30:00Z"},
		{0, "quality", "92"},
		{0, "findings", "title-repaired"},
		{4, "title", `'=HYPERLINK("https://evil.example","click") <b>]]>&amp;</b>`},
		{4, "alternative", `'+1|@SUM(A1)|a\|b\\c`},
		{4, "description", "\u202Eبصق\u202C"},
		{4, "publishers", `O'Neil, "Quote" & Sons`},
		{5, "title", "Pedoman Contoh"},
		{5, "year", ""},
		{5, "first_seen", ""},
	} {
		if got := rows[c.sample][c.column]; got != c.want {
			t.Errorf("sample %d, %s: got %q, want %q", c.sample, c.column, got, c.want)
		}
	}
}

func TestFormulas(t *testing.T) {
	for in, want := range map[string]string{
		"=1+1":            "'=1+1",
		"-1":              "'-1",
		"+66 2 000 0000":  "'+66 2 000 0000",
		"@cmd":            "'@cmd",
		"\t=1":            "' =1",
		"\r=1":            "' =1",
		"\n=1":            "'\n=1",
		"\u200b\ufeff =1": "'\u200b\ufeff =1",
		"＝1":              "'＝1",
		"\x00=1":          "' =1",
		"a=1":             "a=1",
		"- ":              "'- ",
		"":                "",
		"'=1":             "'=1",
		"a\x1bb\x7fc\xff": "a b c\uFFFD",
		"a\r\nb":          "a\nb",
	} {
		got := table(t, record.Record{Title: record.Texts{"en": in}})[0]["title"]
		if got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// TestHostile makes sure that no cell of any column starts a formula or breaks the table.
func TestHostile(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 6))
	var recs []record.Record
	for range 500 {
		recs = append(recs, exportertest.Random(r))
	}
	rows := table(t, recs...)
	if len(rows) != len(recs) {
		t.Fatalf("%d records gave %d rows", len(recs), len(rows))
	}
	formula := regexp.MustCompile(`^[\s\p{Z}\p{Cf}]*[=+\-@]`)
	for i, row := range rows {
		for name, cell := range row {
			if formula.MatchString(cell) {
				t.Errorf("row %d, %s: %q may run as a formula", i, name, cell)
			}
		}
	}
}

// TestDocumented keeps the description of the columns and the table together.
func TestDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/schema.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(doc), "\n## The table (csv)\n")
	if !found {
		t.Fatal("docs/schema.md has no section on the table")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var documented []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllStringSubmatch(section, -1) {
		documented = append(documented, m[1])
	}
	if !slices.Equal(documented, hubcsv.Columns()) {
		t.Errorf("docs/schema.md describes\n%q, the table has\n%q", documented, hubcsv.Columns())
	}
}
