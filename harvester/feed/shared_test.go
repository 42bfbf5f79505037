package feed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/mmcdole/gofeed"

	"ctiphub/harvester"
	"ctiphub/internal/replay"
)

// levels are how many facts of each kind of file were right when the test was written: a
// fall below is a step back. The wrong ones are explained in wrongOnPurpose.
var levels = map[string]int{
	"feeds": 183, "feed-real": 68, "feed-encoding": 5, "feed-oracle": 333, "feed-parser-suite": 77, "feed-validator-suite": 35,
}

// wrongOnPurpose says of files why other parsers find something else in them.
var wrongOnPurpose = map[string]string{
	"feedrs_atom_entry_1.xml":                                    "a single Atom entry is no feed",
	"feedrs_atom_mediarss_newscred_1.xml":                        noTitle,
	"feedrs_atom_pub_spec_1.xml":                                 noTitle,
	"feedjira_Permalinks.xml":                                    noTitle,
	"feedrs_jsonfeed_elastic_1.1.json":                           "feed-rs adds the slash that the feed leaves out",
	"feedrs_rss_0.91_encoding_1.xml":                             "feed-rs writes the host in small letters, the record keeps the address as it stands",
	"feedrs_rss_1.0_example_1.xml":                               "relative addresses are made absolute",
	"fp_wellformed-cdf_channel_title.xml":                        cdf,
	"fp_wellformed-cdf_item_href_map_link.xml":                   cdf,
	"fp_wellformed-cdf_channel_abstract_map_description.xml":     cdf,
	"gofeed_translator-rss_feed_item_title_-_rdf_item_title.xml": noTitle,
}

const (
	noTitle = "the feed has no title: the manifest took that of its first entry"
	cdf     = "CDF of 1997 is not among the formats that are read"
)

// facts is what somebody else found in a feed. Nil and "" are not looked at.
type facts struct {
	from    string // who found it
	title   string
	items   *int
	entries []fact
	notFeed bool
	broken  bool // not well-formed: may be refused, as long as it is said
}

type fact struct {
	n                       int
	title, link, id, author string
	language                string
}

// TestRealFeeds reads feeds of the wild and of other projects' tests, where they are at
// hand, and counts by kind what agrees with those who read them by eye or by other parsers.
func TestRealFeeds(t *testing.T) {
	for kind, level := range levels {
		dir, ok := replay.Shared(t, kind)
		if !ok {
			continue
		}
		t.Run(kind, func(t *testing.T) {
			listed := manifestFacts(t, filepath.Join(dir, "..", "MANIFEST.tsv"))
			files, right, wrong := 0, 0, []string{}
			names, err := filepath.Glob(filepath.Join(dir, "*"))
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range names {
				if isOracle(name) {
					continue
				}
				files++
				body, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				page, err := first(t, served{body: body})
				if err != nil && !strings.HasPrefix(err.Error(), "harvesting a feed: reading http://feed.example/: ") {
					t.Errorf("%s: the error does not say where: %v", name, err)
				}
				key := kind + "/" + filepath.Base(name)
				for _, f := range slices.Concat(eyeFacts(t, name), listed[key], oracleFacts(t, name), suiteFacts(name, body)) {
					ok, bad := f.compare(page, err)
					right += ok
					for _, b := range bad {
						wrong = append(wrong, fmt.Sprintf("%s (%s): %s", filepath.Base(name), f.from, b))
					}
				}
			}
			t.Logf("%s: %d files, %d facts right, %d wrong", kind, files, right, len(wrong))
			for _, w := range wrong {
				name, _, _ := strings.Cut(w, " (")
				if why := wrongOnPurpose[name]; why != "" {
					t.Logf("%s [%s]", w, why)
				} else {
					t.Errorf("%s", w)
				}
			}
			if right < level {
				t.Errorf("%s: %d facts are right, there were %d", kind, right, level)
			}
		})
	}
}

// isOracle tells what a project expects from what it is expected of.
func isOracle(name string) bool {
	if strings.HasSuffix(name, ".serde.json") {
		return true
	}
	_, err := os.Stat(strings.TrimSuffix(name, ".json") + ".xml")
	return strings.HasSuffix(name, ".json") && (err == nil || strings.Contains(name, "gofeed_parser-json"))
}

// compare counts what is right and says what is not.
func (f facts) compare(page harvester.Page, err error) (right int, wrong []string) {
	is := func(what, got, want string) {
		switch {
		case want == "":
		case fold(got) == fold(want):
			right++
		default:
			wrong = append(wrong, fmt.Sprintf("%s: got %.120q, want %.120q", what, got, want))
		}
	}
	switch {
	case f.notFeed && err == nil:
		return 0, []string{"no error for what is no feed"}
	case f.notFeed, err != nil && f.broken:
		return 1, nil
	case err != nil:
		return 0, []string{err.Error()}
	}
	if f.items != nil {
		is("entries", strconv.Itoa(len(page.Raws)+len(page.Rejects)), strconv.Itoa(*f.items))
	}
	if f.title != "" && len(page.Raws) > 0 {
		is("title", page.Raws[0].Hint("feed-title"), f.title)
	}
	for _, e := range f.entries {
		if e.n >= len(page.Raws) || len(page.Rejects) > 0 {
			continue // out of step
		}
		raw := page.Raws[e.n]
		var item gofeed.Item
		if err := json.Unmarshal(raw.Body, &item); err != nil {
			return right, append(wrong, err.Error())
		}
		at := fmt.Sprintf("entry %d: ", e.n+1)
		is(at+"title", item.Title, e.title)
		is(at+"link", item.Link, e.link)
		is(at+"id", raw.Identifier, e.id)
		is(at+"language", raw.Hint("feed-language"), e.language)
		if e.author != "" {
			name := ""
			if len(item.Authors) > 0 {
				name = item.Authors[0].Name
			}
			is(at+"author", name, e.author)
		}
	}
	return right, wrong
}

// fold leaves aside how blanks are laid out, markup and quotation marks: what windows-874
// has for them, the TIS-620 that some feeds declare has not.
func fold(s string) string {
	s = html.UnescapeString(html.UnescapeString(s))
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("“”‘’", r)
	}), " ")
}

// eyeFacts are what was read off a file by eye.
func eyeFacts(t *testing.T, name string) []facts {
	t.Helper()
	dir, ok := replay.Shared(t, "expected")
	if !ok {
		return nil
	}
	b, err := os.ReadFile(filepath.Join(dir, filepath.Base(filepath.Dir(name))+"__"+filepath.Base(name)+".json"))
	if err != nil {
		return nil
	}
	var e struct {
		Expect struct {
			Title  string   `json:"title"`
			Items  *int     `json:"items"`
			IDs    []string `json:"ids"`
			URLs   []string `json:"urls"`
			IsFeed *bool    `json:"is_feed"`
			Formed *bool    `json:"well_formed"`
			First  struct {
				Title string `json:"title"`
				URL   string `json:"url"`
				ID    string `json:"id"`
				GUID  string `json:"guid"`
			} `json:"first"`
		} `json:"expect"`
	}
	if err := json.Unmarshal(b, &e); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	x := e.Expect
	f := facts{from: "by eye", title: x.Title, items: x.Items, notFeed: x.IsFeed != nil && !*x.IsFeed, broken: x.Formed != nil && !*x.Formed}
	f.entries = append(f.entries, fact{title: x.First.Title, link: x.First.URL, id: x.First.ID + x.First.GUID})
	for i, id := range x.IDs {
		f.entries = append(f.entries, fact{n: i, id: id})
	}
	for i, u := range x.URLs {
		f.entries = append(f.entries, fact{n: i, link: u})
	}
	return []facts{f}
}

// manifestFacts are what a strict XML parser found, by file.
func manifestFacts(t *testing.T, name string) map[string][]facts {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]facts{}
	for line := range strings.Lines(string(b)) {
		cells := strings.Split(strings.TrimRight(line, "\n"), "\t")
		last := cells[len(cells)-1]
		m := manifestFact.FindStringSubmatch(last)
		if m == nil {
			continue
		}
		f := facts{from: "manifest"}
		if n, err := strconv.Atoi(m[1]); err == nil {
			f.items = &n
		}
		_, titles, _ := strings.Cut(last, "; title=")
		title, firstTitle, _ := strings.Cut(titles, "; title1=")
		// Titles are cut off in the list, and hold what stands in the file.
		if len(title) < 60 && !strings.Contains(title, "<") {
			f.title = title
		}
		if len(firstTitle) < 60 && !strings.Contains(firstTitle, "<") {
			f.entries = []fact{{title: firstTitle}}
		}
		all[cells[0]] = append(all[cells[0]], f)
	}
	return all
}

var manifestFact = regexp.MustCompile(`^root=(?:rss|feed|RDF|rdf)[^;]*; items=(\d+)`)

// oracleFacts are what feed-rs made of a feed.
func oracleFacts(t *testing.T, name string) []facts {
	t.Helper()
	b, err := os.ReadFile(strings.TrimSuffix(name, filepath.Ext(name)) + ".serde.json")
	if err != nil {
		return nil
	}
	type text struct {
		Content string `json:"content"`
	}
	var e struct {
		Title   *text `json:"title"`
		Entries []struct {
			Title *text `json:"title"`
			Links []struct {
				Href string `json:"href"`
				Rel  string `json:"rel"`
			} `json:"links"`
		} `json:"entries"`
	}
	if err := json.Unmarshal(b, &e); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	n := len(e.Entries)
	f := facts{from: "feed-rs", items: &n}
	if e.Title != nil {
		f.title = e.Title.Content
	}
	for i, x := range e.Entries {
		one := fact{n: i}
		if x.Title != nil && !strings.Contains(x.Title.Content, "<") {
			one.title = x.Title.Content
		}
		for _, l := range x.Links {
			if (l.Rel == "" || l.Rel == "alternate") && one.link == "" {
				one.link = l.Href
			}
		}
		f.entries = append(f.entries, one)
	}
	return []facts{f}
}

var (
	suiteEntry  = regexp.MustCompile(`entries\[(\d)\](?:\.|\[')(title|link|id)(?:'\])? == u?'([^']*)'`)
	suiteCount  = regexp.MustCompile(`len\(entries\) == (\d+)`)
	suiteAuthor = regexp.MustCompile(`entries\[(\d)\]\['author_detail'\]\['name'\] == '([^']*)'`)
)

// suiteFacts are what the tests of feedparser expect, as far as it concerns what is
// harvested: title, address, identifier and number of entries.
func suiteFacts(name string, body []byte) []facts {
	if !strings.HasPrefix(filepath.Base(name), "fp_") {
		return nil
	}
	head := string(body[:min(len(body), 2000)])
	_, expect, ok := strings.Cut(head, "Expect:")
	if !ok {
		return nil
	}
	expect, _, _ = strings.Cut(expect, "\n")
	f := facts{from: "feedparser", broken: bytes.Contains([]byte(expect), []byte("bozo")) && !strings.Contains(expect, "not bozo")}
	for _, m := range suiteEntry.FindAllStringSubmatch(expect, -1) {
		n, _ := strconv.Atoi(m[1])
		e := fact{n: n}
		switch m[2] {
		case "title":
			e.title = m[3]
		case "link":
			e.link = m[3]
		case "id":
			e.id = m[3]
		}
		f.entries = append(f.entries, e)
	}
	for _, m := range suiteAuthor.FindAllStringSubmatch(expect, -1) {
		n, _ := strconv.Atoi(m[1])
		f.entries = append(f.entries, fact{n: n, author: m[2]})
	}
	if m := suiteCount.FindStringSubmatch(expect); m != nil {
		n, _ := strconv.Atoi(m[1])
		f.items = &n
	}
	return []facts{f}
}
