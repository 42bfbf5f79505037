package catalog

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ctiphub/record"
)

func TestGuardCheck(t *testing.T) {
	for name, c := range map[string]struct {
		guard                 Guard
		before, absent, fresh int
		held                  string // part of the reason; "" when it passes
	}{
		"nothing lost":               {before: 100},
		"nothing was there":          {absent: 50, fresh: 50},
		"few in number":              {before: 30, absent: 20},
		"few in share":               {before: 1000, absent: 150},
		"one more than the share":    {before: 1000, absent: 151, held: "not listed"},
		"everything":                 {before: 100, absent: 100, held: "not listed"},
		"changed identifiers":        {before: 1000, absent: 301, fresh: 301, held: "changed its identifiers"},
		"growth beside a small loss": {before: 1000, absent: 100, fresh: 5000},
		"own share":                  {guard: Guard{MaxLossPercent: 50}, before: 100, absent: 50},
		"over the own share":         {guard: Guard{MaxLossPercent: 50}, before: 100, absent: 51, held: "limit 50 %"},
		"own number":                 {guard: Guard{MaxLossRecords: 90}, before: 100, absent: 90},
		"own churn":                  {guard: Guard{MaxLossPercent: 90, MaxChurnPercent: 80}, before: 100, absent: 80, fresh: 80},
	} {
		got := c.guard.Check(c.before, c.absent, c.fresh)
		if (got == "") != (c.held == "") || !strings.Contains(got, c.held) {
			t.Errorf("%s: %q", name, got)
		}
	}
	if g := (Guard{Grace: -1}).WithDefaults(); g.Grace != -1 || g.MaxLossPercent != 15 {
		t.Errorf("defaults give %+v", g)
	}
	if g := (Guard{}).WithDefaults(); g.Grace != 7*24*time.Hour {
		t.Errorf("default grace is %v", g.Grace)
	}
}

func TestSettle(t *testing.T) {
	some := Outcome{Listed: 2, New: 1, Same: 1}
	for name, c := range map[string]struct {
		end    End
		counts Outcome
		held   string
		state  State
	}{
		"good":                      {end: End{Finished: true, Complete: true}, counts: some, state: OK},
		"rejects":                   {end: End{Finished: true}, counts: Outcome{Listed: 2, Same: 1, Rejected: 1}, state: OKWithRejects},
		"skips are no rejects":      {end: End{Finished: true}, counts: Outcome{Listed: 2, Same: 1, Skipped: 1}, state: OK},
		"skipped":                   {end: End{Skipped: "robots"}, state: SkippedRun},
		"broke off":                 {end: End{Err: "timeout"}, counts: some, state: Partial},
		"broke off at once":         {end: End{Err: "timeout"}, state: Failed},
		"broke off although held":   {end: End{Err: "timeout"}, counts: some, held: "loss", state: Partial},
		"held":                      {end: End{Finished: true, Complete: true}, counts: some, held: "loss", state: Held},
		"empty":                     {end: End{Finished: true, Complete: true}, state: Failed},
		"may be empty":              {end: End{Finished: true, Complete: true, MayBeEmpty: true}, state: OK},
		"empty incremental listing": {end: End{Finished: true}, state: OK},
		"out of balance":            {end: End{Finished: true, Complete: true}, counts: Outcome{Listed: 3, New: 1}, state: Failed},
	} {
		state, message := Settle(c.end, c.counts, c.held)
		if state != c.state {
			t.Errorf("%s: %s (%s), want %s", name, state, message, c.state)
		}
		if message == "" && state != OK {
			t.Errorf("%s: %s says nothing", name, state)
		}
	}
}

func TestOutcome(t *testing.T) {
	a := Outcome{Listed: 6, New: 1, Changed: 2, Same: 1, Rejected: 1, Skipped: 1, Deleted: 1, Held: 1}
	if sum := a.Add(a); !sum.Balanced() || sum.Deleted != 2 || sum.Held != 2 || sum.Listed != 12 {
		t.Errorf("sum is %+v", sum)
	}
	if (Outcome{Listed: 1}).Balanced() {
		t.Error("an account without entries balances")
	}
}

func TestSetSpecs(t *testing.T) {
	broader := func(theme string) []string {
		return map[string][]string{"hotline": {"counselling", "protection"}}[theme]
	}
	rec := record.Record{
		Countries: []record.Tag{{ID: "TH"}, {ID: "KH"}, {ID: "TH"}},
		Themes:    []record.Tag{{ID: "hotline"}, {ID: "law"}},
		Type:      []record.Tag{{ID: "training manual"}},
		Languages: []string{"zh-Hant", "en"},
		Origin:    record.Origin{Source: "demo"},
	}
	want := []string{"country:KH", "country:TH", "language:en", "language:zh-Hant", "source:demo", "theme:law", "theme:protection:counselling:hotline", "type:training_manual"}
	if got := SetSpecs(rec, broader); !slices.Equal(got, want) {
		t.Errorf("specs are %q, want %q", got, want)
	}
	if got := SetSpecs(record.Record{Themes: []record.Tag{{ID: "hotline"}}}, nil); !slices.Contains(got, "theme:hotline") {
		t.Errorf("without a tree the specs are %q", got)
	}
	all := WithAncestors([]string{"theme:protection:counselling:hotline", "theme:law", "source:demo"})
	if want := []string{"source", "source:demo", "theme", "theme:law", "theme:protection", "theme:protection:counselling", "theme:protection:counselling:hotline"}; !slices.Equal(all, want) {
		t.Errorf("with ancestors: %q, want %q", all, want)
	}
}

func TestPage(t *testing.T) {
	q := Query{Text: "a", Filters: map[Facet][]string{FacetCountry: {"TH", "KH"}}}
	p, at, err := Page(q)
	if err != nil || at != (Place{}) || p.Limit != 20 || p.Sort != ByRelevance {
		t.Errorf("defaults are %+v at %+v: %v", p, at, err)
	}
	if p, _, _ := Page(Query{Limit: 5000}); p.Limit != 100 {
		t.Errorf("limit is %d", p.Limit)
	}
	place := Place{At: 40, Seq: 1234, Issued: "2021-11-25/2021-11-26"}
	next := NextCursor(p, place)
	q.Cursor, q.Filters = next, map[Facet][]string{FacetCountry: {"KH", "TH"}}
	if _, at, err := Page(q); err != nil || at != place {
		t.Errorf("with the values in another order: at %+v, %v", at, err)
	}
	for name, q := range map[string]Query{
		"other text":   {Text: "b", Filters: q.Filters, Cursor: next},
		"no filter":    {Text: "a", Cursor: next},
		"other facet":  {Text: "a", Filters: map[Facet][]string{FacetTheme: {"TH", "KH"}}, Cursor: next},
		"other order":  {Text: "a", Filters: q.Filters, Sort: ByNewest, Cursor: next},
		"not base64":   {Text: "a", Filters: q.Filters, Cursor: "?"},
		"cut":          {Text: "a", Filters: q.Filters, Cursor: next[:len(next)-4]},
		"below zero":   {Text: "a", Filters: q.Filters, Cursor: NextCursor(p, Place{At: -1, Seq: 1})},
		"no place":     {Text: "a", Filters: q.Filters, Cursor: NextCursor(p, Place{At: 20})},
		"only a point": {Text: "a", Filters: q.Filters, Cursor: "Lg"},
	} {
		if _, _, err := Page(q); err != ErrCursor {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzPage(f *testing.F) {
	f.Add("a", "", "")
	f.Add("a", "TH", NextCursor(Query{Text: "a", Sort: ByRelevance, Filters: map[Facet][]string{FacetCountry: {"TH"}}}, Place{At: 20, Seq: 7, Issued: "2020.1"}))
	f.Fuzz(func(t *testing.T, text, country, cursor string) {
		q := Query{Text: text, Filters: map[Facet][]string{FacetCountry: {country}}, Cursor: cursor}
		p, at, err := Page(q)
		if err != nil {
			return
		}
		if p.Limit < 1 || cursor != "" && (at.At < 1 || at.Seq < 1) {
			t.Fatalf("%+v begins at %+v", p, at)
		}
		if cursor == "" {
			at = Place{At: 20, Seq: 1}
		}
		q.Cursor = NextCursor(p, at)
		if _, again, err := Page(q); err != nil || again != at {
			t.Fatalf("its own cursor leads to %+v, not %+v: %v", again, at, err)
		}
	})
}
