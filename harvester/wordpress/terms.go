package wordpress

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"ctiphub/internal/fetch"
)

// term is one category, tag or term of another taxonomy.
type term struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	Slug   string `json:"slug"`
	Parent int64  `json:"parent"`
}

const termFields = "id,name,slug,parent"

// choose resolves the words of the recipe to terms of the site. Words that none of its
// terms is called by are noted; when that leaves nothing of the choice the run fails, lest
// everything is taken.
func (r *run) choose() error {
	recipe := r.src.WordPress
	wanted := map[string][]string{}
	for base, words := range recipe.Terms {
		wanted[base] = words
	}
	wanted["categories"] = append(slices.Clip(wanted["categories"]), recipe.Categories...)
	wanted["tags"] = append(slices.Clip(wanted["tags"]), recipe.Tags...)
	asked := false
	var unknown []string
	for _, t := range r.state.Site.Types {
		for _, x := range t.Taxonomies {
			words := wanted[x.Base]
			if len(words) == 0 || slices.ContainsFunc(r.state.Site.Chosen, func(c choice) bool { return c.Taxonomy == x.Base }) {
				continue
			}
			asked = true
			found, missing, err := r.resolve(x, words)
			if err != nil {
				return fmt.Errorf("looking for the terms of the recipe: %w", r.closed(err))
			}
			unknown = append(unknown, missing...)
			if len(found) > 0 {
				r.state.Site.Chosen = append(r.state.Site.Chosen, choice{x.Base, found})
			}
			delete(wanted, x.Base)
		}
	}
	chosen := len(r.state.Site.Chosen) > 0 || len(recipe.Search) > 0
	switch {
	case asked && !chosen:
		return fmt.Errorf("the site has no category, tag or term called %s; its list of them is at %s", strings.Join(unknown, ", "), endpoint(r.state.Site.Root, r.route(core+"categories"), nil))
	case len(recipe.Categories)+len(recipe.Tags)+len(recipe.Terms) > 0 && !chosen:
		return errors.New("none of the content types of the recipe has the taxonomies that it chooses by")
	}
	for _, base := range slices.Sorted(maps.Keys(wanted)) {
		if len(wanted[base]) > 0 {
			r.note("taxonomy-unknown", "None of the content types of the recipe has the taxonomy %s, which it chooses by.", base)
		}
	}
	if len(unknown) > 0 {
		r.state.Site.Partly = true
		r.note("term-unknown", "The site has no category, tag or term called %s. Until the recipe is mended, nothing is taken for removed.", strings.Join(unknown, ", "))
	}
	return nil
}

// resolve finds the terms that words stand for, and all terms below them: a page of a
// category shows the entries of those as well.
func (r *run) resolve(x taxonomy, words []string) (found []string, missing []string, err error) {
	var queue []int64
	for _, word := range words {
		ids, err := r.called(x, word)
		if err != nil {
			return nil, nil, err
		}
		queue = append(queue, ids...)
		if len(ids) == 0 {
			missing = append(missing, strconv.Quote(word))
		}
	}
	all := map[int64]bool{}
	for len(queue) > 0 && len(all) < maxTerms {
		id := queue[0]
		queue = queue[1:]
		if all[id] {
			continue
		}
		all[id] = true
		found = append(found, strconv.FormatInt(id, 10))
		if x.Base == "tags" {
			continue // a flat one
		}
		below, err := r.listTerms(x, url.Values{"parent": {strconv.FormatInt(id, 10)}})
		if err != nil {
			return nil, nil, err
		}
		for _, t := range below {
			// A taxonomy without levels may answer with everything.
			if t.Parent == id {
				queue = append(queue, t.ID)
			}
		}
	}
	slices.Sort(found)
	return found, missing, nil
}

// called finds the terms of a name or slug. The site is asked for the longest word of it:
// signs like "&" stand in its database in more than one way.
func (r *run) called(x taxonomy, name string) (found []int64, err error) {
	longest := ""
	for word := range strings.FieldsFuncSeq(slugText(name), func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune("-&'’\"“”<>", c) }) {
		if len(word) > len(longest) {
			longest = word
		}
	}
	for page := 1; page <= maxTermPages; page++ {
		params := url.Values{"search": {longest}}
		if page > 1 {
			params.Set("page", strconv.Itoa(page))
		}
		list, err := r.listTerms(x, params)
		if err != nil {
			return nil, err
		}
		for _, t := range list {
			if strings.EqualFold(textOf(t.Name), textOf(name)) || strings.EqualFold(slugText(t.Slug), slugText(name)) {
				found = append(found, t.ID)
			}
		}
		if len(found) > 0 || len(list) < perPage {
			break
		}
	}
	return found, nil
}

func slugText(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		s = u
	}
	return strings.ToLower(strings.TrimSpace(s))
}

// listTerms asks for up to a hundred terms.
func (r *run) listTerms(x taxonomy, params url.Values) ([]term, error) {
	params.Set("per_page", strconv.Itoa(perPage))
	params.Set("_fields", termFields)
	a, err := r.ask(r.request(endpoint(r.state.Site.Root, r.route(x.Route), params)))
	if err != nil {
		return nil, err
	}
	var list []term
	if err := json.Unmarshal(a.body, &list); err != nil {
		return nil, fmt.Errorf("%w: %s is not a list of terms", errNoAPI, x.Route)
	}
	return list, nil
}

// learn looks up the names of the terms that entries have, each term once in a run and
// up to a hundred with one request. What cannot be looked up stays without a name.
func (r *run) learn(t contentType, items []item) error {
	for _, x := range t.Taxonomies {
		known := r.terms[x.Base]
		if known == nil {
			known = map[int64]*term{}
			r.terms[x.Base] = known
		}
		var need []int64
		for _, it := range items {
			for _, id := range it.termIDs(x.Base) {
				if _, ok := known[id]; !ok {
					known[id] = nil
					need = append(need, id)
				}
			}
		}
		slices.Sort(need)
		for part := range slices.Chunk(need, perPage) {
			if r.lookups++; r.lookups > maxLookups {
				r.note("too-many-terms", "The site has so many terms that not all of their names were looked up.")
				return nil
			}
			list, err := r.listTerms(x, url.Values{"include": {join(part)}})
			if r.ctx.Err() != nil || fetch.Retryable(err) {
				return fmt.Errorf("looking up the names of terms: %w", err)
			}
			if err != nil {
				r.note("terms-closed", "The names of the site's categories, tags or other terms cannot be read: the records lack them as keywords.")
				break
			}
			for _, t := range list {
				known[t.ID] = &t
			}
		}
	}
	return nil
}

func join(list []int64) string {
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = strconv.FormatInt(n, 10)
	}
	return strings.Join(texts, ",")
}
