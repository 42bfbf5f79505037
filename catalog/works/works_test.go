package works

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"ctiphub/record"
)

// pool is all cards of the pair cases and some hundred made ones.
func pool(t testing.TB) []Card {
	t.Helper()
	var recs []record.Record
	for _, c := range pairCases(t) {
		recs = append(recs, c.a, c.b)
	}
	return cardsOf(append(recs, synthetic(300, 3)...))
}

func links(cards []Card) []Link {
	return slices.Collect(Find(slices.Values(Index(cards)), func(i int) *Card { return &cards[i] }))
}

func pointers(cards []Card) func(func(*Card) bool) {
	return func(yield func(*Card) bool) {
		for i := range cards {
			if !yield(&cards[i]) {
				return
			}
		}
	}
}

func clustered(cards []Card, rulings ...Ruling) []Work {
	return Group(pointers(cards), links(cards), rulings)
}

func shuffled[T any](rng *rand.Rand, s []T) []T {
	s = slices.Clone(s)
	rng.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
	return s
}

func workOf(works []Work) map[record.ID]record.ID {
	out := map[record.ID]record.ID{}
	for _, w := range works {
		for _, m := range w.Members {
			out[m] = w.ID
		}
	}
	return out
}

func TestCompareIsSymmetricAndKeyed(t *testing.T) {
	cards := pool(t)
	for i := range cards {
		for j := range cards[:i] {
			a, b := cards[i], cards[j]
			x, okX := Compare(a, b)
			y, okY := Compare(b, a)
			if okX != okY || !reflect.DeepEqual(x, y) {
				t.Fatalf("one way %+v, the other %+v", x, y)
			}
			if !okX {
				continue
			}
			if !meetKeys(a.Keys(), b.Keys()) {
				t.Errorf("linked by %v without a key in common:\n%+v\n%+v", x.Evidence, a, b)
			}
			if x.Kind == Duplicate && tongues(&a, &b) == otherTongue {
				t.Errorf("a duplicate in another language: %+v", x)
			}
			if x.Confidence <= 0 || x.Confidence >= 1 || x.A >= x.B {
				t.Errorf("odd link %+v", x)
			}
		}
	}
}

func meetKeys(a, b []uint64) bool {
	return slices.ContainsFunc(a, func(k uint64) bool { return slices.Contains(b, k) })
}

func TestFindIsCompareOfAllPairs(t *testing.T) {
	cards := pool(t)
	crowded := crowds(slices.Values(Index(cards)))
	var want []string
	for i := range cards {
		for j := range cards[:i] {
			if l, ok := compare(&cards[i], &cards[j], func(k uint64) bool { return crowded[k] }); ok {
				want = append(want, fmt.Sprint(l))
			}
		}
	}
	var got []string
	for _, l := range links(cards) {
		got = append(got, fmt.Sprint(l))
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("found %d links, all pairs have %d", len(got), len(want))
	}
}

func TestOrderDoesNotMatter(t *testing.T) {
	cards := pool(t)
	rulings := []Ruling{{cards[0].ID, cards[1].ID, Apart}, {cards[2].ID, cards[9].ID, Together}, {cards[5].ID, cards[9].ID, Apart}, {cards[2].ID, cards[5].ID, Together}}
	want := clustered(cards, rulings...)
	if len(want) < 30 {
		t.Fatalf("only %d works: too few to mean anything", len(want))
	}
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 1))
		mixed := shuffled(rng, cards)
		got := Group(pointers(mixed), shuffled(rng, links(mixed)), shuffled(rng, rulings))
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: another partition", seed)
		}
	}
}

func TestUnrelatedRecordChangesNothing(t *testing.T) {
	cards := pool(t)
	want := clustered(cards)
	alone := CardOf(record.Record{
		ID: "zzzzzzzzzzzzzzzz", Title: record.Texts{"en": "Beekeeping in the northern highlands of nowhere"}, Languages: []string{"en"},
		Publishers: []record.Agent{{ID: "bees", Kind: "ngo"}}, Issued: record.Date{EDTF: "2020"}, Origin: record.Origin{Landing: "https://bees.example/1"},
	})
	if got := clustered(append(slices.Clone(cards), alone)); !reflect.DeepEqual(got, want) {
		t.Error("a record that shares nothing changed the works")
	}
}

func TestNothingForbiddenTogether(t *testing.T) {
	cards := cardsOf(synthetic(3000, 5))
	byID := map[record.ID]*Card{}
	for i := range cards {
		byID[cards[i].ID] = &cards[i]
	}
	works := clustered(cards)
	for _, w := range works {
		for i, m := range w.Members {
			for _, o := range w.Members[:i] {
				if apart(byID[m], byID[o]) {
					t.Errorf("work %s has %+v and %+v", w.ID, *byID[m], *byID[o])
				}
			}
		}
	}
	if len(works) < 300 {
		t.Errorf("only %d works of 3000 records", len(works))
	}
}

func TestRulingsHold(t *testing.T) {
	for seed := range uint64(10) {
		rng := rand.New(rand.NewPCG(seed, 2))
		cards := cardsOf(synthetic(400, seed))
		var rulings []Ruling
		used := map[record.ID]bool{}
		add := func(a, b record.ID, v Verdict) {
			if !used[a] && !used[b] && a != b {
				used[a], used[b] = true, true
				rulings = append(rulings, Ruling{a, b, v})
			}
		}
		for _, l := range links(cards) {
			if rng.IntN(3) == 0 {
				add(l.A, l.B, Apart)
			}
		}
		for range 20 {
			add(cards[rng.IntN(len(cards))].ID, cards[rng.IntN(len(cards))].ID, Together)
		}
		for range 3 { // and still after later harvests
			held := workOf(clustered(cards, rulings...))
			for _, r := range rulings {
				one := held[r.A] != "" && held[r.A] == held[r.B]
				if one != (r.Verdict == Together) {
					t.Fatalf("seed %d: %+v does not hold", seed, r)
				}
			}
			cards = append(cards, again(cards, rng)...)
		}
	}
}

// again makes further copies of some cards, as another source would bring them.
func again(cards []Card, rng *rand.Rand) []Card {
	var out []Card
	for _, c := range cards {
		if rng.IntN(4) == 0 {
			c.ID = record.NewID("later", string(c.ID))
			out = append(out, c)
		}
	}
	return out
}

func TestRulingsOverMarks(t *testing.T) {
	law := func(id record.ID, number string) Card {
		return CardOf(record.Record{
			ID: id, Title: record.Texts{"id": "Peraturan Menteri Nomor " + number + " tentang Pelayanan Terpadu bagi Saksi"}, Languages: []string{"id"},
			Publishers: []record.Agent{{ID: "kpppa"}}, Type: []record.Tag{{ID: "law-policy"}}, Countries: []record.Tag{{ID: "ID"}},
		})
	}
	cards := []Card{law("a", "8 Tahun 2021"), law("b", "22 Tahun 2010"), law("c", "8 Tahun 2021"), law("d", "22 Tahun 2010")}
	if got := clustered(cards); len(got) != 2 || !slices.Equal(got[0].Members, []record.ID{"a", "c"}) {
		t.Errorf("without a ruling: %+v", got)
	}
	// Whoever unites two numbers unites their copies too.
	if got := clustered(cards, Ruling{"b", "a", Together}); len(got) != 1 || len(got[0].Members) != 4 {
		t.Errorf("with a ruling: %+v", got)
	}
	contradiction := []Ruling{{"a", "b", Together}, {"b", "c", Together}, {"c", "a", Apart}}
	if held := workOf(clustered(cards, contradiction...)); held["a"] == held["c"] {
		t.Errorf("apart gave way: %v", held)
	}
}

// TestChains ties two works by a third record that speaks for both.
func TestChains(t *testing.T) {
	page := func(id record.ID, lang, title, at, other string) Card {
		return CardOf(record.Record{
			ID: id, Title: record.Texts{lang: title}, Languages: []string{lang}, Origin: record.Origin{Landing: at},
			Relations: []record.Relation{{Kind: "translationOf", Target: other, Lang: "th"}},
		})
	}
	// Both English pages name the same Thai page: a mistake of the site.
	cards := []Card{
		page("a", "en", "Shelter standards for survivors", "https://x.example/en/1", "https://x.example/th/all"),
		page("b", "en", "Courts and testimony of children", "https://x.example/en/2", "https://x.example/th/all"),
		page("c", "th", "มาตรฐานสถานคุ้มครอง", "https://x.example/th/all", "https://x.example/th/none"),
	}
	got := clustered(cards)
	if len(got) != 1 || len(got[0].Members) != 2 {
		t.Errorf("got %+v, want one work of two", got)
	}
	// A page with all volumes ties no volumes together.
	volume := func(id record.ID, title string) Card {
		return CardOf(record.Record{ID: id, Title: record.Texts{"en": title}, Languages: []string{"en"}, Identifiers: []record.Identifier{{Scheme: "handle", Value: "1/9"}}})
	}
	got = clustered([]Card{volume("a", "Handbook, volume 1"), volume("b", "Handbook, volume 2"), volume("c", "Handbook")})
	if len(got) != 1 || len(got[0].Members) != 2 {
		t.Errorf("got %+v, want one work of two", got)
	}
}

func TestNonPunishmentGuideline(t *testing.T) {
	var cards []Card
	for i, lang := range []string{"en", "id", "th", "my", "vi", "km", "lo"} {
		titles := []string{
			"ASEAN Guideline on the Implementation of the Non-Punishment Principle", "Pedoman ASEAN tentang Prinsip Tidak Menghukum", "แนวปฏิบัติอาเซียนว่าด้วยหลักการไม่ลงโทษ",
			"အာဆီယံလမ်းညွှန်ချက်", "Hướng dẫn của ASEAN về nguyên tắc không trừng phạt", "គោលការណ៍ណែនាំអាស៊ាន", "ຄູ່ມືອາຊຽນ",
		}
		cards = append(cards, CardOf(record.Record{
			ID: record.NewID("act", lang), Title: record.Texts{lang: titles[i]}, Languages: []string{lang},
			Origin: record.Origin{Landing: "https://act.example/" + lang + "/non-punishment"}, Issued: record.Date{EDTF: "2025-05-27"},
		}))
	}
	if got := clustered(cards); len(got) != 1 || len(got[0].Members) != 7 {
		t.Errorf("got %+v, want one work of seven languages", got)
	}
	for _, l := range links(cards) {
		if l.Kind != Translation {
			t.Errorf("got %+v, want a translation", l)
		}
	}
}

func TestCommonAttachment(t *testing.T) {
	make := func(n int) []Card {
		var cards []Card
		for i := range n {
			cards = append(cards, CardOf(record.Record{
				ID: record.NewID("s", fmt.Sprint(i)), Title: record.Texts{"en": "Protection of survivors at sea"}, Languages: []string{"en"},
				Files: []record.File{{URL: "https://s.example/logo.pdf", Checksum: "sha256:aa"}}, Type: []record.Tag{{ID: fmt.Sprint("type", i)}},
			}))
		}
		return cards
	}
	if got := clustered(make(20)); len(got) != 1 {
		t.Errorf("twenty records with one file are %d works", len(got))
	}
	if got := links(make(21)); len(got) != 0 {
		t.Errorf("an attachment of 21 records made %d links", len(got))
	}
}

// TestCommonTitle has one title so often that it is divided by date.
func TestCommonTitle(t *testing.T) {
	var cards []Card
	for i := range 120 {
		cards = append(cards, CardOf(record.Record{
			ID: record.NewID("s", fmt.Sprint(i)), Title: record.Texts{"en": "Statement of the working group on trafficking"}, Languages: []string{"en"},
			Publishers: []record.Agent{{ID: "un"}}, Type: []record.Tag{{ID: "news"}}, Issued: record.Date{EDTF: fmt.Sprintf("20%02d-05-01", i/4)},
		}))
	}
	works := clustered(cards)
	if len(works) != 30 {
		t.Errorf("got %d works, want one of each year", len(works))
	}
}

func TestCardKeepsItsMeaningAsJSON(t *testing.T) {
	for _, c := range pool(t) {
		data, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var back Card
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(c, back) || !slices.Equal(c.Keys(), back.Keys()) {
			t.Fatalf("written %+v, read %+v", c, back)
		}
	}
}

// TestKeysStay holds the hash: stored keys meet those of later versions of the hub.
func TestKeysStay(t *testing.T) {
	if got := nameKey("doi:10.5555/1"); got != 0xd8b3b1a6a1520c60 {
		t.Errorf("key %#x", got)
	}
	if got := hash(keyTitle, "title", "x", "p"); got != 0xcfff7f3c51be9422 {
		t.Errorf("key %#x", got)
	}
	if a, b := hash(keyPage, "ab", "c"), hash(keyPage, "a", "bc"); a == b {
		t.Error("where a part ends does not matter to the hash")
	}
}

func FuzzCard(f *testing.F) {
	f.Add("Law No. 53/2024/QH15 (2nd edition), Part II", "https://a.example/en/x_TH.pdf?lang=km&p=7", "th")
	f.Add("๓ การคุ้มครอง 2565-66: v2.0", "http://m.b.example/print/7", "und")
	f.Add("ឧក្រិដ្ឋកម្ម​៣ 2016/2017", "https://[::1]/%zz", "")
	f.Fuzz(func(t *testing.T, title, at, lang string) {
		rec := record.Record{
			ID: "a", Title: record.Texts{lang: title}, Languages: []string{"en"}, Origin: record.Origin{Landing: at},
			Publishers: []record.Agent{{ID: "p"}}, Type: []record.Tag{{ID: "guide"}}, Issued: record.Date{EDTF: "2020"},
		}
		a := CardOf(rec)
		rec.ID = "b"
		b := CardOf(rec)
		x, okX := Compare(a, b)
		y, okY := Compare(b, a)
		if okX != okY || !reflect.DeepEqual(x, y) {
			t.Fatalf("one way %+v, the other %+v", x, y)
		}
		if len(a.Titles) > 0 && !a.Titles[0].Generic && !okX && !a.Titles[0].Periodic {
			t.Fatalf("a record is not linked to its twin: %+v", a)
		}
		if okX && !meetKeys(a.Keys(), b.Keys()) {
			t.Fatalf("linked by %v without a key", x.Evidence)
		}
	})
}
