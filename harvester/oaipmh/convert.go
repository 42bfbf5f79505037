package oaipmh

import (
	"slices"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
	"ctiphub/internal/oai"
	"ctiphub/record"
)

// mediaType is that of a record's body: cut out of the answer, it is UTF-8 whatever the
// answer was.
const mediaType = "text/xml; charset=utf-8"

// convert turns the records of an answer into raws. What cannot be one is a reject.
func (r *run) convert(a *oai.Answer, resp *fetch.Response) harvester.Page {
	var page harvester.Page
	format := record.FormatOAIDC
	if r.state.Prefix == oai.CTIPPrefix {
		format = record.FormatCTIP
	}
	place := map[string]int{}
	for _, rec := range a.Records {
		h := rec.Header
		at := r.query("verb", "GetRecord", "metadataPrefix", r.state.Prefix, "identifier", h.Identifier)
		switch {
		case h.Identifier == "":
			page.Rejects = append(page.Rejects, harvester.Reject{URL: resp.URL, Code: "no-identifier", Stage: "parse", Detail: "A record has no identifier."})
			continue
		case !h.Deleted && rec.Metadata.Local == "":
			page.Rejects = append(page.Rejects, harvester.Reject{Identifier: h.Identifier, URL: at, Code: "no-metadata", Stage: "parse", Detail: "The record has no metadata and is not marked as deleted."})
			continue
		}
		raw := record.Raw{
			Source: r.src.ID, Identifier: h.Identifier, URL: at, Fetched: resp.Fetched, Status: resp.Status,
			MediaType: mediaType, Format: format, Datestamp: h.Time, Deleted: h.Deleted, Hints: setHints(h.Sets),
		}
		if !h.Deleted {
			raw.Body = rec.Body
		}
		r.noteRecord(rec)
		// The last state of a record that comes twice is the newest.
		if i, twice := place[raw.Identifier]; twice {
			r.note("repeated-identifier", "a page lists the same identifier more than once")
			page.Raws[i] = raw
			continue
		}
		place[raw.Identifier] = len(page.Raws)
		page.Raws = append(page.Raws, raw)
	}
	return page
}

// noteRecord notes what is odd about one record, once a run.
func (r *run) noteRecord(rec oai.Record) {
	if rec.Malformed {
		r.note("malformed-record", "a record is not well-formed XML: %s", shorten(rec.Header.Identifier))
	}
	since := r.state.Since
	if t := rec.Header.Time; !since.IsZero() && !t.IsZero() && t.Before(since.AddDate(0, 0, -1)) {
		r.note("from-ignored", "records come that did not change since the date asked for")
	}
}

// setHints makes the sets of a record hints, in an order that does not change.
func setHints(sets []string) []record.Hint {
	sets = slices.Clone(sets)
	slices.Sort(sets)
	var hints []record.Hint
	for _, s := range slices.Compact(sets) {
		hints = append(hints, record.Hint{Key: "set", Value: s})
	}
	return hints
}
