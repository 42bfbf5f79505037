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

// convert turns the records of an answer into raws. What cannot be one is a reject. The
// error is for what ends the run.
func (r *run) convert(a *oai.Answer, resp *fetch.Response) (harvester.Page, error) {
	b := builder{place: map[string]int{}}
	for _, rec := range a.Records {
		switch {
		case rec.Header.Identifier == "":
			b.page.Rejects = append(b.page.Rejects, noIdentifier(resp.URL))
		case bare(rec):
			// The list may be damaged where the record is not.
			if err := r.fetchInto(&b, rec.Header, noMetadata); err != nil {
				return b.page, err
			}
		default:
			r.noteRecord(rec)
			b.add(r, r.raw(rec, resp))
		}
	}
	return b.page, nil
}

// bare reports whether a record has no metadata without being deleted.
func bare(rec oai.Record) bool { return !rec.Header.Deleted && rec.Metadata.Local == "" }

// builder collects a page. The last state of a record that comes twice is the newest.
type builder struct {
	page  harvester.Page
	place map[string]int
}

func (b *builder) add(r *run, raw record.Raw) {
	r.deliver(raw.Identifier)
	if i, twice := b.place[raw.Identifier]; twice {
		r.note("repeated-identifier", "a page lists the same identifier more than once")
		b.page.Raws[i] = raw
		return
	}
	b.place[raw.Identifier] = len(b.page.Raws)
	b.page.Raws = append(b.page.Raws, raw)
}

// raw makes a raw of a record of an answer.
func (r *run) raw(rec oai.Record, resp *fetch.Response) record.Raw {
	h := rec.Header
	raw := record.Raw{
		Source: r.src.ID, Identifier: h.Identifier, URL: r.address(h.Identifier), Fetched: resp.Fetched, Status: resp.Status,
		MediaType: mediaType, Format: r.formatOf(rec.Metadata), Datestamp: h.Time, Deleted: h.Deleted, Hints: setHints(h.Sets),
	}
	if !h.Deleted {
		raw.Body = rec.Body
	}
	return raw
}

// formatOf tells the format of a record. Nearly always it is that of the one before.
func (r *run) formatOf(root oai.Name) record.Format {
	if root != r.root || r.state.Prefix != r.asked {
		r.root, r.asked, r.format = root, r.state.Prefix, formatOf(root, r.state.Prefix)
	}
	return r.format
}

// address is that of one record alone.
func (r *run) address(identifier string) string {
	return r.query("verb", "GetRecord", "metadataPrefix", r.state.Prefix, "identifier", identifier)
}

func noIdentifier(at string) harvester.Reject {
	return harvester.Reject{URL: at, Code: "no-identifier", Stage: "parse", Detail: "A record has no identifier."}
}

func noMetadata(h oai.Header, at string) harvester.Reject {
	return harvester.Reject{Identifier: h.Identifier, URL: at, Code: "no-metadata", Stage: "parse", Detail: "The record has no metadata and is not marked as deleted."}
}

// noteRecord notes what is odd about one record, once a run.
func (r *run) noteRecord(rec oai.Record) {
	if rec.Malformed {
		r.note("malformed-record", "a record is not well-formed XML: %s", shorten(rec.Header.Identifier))
	}
	s := &r.state
	s.Served++
	if t := rec.Header.Time; !s.Since.IsZero() && !t.IsZero() && t.Before(s.Since.AddDate(0, 0, -1)) {
		s.Old++
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
