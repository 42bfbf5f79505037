package normalizer

import (
	"slices"
	"strings"
	"testing"
)

func TestShippedVocabulary(t *testing.T) {
	v := vocabulary(t)
	if err := v.Validate(); err != nil {
		t.Fatal(err)
	}
	c := v.Concepts()
	want := map[string]int{"theme": 43, "type": 23, "audience": 19, "victim-group": 16, "exploitation": 13, "country": 23, "region": 6, "language": 24, "rights": 7, "sensitivity": 8}
	for scheme, n := range want {
		if got := len(c.Scheme(scheme)); got < n {
			t.Errorf("scheme %s has %d concepts, want at least %d", scheme, got, n)
		}
		for _, concept := range c.Scheme(scheme) {
			if concept.Label["en"] == "" {
				t.Errorf("%s %s has no English label", scheme, concept.ID)
			}
		}
	}
	if up := c.Ancestors("theme", "shelter"); !slices.Equal(up, []string{"protection-support"}) {
		t.Errorf("ancestors of shelter = %v", up)
	}
	if l := c.Label("country", "KH", "km"); l != "កម្ពុជា" {
		t.Errorf("Khmer label of Cambodia = %q", l)
	}
	members := 0
	for _, country := range v.Countries {
		if country.ASEAN > 0 {
			members++
			if len(country.Label) < 12 || len(country.Names) == 0 || len(country.Agencies) == 0 {
				t.Errorf("%s lacks names or agencies", country.ID)
			}
		}
	}
	if members != 11 {
		t.Errorf("%d member states, want 11", members)
	}
}

// TestVocabularyMistakes: one mistake each, told with scheme and id.
func TestVocabularyMistakes(t *testing.T) {
	base := func() *Vocabulary {
		en := map[string]string{"en": "x"}
		return &Vocabulary{
			Themes:    []Concept{{ID: "a", Label: en}, {ID: "b", Label: en, Broader: "a"}},
			Types:     []Type{{ID: "guide", Label: en}},
			Countries: []Country{{ID: "KH", Label: en}},
			Languages: []Language{{ID: "km", Name: "Khmer"}},
		}
	}
	if err := base().Validate(); err != nil {
		t.Fatalf("the vocabulary without a mistake fails: %v", err)
	}
	tests := map[string]struct {
		spoil func(*Vocabulary)
		want  string
	}{
		"empty":            {func(v *Vocabulary) { v.Themes = nil }, "must not be empty"},
		"duplicate":        {func(v *Vocabulary) { v.Themes[1].ID = "a" }, `themes "a": is there twice`},
		"no id":            {func(v *Vocabulary) { v.Types[0].ID = "" }, "has no id"},
		"no label":         {func(v *Vocabulary) { v.Themes[0].Label = nil }, "needs an English label"},
		"blank label":      {func(v *Vocabulary) { v.Themes[0].Label = map[string]string{"en": "x", "km": " "} }, "empty label"},
		"dangling broader": {func(v *Vocabulary) { v.Themes[1].Broader = "z" }, `broader "z"`},
		"own ancestor":     {func(v *Vocabulary) { v.Themes[0].Broader = "b" }, "own ancestor"},
		"bad confidence":   {func(v *Vocabulary) { v.Themes[0].Keywords = Keywords{"en": {Confidence: "sure"}} }, "high, medium or low"},
		"unknown language": {func(v *Vocabulary) { v.Gate.Keywords = Keywords{"xx": {Terms: []string{"word"}}} }, `"xx", which is not a language`},
		"short term":       {func(v *Vocabulary) { v.Gate.Keywords = Keywords{"km": {Terms: []string{"a"}}} }, "too short"},
		"term twice": {func(v *Vocabulary) {
			v.Gate.Keywords = Keywords{"km": {Terms: []string{"word"}, Weak: []string{"word"}}}
		}, "there twice: in terms and weak"},
		"edge of a term": {func(v *Vocabulary) { v.Gate.Keywords = Keywords{"km": {Not: []string{"word "}}} }, "ends with a space"},
		"ambiguous cue": {func(v *Vocabulary) {
			cues := map[string][]string{"km": {"manual"}}
			v.Types = []Type{{ID: "guide", Label: v.Themes[0].Label, Cues: cues}, {ID: "sop", Label: v.Themes[0].Label, Cues: cues}}
		}, `"manual" in "km" is one of "guide" too`},
		"ambiguous name": {func(v *Vocabulary) {
			v.Countries = append(v.Countries, Country{ID: "VN", Label: v.Themes[0].Label, Places: []string{"Muse"}}, Country{ID: "MM", Label: v.Themes[0].Label, Places: []string{"Muse"}})
		}, `"Muse" is a name of VN too`},
		"home":           {func(v *Vocabulary) { v.Languages[0].Home = "LA" }, `home "LA"`},
		"publisher type": {func(v *Vocabulary) { v.Publishers = []Publisher{{ID: "p", Name: v.Themes[0].Label, Type: "x"}} }, `type "x" is not a type`},
		"empty term":     {func(v *Vocabulary) { v.Gate.Keywords = Keywords{"en": {Terms: []string{""}}} }, "empty term"},
		"type of value":  {func(v *Vocabulary) { v.TypeValues = map[string]string{"Manual": "manual"} }, `"manual" is not a type`},
		"theme of type":  {func(v *Vocabulary) { v.Types[0].Theme = "z" }, `theme "z"`},
		"country code":   {func(v *Vocabulary) { v.Countries[0].ID = "Khmer" }, "alpha-2"},
		"region member": {func(v *Vocabulary) {
			v.Regions = []Region{{ID: "R", Label: v.Themes[0].Label, Members: []string{"TL"}}}
		}, `member "TL"`},
		"joined": {func(v *Vocabulary) {
			v.Regions = []Region{{ID: "R", Label: v.Themes[0].Label, Members: []string{"KH"}, Joined: map[string]string{"KH": "soon"}}}
		}, "must be a member and a date"},
		"publisher kind":    {func(v *Vocabulary) { v.Publishers = []Publisher{{ID: "p", Name: v.Themes[0].Label, Kind: "firm"}} }, `kind "firm"`},
		"publisher scope":   {func(v *Vocabulary) { v.Publishers = []Publisher{{ID: "p", Name: v.Themes[0].Label, Scope: "Mars"}} }, `scope "Mars"`},
		"hotline unchecked": {func(v *Vocabulary) { v.Hotlines = []Hotline{{Number: "1300", Country: "TH", Owner: "o"}} }, "reviewed"},
		"date order":        {func(v *Vocabulary) { v.Countries[0].DateOrder = "us" }, "date_order"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			v := base()
			tt.spoil(v)
			err := v.Validate()
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one that says %q", err, tt.want)
			}
		})
	}
}
