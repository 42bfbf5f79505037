package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// some returns the id of a record of the ward that readers find by a word.
func (w ward) some() exportedJSON {
	w.t.Helper()
	list := w.export()
	if len(list) == 0 {
		w.t.Fatal("nothing is exported")
	}
	return list[0]
}

// exportedJSON is what these tests read of a record.
type exportedJSON struct {
	ID     string            `json:"id"`
	Title  map[string]string `json:"title"`
	Issued struct {
		EDTF string `json:"edtf"`
	} `json:"issued"`
	Themes []struct {
		ID string `json:"id"`
	} `json:"themes"`
	Override []struct {
		Field, Value, Who, Why string
	} `json:"override"`
}

func (r exportedJSON) has(theme string) bool {
	for _, t := range r.Themes {
		if t.ID == theme {
			return true
		}
	}
	return false
}

// TestCorrections: what a curator says stands over harvests, says so in exports without
// naming anybody, and ends when it is dropped.
func TestCorrections(t *testing.T) {
	w := newWard(t, "demo-kh-social")
	w.harvest("ok", "")
	id := w.some().ID
	if code := w.ask(nil, "override", "set", id, "issued", "1999-03", "--why", "seen in print"); code != 0 {
		t.Fatalf("setting a date ended with %d", code)
	}
	for args, want := range map[string]string{
		"override set " + id + " issued soon":            "no date",
		"override set " + id + " colour red":             "no field",
		"override add " + id + " themes sheltr":          "did you mean",
		"override set nosuchrecord0000 issued 2020":      "no record",
		"override drop " + id + " title@en":              "no such correction",
		"override set " + id + " title nothing-to-speak": "which language",
	} {
		cmd := strings.Fields(args)
		out, err := exec.Command(binary, append(cmd, "--config", w.conf, "--data", w.data)...).CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(string(out), want) {
			t.Errorf("hub %s: %v, %q; want exit 2 and %q", args, err, out, want)
		}
	}
	if code := w.ask(nil, "override", "add", id, "themes", "age-assessment"); code != 0 {
		t.Errorf("adding a theme ended with %d", code)
	}
	w.harvest("ok", "", "--full")
	rec := w.one(id)
	if rec.Issued.EDTF != "1999-03" || !rec.has("age-assessment") || len(rec.Override) != 2 {
		t.Errorf("after a harvest the record is %+v", rec)
	}
	for _, o := range rec.Override {
		if o.Who != "" || o.Why != "" {
			t.Errorf("an export says who corrected and why: %+v", o)
		}
	}
	var list []overrideJSON
	if w.ask(&list, "override", "list", id); len(list) != 2 || list[0].Who == "" {
		t.Errorf("the corrections are %+v", list)
	}
	if code := w.ask(nil, "override", "drop", id, "issued"); code != 0 {
		t.Errorf("dropping ended with %d", code)
	}
	if rec = w.one(id); rec.Issued.EDTF == "1999-03" || len(rec.Override) != 1 {
		t.Errorf("without the correction the record is %+v", rec)
	}
	before := w.live()
	if code := w.ask(nil, "review", "hold", id, "--why", "asked by its agency"); code != 0 || w.live() != before-1 {
		t.Errorf("holding ended with %d, %d of %d are live", code, w.live(), before)
	}
	w.harvest("ok", "", "--full")
	if w.live() != before-1 {
		t.Error("a harvest brought a held record back")
	}
	w.verify()
}

func (w ward) export() []exportedJSON {
	w.t.Helper()
	out, code := hub(w.t, "export", "ndjson", "--config", w.conf, "--data", w.data)
	if code != 0 {
		w.t.Fatalf("the export ended with %d", code)
	}
	var list []exportedJSON
	for line := range strings.Lines(out) {
		var rec exportedJSON
		if err := json.Unmarshal([]byte(line), &rec); err != nil {
			w.t.Fatal(err)
		}
		list = append(list, rec)
	}
	return list
}

func (w ward) one(id string) exportedJSON {
	w.t.Helper()
	for _, r := range w.export() {
		if r.ID == id {
			return r
		}
	}
	w.t.Fatalf("record %s is not exported", id)
	return exportedJSON{}
}

// TestNewVocabulary: a new term is a line in a file; what it changes is shown before it is
// applied to what is stored, and a harvest by the new rules finds nothing to change.
func TestNewVocabulary(t *testing.T) {
	w := newWard(t, "demo-kh-social")
	w.harvest("ok", "")
	first := w.some()
	id := first.ID
	word, _, _ := strings.Cut(first.Title["km"], " ")
	if len([]rune(word)) < 4 {
		t.Fatalf("the first record has the title %q", first.Title["km"])
	}
	vocab := filepath.Join(filepath.Dir(w.conf), "vocab")
	if err := os.CopyFS(vocab, os.DirFS("../../configs/vocab")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(vocab, "themes.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const theme = "  - id: age-assessment\n"
	added := strings.Replace(string(text), theme, "  - id: new-theme\n    label: {en: New theme}\n    keywords:\n      km: {confidence: high, terms: [\""+word+"\"]}\n"+theme, 1)
	if added == string(text) {
		t.Fatal("the vocabulary has no theme age-assessment")
	}
	if err := os.WriteFile(file, []byte(added), 0o644); err != nil {
		t.Fatal(err)
	}
	var diff struct {
		Records, Differ int
		Fields          []struct {
			Field       string
			Added, Lost int
		}
	}
	if code := w.ask(&diff, "rules", "diff"); code != 0 || diff.Differ == 0 {
		t.Fatalf("the comparison ended with %d: %+v", code, diff)
	}
	if w.one(id).has("new-theme") {
		t.Error("comparing changed a record")
	}
	if _, code := hub(t, "replay", "--config", w.conf, "--data", w.data); code != 2 {
		t.Errorf("a replay without consent ended with %d", code)
	}
	var done struct{ Changed, Same, Records int }
	if code := w.ask(&done, "replay", "--yes"); code != 0 || done.Changed < diff.Differ || done.Records != diff.Records {
		t.Errorf("the replay ended with %d: %+v after %+v", code, done, diff)
	}
	if !w.one(id).has("new-theme") {
		t.Errorf("the record has the themes %v", w.one(id).Themes)
	}
	if r := w.harvest("ok", "", "--full"); r.Changed != 0 {
		t.Errorf("a harvest by the new rules changed %d records", r.Changed)
	}
	saved := filepath.Join(t.TempDir(), "kh.txtar")
	if code := w.ask(nil, "rules", "save", id, saved); code != 0 {
		t.Fatalf("saving a case ended with %d", code)
	}
	if _, code := hub(t, "rules", "test", saved, "--config", w.conf); code != 0 {
		t.Errorf("a case made just now ended with %d", code)
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if out, code := hub(t, "rules", "test", saved, "--config", w.conf); code != 1 || !strings.Contains(out, "- new-theme") {
		t.Errorf("without the term the case ended with %d:\n%s", code, out)
	}
	w.verify()
}
