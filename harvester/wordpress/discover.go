package wordpress

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ctiphub/internal/fetch"
)

// site is what was found out about a site. It is kept from run to run, and found out anew
// with each whole listing.
type site struct {
	Root      string        `json:"root"` // of the API, as its routes are written behind it
	Name      string        `json:"name,omitempty"`
	Types     []contentType `json:"types"`
	Chosen    []choice      `json:"chosen,omitempty"`
	Languages []edition     `json:"languages,omitempty"` // front pages by language
	Feed      string        `json:"feed,omitempty"`
	Partly    bool          `json:"partly,omitempty"` // a type of the recipe is missing
}

// contentType is one type of entries and the taxonomies that order them.
type contentType struct {
	Base       string     `json:"base"` // REST base: "posts"
	Route      string     `json:"route"`
	Taxonomies []taxonomy `json:"taxonomies,omitempty"`
}

type taxonomy struct {
	Base  string `json:"base"` // and name of the field in entries: "categories"
	Route string `json:"route"`
}

// choice is one taxonomy of the recipe with the terms that its words stand for.
type choice struct {
	Taxonomy string   `json:"taxonomy"`
	IDs      []string `json:"ids"`
}

// edition is the front page of one language.
type edition struct {
	Lang string `json:"lang"`
	URL  string `json:"url"`
}

func (t contentType) has(base string) bool {
	return slices.ContainsFunc(t.Taxonomies, func(x taxonomy) bool { return x.Base == base })
}

const (
	postsBase = "posts"
	mediaBase = "media"
	core      = "wp/v2/"
)

// accounts are taxonomies by which plugins model user accounts as authors.
var accounts = map[string]bool{"author": true, "authors": true, "coauthors": true, "coauthor": true, "ppma_author": true}

// discover finds the API and learns what the recipe's types and terms are called in it.
func (r *run) discover() error {
	if err := r.findRoot(); err != nil {
		return err
	}
	if err := r.findTypes(); err != nil {
		return err
	}
	return r.choose()
}

// restType is a type or a taxonomy as the API describes it.
type restType struct {
	Slug       string   `json:"slug"`
	RestBase   string   `json:"rest_base"`
	Namespace  string   `json:"rest_namespace"`
	Taxonomies []string `json:"taxonomies"`
}

func (t restType) route() string {
	if t.Namespace == "" {
		return core + t.RestBase
	}
	return strings.Trim(t.Namespace, "/") + "/" + t.RestBase
}

// catalogue reads /types or /taxonomies: by name, or an empty list where there is none.
func (r *run) catalogue(what string) (map[string]restType, error) {
	a, err := r.ask(r.request(endpoint(r.state.Site.Root, r.route(core+what), nil)))
	if err != nil {
		return nil, err
	}
	all := map[string]restType{}
	if err := json.Unmarshal(a.body, &all); err != nil && !bytes.HasPrefix(a.body, []byte("[")) {
		return nil, fmt.Errorf("%w: /%s is not a list of %s", errNoAPI, what, what)
	}
	for slug, t := range all {
		if t.RestBase == "" {
			t.RestBase = slug
		}
		t.Slug = slug
		all[slug] = t
	}
	return all, nil
}

// findTypes learns the routes of the recipe's types and of their taxonomies.
func (r *run) findTypes() error {
	types, err := r.catalogue("types")
	var taxonomies map[string]restType
	if err == nil {
		taxonomies, err = r.catalogue("taxonomies")
	}
	if err != nil {
		if r.ctx.Err() != nil || fetch.Retryable(err) || errors.As(err, new(*fetch.BlockedError)) {
			return err
		}
		// Security plugins close these two; the usual names may still do.
		r.note("types-closed", "The API does not tell its content types: the usual names are tried.")
		types = map[string]restType{"post": {RestBase: postsBase, Taxonomies: []string{"category", "post_tag"}}, "page": {RestBase: "pages"}, "attachment": {RestBase: mediaBase}}
		taxonomies = map[string]restType{"category": {RestBase: "categories"}, "post_tag": {RestBase: "tags"}}
		for _, name := range r.src.WordPress.Types {
			types[name] = restType{RestBase: baseOf(types, name)}
		}
	}
	wanted := r.src.WordPress.Types
	if len(wanted) == 0 {
		wanted = []string{postsBase, "pages"}
	}
	if r.src.WordPress.Media != "" && !slices.Contains(wanted, mediaBase) {
		wanted = append(slices.Clip(wanted), mediaBase)
	}
	s := &r.state.Site
	var missing []string
	for _, name := range wanted {
		t, ok := find(types, name)
		if !ok {
			missing = append(missing, name)
			continue
		}
		found := contentType{Base: t.RestBase, Route: t.route()}
		for _, slug := range t.Taxonomies {
			x, ok := taxonomies[slug]
			if ok && !accounts[slug] && !accounts[x.RestBase] && !found.has(x.RestBase) {
				found.Taxonomies = append(found.Taxonomies, taxonomy{x.RestBase, x.route()})
			}
		}
		s.Types = append(s.Types, found)
	}
	names := strings.Join(slices.Sorted(maps.Keys(bases(types))), ", ")
	switch {
	case len(s.Types) == 0:
		return fmt.Errorf("the site has none of the content types %s; it has %s", strings.Join(missing, ", "), names)
	case len(missing) > 0:
		s.Partly = true
		r.note("type-missing", "The site has no content type %s; it has %s. Until that is mended, nothing is taken for removed.", strings.Join(missing, ", "), names)
	}
	return nil
}

// baseOf is the REST base of a type that is known by its name or its base.
func baseOf(types map[string]restType, name string) string {
	if t, ok := find(types, name); ok {
		return t.RestBase
	}
	return name
}

// find finds a type by REST base or name.
func find(types map[string]restType, name string) (restType, bool) {
	if t, ok := types[name]; ok {
		return t, true
	}
	for _, slug := range slices.Sorted(maps.Keys(types)) {
		if types[slug].RestBase == name {
			return types[slug], true
		}
	}
	return restType{}, false
}

// internals are types of WordPress itself that hold nothing to read.
var internals = map[string]bool{"wp_block": true, "wp_template": true, "wp_template_part": true, "wp_navigation": true, "wp_global_styles": true, "nav_menu_item": true, "wp_font_family": true, "wp_font_face": true}

func bases(types map[string]restType) map[string]bool {
	out := map[string]bool{}
	for slug, t := range types {
		if !internals[slug] {
			out[t.RestBase] = true
		}
	}
	return out
}
