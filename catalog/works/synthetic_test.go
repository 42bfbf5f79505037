package works

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"ctiphub/record"
)

// synthetic makes records as a large federation has them: most alone, some mirrored by
// other sources, translated, brought out again or numbered through, under titles that draw
// on few words. The same seed gives the same records.
func synthetic(n int, seed uint64) []record.Record {
	rng := rand.New(rand.NewPCG(seed, 7))
	vocab := make([]string, 3000)
	for i := range vocab {
		vocab[i] = syllables(rng)
	}
	var out []record.Record
	for w := 0; len(out) < n; w++ {
		base := syntheticWork(rng, vocab, w)
		out = append(out, base)
		for c := 0; rng.IntN(10) < 3 && len(out) < n && c < 6; c++ {
			out = append(out, another(rng, base, w, c))
		}
	}
	return out
}

func syllables(rng *rand.Rand) string {
	parts := []string{"tra", "ki", "vic", "tem", "shel", "ter", "pro", "tec", "lab", "our", "mi", "grant", "re", "fer", "ral", "na", "sion", "gui", "den", "court"}
	var b strings.Builder
	for range 2 + rng.IntN(3) {
		b.WriteString(parts[rng.IntN(len(parts))])
	}
	return b.String()
}

var syntheticCountries = []string{"KH", "TH", "VN", "LA", "MM", "MY", "ID", "PH", "SG", "BN", "TL"}

func syntheticWork(rng *rand.Rand, vocab []string, w int) record.Record {
	var title []string
	for range 4 + rng.IntN(7) {
		// The square makes a few words very common, as they are.
		x := rng.Float64()
		title = append(title, vocab[int(x*x*float64(len(vocab)))])
	}
	text := strings.Join(title, " ")
	switch rng.IntN(12) {
	case 0:
		text = "Press release"
	case 1:
		text += fmt.Sprintf(" Part %d", 1+rng.IntN(3))
	case 2:
		text = fmt.Sprintf("Annual report on protection %d", 2005+rng.IntN(20))
	}
	source := fmt.Sprint("source", rng.IntN(400))
	rec := record.Record{
		ID:    record.NewID(source, fmt.Sprint(w)),
		Title: record.Texts{"en": text}, Languages: []string{"en"},
		Issued:     record.Date{EDTF: fmt.Sprintf("20%02d-%02d", rng.IntN(26), 1+rng.IntN(12))},
		Type:       []record.Tag{{ID: []string{"guide", "report", "news", "law-policy"}[rng.IntN(4)]}},
		Countries:  []record.Tag{{ID: syntheticCountries[rng.IntN(len(syntheticCountries))]}},
		Publishers: []record.Agent{{ID: fmt.Sprint("pub", rng.IntN(300)), Kind: "ngo"}},
		Origin:     record.Origin{Landing: fmt.Sprintf("https://%s.example/en/item/%d", source, w)},
		Files:      []record.File{{URL: fmt.Sprintf("https://%s.example/files/%d_EN.pdf", source, w)}, {URL: "https://" + source + ".example/logo.pdf"}},
	}
	if rng.IntN(10) == 0 {
		rec.Identifiers = []record.Identifier{{Scheme: "doi", Value: fmt.Sprintf("10.5555/%d", w)}}
	}
	return rec
}

// another is a further record of the work.
func another(rng *rand.Rand, base record.Record, w, c int) record.Record {
	rec := base
	source := fmt.Sprint("source", rng.IntN(400))
	rec.ID = record.NewID(source, fmt.Sprint(w, " ", c))
	rec.Title = record.Texts{}
	switch rng.IntN(4) {
	case 0: // a copy elsewhere
		rec.Title["en"] = strings.ToUpper(base.Title["en"])
		rec.Origin.Landing = fmt.Sprintf("https://%s.example/mirror/%d", source, w)
	case 1: // a translation beside it
		lang := []string{"th", "vi", "km", "id"}[rng.IntN(4)]
		rec.Title[lang] = syllables(rng) + " " + syllables(rng) + " " + syllables(rng) + " bản dịch"
		rec.Languages = []string{lang}
		rec.Origin.Landing = strings.Replace(base.Origin.Landing, "/en/", "/"+lang+"/", 1)
		rec.Files = nil
	case 2: // a later edition
		rec.Title["en"] = base.Title["en"] + " (2nd edition)"
		rec.Origin.Landing += "-second"
		rec.Identifiers, rec.Files = nil, nil
	default: // the print view
		rec.Title["en"] = base.Title["en"]
		rec.Origin.Landing = strings.Replace(base.Origin.Landing, "/en/", "/en/print/", 1)
	}
	return rec
}

func cardsOf(recs []record.Record) []Card {
	out := make([]Card, len(recs))
	for i, r := range recs {
		out[i] = CardOf(r)
	}
	return out
}
