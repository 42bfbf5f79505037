// Package pack writes records as a folder in a ZIP file that is read without a network: pages
// with a search that works from a USB stick, the records as JSON lines, and checksums.
//
// In flow chosen records; out flows one file. It stores nothing. All records are on one page
// each for a theme or a type, and not on pages of their own: ten thousand small files make a
// stick slow, and what a reader does next is to open the publisher's file anyway.
package pack

import (
	"archive/zip"
	"cmp"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"ctiphub/exporter/crosswalk"
	"ctiphub/internal/ctip"
	"ctiphub/record"
)

//go:embed files
var files embed.FS

// Facts are what is known beside the records.
type Facts struct {
	Hub        string // name of the hub
	Home       string // its address, or ""
	Choice     string // what was chosen, in words: "Cambodia; Khmer"
	Language   string // of labels, where the vocabulary has them; "" is English
	Vocabulary record.Vocabulary
	Made       time.Time
}

// entry is one record as the pages show it.
type entry struct {
	ID        string   `json:"i"`
	Title     string   `json:"t"`
	Lang      string   `json:"l,omitempty"`
	Others    []string `json:"o,omitempty"` // other titles
	Text      string   `json:"d,omitempty"`
	Publisher string   `json:"p,omitempty"`
	Year      string   `json:"y,omitempty"`
	URL       string   `json:"u,omitempty"`
	Files     []string `json:"f,omitempty"`
	Languages []string `json:"n,omitempty"` // labels
	Themes    []string `json:"h,omitempty"` // ids
	Types     []string `json:"k,omitempty"` // ids
	Countries []string `json:"c,omitempty"` // ids
}

// group is a page of entries, or one that the page chooses by.
type group struct {
	ID, Label, File string
	Count           int
}

// page is what every template is filled with.
type page struct {
	Facts
	Title   string
	Entries []entry
	Themes  []group
	Types   []group
	Total   int
	Labels  map[string]map[string]string // by scheme and id
}

// longestText is how many characters of a description a pack carries.
const longestText = 1200

// Write writes the pack. The same records and facts give the same bytes.
func Write(ctx context.Context, w io.Writer, f Facts, recs iter.Seq2[record.Record, error]) error {
	p := page{Facts: f, Labels: map[string]map[string]string{"theme": {}, "type": {}, "country": {}}}
	var lines []byte
	var last time.Time
	for rec, err := range recs {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if lines, err = ctip.AppendJSON(lines, ctip.Public(rec)); err != nil {
			return err
		}
		lines = append(lines, '\n')
		p.Entries = append(p.Entries, p.entry(rec))
		if rec.Harvest.LastChanged.After(last) {
			last = rec.Harvest.LastChanged
		}
	}
	p.Total = len(p.Entries)
	slices.SortStableFunc(p.Entries, func(a, b entry) int {
		return cmp.Or(strings.Compare(b.Year, a.Year), strings.Compare(a.Title, b.Title), strings.Compare(a.ID, b.ID))
	})
	p.Themes, p.Types = p.groups("theme", func(e entry) []string { return e.Themes }), p.groups("type", func(e entry) []string { return e.Types })
	z := &writer{zip: zip.NewWriter(w), at: last}
	if err := p.write(z, lines); err != nil {
		return fmt.Errorf("writing the pack: %w", err)
	}
	return nil
}

// entry prepares one record.
func (p *page) entry(rec record.Record) entry {
	rec = ctip.Public(rec)
	title, lang := rec.Title.In(append([]string{p.Language}, rec.Languages...)...)
	text, _ := rec.Description.In(lang, p.Language)
	e := entry{ID: string(rec.ID), Title: visible(title), Lang: crosswalk.Lang(lang), Text: clip(visible(text), longestText)}
	if e.Title == "" {
		e.Title = "Untitled record"
	}
	for _, l := range rec.Title.Languages() {
		if l != lang && rec.Title[l] != "" {
			e.Others = append(e.Others, visible(rec.Title[l]))
		}
	}
	for _, a := range rec.Publishers {
		if name, _ := a.Name.In(lang); name != "" {
			e.Publisher = visible(name)
			break
		}
	}
	if y := rec.Issued.Year(); y > 0 {
		e.Year = fmt.Sprint(y)
	}
	if crosswalk.IsWeb(rec.Origin.Landing) {
		e.URL = rec.Origin.Landing
	}
	for _, f := range crosswalk.Live(rec.Files) {
		e.Files = append(e.Files, f.URL)
	}
	for _, l := range rec.Languages {
		e.Languages = append(e.Languages, p.label("language", l))
	}
	e.Themes, e.Types, e.Countries = p.tags("theme", rec.Themes), p.tags("type", rec.Type), p.tags("country", rec.Countries)
	return e
}

func (p *page) label(scheme, id string) string {
	return visible(p.Vocabulary.Label(scheme, id, p.Language, "en"))
}

// tags returns the ids of concepts and keeps their labels.
func (p *page) tags(scheme string, tags []record.Tag) []string {
	var ids []string
	for _, t := range tags {
		p.Labels[scheme][t.ID] = p.label(scheme, t.ID)
		ids = append(ids, t.ID)
	}
	return ids
}

// groups counts the entries by a concept, in order of the vocabulary.
func (p *page) groups(scheme string, of func(entry) []string) []group {
	counts := map[string]int{}
	for _, e := range p.Entries {
		for _, id := range of(e) {
			counts[id]++
		}
	}
	var list []group
	for _, c := range p.Vocabulary.Scheme(scheme) {
		if n := counts[c.ID]; n > 0 {
			list = append(list, group{c.ID, p.label(scheme, c.ID), scheme + "-" + fileName(c.ID) + ".html", n})
		}
	}
	return list
}

// fileName keeps what every file system takes.
func fileName(id string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, id)
}

// visible drops what turns the text around it or cannot be seen.
func visible(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

var templates = template.Must(template.New("").ParseFS(files, "files/*.html"))

// write writes all files of the pack.
func (p *page) write(z *writer, lines []byte) error {
	for _, name := range []string{"style.css", "search.js"} {
		data, err := files.ReadFile("files/" + name)
		if err != nil {
			return err
		}
		z.add(name, data)
	}
	data, err := json.Marshal(map[string]any{"entries": p.Entries, "labels": p.Labels})
	if err != nil {
		return err
	}
	// A script and no JSON: pages that are opened from a folder may load nothing else.
	z.add("data.js", append(append([]byte("window.PACK="), data...), ";\n"...))
	z.page("index.html", *p)
	for _, scheme := range []struct {
		groups []group
		of     func(entry) []string
	}{{p.Themes, func(e entry) []string { return e.Themes }}, {p.Types, func(e entry) []string { return e.Types }}} {
		for _, g := range scheme.groups {
			one := *p
			one.Title, one.Entries = g.Label, nil
			for _, e := range p.Entries {
				if slices.Contains(scheme.of(e), g.ID) {
					one.Entries = append(one.Entries, e)
				}
			}
			z.page(g.File, one)
		}
	}
	all := *p
	all.Title = "All resources"
	z.page("all.html", all)
	z.add("records.ndjson", lines)
	z.add("README.txt", p.readme())
	return z.close()
}

func (p *page) readme() []byte {
	b := fmt.Appendf(nil, "%s\r\n\r\nOpen index.html in any browser. Nothing needs a network but the links to publishers.\r\n", p.Hub)
	if p.Choice != "" {
		b = fmt.Appendf(b, "Chosen: %s.\r\n", p.Choice)
	}
	b = fmt.Appendf(b, "%d resources. Made on %s; resources and addresses may have changed since.\r\n", p.Total, p.Made.UTC().Format(time.DateOnly))
	if p.Home != "" {
		b = fmt.Appendf(b, "The catalogue as it is now: %s\r\n", p.Home)
	}
	return append(b, "\r\nrecords.ndjson holds the same records as JSON, one to a line. SHA256SUMS lists checksums of all files:\r\n  sha256sum -c SHA256SUMS\r\n"...)
}

// writer writes the files of the archive and sums them up. After an error it does nothing.
type writer struct {
	zip  *zip.Writer
	at   time.Time
	sums []byte
	err  error
}

func (z *writer) add(name string, data []byte) {
	if z.err != nil {
		return
	}
	head := &zip.FileHeader{Name: name, Method: zip.Deflate}
	if z.at.Year() >= 1980 {
		head.Modified = z.at.UTC()
	}
	var out io.Writer
	if out, z.err = z.zip.CreateHeader(head); z.err == nil {
		_, z.err = out.Write(data)
	}
	sum := sha256.Sum256(data)
	z.sums = fmt.Appendf(z.sums, "%s  %s\n", hex.EncodeToString(sum[:]), name)
}

func (z *writer) page(name string, p page) {
	if z.err != nil {
		return
	}
	template := "list.html"
	if name == "index.html" {
		template = name
	}
	var b strings.Builder
	if z.err = templates.ExecuteTemplate(&b, template, p); z.err == nil {
		z.add(name, []byte(b.String()))
	}
}

func (z *writer) close() error {
	sums := z.sums
	z.add("SHA256SUMS", sums)
	if z.err != nil {
		return z.err
	}
	return z.zip.Close()
}
