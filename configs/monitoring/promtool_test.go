package monitoring

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// rules is alerts.yml.
type rules struct {
	Groups []struct {
		Name  string
		Rules []struct {
			Alert, Expr, For    string
			Labels, Annotations map[string]string
		}
	}
}

// expression is one of PromQL, and where it stands.
type expression struct{ where, text string }

// expressions returns those of alerts and dashboards, without Grafana's macros.
func expressions(t *testing.T) []expression {
	t.Helper()
	var r rules
	readYAML(t, "alerts.yml", &r)
	var list []expression
	for _, g := range r.Groups {
		for _, rule := range g.Rules {
			list = append(list, expression{"alert " + rule.Alert, rule.Expr})
		}
	}
	macros := strings.NewReplacer("$__rate_interval", "5m", "$__range", "1d")
	for file, d := range dashboards(t) {
		for _, p := range d.Panels {
			for _, q := range p.Targets {
				if q.Expr != "" {
					list = append(list, expression{fmt.Sprintf("%s, panel %q", file, p.Title), macros.Replace(q.Expr)})
				}
			}
		}
	}
	return list
}

// promtool runs Prometheus' own checks.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	program, err := exec.LookPath("promtool")
	if err != nil {
		t.Fatal("the test needs promtool (Debian package prometheus)")
	}
	if out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestConfiguration(t *testing.T) { promtool(t, "check", "config", "prometheus.yml") }

// cases are the files with hubs that work and hubs that do not.
var cases = []string{"alerts_test.yml", "alerts_slow_test.yml"}

// TestAlertsFire plays hubs that work and hubs that do not.
func TestAlertsFire(t *testing.T) { promtool(t, append([]string{"test", "rules"}, cases...)...) }

// TestExpressionsParse hands the expressions of the dashboards to promtool as if they were rules.
func TestExpressionsParse(t *testing.T) {
	type rule struct {
		Record string `yaml:"record"`
		Expr   string `yaml:"expr"`
	}
	var list []rule
	for i, e := range expressions(t) {
		if strings.Contains(e.text, "$") {
			t.Errorf("%s: a variable is left in %s", e.where, e.text)
		}
		list = append(list, rule{fmt.Sprintf("e%d", i), e.text})
	}
	text, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "all", "rules": list}}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "rules.yml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, "check", "rules", file)
}

// TestAlerts holds every alert to what an operator needs of it: how urgent it is, what it
// means, what to do, a case in which it fires, and a line in the guide.
func TestAlerts(t *testing.T) {
	var r rules
	readYAML(t, "alerts.yml", &r)
	played := ""
	for _, file := range cases {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		played += string(text)
	}
	guide, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	panels := map[string]bool{}
	for _, d := range dashboards(t) {
		for _, p := range d.Panels {
			panels[p.Title] = true
		}
	}
	seen := map[string]bool{}
	for _, g := range r.Groups {
		for _, rule := range g.Rules {
			name := rule.Alert
			if name == "" || seen[name] {
				t.Errorf("group %s: an alert has no name of its own: %q", g.Name, name)
			}
			seen[name] = true
			if !slices.Contains([]string{"critical", "warning", "info"}, rule.Labels["severity"]) {
				t.Errorf("%s: severity %q", name, rule.Labels["severity"])
			}
			if rule.Annotations["summary"] == "" || len(rule.Annotations["description"]) < 40 {
				t.Errorf("%s does not say what it means and what to do", name)
			}
			if !strings.Contains(played, `alertname="`+name+`"`) {
				t.Errorf("%s fires in no case", name)
			}
			if !strings.Contains(string(guide), "| "+name+" | "+rule.Labels["severity"]+" |") {
				t.Errorf("docs/operations.md has no line for %s, %s", name, rule.Labels["severity"])
			}
			for _, m := range panelNamed.FindAllStringSubmatch(rule.Annotations["description"], -1) {
				if !panels[m[1]] {
					t.Errorf("%s sends the operator to the panel %q, which no dashboard has", name, m[1])
				}
			}
		}
	}
	for _, m := range alertLine.FindAllStringSubmatch(string(guide), -1) {
		if !seen[m[1]] {
			t.Errorf("docs/operations.md explains %s, which is no alert", m[1])
		}
	}
}

var panelNamed = regexp.MustCompile(`panel "([^"]+)"`)

var alertLine = regexp.MustCompile(`(?m)^\| (\w+) \| (?:critical|warning|info) \|`)
