package demo

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestToZawgyi(t *testing.T) {
	for unicode, want := range map[string]string{
		"မြန်မာ":                "ျမန္မာ",
		"နိုင်ငံ":               "ႏိုင္ငံ",
		"လူကုန်ကူးမှု":          "လူကုန္ကူးမႈ",
		"ကလေး":                  "ကေလး",
		"ကြောင့်":               "ေၾကာင့္",
		"အင်္ဂါ":                "အဂၤါ",
		"ဥပဒေ":                  "ဥပေဒ",
		"လွှဲ":                  "လႊဲ",
		"၂၀၁၄":                  "၂၀၁၄",
		"Trafficking 2014, ไทย": "Trafficking 2014, ไทย",
		"":                      "",
	} {
		// Two code points draw the same: u below a medial, and narrow or wide ya yit.
		same := strings.NewReplacer("\u1088", "\u103d\u1033", "\u107e", "\u103b")
		if got := toZawgyi(unicode); same.Replace(got) != same.Replace(want) {
			t.Errorf("%s: got %+q, want %+q", unicode, got, want)
		}
	}
}

func FuzzToZawgyi(f *testing.F) {
	for _, s := range []string{"မြန်မာ", "အင်္", "က္", "္က", "\u1031", "abc", "\xff", "ဿ", "န္တ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		z := toZawgyi(s)
		if !utf8.ValidString(z) {
			t.Errorf("%q became invalid", s)
		}
		for _, r := range s {
			if (r < 0x1000 || r > 0x109f) && r != utf8.RuneError && !strings.ContainsRune(z, r) {
				t.Errorf("%q lost %q", s, r)
			}
		}
	})
}
