package normalizer

import (
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"os"
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

// TestJudgedResources measures title, publisher and address alone against judgements by
// hand, and holds the line where it is.
func TestJudgedResources(t *testing.T) {
	f, err := os.Open(judged)
	if err != nil {
		t.Logf("no judged resources here: nothing measured (%v)", err)
		return
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	n := normalizer(t, nil)
	var country, language, typ, area, theme figures
	held, verbose := 0, testing.Verbose()
	for _, row := range rows[1:] {
		col := map[string]string{}
		for i, name := range rows[0] {
			col[name] = row[i]
		}
		rec, dec, err := n.Normalize(record.Raw{
			Source: "judged", Identifier: col["id"], URL: "https://judged.example/oai", Format: record.FormatOAIDC, Fetched: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC),
			Body: dcRecord([2]string{"title", col["title"]}, [2]string{"publisher", col["publisher"]}, [2]string{"identifier", col["url"]}),
		})
		if err != nil {
			t.Fatal(err)
		}
		if dec.Code == CodePossiblePII {
			held++
			t.Errorf("%s %q is held: %s", col["id"], col["title"], dec.Detail)
		}
		wantPlaces := strings.Split(col["country_coverage"], ";")
		gotPlaces := placesOf(n, rec)
		note := func(facet string, got, want []string) {
			if verbose && !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
				t.Logf("%s %-8s got %v want %v | %s | %s", col["id"], facet, got, want, col["title"], col["publisher"])
			}
		}
		country.count(gotPlaces, wantPlaces)
		note("country", gotPlaces, wantPlaces)
		language.count(rec.Languages, []string{col["language"]})
		note("language", rec.Languages, []string{col["language"]})
		gotType := []string{rec.Type[0].ID}
		typ.count(gotType, []string{col["resource_type"]})
		note("type", gotType, []string{col["resource_type"]})
		wantThemes := strings.Split(col["themes"], ";")
		gotThemes := leaves(n, ids(rec.Themes))
		theme.count(withAncestors(n, gotThemes), withAncestors(n, wantThemes))
		area.count(areas(n, gotThemes), areas(n, wantThemes))
		note("theme", gotThemes, wantThemes)
		if verbose && dec.Verdict != record.Publish {
			t.Logf("%s %s | %s", col["id"], dec.Code, col["title"])
		}
	}
	t.Logf("country   %v", country)
	t.Logf("language  %v", language)
	t.Logf("type      %v", typ)
	t.Logf("theme     %v", theme)
	t.Logf("area      %v", area)
	t.Logf("false holds %d of %d", held, len(rows)-1)
	for facet, bar := range map[string]struct {
		figures
		least float64
	}{"country": {country, 0.94}, "language": {language, 0.97}, "type": {typ, 0.77}, "theme": {theme, 0.81}, "area": {area, 0.84}} {
		if got := bar.f1(); got < bar.least {
			t.Errorf("F1 of %s is %.3f, below %.2f", facet, got, bar.least)
		}
	}
}

// placesOf names the places of a record as the judgements do: a region stands for itself,
// the Mekong region for its countries.
func placesOf(n *Normalizer, rec record.Record) []string {
	var out []string
	for _, r := range rec.Regions {
		if r.ID == "GMS" {
			out = append(out, n.vocab.Regions[n.regions["GMS"]].Members...)
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
