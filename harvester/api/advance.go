package api

import (
	"hash/fnv"
	"strconv"
)

// advance moves on to the next page, or ends the list.
func (r *run) advance(a *answer) {
	s, p := &r.state, r.recipe.Paging
	r.count(a)
	before := *s
	s.Next, s.Mark = "", ""
	switch p.By {
	case "":
		s.Done = true
	case "page", "offset":
		s.Page++
		s.Done = r.lastNumbered(len(a.items))
	case "cursor":
		s.Mark = text(a.doc, p.Path)
		s.Done = s.Mark == "" || s.Mark == before.Mark
		if s.Mark != "" && s.Mark == before.Mark && len(a.items) > 0 {
			r.round("the API gives the same cursor again")
		}
	case "next":
		s.Next = r.follow(text(a.doc, p.Path))
	case "link":
		s.Next = r.follow(nextLink(a.header))
	}
	if p.By == "next" || p.By == "link" {
		s.Done = s.Next == ""
		if s.Next != "" && s.Next == a.at {
			r.round("the next page is said to be the page itself")
		}
	}
	switch {
	case !s.Done && len(a.items) > 0 && (a.again || a.known == len(a.items)):
		r.round("the API gives items again that it has given before")
	case !s.Done && s.Empty > maxEmpty:
		r.round("the API gives one empty page after the other")
	case !s.Done && r.reached(a):
		s.Done = true
	}
	if s.Done && s.Total > 0 && s.Listed < s.Total && !s.Cut && !r.reached(a) {
		r.note("fewer-than-claimed", "the API claims %d items and lists %d", s.Total, s.Listed)
		s.Short = true
	}
	if s.Done {
		s.Next, s.Mark = "", ""
	}
	if s.Total > 0 && s.Listed > s.Total {
		r.note("more-than-claimed", "the API claims %d items and lists more", s.Total)
	}
}

// round leaves a list that would not end.
func (r *run) round(how string) {
	r.note("same-page-twice", "%s; what lies behind it cannot be reached", how)
	r.state.Done, r.state.Cut = true, true
}

// count keeps the accounts of the list.
func (r *run) count(a *answer) {
	s := &r.state
	s.Listed += len(a.items)
	if n, err := strconv.Atoi(text(a.doc, r.recipe.Total)); err == nil && r.recipe.Total != "" {
		if n < s.Total {
			// Something was removed from a page behind: what moved up was not seen.
			r.note("total-shrank", "the API claimed %d items at first and %d later", s.Total, n)
			s.Short = true
		}
		s.Total = n
	}
	h := fnv.New64a()
	for _, it := range a.items {
		h.Write([]byte(r.identifier(it) + "\n"))
	}
	a.again = s.Last == h.Sum64()
	if s.Empty++; len(a.items) > 0 {
		s.Empty, s.Last = 0, h.Sum64()
	}
}

// lastNumbered reports whether a page found by its number is the last one. How many items
// are on a full page, only the API knows: many give less than they were asked for.
func (r *run) lastNumbered(items int) bool {
	s := &r.state
	s.Full = max(s.Full, items)
	switch {
	case items == 0:
		return true
	case s.Total > 0:
		return s.Listed >= s.Total
	}
	return items < s.Full
}

// reached reports whether a list that has the latest changes first has come to what the
// last run knew.
func (r *run) reached(a *answer) bool {
	if !r.recipe.NewestFirst || r.state.Since.IsZero() || len(a.items) == 0 {
		return false
	}
	last := moment(text(a.items[len(a.items)-1], r.recipe.Modified))
	return !last.IsZero() && last.Before(r.state.Since)
}
