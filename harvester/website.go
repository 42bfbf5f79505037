package harvester

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// WebsiteRecipe says how to find the pages of a web site that are records.
type WebsiteRecipe struct {
	Discover string    `yaml:"discover,omitempty" jsonschema:"enum=sitemap,enum=list,description=What url points to: a sitemap (or index of them), or a list page"`
	Include  []string  `yaml:"include,omitempty" jsonschema:"description=RE2 patterns; a URL must match one of them"`
	Exclude  []string  `yaml:"exclude,omitempty" jsonschema:"description=RE2 patterns; a URL must match none of them"`
	Item     string    `yaml:"item,omitempty" jsonschema:"description=CSS selector of the links to records on a list page"`
	Next     string    `yaml:"next,omitempty" jsonschema:"description=CSS selector of the link to the next list page"`
	Pages    ListPages `yaml:"pages,omitempty" jsonschema:"description=Numbered list pages instead of a link to the next one"`
	MaxPages int       `yaml:"max_pages,omitempty" jsonschema:"description=At most so many pages in one run (5000 when absent)"`
	Files    string    `yaml:"files,omitempty" jsonschema:"enum=describe,enum=link,description=PDF files linked from a page of a record: only linked to (the default) or also read once for size pages and language"`
	MaxFiles int       `yaml:"max_files,omitempty" jsonschema:"description=With files: describe the most files that are read for one page (5 when absent)"`
}

// ListPages are the pages of a list that differ in a number only.
type ListPages struct {
	Template string `yaml:"template,omitempty" jsonschema:"description=Address of a list page with {n} where its number or offset stands"`
	First    *int   `yaml:"first,omitempty" jsonschema:"description=Number of the first page (1 when absent)"`
	Last     int    `yaml:"last,omitempty" jsonschema:"description=Number of the last page; when absent the list ends with the first page that has nothing new"`
	Step     int    `yaml:"step,omitempty" jsonschema:"description=From one number to the next (1 when absent)"`
}

// FilesDescribe is the value of WebsiteRecipe.Files that has linked PDFs read.
const FilesDescribe = "describe"

// validate reports what keeps the recipe from working.
func (r WebsiteRecipe) validate(Source) error {
	if r.Discover == "list" && r.Item == "" {
		return fmt.Errorf("website.item: a list page needs the CSS selector of its links")
	}
	for _, p := range slices.Concat(r.Include, r.Exclude) {
		if _, err := regexp.Compile(p); err != nil {
			return fmt.Errorf("website: pattern %q: %w", p, err)
		}
	}
	if !slices.Contains([]string{"", "link", FilesDescribe}, r.Files) {
		return fmt.Errorf("website.files: %q must be link or describe", r.Files)
	}
	if r.MaxFiles < 0 {
		return errors.New("website.max_files: must not be negative")
	}
	return r.Pages.validate(r)
}

func (p ListPages) validate(r WebsiteRecipe) error {
	switch {
	case p == ListPages{}:
		return nil
	case strings.Count(p.Template, "{n}") != 1:
		return fmt.Errorf("website.pages.template: %q must hold {n} once, where the number of the page stands", p.Template)
	case r.Item == "":
		return errors.New("website.pages: numbered list pages need website.item, the CSS selector of their links")
	case r.Next != "":
		return errors.New("website.pages: give either pages or next, not both")
	case p.First != nil && (*p.First < 0 || p.Last != 0 && p.Last < *p.First) || p.Step < 0 || p.Last < 0:
		return errors.New("website.pages: first, last and step must not be negative, and last not before first")
	}
	return nil
}
