package harvester

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// OAIRecipe narrows what is asked of an OAI-PMH repository.
type OAIRecipe struct {
	Set    string `yaml:"set,omitempty" jsonschema:"description=setSpec to harvest; all when absent"`
	Prefix string `yaml:"prefix,omitempty" jsonschema:"description=metadataPrefix; the richest that the hub reads when absent"`
}

// metadataPrefix is what the protocol allows for one.
var metadataPrefix = regexp.MustCompile(`^[A-Za-z0-9\-_.!~*'()]+$`)

// validate reports what keeps the recipe from working. Sets are not held against the
// protocol: repositories exist whose setSpec has spaces.
func (r OAIRecipe) validate(s Source) error {
	if u, err := url.Parse(s.URL); err == nil && u.Query().Has("verb") {
		return fmt.Errorf("url %q: give the base URL without ?verb=%s", s.URL, u.Query().Get("verb"))
	}
	if r.Prefix != "" && !metadataPrefix.MatchString(r.Prefix) {
		return fmt.Errorf("oai.prefix %q: must be a metadataPrefix such as oai_dc or mods", r.Prefix)
	}
	if strings.TrimSpace(r.Set) != r.Set {
		return errors.New("oai.set: must not begin or end with a space")
	}
	return nil
}
