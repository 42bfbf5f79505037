package normalizer

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// screenCase is one line of testdata/screen.tsv.
type screenCase struct{ lang, kind, text string }

// screenKinds are the words by which findings name what they saw. A number may be read as
// more than one kind: it is held either way.
var screenKinds = map[string][]string{
	"telephone": {"telephone", "account of a messenger"}, "e-mail": {"e-mail"}, "messenger": {"account of a messenger", "telephone"},
	"identity": {"identity number"}, "bank": {"bank account", "identity number", "telephone"}, "plate": {"licence plate"},
	"coordinates": {"coordinates"}, "shelter": {"shelter"}, "person": {"person", "child"}, "minor": {"child", "person"},
}

func screenTable(t *testing.T) []screenCase {
	t.Helper()
	b, err := os.ReadFile("testdata/screen.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var out []screenCase
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 3 {
			t.Fatalf("%q has %d columns, want 3", line, len(f))
		}
		text, err := strconv.Unquote(`"` + strings.ReplaceAll(f[2], `"`, `\"`) + `"`)
		if err != nil {
			t.Fatalf("%q: %v", f[2], err)
		}
		out = append(out, screenCase{f[0], f[1], text})
	}
	return out
}

// TestScreenTable holds the screen against texts of thirteen languages with personal data
// of every kind, and against what looks like it.
func TestScreenTable(t *testing.T) {
	n := normalizer(t, nil)
	missed, seen := map[string]int{}, map[string]int{}
	with, without := map[string]int{}, map[string]int{}
	for _, c := range screenTable(t) {
		got := n.personalData(plainText(c.text), nil)
		seen[c.kind]++
		if c.kind == "-" {
			without[c.lang]++
			if got != "" {
				missed[c.kind]++
				t.Errorf("%s: held as %q: %s", c.lang, got, c.text)
			}
			continue
		}
		with[c.lang]++
		if got == "" || !containsAny(got, screenKinds[c.kind]) {
			missed[c.kind]++
			t.Errorf("%s: got %q, want %s: %s", c.lang, got, c.kind, c.text)
		}
	}
	for kind, all := range seen {
		t.Logf("%s: %d of %d wrong", kind, missed[kind], all)
	}
	for lang := range strings.FieldsSeq("th km lo my vi id ms tl pt tet ta zh en") {
		if with[lang] < 6 || without[lang] < 6 {
			t.Errorf("%s: %d texts with personal data and %d without, want 6 of each", lang, with[lang], without[lang])
		}
	}
}
