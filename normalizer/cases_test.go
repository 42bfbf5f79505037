package normalizer

import (
	"encoding/hex"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ctiphub/internal/lang"
	"ctiphub/record"
)

// knownGaps are the cases that do not work yet, each with the reason. A case listed here
// must still fail, so that it leaves the list when it is mended.
var knownGaps = map[string]string{
	"charset-09":    "fonts are not told from bytes: only the name of a font would say that its letters are Lao",
	"charset-10":    "fonts are not told from bytes: only the name of a font would say that its letters are Khmer",
	"pdf-text-01":   "lost vowels come back only by a dictionary of Thai; the text is flagged as damaged",
	"pdf-text-03":   "swapped vowels come back only by a dictionary of Thai",
	"pdf-text-16":   "lost ligatures come back only by a dictionary of English; the text is flagged as damaged",
	"title-04":      "the first half is too short to tell Portuguese from Tetum",
	"langdetect-04": "interleaved columns: the detector names the main language of a text",
	"title-06":      "a title that is body text can only be told from a better title elsewhere",
	"url-06":        "random listings are for the harvester to pass over",
	"dedup-01":      "works are clustered across records, not in the normalizer",
	"dedup-02":      "works are clustered across records, not in the normalizer",
	"dedup-03":      "works are clustered across records, not in the normalizer",
	"dedup-04":      "works are clustered across records, not in the normalizer",
}

// caseOf is one line of the file.
type caseOf struct {
	name, input, want string
	hints             map[string]string
}

func readCases(t *testing.T) []caseOf {
	t.Helper()
	b, err := os.ReadFile("testdata/cases.tsv")
	if err != nil {
		t.Fatal(err)
	}
	unescape := strings.NewReplacer(`\t`, "\t", `\n`, "\n", `\\`, `\`)
	var out []caseOf
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 5 {
			t.Fatalf("%q has %d columns, want 5", line, len(f))
		}
		c := caseOf{name: f[0], input: unescape.Replace(f[1]), want: unescape.Replace(f[3]), hints: map[string]string{}}
		for h := range strings.FieldsSeq(f[2]) {
			k, v, _ := strings.Cut(h, "=")
			c.hints[k] = v
		}
		out = append(out, c)
	}
	return out
}

func TestCases(t *testing.T) {
	cases := readCases(t)
	if len(cases) < 151 {
		t.Errorf("%d cases, want at least 151", len(cases))
	}
	n := normalizer(t, nil)
	seen := map[string]bool{}
	for _, c := range cases {
		seen[c.name] = true
		t.Run(c.name, func(t *testing.T) {
			kind := c.name[:strings.LastIndex(c.name, "-")]
			run, ok := caseKinds[kind]
			if !ok {
				t.Fatalf("no way to run cases of kind %q", kind)
			}
			got := run(t, n, c)
			gap, known := knownGaps[c.name]
			switch {
			case known && got == c.want:
				t.Errorf("%q works now: take it out of knownGaps (%s)", c.input, gap)
			case !known && got != c.want:
				t.Errorf("%q %v\n got %q\nwant %q", c.input, c.hints, got, c.want)
			}
		})
	}
	for name := range knownGaps {
		if !seen[name] {
			t.Errorf("knownGaps lists %q, which is no case", name)
		}
	}
}

// caseKinds runs a case of each kind and writes what came out as the file does.
var caseKinds = map[string]func(*testing.T, *Normalizer, caseOf) string{
	"year":     runDate,
	"date":     runDate,
	"digits":   runDigits,
	"zawgyi":   func(_ *testing.T, _ *Normalizer, c caseOf) string { s, _ := lang.FixZawgyi(c.input); return s },
	"charset":  runCharset,
	"unicode":  runUnicode,
	"pdf-text": func(_ *testing.T, n *Normalizer, c caseOf) string { return undouble(plainText(c.input)) },
	"title":    runTitle,
	"country":  func(t *testing.T, n *Normalizer, c caseOf) string { return runCountries(t, n, c) },
	"region":   func(t *testing.T, n *Normalizer, c caseOf) string { return runCountries(t, n, c) },
	"language": func(_ *testing.T, _ *Normalizer, c caseOf) string {
		s, _ := lang.TagIn(c.input, c.hints["country"])
		return s
	},
	"langdetect": runDetect,
	"publisher":  runPublisher,
	"type":       runType,
	"url":        func(_ *testing.T, _ *Normalizer, c caseOf) string { s, _ := canonicalURL(c.input); return s },
	"dedup":      func(*testing.T, *Normalizer, caseOf) string { return "" },
	"identifier": runIdentifier,
	"pii":        runPersonal,
}

func runDate(t *testing.T, n *Normalizer, c caseOf) string {
	h := dateHints{Lang: c.hints["lang"], Now: 2026}
	if i, ok := n.countries[c.hints["country"]]; ok {
		h.Order = n.vocab.Countries[i].DateOrder
	}
	if y := c.hints["year"]; y != "" {
		h.Year, _ = strconv.Atoi(y)
	}
	var d readDate
	ok := false
	switch c.hints["in"] {
	case "text":
		d, ok = yearInText(c.input, h)
		d.Uncertain = false // a year in a title always is
	case "modified":
		rec := normalizeHTML(t, n, `<html lang="en"><head><title>Guide on trafficking in persons</title><meta property="article:modified_time" content="`+c.input+`"></head></html>`)
		return rec.Modified.EDTF + ", issued " + first(rec.Issued.EDTF, "none")
	default:
		d, ok = parseDate(c.input, h)
	}
	out := first(d.EDTF, "none")
	switch {
	case !ok:
		return "none"
	case d.Ambiguous:
		out += " ambiguous"
	case d.Uncertain:
		out += " uncertain"
	case d.Period:
		out += " period"
	}
	return out
}

func runDigits(t *testing.T, n *Normalizer, c caseOf) string {
	if c.hints["in"] == "text" {
		return runDate(t, n, c)
	}
	return lang.Digits(c.input)
}

func runCharset(t *testing.T, _ *Normalizer, c caseOf) string {
	if h, ok := strings.CutPrefix(c.input, "hex:"); ok {
		b, err := hex.DecodeString(h)
		if err != nil {
			t.Fatal(err)
		}
		s, _, _ := lang.DecodeCharset(b, "tis-620", "th")
		return s
	}
	s, _ := lang.Mojibake(c.input)
	return lang.Clean(s)
}

// runUnicode compares as display where the case wants a text, as key where it wants
// equality.
func runUnicode(_ *testing.T, _ *Normalizer, c caseOf) string {
	if want, ok := strings.CutPrefix(c.want, "search-equal to "); ok {
		if lang.Fold(c.input) == lang.Fold(want) {
			return c.want
		}
		return lang.Fold(c.input)
	}
	if strings.HasPrefix(c.want, "strip U+200B") {
		if !strings.ContainsRune(lang.Fold(c.input), '\u200b') && strings.ContainsRune(lang.Clean(c.input), '\u200b') {
			return c.want
		}
		return lang.Fold(c.input)
	}
	if c.want == "treat as token breaks" {
		if strings.TrimSpace(lang.Fold(c.input)) == "" {
			return c.want
		}
		return lang.Fold(c.input)
	}
	return lang.Clean(c.input)
}

func runTitle(t *testing.T, n *Normalizer, c caseOf) string {
	rec := normalizeDC(t, n, [2]string{"title", c.input})
	if c.name == "title-04" {
		return strings.Join(rec.Title.Languages(), ", ")
	}
	for _, title := range rec.Title {
		return title
	}
	return "none"
}

func runCountries(t *testing.T, n *Normalizer, c caseOf) string {
	rec := normalizeDC(t, n, [2]string{"title", c.input}, [2]string{"date", c.hints["issued"]})
	out := ids(rec.Countries)
	slices.Sort(out)
	return strings.Join(out, ",")
}

func runDetect(_ *testing.T, _ *Normalizer, c caseOf) string {
	tag, _ := lang.Detect(c.input, c.hints["lang"])
	return tag
}

func runPublisher(t *testing.T, n *Normalizer, c caseOf) string {
	rec := normalizeDC(t, n, [2]string{"title", "Guide on trafficking in persons"}, [2]string{"publisher", c.input})
	if len(rec.Publishers) == 0 {
		return "none"
	}
	return rec.Publishers[0].ID
}

func runType(t *testing.T, n *Normalizer, c caseOf) string {
	if c.hints["in"] == "record" {
		rec := normalizeDC(t, n, [2]string{"title", "Access to Remedies: A Practitioner Guide"}, [2]string{"type", c.input}, [2]string{"date", c.input})
		return rec.Type[0].ID + ", issued " + rec.Issued.EDTF
	}
	return strings.Join(ids(normalizeDC(t, n, [2]string{"title", "Trafficked persons and their rights"}, [2]string{"type", c.input}).Type), ",")
}

func runIdentifier(_ *testing.T, _ *Normalizer, c caseOf) string {
	found, invalid := identifiersIn(c.input)
	if len(found) > 0 {
		return found[0].Scheme + ":" + found[0].Value
	}
	if invalid > 0 {
		return "none invalid"
	}
	return "none"
}

func runPersonal(t *testing.T, n *Normalizer, c caseOf) string {
	rec, dec, err := n.Normalize(dcRaw([2]string{"title", "Guide on trafficking in persons"}, [2]string{"description", c.input}))
	if err != nil {
		t.Fatal(err)
	}
	if dec.Code == CodePossiblePII {
		return "hold"
	}
	text, _ := rec.Description.In("en")
	if strings.HasPrefix(c.want, "strip: ") {
		return "strip: " + text
	}
	return text
}

func dcRaw(fields ...[2]string) record.Raw {
	return record.Raw{Source: "test", Identifier: "oai:test:1", URL: "https://repository.example/oai", Format: record.FormatOAIDC, Fetched: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), Body: dcRecord(fields...)}
}

func normalizeDC(t *testing.T, n *Normalizer, fields ...[2]string) record.Record {
	t.Helper()
	rec, _, err := n.Normalize(dcRaw(fields...))
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func normalizeHTML(t *testing.T, n *Normalizer, page string) record.Record {
	t.Helper()
	rec, _, err := n.Normalize(record.Raw{Source: "test", Identifier: "https://agency.example/p/1", URL: "https://agency.example/p/1", Format: record.FormatHTML, MediaType: "text/html; charset=utf-8", Fetched: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), Body: []byte(page)})
	if err != nil {
		t.Fatal(err)
	}
	return rec
}
