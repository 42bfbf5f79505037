package extract

import (
	"strings"
	"testing"

	"ctiphub/record"
)

const apiItem = `{
 "id": 42, "title": {"rendered": "Shelter &amp; care"}, "titles": {"km": "ជម្រក", "en": "Shelter"},
 "metadata": {"dc.title": [{"value": "คู่มือ", "language": "th", "place": 0}, {"value": "Guide", "language": null, "place": 1}]},
 "extras": [{"key": "issued", "value": "2024-05-01"}, {"key": "other", "value": "x"}],
 "tags": [{"name": "law", "display_name": "Law"}, "police"],
 "content": "<p>For social workers who assist victims in the provinces: <a href=\"/f/guide.pdf\">the guide</a>.</p>",
 "link": "https://agency.example/a?x=1&copy=2", "active": true, "nested": [[{"deep": "yes"}]]
}`

func openItem(t *testing.T, body string) *Document {
	t.Helper()
	d, err := Open(record.Raw{Identifier: "x", Format: record.FormatJSON, URL: "https://agency.example/api", Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSelectJSON(t *testing.T) {
	d := openItem(t, apiItem)
	for selector, want := range map[string]string{
		"json:$.id":                                "42",
		"json:$.title":                             "Shelter & care",
		"json:$.title.rendered":                    "Shelter & care",
		"json:$.titles":                            "Shelter@en ជម្រក@km",
		"json:$.metadata['dc.title']":              "คู่มือ@th Guide",
		"json:$.metadata['dc.title'][1]":           "Guide",
		"json:$.metadata['dc.title'][language=th]": "คู่มือ@th",
		"json:$.extras[key=issued].value":          "2024-05-01",
		"json:$.extras[key=none].value":            "",
		"json:$.tags":                              "law police",
		"json:$.link":                              "https://agency.example/a?x=1&copy=2",
		"json:$.active":                            "true",
		"json:$.nested.deep":                       "yes",
		"json:$.*.rendered":                        "Shelter & care",
		"json:$.nothing.at.all":                    "",
	} {
		s, err := ParseSelector(selector)
		if err != nil {
			t.Errorf("%s: %v", selector, err)
			continue
		}
		var got []string
		for _, v := range d.Select(s) {
			if v.Lang != "" {
				v.Text += "@" + v.Lang
			}
			got = append(got, v.Text)
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%s: got %q, want %q", selector, g, want)
		}
	}
	if links := d.Links(); len(links) != 1 || links[0].URL != "https://agency.example/f/guide.pdf" || links[0].Text != "the guide" {
		t.Errorf("the links are %+v", links)
	}
	if text := d.Text(200); !strings.Contains(text, "social workers") || strings.Contains(text, "Shelter") {
		t.Errorf("the text is %q", text)
	}
}

func TestOpenDamagedJSON(t *testing.T) {
	for name, c := range map[string]struct{ body, want, repair string }{
		"trailing comma": {`{"title": "Guide",}`, "Guide", RepairMarkup},
		"control byte":   {"{\"title\": \"Gui\x01de\"}", "Gui de", RepairMarkup},
		"mojibake":       {`{"title": "HÆ°á»›ng dáº«n báº£o vá»‡ náº¡n nhân", "notes": "HÆ°á»›ng dáº«n báº£o vá»‡ náº¡n nhân"}`, "Hướng dẫn bảo vệ nạn nhân", RepairMojibake},
	} {
		d := openItem(t, c.body)
		s, err := ParseSelector("json:$.title")
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Select(s); len(got) != 1 || got[0].Text != c.want || !strings.Contains(strings.Join(d.Repairs, " "), c.repair) {
			t.Errorf("%s: got %+v with repairs %q", name, got, d.Repairs)
		}
	}
	s, err := ParseSelector("json:$.title")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ body, media, want, charset, repairs string }{
		"declared windows-874": {"{\"title\":\"\xa4\xd9\xe8\xc1\xd7\xcd\"}", "application/json; charset=windows-874", "คู่มือ", "windows-874", ""},
		"only the country":     {"{\"title\":\"\xa4\xd9\xe8\xc1\xd7\xcd\xa1\xd2\xc3\xa4\xd8\xe9\xc1\xa4\xc3\xcd\xa7\"}", "", "คู่มือการคุ้มครอง", "windows-874", RepairCharset},
		"byte order mark":      {"\xef\xbb\xbf{\"title\":\"Guide\"}", "", "Guide", "utf-8", ""},
		"UTF-16":               {"\xff\xfe{\x00\"\x00t\x00i\x00t\x00l\x00e\x00\"\x00:\x00\"\x00x\x00\"\x00}\x00", "", "x", "utf-16le", ""},
	} {
		d, err := Open(record.Raw{Identifier: "x", Format: record.FormatJSON, URL: "https://agency.go.th/api", MediaType: c.media, Body: []byte(c.body)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := d.Select(s); len(got) != 1 || got[0].Text != c.want || d.Charset != c.charset || strings.Join(d.Repairs, " ") != c.repairs {
			t.Errorf("%s: got %+v in %s with repairs %q", name, got, d.Charset, d.Repairs)
		}
	}
	if _, err := Open(record.Raw{Identifier: "x", Format: record.FormatJSON, Body: []byte("<html>")}); err == nil {
		t.Error("a page was read as JSON")
	}
	deep := strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000)
	d := openItem(t, deep)
	s, _ = ParseSelector("json:$.a")
	if got := d.Select(s); len(got) != 0 {
		t.Errorf("a deep value gave %+v", got)
	}
}

func TestJSONPathMistakes(t *testing.T) {
	for _, s := range []string{"json:title", "json:$", "json:$.", "json:$.a[", "json:$.a[b]", "json:"} {
		if _, err := ParseSelector(s); err == nil {
			t.Errorf("%s was taken for a selector", s)
		}
	}
}

func FuzzJSON(f *testing.F) {
	f.Add("json:$.title", []byte(apiItem))
	f.Add("json:$.a[b=c].d", []byte(`{"a":[{"b":"c","d":1}]}`))
	f.Add("json:$.*[0]['x']", []byte(`[[1],{"x":{"en":"y"}}]`))
	f.Fuzz(func(t *testing.T, selector string, body []byte) {
		d, err := Open(record.Raw{Identifier: "x", Format: record.FormatJSON, URL: "https://a.example/", Body: body})
		if err != nil {
			return
		}
		if s, err := ParseSelector(selector); err == nil {
			d.Select(s)
		}
		d.Text(100)
		d.Links()
	})
}
