package harvester

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"

	"ctiphub/internal/fetch"
)

// Kinds of interface that a source can have.
const (
	KindOAIPMH    = "oai-pmh"
	KindFeed      = "feed"
	KindWordPress = "wordpress"
	KindWebsite   = "website"
	KindDSpace    = "dspace"
	KindCKAN      = "ckan"
	KindReliefWeb = "reliefweb"
	KindAPI       = "api" // any other JSON or CSV, by recipe
)

// Kinds lists every kind of interface, in the order the documentation has them.
func Kinds() []string {
	return []string{KindOAIPMH, KindFeed, KindWordPress, KindWebsite, KindDSpace, KindCKAN, KindReliefWeb, KindAPI}
}

// Source is one publisher's interface and how to visit it.
type Source struct {
	ID         string           `yaml:"id" jsonschema:"required,pattern=^[a-z0-9][a-z0-9-]{1\\,62}$,description=Stable id; part of every record id: never change it"`
	Name       string           `yaml:"name" jsonschema:"required,description=The publisher as readers know it"`
	Country    string           `yaml:"country,omitempty" jsonschema:"description=Seat of the publisher: ISO 3166-1 alpha-2 code; empty for regional and global bodies"`
	Home       string           `yaml:"home,omitempty" jsonschema:"description=Home page"`
	Kind       string           `yaml:"kind" jsonschema:"required,enum=oai-pmh,enum=feed,enum=wordpress,enum=website,enum=dspace,enum=ckan,enum=reliefweb,enum=api,description=Kind of interface"`
	URL        string           `yaml:"url" jsonschema:"required,description=OAI-PMH base URL; feed URL; home of a WordPress site; sitemap or list page of a web site; endpoint of an API"`
	Enabled    bool             `yaml:"enabled" jsonschema:"description=Harvested only when true"`
	Every      Duration         `yaml:"every,omitempty" jsonschema:"description=How often to visit; when neither this nor schedule is given the hub adapts to how often the source changes"`
	Schedule   string           `yaml:"schedule,omitempty" jsonschema:"description=When to visit as five cron fields in UTC or with a time zone in front (CRON_TZ=Asia/Bangkok 0 3 * * 1); instead of every"`
	Window     Window           `yaml:"window,omitempty" jsonschema:"description=Only visit at these hours of the publisher's local time: 20:00-05:00 Asia/Bangkok"`
	Politeness fetch.Politeness `yaml:"politeness,omitempty" jsonschema:"description=How gently to visit"`
	MayBeEmpty bool             `yaml:"may_be_empty,omitempty" jsonschema:"description=An empty listing is no failure"`
	OAI        OAIRecipe        `yaml:"oai,omitempty" jsonschema:"description=Options for kind oai-pmh"`
	Feed       FeedRecipe       `yaml:"feed,omitempty" jsonschema:"description=Options for kind feed"`
	WordPress  WordPressRecipe  `yaml:"wordpress,omitempty" jsonschema:"description=Options for kind wordpress"`
	Website    WebsiteRecipe    `yaml:"website,omitempty" jsonschema:"description=Options for kind website"`
	API        APIRecipe        `yaml:"api,omitempty" jsonschema:"description=Options for the kinds dspace ckan reliefweb and api"`
	Owner      Owner            `yaml:"owner,omitempty" jsonschema:"description=Who answers for the source"`
}

// Owner is the publisher's contact for questions about its records.
type Owner struct {
	Name    string `yaml:"name,omitempty" jsonschema:"description=Organisation or office, not a person"`
	Contact string `yaml:"contact,omitempty" jsonschema:"description=Role mailbox or contact page"`
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
	if err := s.Window.Validate(); err != nil {
		return fmt.Errorf("window: %w", err)
	}
	if err := validateSchedule(s.Schedule); err != nil {
		return fmt.Errorf("schedule: %w", err)
	}
	for _, r := range []struct {
		kind  string
		check func(Source) error
	}{
		{KindOAIPMH, s.OAI.validate}, {KindFeed, s.Feed.validate}, {KindWordPress, s.WordPress.validate}, {KindWebsite, s.Website.validate},
		{KindDSpace, s.API.validate}, {KindCKAN, s.API.validate}, {KindReliefWeb, s.API.validate}, {KindAPI, s.API.validate},
	} {
		if r.kind == s.Kind {
			if err := r.check(s); err != nil {
				return err
			}
		}
	}
	return nil
}
