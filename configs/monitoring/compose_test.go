package monitoring

import (
	"encoding/xml"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// compose is of compose.yaml what the tests look at.
type compose struct {
	Services map[string]service
	Networks map[string]struct{ Internal bool }
	Volumes  map[string]any
}

type service struct {
	Image, Build    string
	Environment     map[string]string
	Ports, Volumes  []string
	Networks, Tmpfs []string
	Command         []string
	CapDrop         []string `yaml:"cap_drop"`
	SecurityOpt     []string `yaml:"security_opt"`
	ReadOnly        bool     `yaml:"read_only"`
	Ulimits         struct{ Nofile struct{ Soft, Hard int } }
	Healthcheck     struct{ Test []string }
	Restart, User   string
}

func readCompose(t *testing.T) compose {
	t.Helper()
	var c compose
	readYAML(t, "../../compose.yaml", &c)
	if len(c.Services) != 4 {
		t.Fatalf("%d services in compose.yaml, want 4", len(c.Services))
	}
	return c
}

var pinned = regexp.MustCompile(`^[a-z./-]+:v?\d+\.\d+(\.\d+)*$`)

// TestServices holds each service to what keeps a small machine safe.
func TestServices(t *testing.T) {
	c := readCompose(t)
	for name, s := range c.Services {
		if s.Build == "" && !pinned.MatchString(s.Image) {
			t.Errorf("%s: image %q has no version of its own", name, s.Image)
		}
		if len(s.Healthcheck.Test) < 2 || s.Restart == "" || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s: no health check, restart or limit of privileges", name)
		}
		for _, p := range s.Ports {
			if !strings.HasPrefix(p, "127.0.0.1:") || name != "hub" && name != "grafana" {
				t.Errorf("%s: port %s is open to others than this machine, or nobody's business", name, p)
			}
		}
		// ClickHouse's image prepares its folders as root when it starts.
		if name != "clickhouse" && !slices.Contains(s.CapDrop, "ALL") {
			t.Errorf("%s may do what only root may", name)
		}
		// Grafana loses the plugins of its image where it cannot write beside its program.
		if name != "clickhouse" && name != "grafana" && !s.ReadOnly {
			t.Errorf("%s can write to its own program", name)
		}
		for _, v := range s.Volumes {
			checkMount(t, c, name, v)
		}
	}
	for _, name := range []string{"hub", "clickhouse"} {
		if n := c.Services[name].Ulimits.Nofile; n.Soft < 65536 || n.Hard < n.Soft {
			t.Errorf("%s: %+v open files", name, n)
		}
	}
	if n := c.Services["clickhouse"].Networks; len(n) != 1 || !c.Networks[n[0]].Internal {
		t.Errorf("ClickHouse is on the networks %v", n)
	}
}

// checkMount holds a volume to what there is: a file of the tree, read only, or a named volume.
func checkMount(t *testing.T, c compose, name, volume string) {
	t.Helper()
	from, to, _ := strings.Cut(volume, ":")
	if path, ok := strings.CutPrefix(from, "./"); ok {
		if _, err := os.Stat("../../" + path); err != nil || !strings.HasSuffix(to, ":ro") {
			t.Errorf("%s: mount %s: %v; it has to end with :ro", name, volume, err)
		}
		return
	}
	if _, ok := c.Volumes[from]; !ok {
		t.Errorf("%s: the volume %s is not declared", name, from)
	}
}

var variable = regexp.MustCompile(`\$\{(\w+):\?[^}]+\}`)

// TestSecrets: passwords come from variables that have to be set, and each is in the example.
func TestSecrets(t *testing.T) {
	example, err := os.ReadFile("../../.env.example")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{}
	for _, m := range variable.FindAllStringSubmatch(string(text), -1) {
		asked[m[1]] = true
	}
	if strings.Count(string(text), "${") != len(variable.FindAllString(string(text), -1)) {
		t.Error("compose.yaml uses a variable that need not be set")
	}
	for _, m := range regexp.MustCompile(`(?m)^(\w+)=(.*)$`).FindAllStringSubmatch(string(example), -1) {
		if !asked[m[1]] || m[2] != "" {
			t.Errorf(".env.example: %s is asked for: %v, has the value %q", m[1], asked[m[1]], m[2])
		}
		delete(asked, m[1])
	}
	if len(asked) > 0 {
		t.Errorf(".env.example lacks %v", asked)
	}
	for name, s := range readCompose(t).Services {
		for key, value := range s.Environment {
			if strings.Contains(key, "PASSWORD") && !variable.MatchString(value) {
				t.Errorf("%s: %s is in the file", name, key)
			}
		}
	}
	ignored, err := os.ReadFile("../../.gitignore")
	if err != nil || !slices.Contains(strings.Split(string(ignored), "\n"), ".env") {
		t.Errorf("git does not ignore .env (%v)", err)
	}
}

// TestFilesAgree holds the files to one another where they name the same thing.
func TestFilesAgree(t *testing.T) {
	c := readCompose(t)
	var prom struct {
		Scrapes []struct {
			Job    string                       `yaml:"job_name"`
			Static []struct{ Targets []string } `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
	}
	readYAML(t, "prometheus.yml", &prom)
	if len(prom.Scrapes) == 0 || prom.Scrapes[0].Job != "hub" || !slices.Equal(prom.Scrapes[0].Static[0].Targets, []string{"hub:8080"}) {
		t.Errorf("Prometheus does not ask the service hub: %+v", prom.Scrapes)
	}
	days := regexp.MustCompile(`retention\.time=(\d+)d`).FindStringSubmatch(strings.Join(c.Services["prometheus"].Command, " "))
	if n, _ := strconv.Atoi(append(days, "", "")[1]); n <= 30 {
		t.Errorf("Prometheus keeps %d days; alerts look back 30", n)
	}
	for _, p := range dashboards(t)["usage.json"].Panels {
		for _, q := range p.Targets {
			if want := "grafana-clickhouse-datasource@" + q.Plugin; c.Services["grafana"].Environment["GF_PLUGINS_PREINSTALL_SYNC"] != want {
				t.Errorf("panel %q was written for %s", p.Title, want)
			}
		}
	}
	var provider struct {
		Providers []struct{ Options struct{ Path string } }
	}
	readYAML(t, "grafana/provisioning/dashboards/hub.yml", &provider)
	if mount := "./configs/monitoring/grafana/dashboards:" + provider.Providers[0].Options.Path + ":ro"; !slices.Contains(c.Services["grafana"].Volumes, mount) {
		t.Errorf("Grafana looks for dashboards where none are: %s", mount)
	}
}

// TestDashboardsUser: the user of the dashboards reads one database and writes none.
func TestDashboardsUser(t *testing.T) {
	type password struct {
		FromEnv string `xml:"from_env,attr"`
	}
	var users struct {
		Profiles struct {
			Reader struct {
				ReadOnly string `xml:"readonly"`
			} `xml:"hub_reader"`
		} `xml:"profiles"`
		Users struct {
			Default struct {
				Remove string `xml:"remove,attr"`
			} `xml:"default"`
			Hub struct {
				Password password `xml:"password"`
			} `xml:"hub"`
			Dashboards struct {
				Password password `xml:"password"`
				Profile  string   `xml:"profile"`
				Grants   []string `xml:"grants>query"`
			} `xml:"hub_dashboards"`
		} `xml:"users"`
	}
	text, err := os.ReadFile("clickhouse/users.xml")
	if err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(text, &users); err != nil {
		t.Fatal(err)
	}
	u := users.Users
	if !slices.Equal(u.Dashboards.Grants, []string{"GRANT SELECT ON hub_usage_public.*"}) || u.Dashboards.Profile != "hub_reader" || users.Profiles.Reader.ReadOnly != "1" {
		t.Errorf("the dashboards may do too much: %+v, readonly %q", u.Dashboards, users.Profiles.Reader.ReadOnly)
	}
	if u.Default.Remove != "remove" {
		t.Error("ClickHouse keeps a user without a password")
	}
	env := readCompose(t).Services["clickhouse"].Environment
	for _, p := range []password{u.Hub.Password, u.Dashboards.Password} {
		if env[p.FromEnv] == "" {
			t.Errorf("compose.yaml does not pass the password %q on", p.FromEnv)
		}
	}
	if text, err = os.ReadFile("clickhouse/server.xml"); err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(text, &struct{}{}); err != nil {
		t.Errorf("server.xml: %v", err)
	}
}
