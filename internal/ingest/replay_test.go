package ingest

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

// ruleSet is a normalizer whose rules can be changed.
type ruleSet struct {
	plain
	theme string
	hold  string // identifiers that begin so are held
	fail  string
	lose  string // identifiers that begin so are refused
}

func (r ruleSet) Normalize(raw record.Raw) (record.Record, record.Decision, error) {
	if raw.Identifier == r.fail {
		return record.Record{}, record.Decision{}, errors.New("a rule of ours is broken")
	}
	rec, d, err := r.plain.Normalize(raw)
	if r.theme != "" {
		rec.Themes = []record.Tag{{ID: r.theme, Confidence: 0.9}}
	}
	rec.Quality.Score = 50 + len(r.theme)
	if r.hold != "" && strings.HasPrefix(raw.Identifier, r.hold) {
		d = record.Decision{Verdict: record.Hold, Code: "possible-pii", Detail: "A number."}
	}
	if r.lose != "" && strings.HasPrefix(raw.Identifier, r.lose) {
		d = record.Decision{Verdict: record.Reject, Code: "no-title"}
	}
	return rec, d, err
}

func (b bed) replayer(n Normalizer) *Replayer {
	return &Replayer{Store: b.store, Normalizer: n, Now: time.Now, Logger: slog.New(slog.DiscardHandler)}
}

func quiet(Replayed) {}

func TestCompareAndReplay(t *testing.T) {
	b := newBed(t, &script{pages: 120, complete: true}, ruleSet{theme: "old"})
	if _, err := b.pipeline.Harvest(t.Context(), job("agency"), nil); err != nil {
		t.Fatal(err)
	}
	r := b.replayer(ruleSet{theme: "new", hold: "7-", fail: "3-3", lose: "4-"})
	before := live(t, b)
	c, err := r.Compare(t.Context(), []string{"agency"}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if c.Records != 1200 || c.Differ != 1199 || c.Failed != 1 || c.Withdrawn() != 10 || c.QualityBefore != 1199*53 {
		t.Errorf("compared %+v", c)
	}
	if len(c.Fields) != 1 || c.Fields[0].Field != "themes" || c.Fields[0].Added != 1189 || c.Fields[0].Lost != 1189 || len(c.Fields[0].Examples) != 2*mostExamples {
		t.Errorf("fields are %+v", c.Fields)
	}
	if got := fmt.Sprintln(len(c.Verdict), c.Verdict[0].To, c.Verdict[0].Code, c.Verdict[1].To, c.Verdict[1].Count); got != "2 hold possible-pii reject 10\n" {
		t.Errorf("verdicts are %s: %+v", got, c.Verdict)
	}
	for _, e := range c.Verdict[0].Examples {
		if e.Title != "" {
			t.Errorf("the title of a record that would be held is an example: %+v", e)
		}
	}
	if live(t, b) != before {
		t.Error("comparing changed something")
	}

	out, err := r.Replay(t.Context(), []string{"agency"}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if want := (catalog.Outcome{Listed: 1200, Changed: 1189, Rejected: 11, Held: 10}); out != want {
		t.Errorf("replayed %+v, want %+v", out, want)
	}
	for identifier, want := range map[string]string{"1-1": "new", "4-1": "old", "3-3": "old"} {
		e, err := b.store.Entry(t.Context(), record.NewID("agency", identifier))
		if err != nil || catalog.Says(e.Record, "themes") != want {
			t.Errorf("%s has the themes %v (%v), want %s", identifier, e.Record.Themes, err, want)
		}
	}
	if e, err := b.store.Entry(t.Context(), record.NewID("agency", "7-1")); err != nil || !e.Deleted {
		t.Errorf("a record that the rules now hold is still shown (%v)", err)
	}
	if c, err = r.Compare(t.Context(), []string{"agency"}, quiet); err != nil || c.Differ != 10 {
		t.Errorf("after the replay %d differ (%v), want only those that the rules refuse", c.Differ, err)
	}
}

// TestReplayBesideHarvest: whatever comes first, in the end every record is what the new
// rules make of the newest raw.
func TestReplayBesideHarvest(t *testing.T) {
	s := &script{pages: 60, complete: true}
	b := newBed(t, s, ruleSet{theme: "new"})
	old := newBed(t, s, ruleSet{theme: "old"})
	old.store = b.store
	old.pipeline.o.Store = b.store
	if _, err := old.pipeline.Harvest(t.Context(), job("agency"), nil); err != nil {
		t.Fatal(err)
	}
	r := b.replayer(ruleSet{theme: "new"})
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := r.Replay(t.Context(), []string{"agency"}, quiet); err != nil {
			t.Error(err)
		}
	})
	wg.Go(func() {
		j := job("agency")
		j.Full = true
		if _, err := b.pipeline.Harvest(t.Context(), j, nil); err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
	list, err := b.store.Entries(t.Context(), record.Range{})
	if err != nil || len(list) != 600 {
		t.Fatalf("%d entries (%v)", len(list), err)
	}
	for _, e := range list {
		if catalog.Says(e.Record, "themes") != "new" {
			t.Errorf("%s has the themes %s", e.Record.Origin.Identifier, catalog.Says(e.Record, "themes"))
		}
	}
	found, err := b.store.Verify(t.Context())
	if err != nil || len(found) > 0 {
		t.Errorf("the views disagree: %v %v", found, err)
	}
}
