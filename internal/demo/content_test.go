package demo

import (
	"strings"
	"testing"
	"time"
	"unicode"
)

func contentOf(t testing.TB) *content {
	t.Helper()
	c, err := newContent(1, firstDay)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestPhrasesAreWhole checks the tables that were written by hand.
func TestPhrasesAreWhole(t *testing.T) {
	c := contentOf(t)
	known := map[string]bool{"t": true, "p": true, "f": true, "c": true, "y": true, "n": true, "m": true, "d": true, "mm": true, "dd": true}
	if len(c.phrases) != len(languages) {
		t.Errorf("there are phrases in %d languages, want %d", len(c.phrases), len(languages))
	}
	for _, lang := range languages {
		p := c.phrases[lang]
		if p == nil {
			t.Errorf("no phrases in %s", lang)
			continue
		}
		if len(p.Topics) != len(topics) || len(p.Forms) != len(types) || len(p.Closings) != len(types) || len(p.Openings) != 3 {
			t.Errorf("%s has %d topics, %d forms, %d openings, %d closings", lang, len(p.Topics), len(p.Forms), len(p.Openings), len(p.Closings))
		}
		for _, form := range append(append([]text{p.Number, p.Date, p.Country, p.Place, p.Year}, p.Forms...), p.Openings...) {
			for _, slot := range form.slots {
				if !known[slot] {
					t.Errorf("%s has a slot {%s}", lang, slot)
				}
			}
		}
		for _, form := range p.Forms {
			if strings.Join(form.slots, "") != "tpy" && strings.Join(form.slots, "") != "pty" {
				t.Errorf("a title in %s has the slots %v", lang, form.slots)
			}
		}
		for label, words := range c.phrases["en"].Labels {
			if p.Labels[label] == "" || lang != "en" && p.Labels[label] == words {
				t.Errorf("the label %s in %s is %q", label, lang, p.Labels[label])
			}
		}
		for _, country := range spoken[lang] {
			if c.places[country].Name[lang] == "" {
				t.Errorf("%s has no name in %s", country, lang)
			}
			for _, province := range c.places[country].Provinces {
				if province[lang] == "" {
					t.Errorf("a province of %s, %s, has no name in %s", country, province["en"], lang)
				}
			}
		}
	}
}

// scripts are those in which most letters of a language's texts must be.
var scripts = map[string]*unicode.RangeTable{"th": unicode.Thai, "km": unicode.Khmer, "lo": unicode.Lao, "my": unicode.Myanmar, "zh-Hans": unicode.Han, "ta": unicode.Tamil}

func TestGenerated(t *testing.T) {
	c := contentOf(t)
	for _, lang := range languages {
		s, seen := c.series("any"), map[string]bool{}
		for n := range 1000 {
			it := s.item(lang, "", n)
			if it.Title != s.item(lang, "", n).Title {
				t.Fatal("the same item differs")
			}
			if strings.ContainsAny(it.Title+it.Description, "{}") || strings.Contains(it.Title, "  ") || it.Title == "" || it.Description == "" {
				t.Fatalf("a slot is left or empty: %q, %q", it.Title, it.Description)
			}
			seen[it.Title] = true
			letters, own := 0, 0
			for _, r := range it.Title + it.Description {
				if unicode.IsLetter(r) || unicode.IsMark(r) {
					letters++
					if script := scripts[lang]; script != nil && unicode.Is(script, r) || script == nil && unicode.Is(unicode.Latin, r) {
						own++
					}
				}
			}
			if own < letters*9/10 {
				t.Fatalf("only %d of %d letters are in the script of %s: %s", own, letters, lang, it.Title)
			}
			if !it.Issued.Before(firstDay) || it.Issued.Year() != it.Year || it.Year < 2009 {
				t.Fatalf("item %d was issued on %v", n, it.Issued)
			}
		}
		if len(seen) < 700 {
			t.Errorf("1000 items in %s have only %d titles", lang, len(seen))
		}
	}
}

// TestTwins: the same number in two languages is the same resource.
func TestTwins(t *testing.T) {
	s := contentOf(t).series("demo-la-union")
	for n := range 50 {
		lo, en := s.item("lo", "LA", n), s.item("en", "LA", n)
		if lo.Type != en.Type || lo.Issued != en.Issued || lo.Themes[0] != en.Themes[0] || lo.Country != en.Country {
			t.Errorf("item %d is %s of %v in Lao, %s of %v in English", n, lo.Type, lo.Issued, en.Type, en.Issued)
		}
	}
}

func TestNumbered(t *testing.T) {
	s := contentOf(t).series("x")
	for lang, want := range map[string]string{"en": " – Doc. 4711/", "th": " – ที่ 4711/25", "id": " – Nomor 4711 Tahun 20", "zh-Hans": "第4711号"} {
		if got := s.numbered(s.item(lang, "", 1), 4711).Title; !strings.Contains(got, want) {
			t.Errorf("a numbered title in %s is %q", lang, got)
		}
	}
}

func TestPrinted(t *testing.T) {
	c := contentOf(t)
	day := time.Date(2021, 3, 7, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		lang, country string
		issued        time.Time
		year          int
		want          string
	}{
		{"th", "TH", day, 2021, "๗ มีนาคม พ.ศ. ๒๕๖๔"},
		{"th", "TH", time.Time{}, 2021, "พ.ศ. ๒๕๖๔"},
		{"km", "KH", day, 2021, "ថ្ងៃទី៧ ខែមីនា ឆ្នាំ២០២១"},
		{"lo", "LA", day, 2021, "ວັນທີ ໗ ມີນາ ໒໐໒໑"},
		{"my", "MM", day, 2021, "၂၀၂၁ ခုနှစ် မတ်လ ၇ ရက်"},
		{"vi", "VN", day, 2021, "07/03/2021"},
		{"fil", "PH", day, 2021, "03/07/2021"},
		{"en", "PH", day, 2021, "03/07/2021"},
		{"en", "SG", day, 2021, "7 March 2021"},
		{"zh-Hans", "SG", day, 2021, "2021年3月7日"},
		{"pt", "TL", day, 2021, "7 de março de 2021"},
		{"en", "SG", time.Time{}, 2021, "2021"},
		{"km", "KH", time.Time{}, 0, ""},
	} {
		if got := c.printed(item{Lang: tt.lang, Issued: tt.issued, Year: tt.year}, tt.country); got != tt.want {
			t.Errorf("%s in %s: %q, want %q", tt.lang, tt.country, got, tt.want)
		}
	}
}

// TestRealResources: each real resource is published somewhere, as the facts say.
func TestRealResources(t *testing.T) {
	c := contentOf(t)
	f := start(t, Config{Seed: 1})
	published := map[string]int{}
	for _, s := range f.sites {
		if s.Kind == "oai-pmh" {
			continue
		}
		for _, it := range c.real(func(r resource) bool { return isOn(t, s, r) }) {
			published[it.Key]++
		}
	}
	for _, it := range append(c.real(func(r resource) bool { return r.Coverage[0] == "ASEAN" }), c.real(covers("GLOBAL"))...) {
		published[it.Key]++
	}
	if len(c.resources) < 100 {
		t.Errorf("there are only %d real resources", len(c.resources))
	}
	for _, r := range c.resources {
		if published[strings.ToLower(r.ID)] != 1 {
			t.Errorf("%s is on %d sites: %s", r.ID, published[strings.ToLower(r.ID)], r.Title)
		}
		if r.Title == "" || r.Type == "" || len(r.Coverage) == 0 || r.Language == "" || strings.Contains(r.Publisher, "not shown") {
			t.Errorf("%s is incomplete", r.ID)
		}
	}
}

// isOn asks a site for the page of a resource.
func isOn(t *testing.T, s *site, r resource) bool {
	if s.slow > 0 {
		return covers("APAC")(r)
	}
	for _, dir := range []string{"publications/", "internal/"} {
		if resp, _ := patiently(t, s.Home+dir+strings.ToLower(r.ID)); resp.StatusCode == 200 {
			return true
		}
	}
	return false
}

func TestDescribed(t *testing.T) {
	r := resource{Language: "en", Publisher: "UNODC", Year: 2008, Themes: []string{"law-policy", "safe-return"}}
	if got, want := described(r), "On laws and policies, safe return. Published by UNODC, 2008."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	r.Year = 0
	if got := described(r); !strings.HasSuffix(got, "Published by UNODC.") {
		t.Errorf("without a year: %q", got)
	}
	if r.Language = "th"; described(r) != "" {
		t.Error("a Thai resource is described in English")
	}
}
