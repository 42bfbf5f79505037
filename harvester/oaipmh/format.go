package oaipmh

import (
	"cmp"
	"slices"
	"strings"

	"ctiphub/internal/oai"
	"ctiphub/record"
)

// known is one metadata format that the hub reads, and how it is recognised.
type known struct {
	format     record.Format
	namespaces []string // parts of a namespace or of the address of a schema, in small letters
	prefixes   []string
	roots      []string // names of the root element, where the namespace says nothing
}

// richness lists the formats that the hub reads, the one that keeps most first.
//
//   - ctip is the hub's own schema: nothing has to be guessed.
//   - DataCite types its titles, dates and names, states languages and links licences.
//   - DIM is what DSpace stores: every qualifier and language, the day of publication
//     apart from the day of upload. What DSpace makes of it for MODS or METS keeps less.
//   - MODS types nearly as much, but much of it is made by crosswalks from simpler records.
//   - METS wraps one of the others and adds the files, in answers many times as long;
//     where MODS is offered as well, the landing page leads to the files.
//   - Qualified Dublin Core tells dates apart and abstracts from other notes.
//   - MARC is rich for libraries, but has no languages of texts and dates as on a card.
//   - oai_dc every repository must have; it cannot say which date it means.
var richness = []known{
	{record.FormatCTIP, []string{"ctip-hub:schema"}, []string{oai.CTIPPrefix}, nil},
	{record.FormatDataCite, []string{"datacite.org/schema/kernel", "schema.datacite.org/oai", "schema.datacite.org/meta"}, []string{"oai_datacite", "datacite", "oai_datacite4", "datacite4", "oai_datacite3", "datacite3"}, []string{"oai_datacite"}},
	{record.FormatDIM, []string{"dspace.org/xmlns/dspace/dim"}, []string{"dim"}, []string{"dim"}},
	{record.FormatMODS, []string{"loc.gov/mods"}, []string{"mods", "oai_mods"}, []string{"mods", "modsCollection"}},
	{record.FormatDataCite, []string{"namespace.openaire.eu/schema/oaire"}, []string{"oai_openaire"}, nil},
	{record.FormatMETS, []string{"loc.gov/mets"}, []string{"mets", "oai_mets"}, []string{"mets"}},
	{record.FormatQDC, []string{"qualifieddc", "/qdc", "purl.org/dc/terms"}, []string{"qdc", "oai_qdc", "oai_dcq", "dcterms", "oai_dcterms", "qualifieddc"}, []string{"qualifieddc", "qdc", "dcterms"}},
	{record.FormatMARC, []string{"loc.gov/marc21", "loc.gov/standards/marcxml"}, []string{"marcxml", "marc21", "marc"}, nil},
	{record.FormatOAIDC, []string{"openarchives.org/oai/2.0/oai_dc", "openarchives.org/oai/1.1/dc"}, []string{oai.OAIDCPrefix}, nil},
}

// byNamespace returns the place in richness of the format with that namespace or schema.
func byNamespace(address string) int {
	address = strings.ToLower(address)
	return slices.IndexFunc(richness, func(k known) bool {
		return address != "" && slices.ContainsFunc(k.namespaces, func(n string) bool { return strings.Contains(address, n) })
	})
}

func byPrefix(prefix string) int {
	return slices.IndexFunc(richness, func(k known) bool {
		return slices.ContainsFunc(k.prefixes, func(p string) bool { return strings.EqualFold(p, prefix) })
	})
}

// rank returns the place in richness of an announced format, -1 for one that the hub does
// not read. Repositories name prefixes as they like, and even the same prefix differently:
// the namespace counts before the schema, and both before the name.
func rank(f oai.MetadataFormat) int {
	for _, address := range []string{f.Namespace, f.Schema} {
		if i := byNamespace(address); i >= 0 {
			return i
		}
	}
	if f.Namespace != "" && !strings.EqualFold(f.Prefix, oai.OAIDCPrefix) && byPrefix(f.Prefix) == byPrefix("marc") {
		return -1 // "marc" and the like were names of other formats before MARCXML
	}
	return byPrefix(f.Prefix)
}

// formatOf tells the format of one record from the root of its metadata; where that is of
// no help, from the prefix that was asked for.
func formatOf(root oai.Name, prefix string) record.Format {
	if prefix == oai.CTIPPrefix {
		return record.FormatCTIP // nobody but a hub serves it
	}
	if i := byNamespace(root.Space); i >= 0 {
		// Some put dcterms into the container of simple Dublin Core.
		if p := byPrefix(prefix); richness[i].format == record.FormatOAIDC && p >= 0 && richness[p].format == record.FormatQDC {
			return record.FormatQDC
		}
		return richness[i].format
	}
	if i := byPrefix(prefix); i >= 0 {
		return richness[i].format
	}
	for _, k := range richness {
		if slices.ContainsFunc(k.roots, func(r string) bool { return strings.EqualFold(r, root.Local) }) {
			return k.format
		}
	}
	return record.FormatOAIDC
}

// choosePrefix settles the metadata format: the configured one, else the richest that the
// hub reads and the repository did not refuse. Every repository must have oai_dc, so that
// is tried whatever the list says. Where the list cannot be had, the format of the last
// run stays: another one would mean to fetch everything again.
func (r *run) choosePrefix(before string) error {
	s := &r.state
	if s.Prefix = r.src.OAI.Prefix; s.Prefix != "" {
		return nil
	}
	s.Prefix = cmp.Or(before, oai.OAIDCPrefix)
	a, _, err := r.ask("verb", "ListMetadataFormats")
	if err != nil {
		if fatal(err) || r.ctx.Err() != nil {
			return err
		}
		r.note("no-formats", "the repository does not answer ListMetadataFormats")
		return nil
	}
	if len(a.Formats) == 0 {
		r.note("no-formats", "ListMetadataFormats names no format")
		return nil
	}
	s.Prefix = oai.OAIDCPrefix
	best, dc := len(richness), false
	for _, f := range a.Formats {
		i := rank(f)
		dc = dc || i == len(richness)-1
		if i >= 0 && i < best && f.Prefix != "" && !slices.Contains(s.Learnt.Refused, f.Prefix) {
			best, s.Prefix = i, f.Prefix
		}
	}
	if !dc {
		r.note("no-oai-dc", "ListMetadataFormats does not name oai_dc, which every repository must have")
	}
	return nil
}
