package exportertest

import (
	"math/rand/v2"
	"strings"
	"time"

	"ctiphub/record"
)

// Random makes a record whose fields are filled or not by chance, with texts that break
// careless readers and writers. Ids, languages and numbers are as the schema wants them.
func Random(r *rand.Rand) record.Record {
	g := generator{r}
	rec := record.Record{
		ID:    record.NewID(g.text(), g.text()),
		Title: g.texts(), Alternative: g.texts(), Description: g.texts(),
		Type: g.tags(), Themes: g.tags(), Audiences: g.tags(), VictimGroups: g.tags(),
		ExploitationForms: g.tags(), Countries: g.tags(), Regions: g.tags(),
		Languages: some(g, g.text),
		Creators:  some(g, g.agent), Publishers: some(g, g.agent), Funders: some(g, g.agent),
		Issued: g.date(), Modified: g.date(), Valid: g.date(),
		Files:       some(g, g.file),
		Identifiers: some(g, func() record.Identifier { return record.Identifier{Scheme: g.text(), Value: g.text()} }),
		Relations:   some(g, func() record.Relation { return record.Relation{Kind: g.text(), Target: g.text(), Lang: g.text()} }),
		Rights:      record.Rights{Status: g.text(), License: g.text(), Statement: g.texts()},
		Sensitivity: g.text(),
		Origin:      record.Origin{Source: g.text(), Identifier: g.text(), Landing: g.text(), Status: g.text(), Chain: some(g, g.hop)},
		Harvest:     record.Harvest{FirstSeen: g.time(), LastSeen: g.time(), LastChanged: g.time(), Raw: g.text()},
		Quality: record.Quality{Score: r.IntN(101), Findings: some(g, func() record.Finding {
			return record.Finding{Code: g.text(), Field: g.text(), Detail: g.text()}
		})},
		Provenance: some(g, func() record.Assertion {
			return record.Assertion{
				Field: g.text(), Lang: g.text(), Value: g.text(), Raw: g.text(),
				Rule: g.text(), Confidence: r.Float64(), Flag: record.Flag(g.text()),
			}
		}),
		Overrides: some(g, func() record.Override {
			return record.Override{Field: g.text(), Value: g.text(), Who: g.text(), When: g.time(), Why: g.text()}
		}),
	}
	if r.IntN(2) == 0 {
		rec.Work = record.Work{ID: record.NewID(g.text(), ""), EditionStatus: g.text()}
	}
	return rec
}

type generator struct{ *rand.Rand }

// pieces are what texts are made of.
var pieces = []string{
	"", "a", " ", "\t", "\n", "\r", "\r\n", "\x00", "\x01", "\x1b", "\x7f", "\u0085", "\u00a0", "\u200b", "\u2028",
	"\u202e", "\u2066", "\ufeff", "\ufffd", "\ufffe", "\uffff", "\U0001f3e0", "\U0010ffff",
	"<", ">", "&", "&amp;", "&#0;", "]]>", "<![CDATA[", "<!--", "-->", "<?xml?>", `"`, "'", `\`, "|", ",", ";", "=1+1", "-", "@",
	"ค้ามนุษย์", "ជួញដូរ", "ຄ້າມະນຸດ", "လူကုန်ကူးမှု", "nạn nhân", "نص", "人口贩运",
	"e\u0301", "https://example.org/?a=b&c=d", "null", "true", "0",
}

// text is short as a rule, empty at times, very long now and then.
func (g generator) text() string {
	n := g.IntN(5)
	if g.IntN(200) == 0 {
		n = 5000
	}
	var b strings.Builder
	for range n {
		b.WriteString(pieces[g.IntN(len(pieces))])
	}
	return b.String()
}

func (g generator) texts() record.Texts {
	if g.IntN(4) == 0 {
		return nil
	}
	t := record.Texts{} // at times empty, which is not the same as nil
	for range g.IntN(4) {
		t[[]string{"en", "th", "zh-Hans", "und", "pt-TL"}[g.IntN(5)]] = g.text()
	}
	return t
}

// some makes a list of none to three; an empty one is not always nil.
func some[T any](g generator, one func() T) []T {
	if g.IntN(4) == 0 {
		return nil
	}
	list := []T{}
	for range g.IntN(4) {
		list = append(list, one())
	}
	return list
}

func (g generator) tags() []record.Tag {
	return some(g, func() record.Tag {
		return record.Tag{ID: "c" + g.text(), Confidence: g.Float64(), Evidence: some(g, func() record.Evidence {
			return record.Evidence{Field: g.text(), Match: g.text(), Rule: g.text()}
		})}
	})
}

func (g generator) agent() record.Agent {
	return record.Agent{Name: g.texts(), Kind: g.text(), Country: g.text(), ID: g.text()}
}

func (g generator) date() record.Date { return record.Date{EDTF: g.text(), Raw: g.text()} }

func (g generator) time() time.Time {
	if g.IntN(3) == 0 {
		return time.Time{}
	}
	return time.Unix(g.Int64N(4e9), g.Int64N(1e9)).UTC()
}

func (g generator) file() record.File {
	return record.File{
		URL: g.text(), MediaType: g.text(), Bytes: g.Int64N(1 << 40), Pages: g.IntN(1000), Language: g.text(),
		Checksum: g.text(), Checked: g.time(), Status: g.text(),
	}
}

func (g generator) hop() record.Hop {
	return record.Hop{
		BaseURL: g.text(), Identifier: g.text(), Datestamp: g.text(), Namespace: g.text(),
		HarvestDate: g.time(), Altered: g.IntN(2) == 0,
	}
}
