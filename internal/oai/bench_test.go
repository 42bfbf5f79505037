package oai

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"
)

// benchPage is a page of 100 records of about 2 KB each.
func benchPage() []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><responseDate>2026-01-02T03:04:05Z</responseDate><request verb="ListRecords">http://repository.example/oai</request><ListRecords>`)
	for i := range 100 {
		fmt.Fprintf(&b, `<record><header><identifier>oai:repository.example:%d</identifier><datestamp>2026-01-02T03:04:05Z</datestamp><setSpec>theme:shelter</setSpec><setSpec>country:KH</setSpec></header><metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/" xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd">`, i)
		for j := range 12 {
			fmt.Fprintf(&b, "\n      <dc:subject>Guidelines on the protection of victims of trafficking in persons &amp; part %d of the series</dc:subject>", j)
		}
		b.WriteString("\n<dc:title xml:lang=\"th\">" + strings.Repeat("คู่มือการคุ้มครองผู้เสียหาย ", 4) + "</dc:title></oai_dc:dc></metadata></record>")
	}
	b.WriteString(`<resumptionToken completeListSize="1000" cursor="0">abc</resumptionToken></ListRecords></OAI-PMH>`)
	return b.Bytes()
}

func BenchmarkParse(b *testing.B) {
	page := benchPage()
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		a, err := Parse(page, "text/xml")
		if err != nil || len(a.Records) != 100 {
			b.Fatal(err, len(a.Records))
		}
	}
	b.ReportMetric(float64(b.N)*100/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkEncodingXML is what reading the tokens alone costs with the standard library.
func BenchmarkEncodingXML(b *testing.B) {
	page := benchPage()
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		d := xml.NewDecoder(bytes.NewReader(page))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.N)*100/b.Elapsed().Seconds(), "records/s")
}
