package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"ctiphub/internal/demo"
)

// ward is one simulated site under the care of a hub, run by its command line alone.
type ward struct {
	t          *testing.T
	f          *demo.Federation
	id         string
	conf, data string
}

// newWard starts a federation and configures one of its sites, with limits that fit its size.
func newWard(t *testing.T, id string) ward {
	t.Helper()
	f, err := demo.Start(t.Context(), demo.Config{Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close(context.Background()) })
	for _, s := range f.Sites() {
		if s.ID != id {
			continue
		}
		return ward{t, f, id, configFolder(t, fmt.Sprintf(`id: %s
name: %q
country: %s
kind: website
url: %s
enabled: true
politeness: {min_delay: 1us}
in_scope: true
trust: high
website: {discover: %s, item: %q, next: %q, include: ['/publications/']}
guards: {max_loss_records: 3}
`, s.ID, s.Name, s.Country, s.URL, s.Discover, s.Item, s.Next)), t.TempDir()}
	}
	t.Fatalf("there is no site %s", id)
	return ward{}
}

// ask runs a command with JSON output into v and returns its exit code.
func (w ward) ask(v any, args ...string) int {
	w.t.Helper()
	out, code := hub(w.t, append(args, "--config", w.conf, "--data", w.data, "--json")...)
	if v != nil {
		if err := json.Unmarshal([]byte(out), v); err != nil {
			w.t.Fatalf("hub %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	return code
}

// harvest visits the site and expects a state and words; the account must balance.
func (w ward) harvest(state, words string, args ...string) runJSON {
	w.t.Helper()
	var runs []runJSON
	code := w.ask(&runs, append([]string{"harvest"}, args...)...)
	if len(runs) != 1 {
		w.t.Fatalf("%d runs were reported", len(runs))
	}
	r := runs[0]
	if r.State != state || !strings.Contains(r.Message, words) {
		w.t.Errorf("the run ended %s, %q; want %s with %q", r.State, r.Message, state, words)
	}
	if r.Listed != r.New+r.Changed+r.Same+r.Rejected+r.Skipped {
		w.t.Errorf("the account does not balance: %+v", r)
	}
	if fine := strings.HasPrefix(state, "ok") || state == "skipped"; fine != (code == 0) {
		w.t.Errorf("a run that ended %s gave exit code %d", state, code)
	}
	return r
}

// live is how many records of the site readers find.
func (w ward) live() int {
	w.t.Helper()
	var list []sourceJSON
	w.ask(&list, "sources", "list")
	for _, s := range list {
		if s.ID == w.id {
			return s.Live
		}
	}
	w.t.Fatal("the source is not listed")
	return 0
}

// dated is how many exported records have a date of publication.
func (w ward) dated() int {
	w.t.Helper()
	out, code := hub(w.t, "export", "ndjson", "--config", w.conf, "--data", w.data)
	if code != 0 {
		w.t.Fatalf("the export ended with %d", code)
	}
	n := 0
	for line := range strings.Lines(out) {
		var rec struct{ Issued any }
		if err := json.Unmarshal([]byte(line), &rec); err != nil {
			w.t.Fatal(err)
		}
		if rec.Issued != nil {
			n++
		}
	}
	return n
}

// verify expects that all views of the catalogue agree.
func (w ward) verify() {
	w.t.Helper()
	if out, code := hub(w.t, "verify", "--config", w.conf, "--data", w.data); code != 0 {
		w.t.Errorf("the views of the catalogue disagree:\n%s", out)
	}
}

// TestOutOfReach: a site that cannot be had loses nothing, and each way of it has its own
// state and words.
func TestOutOfReach(t *testing.T) {
	w := newWard(t, "demo-kh-social")
	w.harvest("ok", "")
	before := w.live()
	for _, c := range []struct {
		name, state, words string
		on, off            func()
	}{
		{"a firewall", "blocked", "8f00d5c0ffee0000-SIN", func() { w.f.Suffer(w.id, demo.Firewall, true) }, func() { w.f.Suffer(w.id, demo.Firewall, false) }},
		{"an error of the server", "failed", "500", func() { w.f.Break(w.id, 500) }, func() { w.f.Break(w.id, 0) }},
		{"no answer", "failed", "", func() { w.f.Vanish(w.id, true) }, func() { w.f.Vanish(w.id, false) }},
		{"nothing listed", "failed", "listed nothing", func() { w.f.Suffer(w.id, demo.Empty, true) }, func() { w.f.Suffer(w.id, demo.Empty, false) }},
	} {
		c.on()
		w.harvest(c.state, c.words, "--full")
		c.off()
		if n := w.live(); n != before {
			t.Errorf("%s: %d of %d records are live", c.name, n, before)
		}
	}
	w.harvest("ok", "")
	w.verify()
}

// TestLossIsHeld: a site that lists half of its pages keeps all of them here until a
// curator has looked.
func TestLossIsHeld(t *testing.T) {
	w := newWard(t, "demo-kh-social")
	w.harvest("ok", "")
	before := w.live()
	w.f.Suffer(w.id, demo.Lose, true)
	w.harvest("held", "were not listed", "--full")
	if n := w.live(); n != before {
		t.Errorf("%d of %d records are live while the run is held", n, before)
	}
	var held []heldJSON
	w.ask(&held, "sources", "held")
	if len(held) != 1 || held[0].Source != w.id || held[0].Absent < 4 {
		t.Fatalf("held runs are %+v", held)
	}
	var done struct{ Absent int }
	if code := w.ask(&done, "sources", "approve", w.id, "--yes", "--raise-limit", "60", "--reason", "the agency confirmed it"); code != 0 || done.Absent != held[0].Absent {
		t.Errorf("approving ended with %d and began the grace of %d records, want %d", code, done.Absent, held[0].Absent)
	}
	w.ask(&held, "sources", "held")
	if len(held) != 0 {
		t.Errorf("still held: %+v", held)
	}
	w.harvest("ok", "", "--full") // the limit was raised
	if n := w.live(); n != before {
		t.Errorf("%d of %d records are live within their grace period", n, before)
	}
	w.verify()
}

// TestChurnIsRolledBack: a site that changed every address doubles nothing for long.
func TestChurnIsRolledBack(t *testing.T) {
	w := newWard(t, "demo-kh-social")
	w.harvest("ok", "")
	before := w.live()
	w.f.Suffer(w.id, demo.Rename, true)
	w.harvest("held", "identifiers", "--full")
	var done struct{ Withdrawn int }
	if code := w.ask(&done, "sources", "rollback", w.id, "--yes", "--reason", "a test of the site"); code != 0 || done.Withdrawn == 0 {
		t.Errorf("rolling back ended with %d and withdrew %d records", code, done.Withdrawn)
	}
	if n := w.live(); n != before {
		t.Errorf("%d records are live, want the %d of before", n, before)
	}
	w.harvest("skipped", "paused")
	w.f.Suffer(w.id, demo.Rename, false)
	if code := w.ask(nil, "sources", "resume", w.id); code != 0 {
		t.Errorf("resuming ended with %d", code)
	}
	w.harvest("ok", "")
	if n := w.live(); n != before {
		t.Errorf("%d records are live in the end, want %d", n, before)
	}
	w.verify()
}

// TestVanishedDatesAreHeld: a new template that forgets the dates takes none from the
// catalogue until a curator lets it.
func TestVanishedDatesAreHeld(t *testing.T) {
	w := newWard(t, "demo-kh-social")
	w.harvest("ok", "")
	before := w.dated()
	w.f.Suffer(w.id, demo.Undate, true)
	w.harvest("held", "date", "--full")
	if n := w.dated(); before-n >= 10 {
		t.Errorf("%d of %d records have a date while the run is held", n, before)
	}
	if code := w.ask(nil, "sources", "approve", w.id, "--yes", "--reason", "they do not publish dates any more"); code != 0 {
		t.Errorf("approving ended with %d", code)
	}
	w.harvest("ok", "")
	if n := w.dated(); n > before/4 {
		t.Errorf("%d of %d records have a date after the run was approved", n, before)
	}
	w.verify()
}

// TestRebuiltSiteIsNoticed: when other places begin to give the values, the run says so.
func TestRebuiltSiteIsNoticed(t *testing.T) {
	w := newWard(t, "demo-kh-social")
	w.harvest("ok", "")
	w.f.Suffer(w.id, demo.Rebuild, true)
	w.harvest("ok", "", "--full")
	var show struct{ Notes []codeJSON }
	w.ask(&show, "sources", "show", w.id)
	for _, n := range show.Notes {
		if n.Code == "selector-drift" && strings.Contains(n.Detail, "title") {
			return
		}
	}
	t.Errorf("the notes are %+v, want one of selector drift of the title", show.Notes)
}

// TestPurge: what came from a purged source is withdrawn, and stays so.
func TestPurge(t *testing.T) {
	w := newWard(t, "demo-kh-social")
	w.harvest("ok", "")
	if w.ask(nil, "sources", "purge", w.id); w.live() == 0 {
		t.Error("a purge without --yes withdrew everything")
	}
	if code := w.ask(nil, "sources", "purge", w.id, "--yes", "--reason", "the agency asked for it"); code != 0 || w.live() != 0 {
		t.Errorf("the purge ended with %d, %d records are live", code, w.live())
	}
	w.harvest("skipped", "purged")
	w.verify()
}
