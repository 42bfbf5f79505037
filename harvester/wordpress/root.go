package wordpress

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ctiphub/internal/fetch"
)

// findRoot finds the root of the API: where the home page says it is, else in the usual
// places.
func (r *run) findRoot() error {
	home, err := url.Parse(r.src.URL)
	if err != nil {
		return fmt.Errorf("reading the source's url: %w", err)
	}
	if root, ok := rootIn(home); ok {
		r.state.Site.Root = root
		_, err := r.index(root)
		return r.closed(err)
	}
	var candidates []string
	resp, err := r.get.Get(r.ctx, fetch.Request{URL: r.src.URL, Accept: "text/html, */*;q=0.1", Politeness: r.src.Politeness, Account: r.src.ID})
	switch {
	case err == nil:
		candidates = append(candidates, r.readHome(resp)...)
		if u, err := url.Parse(resp.URL); err == nil && u.Host != "" {
			home = u // the front page of a language, or https
		}
	case statusOf(err) == 0 || errors.As(err, new(*fetch.BlockedError)):
		return err // no answer to learn from
	}
	folder := *home
	folder.RawQuery, folder.Fragment = "", ""
	folder.Path = strings.TrimSuffix(folder.Path, "index.php")
	if !strings.HasSuffix(folder.Path, "/") {
		folder.Path += "/"
	}
	for _, ref := range []string{"wp-json/", "/wp-json/", "?rest_route=/"} {
		if u, err := folder.Parse(ref); err == nil {
			candidates = append(candidates, u.String())
		}
	}
	return r.tryRoots(candidates, home.Host)
}

// tryRoots takes the first of several addresses that is the root of an API.
func (r *run) tryRoots(candidates []string, host string) error {
	var first error
	var tried []string
	for _, root := range candidates {
		if slices.Contains(tried, root) {
			continue
		}
		tried = append(tried, root)
		ok, err := r.index(root)
		if ok {
			r.state.Site.Root = root
			return nil
		}
		if r.ctx.Err() != nil {
			return err
		}
		// A home page may name the host that the site was built on.
		if u, perr := url.Parse(root); perr == nil && u.Host == host {
			switch {
			case errors.Is(err, fetch.ErrRobots) && !fetch.Retryable(err):
				return fmt.Errorf("robots.txt keeps the hub from the API: ask the publisher to allow it /wp-json/, %s: %w", r.otherKinds(), err)
			case fetch.Retryable(err), errors.As(err, new(*fetch.BlockedError)):
				return fmt.Errorf("finding the API: %w", err)
			}
		}
		if first == nil || statusOf(first) == http.StatusNotFound || statusOf(first) == 0 && !errors.Is(first, errNoAPI) {
			first = err
		}
	}
	r.state.Site.Root = tried[0]
	return r.closed(first)
}

// otherKinds says how else the site could be harvested.
func (r *run) otherKinds() string {
	feed := r.state.Site.Feed
	if feed == "" {
		feed = "its feed, mostly at /feed/"
	}
	return fmt.Sprintf("or harvest it as kind feed (%s) or kind website (its sitemap, mostly /wp-sitemap.xml)", feed)
}

// rootIn recognises the address of an API itself, as those of WordPress.com are.
func rootIn(u *url.URL) (string, bool) {
	if route := u.Query().Get("rest_route"); route != "" {
		v := *u
		v.RawQuery, v.Fragment = "rest_route=/", ""
		return v.String(), true
	}
	if before, after, ok := strings.Cut(u.Path, "/wp/v2"); ok && strings.HasPrefix(after, "/sites/") {
		return u.Scheme + "://" + u.Host + before + "/wp/v2" + strings.TrimSuffix(after, "/") + "/", true
	}
	if before, _, ok := strings.Cut(u.Path+"/", "/wp-json/"); ok {
		return u.Scheme + "://" + u.Host + before + "/wp-json/", true
	}
	return "", false
}

// hosted reports whether the API is one of WordPress.com, whose routes lack the namespace.
func hosted(root string) bool { return strings.Contains(root, "/wp/v2/sites/") }

// route writes the route of a collection in the API at hand.
func (r *run) route(path string) string {
	if hosted(r.state.Site.Root) {
		return strings.TrimPrefix(path, core)
	}
	return path
}

// index reads the root of an API and reports whether it is one.
func (r *run) index(root string) (bool, error) {
	if hosted(root) {
		return true, nil
	}
	a, err := r.ask(r.request(endpoint(root, "", url.Values{"_fields": {"name,home,namespaces"}})))
	if err != nil {
		return false, err
	}
	var doc struct {
		Name       string
		Namespaces []string
		Routes     map[string]json.RawMessage
	}
	if err := json.Unmarshal(a.body, &doc); err != nil || doc.Namespaces == nil && doc.Routes == nil {
		return false, fmt.Errorf("%w: %s is no index of an API", errNoAPI, a.URL)
	}
	if doc.Namespaces != nil && !slices.Contains(doc.Namespaces, "wp/v2") {
		return false, fmt.Errorf("%w: the API lacks wp/v2, by which posts are read", errNoAPI)
	}
	r.state.Site.Name = textOf(doc.Name)
	return true, nil
}

// closed explains to the publisher's side why the API cannot be read, and what else could
// be done.
func (r *run) closed(err error) error {
	if err == nil || r.ctx.Err() != nil || fetch.Retryable(err) || errors.As(err, new(*fetch.BlockedError)) {
		return err
	}
	other := r.otherKinds()
	switch statusOf(err) {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("the site's API at %s is closed to visitors: ask the publisher to let anybody read /wp/v2/posts (a security plugin mostly has a switch for it), %s: %w", r.state.Site.Root, other, err)
	case http.StatusNotFound, http.StatusGone:
		return fmt.Errorf("the site has no API at %s, or hides it: ask the publisher whether the REST API is switched off, %s: %w", r.state.Site.Root, other, err)
	}
	if errors.Is(err, errNoAPI) {
		return fmt.Errorf("the site's API at %s cannot be read: ask the publisher whether the REST API is switched off, %s: %w", r.state.Site.Root, other, err)
	}
	return err
}

// readHome takes from the home page where the API is, which languages the site has, and
// where its feed is.
func (r *run) readHome(resp *fetch.Response) (roots []string) {
	base, err := url.Parse(resp.URL)
	if err != nil {
		return nil
	}
	s := &r.state.Site
	for _, l := range headLinks(resp) {
		href := absolute(base, l.href)
		switch {
		case l.rel == "https://api.w.org/":
			roots = append(roots, href)
		case strings.EqualFold(l.rel, "alternate") && l.lang != "" && !strings.EqualFold(l.lang, "x-default"):
			if e := (edition{language(l.lang), href}); e.Lang != "" && len(s.Languages) < 50 && !slices.Contains(s.Languages, e) {
				s.Languages = append(s.Languages, e)
			}
		case strings.EqualFold(l.rel, "alternate") && s.Feed == "" && (l.typ == "application/rss+xml" || l.typ == "application/atom+xml"):
			s.Feed = href
		}
	}
	return roots
}
