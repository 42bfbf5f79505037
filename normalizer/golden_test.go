package normalizer

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"golang.org/x/tools/txtar"

	"ctiphub/record"
)

var update = flag.Bool("update", false, "rewrite the golden files from what comes out now")

// goldenRaw is how a golden file describes a raw.
type goldenRaw struct {
	Source     string        `yaml:"source"`
	Identifier string        `yaml:"identifier"`
	URL        string        `yaml:"url"`
	Format     string        `yaml:"format"`
	MediaType  string        `yaml:"media_type"`
	Deleted    bool          `yaml:"deleted"`
	Hints      []record.Hint `yaml:"hints"`
	Rules      Rules         `yaml:"rules"`
}

// outcome is what a golden file expects.
type outcome struct {
	Decision record.Decision
	Record   record.Record
}

// TestGolden runs testdata/golden/*.txtar: the file "raw" says where "body" came from,
// "want" what it has to become.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/golden/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			n, raw := openGolden(t, archive)
			rec, dec, err := n.Normalize(raw)
			if err != nil {
				t.Fatal(err)
			}
			got := dump(t, outcome{dec, rec})
			want := part(archive, "want")
			if *update {
				want.Data = got
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if !bytes.Equal(got, want.Data) {
				t.Errorf("the record differs from the golden file (run with -update and read the diff)\n%s", firstDifference(string(want.Data), string(got)))
			}
		})
	}
}

func openGolden(t *testing.T, archive *txtar.Archive) (*Normalizer, record.Raw) {
	t.Helper()
	var g goldenRaw
	if err := yaml.UnmarshalWithOptions(part(archive, "raw").Data, &g, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	n, err := New(vocabulary(t), map[string]Rules{g.Source: g.Rules})
	if err != nil {
		t.Fatal(err)
	}
	return n, record.Raw{
		Source: g.Source, Identifier: g.Identifier, URL: g.URL, Format: record.Format(g.Format), MediaType: g.MediaType, Deleted: g.Deleted, Hints: g.Hints,
		Status: 200, Fetched: time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC), Datestamp: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), Body: part(archive, "body").Data,
	}
}

// part returns a file of an archive, added when it is not there yet.
func part(a *txtar.Archive, name string) *txtar.File {
	for i := range a.Files {
		if a.Files[i].Name == name {
			return &a.Files[i]
		}
	}
	a.Files = append(a.Files, txtar.File{Name: name})
	return &a.Files[len(a.Files)-1]
}

// dump writes an outcome for people to review: without empty fields, and each assertion,
// finding and piece of evidence on one line.
func dump(t *testing.T, o outcome) []byte {
	t.Helper()
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	write(&out, prune(v), 0)
	out.WriteByte('\n')
	return out.Bytes()
}

func prune(v any) any {
	switch x := v.(type) {
	case map[string]any:
		for k, e := range x {
			if e = prune(e); e == nil {
				delete(x, k)
			} else {
				x[k] = e
			}
		}
		if len(x) == 0 {
			return nil
		}
	case []any:
		if len(x) == 0 {
			return nil
		}
		for i := range x {
			x[i] = prune(x[i])
		}
	case string:
		if x == "" || x == "0001-01-01T00:00:00Z" {
			return nil
		}
	case float64:
		if x == 0 {
			return nil
		}
	case bool:
		if !x {
			return nil
		}
	}
	return v
}

// write indents down to the entries of lists, which stay on one line.
func write(out *bytes.Buffer, v any, depth int) {
	m, isMap := v.(map[string]any)
	list, isList := v.([]any)
	line, _ := marshal(v)
	if !isMap && !isList || len(line) < 100 || isMap && depth > 3 {
		out.Write(line)
		return
	}
	pad := strings.Repeat("  ", depth+1)
	if isList {
		out.WriteString("[")
		for i, e := range list {
			if i > 0 {
				out.WriteString(",")
			}
			out.WriteString("\n" + pad)
			b, _ := marshal(e)
			out.Write(b)
		}
		out.WriteString("\n" + pad[2:] + "]")
		return
	}
	out.WriteString("{")
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for i, k := range keys {
		if i > 0 {
			out.WriteString(",")
		}
		b, _ := marshal(k)
		out.WriteString("\n" + pad + string(b) + ": ")
		write(out, m[k], depth+1)
	}
	out.WriteString("\n" + pad[2:] + "}")
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	var b strings.Builder
	for i, shown := 0, 0; i < max(len(w), len(g)) && shown < 6; i++ {
		var a, c string
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			c = g[i]
		}
		if a != c {
			shown++
			b.WriteString("-" + a + "\n+" + c + "\n")
		}
	}
	return b.String()
}
