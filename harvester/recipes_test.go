package harvester_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"ctiphub/harvester"
)

func TestFeedRecipe(t *testing.T) {
	for name, c := range map[string]struct {
		recipe harvester.FeedRecipe
		chosen bool
		wrong  string
	}{
		"nothing":         {harvester.FeedRecipe{}, false, ""},
		"categories":      {harvester.FeedRecipe{Categories: []string{"Law"}}, true, ""},
		"all":             {harvester.FeedRecipe{All: true, MaxPages: 3}, true, ""},
		"both":            {harvester.FeedRecipe{All: true, Categories: []string{"Law"}}, true, "feed.all"},
		"empty category":  {harvester.FeedRecipe{Categories: []string{" "}}, true, "feed.categories"},
		"negative number": {harvester.FeedRecipe{MaxPages: -1}, false, "feed.max_pages"},
	} {
		src := harvester.Source{ID: "test", Name: "Test", Kind: harvester.KindFeed, URL: "https://a.example/feed", Feed: c.recipe}
		judge(t, name, src, c.wrong)
		if c.recipe.Chosen() != c.chosen {
			t.Errorf("%s: chosen is %v", name, !c.chosen)
		}
	}
}

func TestWordPressRecipe(t *testing.T) {
	for name, c := range map[string]struct {
		recipe harvester.WordPressRecipe
		chosen bool
		wrong  string
	}{
		"nothing":          {harvester.WordPressRecipe{}, false, "wordpress: the posts"},
		"posts, no choice": {harvester.WordPressRecipe{Types: []string{"pages", "post"}, Media: "pdf"}, false, "wordpress: the posts"},
		"other types":      {harvester.WordPressRecipe{Types: []string{"pages", "ti_resource"}, Media: "documents", Languages: []string{"km", "zh-hant"}, Translations: "pages"}, false, ""},
		"categories":       {harvester.WordPressRecipe{Categories: []string{"Law"}}, true, ""},
		"search":           {harvester.WordPressRecipe{Search: []string{"mua bán người"}}, true, ""},
		"terms":            {harvester.WordPressRecipe{Terms: map[string][]string{"topics": {"Shelter"}}}, true, ""},
		"all":              {harvester.WordPressRecipe{All: true}, true, ""},
		"all and a choice": {harvester.WordPressRecipe{All: true, Tags: []string{"law"}}, true, "wordpress.all"},
		"no REST base":     {harvester.WordPressRecipe{Types: []string{"wp/v2/posts"}}, false, "wordpress.types"},
		"no terms":         {harvester.WordPressRecipe{Terms: map[string][]string{"topics": nil}}, true, "wordpress.terms"},
		"no language":      {harvester.WordPressRecipe{Languages: []string{"Khmer language"}}, false, "wordpress.languages"},
		"empty word":       {harvester.WordPressRecipe{Search: []string{""}}, true, "wordpress"},
		"unknown media":    {harvester.WordPressRecipe{All: true, Media: "images"}, true, "wordpress.media"},
		"unknown place":    {harvester.WordPressRecipe{All: true, Translations: "guess"}, true, "wordpress.translations"},
		"negative number":  {harvester.WordPressRecipe{All: true, MaxPages: -1}, true, "wordpress.max_pages"},
	} {
		src := harvester.Source{ID: "test", Name: "Test", Kind: harvester.KindWordPress, URL: "https://a.example/", WordPress: c.recipe}
		judge(t, name, src, c.wrong)
		if c.recipe.Chosen() != c.chosen {
			t.Errorf("%s: chosen is %v", name, !c.chosen)
		}
	}
}

// judge wants an error that names a key, or none. A recipe of another kind is not looked at.
func judge(t *testing.T, name string, src harvester.Source, wrong string) {
	t.Helper()
	switch err := src.Validate(); {
	case wrong == "" && err != nil:
		t.Errorf("%s: %v", name, err)
	case wrong != "" && (err == nil || !strings.HasPrefix(err.Error(), wrong)):
		t.Errorf("%s: got %v, want an error about %s", name, err, wrong)
	}
	src.Kind = harvester.KindWebsite
	if err := src.Validate(); err != nil {
		t.Errorf("%s: of another kind: %v", name, err)
	}
}

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// TestDocumentedSources holds the examples of the documentation: each is a whole source
// that can be copied.
func TestDocumentedSources(t *testing.T) {
	for _, kind := range []string{harvester.KindFeed, harvester.KindWordPress} {
		text, err := os.ReadFile("../docs/sources/" + kind + ".md")
		if err != nil {
			t.Fatal(err)
		}
		examples := yamlBlock.FindAllSubmatch(text, -1)
		if len(examples) < 2 {
			t.Errorf("%s: %d examples", kind, len(examples))
		}
		for _, example := range examples {
			var src harvester.Source
			if err := yaml.UnmarshalWithOptions(example[1], &src, yaml.Strict()); err != nil {
				t.Errorf("%s: %v\n%s", kind, err, example[1])
				continue
			}
			if err := src.Validate(); err != nil || src.Kind != kind || !src.Enabled {
				t.Errorf("%s: %v\n%s", kind, err, example[1])
			}
		}
	}
}
