package monitoring

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

// dashboards returns all dashboards by file name.
func dashboards(t *testing.T) map[string]*dashboard {
	t.Helper()
	entries, err := files.ReadDir("grafana/dashboards")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*dashboard{}
	for _, e := range entries {
		d, err := readDashboard(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = d
	}
	if len(all) < 2 {
		t.Fatalf("%d dashboards: the test sees too little to mean anything", len(all))
	}
	return all
}

// readYAML reads a file of this folder or above it.
func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// TestDashboards holds what Grafana would silently do without: places, ids, data sources.
func TestDashboards(t *testing.T) {
	var provisioned struct {
		Datasources []struct{ UID, Type string }
	}
	readYAML(t, "grafana/provisioning/datasources/hub.yml", &provisioned)
	var sources []source
	for _, s := range provisioned.Datasources {
		sources = append(sources, source{Type: s.Type, UID: s.UID})
	}
	uids := map[string]string{}
	for name, d := range dashboards(t) {
		if d.UID == "" || d.Title == "" || uids[d.UID] != "" {
			t.Errorf("%s: uid %q and title %q have to be there and its own; %s has the uid too", name, d.UID, d.Title, uids[d.UID])
		}
		uids[d.UID] = name
		ids, titles := map[int]bool{}, map[string]bool{}
		for i, p := range d.Panels {
			if p.ID <= 0 || ids[p.ID] || p.Title == "" || titles[p.Title] {
				t.Errorf("%s: panel %d %q has no id or title of its own", name, p.ID, p.Title)
			}
			ids[p.ID], titles[p.Title] = true, true
			if len(p.Panels) > 0 {
				t.Errorf("%s: row %q is folded; this test does not look into it", name, p.Title)
			}
			checkPlace(t, name, p, d.Panels[:i])
			checkTargets(t, name, p, sources)
		}
	}
}

func checkPlace(t *testing.T, name string, p panel, before []panel) {
	t.Helper()
	g := p.Grid
	if g.X < 0 || g.Y < 0 || g.W <= 0 || g.H <= 0 || g.X+g.W > 24 {
		t.Errorf("%s: panel %q lies outside: %+v", name, p.Title, g)
	}
	for _, o := range before {
		b := o.Grid
		if g.X < b.X+b.W && b.X < g.X+g.W && g.Y < b.Y+b.H && b.Y < g.Y+g.H {
			t.Errorf("%s: panels %q and %q overlap", name, p.Title, o.Title)
		}
	}
}

func checkTargets(t *testing.T, name string, p panel, sources []source) {
	t.Helper()
	if p.Type == "row" {
		return
	}
	if len(p.Targets) == 0 || p.Description == "" {
		t.Errorf("%s: panel %q asks or explains nothing", name, p.Title)
	}
	refs := map[string]bool{}
	for _, q := range p.Targets {
		if q.RefID == "" || refs[q.RefID] {
			t.Errorf("%s: panel %q asks twice under the name %q", name, p.Title, q.RefID)
		}
		refs[q.RefID] = true
		if !slices.Contains(sources, q.Source) || q.Source != p.Source {
			t.Errorf("%s: panel %q asks %+v, which is not provisioned or not what the panel says", name, p.Title, q.Source)
		}
		if (q.Expr == "") == (q.SQL == "") || (q.SQL != "") != (q.Source.Type == "grafana-clickhouse-datasource") {
			t.Errorf("%s: panel %q asks in the wrong language", name, p.Title)
		}
	}
}

func TestBetween(t *testing.T) {
	q := Query{SQL: "SELECT n FROM t WHERE day >= toDate($__fromTime) AND day <= toDate($__toTime)"}
	got := q.Between(time.Unix(86400, 0), time.Unix(172800, 0))
	want := "SELECT n FROM t WHERE day >= toDate(toDateTime(86400)) AND day <= toDate(toDateTime(172800))"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	list, err := UsageQueries()
	if err != nil || len(list) < 10 {
		t.Fatalf("%d queries, %v", len(list), err)
	}
	for _, q := range list {
		if text := q.Between(time.Unix(0, 0), time.Unix(1, 0)); strings.Contains(text, "$") {
			t.Errorf("panel %q: a macro or a variable is left in %s", q.Panel, text)
		}
	}
}
