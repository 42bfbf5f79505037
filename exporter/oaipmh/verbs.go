package oaipmh

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ctiphub/exporter"
	"ctiphub/internal/oai"
	"ctiphub/record"
)

// identify answers Identify.
func (h *handler) identify(ctx context.Context, dst []byte, q *request) ([]byte, error) {
	earliest, err := h.Repository.Earliest(ctx)
	if err != nil {
		return dst, fmt.Errorf("looking up the earliest datestamp: %w", err)
	}
	if earliest.IsZero() {
		earliest = h.Now() // an empty repository: whatever comes, comes from now on
	}
	dst = append(dst, "<Identify>\n"...)
	dst = line(dst, "repositoryName", h.RepositoryName)
	dst = line(dst, "baseURL", q.base)
	dst = line(dst, "protocolVersion", "2.0")
	for _, mail := range h.mails() {
		dst = line(dst, "adminEmail", mail)
	}
	dst = line(dst, "earliestDatestamp", oai.FormatStamp(earliest, oai.Seconds))
	dst = line(dst, "deletedRecord", "persistent")
	dst = line(dst, "granularity", oai.Seconds)
	dst = line(dst, "compression", "gzip")
	if validDomain(h.RepositoryIdentifier) {
		sample, err := h.sampleID(ctx)
		if err != nil {
			return dst, err
		}
		dst = h.appendIdentifierScheme(dst, sample)
	}
	dst = h.appendRightsManifest(dst)
	dst = h.appendBranding(dst)
	dst = h.appendFriends(dst)
	return append(dst, "</Identify>\n"...), nil
}

// sampleID is the id of the first entry, or one that looks like it.
func (h *handler) sampleID(ctx context.Context) (record.ID, error) {
	first, err := h.Repository.Entries(ctx, record.Range{Limit: 1})
	if err != nil {
		return "", fmt.Errorf("looking up a sample record: %w", err)
	}
	if len(first) == 0 {
		return record.NewID("sample", "sample"), nil
	}
	return first[0].Record.ID, nil
}

// listFormats answers ListMetadataFormats: every record is available in every format.
func (h *handler) listFormats(ctx context.Context, dst []byte, q *request) ([]byte, error) {
	if q.identifier != "" {
		if _, err := h.entry(ctx, q.identifier); err != nil {
			return dst, err
		}
	}
	if len(h.Crosswalks) == 0 {
		return dst, refuse(oai.NoMetadataFormats, "There are no formats.")
	}
	dst = append(dst, "<ListMetadataFormats>\n"...)
	for _, c := range h.Crosswalks {
		dst = append(dst, "<metadataFormat>"...)
		dst = oai.AppendElement(dst, "metadataPrefix", c.Prefix())
		dst = oai.AppendElement(dst, "schema", c.Schema())
		dst = oai.AppendElement(dst, "metadataNamespace", c.Namespace())
		dst = append(dst, "</metadataFormat>\n"...)
	}
	return append(dst, "</ListMetadataFormats>\n"...), nil
}

// listSets answers ListSets, in one part: there are some hundreds at most.
func (h *handler) listSets(ctx context.Context, dst []byte, q *request) ([]byte, error) {
	if q.token != "" {
		return dst, refuse(oai.BadResumptionToken, "The list of sets is never divided, so it has no resumptionToken.")
	}
	specs, err := h.specs(ctx)
	if err != nil {
		return dst, err
	}
	if len(specs) == 0 {
		return dst, refuse(oai.NoSetHierarchy, "There are no sets yet.")
	}
	dst = append(dst, "<ListSets>\n"...)
	for _, spec := range specs {
		dst = h.appendSet(dst, spec)
	}
	return append(dst, "</ListSets>\n"...), nil
}

// specs returns the sets in use and the sets above them, sorted. A parent holds what its
// children hold, so it is in use as well.
func (h *handler) specs(ctx context.Context) ([]string, error) {
	sets, err := h.Repository.Sets(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing sets: %w", err)
	}
	var specs []string
	for _, s := range sets {
		if !validSpec(s.Spec) {
			h.Logger.Warn("a set was left out: its spec has characters that the protocol forbids", "spec", s.Spec)
			continue
		}
		for spec := s.Spec; ; {
			specs = append(specs, spec)
			i := strings.LastIndexByte(spec, ':')
			if i < 0 {
				break
			}
			spec = spec[:i]
		}
	}
	slices.Sort(specs)
	return slices.Compact(specs), nil
}

// getRecord answers GetRecord.
func (h *handler) getRecord(ctx context.Context, dst []byte, q *request) ([]byte, error) {
	e, err := h.entry(ctx, q.identifier)
	if err != nil {
		return dst, err
	}
	exporter.Served(ctx, q.prefix, e.Seq, e.Seq, 1)
	dst = append(dst, "<GetRecord>\n"...)
	dst = h.appendRecord(dst, e, h.byPrefix[q.prefix])
	return append(dst, "</GetRecord>\n"...), nil
}

// entry looks up the entry of an OAI identifier.
func (h *handler) entry(ctx context.Context, identifier string) (record.Entry, error) {
	unknown := refuse(oai.IDDoesNotExist, "There is no record of this identifier.")
	local, ok := strings.CutPrefix(identifier, h.identifier(""))
	if id := record.ID(local); ok && id.Valid() {
		e, err := h.Repository.Entry(ctx, id)
		if err != nil && h.NotFound != nil && errors.Is(err, h.NotFound) {
			return e, unknown
		}
		if err != nil {
			return e, fmt.Errorf("looking up a record: %w", err)
		}
		return e, nil
	}
	return record.Entry{}, unknown
}

// identifier is the OAI identifier of a record.
func (h *handler) identifier(id record.ID) string {
	return "oai:" + h.RepositoryIdentifier + ":" + string(id)
}

// line appends an element and a line end.
func line(dst []byte, name, text string) []byte {
	return append(oai.AppendElement(dst, name, text), '\n')
}
