package lang

import (
	"bufio"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
)

// table reads a file of two columns; lines with # are comments.
func table(t *testing.T, name string) [][2]string {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows [][2]string
	for s := bufio.NewScanner(f); s.Scan(); {
		a, b, ok := strings.Cut(s.Text(), "\t")
		if ok && !strings.HasPrefix(a, "#") {
			rows = append(rows, [2]string{a, b})
		}
	}
	if len(rows) < 10 {
		t.Fatalf("%s holds %d rows: the test sees too little to mean anything", name, len(rows))
	}
	return rows
}

// The reference implementation's own vectors.
func TestZawgyiProbability(t *testing.T) {
	for _, row := range table(t, "zawgyi-detect.tsv") {
		got, letters := zawgyiProbability(row[1])
		if row[0] == "-Infinity" {
			if letters != 0 {
				t.Errorf("%q has no Burmese letter, counted %d", row[1], letters)
			}
			continue
		}
		want, err := strconv.ParseFloat(row[0], 64)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got-want) > 1e-6*want {
			t.Errorf("%q: probability %v, want %v", row[1], got, want)
		}
	}
}

func TestToUnicode(t *testing.T) {
	for _, row := range table(t, "zawgyi-convert.tsv") {
		if got := ToUnicode(row[0]); got != row[1] {
			t.Errorf("ToUnicode(%q)\n got %q\nwant %q", row[0], got, row[1])
		}
	}
}

func TestFixZawgyi(t *testing.T) {
	for _, c := range []struct {
		name, in, want string
	}{
		{"name", "ျမန္မာ", "မြန်မာ"},
		{"country", "ႏိုင္ငံ", "နိုင်ငံ"},
		{"digit zero for WA at the end", "အျပည့္အ၀", "အပြည့်အဝ"},
		{"Unicode", "လူကုန်ကူးမှု", "လူကုန်ကူးမှု"},
		{"one letter", "က", "က"},
		{"one letter that the model takes for Zawgyi", "၏", "၏"},
		{"digits", "၂၀၁၄", "၂၀၁၄"},
		{"Latin", "Trafficking", "Trafficking"},
		{"Shan", "တေဢမ်ႇလႆႈၶႃၸႂ်ဢမ်ႇၼၼ် တိတ်းတေႃႇႁၢဝ်ႈႁၢဝ်ႈႁႅင်းႁႅင်း", "တေဢမ်ႇလႆႈၶႃၸႂ်ဢမ်ႇၼၼ် တိတ်းတေႃႇႁၢဝ်ႈႁၢဝ်ႈႁႅင်းႁႅင်း"},
		{"Mon", "မၞိဟ်အလဵုမွဲဂှ် ဒးဒုၚ်သ္ပကောန်ဍိက် (ဝါ) ဒးဒုၚ်သ္ပဏာ", "မၞိဟ်အလဵုမွဲဂှ် ဒးဒုၚ်သ္ပကောန်ဍိက် (ဝါ) ဒးဒုၚ်သ္ပဏာ"},
		{"empty", "", ""},
	} {
		got, changed := FixZawgyi(c.in)
		if got != c.want || changed != (c.in != c.want) {
			t.Errorf("%s: FixZawgyi(%q) = %q, %v; want %q", c.name, c.in, got, changed, c.want)
		}
	}
	for _, s := range []string{"က", "၂၀၁၄", "Trafficking", ""} {
		if p, ok := Zawgyi(s); ok {
			t.Errorf("%q is too short to tell, but got %v", s, p)
		}
	}
}

func TestParseZawgyiModelRefusesBrokenFiles(t *testing.T) {
	good := zawgyiModelData
	for name, data := range map[string][]byte{
		"empty": nil, "other": []byte("something else altogether"), "cut": good[:len(good)-3], "longer": append(append([]byte(nil), good...), 0),
		"version": append(append([]byte(nil), good[:11]...), append([]byte{9}, good[12:]...)...),
	} {
		if _, err := parseZawgyiModel(data); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func BenchmarkToUnicode(b *testing.B) {
	s := strings.Repeat("အျပည္ျပည္ဆိုင္ရာ လူ႔အခြင့္အေရး ေၾကညာစာတမ္း ", 20)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		ToUnicode(s)
	}
}
