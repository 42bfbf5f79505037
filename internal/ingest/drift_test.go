package ingest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"ctiphub/catalog"
	"ctiphub/catalog/sqlstore"
	"ctiphub/harvester"
	"ctiphub/record"
)

// chosen reads "title css:h1 40, issued meta:DC.date 30".
func chosen(t *testing.T, text string) []catalog.Choice {
	t.Helper()
	var list []catalog.Choice
	for part := range strings.SplitSeq(text, ", ") {
		var c catalog.Choice
		if n, err := fmt.Sscanf(part, "%s %s %d", &c.Field, &c.Rule, &c.Count); n != 3 && part != "" {
			t.Fatalf("%q: %v", part, err)
		}
		if part != "" {
			list = append(list, c)
		}
	}
	return list
}

func TestDrift(t *testing.T) {
	for name, c := range map[string]struct{ before, now, want string }{
		"the same":             {"title css:h1 40, issued meta:date 38", "title css:h1 50, issued meta:date 47", ""},
		"first run":            {"", "title css:h1 50", ""},
		"nothing read":         {"title css:h1 40", "", ""},
		"too few before":       {"title css:h1 19", "title css:h2 40", ""},
		"too few now":          {"title css:h1 40", "title css:h2 19", ""},
		"fallback took over":   {"title css:h1.name 40", "title og:title 39, title css:h1.name 1", "title came from css:h1.name in 100 % of the records, now in 2 % (og:title sets it in 98 %)"},
		"exactly half":         {"title css:h1 40", "title css:h1 20, title og:title 20", ""},
		"just below half":      {"title css:h1 40", "title css:h1 19, title og:title 21", "title came from css:h1"},
		"was never the usual":  {"title css:h1 20, title og:title 20", "title og:title 40", ""},
		"60 percent is usual":  {"title css:h1 24, title og:title 16", "title og:title 40", "title came from css:h1 in 60 %"},
		"dates vanished":       {"title css:h1 40, issued meta:date 40", "title css:h1 40, issued meta:date 15", "issued was found in 100 % of the records, now in 38 %"},
		"field gone":           {"title css:h1 40, issued meta:date 40", "title css:h1 40", "issued was found in 100 % of the records, now in 0 %"},
		"titles gone":          {"title css:h1 40, issued meta:date 40", "issued meta:date 40", "title was found in 100 % of the records, now in 0 %"},
		"rare field gone":      {"title css:h1 40, license css:.cc 10", "title css:h1 40", ""},
		"more records now":     {"title css:h1 40, issued meta:date 20", "title css:h1 400, issued meta:date 190", ""},
		"rare now, same share": {"title css:h1 400, issued meta:date 40", "title css:h1 100, issued text:date 10", ""},
		"several fields":       {"title css:h1 40, issued meta:date 40", "title og:title 40, issued text:date 40", "; title came from css:h1"},
	} {
		t.Run(name, func(t *testing.T) {
			notes := drift(chosen(t, c.before), chosen(t, c.now))
			if c.want == "" {
				if len(notes) > 0 {
					t.Fatalf("got %+v, want no alarm", notes)
				}
				return
			}
			if len(notes) != 1 || notes[0].Code != CodeDrift || !strings.Contains(notes[0].Detail, c.want) || !strings.Contains(notes[0].Detail, "Likely cause") {
				t.Errorf("got %+v, want %q", notes, c.want)
			}
		})
	}
}

func TestChoices(t *testing.T) {
	item := func(format record.Format, deleted bool, list ...record.Assertion) catalog.Item {
		return catalog.Item{Raw: record.Raw{Format: format, Deleted: deleted}, Record: record.Record{Provenance: list}}
	}
	got := choices([]catalog.Item{
		item(record.FormatHTML, false,
			record.Assertion{Field: "title", Lang: "th", Rule: "css:h1"}, record.Assertion{Field: "title", Lang: "en", Rule: "og:title"},
			record.Assertion{Field: "themes", Rule: "vocab:themes/shelter/en/safe house"}, record.Assertion{Field: "themes", Rule: "vocab:themes/referral/en/referral"}),
		item(record.FormatHTML, false, record.Assertion{Field: "title", Rule: "mine", Flag: record.Curator}, record.Assertion{Field: "title", Rule: "css:h1"}),
		item(record.FormatHTML, true, record.Assertion{Field: "title", Rule: "css:h1"}),
		item(record.FormatCTIP, false, record.Assertion{Field: "title", Rule: "dc:title"}),
	})
	want := []catalog.Choice{{Field: "themes", Rule: "vocab:themes", Count: 1}, {Field: "title", Rule: "css:h1", Count: 2}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// ruled gives each title by the rule of the day.
type ruled struct{ rule *string }

func (r ruled) Normalize(raw record.Raw) (record.Record, record.Decision, error) {
	rec, decision, err := plain{}.Normalize(raw)
	rec.Provenance = []record.Assertion{{Field: "title", Rule: *r.rule, Confidence: 1}}
	return rec, decision, err
}

// keeper remembers notes and choices of runs beside a real catalogue, so that the test
// looks at what the pipeline hands over and not at how it is stored.
type keeper struct {
	*sqlstore.Store
	notes   map[int64][]record.Finding
	choices map[int64][]catalog.Choice
}

func (k *keeper) Apply(ctx context.Context, b catalog.Batch) (catalog.Outcome, error) {
	k.notes[b.Run] = append(k.notes[b.Run], b.Notes...)
	k.choices[b.Run] = append(k.choices[b.Run], b.Choices...)
	return k.Store.Apply(ctx, b)
}

func (k *keeper) Notes(_ context.Context, run int64) ([]record.Finding, error) {
	return k.notes[run], nil
}

func (k *keeper) Choices(_ context.Context, run int64) ([]catalog.Choice, error) {
	return k.choices[run], nil
}

func (k *keeper) Baseline(_ context.Context, _ string, before int64) ([]catalog.Choice, error) {
	return k.choices[before-1], nil
}

// newKeptBed is newBed with a keeper.
func newKeptBed(t *testing.T, adapter harvester.Adapter, norm Normalizer) (bed, *keeper) {
	t.Helper()
	b := newBed(t, adapter, norm)
	k := &keeper{Store: b.store, notes: map[int64][]record.Finding{}, choices: map[int64][]catalog.Choice{}}
	b.pipeline.o.Store = k
	return b, k
}

// TestDriftIsNoted has a site that is rebuilt between two runs: the second is as good as the
// first, and carries the alarm.
func TestDriftIsNoted(t *testing.T) {
	rule := "css:h1.title"
	s := &script{pages: 4, complete: true}
	b, kept := newKeptBed(t, s, ruled{&rule})
	for _, rule = range []string{"css:h1.title", "og:title"} {
		j := job("agency")
		j.Full = true
		run, err := b.pipeline.Harvest(t.Context(), j, nil)
		if err != nil {
			t.Fatal(err)
		}
		notes, err := kept.Notes(t.Context(), run.ID)
		if err != nil {
			t.Fatal(err)
		}
		alarmed := len(notes) == 1 && notes[0].Code == CodeDrift && notes[0].Field == "title"
		if want := rule == "og:title"; alarmed != want || run.State != catalog.OK {
			t.Errorf("with %s the run ended %s with the notes %+v", rule, run.State, notes)
		}
	}
	if got := testutil.ToFloat64(b.pipeline.metrics.drift.WithLabelValues("agency")); got != 1 {
		t.Errorf("hub_harvest_drift_total is %v, want 1", got)
	}
}

// TestNotesAreKept: what an adapter found odd is in the run's account.
func TestNotesAreKept(t *testing.T) {
	s := &script{pages: 2, complete: true, note: record.Finding{Code: "odd-dates", Detail: "dates lie in the future"}}
	b, kept := newKeptBed(t, s, plain{})
	run, err := b.pipeline.Harvest(t.Context(), job("agency"), nil)
	if err != nil {
		t.Fatal(err)
	}
	notes, err := kept.Notes(t.Context(), run.ID) // of each page; the catalogue keeps one
	if err != nil || len(notes) != 2 || notes[0].Code != "odd-dates" {
		t.Errorf("the run's notes are %+v (%v), want the one of its pages", notes, err)
	}
}
