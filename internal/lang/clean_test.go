package lang

import (
	"testing"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "Victim identification", "Victim identification"},
		{"empty", "", ""},
		{"white space", "  a\t\tb\u00a0\u00a0c\r\nd\u2028e\u3000f ", "a b c d e f"},
		{"controls", "a\x00b\x07c\u009cd", "abcœd"},
		{"C1 is windows-1252", "children\u0092s", "children’s"},
		{"entities", "Blue Dragon Children&#8217;s Foundation &amp; partners", "Blue Dragon Children’s Foundation & partners"},
		{"entities twice", "Blue Dragon Children&amp;#8217;s Foundation &amp;amp; partners", "Blue Dragon Children’s Foundation & partners"},
		{"no entity without semicolon", "a?x=1&copy=2 &notit; AT&T", "a?x=1&copy=2 &notit; AT&T"},
		{"entity that is a space", "a&nbsp;&nbsp;b", "a b"},
		{"NFC", "ho\u0302\u0303 tro\u031b\u0323", "hỗ trợ"},
		{"never NFKC", "จำนวน ຈຳນວນ", "จำนวน ຈຳນວນ"},
		{"Thai sara am", "จ\u0e4d\u0e32นวน", "จ\u0e33นวน"},
		{"Thai sara am around a tone mark", "น\u0e49\u0e4d\u0e32 น\u0e4d\u0e49\u0e32", "น\u0e49\u0e33 น\u0e49\u0e33"},
		{"Thai sara am doubled", "ต\u0e33\u0e32รวจ", "ต\u0e33รวจ"},
		{"Thai sara e twice", "\u0e40\u0e40ละ", "\u0e41ละ"},
		{"Thai mark twice", "ที\u0e48\u0e48", "ที\u0e48"},
		{"Lao am", "ຈ\u0ecd\u0eb2ນວນ", "ຈ\u0eb3ນວນ"},
		{"Lao e twice", "\u0ec0\u0ec0ລະ", "\u0ec1ລະ"},
		{"zero-width space goes from Thai", "การ\u200bค้า\u00adมนุษย์", "การค้ามนุษย์"},
		{"zero-width space stays in Khmer", "គណៈ\u200bកម្មាធិការ", "គណៈ\u200bកម្មាធិការ"},
		{"zero-width space at a border goes", "\u200bគណៈ\u200b 2", "គណៈ 2"},
		{"zero-width spaces once", "ក\u200b\u200bខ", "ក\u200bខ"},
		{"joiner stays in Devanagari", "क्\u200dष", "क्\u200dष"},
		{"joiner goes from Latin", "a\u200db\ufeffc", "abc"},
		{"direction marks go from left-to-right text", "\u200eASEAN\u200e", "ASEAN"},
		{"direction marks stay in Arabic", "عربي\u200f (1)", "عربي\u200f (1)"},
		{"ETH in Vietnamese", "Ðại học QÐ-TTg", "Đại học QĐ-TTg"},
		{"ETH in Icelandic", "Ísland, Ðe og það", "Ísland, Ðe og það"},
		{"invalid UTF-8", "a\xffb", "a\ufffdb"},
		{"noncharacters", "a\uffffb", "ab"},
	} {
		if got := Clean(c.in); got != c.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
		if got := Clean(c.want); got != c.want {
			t.Errorf("%s: cleaning twice gives %q from %q", c.name, got, c.want)
		}
	}
}

func TestFold(t *testing.T) {
	for _, group := range [][]string{
		{"Nạn nhân bị mua bán", "nan nhan  bi mua ban", "NẠN NHÂN BỊ MUA BÁN"},
		{"hoà", "hòa", "hoa"},
		{"Đường dây", "duong day", "Ðường dây"},
		{"ទីស្\u178aីការ", "ទីស្\u178fីការ"},
		{"គណៈ\u200bកម្មាធិការ", "គណៈកម្មាធិការ"},
		{"การ\u200bค้า\u00admนุษย์", "การค้าmนุษย์"},
		{"Tráfico", "TRAFICO", "trafico"},
		{"children’s “rights” – today…", `children's "rights" - today...`},
		{"ＡＳＥＡＮ（２０２３）", "asean(2023)"},
		{"๒๕๖๖", "2566", "၂၅၆၆"},
		{"Straße œuvre Łódź", "strasse oeuvre lodz"},
		{"မြန်မာ။ နိုင်ငံ", "မြန်မာ နိုင်ငံ"},
		{"តើ។ ទេ៖ បាទ", "តើ ទេ បាទ"},
		{"co\u00adoperation", "cooperation"},
		{"e\u0301clat", "eclat"},
	} {
		for _, s := range group {
			if got, want := Fold(s), Fold(group[0]); got != want {
				t.Errorf("Fold(%q) = %q, but %q folds to %q", s, got, group[0], want)
			}
		}
	}
	for _, c := range [][2]string{{"ปก", "ปาก"}, {"ma", "mb"}, {"ကို", "ကိ"}} {
		if Fold(c[0]) == Fold(c[1]) {
			t.Errorf("%q and %q fold to the same", c[0], c[1])
		}
	}
}

func TestDigits(t *testing.T) {
	for in, want := range map[string]string{
		"๐๑๒๓๔๕๖๗๘๙": "0123456789", "០១២៣៤៥៦៧៨៩": "0123456789", "໐໑໒໓໔໕໖໗໘໙": "0123456789", "၀၁၂၃၄၅၆၇၈၉": "0123456789",
		"௦௧௨௯": "0129", "٠١٢٩": "0129", "۰۱۲۹": "0129", "०१२९": "0129", "０１２９": "0129", "႐႑႙": "019",
		"๓ การคุ้มครองสวัสดิภาพ": "3 การคุ้มครองสวัสดิภาพ",
		"၂ဝ၁၄": "2014", "၂ဝ၁ဝ": "2010", "၂ဝ၁ဝ ပြည့်နှစ်": "2010 ပြည့်နှစ်", "၂ဝ၁ဝပြည့်နှစ်": "2010ပြည့်နှစ်", "၁ဝ၊၂": "10၊2",
		"၅ဝါကျ": "5ဝါကျ", "ဝန်ကြီး": "ဝန်ကြီး", "၂ ဝန်": "2 ဝန်", "ဝဝ": "ဝဝ",
		"No 5": "No 5", "": "", "½ ②": "½ ②",
	} {
		if got := Digits(in); got != want {
			t.Errorf("Digits(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestScript(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "2023 – 12": "", "Report": "Latn", "รายงาน": "Thai", "รายงาน ASEAN 2566": "Thai", "ລາຍງານ": "Laoo",
		"របាយការណ៍": "Khmr", "အစီရင်ခံစာ": "Mymr", "அறிக்கை": "Taml", "报告": "Hani", "レポート": "Kana", "보고서": "Hang", "отчёт": "Cyrl",
		"ການຄ້າມະນຸດ (topic page)":   "Laoo",
		"Trafficking in Persons (ก)": "Latn", "Nạn nhân": "Latn", "၂၀၁၄": "", "ＡＢ": "Latn",
	} {
		if got := Script(in); got != want {
			t.Errorf("Script(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestRuns(t *testing.T) {
	got := Runs("(1) คู่มือ 2 Manual for ล่าม.")
	want := []Run{{"Thai", "(1) คู่มือ 2 "}, {"Latn", "Manual for "}, {"Thai", "ล่าม."}}
	if len(got) != len(want) {
		t.Fatalf("got %q", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("run %d: got %q, want %q", i, got[i], want[i])
		}
	}
	if got := Runs("123"); len(got) != 0 {
		t.Errorf("a text without letters gives %q", got)
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "a&amp;amp;b", "น\u0e4d\u0e49\u0e32", "\u200bក\u200b", "Ðạ", "\xff\u0092", "e\u0301", "၂ဝ၁ဝ", "¡ÒÃ¤éÒÁ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		clean := Clean(s)
		if !utf8.ValidString(clean) {
			t.Errorf("Clean(%q) = %q is not UTF-8", s, clean)
		}
		folded := Fold(s)
		if again := Fold(folded); again != folded && Fold(again) != again {
			t.Errorf("Fold(%q) = %q does not settle: %q", s, folded, again)
		}
		Digits(s)
		Runs(s)
		if fixed, _ := Mojibake(s); utf8.ValidString(s) && !utf8.ValidString(fixed) {
			t.Errorf("Mojibake(%q) = %q is not UTF-8", s, fixed)
		}
		if _, c := Detect(s, "id"); c < 0 || c > 1 {
			t.Errorf("Detect(%q): confidence %v", s, c)
		}
		ToUnicode(s)
		Tag(s)
	})
}
