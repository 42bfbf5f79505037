package lang

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

func encoded(t *testing.T, e encoding.Encoding, s string) string {
	t.Helper()
	b, err := e.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDecodeCharset(t *testing.T) {
	const thai = "การค้ามนุษย์"
	tis := "\xa1\xd2\xc3\xa4\xe9\xd2\xc1\xb9\xd8\xc9\xc2\xec"
	utf16 := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	for _, c := range []struct {
		name, body, declared, hint string
		text, charset              string
		repaired                   bool
	}{
		{"ASCII", "report", "", "", "report", "utf-8", false},
		{"ASCII declared otherwise", "report", "text/html; charset=iso-8859-1", "", "report", "utf-8", false},
		{"UTF-8", thai, "text/html; charset=UTF-8", "", thai, "utf-8", false},
		{"UTF-8 undeclared", thai, "", "", thai, "utf-8", false},
		{"UTF-8 declared as TIS-620", thai, "tis-620", ".th", thai, "utf-8", true},
		{"byte order mark", "\xef\xbb\xbf" + thai, "iso-8859-1", "", thai, "utf-8", false},
		{"UTF-16 with mark", "\xff\xfe" + encoded(t, utf16, "คู่มือ"), "", "", "คู่มือ", "utf-16le", false},
		{"UTF-16 without mark", encoded(t, utf16, "<html>manual</html>"), "", "", "<html>manual</html>", "utf-16le", true},
		{"TIS-620 declared", tis, "text/html; charset=tis-620", "", thai, "windows-874", false},
		{"TIS620 declared", tis, "text/html; charset=TIS620", "", thai, "windows-874", false},
		{"iso-8859-11 declared", tis, "iso-8859-11", "", thai, "windows-874", false},
		{"TIS-620 undeclared", tis, "", "", thai, "windows-874", true},
		{"TIS-620 declared as Latin-1", tis, "iso-8859-1", "", thai, "windows-874", true},
		{"TIS-620 declared as UTF-8", tis, "utf-8", "www.example.go.th", thai, "windows-874", true},
		{"TIS-620, short, with hint", "No. \xa1\xd2\xc3 1", "", "TH", "No. การ 1", "windows-874", true},
		{"French on a Thai site", "Caf\xe9 \xe0 Paris", "", "th", "Café à Paris", "windows-1252", true},
		{"Latin-1 declared", "tr\xe1fico", "text/html; charset=ISO-8859-1", "", "tráfico", "windows-1252", false},
		{"Latin-1 declared as UTF-8", "Lei de preven\xe7\xe3o", "utf-8", "", "Lei de prevenção", "windows-1252", true},
		{"UTF-8 with a cut character", strings.Repeat(thai, 4) + "\xe0\xb8", "utf-8", "", strings.Repeat(thai, 4) + "\ufffd", "utf-8", true},
		{"windows-1258", encoded(t, charmap.Windows1258, "Nghi\u0323 \u0111i\u0323nh v\u00ea\u0300 pho\u0300ng cho\u0301ng mua ba\u0301n ng\u01b0\u01a1\u0300i"), "", "", "Nghị định về phòng chóng mua bán người", "windows-1258", true},
		{"VISCII", "n\xd5n nh\xe2n b\xb8 mua b\xe1n", "", ".vn", "nạn nhân bị mua bán", "viscii", true},
		{"TCVN3 is left to Mojibake", "n\xb9n nh\xa9n b\xde mua b\xb8n", "", ".vn", "n¹n nh©n bÞ mua b¸n", "windows-1252", true},
		{"GB 18030 by hint", encoded(t, simplifiedchinese.GB18030, "打击人口贩运"), "", "cn", "打击人口贩运", "gb18030", true},
		{"GBK declared", encoded(t, simplifiedchinese.GBK, "人口贩运"), "gb2312", "", "人口贩运", "gb18030", false},
		{"Big5 undeclared", encoded(t, traditionalchinese.Big5, strings.Repeat("防制人口販運的工作報告，", 20)), "", "", strings.Repeat("防制人口販運的工作報告，", 20), "big5", true},
		{"ISO-2022-JP", encoded(t, japanese.ISO2022JP, "人身取引"), "iso-2022-jp", "", "人身取引", "iso-2022-jp", false},
		{"empty", "", "utf-8", "th", "", "utf-8", false},
	} {
		text, charset, repaired := DecodeCharset([]byte(c.body), c.declared, c.hint)
		if text != c.text || charset != c.charset || repaired != c.repaired {
			t.Errorf("%s: got %.60q, %s, %v; want %.60q, %s, %v", c.name, text, charset, repaired, c.text, c.charset, c.repaired)
		}
	}
}

func TestCharsetLabel(t *testing.T) {
	for label, want := range map[string]string{
		"": "", "UTF-8": "utf-8", "utf8": "utf-8", "TIS-620": "windows-874", "tis620": "windows-874", "cp874": "windows-874",
		"text/html; charset=\"windows-1258\"": "windows-1258", "text/html;charset=tis-620; x": "windows-874", "text/html": "", "application/xml; charset=": "",
		"latin1": "windows-1252", "gb2312": "gb18030", "made-up": "", "VISCII": "viscii", "iso-2022-kr": "",
	} {
		if got := Charset(label); got != want {
			t.Errorf("Charset(%q) = %q, want %q", label, got, want)
		}
	}
}

func FuzzDecodeCharset(f *testing.F) {
	f.Add([]byte("\xa1\xd2\xc3"), "tis-620", ".th")
	f.Add([]byte("\xff\xfea"), "", "")
	f.Add([]byte("\x1b$B!!"), "iso-2022-jp", "jp")
	f.Add([]byte("a\x00b\x00"), "utf-16le", "")
	f.Fuzz(func(t *testing.T, body []byte, declared, hint string) {
		text, charset, _ := DecodeCharset(body, declared, hint)
		if !utf8.ValidString(text) || charset == "" {
			t.Errorf("got %q in %q", text, charset)
		}
	})
}
