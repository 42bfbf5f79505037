package harvester

import (
	"strings"
	"testing"
)

func TestOAIRecipe(t *testing.T) {
	for name, c := range map[string]struct {
		url    string
		recipe OAIRecipe
		want   string
	}{
		"plain":              {"https://repository.example/oai", OAIRecipe{}, ""},
		"query in the base":  {"https://repository.example/index.php?page=oai", OAIRecipe{Set: "ชุด 1", Prefix: "oai_dc"}, ""},
		"request, no base":   {"https://repository.example/oai?verb=Identify", OAIRecipe{}, "without ?verb=Identify"},
		"address for prefix": {"https://repository.example/oai", OAIRecipe{Prefix: "http://www.loc.gov/mods/v3"}, "oai.prefix"},
		"space around a set": {"https://repository.example/oai", OAIRecipe{Set: "a "}, "oai.set"},
	} {
		err := Source{ID: "test", Name: "Test", Kind: KindOAIPMH, URL: c.url, OAI: c.recipe}.Validate()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
