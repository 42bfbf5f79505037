package oaipmh

import (
	"compress/gzip"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"ctiphub/internal/oai"
	"ctiphub/record"
)

// ask returns the body of an answer, compressed on the way or not.
func ask(t *testing.T, h http.Handler, query string, packed bool) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/oai?"+query, nil)
	if packed {
		r.Header.Set("Accept-Encoding", "gzip")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if fmt.Sprint(w.Body.Len()) != w.Header().Get("Content-Length") && w.Header().Get("Content-Length") != "" {
		t.Errorf("Content-Length %s, %d bytes", w.Header().Get("Content-Length"), w.Body.Len())
	}
	if w.Header().Get("Content-Encoding") != "gzip" {
		return w.Body.String()
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	z.Multistream(false) // many clients read one member only
	body, err := io.ReadAll(z)
	if err != nil {
		t.Fatalf("reading the compressed answer: %v", err)
	}
	return string(body)
}

// TestWrittenRecords holds lists that are made of written records against those that are
// not, while entries leave the middle of the log: each record once, in either encoding, by
// both verbs, however often the list is asked for.
func TestWrittenRecords(t *testing.T) {
	for seed := range uint64(12) {
		random := rand.New(rand.NewPCG(seed, 3))
		m := newMemory(150 + random.IntN(100))
		o := testOptions(m)
		o.PageSize = 3 + random.IntN(20)
		plain := New(o)
		o.CacheDir = t.TempDir()
		written := New(o)
		for round := range 4 {
			for _, verb := range []string{"ListRecords", "ListIdentifiers"} {
				want := listed(t, plain, verb, false)
				for _, packed := range []bool{false, true} {
					if got := listed(t, written, verb, packed); got != want {
						t.Fatalf("seed %d, round %d, %s, packed %v: the lists differ:\n%.600s\n%.600s", seed, round, verb, packed, got, want)
					}
				}
			}
			for range random.IntN(60) {
				m.put(record.Entry{Record: m.entries[random.IntN(len(m.entries))].Record, Sets: []string{"country:KH"}})
			}
		}
	}
}

// listed returns what a whole list says of records, without what is of single answers.
func listed(t *testing.T, h http.Handler, verb string, packed bool) string {
	t.Helper()
	var all strings.Builder
	query, served, total := "verb="+verb+"&metadataPrefix=oai_dc", 0, 0
	for range 500 {
		body := ask(t, h, query, packed)
		a, err := oai.Parse([]byte(body), "")
		if err != nil || len(a.Oddities) > 0 || len(a.Errors) > 0 {
			t.Fatalf("%v %v %v\n%s", err, a.Oddities, a.Errors, body)
		}
		if a.Token != nil && a.Token.Cursor != served {
			t.Errorf("cursor %d, served %d", a.Token.Cursor, served)
		}
		served += len(a.Records)
		_, rest, _ := strings.Cut(body, "<"+verb+">\n")
		records, _, _ := strings.Cut(rest, "<resumptionToken")
		records, _, _ = strings.Cut(records, "</"+verb+">")
		all.WriteString(records)
		if a.Token == nil || a.Token.Value == "" {
			if total > 0 && served != total {
				t.Errorf("completeListSize said %d, served %d", total, served)
			}
			return all.String()
		}
		total = a.Token.CompleteListSize
		query = "verb=" + verb + "&resumptionToken=" + url.QueryEscape(a.Token.Value)
	}
	t.Fatal("the list does not end")
	return ""
}

func TestCombineCRC(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		text := make([]byte, random.IntN(70_000))
		for i := range text {
			text[i] = byte(random.Uint32())
		}
		cut := random.IntN(len(text) + 1)
		a, b := text[:cut], text[cut:]
		if got, want := combineCRC(crc32.ChecksumIEEE(a), crc32.ChecksumIEEE(b), len(b)), crc32.ChecksumIEEE(text); got != want {
			t.Fatalf("%d and %d bytes: %08x, want %08x", len(a), len(b), got, want)
		}
	}
}
