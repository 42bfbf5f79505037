package sqlstore

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

// vocabulary are words that the bench records are made of, by language.
var vocabulary = map[string][]string{
	"en": {"guidelines", "identification", "victims", "trafficking", "persons", "shelter", "referral", "services", "labour", "fishing", "children", "police", "training", "manual", "law", "border", "assistance", "recovery", "screening", "interview", "hotline", "migrant", "workers", "online", "scam", "report"},
	"th": {"คู่มือ", "การคัดแยก", "ผู้เสียหาย", "จาก", "การค้ามนุษย์", "สำหรับ", "เจ้าหน้าที่", "แรงงาน", "ประมง", "เด็ก", "ตำรวจ", "ความช่วยเหลือ", "ที่พัก"},
	"km": {"សៀវភៅ", "ណែនាំ", "ជនរងគ្រោះ", "ដោយ", "ការជួញដូរ", "មនុស្ស", "កុមារ", "ប៉ូលីស", "ជំនួយ", "ការងារ"},
	"lo": {"ຄູ່ມື", "ການຊ່ວຍເຫຼືອ", "ຜູ້ຖືກເຄາະຮ້າຍ", "ຈາກ", "ການຄ້າມະນຸດ", "ເດັກ", "ຕຳຫຼວດ", "ແຮງງານ"},
	"my": {"လူကုန်ကူး", "ခံရသူ", "များ", "အား", "ကူညီ", "စောင့်ရှောက်", "ရေး", "လမ်းညွှန်", "ကလေး", "ရဲ"},
	"vi": {"sổ", "tay", "hỗ", "trợ", "nạn", "nhân", "bị", "mua", "bán", "trở", "về", "trẻ", "em", "công", "an"},
	"zh": {"识别", "保护", "人口", "贩运", "受害者", "工作", "手册", "儿童", "警察", "劳工"},
	"id": {"panduan", "pemulangan", "korban", "perdagangan", "orang", "anak", "polisi", "pekerja", "migran", "bantuan"},
}

var benchLanguages = []string{"en", "th", "km", "lo", "my", "vi", "zh", "id"}

// lexicon gives each language some thousand words: those of the vocabulary first, then
// words put together from two or three of them.
var lexicon = func() map[string][]string {
	rng := rand.New(rand.NewPCG(11, 12))
	all := map[string][]string{}
	for _, lang := range benchLanguages {
		list := slices.Clone(vocabulary[lang])
		for len(list) < 4000 {
			word := ""
			for range 2 + rng.IntN(2) {
				part := []rune(vocabulary[lang][rng.IntN(len(vocabulary[lang]))])
				word += string(part[:1+rng.IntN(len(part))])
			}
			list = append(list, word)
		}
		all[lang] = list
	}
	return all
}()

// sentence draws words of a language as texts do, few of them often and most rarely, with
// spaces where the script has them.
func sentence(rng *rand.Rand, lang string, words int) string {
	var b bytes.Buffer
	zipf := rand.NewZipf(rng, 1.1, 8, 3999)
	for i := range words {
		b.WriteString(lexicon[lang][zipf.Uint64()])
		if lang == "en" || lang == "vi" || lang == "id" || i%9 == 8 {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// benchItem makes one record of the size and shape of a real one, with a raw of 1.5 KB.
func benchItem(rng *rand.Rand, n int) catalog.Item {
	lang := benchLanguages[rng.IntN(len(benchLanguages))]
	pick := func(list ...string) []record.Tag {
		return []record.Tag{{ID: list[rng.IntN(len(list))], Confidence: 0.9, Evidence: []record.Evidence{{Field: "title", Match: "word", Rule: "vocab"}}}}
	}
	rec := record.Record{
		Title:       record.Texts{lang: sentence(rng, lang, 8) + fmt.Sprintf(" no%d", n), "en": sentence(rng, "en", 7)},
		Description: record.Texts{lang: sentence(rng, lang, 30)},
		Type:        pick("report", "manual", "law", "training", "poster"),
		Themes:      pick("shelter", "counselling", "hotline", "protection", "identification"),
		Audiences:   pick("police", "social-workers", "judges", "public"),
		Countries:   pick("TH", "KH", "LA", "MM", "VN", "ID", "MY", "PH", "SG", "BN", "TL"),
		Languages:   []string{lang},
		Publishers:  []record.Agent{{Name: record.Texts{"en": "Example Centre"}, Kind: "ngo"}},
		Issued:      record.Date{EDTF: fmt.Sprintf("%d-%02d", 2005+rng.IntN(20), 1+rng.IntN(12))},
		Identifiers: []record.Identifier{{Scheme: "uri", Value: fmt.Sprintf("https://repo.example/item/%d", n)}},
		Origin:      record.Origin{Landing: fmt.Sprintf("https://repo.example/item/%d", n), Status: "origin-known"},
		Provenance:  []record.Assertion{{Field: "title", Lang: lang, Rule: "dc:title", Confidence: 1, Flag: record.AsIs}},
	}
	body := []byte("<record><metadata><dc:title>" + rec.Title[lang] + "</dc:title><dc:description>" + rec.Description[lang])
	for len(body) < 1500 {
		body = fmt.Appendf(body, "<dc:subject>%s %d</dc:subject>", vocabulary["en"][rng.IntN(26)], rng.IntN(1000))
	}
	return catalog.Item{
		Raw:      record.Raw{Source: "bench", Identifier: fmt.Sprintf("oai:repo.example:%d", n), URL: "https://repo.example/oai", Format: record.FormatOAIDC, MediaType: "text/xml", Body: body},
		Record:   rec,
		Decision: record.Decision{Verdict: record.Publish},
	}
}

// fill applies n records in batches of 100.
func fill(b *testing.B, s *Store, n int) {
	b.Helper()
	rng := rand.New(rand.NewPCG(1, 1))
	now := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	run, err := s.Begin(b.Context(), catalog.Begin{Source: "bench", Full: true, Now: now, Owner: "a"})
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; i < n; i += 100 {
		batch := catalog.Batch{Source: "bench", Run: run.ID, Now: now.Add(time.Duration(i) * time.Second), Cursor: fmt.Sprint(i)}
		for j := range 100 {
			batch.Items = append(batch.Items, benchItem(rng, i+j))
		}
		if _, err := s.Apply(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := s.Finish(b.Context(), catalog.End{Run: run.ID, Now: now, Finished: true}); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkApply stores new records, in batches of 100, each with a raw of 1.5 KB.
func BenchmarkApply(b *testing.B) {
	s := open(b, b.TempDir()+"/catalogue.db")
	rng := rand.New(rand.NewPCG(1, 1))
	now := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	run, err := s.Begin(b.Context(), catalog.Begin{Source: "bench", Full: true, Now: now, Owner: "a"})
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		b.StopTimer()
		batch := catalog.Batch{Source: "bench", Run: run.ID, Now: now, Cursor: fmt.Sprint(n)}
		for range 100 {
			batch.Items = append(batch.Items, benchItem(rng, n))
			n++
		}
		b.StartTimer()
		if _, err := s.Apply(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkApplySame lists records again that did not change.
func BenchmarkApplySame(b *testing.B) {
	s := open(b, b.TempDir()+"/catalogue.db")
	fill(b, s, 10_000)
	now := time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC)
	run, err := s.Begin(b.Context(), catalog.Begin{Source: "bench", Now: now, Owner: "a"})
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		batch := catalog.Batch{Source: "bench", Run: run.ID, Now: now}
		for range 100 {
			batch.Same = append(batch.Same, fmt.Sprintf("oai:repo.example:%d", n%10_000))
			n++
		}
		if _, err := s.Apply(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkEntries reads the change log of 20,000 records in pages of 100, by set as well.
func BenchmarkEntries(b *testing.B) {
	s := open(b, b.TempDir()+"/catalogue.db")
	fill(b, s, 20_000)
	for _, set := range []string{"", "country:TH"} {
		b.Run("set="+set, func(b *testing.B) {
			r := record.Range{Set: set, Limit: 100}
			n := 0
			for b.Loop() {
				list, err := s.Entries(b.Context(), r)
				if err != nil {
					b.Fatal(err)
				}
				n += len(list)
				if r.After = 0; len(list) == r.Limit {
					r.After = list[len(list)-1].Seq
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// BenchmarkSearch asks mixed queries of benchSize records.
func BenchmarkSearch(b *testing.B) {
	s := open(b, b.TempDir()+"/catalogue.db")
	fill(b, s, benchSize)
	country := map[catalog.Facet][]string{catalog.FacetCountry: {"TH"}}
	queries := map[string]catalog.Query{
		"all": {}, "issued": {Sort: catalog.ByIssued}, "country": {Filters: country},
		"number": {Text: "no4711"}, "common": {Text: "victims"}, "common-th": {Text: "ผู้เสียหาย"}, "common-filtered": {Text: "victims", Filters: country},
		"th": {Text: "ตำรวจที่พัก"}, "km": {Text: "ជនរងគ្រោះ ប៉ូលីស"}, "lo": {Text: "ແຮງງານ ຕຳຫຼວດ"}, "my": {Text: "ကလေးရဲ"}, "vi": {Text: "nan nhan tre em"}, "zh": {Text: "贩运受害者 劳工"},
		"id": {Text: "korban pekerja"}, "en-two": {Text: "scam report"}, "en-three": {Text: "online scam hotline", Filters: country}, "newest": {Text: "hotline", Sort: catalog.ByNewest},
		"none": {Text: "nosuchword"},
	}
	var all []time.Duration
	for name, q := range queries {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				began := time.Now()
				res, err := s.Search(b.Context(), q)
				if err != nil {
					b.Fatal(err)
				}
				all = append(all, time.Since(began))
				b.ReportMetric(float64(res.Total), "hits")
			}
		})
	}
	slices.Sort(all)
	b.Logf("over all queries, by time spent evenly: p50 %v, p99 %v", all[len(all)/2], all[len(all)*99/100])
}

// BenchmarkSearchMixed reports percentiles over the queries taken in turn.
func BenchmarkSearchMixed(b *testing.B) {
	s := open(b, b.TempDir()+"/catalogue.db")
	fill(b, s, benchSize)
	rng := rand.New(rand.NewPCG(5, 6))
	var times []time.Duration
	for b.Loop() {
		lang := benchLanguages[rng.IntN(len(benchLanguages))]
		q := catalog.Query{Text: sentence(rng, lang, 1+rng.IntN(3))}
		if rng.IntN(3) == 0 {
			q.Filters = map[catalog.Facet][]string{catalog.FacetCountry: {"TH", "KH"}}
		}
		began := time.Now()
		if _, err := s.Search(b.Context(), q); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(began))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
}

// benchSize is how many records the search benchmarks search.
const benchSize = 100_000

// BenchmarkFindWorks finds the works of 50,000 records, one in five of which has a
// translation, from the first card on.
func BenchmarkFindWorks(b *testing.B) {
	const n = 50_000
	for b.Loop() {
		b.StopTimer()
		s, err := Open(b.Context(), b.TempDir()+"/catalog.db", Options{})
		if err != nil {
			b.Fatal(err)
		}
		run, err := s.Begin(b.Context(), catalog.Begin{Source: "bench", Full: true, Now: time.Now(), Owner: "bench"})
		if err != nil {
			b.Fatal(err)
		}
		for from := 0; from < n; from += 1000 {
			var items []catalog.Item
			for i := from; i < from+1000; i++ {
				items = append(items, editionItem(i))
			}
			if _, err := s.Apply(b.Context(), catalog.Batch{Source: "bench", Run: run.ID, Now: time.Now(), Items: items}); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
		counts, err := s.FindWorks(b.Context(), time.Now())
		if err != nil || counts.Works < n/12 {
			b.Fatalf("%+v (%v)", counts, err)
		}
		b.StopTimer()
		s.Close()
		b.StartTimer()
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

// editionItem is one of a large library's records; the tenth of each ten translates the
// one before.
func editionItem(i int) catalog.Item {
	lang, n := "en", i
	if i%10 == 9 {
		lang, n = "km", i-1
	}
	url := fmt.Sprintf("https://s%d.example/%s/p/%d", n%300, lang, n)
	words := strings.Fields("victim protection shelter guide law report training child labour fishing court return border police health legal aid data survey region")
	title := fmt.Sprintf("%s %s %s in %s %s %d", words[n%20], words[n/20%20], words[n/7%20], words[n/11%20], words[n/13%20], n)
	return catalog.Item{
		Raw: record.Raw{Source: "bench", Identifier: fmt.Sprint(i), URL: url, Format: record.FormatHTML, Body: []byte(title)},
		Record: record.Record{
			Title: record.Texts{lang: title}, Languages: []string{lang}, Type: []record.Tag{{ID: "report"}}, Countries: []record.Tag{{ID: "KH"}},
			Publishers: []record.Agent{{ID: fmt.Sprint("p", n%200)}}, Issued: record.Date{EDTF: fmt.Sprint(2000 + n%25)},
			Origin: record.Origin{Landing: url}, Files: []record.File{{URL: fmt.Sprintf("https://s%d.example/f/%d.pdf", n%300, i)}},
		},
		Decision: record.Decision{Verdict: record.Publish},
	}
}
