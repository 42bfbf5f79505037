package oaipmh

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
	"ctiphub/internal/oai"
)

// forgetful is a repository that keeps no deletions: what is taken out is simply gone, and
// what is put back keeps its old datestamp.
type forgetful struct {
	deleted string
	stamps  map[string]time.Time
	now     time.Time
	asked   map[string]int // requests by verb
}

const forgetfulPage = 7

func (f *forgetful) Get(r fetch.Request) (*fetch.Response, error) {
	u, err := url.Parse(r.URL)
	if err != nil {
		return nil, err
	}
	q := u.Query()
	verb := q.Get("verb")
	f.asked[verb]++
	answer := func(inner string) (*fetch.Response, error) {
		body := `<OAI-PMH xmlns="` + oai.Namespace + `"><responseDate>` + f.now.Format(time.RFC3339) + `</responseDate>` + inner + `</OAI-PMH>`
		return &fetch.Response{URL: r.URL, Status: 200, MediaType: "text/xml", Body: []byte(body), Fetched: f.now}, nil
	}
	switch verb {
	case "Identify":
		return answer(`<Identify><deletedRecord>` + f.deleted + `</deletedRecord><granularity>` + oai.Seconds + `</granularity><earliestDatestamp>2020-01-01T00:00:00Z</earliestDatestamp></Identify>`)
	case "GetRecord":
		if _, ok := f.stamps[q.Get("identifier")]; !ok {
			return answer(`<error code="idDoesNotExist"/>`)
		}
		return answer("<GetRecord>" + f.element(verb, q.Get("identifier")) + "</GetRecord>")
	}
	from, after := q.Get("from"), -1
	if token := q.Get("resumptionToken"); token != "" {
		number, bound, _ := strings.Cut(token, "|")
		after, _ = strconv.Atoi(number)
		from = bound
	}
	since, _, _ := oai.ReadStamp(from)
	var page strings.Builder
	n, token := 0, ""
	for _, id := range slices.SortedFunc(maps.Keys(f.stamps), func(a, b string) int { return number(a) - number(b) }) {
		if number(id) <= after || f.stamps[id].Before(since) {
			continue
		}
		if n++; n > forgetfulPage {
			token = "<resumptionToken>" + fmt.Sprintf("%d|%s", after, from) + "</resumptionToken>"
			break
		}
		after = number(id)
		page.WriteString(f.element(verb, id))
	}
	if n == 0 {
		return answer(`<error code="noRecordsMatch"/>`)
	}
	return answer("<" + verb + ">" + page.String() + token + "</" + verb + ">")
}

func number(id string) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(id, "r:"))
	return n
}

func (f *forgetful) element(verb, id string) string {
	header := `<header><identifier>` + id + `</identifier><datestamp>` + f.stamps[id].Format(time.RFC3339) + `</datestamp></header>`
	if verb == "ListIdentifiers" {
		return header
	}
	return `<record>` + header + `<metadata><dc xmlns="` + oai.DCNamespace + `"><title xmlns="` + oai.DCElements + `">` + f.stamps[id].Format(time.RFC3339) + `</title></dc></metadata></record>`
}

// TestSweeps mirrors a forgetful repository week after week, killed after random pages, and
// drops what a complete run did not name, as the catalogue does. The mirror must be right
// after every complete run, and get there without listing all records again.
func TestSweeps(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 3))
		f := &forgetful{deleted: []string{"no", "transient"}[seed%2], stamps: map[string]time.Time{}, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), asked: map[string]int{}}
		for i := range 40 + random.IntN(40) {
			f.stamps[fmt.Sprint("r:", i)] = f.now.Add(-time.Hour)
		}
		stored := map[string]string{} // identifier -> title
		named := map[string]bool{}    // since the list began
		cursor, complete := harvester.Cursor(""), 0
		adapter := New(getFunc(f.Get), func() time.Time { return f.now })
		src := harvester.Source{ID: "test", URL: "http://repository.example/oai", OAI: harvester.OAIRecipe{Prefix: "oai_dc"}}
		for week := range 12 {
			f.now = f.now.Add(8 * 24 * time.Hour)
			for finished := false; !finished; {
				from := harvester.From{Cursor: cursor, Stored: func(id string) bool { _, ok := stored[id]; return ok }}
				for page, err := range adapter.Pages(t.Context(), src, from) {
					if err != nil {
						t.Fatalf("seed %d: %v", seed, err)
					}
					for _, raw := range page.Raws {
						stored[raw.Identifier], named[raw.Identifier] = titleOf(raw.Body), true
					}
					for _, id := range page.Same {
						if _, ok := stored[id]; !ok {
							t.Errorf("seed %d: %s is said to be the same, but is not stored", seed, id)
						}
						named[id] = true
					}
					cursor, finished = page.Cursor, page.Last
					if page.Last && page.Complete {
						complete++
						maps.DeleteFunc(stored, func(id, _ string) bool { return !named[id] })
						f.compare(t, seed, stored)
					}
					if random.IntN(4) == 0 {
						break // killed
					}
				}
			}
			clear(named)
			f.change(random, week)
		}
		if f.asked["ListIdentifiers"] == 0 || complete < 3 {
			t.Errorf("seed %d: %d complete runs, requests %v", seed, complete, f.asked)
		}
		if most := 12 + 2*(80/forgetfulPage+1); f.asked["ListRecords"] > 2*most {
			t.Errorf("seed %d: %d requests for records", seed, f.asked["ListRecords"])
		}
	}
}

// change takes records out, puts new ones in, some of them with an old date, and edits.
func (f *forgetful) change(random *rand.Rand, week int) {
	ids := slices.Sorted(maps.Keys(f.stamps))
	for _, id := range ids {
		switch random.IntN(20) {
		case 0:
			delete(f.stamps, id)
		case 1:
			f.stamps[id] = f.now.Add(time.Hour)
		}
	}
	for i := range random.IntN(4) {
		stamp := f.now.Add(time.Hour)
		if random.IntN(2) == 0 {
			stamp = f.now.AddDate(0, -3, 0)
		}
		f.stamps[fmt.Sprint("r:", 1000+10*week+i)] = stamp
	}
}

func (f *forgetful) compare(t *testing.T, seed uint64, stored map[string]string) {
	t.Helper()
	for id, stamp := range f.stamps {
		if stored[id] != stamp.Format(time.RFC3339) {
			t.Errorf("seed %d: %s is %q in the mirror, %s in the repository", seed, id, stored[id], stamp)
		}
	}
	for id := range stored {
		if _, ok := f.stamps[id]; !ok {
			t.Errorf("seed %d: %s is gone and still in the mirror", seed, id)
		}
	}
}
