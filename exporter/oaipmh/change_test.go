package oaipmh

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"ctiphub/internal/oai"
	"ctiphub/record"
)

// TestListUnderChange edits, adds and deletes records between the pages of a list, at
// random but the same each time, and asks that the list loses nothing: every record is
// served, the last state served is its last state, and what nobody touched comes once.
func TestListUnderChange(t *testing.T) {
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 1))
		m := newMemory(20 + random.IntN(80))
		o := testOptions(m)
		o.PageSize = 1 + random.IntN(12)
		if seed%2 == 1 {
			o.CacheDir = t.TempDir()
		}
		untouched := map[string]bool{}
		for _, e := range m.entries {
			untouched["oai:hub.example:"+string(e.Record.ID)] = true
		}
		change := func(page int) {
			m.now = m.now.Add(time.Second)
			if page > 40 {
				return // the list must have an end
			}
			for range random.IntN(o.PageSize + 1) {
				e := m.entries[random.IntN(len(m.entries))]
				switch random.IntN(4) {
				case 0:
					e = record.Entry{Record: record.Record{ID: record.NewID("new", fmt.Sprint(seed, page, m.seq))}, Sets: e.Sets}
				case 1:
					e.Deleted = true
				}
				delete(untouched, "oai:hub.example:"+string(e.Record.ID))
				m.put(e)
			}
		}
		served, last := map[string]int{}, map[string]oai.Header{}
		for _, rec := range harvest(t, New(o), "ListRecords", "", change) {
			served[rec.Header.Identifier]++
			last[rec.Header.Identifier] = rec.Header
		}
		for id := range untouched {
			if served[id] != 1 {
				t.Errorf("seed %d: an untouched record was served %d times", seed, served[id])
			}
		}
		for _, e := range m.entries {
			h := last["oai:hub.example:"+string(e.Record.ID)]
			if h.Deleted != e.Deleted || !h.Time.Equal(e.Stamp) {
				t.Errorf("seed %d: served %+v, is %v deleted %v", seed, h, e.Stamp, e.Deleted)
			}
		}
		if len(last) != len(m.entries) {
			t.Errorf("seed %d: %d of %d records", seed, len(last), len(m.entries))
		}
	}
}

func TestTokenRoundTrip(t *testing.T) {
	key, now := []byte("key"), start
	for _, p := range []position{
		{verb: "ListRecords", prefix: "oai_dc", after: 1, cursor: 100, total: 101, expires: now},
		{verb: "ListIdentifiers", prefix: "ctip", set: "country:KH", from: time.Unix(0, 0).UTC(), until: time.Unix(-5, 0).UTC(), after: 1 << 60, expires: now},
		{verb: "ListRecords", from: time.Time{}.Add(time.Second), until: now, expires: now},
	} {
		token := p.encode(key)
		got, err := decode(token, key, now)
		if err != nil || got != p {
			t.Errorf("decoded %+v, %v; want %+v", got, err, p)
		}
		if _, err := decode(token, []byte("another key"), now); err == nil {
			t.Error("a token of another key was accepted")
		}
		for i := range len(token) {
			b := []byte(token)
			b[i] ^= 1
			if _, err := decode(string(b), key, now); err == nil {
				t.Errorf("a token changed at %d was accepted", i)
			}
		}
	}
}

func FuzzToken(f *testing.F) {
	key := []byte("key")
	f.Add(position{verb: "ListRecords", prefix: "oai_dc", after: 5, expires: start}.encode(key))
	f.Add("")
	f.Add("AVIAAAAA")
	f.Fuzz(func(t *testing.T, token string) {
		p, err := decode(token, key, start)
		if err == nil && p.encode(key) != token {
			t.Errorf("%q is a second text of the token %+v", token, p)
		}
		// What gets past the signature is read by the same code: it must not fall over.
		r := reader{b: []byte(token)}
		_ = r.string()
		for range 8 {
			_ = r.int()
		}
	})
}

// FuzzRequest asks anything: the answer is always one that a parser reads.
func FuzzRequest(f *testing.F) {
	h := New(testOptions(newMemory(3)))
	f.Add("verb=ListRecords&metadataPrefix=oai_dc")
	f.Add("verb=GetRecord&identifier=%00%FF&metadataPrefix=<>&verb=x")
	f.Add("verb=ListRecords&resumptionToken=%EF%BF%BE")
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest(http.MethodGet, "/oai", nil)
		r.URL.RawQuery = query
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		a, err := oai.Parse(w.Body.Bytes(), "")
		if err != nil || len(a.Oddities) > 0 {
			t.Errorf("%q: %v %v\n%s", query, err, a.Oddities, w.Body)
		}
	})
}

// discard is a reader at the other end of a fast line.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// BenchmarkListRecords serves pages of 100 records with 1 KB of metadata each.
func BenchmarkListRecords(b *testing.B) {
	m := newMemory(2000)
	for i := range m.entries {
		e := &m.entries[i]
		e.Deleted = false
		e.Record.Title = record.Texts{"en": "Guidelines on the protection of victims", "th": "คู่มือการคุ้มครองผู้เสียหาย"}
		e.Record.Description = record.Texts{}
		for range 12 {
			e.Record.Description["en"] += "How shelters for victims & witnesses work across the region, and what it takes. "
		}
	}
	o := testOptions(m)
	o.PageSize = 100
	h := New(o)
	for _, mode := range []string{"identity", "gzip"} {
		b.Run(mode, func(b *testing.B) {
			token := position{verb: "ListRecords", prefix: "oai_dc", after: 500, cursor: 500, total: 2000, expires: m.now.Add(time.Hour)}.encode(o.Key)
			r := httptest.NewRequest(http.MethodGet, "/oai?verb=ListRecords&resumptionToken="+token, nil)
			r.Header.Set("Accept-Encoding", mode)
			for b.Loop() {
				h.ServeHTTP(discard{http.Header{}}, r)
			}
			b.ReportMetric(float64(b.N)*100/b.Elapsed().Seconds(), "records/s")
		})
	}
}
