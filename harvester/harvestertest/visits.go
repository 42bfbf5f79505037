package harvestertest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"ctiphub/harvester"
	"ctiphub/internal/replay"
)

// Visits plays every archive that matches a pattern as several runs of one source, as the
// catalogue would have them made: each begins behind the cursor of the one before and
// knows its validators. An archive holds
//
//	source        the harvester.Source as YAML; {{base}} is the server's URL
//	visits        a line for each run: when it is made, and "full" for a full one
//	/path         an answer, see package replay
//	2:/path       an answer that is different, or new, from the second run on
//	want-1        the pages of the first run, written by Dump; and so on
//	requests-1    what the first run asked for; left out: not checked
//
// The adapter is given the time that the line says.
func Visits(t *testing.T, pattern string, adapter func(Getter, func() time.Time) harvester.Adapter) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives match %s (%v)", pattern, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			v := &visits{archive: txtar.Parse(b), known: Memory{}, adapter: adapter}
			v.server = replay.Serve(t, &txtar.Archive{})
			v.play(t)
			if flag.Lookup("update").Value.String() == "true" {
				if err := os.WriteFile(file, txtar.Format(v.archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

type visits struct {
	archive *txtar.Archive
	server  *replay.Server
	adapter func(Getter, func() time.Time) harvester.Adapter
	known   Memory
	cursor  harvester.Cursor
}

func (v *visits) play(t *testing.T) {
	src := source(t, v.archive, v.server.URL)
	i := slices.IndexFunc(v.archive.Files, func(f txtar.File) bool { return f.Name == "visits" })
	if i < 0 {
		t.Fatal("the archive holds no visits")
	}
	for n, line := range strings.Split(strings.TrimSpace(string(v.archive.Files[i].Data)), "\n") {
		at, mode, _ := strings.Cut(strings.TrimSpace(line), " ")
		now, err := time.Parse(time.RFC3339, at)
		if err != nil || mode != "" && mode != "full" {
			t.Fatalf("visits: %q is not a time, and full or nothing", line)
		}
		v.server.Load(v.site(n + 1))
		from := harvester.From{Cursor: v.cursor, Known: v.known.Known, Full: mode == "full"}
		if from.Full {
			from.Cursor = "" // so does the catalogue
		}
		r := Harvest(t, v.adapter(Client(t), func() time.Time { return now }), src, from)
		if len(r.Pages) > 0 {
			v.cursor = r.Pages[len(r.Pages)-1].Cursor
		}
		for _, p := range r.Pages {
			v.known.Store(p.Validators)
		}
		v.compare(t, fmt.Sprintf("want-%d", n+1), neutral(v.server, r.Dump()))
		v.compare(t, fmt.Sprintf("requests-%d", n+1), requests(v.server))
	}
}

// site is what is served at a visit: of each path the latest answer that was written for
// it or for a visit before.
func (v *visits) site(visit int) *txtar.Archive {
	latest := map[string]int{}
	at := func(f txtar.File) (string, int) {
		if number, path, ok := strings.Cut(f.Name, ":"); ok && !strings.HasPrefix(f.Name, "/") {
			if n, err := strconv.Atoi(number); err == nil {
				return path, n
			}
		}
		return f.Name, 1
	}
	for _, f := range v.archive.Files {
		if path, n := at(f); n <= visit {
			latest[path] = max(latest[path], n)
		}
	}
	served := &txtar.Archive{}
	for _, f := range v.archive.Files {
		if path, n := at(f); strings.HasPrefix(path, "/") && n == latest[path] && n <= visit {
			served.Files = append(served.Files, txtar.File{Name: path, Data: f.Data})
		}
	}
	return served
}

// compare holds a text against the archive, or writes it there under -update.
func (v *visits) compare(t *testing.T, name, got string) {
	t.Helper()
	i := slices.IndexFunc(v.archive.Files, func(f txtar.File) bool { return f.Name == name })
	switch update := flag.Lookup("update").Value.String() == "true"; {
	case update && i >= 0:
		v.archive.Files[i].Data = []byte(got)
	case update && strings.HasPrefix(name, "want"):
		v.archive.Files = append(v.archive.Files, txtar.File{Name: name, Data: []byte(got)})
	case update || i < 0 && strings.HasPrefix(name, "requests"):
	case i < 0:
		t.Errorf("the archive has no file %q; -update writes it:\n%s", name, got)
	case string(v.archive.Files[i].Data) != got:
		t.Errorf("%s:\n--- got\n%s--- want\n%s", name, got, v.archive.Files[i].Data)
	}
}
