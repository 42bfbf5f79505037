package citation

import (
	"encoding/json"
	"flag"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"ctiphub/exporter/exportertest"
	"ctiphub/record"
)

var update = flag.Bool("update", false, "write the golden files")

func writer() Writer {
	return Writer{Label: exportertest.Label, Here: func(id record.ID) string { return "https://hub.example/resources/" + string(id) }}
}

func TestGolden(t *testing.T) {
	var bib, ris, csl []byte
	for _, rec := range exportertest.Samples() {
		bib = append(append(bib, writer().BibTeX(rec)...), '\n')
		ris = append(append(ris, writer().RIS(rec)...), '\n')
		item, err := writer().CSL(rec)
		if err != nil {
			t.Fatal(err)
		}
		csl = append(csl, item...)
	}
	exportertest.Golden(t, "samples.bib.golden", bib, *update)
	exportertest.Golden(t, "samples.ris.golden", ris, *update)
	exportertest.Golden(t, "samples.csl.golden", csl, *update)
}

// records are samples and random ones, hostile texts among them.
func records() []record.Record {
	list := exportertest.Samples()
	for seed := range uint64(300) {
		list = append(list, exportertest.Random(rand.New(rand.NewPCG(seed, 9))))
	}
	evil := record.Record{ID: record.NewID("a", "b"), Title: record.Texts{"en": "} @article{x,\nER  - \nTY  - BOOK\r\n\\input{/etc/passwd} 50% & $x_1$ #2 ~ ^"}}
	return append(list, evil)
}

// TestBibTeX reads entries back as BibTeX does: one entry, braces in balance, every field
// closed, nothing behind the end.
func TestBibTeX(t *testing.T) {
	for _, rec := range records() {
		text := string(writer().BibTeX(rec))
		depth, ends := 0, 0
		for i := 0; i < len(text); i++ {
			switch text[i] {
			case '{':
				depth++
			case '}':
				if depth--; depth == 0 {
					ends++
				}
			}
			if depth < 0 {
				t.Fatalf("an entry ends twice: %s", text)
			}
		}
		if depth != 0 || ends != 1 || !strings.HasSuffix(text, "\n}\n") || !utf8.ValidString(text) {
			t.Errorf("no single entry: %s", text)
		}
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "  ") && !strings.HasPrefix(line, "@") && line != "}\n" {
				t.Errorf("a line on its own: %q", line)
			}
		}
	}
	got := string(writer().BibTeX(records()[len(records())-1]))
	if !strings.Contains(got, `{\textbackslash}input/etc/passwd 50\% \& \$x\_1\$ \#2`) {
		t.Errorf("escapes: %s", got)
	}
}

// TestRIS reads references back line by line: each is a tag and a value, the first TY, the last
// ER, and neither anywhere else.
func TestRIS(t *testing.T) {
	for _, rec := range records() {
		lines := strings.Split(strings.TrimSuffix(string(writer().RIS(rec)), "\r\n"), "\r\n")
		for i, l := range lines {
			tag, value, ok := strings.Cut(l, "  - ")
			if !ok || len(tag) != 2 || strings.ContainsAny(value, "\r\n") || (tag == "TY") != (i == 0) || (tag == "ER") != (i == len(lines)-1) {
				t.Fatalf("line %d: %q", i, l)
			}
		}
	}
}

func TestCSL(t *testing.T) {
	for _, rec := range records() {
		b, err := writer().CSL(rec)
		if err != nil {
			t.Fatal(err)
		}
		var items []cslItem
		if err := json.Unmarshal(b, &items); err != nil || len(items) != 1 || items[0].ID != string(rec.ID) || items[0].Type == "" {
			t.Errorf("%v: %s", err, b)
		}
	}
}

func TestKnownOnly(t *testing.T) {
	rec := record.Record{ID: record.NewID("a", "b"), Title: record.Texts{"en": "Paper"}, Type: []record.Tag{{ID: "report"}}, Issued: record.Date{EDTF: "20XX", Raw: "long ago"}}
	if text := string(writer().BibTeX(rec)); strings.Contains(text, "year") || strings.Contains(text, "author") || !strings.HasPrefix(text, "@techreport{hub-"+string(rec.ID)) {
		t.Errorf("something was made up: %s", text)
	}
	rec.Issued = record.Date{EDTF: "2021-11-25/2021-11-26"}
	if text := string(writer().RIS(rec)); !strings.Contains(text, "DA  - 2021/11/25/\r\n") {
		t.Errorf("the first day: %s", text)
	}
}
