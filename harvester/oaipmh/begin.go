package oaipmh

import (
	"cmp"
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
	same := old.Base == r.src.URL && old.Set == r.src.OAI.Set && (r.src.OAI.Prefix == "" || old.Prefix == r.src.OAI.Prefix)
	if same && old.Phase == listing && (!from.Full || old.Since.IsZero()) {
		r.state = old
		return nil
	}
	r.state = state{Version: stateVersion, Phase: listing, Base: r.src.URL, Set: r.src.OAI.Set, Swept: old.Swept}
	if err := r.identify(); err != nil {
		return err
	}
	if err := r.choosePrefix(); err != nil {
		return err
	}
	s := &r.state
	trusted := sweepAfter(s.Deletes)
	switch {
	case from.Full || !same || old.Prefix != s.Prefix || old.First.IsZero():
		s.Swept = time.Time{}
	case trusted > 0 && r.now().Sub(old.Swept) > trusted:
		r.note("full-sweep", "the repository does not remember deletions, so all of it is listed again")
	default:
		s.Since = overlap(old.First, s.Granularity)
	}
	s.Windows = []window{{From: s.Since}}
	return nil
}

// identify asks the repository who it is. What it says wrong is noted; only when it says
// nothing of the protocol at all is there no use in going on.
func (r *run) identify() error {
	a, _, err := r.ask("verb", "Identify")
	if err != nil {
		return err
	}
	id := a.Identify
	if id == nil {
		r.note("no-identify", "the repository does not answer Identify")
		r.state.Granularity = oai.Days // what every repository must understand
		return nil
	}
	r.state.Deletes, r.state.Earliest = id.DeletedRecord, id.EarliestDatestamp
	r.state.Granularity = oai.Days
	if strings.Contains(strings.ToLower(id.Granularity), "hh") {
		r.state.Granularity = oai.Seconds
	}
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
	return nil
}

// choosePrefix settles the metadata format: the configured one, else the richest that the
// hub reads. Every repository must have oai_dc, so it is tried whatever the list says.
func (r *run) choosePrefix() error {
	s := &r.state
	if s.Prefix = r.src.OAI.Prefix; s.Prefix != "" {
		return nil
	}
	s.Prefix = oai.OAIDCPrefix
	a, _, err := r.ask("verb", "ListMetadataFormats")
	if err != nil {
		if r.ctx.Err() != nil {
			return err
		}
		r.note("no-formats", "the repository does not answer ListMetadataFormats")
		return nil
	}
	byPrefix := func(prefix string) func(oai.MetadataFormat) bool {
		return func(f oai.MetadataFormat) bool { return f.Prefix == prefix }
	}
	switch {
	case slices.ContainsFunc(a.Formats, byPrefix(oai.CTIPPrefix)):
		s.Prefix = oai.CTIPPrefix
	case slices.ContainsFunc(a.Formats, byPrefix(oai.OAIDCPrefix)):
	default:
		r.note("no-oai-dc", "ListMetadataFormats does not name oai_dc, which every repository must have")
		if i := slices.IndexFunc(a.Formats, func(f oai.MetadataFormat) bool { return f.Namespace == oai.DCNamespace }); i >= 0 {
			s.Prefix = cmp.Or(a.Formats[i].Prefix, s.Prefix)
		}
	}
	return nil
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
