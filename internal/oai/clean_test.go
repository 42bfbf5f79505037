package oai

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// envelope puts the root element around a text.
func envelope(inner string) string {
	return `<OAI-PMH xmlns="` + Namespace + `"><responseDate>2026-01-01T00:00:00Z</responseDate>` + inner + `</OAI-PMH>`
}

// oneTitle is a list of one record with a title.
func oneTitle(title string) string {
	return envelope(`<ListRecords><record><header><identifier>x:1</identifier><datestamp>2026-01-01</datestamp></header><metadata><dc><title>` + title + `</title></dc></metadata></record></ListRecords>`)
}

func encoded(t *testing.T, enc *charmap.Charmap, s string) string {
	t.Helper()
	out, err := enc.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestClean(t *testing.T) {
	const thai = "คู่มือคุ้มครองผู้เสียหาย"
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(`<?xml version="1.0" encoding="UTF-16"?>` + oneTitle(thai))
	if err != nil {
		t.Fatal(err)
	}
	thai874 := encoded(t, charmap.Windows874, thai)
	cases := []struct {
		name, doc, mediaType string
		title                string
		oddities             []string
	}{
		{"as it should be", `<?xml version="1.0" encoding="UTF-8"?>` + oneTitle(thai), "", thai, nil},
		{"one bad byte keeps the rest", oneTitle(thai + "\xff" + thai), "text/xml; charset=iso-8859-1", thai + "\uFFFD" + thai, []string{OddInvalidUTF8}},
		{"cut inside a character", oneTitle(thai + "\xe0\xb8" + thai), "", thai + "\uFFFD" + thai, []string{OddInvalidUTF8}},
		{"legacy encoding declared", `<?xml version='1.0' encoding='TIS-620' ?>` + oneTitle(thai874), "", thai, nil},
		{"legacy encoding of HTTP alone", oneTitle(thai874), "text/xml; charset=windows-874", thai, nil},
		{"declared legacy, is UTF-8", `<?xml version="1.0" encoding="ISO-8859-1"?>` + oneTitle(thai), "", thai, []string{OddCharset}},
		{"declared UTF-16, cannot be", `<?xml version="1.0" encoding="UTF-16"?>` + oneTitle(thai), "", thai, nil},
		{"UTF-16", utf16, "", thai, nil},
		{"byte order mark and blank lines", "\xef\xbb\xbf\r\n\n <?xml version=\"1.0\"?>" + oneTitle(thai), "", thai, []string{OddLeading}},
		{"XML 1.1", `<?xml version="1.1"?>` + oneTitle("a&#x1;b"), "", "ab", []string{OddControlChars}},
		{"control characters", oneTitle("a\x03\x1a\x0bb\uFFFE\uFFFFc"), "", "abc", []string{OddControlChars}},
		{"references to them", oneTitle("a&#3;&#x1A;&#xFFFE;&#xD800;&#99999999999;b&#x41;"), "", "abA", []string{OddControlChars}},
		{"what must stay", oneTitle("a\tb\uFFFD\u0085c&#x9;d"), "", "a\tb\uFFFD\u0085c\td", nil},
		{"inner prolog", strings.Replace(oneTitle("a"), "<dc>", `<?xml version="1.0" encoding="x"?><dc>`, 1), "", "a", []string{OddInnerProlog}},
		{"prolog in CDATA stays", oneTitle(`<![CDATA[<?xml version="1.0"?>]]>`), "", `<?xml version="1.0"?>`, nil},
		{"style sheet stays", `<?xml version="1.0"?><?xml-stylesheet href="a"?>` + oneTitle("a"), "", "a", nil},
		{"entities are never expanded", `<!DOCTYPE x [<!ENTITY a "` + strings.Repeat("b", 20) + `"><!ENTITY e SYSTEM "file:///etc/hostname"> <!-- ]> -->]>` + oneTitle("1&a;2&e;3"), "", "1&a;2&e;3", []string{OddDoctype, OddMalformed}},
		{"warnings before the answer", "<br />\n<b>Notice</b>: x in y.php<br />\n" + oneTitle("a"), "", "a", []string{OddLeading}},
		{"HTML entities", oneTitle("a&nbsp;b"), "", "a\u00a0b", []string{OddMalformed, OddHTMLEntity}},
		{"a second document", oneTitle("a") + "<html/>", "", "a", []string{OddTrailing}},
		{"root not closed", strings.TrimSuffix(oneTitle("a"), "</OAI-PMH>"), "", "a", []string{OddEndTagMissing, OddMalformed}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a, err := Parse([]byte(c.doc), c.mediaType)
			if err != nil || len(a.Records) != 1 {
				t.Fatalf("%v, %+v", err, a)
			}
			if got := title(t, a.Records[0]); got != c.title {
				t.Errorf("title %q, want %q", got, c.title)
			}
			var codes []string
			for _, o := range a.Oddities {
				codes = append(codes, o.Code)
			}
			if !slices.Equal(codes, c.oddities) {
				t.Errorf("oddities %v, want %v", a.Oddities, c.oddities)
			}
		})
	}
}

// TestCleanCopiesNothing: a page that is as it should be is read where it lies.
func TestCleanCopiesNothing(t *testing.T) {
	doc := []byte(oneTitle("คู่มือ"))
	if out, odd := Clean(doc, "text/xml"); &out[0] != &doc[0] || odd != nil {
		t.Errorf("copied, or odd: %v", odd)
	}
}

// title is the text of the title element of a record's body.
func title(t *testing.T, r Record) string {
	t.Helper()
	p := &parser{scanner: scanner{doc: r.Body}, answer: &Answer{}}
	for tok := p.next(); tok.kind != eof; tok = p.next() {
		if tok.kind == startTag && localOf(tok.name) == "title" {
			return p.text(tok)
		}
	}
	t.Fatalf("no title in %s", r.Body)
	return ""
}

func TestAppend(t *testing.T) {
	in := "a<b>&\"'\t\r\n\x00\x1f\x7f\uFFFD\uFFFE\uFFFF\xff\xed\xa0\x80ก𝄞"
	if got, want := string(AppendText(nil, in)), "a&lt;b&gt;&amp;\"'\t&#xD;\n\x7f\uFFFDก𝄞"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	if got, want := string(AppendAttr([]byte("x"), in)), "xa&lt;b&gt;&amp;&quot;'&#x9;&#xD;&#xA;\x7f\uFFFDก𝄞"; got != want {
		t.Errorf("attribute %q, want %q", got, want)
	}
	if got := string(AppendElement(nil, "dc:title", "<")); got != "<dc:title>&lt;</dc:title>" {
		t.Errorf("element %q", got)
	}
}

func TestStamps(t *testing.T) {
	for in, want := range map[string]string{
		"2024-02-29":                    "2024-02-29T00:00:00Z YYYY-MM-DD",
		" 2024-02-29T01:02:03Z\n":       "2024-02-29T01:02:03Z YYYY-MM-DDThh:mm:ssZ",
		"2024-02-29T01:02:03.123Z":      "2024-02-29T01:02:03Z YYYY-MM-DDThh:mm:ssZ",
		"2024-02-29T01:02:03.5+07:00":   "2024-02-28T18:02:03Z YYYY-MM-DDThh:mm:ssZ",
		"2024-02-29T01:02:03":           "2024-02-29T01:02:03Z YYYY-MM-DDThh:mm:ssZ",
		"2024-02-29 01:02:03":           "2024-02-29T01:02:03Z YYYY-MM-DDThh:mm:ssZ",
		"2015-07-01T20:11:08+00:00":     "2015-07-01T20:11:08Z YYYY-MM-DDThh:mm:ssZ",
		"20210311":                      "2021-03-11T00:00:00Z YYYY-MM-DD",
		"0001-01-01":                    "0001-01-01T00:00:00Z YYYY-MM-DD",
		"0000-00-00":                    "bad",
		"2023-02-29":                    "bad",
		"yesterday":                     "bad",
		"":                              "bad",
		"2024-02-29T25:00:00Z":          "bad",
		"2024-02-29T01:02:03Z<script/>": "bad",
	} {
		got := "bad"
		if stamp, granularity, err := ReadStamp(in); err == nil {
			got = FormatStamp(stamp, Seconds) + " " + granularity
		}
		if got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
	for _, bad := range []string{"2024-02-29T01:02:03.5Z", " 2024-02-29", "2024-2-9", "2024-02-29T01:02:03+00:00"} {
		if _, _, err := ParseStamp(bad); err == nil {
			t.Errorf("%q passed as strict", bad)
		}
	}
}
