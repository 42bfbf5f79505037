package oaipmh

import (
	"net/http"
	"strings"
	"time"

	"ctiphub/exporter"
	"ctiphub/internal/oai"
	"ctiphub/record"
)

// appendProlog appends all that stands before the element of the verb.
func (h *handler) appendProlog(dst []byte, q *request, r *http.Request, mount string) []byte {
	q.base = h.BaseURL
	if q.base == "" {
		scheme := "http://"
		if r.TLS != nil {
			scheme = "https://"
		}
		q.base = scheme + r.Host + mount
	}
	dst = append(dst, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"...)
	dst = append(dst, `<?xml-stylesheet type="text/xsl" href="`...)
	// A processing instruction has no escapes; "?>" cannot be in an attribute's text.
	dst = append(oai.AppendAttr(dst, mountPath(h.BaseURL, mount)), `/style.xsl"?>`+"\n"...)
	dst = append(dst, `<OAI-PMH xmlns="`+oai.Namespace+`" xmlns:xsi="`+oai.XSINamespace+`" xsi:schemaLocation="`+oai.Namespace+` `+oai.Schema+`">`+"\n"...)
	dst = line(dst, "responseDate", oai.FormatStamp(h.Now(), oai.Seconds))
	dst = append(dst, "<request"...)
	if q.echo {
		for _, name := range arguments {
			if v := q.values.Get(name); v != "" {
				dst = append(append(append(dst, ' '), name...), `="`...)
				dst = append(oai.AppendAttr(dst, v), '"')
			}
		}
	}
	dst = append(dst, '>')
	return append(oai.AppendText(dst, q.base), "</request>\n"...)
}

// mountPath is the path that browsers find the style sheets below: that of the public
// base URL, or where this server has the provider mounted.
func mountPath(base, mount string) string {
	if _, rest, ok := strings.Cut(base, "://"); ok {
		if _, path, ok := strings.Cut(rest, "/"); ok {
			path, _, _ = strings.Cut(path, "?")
			return "/" + strings.TrimSuffix(path, "/")
		}
		return ""
	}
	return mount
}

// appendHeader appends the header element of an entry.
func (h *handler) appendHeader(dst []byte, e *record.Entry) []byte {
	if e.Deleted {
		dst = append(dst, `<header status="deleted">`...)
	} else {
		dst = append(dst, "<header>"...)
	}
	dst = append(dst, "<identifier>oai:"...)
	dst = oai.AppendText(dst, h.RepositoryIdentifier)
	dst = append(dst, ':')
	dst = oai.AppendText(dst, string(e.Record.ID))
	dst = append(dst, "</identifier><datestamp>"...)
	dst = e.Stamp.UTC().AppendFormat(dst, "2006-01-02T15:04:05Z")
	dst = append(dst, "</datestamp>"...)
	for _, spec := range e.Sets {
		if validSpec(spec) {
			dst = oai.AppendElement(dst, "setSpec", spec)
		}
	}
	return append(dst, "</header>"...)
}

// appendRecord appends the record element of an entry.
func (h *handler) appendRecord(dst []byte, e record.Entry, c exporter.Crosswalk) []byte {
	dst = append(dst, "<record>"...)
	dst = h.appendHeader(dst, &e)
	if !e.Deleted {
		dst = append(dst, "<metadata>"...)
		dst = c.Append(dst, e.Record)
		dst = append(dst, "</metadata>"...)
		dst = appendProvenance(dst, e.Record.Origin.Chain)
		dst = appendRights(dst, e.Record.Origin.Chain)
	}
	return append(dst, "</record>\n"...)
}

// appendProvenance appends the provenance container
// (http://www.openarchives.org/OAI/2.0/guidelines-provenance.htm): each repository inside
// the one that harvested from it. A hop that lacks what the schema requires is left out.
func appendProvenance(dst []byte, chain []record.Hop) []byte {
	depth := 0
	for _, hop := range chain {
		stamp, granularity, err := oai.ReadStamp(hop.Datestamp)
		if err != nil || hop.BaseURL == "" || hop.Identifier == "" || hop.HarvestDate.IsZero() {
			continue
		}
		if depth == 0 {
			dst = append(dst, `<about><provenance xmlns="http://www.openarchives.org/OAI/2.0/provenance" xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/provenance http://www.openarchives.org/OAI/2.0/provenance.xsd">`...)
		}
		depth++
		dst = append(dst, `<originDescription harvestDate="`...)
		dst = hop.HarvestDate.UTC().Truncate(time.Second).AppendFormat(dst, time.RFC3339)
		if hop.Altered {
			dst = append(dst, `" altered="true">`...)
		} else {
			dst = append(dst, `" altered="false">`...)
		}
		dst = oai.AppendElement(dst, "baseURL", hop.BaseURL)
		dst = oai.AppendElement(dst, "identifier", hop.Identifier)
		dst = oai.AppendElement(dst, "datestamp", oai.FormatStamp(stamp, granularity))
		dst = oai.AppendElement(dst, "metadataNamespace", hop.Namespace)
	}
	if depth == 0 {
		return dst
	}
	for range depth {
		dst = append(dst, "</originDescription>"...)
	}
	return append(dst, "</provenance></about>"...)
}
