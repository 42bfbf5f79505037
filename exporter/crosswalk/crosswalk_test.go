package crosswalk_test

import (
	"encoding/xml"
	"testing"

	"ctiphub/exporter/crosswalk"
	"ctiphub/record"
)

func TestWriter(t *testing.T) {
	for name, c := range map[string]struct {
		write func(w *crosswalk.Writer)
		want  string
	}{
		"text":               {func(w *crosswalk.Writer) { w.Text("a", "<&", "b", `"`, "c", "") }, `<a b="&quot;">&lt;&amp;</a>`},
		"nothing to see":     {func(w *crosswalk.Writer) { w.Text("a", " \x00\n"); w.Text("a", "") }, ""},
		"an empty wrapper":   {func(w *crosswalk.Writer) { w.Wrap("a", func() { w.Text("b", "") }, "c", "d") }, ""},
		"a wrapper":          {func(w *crosswalk.Writer) { w.Wrap("a", func() { w.Text("b", "x") }) }, "<a><b>x</b></a>"},
		"languages in order": {func(w *crosswalk.Writer) { w.Texts("a", record.Texts{"th": "2", "en": "1", "und": "3"}) }, `<a xml:lang="en">1</a><a xml:lang="th">2</a><a>3</a>`},
	} {
		var w crosswalk.Writer
		c.write(&w)
		if got := string(w.Bytes); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestValues(t *testing.T) {
	for _, c := range []struct {
		what    string
		says    func(string) bool
		yes, no []string
	}{
		{"date", crosswalk.IsDate, []string{"2023", "2023-12", "2024-02-29"}, []string{"", "0000", "2023-02-29", "2023-1", "2023?", "2023/2024", "20231213"}},
		{"period", crosswalk.IsPeriod, []string{"2023/2024", "2023-01/..", "/2024"}, []string{"", "/", "../..", "2023", "2023/x", "x/2023"}},
		{"URI", crosswalk.IsURI, []string{"https://a.example/b?c=d#e", "urn:isbn:1"}, []string{"", "a", "https://a.example/b c", "https://a.example/ก", "https://a.example/[", "https://a.example/#a#b", "x:"}},
		{"address", crosswalk.IsWeb, []string{"http://a.example"}, []string{"urn:isbn:1", "javascript:alert(1)", "https://"}},
		{"language", func(s string) bool { return crosswalk.Lang(s) != "" }, []string{"th", "zh-Hans"}, []string{"", "und", "en_US", "a b", "ภาษา"}},
	} {
		for _, s := range c.yes {
			if !c.says(s) {
				t.Errorf("%q is no %s", s, c.what)
			}
		}
		for _, s := range c.no {
			if c.says(s) {
				t.Errorf("%q is a %s", s, c.what)
			}
		}
	}
}

func TestKnownDate(t *testing.T) {
	for edtf, want := range map[string]string{"2023~": "2023~", "2023-12": "2023-12", "2023/2024": "2023/2024", "": "", "soon": "", "~": "", "202X": ""} {
		if got := crosswalk.KnownDate(record.Date{EDTF: edtf}); got != want {
			t.Errorf("%q became %q", edtf, got)
		}
	}
}

// FuzzText makes sure that whatever a text or an attribute holds, one element comes back.
func FuzzText(f *testing.F) {
	f.Add("]]>", "\"><x")
	f.Fuzz(func(t *testing.T, text, attr string) {
		w := crosswalk.Writer{}
		w.Open("root")
		w.Text("a", text, "b", attr)
		w.Close("root")
		var doc struct {
			A []struct {
				Inner string `xml:",innerxml"`
			} `xml:",any"`
		}
		if err := xml.Unmarshal(w.Bytes, &doc); err != nil || len(doc.A) > 1 {
			t.Errorf("%d elements: %v\n%s", len(doc.A), err, w.Bytes)
		}
	})
}
