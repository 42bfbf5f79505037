package wordpress

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
)

// smaller are the sizes to go on with when a site cannot give as many entries at once.
// Each divides the one before, so that the place in the list stays one of its pages.
var smaller = map[int]int{100: 50, 50: 25, 25: 5, 20: 10, 10: 5, 5: 1}

// failed decides what a request without a usable answer means for the list at hand.
func (r *run) failed(err error) (*harvester.Page, error) {
	s := &r.state
	status, code := statusOf(err), code(err)
	switch {
	case r.ctx.Err() != nil, errors.As(err, new(*fetch.BlockedError)):
		return nil, err
	case s.Offset > 0 && (strings.HasSuffix(code, "_invalid_page_number") || status == http.StatusNotFound && s.Total == 0):
		return r.advance(harvester.Page{}, answer{total: -1}, 0, true), nil
	case brokenHere(status) && s.Size == 1 && s.Offset > 0 && s.Broken < maxBroken:
		return r.leaveOut(status), nil
	case (code == "rest_invalid_param" || brokenHere(status) || errors.Is(err, fetch.ErrTooLarge)) && smaller[s.Size] > 0:
		r.note("smaller-pages", "The site cannot give %d entries at once: fewer are asked for.", s.Size)
		s.Size = smaller[s.Size]
		s.Print = ""
		return nil, nil
	case r.moved(err):
		what := ids
		if r.from.Full {
			what = everything
		}
		return nil, r.whole(what)
	case s.Offset == 0 && (status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusNotFound):
		r.note("type-closed", "The API does not let visitors list %s (%d %s).", s.Lists[0].Type, status, code)
		s.Whole = false
		if len(s.Lists) == 1 && s.Good == 0 {
			return nil, r.closed(err)
		}
		s.Good-- // advance counts it
		return r.advance(harvester.Page{}, answer{total: -1}, 0, true), nil
	}
	return nil, err
}

// brokenHere reports whether a status says that the server failed on what it was asked for.
func brokenHere(status int) bool {
	return status >= http.StatusInternalServerError && status != http.StatusServiceUnavailable
}

// brokenEntry is the account of an entry that the server fails on, as it does when a
// plugin crashes over its text.
func brokenEntry(identifier, address string, status int) harvester.Reject {
	return harvester.Reject{
		Identifier: identifier, URL: address, Code: fmt.Sprintf("http-%d", status), Stage: "fetch",
		Detail: fmt.Sprintf("The site fails with status %d when it is asked for this entry alone: mostly a plugin or a shortcode in its text crashes.", status),
	}
}

// leaveOut goes on behind the one entry that the server fails on. Its number is not known.
func (r *run) leaveOut(status int) *harvester.Page {
	s := &r.state
	l := s.Lists[0]
	s.Broken++
	s.Whole, s.Grow, s.Print = false, true, ""
	address := endpoint(s.Site.Root, r.route(core+l.Type), r.parameters(l))
	return r.advance(harvester.Page{Rejects: []harvester.Reject{
		brokenEntry(fmt.Sprintf("%s#entry-%d", l.Type, s.Offset+1), address, status),
	}}, answer{total: -1}, 1, s.Total > 0 && s.Offset+1 >= s.Total)
}

// grow comes back, behind an entry that the server failed on, to the most entries that it
// gave at once before, step by step where that leads to a whole page of the list.
func (s *state) grow() {
	s.Fit = max(s.Fit, s.Size)
	if !s.Grow {
		return
	}
	for _, size := range []int{100, 50, 25, 20, 10, 5} {
		if size > s.Size && size <= s.Fit && s.Offset%size == 0 {
			s.Size = size
			break
		}
	}
	s.Grow = s.Size < s.Fit
}

// moved reports whether the API is no longer where an earlier run found it, as after a
// change of the permalinks or of the server. A refusal for one list alone is none.
func (r *run) moved(err error) bool {
	switch statusOf(err) {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone:
	default:
		if !errors.Is(err, errNoAPI) {
			return false
		}
	}
	if r.discovered {
		return false
	}
	there, err := r.index(r.state.Site.Root)
	return !there && r.ctx.Err() == nil && !fetch.Retryable(err) && !errors.As(err, new(*fetch.BlockedError))
}

// shifted notices that entries vanished while the list was read: those behind them moved
// forward, some of them perhaps over the place that was reached. The list is gone back in.
func (r *run) shifted(l list, total int) bool {
	s := &r.state
	lost := s.Total - total
	if total < 0 || lost <= 0 || s.Offset == 0 || s.Backs >= maxBacks || l.What == newest {
		return false
	}
	s.Offset = max(0, s.Offset-(lost+s.Size-1)/s.Size*s.Size)
	s.Total, s.Print = total, ""
	s.Backs++
	return true
}
