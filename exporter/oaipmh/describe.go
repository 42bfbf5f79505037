package oaipmh

import (
	"slices"
	"strings"

	"ctiphub/internal/oai"
	"ctiphub/record"
)

// This file writes the containers by which a repository, its sets and its records describe
// themselves, as the implementation guidelines of OAI-PMH have them
// (http://www.openarchives.org/OAI/2.0/guidelines.htm).

// Branding is how other services may show that records come from here.
type Branding struct {
	Icon  string // URL of an image
	Link  string // where it leads
	Title string
}

// Set is what ListSets says of a set. An empty Name stands for the spec itself.
type Set struct {
	Name        string
	Titles      record.Texts // names in other languages
	Description record.Texts
}

// The name spaces of the containers. The schema of each is at the same address.
const (
	guidelines        = "http://www.openarchives.org/OAI/2.0/"
	identifierSpace   = guidelines + "oai-identifier"
	brandingSpace     = guidelines + "branding/"
	friendsSpace      = guidelines + "friends/"
	rightsSpace       = guidelines + "rights/"
	appliesToMetadata = guidelines + "entity#metadata"
)

// open begins the root element of a container.
func open(dst []byte, name, space, schema, attributes string) []byte {
	return append(dst, "<"+name+` xmlns="`+space+`" xsi:schemaLocation="`+space+" "+schema+`"`+attributes+">"...)
}

// appendIdentifierScheme describes how identifiers are built, by a sample.
func (h *handler) appendIdentifierScheme(dst []byte, sample record.ID) []byte {
	dst = open(append(dst, "<description>"...), "oai-identifier", identifierSpace, identifierSpace+".xsd", "")
	dst = oai.AppendElement(dst, "scheme", "oai")
	dst = oai.AppendElement(dst, "repositoryIdentifier", h.RepositoryIdentifier)
	dst = oai.AppendElement(dst, "delimiter", ":")
	dst = oai.AppendElement(dst, "sampleIdentifier", h.identifier(sample))
	return append(dst, "</oai-identifier></description>\n"...)
}

// appendBranding says which image may stand beside the records.
func (h *handler) appendBranding(dst []byte) []byte {
	b := h.Branding
	if b.Icon == "" {
		return dst
	}
	dst = open(append(dst, "<description>"...), "branding", brandingSpace, guidelines+"branding.xsd", "")
	dst = append(dst, "<collectionIcon>"...)
	dst = oai.AppendElement(dst, "url", b.Icon)
	if b.Link != "" {
		dst = oai.AppendElement(dst, "link", b.Link)
	}
	dst = oai.AppendElement(dst, "title", b.Title)
	return append(dst, "</collectionIcon></branding></description>\n"...)
}

// appendFriends names the repositories that records come from.
func (h *handler) appendFriends(dst []byte) []byte {
	if len(h.Friends) == 0 {
		return dst
	}
	dst = open(append(dst, "<description>"...), "friends", friendsSpace, guidelines+"friends.xsd", "")
	for _, base := range slices.Compact(slices.Sorted(slices.Values(h.Friends))) {
		dst = oai.AppendElement(dst, "baseURL", base)
	}
	return append(dst, "</friends></description>\n"...)
}

// appendRightsManifest says under which licence all metadata may be used.
func (h *handler) appendRightsManifest(dst []byte) []byte {
	if h.MetadataLicense == "" {
		return dst
	}
	dst = open(append(dst, "<description>"...), "rightsManifest", rightsSpace, guidelines+"rightsManifest.xsd", ` appliesTo="`+appliesToMetadata+`"`)
	dst = append(dst, `<rights>`...)
	dst = appendReference(dst, h.MetadataLicense)
	return append(dst, "</rights></rightsManifest></description>\n"...)
}

func appendReference(dst []byte, license string) []byte {
	return append(oai.AppendAttr(append(dst, `<rightsReference ref="`...), license), `"/>`...)
}

// appendRights says of one record that came through another repository whose terms its
// metadata is under: the hub cannot license what is not its own.
func appendRights(dst []byte, chain []record.Hop) []byte {
	from := ""
	for _, hop := range chain {
		if hop.BaseURL != "" {
			from = hop.BaseURL
		}
	}
	if from == "" {
		return dst
	}
	dst = open(append(dst, "<about>"...), "rights", rightsSpace, guidelines+"rights.xsd", "")
	dst = append(dst, `<rightsDefinition>`...)
	dst = appendDC(dst, []element{{"rights", "en", "The description was harvested from another repository, whose terms apply to it."}, {"source", "", from}})
	return append(dst, "</rightsDefinition></rights></about>"...)
}

// element is one element of simple Dublin Core.
type element struct{ name, lang, text string }

func appendDC(dst []byte, list []element) []byte {
	dst = append(dst, `<oai_dc:dc xmlns:oai_dc="`+oai.DCNamespace+`" xmlns:dc="`+oai.DCElements+`" xsi:schemaLocation="`+oai.DCNamespace+" "+oai.DCSchema+`">`...)
	for _, e := range list {
		dst = append(append(dst, "<dc:"...), e.name...)
		if e.lang != "" && e.lang != "und" {
			dst = append(oai.AppendAttr(append(dst, ` xml:lang="`...), e.lang), '"')
		}
		dst = oai.AppendText(append(dst, '>'), e.text)
		dst = append(append(append(dst, "</dc:"...), e.name...), '>')
	}
	return append(dst, "</oai_dc:dc>"...)
}

// appendSet appends one set of ListSets.
func (h *handler) appendSet(dst []byte, spec string) []byte {
	var s Set
	if h.DescribeSet != nil {
		s = h.DescribeSet(spec)
	}
	if s.Name == "" {
		s.Name = spec
	}
	dst = append(dst, "<set>"...)
	dst = oai.AppendElement(dst, "setSpec", spec)
	dst = oai.AppendElement(dst, "setName", s.Name)
	var list []element
	for _, lang := range s.Titles.Languages() {
		list = append(list, element{"title", lang, s.Titles[lang]})
	}
	for _, lang := range s.Description.Languages() {
		list = append(list, element{"description", lang, s.Description[lang]})
	}
	if len(list) > 0 {
		dst = append(appendDC(append(dst, "<setDescription>"...), list), "</setDescription>"...)
	}
	return append(dst, "</set>\n"...)
}

// mails are the addresses that Identify shows; one is required, and every mail domain must
// have a postmaster (RFC 2142).
func (h *handler) mails() []string {
	mails := slices.DeleteFunc(slices.Clone(h.AdminEmails), func(s string) bool { return !strings.Contains(s, "@") })
	if len(mails) == 0 && validDomain(h.RepositoryIdentifier) {
		mails = append(mails, "postmaster@"+h.RepositoryIdentifier)
	}
	return mails
}
