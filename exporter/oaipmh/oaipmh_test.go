package oaipmh

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ctiphub/internal/oai"
	"ctiphub/record"
)

// TestErrors holds every refusal against the protocol: the codes, and that the request
// element repeats the arguments only when these are not what was wrong.
func TestErrors(t *testing.T) {
	m := newMemory(30)
	h := New(testOptions(m))
	id := "oai:hub.example:" + string(m.entries[0].Record.ID)
	first, _ := get(t, h, "verb=ListRecords&metadataPrefix=oai_dc")
	token := first.Token.Value
	unknown := "oai:hub.example:0000000000000000"
	cases := []struct {
		name, query string
		codes       []string
		echo        bool
	}{
		{"no verb", "", []string{"badVerb"}, false},
		{"unknown verb", "verb=Nonsense", []string{"badVerb"}, false},
		{"empty verb", "verb=", []string{"badVerb"}, false},
		{"repeated verb", "verb=Identify&verb=Identify", []string{"badVerb"}, false},
		{"verb in the wrong case", "verb=identify", []string{"badVerb"}, false},
		{"control characters in the verb", "verb=%01%0B", []string{"badVerb"}, false},
		{"foreign argument", "verb=Identify&test=1", []string{"badArgument"}, false},
		{"argument of another verb", "verb=Identify&metadataPrefix=oai_dc", []string{"badArgument"}, false},
		{"no prefix", "verb=ListRecords", []string{"badArgument"}, false},
		{"empty prefix", "verb=ListRecords&metadataPrefix=", []string{"badArgument"}, false},
		{"repeated prefix", "verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc", []string{"badArgument"}, false},
		{"unknown prefix", "verb=ListRecords&metadataPrefix=marc21", []string{"cannotDisseminateFormat"}, true},
		{"illegal prefix", "verb=ListRecords&metadataPrefix=a+b", []string{"badArgument"}, false},
		{"several at once", "verb=GetRecord&x=1&x=2&y=", []string{"badArgument", "badArgument", "badArgument", "badArgument"}, false},
		{"no identifier", "verb=GetRecord&metadataPrefix=oai_dc", []string{"badArgument"}, false},
		{"unknown identifier", "verb=GetRecord&metadataPrefix=oai_dc&identifier=" + unknown, []string{"idDoesNotExist"}, true},
		{"identifier of another repository", "verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:else.example:1", []string{"idDoesNotExist"}, true},
		{"identifier that is no URI", "verb=GetRecord&metadataPrefix=oai_dc&identifier=invalid%22id", []string{"badArgument"}, false},
		{"control character in the identifier", "verb=GetRecord&metadataPrefix=oai_dc&identifier=oai%01x", []string{"badArgument"}, false},
		{"bad UTF-8", "verb=GetRecord&metadataPrefix=oai_dc&identifier=oai%FFx", []string{"badArgument"}, false},
		{"record in an unknown format", "verb=GetRecord&metadataPrefix=x&identifier=" + id, []string{"cannotDisseminateFormat"}, true},
		{"formats of an unknown record", "verb=ListMetadataFormats&identifier=" + unknown, []string{"idDoesNotExist"}, true},
		{"bad encoding", "verb=GetRecord&metadataPrefix=oai_dc&identifier=%zz", []string{"badArgument", "badArgument"}, false},
		{"impossible date", "verb=ListRecords&metadataPrefix=oai_dc&from=2024-02-30", []string{"badArgument"}, false},
		{"junk date", "verb=ListRecords&metadataPrefix=oai_dc&from=x", []string{"badArgument"}, false},
		{"date with a fraction", "verb=ListRecords&metadataPrefix=oai_dc&from=2025-03-01T10:00:00.5Z", []string{"badArgument"}, false},
		{"date with an offset", "verb=ListRecords&metadataPrefix=oai_dc&from=2025-03-01T10:00:00%2B07:00", []string{"badArgument"}, false},
		{"mixed granularity", "verb=ListRecords&metadataPrefix=oai_dc&from=2025-03-01&until=2025-03-01T10:00:00Z", []string{"badArgument"}, false},
		{"from after until", "verb=ListRecords&metadataPrefix=oai_dc&from=2025-03-02&until=2025-03-01", []string{"badArgument"}, false},
		{"until before everything", "verb=ListRecords&metadataPrefix=oai_dc&until=2024-03-01", []string{"noRecordsMatch"}, true},
		{"until at the beginning of time", "verb=ListRecords&metadataPrefix=oai_dc&until=0001-01-01T00:00:00Z", []string{"noRecordsMatch"}, true},
		{"from in the future", "verb=ListRecords&metadataPrefix=oai_dc&from=2999-01-01", []string{"noRecordsMatch"}, true},
		{"unknown set", "verb=ListIdentifiers&metadataPrefix=oai_dc&set=nowhere", []string{"noRecordsMatch"}, true},
		{"illegal set", "verb=ListIdentifiers&metadataPrefix=oai_dc&set=a::b", []string{"badArgument"}, false},
		{"set named by a part of its name", "verb=ListIdentifiers&metadataPrefix=oai_dc&set=the", []string{"noRecordsMatch"}, true},
		{"junk token", "verb=ListRecords&resumptionToken=junk", []string{"badResumptionToken"}, true},
		{"changed token", "verb=ListRecords&resumptionToken=" + flip(token), []string{"badResumptionToken"}, true},
		{"token of another verb", "verb=ListIdentifiers&resumptionToken=" + token, []string{"badResumptionToken"}, true},
		{"token and prefix", "verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=" + token, []string{"badArgument"}, false},
		{"token twice", "verb=ListRecords&resumptionToken=" + token + "&resumptionToken=" + token, []string{"badArgument"}, false},
		{"token for a verb without", "verb=GetRecord&resumptionToken=" + token, []string{"badArgument", "badArgument", "badArgument"}, false},
		{"token for the sets", "verb=ListSets&resumptionToken=x", []string{"badResumptionToken"}, true},
	}
	var bodies []string
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a, body := get(t, h, c.query)
			var codes []string
			for _, e := range a.Errors {
				codes = append(codes, e.Code)
			}
			if !slices.Equal(codes, c.codes) || a.Verb != "" {
				t.Errorf("errors %v, want %v\n%s", a.Errors, c.codes, body)
			}
			_, rest, _ := strings.Cut(body, "<request")
			if echo := strings.HasPrefix(rest, " verb="); echo != c.echo {
				t.Errorf("arguments repeated: %v, want %v\n%s", echo, c.echo, body)
			}
			bodies = append(bodies, body)
		})
	}
	validate(t, bodies)
}

// flip changes the last character of a token into its neighbour.
func flip(token string) string {
	b := []byte(token)
	b[len(b)-1] ^= 1
	return string(b)
}

// TestVerbs reads one good answer of each verb and holds all of them against the schemas.
func TestVerbs(t *testing.T) {
	m := newMemory(30)
	alive, dead := &m.entries[0], &m.entries[9]
	alive.Record.Origin.Chain = []record.Hop{
		{BaseURL: "http://partner.example/oai", Identifier: "oai:partner.example:1", Datestamp: "2024-05-06", Namespace: oai.DCNamespace, HarvestDate: start, Altered: true},
		{BaseURL: "http://broken.example/oai", Identifier: "oai:broken.example:1", Datestamp: "yesterday", HarvestDate: start},
		{BaseURL: "http://origin.example/oai", Identifier: "oai:origin.example:1", Datestamp: "2024-05-05T01:02:03.000+07:00", Namespace: oai.DCNamespace, HarvestDate: start},
	}
	alive.Record.Title["en"] = "bell\x07 \ufffe& bad \xff byte"
	o := testOptions(m)
	o.Branding = Branding{Icon: "http://hub.example/icon.svg", Link: "http://hub.example/", Title: "Test & hub"}
	o.Friends = []string{"http://origin.example/oai", "http://friend.example/oai?a=1&b=2", "http://origin.example/oai"}
	o.MetadataLicense = "https://creativecommons.org/publicdomain/zero/1.0/"
	o.DescribeSet = func(spec string) Set {
		if spec != "country:KH" {
			return Set{}
		}
		return Set{Name: "Country: Cambodia", Titles: record.Texts{"en": "Cambodia", "km": "កម្ពុជា"}, Description: record.Texts{"en": "About <Cambodia> & its people"}}
	}
	h := New(o)
	var bodies []string
	ask := func(query string) *oai.Answer {
		a, body := get(t, h, query)
		if len(a.Errors) > 0 {
			t.Errorf("%s: %v", query, a.Errors)
		}
		bodies = append(bodies, body)
		return a
	}
	id := ask("verb=Identify").Identify
	if id.RepositoryName != "Test & hub" || id.BaseURL != testBase || id.EarliestDatestamp != "2025-03-01T10:00:00Z" ||
		id.DeletedRecord != "persistent" || id.Granularity != oai.Seconds || id.ProtocolVersion != "2.0" {
		t.Errorf("Identify: %+v", id)
	}
	identify := bodies[0]
	for _, want := range []string{"<collectionIcon><url>http://hub.example/icon.svg</url>", "friend.example/oai?a=1&amp;b=2", `<rightsReference ref="https://creativecommons.org/publicdomain/zero/1.0/"/>`, "<repositoryIdentifier>hub.example</repositoryIdentifier>"} {
		if strings.Count(identify, want) != 1 {
			t.Errorf("Identify has not exactly one %s:\n%s", want, identify)
		}
	}
	if strings.Count(identify, "<baseURL>http://origin.example/oai</baseURL>") != 1 {
		t.Errorf("a friend is named twice:\n%s", identify)
	}
	if f := ask("verb=ListMetadataFormats").Formats; len(f) != 1 || f[0] != (oai.MetadataFormat{Prefix: "oai_dc", Schema: oai.DCSchema, Namespace: oai.DCNamespace}) {
		t.Errorf("formats: %+v", f)
	}
	ask("verb=ListMetadataFormats&identifier=oai:hub.example:" + string(alive.Record.ID))
	var specs []string
	for _, s := range ask("verb=ListSets").Sets {
		specs = append(specs, s.Spec)
	}
	if want := []string{"country", "country:KH", "country:TH", "theme", "theme:prosecution", "theme:protection-support", "theme:protection-support:shelter"}; !slices.Equal(specs, want) {
		t.Errorf("sets %q, want %q", specs, want)
	}
	if sets := bodies[len(bodies)-1]; !strings.Contains(sets, `<setName>Country: Cambodia</setName><setDescription><oai_dc:dc`) || !strings.Contains(sets, `<dc:title xml:lang="km">កម្ពុជា</dc:title><dc:description xml:lang="en">About &lt;Cambodia&gt; &amp; its people</dc:description>`) ||
		!strings.Contains(sets, "<setName>country:TH</setName></set>") {
		t.Errorf("sets: %s", sets)
	}
	got := ask("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:hub.example:" + string(alive.Record.ID)).Records[0]
	body := string(got.Body)
	if !strings.Contains(body, "bell &amp; bad  byte") {
		t.Errorf("illegal characters were not left out: %s", body)
	}
	if strings.Count(body, "<originDescription") != 2 || !strings.Contains(body, "<datestamp>2024-05-04T18:02:03Z</datestamp>") ||
		strings.Index(body, "partner.example/oai") > strings.Index(body, "origin.example/oai") {
		t.Errorf("provenance: %s", body)
	}
	if strings.Count(body, "<rightsDefinition>") != 1 || !strings.Contains(body, "<dc:source>http://origin.example/oai</dc:source>") {
		t.Errorf("rights of a record that came through others: %s", body)
	}
	gone := ask("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:hub.example:" + string(dead.Record.ID)).Records[0]
	if !gone.Header.Deleted || gone.Metadata.Local != "" || len(gone.Header.Sets) != 2 {
		t.Errorf("deleted record: %+v", gone)
	}
	ask("verb=ListRecords&metadataPrefix=oai_dc")
	ask("verb=ListIdentifiers&metadataPrefix=oai_dc&set=theme")
	ask("verb=ListRecords&metadataPrefix=oai_dc&from=2025-03-01&until=2025-03-01&set=country:KH")
	validate(t, bodies)
}

// TestWindows checks inclusive bounds at both granularities and the sets of descendants.
func TestWindows(t *testing.T) {
	h := New(testOptions(newMemory(30))) // 10:00 to 10:29
	for query, want := range map[string]int{
		"from=2025-03-01T10:03:00Z&until=2025-03-01T10:03:00Z": 1,
		"from=2025-03-01T10:03:01Z&until=2025-03-01T10:03:59Z": 0,
		"from=2025-03-01&until=2025-03-01":                     30,
		"until=2025-02-28":                                     0,
		"from=2025-03-02":                                      0,
		"until=2025-03-01T10:09:00Z":                           10,
		"from=2025-03-01T10:20:00Z":                            10,
		"set=country":                                          30,
		"set=country:KH":                                       15,
		"set=theme:protection-support":                         15,
		"set=theme:protection-support:shelter":                 15,
		"set=country:TH&from=2025-03-01T10:20:00Z":             5,
	} {
		for _, verb := range []string{"ListRecords", "ListIdentifiers"} {
			if got := len(harvest(t, h, verb, query, nil)); got != want {
				t.Errorf("%s %s: %d records, want %d", verb, query, got, want)
			}
		}
	}
}

// harvest follows a list to its end and checks what the protocol says of tokens.
func harvest(t *testing.T, h http.Handler, verb, query string, between func(page int)) []oai.Record {
	t.Helper()
	var all []oai.Record
	query = "verb=" + verb + "&metadataPrefix=oai_dc&" + query
	for page := 0; ; page++ {
		a, body := get(t, h, strings.TrimSuffix(query, "&"))
		if _, none := a.Error(oai.NoRecordsMatch); none {
			return all
		}
		if len(a.Errors) > 0 || len(a.Records) == 0 {
			t.Fatalf("page %d: %s", page, body)
		}
		if a.Token != nil && a.Token.Cursor != len(all) {
			t.Errorf("page %d: cursor %d behind %d records", page, a.Token.Cursor, len(all))
		}
		all = append(all, a.Records...)
		if a.Token == nil {
			if page > 0 {
				t.Errorf("the last page of several has no resumptionToken element")
			}
			return all
		}
		if a.Token.Value == "" {
			if page == 0 {
				t.Errorf("a complete list has an empty resumptionToken")
			}
			if a.Token.CompleteListSize != len(all) {
				t.Errorf("completeListSize %d, served %d", a.Token.CompleteListSize, len(all))
			}
			return all
		}
		if a.Token.Expires.IsZero() || a.Token.CompleteListSize < len(all) {
			t.Errorf("page %d: token %+v", page, a.Token)
		}
		if again, _ := get(t, h, query); !slices.EqualFunc(again.Records, a.Records, func(x, y oai.Record) bool { return x.Header.Identifier == y.Header.Identifier }) {
			t.Errorf("page %d: the same request gives another page", page)
		}
		if between != nil {
			between(page)
		}
		query = "verb=" + verb + "&resumptionToken=" + a.Token.Value
	}
}

// TestPageBoundary has lists of exactly one page, two pages and around them.
func TestPageBoundary(t *testing.T) {
	for _, n := range []int{1, 9, 10, 11, 19, 20, 21} {
		if got := harvest(t, New(testOptions(newMemory(n))), "ListRecords", "", nil); len(got) != n {
			t.Errorf("%d of %d records", len(got), n)
		}
	}
}

func TestEmptyRepository(t *testing.T) {
	h := New(testOptions(newMemory(0)))
	for query, code := range map[string]string{
		"verb=ListRecords&metadataPrefix=oai_dc":       oai.NoRecordsMatch,
		"verb=ListRecords&metadataPrefix=oai_dc&set=a": oai.NoSetHierarchy,
		"verb=ListSets": oai.NoSetHierarchy,
	} {
		if a, body := get(t, h, query); len(a.Errors) != 1 || a.Errors[0].Code != code {
			t.Errorf("%s: %s", query, body)
		}
	}
	if a, _ := get(t, h, "verb=Identify"); a.Identify.EarliestDatestamp != "2025-03-01T10:00:00Z" {
		t.Errorf("earliestDatestamp of an empty repository: %+v", a.Identify)
	}
}

// TestHTTP checks the ways of asking: POST, HEAD, others, and the catalogue failing.
func TestHTTP(t *testing.T) {
	m := newMemory(3)
	h := New(testOptions(m))
	serve := func(r *http.Request) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	post := func(query, mediaType, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, "/oai"+query, strings.NewReader(body))
		r.Header.Set("Content-Type", mediaType)
		return serve(r)
	}
	form := "application/x-www-form-urlencoded; charset=utf-8"
	if a, _ := answer(t, post("", form, "verb=ListRecords&metadataPrefix=oai_dc")); len(a.Records) != 3 {
		t.Errorf("POST: %d records", len(a.Records))
	}
	if a, _ := answer(t, post("?verb=Identify", form, "verb=Identify")); len(a.Errors) != 1 || a.Errors[0].Code != oai.BadVerb {
		t.Errorf("verb in URL and body: %+v", a.Errors)
	}
	if a, _ := answer(t, post("?verb=Identify", "application/json", "{}")); len(a.Errors) != 1 || a.Errors[0].Code != oai.BadArgument {
		t.Errorf("POST of JSON: %+v", a.Errors)
	}
	if a, _ := answer(t, post("?verb=Identify", form, strings.Repeat("x", maxBody+1))); len(a.Errors) == 0 {
		t.Error("an endless POST was accepted")
	}
	if w := serve(httptest.NewRequest(http.MethodHead, "/oai?verb=Identify", nil)); w.Code != 200 || w.Header().Get("Content-Length") == "" {
		t.Errorf("HEAD: %d %v", w.Code, w.Header())
	}
	if w := serve(httptest.NewRequest(http.MethodDelete, "/oai?verb=Identify", nil)); w.Code != 405 || w.Header().Get("Allow") == "" {
		t.Errorf("DELETE: %d", w.Code)
	}
	r := httptest.NewRequest(http.MethodGet, "/oai?verb=ListRecords&metadataPrefix=oai_dc", nil)
	r.Header.Set("Accept-Encoding", "br, gzip;q=0.5")
	if w := serve(r); w.Header().Get("Content-Encoding") != "gzip" && w.Body.Len() > gzipFrom {
		t.Errorf("no gzip: %v", w.Header())
	}
	m.fail = errors.New("the disk is on fire")
	w := serve(httptest.NewRequest(http.MethodGet, "/oai?verb=ListRecords&metadataPrefix=oai_dc", nil))
	if w.Code != 503 || w.Header().Get("Retry-After") != "60" || strings.Contains(w.Body.String(), "fire") {
		t.Errorf("failing catalogue: %d %v %s", w.Code, w.Header(), w.Body)
	}
}

// TestMounted checks the style sheets and the base URL below a path of a mux.
func TestMounted(t *testing.T) {
	o := testOptions(newMemory(1))
	o.BaseURL = ""
	mux := http.NewServeMux()
	h := New(o)
	mux.Handle("/deep/oai", h)
	mux.Handle("/deep/oai/", h)
	for path, want := range map[string]struct {
		status    int
		mediaType string
		contains  string
	}{
		"/deep/oai?verb=Identify":  {200, "text/xml; charset=utf-8", "<baseURL>http://www.example/deep/oai</baseURL>"},
		"/deep/oai/?verb=Identify": {200, "text/xml; charset=utf-8", `href="/deep/oai/style.xsl"?>`},
		"/deep/oai/style.xsl":      {200, "text/xsl; charset=utf-8", `href="/deep/oai/style.css"`},
		"/deep/oai/style.css":      {200, "text/css; charset=utf-8", "body"},
		"/deep/oai/other":          {404, "text/plain; charset=utf-8", ""},
	} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://www.example"+path, nil))
		if w.Code != want.status || w.Header().Get("Content-Type") != want.mediaType || !strings.Contains(w.Body.String(), want.contains) {
			t.Errorf("%s: %d %q\n%s", path, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
		if want.status == 200 && !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: no content security policy", path)
		}
	}
}

// TestExpiry lets a token grow old.
func TestExpiry(t *testing.T) {
	m := newMemory(30)
	h := New(testOptions(m))
	a, _ := get(t, h, "verb=ListRecords&metadataPrefix=oai_dc")
	if want := m.now.Add(48 * time.Hour); !a.Token.Expires.Equal(want) {
		t.Errorf("expires %v, want %v", a.Token.Expires, want)
	}
	m.now = m.now.Add(48 * time.Hour)
	if a, body := get(t, h, "verb=ListRecords&resumptionToken="+a.Token.Value); len(a.Errors) > 0 {
		t.Errorf("refused before its time: %s", body)
	}
	m.now = m.now.Add(2 * time.Second)
	if a, _ := get(t, h, "verb=ListRecords&resumptionToken="+a.Token.Value); len(a.Errors) != 1 {
		t.Error("accepted after its time")
	}
}

// validate holds answers against the official schemas where both they and xmllint are at
// hand.
func validate(t *testing.T, bodies []string) {
	t.Helper()
	schema, _ := filepath.Abs("../../../shared/data/xsd/all.xsd")
	xmllint, err := exec.LookPath("xmllint")
	if _, statErr := os.Stat(schema); err != nil || statErr != nil {
		t.Log("not validated against the schemas: xmllint or the schemas are not here")
		return
	}
	dir := t.TempDir()
	args := []string{"--noout", "--nonet", "--schema", schema}
	for i, body := range bodies {
		name := filepath.Join(dir, strconv.Itoa(i)+".xml")
		if err := os.WriteFile(name, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	out, err := exec.Command(xmllint, args...).CombinedOutput()
	if err != nil {
		t.Errorf("schema: %v\n%s", err, out)
	}
	if n := strings.Count(string(out), " validates\n"); n != len(bodies) {
		t.Errorf("%d of %d answers are valid", n, len(bodies))
	}
}
