package demo

import (
	"bytes"
	"context"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ctiphub/internal/ctip"
	"ctiphub/internal/oai"
)

// oaiPage is what the tests read of an answer.
type oaiPage struct {
	Request struct {
		Verb string `xml:"verb,attr"`
		Set  string `xml:"set,attr"`
	} `xml:"request"`
	Records []struct {
		Header   oaiHeader `xml:"header"`
		Metadata struct {
			Inner []byte `xml:",innerxml"`
		} `xml:"metadata"`
	} `xml:"ListRecords>record"`
	Headers []oaiHeader `xml:"ListIdentifiers>header"`
	Got     []oaiHeader `xml:"GetRecord>record>header"`
	Token   struct {
		Text   string `xml:",chardata"`
		Size   int    `xml:"completeListSize,attr"`
		Cursor int    `xml:"cursor,attr"`
	} `xml:"ListRecords>resumptionToken"`
	Formats []string `xml:"ListMetadataFormats>metadataFormat>metadataPrefix"`
	Error   struct {
		Code string `xml:"code,attr"`
	} `xml:"error"`
}

type oaiHeader struct {
	Status     string `xml:"status,attr"`
	Identifier string `xml:"identifier"`
	Datestamp  string `xml:"datestamp"`
}

func query(t testing.TB, s Site, q string) oaiPage {
	t.Helper()
	_, body := get(t, s.URL+"?"+q)
	var p oaiPage
	if err := xml.Unmarshal(body, &p); err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	return p
}

// listAll follows the tokens and returns the status of each identifier.
func listAll(t *testing.T, s Site, arguments string) map[string]string {
	t.Helper()
	all, last, size := map[string]string{}, "", 0
	for q := "verb=ListRecords&" + arguments; q != ""; {
		p := query(t, s, q)
		if p.Error.Code != "" {
			t.Fatalf("%s: %s", q, p.Error.Code)
		}
		if p.Token.Text != "" {
			if len(p.Records) != pageSize || p.Token.Cursor != len(all) {
				t.Errorf("a page with a token has %d records, cursor %d after %d", len(p.Records), p.Token.Cursor, len(all))
			}
			if size = p.Token.Size; size == 0 {
				size = -1
			}
		}
		for _, r := range p.Records {
			if _, twice := all[r.Header.Identifier]; twice {
				t.Errorf("%s is listed twice", r.Header.Identifier)
			}
			if r.Header.Datestamp < last {
				t.Errorf("datestamps go back at %s", r.Header.Identifier)
			}
			all[r.Header.Identifier], last = r.Header.Status, r.Header.Datestamp
			if deleted := r.Header.Status == "deleted"; deleted != (len(r.Metadata.Inner) == 0) {
				t.Errorf("%s is deleted (%v) and has %d bytes", r.Header.Identifier, deleted, len(r.Metadata.Inner))
			}
		}
		q = ""
		if p.Token.Text != "" {
			q = "verb=ListRecords&resumptionToken=" + url.QueryEscape(p.Token.Text)
		}
	}
	if size > 0 && size != len(all) {
		t.Errorf("the list claims %d records and has %d", size, len(all))
	}
	return all
}

func TestRepository(t *testing.T) {
	f := start(t, Config{Seed: 1, Records: 1050})
	s := siteOf(t, f, "demo-partner")
	all := listAll(t, s, "metadataPrefix=oai_dc")
	deleted := 0
	for _, status := range all {
		if status == "deleted" {
			deleted++
		}
	}
	if len(all) != 1050 || deleted < 15 || deleted > 25 {
		t.Errorf("got %d records, %d of them deleted; want 1050 and about 20", len(all), deleted)
	}

	day := func(d time.Duration) string { return oai.FormatStamp(firstDay.Add(d), oai.Seconds) }
	for window, want := range map[string]int{
		"from=" + day(-500*step):                              500,
		"from=" + day(-500*step) + "&until=" + day(-400*step): 101,
		"until=" + day(-800*step):                             251,
		"from=2026-05-31&until=2026-05-31":                    1050,
		"until=2026-05-31":                                    1050,
	} {
		if n := len(listAll(t, s, "metadataPrefix=oai_dc&"+window)); n != want {
			t.Errorf("%s has %d records, want %d", window, n, want)
		}
	}
}

// TestRepositoryAdvances lists what changed day by day, and whether the whole list agrees.
func TestRepositoryAdvances(t *testing.T) {
	f := start(t, Config{Seed: 1, Records: 250})
	s := siteOf(t, f, "demo-partner")
	for day := range 3 {
		from := oai.FormatStamp(firstDay.AddDate(0, 0, day), oai.Seconds)
		f.Advance()
		later := listAll(t, s, "metadataPrefix=oai_dc&from="+from)
		want := map[string]string{
			identifierOf(2 * day): "", identifierOf(2*day + 1): "",
			identifierOf(250 + 2*day): "", identifierOf(250 + 2*day + 1): "",
			identifierOf(249 - day): "deleted",
		}
		if len(later) != len(want) {
			t.Errorf("day %d brings %v", day, later)
		}
		for id, status := range want {
			if got, ok := later[id]; !ok || got != status {
				t.Errorf("day %d: %s is %q (%v), want %q", day, id, got, ok, status)
			}
		}
	}
	if all := listAll(t, s, "metadataPrefix=oai_dc"); len(all) != 256 {
		t.Errorf("the list now has %d records, want 256", len(all))
	}
	for n, want := range map[int]int{0: http.StatusOK, 250: http.StatusOK, 249: http.StatusGone, 256: http.StatusNotFound} {
		if resp, body := get(t, s.Home+"items/"+strconv.Itoa(n)); resp.StatusCode != want || n == 0 && !bytes.Contains(body, []byte("(revised)")) {
			t.Errorf("the page of record %d answers %d, want %d", n, resp.StatusCode, want)
		}
	}
}

func TestRegionalSpeaksCTIP(t *testing.T) {
	s := siteOf(t, start(t, Config{Seed: 1}), "demo-asean-body")
	p := query(t, s, "verb=ListRecords&metadataPrefix=ctip")
	if len(p.Records) < 20 {
		t.Fatalf("got %d records", len(p.Records))
	}
	themes := 0
	for _, r := range p.Records {
		rec, err := ctip.ParseXML(bytes.TrimSpace(r.Metadata.Inner))
		if err != nil || len(rec.Title) == 0 || len(rec.Type) == 0 || rec.Origin.Landing == "" {
			t.Errorf("%s: %v", r.Header.Identifier, err)
		}
		themes += len(rec.Themes)
	}
	if themes < len(p.Records) {
		t.Errorf("%d records have %d themes", len(p.Records), themes)
	}
	if p := query(t, s, "verb=ListMetadataFormats"); strings.Join(p.Formats, " ") != "ctip oai_dc" {
		t.Errorf("the formats are %v", p.Formats)
	}
}

// TestMillionRecords asks for the first and the last page of a million records: they are
// made as fast as of a few, and nothing is kept.
func TestMillionRecords(t *testing.T) {
	s := siteOf(t, start(t, Config{Seed: 1, Records: 1_000_000}), "demo-partner")
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	began := time.Now()
	first := query(t, s, "verb=ListRecords&metadataPrefix=oai_dc")
	last := query(t, s, "verb=ListRecords&resumptionToken="+url.QueryEscape("999950/1000000/oai_dc"))
	window := query(t, s, "verb=ListIdentifiers&metadataPrefix=oai_dc&from="+oai.FormatStamp(firstDay.Add(-10*step), oai.Seconds))
	one := query(t, s, "verb=GetRecord&metadataPrefix=oai_dc&identifier="+identifierOf(777_777))
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("four answers took %v", took)
	}
	if len(first.Records) != pageSize || first.Token.Text != "100/1000000/oai_dc" || len(last.Records) != 50 || last.Token.Text != "" || len(window.Headers) != 10 || len(one.Got) != 1 {
		t.Errorf("the pages have %d, %d, %d and %d records, the first token is %q", len(first.Records), len(last.Records), len(window.Headers), len(one.Got), first.Token.Text)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("the repository holds %d MiB", grown>>20)
	}
}

// TestProtocolErrors: every mistake has its code.
func TestProtocolErrors(t *testing.T) {
	s := siteOf(t, start(t, Config{Seed: 1}), "demo-partner")
	list := "verb=ListRecords&metadataPrefix=oai_dc"
	for q, want := range map[string]string{
		"":                              oai.BadVerb,
		"verb=Nonsense":                 oai.BadVerb,
		"verb=Identify&verb=Identify":   oai.BadVerb,
		"verb=ListRecords":              oai.BadArgument,
		"verb=GetRecord&identifier=x":   oai.BadArgument,
		list + "&colour=red":            oai.BadArgument,
		list + "&metadataPrefix=oai_dc": oai.BadArgument,
		list + "&from=yesterday":        oai.BadArgument,
		list + "&from=2026-02-30":       oai.BadArgument,
		list + "&from=2026-05-31&until=2026-05-31T00:00:00Z":                   oai.BadArgument,
		list + "&from=2026-05-31&until=2026-05-30":                             oai.BadArgument,
		list + "&resumptionToken=100/300/oai_dc":                               oai.BadArgument,
		list + "&until=1999-01-01":                                             oai.NoRecordsMatch,
		list + "&set=anything":                                                 oai.NoSetHierarchy,
		"verb=ListSets":                                                        oai.NoSetHierarchy,
		"verb=ListRecords&metadataPrefix=ctip":                                 oai.CannotDisseminateFormat,
		"verb=GetRecord&metadataPrefix=marc&identifier=" + identifierOf(1):     oai.CannotDisseminateFormat,
		"verb=GetRecord&metadataPrefix=oai_dc&identifier=" + identifierOf(300): oai.IDDoesNotExist,
		"verb=GetRecord&metadataPrefix=oai_dc&identifier=" + idPrefix + "007":  oai.IDDoesNotExist,
		"verb=ListMetadataFormats&identifier=unknown":                          oai.IDDoesNotExist,
		"verb=ListRecords&resumptionToken=nonsense":                            oai.BadResumptionToken,
		"verb=ListRecords&resumptionToken=100/300/ctip":                        oai.BadResumptionToken,
		"verb=ListRecords&resumptionToken=300/300/oai_dc":                      oai.BadResumptionToken,
		"verb=ListRecords&resumptionToken=-1/300/oai_dc":                       oai.BadResumptionToken,
		"verb=ListRecords&resumptionToken=100/301/oai_dc":                      oai.BadResumptionToken,
		"verb=ListRecords&resumptionToken=100/300/oai_dc/200":                  oai.BadResumptionToken,
		"verb=Identify": "",
		"verb=ListMetadataFormats&identifier=" + identifierOf(5):               "",
		"verb=GetRecord&metadataPrefix=oai_dc&identifier=" + identifierOf(299): "",
	} {
		p := query(t, s, q)
		if p.Error.Code != want {
			t.Errorf("%s: got %q, want %q", q, p.Error.Code, want)
		}
		if bare := want == oai.BadVerb || want == oai.BadArgument; bare != (p.Request.Verb == "") {
			t.Errorf("%s: the request element echoes the verb %q", q, p.Request.Verb)
		}
	}
}

// TestPost: harvesters may post.
func TestPost(t *testing.T) {
	s := siteOf(t, start(t, Config{Seed: 1}), "demo-partner")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, strings.NewReader("verb=Identify"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := new(http.Client).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(resp.Body); err != nil || !strings.Contains(body.String(), "<deletedRecord>persistent</deletedRecord>") {
		t.Errorf("Identify by POST: %v: %s", err, body.String())
	}
}

// handlerOf is the partner repository without a port.
func handlerOf(t testing.TB, records int) http.Handler {
	s := partner(contentOf(t), records, new(atomic.Int64))
	return s.handler("http://repository.example")
}

func FuzzAnswer(f *testing.F) {
	for _, q := range []string{
		"verb=Identify", "verb=ListRecords&metadataPrefix=oai_dc&from=2026-05-31", "verb=ListRecords&resumptionToken=100/300/oai_dc/7",
		"verb=ListIdentifiers&resumptionToken=1//", "verb=GetRecord&identifier=oai:repository.example:9&metadataPrefix=oai_dc",
		"verb=\x00", "verb=ListRecords&set=%3Cb%3E", "resumptionToken=9223372036854775807/1/oai_dc", "%",
	} {
		f.Add(q)
	}
	h := handlerOf(f, 300)
	f.Fuzz(func(t *testing.T, q string) {
		r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/oai", nil)
		r.URL.RawQuery = q
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code == http.StatusBadRequest {
			return
		}
		var p oaiPage
		if err := xml.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != http.StatusOK {
			t.Errorf("%q is answered %d with bad XML: %v", q, w.Code, err)
		}
		if n := len(p.Records) + len(p.Headers); n > pageSize {
			t.Errorf("%q is answered with %d records", q, n)
		}
	})
}

func BenchmarkListRecords(b *testing.B) {
	h := handlerOf(b, 1_000_000)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		r := httptest.NewRequest(http.MethodGet, "/oai?verb=ListRecords&resumptionToken="+strconv.Itoa(n)+"/1000000/oai_dc", nil)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if n = (n + pageSize) % 1_000_000; w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
	b.ReportMetric(float64(b.N*pageSize)/b.Elapsed().Seconds(), "records/s")
}
