package oaipmh

import (
	"errors"
	"hash/fnv"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
	"ctiphub/internal/oai"
)

// Bounds of asking for records one by one.
const (
	maxSingle    = 50      // in one run: a list is cheaper for more
	maxDelivered = 200_000 // identifiers that are remembered
)

// fetchInto asks for one record that a list could not give. What cannot be had is the
// reject that otherwise makes; the error is for what would meet every other record too.
func (r *run) fetchInto(b *builder, h oai.Header, otherwise func(oai.Header, string) harvester.Reject) error {
	at := r.address(h.Identifier)
	reject := func() error {
		r.deliver(h.Identifier)
		b.page.Rejects = append(b.page.Rejects, otherwise(h, at))
		return nil
	}
	if r.state.Single >= maxSingle || r.broken >= 3 {
		return reject()
	}
	r.state.Single++
	a, resp, err := r.ask("verb", "GetRecord", "metadataPrefix", r.state.Prefix, "identifier", h.Identifier)
	if err != nil {
		if r.ctx.Err() != nil || fatal(err) {
			return err
		}
		r.broken++
		return reject()
	}
	r.broken = 0
	for _, rec := range a.Records {
		// An answer about another record is none, but ids differ in case and space.
		if rec.Header.Identifier == h.Identifier && !bare(rec) {
			r.noteRecord(rec)
			b.add(r, r.raw(rec, resp))
			return nil
		}
	}
	return reject()
}

// notToBeHad is the reject of a record that is listed and cannot be asked for.
func notToBeHad(h oai.Header, at string) harvester.Reject {
	return harvester.Reject{Identifier: h.Identifier, URL: at, Code: "get-record-failed", Stage: "fetch", Detail: "The repository lists the record, but does not give it when asked for it."}
}

// fatal reports whether an error would meet every other request of the run too.
func fatal(err error) bool {
	var blocked *fetch.BlockedError
	var status *fetch.StatusError
	return errors.As(err, &blocked) || errors.Is(err, fetch.ErrRobots) || errors.Is(err, fetch.ErrPrivateAddress) ||
		errors.As(err, &status) && (status.Status == 429 || status.Status == 503)
}

// deliver remembers that a record has been named in this run, so that the list of
// identifiers behind it need not name it again. After a restart of the process it is named
// twice, which costs nothing but a count.
func (r *run) deliver(identifier string) {
	if r.state.Sweep && len(r.delivered) < maxDelivered {
		r.delivered[hashOf(identifier)] = true
	}
}

func hashOf(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}
