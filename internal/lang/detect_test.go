package lang

import (
	"strings"
	"testing"
)

// At least 92 % of titles must be told right, in each language as in all.
func TestDetectTitles(t *testing.T) {
	right, all := map[string]int{}, map[string]int{}
	for _, row := range table(t, "titles.tsv") {
		for _, key := range []string{row[0], "all"} {
			all[key]++
		}
		got, confidence := Detect(row[1])
		if got != row[0] {
			t.Logf("%s taken for %s (%.2f): %s", row[0], got, confidence, row[1])
			continue
		}
		right[row[0]]++
		right["all"]++
	}
	for key, n := range all {
		t.Logf("%s: %d of %d", key, right[key], n)
		if right[key]*100 < n*92 {
			t.Errorf("%s: only %d of %d titles are told right", key, right[key], n)
		}
	}
}

func TestDetectByScript(t *testing.T) {
	for _, c := range []struct{ want, text string }{
		{"th", "คู่มือการปฏิบัติงานล่าม"}, {"th", "แผนงาน ASEAN-ACT 2566"}, {"lo", "ການຄ້າມະນຸດ (topic page)"},
		{"km", "ការជួញដូរមនុស្ស"}, {"ta", "மனிதக் கடத்தல்"}, {"my", "လူကုန်ကူးမှု တိုက်ဖျက်ရေး"}, {"my", "လူ႔အခြင့္အေရး ေၾကညာစာတမ္း"},
		{"shn", "တေဢမ်ႇလႆႈၶႃၸႂ်ဢမ်ႇၼၼ် တိတ်းတေႃႇႁၢဝ်ႈႁၢဝ်ႈ"}, {"mnw", "မၞိဟ်အလဵုမွဲဂှ် ဒးဒုၚ်သ္ပကောန်ဍိက်"},
		{"zh-Hans", "打击人口贩运国家行动计划"}, {"zh-Hant", "防制人口販運工作報告"}, {"zh-Hant", "民國112年"}, {"ja", "人身取引対策に関する年次報告"}, {"ja", "レポート"},
		{"ko", "인신매매 방지"}, {"hi", "मानव तस्करी में बच्चों का शोषण और बचाव"}, {"ne", "मानव बेचबिखन गर्न नहुने कुराहरू छन्"},
		{"bn", "মানব পাচার প্রতিরোধ"}, {"ar", "مكافحة الاتجار بالأشخاص في المنطقة"}, {"ms", "ڤمرداڬڠن اورڠ دان ڤڽلودوڤن ميڬرن"}, {"ru", "торговля людьми"},
		{"und", ""}, {"und", "2023-12 / 45"}, {"und", "ASEAN"},
	} {
		if got, confidence := Detect(c.text); got != c.want || confidence < 0 || confidence > 1 {
			t.Errorf("Detect(%q) = %s, %.2f; want %s", c.text, got, confidence, c.want)
		}
	}
}

// A prior decides what the text leaves open, and does not overrule a clear text.
func TestDetectPriors(t *testing.T) {
	const open = "eksploitasi ekonomi"
	for _, prior := range []string{"id", "ms"} {
		if got, _ := Detect(open, prior); got != prior {
			t.Errorf("Detect(%q, %q) = %s", open, prior, got)
		}
	}
	for _, c := range []struct{ want, prior, text string }{
		{"en", "km", "Guidelines on the protection of victims of trafficking"},
		{"en", "ms", "The annual report of the national committee"},
		{"ms", "en", "Laporan tahunan Majlis Antipemerdagangan Orang, Kementerian Dalam Negeri"},
		{"th", "en", "รายงานประจำปี"},
		{"id", "", "perlindungan korban perdagangan orang"},
		{"zh-Hant", "zh-Hant", "人口"},
	} {
		if got, _ := Detect(c.text, c.prior); got != c.want {
			t.Errorf("Detect(%q, %q) = %s, want %s", c.text, c.prior, got, c.want)
		}
	}
	if got, confidence := Detect("UNODC", "tet"); got != "tet" || confidence > 0.5 {
		t.Errorf("an acronym with a prior: %s, %.2f", got, confidence)
	}
	if _, short := Detect("plan", "id"); short > 0.97 {
		t.Errorf("one word gives confidence %.2f", short)
	}
}

func TestNgramModel(t *testing.T) {
	if n := len(ngramData); n > 150<<10 {
		t.Errorf("the model has %d bytes", n)
	}
	m, err := ParseNgrams(ngramData)
	if err != nil || len(m.Languages) < 9 || m.size < 5000 {
		t.Fatalf("%d languages, %d groups, %v", len(m.Languages), m.size, err)
	}
	for name, data := range map[string][]byte{"empty": nil, "other": []byte("PNG?xxxx"), "cut": ngramData[:len(ngramData)/2]} {
		if _, err := ParseNgrams(data); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func BenchmarkDetect(b *testing.B) {
	for b.Loop() {
		Detect("Panduan Mekanisme Pelayanan Saksi dan/atau Korban Tindak Pidana Perdagangan Orang")
	}
}

func BenchmarkFold(b *testing.B) {
	for _, s := range []string{"Guidelines on victim identification", "Hỗ trợ tái hòa nhập cho nạn nhân", "คู่มือการปฏิบัติงานล่าม"} {
		b.Run(s[:strings.IndexByte(s+" ", ' ')], func(b *testing.B) {
			for b.Loop() {
				Fold(s)
			}
		})
	}
}

// TestScoresMatchGroups: the fast way through the letter groups of a text goes through
// the very groups that the model is trained with.
func TestScoresMatchGroups(t *testing.T) {
	m := loadNgrams()
	for _, text := range []string{"Guideline on the identification of victims", "Panduan perlindungan saksi dan korban", "NAN NHAN", "Hướng dẫn hỗ trợ nạn nhân", "l’aide aux victimes – guia", "a b c", "", strings.Repeat("the victims of trafficking ", 60)} {
		want, groups := make([]int, len(m.Languages)), 0
		for g := range Groups(text) {
			var one costs
			m.addGroup(&one, g)
			one.settle()
			groups += one.all
			for i := range want {
				want[i] -= one.total[i]
			}
		}
		got, known := m.Scores(text)
		if known != groups {
			t.Errorf("%q: %d groups, want %d", text, known, groups)
		}
		for i, n := range want {
			if got[i] != float64(n)/steps {
				t.Errorf("%q in %s: %v, want %v", text, m.Languages[i], got[i], float64(n)/steps)
			}
		}
	}
}
