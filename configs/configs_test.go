package configs

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/tools/txtar"

	"github.com/goccy/go-yaml"

	"ctiphub/harvester"
	"ctiphub/normalizer"
)

var update = flag.Bool("update", false, "rewrite golden files")

func TestBuiltinIsValid(t *testing.T) {
	c, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Sources) < 25 {
		t.Errorf("got %d built-in sources, want at least 25", len(c.Sources))
	}
	rules := map[string]normalizer.Rules{}
	for _, s := range c.Sources {
		rules[s.ID] = s.Rules
		if s.Enabled {
			t.Errorf("source %s is enabled: an operator has to do that", s.ID)
		}
	}
	if _, err := normalizer.New(c.Vocabulary, rules); err != nil {
		t.Errorf("the built-in rules do not compile: %v", err)
	}
	if n := len(c.Vocabulary.Concepts().Scheme("country")); n < 11 {
		t.Errorf("the vocabulary has %d countries, want the eleven member states at least", n)
	}
}

// TestMistakes loads folders with one mistake each: the error must say where it is and
// what to do.
func TestMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 8 {
		t.Fatalf("found %d mistakes in testdata (%v), want at least 8", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			fsys, err := txtar.FS(ar)
			if err != nil {
				t.Fatal(err)
			}
			want, err := fs.ReadFile(fsys, "want")
			if err != nil {
				t.Fatal("the archive has no file \"want\"")
			}
			_, err = load(fsys, "hub.yaml", "conf")
			if err == nil {
				t.Fatalf("loaded without an error, want\n%s", want)
			}
			if *update {
				ar.Files[len(ar.Files)-1].Data = []byte(err.Error() + "\n")
				if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got := strings.TrimSpace(err.Error()); got != strings.TrimSpace(string(want)) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestLoadFromFolder(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("hub.yaml", "name: Test hub\nharvest: {parallel: 3}\n")
	write("sources/one.yaml", "id: one\nname: One\nkind: feed\nurl: https://one.example/feed\nenabled: true\nevery: 6h\npoliteness: {min_delay: 250ms}\nguards: {max_loss_percent: 40}\nfields:\n  title: {first: ['item:title'], then: [trim]}\ndefaults: {language: th, countries: [TH]}\n")
	c, err := Load(filepath.Join(dir, "hub.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Hub.Name != "Test hub" || c.Hub.Harvest.Parallel != 3 {
		t.Errorf("settings of the file are not taken: %+v", c.Hub)
	}
	if c.Hub.Listen != "127.0.0.1:8080" {
		t.Errorf("listen is %q: what the file does not say must come from the built-in file", c.Hub.Listen)
	}
	if len(c.Sources) != 1 {
		t.Fatalf("got %d sources, want 1", len(c.Sources))
	}
	s := c.Sources[0]
	if s.Kind != harvester.KindFeed || s.Interval().Hours() != 6 || s.Guards.MaxLossPercent != 40 || s.Defaults.Language != "th" || len(s.Fields["title"].First) != 1 {
		t.Errorf("the source lost something: %+v", s)
	}
}

func TestMissingFile(t *testing.T) {
	if _, err := Load("no/such/hub.yaml"); err == nil || !strings.Contains(err.Error(), "no/such/hub.yaml") {
		t.Errorf("got %v, want an error that names the file", err)
	}
}

// TestSchemas keeps the schemas that editors use in step with the structs, and holds
// every built-in file against them.
func TestSchemas(t *testing.T) {
	schemas, err := Schemas()
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range schemas {
		file := filepath.Join("schema", name)
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || string(want) != string(got) {
			t.Errorf("%s is not what the structs say (%v): run \"make golden\"", file, err)
		}
	}
	compiled, err := jsonschema.NewCompiler().Compile("schema/source.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	names, err := yamlFiles(builtin, "sources", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(builtin, name)
		if err != nil {
			t.Fatal(err)
		}
		var doc any
		if err := yaml.Unmarshal(data, &doc); err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := compiled.Validate(map[string]any{"id": "x1", "name": "X", "kind": "gopher", "url": "https://x.example/"}); err == nil {
		t.Error("the schema accepts an unknown kind")
	}
}
