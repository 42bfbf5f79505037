package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"ctiphub/harvester"
	"ctiphub/record"
)

// page turns items into raws.
func (r *run) page(items []any, a *answer) harvester.Page {
	var page harvester.Page
	for n, it := range items {
		id := r.identifier(it)
		repeated := id != "" && r.seen[sum(id)]
		if repeated {
			a.known++
		}
		switch {
		case id == "":
			page.Rejects = append(page.Rejects, harvester.Reject{URL: a.at, Code: "no-identifier", Stage: "parse",
				Detail: fmt.Sprintf("Item %d of the page has no identifier at %s.", r.state.Given+n+1, strings.Join(r.recipe.ID, " or "))})
			continue
		case repeated:
			r.note("repeated-identifier", "the API lists the same identifier more than once; the first one counts")
			page.Skipped = append(page.Skipped, harvester.Skip{Identifier: id, URL: a.at, Code: "repeated"})
			continue
		}
		r.seen[sum(id)] = true
		if r.recipe.Skip != "" && holds(it, r.recipe.Skip) {
			page.Skipped = append(page.Skipped, harvester.Skip{Identifier: id, URL: a.at, Code: "not-public"})
			continue
		}
		raw, err := r.raw(it, id, a)
		if err != nil {
			page.Rejects = append(page.Rejects, harvester.Reject{Identifier: id, URL: a.at, Code: "unreadable", Stage: "parse", Detail: "The item could not be written as JSON."})
			continue
		}
		page.Raws = append(page.Raws, raw)
		if !raw.Deleted && r.recipe.Paging.By == "" && len(r.kept) <= maxKept {
			r.kept = append(r.kept, id)
		}
	}
	// Asked again only when something changed, these would not be told of a second time.
	r.state.Flawed = r.state.Flawed || len(page.Rejects)+len(page.Skipped) > 0
	return page
}

// identifier is what the recipe calls an item by, "" when it has nothing of that.
func (r *run) identifier(it any) string {
	for _, path := range r.recipe.ID {
		if id := text(it, path); id != "" {
			return id
		}
	}
	return ""
}

// raw keeps one item.
func (r *run) raw(it any, id string, a *answer) (record.Raw, error) {
	raw := record.Raw{
		Source: r.src.ID, Identifier: id, URL: r.landing(it, id, a.at), Fetched: a.fetched, Status: a.status,
		MediaType: "application/json; charset=utf-8", Format: r.o.Format, Datestamp: moment(text(it, r.recipe.Modified)),
	}
	if r.recipe.Deleted != "" && holds(it, r.recipe.Deleted) {
		raw.Deleted = true
		return raw, nil
	}
	var err error
	raw.Body, err = canonical(it)
	return raw, err
}

var slot = regexp.MustCompile(`\{[^{}]+\}`)

// landing is the address of the page about an item, else that of the list. An address with
// {id} or another {path} in it counts only when the item has all of them.
func (r *run) landing(it any, id, at string) string {
	base, err := url.Parse(r.src.URL)
	if err != nil {
		return at
	}
	for _, p := range r.recipe.URL {
		ref, whole := "", true
		if slot.MatchString(p) {
			ref = slot.ReplaceAllStringFunc(p, func(m string) string {
				value := id
				if m != "{id}" {
					value = text(it, m[1:len(m)-1])
				}
				whole = whole && value != ""
				// A handle keeps its slash.
				return strings.ReplaceAll(url.PathEscape(value), "%2F", "/")
			})
		} else {
			ref = text(it, p)
		}
		if ref == "" || !whole {
			continue
		}
		if u, err := base.Parse(ref); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
			return u.String()
		}
	}
	return at
}

// moment reads the time of a change as APIs write it; zero when it is none.
func moment(s string) time.Time {
	for _, form := range []string{
		time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999",
		"2006-01-02 15:04:05.999999999Z07:00", time.DateOnly,
	} {
		if t, err := time.Parse(form, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// canonical writes an item with its keys in order, so that it is the same each time.
func canonical(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
