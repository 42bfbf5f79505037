package lang

import "testing"

func TestTag(t *testing.T) {
	for alias, want := range map[string]string{
		"khm": "km", "mm": "my", "la": "lo", "vn": "vi", "cn": "zh-Hans", "bm": "ms", "kh": "km", "ph": "fil",
		"Bahasa": "id", "bahasa  melayu": "ms", "Bahasa Malaysia": "ms", "Bahasa Indonesia": "id",
		"Lian Tetum": "tet", "Cambodian": "km", "Burmese": "my", "Tagalog": "fil", "tl": "fil", "in": "id",
		"ไทย": "th", "ភាសាខ្មែរ": "km", "ພາສາລາວ": "lo", "Tiếng Việt": "vi", "中文": "zh-Hans", "简体中文": "zh-Hans", "繁體": "zh-Hant",
		"en-GB": "en", "en_US": "en", "en_US.UTF-8": "en", "EN": "en", "eng": "en", "English (US)": "en", " English. ": "en",
		"id-ID": "id", "km-KH": "km", "pt-TL": "pt", "pt-BR": "pt", "fil-PH": "fil",
		"zh": "zh-Hans", "zh-TW": "zh-Hant", "zh_Hant_HK": "zh-Hant", "zh-Hans-CN": "zh-Hans", "cmn-Hans": "zh-Hans", "zh-HK": "zh-Hant",
		"fr-CA": "fr", "deu": "de", "sr": "sr", "sr-Latn": "sr-Latn", "swe": "sv", "nl-BE": "nl", "shn": "shn", "Karen": "ksw",
	} {
		if got, ok := Tag(alias); got != want || !ok {
			t.Errorf("Tag(%q) = %q, %v; want %q", alias, got, ok, want)
		}
	}
}

func TestTagRefuses(t *testing.T) {
	for _, alias := range []string{"", " ", "und", "xx", "all", "new", "in-depth", "none", "PDF", "full text", "12", "-", "en;th", "x-klingon"} {
		if got, ok := Tag(alias); ok || got != "" {
			t.Errorf("Tag(%q) = %q, %v; it is no language", alias, got, ok)
		}
	}
}

func TestTagIn(t *testing.T) {
	for _, c := range []struct{ alias, country, want string }{
		{"Bahasa", "MY", "ms"}, {"bahasa", "BN", "ms"}, {"Bahasa", "ID", "id"}, {"Bahasa", "", "id"},
		{"my", "MY", "ms"}, {"my", "MM", "my"}, {"tl", "TL", "tet"}, {"tl", "PH", "fil"}, {"bn", "bn", "ms"}, {"bn", "", "bn"},
		{"zh", "TW", "zh-Hant"}, {"Chinese", "HK", "zh-Hant"}, {"zh", "SG", "zh-Hans"},
	} {
		if got, ok := TagIn(c.alias, c.country); got != c.want || !ok {
			t.Errorf("TagIn(%q, %q) = %q, %v; want %q", c.alias, c.country, got, ok, c.want)
		}
	}
}

// Every canonical tag must be its own alias, or tags would change when read back.
func TestTagIsIdempotent(t *testing.T) {
	for alias, tag := range aliases() {
		if got, ok := Tag(tag); !ok || got != tag {
			t.Errorf("%q gives %q, which gives %q, %v", alias, tag, got, ok)
		}
	}
}
