package portal

import (
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"ctiphub/catalog"
)

// marked writes spans with the matches in brackets.
func marked(list []span) string {
	var b strings.Builder
	for _, s := range list {
		if s.Mark {
			b.WriteString("[" + s.S + "]")
		} else {
			b.WriteString(s.S)
		}
	}
	return b.String()
}

func TestMark(t *testing.T) {
	for _, c := range []struct{ query, text, want string }{
		{"shelter", "Shelters and a SHELTER", "Shelters and a [SHELTER]"},
		{"nan nhan", "Xác định nạn nhân", "Xác định [nạn] [nhân]"},
		{"nạn", "nạn, nan", "[nạn], [nan]"},
		{"dinh", "Đình Định", "[Đình] [Định]"},
		{"ค้ามนุษย์", "การค้ามนุษย์ในไทย", "การ[ค้ามนุษย์]ในไทย"},
		{"គ្រោះ", "ជនរងគ្រោះ", "ជនរង[គ្រោះ]"},
		{"ใหม่ test", "testใหม่test", "[test][ใหม่][test]"},
		{"受害者", "识别受害者指南", "识别[受害者]指南"},
		{"", "nothing", "nothing"},
		{"...", "a ... b", "a ... b"},
	} {
		// Neighbouring matches are one span; brackets between them do not matter.
		got := strings.ReplaceAll(marked(newNeedles(c.query).mark(c.text)), "][", "")
		if want := strings.ReplaceAll(c.want, "][", ""); got != want {
			t.Errorf("%q in %q: %s, want %s", c.query, c.text, got, want)
		}
	}
}

func TestSnippet(t *testing.T) {
	text := strings.Repeat("far away ", 60) + "the needle is here " + strings.Repeat("and more ", 60)
	got := marked(newNeedles("needle").snippet(text))
	if !strings.Contains(got, "the [needle] is here") || !strings.HasPrefix(got, "… ") || !strings.HasSuffix(got, "…") || len(got) > 300 {
		t.Errorf("snippet %q", got)
	}
	if got := marked(newNeedles("x").snippet("short")); got != "short" {
		t.Errorf("a short text is shown whole, not as %q", got)
	}
}

func FuzzHighlight(f *testing.F) {
	f.Add("nan nhan", "Xác định nạn nhân")
	f.Add("ค้า", "การค้ามนุษย์")
	f.Add("\u0301x", "\u0e40\u202e x\u0301")
	f.Fuzz(func(t *testing.T, query, s string) {
		n := newNeedles(query)
		var b strings.Builder
		for _, sp := range n.mark(s) {
			b.WriteString(sp.S)
		}
		if utf8.ValidString(s) && b.String() != s {
			t.Errorf("marking %q gave %q", s, b.String())
		}
		if n := utf8.RuneCountInString(marked(n.snippet(s))); n > 3*snippetLength {
			t.Errorf("a snippet of %d characters", n)
		}
		clip(s, 20)
	})
}

func TestQueryRoundTrip(t *testing.T) {
	for _, address := range []string{
		"/search", "/search?q=shelter+%26+care", "/search?country=KH&country=LA&theme=shelter&sort=issued",
		"/search?q=%E0%B8%84%E0%B8%99&year=2020&cursor=abc",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := searchURL(readQuery(u.Query())); got != address {
			t.Errorf("%s became %s", address, got)
		}
	}
	q := readQuery(url.Values{"country": {"KH,LA", "KH", " "}, "sort": {"worst"}, "q": {strings.Repeat("x", 1000)}})
	if !slices.Equal(q.Filters[catalog.FacetCountry], []string{"KH", "LA"}) || q.Sort != catalog.ByRelevance || len(q.Text) != longestQuery {
		t.Errorf("read %+v", q)
	}
}

func TestReaderLanguages(t *testing.T) {
	for header, want := range map[string][]string{
		"": nil, "th-TH,en;q=0.5": {"th-TH", "th-Thai", "th", "en", "en-Latn"}, "zh-CN": {"zh-CN", "zh-Hans", "zh"}, "zh-TW": {"zh-TW", "zh-Hant", "zh"},
		"!!": nil, strings.Repeat("a,", 400): nil, "tl": {"fil", "fil-Latn"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Language", header)
		if got := readerLanguages(r); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
}

func TestNewText(t *testing.T) {
	for lang, want := range map[string]text{
		"th": {"x", "th", "ltr"}, "ar": {"x", "ar", "rtl"}, "ms-Arab": {"x", "ms-Arab", "rtl"}, "und": {"x", "und", "auto"}, "": {"x", "und", "auto"}, `"><b>`: {"x", "und", "auto"},
	} {
		if got := newText("x", lang); got != want {
			t.Errorf("%q: %+v, want %+v", lang, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for in, want := range map[string]string{
		"2023": "2023", "2023-12": "December 2023", "2023-12-13": "13 December 2023", "2021-11-25/2021-11-26": "25 November 2021 to 26 November 2021", "2024/..": "2024/..", "": "", "~1999?": "~1999?",
	} {
		if got := edtf(in); got != want {
			t.Errorf("edtf(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[int]string{0: "0", 999: "999", 1000: "1\u202f000", 1234567: "1\u202f234\u202f567"} {
		if got := number(in); got != want {
			t.Errorf("number(%d) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[int]int{0: 0, 1: 1, 2: 1, 3: 2, 10: 3, 30: 4, 99: 4, 100: 5, 100000: 5} {
		if got := heat(in); got != want {
			t.Errorf("heat(%d) = %d, want %d", in, got, want)
		}
	}
}

func TestOutLink(t *testing.T) {
	for in, want := range map[string]string{
		"https://agency.example/a?b=c": "https://agency.example/a?b=c", "HTTP://agency.example/": "http://agency.example/",
		"javascript:alert(1)": "", "data:text/html,x": "", "//agency.example": "", "ftp://agency.example/": "", "https://": "", "": "", "ht\ttp://x": "",
	} {
		if got := outLink(in).URL; got != want {
			t.Errorf("outLink(%q) leads to %q, want %q", in, got, want)
		}
	}
}
