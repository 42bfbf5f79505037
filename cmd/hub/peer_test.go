package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"ctiphub/internal/ctip"
	"ctiphub/record"
)

// TestPeers lets harvesters that know nothing of the hub's inside take everything.
func TestPeers(t *testing.T) {
	data := t.TempDir()
	d := startDemo(t, data)
	defer d.stop(t)
	t.Run("HTTP::OAI", func(t *testing.T) { harvestWithPerl(t, d.base) })
	t.Run("xmllint", func(t *testing.T) { validateAnswers(t, d.base) })
	t.Run("second hub", func(t *testing.T) { harvestWithSecondHub(t, d.base, filepath.Join(data, "demo")) })
}

// harvestWithPerl takes both formats with HTTP::OAI and compares with our own listing.
func harvestWithPerl(t *testing.T, base string) {
	for _, prefix := range []string{"oai_dc", "ctip"} {
		cmd := exec.Command("perl", "testdata/harvest.pl", base+"/oai", prefix)
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		if err := cmd.Run(); err != nil {
			t.Fatalf("harvesting %s with HTTP::OAI (Debian package libhttp-oai-perl): %v\n%s", prefix, err, errs.String())
		}
		if errs.Len() > 0 {
			t.Errorf("HTTP::OAI complains about %s: %s", prefix, errs.String())
		}
		want := list(t, base, prefix)
		for line := range strings.Lines(out.String()) {
			f := strings.Split(strings.TrimRight(line, "\n"), "\t")
			if len(f) != 4 {
				t.Fatalf("unexpected line %q", line)
			}
			if !want[f[0]] {
				t.Errorf("HTTP::OAI got %s twice, or we do not list it", f[0])
			}
			delete(want, f[0])
			if prefix == "oai_dc" && f[2] == "live" && f[3] == "" {
				t.Errorf("%s has no title", f[0])
			}
		}
		if len(want) > 0 {
			t.Errorf("HTTP::OAI missed %d records of %s", len(want), prefix)
		}
	}
}

// harvestWithSecondHub has another hub pull the first one as ctip: both must hold equal
// records, and the second must say where they came from.
func harvestWithSecondHub(t *testing.T, base, firstData string) {
	conf, data := configFolder(t, fmt.Sprintf(`id: first-hub
name: The first hub
kind: oai-pmh
url: %s/oai
enabled: true
politeness: {min_delay: 1ms}
trust: high
in_scope: true
`, base)), t.TempDir()
	if out, code := hub(t, "harvest", "--config", conf, "--data", data); code != 0 {
		t.Fatalf("harvesting the first hub: exit %d\n%s", code, out)
	}
	want, got := exported(t, "--data", firstData), exported(t, "--config", conf, "--data", data)
	if len(want) < 500 || len(got) != len(want) {
		t.Errorf("the first hub has %d records, the second %d", len(want), len(got))
	}
	byID := map[string]record.Record{}
	for _, rec := range got {
		byID[rec.Origin.Identifier[strings.LastIndexByte(rec.Origin.Identifier, ':')+1:]] = rec
	}
	different := 0
	for _, rec := range want {
		twin, ok := byID[string(rec.ID)]
		if !ok {
			t.Errorf("the second hub misses %s (%s)", rec.ID, rec.Origin.Source)
			continue
		}
		if a, b := ctip.Content(rec), ctip.Content(twin); !reflect.DeepEqual(a, b) {
			if different++; different <= 3 {
				t.Errorf("%s differs:\n first  %+v\n second %+v", rec.ID, a, b)
			}
		}
		if len(twin.Origin.Chain) == 0 || !strings.HasPrefix(twin.Origin.Chain[0].BaseURL, base) {
			t.Errorf("%s does not say that it came through %s: %+v", rec.ID, base, twin.Origin.Chain)
		}
	}
	if different > 0 {
		t.Errorf("%d of %d records differ", different, len(want))
	}
	// Asking for everything again changes nothing: not even the date of the visit counts.
	out, code := hub(t, "harvest", "--full", "--json", "--config", conf, "--data", data)
	if same := fmt.Sprintf(`"same": %d`, len(want)); code != 0 || !strings.Contains(out, same) {
		t.Errorf("a second full harvest: exit %d, want %s:\n%s", code, same, out)
	}
}

// configFolder writes a configuration with one source and returns the path of hub.yaml.
func configFolder(t *testing.T, source string) string {
	t.Helper()
	dir := t.TempDir()
	id, _, _ := strings.Cut(strings.TrimPrefix(source, "id: "), "\n")
	for name, text := range map[string]string{
		"hub.yaml":                "fetch: {allow_private: [127.0.0.0/8]}\n",
		"sources/" + id + ".yaml": source,
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "hub.yaml")
}

// exported reads all published records of a catalogue through "hub export ndjson".
func exported(t *testing.T, args ...string) []record.Record {
	t.Helper()
	file := filepath.Join(t.TempDir(), "all.ndjson")
	if out, code := hub(t, append([]string{"export", "ndjson", "-o", file}, args...)...); code != 0 {
		t.Fatalf("exporting: exit %d\n%s", code, out)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []record.Record
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var res ctip.Resource
		if err := json.Unmarshal(lines.Bytes(), &res); err != nil {
			t.Fatal(err)
		}
		rec, err := ctip.FromJSON(res)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rec)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
