package record

import (
	"slices"
	"testing"
	"time"
)

func TestNewID(t *testing.T) {
	a := NewID("agency", "https://agency.example/1")
	if a != NewID("agency", "https://agency.example/1") {
		t.Error("the same record has two ids")
	}
	// The pair is divided, so that moving a letter over the border makes another id.
	if a == NewID("agency2", "https://agency.example/1") || NewID("ab", "c") == NewID("a", "bc") {
		t.Error("two records share an id")
	}
	if a != "p7x1stehqsvpaf9x" {
		t.Errorf("the id is %s: ids that were given out must never change", a)
	}
	if !a.Valid() {
		t.Errorf("%s is not valid", a)
	}
	for _, bad := range []ID{"", "short", "ABCDEFGHJKMNPQRS", "0123456789abcdeé", "../../etc/passwd", "0123456789abcdefg"} {
		if bad.Valid() {
			t.Errorf("%q is valid", bad)
		}
	}
}

func TestRawHash(t *testing.T) {
	base := Raw{Source: "s", Identifier: "1", URL: "https://a.example/1", Format: FormatHTML, MediaType: "text/html", Body: []byte("x"), Hints: []Hint{{Key: "link-text", Value: "One"}}}
	same := base
	same.Fetched, same.ETag, same.Status = time.Now(), `"v2"`, 200
	if base.Hash() != same.Hash() {
		t.Error("how and when it was fetched changes the hash")
	}
	for name, change := range map[string]func(*Raw){
		"body":       func(r *Raw) { r.Body = []byte("y") },
		"media type": func(r *Raw) { r.MediaType = "text/html; charset=tis-620" },
		"format":     func(r *Raw) { r.Format = FormatOAIDC },
		"deletion":   func(r *Raw) { r.Deleted = true },
		"address":    func(r *Raw) { r.URL = "https://a.example/2" },
		"hint":       func(r *Raw) { r.Hints = []Hint{{Key: "link-text", Value: "Two"}} },
		"hint moved": func(r *Raw) { r.Hints = []Hint{{Key: "link-textOne"}} },
	} {
		other := base
		change(&other)
		if other.Hash() == base.Hash() {
			t.Errorf("another %s gives the same hash", name)
		}
	}
}

func TestTextsIn(t *testing.T) {
	texts := Texts{"th": "คู่มือ", "en": "Handbook", "vi": "Sổ tay"}
	for _, c := range []struct {
		wanted []string
		lang   string
	}{{[]string{"vi"}, "vi"}, {[]string{"km", "th"}, "th"}, {[]string{"km"}, "en"}, {nil, "en"}} {
		if _, lang := texts.In(c.wanted...); lang != c.lang {
			t.Errorf("wanting %v gives %s, want %s", c.wanted, lang, c.lang)
		}
	}
	if s, lang := (Texts{"lo": "ປຶ້ມ", "km": "សៀវភៅ"}).In("en"); lang != "km" || s == "" {
		t.Errorf("without English it is %s, want the first by tag", lang)
	}
	if s, lang := Texts(nil).In("en"); s != "" || lang != "" {
		t.Errorf("nothing gives %q in %q", s, lang)
	}
}

func TestDateYear(t *testing.T) {
	for edtf, want := range map[string]int{"2023": 2023, "2023-12-13": 2023, "2021-11-25/2021-11-26": 2021, "": 0, "20": 0, "XXXX": 0, "202X": 0} {
		if got := (Date{EDTF: edtf}).Year(); got != want {
			t.Errorf("%q is of %d, want %d", edtf, got, want)
		}
	}
}

func TestVocabulary(t *testing.T) {
	v := Vocabulary{Schemes: []Scheme{{ID: "theme", Concepts: []Concept{
		{ID: "support", Label: Texts{"en": "Support"}},
		{ID: "shelter", Broader: "support", Label: Texts{"en": "Shelter", "th": "สถานคุ้มครอง"}},
		{ID: "night", Broader: "shelter"},
		{ID: "a", Broader: "b"}, {ID: "b", Broader: "a"},
	}}}}
	if got := v.Ancestors("theme", "night"); !slices.Equal(got, []string{"shelter", "support"}) {
		t.Errorf("above night is %v", got)
	}
	if got := v.Ancestors("theme", "a"); len(got) > 2 {
		t.Errorf("a circle of concepts gives %v", got)
	}
	for id, want := range map[string]string{"shelter": "สถานคุ้มครอง", "support": "Support", "night": "night", "unknown": "unknown"} {
		if got := v.Label("theme", id, "th"); got != want {
			t.Errorf("%s is called %q, want %q", id, got, want)
		}
	}
	if v.Scheme("nothing") != nil {
		t.Error("a scheme that does not exist has concepts")
	}
}
