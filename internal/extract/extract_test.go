package extract

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html/charset"
	"golang.org/x/tools/txtar"

	"ctiphub/record"
)

var update = flag.Bool("update", false, "write what is found into the files of testdata")

// TestFiles runs testdata/*.txtar: "body" is opened, and each selector of "want" must find
// exactly the values below it, with the language they are stated in. Lines with = ask the
// other methods of the document. The comment says format, url, media type, hints, and the
// charset that the body is turned into first.
func TestFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			ar, err := txtar.ParseFile(name)
			if err != nil || len(ar.Files) != 2 {
				t.Fatalf("%d files in the archive, %v", len(ar.Files), err)
			}
			d, err := Open(readCase(t, ar))
			if err != nil {
				t.Fatal(err)
			}
			want := string(ar.Files[1].Data)
			got := answer(t, d, want)
			if got == want {
				return
			}
			if *update {
				ar.Files[1].Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
			for i := range max(len(g), len(w)) {
				if i >= len(g) || i >= len(w) || g[i] != w[i] {
					t.Fatalf("line %d of want:\n got %q\nwant %q", i+1, strings.Join(g[i:min(i+3, len(g))], "\n"), strings.Join(w[i:min(i+3, len(w))], "\n"))
				}
			}
		})
	}
}

// readCase makes the raw that the comment of an archive describes.
func readCase(t *testing.T, ar *txtar.Archive) record.Raw {
	t.Helper()
	raw := record.Raw{Identifier: "case", Body: ar.Files[0].Data}
	for line := range strings.Lines(string(ar.Comment)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "format":
			raw.Format = record.Format(value)
		case "url":
			raw.URL = value
		case "type":
			raw.MediaType = value
		case "hint":
			h := record.Hint{}
			h.Key, h.Value, _ = strings.Cut(value, " ")
			if lang, rest, ok := strings.Cut(strings.TrimPrefix(h.Value, "["), "] "); ok && h.Value[0] == '[' {
				h.Lang, h.Value = lang, rest
			}
			raw.Hints = append(raw.Hints, h)
		case "charset":
			e, _ := charset.Lookup(value)
			b, err := e.NewEncoder().Bytes(raw.Body)
			if err != nil {
				t.Fatal(err)
			}
			raw.Body = b
		}
	}
	return raw
}

// answer asks a document every question of want.
func answer(t *testing.T, d *Document, want string) string {
	t.Helper()
	var out strings.Builder
	line := func(lang, text string) {
		if lang != "" {
			lang = "[" + lang + "] "
		}
		out.WriteString("\t" + lang + text + "\n")
	}
	for q := range strings.Lines(want) {
		if strings.HasPrefix(q, "\t") || strings.TrimSpace(q) == "" {
			continue
		}
		out.WriteString(q)
		q = strings.TrimSpace(q)
		if ask, ok := strings.CutPrefix(q, "="); ok {
			property(d, ask, line)
			continue
		}
		s, err := ParseSelector(q)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range d.Select(s) {
			if v.Rule != q {
				t.Errorf("%s: the value %q names the rule %q", q, v.Text, v.Rule)
			}
			line(v.Lang, v.Text)
		}
	}
	return out.String()
}

func property(d *Document, ask string, line func(lang, text string)) {
	name, arg, _ := strings.Cut(ask, " ")
	switch name {
	case "lang":
		line("", d.Lang())
	case "charset":
		line("", d.Charset)
	case "repairs":
		for _, r := range d.Repairs {
			line("", r)
		}
	case "text":
		n, _ := strconv.Atoi(arg)
		line("", d.Text(n))
	case "alternates":
		for _, a := range d.Alternates() {
			line(a.Lang, a.URL)
		}
	case "links":
		for _, l := range d.Links(strings.Fields(arg)...) {
			line(l.Lang, l.URL+" | "+l.Text+" | "+l.Type)
		}
	case "provenance":
		for _, h := range d.Provenance() {
			line("", fmt.Sprintf("%s %s %s %s altered=%v", h.BaseURL, h.Identifier, h.Datestamp, h.HarvestDate.Format(time.RFC3339), h.Altered))
		}
	}
}

func TestOpenDeleted(t *testing.T) {
	d, err := Open(record.Raw{Identifier: "x", Format: record.FormatOAIDC, Deleted: true, URL: "https://example.org/2020/x", Hints: []record.Hint{{Key: "set", Value: "law"}}})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{"dc:title": 0, "css:h1": 0, "jsonld:$.name": 0, "item:title": 0, "hint:set": 1, "url:/[0-9]{4}/": 1} {
		s, err := ParseSelector(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Select(s); len(got) != want {
			t.Errorf("%s finds %q", text, got)
		}
	}
	if d.Text(10) != "" || d.Lang() != "" || len(d.Links()) != 0 || len(d.Provenance()) != 0 {
		t.Error("a deleted record has content")
	}
	if _, ok := d.Ctip(); ok {
		t.Error("a deleted record is a ctip record")
	}
}

func TestOpenErrors(t *testing.T) {
	for name, raw := range map[string]record.Raw{
		"no XML":         {Format: record.FormatOAIDC, Body: []byte("nothing here")},
		"no JSON":        {Format: record.FormatFeedItem, Body: []byte("<item/>")},
		"unknown format": {Format: "marc", Body: []byte("x")},
		"endless depth":  {Format: record.FormatCTIP, Body: []byte(strings.Repeat("<a>", 500))},
	} {
		raw.Identifier = "id-7"
		if d, err := Open(raw); err == nil || !strings.Contains(err.Error(), "id-7") {
			t.Errorf("%s: got %v, %v; want an error that names the record", name, d, err)
		}
	}
}

// Hostile pages must neither hang nor panic, and what is readable stays so.
func TestHostileHTML(t *testing.T) {
	for name, body := range map[string]string{
		"deep":       strings.Repeat("<div>", 100_000) + "needle" + strings.Repeat("</div>", 100_000),
		"deep lists": strings.Repeat("<ul><li>", 5_000) + "needle",
		"formatting": strings.Repeat("<b><i>", 3_000) + "needle",
		"tables":     strings.Repeat("<table><tr><td>", 2_000) + "needle",
		"attributes": "<p " + strings.Repeat("a ", 50_000) + ">needle",
		"controls":   "\x00\x01<p>needle\x00",
		"unclosed":   "<p>needle<a href='",
		"large":      "needle " + strings.Repeat("<p>x</p>", maxBytes/8),
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Open(record.Raw{Format: record.FormatHTML, URL: "http://example.org/", Body: []byte(body)})
			if err != nil {
				t.Fatal(err)
			}
			if text := d.Text(1000); !strings.Contains(text, "needle") {
				t.Errorf("the text is lost: %.60q", text)
			}
			d.Links()
			if truncated := strings.Contains(strings.Join(d.Repairs, " "), RepairTruncated); truncated != (name == "deep" || name == "large" || strings.HasPrefix(name, "deep ") || name == "tables" || name == "formatting") {
				t.Errorf("repairs %v", d.Repairs)
			}
		})
	}
}
