package normalizer

import (
	"encoding/csv"
	"encoding/xml"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ctiphub/record"
)

// judged is where real resources judged by hand lie, when they are at hand.
const judged = "../../shared/domain/resources.csv"

// figures counts what was found against what was judged right.
type figures struct{ hit, wrong, missed int }

func (f *figures) count(got, want []string) {
	for _, g := range got {
		if slices.Contains(want, g) {
			f.hit++
		} else {
			f.wrong++
		}
	}
	for _, w := range want {
		if !slices.Contains(got, w) {
			f.missed++
		}
	}
}

func (f figures) String() string {
	p := float64(f.hit) / float64(max(1, f.hit+f.wrong))
	r := float64(f.hit) / float64(max(1, f.hit+f.missed))
	return fmt.Sprintf("precision %.2f  recall %.2f  F1 %.2f  (%d right, %d wrong, %d missed)", p, r, 2*p*r/max(p+r, 1e-9), f.hit, f.wrong, f.missed)
}

func (f figures) f1() float64 {
	return 2 * float64(f.hit) / float64(max(1, 2*f.hit+f.wrong+f.missed))
}

// dcRecord writes an OAI-PMH record of simple Dublin Core.
func dcRecord(fields ...[2]string) []byte {
	var b strings.Builder
	b.WriteString(`<record xmlns="http://www.openarchives.org/OAI/2.0/"><header><identifier>oai:x:1</identifier><datestamp>2026-01-01</datestamp></header><metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">`)
	for _, f := range fields {
		if f[1] == "" {
			continue
		}
		fmt.Fprintf(&b, "<dc:%s>", f[0])
		_ = xml.EscapeText(&b, []byte(f[1]))
		fmt.Fprintf(&b, "</dc:%s>", f[0])
	}
	b.WriteString(`</oai_dc:dc></metadata></record>`)
	return []byte(b.String())
}

// judgedFile adds a file to those that are measured.
var judgedFile = flag.String("judged", "", "measure this file of judged resources too")

// facets are the figures of one file.
type facets struct {
	rows, held                           int
	country, language, typ, theme, areas figures
}

// TestJudgedResources measures title, publisher and address alone against judgements by
// hand, and holds the line where it is.
func TestJudgedResources(t *testing.T) {
	for _, set := range []struct {
		file   string
		floors map[string]float64
	}{
		{"testdata/judged.csv", map[string]float64{"country": 0.92, "language": 0.95, "type": 0.76, "theme": 0.83, "area": 0.86}},
		{judged, map[string]float64{"country": 0.95, "language": 0.98, "type": 0.92, "theme": 0.83, "area": 0.85}},
		{*judgedFile, nil},
	} {
		if set.file == "" {
			continue
		}
		t.Run(filepath.Base(set.file), func(t *testing.T) {
			f, ok := measure(t, set.file)
			if !ok {
				return
			}
			for facet, figures := range map[string]figures{"country": f.country, "language": f.language, "type": f.typ, "theme": f.theme, "area": f.areas} {
				if got, floor := figures.f1(), set.floors[facet]; got < floor {
					t.Errorf("F1 of %s is %.3f, below %.2f", facet, got, floor)
				}
			}
			t.Logf("%d resources of %s\ncountry   %v\nlanguage  %v\ntype      %v\ntheme     %v\narea      %v\nheld by mistake %d",
				f.rows, filepath.Base(set.file), f.country, f.language, f.typ, f.theme, f.areas, f.held)
		})
	}
}

// measure runs the rows of a file. The resources beside the repository are not there in
// every clone; the file of the repository is.
func measure(t *testing.T, file string) (f facets, ok bool) {
	src, err := os.Open(file)
	if err != nil {
		if file == judged {
			t.Logf("no judged resources here: nothing measured (%v)", err)
		} else {
			t.Error(err)
		}
		return f, false
	}
	defer src.Close()
	rows, err := csv.NewReader(src).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	n := normalizer(t, nil)
	for _, row := range rows[1:] {
		col := map[string]string{}
		for i, name := range rows[0] {
			col[name] = row[i]
		}
		f.row(t, n, col)
	}
	f.rows = len(rows) - 1
	return f, true
}

// row counts one resource.
func (f *facets) row(t *testing.T, n *Normalizer, col map[string]string) {
	rec, dec, err := n.Normalize(record.Raw{
		Source: "judged", Identifier: col["id"], URL: "https://judged.example/oai", Format: record.FormatOAIDC, Fetched: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC),
		Body: dcRecord([2]string{"title", col["title"]}, [2]string{"publisher", col["publisher"]}, [2]string{"identifier", col["url"]}),
	})
	if err != nil {
		t.Fatal(err)
	}
	if dec.Code == CodePossiblePII {
		f.held++
		t.Errorf("%s %q is held: %s", col["id"], col["title"], dec.Detail)
	}
	count := func(facet string, into *figures, got, want []string) {
		into.count(got, want)
		if testing.Verbose() && !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
			t.Logf("%s %-8s got %v want %v | %s | %s", col["id"], facet, got, want, col["title"], col["publisher"])
		}
	}
	count("country", &f.country, placesOf(n, rec), strings.Split(col["country_coverage"], ";"))
	count("language", &f.language, rec.Languages, []string{col["language"]})
	if len(rec.Type) > 0 {
		count("type", &f.typ, []string{rec.Type[0].ID}, []string{col["resource_type"]})
	}
	got, want := leaves(n, ids(rec.Themes)), strings.Split(col["themes"], ";")
	count("theme", &f.theme, withAncestors(n, got), withAncestors(n, want))
	f.areas.count(areas(n, got), areas(n, want))
	if testing.Verbose() && dec.Verdict != record.Publish {
		t.Logf("%s %s | %s", col["id"], dec.Code, col["title"])
	}
}

// placesOf names the places of a record as the judgements do: a region stands for itself,
// the regions within ASEAN and along the Mekong for their countries.
func placesOf(n *Normalizer, rec record.Record) []string {
	var out []string
	for _, r := range rec.Regions {
		if members := n.vocab.Regions[n.regions[r.ID]].Members; len(members) > 0 && r.ID != "ASEAN" {
			out = append(out, members...)
			continue
		}
		out = append(out, r.ID)
	}
	for _, c := range rec.Countries {
		if c.Evidence[0].Field != "region" {
			out = append(out, c.ID)
		}
	}
	return out
}

func ids(tags []record.Tag) []string {
	var out []string
	for _, t := range tags {
		out = append(out, t.ID)
	}
	return out
}

// leaves drops themes that only stand above another one.
func leaves(n *Normalizer, list []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(id string) bool {
		return slices.ContainsFunc(list, func(other string) bool {
			return slices.Contains(n.themeUp[n.themeIndex[other]], n.themeIndex[id])
		})
	})
}

// withAncestors adds the themes above.
func withAncestors(n *Normalizer, list []string) []string {
	var out []string
	for _, id := range list {
		for _, i := range append([]int{n.themeIndex[id]}, n.themeUp[n.themeIndex[id]]...) {
			if id := n.vocab.Themes[i].ID; !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

// areas maps themes to their first level.
func areas(n *Normalizer, list []string) []string {
	var out []string
	for _, id := range list {
		i := n.themeIndex[id]
		if up := n.themeUp[i]; len(up) > 0 {
			i = up[len(up)-1]
		}
		if id := n.vocab.Themes[i].ID; !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}
