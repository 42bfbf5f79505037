package oaipmh

import (
	"fmt"
	"slices"
	"time"

	"ctiphub/harvester"
	"ctiphub/internal/oai"
)

// window is a period of datestamps, both ends included; zero means open.
type window struct {
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

// maxSplits bounds how often a run divides, whatever a repository answers.
const maxSplits = 5000

// ends returns the bounds of a window, open ones guessed at: only dividing needs them.
func (r *run) ends(w window) (lower, upper time.Time) {
	lower, upper = w.From, w.Until
	if lower.IsZero() {
		lower = r.earliest()
	}
	if upper.IsZero() {
		upper = r.state.First
		if upper.IsZero() {
			upper = r.now()
		}
	}
	return lower, upper
}

// span is how long a window is.
func (r *run) span(w window) time.Duration {
	lower, upper := r.ends(w)
	return upper.Sub(lower)
}

// halve divides a window. Its ends stay open where they were, so that nothing is lost to a
// wrong earliestDatestamp. A day, or a second, is not divided.
func (r *run) halve(w window) (a, b window, ok bool) {
	lower, upper := r.ends(w)
	unit := 24 * time.Hour
	if r.state.Granularity == oai.Seconds {
		unit = time.Second
	}
	middle := lower.Add(upper.Sub(lower) / 2).Truncate(unit).Add(unit - time.Second)
	if !middle.Before(upper.Truncate(unit)) || middle.Before(lower) {
		return w, w, false
	}
	return window{w.From, middle}, window{middle.Add(time.Second), w.Until}, true
}

// split halves the window at hand because the repository could not list it whole.
func (r *run) split(why error) error {
	s := &r.state
	w := s.Windows[0]
	a, b, ok := r.halve(w)
	if !ok || s.Splits >= maxSplits {
		return fmt.Errorf("%w; dividing the list by date did not help", why)
	}
	if s.Refused == 0 || r.span(w) < s.Refused {
		s.Refused = r.span(w)
	}
	if s.Refused <= s.Learnt.Span {
		s.Learnt.Span = 0 // no longer true
	}
	s.Windows = append([]window{a, b}, s.Windows[1:]...)
	s.Splits++
	r.restart()
	s.Restarted = true // the parts are small: they are divided again at once
	r.note("window-split", "the list could not be had in one piece and was divided by date")
	return nil
}

// fit brings the window at hand to the length that the repository is known to list, so
// that it is not asked again for what it refused the last time, nor for more parts than
// there need to be.
func (r *run) fit() {
	s := &r.state
	if s.Learnt.Span == 0 || s.Token != "" || s.Pages > 0 {
		return
	}
	for s.Splits < maxSplits && r.span(s.Windows[0]) > s.Learnt.Span+48*time.Hour {
		a, b, ok := r.halve(s.Windows[0])
		if !ok {
			break
		}
		s.Windows = append([]window{a, b}, s.Windows[1:]...)
		s.Splits++
		s.Restarted = true
	}
	for len(s.Windows) > 1 {
		both := window{s.Windows[0].From, s.Windows[1].Until}
		if r.span(both) > s.Learnt.Span {
			break
		}
		s.Windows = append([]window{both}, s.Windows[2:]...)
	}
}

// learnSpan remembers that the window at hand was listed whole. One that gave no more than
// a page could as well have been twice as long, if that is not what was refused.
func (r *run) learnSpan() {
	s := &r.state
	if s.Splits == 0 {
		return
	}
	span := r.span(s.Windows[0])
	if s.Pages <= 1 {
		span *= 2
	}
	if s.Refused > 0 {
		span = min(span, s.Refused-time.Second)
	}
	s.Learnt.Span = max(s.Learnt.Span, span)
}

// earliest is where dividing begins: what Identify says, if it can be true.
func (r *run) earliest() time.Time {
	t, _, err := oai.ReadStamp(r.state.Earliest)
	if oldest := time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC); err != nil || t.Before(oldest) || t.After(r.now()) {
		return oldest
	}
	return t
}

// ended closes the window at hand, and with the last one the list. Behind a list of what
// changed the list of identifiers follows when it is due.
func (r *run) ended(page harvester.Page) harvester.Page {
	s := &r.state
	s.Windows = slices.Delete(s.Windows, 0, 1)
	r.restart()
	switch {
	case len(s.Windows) > 0:
		s.Restarted = true
	case s.Phase == listing && s.Sweep && r.stored != nil:
		r.learnFrom()
		s.Phase, s.Sweep, s.Doubt, s.Since, s.Windows, s.Splits = sweeping, false, false, time.Time{}, []window{{}}, 0
	default:
		r.learnFrom()
		page.Last, page.Complete = true, s.Since.IsZero() && !s.Doubt
		if page.Complete {
			s.Swept = s.First
		}
		s.Phase, s.Windows = done, nil
	}
	return r.page(page)
}

// learnFrom remembers, behind a list of what changed, that most of it had not.
func (r *run) learnFrom() {
	s := &r.state
	if s.Served >= 10 && s.Old*2 > s.Served {
		s.Learnt.FromIgnored = r.now()
	}
	s.Served, s.Old = 0, 0
}

// listAll gives up the list of identifiers for one of all records.
func (r *run) listAll(why string) {
	s := &r.state
	s.Phase, s.Sweep, s.Doubt, s.Since, s.Windows, s.Splits = listing, false, false, time.Time{}, []window{{}}, 0
	r.restart()
	r.note("full-sweep", "the repository does not remember deletions and %s, so all of it is listed again", why)
}
