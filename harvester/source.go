package harvester

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"time"

	"ctiphub/internal/fetch"
)

// Kinds of interface that a source can have.
const (
	KindOAIPMH  = "oai-pmh"
	KindFeed    = "feed"
	KindWebsite = "website"
)

// Kinds lists every kind of interface, in the order the documentation has them.
func Kinds() []string { return []string{KindOAIPMH, KindFeed, KindWebsite} }

// Source is one publisher's interface and how to visit it.
type Source struct {
	ID         string           `yaml:"id" jsonschema:"required,pattern=^[a-z0-9][a-z0-9-]{1\\,62}$,description=Stable id; part of every record id: never change it"`
	Name       string           `yaml:"name" jsonschema:"required,description=The publisher as readers know it"`
	Country    string           `yaml:"country,omitempty" jsonschema:"description=Seat of the publisher: ISO 3166-1 alpha-2 code; empty for regional and global bodies"`
	Home       string           `yaml:"home,omitempty" jsonschema:"description=Home page"`
	Kind       string           `yaml:"kind" jsonschema:"required,enum=oai-pmh,enum=feed,enum=website,description=Kind of interface"`
	URL        string           `yaml:"url" jsonschema:"required,description=OAI-PMH base URL; feed URL; sitemap or list page of a web site"`
	Enabled    bool             `yaml:"enabled" jsonschema:"description=Harvested only when true"`
	Every      Duration         `yaml:"every,omitempty" jsonschema:"description=How often to visit (24h when absent)"`
	Politeness fetch.Politeness `yaml:"politeness,omitempty" jsonschema:"description=How gently to visit"`
	MayBeEmpty bool             `yaml:"may_be_empty,omitempty" jsonschema:"description=An empty listing is no failure"`
	OAI        OAIRecipe        `yaml:"oai,omitempty" jsonschema:"description=Options for kind oai-pmh"`
	Feed       FeedRecipe       `yaml:"feed,omitempty" jsonschema:"description=Options for kind feed"`
	Website    WebsiteRecipe    `yaml:"website,omitempty" jsonschema:"description=Options for kind website"`
	Owner      Owner            `yaml:"owner,omitempty" jsonschema:"description=Who answers for the source"`
}

// Owner is the publisher's contact for questions about its records.
type Owner struct {
	Name    string `yaml:"name,omitempty" jsonschema:"description=Organisation or office, not a person"`
	Contact string `yaml:"contact,omitempty" jsonschema:"description=Role mailbox or contact page"`
}

// OAIRecipe narrows what is asked of an OAI-PMH repository.
type OAIRecipe struct {
	Set    string `yaml:"set,omitempty" jsonschema:"description=setSpec to harvest; all when absent"`
	Prefix string `yaml:"prefix,omitempty" jsonschema:"description=metadataPrefix; the richest that the hub reads when absent"`
}

// FeedRecipe narrows what is taken from a feed.
type FeedRecipe struct {
	Categories []string `yaml:"categories,omitempty" jsonschema:"description=Only entries with one of these categories; all when absent"`
}

// WebsiteRecipe says how to find the pages of a web site that are records.
type WebsiteRecipe struct {
	Discover string   `yaml:"discover,omitempty" jsonschema:"enum=sitemap,enum=list,description=What url points to: a sitemap (or index of them), or a list page"`
	Include  []string `yaml:"include,omitempty" jsonschema:"description=RE2 patterns; a URL must match one of them"`
	Exclude  []string `yaml:"exclude,omitempty" jsonschema:"description=RE2 patterns; a URL must match none of them"`
	Item     string   `yaml:"item,omitempty" jsonschema:"description=CSS selector of the links to records on a list page"`
	Next     string   `yaml:"next,omitempty" jsonschema:"description=CSS selector of the link to the next list page"`
	MaxPages int      `yaml:"max_pages,omitempty" jsonschema:"description=At most so many pages in one run (5000 when absent)"`
}

// Duration is a time.Duration written as in Go: "1h30m".
type Duration = fetch.Duration

var sourceID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,62}$`)

// Validate reports the first thing that keeps the source from being harvested.
func (s Source) Validate() error {
	switch {
	case !sourceID.MatchString(s.ID):
		return fmt.Errorf("id %q: must be 2 to 63 of a-z, 0-9 and -, and not begin with -", s.ID)
	case s.Name == "":
		return fmt.Errorf("name: must not be empty")
	case !slices.Contains(Kinds(), s.Kind):
		return fmt.Errorf("kind %q: must be one of %q", s.Kind, Kinds())
	}
	if u, err := url.Parse(s.URL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("url %q: must be an absolute http or https URL", s.URL)
	}
	if s.Kind == KindWebsite {
		if s.Website.Discover == "list" && s.Website.Item == "" {
			return fmt.Errorf("website.item: a list page needs the CSS selector of its links")
		}
		for _, p := range slices.Concat(s.Website.Include, s.Website.Exclude) {
			if _, err := regexp.Compile(p); err != nil {
				return fmt.Errorf("website: pattern %q: %w", p, err)
			}
		}
	}
	return nil
}

// Interval is how often the source is visited.
func (s Source) Interval() time.Duration {
	if s.Every > 0 {
		return time.Duration(s.Every)
	}
	return 24 * time.Hour
}
