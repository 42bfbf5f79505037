package catalogtest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

// text makes a record with a title in one language.
func text(identifier, lang, title string) catalog.Item {
	return item(identifier, title, func(it *catalog.Item) { it.Record.Title = record.Texts{lang: title} })
}

// samples are titles in the languages of the region: unspaced ones hold the words that the
// tests look for at the beginning, in the middle and at the end.
func samples() []catalog.Item {
	return []catalog.Item{
		text("en", "en", "Guidelines on identifying trafficked persons and their referral to services"),
		text("th", "th", "คู่มือการคัดแยกผู้เสียหายจากการค้ามนุษย์สำหรับเจ้าหน้าที่"),
		text("km", "km", "សៀវភៅណែនាំស្តីពីការកំណត់អត្តសញ្ញាណជនរងគ្រោះដោយការជួញដូរមនុស្ស"),
		text("lo", "lo", "ຄູ່ມືການຊ່ວຍເຫຼືອຜູ້ຖືກເຄາະຮ້າຍຈາກການຄ້າມະນຸດ"),
		text("my", "my", "လူကုန်ကူးခံရသူများအားကူညီစောင့်ရှောက်ရေးလမ်းညွှန်"),
		text("vi", "vi", "Sổ tay hỗ trợ nạn nhân bị mua bán trở về"),
		text("zh", "zh", "识别与保护人口贩运受害者工作手册"),
		text("ta", "ta", "மனித கடத்தலால் பாதிக்கப்பட்டவர்களுக்கான வழிகாட்டி"),
		text("id", "id", "Panduan pemulangan korban perdagangan orang"),
		text("fil", "fil", "Gabay sa pagtulong sa mga biktima ng human trafficking"),
	}
}

func searchTests() map[string]func(*env) {
	return map[string]func(*env){
		"words of every script are found": func(e *env) {
			e.put(samples()...)
			for query, want := range map[string]string{
				"identifying": "en", "Identified": "en", "TRAFFICKED person": "en", "services": "en", "service": "en",
				"คู่มือ": "th", "ผู้เสียหาย": "th", "ค้ามนุษย์": "th", "เจ้าหน้าที่": "th", "คัดแยก ค้ามนุษย์": "th", "เเยก": "th",
				"សៀវភៅ": "km", "ជនរងគ្រោះ": "km", "អត្តសញ្ញាណ": "km", "មនុស្ស": "km",
				"ຄູ່ມື": "lo", "ຜູ້ຖືກເຄາະຮ້າຍ": "lo", "ຊ່ວຍເຫຼືອ": "lo", "ມະນຸດ": "lo",
				"လူကုန်ကူး": "my", "ကူညီ": "my", "စောင့်ရှောက်": "my", "လမ်းညွှန်": "my",
				"nạn nhân": "vi", "nan nhan": "vi", "mua bán": "vi", "MUA BAN": "vi", "so tay": "vi",
				"人口贩运": "zh", "保护": "zh", "手册": "zh", "受害者": "zh", "识": "zh",
				"கடத்தலால்": "ta", "வழிகாட்டி": "ta",
				"korban": "id", "perdagangan orang": "id", "biktima": "fil",
				"human trafficking": "fil", "no such word": "", "!?": "",
				// what the syntax of an engine might be is text like any other
				"\"": "", "AND": "en", "title:korban": "", "korban NOT orang": "", "korb*": "",
			} {
				expect(e, query, strings.Join(e.found(catalog.Query{Text: query}), " "), want)
			}
		},
		"descriptions, agents and identifiers are found behind titles": func(e *env) {
			e.put(
				item("b", "Annual report", func(it *catalog.Item) {
					it.Record.Description = record.Texts{"en": "All about shelters for survivors and more words that dilute the text."}
				}),
				item("a", "Shelters"),
				item("c", "Other", func(it *catalog.Item) {
					it.Record.Publishers = []record.Agent{{Name: record.Texts{"en": "Ministry of Welfare"}}}
					it.Record.Identifiers = []record.Identifier{{Scheme: "doi", Value: "10.1234/abc-77"}}
				}),
			)
			expect(e, "rank", e.found(catalog.Query{Text: "shelter"}), []string{"a", "b"})
			expect(e, "publisher", e.found(catalog.Query{Text: "ministry welfare"}), []string{"c"})
			expect(e, "DOI", e.found(catalog.Query{Text: "10.1234/abc-77"}), []string{"c"})
			res, err := e.Search(e.Context(), catalog.Query{Text: "shelter"})
			e.must(err)
			if res.Hits[0].Score <= res.Hits[1].Score {
				e.Errorf("scores do not fall: %v, %v", res.Hits[0].Score, res.Hits[1].Score)
			}
		},
		"the index follows changes": func(e *env) {
			e.put(item("a", "shelter"))
			e.put(item("a", "hotline"))
			expect(e, "the old word", len(e.found(catalog.Query{Text: "shelter"})), 0)
			expect(e, "the new word", e.found(catalog.Query{Text: "hotline"}), []string{"a"})
		},
	}
}

func answerTests() map[string]func(*env) {
	return map[string]func(*env){
		"facets and filters agree with a naive count": func(e *env) {
			items := random(150)
			e.put(items...)
			e.put(item(items[3].Raw.Identifier, "", deleted), item(items[4].Raw.Identifier, "hidden", held))
			items = slices.Delete(items, 3, 5)
			for _, filters := range []map[catalog.Facet][]string{
				nil,
				{catalog.FacetCountry: {"TH"}},
				{catalog.FacetCountry: {"TH", "KH"}, catalog.FacetType: {"report"}},
				{catalog.FacetLanguage: {"th"}, catalog.FacetYear: {"2021", "2022"}, catalog.FacetTheme: {"shelter"}},
				{catalog.FacetSource: {source}, catalog.FacetAudience: {"nobody"}},
			} {
				for _, word := range []string{"", "even"} {
					e.compareFacets(items, catalog.Query{Text: word, Filters: filters, Limit: 100})
				}
			}
		},
		"orders": func(e *env) {
			dated := func(date string) func(*catalog.Item) {
				return func(it *catalog.Item) { it.Record.Issued.EDTF = date }
			}
			e.put(item("a", "word", dated("2020")), item("b", "word", dated("")), item("c", "word", dated("2024-05")), item("d", "word", dated("2020")))
			e.pass(time.Minute)
			e.put(item("b", "word again", dated("")))
			expect(e, "newest", e.found(catalog.Query{Sort: catalog.ByNewest}), []string{"b", "d", "c", "a"})
			expect(e, "without a text", e.found(catalog.Query{}), []string{"b", "d", "c", "a"})
			expect(e, "issued", e.found(catalog.Query{Sort: catalog.ByIssued}), []string{"c", "d", "a", "b"})
			expect(e, "newest of a text", e.found(catalog.Query{Text: "word", Sort: catalog.ByNewest}), []string{"b", "d", "c", "a"})
		},
		"paging is complete and repeats nothing": func(e *env) {
			items := random(130)
			e.put(items...)
			for _, q := range []catalog.Query{
				{Limit: 7}, {Limit: 100}, {Limit: 9, Text: "even"}, {Limit: 11, Sort: catalog.ByIssued},
				{Limit: 13, Text: "even", Sort: catalog.ByNewest, Filters: map[catalog.Facet][]string{catalog.FacetCountry: {"TH", "KH"}}},
			} {
				e.comparePages(q)
			}
			res, err := e.Search(e.Context(), catalog.Query{})
			e.must(err)
			expect(e, "default size", len(res.Hits), 20)
		},
		"paging goes on while records come": func(e *env) {
			for _, sort := range []catalog.Sort{catalog.ByRelevance, catalog.ByNewest, catalog.ByIssued} {
				e.pageWhileWriting(catalog.Query{Text: "word" + string(sort), Sort: sort, Limit: 7})
			}
		},
		"a foreign cursor is refused": func(e *env) {
			e.put(many(5, "a")...)
			res, err := e.Search(e.Context(), catalog.Query{Limit: 2})
			e.must(err)
			for name, q := range map[string]catalog.Query{
				"garbage":      {Limit: 2, Cursor: "%%%"},
				"other text":   {Limit: 2, Text: "a", Cursor: res.Next},
				"other filter": {Limit: 2, Filters: map[catalog.Facet][]string{catalog.FacetCountry: {"TH"}}, Cursor: res.Next},
				"other order":  {Limit: 2, Sort: catalog.ByIssued, Cursor: res.Next},
			} {
				if _, err := e.Search(e.Context(), q); err != catalog.ErrCursor {
					e.Errorf("%s: %v", name, err)
				}
			}
		},
	}
}

// random makes n records with values drawn from small lists; every second has "even" in
// its title.
func random(n int) []catalog.Item {
	rng := rand.New(rand.NewPCG(3, 4))
	draw := func(list ...string) []string {
		var some []string
		for _, v := range list {
			if rng.IntN(3) == 0 {
				some = append(some, v)
			}
		}
		return some
	}
	items := many(n, "r")
	for i := range items {
		r := &items[i].Record
		if i%2 == 0 {
			r.Title["en"] += " even"
		}
		r.Countries, r.Themes, r.Type = tags(draw("TH", "KH", "LA", "MM")...), tags(draw("shelter", "hotline")...), tags(draw("report", "law", "training")...)
		r.Languages, r.Audiences = draw("en", "th", "zh-Hant"), tags(draw("police", "social workers")...)
		if rng.IntN(4) > 0 {
			r.Issued.EDTF = fmt.Sprint(2019 + rng.IntN(5))
		}
	}
	return items
}

// matches is the naive search: the word in the title, and every filter but one.
func matches(it catalog.Item, q catalog.Query, without catalog.Facet) bool {
	it.Record.Origin.Source = source
	if q.Text != "" && !strings.Contains(it.Record.Title["en"], q.Text) {
		return false
	}
	has := catalog.FacetValues(it.Record)
	for f, values := range q.Filters {
		if f != without && !slices.ContainsFunc(values, func(v string) bool { return slices.Contains(has[f], v) }) {
			return false
		}
	}
	return true
}

func (e *env) compareFacets(items []catalog.Item, q catalog.Query) {
	e.Helper()
	res, err := e.Search(e.Context(), q)
	e.must(err)
	total := 0
	for _, it := range items {
		if matches(it, q, "") {
			total++
		}
	}
	expect(e, fmt.Sprintf("total of %+v", q), res.Total, total)
	expect(e, fmt.Sprintf("hits of %+v", q), len(res.Hits), min(total, q.Limit))
	for _, f := range catalog.Facets() {
		counts := map[string]int{}
		for _, it := range items {
			it.Record.Origin.Source = source
			if matches(it, q, f) {
				for _, v := range catalog.FacetValues(it.Record)[f] {
					counts[v]++
				}
			}
		}
		var want []catalog.FacetCount
		for v, n := range counts {
			want = append(want, catalog.FacetCount{ID: v, Count: n})
		}
		slices.SortFunc(want, func(a, b catalog.FacetCount) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.ID, b.ID))
		})
		expect(e, fmt.Sprintf("facet %s of %+v", f, q), res.Facets[f], want)
	}
}

// pageWhileWriting reads a query page by page. Before each page but the first a record
// comes that would stand on an earlier one.
func (e *env) pageWhileWriting(q catalog.Query) {
	e.Helper()
	var old []catalog.Item
	for i := range 40 {
		it := item(fmt.Sprint(q.Sort, i), fmt.Sprintf("%s no%d", q.Text, i))
		it.Record.Issued.EDTF = fmt.Sprint(2000 + i%5)
		old = append(old, it)
	}
	e.put(old...)
	times := map[string]int{}
	for i := 0; ; i++ {
		res, err := e.Search(e.Context(), q)
		e.must(err)
		for _, h := range res.Hits {
			times[h.Entry.Record.Origin.Identifier]++
		}
		if res.Next == "" {
			break
		}
		q.Cursor = res.Next
		it := item(fmt.Sprint("new", q.Sort, i), strings.Repeat(q.Text+" ", 3))
		it.Record.Issued.EDTF = "2030"
		e.put(it)
	}
	for _, it := range old {
		if n := times[it.Raw.Identifier]; n != 1 {
			e.Errorf("%s: %s came %d times", q.Sort, it.Raw.Identifier, n)
		}
	}
}

// comparePages reads a query page by page and all at once by Records.
func (e *env) comparePages(q catalog.Query) {
	e.Helper()
	want := map[string]bool{}
	for rec, err := range e.Records(e.Context(), q) {
		e.must(err)
		want[rec.Origin.Identifier] = true
	}
	got := map[string]bool{}
	for {
		res, err := e.Search(e.Context(), q)
		e.must(err)
		expect(e, "total", res.Total, len(want))
		for _, h := range res.Hits {
			id := h.Entry.Record.Origin.Identifier
			if got[id] {
				e.Errorf("%s comes twice in %+v", id, q)
			}
			got[id] = true
		}
		if res.Next == "" {
			break
		}
		expect(e, "size of a page", len(res.Hits), q.Limit)
		q.Cursor = res.Next
	}
	expect(e, "all pages", got, want)
}
