package harvester

import (
	"errors"
	"slices"
	"strings"
)

// FeedRecipe narrows what is taken from a feed. A feed shows the newest entries of mostly
// everything that a publisher writes: what lies behind them is only read when the recipe
// chooses among them, or says All.
type FeedRecipe struct {
	Categories []string `yaml:"categories,omitempty" jsonschema:"description=Only entries with one of these categories"`
	All        bool     `yaml:"all,omitempty" jsonschema:"description=Take every entry and older ones as well; without this and without categories only what the feed itself shows"`
	Paged      bool     `yaml:"paged,omitempty" jsonschema:"description=Older entries are at ?paged=2 and so on (found out by itself where the feed says that WordPress made it)"`
	MaxPages   int      `yaml:"max_pages,omitempty" jsonschema:"description=At most so many documents in one run (100 when absent)"`
}

// Chosen reports whether the recipe says which entries are wanted.
func (r FeedRecipe) Chosen() bool { return r.All || len(r.Categories) > 0 }

// validate reports what keeps the recipe from working.
func (r FeedRecipe) validate(Source) error {
	switch {
	case r.All && len(r.Categories) > 0:
		return errors.New("feed.all: give either all or categories")
	case slices.ContainsFunc(r.Categories, func(c string) bool { return strings.TrimSpace(c) == "" }):
		return errors.New("feed.categories: must not hold an empty one")
	case r.MaxPages < 0:
		return errors.New("feed.max_pages: must not be negative")
	}
	return nil
}
