package oaipmh

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ctiphub/internal/oai"
	"ctiphub/record"
)

// anyHarvester follows the protocol in one of the ways in which harvesters do: by seconds or
// by days, giving up in the middle and beginning anew, asking for a page twice, or taking
// windows that end before now.
type anyHarvester struct {
	t      *testing.T
	h      http.Handler
	random *rand.Rand
	days   bool
	next   time.Time // from of the next list: the first responseDate of the last one that was finished
	has    map[string]oai.Header
	change func()
}

// list takes one list to its end, or gives up. Records that come again replace those that
// came before.
func (a *anyHarvester) list(mayGiveUp bool) {
	layout := oai.Seconds
	if a.days {
		layout = oai.Days
	}
	query, first := "verb=ListRecords&metadataPrefix=oai_dc", time.Time{}
	if !a.next.IsZero() {
		query += "&from=" + oai.FormatStamp(a.next, layout)
	}
	for range 10_000 {
		ans, _ := get(a.t, a.h, query)
		if a.random.IntN(8) == 0 {
			ans, _ = get(a.t, a.h, query) // as after a broken connection
		}
		if first.IsZero() {
			first = ans.ResponseDate
		}
		if _, none := ans.Error(oai.NoRecordsMatch); none && !strings.Contains(query, "resumption") {
			break
		} else if len(ans.Errors) > 0 {
			a.t.Fatalf("%s: %v", query, ans.Errors)
		}
		for _, rec := range ans.Records {
			a.has[rec.Header.Identifier] = rec.Header
		}
		a.change()
		if ans.Token == nil || ans.Token.Value == "" {
			break
		}
		if mayGiveUp && a.random.IntN(15) == 0 {
			return // next stays: the same window again
		}
		query = "verb=ListRecords&resumptionToken=" + url.QueryEscape(ans.Token.Value)
	}
	a.next = first
}

// TestAnyHarvester lets harvesters of all habits follow repositories of random histories,
// page sizes and clocks, with records that change, go, come back and move between sets. Once
// nothing changes any more, one more incremental list leaves each with exactly what the
// repository has.
func TestAnyHarvester(t *testing.T) {
	for seed := range uint64(150) {
		random := rand.New(rand.NewPCG(seed, 99))
		m := newMemory(random.IntN(60))
		o := testOptions(m)
		o.PageSize = 1 + random.IntN(15)
		if random.IntN(2) == 0 {
			o.CacheDir = t.TempDir()
		}
		busy := true
		a := &anyHarvester{t: t, h: New(o), random: random, days: random.IntN(3) == 0, has: map[string]oai.Header{}}
		a.change = func() {
			m.now = m.now.Add(time.Duration(random.IntN(2000)) * time.Millisecond)
			if !busy || m.seq > 600 {
				return
			}
			for range random.IntN(1 + o.PageSize) {
				e := record.Entry{Record: record.Record{ID: record.NewID("test", fmt.Sprint(random.IntN(80))), Title: record.Texts{"en": fmt.Sprint("State ", m.seq)}},
					Sets: []string{[]string{"country:KH", "country:TH"}[random.IntN(2)]}, Deleted: random.IntN(4) == 0}
				m.put(e)
			}
		}
		for range 1 + random.IntN(5) {
			a.list(true)
			if random.IntN(3) == 0 {
				m.now = m.now.Add(20 * time.Hour)
			}
		}
		busy = false
		m.now = m.now.Add(2 * time.Second)
		a.list(false)
		if len(a.has) != len(m.entries) {
			t.Errorf("seed %d: the harvester has %d records, the repository %d", seed, len(a.has), len(m.entries))
		}
		for _, e := range m.entries {
			got, ok := a.has["oai:hub.example:"+string(e.Record.ID)]
			if !ok || got.Deleted != e.Deleted || !got.Time.Equal(e.Stamp.Truncate(time.Second)) {
				t.Errorf("seed %d: the harvester has %+v, the repository %v deleted %v", seed, got, e.Stamp, e.Deleted)
			}
		}
	}
}
