package oaipmh

import (
	"context"
	"fmt"
	"strconv"

	"ctiphub/exporter"
	"ctiphub/internal/oai"
	"ctiphub/record"
)

// list answers ListRecords and ListIdentifiers, which differ in what is written of each
// entry only.
//
// A list follows the change log by Seq to its end. An entry that changes between two
// pages moves behind the position and is served again in its new state; one that does
// not change keeps its place, so no page can pass over it.
func (h *handler) list(ctx context.Context, dst []byte, q *request) ([]byte, error) {
	p, err := h.position(q)
	if err != nil {
		return dst, err
	}
	if h.written != nil && p.everything() {
		if out, ok, err := h.blockList(ctx, dst, q, p); ok || err != nil {
			return out, err
		}
	}
	entries, err := h.Repository.Entries(ctx, p.selects(h.PageSize+1))
	if err != nil {
		return dst, fmt.Errorf("listing records: %w", err)
	}
	if len(entries) == 0 {
		return dst, h.nothing(ctx, p)
	}
	more := len(entries) > h.PageSize
	if more {
		entries = entries[:h.PageSize]
	}
	if !more && p.cursor == 0 {
		p.total = len(entries)
	} else if p.total == 0 {
		if p.total, err = h.Repository.Count(ctx, p.selects(0)); err != nil {
			return dst, fmt.Errorf("counting records: %w", err)
		}
	}
	dst = append(append(append(dst, '<'), q.verb...), ">\n"...)
	dst = h.appendEntries(dst, q, p, entries)
	if q.verb == "ListRecords" {
		exporter.Served(ctx, p.prefix, entries[0].Seq, entries[len(entries)-1].Seq, len(entries))
	}
	dst = h.appendToken(dst, p, len(entries), entries[len(entries)-1].Seq, more)
	return append(append(append(dst, "</"...), q.verb...), ">\n"...), nil
}

// appendEntries appends what the verb says of each entry.
func (h *handler) appendEntries(dst []byte, q *request, p position, entries []record.Entry) []byte {
	if q.verb == "ListIdentifiers" {
		for i := range entries {
			dst = append(h.appendHeader(dst, &entries[i]), '\n')
		}
		return dst
	}
	crosswalk := h.byPrefix[p.prefix]
	for i := range entries {
		dst = h.appendRecord(dst, entries[i], crosswalk)
	}
	return dst
}

// everything reports whether what is left of the list is all that is left of the change log.
func (p position) everything() bool {
	return p.set == "" && p.until.IsZero() && (p.from.IsZero() || p.cursor > 0)
}

// position is where the request wants the list to go on, or to begin.
func (h *handler) position(q *request) (position, error) {
	if q.token == "" {
		return position{verb: q.verb, prefix: q.prefix, set: q.set, from: q.from, until: q.until}, nil
	}
	p, err := decode(q.token, h.Key, h.Now())
	if err != nil || p.verb != q.verb || h.byPrefix[p.prefix] == nil {
		return p, refuse(oai.BadResumptionToken, "The resumptionToken is not one of this repository and verb, or has expired.")
	}
	return p, nil
}

// selects is the range of the change log that is still to be listed.
func (p position) selects(limit int) record.Range {
	return record.Range{After: p.after, From: p.from, Until: p.until, Set: p.set, Limit: limit}
}

// nothing says why a list is empty.
func (h *handler) nothing(ctx context.Context, p position) error {
	if p.set != "" {
		specs, err := h.specs(ctx)
		if err != nil {
			return err
		}
		if len(specs) == 0 {
			return refuse(oai.NoSetHierarchy, "There are no sets yet.")
		}
	}
	return refuse(oai.NoRecordsMatch, "No records match.")
}

// appendToken appends what comes after the entries of a page, served of them up to a Seq: a token, an empty token
// behind the last page of several, or nothing behind the only page.
func (h *handler) appendToken(dst []byte, p position, served int, after int64, more bool) []byte {
	if !more && p.cursor == 0 {
		return dst
	}
	next := p
	next.cursor += served
	next.after = after
	next.total = max(p.total, next.cursor)
	if more {
		next.total = max(next.total, next.cursor+1)
		next.expires = h.Now().Add(h.TokenLife)
	} else {
		next.total = next.cursor // known for certain now
	}
	dst = append(dst, "<resumptionToken"...)
	if more {
		dst = append(append(dst, ` expirationDate="`...), oai.FormatStamp(next.expires, oai.Seconds)...)
		dst = append(dst, '"')
	}
	dst = append(strconv.AppendInt(append(dst, ` completeListSize="`...), int64(next.total), 10), '"')
	dst = append(strconv.AppendInt(append(dst, ` cursor="`...), int64(p.cursor), 10), '"')
	if !more {
		return append(dst, "/>\n"...)
	}
	dst = append(append(dst, '>'), next.encode(h.Key)...)
	return append(dst, "</resumptionToken>\n"...)
}
