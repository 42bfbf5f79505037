package wordpress

import (
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ctiphub/internal/fetch"
	"ctiphub/record"
)

// language writes a code of WordPress ("km_KH", "pt-br") as a language tag, "" when it is
// none.
func language(s string) string {
	s = strings.ReplaceAll(strings.TrimSpace(s), "_", "-")
	base, region, found := strings.Cut(s, "-")
	if len(base) < 2 || len(base) > 3 || strings.ContainsFunc(base, func(c rune) bool { return c < 'A' || c > 'z' || c > 'Z' && c < 'a' }) {
		return ""
	}
	base = strings.ToLower(base)
	switch {
	case !found:
		return base
	case len(region) == 2:
		return base + "-" + strings.ToUpper(region)
	case len(region) == 4:
		return base + "-" + strings.ToUpper(region[:1]) + strings.ToLower(region[1:])
	}
	return base // what WordPress adds of its own: "de_DE_formal"
}

// languageOf is what the entry says of its language, or where it lies on a site with a
// front page for each language.
func (r *run) languageOf(it item, link string) string {
	for _, field := range []string{"lang", "language", "locale", "wpml_current_locale"} {
		if l := language(it.text(field)); l != "" {
			return l
		}
	}
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	if l := language(u.Query().Get("lang")); l != "" {
		return l
	}
	return editionOf(r.state.Site.Languages, link)
}

// editionOf finds the language whose front page an address lies below. Front pages of one
// address say nothing.
func editionOf(editions []edition, link string) string {
	best, at := "", -1
	for _, e := range editions {
		front := strings.TrimSuffix(e.URL, "/")
		below := link == e.URL || strings.HasPrefix(link, front+"/")
		if slices.ContainsFunc(editions, func(o edition) bool { return o.URL == e.URL && o.Lang != e.Lang }) || len(editions) < 2 || strings.Contains(front, "?") {
			continue
		}
		if below && len(front) > at {
			best, at = e.Lang, len(front)
		}
	}
	return best
}

// translation is another language version as an entry names it.
type translation struct {
	lang string
	id   int64
	url  string
}

// translations reads the fields of Polylang and WPML: language to id, address or object;
// or a list of objects with a locale.
func (it item) translations() []translation {
	var list []translation
	type object struct {
		ID     int64  `json:"id"`
		Locale string `json:"locale"`
		Lang   string `json:"lang"`
		Href   string `json:"href"`
		Link   string `json:"link"`
		URL    string `json:"url"`
	}
	read := func(lang string, raw json.RawMessage) {
		t := translation{lang: language(lang)}
		var o object
		var text string
		switch {
		case json.Unmarshal(raw, &t.id) == nil:
		case json.Unmarshal(raw, &text) == nil:
			t.url = text
			if n, err := strconv.ParseInt(text, 10, 64); err == nil {
				t.id, t.url = n, ""
			}
		case json.Unmarshal(raw, &o) == nil:
			t.id, t.url = o.ID, first(o.Link, o.Href, o.URL)
			if t.lang == "" {
				t.lang = language(first(o.Lang, o.Locale))
			}
		}
		if t.lang != "" && (t.id > 0 && t.id != it.id || t.url != "") {
			list = append(list, t)
		}
	}
	for _, field := range []string{"translations", "wpml_translations", "pll_translations"} {
		var byLang map[string]json.RawMessage
		var objects []json.RawMessage
		switch {
		case it.get(field, &byLang):
			for _, lang := range slices.Sorted(maps.Keys(byLang)) {
				read(lang, byLang[lang])
			}
		case it.get(field, &objects):
			for _, o := range objects {
				read("", o)
			}
		}
	}
	return list[:min(len(list), 50)]
}

func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// findLinks learns the addresses of entries that others name as their translations by id
// only. What cannot be learnt is left out.
func (r *run) findLinks(t contentType, items []item) error {
	for _, it := range items {
		r.links[it.id] = r.permalink(t, it)
	}
	var need []int64
	for _, it := range items {
		for _, x := range it.translations() {
			if _, known := r.links[x.id]; x.url == "" && !known {
				r.links[x.id] = ""
				need = append(need, x.id)
			}
		}
	}
	slices.Sort(need)
	for part := range slices.Chunk(need, perPage) {
		params := url.Values{"include": {join(part)}, "per_page": {strconv.Itoa(len(part))}, "_fields": {"id,link"}}
		if r.lookups++; r.lookups > maxLookups {
			return nil
		}
		a, err := r.ask(r.request(endpoint(r.state.Site.Root, r.route(t.Route), params)))
		if r.ctx.Err() != nil || fetch.Retryable(err) {
			return err
		}
		var list []struct {
			ID   int64
			Link string
		}
		if err != nil || json.Unmarshal(a.body, &list) != nil {
			continue
		}
		for _, x := range list {
			r.links[x.ID] = x.Link
		}
	}
	return nil
}

// alternates are the entry's versions in other languages, as hints.
func (r *run) alternates(it item, link, own string) ([]record.Hint, error) {
	var hints []record.Hint
	add := func(lang, address string) {
		h := record.Hint{Key: "alternate", Value: address, Lang: lang}
		if lang == "" || lang == own || address == "" || address == link || slices.Contains(hints, h) {
			return
		}
		hints = append(hints, h)
	}
	for _, t := range it.translations() {
		add(t.lang, first(t.url, r.links[t.id]))
	}
	if len(hints) > 0 || link == "" {
		return hints, nil
	}
	if r.src.WordPress.Translations != "pages" {
		if len(r.state.Site.Languages) > 1 {
			r.note("translations-hidden", "The site has several languages, but its API does not say which entries are translations of each other: set translations: pages in the recipe to have it read from the head of each page, or ask the publisher to let the API show lang and translations.")
		}
		return nil, nil
	}
	resp, err := r.get.Get(r.ctx, fetch.Request{URL: link, Accept: "text/html, */*;q=0.1", Politeness: r.src.Politeness, Account: r.src.ID})
	if err != nil {
		if r.ctx.Err() != nil || errors.As(err, new(*fetch.BlockedError)) || fetch.Retryable(err) && !errors.Is(err, fetch.ErrRobots) && statusOf(err) == 0 {
			return nil, err
		}
		r.note("page-unreadable", "A page could not be read for its language versions: %v", err)
		return nil, nil
	}
	base, err := url.Parse(resp.URL)
	if err != nil {
		return nil, nil
	}
	for _, l := range headLinks(resp) {
		if strings.EqualFold(l.rel, "alternate") && l.lang != "" && !strings.EqualFold(l.lang, "x-default") {
			add(language(l.lang), absolute(base, l.href))
		}
	}
	return hints, nil
}
