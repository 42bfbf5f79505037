package wordpress_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"ctiphub/catalog"
	"ctiphub/harvester"
	"ctiphub/harvester/harvestertest"
	"ctiphub/harvester/wordpress"
	"ctiphub/internal/fetch"
	"ctiphub/record"
)

// share is where Debian installs WordPress.
const share = "/usr/share/wordpress"

// needed names the Debian packages of what the test runs.
const needed = "install the Debian packages wordpress, mariadb-server-core, php-cli and php-mysql (make test-deps)"

// livePress is a WordPress on loopback with a database of its own.
type livePress struct {
	dir, url string
	env      []string
	ids      map[string]int64
}

// startPress installs WordPress and fills it with what testdata/real/seed.php says.
func startPress(t *testing.T) *livePress {
	t.Helper()
	for _, file := range []string{share + "/wp-settings.php", share + "/wp-includes/rest-api.php"} {
		if _, err := os.Stat(file); err != nil {
			t.Fatalf("%s is missing: %s", file, needed)
		}
	}
	p := &livePress{dir: t.TempDir(), ids: map[string]int64{}}
	p.files(t)
	user := p.database(t)
	port := freePort(t)
	p.url = "http://127.0.0.1:" + port
	p.env = append(os.Environ(), "WP_URL="+p.url, "WP_DB_SOCKET="+p.socket(), "WP_DB_USER="+user)
	if err := json.Unmarshal(p.php(t, "seed.php"), &p.ids); err != nil {
		t.Fatalf("seeding WordPress: %v", err)
	}
	server := exec.CommandContext(limit(t), program(t, "php"), "-d", "display_errors=0", "-d", "opcache.enable_cli=1", "-S", "127.0.0.1:"+port, "-t", p.dir, filepath.Join(p.dir, "router.php"))
	server.Env = p.env
	start(t, server, syscall.SIGINT)
	waitFor(t, "PHP's web server", func() bool {
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return p
}

func (p *livePress) socket() string { return filepath.Join(p.dir, "db.sock") }

// files lays out the site: WordPress itself by links, configuration and contents of its own.
func (p *livePress) files(t *testing.T) {
	t.Helper()
	entries, err := os.ReadDir(share)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if n := e.Name(); n != "wp-content" && n != "wp-config.php" {
			if err := os.Symlink(filepath.Join(share, n), filepath.Join(p.dir, n)); err != nil {
				t.Fatal(err)
			}
		}
	}
	write := func(name string, body []byte) {
		name = filepath.Join(p.dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for from, to := range map[string]string{"router.php": "router.php", "wp-config.php": "wp-config.php", "seed.php": "seed.php", "edit.php": "edit.php", "plain.php": "plain.php", "types.php": "wp-content/mu-plugins/types.php"} {
		body, err := os.ReadFile(filepath.Join("testdata/real", from))
		if err != nil {
			t.Fatal(err)
		}
		write(to, body)
	}
	write("wp-content/themes/plain/style.css", []byte("/*\nTheme Name: Plain\n*/\n"))
	write("wp-content/themes/plain/index.php", []byte("<!DOCTYPE html><html><head><?php wp_head(); ?></head><body><?php while (have_posts()) { the_post(); the_content(); } ?></body></html>\n"))
	write("wp-content/uploads/2024/05/guidelines.pdf", []byte("%PDF-1.4\n%%EOF\n"))
	write("wp-content/uploads/2024/05/photo.png", []byte("\x89PNG"))
}

// database starts a MariaDB that only its socket leads to, and returns its user.
func (p *livePress) database(t *testing.T) string {
	t.Helper()
	data := filepath.Join(p.dir, "db")
	common := []string{"--no-defaults", "--datadir=" + data}
	if os.Getuid() == 0 {
		common = append(common, "--user=root") // the folder is root's, and nobody else's
	}
	install := exec.CommandContext(limit(t), program(t, "mariadb-install-db"), append(slices.Clone(common), "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve")...)
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("making the database: %v\n%s", err, out)
	}
	server := exec.CommandContext(limit(t), program(t, "mariadbd"), append(common, "--socket="+p.socket(), "--pid-file="+filepath.Join(p.dir, "db.pid"), "--skip-networking",
		"--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0", "--innodb-use-native-aio=0", "--performance-schema=off", "--skip-log-bin", "--skip-grant-tables", "--max-connections=20")...)
	start(t, server, syscall.SIGTERM)
	waitFor(t, "MariaDB", func() bool {
		c, err := net.Dial("unix", p.socket())
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	create := exec.CommandContext(limit(t), program(t, "php"), "-r", `$d = mysqli_init(); $d->real_connect("localhost", "root", "", "", 0, $argv[1]); $d->query("CREATE DATABASE wp CHARACTER SET utf8mb4") or exit(1);`, p.socket())
	if out, err := create.CombinedOutput(); err != nil {
		t.Fatalf("creating the database: %v\n%s\nif PHP lacks mysqli: %s", err, out, needed)
	}
	return "root"
}

// php runs a script in the site's folder and returns what it printed.
func (p *livePress) php(t *testing.T, script string) []byte {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(limit(t), program(t, "php"), "-d", "display_errors=stderr", filepath.Join(p.dir, script))
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = p.env, p.dir, &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s\n%s", script, err, errs.Bytes(), out.Bytes())
	}
	return out.Bytes()
}

// limit ends what a program hangs over. Servers are asked to stop before that, by start.
func limit(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// program finds a program, where root's are as well.
func program(t *testing.T, name string) string {
	t.Helper()
	for _, dir := range []string{"", "/usr/sbin/", "/usr/local/sbin/"} {
		if path, err := exec.LookPath(dir + name); err == nil {
			return path
		}
	}
	t.Fatalf("%s is missing: %s", name, needed)
	return ""
}

// start runs a server until the test ends.
func start(t *testing.T, cmd *exec.Cmd, stop syscall.Signal) {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(stop)
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(cmd.Path), out.Bytes()[max(0, out.Len()-3000):])
		}
	})
}

func waitFor(t *testing.T, what string, ready func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ready(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s did not start within half a minute", what)
		}
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// loopback passes requests on and fails the test for one that would leave the machine.
type loopback struct {
	t      *testing.T
	get    harvestertest.Getter
	asked  []string
	prefix string
}

func (l *loopback) Get(ctx context.Context, r fetch.Request) (*fetch.Response, error) {
	if !strings.HasPrefix(r.URL, l.prefix) || r.Account != "agency" {
		l.t.Errorf("asked for %s on the account of %q", r.URL, r.Account)
	}
	l.asked = append(l.asked, strings.TrimPrefix(r.URL, l.prefix))
	return l.get.Get(ctx, r)
}

// visitor harvests the site as the catalogue would have it.
type visitor struct {
	t      *testing.T
	press  *livePress
	src    harvester.Source
	known  harvestertest.Memory
	cursor harvester.Cursor
	get    *loopback
	// rejects are those of the last visit.
	rejects []harvester.Reject
}

// visit is one run at a time; it returns the raws by name, what is the same and the last page.
func (v *visitor) visit(now time.Time) (raws map[string]record.Raw, same []string, last harvester.Page) {
	v.t.Helper()
	v.get.asked, v.rejects = nil, nil
	a := wordpress.New(v.get, func() time.Time { return now })
	r := harvestertest.Harvest(v.t, a, v.src, harvester.From{Cursor: v.cursor, Known: v.known.Known})
	if r.Err != nil {
		v.t.Fatal(r.Err)
	}
	names := map[string]string{}
	for name, id := range v.press.ids {
		names[fmt.Sprintf("wp:%d", id)] = name
	}
	raws = map[string]record.Raw{}
	for _, p := range r.Pages {
		v.known.Store(p.Validators)
		v.rejects = append(v.rejects, p.Rejects...)
		for _, raw := range p.Raws {
			raws[names[raw.Identifier]] = raw
		}
		for _, id := range p.Same {
			same = append(same, names[id])
		}
		for _, n := range p.Notes {
			v.t.Logf("note %s: %s", n.Code, n.Detail)
		}
		for _, x := range p.Skipped {
			v.t.Logf("skipped %s %s", names[x.Identifier], x.Code)
		}
	}
	last = r.Pages[len(r.Pages)-1]
	v.cursor = last.Cursor
	slices.Sort(same)
	return raws, same, last
}

func (p *livePress) visitor(t *testing.T, recipe harvester.WordPressRecipe) *visitor {
	src := harvester.Source{ID: "agency", Name: "Agency", Kind: harvester.KindWordPress, URL: p.url + "/", WordPress: recipe, Politeness: fetch.Politeness{MinDelay: 1}}
	if err := src.Validate(); err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, press: p, src: src, known: harvestertest.Memory{}, get: &loopback{t: t, get: harvestertest.Client(t), prefix: p.url}}
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func wantNames(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// TestRealWordPress harvests a real WordPress three times: everything, what changed, and
// after a week everything by its ids.
func TestRealWordPress(t *testing.T) {
	p := startPress(t)
	now := time.Now()
	v := p.visitor(t, harvester.WordPressRecipe{
		Types: []string{"posts", "pages", "library"}, Categories: []string{"Shelter & care", "law"}, Media: "pdf",
	})
	k := newKeeper(t, p.visitor(t, v.src.WordPress))
	k.wants("first visit", now, catalog.Outcome{Listed: 9, New: 8, Skipped: 1}, 0, 0)
	raws, _, last := v.visit(now)
	wantNames(t, "first visit", sorted(raws), "guidelines", "guidelines-km", "handbook-th", "so-tay-vi", "panduan-id", "about", "manual", "pdf")
	if !last.Complete {
		t.Error("a whole listing does not say that it is complete")
	}
	if text := string(raws["guidelines"].Body); strings.Contains(text, `"author"`) || strings.Contains(text, "/author/") || strings.Contains(text, "office@") {
		t.Errorf("the entry tells of accounts: %s", text)
	}
	wantRaw(t, raws["guidelines"], p.url)
	wantRecords(t, raws, p.url)

	p.php(t, "edit.php")
	k.wants("increment", now.Add(2*time.Hour), catalog.Outcome{Listed: 2, New: 1, Changed: 1}, 0, 0)
	k.wants("sweep", now.AddDate(0, 0, 8), catalog.Outcome{Listed: 9, Same: 8, Skipped: 1}, 1, 0)
	k.wants("sweep after the grace period", now.AddDate(0, 0, 16), catalog.Outcome{Listed: 9, Same: 8, Skipped: 1}, 1, 1)
	raws, same, last := v.visit(now.Add(time.Hour + time.Minute))
	wantNames(t, "increment", sorted(raws), "panduan-id", "scheduled")
	if len(same) > 0 || last.Complete || len(v.get.asked) > 9 {
		t.Errorf("increment: %q the same, complete %v, asked for %q", same, last.Complete, v.get.asked)
	}
	raws, same, last = v.visit(now.AddDate(0, 0, 8))
	wantNames(t, "sweep: anew", sorted(raws))
	wantNames(t, "sweep: the same", same, "guidelines", "guidelines-km", "so-tay-vi", "panduan-id", "scheduled", "about", "manual", "pdf")
	if !last.Complete {
		t.Error("the sweep does not say that it is complete, so that what was removed stays")
	}

	whole, _, last := p.visitor(t, harvester.WordPressRecipe{Types: []string{"post"}, All: true}).visit(now)
	wantNames(t, "all posts", sorted(whole), "guidelines", "guidelines-km", "so-tay-vi", "panduan-id", "scheduled", "football")
	found, _, _ := p.visitor(t, harvester.WordPressRecipe{Search: []string{"mua bán"}}).visit(now)
	wantNames(t, "search", sorted(found), "so-tay-vi")

	if err := json.Unmarshal(p.php(t, "plain.php"), &p.ids); err != nil {
		t.Fatal(err)
	}
	plain := p.visitor(t, harvester.WordPressRecipe{Types: []string{"library"}})
	found, _, last = plain.visit(now)
	wantNames(t, "plain permalinks", sorted(found), "manual", "behind")
	if len(plain.rejects) != 1 || plain.rejects[0].Code != "http-500" || last.Complete {
		t.Errorf("an entry that WordPress fails on: %+v, complete %v", plain.rejects, last.Complete)
	}
	if last := plain.get.asked[len(plain.get.asked)-1]; !strings.Contains(last, "rest_route=/wp/v2/") {
		t.Errorf("plain permalinks: asked for %s", last)
	}
}

// wantRaw looks at what stands beside an entry.
func wantRaw(t *testing.T, raw record.Raw, home string) {
	t.Helper()
	var got struct {
		Hub struct {
			Site, Language string
			Terms          map[string][]string
			Keywords       []string
			Files          []struct{ URL, Text string }
		}
	}
	if err := json.Unmarshal(raw.Body, &got); err != nil {
		t.Fatal(err)
	}
	h := got.Hub
	if h.Site != "Example Agency & Partners" || h.Language != "en" || fmt.Sprint(h.Terms) != "map[categories:[Acts Shelter & care] tags:[identification referral]]" {
		t.Errorf("beside the entry: %+v", h)
	}
	if len(h.Files) != 1 || h.Files[0].URL != home+"/wp-content/uploads/2024/05/guidelines.pdf" || h.Files[0].Text != "Download the guidelines" {
		t.Errorf("files: %+v", h.Files)
	}
	if want := (record.Hint{Key: "alternate", Value: home + "/guidelines-km/", Lang: "km"}); !slices.Contains(raw.Hints, want) {
		t.Errorf("hints %+v lack %+v", raw.Hints, want)
	}
	// Half past midnight in Bangkok is the day before in UTC.
	if want := time.Date(2024, 5, 5, 17, 30, 0, 0, time.UTC); !raw.Datestamp.Equal(want) {
		t.Errorf("the datestamp is %s, want %s", raw.Datestamp, want)
	}
}
