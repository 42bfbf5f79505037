package sqlstore

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"ctiphub/catalog"
	"ctiphub/catalog/catalogtest"
	"ctiphub/record"
)

var testTime = time.Date(2025, 3, 1, 8, 0, 0, 0, time.UTC)

// store applies records with these titles, whose identifiers are their titles.
func store(t testing.TB, s *Store, change func(*record.Record), titles ...string) {
	t.Helper()
	b := catalog.Batch{Source: "demo", Now: testTime}
	for _, title := range titles {
		rec := record.Record{Title: record.Texts{"en": title}, Countries: []record.Tag{{ID: "TH"}}, Themes: []record.Tag{{ID: "hotline"}}}
		if change != nil {
			change(&rec)
		}
		b.Items = append(b.Items, catalog.Item{
			Raw:    record.Raw{Source: "demo", Identifier: title, Format: record.FormatHTML, Body: []byte(title)},
			Record: rec, Decision: record.Decision{Verdict: record.Publish},
		})
	}
	run, err := s.Begin(t.Context(), catalog.Begin{Source: "demo", Now: testTime, Owner: "a"})
	if err != nil {
		t.Fatal(err)
	}
	b.Run = run.ID
	if _, err := s.Apply(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Finish(t.Context(), catalog.End{Run: run.ID, Now: testTime, Finished: true}); err != nil {
		t.Fatal(err)
	}
}

func search(t testing.TB, s *Store, q catalog.Query) catalog.Result {
	t.Helper()
	res, err := s.Search(t.Context(), q)
	if err != nil {
		t.Fatalf("searching %+v: %v", q, err)
	}
	return res
}

// sets prints the sets in use.
func sets(t testing.TB, s *Store) string {
	t.Helper()
	list, err := s.Sets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(list)
}

func mustExec(t testing.TB, s *Store, query string, args ...any) {
	t.Helper()
	if _, err := s.write.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

func TestRebuild(t *testing.T) {
	path := t.TempDir() + "/catalogue.db"
	s := open(t, path)
	titles := make([]string, 1203)
	for i := range titles {
		titles[i] = fmt.Sprintf("record number%d", i)
	}
	store(t, s, nil, titles...)
	store(t, s, func(r *record.Record) { r.Themes = []record.Tag{{ID: "shelter"}} }, "other")
	want, before := sets(t, s), search(t, s, catalog.Query{Text: "number7"})
	entry := before.Hits[0].Entry
	counts := fmt.Sprint(search(t, s, catalog.Query{}).Facets)

	t.Run("a damaged index", func(t *testing.T) {
		mustExec(t, s, `INSERT INTO search (search) VALUES ('delete-all')`)
		mustExec(t, s, `DELETE FROM member`)
		mustExec(t, s, `UPDATE spec SET members = 0`)
		mustExec(t, s, `UPDATE record SET facets = 'country:XX'`)
		if res := search(t, s, catalog.Query{Text: "number7"}); res.Total != 0 {
			t.Fatalf("the index is not damaged: %+v", res)
		}
		if err := s.Rebuild(t.Context(), testTime); err != nil {
			t.Fatal(err)
		}
		res := search(t, s, catalog.Query{Text: "number7"})
		if res.Total != 1 || res.Hits[0].Entry.Seq != entry.Seq {
			t.Errorf("found %+v, want entry %d", res.Hits, entry.Seq)
		}
		if got := sets(t, s); got != want {
			t.Errorf("sets are %s, want %s", got, want)
		}
		again := open(t, path)
		for _, st := range []*Store{s, again} {
			if got := fmt.Sprint(search(t, st, catalog.Query{}).Facets); got != counts {
				t.Errorf("facets are %s, want %s", got, counts)
			}
		}
	})
	t.Run("another tree of themes", func(t *testing.T) {
		s.o.Broader = func(theme string) []string {
			if theme == "shelter" {
				return []string{"housing"}
			}
			return catalogtest.Broader(theme)
		}
		if err := s.Rebuild(t.Context(), testTime.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		list, err := s.Entries(t.Context(), record.Range{Set: "theme:housing"})
		if err != nil || len(list) != 1 || !list[0].Stamp.Equal(testTime.Add(time.Hour)) {
			t.Errorf("the new set holds %+v, %v", list, err)
		}
		if got := search(t, s, catalog.Query{Text: "number7"}).Hits[0].Entry.Seq; got != entry.Seq {
			t.Errorf("a record whose sets are the same moved from %d to %d", entry.Seq, got)
		}
		if n, _ := s.Count(t.Context(), record.Range{Set: "theme:protection:shelter"}); n != 0 {
			t.Errorf("the old set still holds %d", n)
		}
	})
}

func TestFacetsAreSaved(t *testing.T) {
	path := t.TempDir() + "/catalogue.db"
	first, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	odd := func(r *record.Record) { r.Languages = []string{`x y"z`, "a:b%20", ""} }
	store(t, first, odd, "one", "two")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}

	second := open(t, path)
	if second.saved.Load() == 0 || second.saved.Load() != second.followed.Load() {
		t.Errorf("after a close, %d is saved and %d followed", second.saved.Load(), second.followed.Load())
	}
	store(t, second, odd, "three")
	store(t, second, func(r *record.Record) { r.Languages = []string{"th"} }, "one")
	want := fmt.Sprint(search(t, second, catalog.Query{}).Facets)
	if !strings.Contains(want, `x y"z 2`) || !strings.Contains(want, "a:b%20 2") || !strings.Contains(want, "th 1") {
		t.Errorf("facets are %s", want)
	}
	if n := search(t, second, catalog.Query{Text: "two", Filters: map[catalog.Facet][]string{catalog.FacetLanguage: {`x y"z`}}}).Total; n != 1 {
		t.Errorf("a filter on an odd value finds %d", n)
	}

	crashed := open(t, path) // what second did is only in the change log
	if got := fmt.Sprint(search(t, crashed, catalog.Query{}).Facets); got != want {
		t.Errorf("after a crash the facets are %s, want %s", got, want)
	}
	mustExec(t, crashed, `DELETE FROM facet`)
	mustExec(t, crashed, `UPDATE counter SET value = 0 WHERE name = 'facets'`)
	if got := fmt.Sprint(search(t, open(t, path), catalog.Query{}).Facets); got != want {
		t.Errorf("built from the records the facets are %s, want %s", got, want)
	}
}

func TestFacetTokens(t *testing.T) {
	values := map[catalog.Facet][]string{catalog.FacetCountry: {"TH", "KH"}, catalog.FacetTheme: {"a b", `"`, "x:y", "é+%"}}
	if got := readFacets(writeFacets(values)); fmt.Sprint(got) != fmt.Sprint(values) {
		t.Errorf("%v comes back as %v", values, got)
	}
	if got := readFacets("nonsense country: type:%zz"); len(got[catalog.FacetType]) != 0 {
		t.Errorf("broken text gives %v", got)
	}
}

func TestMetrics(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	path := t.TempDir() + "/catalogue.db"
	s, err := Open(t.Context(), path, Options{Registerer: reg})
	if err != nil {
		t.Fatal(err)
	}
	store(t, s, nil, "one", "two")
	search(t, s, catalog.Query{})
	want := `
# HELP hub_catalog_records Records by state; a tombstone may be held as well.
# TYPE hub_catalog_records gauge
hub_catalog_records{state="deleted"} 0
hub_catalog_records{state="held"} 0
hub_catalog_records{state="live"} 2
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "hub_catalog_records"); err != nil {
		t.Error(err)
	}
	if n, err := testutil.GatherAndCount(reg); err != nil || n != 5 {
		t.Errorf("%d metrics, %v", n, err)
	}
	if _, err := Open(t.Context(), path, Options{Registerer: reg}); err == nil {
		t.Error("two stores have the same metrics in one registry")
	}
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "hub_catalog_records"); err != nil {
		t.Errorf("the store that could not be opened took the names with it: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(t.Context(), path, Options{Registerer: reg})
	if err != nil {
		t.Fatalf("after Close, the names are still taken: %v", err)
	}
	again.Close()
}

func TestSnapshot(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir+"/catalogue.db")
	store(t, s, nil, "one", "two")
	if err := s.Snapshot(t.Context(), dir+"/copy with ? and #.db"); err != nil {
		t.Fatal(err)
	}
	store(t, s, nil, "three")
	copied := open(t, dir+"/copy with ? and #.db")
	if n := search(t, copied, catalog.Query{Text: "two"}).Total; n != 1 {
		t.Errorf("the copy finds %d", n)
	}
	if n := search(t, copied, catalog.Query{}).Total; n != 2 {
		t.Errorf("the copy holds %d", n)
	}
	if v, err := copied.SchemaVersion(t.Context()); err != nil || v < 2 {
		t.Errorf("version %d, %v", v, err)
	}
}

func TestOpenFails(t *testing.T) {
	if _, err := Open(t.Context(), t.TempDir()+"/no/such/folder/c.db", Options{}); err == nil {
		t.Error("a catalogue in a folder that does not exist was opened")
	}
}

// TestManyHits asks for more than is ranked: titles first, nothing lost or repeated.
func TestManyHits(t *testing.T) {
	s := open(t, t.TempDir()+"/catalogue.db")
	titles := make([]string, rankLimit+400)
	for i := range titles {
		titles[i] = fmt.Sprint("record", i)
	}
	store(t, s, func(r *record.Record) {
		r.Description = record.Texts{"en": "a word"}
		if strings.HasSuffix(r.Title["en"], "7") {
			r.Title = record.Texts{"en": r.Title["en"] + " word"}
		}
	}, titles...)
	q := catalog.Query{Text: "word", Limit: 90}
	var got []string
	for {
		res := search(t, s, q)
		if res.Note != byTitle || res.Total != len(titles) {
			t.Fatalf("note %q, total %d", res.Note, res.Total)
		}
		for _, h := range res.Hits {
			got = append(got, h.Entry.Record.Origin.Identifier)
		}
		if q.Cursor = res.Next; q.Cursor == "" {
			break
		}
	}
	for i, id := range got {
		if inTitle := strings.HasSuffix(id, "7"); inTitle != (i < len(titles)/10) {
			t.Fatalf("hit %d of %d is %s", i, len(got), id)
		}
	}
	slices.Sort(got)
	if got = slices.Compact(got); len(got) != len(titles) {
		t.Errorf("%d of %d were found", len(got), len(titles))
	}
	for _, common := range []catalog.Sort{catalog.ByNewest, catalog.ByIssued} {
		if n := len(search(t, s, catalog.Query{Text: "word", Sort: common, Limit: 5}).Hits); n != 5 {
			t.Errorf("by %s: %d hits", common, n)
		}
	}
}

func TestTidy(t *testing.T) {
	s := open(t, t.TempDir()+"/catalogue.db")
	segments := func() (n int) {
		if err := s.read.QueryRowContext(t.Context(), `SELECT count(DISTINCT segid) FROM search_idx`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for i := range 5 {
		store(t, s, nil, fmt.Sprint("one ", i))
	}
	if n := segments(); n != 5 {
		t.Errorf("small runs left %d segments: merging each time costs too much", n)
	}
	titles := make([]string, tidyFrom)
	for i := range titles {
		titles[i] = fmt.Sprint("big ", i)
	}
	store(t, s, nil, titles...)
	if n := segments(); n != 1 {
		t.Errorf("after a big run there are %d segments", n)
	}
	if n := search(t, s, catalog.Query{Text: "one"}).Total; n != 5 {
		t.Errorf("%d found after merging", n)
	}
}

func TestInParallel(t *testing.T) {
	seen := make([]bool, 100)
	if err := inParallel(len(seen), func(i int) error { seen[i] = true; return nil }); err != nil || slices.Contains(seen, false) {
		t.Errorf("%v, %v", seen, err)
	}
	bad := errors.New("bad")
	if err := inParallel(100, func(i int) error {
		if i == 57 {
			return bad
		}
		return nil
	}); !errors.Is(err, bad) {
		t.Errorf("the error is %v", err)
	}
	if err := inParallel(0, nil); err != nil {
		t.Error(err)
	}
}

// FuzzSearch makes sure that no text is an expression that the engine refuses.
func FuzzSearch(f *testing.F) {
	for _, text := range []string{"", `"`, "a AND", "NEAR(a b)", "title:x", "*", "ผู้", "a'b", "-x", "^y", "{a} : b", "\x00", "NOT NOT", "人"} {
		f.Add(text, "TH")
	}
	s := open(f, f.TempDir()+"/catalogue.db")
	store(f, s, nil, "one", "two ผู้เสียหาย")
	f.Fuzz(func(t *testing.T, text, country string) {
		for _, sort := range []catalog.Sort{catalog.ByRelevance, catalog.ByNewest} {
			q := catalog.Query{Text: text, Sort: sort, Filters: map[catalog.Facet][]string{catalog.FacetCountry: {country}}}
			res := search(t, s, q)
			if len(res.Hits) != res.Total {
				t.Fatalf("%+v: %d hits, total %d", q, len(res.Hits), res.Total)
			}
			q.Filters = nil
			search(t, s, q)
		}
	})
}

// TestStampIsOfTheCommit lets a transaction take long: what it changed is stamped with the
// time at which others could see it.
func TestStampIsOfTheCommit(t *testing.T) {
	s := filled(t, 3)
	now := time.Date(2026, 6, 2, 0, 0, 0, 0, time.UTC)
	err := s.change(t.Context(), now, func(c *commit) error {
		c.began = c.began.Add(-90 * time.Second)
		_, _, err := c.buryBlock(t.Context(), `source = $1`, "agency")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.Entries(t.Context(), record.Range{From: now.Add(time.Minute)})
	if err != nil || len(list) != 3 || list[0].Stamp.Before(now.Add(90*time.Second)) {
		t.Errorf("%d entries since the commit, %v: %+v", len(list), err, list)
	}
}
