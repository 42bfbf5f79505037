package monitoring

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// recorder are the metrics of the usage recorder with their labels. They count as long as none
// of them is in the tree; from then on the tree has to register all that is watched.
var recorder = map[string]string{
	"hub_usage_events_total": "kind channel", "hub_usage_ignored_total": "reason", "hub_usage_dropped_total": "reason",
	"hub_usage_held_events": "", "hub_usage_terms_waiting": "",
	"hub_usage_spool_segments": "", "hub_usage_spool_bytes": "", "hub_usage_spool_oldest_seconds": "",
	"hub_usage_batches_total": "outcome", "hub_usage_store_seconds": "op", "hub_usage_store_up": "store",
	"hub_usage_released_until_timestamp_seconds": "cube", "hub_usage_verified_timestamp_seconds": "", "hub_usage_verify_mismatches": "",
}

// anyLabels stands for labels that the source does not tell.
var anyLabels = []string{"*"}

// registered returns the metrics that the hub has, by name, with their labels.
func registered(t *testing.T) map[string][]string {
	t.Helper()
	// Prometheus adds these itself.
	all := map[string][]string{"up": nil, "ALERTS": {"alertname", "alertstate", "severity"}}
	readTree(t, all)
	if len(all) < 15 {
		t.Fatalf("found %d metrics in the source: the test sees too little to mean anything", len(all))
	}
	if _, there := all["hub_usage_events_total"]; !there {
		for name, labels := range recorder {
			all[name] = strings.Fields(labels)
		}
	}
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		all[f.GetName()] = nil
	}
	return all
}

var metricName = regexp.MustCompile(`^hub_[a-z]+(_[a-z]+)+$`)

// readTree adds the metrics that the hub's source registers.
func readTree(t *testing.T, all map[string][]string) {
	t.Helper()
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == ".git"):
			return filepath.SkipDir
		case filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err == nil {
			ast.Inspect(file, func(n ast.Node) bool { note(n, all); return true })
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// note keeps the metric that a piece of source makes: the one name among the arguments of a
// call, with the labels that are listed there.
func note(n ast.Node, all map[string][]string) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return
	}
	var metric string
	var labels []string
	listed := false
	for _, arg := range call.Args {
		if text, ok := literal(arg); ok && metricName.MatchString(text) {
			metric = text
		}
		list, ok := arg.(*ast.CompositeLit)
		if !ok {
			continue
		}
		if array, ok := list.Type.(*ast.ArrayType); ok && array.Len == nil {
			listed = true
			labels = append(labels, texts(list.Elts)...)
		}
		for _, e := range list.Elts {
			pair, ok := e.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			if key, ok := pair.Key.(*ast.Ident); ok && key.Name == "Name" {
				metric, _ = literal(pair.Value)
			}
		}
	}
	if !metricName.MatchString(metric) {
		return
	}
	if called, _ := call.Fun.(*ast.SelectorExpr); !listed && (called == nil || strings.HasSuffix(called.Sel.Name, "Vec") || called.Sel.Name == "NewDesc") {
		labels = anyLabels
	}
	all[metric] = labels
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

func texts(list []ast.Expr) []string {
	var all []string
	for _, e := range list {
		if text, ok := literal(e); ok {
			all = append(all, text)
		}
	}
	return all
}

// TestMetrics holds every metric and label that alerts and dashboards name to what the hub
// registers: a name that is not there makes a silent alert and an empty panel.
func TestMetrics(t *testing.T) {
	all := registered(t)
	for _, e := range expressions(t) {
		for _, wrong := range checkNames(e.text, all) {
			t.Errorf("%s: %s", e.where, wrong)
		}
	}
}

// checkNames says which metrics and labels of an expression nobody registers.
func checkNames(expr string, all map[string][]string) (wrong []string) {
	for _, u := range uses(expr) {
		labels, there := all[u.metric]
		if base := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(u.metric, "_bucket"), "_sum"), "_count"); !there {
			labels, there = all[base]
			labels = append(slices.Clone(labels), "le")
		}
		if !there {
			wrong = append(wrong, "nobody registers "+u.metric)
			continue
		}
		for _, l := range u.labels {
			if !slices.Contains(labels, l) && !slices.Contains(labels, "*") && l != "job" && l != "instance" {
				wrong = append(wrong, u.metric+" has no label "+l)
			}
		}
	}
	return wrong
}

// use is a metric in an expression, with the labels that it is picked by.
type use struct {
	metric string
	labels []string
}

var promWords = strings.Fields("and or unless offset bool atan2 inf nan start end")

var grouping = strings.Fields("by without on ignoring group_left group_right")

// uses returns the metrics that an expression names: the words that are neither functions nor
// operators nor labels.
func uses(expr string) []use {
	var list []use
	tokens := promToken.FindAllString(expr, -1)
	for i := 0; i < len(tokens); i++ {
		tok := tokens[i]
		next := ""
		if i+1 < len(tokens) {
			next = tokens[i+1]
		}
		switch {
		case slices.Contains(grouping, strings.ToLower(tok)):
			for next == "(" && tokens[i] != ")" {
				i++
			}
		case !word.MatchString(tok) || next == "(" || slices.Contains(promWords, strings.ToLower(tok)) || slices.Contains(grouping, next):
		default:
			u := use{metric: tok}
			for i++; next == "{" && tokens[i] != "}"; i++ {
				if word.MatchString(tokens[i]) {
					u.labels = append(u.labels, tokens[i])
				}
			}
			if next != "{" {
				i--
			}
			list = append(list, u)
		}
	}
	return list
}

var promToken = regexp.MustCompile(`"[^"]*"|'[^']*'|[A-Za-z_:$][\w:]*|[0-9][\w.]*|\S`)

func TestCheckNames(t *testing.T) {
	all := map[string][]string{"hub_runs_total": {"state"}, "hub_seconds": nil, "hub_due": {"source"}}
	for expr, want := range map[string]string{
		`sum by (state) (rate(hub_runs_total{state=~"a|b"}[5m])) > 0.5 * 60`:                     "",
		`histogram_quantile(0.9, sum by (le) (rate(hub_seconds_bucket{le!="1"}[1h] offset 1d)))`: "",
		`hub_due{source="a"} and on (source) hub_due unless hub_due`:                             "",
		`sum(hub_runs_total) by (state) / on () group_left () hub_due`:                           "",
		`rate(hub_run_total[5m])`:                                      "nobody registers hub_run_total",
		`hub_due and (sum by (source) (hub_gone))`:                     "nobody registers hub_gone",
		`hub_runs_total{status="failed"}`:                              "hub_runs_total has no label status",
		`hub_due{job="hub"} > hub_seconds_total`:                       "nobody registers hub_seconds_total",
		`max_over_time(hub_due{source!="hub_x", sources="y"}[30d:1h])`: "hub_due has no label sources",
	} {
		if got := strings.Join(checkNames(expr, all), "; "); got != want {
			t.Errorf("%s: got %q, want %q", expr, got, want)
		}
	}
}
