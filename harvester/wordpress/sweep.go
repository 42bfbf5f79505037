package wordpress

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
)

// stub is one entry in a list of identifiers.
type stub struct {
	ID       int64  `json:"id"`
	Modified string `json:"modified_gmt"`
	MIME     string `json:"mime_type"`
	Content  struct {
		Protected bool `json:"protected"`
	} `json:"content"`
}

// keptStubs makes a request for identifiers conditional when its answer was kept.
func (r *run) keptStubs(req *fetch.Request) []stub {
	v := r.known(req.URL)
	var kept []stub
	for _, line := range v.Identifiers {
		var s stub
		if json.Unmarshal([]byte(line), &s) != nil || s.ID == 0 {
			return nil
		}
		kept = append(kept, s)
	}
	if len(kept) > 0 {
		req.ETag, req.LastModified = v.ETag, v.LastModified
	}
	return kept
}

// known returns what an earlier run stored under a URL, unless everything is wanted anew.
func (r *run) known(address string) harvester.Validator {
	if r.from.Full || r.from.Known == nil {
		return harvester.Validator{}
	}
	v, _ := r.from.Known(address)
	return v
}

// sweep compares a list of identifiers with what is known, and asks for the entries that
// are new or changed.
func (r *run) sweep(t contentType, l list, address string, a answer, kept []stub) (page harvester.Page, n int, err error) {
	stubs := kept
	if !a.NotModified {
		stubs = nil
		if err := json.Unmarshal(a.body, &stubs); err != nil {
			return page, 0, fmt.Errorf("reading %s: %w: it is no list of entries", a.URL, errNoAPI)
		}
		if v, ok := validatorOf(address, a.Response, stubs); ok {
			page.Validators = append(page.Validators, v)
		}
	}
	list := make([]int64, len(stubs))
	for i, s := range stubs {
		list[i] = s.ID
	}
	if err := r.round(list); err != nil {
		return page, len(stubs), err
	}
	var need []int64
	for _, s := range stubs {
		if s.ID <= 0 || r.seen[s.ID] {
			continue
		}
		v := r.known(modifiedKey(r.itemURL(t, s.ID)))
		same := s.Modified != "" && v.LastModified == s.Modified
		switch {
		case s.Content.Protected:
			r.seen[s.ID] = true
			page.Skipped = append(page.Skipped, harvester.Skip{Identifier: identifier(s.ID), URL: r.itemURL(t, s.ID), Code: "password-protected"})
		case t.Base == mediaBase && s.MIME != "" && !r.wantedMedia(s.MIME):
			r.seen[s.ID] = true
			page.Skipped = append(page.Skipped, harvester.Skip{Identifier: identifier(s.ID), URL: r.itemURL(t, s.ID), Code: "media-type"})
		case same && len(v.Identifiers) == 0:
			// The normalizer refused it, and it is as it was.
			r.seen[s.ID] = true
			page.Skipped = append(page.Skipped, harvester.Skip{Identifier: identifier(s.ID), URL: r.itemURL(t, s.ID), Code: "no-record"})
		case same && (r.from.Stored == nil || r.from.Stored(identifier(s.ID))):
			r.seen[s.ID] = true
			page.Same = append(page.Same, identifier(s.ID))
		default:
			// One that was removed and is back may have kept its date.
			need = append(need, s.ID)
		}
	}
	return r.fetchMissing(t, l, page, need, len(stubs))
}

// fetchMissing asks for entries by their identifiers.
func (r *run) fetchMissing(t contentType, l list, page harvester.Page, need []int64, n int) (harvester.Page, int, error) {
	size, broken := min(r.state.Size, perPage), 0
	for len(need) > 0 {
		part := need[:min(len(need), size)]
		params := url.Values{"include": {join(part)}, "per_page": {strconv.Itoa(len(part))}, "orderby": {"id"}, "order": {"asc"}}
		if l.Lang != "" {
			params.Set("lang", l.Lang)
		}
		a, err := r.ask(r.request(endpoint(r.state.Site.Root, r.route(t.Route), params)))
		switch status := statusOf(err); {
		case brokenHere(status) && smaller[size] > 0 && len(part) > 1:
			for size = smaller[size]; size >= len(part); {
				size = smaller[size]
			}
			continue
		case brokenHere(status) && broken < maxBroken:
			broken++
			r.seen[part[0]] = true
			page.Rejects = append(page.Rejects, brokenEntry(identifier(part[0]), r.itemURL(t, part[0]), status))
			need, size = need[1:], min(r.state.Size, perPage)
			continue
		case err != nil:
			return page, n, fmt.Errorf("asking for entries by their ids: %w", err)
		}
		items, err := readItems(a.body)
		if err != nil {
			return page, n, fmt.Errorf("reading %s: %w", a.URL, err)
		}
		items = slices.DeleteFunc(items, func(it item) bool { return !slices.Contains(part, it.id) })
		more, err := r.convert(t, items, a)
		if err != nil {
			return page, n, err
		}
		page.Raws = append(page.Raws, more.Raws...)
		page.Skipped = append(page.Skipped, more.Skipped...)
		page.Rejects = append(page.Rejects, more.Rejects...)
		page.Validators = append(page.Validators, more.Validators...)
		for _, id := range part {
			if !r.seen[id] {
				r.seen[id] = true
				page.Rejects = append(page.Rejects, harvester.Reject{
					Identifier: identifier(id), URL: r.itemURL(t, id), Code: "not-delivered", Stage: "fetch",
					Detail: "The API lists this entry, but does not give it out when asked for it.",
				})
			}
		}
		need = need[len(part):]
	}
	return page, n, nil
}

// validatorOf keeps a list of identifiers together with what the server said about it.
func validatorOf(address string, resp *fetch.Response, stubs []stub) (harvester.Validator, bool) {
	v := harvester.Validator{URL: address, ETag: resp.Header.Get("ETag"), LastModified: resp.Header.Get("Last-Modified")}
	if v.ETag == "" && v.LastModified == "" || len(stubs) == 0 {
		return v, false
	}
	for _, s := range stubs {
		line, err := json.Marshal(s)
		if err != nil {
			return v, false
		}
		v.Identifiers = append(v.Identifiers, string(line))
	}
	return v, true
}

// modifiedKey is under which the date of change of an entry is kept.
func modifiedKey(itemURL string) string { return itemURL + "#modified" }
