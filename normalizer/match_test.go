package normalizer

import (
	"slices"
	"testing"
)

// found runs a matcher of a few terms over a text.
func found(t *testing.T, text, lang string, terms ...term) []string {
	t.Helper()
	m := newMatcher(terms)
	var f folded
	m.folder.fold(&f, text)
	var out []string
	for _, hit := range longest(m.find(&f, lang, nil), nil) {
		out = append(out, f.span(hit.start, hit.end))
	}
	return out
}

func TestMatcher(t *testing.T) {
	en := func(s string) term { return term{text: s, lang: "en", conf: 1, scheme: schemeTheme} }
	of := func(lang, s string) term { return term{text: s, lang: lang, conf: 1, scheme: schemeTheme} }
	tests := []struct {
		name  string
		text  string
		lang  string
		terms []term
		want  []string
	}{
		{"word", "A shelter for women", "en", []term{en("shelter")}, []string{"shelter"}},
		{"no part of a word", "sheltered", "en", []term{en("shelter")}, nil},
		{"plural", "Two Shelters.", "en", []term{en("shelter")}, []string{"Shelter"}},
		{"case and hyphen", "Non Punishment", "en", []term{en("non-punishment")}, []string{"Non Punishment"}},
		{"over a line", "victim\nprotection", "en", []term{en("victim protection")}, nil},
		{"not over a sentence", "The victim. Protection is", "en", []term{en("victim protection")}, nil},
		{"punctuation inside", "(Re)Integration of", "en", []term{en("(re)integration")}, []string{"Re)Integration"}},
		{"acronym wants capitals", "a tip for SOPs and TIP", "en", []term{en("TIP")}, []string{"TIP"}},
		{"capitals mean nothing in capitals", "TIP REPORT", "en", []term{en("TIP")}, []string{"TIP"}},
		{"thai inside a run", "การคุ้มครองผู้เสียหายจากการค้ามนุษย์ในประเทศ", "th", []term{of("th", "ค้ามนุษย์")}, []string{"ค้ามนุษย์"}},
		{"khmer with zero-width space", "ការ​ជួញដូរ​មនុស្ស", "km", []term{of("km", "ជួញដូរមនុស្ស")}, []string{"ជួញដូរ​មនុស្ស"}},
		{"khmer coeng", "ទីស្ដីការ", "km", []term{of("km", "ស្តី")}, []string{"ស្ដី"}},
		{"not in half a syllable", "ตากี", "th", []term{of("th", "ตาก")}, nil},
		{"vietnamese without accents", "nan nhan bi mua ban", "vi", []term{of("vi", "nạn nhân bị mua bán")}, []string{"nan nhan bi mua ban"}},
		{"vietnamese tone placement", "tái hoà nhập", "vi", []term{of("vi", "tái hòa nhập")}, []string{"tái hoà nhập"}},
		{"single words need their accents", "luật và lụat", "vi", []term{of("vi", "luật")}, []string{"luật"}},
		{"another language's word", "bata at gatas", "pt", []term{of("fil", "bata")}, nil},
		{"indonesian and malay", "pemulihan", "ms", []term{of("id", "pemulihan")}, []string{"pemulihan"}},
		{"english in indonesian", "prinsip non-punishment", "id", []term{en("non-punishment")}, []string{"non-punishment"}},
		{"tamil with ending", "தங்குமிடத்தில்", "ta", []term{of("ta", "தங்குமிட")}, []string{"தங்குமிட"}},
		{"longest wins", "national referral mechanism", "en", []term{en("referral"), en("national referral mechanism"), en("referral mechanism")}, []string{"national referral mechanism"}},
		{"hidden by a phrase", "law enforcement and a law", "en", []term{en("law"), {text: "law enforcement", lang: "en", kind: kindNot, scheme: schemeTheme}}, []string{"law"}},
		{"suffix of another term", "child victim identification", "en", []term{en("child victims"), en("victim identification")}, []string{"victim identification"}},
		{"native digits", "แบบ รบ.๑", "th", []term{of("th", "แบบ รบ.1")}, []string{"แบบ รบ.๑"}},
		{"chinese", "关于人口贩运的报告", "zh-Hans", []term{of("zh-Hans", "人口贩运")}, []string{"人口贩运"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := found(t, tt.text, tt.lang, tt.terms...); !slices.Equal(got, tt.want) {
				t.Errorf("%q: found %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

// FuzzMatcher: spans lie inside the text, whatever the text.
func FuzzMatcher(f *testing.F) {
	for _, s := range []string{"Anti-trafficking in Lào Cai", "ការ​ជួញដូរ", "\xff\xfe", "e\u0301 e\u0301", "ﬁshing ß", "လူကုန်ကူးမှု", "𠀀人口贩运"} {
		f.Add(s)
	}
	v, err := shipped()
	if err != nil {
		f.Fatal(err)
	}
	m := newMatcher(newTerms(v))
	f.Fuzz(func(t *testing.T, s string) {
		var text folded
		m.folder.fold(&text, s)
		for _, hit := range longest(m.find(&text, "en", nil), nil) {
			if span := text.span(hit.start, hit.end); span == "" {
				t.Errorf("empty span for %q in %q", hit.term.text, s)
			}
		}
	})
}
