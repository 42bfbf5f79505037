package oaipmh

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"ctiphub/harvester"
	"ctiphub/internal/oai"
)

// begin decides whether the run goes on with a list, asks for what changed, or for all.
func (r *run) begin(from harvester.From) error {
	old := readState(from.Cursor)
	here := old.Base == r.src.URL
	same := here && old.Set == r.src.OAI.Set && (r.src.OAI.Prefix == "" || old.Prefix == r.src.OAI.Prefix)
	r.stored = from.Stored
	switch {
	case same && old.Phase == listing && (!from.Full || old.Since.IsZero()),
		same && old.Phase == sweeping && !from.Full && r.stored != nil:
		r.state = old
		return nil
	}
	r.state = state{Version: stateVersion, Phase: listing, Base: r.src.URL, Set: r.src.OAI.Set, Swept: old.Swept}
	if here && !from.Full {
		r.state.Learnt = old.Learnt
	}
	if err := r.identify(); err != nil {
		return err
	}
	before := ""
	if here {
		before = old.Prefix
	}
	if err := r.choosePrefix(before); err != nil {
		return err
	}
	r.plan(old, from.Full || !same)
	r.state.Windows = []window{{From: r.state.Since}}
	return nil
}

// plan decides between everything, what changed, and what changed with a list of all
// identifiers behind it.
func (r *run) plan(old state, anew bool) {
	s := &r.state
	trusted := sweepAfter(s.Deletes)
	ignored := !s.Learnt.FromIgnored.IsZero() && r.now().Sub(s.Learnt.FromIgnored) < relearn
	due := trusted > 0 && r.now().Sub(old.Swept) > trusted
	switch {
	case anew || old.Prefix != s.Prefix || old.First.IsZero():
		s.Swept = time.Time{}
	case ignored:
		// It sends everything whatever is asked for: then at least the run shall see
		// what is gone.
		r.note("from-ignored", "the repository ignores the date asked for, so everything is listed")
	case due && (r.stored == nil || s.Learnt.NoIdentifiers):
		r.note("full-sweep", "the repository does not remember deletions, so all of it is listed again")
	default:
		s.Since = overlap(old.First, s.Granularity)
		s.Sweep = due
	}
}

// identify asks the repository who it is. What it says wrong is noted; only when it says
// nothing of the protocol at all is there no use in going on.
func (r *run) identify() error {
	a, _, err := r.ask("verb", "Identify")
	if err != nil {
		return err
	}
	s := &r.state
	id := a.Identify
	if id == nil {
		r.note("no-identify", "the repository does not answer Identify")
		id = &oai.Identify{Granularity: oai.Days} // what every repository must understand
	} else {
		r.judge(id)
	}
	s.Deletes, s.Earliest = id.DeletedRecord, id.EarliestDatestamp
	s.Granularity = oai.Days
	if strings.Contains(strings.ToLower(id.Granularity), "hh") {
		s.Granularity = oai.Seconds
	}
	if s.Learnt.Granularity != "" && s.Learnt.Stated == id.Granularity {
		s.Granularity = s.Learnt.Granularity
	}
	s.Learnt.Stated = id.Granularity
	return nil
}

// judge notes what Identify says wrong.
func (r *run) judge(id *oai.Identify) {
	if id.Granularity != oai.Days && id.Granularity != oai.Seconds {
		r.note("bad-granularity", "Identify states a granularity that the protocol does not know")
	}
	if !slices.Contains([]string{"no", "transient", "persistent"}, id.DeletedRecord) {
		r.note("bad-deleted-record", "Identify does not say how deletions are treated")
	}
	if t, _, err := oai.ReadStamp(id.EarliestDatestamp); err != nil || t.After(r.now().Add(24*time.Hour)) {
		r.note("bad-earliest-datestamp", "the earliestDatestamp of Identify cannot be true")
	}
	if base, err := url.Parse(id.BaseURL); err == nil && base.Host != "" {
		if own, err := url.Parse(r.src.URL); err == nil && !strings.EqualFold(own.Hostname(), base.Hostname()) {
			r.note("base-url-differs", "Identify names a base URL on another host: %s", base.Hostname())
		}
	}
}

// checkSet notes when the configured set is not among those of the repository: a set that
// was renamed answers "nothing found" for ever.
func (r *run) checkSet() {
	token := ""
	for range 20 {
		pairs := []string{"verb", "ListSets"}
		if token != "" {
			pairs = append(pairs, "resumptionToken", token)
		}
		a, _, err := r.ask(pairs...)
		if err != nil || a.Verb != "ListSets" {
			return
		}
		if slices.ContainsFunc(a.Sets, func(s oai.Set) bool { return s.Spec == r.src.OAI.Set }) {
			return
		}
		if a.Token == nil || a.Token.Value == "" || a.Token.Value == token {
			r.note("set-not-listed", "the set %q is not one of the sets of the repository", r.src.OAI.Set)
			return
		}
		token = a.Token.Value
	}
}
