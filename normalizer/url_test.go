package normalizer

import "testing"

func TestCanonicalURL(t *testing.T) {
	tests := []struct{ in, want string }{
		{"HTTPS://WWW.Example.ORG:443/A/b?x=2&a=1#frag", "https://www.example.org/A/b?x=2&a=1"},
		{"http://example.org", "http://example.org/"},
		{"http://example.org:8080/a", "http://example.org:8080/a"},
		{"https://example.org/a?utm_source=x&utm_medium=y", "https://example.org/a"},
		{"https://example.org/a?id=1&fbclid=2&lang=th", "https://example.org/a?id=1&lang=th"},
		{"https://example.org/a?lang=th&amp;p=3", "https://example.org/a?lang=th&p=3"},
		{"https://example.org/a;jsessionid=ABC?x=1", "https://example.org/a?x=1"},
		{"https://example.org/a?PHPSESSID=1", "https://example.org/a"},
		{"https://staging.example.org/a", "https://example.org/a"},
		{"https://dev.gov.example/a", "https://gov.example/a"},
		{"https://pp.example/a", "https://pp.example/a"},
		{"https://web.archive.org/web/2018id_/http://example.org/a?b=1", "http://example.org/a?b=1"},
		{"https://www-example-org.translate.goog/a?_x_tr_sl=en&q=1", "https://www.example.org/a?q=1"},
		{"https://proxy.example/https:/example.org/a", "https://example.org/a"},
		{"https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.org%2Fa", "https://example.org/a"},
		{"https://user:secret@example.org/a", "https://example.org/a"},
		{"https://ตัวอย่าง.example/ก", "https://xn--72c1a1bt4awk9o.example/%E0%B8%81"},
		{"https://[2001:db8::1]/a", "https://[2001:db8::1]/a"},
		{"mailto:office@example.org", ""},
		{"javascript:alert(1)", ""},
		{"not an address", ""},
		{"", ""},
	}
	for _, tt := range tests {
		got, ok := canonicalURL(tt.in)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("%q = %q, %v, want %q", tt.in, got, ok, tt.want)
		}
	}
}

func TestMirrors(t *testing.T) {
	for address, want := range map[string]bool{"https://id.scribd.com/document/1": true, "https://issuu.com./x": true, "https://agency.example/scribd.com": false, "https://notscribd.com/": false} {
		if got := isMirror(address); got != want {
			t.Errorf("isMirror(%q) = %v", address, got)
		}
	}
}

func FuzzURL(f *testing.F) {
	for _, s := range []string{"https://example.org/a?b=1&utm_source=x", "https://web.archive.org/web/1/https://web.archive.org/web/2/http://a.b/", "http://%zz/", "https://a.translate.goog/?_x_tr_sl=1", "https://x.y/https:/z.w/https:/q.r"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once, ok := canonicalURL(s)
		if !ok {
			return
		}
		if twice, ok := canonicalURL(once); !ok || twice != once {
			t.Errorf("%q gives %q, and that gives %q %v", s, once, twice, ok)
		}
	})
}

func TestIdentifiers(t *testing.T) {
	tests := []struct {
		in, want string
		invalid  int
	}{
		{"https://doi.org/10.1234/ABC.5", "doi:10.1234/abc.5", 0},
		{"doi: 10.1234/abc(2).", "doi:10.1234/abc(2)", 0},
		{"ISBN 978-0-306-40615-7", "isbn:9780306406157", 0},
		{"ISBN 0-306-40615-2", "isbn:9780306406157", 0},
		{"isbn 0 8044 2957 X", "isbn:9780804429573", 0},
		{"9780306406157", "isbn:9780306406157", 0},
		{"ISBN 978-0-306-40615-8", "", 1},
		{"ISBN 000-0-000-00000-0", "", 1},
		{"http://hdl.handle.net/10665/42788", "handle:10665/42788", 0},
		{"https://repository.example/handle/123/45?locale=en", "handle:123/45", 0},
		{"https://agency.example/a/12345", "", 0},
		{"", "", 0},
	}
	for _, tt := range tests {
		found, invalid := identifiersIn(tt.in)
		got := ""
		if len(found) > 0 {
			got = found[0].Scheme + ":" + found[0].Value
		}
		if got != tt.want || invalid != tt.invalid {
			t.Errorf("%q = %q, %d invalid, want %q, %d", tt.in, got, invalid, tt.want, tt.invalid)
		}
	}
}

func TestDocumentNumber(t *testing.T) {
	for title, want := range map[string]string{
		"Luật Phòng, chống mua bán người số 53/2024/QH15":    "53/2024/QH15",
		"Nghị định số 162/2025/NĐ-CP":                        "162/2025/NĐ-CP",
		"Peraturan Menteri PPPA Nomor 08 Tahun 2021 tentang": "8/2021",
		"LEI N.º 3/2017":                          "3/2017",
		"Republic Act No. 9208":                   "RA 9208",
		"Report on 12 provinces, 2021":            "",
		"Rencana aksi 2020-2024 dan 5 tahun 2021": "",
	} {
		got, _ := documentNumber(title)
		if got != want {
			t.Errorf("%q = %q, want %q", title, got, want)
		}
	}
}
