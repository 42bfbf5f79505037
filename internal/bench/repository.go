package bench

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"ctiphub/internal/oai"
)

// Repository is an OAI-PMH repository that costs next to nothing to ask: its records are
// a stock of metadata, prepared once, under as many identifiers as are wanted.
type Repository struct {
	Records int
	Page    int      // records in one answer
	Stock   [][]byte // metadata of records, as XML
}

// stamp is the datestamp of every record, and of the repository.
const stamp = "2026-01-15T00:00:00Z"

// Identifiers is what the identifiers of all records begin with; a number follows.
const Identifiers = "oai:repository.example:"

// ServeHTTP answers Identify, ListMetadataFormats and ListRecords in oai_dc.
func (r Repository) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	q := req.URL.Query()
	var b bytes.Buffer
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>%s</responseDate><request>http://%s%s</request>`,
		time.Now().UTC().Format(time.RFC3339), req.Host, req.URL.Path)
	switch q.Get("verb") {
	case "Identify":
		fmt.Fprintf(&b, `<Identify><repositoryName>Stock</repositoryName><baseURL>http://%s%s</baseURL><protocolVersion>2.0</protocolVersion><adminEmail>stock@repository.example</adminEmail><earliestDatestamp>%s</earliestDatestamp><deletedRecord>persistent</deletedRecord><granularity>%s</granularity></Identify>`,
			req.Host, req.URL.Path, stamp, oai.Seconds)
	case "ListMetadataFormats":
		fmt.Fprintf(&b, `<ListMetadataFormats><metadataFormat><metadataPrefix>oai_dc</metadataPrefix><schema>%s</schema><metadataNamespace>%s</metadataNamespace></metadataFormat></ListMetadataFormats>`, oai.DCSchema, oai.DCNamespace)
	case "ListRecords":
		r.list(&b, q.Get("resumptionToken"))
	default:
		b.WriteString(`<error code="badVerb">not here</error>`)
	}
	b.WriteString("</OAI-PMH>")
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // the client has gone, if anything
}

// list writes one page of records and the token of the next.
func (r Repository) list(b *bytes.Buffer, token string) {
	from, _ := strconv.Atoi(token)
	until := min(from+r.Page, r.Records)
	b.WriteString("<ListRecords>")
	for n := from; n < until; n++ {
		b.WriteString("<record><header><identifier>" + Identifiers + strconv.Itoa(n) + "</identifier><datestamp>" + stamp + "</datestamp></header><metadata>")
		b.Write(r.Stock[n%len(r.Stock)])
		b.WriteString("</metadata></record>")
	}
	next := ""
	if until < r.Records {
		next = strconv.Itoa(until)
	}
	fmt.Fprintf(b, `<resumptionToken completeListSize="%d" cursor="%d">%s</resumptionToken></ListRecords>`, r.Records, from, next)
}
