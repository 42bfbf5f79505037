package oai

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// rec is a record element with a metadata element.
func rec(id, metadata string) string {
	return "<record><header><identifier>" + id + "</identifier><datestamp>2026-01-01</datestamp></header><metadata>" + metadata + "</metadata></record>"
}

// TestOneBadRecord: whatever is wrong with one record, the page keeps the others.
func TestOneBadRecord(t *testing.T) {
	cases := map[string]string{
		"unclosed element":          rec("x:2", "<dc><title>a<br></title></dc>"),
		"end tag missing":           rec("x:2", "<dc><title>a<creator>b</creator></dc>"),
		"end tag too many":          rec("x:2", "<dc></p><title>a</title></b></dc>"),
		"crossed tags":              rec("x:2", "<dc><a><b></a></b></dc>"),
		"lone ampersand":            rec("x:2", "<dc><title>A & B</title></dc>"),
		"lone less-than":            rec("x:2", "<dc><title>p < 0.05 <3 <</title></dc>"),
		"attribute without quotes":  rec("x:2", "<dc><a href=x y>z</a></dc>"),
		"quote never closed":        rec("x:2", "<dc><a href=\"x>z</a>\n</dc>"),
		"metadata not closed":       strings.Replace(rec("x:2", "<dc/>"), "</metadata>", "", 1),
		"record not closed":         strings.Replace(rec("x:2", "<dc/>"), "</record>", "", 1),
		"neither of them closed":    strings.Replace(rec("x:2", "<dc>"), "</metadata></record>", "", 1),
		"header not closed":         strings.Replace(rec("x:2", "<dc/>"), "</header>", "", 1),
		"neither header nor record": strings.NewReplacer("</header>", "", "</record>", "").Replace(rec("x:2", "<dc/>")),
		"HTML in the description":   rec("x:2", "<dc><d><p>a<p>b&nbsp;<img src=a></d></dc>"),
		"CDATA that closes nothing": rec("x:2", "<dc><d>]]></d><d><![CDATA[</record>]]></d></dc>"),
	}
	for name, bad := range cases {
		t.Run(name, func(t *testing.T) {
			doc := envelope("<ListRecords>" + rec("x:1", "<dc><title>1</title></dc>") + bad + rec("x:3", "<dc><title>3</title></dc>") + "<resumptionToken>t</resumptionToken></ListRecords>")
			a, err := Parse([]byte(doc), "")
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, r := range a.Records {
				ids = append(ids, r.Header.Identifier)
				checkBody(t, r)
			}
			if !slices.Equal(ids, []string{"x:1", "x:2", "x:3"}) || a.Token == nil || a.Token.Value != "t" {
				t.Fatalf("records %v, token %+v\n%s", ids, a.Token, doc)
			}
			if a.Records[0].Malformed || a.Records[2].Malformed || !a.Records[1].Malformed {
				t.Errorf("malformed: %v %v %v", a.Records[0].Malformed, a.Records[1].Malformed, a.Records[2].Malformed)
			}
			if !bytes.HasPrefix(a.Records[2].Body, []byte(`<record xmlns="`+Namespace+`"><header><identifier>x:3`)) {
				t.Errorf("the body of the next record: %s", a.Records[2].Body)
			}
		})
	}
}

// TestSelfContained: a body carries the declarations that it needs, and only those.
func TestSelfContained(t *testing.T) {
	const dcs = `xmlns:dc='http://purl.org/dc/elements/1.1/'`
	doc := `<o:OAI-PMH xmlns:o="` + Namespace + `" xmlns="urn:default" xmlns:xsi="` + XSINamespace + `" xmlns:never="urn:never" ` + dcs + `>
<o:responseDate>2026-01-01T00:00:00Z</o:responseDate><o:ListRecords xmlns:t="urn:t"><o:record
 xmlns:own="urn:own"><o:header status='deleted' ><o:identifier> x:1 </o:identifier><o:datestamp>2026-01-01</o:datestamp><o:setSpec>a&amp;b</o:setSpec></o:header><o:metadata><dc:dc xsi:type="t:x" own:a=""><title/></dc:dc></o:metadata></o:record>
<record xmlns="` + Namespace + `"><header><identifier>x:2</identifier><datestamp>2026-01-01</datestamp></header></record></o:ListRecords></o:OAI-PMH>`
	a, err := Parse([]byte(doc), "")
	if err != nil || len(a.Records) != 2 || len(a.Oddities) > 0 {
		t.Fatalf("%v %+v", err, a)
	}
	first := a.Records[0]
	if h := first.Header; h.Identifier != "x:1" || !h.Deleted || !slices.Equal(h.Sets, []string{"a&b"}) {
		t.Errorf("header %+v", h)
	}
	if first.Metadata != (Name{DCElements, "dc"}) {
		t.Errorf("metadata %+v", first.Metadata)
	}
	body := string(first.Body)
	for _, want := range []string{` xmlns:t="urn:t"`, ` xmlns="urn:default"`, ` xmlns:o="`, " " + dcs, ` xmlns:xsi="`} {
		if strings.Count(body, want) != 1 {
			t.Errorf("%s is not there once: %s", want, body)
		}
	}
	if strings.Contains(body, "never") || strings.Count(body, "xmlns:own") != 1 {
		t.Errorf("more than is needed: %s", body)
	}
	checkBody(t, first)
	if got := string(a.Records[1].Body); !strings.HasPrefix(got, `<record xmlns="`+Namespace+`"><header>`) {
		t.Errorf("a body that stood alone was changed: %s", got)
	}
	// The bytes are those of the page: what was put in aside, nothing changes.
	cut := strings.Index(body, " xmlns:own") - 1
	if !strings.Contains(doc, body[cut:]) {
		t.Errorf("not the bytes of the page: %s", body[cut:])
	}
}

// TestNotAnAnswer: what is no answer is told from one, and a cut answer from a whole one.
func TestNotAnAnswer(t *testing.T) {
	list := oneTitle("a")
	for name, c := range map[string]struct {
		doc  string
		want error
	}{
		"nothing":                     {"", ErrNotOAI},
		"text":                        {"broken xml\n", ErrNotOAI},
		"web page":                    {"<!DOCTYPE html><html><head><title>x</title></head></html>", ErrNotOAI},
		"another document":            {"<rss><channel/></rss>", ErrNotOAI},
		"empty root":                  {envelope(""), ErrNotOAI},
		"cut in the metadata":         {list[:strings.Index(list, "</title>")], ErrTruncated},
		"cut in a tag":                {list[:strings.Index(list, "</title>")+4], ErrTruncated},
		"cut behind a record":         {list[:strings.Index(list, "</ListRecords>")], ErrTruncated},
		"cut in a comment":            {strings.Replace(list, "<title>", "<!-- <title>", 1), ErrTruncated},
		"nested without end":          {envelope("<Identify>" + strings.Repeat("<a>", 100_000)), errDepth},
		"metadata nested without end": {envelope("<ListRecords>" + rec("x:1", strings.Repeat("<a>", 100_000))), errDepth},
	} {
		if _, err := Parse([]byte(c.doc), "text/html"); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// TestTokens reads the forms in which resumption tokens occur.
func TestTokens(t *testing.T) {
	for in, want := range map[string]string{
		``:                   "none",
		`<resumptionToken/>`: `"" -1 -1`,
		`<resumptionToken completeListSize="5" cursor='3'></resumptionToken>`:   `"" 5 3`,
		"<resumptionToken>\n  a b&amp;c=+%20 \n</resumptionToken>":              `"a b&c=+%20" -1 -1`,
		`<resumptionToken><![CDATA[a<b]]></resumptionToken>`:                    `"a<b" -1 -1`,
		`<resumptionToken cursor="x" completeListSize="-4">t</resumptionToken>`: `"t" -1 -1`,
	} {
		for _, where := range []string{"<ListRecords>" + rec("x:1", "<a/>") + in + "</ListRecords>", "<ListRecords>" + rec("x:1", "<a/>") + "</ListRecords>" + in} {
			a, err := Parse([]byte(envelope(where)), "")
			got := "none"
			if err == nil && a.Token != nil {
				got = fmt.Sprintf("%q %d %d", a.Token.Value, a.Token.CompleteListSize, a.Token.Cursor)
			}
			if got != want {
				t.Errorf("%s: %s, want %s (%v)", in, got, want, err)
			}
		}
	}
}

func TestOtherVerbs(t *testing.T) {
	parse := func(inner string) *Answer {
		a, err := Parse([]byte(envelope(inner)), "")
		if err != nil {
			t.Fatalf("%s: %v", inner, err)
		}
		return a
	}
	id := parse(`<Identify><repositoryName>A &amp; B</repositoryName><baseURL>http://x.example</baseURL><adminEmail>mailto:a@x.example</adminEmail><earliestDatestamp>0001-01-01</earliestDatestamp><deletedRecord> Transient</deletedRecord><granularity>YYYY-MM-DD</granularity><compression>gzip</compression><description><x:y xmlns:x="urn:x"><repositoryName>no</repositoryName></x:y></description></Identify>`).Identify
	if id.RepositoryName != "A & B" || id.AdminEmails[0] != "a@x.example" || id.DeletedRecord != "transient" || id.Granularity != Days || id.Compression[0] != "gzip" {
		t.Errorf("Identify %+v", id)
	}
	formats := parse(`<ListMetadataFormats><metadataFormat><metadataPrefix>ctip</metadataPrefix><schema>s</schema><metadataNamespace>n</metadataNamespace></metadataFormat></ListMetadataFormats>`).Formats
	if !slices.Equal(formats, []MetadataFormat{{"ctip", "s", "n"}}) {
		t.Errorf("formats %+v", formats)
	}
	sets := parse(`<ListSets><set><setSpec>a:b</setSpec><setName><![CDATA[N & M]]></setName><setDescription><setName>no</setName></setDescription></set><set/></ListSets>`).Sets
	if !slices.Equal(sets, []Set{{"a:b", "N & M"}, {}}) {
		t.Errorf("sets %+v", sets)
	}
	a := parse(`<error code="badArgument">one</error><error code="">two</error><error/>`)
	if !slices.Equal(a.Errors, []Error{{"badArgument", "one"}, {"", "two"}, {}}) {
		t.Errorf("errors %+v", a.Errors)
	}
	if _, ok := a.Error("badArgument"); !ok {
		t.Error("the error is not found by its code")
	}
}

// FuzzParse holds the parser against encoding/xml: whatever that accepts, both read
// alike; and nothing at all makes it fall over, or give a body that cannot be read again.
func FuzzParse(f *testing.F) {
	f.Add([]byte(oneTitle("a &amp; b")))
	f.Add([]byte(envelope("<ListRecords>" + rec("x:1", "<dc><br></dc>") + rec("x:2", "<a b='c'/>") + "<resumptionToken cursor='1'>t</resumptionToken></ListRecords>")))
	f.Add([]byte(`<o:OAI-PMH xmlns:o="http://www.openarchives.org/OAI/2.0/"><o:ListRecords><o:record><o:header><o:identifier>i</o:identifier></o:header></o:record></o:ListRecords></o:OAI-PMH>`))
	f.Add([]byte("<!DOCTYPE a [<!ENTITY b 'c'>]><OAI-PMH><error code='x'/>"))
	f.Add([]byte("\xff\xfe<\x00"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		a, err := Parse(doc, "text/xml")
		if err != nil {
			return
		}
		for _, r := range a.Records {
			if r.Body == nil {
				continue
			}
			checkBody(t, r)
			again, err := ParseRecord(r.Body)
			if err != nil || again.Header.Identifier != r.Header.Identifier {
				t.Errorf("body %q read again: %v, %q, want %q", r.Body, err, again.Header.Identifier, r.Header.Identifier)
			}
		}
		want, ok := readPlainly(doc)
		if !ok || a.Verb != "ListRecords" || len(a.Oddities) > 1 {
			return
		}
		var got []string
		for _, r := range a.Records {
			got = append(got, r.Header.Identifier)
			if r.Malformed {
				t.Errorf("called malformed, but encoding/xml reads it: %q", r.Body)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("identifiers %q, encoding/xml has %q", got, want)
		}
	})
}

// plainAnswer is a list as encoding/xml reads it.
type plainAnswer struct {
	XMLName xml.Name
	List    []struct {
		Records []struct {
			Header []struct {
				Identifier []string `xml:"http://www.openarchives.org/OAI/2.0/ identifier"`
			} `xml:"http://www.openarchives.org/OAI/2.0/ header"`
		} `xml:"http://www.openarchives.org/OAI/2.0/ record"`
	} `xml:"http://www.openarchives.org/OAI/2.0/ ListRecords"`
}

// readPlainly reads a document strictly with encoding/xml. It is false for documents that
// are not a plain list of records with one header and identifier each.
func readPlainly(doc []byte) ([]string, bool) {
	d := xml.NewDecoder(bytes.NewReader(doc))
	var p plainAnswer
	if d.Decode(&p) != nil || p.XMLName != (xml.Name{Space: Namespace, Local: "OAI-PMH"}) || len(p.List) != 1 {
		return nil, false
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, false
	}
	var ids []string
	for _, r := range p.List[0].Records {
		if len(r.Header) != 1 || len(r.Header[0].Identifier) != 1 {
			return nil, false
		}
		ids = append(ids, strings.TrimSpace(r.Header[0].Identifier[0]))
	}
	return ids, true
}
