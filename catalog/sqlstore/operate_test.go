package sqlstore

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

// filled is a store with some records.
func filled(t *testing.T, n int) *Store {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "catalog.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	harvest(t, s, n)
	return s
}

// harvest stores n records of the source "agency".
func harvest(t *testing.T, s *Store, n int) catalog.Run {
	t.Helper()
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	run, err := s.Begin(t.Context(), catalog.Begin{Source: "agency", Full: true, Now: now, Owner: "test"})
	if err != nil {
		t.Fatal(err)
	}
	b := catalog.Batch{Source: "agency", Run: run.ID, Now: now}
	for i := range n {
		name := fmt.Sprintf("guide %d", i)
		b.Items = append(b.Items, catalog.Item{
			Raw:      record.Raw{Source: "agency", Identifier: name, Format: record.FormatHTML, Body: []byte(name)},
			Record:   record.Record{Title: record.Texts{"en": name}, Countries: []record.Tag{{ID: "KH", Confidence: 1}}},
			Decision: record.Decision{Verdict: record.Publish},
		})
	}
	if _, err := s.Apply(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	run, err = s.Finish(t.Context(), catalog.End{Run: run.ID, Now: now, Finished: true, Complete: true})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// TestVerifyFindsDamage damages each view in turn.
func TestVerifyFindsDamage(t *testing.T) {
	for name, c := range map[string]struct{ damage, what string }{
		"search index lacks a record": {`DELETE FROM search WHERE rowid = (SELECT min(num) FROM record)`, "search index"},
		"tally is off":                {`UPDATE tally SET live = live + 1`, "count of agency"},
		"a set lost a member":         {`DELETE FROM member WHERE seq = (SELECT max(seq) FROM record)`, "set country:KH"},
		"content is gone":             {`DELETE FROM content WHERE num = (SELECT max(num) FROM record)`, "content"},
		"a record was hidden by hand": {`UPDATE record SET visible = 0 WHERE num = (SELECT max(num) FROM record)`, "facets"},
	} {
		t.Run(name, func(t *testing.T) {
			s := filled(t, 5)
			if found, err := s.Verify(t.Context()); err != nil || len(found) > 0 {
				t.Fatalf("before the damage: %+v (%v)", found, err)
			}
			if _, err := s.write.ExecContext(t.Context(), c.damage); err != nil {
				t.Fatal(err)
			}
			found, err := s.Verify(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range found {
				if strings.Contains(m.What, c.what) && m.Want != m.Got {
					return
				}
			}
			t.Errorf("found %+v, want one about %q", found, c.what)
		})
	}
}

// TestFinishNotesDisagreement: a run after which the counts differ says so.
func TestFinishNotesDisagreement(t *testing.T) {
	s := filled(t, 5)
	if _, err := s.write.ExecContext(t.Context(), `UPDATE tally SET live = live + 3`); err != nil {
		t.Fatal(err)
	}
	run := harvest(t, s, 5)
	notes, err := s.Notes(t.Context(), run.ID)
	if err != nil || len(notes) != 1 || notes[0].Code != codeViewsDisagree {
		t.Errorf("the notes are %+v (%v)", notes, err)
	}
}

// TestMigrateKeepsRecords: a catalogue of the version before opens with all it had.
func TestMigrateKeepsRecords(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.db")
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	harvest(t, s, 12)
	p, err := s.provider()
	if err == nil {
		_, err = p.DownTo(t.Context(), 2)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	if s, err = Open(t.Context(), path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if n, err := s.Count(t.Context(), record.Range{}); err != nil || n != 12 {
		t.Errorf("%d records are left (%v)", n, err)
	}
	if run := harvest(t, s, 12); run.State != catalog.OK || run.Counts.Same != 12 {
		t.Errorf("the next harvest ended %s with %+v", run.State, run.Counts)
	}
	if found, err := s.Verify(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("the views disagree: %+v (%v)", found, err)
	}
}

// TestDeadLinksOfAnotherProcess: what one process found is known to the next one.
func TestDeadLinksOfAnotherProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.db")
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.write.ExecContext(t.Context(), `INSERT INTO link (url, source, status, checked, next, failures, since, methods, code, moved) VALUES ('https://a.example/f.pdf', 'agency', 'dead', 1, 1, 3, 1, 'GET HEAD', 404, '')`); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if s, err = Open(t.Context(), path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	changed, rec := s.mark(record.Record{Files: []record.File{{URL: "https://a.example/f.pdf"}, {URL: "https://a.example/g.pdf"}}})
	if !changed || rec.Files[0].Status != deadLink || rec.Files[1].Status != "" {
		t.Errorf("got %+v", rec.Files)
	}
}
