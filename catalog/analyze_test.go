package catalog

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// tokens prints groups: tokens divided by spaces, groups by |, "*" behind an open one.
func tokens(text string) string {
	var parts []string
	for _, g := range Analyze(text) {
		p := strings.Join(g.Tokens, " ")
		if g.Open {
			p += "*"
		}
		parts = append(parts, p)
	}
	return strings.Join(parts, "|")
}

func TestAnalyze(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":                     {"", ""},
		"punctuation":               {"!? — …", ""},
		"case and accents":          {"Élan VITAL", "elan|vital"},
		"decomposed accents":        {"e\u0301lan", "elan"},
		"Vietnamese":                {"Nạn nhân Đồng Tháp", "nan|nhan|dong|thap"},
		"Latin without decomposing": {"Łódź Ærø straße", "lodz|aero|strass"},
		"possessives":               {"victim's victims’ rock'n'roll 'quoted'", "victim|victim|rock|n|roll|quot"},
		"hyphens":                   {"follow-up", "follow|up"},
		"numbers and letters":       {"COVID-19 2nd", "covid|19|2nd"},
		"native digits":             {"๒๕๖๖ ១២៣ ໑໒ ၁၂ २०", "2566|123|12|12|20"},
		"full width":                {"ＡＢ１２", "ab12"},
		"soft hyphen":               {"traf\u00adficker", "trafficker"},
		"zero width":                {"ผู้\u200bเสีย\u2060หาย\ufeff", tokens("ผู้เสียหาย")},
		"Arabic marks":              {"كِتَاب كتــاب", "كتاب|كتاب"},

		"Thai":                    {"การค้า", "การ รค้า ค้า"},
		"Thai one cluster":        {"นา", "นา*"},
		"Thai leading vowels":     {"เด็กแม่", "เด็ก กแม่ แม่"},
		"Thai double e":           {"เเม่", "แม่*"},
		"Thai am in parts":        {"น\u0e49\u0e4d\u0e32", "น้ำ*"},
		"Thai am, tone inside":    {"น\u0e4d\u0e49\u0e32", "น้ำ*"},
		"Thai repetition":         {"เด็กๆ", "เด็ก ก"},
		"Thai abbreviation":       {"กรุงเทพฯ", tokens("กรุงเทพ")},
		"Thai currency":           {"฿500", "500"},
		"Thai with Latin":         {"NGOไทย", "ngo|ไทย ย"},
		"Lao":                     {"ມະນຸດ", "ມະນຸ ນຸດ ດ"},
		"Lao digraph letters":     {"ໜ້າ", "ໜ້າ*"},
		"Lao am in parts":         {"ນ\u0ecd\u0eb2", "ນຳ*"},
		"Lao repetition":          {"ຕ່າງໆ", "ຕ່າງ ງ"},
		"Khmer":                   {"មនុស្ស", "មនុ នុស្ស ស្ស"},
		"Khmer coeng da and ta":   {"ក\u17d2\u178a", "ក\u17d2\u178f*"},
		"Khmer da that is no sub": {"ដ", "ដ*"},
		"Khmer repetition":        {"ផ្សេងៗ", tokens("ផ្សេង")},
		"Khmer invisible vowel":   {"ក\u17b4រ", tokens("ករ")},
		"Burmese closed":          {"မြန်မာ", "မြန်မာ မာ"},
		"Burmese dot and asat":    {"ခွင့်ပြု", "ခွင့်ပြု ပြု"},
		"Burmese vowel asat":      {"ဆော်", "ဆော်*"},
		"Burmese stacked":         {"ဒုက္ခ", "ဒုက္ခ က္ခ"},
		"Burmese kinzi":           {"သင်္ဘော", "သင်္ဘော*"},
		"Burmese punctuation":     {"လူ၊ကူ။", "လူ*|ကူ*"},
		"Han":                     {"人口贩运", "人口 口贩 贩运 运"},
		"Han one":                 {"人", "人*"},
		"Kangxi radicals":         {"⼈口", "人口 口"},
		"Han and Latin":           {"GB标准", "gb|标准 准"},
		"Japanese":                {"データ", "データ タ"},
		"Hangul is spaced":        {"피해자 지원", "피해자|지원"},
		"Tamil":                   {"மனித கடத்தல்", "மனித|கடத்தல்"},
		"Hindi":                   {"मानव तस्करी", "मानव|तस्करी"},
		"Javanese signs":          {"ꦮꦺꦴꦁ", "ꦮꦺꦴꦁ"},
		"a sign alone":            {"\u0e49 \u0301", "\u0e49*"},
		"not UTF-8":               {"a\xffb", "a|b"},
		"syntax of the engine":    {`"a" AND b* (c:d) ^e`, "a|and|b|c|d|e"},
	} {
		if got := tokens(c.text); got != c.want {
			t.Errorf("%s: %q gives %q, want %q", name, c.text, got, c.want)
		}
	}
}

// A word in the middle of an unspaced sentence is found: its phrase is part of the
// sentence's tokens.
func TestPhraseInsideSentence(t *testing.T) {
	for sentence, words := range map[string][]string{
		"คู่มือการคัดแยกผู้เสียหายจากการค้ามนุษย์": {"คู่มือ", "คัดแยก", "ผู้เสียหาย", "การค้ามนุษย์"},
		"การកំណត់ជនរងគ្រោះដោយការជួញដូរមនុស្ស":      {"ជនរងគ្រោះ", "ជួញដូរ", "មនុស្ស"},
		"ຜູ້ຖືກເຄາະຮ້າຍຈາກການຄ້າມະນຸດ":             {"ເຄາະຮ້າຍ", "ຄ້າມະນຸດ"},
		"လူကုန်ကူးခံရသူများအားကူညီစောင့်ရှောက်ရေး": {"လူကုန်ကူး", "ကူညီ", "စောင့်ရှောက်"},
		"识别与保护人口贩运受害者工作手册":                         {"识别", "人口贩运", "受害者", "手册"},
	} {
		all := flat(sentence)
		for _, word := range words {
			if !contains(all, Analyze(word)[0].Phrase()) {
				t.Errorf("%s is not found in %s: %q in %q", word, sentence, Analyze(word)[0].Phrase(), all)
			}
		}
	}
}

func flat(text string) []string { return strings.Fields(string(AppendTokens(nil, text))) }

// contains reports whether a phrase stands somewhere in a list of tokens.
func contains(list, phrase []string) bool {
	for i := range len(list) - len(phrase) + 1 {
		if slices.Equal(list[i:i+len(phrase)], phrase) {
			return true
		}
	}
	return false
}

func TestStem(t *testing.T) {
	for _, family := range [][]string{
		{"victim", "victims"},
		{"service", "services", "servicing"},
		{"identify", "identifies", "identified", "identifying"},
		{"traffick", "trafficked", "trafficking"},
		{"abuse", "abuses", "abused", "abusing"},
		{"house", "houses", "housed", "housing"},
		{"plan", "plans", "planned", "planning"},
		{"use", "uses", "used", "using"},
		{"care", "cares", "cared", "caring"},
		{"law", "laws"}, {"box", "boxes"}, {"church", "churches"}, {"witness", "witnesses"},
		{"country", "countries"}, {"agree", "agrees", "agreed"}, {"die", "dies", "died"}, {"act", "acts", "acted", "acting"},
	} {
		for _, w := range family[1:] {
			if Stem(w) != Stem(family[0]) {
				t.Errorf("%s gives %s, %s gives %s", w, Stem(w), family[0], Stem(family[0]))
			}
		}
	}
	for _, pair := range [][2]string{{"organ", "organization"}, {"university", "universe"}, {"status", "state"}, {"king", "kings x"}, {"sing", "s"}, {"need", "nee"}, {"red", "r"}, {"thing", "th"}, {"buruh", "buru"}} {
		if Stem(pair[0]) == Stem(pair[1]) {
			t.Errorf("%s and %s both give %s", pair[0], pair[1], Stem(pair[0]))
		}
	}
	for _, w := range []string{"", "a", "as", "crisis", "virus", "ผู้", "café", "2nds"} {
		if Stem(w) != w {
			t.Errorf("%s gives %s", w, Stem(w))
		}
	}
}

func FuzzAnalyze(f *testing.F) {
	for _, s := range []string{"Guidelines on victims' rights", "คู่มือเด็กๆ น\u0e4d\u0e49\u0e32", "ជនរងគ្រោះ\u17d2", "သင်္ဘော\u1039", "人口贩运 ＡＢ", "a'b's'", "\u0e40\u0e40\u0e40", "\xff\u0301\u200d", strings.Repeat("long", 60)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		groups := Analyze(text)
		var all []string
		for _, g := range groups {
			if len(g.Tokens) == 0 || len(g.Phrase()) == 0 {
				t.Fatalf("%q has an empty group", text)
			}
			for _, tok := range g.Tokens {
				if tok == "" || !utf8.ValidString(tok) {
					t.Fatalf("%q gives token %q", text, tok)
				}
				for _, r := range tok {
					if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) && !unicode.Is(unicode.Nl, r) {
						t.Fatalf("%q gives token %q, which holds %U", text, tok, r)
					}
				}
			}
			all = append(all, g.Tokens...)
		}
		if indexed := flat(text); !slices.Equal(indexed, all) {
			t.Fatalf("%q is indexed as %q and looked for as %q", text, indexed, all)
		}
		// A text is found amid others, and inside quotes.
		around := flat(`one "` + text + `" two`)
		for _, g := range groups {
			if !contains(around, g.Phrase()) {
				t.Fatalf("%q of %q is not among %q", g.Phrase(), text, around)
			}
		}
	})
}

func BenchmarkAnalyze(b *testing.B) {
	text := strings.Repeat("Guidelines on the identification of victims. คู่มือการคัดแยกผู้เสียหายจากการค้ามนุษย์ Sổ tay hỗ trợ nạn nhân. 人口贩运受害者 ", 4)
	b.SetBytes(int64(len(text)))
	var dst []byte
	for b.Loop() {
		dst = AppendTokens(dst[:0], text)
	}
}
