package lang

import (
	_ "embed"
	"strings"
	"sync"

	"golang.org/x/text/language"
)

//go:embed data/languages.tsv
var languagesTSV string

// aliases maps what stands for a language in the wild, in lower case, to its tag.
var aliases = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(languagesTSV) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || len(f) != 5 {
			continue
		}
		m[strings.ToLower(f[0])] = f[0]
		for a := range strings.SplitSeq(f[4], "; ") {
			m[a] = f[0]
		}
	}
	return m
})

// Tag returns the canonical BCP 47 tag of a language for what is found in the wild: codes
// of ISO 639-1, -2 and -3, tags with a region, names in English, autonyms, and habits
// such as country codes used for languages. Regions are dropped ("en-GB" is "en"),
// Chinese carries its script. It is made for values that are meant to be a language:
// "may", "war" and "min" are codes too.
//
// Where a code means one thing in ISO 639 and another on the sites of the region, the
// region's habit wins: "la" is Lao (not Latin), "bm" Malay (not Bambara), "kh", "mm",
// "vn", "cn", "ph" are their countries' languages. "Bahasa" alone is Indonesian, "my"
// Burmese, "tl" Filipino and "bn" Bangla, unless TagIn is told another country.
func Tag(alias string) (tag string, ok bool) { return TagIn(alias, "") }

// byCountry holds the aliases whose meaning depends on the country of the source.
var byCountry = map[string]string{
	"bahasa/MY": "ms", "bahasa/BN": "ms", "bahasa/SG": "ms",
	"my/MY": "ms", "my/SG": "ms", "bn/BN": "ms", "tl/TL": "tet", "tp/TL": "tet",
	"zh/TW": "zh-Hant", "zh/HK": "zh-Hant", "zh/MO": "zh-Hant",
	"chinese/TW": "zh-Hant", "chinese/HK": "zh-Hant", "chinese/MO": "zh-Hant",
	"中文/TW": "zh-Hant", "中文/HK": "zh-Hant", "中文/MO": "zh-Hant",
}

// TagIn is Tag for a value from a source in a known country (ISO 3166-1 alpha-2).
func TagIn(alias, country string) (tag string, ok bool) {
	if country == "" && smallLetters(alias) {
		if t, ok := aliases()[alias]; ok {
			return t, true
		}
	}
	a := strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(alias, "_", "-")), " "))
	a = strings.Trim(a, " .,:;()[]\"'/|")
	if a == "" || len(a) > 64 {
		return "", false
	}
	if t, ok := byCountry[a+"/"+strings.ToUpper(country)]; ok {
		return t, true
	}
	if t, ok := aliases()[a]; ok {
		return t, true
	}
	a, _, _ = strings.Cut(a, ".") // en-US.UTF-8
	if name, _, found := strings.Cut(a, " ("); found {
		if t, ok := aliases()[name]; ok {
			return t, true
		}
	}
	return parseTag(a)
}

// smallLetters reports a word that needs no preparation.
func smallLetters(s string) bool {
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return false
		}
	}
	return s != ""
}

// parseTag reads a well-formed tag: its language by the table first, else by the
// registry, where only languages with a two-letter code count, because many three-letter
// codes are also words ("all", "new").
func parseTag(a string) (string, bool) {
	base, rest, _ := strings.Cut(a, "-")
	t, known := aliases()[base]
	if len(base) > 3 || len(base) < 2 || base == "und" {
		return "", false
	}
	if known && rest != "" && !strings.HasPrefix(t, "zh") {
		if _, err := language.Parse("und-" + rest); err != nil {
			return "", false
		}
		return t, true
	}
	if known && base != "zh" {
		a = "zh-" + rest // cmn-Hans-CN
	}
	parsed, err := language.Parse(strings.TrimSuffix(a, "-"))
	if err != nil {
		return "", false
	}
	b, confidence := parsed.Base()
	if confidence == language.No || len(b.String()) != 2 {
		return "", false
	}
	script, _ := parsed.Script()
	switch usual, _ := language.Make(b.String()).Script(); {
	case b.String() == "zh" && script.String() == "Hant":
		return "zh-Hant", true
	case b.String() == "zh":
		return "zh-Hans", true
	case script != usual:
		return b.String() + "-" + script.String(), true
	}
	return b.String(), true
}
