package fetch

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ctiphub/internal/replay"
)

func TestParseRobots(t *testing.T) {
	for name, c := range map[string]struct {
		file          string
		allow, forbid []string
		delay         time.Duration
	}{
		"empty":           {file: "", allow: []string{"/", "/x", ""}},
		"empty disallow":  {file: "User-agent: *\nDisallow:", allow: []string{"/x"}},
		"everything":      {file: "User-agent: *\nDisallow: /", allow: []string{"/robots.txt"}, forbid: []string{"/", "", "/x?y"}},
		"longest wins":    {file: "User-agent: *\nAllow: /p\nDisallow: /", allow: []string{"/page"}, forbid: []string{"/x"}},
		"tie allows":      {file: "User-agent: *\nDisallow: /page\nAllow: /page", allow: []string{"/page"}},
		"wildcard":        {file: "User-agent: *\nDisallow: /fish*.php", allow: []string{"/Fish.php", "/x/fish.php", "/fish.asp"}, forbid: []string{"/fish.php", "/fishheads/c.php?x"}},
		"end":             {file: "User-agent: *\nDisallow: /*.pdf$", allow: []string{"/a.pdf?x", "/a.pdfs"}, forbid: []string{"/a.pdf", "/b/a.pdf"}},
		"dollar within":   {file: "User-agent: *\nDisallow: /a$b", allow: []string{"/a"}, forbid: []string{"/a$b/c"}},
		"own group":       {file: "User-agent: *\nDisallow: /\n\nUser-agent: CTIPHub/2.0 (x)\nDisallow: /own\nCrawl-delay: 2.5", allow: []string{"/x"}, forbid: []string{"/own"}, delay: 2500 * time.Millisecond},
		"own empty group": {file: "User-agent: ctiphub\n\nUser-agent: ctiphub\nDisallow:\n\nUser-agent: *\nDisallow: /", allow: []string{"/x"}},
		"longer name":     {file: "User-agent: ctiphub-images\nDisallow: /", allow: []string{"/x"}},
		"several agents":  {file: "User-agent: a\nUser-agent: CTIPHUB\nDisallow: /x", forbid: []string{"/x"}},
		"groups merged":   {file: "User-agent: ctiphub\nDisallow: /a\nUser-agent: b\nDisallow: /b\nUser-agent: ctiphub\nDisallow: /c", allow: []string{"/b"}, forbid: []string{"/a", "/c"}},
		"delay is no end": {file: "User-agent: ctiphub\nCrawl-delay: 3\nUser-agent: b\nDisallow: /x", forbid: []string{"/x"}, delay: 3 * time.Second},
		"longest delay":   {file: "User-agent: *\nCrawl-delay: 3\nCrawl-delay: 9\nCrawl-delay: 1", delay: 9 * time.Second},
		"senseless delay": {file: "User-agent: *\nCrawl-delay: -3\nCrawl-delay: soon\nCrawl-delay: 1e300\nCrawl-delay: NaN"},
		"before a group":  {file: "Disallow: /\nCrawl-delay: 5", allow: []string{"/x"}},
		"BOM, DOS ends":   {file: "\xef\xbb\xbfUser-agent: *\r\nDisallow: /x\r\n", allow: []string{"/y"}, forbid: []string{"/x"}},
		"old Mac ends":    {file: "User-agent: *\rDisallow: /x\r", forbid: []string{"/x"}},
		"comments":        {file: "# all\nUser-agent: * # everybody\nDisallow: /x # not this", forbid: []string{"/x"}},
		"no colon":        {file: "User-agent *\nDisallow /x", forbid: []string{"/x"}},
		"misspelt":        {file: "useragent: *\ndisalow: /x", forbid: []string{"/x"}},
		"escapes":         {file: "User-agent: *\nDisallow: /ข่าว\nDisallow: /a%2fb", forbid: []string{"/%E0%B8%82%e0%b9%88%E0%B8%B2%E0%B8%A7/1", "/a%2Fb"}, allow: []string{"/a/b"}},
		"index page":      {file: "User-agent: *\nDisallow: /\nAllow: /index.html", allow: []string{"/", "/index.html"}, forbid: []string{"/x"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := ParseRobots([]byte(c.file))
			for _, p := range c.allow {
				if !r.Allowed("CTIPHub", p) {
					t.Errorf("%q is forbidden", p)
				}
			}
			for _, p := range c.forbid {
				if r.Allowed("CTIPHub", p) {
					t.Errorf("%q is allowed", p)
				}
			}
			if got := r.CrawlDelay("CTIPHub"); got != c.delay {
				t.Errorf("delay %s, want %s", got, c.delay)
			}
		})
	}
}

func TestRobotsSitemaps(t *testing.T) {
	r := ParseRobots([]byte("Sitemap: https://a.example/1.xml\nUser-agent: *\nSITEMAP:/2.xml\nDisallow: /x\nSitemap: https://a.example/1.xml\nSitemap:"))
	if want := []string{"https://a.example/1.xml", "/2.xml"}; !slices.Equal(r.Sitemaps, want) {
		t.Errorf("got %q, want %q", r.Sitemaps, want)
	}
	if r.Allowed("CTIPHub", "/x") {
		t.Error("a sitemap line ended the group")
	}
}

// TestRobotsLikeGoogle holds the parser against verdicts of the parser that Google
// published, for files of real sites.
func TestRobotsLikeGoogle(t *testing.T) {
	dir, ok := replay.Shared(t, "robots")
	if !ok {
		return
	}
	f, err := os.Open(filepath.Join(dir, "ORACLE.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	parsed, verdicts := map[string]*Robots{}, 0
	lines := bufio.NewScanner(f)
	lines.Scan() // header
	for lines.Scan() {
		cols := strings.Split(lines.Text(), "\t") // file, agent, path, verdict
		if parsed[cols[0]] == nil {
			body, err := os.ReadFile(filepath.Join(dir, cols[0]))
			if err != nil {
				t.Fatal(err)
			}
			parsed[cols[0]] = ParseRobots(body)
		}
		verdicts++
		if got := parsed[cols[0]].Allowed(cols[1], cols[2]); got != (cols[3] == "allow") {
			t.Errorf("%s: %s for %s: want %s", cols[0], cols[2], cols[1], cols[3])
		}
	}
	if verdicts < 100 {
		t.Errorf("only %d verdicts read", verdicts)
	}
}

func FuzzRobots(f *testing.F) {
	f.Add("User-agent: *\nDisallow: /*a*b*c$\nCrawl-delay: 1\nSitemap: /s", "/aXbXc")
	f.Add("\xef\xbb\xbfuser agent x\nallow:%zz%4", "%4")
	f.Fuzz(func(t *testing.T, file, path string) {
		r := ParseRobots([]byte(file))
		r.Allowed("CTIPHub", path)
		if d := r.CrawlDelay("CTIPHub"); d < 0 {
			t.Errorf("delay %s", d)
		}
		if !r.Allowed("CTIPHub", "/robots.txt") {
			t.Error("robots.txt itself is forbidden")
		}
	})
}
