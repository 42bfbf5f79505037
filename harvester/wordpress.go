package harvester

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// WordPressRecipe narrows what is taken from a WordPress site. A site's posts are mostly
// its news: a recipe that has posts must choose among them, or say All.
type WordPressRecipe struct {
	Types        []string            `yaml:"types,omitempty" jsonschema:"description=Content types by their REST base or name (posts and pages when absent)"`
	Categories   []string            `yaml:"categories,omitempty" jsonschema:"description=Only posts of these categories or of those below them: names or slugs"`
	Tags         []string            `yaml:"tags,omitempty" jsonschema:"description=Only posts with one of these tags: names or slugs"`
	Terms        map[string][]string `yaml:"terms,omitempty" jsonschema:"description=The same for other taxonomies: REST base of the taxonomy and its terms"`
	Search       []string            `yaml:"search,omitempty" jsonschema:"description=Entries that the site's own search finds for one of these"`
	All          bool                `yaml:"all,omitempty" jsonschema:"description=Take every post: needed for posts when neither categories nor tags terms or search choose among them"`
	Media        string              `yaml:"media,omitempty" jsonschema:"enum=pdf,enum=documents,description=Files of the media library that are records of their own: PDF only or office documents as well (none when absent)"`
	Languages    []string            `yaml:"languages,omitempty" jsonschema:"description=Languages to list one after the other by ?lang= where the site's API gives only one at a time (WPML)"`
	Translations string              `yaml:"translations,omitempty" jsonschema:"enum=pages,description=Where to look for language versions that the API does not name: the head of each page (one request more for each)"`
	MaxPages     int                 `yaml:"max_pages,omitempty" jsonschema:"description=At most so many pages of a hundred entries in one list (2000 when absent)"`
}

// Chosen reports whether the recipe says which posts are wanted.
func (r WordPressRecipe) Chosen() bool {
	return r.All || len(r.Categories)+len(r.Tags)+len(r.Terms)+len(r.Search) > 0
}

// posts reports whether posts are among the types.
func (r WordPressRecipe) posts() bool {
	return len(r.Types) == 0 || slices.Contains(r.Types, "posts") || slices.Contains(r.Types, "post")
}

var (
	restBase     = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	languageCode = regexp.MustCompile(`^[A-Za-z]{2,3}([_-][A-Za-z0-9]+)*$`)
)

// validate reports what keeps the recipe from working.
func (r WordPressRecipe) validate(Source) error {
	for _, t := range r.Types {
		if !restBase.MatchString(t) {
			return fmt.Errorf("wordpress.types: %q is no REST base such as posts or ti_resource", t)
		}
	}
	for base, terms := range r.Terms {
		if !restBase.MatchString(base) || len(terms) == 0 {
			return fmt.Errorf("wordpress.terms: %q must be the REST base of a taxonomy with at least one term", base)
		}
	}
	for _, l := range r.Languages {
		if !languageCode.MatchString(l) {
			return fmt.Errorf("wordpress.languages: %q is no language code such as km", l)
		}
	}
	if slices.ContainsFunc(slices.Concat(r.Categories, r.Tags, r.Search), func(s string) bool { return strings.TrimSpace(s) == "" }) {
		return errors.New("wordpress: categories, tags and search must not hold empty words")
	}
	switch {
	case r.All && len(r.Categories)+len(r.Tags)+len(r.Terms)+len(r.Search) > 0:
		return errors.New("wordpress.all: give either all or a choice by categories, tags, terms or search")
	case !r.Chosen() && r.posts():
		return errors.New("wordpress: the posts of a site are mostly its news: give the categories, tags or terms that are wanted, words to search for, all: true for every post, or types without posts")
	case !slices.Contains([]string{"", "pdf", "documents"}, r.Media):
		return fmt.Errorf("wordpress.media: %q must be pdf or documents", r.Media)
	case !slices.Contains([]string{"", "pages"}, r.Translations):
		return fmt.Errorf("wordpress.translations: %q must be pages", r.Translations)
	case r.MaxPages < 0:
		return errors.New("wordpress.max_pages: must not be negative")
	}
	return nil
}
